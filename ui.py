"""The chat page: a question, an answer in quotes, and every quote one click from its article.

This file turns `rag`'s values into HTML and wires the page together; it retrieves, ranks and words
nothing itself. The functions that render are pure: values in, a string of HTML out, and every
piece of text from a question or an article passes through `html.escape`, so nothing in it is ever
read as HTML, Markdown or LaTeX. Gradio's own Chatbot renders Markdown and knows no side panel, so
the conversation is plain HTML: each answer arrives once, with its sources and their whole articles,
in a hidden inbox, and `ui_assets/page.js` puts it in its place. A click on a citation then needs no
server. Nothing is loaded from another host.
"""

from __future__ import annotations

import html
import os
import re
import secrets
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice, pairwise
from pathlib import Path
from typing import Any, Final

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

import gradio as gr

import rag
from rag import Answer, Article, Citation, Hit, Index, IndexInfo, WenbaoError
from rag.config import DEFAULT_HOST, DEFAULT_K, DEFAULT_PORT, MAX_QUESTION_CHARS

NEWEST: Final = 6  # articles offered before the first question
EXAMPLES: Final = 6
SNIPPET: Final = 120
COPIES: Final = 5  # other places of a story that are named

_ASSETS = Path(__file__).parent / "ui_assets"
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_POINTS = re.compile(r"[，。、；：？！”’）》」』…,.;:?!)\]]+")
_TAIL = re.compile(r"\S{1,24}$")
_WEB = re.compile(r"https?://[^\s/]", re.IGNORECASE)

# What an answer says around its quotes, in the question's language.
_SAY: Final = {
    "en": {
        "lead_one": "One article answers, in its own words:",
        "lead": "{} articles answer, in their own words:",
        "absent": "These articles don’t say.",
        "nearest": "The nearest passages are below; they do not answer the question.",
        "nothing": "Nothing near the question was found either.",
        "high": "Well supported",
        "middle": "Partly supported",
        "low": "Weakly supported",
        "none": "Not enough support",
        "confidence": "confidence {:.2f}",
        "gloss": "Small words under a quote are a word-by-word reading aid, not a translation.",
        "gloss_toggle": "Word by word",
        "sources": "Sources",
        "near": "Nearest passage",
    },
    "zh": {
        "lead_one": "有一篇文章回答了这个问题，原文如下：",
        "lead": "有 {} 篇文章回答了这个问题，原文如下：",
        "absent": "这些文章没有说。",
        "nearest": "下面是最接近的段落，它们没有回答这个问题。",
        "nothing": "也没有找到接近的段落。",
        "high": "证据充分",
        "middle": "有部分证据",
        "low": "证据较弱",
        "none": "证据不足",
        "confidence": "置信度 {:.2f}",
        "gloss": "引文下的小字是逐词释义，只助阅读，不是翻译。",
        "gloss_toggle": "逐词释义",
        "sources": "来源",
        "near": "接近的段落",
    },
}


# --- small pieces --------------------------------------------------------------------------------


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
    """A short label of the page itself, in both languages."""
    return f'<span lang="zh">{esc(zh)}</span> <span lang="en">{esc(en)}</span>'


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


# --- an article with its marks -------------------------------------------------------------------


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


# --- an answer -----------------------------------------------------------------------------------


def confidence_words(answer: Answer) -> str:
    """How far the answer is supported, in the question's language."""
    say = _SAY[answer.language]
    if answer.abstained:
        return say["none"]
    if answer.confidence >= 0.7:
        return say["high"]
    return say["middle"] if answer.confidence >= 0.55 else say["low"]


def render_confidence(answer: Answer) -> str:
    """Plain words, the number, and a small bar for the eye."""
    number = _SAY[answer.language]["confidence"].format(answer.confidence)
    return (
        f'<p class="wb-confidence" lang="{answer.language}">{bar(answer.confidence)}'
        f"<b>{esc(confidence_words(answer))}</b> <span>{esc(number)}</span></p>"
    )


