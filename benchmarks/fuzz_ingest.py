"""Broken documents: whatever a file holds, reading it must neither raise nor hang nor lie.

    python -m benchmarks.fuzz_ingest [--count 10000] [--first 0] [--only NAME] [--seed 12]
        [--json FILE]

Of the documents under tests/documents, and a small one in each format, `--count` mutants are made,
as many of each: cut off, bytes flipped, chunks taken out, put in, doubled or taken from another
file, another encoding, NULs, pieces nested in themselves. Each mutant is read and cut into
passages. A failure is an exception, a value that is no exact span or no date, or more than 5
seconds; it is named by document and seed, and `--only NAME --seed N` runs that one alone and
writes the mutant down.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import re
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice
from multiprocessing.pool import AsyncResult
from pathlib import Path

from benchmarks.documents import make_documents
from rag.chunk import chunk
from rag.ingest import read_articles
from rag.reading import load_table
from rag.types import Article

DOCUMENTS = Path(__file__).resolve().parent.parent / "tests" / "documents"
SLOW = 5.0  # seconds
HANG = 60.0  # seconds: what does not answer until then is ended from outside
WORKERS = 2
SHOWN = 5  # failures of a kind that are named
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

_table = cache(load_table)
Sources = Sequence[tuple[str, bytes]]
Job = tuple[str, bytes, bytes, int]  # name, content, content of another document, seed


class Slow(Exception):
    """A document took longer than `SLOW`."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong with one mutant."""

    name: str
    seed: int
    what: str
    where: str = ""


def sources() -> list[tuple[str, bytes]]:
    """(name, content) of every document that is mutated."""
    files = (path for path in sorted(DOCUMENTS.rglob("*.*")) if path.name != "gold.json")
    own = [(str(path.relative_to(DOCUMENTS)), path.read_bytes()) for path in files]
    return [*own, *make_documents()]


def mutate(content: bytes, other: bytes, seed: int) -> bytes:
    """One to three changes to a file, the same for the same seed."""
    chance = random.Random(seed)
    for _ in range(chance.choice((1, 1, 2, 3))):
        content = chance.choice(_MUTATIONS)(content, other, chance)
    return content


def check(name: str, content: bytes, folder: Path) -> Iterator[str]:
    """What is wrong with how a file is read."""
    path = folder / Path(name).name
    path.write_bytes(content)
    corpus = read_articles([path], table=_table())
    if not corpus.articles and not corpus.skipped:
        yield "gives nothing and no reason"
    for _, reason in corpus.skipped:
        if not reason.strip() or "\n" in reason:
            yield "a reason is not one line"
    if len({article.id for article in corpus.articles}) < len(corpus.articles):
        yield "two articles have one id"
    for article in corpus.articles:
        yield from check_article(article)


def check_article(article: Article) -> Iterator[str]:
    """Which promises an article and its passages break."""
    text = article.text
    if not article.title.strip():
        yield "a title is empty"
    if not text.strip():
        yield "a text is empty"
    if article.date is not None and not _is_date(article.date):
        yield f"a date is not ISO: {article.date!r}"
    if any(text[at : at + len(heading)] != heading for at, heading in article.headings):
        yield "a heading is no span of the text"
    offsets = [at for at, _ in article.pages]
    if offsets != sorted(offsets) or offsets[:1] not in ([], [0]) or offsets[-1:] > [len(text)]:
        yield "pages do not begin at rising positions of the text, from 0"
    if not 0 <= article.confidence <= 1:
        yield "a confidence is not in 0..1"
    try:
        "".join([text, article.title, article.source or "", *article.authors]).encode()
    except UnicodeEncodeError:
        yield "half a surrogate pair in a value"
    end = 0
    for passage in chunk(article):
        if text[passage.start : passage.end] != passage.text or not passage.text.strip():
            yield "a passage is no span of the text"
        if passage.start < end:
            yield "two passages overlap"
        end = passage.end


