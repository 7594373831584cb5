"""Text as HTML: the small pieces of which the page is made, and an article with its marks.

Pure functions, values in and a string of HTML out. Every piece of text from a question or an
article passes through `html.escape`, so nothing in it is ever read as HTML. Nothing here knows of
answers.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rag import Article
from rag.page.chinese import in_chinese

SNIPPET: Final = 120

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)


def esc(text: object) -> str:
    """Any text as HTML text or a quoted attribute's value."""
    return html.escape(str(text), quote=True)


def lang_of(text: str) -> str:
    """The language a run of text should be marked with: Chinese as soon as it has a character."""
    return "zh" if _HAN.search(text) else "en"


def run(text: str, tag: str = "span", css: str = "") -> str:
    """A run of text in an element that names its language."""
    name = f' class="{css}"' if css else ""
    return f'<{tag}{name} lang="{lang_of(text)}">{esc(text)}</{tag}>'


def both(zh: str, en: str) -> str:
    """A short label of the page itself; the style shows the interface's language alone."""
    return (
        f'<span class="wb-ui" lang="zh">{esc(zh)}</span>'
        f'<span class="wb-ui" lang="en">{esc(en)}</span>'
    )


def told(line: str) -> str:
    """A message of the program, in the interface's language."""
    return both(in_chinese(line) or line, line)


def link(url: str | None) -> str:
    """A link to the article's own page, or nothing unless it is plain http or https."""
    if not url or not _WEB.match(url):
        return ""
    return (
        f'<a href="{esc(url)}" target="_blank" rel="noopener noreferrer">'
        f"{both('原文', 'Original')} ↗</a>"
    )


def meta(article: Article) -> str:
    """Date and source, as one line."""
    day = esc(article.date or "")
    date = f'<time datetime="{day}">{day}</time>' if day else ""
    source = run(article.source) if article.source else ""
    parts = [part for part in (date, source) if part]
    return '<span class="wb-dot">·</span>'.join(parts) or both("日期不详", "undated")


def page_note(pages: Iterable[int | None]) -> str:
    """`p. 3`, or nothing where the document has no pages."""
    numbers = sorted({page for page in pages if page is not None})
    if not numbers:
        return ""
    shown = ", ".join(map(str, numbers))
    return (
        f'<small class="wb-at" title="第 {shown} 页 · page {shown}">'
        f"{'p.' if len(numbers) == 1 else 'pp.'} {shown}</small>"
    )


def page_starts(article: Article) -> list[tuple[int, int]]:
    """(position, page) of the first character of each page that is no white space."""
    text = article.text
    return [(at + len(text[at:]) - len(text[at:].lstrip()), page) for at, page in article.pages]


def paged(article: Article, start: int, end: int) -> str:
    """A stretch of the text, an empty element at each place where a page begins."""
    cuts = [(at, page) for at, page in page_starts(article) if start <= at < end]
    out, position = [], start
    for at, page in cuts:
        out += [esc(article.text[position:at]), f'<i class="wb-page" data-page="{page}"></i>']
        position = at
    return "".join([*out, esc(article.text[position:end])])


def snippet(text: str, length: int = SNIPPET) -> str:
    """The beginning of a passage on one line."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[:length].rstrip() + "…"


def bar(share: float) -> str:
    """A share of 0..1 for the eye; the number itself stands beside it."""
    return f'<span class="wb-bar" aria-hidden="true"><i style="width:{share:.0%}"></i></span>'


@dataclass(frozen=True, slots=True)
class Mark:
    """A span of an article's text to highlight: citation `number` or hit `hit`; the other is 0."""

    start: int
    end: int
    number: int = 0
    hit: int = 0


def pieces(
    start: int, end: int, marks: Sequence[Mark]
) -> Iterator[tuple[int, int, tuple[Mark, ...]]]:
    """Cut `start..end` wherever a mark begins or ends: (start, end, marks over it), in order."""
    cuts = {start, end}
    for mark in marks:
        cuts.update(at for at in (mark.start, mark.end) if start < at < end)
    edges = sorted(cuts)
    for left, right in pairwise(edges):
        yield left, right, tuple(m for m in marks if m.start <= left and right <= m.end)


def lines(text: str) -> Iterator[tuple[int, int]]:
    """The (start, end) of each line that is not blank, without white space at its ends."""
    for match in re.finditer(r"[^\r\n]+", text):
        line = match.group()
        start = match.start() + len(line) - len(line.lstrip())
        end = start + len(line.strip())
        if start < end:
            yield start, end


def render_text(article: Article, marks: Sequence[Mark] = ()) -> str:
    """The whole text, headings as headings, exactly the marked spans in `<mark>` elements.

    A span that overlaps another or runs over a line is several elements; `data-cites` and
    `data-hits` name what each belongs to, `data-tag` the citations that end with it.
    """
    headings = {start for start, _ in article.headings}
    tips = {mark.number: len(article.text[: mark.end].rstrip()) for mark in marks}
    blocks: list[str] = []
    for start, end in lines(article.text):
        tag = "h3" if start in headings else "p"
        out: list[str] = []
        for left, right, over in pieces(start, end, marks):
            words = paged(article, left, right)
            if not over:
                out.append(words)
                continue
            cites = sorted({m.number for m in over if m.number})
            hits = sorted({m.hit for m in over if m.hit})
            ends = [number for number in cites if left < tips[number] <= right]
            out.append(
                f'<mark class="{"wb-cited" if cites else "wb-hit"}"'
                + (f' data-cites="{" ".join(map(str, cites))}"' if cites else "")
                + (f' data-hits="{" ".join(map(str, hits))}"' if hits else "")
                + (f' data-tag="{"][".join(map(str, ends))}"' if ends else "")
                + f">{words}</mark>"
            )
        blocks.append(f"<{tag}>{''.join(out)}</{tag}>")
    return "\n".join(blocks)
