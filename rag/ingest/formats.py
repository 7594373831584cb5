"""A file's bytes → its documents: which reader is asked, by the name's suffix and the first bytes.

Containers are opened here, and each member is read as if it lay in a folder. What a reader cannot
use becomes an `Unread` with the fix. Only the standard library is imported until a format needs
more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import PurePosixPath
from typing import BinaryIO

from rag.ingest.archive import Limits, members, open_zip
from rag.ingest.decode import NotTextError, decode
from rag.ingest.model import Document, Reading, Unread

MAX_FILE = 64 * 1024 * 1024  # bytes; rows of JSON lines are read one by one, at any size
MAX_DEPTH = 3  # containers inside containers
TEXT = frozenset((".txt", ".text", ".md", ".markdown", ".html", ".htm", ".xhtml", ".shtml"))
ROWS = frozenset((".jsonl", ".ndjson", ".json", ".csv", ".tsv"))
CONTAINERS = frozenset((".zip", ".eml", ".mht", ".mhtml", ".epub"))
SUFFIXES = TEXT | ROWS | CONTAINERS | {".pdf", ".docx"}
_WAY_OUT = {
    **dict.fromkeys(
        (".doc", ".wps", ".rtf", ".odt", ".pages", ".dot"),
        "open it in a word processor and save it as .docx or .pdf",
    ),
    ".ofd": "open it in an OFD reader and print it to .pdf",
    **dict.fromkeys((".caj", ".kdh", ".nh"), "open it in its reader and print it to .pdf"),
    **dict.fromkeys((".xls", ".xlsx", ".et", ".ods"), "save the sheet as .csv"),
    **dict.fromkeys((".ppt", ".pptx", ".dps", ".odp"), "save it as .pdf"),
    **dict.fromkeys((".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"), "repack it as .zip"),
    **dict.fromkeys((".mobi", ".azw3", ".azw"), "convert it to .epub"),
    **dict.fromkeys((".msg", ".pst", ".mbox"), "save the messages as .eml"),
    **dict.fromkeys((".xml", ".tex", ".rst"), "save it as .txt or .html"),
}
_MAGIC = (
    (b"%PDF-", ".pdf"),
    (b"{\\rtf", ".rtf"),
    (b"Rar!\x1a\x07", ".rar"),
    (b"7z\xbc\xaf\x27\x1c", ".7z"),
    (b"\x1f\x8b", ".gz"),
)
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PROTECTED = "EncryptedPackage".encode("utf-16-le")
# What an archive holds when it is a document of its own.
_PACKAGES = (
    ("word/document.xml", ".docx"),
    ("META-INF/container.xml", ".epub"),
    ("xl/workbook.xml", ".xlsx"),
    ("ppt/presentation.xml", ".pptx"),
    ("OFD.xml", ".ofd"),
    ("content.xml", ".odt"),
)
_PAGE = re.compile(rb"(?:<\?xml[^>]*>\s*|<!--[^>]*-->\s*)*<(?:!doctype\s+html|html[\s>])", re.I)
_SAVED_PAGE = re.compile(
    rb"(?i)(?=.{0,999}^mime-version:)(?=.{0,999}multipart/related)[\w-]+:", re.S | re.M
)


def suffix_of(name: str) -> str:
    """The suffix that names a format, in lower case: `.pdf`."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower()


def refusal(suffix: str) -> str | None:
    """Why a document of this format is not read, with the way out; None for what is no document."""
    way_out = _WAY_OUT.get(suffix)
    return None if way_out is None else f"{suffix[1:].upper()} files are not read: {way_out}"


def read(
    name: str, file: BinaryIO, depth: int = 0, limits: Limits | None = None
) -> Iterator[Document | Reading | Unread]:
    """The documents of one file, in order; a `Reading` where a row is a story already.

    `name` decides the format, unless the content is surely of another. Nothing raises but
    `OSError`. Members of containers pass their `depth` and what may still be unpacked.
    """
    suffix = suffix_of(name)
    if suffix in (".jsonl", ".ndjson"):
        if not _begins_array(file):
            from rag.ingest.rows import read_lines

            yield from read_lines(file)
            return
        suffix = ".json"
    data = file.read(MAX_FILE + 1)
    if len(data) > MAX_FILE:
        yield Unread(f"is larger than {MAX_FILE >> 20} MB: split it")
        return
    if not data.strip():
        yield Unread("is empty: remove it or fill it")
        return
    try:
        suffix = _true_suffix(suffix, data)
        if (reason := refusal(suffix)) is not None:
            yield Unread(reason)
        elif suffix in CONTAINERS:
            yield from _read_container(suffix, data, depth, limits or Limits())
        else:
            yield from _read_one(suffix, data)
    except NotTextError as error:
        yield Unread(str(error))


