"""A web page → a document: its running text by trafilatura, its lines of credits, what it declares.

Lines printed between headline and text (date, credit, byline) are passed on as blocks for `page` to
read. Where trafilatura loses sentences or glues lines together, the visible lines are read
instead. Its guesses at metadata are not used: they search running text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from lxml import etree
from lxml import html as lxml_html

from rag.ingest.credits import is_page_header
from rag.ingest.dates import date_line
from rag.ingest.fold import letters
from rag.ingest.html_declared import read_declared
from rag.ingest.html_lines import (
    OUTSIDE_MARK,
    Line,
    is_marked,
    is_title,
    joined,
    line_key,
    visible_lines,
)
from rag.ingest.lines import Kind, kind
from rag.ingest.model import Block, Document, Dropped

_DECK_MARK = re.compile(
    r"(?:^|[ _-])(?:standfirst|sub_?title|sub-?head(?:line)?|deck|dek|kicker|eyebrow)(?:$|[ _-])"
)
_TEXT = (Kind.BODY, Kind.OPENING)
_NO_TEXT = (Kind.FURNITURE, Kind.TAIL)
_MAX_FLAT = 5  # blocks
_MIN_HEADING, _MAX_HEADING = 4, 40  # characters
_MAX_LOST = 0.03  # of the text
_SENTENCE = 30  # characters: less may be any line
_MAX_CAPTION, _SHORT_CAPTION = 120, 60  # characters, with a caption's words in it and without
_CAPTION_CUE = re.compile(r"[图圖摄攝]|[Pp]hoto|[Ii]mage|[Pp]icture|Credit")
_LONG = 300_000  # characters: a longer page is read without trafilatura's second opinions
_MAX_LINES = 40
_ABOVE_TITLE = 3  # lines
# What trafilatura writes may hold prefixes that it does not declare.
_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)


def read_html(text: str) -> Document:
    """The document of a page; without blocks when it has no running text."""
    try:
        tree = lxml_html.document_fromstring(
            text.encode("utf-8"), parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
        )
    except (etree.LxmlError, ValueError):
        return Document([])
    lines = list(joined(list(visible_lines(tree))))
    declared = read_declared(tree, lines)
    captions = {line_key(line) for line in _captions(tree)}
    decks = {line_key(line.text) for line in lines if is_marked(line.block, _DECK_MARK)}
    outside = _outside(lines)
    body = _extract(text)
    how = "web page, its text found by trafilatura"
    flat = _is_flattened(body, lines)
    if not body or (len(body) <= _MAX_FLAT and flat):
        body = _visible_blocks(lines, declared.title)
        how = "web page, its visible lines"
    else:
        body = _with_lost(body, lines, outside, flat=flat) or body
        above, below = _lines_around(lines, outside, body, declared.title)
        body = [*above, *body, *below]
    reasons = {
        **dict.fromkeys(outside, "element of the page, not of the article"),
        **dict.fromkeys(decks, "subtitle"),
        **dict.fromkeys(captions, "caption"),
    }
    body = _below_headline(body, lines, declared.title)
    furniture = "\n".join(letters(line.text) for line in lines if kind(line.text) in _NO_TEXT)
    kept = [
        block
        for block in body
        if line_key(block.text) not in reasons
        and not (kind(block.text) is Kind.HEADLINE and letters(block.text) in furniture)
    ]
    known = {line_key(block.text) for block in body}
    dropped = [
        Dropped(line.text, reasons.get(line_key(line.text), "outside the article"))
        for line in lines
        if line_key(line.text) not in known or line_key(line.text) in reasons
    ]
    return Document(kept, declared, how=how, dropped=tuple(dropped))


def _outside(lines: list[Line]) -> set[str]:
    """Lines that stand only in elements made for furniture, unless most of the page does."""
    keys: tuple[set[str], set[str]] = (set(), set())
    for line in lines:
        keys[is_marked(line.block, OUTSIDE_MARK)].add(line_key(line.text))
    inside, outside = keys
    return outside - inside if len(outside) < len(inside) else set()


def _captions(tree: etree._Element) -> Iterator[str]:
    """The lines that stand with a picture in an element of their own."""
    for picture in tree.iter("img"):
        frame = None
        element = picture.getparent()
        while element is not None and element.tag not in ("body", "tr", "table", "article"):
            words = " ".join("".join(element.itertext()).split())
            longest = _MAX_CAPTION if _CAPTION_CUE.search(words) else _SHORT_CAPTION
            if len(words) > longest or words.count("。") > 1:
                break
            if words:
                frame = element
            element = element.getparent()
        if frame is None and (below := _below_picture(picture)) is not None:
            yield below
        if frame is not None:
            yield from (line.text for line in visible_lines(frame))


def _below_picture(picture: etree._Element) -> str | None:
    """A short line in small or centred type right below the block of a picture."""
    block = picture.getparent()
    below = block.getnext() if block is not None else None
    if below is None or not isinstance(below.tag, str):
        return None
    words = " ".join("".join(below.itertext()).split())
    style = "".join((below.get("style") or "").lower().split())
    small = "text-align:center" in style or "color:" in style or below.get("align") == "center"
    return words if small and 0 < len(words) <= _SHORT_CAPTION and words.count("。") <= 1 else None


def _with_lost(
    body: list[Block], lines: list[Line], outside: set[str], *, flat: bool
) -> list[Block] | None:
    """The lines from the first to the last extracted sentence where some between are lost.

    So are they where lines of the page run into one another (`flat`).

    Sentences right before the first and right behind the last one count, too. None when nothing
    is lost.
    """
    found = "".join(letters(block.text) for block in body)
    inside = [line for line in lines if not line.linked and line_key(line.text) not in outside]
    sentences = [
        index
        for index, line in enumerate(inside)
        if len(line.text) >= _SENTENCE and kind(line.text) in _TEXT
    ]
    there = {index for index in sentences if line_key(inside[index].text) in found}
    if not there:
        return None
    first, last = _extent(min(there), max(there), inside, set(sentences))
    lost = [index for index in sentences if first <= index <= last and index not in there]
    headings = any(
        line.bold
        and _MIN_HEADING <= len(line.text) <= _MAX_HEADING
        and kind(line.text) is Kind.HEADLINE
        and letters(line.text) not in found
        for line in inside[first : last + 1]
    )
    few = sum(len(inside[index].text) for index in lost) <= _MAX_LOST * len(found)
    if few and not flat and not headings:
        return None
    return [
        Block(line.text, heading=line.bold, size=line.size) for line in inside[first : last + 1]
    ]


def _extent(first: int, last: int, lines: list[Line], sentences: set[int]) -> tuple[int, int]:
    """How far the sentences go on before the first and behind the last, bold headings between."""
    for step in (-1, 1):
        at = first if step < 0 else last
        while True:
            after = at + 2 * step
            if at + step in sentences:
                at += step
            elif after in sentences and lines[at + step].bold:
                at = after
            else:
                break
        first, last = (at, last) if step < 0 else (first, at)
    return first, last


def _extract(text: str) -> list[Block]:
    """The running text and its headings, as trafilatura finds them."""
    from trafilatura import extract

    try:
        found = extract(
            text,
            output_format="xml",
            include_comments=False,
            include_formatting=True,
            include_tables=True,
            fast=len(text) > _LONG,
        )
        tree = etree.fromstring(found.encode("utf-8"), _XML) if found else None
    except (etree.LxmlError, ValueError):
        return []  # it stumbles over its own XML where names hold odd characters
    main = tree.find("main") if tree is not None else None
    return list(_blocks(main)) if main is not None else []


def _blocks(parent: etree._Element) -> Iterator[Block]:
    for element in parent:
        if element.tag in ("list", "row"):
            yield from _entries(element)
        elif element.tag == "table" or element.find("p") is not None:
            yield from _blocks(element)
        else:
            heading = element.tag == "head" or _is_bold(element)
            for line in _split_lines(element):
                yield Block(line, heading=heading)
        if element.tail and element.tail.strip():
            yield Block(" ".join(element.tail.split()))


def _entries(parent: etree._Element) -> Iterator[Block]:
    """Entries of a list; a row of a table as one, unless the table is the layout of the page."""
    if parent.tag == "row":
        if len(parent) == 1 or any(
            cell.find(tag) is not None for cell in parent for tag in ("p", "head", "lb")
        ):
            for cell in parent:
                yield from _blocks(cell)
            return
        cells = [" ".join("".join(cell.itertext()).split()) for cell in parent]
        entries = [" ".join(cell for cell in cells if cell)]
    else:
        entries = [" ".join("".join(item.itertext()).split()) for item in parent]
    yield from (Block(entry, item=True) for entry in entries if entry)


def _split_lines(element: etree._Element) -> Iterator[str]:
    """The text of an element, parted at its line breaks."""
    for found in element.iter("lb"):
        found.text = "\n"
    for line in "".join(element.itertext()).split("\n"):
        if words := " ".join(line.split()):
            yield words


def _is_bold(element: etree._Element) -> bool:
    """Whether all of a paragraph is bold, as headings without a tag of their own are."""
    if (element.text or "").strip() or len(element) == 0:
        return False
    return all(
        child.tag == "lb" or (child.get("rend") == "#b" and not (child.tail or "").strip())
        for child in element
    )


def _is_flattened(body: list[Block], lines: list[Line]) -> bool:
    """Whether lines of the page run into one another in what was extracted."""
    wholes = [letters(block.text) for block in body]
    if len(body) <= _MAX_FLAT:
        keys = [key for line in lines if len(key := line_key(line.text)) >= 8]
        if any(sum(key in whole for key in keys) > 2 for whole in wholes):
            return True
    text = "\n".join(wholes)
    for line, below in pairwise(lines):
        if line.bold and not line.linked and len(line.text) <= _MAX_HEADING:
            heading = letters(line.text)
            if len(heading) >= 4 and heading + line_key(below.text)[:20] in text:
                return True
    return False


def _visible_blocks(lines: list[Line], title: str | None) -> list[Block]:
    """The lines below a page's headline that are not links, nor in elements made for furniture."""
    lines = [line for line in lines if not is_marked(line.block, OUTSIDE_MARK)]
    kinds = [kind(line.text) for line in lines]
    first = next((i for i, found in enumerate(kinds) if found in _TEXT), len(lines))
    headed = [i for i, line in enumerate(lines[:first]) if is_title(line.text, title)]
    return [
        Block(line.text, heading=line.bold, size=line.size)
        for line in lines[headed[-1] + 1 if headed else 0 :]
        if not line.linked
    ]