def gloss_units(citation: Citation) -> list[tuple[str, tuple[str, ...]]]:
    """The quote cut into words with their glosses; what has none keeps an empty tuple."""
    quote = citation.quote
    spans = sorted((entry.start, entry.end, entry.words) for entry in citation.gloss)
    units: list[tuple[str, tuple[str, ...]]] = []
    at = 0
    for start, end, words in [*spans, (len(quote), len(quote), ())]:
        if start < at:
            continue
        between = quote[at:start].strip()
        point = _POINTS.match(between)
        if units and point:  # punctuation stays with the word before it
            units[-1] = (units[-1][0] + point.group(), units[-1][1])
            between = between[point.end() :].strip()
        if between:
            units.append((between, ()))
        if quote[start:end].strip():
            units.append((quote[start:end], words))
        at = end
    return units


def render_gloss(citation: Citation) -> str:
    """The quote again, small, each known word over its nearest word in the reader's language."""
    if not any(entry.words for entry in citation.gloss):
        return ""
    lang = lang_of(citation.quote)
    gloss_lang = "en" if lang == "zh" else "zh"
    out = [
        f'<ruby title="{esc(" · ".join(words))}">{esc(text)}'
        f'<rt lang="{gloss_lang}">{esc(words[0])}</rt></ruby>'
        if words
        else f"<span>{esc(text)}</span>"
        for text, words in gloss_units(citation)
    ]
    return (
        '<div class="wb-gloss" role="note" aria-label="逐词释义 Word-by-word reading aid" '
        f'lang="{lang}">{"".join(out)}</div>'
    )


def cite_button(number: int) -> str:
    """The clickable `[n]`."""
    return (
        f'<button type="button" class="wb-cite" data-cite="{number}" '
        f'aria-label="引文 Citation {number}">[{number}]</button>'
    )


def render_quote(citation: Citation) -> str:
    """A quote that ends with its `[n]`, which never stands alone on a line, and its reading aid."""
    quote = citation.quote
    last = 2 if lang_of(quote) == "zh" else len(m.group()) if (m := _TAIL.search(quote)) else 0
    cut = max(len(quote) - last, 0)
    return (
        f'<div class="wb-quote"><blockquote lang="{lang_of(quote)}"><p>{esc(quote[:cut])}'
        f'<span class="wb-tail">{esc(quote[cut:])}{cite_button(citation.number)}'
        f"{page_note([citation.page])}</span></p></blockquote>{render_gloss(citation)}</div>"
    )


def by_article(citations: Iterable[Citation]) -> list[tuple[Article, list[Citation]]]:
    """Citations under their articles, both in order of first appearance."""
    groups: dict[str, tuple[Article, list[Citation]]] = {}
    for citation in citations:
        groups.setdefault(citation.article.id, (citation.article, []))[1].append(citation)
    return list(groups.values())


def render_story(article: Article, citations: Sequence[Citation]) -> str:
    """What one article says to the question: its title, date, source, and the quotes."""
    quotes = "".join(map(render_quote, citations))
    return (
        f'<section class="wb-story"><h3 lang="{lang_of(article.title)}"><button type="button" '
        f'data-cite="{citations[0].number}">{esc(article.title)}</button></h3>'
        f'<p class="wb-meta">{meta(article)}</p>{quotes}</section>'
    )


def render_near(number: int, hit: Hit, say: dict[str, str]) -> str:
    """A passage that is only near the question."""
    return (
        f'<li><button type="button" data-hit="{number}">'
        f'<span class="wb-near-label">{esc(say["near"])} {number}</span>'
        f"{run(snippet(hit.text, 120), css='wb-excerpt')}"
        f'<span class="wb-meta">{run(hit.article.title)}<span class="wb-dot">·</span>'
        f"{meta(hit.article)}</span></button></li>"
    )