def _begins_array(file: BinaryIO) -> bool:
    """Whether JSON lines are one JSON array after all; the file is left at its beginning."""
    head = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
    file.seek(0)
    return re.match(rb"\[\s*(?:\{|$)", head) is not None


def _true_suffix(suffix: str, data: bytes) -> str:
    """The suffix that the content deserves, where it is sure to belie the one it has."""
    head = data[:2048].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(_OLE):
        if _PROTECTED in data:
            raise NotTextError("is protected by a password: take it off and save the file again")
        return suffix if refusal(suffix) else ".doc"
    if head.startswith(_ZIP):
        names = set(open_zip(data).namelist())
        found = next((kind for name, kind in _PACKAGES if name in names), None)
        return found or (suffix if suffix in (".docx", ".epub") else ".zip")
    if suffix not in (".eml", ".mht", ".mhtml") and _SAVED_PAGE.match(head):
        return ".mht"
    if _PAGE.match(head):
        return ".html"
    return next((found for magic, found in _MAGIC if head.startswith(magic)), suffix)


def _read_one(suffix: str, data: bytes) -> Iterator[Document | Reading | Unread]:
    if suffix == ".pdf":
        from rag.ingest.pdf import read_pdf

        yield read_pdf(data)
    elif suffix == ".docx":
        from rag.ingest.docx import read_docx

        yield read_docx(data)
    elif suffix in ROWS:
        from rag.ingest.rows import read_export

        yield from read_export(suffix, data)
    else:
        markup = suffix in (".html", ".htm", ".xhtml", ".shtml")
        text = decode(data, markup=markup)
        if text.strip():
            yield from _read_text(text, markup=markup, plain=suffix == ".txt")
        else:
            yield Unread("is empty: remove it or fill it")


def _read_text(text: str, *, markup: bool, plain: bool) -> Iterator[Document]:
    from rag.ingest.labelled import has_labels, read_labelled

    if plain and has_labels(text):
        yield from read_labelled(text)
    else:
        yield read_text(text, markup=markup, plain=plain)


def read_text(text: str, *, markup: bool = False, plain: bool = False) -> Document:
    """The document of a decoded text: HTML, Markdown, or plain text that may hold some of both."""
    head = text[:2000].lower()
    if markup or "<html" in head or "<!doctype html" in head:
        from rag.ingest.html import read_html

        return read_html(text)
    from rag.ingest.markdown import has_markup, read_markdown

    if not plain or has_markup(text):
        return read_markdown(text)
    from rag.ingest.layout import read_blocks

    return Document(read_blocks(text), how="plain text")


def _read_container(
    suffix: str, data: bytes, depth: int, limits: Limits
) -> Iterator[Document | Reading | Unread]:
    """The documents of a container and of its members, each named by its way inside."""
    if depth >= MAX_DEPTH:
        yield Unread("lies too deep in other containers: unpack it")
    elif suffix == ".epub":
        from rag.ingest.epub import read_epub

        yield from read_epub(data)
    elif suffix == ".zip":
        empty = True
        for part in _read_members(members(data, _is_read, limits), depth, limits):
            empty = False
            yield part
        if empty:
            yield Unread("holds no document: put .txt, .html, .docx or .pdf files in it")
    else:
        from rag.ingest.mail import read_mail

        yield from _read_members(read_mail(data), depth, limits)


def _read_members(
    found: Iterable[tuple[str, bytes] | Document | Reading | Unread], depth: int, limits: Limits
) -> Iterator[Document | Reading | Unread]:
    for member in found:
        if not isinstance(member, tuple):
            yield member
            continue
        name, content = member
        if _is_read(name):
            for part in read(name, BytesIO(content), depth + 1, limits):
                yield replace(part, name=f"{name}/{part.name}" if part.name else name)
        elif (reason := refusal(suffix_of(name))) is not None:
            yield Unread(reason, name)


def _is_read(name: str) -> bool:
    return suffix_of(name) in SUFFIXES
