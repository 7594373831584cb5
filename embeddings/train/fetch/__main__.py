"""`python -m embeddings.train.fetch --out DIR`: fetch and prepare the training data.

Writes `DIR/train/<kind>/<name>.jsonl.gz` for every source of `sources.json` that can be fetched
and reports each in one line. Row counts are compared with those the shipped model was trained on.
A source that fails is reported and the others go on; the exit status is then 1.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tarfile
import zlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import httpx
import yaml

from embeddings.train.fetch.prepare import Entry, make, read_list, simplifier
from embeddings.train.fetch.web import Cache

# What a dead link or a file of another shape than expected can raise
FAILURES = (
    httpx.HTTPError,
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    SyntaxError,  # lxml's
    tarfile.TarError,
    zlib.error,
    yaml.YAMLError,
)
TOLERANCE = 0.02


def table(entries: Iterable[Entry]) -> str:
    """The list as text: file, rows, licence, repository and commit."""
    rows = []
    for entry in entries:
        where = ", ".join(f"{o.repository}@{o.commit[:12]}" for o in entry.origin)
        count = f"{entry.rows:,}" if entry.rows else ""
        where = where or "written for this project"
        rows.append(f"{entry.file:38} {count:>8}  {entry.licence:42} {where}")
    return "\n".join(rows)


def texts(paths: Iterable[Path]) -> set[str]:
    """Both sides of the pairs in development sets, JSON lines or gzip of them."""
    found = set()
    for path in paths:
        data = path.read_bytes()
        rows = gzip.decompress(data) if path.suffix == ".gz" else data
        for row in map(json.loads, rows.decode().split("\n")[:-1]):
            found |= {row.get("zh"), row.get("en")} - {None}
    return found


def run(
    entries: Sequence[Entry],
    cache: Cache,
    simplify: Callable[[str], str],
    held_out: set[str],
    say: Callable[[str], None],
) -> int:
    """Make every source; how many failed."""
    failed = 0
    for entry in entries:
        if not entry.reader:
            say(f"{'—':>9}  {entry.file}: written for this project, not fetched")
            continue
        try:
            rows = make(entry, cache, simplify, held_out)
        except FAILURES as error:
            failed += 1
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            say(f"{'FAILED':>9}  {entry.file}: {reason[:300]}")
            continue
        off = rows / entry.rows - 1
        remark = f" ({entry.rows:,} expected: {off:+.1%})" if abs(off) > TOLERANCE else ""
        say(f"{rows:9,}  {entry.file}{remark}")
    return failed


def main() -> None:
    """Parse the arguments, then list or fetch."""
    parser = argparse.ArgumentParser(
        prog="embeddings.train.fetch", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--out", type=Path, help="folder to write train/ and cache/ under")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these sources alone")
    parser.add_argument("--list", action="store_true", help="print the sources and their licences")
    parser.add_argument(
        "--without", nargs="+", type=Path, default=[], help="pairs (.jsonl[.gz]) to hold out"
    )
    args = parser.parse_args()
    entries = read_list()
    if args.only:
        names = {name for e in entries for name in (e.file, e.file.partition("/")[2])}
        if unknown := sorted(set(args.only) - names):
            parser.error(f"no source is called {', '.join(unknown)}; --list shows them")
        entries = [e for e in entries if {e.file, e.file.partition("/")[2]} & set(args.only)]
    if args.list:
        print(table(entries))
        return
    if not args.out:
        parser.error("--out DIR is needed")
    try:
        simplify = simplifier()
    except ImportError:
        parser.error("OpenCC is missing: pip install 'wenbao[train]'")

    def say(line: str) -> None:
        print(line, flush=True)

    if failed := run(entries, Cache(args.out), simplify, texts(args.without), say):
        raise SystemExit(f"{failed} of {len(entries)} sources failed")


if __name__ == "__main__":
    main()
