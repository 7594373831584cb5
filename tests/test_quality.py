"""The quality gate: figures over the question sets of this repository stay above pinned floors.

The floors stand slightly below what was measured when they were set. A set or an article that
changes changes the digest, so that nobody moves the goal without saying so.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import rag
from rag.evaluate.sets import digest_of

SETS = ("questions", "off-topic", "near-misses")
ALL = " + ".join(SETS)
OVERRIDE = "WENBAO_ACCEPT_QUALITY"
DIGESTS = {
    "articles": "c6be335c5c8253f4",
    "questions": "7901e97cec9d0134",
    "off-topic": "56253fd071e63c7b",
    "near-misses": "e58c816374e4f83f",
}
FLOORS = {
    ("passages", "ndcg@10"): 0.92,
    ("passages", "recall@1"): 0.82,
    ("passages", "recall@5"): 0.99,
    ("passages, follow-ups", "recall@5"): 0.99,
    ("passages, mixed", "difference"): -0.01,
    ("answers", "cited@900"): 0.77,
    ("answers", "short"): 0.99,
    ("answers", "citations exact"): 1.0,
    ("answers", "refused off-topic"): 0.94,
    ("answers", "refused near-miss"): 0.14,
    ("answers", "refusal precision"): 0.92,
    ("answers", "auroc"): 0.86,
    ("answers", "auroc off-topic"): 0.97,
    ("answers", "auroc near-miss"): 0.63,
}
CEILINGS = {
    ("answers", "refused answerable"): 0.13,
    ("answers", "quoted"): 265.0,
}
HELP = (
    "if this is meant, measure with `wenbao eval data/questions.jsonl data/off-topic.jsonl "
    "data/near-misses.jsonl`, set the new figures here and say why in the commit; "
    f"{OVERRIDE}=1 lets it pass for one run"
)


@pytest.fixture(scope="module")
def report(root: Path, sample_index_dir: Path) -> rag.QuestionReport:
    paths = [root / "data" / f"{name}.jsonl" for name in SETS]
    return rag.evaluate_questions(paths, index=sample_index_dir)


def fail(reason: str) -> None:
    """Fail with what to do about it, unless it was said that it is meant."""
    if os.environ.get(OVERRIDE):
        pytest.skip(f"accepted by {OVERRIDE}: {reason}")
    pytest.fail(f"{reason}: {HELP}")


def test_the_sets_and_the_articles_are_those_the_floors_were_set_on(root: Path) -> None:
    files = sorted((root / "data/articles").iterdir())
    found = {"articles": digest_of(files)}
    found |= {name: digest_of([root / "data" / f"{name}.jsonl"]) for name in SETS}
    changed = [f"{name} {digest}" for name, digest in found.items() if DIGESTS[name] != digest]
    if changed:
        fail(f"changed since the floors were set, now {', '.join(changed)}")


@pytest.mark.parametrize(("part", "figure"), FLOORS)
def test_no_figure_falls_below_its_floor(
    report: rag.QuestionReport, part: str, figure: str
) -> None:
    found, floor = report.set(ALL).part(part).figures[figure].value, FLOORS[part, figure]
    if found is None or found < floor:
        fail(f"{part}: {figure} is {found}, below its floor of {floor}")


@pytest.mark.parametrize(("part", "figure"), CEILINGS)
def test_no_figure_rises_above_its_ceiling(
    report: rag.QuestionReport, part: str, figure: str
) -> None:
    found, ceiling = report.set(ALL).part(part).figures[figure].value, CEILINGS[part, figure]
    if found is None or found > ceiling:
        fail(f"{part}: {figure} is {found}, above its ceiling of {ceiling}")


def test_a_failure_says_how_to_let_it_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(OVERRIDE, raising=False)
    with pytest.raises(pytest.fail.Exception, match=f"too low: .*{OVERRIDE}=1"):
        fail("too low")
    monkeypatch.setenv(OVERRIDE, "1")
    with pytest.raises(pytest.skip.Exception, match="too low"):
        fail("too low")
