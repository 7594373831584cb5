"""A PDF → a document: its paragraphs and headings in reading order, each with its pages.

`glyphs` reads the lines of a page, `reading_order` puts them in order, `typeset` makes paragraphs
of them; here files are opened and running headers taken out. What a file says about itself is not
believed, and scans are not read. Which block belongs to which story is not decided here.
"""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import closing
from dataclasses import replace
from threading import Lock
from typing import Any

from rag.ingest.credits import header_outlet, masthead
from rag.ingest.dates import date_line
from rag.ingest.decode import NotTextError
from rag.ingest.glyphs import PageText, TextLine, read_page
from rag.ingest.model import Block, Declared, Document, Dropped
from rag.ingest.reading_order import LARGER, body_size, by_baseline, columns
from rag.ingest.typeset import typeset_blocks

_PDFIUM = Lock()  # pdfium is not thread-safe
_PASSWORD = 4  # pdfium's error code for an encrypted file
_OCR = "run it through OCR (for example `ocrmypdf -l chi_sim in.pdf out.pdf`) and add the result"
_DAMAGED = "is a damaged PDF: open it and save it anew"
_RUNNING = "running header or footer"
_MARGIN = 0.15  # of the height of a page, where headers and footers stand
_MARGIN_ROWS = 3
_SAME_HEIGHT = 6.0  # points
_PRINTED_URL = re.compile(r"(?:https?|file)://\S+.*\d+ ?/ ?\d+$")
_PRINTED_ON = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4},? +\d{1,2}:\d\d")


def read_pdf(data: bytes) -> Document:
    """The document of a PDF.

    Raises:
        NotTextError: it is damaged, encrypted or a scan, or its fonts say nothing about characters.
    """
    with _PDFIUM:
        pages, damaged, title = _open(data)
    glyphs = sum(page.glyphs for page in pages)
    if not glyphs:
        raise NotTextError(f"is a scan without text: {_OCR}")
    if sum(page.unmapped for page in pages) * 2 > glyphs:
        raise NotTextError(f"has fonts that name no characters: print it to a new PDF, or {_OCR}")
    dropped = [
        Dropped("", f"page {number} {reason}", number)
        for number, reason in sorted(
            [(number, "is damaged") for number in damaged]
            + [(page.number, "is a picture without text") for page in pages if not page.glyphs]
        )
    ]
    dropped += [Dropped(p.turned, "text that is turned", p.number) for p in pages if p.turned]
    headers, running, pages = _without_running(pages)
    dropped += running
    body = body_size([line for page in pages for line in page.lines])
    flow = [[replace(line, size=body, bold=False)] for line in headers]
    beside = 1
    for page in pages:
        found, count = columns(page.lines, page.rules, body, page.height)
        flow += found
        beside = max(beside, count)
    blocks = typeset_blocks(flow, body)
    number = len(pages) + len(damaged)
    many = f"{number} page{'s' if number > 1 else ''}"
    how = f"PDF, {many}" + (f", up to {beside} columns" if beside > 1 else "")
    return Document(blocks, _declared(title, blocks), how=how, dropped=tuple(dropped))


def _open(data: bytes) -> tuple[list[PageText], list[int], str]:
    """The pages of a file, the numbers of those that are damaged, and the title in its metadata."""
    import pypdfium2  # type: ignore[import-untyped]

    pages: list[PageText] = []
    damaged: list[int] = []
    try:
        with closing(pypdfium2.PdfDocument(data)) as document:
            title = _title(document)
            for number in range(1, len(document) + 1):
                try:
                    with closing(document[number - 1]) as page:
                        pages.append(read_page(page, number))
                except pypdfium2.PdfiumError:
                    damaged.append(number)
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD:
            raise NotTextError("asks for a password: save it without one") from None
        raise NotTextError(_DAMAGED) from None
    if not pages:
        raise NotTextError(_DAMAGED)
    return pages, damaged, " ".join(title.split())


def _title(document: Any) -> str:
    try:
        return str(document.get_metadata_value("Title"))
    except UnicodeDecodeError:
        return ""


