"""Ask the queries of a BEIR folder of an index over its corpus.

Articles are ranked by their best passage. With `removed`, each query is asked again where its
relevant articles are missing: a confidence is worth its name if it then falls.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from rag import config
from rag.engine import Index, build_index, open_index
from rag.evaluate.metrics import CUT, rank_scores
from rag.evaluate.report import Part, SetReport
from rag.evaluate.running import (
    Progress,
    Row,
    index_over,
    latency,
    means,
    mixed_part,
    mixed_row,
    set_report,
    timed,
)
from rag.evaluate.sets import BeirSet, read_rows
from rag.evaluate.statistics import SEED, auroc_of, calibration_error_of, estimate, reliability
from rag.types import Answer

DEPTH = 100  # passages asked for, so that ten different articles are among them
FOLDS = 5


def evaluate_beir(
    beir: BeirSet, add: Sequence[str | Path], model: str | None, tell: Progress, *, removed: bool
) -> SetReport:
    """Build an index over the corpus and what is added to it, and ask the queries of it."""
    with index_over([*beir.corpus, *add], model, beir.name, tell) as (index, folder):
        ranked = [_ranked(beir, name, index, tell) for name in beir.queries]
        parts = [*ranked, *_gaps(ranked)]
        if len(index.info().languages) > 1:
            parts += [part for one in ranked for part in _mixed(beir, one, index, tell)]
        if removed:
            parts += _removed(beir, add, index, folder, tell)
        return set_report(beir.name, beir.digest, folder, parts)


def _ranked(beir: BeirSet, name: str, index: Index, tell: Progress) -> Part:
    """Articles in the order of their best passage, for the queries of one file."""
    rows: dict[str, Row] = {}
    times = []
    queries = beir.queries[name]
    index.retrieve("warm up 热身")
    for id_, text in queries.items():
        ranked, seconds = timed(ranked_articles, index, text)
        rows[id_] = dict(rank_scores(ranked, beir.relevant[id_]))
        times.append(seconds)
        tell(len(rows), len(queries), f"{beir.name}: {name}")
    notes: Row = {**latency("retrieve", times), "missing articles": beir.missing}
    return Part(name, means(rows), rows, notes)


def ranked_articles(index: Index, query: str, language: str | None = None) -> list[str]:
    """The articles by their best passage; a query is cut where no question may be longer."""
    hits = index.retrieve(query[: config.MAX_QUESTION_CHARS], DEPTH, language=language)
    return list(dict.fromkeys(hit.article.id for hit in hits))


def _gaps(parts: Sequence[Part]) -> Iterator[Part]:
    """nDCG of the English queries less that of the Chinese ones, on the ids that both have."""
    rows_of = {part.name.rpartition(".")[2]: part.rows for part in parts}
    english, chinese = rows_of.get("en", {}), rows_of.get("zh", {})
    name = f"ndcg@{CUT}"
    rows = {
        id_: {name: float(english[id_][name]) - float(chinese[id_][name])}
        for id_ in english
        if id_ in chinese
    }
    if rows:
        yield Part("en - zh", means(rows), rows)


def _mixed(beir: BeirSet, part: Part, index: Index, tell: Progress) -> Iterator[Part]:
    """Recall among all passages beside recall among those in the relevant articles' language."""
    rows: dict[str, Row] = {}
    for done, (id_, row) in enumerate(part.rows.items(), 1):
        relevant = beir.relevant[id_]
        languages = set(_languages(index, relevant))
        if len(languages) == 1:
            ranked = ranked_articles(index, beir.queries[part.name][id_], languages.pop())
            rows[id_] = mixed_row(row, rank_scores(ranked, relevant))
        tell(done, len(part.rows), f"{beir.name}: {part.name}, one language")
    if rows:
        yield mixed_part(f"{part.name}, mixed", rows)


def _languages(index: Index, relevant: Mapping[str, int]) -> Iterator[str]:
    for id_, gain in relevant.items():
        try:
            if gain > 0:
                yield index.article(id_).language
        except KeyError:
            continue  # judged, but not in the corpus


def _removed(
    beir: BeirSet, add: Sequence[str | Path], index: Index, folder: Path, tell: Progress
) -> Iterator[Part]:
    """The confidence with the relevant articles in the corpus, and without them."""
    full: dict[tuple[str, str], Answer] = {}
    lacking: dict[tuple[str, str], Answer] = {}
    times: dict[str, list[float]] = {name: [] for name in beir.queries}
    asked = [(name, id_) for name, queries in beir.queries.items() for id_ in queries]
    for key in asked:
        full[key], seconds = timed(_ask, beir, index, key)
        times[key[0]].append(seconds)
        tell(len(full), len(asked), f"{beir.name}: asked with the articles")
    folds = _folds(beir.relevant)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        place = Path(temporary) / "index"
        shutil.copytree(folder, place)  # so that no passage is encoded again
        for fold in range(FOLDS):
            keys = [key for key in asked if folds[key[1]] == fold]
            if not keys:
                continue
            gone = {id_ for _, query in keys for id_ in beir.relevant[query]}
            kept = [_without(file, gone, Path(temporary)) for file in beir.corpus]
            build_index([*kept, *add], place, model=index.info().model)
            smaller = open_index(place)
            for key in keys:
                lacking[key] = _ask(beir, smaller, key)
                tell(len(lacking), len(asked), f"{beir.name}: asked without them")
    for name, queries in beir.queries.items():
        pairs = [(full[name, id_], lacking[name, id_]) for id_ in queries]
        yield _removed_part(name, dict(zip(queries, pairs, strict=True)), times[name])


def _removed_part(
    name: str, pairs: Mapping[str, tuple[Answer, Answer]], times: list[float]
) -> Part:
    confidences = [(with_.confidence, without.confidence) for with_, without in pairs.values()]
    rows: dict[str, Row] = {
        id_: {
            "confidence": with_.confidence,
            "confidence without": without.confidence,
            "refused": float(with_.abstained),
            "refused without": float(without.abstained),
        }
        for id_, (with_, without) in pairs.items()
    }
    figures = {
        "auroc": estimate(auroc_of(confidences), len(rows)),
        "calibration error": estimate(calibration_error_of(confidences), len(rows)),
        **means(rows),
    }
    notes = latency("ask", times)
    return Part(f"{name}, removed", figures, rows, notes, reliability(confidences))


def _ask(beir: BeirSet, index: Index, key: tuple[str, str]) -> Answer:
    name, id_ = key
    return index.ask(beir.queries[name][id_][: config.MAX_QUESTION_CHARS], k=CUT)


def _folds(relevant: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    """Query → fold. Relevant articles are dealt out at random; a query goes with its first one."""
    first = {query: min(judged) for query, judged in relevant.items()}
    articles = sorted(set(first.values()))
    order = np.random.default_rng(SEED).permutation(len(articles)).tolist()
    dealt = {article: place % FOLDS for article, place in zip(articles, order, strict=True)}
    return {query: dealt[article] for query, article in first.items()}


def _without(file: Path, gone: set[str], folder: Path) -> Path:
    """A copy of a corpus file without some articles."""
    kept = folder / file.name
    lines = (json.dumps(row) for _, row in read_rows(file) if row["_id"] not in gone)
    kept.write_text("\n".join(lines), encoding="utf-8")
    return kept
