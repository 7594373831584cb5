"""The corpus as pictures: a timeline and a map of all articles, as SVG.

Pure functions over `rag.Landscape`; near dots are articles about near things.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from rag import Bar, Landscape
from rag.page.markup import both, esc

_SIZE: Final = 520  # of the map, in its own units
_EDGE: Final = 14
_BARS: Final = (720, 120)  # of the timeline: width, height


def render_map(landscape: Landscape) -> str:
    """A dot an article; `data-fetch` opens it, `<title>` names it."""
    span = _SIZE - 2 * _EDGE
    dots = "".join(
        f'<circle cx="{_EDGE + span * point.x:.1f}" cy="{_EDGE + span * point.y:.1f}" r="5" '
        f'data-fetch="{esc(point.article_id)}" data-dot="{esc(point.article_id)}">'
        f"<title>{esc(point.title)}{esc(f' · {point.date}') if point.date else ''}</title></circle>"
        for point in landscape.points
    )
    return (
        f'<svg class="wb-map" viewBox="0 0 {_SIZE} {_SIZE}" role="img" '
        f'aria-label="文章分布图 Map of the articles">{dots}</svg>'
    )


def render_timeline(landscape: Landscape) -> str:
    """A bar a period; `data-ids` names its articles, so that an answer's can be lit."""
    if not landscape.timeline:
        return ""
    width, height = _BARS
    most = max(bar.count for bar in landscape.timeline)
    step = width / len(landscape.timeline)
    starts = [bar.start for bar in landscape.timeline]
    ids: list[list[str]] = [[] for _ in starts]
    for point in landscape.points:
        if point.date:
            ids[max(bisect_right(starts, point.date) - 1, 0)].append(point.article_id)
    bars = "".join(
        f'<rect x="{i * step:.1f}" y="{height - tall:.1f}" width="{max(step - 2, 1):.1f}" '
        f'height="{tall:.1f}" data-ids="{esc(" ".join(ids[i]))}">'
        f"<title>{esc(_label(bar))}: {bar.count}</title></rect>"
        for i, bar in enumerate(landscape.timeline)
        for tall in [max(height * bar.count / most, 1.0 if bar.count else 0.0)]
    )
    first, last = landscape.timeline[0].start, landscape.timeline[-1].end
    return (
        f"<h2>{both('时间线', 'Timeline')}</h2>"
        f'<svg class="wb-timeline" viewBox="0 0 {width} {height}" preserveAspectRatio="none" '
        f'role="img" aria-label="时间线 Timeline {esc(first)} – {esc(last)}">{bars}</svg>'
        f'<p class="wb-ends"><span>{esc(first)}</span><span>{esc(last)}</span></p>'
    )


def _label(bar: Bar) -> str:
    return bar.start if bar.start == bar.end else f"{bar.start} – {bar.end}"


def render_corpus(landscape: Landscape) -> str:
    """Both pictures, and a place for the list of the articles that are lit."""
    sampled = (
        both(
            f"文章太多，图上只画了 {len(landscape.points):,} 篇。",
            f"Only {len(landscape.points):,} articles are drawn, there are too many.",
        )
        if landscape.sampled
        else ""
    )
    how = both(
        "每个点是一篇文章，内容相近的靠在一起；上一个回答用到的会亮起来，点一下就打开。",
        "Each dot is an article, articles on similar matters lie close together. Those of the last "
        "answer are lit. Click one to open it.",
    )
    return (
        f"{render_timeline(landscape)}"
        f'<h2>{both("分布图", "Map")}</h2><p class="wb-soft">{how} {sampled}</p>'
        f'{render_map(landscape)}<div id="wb-lit" aria-live="polite"></div>'
    )
