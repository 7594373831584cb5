"""Retrieval quality on folders in BEIR layout, through the whole pipeline, beside BM25 alone.

    python benchmarks/quality.py FOLDER [FOLDER ...]

A folder holds `corpus*.jsonl` ({"_id", "title", "text"}), `queries*.jsonl` ({"_id", "text"}) and
`qrels.tsv`. Each query file gives one row of the table: nDCG@10 as in trec_eval, Recall@1 and @5,
and the median milliseconds a question takes. With jieba installed, BM25 over its words is the peer.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import rag

DEPTH = 100  # passages asked for, so that ten different articles are among them


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Query id → article id → relevance."""
    relevant: dict[str, dict[str, int]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in list(csv.reader(file, delimiter="\t"))[1:]:
            relevant.setdefault(row[0], {})[row[1]] = int(row[2])
    return relevant


def ndcg(ranked: list[str], relevant: dict[str, int], depth: int = 10) -> float:
    """nDCG at `depth` (Järvelin and Kekäläinen 2002; trec_eval's `ndcg_cut`)."""
    gained = sum(relevant.get(id_, 0) / math.log2(i + 2) for i, id_ in enumerate(ranked[:depth]))
    ideal = sorted(relevant.values(), reverse=True)[:depth]
    return gained / sum(gain / math.log2(i + 2) for i, gain in enumerate(ideal))


def rows(
    name: str, runs: Iterator[tuple[str, list[str], float]], relevant: dict[str, dict[str, int]]
) -> str:
    """One line of the table."""
    ndcgs, first, fifth, times = [], [], [], []
    for query, ranked, seconds in runs:
        wanted = relevant[query]
        ndcgs.append(ndcg(ranked, wanted))
        first.append(bool(wanted.keys() & set(ranked[:1])))
        fifth.append(bool(wanted.keys() & set(ranked[:5])))
        times.append(1000 * seconds)
    mean = statistics.fmean
    return (
        f"{name:40s} {len(ndcgs):6d} {mean(ndcgs):8.3f} {mean(first):8.3f} {mean(fifth):8.3f} "
        f"{statistics.median(times):8.1f}"
    )


def wenbao(
    index: rag.Index, queries: list[dict[str, Any]]
) -> Iterator[tuple[str, list[str], float]]:
    """Articles in the order of their best passage."""
    for query in queries:
        began = time.perf_counter()
        hits = index.retrieve(query["text"], k=DEPTH)
        seconds = time.perf_counter() - began
        yield query["_id"], list(dict.fromkeys(hit.article.id for hit in hits)), seconds


def jieba_bm25(
    corpus: list[dict[str, Any]], queries: list[dict[str, Any]]
) -> Iterator[tuple[str, list[str], float]]:
    """BM25 (k1 1.2, b 0.75) over jieba's words, the usual choice for Chinese."""
    import jieba

    jieba.setLogLevel(60)

    def words(text: str) -> list[str]:
        return [word for word in jieba.lcut(text.lower()) if word.strip()]

    documents = [words(f"{row.get('title', '')} {row['text']}") for row in corpus]
    average = statistics.fmean(map(len, documents))
    postings: dict[str, dict[int, int]] = {}
    for number, document in enumerate(documents):
        for word in document:
            counts = postings.setdefault(word, {})
            counts[number] = counts.get(number, 0) + 1
    for query in queries:
        began = time.perf_counter()
        scores: dict[int, float] = {}
        for word in words(query["text"]):
            found = postings.get(word, {})
            idf = math.log(1 + (len(documents) - len(found) + 0.5) / (len(found) + 0.5))
            for number, tf in found.items():
                norm = 1.2 * (0.25 + 0.75 * len(documents[number]) / average)
                scores[number] = scores.get(number, 0.0) + idf * tf * 2.2 / (tf + norm)
        ranked = sorted(scores, key=lambda n: -scores[n])[:DEPTH]
        yield query["_id"], [corpus[n]["_id"] for n in ranked], time.perf_counter() - began


def main() -> None:
    """Build an index over each folder's corpus and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--model", default="bilingual")
    args = parser.parse_args()
    print(f"{'':40s} {'n':>6s} {'nDCG@10':>8s} {'R@1':>8s} {'R@5':>8s} {'ms':>8s}")
    for folder in args.folders:
        (corpus_file,) = folder.glob("corpus*.jsonl")
        corpus, relevant = read_lines(corpus_file), read_qrels(folder / "qrels.tsv")
        with tempfile.TemporaryDirectory() as temporary:
            rag.build_index([corpus_file], temporary, model=args.model)
            index = rag.open_index(temporary)
            index.retrieve("warm up 热身")
            for query_file in sorted(folder.glob("queries*.jsonl")):
                queries = [q for q in read_lines(query_file) if q["_id"] in relevant]
                name = f"{folder.name}/{query_file.stem}"
                print(rows(name, wenbao(index, queries), relevant), flush=True)
                try:
                    print(rows("  BM25, jieba", jieba_bm25(corpus, queries), relevant), flush=True)
                except ImportError:
                    print("  BM25, jieba: not installed (pip install jieba)")


if __name__ == "__main__":
    main()