def render_answer(answer: Answer) -> str:
    """The question and what the articles say to it, or that they don't."""
    say = _SAY[answer.language]
    question = (
        f'<h2 class="wb-question" lang="{lang_of(answer.question)}">{esc(answer.question)}</h2>'
    )
    if answer.abstained:
        near = "".join(render_near(n, hit, say) for n, hit in enumerate(answer.hits, 1))
        body = (
            f'<p class="wb-absent" lang="{answer.language}">{esc(say["absent"])}</p>'
            f"{render_confidence(answer)}"
            f'<p class="wb-note" lang="{answer.language}">'
            f"{esc(say['nearest'] if near else say['nothing'])}</p>"
            + (f'<ol class="wb-near">{near}</ol>' if near else "")
        )
        return f'{question}<div class="wb-answer wb-abstained">{body}</div>'
    stories = by_article(answer.citations)
    lead = say["lead_one"] if len(stories) == 1 else say["lead"].format(len(stories))
    glossed = any(c.gloss for c in answer.citations)
    aid = (
        f'<button type="button" data-gloss-toggle aria-pressed="true">{esc(say["gloss_toggle"])}'
        f"</button> <span>{esc(say['gloss'])}</span>"
        if glossed
        else ""
    )
    foot = (
        f'<p class="wb-foot" lang="{answer.language}"><button type="button" data-sources>'
        f"{esc(say['sources'])} ({len(sources_of(answer))})</button>{aid}</p>"
    )
    contents = "".join(
        f'<li><button type="button" data-story="{n}">{run(article.title)} '
        f"[{quotes[0].number}{f'–{quotes[-1].number}' if len(quotes) > 1 else ''}]</button></li>"
        for n, (article, quotes) in enumerate(stories)
    )
    return (
        f'{question}<div class="wb-answer">'
        f'<p class="wb-lead" lang="{answer.language}">{esc(lead)}</p>{render_confidence(answer)}'
        + (
            f'<p class="wb-note wb-differ" role="note" lang="{answer.language}">'
            f"{esc(answer.note)}</p>"
            if answer.note
            else ""
        )
        + (f'<ol class="wb-contents">{contents}</ol>' if len(stories) > 1 else "")
        + "".join(render_story(article, quotes) for article, quotes in stories)
        + f"{foot}</div>"
    )


# --- the sources beside it -----------------------------------------------------------------------


@dataclass(slots=True)
class Source:
    """An article of an answer with what it is cited for and where the question hit it."""

    article: Article
    citations: list[Citation]
    hits: list[tuple[int, Hit]]

    @property
    def score(self) -> float | None:
        return max((hit.score for _, hit in self.hits), default=None)

    @property
    def marks(self) -> list[Mark]:
        return [Mark(c.start, c.end, number=c.number) for c in self.citations] + [
            Mark(hit.start, hit.end, hit=number) for number, hit in self.hits
        ]


def sources_of(answer: Answer) -> list[Source]:
    """Cited articles in the order of their citations, then the other articles that were hit."""
    sources: dict[str, Source] = {}
    for citation in answer.citations:
        sources.setdefault(citation.article.id, Source(citation.article, [], [])).citations.append(
            citation
        )
    for number, hit in enumerate(answer.hits, 1):
        sources.setdefault(hit.article.id, Source(hit.article, [], [])).hits.append((number, hit))
    return list(sources.values())


def render_score(score: float) -> str:
    """A score of 0..1 as a number and a bar."""
    return (
        f'<span class="wb-score" title="相关度 Score {score:.2f} (0–1)">{bar(score)}'
        f"{score:.2f}</span>"
    )


