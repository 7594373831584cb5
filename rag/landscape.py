"""All articles as a picture: near in meaning is near in place, and how many there are of each time.

A few hundred articles are laid out so that neighbours stay neighbours (t-SNE: van der Maaten and
Hinton 2008); the others go where those nearest to them are. Pure maths over arrays and dates;
nothing is read, and nothing is drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from rag.types import Bar, FloatMatrix, Landscape, Point

MOST_PLACED = 3_000  # articles; of more, every so many-th
LANDMARKS = 400  # laid out by their neighbours
NEIGHBOURS = 12  # that each article should lie beside (the perplexity)
STEPS = 250
NEAREST = 3  # landmarks that place each other article
MOST_BARS = 60
END_OF_TIME = "9990"  # a later date is no date

Floats = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]


def landscape(
    heads: Sequence[tuple[str, str, str | None]],
    owners: npt.NDArray[np.integer],
    vectors: Callable[[Numbers], FloatMatrix],
) -> Landscape:
    """The picture of all articles; of more than `MOST_PLACED` only a sample is placed.

    Args:
        heads: (id, title, ISO date) of each article.
        owners: (n_passages,) the number of each passage's article.
        vectors: gives the vectors (n, dim) of passages by their numbers.
    """
    chosen = spread(len(heads), MOST_PLACED)
    passages = np.flatnonzero(np.isin(owners, chosen))
    means = article_means(vectors(passages), np.searchsorted(chosen, owners[passages]), len(chosen))
    points = tuple(
        Point(id_, title, day, round(float(x), 4), round(float(y), 4))
        for (id_, title, day), (x, y) in zip(
            (heads[number] for number in chosen), places(means), strict=True
        )
    )
    bars, unit = timeline([day for _, _, day in heads])
    undated = len(heads) - sum(bar.count for bar in bars)
    return Landscape(points, bars, unit, len(heads), undated)


def article_means(vectors: FloatMatrix, owners: Numbers, count: int) -> FloatMatrix:
    """(count, dim) the sum, and so the direction of the mean, of the vectors (n, dim) of each of
    `count` articles; `owners` (n,) says whose each is.
    """
    sums = np.zeros((count, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, owners, vectors)
    return sums


def spread(count: int, most: int) -> Numbers:
    """At most `most` of the numbers below `count`, ascending, evenly apart."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).astype(np.int64))


def places(vectors: FloatMatrix) -> Floats:
    """(n, 2) in 0..1: a place for each of n vectors (n, dim), those of like direction together.

    The same vectors always give the same places. With fewer than three there is nothing to compare:
    they stand in the middle, side by side.
    """
    unit = _unit(vectors.astype(np.float32))
    if len(unit) < 3:
        return np.array([[(i + 1) / (len(unit) + 1), 0.5] for i in range(len(unit))]).reshape(-1, 2)
    chosen = spread(len(unit), LANDMARKS)
    marks = unit[chosen]
    laid = _neighbourly(marks)
    placed = np.empty((len(unit), 2))
    for start in range(0, len(unit), 4096):
        cosines = unit[start : start + 4096] @ marks.T
        near = np.argpartition(-cosines, NEAREST - 1, axis=1)[:, :NEAREST]
        weights = np.exp(12.0 * np.take_along_axis(cosines, near, axis=1))
        weights /= weights.sum(axis=1, keepdims=True)
        placed[start : start + 4096] = np.einsum("ij,ijk->ik", weights, laid[near])
    placed[chosen] = laid
    return _scaled(placed)


def principal(unit: Floats) -> Floats:
    """(n, 2): the coordinates along the two directions in which n vectors differ most.

    Signs are fixed: the largest entry of each direction is positive.
    """
    centred = unit - unit.mean(axis=0)
    _, _, directions = np.linalg.svd(centred, full_matrices=False)
    top = directions[:2]
    signs = np.sign(top[np.arange(len(top)), np.abs(top).argmax(axis=1)])
    return np.asarray(centred @ (top * signs[:, None]).T)


