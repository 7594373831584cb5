"""A Word document → a document: paragraphs and tables in their order, with what styles declare.

The parts of the file are read straight from its archive by local names, so that both dialects of
the format are read alike and a damaged picture costs nothing. Deleted text, notes, headers and
footers are no running text. Core properties are not trusted: they name whoever typed the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median_low
from zipfile import ZipFile

from lxml import etree

from rag.ingest.archive import open_package, part
from rag.ingest.decode import NotTextError
from rag.ingest.lines import is_headline
from rag.ingest.model import Block, Declared, Document, Dropped

_XML = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True, recover=True)
_WAY_OUT = "is no Word document, or damaged: open it in a word processor and save it as .docx"
# Deleted and moved text, the second writing of a drawing, fields' codes, notes' marks, ruby.
_NO_TEXT = frozenset(
    (
        *("del", "moveFrom", "Fallback", "instrText", "delText", "delInstrText", "rt"),
        *("footnoteReference", "endnoteReference", "footnoteRef", "endnoteRef", "pPr", "rPr"),
        *("commentReference", "annotationRef", "sdtPr", "tblPr", "trPr", "tcPr", "sectPr", "oMath"),
    )
)
_GAPS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "ptab": "\t"}
_HEADING = re.compile(r"(?:heading|标题|標題|überschrift|titre) ?\d|subtitle|副标题", re.IGNORECASE)
_TITLE = re.compile(r"title|标题|標題", re.IGNORECASE)
_CONTENTS = re.compile(r"toc ?(?:\d|heading)|目录", re.IGNORECASE)
_LIST = re.compile(r"list (?!paragraph)|列表|项目符号|编号", re.IGNORECASE)
_MAX_HEADING = 60  # characters of a line that is a heading by its looks alone
_MAX_NESTING = 200


@dataclass(frozen=True, slots=True)
class _Style:
    """What a paragraph style, with those it is based on, says of its paragraphs."""

    name: str = ""
    bold: bool = False
    size: int = 0  # half points; 0 is the document's own
    centred: bool = False
    outlined: bool = False
    listed: bool = False


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph's text and looks; `cell` is set for one that stands for a row of a table."""

    text: str
    style: _Style
    bold: bool = False
    size: int = 0
    centred: bool = False
    listed: bool = False
    row: bool = False


def read_docx(data: bytes) -> Document:
    """The document of a Word file.

    Raises:
        NotTextError: the file is damaged, protected or no Word document.
    """
    with open_package(data) as archive:
        paths = _paths(archive)
        body = _body(archive, paths)
        styles = _styles(archive, paths)
        paragraphs = list(_paragraphs(body, styles, 0))
        dropped = list(_around(archive, paths))
    contents = [p for p in paragraphs if _CONTENTS.match(p.style.name)]
    dropped += [Dropped(line, "table of contents") for p in contents for line in _lines(p.text)]
    paragraphs = [p for p in paragraphs if not _CONTENTS.match(p.style.name)]
    size = _text_size(paragraphs)
    title = next((p.text for p in paragraphs if p.text and _TITLE.fullmatch(p.style.name)), None)
    blocks = [
        Block(line, heading=_is_heading(paragraph, size), item=paragraph.row or paragraph.listed)
        for paragraph in paragraphs
        for line in _lines(paragraph.text)
    ]
    if title is not None:
        title = " ".join(title.split())
    declared = Declared(title=title, origins={"title": "style Title"} if title else {})
    return Document(blocks, declared, "", "Word document", tuple(dropped))


def _paths(archive: ZipFile) -> dict[str, str]:
    """The parts that are read, by kind: {"document": "word/document.xml", …}."""
    paths: dict[str, str] = {}
    for name in archive.namelist():
        found = re.fullmatch(r"/?(?:word[/\\])?(\w+?)\d{0,4}\.xml", name)
        kind = found.group(1) if found else ""
        if kind in ("header", "footer", "footnotes", "endnotes"):
            paths[f"{kind} {name}"] = name
        elif kind in ("document", "styles"):
            paths.setdefault(kind, name)
    return paths


def _tree(archive: ZipFile, path: str) -> etree._Element | None:
    try:
        return etree.fromstring(part(archive, archive.getinfo(path)), _XML)
    except (etree.LxmlError, ValueError):
        return None