def render_card(number: int, source: Source) -> str:
    """One article in the list of sources."""
    article = source.article
    rows = "".join(
        f'<li><button type="button" data-hit="{n}">{run(snippet(hit.text), css="wb-excerpt")}'
        f"{render_score(hit.score) if len(source.hits) > 1 else ''}</button></li>"
        for n, hit in source.hits
    )
    cites = "".join(cite_button(c.number) for c in source.citations)
    score = render_score(source.score) if source.score is not None else ""
    return (
        f'<li class="wb-card{" is-cited" if cites else ""}">'
        f'<h3 lang="{lang_of(article.title)}"><button type="button" data-open="{number}">'
        f'{esc(article.title)}</button></h3><p class="wb-meta">{meta(article)}'
        f"{page_note(hit.page for _, hit in source.hits)}{score}</p>"
        + (f'<p class="wb-cites">{both("引文", "Quoted")} {cites}</p>' if cites else "")
        + (f'<ul class="wb-passages">{rows}</ul>' if rows else "")
        + "</li>"
    )


def render_reader(number: int, source: Source, *, steps: bool) -> str:
    """A whole article, ready to be opened; hidden until then."""
    article = source.article
    facts = [meta(article)]
    if article.authors:
        facts.append(f"{both('记者', 'by')} {run('、'.join(article.authors))}")
    if article.title_inferred:
        facts.append(both("标题取自首句", "title taken from the first sentence"))
    near = "/".join(Path(article.path).parts[-2:])  # not where the server keeps its files
    facts.append(f"{both('文件', 'file')} <code>{esc(near)}</code>")
    facts += [
        f"{both('另见', 'also in')} <code>{esc('/'.join(Path(copy).parts[-2:]))}</code>"
        for copy in article.copies[:COPIES]
    ]
    if article.confidence < rag.DOUBTFUL_BELOW:
        facts.append(both("版面复杂，起止可能有误", "cut from a complex page: may be incomplete"))
    facts += filter(None, [link(article.url)])
    legend = []
    if source.citations:
        legend.append(f'<mark class="wb-cited">{both("引文", "quoted")}</mark>')
    if source.hits:
        legend.append(f'<mark class="wb-hit">{both("找到的段落", "passage found")}</mark>')
    stepper = (
        '<span class="wb-steps"><button type="button" data-step="-1" '
        'aria-label="上一条引文 Previous citation">←</button>'
        '<span class="wb-where" aria-live="polite"></span>'
        '<button type="button" data-step="1" '
        'aria-label="下一条引文 Next citation">→</button></span>'
        if steps
        else ""
    )
    return (
        f'<article class="wb-reader" data-reader="{number}" tabindex="-1" '
        f'aria-label="{esc(article.title)}" hidden>'
        f'<div class="wb-reader-bar"><button type="button" data-back>← {both("来源", "Sources")}'
        f"</button>{stepper}</div>"
        f'<header><h2 lang="{lang_of(article.title)}">{esc(article.title)}</h2>'
        f'<p class="wb-meta">{"".join(f"<span>{fact}</span>" for fact in facts)}</p>'
        + (f'<p class="wb-legend">{" ".join(legend)}</p>' if legend else "")
        + f'</header><div class="wb-text" lang="{article.language}">'
        f"{render_text(article, source.marks)}</div></article>"
    )


def render_sources(answer: Answer) -> str:
    """The list of sources and, hidden, each of their articles in full."""
    sources = sources_of(answer)
    if not sources:
        return ""
    cards = "".join(render_card(n, source) for n, source in enumerate(sources, 1))
    readers = "".join(
        render_reader(n, source, steps=bool(answer.citations))
        for n, source in enumerate(sources, 1)
    )
    return (
        f'<div class="wb-list"><h2>{both("来源", "Sources")}</h2>'
        f"{run(snippet(answer.question, 80), 'p', 'wb-for')}<ol>{cards}</ol></div>{readers}"
    )


def render_turn(answer: Answer) -> str:
    """One delivery to the page: the answer and its sources, under a name of their own."""
    turn = secrets.token_hex(4)
    return (
        f'<section class="wb-turn" data-turn="{turn}">{render_answer(answer)}</section>'
        f'<section class="wb-group" data-turn="{turn}">{render_sources(answer)}</section>'
    )


# --- the page around it --------------------------------------------------------------------------