def _lines_around(
    lines: list[Line], outside: set[str], body: list[Block], title: str | None
) -> tuple[list[Block], list[Block]]:
    """Lines of credits that are printed right above and right below the text.

    Where no title is declared, bold or large lines above it are passed on, too.
    """
    above = next((line_key(b.text) for b in body if kind(b.text) in _TEXT and not b.item), None)
    below = next(
        (line_key(block.text) for block in reversed(body) if kind(block.text) in _TEXT), None
    )
    if above is None or below is None:
        return [], []
    keys = [line_key(line.text) for line in lines]
    first = next((i for i, key in enumerate(keys) if above in key), 0)
    last = max((i for i, key in enumerate(keys) if below in key), default=len(keys))
    begin = max(0, first - _MAX_LINES)
    if title is not None:
        headed = [i for i in range(begin, first) if is_title(lines[i].text, title)]
        begin = max(begin, headed[-1] - _ABOVE_TITLE) if headed else begin
    known = {line_key(block.text) for block in body}
    dated = [line for line in lines[:begin] if is_page_header(line.text)]
    leading = []
    for line in [*dated[:1], *lines[begin:first]]:
        found = kind(line.text)
        if is_title(line.text, title):
            continue
        large = (
            title is None
            and (line.bold or line.size > 0)
            and not line.linked
            and line_key(line.text) not in outside
        )
        if found is Kind.META or (large and found is Kind.HEADLINE):
            leading.append(Block(line.text, heading=found is Kind.HEADLINE, size=line.size))
    closing = [
        Block(line.text)
        for line in lines[last + 1 : last + 6]
        if kind(line.text) is Kind.META
        and date_line(line.text) is None
        and line_key(line.text) not in known
    ]
    return [block for block in leading if line_key(block.text) not in known], closing


def _below_headline(body: list[Block], lines: list[Line], title: str | None) -> list[Block]:
    """The extracted text without tables and lists that stand above the headline."""
    at = {line_key(line.text): number for number, line in enumerate(lines)}
    headed = [number for number, line in enumerate(lines) if is_title(line.text, title)]
    first = next((i for i, b in enumerate(body) if kind(b.text) in _TEXT and not b.item), 0)
    if not headed:
        return body
    cells = [line.text for line in lines[: headed[0]] if len(line.text) > 1]
    above = [
        block
        for block in body[:first]
        if block.item
        and (line_key(block.text) in at or any(map(block.text.startswith, cells)))
        and at.get(line_key(block.text), 0) < headed[0]
    ]
    return [block for block in body if block not in above]
