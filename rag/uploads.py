"""The articles of an index as a person tends them: add files, take them away, rebuild.

Added files lie in `INDEX/uploads`, and every build of that index reads them, whatever else it is
given. A file's name and content are untrusted: a name is never a path, and what nothing would be
read of is not kept. One rebuild runs at a time, here and in other processes; readers keep the old
generation until it is done. Nothing is retrieved or shown here.
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

from rag.config import DEFAULT_INDEX, DEFAULT_MODEL, MAX_UPLOAD
from rag.engine import Progress, build_generation, build_index
from rag.errors import EmptyCorpusError, InputError, MissingIndexError, WenbaoError
from rag.index.generation import UPLOADS, claim, only_build, read_manifest
from rag.ingest import is_url
from rag.ingest.formats import SUFFIXES, refusal, suffix_of
from rag.reading import inspect_files
from rag.types import BuildStats

_MAX_STEM: Final = 150  # bytes of a name before its suffix; file systems end at 255
_MAX_SUFFIX: Final = 20
_HIDDEN = re.compile(r"^(?:[.\s]|~\$)+")  # such files are left out of a folder that is read
_FORBIDDEN = re.compile(r'[<>:"|?*]')  # on Windows
_RESERVED = re.compile(r"(?:con|prn|aux|nul|(?:com|lpt)[0-9¹²³])(?=\.|\s|$)", re.I)  # there, too


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a file that was to be added.

    `accepted` says that it lies among the uploads, under `name`. `reason` says why it does not, or
    what is to be known of one that does: that it was there already, which parts are not read.
    `stories` counts what would be read of it; `titles` are theirs.
    """

    name: str
    accepted: bool
    reason: str = ""
    stories: int = 0
    titles: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The outcome as JSON-ready values."""
        return {**asdict(self), "titles": list(self.titles)}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file among the uploads: its size in bytes, and when it came (UTC, ISO)."""

    name: str
    size: int
    added: str