def render_masthead(info: IndexInfo | None, problem: str = "") -> str:
    """The name, what this is, and the state of the index, or one line that says what is wrong."""
    if info is None:
        folio = f'<p class="wb-folio wb-problem" role="alert">{esc(problem)}</p>'
    else:
        built = datetime.fromisoformat(info.built_at).astimezone()
        span = [date for date in (info.first_date, info.last_date) if date]
        facts = [
            f"<b>{info.articles:,}</b> {both('篇文章', 'articles')}",
            f"<b>{info.passages:,}</b> {both('段', 'passages')}",
            " – ".join(f"<b>{esc(date)}</b>" for date in dict.fromkeys(span)),
            f"{both('模型', 'model')} <b>{esc(info.model)}</b>",
            f"{both('建于', 'built')} <b>{esc(f'{built:%Y-%m-%d %H:%M}')}</b>",
            '<span lang="zh">中文与英文</span> '
            '<span lang="en">Chinese and English; other languages need <code>--model</code></span>',
        ]
        folio = (
            '<p class="wb-folio">'
            + "".join(f"<span>{fact}</span>" for fact in facts if fact)
            + "</p>"
        )
    return (
        f'<header class="wb-masthead"><h1>{both("问报", "Wenbao")}</h1><p class="wb-motto">'
        + both(
            "向报纸提问，每句回答都能点开核对。",
            "Ask the papers; check every quote in its article.",
        )
        + f"</p></header>{folio}"
    )


def render_front(examples: Sequence[str]) -> str:
    """What stands where the conversation will be: how it works, and questions to begin with."""
    chips = "".join(
        f'<li><button type="button" class="wb-chip" data-ask="{esc(example)}" '
        f'lang="{lang_of(example)}">{esc(example)}</button></li>'
        for example in examples
    )
    return (
        '<div class="wb-front"><p class="wb-front-title" lang="zh">想知道什么，问报纸。</p>'
        '<p class="wb-front-title" lang="en">What would you like to know?</p>'
        '<p class="wb-front-text">'
        + both(
            "回答只引用文章原文，并注明出处；文章里没有的，会直说没有。",
            "Answers quote the articles and say where. "
            "What the articles don’t say, you will be told they don’t say.",
        )
        + (f'</p><ul class="wb-chips">{chips}</ul>' if chips else "</p>")
        + "</div>"
    )


