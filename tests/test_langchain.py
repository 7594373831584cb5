"""Wenbao as a LangChain retriever, alone and in a chain with a fake model."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from langchain_core.documents import Document
from langchain_core.language_models import FakeListChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompt_values import PromptValue
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import RunnablePassthrough
from pydantic import ValidationError

import rag
from rag.langchain import WenbaoRetriever

QUESTION = "碳达峰碳中和会议决定了什么？"


def test_documents_are_the_hits_of_the_index(
    sample_index_dir: Path, sample_index: rag.Index
) -> None:
    hits = sample_index.retrieve(QUESTION, 3)
    found = WenbaoRetriever(index=sample_index_dir, k=3).invoke(QUESTION)
    assert [document.page_content for document in found] == [hit.text for hit in hits]
    for document, hit in zip(found, hits, strict=True):
        assert document.metadata == {
            "article_id": hit.article.id,
            "title": hit.article.title,
            "date": hit.article.date,
            "source": hit.article.source,
            "path": hit.article.path,
            "url": hit.article.url,
            "start": hit.start,
            "end": hit.end,
            "page": hit.page,
            "score": hit.score,
        }
        article = sample_index.article(document.metadata["article_id"])
        span = slice(document.metadata["start"], document.metadata["end"])
        assert article.text[span] == document.page_content


def test_ids_are_stable_and_tell_passages_apart(
    sample_index_dir: Path, sample_index: rag.Index
) -> None:
    by_folder = WenbaoRetriever(index=str(sample_index_dir), k=8).invoke(QUESTION)
    by_index = WenbaoRetriever(index=sample_index, k=8).invoke(QUESTION)
    ids = [document.id for document in by_folder]
    assert ids == [document.id for document in by_index]
    assert len(set(ids)) == 8


def test_filters_reach_the_index(sample_index: rag.Index) -> None:
    found = WenbaoRetriever(index=sample_index, k=50, language="en", date_from="2022-01-01").invoke(
        QUESTION
    )
    assert found
    for document in found:
        assert sample_index.article(document.metadata["article_id"]).language == "en"
        assert document.metadata["date"] >= "2022-01-01"


def test_sync_and_async_agree(sample_index: rag.Index) -> None:
    retriever = WenbaoRetriever(index=sample_index)
    both = asyncio.run(retriever.abatch([QUESTION, "水库"]))
    assert both == retriever.batch([QUESTION, "水库"])
    assert len(both[0]) == 5


def test_a_chain_reads_the_passages(sample_index: rag.Index) -> None:
    asked: list[str] = []

    def joined(documents: list[Document]) -> str:
        asked.append("\n".join(document.page_content for document in documents))
        return asked[-1]

    def heard(value: PromptValue) -> PromptValue:
        asked.append(value.to_string())
        return value

    prompt = ChatPromptTemplate.from_template("{passages}\n\n{question}")
    chain = (
        {
            "passages": WenbaoRetriever(index=sample_index, k=2) | joined,
            "question": RunnablePassthrough(),
        }
        | prompt
        | heard
        | FakeListChatModel(responses=["五个一", "六个二"])
        | StrOutputParser()
    )
    assert chain.invoke(QUESTION) == "五个一"
    passages, prompted = asked
    assert passages == "\n".join(hit.text for hit in sample_index.retrieve(QUESTION, 2))
    assert prompted == f"Human: {passages}\n\n{QUESTION}"
    assert asyncio.run(chain.ainvoke(QUESTION)) == "六个二"


def test_a_folder_is_read_again_after_a_rebuild(tmp_path: Path, root: Path) -> None:
    papers, index = tmp_path / "papers", tmp_path / "index"
    papers.mkdir()
    shutil.copy(root / "data/articles/flood_drill.md", papers)
    rag.build_index([papers], index)
    fixed = WenbaoRetriever(index=rag.open_index(index), k=1)
    retriever = WenbaoRetriever(index=index, k=1)
    assert "三公里" not in retriever.invoke("新桥全长")[0].page_content
    (papers / "new.md").write_text("# 新桥\n\n新桥今天通车，全长三公里。\n", encoding="utf-8")
    rag.build_index([papers], index)
    assert "三公里" in retriever.invoke("新桥全长")[0].page_content
    assert "三公里" not in fixed.invoke("新桥全长")[0].page_content


def test_mistakes_are_named(sample_index: rag.Index) -> None:
    with pytest.raises(rag.MissingIndexError, match="nowhere"):
        WenbaoRetriever(index="nowhere").invoke("x")
    with pytest.raises(rag.QuestionError, match="soon"):
        WenbaoRetriever(index=sample_index, date_to="soon").invoke("x")
    for wrong in ({"k": 0}, {"language": "fr"}, {"top_k": 3}):
        with pytest.raises(ValidationError, match=next(iter(wrong))):
            WenbaoRetriever.model_validate({"index": sample_index, **wrong})