def _body(archive: ZipFile, paths: dict[str, str]) -> etree._Element:
    if "document" not in paths:
        raise NotTextError(_WAY_OUT)
    tree = etree.fromstring(b"<none/>")
    found = _tree(archive, paths["document"])
    tree = found if found is not None else tree
    body = next((child for child in tree if _local(child) == "body"), None)
    if body is None:
        raise NotTextError(_WAY_OUT)
    return body


def _styles(archive: ZipFile, paths: dict[str, str]) -> dict[str, _Style]:
    """Paragraph styles by their id; a damaged list of styles is none."""
    try:
        tree = _tree(archive, paths["styles"]) if "styles" in paths else None
    except NotTextError:
        tree = None
    if tree is None:
        return {}
    elements = {
        identifier: element
        for element in tree
        if _local(element) == "style" and (identifier := _value(element, "styleId"))
    }
    return {identifier: _style(identifier, elements) for identifier in elements}


def _style(identifier: str, elements: dict[str, etree._Element]) -> _Style:
    """A style; what it does not say itself it has from the style it is based on."""
    chain: list[etree._Element] = []
    step: str | None = identifier
    while step in elements and elements[step] not in chain and len(chain) < _MAX_NESTING:
        chain.append(elements[step])
        step = _child_value(chain[-1], "basedOn")
    looks = [_looks(element) for element in chain]
    return _Style(
        name=_child_value(chain[0], "name") or identifier,
        bold=next((bold for bold, _, _ in looks if bold is not None), False),
        size=next((size for _, size, _ in looks if size), 0),
        centred=next((centred for _, _, centred in looks if centred is not None), False),
        outlined=any(_outlined(element) for element in chain),
        listed=any(_is_listed(element) for element in chain),
    )


def _looks(element: etree._Element) -> tuple[bool | None, int, bool | None]:
    """(bold, size, centred) as an element's properties say; None and 0 where they do not."""
    run = _child(element, "rPr")
    paragraph = _child(element, "pPr")
    bold = _child(run, "b") if run is not None else None
    size = _child_value(run, "sz") if run is not None else None
    side = _child_value(paragraph, "jc") if paragraph is not None else None
    return (
        None if bold is None else _value(bold, "val") not in ("0", "false", "off"),
        int(size) if size and size.isascii() and size.isdigit() and len(size) < 5 else 0,
        None if side is None else side == "center",
    )


def _outlined(element: etree._Element) -> bool:
    paragraph = _child(element, "pPr")
    level = _child_value(paragraph, "outlineLvl") if paragraph is not None else None
    return level is not None and level in "012345678"


def _is_listed(element: etree._Element) -> bool:
    """Whether a paragraph has a number or a bullet; number 0 takes it away."""
    paragraph = _child(element, "pPr")
    numbering = _child(paragraph, "numPr") if paragraph is not None else None
    return numbering is not None and _child_value(numbering, "numId") not in (None, "0")


def _paragraphs(
    parent: etree._Element, styles: dict[str, _Style], depth: int
) -> Iterator[_Paragraph]:
    """Paragraphs, rows of tables, and text boxes behind the paragraph that holds them."""
    if depth > _MAX_NESTING:
        return
    for element in parent:
        name = _local(element)
        if name == "p":
            yield _paragraph(element, styles)
            for box in _boxes(element):
                yield from _paragraphs(box, styles, depth + 1)
        elif name == "tbl":
            yield from _rows(element, styles, depth)
        elif name not in _NO_TEXT:
            yield from _paragraphs(element, styles, depth + 1)


def _paragraph(element: etree._Element, styles: dict[str, _Style]) -> _Paragraph:
    properties = _child(element, "pPr")
    identifier = _child_value(properties, "pStyle") if properties is not None else None
    style = styles.get(identifier or "", _Style(name=identifier or ""))
    _, _, centred = _looks(element)
    pieces = list(_runs(element, style))
    solid = [(bold, size) for text, bold, size in pieces if text.strip()]
    return _Paragraph(
        "".join(text for text, _, _ in pieces),
        style,
        bold=bool(solid) and all(bold for bold, _ in solid),
        size=min((size for _, size in solid), default=0),
        centred=style.centred if centred is None else centred,
        listed=_is_listed(element) or style.listed or _LIST.search(style.name) is not None,
    )


