"""Markdown → a document: front matter, headings, and paragraphs without mark-up.

HTML inside Markdown counts as the Markdown it stands for, so plain text with some tags in it is
read here too. Link targets, images and code fences are left out; nothing is rendered.
"""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

from rag.ingest.credits import people
from rag.ingest.dates import iso_date
from rag.ingest.layout import read_blocks
from rag.ingest.lines import Kind, kind
from rag.ingest.model import Block, Declared, Document
from rag.text import is_han

_DATES = ("date", "publishdate", "pubdate", "published", "publish_date", "published_at", "created")
_URLS = ("url", "link", "source", "permalink")
_NOTE_MARK = re.compile(
    r"^\[\[?(?i:toc)\]?\][ \t]*$|!\[\[[^\]]*\]\]|(?<=\s)\^[\w-]+[ \t]*$|^\^[\w-]+[ \t]*$",
    re.MULTILINE,
)
_NOTE_LINK = re.compile(r"\[\[(?:[^\]|]*\|)?([^\]]*)\]\]")
_CALLOUT = re.compile(r"^> ?\[!(?!quote)[^\]]*\].*\n(?:>.*\n?)*", re.MULTILINE)
_SHORTCODE = re.compile(
    r"%%[^%]*%%|^```\w+\n[^`]*^```|"
    r"\{\{[<%].*?[>%]\}\}|\{%.*?%\}|^\{:.*\}[ \t]*$|^[ \t]*[*-] TOC[ \t]*$",
    re.MULTILINE,
)
_CAPTION = re.compile(
    r"<(p|div|span)\b[^<>]*\bclass=[\"'][^\"'<>]*\b(?:cap|caption|(?:img|pic|photo)-?(?:desc|note|text))\b"
    r"[^<>]*>[^<>]{0,200}</\1>",
    re.IGNORECASE,
)
_FOOTNOTE = re.compile(r"^ {0,3}\[\^[^\]\s]+\]:.*$", re.MULTILINE)
_FOOTNOTE_MARK = re.compile(r"\[\^[^\]\s]+\]")
_TAGS = (
    "p|div|span|br|hr|strong|b|em|i|u|s|a|img|h[1-6]|ul|ol|li|table|thead|tbody|tr|td|th|section|article"
    "|header|footer|nav|aside|main|figure|figcaption|blockquote|pre|code|font|center|small|sup|sub|script"
    "|style|iframe|video|audio|source|svg|path|form|input|button|label|object|embed|meta|link|html|head|body"
)
_HIDDEN = re.compile(
    r"<(?:!--|(script|style|svg|iframe|figcaption|object|aside)\b[^<>]*>)", re.IGNORECASE
)
_ANY_TAG = re.compile(rf"</?(?:{_TAGS})\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*/?>", re.IGNORECASE)
_HEADING_TAG = re.compile(r"<h[1-6]\b[^<>]*>", re.IGNORECASE)
_BOLD_TAG = re.compile(r"</?(?:strong|b)\b[^<>]*>", re.IGNORECASE)
_BLOCK_TAG = re.compile(
    r"</?(?:p|div|br|hr|h[1-6]|ul|ol|li|table|tr|section|article|header|footer|nav|aside|figure"
    r"|blockquote|pre)\b[^<>]*>",
    re.IGNORECASE,
)
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:[^\n]*\n){0,200}?---[ \t]*(?:\n|$)")
_FIELD = re.compile(r"^(\w+):[ \t]*[\"']?(.+?)[\"']?[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_UNDERLINE = re.compile(r" {0,3}(?:={3,}|-{3,})\s*$")
_RULE = re.compile(r" {0,3}(?:(?:[*_-] *){3,}|\|?[ :|-]{3,})$")
_BOLD_LINE = re.compile(r"\s*(?:\*\*|__)(?P<text>[^*_]+)(?:\*\*|__)\s*$")
_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)|!\[[^\]]*\]\[[^\]]*\]")
_LINK = re.compile(r"\[(?P<text>[^\[\]]*)\]\((?:[^()]|\([^()]*\))*\)")
_LINKS_ONLY = re.compile(r"(?:\[[^\[\]]*\]\([^)]*\)|<?https?://[^\s>]+>?|[\s|｜·•,，、>»/-])+$")
_AUTOLINK = re.compile(r"<https?://[^<>\s]+>")
_EMPHASIS = re.compile(
    r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1|(?<![\w*])\*(?=[^\s*])([^*\n]+)(?<=\S)\*(?!\w)"
)
_MARKER = re.compile(r"\s*(?:>\s?)*(?:[-*+]\s+(?:\[[ xX]\]\s+)?)?")
_ITEM = re.compile(r"\s{0,3}(?:[-*+]|\d{1,2}[.)])\s+\S")
_FENCE = re.compile(r"\s*(?:```|~~~)")


def has_markup(text: str) -> bool:
    """Whether a plain text has front matter or HTML tags in it."""
    return _FRONT_MATTER.match(text) is not None or _ANY_TAG.search(text) is not None


def read_markdown(text: str) -> Document:
    """The document of a Markdown text, or of a plain text with tags or front matter in it."""
    fields, body = _front_matter(text)
    body = _NOTE_MARK.sub("", _CALLOUT.sub("", body))
    body = _FOOTNOTE.sub("", _SHORTCODE.sub("", _NOTE_LINK.sub(r"\1", body)))
    blocks = _blocks(_untag(_FOOTNOTE_MARK.sub("", body)))
    title = _field(fields, "title")
    if title is None and (top := _top_heading(blocks)) is not None:
        title = blocks.pop(top).text
    return Document(
        blocks,
        Declared(
            title=title,
            date=next((day for name in _DATES if (day := _date(fields.get(name)))), None),
            source=_not_address(_field(fields, "source")),
            publisher=_field(fields, "publisher") or _not_address(_field(fields, "site")),
            authors=_authors(fields),
            url=next((u for name in _URLS if (u := _address(_field(fields, name)))), None),
            origins=dict.fromkeys(("date", "source", "publisher", "authors"), "front matter")
            | {"title": "front matter" if "title" in fields else "first heading"},
        ),
        how="Markdown, with front matter" if fields else "Markdown",
    )


