"""An inspection as one static page: the documents in their own order, coloured by story.

The page has no script and loads nothing; a policy in it forbids both. Text is untrusted: every
string passes `_tag`, which escapes whatever it did not make itself. What was read, and how, is
decided elsewhere.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path

from rag.errors import InputError
from rag.files import write_whole
from rag.ingest.model import Dropped, Placed, Story
from rag.inspect import InspectedDocument, InspectedStory, Inspection, pieces
from rag.types import DOUBTFUL_BELOW

_GENERATOR = "wenbao inspect"
_COLOURS = 6
_MAX_DROPPED = 400  # characters shown of what was left out
# C0 and C1 controls except tab and newline, and the marks that reorder text.
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class _Html(str):
    """Mark-up made here; any other string is text and is escaped."""

    __slots__ = ()


def write_report(inspection: Inspection, path: str | Path) -> None:
    """Write an inspection as a page; an earlier report of that name is replaced.

    Raises:
        InputError: another file stands there, or it cannot be written.
    """
    target = Path(path).expanduser()
    try:
        if target.exists() and not _is_report(target):
            raise InputError(f"{path} exists and is no earlier report: choose another name")
        write_whole(target, render_report(inspection).encode("utf-8", errors="replace"))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path} cannot be written ({reason}): choose another name") from error


def render_report(inspection: Inspection) -> str:
    """The page of an inspection."""
    documents = inspection.documents
    head = _tag(
        "head",
        _empty("meta", charset="utf-8"),
        _empty("meta", name="generator", content=_GENERATOR),
        _empty("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _empty(
            "meta",
            http_equiv="Content-Security-Policy",
            content="default-src 'none'; style-src 'unsafe-inline'",
        ),
        _tag("title", "Wenbao: what was read"),
        _tag("style", _Html(Path(__file__).with_name("report.css").read_text(encoding="utf-8"))),
    )
    top = _tag(
        "header",
        _tag("h1", _tag("span", "问报", lang="zh"), "What was read"),
        _tag("p", _summary(inspection), class_="soft"),
        class_="top",
    )
    contents = [_contents(documents)] if len(documents) > 1 else []
    sections = [_document(number, document) for number, document in enumerate(documents, 1)]
    body = _tag("body", top, *contents, *sections)
    return f"<!doctype html>\n{_tag('html', head, body, lang='en')}\n"


def _summary(inspection: Inspection) -> str:
    stories, unread = len(inspection.stories), len(inspection.unread)
    counts = [_count(len(inspection.documents), "document"), _count(stories, "story")]
    return ", ".join([*counts, f"{unread} not read"] if unread else counts)


def _contents(documents: tuple[InspectedDocument, ...]) -> _Html:
    entries = []
    for number, document in enumerate(documents, 1):
        lowest = min((found.story.confidence for found in document.stories), default=1.0)
        doubt = f", lowest confidence {lowest:.2f}" if lowest < DOUBTFUL_BELOW else ""
        state = _count(len(document.stories), "story") + doubt
        shown = "soft warn" if document.unread or doubt else "soft"
        entries.append(
            _tag(
                "li",
                _tag("a", document.path, href=f"#d{number}"),
                _tag("span", "not read" if document.unread else state, class_=shown),
            )
        )
    return _tag("ol", *entries, class_="contents")


def _document(number: int, document: InspectedDocument) -> _Html:
    title = _tag("h2", document.path)
    if document.unread is not None:
        content = [_tag("p", document.unread, class_="unread")]
    else:
        kept = sum(len(found.story.text) for found in document.stories)
        dropped = len(document.dropped)
        facts = [document.how, _count(len(document.stories), "story"), f"{kept:,} characters"]
        facts += [f"{_count(dropped, 'block')} left out"] if dropped else []
        cards = [_card(number, n, found) for n, found in enumerate(document.stories)]
        columns = (
            _tag("div", *_paper(number, document), class_="paper"),
            _tag("aside", *cards, *_left_out(document), class_="cards"),
        )
        content = [
            _tag("p", " · ".join(filter(None, facts)), class_="soft"),
            _tag("div", *columns, class_="columns"),
        ]
    return _tag("section", title, *content, class_="document", id=f"d{number}")


def _card(document: int, number: int, found: InspectedStory) -> _Html:
    story = found.story
    title = [_tag("b", str(number + 1)), _tag("a", story.title, href=f"#d{document}s{number + 1}")]
    heading = _tag("h3", *title, lang=found.language)
    inferred = "no headline found: made from the text" if story.title_inferred else ""
    origin = _tag("p", inferred or story.origins.get("title", ""), class_="soft")
    rows = [
        *_value("date", story.date, story),
        *_value("source", story.source, story),
        *_value("authors", "、".join(story.authors), story),
        *_row("language", {"zh": "Chinese", "en": "English"}[found.language]),
        *_row("confidence", *_confidence(story)),
    ]
    if story.headings:
        rows += _row("sections", *(_tag("div", text) for _, text in story.headings))
    unit = "characters" if found.language == "zh" else "words"
    share = [
        _tag("i", str(size), style=f"flex:{size} 0 0", title=f"passage {n}: {size} {unit}")
        for n, size in enumerate(found.sizes, 1)
    ]
    rows += _row(
        _count(len(share), "passage"),
        _tag("div", *share, class_="sizes"),
        _tag("small", f"{sum(found.sizes):,} {unit}"),
    )
    return _tag("article", heading, origin, _tag("dl", *rows), class_=f"card {_colour(number)}")


def _value(name: str, value: str | None, story: Story) -> list[_Html]:
    """A value with where it was read."""
    if not value:
        return _row(name, _tag("span", "none", class_="none"))
    return _row(name, value, _tag("small", story.origins.get(name, "")))


def _row(name: str, *value: str) -> list[_Html]:
    return [_tag("dt", name), _tag("dd", *value)]


def _confidence(story: Story) -> list[_Html]:
    filled = _tag("i", style=f"width:{max(0.0, min(1.0, story.confidence)):.0%}")
    doubts = [_tag("small", doubt, class_="warn") for doubt in story.doubts]
    shown = "warn" if story.confidence < DOUBTFUL_BELOW else ""
    number = _tag("span", f"{story.confidence:.2f}", class_=shown)
    return [_tag("span", filled, class_="bar"), number, *doubts]


def _left_out(document: InspectedDocument) -> Iterator[_Html]:
    """What is in no story, by reason; each list opens on a click."""
    groups = document.dropped_by_reason
    if not groups:
        return
    lists = (
        _tag(
            "details",
            _tag("summary", f"{reason} ", _tag("span", str(len(entries)), class_="tag")),
            _tag("ul", *(_tag("li", _short(entry)) for entry in entries)),
        )
        for reason, entries in groups.items()
    )
    yield _tag("section", _tag("h3", "Left out"), *lists, class_="card left")


def _short(entry: Dropped) -> str:
    text = entry.text if len(entry.text) <= _MAX_DROPPED else entry.text[: _MAX_DROPPED - 1] + "…"
    return text if entry.page is None else f"{text} (page {entry.page})"


def _paper(number: int, document: InspectedDocument) -> Iterator[_Html]:
    """The blocks of a document in their order, and what was left out before there were any."""
    page: int | None = None
    above: int | None = None
    seen: set[int] = set()
    for block, parts in pieces(document):
        if block.page is not None and block.page != page:
            page = block.page
            yield _tag("div", f"page {page}", class_="page")
        kept = block.role not in ("text", "heading") or any(at is not None for at, _ in parts)
        if block.story is None or not kept:
            reason = block.role if block.story is None else "not in the text"
            yield _dropped(Dropped(block.text, reason))
            above = None
            continue
        anchor = None if block.story in seen else f"d{number}s{block.story + 1}"
        seen.add(block.story)
        begins = block.story != above
        above = block.story
        yield _block(block, parts, document.stories[block.story], anchor, begins=begins)
    yield from map(_dropped, document.left_out)


def _dropped(entry: Dropped) -> _Html:
    label = _tag("span", entry.reason, class_="tag")
    return _tag("p", _short(entry), label, class_="block dropped")


def _block(
    block: Placed,
    parts: list[tuple[int | None, str]],
    found: InspectedStory,
    anchor: str | None,
    *,
    begins: bool,
) -> _Html:
    """A block of a story in its colour; of its headlines, the title stands out."""
    content: list[str] = [block.text]
    classes = ["block", block.role, _colour(block.story or 0)]
    if block.role in ("text", "heading"):
        content = list(_content(parts, found))
    elif block.role == "headline" and found.story.title in block.text:
        content.append(_tag("span", "title", class_="tag"))
        classes.append("title")
    classes += ["begins"] if begins else []
    return _tag("p", *content, class_=" ".join(classes), id=anchor, lang=found.language)


def _content(parts: list[tuple[int | None, str]], found: InspectedStory) -> Iterator[_Html | str]:
    """A block's pieces, with a mark where a passage begins."""
    begun = False
    for at, text in parts:
        if at is None:
            yield _tag("span", text, class_="cut", title="not in the text of the story")
        else:
            position = at
            for number, passage in enumerate(found.passages, 1):
                if at <= passage.start < at + len(text):
                    yield text[position - at : passage.start - at]
                    shown = "within" if begun or passage.start > at else "first"
                    yield _tag(
                        "span", str(number), class_=f"passage {shown}", title=f"passage {number}"
                    )
                    position = passage.start
            yield text[position - at :]
        begun = True


def _colour(number: int) -> str:
    return f"c{number % _COLOURS + 1}"


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _tag(name: str, /, *children: str, **attributes: str | None) -> _Html:
    """An element; children and attributes are escaped unless they were made here."""
    inner = "".join(c if isinstance(c, _Html) else _escape(c) for c in children)
    return _Html(f"{_empty(name, **attributes)}{inner}</{name}>")


def _empty(name: str, /, **attributes: str | None) -> _Html:
    """A start tag; `class_` and `http_equiv` stand for the names that Python cannot spell."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_escape(value)}"'
        for key, value in attributes.items()
        if value
    )
    return _Html(f"<{name}{given}>")


def _escape(text: str) -> str:
    return html.escape(_CONTROLS.sub("", text))


def _is_report(path: Path) -> bool:
    with path.open("rb") as file:
        return f'content="{_GENERATOR}"'.encode() in file.read(400)
