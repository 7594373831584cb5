"""The text of mark-up without furniture → blocks: letters, and chapters of books.

All of it is taken as it stands, line by line, but for what is not shown. Web pages, whose text
must be found first, are left to `html`.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree
from lxml import html as lxml_html

from rag.ingest.decode import NotTextError
from rag.ingest.model import Block

_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_BREAKS = _HEADINGS | frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "br", "center", "dd", "div", "dl"),
        *("dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hr", "li", "main"),
        *("nav", "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr"),
        *("ul", "caption", "center", "details", "summary"),
    )
)
_BOLD = frozenset(("b", "strong"))
_HIDDEN_TAGS = frozenset(
    (
        *("button", "head", "iframe", "map", "math", "noscript", "object", "rp", "rt", "script"),
        *("select", "style", "svg", "template", "textarea", "title", "video", "audio"),
    )
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|max-height\s*:\s*0(?![.\d])|font-size\s*:\s*[01]px"
)
_BOLD_STYLE = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)")
_PROLOG = re.compile(r"\s*<\?xml[^>]*\?>")
_MAX_HEADING = 60  # characters of a bold line that is a heading


def parse(text: str) -> etree._Element:
    """The tree of a page.

    Raises:
        NotTextError: there is nothing in it.
    """
    try:
        return lxml_html.document_fromstring(
            _PROLOG.sub("", text, count=1).encode("utf-8"),
            parser=lxml_html.HTMLParser(encoding="utf-8", huge_tree=True),
        )
    except (etree.LxmlError, ValueError) as error:
        raise NotTextError("holds no text: check that it holds sentences") from error


def read_blocks(tree: etree._Element) -> list[Block]:
    """The blocks of a tree in order: a line each, and a row of a table as one."""
    blocks: list[Block] = []
    words: list[tuple[str, bool]] = []
    bold = 0
    tag = "body"
    broken = False  # by a line break, so that what follows is printed right below

    def close() -> None:
        if (block := _block(words, tag)) is not None:
            blocks.append(replace(block, tight=broken and block.heading))
        words.clear()

    walker = etree.iterwalk(tree, events=("start", "end", "comment", "pi"))
    for event, element in walker:
        name = element.tag
        if event in ("comment", "pi"):
            words.append((element.tail or "", bold > 0))
            continue
        if name in _BREAKS:
            close()
            broken = name == "br"
            tag = tag if broken else name if event == "start" else "body"
        if event == "start":
            if _is_hidden(element):
                walker.skip_subtree()
            elif name == "tr" and (row := _row(element)):
                blocks.append(Block(row, item=True))
                walker.skip_subtree()
            else:
                words.append((element.text or "", bold + _is_bold(element) > 0))
            bold += _is_bold(element)
        else:
            bold -= _is_bold(element)
            words.append((element.tail or "", bold > 0))
    close()
    return blocks


def words_of(element: etree._Element) -> str:
    """The text of an element on one line."""
    return " ".join("".join(element.itertext(with_tail=False)).split())


def _block(words: list[tuple[str, bool]], tag: str) -> Block | None:
    text = " ".join("".join(word for word, _ in words).split())
    if not text:
        return None
    solid = all(bold for word, bold in words if word.strip()) and len(text) <= _MAX_HEADING
    return Block(text, heading=tag in _HEADINGS or (solid and tag != "li"), item=tag == "li")


def _is_bold(element: etree._Element) -> bool:
    return element.tag in _BOLD or _BOLD_STYLE.search(element.get("style") or "") is not None


def _is_hidden(element: etree._Element) -> bool:
    style = element.get("style") or ""
    return (
        element.tag in _HIDDEN_TAGS
        or element.get("hidden") is not None
        or (bool(style) and _HIDDEN.search(style.lower()) is not None)
    )


def _row(row: etree._Element) -> str | None:
    """The cells of a row of a table with data; None for a row that lays out the page."""
    cells = [cell for cell in row if cell.tag in ("td", "th")]
    if len(cells) < 2 or any(
        node.tag in _BREAKS for cell in cells for node in cell.iterdescendants()
    ):
        return None
    texts = [text for cell in cells if (text := words_of(cell))]
    return " ".join(texts) if len(texts) > 1 and max(map(len, texts)) <= _MAX_HEADING else None
