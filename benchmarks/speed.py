"""Speed and size: a cold question, warm questions, a build, each measured in one run.

    python benchmarks/speed.py [PATH ...]      (default: data/articles)

Cold is a whole `wenbao ask` process, interpreter start included; warm is the median of many
questions to one open index. Memory is the peak resident size of a process that asks once.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import rag

QUESTIONS = Path(__file__).resolve().parent.parent / "data" / "questions.jsonl"
COLD_RUNS = 5


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("paths", nargs="*", default=["data/articles"])
    args = parser.parse_args()
    questions = [
        json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()
    ]
    with tempfile.TemporaryDirectory() as folder:
        stats = rag.build_index(args.paths, folder)
        again = rag.build_index(args.paths, folder)
        print(f"{stats.articles} articles, {stats.passages} passages")
        print(f"build                 {stats.seconds:8.2f} s   again {again.seconds:.2f} s")
        cold = []
        command = [sys.executable, "-m", "rag", "ask", questions[0], "--index", folder, "--json"]
        for _ in range(COLD_RUNS):
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            cold.append(time.perf_counter() - began)
        print(f"cold `wenbao ask`     {statistics.median(cold):8.2f} s   slowest {max(cold):.2f} s")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"its peak memory       {peak:8.0f} MB")
        index = rag.open_index(folder)
        for name, ask in (("retrieve", index.retrieve), ("ask", index.ask)):
            for question in questions[:5]:
                ask(question)
            times = []
            for question in questions:
                began = time.perf_counter()
                ask(question)
                times.append(1000 * (time.perf_counter() - began))
            times.sort()
            print(
                f"warm {name:16s} {statistics.median(times):8.1f} ms  "
                f"95th percentile {times[int(0.95 * len(times))]:.1f} ms"
            )


if __name__ == "__main__":
    main()
