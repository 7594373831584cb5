"""The signals of a question over passages, and their fusion: pure functions over arrays.

All of them come from one matrix, the cosines of the question's tokens with the tokens that occur
in the passages: its large entries are translations (lexical), its row-wise best in a passage is
late interaction. Sequences of passages are laid end to end (`rag.index.streams.Ragged`); every
result is higher-is-better.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.question import Question
from rag.types import FloatMatrix, TokenTable

K1, B = 1.2, 0.75
TRANSLATIONS = 20
FLOOR = 0.25
SHARPNESS = 8.0
ACROSS = 0.95  # what a token's best translation counts, where the token itself counts 1
WINDOW = 32  # tokens that are read together to tell which of the best passages answers
NEAR = 3  # tokens apart, at most, that count as neighbours
LEAST_REACH = 0.5  # a token whose best translation is worse than this has no good one

Floats = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tokens:
    """Some of the table's rows: (m,) row numbers, (m, dim) unit vectors, (m,) whether Chinese."""

    rows: npt.NDArray[np.int32]
    unit: FloatMatrix
    chinese: npt.NDArray[np.bool_]


def look_up(rows: npt.NDArray[np.int32], table: TokenTable) -> Tokens:
    """The tokens with these row numbers."""
    vectors = table.rows(rows)
    lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    vectors /= np.maximum(lengths, 1e-6)[:, None]
    return Tokens(rows, vectors, table.are_chinese(rows))


def token_similarity(question: Question, tokens: Tokens) -> FloatMatrix:
    """(n_tokens, m) how like each question token is to each of m tokens, 0..1.

    The cosine; across languages, as a share of the best that any word of the other language
    reaches,
    so that a good translation counts nearly as much as the word itself. A token is wholly similar
    to
    itself, and a number to nothing else: 2023 is not nearly 2022.
    """
    cosines = question.unit @ tokens.unit.T
    gain = (ACROSS / np.maximum(question.reach, LEAST_REACH)).astype(np.float32)
    foreign = question.chinese[:, None] != tokens.chinese
    np.multiply(cosines, gain[:, None], out=cosines, where=foreign)
    np.clip(cosines, 0.0, 1.0, out=cosines)
    np.minimum(cosines, np.float32(ACROSS), out=cosines, where=foreign)
    cosines[question.numeric] = 0.0
    cosines[question.rows[:, None] == tokens.rows] = 1.0
    return cosines


def translations(cosines: FloatMatrix) -> FloatMatrix:
    """(n_tokens, n) weights that sum to one in each row: softmax over the nearest tokens.

    At most `TRANSLATIONS` tokens above cosine `FLOOR`; a row without any is zero.
    """
    count = min(TRANSLATIONS, cosines.shape[1])
    weights = np.zeros_like(cosines)
    nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
    best = np.take_along_axis(cosines, nearest, axis=1)
    shares = np.where(best > FLOOR, np.exp(SHARPNESS * best), 0.0)
    totals = shares.sum(axis=1, keepdims=True)
    np.put_along_axis(weights, nearest, shares / np.maximum(totals, 1e-9), axis=1)
    return weights


def expected_idf(weights: FloatMatrix, frequencies: npt.NDArray[np.int32], passages: int) -> Floats:
    """(n_tokens,) inverse document frequency at the expected frequency of each token's
    translations.

    ln(1 + (N - df + 1/2) / (df + 1/2)), df = Σ weight · df (Robertson and Zaragoza 2009; expected
    counts as in probabilistic structured queries, Darwish and Oard 2003). A token without
    translations has none and counts nought.
    """
    known = weights.sum(axis=1) > 0
    df = weights @ frequencies.astype(np.float32)
    idf = np.log1p((passages - df + 0.5) / (df + 0.5))
    return np.where(known, np.maximum(idf, 0.0), 0.0).astype(np.float32)


def expected_bm25(
    weights: FloatMatrix,
    idf: Floats,
    values: npt.NDArray[np.int32],
    starts: Numbers,
    lengths: Numbers,
    mean_length: float,
) -> Floats:
    """(n_passages,) BM25 over expected term frequencies, tf = Σ weight · tf of each translation."""
    frequency = np.add.reduceat(weights[:, values], starts, axis=1)
    saturation = K1 * (1 - B + B * lengths / mean_length)
    gains = frequency * (K1 + 1) / (frequency + saturation)
    return np.asarray(idf @ gains, dtype=np.float32)


def pair_bm25(
    asked: npt.NDArray[np.int32],
    vocabulary: npt.NDArray[np.int32],
    frequencies: npt.NDArray[np.int32],
    passages: int,
    values: npt.NDArray[np.int32],
    starts: Numbers,
    lengths: Numbers,
    mean_length: float,
) -> Floats:
    """(n_passages,) in 0..1: plain BM25 over terms, as a share of the most there could be.

    `asked` are terms, `values` positions in `vocabulary` (its length where a passage is empty).
    """
    if not len(asked) or not len(vocabulary):
        return np.zeros(len(starts), dtype=np.float32)
    places = np.searchsorted(vocabulary, asked)
    known = places < len(vocabulary)
    known[known] = vocabulary[places[known]] == asked[known]
    df = np.where(known, frequencies[np.where(known, places, 0)], 0)
    idf = np.log1p((passages - df + 0.5) / (df + 0.5))
    column = np.full(len(vocabulary) + 1, -1)
    column[places[known]] = np.flatnonzero(known)
    found = column[values]
    hit = np.flatnonzero(found >= 0)
    owner = np.searchsorted(starts, hit, side="right") - 1
    frequency = np.zeros((len(asked), len(starts)), dtype=np.float32)
    np.add.at(frequency, (found[hit], owner), 1.0)
    saturation = K1 * (1 - B + B * lengths / mean_length)
    gains = frequency * (K1 + 1) / (frequency + saturation)
    return np.asarray(idf @ gains / (idf.sum() * (K1 + 1)), dtype=np.float32)