def _neighbourly(unit: FloatMatrix) -> Floats:
    """(n, 2): t-SNE of n unit vectors over their cosine distances, begun from `principal`."""
    count = len(unit)
    distances = np.maximum(2.0 - 2.0 * (unit @ unit.T).astype(np.float64), 0.0)
    near = _affinities(distances, min(NEIGHBOURS, (count - 1) / 3))
    near = np.maximum((near + near.T) / (2 * count), 1e-12)
    found = principal(unit.astype(np.float64))
    found *= 1e-2 / max(float(found.std()), 1e-9)
    moved = np.zeros_like(found)
    gains = np.ones_like(found)
    rate = max(count / 12.0, 20.0)
    for step in range(STEPS):
        squares = np.einsum("ij,ij->i", found, found)
        inverse = 1.0 / (1.0 + squares[:, None] + squares[None, :] - 2.0 * found @ found.T)
        np.fill_diagonal(inverse, 0.0)
        push = inverse / inverse.sum()
        pull = near * (12.0 if step < STEPS // 3 else 1.0)  # at first, groups gather
        force = (pull - push) * inverse
        gradient = 4.0 * (force.sum(axis=1)[:, None] * found - force @ found)
        gains = np.where(np.sign(gradient) != np.sign(moved), gains + 0.2, gains * 0.8)
        gains = np.maximum(gains, 0.01)
        moved = (0.5 if step < STEPS // 3 else 0.8) * moved - rate * gains * gradient
        found += moved
        found -= found.mean(axis=0)
    return found


def _affinities(distances: Floats, perplexity: float) -> Floats:
    """(n, n) how near each is to each other, rows sum to one: a normal curve about every point, as
    wide as holds `perplexity` neighbours.
    """
    low, high = np.zeros(len(distances)), np.full(len(distances), np.inf)
    sharpness = np.full(len(distances), 10.0)
    target = np.log(max(perplexity, 1.0))
    shares = np.zeros_like(distances)
    for _ in range(40):
        shares = np.exp(-sharpness[:, None] * distances)
        np.fill_diagonal(shares, 0.0)
        shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
        entropy = -(shares * np.log(np.maximum(shares, 1e-12))).sum(axis=1)
        wide = entropy > target
        low = np.where(wide, sharpness, low)
        high = np.where(wide, high, sharpness)
        sharpness = np.where(np.isinf(high), sharpness * 2, (low + np.minimum(high, 1e12)) / 2)
    return shares


def _unit(vectors: FloatMatrix) -> FloatMatrix:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), dtype=np.float32)


def _scaled(placed: Floats) -> Floats:
    """The picture in 0..1, both ways alike, in the middle."""
    low, high = placed.min(axis=0), placed.max(axis=0)
    span = max(float((high - low).max()), 1e-9)
    return np.asarray(np.clip((placed - (low + high) / 2) / span + 0.5, 0.0, 1.0))


# Each unit of time: the first day of the one that holds a day, and of the next one.
_UNITS: dict[str, tuple[Callable[[date], date], Callable[[date], date]]] = {
    "day": (lambda day: day, lambda day: day + timedelta(1)),
    "week": (lambda day: day - timedelta(day.weekday()), lambda day: day + timedelta(7)),
    "month": (lambda day: day.replace(day=1), lambda day: _months_on(day, 1)),
    "quarter": (
        lambda day: day.replace(month=day.month - (day.month - 1) % 3, day=1),
        lambda day: _months_on(day, 3),
    ),
    "year": (lambda day: date(day.year, 1, 1), lambda day: _months_on(day, 12)),
    "decade": (
        lambda day: date(max(day.year // 10 * 10, 1), 1, 1),
        lambda day: date(day.year // 10 * 10 + 10, 1, 1),
    ),
}


def timeline(dates: Sequence[str | None]) -> tuple[tuple[Bar, ...], str]:
    """How many of the ISO dates are in each day, week, month, quarter, year or decade, and which.

    The shortest unit that needs at most `MOST_BARS`; the bars run from the first date to the last
    without a gap. No dates give no bars, of days.
    """
    days = Counter(date.fromisoformat(day) for day in dates if day and day < END_OF_TIME)
    bars: tuple[Bar, ...] = ()
    unit = "day"
    for unit in _UNITS if days else ():
        bars = _bars(days, unit)
        if len(bars) <= MOST_BARS:
            break
    return bars, unit


def _bars(days: Counter[date], unit: str) -> tuple[Bar, ...]:
    """The bars of one unit, at most one more than `MOST_BARS` where there would be more."""
    begin, following = _UNITS[unit]
    counts: Counter[date] = Counter()
    for day, count in days.items():
        counts[begin(day)] += count
    start, last = min(counts), max(counts)
    bars: list[Bar] = []
    while start <= last and len(bars) <= MOST_BARS:
        after = following(start)
        bars.append(Bar(start.isoformat(), (after - timedelta(1)).isoformat(), counts[start]))
        start = after
    return tuple(bars)


def _months_on(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)
