"""What one question scores: how its hits are ranked, and whether a text holds its evidence.

Pure functions of one question. The rank measures are trec_eval's, so that figures can be held
beside published ones. What many questions score together is in `statistics.py`.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

CUT = 10  # the depth of nDCG and MRR
DEPTHS = (1, 5, 10)  # of recall
MIN_QUOTE = 8  # a shorter quote that lies in the evidence shows nothing


def ndcg(ranked: Sequence[str], relevant: Mapping[str, int], k: int = CUT) -> float:
    """nDCG at `k` (Järvelin and Kekäläinen 2002) with linear gain, as trec_eval's `ndcg_cut_k`.

    DCG is the sum of relevance / log2(rank + 1); the ideal ranks all that is relevant by relevance.
    """
    gains = (max(relevant.get(id_, 0), 0) for id_ in ranked[:k])
    ideal = _dcg(sorted((max(gain, 0) for gain in relevant.values()), reverse=True)[:k])
    return _dcg(gains) / ideal if ideal else 0.0


def recall(ranked: Sequence[str], relevant: Mapping[str, int], k: int) -> float:
    """The share of all relevant articles that is among the first `k`: trec_eval's `recall_k`."""
    wanted = {id_ for id_, gain in relevant.items() if gain > 0}
    return len(wanted & set(ranked[:k])) / len(wanted) if wanted else 0.0


def reciprocal_rank(ranked: Sequence[str], relevant: Mapping[str, int], k: int = CUT) -> float:
    """1 / rank of the first relevant article: trec_eval's `recip_rank`, 0 below rank `k`."""
    ranks = (rank for rank, id_ in enumerate(ranked[:k], 1) if relevant.get(id_, 0) > 0)
    return 1 / next(ranks, math.inf)


def rank_scores(ranked: Sequence[str], relevant: Mapping[str, int]) -> dict[str, float]:
    """The rank measures of one query by their names."""
    return {
        f"ndcg@{CUT}": ndcg(ranked, relevant),
        **{f"recall@{k}": recall(ranked, relevant, k) for k in DEPTHS},
        f"mrr@{CUT}": reciprocal_rank(ranked, relevant),
    }


def first_right_scores(right: Sequence[bool]) -> dict[str, float]:
    """The same measures where one right hit is all that a question needs.

    Only the first right hit counts: nDCG is 1 / log2(rank + 1), recall at k whether it is among
    the first k, MRR 1 / rank.
    """
    rank = list(right).index(True) if any(right) else len(right)
    return rank_scores([str(place) for place in range(len(right))], {str(rank): 1})


def squeeze(text: str) -> str:
    """A text without white space and differences of width (NFKC)."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def holds_evidence(passage: str, evidence: Iterable[str]) -> bool:
    """Whether a passage holds one of the evidence strings, white space and width ignored.

    Of evidence that is longer than the passage, it is enough that the passage lies in it or holds
    at least half of it in one run.
    """
    text = squeeze(passage)
    return bool(text) and any(_holds(text, string) for string in map(squeeze, evidence) if string)


def cites_evidence(quote: str, evidence: Iterable[str]) -> bool:
    """Whether a quote holds an evidence string, or lies in one with `MIN_QUOTE` characters."""
    text = squeeze(quote)
    return any(
        string in text or (len(text) >= MIN_QUOTE and text in string)
        for string in map(squeeze, evidence)
        if string
    )


def _dcg(gains: Iterable[int]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))


def _holds(text: str, string: str) -> bool:
    if len(string) <= len(text):
        return string in text
    run = SequenceMatcher(None, string, text, autojunk=False).find_longest_match()
    return run.size == len(text) or 2 * run.size >= len(string)