class Rebuild:
    """A rebuild in the background; its attributes say how far it is and may be read at any time.

    `stage` is what `build_index` tells: "reading", "splitting", "embedding", "writing"; `done` and
    `total` count within it. Once it is `finished`, there are `stats`, or one line in `error`.
    """

    def __init__(self, build: Callable[[Progress], BuildStats]) -> None:
        self.stage = ""
        self.done = 0
        self.total = 0
        self.stats: BuildStats | None = None
        self.error = ""
        self._ended = threading.Event()
        threading.Thread(target=self._run, args=(build,), name="rebuild", daemon=True).start()

    @property
    def finished(self) -> bool:
        """Whether it is over, well or badly."""
        return self._ended.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until it is over, at most `timeout` seconds; whether it is."""
        return self._ended.wait(timeout)

    def _run(self, build: Callable[[Progress], BuildStats]) -> None:
        error = "the rebuild broke off, the index is as it was before: start it again"
        try:
            self.stats = build(self._tell)
            error = ""
        except (WenbaoError, OSError) as caught:
            error = " ".join(str(caught).split())
        finally:
            self.error = error
            self._ended.set()

    def _tell(self, done: int, total: int, stage: str) -> None:
        self.done, self.total, self.stage = done, total, stage


class Library:
    """The uploads of an index folder, and its rebuilds. Opening one touches nothing on disk."""

    def __init__(self, index_dir: str | Path = DEFAULT_INDEX) -> None:
        self._folder = Path(index_dir)

    @property
    def uploads(self) -> Path:
        """The folder of the added files; it is made when the first one comes."""
        return self._folder / UPLOADS

    def files(self) -> tuple[Upload, ...]:
        """The added files, by name."""
        found = []
        with suppress(FileNotFoundError):
            for path in sorted(self.uploads.iterdir()):
                if not path.name.startswith(".") and path.is_file():
                    status = path.stat()
                    added = datetime.fromtimestamp(status.st_mtime, UTC)
                    found.append(Upload(path.name, status.st_size, added.isoformat("T", "seconds")))
        return tuple(found)

    def add(self, files: Sequence[tuple[str, bytes] | str | Path]) -> list[Added]:
        """Keep files among the uploads; the next rebuild reads them.

        The same content is kept once, whatever its name; another content of a name that is taken
        gets " (2)" behind it. Nothing raises because of a file.

        Args:
            files: paths of files, or their names with their content.

        Raises:
            InputError: the index folder cannot be used.
        """
        claim(self._folder)
        try:
            self.uploads.mkdir(exist_ok=True)
        except OSError as error:
            raise InputError(
                f"cannot make the folder {self.uploads} ({_why(error)}): check its permissions"
            ) from error
        return [self._add(file) for file in files]

    def remove(self, name: str) -> None:
        """Take an added file away; its articles go with the next rebuild.

        Raises:
            InputError: no added file has this name.
        """
        if name not in {file.name for file in self.files()}:
            raise InputError(f"there is no {name!r} in {self.uploads}: look there for its name")
        (self.uploads / name).unlink(missing_ok=True)

    def rebuild(self, progress: Progress | None = None) -> BuildStats:
        """Build the index anew over the paths it was last given and the uploads, with its model.

        A path or an address that has vanished is named in `skipped`.

        Args:
            progress: called with (done, total, stage).

        Raises:
            BusyError: a rebuild of this index is running.
            EmptyCorpusError: nothing was given or added yet, or none of it holds an article.
            CorruptIndexError: what the index was last given cannot be read.
            ModelError: its model cannot be loaded.
        """
        paths, model = self._given()
        return build_index(paths, self._folder, model=model, progress=progress)

    def start_rebuild(self) -> Rebuild:
        """`rebuild` in the background. What it raises before it begins is raised here."""
        paths, model = self._given()
        with ExitStack() as stack:
            stack.enter_context(only_build(self._folder))
            held = stack.pop_all()

        def build(progress: Progress) -> BuildStats:
            with held:
                return build_generation(paths, self._folder, model, progress)

        return Rebuild(build)

    def _given(self) -> tuple[tuple[str, ...], str]:
        """The paths and the model of the last build."""
        try:
            manifest = read_manifest(self._folder)
        except MissingIndexError as error:
            if not self.files():
                raise EmptyCorpusError(
                    f"there is nothing to build {self._folder} from: "
                    f"add files with `wenbao add FILE --index {self._folder}`"
                ) from error
            return (), DEFAULT_MODEL
        return manifest.paths, manifest.model

    def _add(self, file: tuple[str, bytes] | str | Path) -> Added:
        given, content = file if isinstance(file, tuple) else _opened(os.fspath(file))
        name = safe_name(given)
        suffix = suffix_of(name)
        if isinstance(content, str):
            return Added(name, False, content)
        if suffix not in SUFFIXES:
            kind = suffix or "a file without a suffix"
            unknown = f"{kind} is no format that is read: save it as .txt, .html, .docx or .pdf"
            return Added(name, False, refusal(suffix) or unknown)
        if len(content) > MAX_UPLOAD:
            return Added(name, False, f"is larger than {MAX_UPLOAD >> 20} MB: split it")
        try:
            return self._keep(name, suffix, content)
        except OSError as error:
            return Added(name, False, f"cannot be kept ({_why(error)}): check the disk")

    def _keep(self, name: str, suffix: str, content: bytes) -> Added:
        # A folder with a dot is not read, so a build never sees half a file.
        with tempfile.TemporaryDirectory(prefix=".", dir=self.uploads) as folder:
            fresh = Path(folder) / f"file{suffix}"
            with fresh.open("wb") as target:
                target.write(content)
                target.flush()
                os.fsync(target.fileno())
            found = inspect_files([fresh])
            start = len(os.fspath(fresh)) + 1  # what stands behind it is the way inside
            unread = [f"{one.path[start:]} {one.unread}".strip() for one in found.unread]
            if not found.stories:
                return Added(name, False, unread[0])
            reason = _shortened(unread)
            held = self._held(content)
            if held is None:
                held = _settle(fresh, self.uploads / name)
            else:
                reason = f"is there already, as {held}" + (f"; {reason}" if reason else "")
        titles = tuple(story.story.title for story in found.stories)
        return Added(held, True, reason, len(titles), titles)

    def _held(self, content: bytes) -> str | None:
        """The name of the upload that has just this content."""
        for file in self.files():
            if file.size == len(content):
                with suppress(OSError):
                    if (self.uploads / file.name).read_bytes() == content:
                        return file.name
        return None


def safe_name(name: str) -> str:
    """A file name that is safe on every system, made of one that anybody may have chosen.

    Folders, control characters and what would hide the file are taken away; letters of every
    script stay. It is at most 170 bytes long, and never empty.
    """
    name = unicodedata.normalize("NFC", name.replace("\\", "/").rstrip("/").rpartition("/")[2])
    name = "".join(" " if c.isspace() else c for c in name if c.isspace() or c.isprintable())
    name = _FORBIDDEN.sub("_", _HIDDEN.sub("", " ".join(name.split()))).rstrip(". ")
    stem, suffix = os.path.splitext(name)
    name = _cut(stem, _MAX_STEM).rstrip(". ") + _cut(suffix, _MAX_SUFFIX)
    return f"_{name}" if not name or _RESERVED.match(name) else name


def _cut(text: str, limit: int) -> str:
    """The beginning of a text, at most so many bytes of UTF-8."""
    return text.encode()[:limit].decode(errors="ignore")


def _opened(given: str) -> tuple[str, bytes | str]:
    """The path, and what the file holds, one byte more than may be kept; or why it can't be had."""
    if is_url(given):
        return given, "is an address: give it to `wenbao index`"
    path = Path(given)
    try:
        if path.is_dir():
            return given, "is a folder: give its files, or give it to `wenbao index`"
        if not path.is_file():
            return given, "does not exist or is no regular file: check the path"
        with path.open("rb") as file:
            return given, file.read(MAX_UPLOAD + 1)
    except OSError as error:
        return given, f"cannot be read ({_why(error)}): check its permissions"


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _shortened(unread: Sequence[str]) -> str:
    """What is not read of a file, in a line."""
    more = f" (and {len(unread) - 1} more)" if len(unread) > 1 else ""
    return f"not all of it is read: {unread[0]}{more}" if unread else ""


def _settle(fresh: Path, target: Path) -> str:
    """Move a file to its name, or to the next that is free; the name. No file is ever replaced."""
    for number in count(2):
        try:
            target.hardlink_to(fresh)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            if not os.path.lexists(target):
                fresh.rename(target)
                break
        else:
            break
        stem = target.stem if number == 2 else target.stem.removesuffix(f" ({number - 1})")
        target = target.with_name(f"{stem} ({number}){target.suffix}")
    return target.name