def run_one(job: Job, *, timed: bool = True) -> list[Failure]:
    """Mutate, read and check one document; what is slow is ended by an alarm."""
    name, content, other, seed = job
    began = time.process_time()
    if timed:
        signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, HANG / 2)
    try:
        with tempfile.TemporaryDirectory() as folder:
            mutant = mutate(content, other, seed)
            found = [Failure(name, seed, what) for what in check(name, mutant, Path(folder))]
        if timed and (seconds := time.process_time() - began) > SLOW:
            found.append(Failure(name, seed, "slow", f"{seconds:.1f} s"))
    except Exception as error:  # noqa: BLE001 - a fuzzer wants them all
        frame = traceback.extract_tb(error.__traceback__)
        ours = [entry for entry in frame if "/rag/" in entry.filename] or frame[-1:]
        where = f"{Path(ours[-1].filename).name}:{ours[-1].lineno} {ours[-1].name}: {error}"[:200]
        found = [Failure(name, seed, type(error).__name__, where)]
    finally:
        if timed:
            signal.setitimer(signal.ITIMER_REAL, 0)
    return found


def job(found: Sources, name: str, content: bytes, seed: int) -> Job:
    """The job of one document and one seed; the seed tells the other document, too."""
    return name, content, random.Random(seed).choice(found)[1], seed


