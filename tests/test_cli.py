"""The command line: what it prints where, its exit codes, and what it never does."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import rag
from rag.config import ServeSettings
from tests.command import Wenbao

QUESTION = "碳达峰碳中和会议决定了什么？"
NONSENSE = "zzyzx qwvx"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small articles, one of them hostile to terminals."""
    papers = tmp_path / "papers"
    papers.mkdir()
    (papers / "park.md").write_text(
        "---\ntitle: 云泊公园开放\ndate: 2024-05-01\n---\n\n"
        "云泊市中心公园今天正式开放，园内种植了三千棵树。市民可以免费入园。\n",
        encoding="utf-8",
    )
    row = {
        "_id": "bridge",
        "title": "Bridge [bold]opens[/bold]",
        "text": "The Hewan bridge opened on Monday. It cost \x1b[31m20 million\x1b[0m yuan.",
        "date": "2024-06-03",
        "source": "Hewan Daily",
    }
    (papers / "bridge.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return papers


@pytest.fixture
def small_index(folder: Path, tmp_path: Path) -> str:
    rag.build_index([str(folder)], str(tmp_path / "small"))
    return str(tmp_path / "small")


def test_index_prints_figures_and_shows_progress_on_stderr(
    wenbao: Wenbao, folder: Path, tmp_path: Path
) -> None:
    (folder / "empty.txt").write_bytes(b"")
    result = wenbao("index", str(folder), "--index", str(tmp_path / "idx"))
    assert result.code == 0
    assert result.out.startswith("2 articles, ")
    assert len(result.out.splitlines()) == 1
    assert "empty.txt" in result.err


def test_index_json_is_the_stats_alone(wenbao: Wenbao, folder: Path, tmp_path: Path) -> None:
    first = wenbao("index", str(folder), "--index", str(tmp_path / "idx"), "--json")
    stats = json.loads(first.out)
    assert stats["articles"] == 2
    assert stats["embedded"] == stats["passages"] > 0
    second = json.loads(
        wenbao("index", str(folder), "--index", str(tmp_path / "idx"), "--json").out
    )
    assert (second["embedded"], second["reused"]) == (0, stats["passages"])
    assert set(stats) == set(second) == set(rag.BuildStats(0, 0, 0, 0).to_dict())


def test_if_stale_builds_only_what_changed(wenbao: Wenbao, folder: Path, tmp_path: Path) -> None:
    command = ("index", str(folder), "--index", str(tmp_path / "idx"), "--if-stale", "--json")
    built, again = wenbao(*command), wenbao(*command)
    assert "up to date" not in built.err
    assert "up to date" in again.err
    assert json.loads(again.out)["generation"] == json.loads(built.out)["generation"]
    (folder / "new.md").write_text("# 新桥\n\n新桥今天通车，全长三公里。\n", encoding="utf-8")
    assert json.loads(wenbao(*command).out)["articles"] == 3


def test_interrupting_an_index_leaves_the_old_one(
    wenbao: Wenbao, folder: Path, small_index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any, progress: Callable[[int, int, str], None], **__: Any) -> None:
        progress(1, 2, "reading")
        raise KeyboardInterrupt

    before = rag.open_index(small_index).info().generation
    monkeypatch.setattr(rag, "build_index", interrupted)
    result = wenbao("index", str(folder), "--index", small_index)
    assert result.code == 130
    assert "interrupted" in result.err.splitlines()[-1]
    assert rag.open_index(small_index).info().generation == before


def test_ask_quotes_and_names_its_articles(
    wenbao: Wenbao, sample_index_dir: Path, sample_index: rag.Index
) -> None:
    printed = wenbao("ask", QUESTION, "--index", str(sample_index_dir))
    answer = json.loads(wenbao("ask", QUESTION, "--index", str(sample_index_dir), "--json").out)
    assert printed.code == 0
    assert answer["citations"]
    for citation in answer["citations"]:
        article = sample_index.article(citation["article"]["id"])
        assert article.text[citation["start"] : citation["end"]] == citation["quote"]
        assert "text" not in citation["article"]
        assert f"[{citation['number']}]" in printed.out
        assert article.title in printed.out
    assert f"confidence {answer['confidence']:.2f}" in printed.out


def test_quotes_and_passages_of_a_paged_article_name_their_page(
    wenbao: Wenbao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        "云泊市中心公园今天正式开放，园内种植了三千棵树。\n公园的门票由市财政承担，市民免费入园。"
    )
    second = text.index("\n") + 1
    paged = rag.Article("a", "云泊公园开放", text, "a.pdf", "zh", pages=((0, 3), (second, 4)))
    plain = rag.Article(
        "b", "云泊地铁通车", "云泊地铁一号线昨天通车，全长三十公里。", "b.txt", "zh"
    )
    read = SimpleNamespace(articles=(paged, plain), skipped=(), read=2)
    monkeypatch.setattr("rag.ingest.read_articles", lambda *_: read)
    index = str(tmp_path / "idx")
    rag.build_index([str(tmp_path)], index)
    for question in (
        "云泊公园种植了多少棵树？",
        "云泊公园的门票由谁承担？",
        "云泊地铁一号线全长多少公里？",
    ):
        answer = json.loads(wenbao("ask", question, "--index", index, "--json").out)
        printed = wenbao("ask", question, "--index", index).out
        assert answer["citations"]
        for citation in answer["citations"]:
            shown = {"a": f" (p. {3 if citation['start'] < second else 4})", "b": ""}
            line = f"[{citation['number']}] {citation['quote']}{shown[citation['article']['id']]}\n"
            assert line in printed
    found = wenbao("search", "云泊", "--index", index).out
    assert "a.pdf · p. 3\n" in found
    assert "b.txt\n" in found


def test_ask_puts_a_gloss_under_a_foreign_quote(wenbao: Wenbao, sample_index_dir: Path) -> None:
    question = "How long did it take to evacuate everyone in the Shi'an flood drill?"
    command = ("ask", question, "--language", "zh", "--index", str(sample_index_dir))
    citation = json.loads(wenbao(*command, "--json").out)["citations"][0]
    gloss = next(entry for entry in citation["gloss"] if entry["words"])
    assert f"{gloss['word']} {', '.join(gloss['words'])}" in wenbao(*command).out


def test_an_abstention_is_an_answer_with_the_nearest_passages(
    wenbao: Wenbao, small_index: str
) -> None:
    answer = json.loads(wenbao("ask", NONSENSE, "--index", small_index, "--json").out)
    printed = wenbao("ask", NONSENSE, "--index", small_index)
    assert answer["abstained"]
    assert answer["citations"] == []
    assert printed.code == 0
    assert printed.out.startswith(answer["text"].splitlines()[0])
    assert "confidence" not in printed.out


def test_ask_passes_the_history_on(wenbao: Wenbao, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    def ask(question: str, **options: Any) -> SimpleNamespace:
        asked.update(options, question=question)
        return SimpleNamespace(to_dict=dict)

    monkeypatch.setattr(rag, "open_index", lambda folder, model: SimpleNamespace(ask=ask))
    wenbao("ask", "and then?", "--history", "one", "--history", "two", "-k", "7", "--json")
    assert asked["history"] == ("one", "two")
    assert (asked["question"], asked["k"]) == ("and then?", 7)


def test_search_lists_k_hits_best_first(wenbao: Wenbao, sample_index_dir: Path) -> None:
    command = ("search", QUESTION, "-k", "4", "--index", str(sample_index_dir))
    found = json.loads(wenbao(*command, "--json").out)
    hits = found["hits"]
    assert (found["schema"], found["question"]) == (rag.SCHEMA, QUESTION)
    scores = [hit["score"] for hit in hits]
    assert len(hits) == 4
    assert scores == sorted(scores, reverse=True)
    printed = wenbao(*command).out
    assert f"1. {scores[0]:.2f}  {hits[0]['article']['title']}" in printed
    assert hits[3]["article"]["path"] in printed


@pytest.mark.parametrize(
    ("options", "title"),
    [
        (["--language", "zh"], "云泊公园开放"),
        (["--from", "2024-06-01"], "Bridge [bold]opens[/bold]"),
        (["--to", "2024-05-31"], "云泊公园开放"),
        (["--source", "Hewan Daily"], "Bridge [bold]opens[/bold]"),
    ],
)
def test_filters_keep_only_what_they_name(
    wenbao: Wenbao, small_index: str, options: list[str], title: str
) -> None:
    found = wenbao("search", "开放 opened", "--index", small_index, "--json", *options).out
    assert {hit["article"]["title"] for hit in json.loads(found)["hits"]} == {title}


def test_info_says_what_the_index_holds(wenbao: Wenbao, small_index: str) -> None:
    details = json.loads(wenbao("info", "--index", small_index, "--json").out)
    assert details["articles"] == 2
    assert details["model"] == "bilingual"
    assert details["languages"] == {"zh": 1, "en": 1}
    assert details == rag.open_index(small_index).info().to_dict()
    lines = wenbao("info", "--index", small_index).out.splitlines()
    assert any(line.split() == ["articles", "2"] for line in lines)


def test_info_names_the_articles_that_were_read_with_doubt(
    wenbao: Wenbao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    confidences = [0.95, 0.4, 0.7, *(0.6 + n / 1000 for n in range(25)), 0.1]
    articles = tuple(
        rag.Article(
            f"a{n}", f"第{n}篇", f"第{n}篇的正文。", f"{n}.txt", "zh", confidence=confidence
        )
        for n, confidence in enumerate(confidences)
    )
    read = SimpleNamespace(articles=articles, skipped=(), read=len(articles))
    monkeypatch.setattr("rag.ingest.read_articles", lambda *_: read)
    rag.build_index([str(tmp_path)], str(tmp_path / "idx"))
    details = json.loads(wenbao("info", "--index", str(tmp_path / "idx"), "--json").out)
    assert details["doubtful_count"] == 27
    assert len(details["doubtful"]) == 20
    assert details["doubtful"][:3] == [
        ["28.txt", 0.1, "第28篇"],
        ["1.txt", 0.4, "第1篇"],
        ["3.txt", 0.6, "第3篇"],
    ]
    printed = wenbao("info", "--index", str(tmp_path / "idx")).out
    assert "0.10  第28篇  (28.txt)" in printed
    assert "第0篇" not in printed
    assert "第2篇 " not in printed


def test_inspect_shows_stories_values_and_what_was_left_out(wenbao: Wenbao, root: Path) -> None:
    path = root / "tests" / "documents" / "two_columns.txt"
    result = wenbao("inspect", str(path), "nowhere")
    assert result.code == 0
    for shown in ("2 stories", "罗以恒 [", "2023-03-17", "confidence"):
        assert shown in result.out
    assert "left out: furniture of the page ×1: 建 设 新桐 浦 幸福 千 万家" in result.out
    assert "not read: does not exist" in result.out
    assert result.out.splitlines()[-1] == "2 documents, 2 stories, 1 not read"
    assert "罗桂英说，现在走路五分" not in result.out
    assert "罗桂英说，现在走路五分" in wenbao("inspect", str(path), "--full").out


def test_inspect_json_is_the_inspection_alone(wenbao: Wenbao, folder: Path) -> None:
    printed = json.loads(wenbao("inspect", str(folder), "--json").out)
    assert printed == json.loads(json.dumps(rag.inspect_files([str(folder)]).to_dict()))
    assert "text" not in printed["documents"][0]["stories"][0]
    full = json.loads(wenbao("inspect", str(folder), "--json", "--full").out)
    assert "20 million" in full["documents"][0]["stories"][0]["text"]


def test_inspect_writes_a_page_and_overwrites_no_article(
    wenbao: Wenbao, folder: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    for _ in range(2):
        result = wenbao("inspect", str(folder), "--html", str(report))
        assert (result.code, result.out) == (0, "")
    assert "云泊公园开放" in report.read_text(encoding="utf-8")
    article = folder / "park.md"
    before = article.read_bytes()
    refused = wenbao("inspect", str(folder), "--html", str(article))
    assert refused.code == 1
    assert "choose another name" in refused.err
    assert article.read_bytes() == before


def test_inspected_text_cannot_style_the_terminal(wenbao: Wenbao, folder: Path) -> None:
    for options in ([], ["--full"]):
        assert "\x1b" not in wenbao("inspect", str(folder), *options).out


def test_eval_prints_figures_by_kind_and_every_fault(wenbao: Wenbao, tmp_path: Path) -> None:
    story = {"first_sentence": "甲楼封顶。", "last_sentence": "明年入住。", "date": "2024-05-01"}
    gold = [{"file": f"{n}.jsonl", "kind": "row", "stories": [story]} for n in range(12)]
    row = {"title": "甲楼", "text": "甲楼封顶。明年入住。", "date": "2024-05-02"}
    for entry in gold:
        (tmp_path / str(entry["file"])).write_text(json.dumps(row), encoding="utf-8")
    (tmp_path / "gold.json").write_text(json.dumps(gold), encoding="utf-8")
    result = wenbao("eval", "--ingest", str(tmp_path))
    header, kind, total = (line.split() for line in result.out.splitlines()[:3])
    assert result.code == 0
    assert (header[4], kind[5], total[5]) == ("f1", "100.0", "100.0")
    assert (header[6], total[7]) == ("date", "0.0")
    assert 'date: expected "2024-05-01", got "2024-05-02"' in result.out
    assert "11.jsonl" not in result.out
    assert "and 2 more" in result.out
    assert "11.jsonl" in wenbao("eval", "--ingest", str(tmp_path), "--verbose").out
    printed = json.loads(wenbao("eval", "--ingest", str(tmp_path), "--json").out)
    assert printed == rag.evaluate_ingest(tmp_path).to_dict()


def test_eval_takes_the_documents_of_the_tests_if_it_is_given_none(
    wenbao: Wenbao, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "tests/documents" in wenbao("eval", "--ingest").err
    (tmp_path / "tests" / "documents").mkdir(parents=True)
    (tmp_path / "tests" / "documents" / "gold.json").write_text("[]", encoding="utf-8")
    assert wenbao("eval", "--ingest").code == 0


def test_article_text_cannot_style_the_terminal(wenbao: Wenbao, small_index: str) -> None:
    out = wenbao("search", "How much did the Hewan bridge cost?", "--index", small_index).out
    assert "Bridge [bold]opens[/bold]" in out
    assert "20 million" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    "command",
    [
        ["info", "--index", "nowhere"],
        ["ask", "什么？", "--index", "nowhere"],
        ["search", "什么？", "--index", "nowhere"],
        ["serve", "--index", "nowhere"],
        ["serve", "--port", "70000"],
        ["ask", "", "--index", "SMALL"],
        ["ask", "问" * 10_000, "--index", "SMALL"],
        ["search", "x", "--from", "soon", "--index", "SMALL"],
        ["index", "no-such-folder", "--index", "new"],
        ["index", "EMPTY", "--index", "new"],
        ["index", "PAPERS", "--index", "new", "--model", "./no-such-model"],
        ["eval", "--ingest", "EMPTY"],
        ["eval"],
        ["eval", "EMPTY"],
        ["eval", "no-such-file.jsonl"],
    ],
)
def test_an_error_is_one_line_on_stderr(
    wenbao: Wenbao,
    command: list[str],
    folder: Path,
    small_index: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    places = {"SMALL": small_index, "EMPTY": "empty", "PAPERS": str(folder)}
    result = wenbao(*[places.get(word, word) for word in command])
    assert result.code == 1
    assert result.out == ""
    assert [line[:7] for line in result.err.splitlines()] == ["error: "]
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "command",
    [
        ["ask"],
        ["dance"],
        ["search", "x", "-k", "0"],
        ["ask", "x", "--language", "fr"],
        ["inspect"],
        ["eval", "--ingest", "one", "another"],
    ],
)
def test_a_senseless_command_line_is_exit_2(wenbao: Wenbao, command: list[str]) -> None:
    result = wenbao(*command)
    assert result.code == 2
    assert result.out == ""
    assert "Usage: wenbao" in result.err


def test_serve_starts_the_page_on_a_checked_index(
    wenbao: Wenbao, small_index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[object, ...]] = []
    page = SimpleNamespace(serve=lambda *given: calls.append(given))
    monkeypatch.setitem(sys.modules, "ui", page)
    monkeypatch.setenv("WENBAO_LOGIN", "mei:a:b, arun:open sesame")
    options = ("--index", small_index, "--port", "8123", "--open")
    llm = ("--llm-url", "http://127.0.0.1:9/v1", "--llm-model", "small")
    assert wenbao("serve", *options, *llm).code == 0
    login = (("mei", "a:b"), ("arun", "open sesame"))
    settings = ServeSettings(port=8123, open_browser=True, login=login)
    assert calls == [(small_index, settings, rag.LLMSettings("http://127.0.0.1:9/v1", "small"))]


@pytest.mark.parametrize(
    ("login", "option", "said"),
    [
        ("mei", "--open", "WENBAO_LOGIN is not name:password"),
        (":secret", "--open", "WENBAO_LOGIN is not name:password"),
        ("mei:secret", "--mcp", "agents cannot log in"),
    ],
)
def test_a_login_that_cannot_hold_is_one_line_without_the_password(
    login: str,
    option: str,
    said: str,
    wenbao: Wenbao,
    small_index: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("WENBAO_LOGIN", login)
    ended = wenbao("serve", "--index", small_index, option)
    assert ended.code == 1
    assert said in ended.err
    assert "secret" not in ended.err


def test_every_command_is_in_the_help_and_the_readme(wenbao: Wenbao, root: Path) -> None:
    readme = (root / "README.md").read_text(encoding="utf-8")
    overview = wenbao("--help").out
    for command in "index ask search serve add feedback info inspect eval mcp doctor".split():
        assert command in overview
        assert f"wenbao {command}" in readme
        option = "--json" if command in ("inspect", "eval") else "--index"
        assert option in wenbao(command, "--help").out


def test_asking_loads_nothing_heavy(sample_index_dir: Path) -> None:
    code = (
        "import sys; from rag.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print('LOADED', *{m.split('.')[0] for m in sys.modules})\n"
    )
    command = [sys.executable, "-c", code, "ask", QUESTION, "--index", str(sample_index_dir)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    assert "rag" in loaded
    heavy = {"torch", "gradio", "sentence_transformers", "transformers", "pandas", "trafilatura"}
    assert not loaded & (heavy | {"langchain_text_splitters", "langchain_core"})


@pytest.mark.parametrize("way", ["script", "module"])
def test_both_ways_in_agree(way: str, small_index: str) -> None:
    script = shutil.which("wenbao", path=str(Path(sys.executable).parent))
    start = (
        [script or "wenbao is not installed"] if way == "script" else [sys.executable, "-m", "rag"]
    )
    command = [*start, "info", "--json", "--index", small_index]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    assert json.loads(done.stdout)["articles"] == 2
    assert done.stderr == ""


def test_an_index_refuses_to_be_asked_with_another_model(wenbao: Wenbao, small_index: str) -> None:
    for command in ("ask", "search"):
        result = wenbao(command, "会议", "--index", small_index, "--model", "some/other")
        assert result.code == 1
        assert "'bilingual'" in result.err
        assert "'some/other'" in result.err
