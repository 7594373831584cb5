"""What every kind of set needs: a temporary index, timing, means, the mixed-corpus part."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import ParamSpec, TypeVar

import numpy as np

from rag import config
from rag.engine import Index, build_index, open_index
from rag.evaluate.report import Part, Rows, SetReport, Value
from rag.evaluate.statistics import Figure, estimate, mean_of
from rag.index.generation import read_manifest

Progress = Callable[[int, int, str], None]
Row = dict[str, Value]
MIXED = "recall@5"
POINT = 0.01
_T = TypeVar("_T")
_P = ParamSpec("_P")


@contextmanager
def index_over(
    paths: Sequence[str | Path], model: str | None, name: str, tell: Progress
) -> Iterator[tuple[Index, Path]]:
    """An index over some files, in a folder that lasts as long as the block."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        build_index(
            paths,
            temporary,
            model=model or config.DEFAULT_MODEL,
            progress=lambda done, total, stage: tell(done, total, f"{name}: {stage}"),
        )
        yield open_index(temporary), Path(temporary)


def set_report(name: str, digest: str, folder: Path, parts: Sequence[Part]) -> SetReport:
    """The report on a set that was asked of the index in a folder."""
    manifest = read_manifest(folder)
    return SetReport(
        name=name,
        digest=digest,
        model=manifest.model,
        revision=manifest.revision,
        table=manifest.table,
        articles=manifest.articles,
        passages=manifest.passages,
        parts=tuple(parts),
    )


def means(rows: Mapping[str, Mapping[str, Value]]) -> dict[str, Figure]:
    """The mean of each name over the rows that have it."""
    values: dict[str, list[float]] = defaultdict(list)
    for row in rows.values():
        for name, value in row.items():
            values[name].append(float(value))
    return {name: estimate(mean_of(column), len(column)) for name, column in values.items()}


def timed(work: Callable[_P, _T], *args: _P.args, **options: _P.kwargs) -> tuple[_T, float]:
    """What a call returns, and the seconds it took."""
    began = time.perf_counter()
    return work(*args, **options), time.perf_counter() - began


def latency(name: str, seconds: Sequence[float]) -> Row:
    """The median and the 95th percentile of some times, in milliseconds."""
    median, tail = np.percentile(seconds, [50, 95]).tolist()
    return {
        f"{name} ms, median": round(1000 * median, 2),
        f"{name} ms, 95 %": round(1000 * tail, 2),
    }


def joined(digest: str, added: str) -> str:
    """A digest of two; the first as it is where there is no second."""
    return sha256(f"{digest} {added}".encode()).hexdigest()[:16] if added else digest


def mixed_row(both: Mapping[str, Value], one: Mapping[str, Value]) -> Row:
    """Recall among all passages, among those in the language of the right ones, the difference."""
    all_, own = float(both[MIXED]), float(one[MIXED])
    return {MIXED: all_, f"{MIXED}, one language": own, "difference": all_ - own}


def mixed_part(name: str, rows: Rows) -> Part:
    """The part made of such rows, at least one, with whether the difference is within a point."""
    figures = means(rows)
    difference = figures["difference"].value or 0.0
    return Part(name, figures, rows, {"within a point": abs(difference) <= POINT + 1e-9})
