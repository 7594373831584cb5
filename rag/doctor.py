"""`wenbao doctor`: what an installation needs, checked one thing at a time, each with its fix.

It reads and reports; it repairs, downloads and builds nothing. The only thing it asks over a socket
is the address the chat would be served on.
"""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
import shutil
import socket
import sys
import tempfile
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, Literal

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

import rag
from embeddings import load_encoder
from rag.config import DEFAULT_HOST, DEFAULT_INDEX, DEFAULT_PORT, ServeSettings

MODEL: Final = Path(str(files("embeddings"))) / "bilingual"
CHECKSUMS: Final = "SHA256SUMS"  # of the model's files, beside them, as sha256sum writes it
MIN_FREE: Final = 200_000_000  # bytes: room for a small index and its successor
_PAGE: Final = b"Wenbao"  # stands in the chat page and in few others
_WAIT: Final = 5.0  # seconds for the page to answer
_EVERYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # where to knock instead


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    `status` is "ok", "hint" (nothing is wrong, something is still to be done) or "problem"; `fix`
    says what to do, and is empty where all is well.
    """

    name: str
    status: Literal["ok", "hint", "problem"]
    found: str
    fix: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The check as JSON-ready values."""
        return asdict(self)


def checkup(
    index_dir: str | Path = DEFAULT_INDEX,
    *,
    host: str = DEFAULT_HOST,
    port: int = DEFAULT_PORT,
    must_exist: bool = False,
    serving: bool = False,
) -> tuple[Check, ...]:
    """Look at Python, the packages, the model, the index, its folder, the disk and the port.

    Args:
        host, port: where the chat is, or would be, served.
        must_exist: a missing index is a problem, not a hint.
        serving: the chat must answer there now, and nobody is about to build an index.

    Raises:
        InputError: the host or port is none.
    """
    where = ServeSettings(host, port)
    folder = Path(index_dir)
    checks = [_python(), _packages(), _model()]
    if checks[-1].status == "ok":  # opening an index loads the model
        checks.append(_index(folder, must_exist or serving))
    if not serving:
        checks += [_writable(folder), _disk(folder)]
    return (*checks, _port(where.host, where.port, serving))


def _python() -> Check:
    here = ".".join(map(str, sys.version_info[:3]))
    try:
        wanted = metadata("wenbao")["Requires-Python"]
    except PackageNotFoundError:
        wanted = ">=3.11"
    if SpecifierSet(wanted).contains(here, prereleases=True):
        return Check("python", "ok", here)
    return Check("python", "problem", f"{here}, wenbao needs {wanted}", "install a newer Python")


def _packages() -> Check:
    """The installed versions against the ranges that wenbao declares."""
    try:
        wanted = [Requirement(line) for line in requires("wenbao") or ()]
    except PackageNotFoundError:
        fix = "python -m pip install --no-deps --editable ."
        return Check("packages", "problem", "wenbao itself is not installed", fix)
    wanted = [one for one in wanted if not one.marker or one.marker.evaluate({"extra": ""})]
    wrong: list[str] = []
    cures: list[str] = []
    for one in wanted:
        try:
            held = version(one.name)
        except PackageNotFoundError:
            held = "missing"
        if held == "missing" or not one.specifier.contains(held, prereleases=True):
            wrong.append(f"{one.name} is {held}, wenbao needs {one.specifier}")
            cures.append(f'"{one.name}{one.specifier}"')
    if wrong:
        return Check(
            "packages", "problem", "; ".join(wrong), f"python -m pip install {' '.join(cures)}"
        )
    return Check("packages", "ok", f"wenbao {version('wenbao')} and the {len(wanted)} it needs")


def _model() -> Check:
    """The shipped table's files against their checksums; then it is loaded."""
    fix = "install wenbao again (in a clone: git checkout -- embeddings/bilingual)"
    try:
        lines = (MODEL / CHECKSUMS).read_text(encoding="ascii").splitlines()
        for line in lines:
            checksum, _, name = line.partition("  ")
            with (MODEL / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != checksum:
                    return Check("model", "problem", f"{MODEL / name} is damaged", fix)
    except OSError as error:
        found = f"{error.filename or MODEL} cannot be read ({error.strerror})"
        return Check("model", "problem", found, fix)
    table = load_encoder()
    return Check("model", "ok", f"{table.name}, revision {table.revision}, {len(lines)} files")


def _index(folder: Path, must_exist: bool) -> Check:
    """The pointer, the manifest, every file's checksum and the model, as opening tries them."""
    try:
        held = rag.open_index(folder).info()
    except rag.MissingIndexError:
        fix = f"wenbao index PATH --index {folder}"
        status: Literal["hint", "problem"] = "problem" if must_exist else "hint"
        return Check("index", status, f"there is no index in {folder}", fix)
    except (rag.WenbaoError, OSError) as error:
        found, _, fix = str(error).rpartition(": ")
        return Check("index", "problem", found or fix, fix if found else "wenbao index PATH")
    return Check("index", "ok", f"{folder}: {held.articles} articles, model {held.model}")


def _writable(folder: Path) -> Check:
    """Whether an index could be built here: a file without a name is made, and gone."""
    place = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=place):
            return Check("index folder", "ok", f"{place} can be written")
    except OSError as error:
        found = f"{place} cannot be written ({error.strerror})"
        return Check("index folder", "problem", found, "give yourself the right, or name --index")


def _disk(folder: Path) -> Check:
    """Room for a rebuild, which stands beside the index it replaces."""
    place = _existing(folder)
    held = sum(file.stat().st_size for file in folder.glob("generation-*/**/*") if file.is_file())
    free, needed = shutil.disk_usage(place).free, max(MIN_FREE, held)
    found = f"{free / 1e9:.1f} GB free at {place}"
    if free >= needed:
        return Check("disk", "ok", found)
    return Check("disk", "problem", found, f"make room for {needed / 1e9:.1f} GB, or name --index")


def _port(host: str, port: int, serving: bool) -> Check:
    """Whether the chat can be served at this address, or already is."""
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    problem = _cannot_listen(host, port)
    if problem is None:
        if not serving:
            return Check("port", "ok", f"{address} is free")
        return Check("port", "problem", f"nothing listens at {address}", "wenbao serve")
    if problem != errno.EADDRINUSE:
        found = f"cannot listen at {address} ({os.strerror(problem)})"
        return Check("port", "problem", found, f"--host {DEFAULT_HOST} --port {DEFAULT_PORT}")
    if _is_ours(_EVERYWHERE.get(host, host), port):
        return Check("port", "ok", f"the chat answers at {address}")
    found = f"something else listens at {address}"
    return Check("port", "problem", found, f"wenbao serve --port {port % 65535 + 1}")


def _cannot_listen(host: str, port: int) -> int | None:
    """The number of the error that listening there gives, None where it works."""
    try:
        family, kind, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            if os.name != "nt":  # as a server does; on Windows it would share the port
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
    except socket.gaierror:
        return errno.EADDRNOTAVAIL
    except OSError as error:
        in_use = error.errno in (errno.EADDRINUSE, getattr(errno, "WSAEADDRINUSE", None))
        return errno.EADDRINUSE if in_use else error.errno or errno.EIO
    return None


def _is_ours(host: str, port: int) -> bool:
    """Whether the chat page answers."""
    connection = http.client.HTTPConnection(host, port, timeout=_WAIT)
    try:
        connection.request("GET", "/")
        return _PAGE in connection.getresponse().read(1_000_000)
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above that is there."""
    place = folder.absolute()
    while not place.is_dir():
        place = place.parent
    return place
