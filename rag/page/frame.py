"""What stands around the conversation: the masthead, the first page, filters and notices.

Pure functions over `rag`'s values.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rag import Article, IndexInfo
from rag.config import MAX_QUESTION_CHARS
from rag.page.answer import Source, render_card, render_reader
from rag.page.markup import both, esc, lang_of, told


def question_problem(question: str) -> tuple[str, str] | None:
    """Why a question cannot be asked, one line in Chinese and in English; None if it can."""
    length = len(question.strip())
    if length == 0:
        return "请先写下问题。", "Please write a question first."
    if length > MAX_QUESTION_CHARS:
        return (
            f"问题太长：{length:,} 字，最多 {MAX_QUESTION_CHARS:,} 字。",
            f"The question is too long: {length:,} characters, at most {MAX_QUESTION_CHARS:,}.",
        )
    return None


_VIEWS: Final = (
    ("ask", "提问", "Ask"),
    ("library", "文章库", "Library"),
    ("corpus", "全景", "Corpus"),
)
SOURCES: Final = 50  # offered as filters, those with most articles first


def render_masthead(info: IndexInfo | None, problem: str = "") -> str:
    """The name, what this is, and the state of the index, or one line that says what is wrong."""
    if info is None:
        folio = f'<p class="wb-folio wb-problem" role="alert">{told(problem)}</p>'
    else:
        built = datetime.fromisoformat(info.built_at).astimezone()
        span = [date for date in (info.first_date, info.last_date) if date]
        facts = [
            f"<b>{info.articles:,}</b> {both('篇文章', 'articles')}",
            f"<b>{info.passages:,}</b> {both('段', 'passages')}",
            " – ".join(f"<b>{esc(date)}</b>" for date in dict.fromkeys(span)),
            f"{both('模型', 'model')} <b>{esc(info.model)}</b>",
            f"{both('建于', 'built')} <b>{esc(f'{built:%Y-%m-%d %H:%M}')}</b>",
            '<span class="wb-ui" lang="zh">中文与英文；其他语言用 <code>--model</code></span>'
            '<span class="wb-ui" lang="en">Chinese and English; other languages need '
            "<code>--model</code></span>",
        ]
        folio = (
            '<p class="wb-folio">'
            + "".join(f"<span>{fact}</span>" for fact in facts if fact)
            + "</p>"
        )
    motto = both(
        "向报纸提问，每句回答都能点开核对。",
        "Ask the papers; check every quote in its article.",
    )
    views = "".join(
        f'<button type="button" data-view="{name}">{both(zh, en)}</button>'
        for name, zh, en in _VIEWS
    )
    return (
        '<header class="wb-masthead"><h1><span lang="zh">问报</span> <span lang="en">Wenbao</span>'
        f'</h1><p class="wb-motto">{motto}</p>'
        f'<nav class="wb-views" aria-label="视图 Views">{views}</nav><span class="wb-switches">'
        f'<button type="button" id="wb-new">{both("新对话", "New chat")}</button>'
        f'<button type="button" data-export>{both("导出", "Export")}</button>'
        '<button type="button" data-language aria-label="中文 / English">'
        '<span class="wb-ui" lang="zh">EN</span><span class="wb-ui" lang="en">中文</span></button>'
        '<button type="button" data-theme aria-label="深色或浅色 Dark or light">◐</button></span>'
        f"</header>{folio}"
    )


def render_front(examples: Sequence[str]) -> str:
    """What stands where the conversation will be: how it works, and questions to begin with."""
    chips = "".join(
        f'<li><button type="button" class="wb-chip" data-ask="{esc(example)}" '
        f'lang="{lang_of(example)}">{esc(example)}</button></li>'
        for example in examples
    )
    return (
        '<div class="wb-front"><p class="wb-front-title">'
        + both("想知道什么，问报纸。", "What would you like to know?")
        + "</p>"
        '<p class="wb-front-text">'
        + both(
            "回答只引用文章原文，并注明出处；文章里没有的，会直说没有。",
            "Answers quote the articles and say where. If the articles don’t say, you are told so.",
        )
        + (f'</p><ul class="wb-chips">{chips}</ul>' if chips else "</p>")
        + "</div>"
    )


def render_start(articles: Sequence[Article]) -> str:
    """The side panel before the first question: the newest articles, each to be opened."""
    one = '<span class="wb-cite">[1]</span>'
    how = (
        f'<p class="wb-how"><span class="wb-ui" lang="zh">点击回答中的 {one} '
        "就在这里打开整篇文章，并标出那句话。</span>"
        f'<span class="wb-ui" lang="en">Click a {one} in an answer to read the quote here, '
        "in its article.</span></p>"
    )
    sources = [Source(article, [], []) for article in articles]
    cards = "".join(render_card(n, source) for n, source in enumerate(sources, 1))
    readers = "".join(render_reader(n, s, steps=False) for n, s in enumerate(sources, 1))
    newest = f"<h2>{both('最近的文章', 'Newest articles')}</h2>{how}<ol>{cards}</ol>"
    return (
        '<section class="wb-group" data-turn="start">'
        f'<div class="wb-list">{newest if sources else how}</div>{readers}</section>'
    )


def render_filters(info: IndexInfo | None) -> str:
    """Which articles may answer: source, language, dates; read by the page with each question."""
    if info is None:
        return ""
    sources = sorted(info.sources, key=lambda name: (-info.sources[name], name))[:SOURCES]
    options = "".join(f'<option value="{esc(name)}">{esc(name)}</option>' for name in sources)
    return (
        f'<details class="wb-filters"><summary>{both("筛选", "Filters")} '
        '<span class="wb-filtered"></span></summary><div>'
        f'<label>{both("来源", "Source")}<select data-filter="source">'
        f'<option value="">—</option>{options}</select></label>'
        f'<label>{both("语言", "Language")}<select data-filter="language">'
        '<option value="">—</option><option value="zh">中文</option>'
        '<option value="en">English</option></select></label>'
        f'<label>{both("从", "From")}<input type="date" data-filter="date_from"></label>'
        f'<label>{both("到", "To")}<input type="date" data-filter="date_to"></label>'
        f'<button type="button" data-unfilter>{both("清除", "Clear")}</button></div></details>'
    )


def render_notice(*texts: str) -> str:
    """The line above the question box that says what is wrong.

    A message of the program, or a text in Chinese and in English.
    """
    said = both(*texts) if len(texts) == 2 else "".join(map(told, texts))
    return f'<p class="wb-notice" role="alert">{said}</p>' if said else ""
