"""The library as HTML: the articles of the index, what was dropped in, how far a rebuild is.

Pure functions over `rag`'s values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rag import Added, Article, BuildStats, Rebuild
from rag.page.markup import both, esc, lang_of, run, told

SHOWN: Final = 200  # articles listed at once; a search narrows them
SKIPPED: Final = 20  # files that were left out, named after a rebuild

_COLUMNS: Final = (
    ("标题", "Title"),
    ("日期", "Date"),
    ("来源", "Source"),
    ("段落数", "Passages"),
)
_STAGES: Final = {
    "reading": ("读取", "reading"),
    "splitting": ("切分", "splitting"),
    "embedding": ("编码", "encoding"),
    "writing": ("写入", "writing"),
}


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in the list, with the number of its passages and the words it is found by."""

    article: Article
    passages: int
    words: str


def listed(article: Article, passages: int) -> Listed:
    """An article as the list shows and searches it."""
    parts = (article.title, article.source, article.date, *article.authors, article.path)
    return Listed(article, passages, " ".join(filter(None, parts)).casefold())


def found(articles: Sequence[Listed], search: str) -> list[Listed]:
    """The articles that hold every word of a search in title, source, date, reporter or file."""
    words = search.casefold().split()
    return [one for one in articles if all(word in one.words for word in words)]


def render_shelf(articles: Sequence[Listed], search: str = "") -> str:
    """The articles a search leaves, as a table; how many there are in all."""
    matching = found(articles, search)
    rows = "".join(
        f'<tr><td><button type="button" data-fetch="{esc(one.article.id)}" '
        f'lang="{lang_of(one.article.title)}">{esc(one.article.title)}</button></td>'
        f"<td>{esc(one.article.date or '')}</td>"
        f"<td>{run(one.article.source) if one.article.source else ''}</td>"
        f"<td>{one.passages}</td></tr>"
        for one in matching[:SHOWN]
    )
    shown = min(len(matching), SHOWN)
    count = both(
        f"{len(matching):,} 篇" + (f"，显示前 {shown} 篇" if shown < len(matching) else ""),
        f"{len(matching):,} article{'' if len(matching) == 1 else 's'}"
        + (f", the first {shown} are shown" if shown < len(matching) else ""),
    )
    head = "".join(f'<th scope="col">{both(zh, en)}</th>' for zh, en in _COLUMNS)
    return (
        f'<p class="wb-count" role="status">{count}</p>'
        f'<table class="wb-shelf"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
    )


def render_added(added: Sequence[Added]) -> str:
    """What became of the files that were dropped in."""
    rows = []
    for one in added:
        if one.accepted:
            titles = "".join(f"<li>{run(title)}</li>" for title in one.titles[:5])
            said = both(
                f"读出 {one.stories} 篇文章",
                f"{one.stories} article{'' if one.stories == 1 else 's'} read",
            )
            note = f' <span class="wb-soft">{told(one.reason)}</span>' if one.reason else ""
            rows.append(f"<li><b>{esc(one.name)}</b> {said}{note}<ul>{titles}</ul></li>")
        else:
            rows.append(
                f'<li class="is-refused"><b>{esc(one.name)}</b> {both("未收录", "not taken")}: '
                f"{told(one.reason)}</li>"
            )
    return f'<ul class="wb-added">{"".join(rows)}</ul>'


def render_rebuild(rebuild: Rebuild | None) -> str:
    """How far a rebuild is, what it did, or why it failed."""
    if rebuild is None:
        return ""
    if rebuild.error:
        return f'<p class="wb-notice" role="alert">{told(rebuild.error)}</p>'
    if rebuild.stats is not None:
        return _done(rebuild.stats)
    share = rebuild.done / rebuild.total if rebuild.total else 0.0
    stage = both(*_STAGES.get(rebuild.stage, ("准备", "starting")))
    return (
        f'<div class="wb-progress"><progress max="1" value="{share:.3f}"></progress>'
        f"<span>{stage} {rebuild.done:,}/{rebuild.total:,}</span></div>"
    )


def _done(stats: BuildStats) -> str:
    said = both(
        f"索引已更新：{stats.articles:,} 篇文章，{stats.passages:,} 段，{stats.seconds:.1f} 秒",
        f"Index updated: {stats.articles:,} articles, {stats.passages:,} passages, "
        f"{stats.seconds:.1f} s",
    )
    skipped = "".join(
        f"<li><b>{esc('/'.join(Path(path).parts[-2:]))}</b> {told(reason)}</li>"
        for path, reason in stats.skipped[:SKIPPED]
    )
    more = len(stats.skipped) - SKIPPED
    if more > 0:
        skipped += f"<li>{both(f'还有 {more} 个', f'and {more} more')}</li>"
    left_out = (
        f"<details><summary>{both('未读取的文件', 'Left out')} ({len(stats.skipped)})</summary>"
        f'<ul class="wb-added">{skipped}</ul></details>'
        if skipped
        else ""
    )
    return f'<p role="status">{said}</p>{left_out}'


def render_library(uploads: str) -> str:
    """The view itself: search, drop zone, rebuild; the list is fetched when it is opened."""
    return (
        f'<section class="wb-view" aria-label="文章库 Library">'
        f"<h2>{both('文章库', 'Library')}</h2>"
        f'<div class="wb-drop" id="wb-drop"><p>{both("把文件拖到这里，或", "Drop files here, or")} '
        f'<label class="wb-pick">{both("选择文件", "choose files")}'
        f'<input type="file" id="wb-files" multiple></label></p>'
        f'<p class="wb-soft">{both("存放在", "They are kept in")} <code>{esc(uploads)}</code></p>'
        f'<div id="wb-added" aria-live="polite"></div>'
        f'<p><button type="button" class="wb-button" data-rebuild>'
        f"{both('重建索引', 'Rebuild the index')}</button></p>"
        f'<div id="wb-rebuild" aria-live="polite"></div></div>'
        f'<label class="wb-search">{both("查找文章", "Find an article")}'
        f'<input type="search" id="wb-search" autocomplete="off"></label>'
        f'<div id="wb-shelf"></div></section>'
    )