def render_start(articles: Sequence[Article]) -> str:
    """The side panel before the first question: the newest articles, each to be opened."""
    one = '<span class="wb-cite">[1]</span>'
    how = (
        f'<p class="wb-how"><span lang="zh">点击回答中的 {one} 就在这里打开整篇文章，并标出那句话。'
        f'</span> <span lang="en">Click a {one} in an answer to read the quote here, '
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


def render_notice(*texts: str) -> str:
    """The line above the question box that says what is wrong with a question."""
    said = " ".join(run(text) for text in texts)
    return f'<p class="wb-notice" role="alert">{said}</p>' if said else ""


# Questions over the sample articles, each with words of the title that shows its article is there.
_SAMPLE_QUESTIONS: Final = (
    ("What did the carbon meeting decide?", "双碳领导小组"),
    ("儿童医院夜间门诊看一次多少钱？", "Night Clinic"),
    ("How many subway lines run in Longgang now, compared with before?", "三道题"),
    ("坪山打算几年让城市大变样？", "六个区各盯什么"),
    ("What are the six things the new industry centre in Longgang wants to strengthen?", "参谋部"),
    ("低碳城的场馆用了哪些新技术？", "三道题"),
)


def example_questions(articles: Sequence[Article], count: int = EXAMPLES) -> list[str]:
    """Questions to begin with: prepared ones for the sample articles, else made from titles."""
    titles = [article.title for article in articles if not article.title_inferred]
    prepared = [q for q, words in _SAMPLE_QUESTIONS if any(words in title for title in titles)]
    if len(prepared) >= 4:
        return prepared[:count]
    made = []
    for title in titles:
        short = snippet(title, 30)
        made.append(
            f"《{short}》讲了什么？" if lang_of(title) == "zh" else f"What is said in “{short}”?"
        )
    return made[:count]


class Desk:
    """The one open index behind a page: opened on first use, renewed when a rebuild replaced it."""

    def __init__(self, index_dir: str) -> None:
        self._dir = index_dir
        self._lock = threading.Lock()
        self._index: Index | None = None

    def index(self) -> Index:
        """The index to ask now; WenbaoError with the command to build it when there is none."""
        with self._lock:
            if self._index is None:
                self._index = rag.open_index(self._dir)
            else:
                self._index = self._index.refresh()
            return self._index

    def ask(self, question: str, history: Sequence[str], **options: Any) -> Answer:
        """Answer one question from the newest generation."""
        return self.index().ask(question.strip(), history=tuple(history), **options)

    def warm(self) -> None:
        """Answer one question to nobody, so that the first reader waits for nothing to be read."""
        with suppress(WenbaoError):
            self.ask(_SAMPLE_QUESTIONS[0][0], ())

    def masthead(self) -> str:
        """The state of the index as it is now."""
        try:
            return render_masthead(self.index().info())
        except WenbaoError as error:
            return render_masthead(None, str(error))

    def first_page(self) -> tuple[str, str, str]:
        """Masthead, front and side panel of a page nobody has asked anything yet."""
        try:
            index = self.index()
        except WenbaoError as error:
            return render_masthead(None, str(error)), render_front(()), render_start(())
        some = list(islice(index.articles(), 500))
        newest = sorted(some, key=lambda a: a.date or "", reverse=True)[:NEWEST]
        front = render_front(example_questions(some))
        return render_masthead(index.info()), front, render_start(newest)


def build(index_dir: str) -> gr.Blocks:
    """The page over the index in `index_dir`; launch it with `launch_options()`."""
    return _page(Desk(index_dir))


def _page(desk: Desk) -> gr.Blocks:
    masthead_html, front_html, start_html = desk.first_page()

    def respond(question: str, history: list[str] | None) -> tuple[Any, ...]:
        problem: Sequence[str] | None = question_problem(question)
        if problem is None:
            try:
                answer = desk.ask(question, [str(earlier) for earlier in history or ()])
            except WenbaoError as error:
                problem = [str(error)]
            else:
                return render_turn(answer), gr.skip(), render_notice(), desk.masthead()
        failed = f'<i data-failed="{secrets.token_hex(4)}"></i>'
        return failed, question, render_notice(*problem), desk.masthead()

    def ask(
        question: str,
        history: list[str] | None = None,
        k: int = DEFAULT_K,
        date_from: str | None = None,
        date_to: str | None = None,
        source: str | None = None,
        language: str | None = None,
    ) -> dict[str, Any]:
        """Answer a question with citations, as `rag.Answer.to_dict()` does.

        history: previous questions of the conversation. k: number of hits. date_from, date_to:
        ISO dates. source: only articles of this source. language: `zh` or `en`. Call it through
        `gradio_client.Client(url, download_files=False)`: the client would take an article's
        `path` for a file to download.
        """
        problem = question_problem(question)
        if problem is not None:
            raise gr.Error(problem[1], print_exception=False)
        try:
            return desk.ask(
                question,
                history or (),
                k=k,
                date_from=date_from,
                date_to=date_to,
                source=source,
                language=language,
            ).to_dict()
        except WenbaoError as error:
            raise gr.Error(str(error), print_exception=False) from error

    script = (_ASSETS / "page.js").read_text(encoding="utf-8")
    page = gr.Blocks(title="问报 Wenbao", analytics_enabled=False, fill_width=True)
    with page:
        with gr.Row(elem_id="wb-desk"):
            masthead = gr.HTML(masthead_html, elem_id="wb-top", apply_default_css=False)
            fresh = gr.Button("新对话 New", elem_id="wb-new", min_width=0, scale=0)
            with gr.Column(elem_id="wb-talk", min_width=0):
                with gr.Column(elem_id="wb-scroll", min_width=0):
                    front = gr.HTML(front_html, elem_id="wb-front", apply_default_css=False)
                    gr.HTML(
                        '<div id="wb-turns" role="log" aria-label="对话 Conversation"></div>',
                        apply_default_css=False,
                        elem_id="wb-turns-block",
                    )
                with gr.Column(elem_id="wb-ask", min_width=0):
                    notice = gr.HTML("", elem_id="wb-notice", apply_default_css=False)
                    with gr.Row(elem_id="wb-ask-row"):
                        question = gr.Textbox(
                            show_label=False,
                            label="问题 Question",
                            placeholder="提一个问题 · Ask a question",
                            lines=1,
                            max_lines=5,
                            container=False,
                            elem_id="wb-question",
                            scale=1,
                            min_width=0,
                        )
                        send = gr.Button("提问 Ask", elem_id="wb-send", min_width=0, scale=0)
            with gr.Column(elem_id="wb-side", min_width=0):
                start = gr.HTML(start_html, elem_id="wb-start", apply_default_css=False)
                gr.HTML('<div id="wb-groups"></div>', apply_default_css=False)
        # The conversation lives in the page: its earlier questions come with each new one.
        history = gr.JSON(visible=False)
        inbox = gr.HTML("", visible="hidden", js_on_load=script, elem_id="wb-inbox")

        asked = gr.on(
            [question.submit, send.click],
            respond,
            inputs=[question, history],
            outputs=[inbox, question, notice, masthead],
            js="(question) => [question, wenbao.send(question)]",
            show_progress="hidden",
            api_visibility="private",
        )
        asked.failure(None, js="() => wenbao.giveBack()", api_visibility="private")
        fresh.click(
            render_notice,
            outputs=[notice],
            js="() => wenbao.clear()",
            show_progress="hidden",
            api_visibility="private",
        )
        page.load(
            desk.first_page,
            outputs=[masthead, front, start],
            show_progress="hidden",
            api_visibility="private",
        )
        gr.api(ask, api_name="ask")  # type: ignore[attr-defined]
    page.queue(default_concurrency_limit=4)
    return page


def launch_options() -> dict[str, Any]:
    """What `Blocks.launch` needs for the page to look right and keep to its own host."""
    style = (_ASSETS / "page.css").read_text(encoding="utf-8")
    return {
        # plain strings are installed fonts: nothing is fetched
        "theme": gr.themes.Base(
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        # not `css`, which Gradio rewrites rule by rule
        "head": f'<link rel="icon" href="data:image/svg+xml,{_ICON}"><style>{style}</style>',
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "share": False,
        "enable_monitoring": False,
        "quiet": True,
        "show_error": True,
    }


_ICON: Final = (
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='6' fill='%239f2a1d'/%3E%3Ctext x='16' y='23' "
    "font-size='20' text-anchor='middle' fill='%23fff' font-family='serif'%3E问"
    "%3C/text%3E%3C/svg%3E"
)


def serve(
    index_dir: str, *, host: str = DEFAULT_HOST, port: int = DEFAULT_PORT, open_browser: bool = True
) -> None:
    """Serve the page until interrupted; its address is printed once it can be opened."""
    desk = Desk(index_dir)
    page = _page(desk)
    threading.Thread(target=desk.warm, daemon=True).start()
    try:
        page.launch(
            server_name=host,
            server_port=port,
            inbrowser=open_browser,
            prevent_thread_lock=True,
            **launch_options(),
        )
    except OSError as error:
        raise OSError(f"cannot listen on {host}:{port}; choose another --port") from error
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
    print(f"Wenbao is at http://{shown}:{port} (Ctrl-C to stop)", flush=True)
    if host not in {"127.0.0.1", "localhost", "::1"}:
        print("Everyone who can reach this machine can read these articles.", flush=True)
    page.block_thread()
