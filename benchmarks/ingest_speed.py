"""Seconds of processor time to read a megabyte, for each kind of document, slowest first.

    python -m benchmarks.ingest_speed [--size 2] [--bound 1.0] [--limit 60] [--only NAME]

Each document under tests/documents, and one in each format made here, is made about as many
megabytes long: text and pages by repeating them, archives and exports by more members. Reading
includes finding stories and cutting passages, with the table as in a build. What takes longer than
the limit is ended, and the place in the code where it was is named.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from pathlib import Path

from benchmarks.documents import make_documents
from benchmarks.fuzz_ingest import DOCUMENTS, Slow
from rag.chunk import chunk
from rag.ingest import read_articles
from rag.reading import load_table
from rag.types import TokenTable

REPEATABLE = {".txt", ".md", ".html", ".htm"}
MEGABYTE = 1_000_000


def main() -> None:
    """Measure and print; exit with 1 where the bound does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--size", type=float, default=2.0, help="megabytes of each document")
    parser.add_argument("--bound", type=float, default=1.0, help="seconds a megabyte")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds a document")
    parser.add_argument("--only", default="", help="the documents whose name holds this")
    args = parser.parse_args()
    table = load_table()
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content in long_documents(int(args.size * MEGABYTE), args.only):
            path = Path(folder) / name
            path.write_bytes(content)
            began = time.process_time()
            result = measure(path, table, args.limit)
            rate = (time.process_time() - began) / (len(content) / MEGABYTE)
            figures.append((rate, len(content) / MEGABYTE, name, result))
            print(f"{rate:.2f} s/MB  {name}", file=sys.stderr)
    print(f"{'s/MB':>7}  {'MB':>5}  document")
    for rate, megabytes, name, result in sorted(figures, reverse=True):
        over = "over the bound: " if rate > args.bound else ""
        print(f"{rate:7.2f}  {megabytes:5.1f}  {name:24}  {over}{result}")
    sys.exit(any(rate > args.bound for rate, *_ in figures))


def measure(path: Path, table: TokenTable, limit: float) -> str:
    """What reading a file gave, or where it was when its time was up."""
    signal.signal(signal.SIGPROF, _ring)
    signal.setitimer(signal.ITIMER_PROF, limit)
    try:
        corpus = read_articles([path], table=table)
        passages = sum(len(chunk(article)) for article in corpus.articles)
    except Slow as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "/rag/" in f.filename]
        places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
        return f"more than {limit:.0f} s, in {' > '.join(places[-3:])}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    reasons = sorted({reason for _, reason in corpus.skipped})[:2]
    return "; ".join([f"{len(corpus.articles)} stories, {passages} passages", *reasons])


def _ring(*_: object) -> None:
    raise Slow


def long_documents(size: int, only: str = "") -> Iterator[tuple[str, bytes]]:
    """(name, content) of every kind of document, about `size` bytes each."""
    for path in sorted(DOCUMENTS.rglob("*")):
        name = f"{path.stem}_repeated{path.suffix}"
        if path.suffix in REPEATABLE and only in name:
            yield name, _repeat(path.read_bytes(), size)
    # One copy has fixed parts (styles, headers), so the share of a copy comes from two sizes.
    few, more = (dict(make_documents(copies)) for copies in (1, 11))
    for name, content in few.items():
        if only in name:
            each = (len(more[name]) - len(content)) // 10
            copies = 1 + (size - len(content)) // each
            yield name, dict(make_documents(copies, only=name))[name]


def _repeat(content: bytes, size: int) -> bytes:
    """A document again and again: what stands between `<body>` and `</body>` of a web page."""
    low = content.lower()
    start, end = low.find(b"<body"), low.rfind(b"</body>")
    if 0 <= start < end:
        start = content.index(b">", start) + 1
        inner = content[start:end]
        return content[:start] + inner * max(1, size // len(inner)) + content[end:]
    return b"\n\n".join([content] * max(1, size // len(content)))


if __name__ == "__main__":
    main()
