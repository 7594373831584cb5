"""Whole runs of `wenbao eval` over questions: a tiny BEIR folder, question files, comparisons."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import rag
from rag.evaluate import beir as beir_module
from rag.evaluate import rank_scores
from tests.command import Wenbao

ARTICLES = {
    "tea": ("茶园采摘提前十天", "今年春天偏暖，城南茶园的采摘比往年提前了十天，茶农清晨上山。"),
    "dam": ("水库大坝完成加固", "城北水库的大坝加固工程昨天完工，坝顶加高了两米。"),
    "zoo": ("动物园迎来两只小狮子", "动物园上周出生了两只小狮子，饲养员每三个小时喂一次奶。"),
    "opera": ("老剧院重新开演", "关闭六年的老剧院今晚重新开演，第一出戏是《牡丹亭》。"),
    "ferry": ("Ferry to run at night", "The harbour ferry will run until midnight from Friday."),
    "bees": ("Bees on the roof", "The museum keeps nine beehives on its roof and sells honey."),
}
QUERIES = {
    "zh": {"q1": "茶园采摘提前了几天？", "q2": "水库大坝加高了多少？", "q3": "轮渡夜里开到几点？"},
    "en": {"q1": "How early was the tea picked?", "q3": "Until when does the ferry run?"},
}
QRELS = {"q1": "tea", "q2": "dam", "q3": "ferry"}


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BEIR folder of six articles in two languages."""
    folder = tmp_path_factory.mktemp("sets") / "tiny"
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": id_, "title": t, "text": text} for id_, (t, text) in ARTICLES.items()]
    write_lines(folder / "corpus.jsonl", corpus)
    for language, queries in QUERIES.items():
        rows = [{"_id": id_, "text": text} for id_, text in queries.items()]
        write_lines(folder / f"queries.{language}.jsonl", rows)
    judged = "".join(f"{query}\t{article}\t1\n" for query, article in QRELS.items())
    (folder / "qrels/test.tsv").write_text("query-id\tcorpus-id\tscore\n" + judged, "utf-8")
    return folder


