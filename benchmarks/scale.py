"""Many passages: how long a question takes, and what the candidates lose against scoring all.

    python -m benchmarks.scale --passages 1000 --bound-ms 10
    python -m benchmarks.scale --passages 100000 --questions 100 --exhaustive

The passages are the news written for training, whole, and mixtures of their sentences, one in ten
in English; the questions are those written for the whole ones, half in English. With
`--exhaustive` each question is scored over every passage as well, and recall@50 says how many of
the fifty best are among the fifty that retrieval gives. Exits 1 where a bound is missed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import rag
from rag import config
from rag.engine import Index
from rag.retrieve import Retriever

SYNTHETIC = Path(__file__).resolve().parent.parent / "embeddings" / "train" / "synthetic"
DEPTH = 50
LEAST_RECALL = 0.995
ENGLISH_SHARE = 0.1


class Exhaustive(Retriever):
    """Scores every passage."""

    def _candidates(self, *_: object, **__: object) -> npt.NDArray[np.int64]:
        return np.arange(len(self._generation.tokens), dtype=np.int64)


def main() -> None:
    """Build, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--passages", type=int, default=1000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--exhaustive", action="store_true", help="score every passage as well")
    parser.add_argument("--bound-ms", type=float, help="exit 1 above this median")
    args = parser.parse_args()
    rng = random.Random(7)
    rows = list(read("news"))
    rng.shuffle(rows)
    whole = min(len(rows), args.passages)
    questions = [row[("q_zh", "q_en")[i % 2]] for i, row in enumerate(rows[:whole])]
    questions = questions[: args.questions]
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus.jsonl"
        with corpus.open("w", encoding="utf-8") as out:
            for number, text in enumerate(passages(rows, args.passages, rng)):
                row = {"_id": str(number), "title": "", "text": text}
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
        stats = rag.build_index([corpus], Path(folder) / "index")
        print(f"{stats.passages:,} passages of {stats.articles:,} articles, {stats.seconds:.0f} s")
        index = rag.open_index(Path(folder) / "index")
        median = report_latency(index, questions)
        missed |= args.bound_ms is not None and median > args.bound_ms
        if args.exhaustive:
            missed |= report_recall(index, questions) < LEAST_RECALL
    sys.exit(int(missed))


def read(name: str) -> Iterator[dict[str, Any]]:
    """The rows of one file written for training."""
    with gzip.open(SYNTHETIC / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def passages(rows: list[dict[str, Any]], count: int, rng: random.Random) -> Iterator[str]:
    """The news whole, then mixtures of three sentences."""
    yield from (row["zh"] for row in rows[:count])
    texts = {side: [row[side] for row in (*rows, *read("reports"))] for side in ("zh", "en")}
    pools = {
        side: [s for text in texts[side] for s in re.split(r"(?<=[。！？.!?])\s*", text) if s]
        for side in texts
    }
    for _ in range(count - len(rows)):
        pool = pools["en" if rng.random() < ENGLISH_SHARE else "zh"]
        yield " ".join(rng.sample(pool, 3))


def report_latency(index: Index, questions: list[str]) -> float:
    """Print and return the median time of a warm question, in milliseconds."""
    for question in questions[:20]:
        index.retrieve(question)
    times = []
    for question in questions:
        began = time.perf_counter()
        index.retrieve(question)
        times.append(1000 * (time.perf_counter() - began))
    median, tail = np.percentile(times, [50, 95]).tolist()
    print(f"retrieve, warm: median {median:.1f} ms, 95th percentile {tail:.1f} ms")
    return float(median)


def report_recall(index: Index, questions: list[str]) -> float:
    """Print and return the mean share of the best fifty that retrieval finds."""
    quick = index._retriever
    all_of_them = Exhaustive(index._generation, index._table)
    shares, same = [], 0
    for done, question in enumerate(questions, 1):
        index._retriever = all_of_them
        wanted = [hit.article.id + str(hit.start) for hit in index.retrieve(question, DEPTH)]
        index._retriever = quick
        found = [hit.article.id + str(hit.start) for hit in index.retrieve(question, DEPTH)]
        shares.append(len(set(wanted) & set(found)) / max(1, len(wanted)))
        same += wanted[: config.DEFAULT_K] == found[: config.DEFAULT_K]
        print(f"\r{done}/{len(questions)}", end="", file=sys.stderr)
    print(file=sys.stderr)
    recall = float(np.mean(shares))
    print(
        f"recall@{DEPTH} against scoring all: {recall:.4f} (least {min(shares):.2f}); "
        f"the same first {config.DEFAULT_K} for {same} of {len(questions)} questions"
    )
    return recall


if __name__ == "__main__":
    main()
