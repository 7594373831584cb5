"""Files of public GitHub repositories: a commit resolved, a file downloaded, an archive read.

A file that the list names is fetched by itself, a pattern (`*.po`) takes the archive of the commit.
What was fetched stays under `DIR/cache`; `DIR/fetched.json` keeps the commit and the SHA-256 that
were seen first, and a file that differs from it is refused. Archives are read member by member,
front to back: no name inside one ever becomes a path on disk.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import httpx

ATTEMPTS = 5
LARGEST = 1 << 28  # bytes of one file, unpacked


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where GitHub's API, archives and single files are."""

    api: str = "https://api.github.com"
    archives: str = "https://codeload.github.com"
    raw: str = "https://raw.githubusercontent.com"


@dataclass(frozen=True, slots=True)
class Origin:
    """Files of one repository at one commit (or branch); a file may be a pattern with `*`."""

    repository: str
    commit: str
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class File:
    """One text file of a repository."""

    repository: str
    path: str
    text: str


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(data)
    os.replace(part, path)


class Cache:
    """Downloads under one folder; `patience` is the wait in seconds before the first retry."""

    def __init__(self, folder: Path, hosts: Hosts | None = None, patience: float = 2.0) -> None:
        self.folder = folder
        self.hosts = hosts or Hosts()
        self.patience = patience
        self.client = httpx.Client(
            follow_redirects=True, timeout=60, headers={"Accept-Encoding": "identity"}
        )
        (folder / "cache").mkdir(parents=True, exist_ok=True)
        self.record = folder / "fetched.json"
        self.seen: dict[str, dict[str, Any]] = {"commits": {}, "files": {}}
        if self.record.exists():
            self.seen = json.loads(self.record.read_text(encoding="utf-8"))
        self.checked: set[Path] = set()

    def files(self, origin: Origin) -> Iterator[File]:
        """Every file of the origin, in the list's order or, for patterns, the archive's."""
        commit = self.commit(origin)
        if any("*" in name for name in origin.files):
            url = f"{self.hosts.archives}/{origin.repository}/tar.gz/{commit}"
            for name, data in members(self.download(url), origin.files):
                yield File(origin.repository, name, as_text(name, data))
        else:
            for name in origin.files:
                url = f"{self.hosts.raw}/{origin.repository}/{commit}/{name}"
                data = self.download(url).read_bytes()
                yield File(origin.repository, name, as_text(name, data))

    def commit(self, origin: Origin) -> str:
        """The full name of a commit; the one seen first, where the list gives a branch."""
        if re.fullmatch("[0-9a-f]{40}", origin.commit):
            return origin.commit
        name = f"{origin.repository}@{origin.commit}"
        if name not in self.seen["commits"]:
            url = f"{self.hosts.api}/repos/{origin.repository}/commits/{origin.commit}"
            answer = self.client.get(url, headers={"Accept": "application/vnd.github.sha"})
            found = answer.text.strip()
            if not (answer.is_success and re.fullmatch("[0-9a-f]{40}", found)):
                raise ValueError(f"{name}: no such commit, says {url} ({answer.status_code})")
            self.seen["commits"][name] = found
            self._save()
        return str(self.seen["commits"][name])

    def download(self, url: str) -> Path:
        """The cached file of an address, fetched if it is missing or damaged."""
        path = self.folder / "cache" / hashlib.sha256(url.encode()).hexdigest()[:24]
        known = self.seen["files"].get(url)
        if path in self.checked:
            return path
        if not (known and path.exists() and digest(path) == known["sha256"]):
            part = path.with_suffix(".part")
            self._stream(url, part)
            found = {"sha256": digest(part), "bytes": part.stat().st_size}
            if known and known != found:
                part.unlink()
                raise ValueError(f"{url} changed; to accept it, delete its entry in {self.record}")
            os.replace(part, path)
            self.seen["files"][url] = found
            self._save()
        self.checked.add(path)
        return path

    def _stream(self, url: str, part: Path) -> None:
        """Fetch into `part`; after an interruption go on where it stopped, if the server can."""
        part.unlink(missing_ok=True)
        tag = ""
        for attempt in range(1, ATTEMPTS + 1):
            have = part.stat().st_size if tag and part.exists() else 0
            headers = {"Range": f"bytes={have}-", "If-Range": tag} if have else {}
            try:
                with self.client.stream("GET", url, headers=headers) as answer:
                    answer.raise_for_status()
                    going_on = answer.headers.get("content-range", "").startswith(f"bytes {have}-")
                    tag = answer.headers.get("etag", "")
                    with part.open("ab" if have and going_on else "wb") as out:
                        for chunk in answer.iter_bytes():
                            out.write(chunk)
                return
            except httpx.HTTPStatusError as error:
                if error.response.status_code < 500 and error.response.status_code != 429:
                    raise
                failure: httpx.HTTPError = error
            except httpx.TransportError as error:
                failure = error
            if attempt == ATTEMPTS:
                raise failure
            time.sleep(self.patience * 2 ** (attempt - 1))

    def _save(self) -> None:
        text = json.dumps(self.seen, indent=1, sort_keys=True) + "\n"
        write_whole(self.record, text.encode())


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as data:
        return hashlib.file_digest(data, "sha256").hexdigest()


def members(archive: Path, patterns: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """(path in the repository, bytes) of the plain files that match; each pattern must match."""
    missing = set(patterns)
    with tarfile.open(archive, "r|gz") as tar:
        for member in tar:
            name = member.name.partition("/")[2]  # the first folder is the repository's own
            hits = [pattern for pattern in patterns if fnmatchcase(name, pattern)]
            data = tar.extractfile(member) if hits and member.isfile() else None
            if data is not None:
                missing -= set(hits)
                yield name, data.read(LARGEST + 1)
    if missing:
        raise ValueError(f"nothing matches {sorted(missing)}")


def as_text(name: str, data: bytes) -> str:
    """The text of a file, unpacked where its name ends in .gz; bytes that are not UTF-8 show."""
    if name.endswith(".gz"):
        with gzip.open(io.BytesIO(data)) as unpacked:
            data = unpacked.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ValueError(f"{name} is larger than {LARGEST:,} bytes")
    if data.startswith(b"version https://git-lfs"):
        raise ValueError(f"{name} is kept outside the repository (Git LFS)")
    return data.decode("utf-8-sig", errors="replace").replace("\r\n", "\n")