def main() -> None:
    """Run, show progress on stderr, print the failures, and exit with 1 if there are any."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="mutations in all")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--only", help="the documents whose name holds this")
    parser.add_argument("--seed", type=int, help="one mutation, the mutant is kept")
    parser.add_argument("--json", type=Path, help="write a summary to this file")
    args = parser.parse_args()
    everything = sources()
    chosen = [entry for entry in everything if args.only is None or args.only in entry[0]]
    if args.seed is not None:
        for name, content in chosen:
            one = job(everything, name, content, args.seed)
            kept = Path(tempfile.gettempdir()) / f"mutant-{args.seed}-{Path(name).name}"
            kept.write_bytes(mutate(content, one[2], args.seed))
            print(f"{name} -> {kept}")
            for failure in run_one(one):
                print(f"  {failure.what}  {failure.where}")
        return
    each = -(-args.count // len(chosen))
    work = (
        job(everything, name, content, seed)
        for seed in range(args.first, args.first + each)
        for name, content in chosen
    )
    failures = run_all(work, each * len(chosen))
    summarise(failures, each * len(chosen), args.json)
    sys.exit(bool(failures))


def run_all(work: Iterator[Job], total: int) -> list[Failure]:
    """The failures of all jobs; a worker that does not answer is ended, and the rest goes on."""
    failures: list[Failure] = []
    pool = multiprocessing.Pool(WORKERS, maxtasksperchild=2000)
    waiting: deque[tuple[Job, AsyncResult[list[Failure]]]] = deque()
    began = time.monotonic()
    for done in range(total):
        for entry in islice(work, 8 * WORKERS - len(waiting)):
            waiting.append((entry, pool.apply_async(run_one, (entry,))))
        (name, _, _, seed), result = waiting.popleft()
        try:
            found = result.get(HANG)
        except multiprocessing.TimeoutError:
            found = [Failure(name, seed, "hang, or crash of the process")]
            pool.terminate()
            pool = multiprocessing.Pool(WORKERS, maxtasksperchild=2000)
            waiting = deque((entry, pool.apply_async(run_one, (entry,))) for entry, _ in waiting)
        failures += found
        for one in found:
            print(f"{one.what}: --only {one.name} --seed {one.seed}", one.where, file=sys.stderr)
        if done % 500 == 499:
            rate = done / (time.monotonic() - began)
            print(f"{done + 1}/{total}  {len(failures)} failures  {rate:.0f}/s", file=sys.stderr)
    pool.close()
    pool.join()
    return failures


def summarise(failures: list[Failure], total: int, path: Path | None) -> None:
    """Failures by document kind and what happened, with the first seeds of each."""
    groups: dict[tuple[str, str, str], list[Failure]] = {}
    for failure in failures:
        suffix = Path(failure.name).suffix
        place = failure.where.split(" ")[0] if failure.what != "slow" else ""
        groups.setdefault((suffix, failure.what, place), []).append(failure)
    print(f"{total} mutants, {len(failures)} failures")
    ranked = sorted(groups.items(), key=lambda entry: -len(entry[1]))
    for (suffix, what, place), group in ranked:
        print(f"{len(group):6}  {suffix:6} {what}  {place}")
        for failure in group[:SHOWN]:
            print(f"        --only {failure.name} --seed {failure.seed}   {failure.where}")
    if path is not None:
        summary = {
            "mutants": total,
            "failures": len(failures),
            "kinds": dict(Counter(failure.what for failure in failures)),
            "groups": [
                {
                    "format": suffix,
                    "what": what,
                    "place": place,
                    "count": len(group),
                    "examples": [[f.name, f.seed, f.where] for f in group[:SHOWN]],
                }
                for (suffix, what, place), group in ranked
            ],
        }
        path.write_text(json.dumps(summary, ensure_ascii=False, indent=1), encoding="utf-8")


def _is_date(text: str) -> bool:
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _ring(*_: object) -> None:
    raise Slow(f"more than {HANG / 2:.0f} s")


def _span(content: bytes, chance: random.Random) -> tuple[int, int]:
    """A stretch of a file, short or long."""
    start = chance.randrange(len(content) + 1)
    return start, min(len(content), start + chance.choice((1, 4, 40, 400, 4000)))


def _cut_off(content: bytes, other: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] if chance.random() < 0.7 else content[at:]


def _flip(content: bytes, other: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 3, 30))):
        if changed:
            changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def _take_out(content: bytes, other: bytes, chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    return content[:start] + content[end:]


def _put_in(content: bytes, other: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.randbytes(chance.choice((1, 8, 200))) + content[at:]


def _double(content: bytes, other: bytes, chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    return content[:end] + content[start:end] * chance.choice((1, 3, 50)) + content[end:]


def _swap_in(content: bytes, other: bytes, chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    first, last = _span(other, chance)
    return content[:start] + other[first:last] + content[end:]


def _move(content: bytes, other: bytes, chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    rest = content[:start] + content[end:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + content[start:end] + rest[at:]


def _recode(content: bytes, other: bytes, chance: random.Random) -> bytes:
    encodings = ("utf-8", "gb18030", "big5", "utf-16", "utf-16-be", "utf-8-sig", "latin-1", "utf-7")
    text = content.decode(chance.choice(("utf-8", "gb18030")), errors="replace")
    return text.encode(chance.choice(encodings), errors="replace")


def _nulls(content: bytes, other: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + b"\0" * chance.choice((1, 16, 5000)) + content[at:]


def _nest(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """A stretch repeated around what follows it: brackets, tags and quotes that never close."""
    start, end = _span(content, chance)
    opening = chance.choice((content[start:end][:40], b"<div>", b"[", b'{"a":', b"> ", b"((", b"-"))
    return content[:start] + opening * chance.choice((50, 2000)) + content[start:]


def _lines(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Other line ends, all on one line, or the lines in another order."""
    lines = content.split(b"\n")
    if chance.random() < 0.5:
        return chance.choice((b"\r", b"\r\n", b" ", b"\n\n", b"\x0b", b"\xe2\x80\xa8")).join(lines)
    chance.shuffle(lines)
    return b"\n".join(lines)


_Mutation = Callable[[bytes, bytes, random.Random], bytes]
_MUTATIONS: tuple[_Mutation, ...] = (
    _cut_off,
    _flip,
    _take_out,
    _put_in,
    _double,
    _swap_in,
    _move,
    _recode,
    _nulls,
    _nest,
    _lines,
)


if __name__ == "__main__":
    main()