def _front_matter(text: str) -> tuple[dict[str, Any], str]:
    if _FRONT_MATTER.match(text) is None:
        return {}, text
    import frontmatter
    from yaml import YAMLError

    try:
        post = frontmatter.loads(text)
    except (YAMLError, ValueError, RecursionError):
        # A title with a colon in it is no YAML; the fields can still be told.
        matter = _FRONT_MATTER.match(text)
        end = matter.end() if matter is not None else 0
        found = _FIELD.findall(text[:end])
        return {name.lower(): value for name, value in found}, text[end:]
    return {str(name).lower(): value for name, value in post.metadata.items()}, post.content


def _field(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if isinstance(value, int | float | str) and (words := str(value).split()):
        return " ".join(words)
    return None


def _address(value: str | None) -> str | None:
    return value if value is not None and "://" in value else None


def _not_address(value: str | None) -> str | None:
    """A name, not where it is on the web; `[[…]]` is a link between notes."""
    return None if value is None or "://" in value else value.strip("[]")


def _date(value: object) -> str | None:
    if isinstance(value, date):
        return value.isoformat()[:10]
    return iso_date(value) if isinstance(value, str) else None


def _authors(fields: dict[str, Any]) -> tuple[str, ...]:
    value = fields.get("authors") or fields.get("author") or ()
    if isinstance(value, str) and (known := people(value)[0]):
        return known
    names = re.split(r"[、,，;；/]", value) if isinstance(value, str) else value
    if not isinstance(names, list | tuple):
        return ()
    return tuple(name.strip(" []") for name in names if isinstance(name, str) and name.strip())


def _untag(text: str) -> str:
    """HTML in a text as the Markdown it stands for; other tags go, and entities are resolved."""
    if _ANY_TAG.search(text) is None and "<!--" not in text:
        return text
    text = _CAPTION.sub(" ", _without_hidden(text))
    text = _HEADING_TAG.sub("\n\n## ", text)
    text = _BOLD_TAG.sub("**", text)
    text = _BLOCK_TAG.sub("\n\n", text)
    return unescape(_ANY_TAG.sub("", text))


def _without_hidden(text: str) -> str:
    """A text without comments, scripts and captions; in one pass, whatever is left unclosed."""
    kept, position = [], 0
    unclosed: set[str] = set()
    while (found := _HIDDEN.search(text, position)) is not None:
        closer = f"</{found[1].lower()}" if found[1] else "-->"
        end = None
        if closer not in unclosed:
            end = re.compile(closer, re.IGNORECASE).search(text, found.end())
        kept.append(text[position : found.start()])
        if end is None:
            unclosed.add(closer)
        position = found.end() if end is None else end.end()
    return " ".join([*kept, text[position:]])


def _blocks(text: str) -> list[Block]:
    """Headings and paragraphs, hard-wrapped lines joined."""
    blocks: list[Block] = []
    run: list[str] = []

    def flush() -> None:
        blocks.extend(read_blocks("\n".join(run)))
        run.clear()

    for line in text.split("\n"):
        marked = _HEADING.match(line)
        bold = _BOLD_LINE.match(line)
        if _FENCE.match(line):
            continue
        if marked is not None:
            flush()
            if heading := _plain(marked.group(2)):
                blocks.append(Block(heading, heading=True))
        elif _UNDERLINE.match(line) and run and run[-1].strip():
            heading = run.pop().strip()
            flush()
            blocks.append(Block(heading, heading=True))
        elif bold is not None and kind(bold["text"].strip()) is Kind.HEADLINE:
            flush()
            blocks.append(Block(_plain(bold["text"]), heading=True))
        elif _RULE.match(line) or (line.strip() and _LINKS_ONLY.match(line.strip())):
            run.append("")
        elif _ITEM.match(line) or line.lstrip().startswith("|"):
            flush()
            if item := _plain(line).strip():
                blocks.append(Block(item, item=True))
        elif blocks and blocks[-1].item and not run and line.startswith("  ") and line.strip():
            before = blocks.pop().text  # a list item that goes on in the next line
            space = "" if is_han(before[-1]) and is_han(line.strip()[0]) else " "
            blocks.append(Block(before + space + _plain(line).strip(), item=True))
        else:
            run.append(_plain(line))
    flush()
    return blocks


def _plain(line: str) -> str:
    """A line without inline mark-up."""
    line = _AUTOLINK.sub(" ", _IMAGE.sub(" ", line))
    line = _LINK.sub(lambda found: found["text"], line)
    marker = _MARKER.match(line)
    if marker is not None and marker.group().strip():
        line = line[marker.end() :]
    if line.lstrip().startswith("|"):
        line = " ".join(cell.strip() for cell in line.strip().strip("|").split("|"))
    line = _EMPHASIS.sub(lambda found: found[2] or found[3], line)
    return line.replace("**", "").replace("`", "").rstrip()


def _top_heading(blocks: list[Block]) -> int | None:
    """The first heading, when it stands above all text."""
    for index, block in enumerate(blocks):
        if block.heading:
            return index
        if kind(block.text) in (Kind.BODY, Kind.OPENING):
            return None
    return None