def _runs(element: etree._Element, style: _Style) -> Iterator[tuple[str, bool, int]]:
    """(text, bold, size) of each run; text boxes and deleted text apart."""
    walker = etree.iterwalk(element, events=("start",))
    bold, size = style.bold, style.size
    for _, node in walker:
        name = _local(node)
        if name in _NO_TEXT or name == "txbxContent":
            walker.skip_subtree()
        elif name == "r":
            own, points, _ = _looks(node)
            if _is_invisible(node):
                walker.skip_subtree()
            bold, size = style.bold if own is None else own, points or style.size
        elif name == "t":
            yield node.text or "", bold, size
        elif name in _GAPS:
            yield _GAPS[name], bold, size


def _is_invisible(run: etree._Element) -> bool:
    properties = _child(run, "rPr")
    mark = _child(properties, "vanish") if properties is not None else None
    return mark is not None and _value(mark, "val") not in ("0", "false", "off")


def _boxes(element: etree._Element) -> Iterator[etree._Element]:
    """The outermost text boxes anchored in a paragraph; the copy for old programs is left out."""
    walker = etree.iterwalk(element, events=("start",))
    for _, node in walker:
        name = _local(node)
        if name == "txbxContent":
            yield node
        if name in _NO_TEXT or name == "txbxContent":
            walker.skip_subtree()


def _rows(table: etree._Element, styles: dict[str, _Style], depth: int) -> Iterator[_Paragraph]:
    """Each row as one line; the only cell of a row is the layout of the page."""
    for row in _nearest(table, "tr"):
        cells = list(_nearest(row, "tc"))
        if len(cells) == 1 or any(_is_story(cell) for cell in cells):
            for cell in cells:
                yield from _paragraphs(cell, styles, depth + 1)
            continue
        words = [
            " ".join(" ".join(p.text for p in _paragraphs(cell, styles, depth + 1)).split())
            for cell in cells
            if not _goes_on(cell)
        ]
        yield _Paragraph(" ".join(filter(None, words)), _Style(), row=True)


def _nearest(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    """The elements of that name in a table or row, also in what wraps them, but not deeper."""
    waiting = list(reversed(parent))
    while waiting:
        element = waiting.pop()
        if _local(element) == name:
            yield element
        elif _local(element) not in (*_NO_TEXT, "p", "tbl", "tr", "tc"):
            waiting += reversed(element)


def _is_story(cell: etree._Element) -> bool:
    """Whether a cell holds paragraphs of running text: then the table is a page's layout."""
    texts = ["".join(word for word in node.itertext()) for node in cell if _local(node) == "p"]
    return sum(len(text) > 60 for text in texts) > 1


def _goes_on(cell: etree._Element) -> bool:
    """Whether a cell is the lower part of one that was merged over rows."""
    properties = _child(cell, "tcPr")
    merged = _child(properties, "vMerge") if properties is not None else None
    return merged is not None and _value(merged, "val") in (None, "continue")


def _text_size(paragraphs: list[_Paragraph]) -> int:
    """The size that most of the text is set in, 0 when no size is given."""
    sizes = [size for p in paragraphs for size in [p.size] * min(len(p.text), 500)]
    return median_low(sizes) if sizes else 0


def _is_heading(paragraph: _Paragraph, size: int) -> bool:
    style = paragraph.style
    if paragraph.row or "caption" in style.name.lower() or "题注" in style.name:
        return False
    if _HEADING.match(style.name) or _TITLE.fullmatch(style.name) or style.outlined:
        return True
    text = paragraph.text.strip()
    if len(text) > _MAX_HEADING or not is_headline(text):
        return False
    return paragraph.bold or (paragraph.centred and size < paragraph.size)


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        if words := " ".join(line.split()):
            yield words


def _around(archive: ZipFile, paths: dict[str, str]) -> Iterator[Dropped]:
    """What stands around the text: headers, footers and notes."""
    told = set()
    for kind, path in paths.items():
        if kind in ("document", "styles"):
            continue
        reason = "footnote" if "note" in kind.split()[0] else "page header or footer"
        try:
            tree = _tree(archive, path)
        except NotTextError:
            tree = None
        for paragraph in _paragraphs(tree, {}, 0) if tree is not None else ():
            text = " ".join(paragraph.text.split())
            if text and text not in told:
                told.add(text)
                yield Dropped(text, reason)


def _local(element: etree._Element) -> str:
    """An element's name without its namespace; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _child(element: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in element if _local(child) == name), None)


def _value(element: etree._Element, name: str) -> str | None:
    """An attribute by its local name."""
    return next(
        (str(v) for key, v in element.attrib.items() if key.rpartition("}")[2] == name), None
    )


def _child_value(element: etree._Element, name: str) -> str | None:
    child = _child(element, name)
    return _value(child, "val") if child is not None else None