def estimate(
    gains: Floats,
    positions: Numbers,
    passages_of: Callable[[int], npt.NDArray[np.int32]],
    out: Floats,
) -> None:
    """Add to `out` (n_passages,) what one question token gains: the most that a token in it gives.

    `gains` are those of the tokens at `positions`; `passages_of` gives the passages of one. Written
    from the least to the most, so that the best stays.
    """
    best = np.zeros_like(out)
    for at in np.argsort(gains):
        best[passages_of(int(positions[at]))] = gains[at]
    out += best


def best_matches(
    cosines: FloatMatrix, values: npt.NDArray[np.int32], starts: Numbers
) -> FloatMatrix:
    """(n_tokens, n_passages) the best cosine of each question token in each passage, at least 0."""
    best = np.maximum.reduceat(cosines[:, values], starts, axis=1)
    return np.maximum(best, 0.0, out=best)


def late_interaction(best: FloatMatrix, weights: Floats) -> Floats:
    """(n_passages,) in 0..1: the weighted mean of the squared best matches (MaxSim)."""
    total = max(float(weights.sum()), 1e-9)
    return np.asarray(weights @ np.square(best) / total, dtype=np.float32)


def focus(
    cosines: FloatMatrix,
    values: npt.NDArray[np.int32],
    starts: Numbers,
    lengths: Numbers,
    weights: Floats,
) -> Floats:
    """(n_passages,) in 0..1: how well the best few lines of each passage match, compared with all.

    Late interaction over windows of `WINDOW` tokens, half overlapping, where each question token
    counts by how rarely these windows match it: ln(1 + (N - df + 1/2) / (df + 1/2)) with df the sum
    of squared matches. What all of the best passages say does not tell which one answers.
    """
    step = WINDOW // 2
    counts = np.maximum(1, -(-(lengths - step) // step))  # the last window ends with the passage
    owners = np.repeat(np.arange(len(starts)), counts)
    within = np.arange(len(owners)) - np.repeat(np.cumsum(counts) - counts, counts)
    begins = starts[owners] + step * within
    ends = np.minimum(begins + WINDOW, starts[owners] + np.maximum(lengths[owners], 1))
    matched = np.pad(np.square(np.maximum(cosines[:, values], 0.0)), ((0, 0), (0, 1)))
    best = np.maximum.reduceat(matched, np.stack([begins, ends], axis=1).ravel(), axis=1)[:, ::2]
    df = best.sum(axis=1)
    telling = weights * np.log1p((len(owners) - df + 0.5) / (df + 0.5))
    scores = telling @ best / max(float(telling.sum()), 1e-9)
    result = np.zeros(len(starts), dtype=np.float32)
    np.maximum.at(result, owners, scores.astype(np.float32))
    return result


def neighbours(
    cosines: FloatMatrix, values: npt.NDArray[np.int32], starts: Numbers, weights: Floats
) -> Floats:
    """(n_passages,) in 0..1: how well words that stand together in the question do so in a passage.

    For each two question tokens that follow each other, the best product of their cosines with two
    tokens of the passage at most `NEAR` apart, in either order, as languages order words
    differently; the mean, weighted by the geometric mean of the two weights.
    """
    shares = np.sqrt(weights[:-1] * weights[1:])
    if not shares.any():
        return np.zeros(len(starts), dtype=np.float32)
    matched = np.maximum(cosines[:, values], 0.0)
    owners = np.searchsorted(starts, np.arange(len(values)), side="right")
    beside = np.zeros_like(matched)  # the best match near each token
    for apart in range(1, NEAR + 1):
        together = owners[apart:] == owners[:-apart]
        left, right = matched[:, :-apart] * together, matched[:, apart:] * together
        np.maximum(beside[:, :-apart], right, out=beside[:, :-apart])
        np.maximum(beside[:, apart:], left, out=beside[:, apart:])
    pairs = np.maximum.reduceat(matched[:-1] * beside[1:], starts, axis=1)
    return np.asarray(shares @ pairs / shares.sum(), dtype=np.float32)


def above(cosines: Floats, background: float) -> Floats:
    """Cosines as a share of what lies above the background, (c - b) / (1 - b), at least 0."""
    return np.asarray(np.maximum((cosines - background) / (1 - background), 0.0), dtype=np.float32)


def fuse(signals: dict[str, Floats], shares: dict[str, float]) -> Floats:
    """(n,) in 0..1: the weighted mean of signals that are in 0..1."""
    total = sum(shares.values())
    fused = sum(shares[name] * signals[name] for name in shares)
    clipped = np.clip(np.asarray(fused, dtype=np.float32) / total, 0.0, 1.0)
    return np.asarray(clipped, dtype=np.float32)