def _declared(title: str, blocks: list[Block]) -> Declared:
    """The title in the metadata, if the first page prints it in larger type."""
    for block in blocks:
        if title and block.heading and block.text == title and block.pages[0][1] == 1:
            return Declared(title=title, origins={"title": "PDF title, printed on page 1"})
    return Declared()


def _without_running(
    pages: list[PageText],
) -> tuple[list[TextLine], list[Dropped], list[PageText]]:
    """Headers with a date, what else runs through all pages, and the pages without them."""
    margins = {page.number: _margin_rows(page) for page in pages}
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for number, found in margins.items():
        for line in (line for row in found for line in row):
            for key in _keys(line):
                seen[key].add(number)
    enough = max(2, len(pages) // 4)
    running = {key for key, numbers in seen.items() if len(numbers) >= enough}
    dated: dict[str, list[TextLine]] = defaultdict(list)
    dropped: list[Dropped] = []
    left: list[PageText] = []
    for page in pages:
        out: list[TextLine] = []
        found = margins[page.number]
        printed = any(_PRINTED_URL.search(_whole(row).text) for row in found)
        for row in found:
            whole = _whole(row)
            gone = [line for line in row if not running.isdisjoint(_keys(line))]
            if printed and (_PRINTED_URL.search(whole.text) or _PRINTED_ON.match(whole.text)):
                gone = row
            elif header := _dated_header(row, page, found):
                day, parts = header
                dated[day].append(_whole(parts))
                out += parts
                gone = [line for line in gone if line not in parts]
            if gone:
                out += gone
                dropped.append(Dropped(_whole(gone).text, _RUNNING, page.number))
        taken = set(map(id, out))
        left.append(replace(page, lines=[line for line in page.lines if id(line) not in taken]))
    headers: list[TextLine] = []
    for same in dated.values():
        # The first page may print the date beside its masthead, others the paper beside the date.
        kept = same[:1] + [line for line in same if header_outlet(line.text)][:1]
        headers += [line for line in same if line in kept]
        dropped += [Dropped(line.text, _RUNNING, line.page) for line in same if line not in kept]
    return headers, dropped, left


def _margin_rows(page: PageText) -> list[list[TextLine]]:
    """The outermost lines of a page, by baseline."""
    found = list(by_baseline(page.lines))
    head = [row for row in found[:_MARGIN_ROWS] if row[0].base < _MARGIN * page.height]
    foot = found[max(len(head), len(found) - _MARGIN_ROWS) :]
    return head + [row for row in foot if row[0].base > (1 - _MARGIN) * page.height]


def _whole(row: list[TextLine]) -> TextLine:
    """The parts of a line as one, whatever their type."""
    text = " ".join(line.text for line in row)
    return replace(row[0], text=text, right=row[-1].right)


def _keys(line: TextLine) -> list[tuple[str, int]]:
    """What is the same in a line that runs through pages: its words and its height."""
    words = "".join(char for char in line.text if not (char.isdigit() or char.isspace()))
    height = round(line.base / _SAME_HEIGHT)
    return [(words, height), (words, height + 1)]


def _dated_header(
    row: list[TextLine], page: PageText, margin: list[list[TextLine]]
) -> tuple[str, list[TextLine]] | None:
    """The date of a header or footer, and the lines of the row that print it."""
    is_foot = row[0].base > _MARGIN * page.height
    if is_foot and len(row) == 1:
        return None  # the date of a signature
    for parts in [row] if is_foot else [row, *([line] for line in row)]:
        whole = _whole(parts)
        day = date_line(whole.text)
        if day is None or (not is_foot and _is_below_headline(whole, page, margin)):
            continue
        return day, parts
    return None


def _is_below_headline(line: TextLine, page: PageText, margin: list[list[TextLine]]) -> bool:
    """Whether a date stands below what is no header, as that of an article does."""
    in_margin = {id(part) for row in margin for part in row}
    return any(
        above.base < line.base - line.size
        and (id(above) not in in_margin or (above.left < line.right and line.left < above.right))
        and above.size > line.size * LARGER
        and masthead(above.text) is None
        for above in page.lines
    )
