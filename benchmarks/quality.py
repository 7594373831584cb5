"""Retrieval quality on folders in BEIR layout, through the whole pipeline, beside BM25 alone.

    python benchmarks/quality.py FOLDER [FOLDER ...]

The sets are read and the measures taken by `rag.evaluate`, as in `wenbao eval FOLDER`; here they
get a peer, BM25 over jieba's words, the usual choice for Chinese (`pip install jieba`). Each query
file gives a row for either: nDCG@10 as in trec_eval, Recall@1 and @5, and the median milliseconds a
question takes.
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import rag
from rag.evaluate import BeirSet, rank_scores, ranked_articles, read_beir, read_rows
from rag.evaluate.beir import DEPTH

FIGURES = ("ndcg@10", "recall@1", "recall@5")


def row(name: str, beir: BeirSet, file: str, ask: Callable[[str], list[str]]) -> str:
    """One line of the table: what a way to rank articles scores on a file of queries."""
    scores, times = [], []
    for query, text in beir.queries[file].items():
        began = time.perf_counter()
        ranked = ask(text)
        times.append(1000 * (time.perf_counter() - began))
        scores.append(rank_scores(ranked, beir.relevant[query]))
    means = "".join(f" {statistics.fmean(s[figure] for s in scores):8.3f}" for figure in FIGURES)
    return f"{name:40s} {len(scores):6d}{means} {statistics.median(times):8.1f}"


def jieba_bm25(beir: BeirSet) -> Callable[[str], list[str]]:
    """BM25 (k1 1.2, b 0.75) over jieba's words."""
    import jieba

    jieba.setLogLevel(60)

    def words(text: str) -> list[str]:
        return [word for word in jieba.lcut(text.lower()) if word.strip()]

    corpus = [article for file in beir.corpus for _, article in read_rows(file)]
    documents = [words(f"{article.get('title', '')} {article['text']}") for article in corpus]
    average = statistics.fmean(map(len, documents))
    postings: dict[str, dict[int, int]] = {}
    for number, document in enumerate(documents):
        for word in document:
            counts = postings.setdefault(word, {})
            counts[number] = counts.get(number, 0) + 1

    def weight(found: Mapping[int, int], number: int) -> float:
        idf = math.log(1 + (len(documents) - len(found) + 0.5) / (len(found) + 0.5))
        norm = 1.2 * (0.25 + 0.75 * len(documents[number]) / average)
        return idf * found[number] * 2.2 / (found[number] + norm)

    def ask(text: str) -> list[str]:
        scores: dict[int, float] = {}
        for found in (postings.get(word, {}) for word in words(text)):
            for number in found:
                scores[number] = scores.get(number, 0.0) + weight(found, number)
        ranked = sorted(scores, key=lambda number: -scores[number])[:DEPTH]
        return [corpus[number]["_id"] for number in ranked]

    return ask


def main() -> None:
    """Build an index over each folder's corpus and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", default="bilingual")
    args = parser.parse_args()
    print(f"{'':40s} {'n':>6s} {'nDCG@10':>8s} {'R@1':>8s} {'R@5':>8s} {'ms':>8s}")
    for beir in map(read_beir, args.folders):
        with tempfile.TemporaryDirectory() as temporary:
            rag.build_index(beir.corpus, temporary, model=args.model)
            index = rag.open_index(temporary)
            index.retrieve("warm up 热身")
            try:
                peer = jieba_bm25(beir)
            except ImportError:
                peer = None
            for file in beir.queries:
                ours = row(f"{beir.name}/{file}", beir, file, partial(ranked_articles, index))
                print(ours, flush=True)
                if peer is None:
                    print("  BM25, jieba: not installed (pip install jieba)")
                else:
                    print(row("  BM25, jieba", beir, file, peer), flush=True)


if __name__ == "__main__":
    main()
