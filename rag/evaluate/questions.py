"""Evaluate question sets: which set is asked of which index, and what it is compared with.

How a set is asked stands in `beir.py` and `answers.py`. Nothing is printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rag.engine import open_index
from rag.errors import InputError
from rag.evaluate.answers import evaluate_files
from rag.evaluate.beir import evaluate_beir
from rag.evaluate.report import QuestionReport, read_run
from rag.evaluate.running import Progress, index_over, joined
from rag.evaluate.sets import BeirSet, QuestionSet, corpus_files, digest_of, read_set
from rag.ingest import is_url, source_files

QUESTIONS = "data/questions.jsonl"
ARTICLES = "data/articles"


def evaluate_questions(
    paths: Sequence[str | Path] = (),
    *,
    articles: Sequence[str | Path] = (),
    index: str | Path | None = None,
    model: str | None = None,
    add: Sequence[str | Path] = (),
    removed: bool = False,
    compare: str | Path | None = None,
    progress: Progress | None = None,
) -> QuestionReport:
    """Ask the questions of some sets, and score the passages and the answers that come back.

    Args:
        paths: question files and folders in BEIR layout; without any, data/questions.jsonl.
        articles: what the question files are asked of; without any, data/articles.
        index: an index to ask them of instead.
        model: the model of the indexes that are built, or which `index` must have.
        add: more articles for every corpus; of a folder in BEIR layout, its corpus.
        removed: ask each BEIR query without its relevant articles, too: is the confidence lower?
        compare: a run that was written as JSON; the report then holds the changes since.
        progress: called with (done, total, stage).

    Raises:
        InputError: a set is malformed, or `compare` is of other sets.
    """
    sets = [read_set(path) for path in paths or (QUESTIONS,)]
    beir = [one for one in sets if isinstance(one, BeirSet)]
    files = [one for one in sets if isinstance(one, QuestionSet)]
    _check(beir, files, index, [*articles, *add], removed=removed)
    more = [file for path in add for file in corpus_files(path)]
    added = digest_of(source_files(more)) if more else ""
    beir = [replace(one, digest=joined(one.digest, added)) for one in beir]
    files = [replace(one, digest=joined(one.digest, added)) for one in files]
    old = None if compare is None else read_run(compare)
    if old is not None:
        digests = {one.name: one.digest for one in beir} | {one.name: one.digest for one in files}
        old.check(digests)
    tell: Progress = progress or (lambda done, total, stage: None)
    reports = [evaluate_beir(one, more, model, tell, removed=removed) for one in beir]
    if files and index is not None:
        reports += evaluate_files(files, open_index(index, model=model), Path(index), tell)
    elif files:
        corpus = [file for path in articles or (ARTICLES,) for file in corpus_files(path)]
        with index_over([*corpus, *more], model, "articles", tell) as (opened, folder):
            reports += evaluate_files(files, opened, folder, tell)
    changes = tuple(old.changes(reports)) if old is not None else ()
    return QuestionReport(tuple(reports), changes)


def _check(
    beir: Sequence[BeirSet],
    files: Sequence[QuestionSet],
    index: str | Path | None,
    articles: Sequence[str | Path],
    *,
    removed: bool,
) -> None:
    """Refuse what cannot be meant."""
    names = [one.name for one in beir] + [one.name for one in files]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"two sets are called {name}: rename one of them")
    for path in articles:
        if not is_url(path) and not Path(path).exists():
            raise InputError(f"{path} does not exist: give files or folders with articles")
    if removed and not beir:
        raise InputError("--removed needs a folder in BEIR layout: give one, or leave it out")
    if index is not None and not files:
        raise InputError("--index is for question files: a BEIR folder brings its own articles")
    if index is not None and articles:
        raise InputError("--index holds its articles already: leave out --articles and --add")
