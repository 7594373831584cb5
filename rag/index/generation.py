"""One immutable generation in a folder of its own, and the pointer that says which one is served.

    INDEX/CURRENT                     the name of the served generation, replaced atomically
    INDEX/generation-<time>-<hash>/   manifest.json, articles.sqlite, dense.faiss, phrases/, *.npy
    INDEX/uploads/                    of `rag.uploads`; a build leaves it alone
    INDEX/rebuild.lock                held by the one build that runs
    INDEX/feedback.sqlite             of `rag.feedback`; a build leaves it alone

A generation is written under a temporary name, flushed to disk, renamed, and only then pointed to:
a crash at any moment leaves the old one served. The one before stays, for readers that hold it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import BusyError, CorruptIndexError, InputError, MissingIndexError
from rag.index.dense import Dense, write_dense
from rag.index.phrases import Phrases, write_phrases
from rag.index.store import Store, write_store
from rag.index.streams import Stream, Terms, write_stream, write_terms
from rag.types import Article, FloatMatrix, Passage, TokenIds

POINTER = "CURRENT"
MANIFEST = "manifest.json"
UPLOADS = "uploads"
LOCK = "rebuild.lock"
FEEDBACK = "feedback.sqlite"  # SQLite keeps -wal and -shm beside it
FORMAT = 5
_PREFIX = "generation-"
_UNFINISHED = ".unfinished-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a generation says about itself.

    `model` and `revision` name the dense encoder, `table` the revision of the bilingual table;
    `inputs` is a fingerprint of the files it was built from; `paths` are the files, folders
    (absolute) and addresses that the build was given; `background` is the cosine that the encoder
    gives texts that have nothing to do with each other; `files` maps each file to its size in bytes
    and its BLAKE2b checksum.
    """

    generation: str
    built_at: str
    model: str
    revision: str
    dim: int
    table: str
    inputs: str
    articles: int
    passages: int
    paths: tuple[str, ...] = ()
    background: float = 0.0
    format: int = FORMAT
    files: dict[str, tuple[int, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Generation:
    """An open generation. Passage numbers are 0 … passages - 1 in every part.

    `tokens` are table rows, `pairs` codes of pairs of Chinese characters; `owners` holds the number
    of each passage's article.
    """

    folder: Path
    manifest: Manifest
    store: Store
    dense: Dense
    phrases: Phrases
    tokens: Terms
    pairs: Terms
    syllables: Stream
    owners: npt.NDArray[np.int32]


def write_generation(
    index_dir: Path,
    *,
    articles: Sequence[Article],
    passages: Sequence[Passage],
    digests: Sequence[str],
    vectors: FloatMatrix,
    tokens: Sequence[TokenIds],
    syllables: Sequence[npt.NDArray[np.int32]],
    pairs: Sequence[npt.NDArray[np.int32]],
    model: str,
    revision: str,
    table: str,
    background: float,
    inputs: str,
    paths: Sequence[str],
) -> str:
    """Write a generation beside the served one, then serve it; its name.

    `vectors` is (n_passages, dim) float32, unit length; `tokens` are table rows.
    """
    if len(vectors) != len(passages) or len(tokens) != len(passages):
        raise ValueError(
            f"{len(passages)} passages, but vectors {vectors.shape} and {len(tokens)} token rows"
        )
    now = datetime.now(UTC)
    content = hashlib.blake2b("".join(digests).encode(), digest_size=4).hexdigest()
    name = f"{_PREFIX}{now:%Y%m%dT%H%M%S%f}-{content}"
    folder = index_dir / f"{_UNFINISHED}{os.getpid()}-{name}"
    folder.mkdir()
    try:
        write_store(folder, articles, passages, digests)
        write_dense(folder, vectors)
        write_phrases(folder, syllables)
        write_terms(folder, "tokens", tokens)
        write_terms(folder, "pairs", pairs)
        write_stream(folder, "syllables", syllables)
        places = {article.id: number for number, article in enumerate(articles)}
        owners = np.array([places[passage.article_id] for passage in passages], dtype=np.int32)
        np.save(folder / "owners.npy", owners)
        manifest = Manifest(
            generation=name,
            built_at=now.isoformat(timespec="seconds"),
            model=model,
            revision=revision,
            dim=int(vectors.shape[1]),
            table=table,
            inputs=inputs,
            articles=len(articles),
            passages=len(passages),
            paths=tuple(paths),
            background=round(background, 4),
            files={
                file.relative_to(folder).as_posix(): (file.stat().st_size, _checksum(file))
                for file in sorted(folder.rglob("*"))
                if file.is_file() and not file.name.startswith(".")
            },
        )
        # ASCII alone: a path may hold bytes that are no UTF-8.
        (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="ascii")
        for file in folder.rglob("*"):
            _flush(file)
        _flush(folder)
        folder.rename(index_dir / name)
        served = _pointed(index_dir)
        _point(index_dir, name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _sweep(index_dir, keep={name, served or name})
    return name


def current_generation(index_dir: Path) -> str:
    """The name of the served generation.

    Raises:
        MissingIndexError: nothing is served from this folder yet.
    """
    name = _pointed(index_dir)
    if name is None:
        raise MissingIndexError(
            f"there is no index in {index_dir}: build one with `wenbao index PATH`"
        )
    return name


def open_generation(index_dir: Path) -> Generation:
    """Open the served generation after checking its files.

    Raises:
        MissingIndexError: nothing is served from this folder yet.
        CorruptIndexError: a file is missing, or its size or checksum differs from the manifest.
    """
    folder = index_dir / current_generation(index_dir)
    manifest = read_manifest(index_dir)
    for file, (size, checksum) in manifest.files.items():
        path = folder / file
        if not path.is_file() or path.stat().st_size != size or _checksum(path) != checksum:
            raise CorruptIndexError(
                f"{path} is missing or damaged: rebuild the index with `wenbao index PATH`"
            )
    return Generation(
        folder=folder,
        manifest=manifest,
        store=Store(folder),
        dense=Dense(folder),
        phrases=Phrases(folder),
        tokens=Terms(folder, "tokens"),
        pairs=Terms(folder, "pairs"),
        syllables=Stream(folder, "syllables"),
        owners=np.load(folder / "owners.npy", allow_pickle=False),
    )


def read_manifest(index_dir: Path) -> Manifest:
    """The manifest of the served generation.

    Raises:
        MissingIndexError: nothing is served from this folder yet.
        CorruptIndexError: the manifest is missing, unreadable or of another format.
    """
    path = index_dir / current_generation(index_dir) / MANIFEST
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if values.get("format") != FORMAT:
            raise CorruptIndexError(
                f"{path} has format {values.get('format')}, this version reads {FORMAT}: "
                "rebuild the index with `wenbao index PATH`"
            )
        values["files"] = {file: (size, check) for file, (size, check) in values["files"].items()}
        values["paths"] = tuple(values["paths"])
        return Manifest(**values)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise CorruptIndexError(
            f"{path} cannot be read: rebuild the index with `wenbao index PATH`"
        ) from error


def generations(index_dir: Path) -> list[Path]:
    """The folders of an index that a build writes; there may be none."""
    return sorted(index_dir.glob(f"{_PREFIX}*"))


def claim(index_dir: Path) -> None:
    """Make the folder, or make sure that it is ours: no stranger's file is ever mixed in.

    Raises:
        InputError: it cannot be made, or holds other files.
    """
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"cannot make the index folder {index_dir} ({error.strerror}): choose another"
        ) from error
    strangers = [
        entry.name
        for entry in index_dir.iterdir()
        if not entry.name.startswith((_PREFIX, _UNFINISHED, POINTER, FEEDBACK, ".DS_Store"))
        and entry.name not in (UPLOADS, LOCK)
    ]
    if strangers:
        raise InputError(
            f"{index_dir} holds other files ({min(strangers)}): "
            "choose an empty folder for the index with --index"
        )


@contextmanager
def only_build(index_dir: Path) -> Iterator[None]:
    """Keep every other build of this index out, in this process and in others.

    The end of a process frees it. A folder that was made for a build that failed is gone again.

    Raises:
        BusyError: another build is running.
        InputError: the folder cannot be used.
    """
    made = not index_dir.exists()
    claim(index_dir)
    path = index_dir / LOCK
    try:
        file = path.open("ab")
    except OSError as error:
        raise InputError(
            f"cannot write to the index folder {index_dir} ({error.strerror}): "
            "check its permissions, or choose another with --index"
        ) from error
    with file:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            raise BusyError(
                f"a rebuild is running in {index_dir}: wait until it is done"
            ) from error
        try:
            yield
        finally:
            if made and _pointed(index_dir) is None:
                with suppress(OSError):  # Windows removes no open file: the empty folder stays
                    path.unlink()
                    index_dir.rmdir()


def _pointed(index_dir: Path) -> str | None:
    try:
        name = (index_dir / POINTER).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    safe = name.startswith(_PREFIX) and "/" not in name and "\\" not in name
    return name if safe and (index_dir / name).is_dir() else None


def _point(index_dir: Path, name: str) -> None:
    fresh = index_dir / f"{POINTER}.{os.getpid()}"
    fresh.write_text(name + "\n", encoding="ascii")
    _flush(fresh)
    fresh.replace(index_dir / POINTER)
    _flush(index_dir)


def _sweep(index_dir: Path, keep: set[str]) -> None:
    """Remove older generations, and what a crashed build left behind."""
    for entry in index_dir.iterdir():
        if entry.name.startswith(_PREFIX) and entry.name not in keep:
            shutil.rmtree(entry, ignore_errors=True)
        elif entry.name.startswith(_UNFINISHED):
            owner = entry.name.removeprefix(_UNFINISHED).split("-")[0]
            if not (owner.isdigit() and _alive(int(owner))):
                shutil.rmtree(entry, ignore_errors=True)


def _alive(process: int) -> bool:
    if process == os.getpid() or os.name == "nt":  # on Windows, signal 0 would end the process
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _flush(path: Path) -> None:
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
