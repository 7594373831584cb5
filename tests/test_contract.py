"""One question through every door: Python, command line, Gradio, MCP, LangChain say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
from gradio_client import Client as GradioClient  # type: ignore[import-untyped]
from mcp import Client as AgentClient

import rag
import ui
from rag.langchain import WenbaoRetriever
from tests.command import Wenbao

QUESTIONS = (
    "What did the carbon meeting decide?",
    "儿童医院夜间门诊看一次多少钱？",
    "Who won the 1998 football World Cup?",
)
FOLLOW_UP = ("福田的双碳会议提出了什么机制？", "那它和哪家公司合作？")


@pytest.fixture(scope="module")
def url(sample_index_dir: Path) -> Iterator[str]:
    """The page with the agents' tools beside it, as `wenbao serve --mcp` has them."""
    desk = ui.Desk(str(sample_index_dir))
    page = ui.build(desk)
    _, url, _ = page.launch(prevent_thread_lock=True, **ui.launch_options(desk, mcp=True))
    yield url
    page.close()


@pytest.fixture(scope="module")
def gradio(url: str) -> GradioClient:
    return GradioClient(url, verbose=False, download_files=False)


def agent(url: str, tool: str, **arguments: Any) -> Any:
    async def talk() -> Any:
        async with AgentClient(f"http://{urlsplit(url).netloc}/mcp") as client:
            return (await client.call_tool(tool, arguments)).structured_content

    return anyio.run(talk)


def plain(value: Any) -> Any:
    """As it is after a way through JSON."""
    return json.loads(json.dumps(value))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_door_gives_the_same_answer(
    question: str,
    sample_index: rag.Index,
    sample_index_dir: Path,
    wenbao: Wenbao,
    gradio: GradioClient,
    url: str,
) -> None:
    answer = plain(sample_index.ask(question).to_dict())
    assert answer["schema"] == rag.SCHEMA
    asked = wenbao("ask", question, "--index", str(sample_index_dir), "--json")
    assert json.loads(asked.out) == answer
    assert gradio.predict(question, api_name="/ask") == answer
    assert agent(url, "ask", question=question) == answer


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_door_gives_the_same_passages(
    question: str,
    sample_index: rag.Index,
    sample_index_dir: Path,
    wenbao: Wenbao,
    gradio: GradioClient,
    url: str,
) -> None:
    hits = [plain(hit.to_dict()) for hit in sample_index.retrieve(question, 4)]
    found = {"schema": rag.SCHEMA, "question": question, "hits": hits}
    searched = wenbao("search", question, "-k", "4", "--index", str(sample_index_dir), "--json")
    assert json.loads(searched.out) == found
    assert gradio.predict(question, 4, api_name="/retrieve") == found
    assert agent(url, "retrieve", question=question, k=4) == found
    documents = WenbaoRetriever(index=sample_index_dir, k=4).invoke(question)
    assert [
        (d.page_content, d.metadata["article_id"], d.metadata["start"], d.metadata["score"])
        for d in documents
    ] == [(h["text"], h["article"]["id"], h["start"], h["score"]) for h in hits]


def test_a_follow_up_means_the_same_at_every_door(
    sample_index: rag.Index,
    sample_index_dir: Path,
    wenbao: Wenbao,
    gradio: GradioClient,
    url: str,
) -> None:
    before, question = FOLLOW_UP
    answer = plain(sample_index.ask(question, [before]).to_dict())
    assert answer["understood"]["carried"]
    options = ("--history", before, "--index", str(sample_index_dir), "--json")
    assert json.loads(wenbao("ask", question, *options).out) == answer
    assert gradio.predict(question, [before], api_name="/ask") == answer
    assert agent(url, "ask", question=question, history=[before]) == answer