@pytest.fixture(scope="module")
def report(tiny: Path) -> rag.QuestionReport:
    return rag.evaluate_questions([tiny], removed=True)


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Questions over the same articles: two with an answer, one follow-up, two without."""
    rows: list[dict[str, Any]] = [
        {
            "id": "tea",
            "question": "茶园采摘提前了几天？",
            "answerable": True,
            "evidence": ["城南茶园的采摘比往年提前了十天"],
        },
        {
            "id": "ferry",
            "question": "Until when does the ferry run?",
            "answerable": True,
            "evidence": ["run until midnight"],
        },
        {
            "id": "then",
            "question": "坝顶加高了多少？",
            "answerable": True,
            "evidence": ["坝顶加高了两米"],
            "history": ["城北水库的大坝怎么样了？"],
        },
        {"id": "near", "question": "Who steers the ferry?", "answerable": False, "kind": "who"},
        {"id": "off", "question": "光速是多少？", "answerable": False, "kind": "off-topic"},
    ]
    return write_lines(tmp_path_factory.mktemp("files") / "mine.jsonl", rows)


def test_articles_are_ranked_by_their_best_passage(tiny: Path, tmp_path: Path) -> None:
    rag.build_index([tiny / "corpus.jsonl"], tmp_path)
    index = rag.open_index(tmp_path)
    part = rag.evaluate_questions([tiny]).set("tiny").part("queries.zh")
    for query, text in QUERIES["zh"].items():
        ranked = list(dict.fromkeys(hit.article.id for hit in index.retrieve(text, 100)))
        assert part.rows[query] == rank_scores(ranked, {QRELS[query]: 1})
    mean = sum(float(row["ndcg@10"]) for row in part.rows.values()) / 3
    assert part.figures["ndcg@10"].value == pytest.approx(mean)
    assert part.figures["ndcg@10"].n == 3
    assert float(part.notes["retrieve ms, median"]) > 0


def test_a_beir_folder_has_a_part_for_each_question_asked_of_it(report: rag.QuestionReport) -> None:
    tiny = report.set("tiny")
    assert [part.name for part in tiny.parts] == [
        "queries.en",
        "queries.zh",
        "en - zh",
        "queries.en, mixed",
        "queries.zh, mixed",
        "queries.en, removed",
        "queries.zh, removed",
    ]
    assert (tiny.articles, tiny.model, len(tiny.revision) > 0) == (6, "bilingual", True)
    gap = tiny.part("en - zh")
    english, chinese = tiny.part("queries.en").rows, tiny.part("queries.zh").rows
    assert set(gap.rows) == {"q1", "q3"}
    for id_, row in gap.rows.items():
        difference = float(english[id_]["ndcg@10"]) - float(chinese[id_]["ndcg@10"])
        assert row["ndcg@10"] == difference


def test_among_one_language_only_its_articles_may_answer(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str | None] = []
    retrieve = rag.Index.retrieve

    def spy(self: rag.Index, question: str, k: int = 5, **filters: Any) -> list[rag.Hit]:
        asked.append(filters.get("language"))
        return retrieve(self, question, k, **filters)

    monkeypatch.setattr(rag.Index, "retrieve", spy)
    mixed = rag.evaluate_questions([tiny]).set("tiny").part("queries.zh, mixed")
    assert [language for language in asked if language] == ["zh", "en", "zh", "zh", "en"]
    for row in mixed.rows.values():
        own = float(row["recall@5, one language"])
        assert row["difference"] == float(row["recall@5"]) - own
    assert mixed.notes["within a point"] is (mixed.figures["difference"].value == 0.0)


def test_a_corpus_of_one_language_is_mixed_with_what_is_added(tiny: Path, tmp_path: Path) -> None:
    chinese = [{"_id": i, "title": t, "text": x} for i, (t, x) in ARTICLES.items() if x > "一"]
    folder = tmp_path / "zh"
    folder.mkdir()
    write_lines(folder / "corpus.jsonl", chinese)
    (folder / "queries.zh.jsonl").write_bytes((tiny / "queries.zh.jsonl").read_bytes())
    (folder / "qrels.tsv").write_bytes((tiny / "qrels/test.tsv").read_bytes())
    alone = rag.evaluate_questions([folder]).set("zh")
    assert [part.name for part in alone.parts] == ["queries.zh"]
    assert alone.part("queries.zh").notes["missing articles"] == 1
    # a BEIR folder adds its corpus alone, not its queries
    mixed = rag.evaluate_questions([folder], add=[tiny]).set("zh")
    assert [part.name for part in mixed.parts] == ["queries.zh", "queries.zh, mixed"]
    assert mixed.digest != alone.digest
    assert mixed.articles == 4 + 6


def test_removed_articles_are_not_in_the_index_that_is_asked(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: dict[tuple[str, str], list[bool]] = {}
    ask = beir_module._ask

    def spy(beir: Any, index: rag.Index, key: tuple[str, str]) -> rag.Answer:
        articles = {article.id for article in index.articles()}
        held.setdefault(key, []).append(QRELS[key[1]] in articles)
        return ask(beir, index, key)

    monkeypatch.setattr(beir_module, "_ask", spy)
    rag.evaluate_questions([tiny], removed=True)
    assert len(held) == 5
    assert set(map(tuple, held.values())) == {(True, False)}


def test_confidence_with_the_articles_stands_against_without(report: rag.QuestionReport) -> None:
    part = report.set("tiny").part("queries.zh, removed")
    rows = part.rows.values()
    with_ = [float(row["confidence"]) for row in rows]
    without = [float(row["confidence without"]) for row in rows]
    pairs = [(w, o) for w in with_ for o in without]
    naive = sum((w > o) + (w == o) / 2 for w, o in pairs) / len(pairs)
    assert part.figures["auroc"].value == pytest.approx(naive)
    assert sum(row.n for row in part.reliability) == 2 * len(with_)
    assert 0 <= (part.figures["calibration error"].value or 0) <= 1


def test_question_files_score_passages_answers_and_refusals(tiny: Path, questions: Path) -> None:
    report = rag.evaluate_questions([questions], articles=[tiny])
    mine = report.set("mine")
    parts = ["passages", "passages, follow-ups", "passages, mixed", "answers"]
    assert [part.name for part in mine.parts] == parts
    assert set(mine.part("passages").rows) == {"tea", "ferry"}
    assert set(mine.part("passages, follow-ups").rows) == {"then"}
    assert mine.part("passages").figures["recall@5"].value == 1.0
    answers = mine.part("answers")
    rows = answers.rows
    assert rows["tea"]["cited"] == rows["tea"]["cited@900"] == 1.0
    assert answers.figures["citations exact"].value == 1.0
    assert answers.figures["refused off-topic"].n == answers.figures["refused near-miss"].n == 1
    assert answers.figures["refusal recall"].n == 2
    refused = [id_ for id_, row in rows.items() if row["refused"]]
    right = [id_ for id_ in refused if id_ in ("near", "off")]
    precision = len(right) / len(refused) if refused else None
    assert answers.figures["refusal precision"].value == precision
    assert answers.notes["unanswerable refused"] == len(right)
    answerable = [float(rows[id_]["confidence"]) for id_ in ("tea", "ferry", "then")]
    below = [float(rows[id_]["confidence"]) for id_ in ("near", "off")]
    wins = sum((a > b) + (a == b) / 2 for a in answerable for b in below)
    assert answers.figures["auroc"].value == pytest.approx(wins / 6)


class Faked(NamedTuple):
    """An index that gives the same answer to everything."""

    given: rag.Answer
    held: rag.Article

    def retrieve(self, question: str, k: int) -> list[rag.Hit]:
        return list(self.given.hits)

    def ask(self, question: str, history: tuple[str, ...], k: int) -> rag.Answer:
        return self.given

    def article(self, article_id: str) -> rag.Article:
        return self.held


def test_a_long_or_inexact_answer_is_found_out() -> None:
    from rag.evaluate.answers import _outcome, question_parts
    from rag.evaluate.sets import Question

    text = "票价八十元。" + "戏" * 1000
    article = rag.Article("a", "戏", text, "a.txt", "zh")
    exact, long = (
        rag.Citation(1, article, 0, 6, text[:6]),
        rag.Citation(2, article, 6, 906, text[6:906]),
    )
    moved = rag.Citation(3, article, 1, 7, text[:6])
    asked = Question("q", "票价多少？", True, "number", ("票价八十元",))
    rows = []
    for citations in ((exact,), (exact, long), (moved,), ()):
        given = rag.Answer("", "", "zh", citations, not citations, 0.5, (), "g")
        outcome = _outcome(asked, Faked(given, article), set())  # type: ignore[arg-type]
        part = question_parts({"q": outcome})[-1]
        names = ("cited@900", "cited", "citations exact", "quoted", "refused answerable")
        rows.append([part.figures[n].value if n in part.figures else None for n in names])
    assert rows == [
        [1.0, 1.0, 1.0, 6.0, 0.0],
        [0.0, 1.0, 1.0, 906.0, 0.0],
        [1.0, 1.0, 0.0, 6.0, 0.0],
        [0.0, 0.0, None, None, 1.0],
    ]


def test_several_files_are_also_taken_together(tiny: Path, questions: Path, tmp_path: Path) -> None:
    more = write_lines(
        tmp_path / "more.jsonl",
        [{"id": "tea", "question": "Who is the mayor?", "answerable": False, "kind": "who"}],
    )
    report = rag.evaluate_questions([questions, more], articles=[tiny])
    assert [one.name for one in report.sets] == ["mine", "more", "mine + more"]
    assert [one.pooled for one in report.sets] == [False, False, True]
    together = report.set("mine + more").part("answers")
    assert {"mine/tea", "more/tea"} <= set(together.rows)
    assert together.notes["unanswerable"] == 3


def test_a_run_is_written_printed_and_compared(
    wenbao: Wenbao, tiny: Path, questions: Path, tmp_path: Path
) -> None:
    out = tmp_path / "old.json"
    command = ["eval", tiny, "--data", questions, "--articles", tiny]
    first = wenbao(*command, "--out", out, "--json")
    assert first.code == 0, first.err
    written = json.loads(out.read_text(encoding="utf-8"))
    assert json.loads(first.out) == written
    assert written["schema"] == "wenbao-eval-1"
    assert [one["name"] for one in written["sets"]] == ["tiny", "mine"]
    assert {"digest", "model", "revision"} <= set(written["sets"][0])
    figure = written["sets"][0]["parts"][0]["figures"]["ndcg@10"]
    assert set(figure) == {"value", "low", "high", "n"}
    assert written["sets"][0]["parts"][0]["questions"]["q1"]["ndcg@10"] <= 1

    chinese = written["sets"][0]["parts"][1]
    for row in chinese["questions"].values():
        row["ndcg@10"] = 0.0
    chinese["figures"]["ndcg@10"]["value"] = 0.0
    out.write_text(json.dumps(written), encoding="utf-8")
    second = wenbao(*command, "--compare", out, "--json")
    changes = {
        (change["set"], change["part"], change["figure"]): change
        for change in json.loads(second.out)["changes"]
    }
    better = changes["tiny", "queries.zh", "ndcg@10"]
    assert (better["old"], better["n"]) == (0.0, 3)
    assert better["new"] > 0
    assert better["p"] == pytest.approx(2 / 8, abs=0.02)  # three questions, all better
    same = changes["tiny", "queries.en", "ndcg@10"]
    assert (same["new"] - same["old"], same["p"]) == (0.0, 1.0)
    assert changes["mine", "answers", "auroc"]["p"] is None

    printed = wenbao(*command, "--compare", out).out
    for word in ("nDCG@10", "en - zh", "one language", "AUROC", "citations exact", "tiny: changes"):
        assert word in printed
    assert max(map(len, printed.splitlines())) < 120


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda run: run | {"schema": "wenbao-eval-0"}, "schema"),
        (lambda run: {"sets": []}, "schema"),
        (lambda run: run | {"sets": [{**run["sets"][0], "digest": "0"}]}, "other files than then"),
        (lambda run: run | {"sets": []}, "none of these sets"),
        (lambda run: run | {"sets": [{"name": "tiny"}]}, "malformed"),
        (lambda run: [], "schema"),
        (lambda run: None, "schema"),
    ],
)
def test_a_run_that_cannot_be_compared_is_refused_in_one_line(
    wenbao: Wenbao,
    tiny: Path,
    report: rag.QuestionReport,
    tmp_path: Path,
    spoil: Callable[[dict[str, Any]], object],
    message: str,
) -> None:
    old = tmp_path / "old.json"
    old.write_text(json.dumps(spoil(report.to_dict())), encoding="utf-8")
    result = wenbao("eval", tiny, "--compare", old)
    assert (result.code, result.out) == (1, "")
    (line,) = result.err.splitlines()
    assert line.startswith("error: ")
    assert message in line


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["TINY", "--index", "somewhere"], "--index is for question files"),
        (["MINE", "--removed"], "--removed needs a folder"),
        (["MINE", "--index", "x", "--add", "TINY"], "--index holds its articles already"),
        (["MINE", "--articles", "nowhere"], "nowhere does not exist"),
        (["MINE", "MINE"], "two sets are called mine"),
        (["TINY", "--compare", "nowhere.json"], "cannot be read as JSON"),
        (["TINY", "--out", "nowhere/new.json"], "there is no folder for"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_any_work(
    wenbao: Wenbao, tiny: Path, questions: Path, command: list[str], message: str
) -> None:
    places = {"TINY": str(tiny), "MINE": str(questions)}
    result = wenbao("eval", *[places.get(word, word) for word in command])
    assert (result.code, result.out) == (1, "")
    (line,) = result.err.splitlines()
    assert message in line


def test_eval_takes_the_questions_of_the_repository_if_it_is_given_none(
    wenbao: Wenbao, root: Path, sample_index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(root)
    result = wenbao("eval", "--index", sample_index_dir, "--verbose")
    assert result.code == 0
    assert result.out.startswith("questions\n18 articles")
    for word in ("passages", "follow-ups", "within a point", "near misses refused", "/50"):
        assert word in result.out
    assert "--verbose lists them all" not in result.out
