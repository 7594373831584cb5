"""A zip archive → its members, in memory and within limits; nothing is written to disk.

Names are decoded here, and a member that is encrypted, damaged or too large is named with the
reason and costs itself alone. What a member's name or content means is left to `formats`; Word
documents and books are archives, too, and open theirs with `open_zip` and `part`.
"""

from __future__ import annotations

import lzma
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from rag.ingest.decode import NotTextError
from rag.ingest.model import Unread

MAX_MEMBER = 64 * 1024 * 1024  # bytes
MAX_TOTAL = 512 * 1024 * 1024
MAX_MEMBERS = 10_000
MAX_PACKAGE = 256 * 1024 * 1024  # all parts of a Word document or a book
_DAMAGE = (BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, IndexError)
_UTF8 = 0x800
_ENCRYPTED = 0x1


@dataclass(slots=True)
class Limits:
    """What may still be unpacked, for an archive and all archives inside it."""

    left: int = field(default_factory=lambda: MAX_TOTAL)
    members: int = field(default_factory=lambda: MAX_MEMBERS)


def members(
    data: bytes, wanted: Callable[[str], bool], limits: Limits | None = None
) -> Iterator[tuple[str, bytes] | Unread]:
    """(name, content) of each file in the archive; of one that is not `wanted`, `b""`.

    Raises:
        NotTextError: the archive cannot be opened.
    """
    limits = limits or Limits()
    with open_zip(data) as archive:
        for info in archive.infolist():
            name = shown(_name(info))
            if name.endswith("/") or _is_hidden(name):
                continue
            if limits.members <= 0:
                yield Unread(f"holds more than {MAX_MEMBERS:,} files: split it")
                return
            limits.members -= 1
            if not wanted(name):
                yield name, b""
                continue
            try:
                content = part(archive, info)
            except NotTextError as error:
                limits.left -= min(info.file_size, MAX_MEMBER)
                yield Unread(str(error), name)
            else:
                limits.left -= len(content)
                yield name, content
            if limits.left < 0:
                yield Unread(f"unpacks to more than {MAX_TOTAL >> 20} MB: split it")
                return


def open_zip(data: bytes) -> ZipFile:
    """The opened archive; NotTextError when it is none or its directory is damaged."""
    try:
        return ZipFile(BytesIO(data))
    except (*_DAMAGE, NotImplementedError) as error:
        raise NotTextError("is damaged: copy or save it again") from error


def open_package(data: bytes) -> ZipFile:
    """The opened archive of one document; NotTextError also when it is no such archive."""
    archive = open_zip(data)
    if sum(info.file_size for info in archive.infolist()) > MAX_PACKAGE:
        raise NotTextError(
            f"unpacks to more than {MAX_PACKAGE >> 20} MB: save it again, or split it"
        )
    return archive


def part(archive: ZipFile, info: ZipInfo) -> bytes:
    """What a member holds; NotTextError when it cannot be had, or not within the limit."""
    if info.flag_bits & _ENCRYPTED:
        raise NotTextError("is encrypted: unpack it with its password")
    too_large = f"is larger than {MAX_MEMBER >> 20} MB: split it"
    if info.file_size > MAX_MEMBER:
        raise NotTextError(too_large)
    try:
        with archive.open(info) as file:
            # The size in the directory may be a lie.
            content = file.read(MAX_MEMBER + 1)
    except NotImplementedError as error:
        raise NotTextError("is packed in an unknown way: repack it as .zip") from error
    except (*_DAMAGE, RuntimeError) as error:
        raise NotTextError("is damaged: copy or save it again") from error
    if len(content) > MAX_MEMBER:
        raise NotTextError(too_large)
    return content


def shown(name: str) -> str:
    """A member's name on one line."""
    return re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]+", " ", name).strip() or "member"


def _name(info: ZipInfo) -> str:
    """A member's name; without the flag for UTF-8 Windows writes it in the system's encoding."""
    if info.flag_bits & _UTF8:
        return info.filename
    try:
        raw = info.filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return info.filename


def _is_hidden(name: str) -> bool:
    """Whether a member is in no folder view: made by the system, or a word processor's lock."""
    return any(
        step.startswith((".", "~$", "__MACOSX")) and step not in (".", "..")
        for step in name.replace("\\", "/").split("/")
    )
