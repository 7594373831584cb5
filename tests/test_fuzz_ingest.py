"""Broken documents never raise and never lie: the small sister of `benchmarks.fuzz_ingest`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.documents import STORIES, make_documents
from benchmarks.fuzz_ingest import check_article, job, mutate, run_one, sources
from rag.ingest import read_articles
from rag.types import Article

MUTATIONS = 150
SOURCES = sources()


def test_mutants_are_read_without_an_exception_and_keep_every_promise() -> None:
    failures = []
    for seed in range(MUTATIONS):
        name, content = SOURCES[seed % len(SOURCES)]
        failures += run_one(job(SOURCES, name, content, seed), timed=False)
    assert failures == []


@pytest.mark.parametrize("document", make_documents(), ids=lambda document: document[0])
def test_a_document_that_is_whole_gives_its_stories(
    document: tuple[str, bytes], tmp_path: Path
) -> None:
    name, content = document
    (tmp_path / name).write_bytes(content)
    articles = read_articles([tmp_path / name]).articles
    text = "".join("".join(article.text.split()) for article in articles)
    assert all("".join(story.paragraphs[-1].split()) in text for story in STORIES)


def test_the_same_seed_gives_the_same_mutant() -> None:
    content, other = SOURCES[0][1], SOURCES[1][1]
    mutants = [mutate(content, other, seed) for seed in range(50)]
    assert mutants == [mutate(content, other, seed) for seed in range(50)]
    assert len(set(mutants)) > 40


def test_a_broken_promise_is_seen() -> None:
    sound = Article("id", "标题", "正文第一句。", "a.txt", "zh", date="2024-02-29")
    assert list(check_article(sound)) == []
    for broken in (
        replace(sound, title=" "),
        replace(sound, date="2023-02-29"),
        replace(sound, headings=((1, "正文"),)),
        replace(sound, pages=((3, 1),)),
        replace(sound, text="\ud800句。"),
        replace(sound, confidence=1.5),
    ):
        assert list(check_article(broken)), broken
