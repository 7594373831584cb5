"""What many questions score together: means, AUROC, calibration, intervals, the paired test.

A statistic is a function of weights, (r, n) → (r,): how often each of n questions counts in each
of r samples. All ones give the figure itself, draws with replacement its bootstrap interval, so
every figure has both from one formula. Everything is vectorised and seeded: the same values give
the same interval.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
Statistic = Callable[[FloatArray], FloatArray]
RESAMPLES = 1000
FLIPS = 10_000
SEED = 20240229
BINS = 10
_BLOCK = 2_000_000  # numbers drawn at a time


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure over `n` questions with its 95 % interval; None where it is not defined."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def to_dict(self) -> dict[str, float | int | None]:
        """The figure as JSON-ready values."""
        return {"value": self.value, "low": self.low, "high": self.high, "n": self.n}


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers with a confidence in (low, high]: how many, how sure, how often rightly so."""

    low: float
    high: float
    n: int
    confidence: float | None
    share: float | None

    def to_dict(self) -> dict[str, float | int | None]:
        """The bin as JSON-ready values."""
        return {
            "low": self.low,
            "high": self.high,
            "n": self.n,
            "confidence": self.confidence,
            "share": self.share,
        }


def estimate(statistic: Statistic, n: int) -> Figure:
    """A statistic of `n` questions with the percentile interval of the bootstrap (Efron 1979)."""
    if n == 0:
        return Figure(None, None, None, 0)
    value = float(statistic(np.ones((1, n)))[0])
    if math.isnan(value):
        return Figure(None, None, None, n)
    samples = np.concatenate([statistic(weights) for weights in _resamples(n)])
    low, high = np.nanpercentile(samples, [2.5, 97.5])
    return Figure(value, float(low), float(high), n)


def mean_of(values: Sequence[float]) -> Statistic:
    """The mean."""
    return ratio_of(values, np.ones(len(values)))


def ratio_of(
    parts: Sequence[float] | FloatArray, wholes: Sequence[float] | FloatArray
) -> Statistic:
    """The sum of `parts` over the sum of `wholes`."""
    above, below = np.asarray(parts, dtype=float), np.asarray(wholes, dtype=float)
    return lambda weights: _divide(weights @ above, weights @ below)


def auroc_of(pairs: Sequence[tuple[float, float]]) -> Statistic:
    """AUROC of questions that each have two confidences, (where it can be answered, where not)."""
    with_, without = np.asarray(pairs, dtype=float).reshape(-1, 2).T
    scores = np.concatenate([with_, without])
    positive = np.repeat([True, False], len(pairs))
    both = auroc(scores, positive)
    return lambda weights: both(np.concatenate([weights, weights], axis=1))


def auroc(scores: Sequence[float] | FloatArray, positive: Sequence[bool] | object) -> Statistic:
    """The chance that a positive scores above a negative; a tie is half (Hanley, McNeil 1982)."""
    values = np.asarray(scores, dtype=float)
    is_positive = np.asarray(positive, dtype=bool)
    order = np.argsort(values, kind="stable")
    starts = np.flatnonzero(np.diff(values[order], prepend=-np.inf))

    def statistic(weights: FloatArray) -> FloatArray:
        ordered = weights[:, order]
        above = np.add.reduceat(ordered * is_positive[order], starts, axis=1)
        below = np.add.reduceat(ordered * ~is_positive[order], starts, axis=1)
        wins = above * (np.cumsum(below, axis=1) - below / 2)
        return _divide(wins.sum(axis=1), above.sum(axis=1) * below.sum(axis=1))

    return statistic


def calibration_error_of(pairs: Sequence[tuple[float, float]]) -> Statistic:
    """Calibration error of questions with two confidences, (rightly sure, wrongly sure)."""
    both = calibration_error(*_two_sided(pairs))
    return lambda weights: both(np.concatenate([weights, weights], axis=1))


def calibration_error(
    confidences: Sequence[float] | FloatArray, targets: Sequence[bool] | object
) -> Statistic:
    """Expected calibration error over ten equal bins (Naeini et al. 2015; Guo et al. 2017).

    The mean, over all answers, of |mean confidence - share of targets| of the answer's bin.
    """
    values, hits = np.asarray(confidences, dtype=float), np.asarray(targets, dtype=float)
    member = (_bin_of(values)[:, None] == np.arange(BINS)).astype(float)  # (n, bins)

    def statistic(weights: FloatArray) -> FloatArray:
        gaps = np.abs((weights * (values - hits)) @ member).sum(axis=1)
        return _divide(gaps, weights.sum(axis=1))

    return statistic


def reliability(pairs: Sequence[tuple[float, float]]) -> tuple[Bin, ...]:
    """The reliability table of questions with two confidences, a row a bin."""
    values, hits = _two_sided(pairs)
    bins = _bin_of(values)
    edges = [round(edge, 10) for edge in np.linspace(0, 1, BINS + 1).tolist()]
    rows = []
    for number in range(BINS):
        inside = bins == number
        n = int(inside.sum())
        mean = float(values[inside].mean()) if n else None
        share = float(hits[inside].mean()) if n else None
        rows.append(Bin(edges[number], edges[number + 1], n, mean, share))
    return tuple(rows)


def sign_flip(differences: Sequence[float], flips: int = FLIPS) -> float:
    """The two-sided p of paired differences (Fisher's randomisation test; Smucker et al. 2007).

    The share of random choices of signs, the one observed included, whose mean is as far from 0.
    """
    values = np.asarray(differences, dtype=float)
    if not values.any():
        return 1.0
    observed = abs(values.sum()) * (1 - 1e-12)
    random = np.random.default_rng(SEED)
    extreme = 0
    for rows in _blocks(flips, len(values)):
        signs = 2.0 * random.integers(0, 2, size=(rows, len(values))) - 1
        extreme += int((np.abs(signs @ values) >= observed).sum())
    return (extreme + 1) / (flips + 1)


def _resamples(n: int) -> Iterator[FloatArray]:
    """Draws of `n` questions with replacement, as how often each was drawn: (r, n) a block."""
    random = np.random.default_rng(SEED)
    for rows in _blocks(RESAMPLES, n):
        drawn = random.integers(0, n, size=(rows, n)) + n * np.arange(rows)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=rows * n)
        yield counts.reshape(rows, n).astype(float)


def _blocks(rows: int, n: int) -> Iterator[int]:
    """Numbers of rows that add up to `rows` and are not too much at a time."""
    step = max(1, _BLOCK // max(n, 1))
    for start in range(0, rows, step):
        yield min(step, rows - start)


def _two_sided(pairs: Sequence[tuple[float, float]]) -> tuple[FloatArray, FloatArray]:
    """Confidences and targets of both sides, the answerable first."""
    values = np.asarray(pairs, dtype=float).reshape(-1, 2).T.ravel()
    return values, np.repeat([1.0, 0.0], len(pairs))


def _bin_of(confidences: FloatArray) -> npt.NDArray[np.intp]:
    """The bin of each confidence: (0, 0.1] is bin 0, which takes 0 too."""
    return np.digitize(confidences, np.linspace(0, 1, BINS + 1)[1:-1], right=True)


def _divide(above: FloatArray, below: FloatArray) -> FloatArray:
    """Their ratio; not a number where `below` is 0."""
    return np.divide(above, below, out=np.full_like(above, np.nan), where=below != 0)
