"""An answer and its sources as HTML: quotes with their `[n]`, cards, and whole articles to open.

Pure functions over `rag`'s values; they rank, choose and word nothing themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

import rag
from rag import Answer, Article, Citation, Explanation, Hit, Understanding
from rag.page.markup import (
    Mark,
    bar,
    both,
    esc,
    lang_of,
    link,
    meta,
    page_note,
    render_text,
    run,
    snippet,
)

COPIES: Final = 5  # other places of a story that are named

_POINTS = re.compile(r"[，。、；：？！”’）》」』…,.;:?!)\]]+")
_TAIL = re.compile(r"\S{1,24}$")

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
        "written": "Written by a language model from these quotes; each sentence was checked.",
        "dates": "Articles dated {}",
        "until": "until {}",
        "since": "since {}",
        "dates_off": "Ask without these dates",
        "widened": "Nothing dated {} answers; this is from all articles.",
        "carried": "About: {}",
        "carried_off": "Ask it on its own",
        "next": "Ask next",
        "copy": "Copy",
        "link": "Copy link",
        "good": "Helpful",
        "bad": "Not right",
        "comment": "What is wrong or missing? (optional)",
        "send": "Send",
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
        "gloss": "引文下的小字是逐词释义，仅供辅助阅读，并非翻译。",
        "gloss_toggle": "逐词释义",
        "sources": "来源",
        "near": "接近的段落",
        "written": "由语言模型根据这些引文写成，逐句核对过。",
        "dates": "只看 {} 的文章",
        "until": "{} 及以前",
        "since": "{} 及以后",
        "dates_off": "不限日期再问",
        "widened": "{} 的文章里没有答案，以下出自全部文章。",
        "carried": "接着问：{}",
        "carried_off": "单独问这一句",
        "next": "接着可以问",
        "copy": "复制",
        "link": "复制链接",
        "good": "有用",
        "bad": "不对",
        "comment": "哪里不对、缺了什么？（可不填）",
        "send": "提交",
    },
}


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


def period(understood: Understanding, say: dict[str, str]) -> str:
    """The dates that were read in a question: one day, a span, or an open end."""
    first, last = understood.date_from, understood.date_to
    if first and last:
        return first if first == last else f"{first} – {last}"
    return say["since"].format(first) if first else say["until"].format(last)


def render_understood(answer: Answer) -> str:
    """How the question was read, each reading a chip that takes it back."""
    say, read = _SAY[answer.language], answer.understood
    chips = []
    if read.phrase:
        text = say["widened" if read.widened else "dates"].format(period(read, say))
        chips.append(_chip("dates", text, "" if read.widened else say["dates_off"]))
    if read.carried:
        joint = "、" if answer.language == "zh" else ", "
        chips.append(
            _chip("carried", say["carried"].format(joint.join(read.carried)), say["carried_off"])
        )
    return f'<p class="wb-read" lang="{answer.language}">{"".join(chips)}</p>' if chips else ""


def _chip(name: str, text: str, action: str) -> str:
    """A reading of the question; with an action, a button that asks again without it."""
    if not action:
        return f'<span class="wb-reading-chip">{esc(text)}</span>'
    return (
        f'<button type="button" class="wb-reading-chip" data-drop="{name}" title="{esc(action)}" '
        f'aria-label="{esc(text)}: {esc(action)}">{esc(text)} <span aria-hidden="true">×</span>'
        "</button>"
    )


def render_statements(answer: Answer) -> str:
    """What a language model wrote, each sentence with the numbers of the quotes it rests on."""
    if not answer.statements:
        return ""
    sentences = " ".join(
        f"<span>{esc(statement.text)}{''.join(map(cite_button, statement.citations))}</span>"
        for statement in answer.statements
    )
    note = _SAY[answer.language]["written"]
    return (
        f'<div class="wb-written" lang="{answer.language}"><p>{sentences}</p>'
        f'<p class="wb-note">{esc(note)}</p></div>'
    )


_STYLES: Final = {
    "markdown": "Markdown",
    "gbt7714": "GB/T 7714",
    "plain": both("纯文本", "Text"),
}


def render_tools(answer: Answer) -> str:
    """What can be done with an answer: copy it with references, link to it, judge it."""
    say = _SAY[answer.language]
    copies = "".join(
        f'<button type="button" data-copy="{style}">{_STYLES[style]}</button>'
        for style in rag.STYLES
    )
    texts = "".join(
        f'<pre hidden data-text="{style}">{esc(text)}</pre>'
        for style in rag.STYLES
        for text in [rag.format_answer(answer, style, read_on=date.today())]
    )
    return (
        f'<div class="wb-tools" lang="{answer.language}">'
        f'<span class="wb-tool-group"><span>{esc(say["copy"])}</span>{copies}</span>'
        f'<button type="button" data-link>{esc(say["link"])}</button>'
        f'<span class="wb-tool-group"><button type="button" data-judge="1" aria-pressed="false" '
        f">{esc(say['good'])}</button>"
        f'<button type="button" data-judge="-1" aria-pressed="false" >'
        f"{esc(say['bad'])}</button></span>"
        f'<span class="wb-said" role="status"></span>'
        f'<form class="wb-comment" hidden><label>{esc(say["comment"])}'
        f'<input type="text" maxlength="500" autocomplete="off"></label>'
        f'<button type="submit">{esc(say["send"])}</button></form>{texts}</div>'
    )


def render_next(questions: Sequence[str], language: str) -> str:
    """Questions that these articles answer, too."""
    if not questions:
        return ""
    chips = "".join(
        f'<li><button type="button" class="wb-chip" data-ask="{esc(question)}" '
        f'lang="{lang_of(question)}">{esc(question)}</button></li>'
        for question in questions
    )
    return (
        f'<div class="wb-next" lang="{language}"><h4>{esc(_SAY[language]["next"])}</h4>'
        f"<ul>{chips}</ul></div>"
    )


def render_question(question: str) -> str:
    """The question, as the heading of its turn."""
    return f'<h2 class="wb-question" lang="{lang_of(question)}">{esc(question)}</h2>'


def render_draft(text: str) -> str:
    """What a language model has written so far, the sentence under way included."""
    if not text:
        return ""
    return f'<div class="wb-draft" aria-busy="true" lang="{lang_of(text)}"><p>{esc(text)}</p></div>'


def render_answer(
    answer: Answer, following: Sequence[str] = (), *, draft: str = "", tools: bool = True
) -> str:
    """The question and what the articles say to it, or that they don't.

    `following` are questions to ask next, `draft` is what a language model has written so far.
    """
    say = _SAY[answer.language]
    head = render_question(answer.question) + render_understood(answer)
    after = render_next(following, answer.language) + (render_tools(answer) if tools else "")
    if answer.abstained:
        near = "".join(render_near(n, hit, say) for n, hit in enumerate(answer.hits, 1))
        body = (
            f'<p class="wb-absent" lang="{answer.language}">{esc(say["absent"])}</p>'
            f"{render_confidence(answer)}"
            f'<p class="wb-note" lang="{answer.language}">'
            f"{esc(say['nearest'] if near else say['nothing'])}</p>"
            + (f'<ol class="wb-near">{near}</ol>' if near else "")
        )
        return f'{head}<div class="wb-answer wb-abstained">{body}{after}</div>'
    stories = by_article(answer.citations)
    said = say["lead_one"] if len(stories) == 1 else say["lead"].format(len(stories))
    lead = f'<p class="wb-lead" lang="{answer.language}">{esc(said)}</p>{render_confidence(answer)}'
    if answer.hits and not any(hit.signals for hit in answer.hits):
        lead = ""  # the news as such: nothing was weighed, and the note says what it is
    notes = "".join(
        f'<p class="wb-note wb-differ" role="note" lang="{answer.language}">{esc(note)}</p>'
        for note in (answer.note, answer.fallback)
        if note
    )
    contents = "".join(
        f'<li><button type="button" data-story="{n}">{run(article.title)} '
        f"[{quotes[0].number}{f'–{quotes[-1].number}' if len(quotes) > 1 else ''}]</button></li>"
        for n, (article, quotes) in enumerate(stories)
    )
    return (
        f'{head}<div class="wb-answer">{render_draft(draft)}{render_statements(answer)}'
        f"{lead}{notes}"
        + (f'<ol class="wb-contents">{contents}</ol>' if len(stories) > 1 else "")
        + "".join(render_story(article, quotes) for article, quotes in stories)
        + f"{_foot(answer)}{after}</div>"
    )


def _foot(answer: Answer) -> str:
    """The way to the sources, and the switch of the reading aid where there is one."""
    say = _SAY[answer.language]
    aid = (
        f'<button type="button" data-gloss-toggle aria-pressed="true">{esc(say["gloss_toggle"])}'
        f"</button> <span>{esc(say['gloss'])}</span>"
        if any(citation.gloss for citation in answer.citations)
        else ""
    )
    return (
        f'<p class="wb-foot" lang="{answer.language}"><button type="button" data-sources>'
        f"{esc(say['sources'])} ({len(sources_of(answer))})</button>{aid}</p>"
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
        return max((hit.score for _, hit in self.hits if hit.signals), default=None)

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


def render_why(explanation: Explanation | None) -> str:
    """Why a passage was found: what each signal gave, and which words met which."""
    if explanation is None:
        return ""
    shares = "".join(
        f"<li><span>{both(*_SIGNALS[signal.name])}</span>{bar(signal.share)}"
        f"<span>{signal.share:.0%}</span></li>"
        for signal in explanation.signals
    )
    words = "".join(
        f'<li class="is-{esc(word.kind)}">{run(word.word)}'
        + ("" if word.kind == "same" else f' <span aria-hidden="true">→</span> {run(word.match)}')
        + f" <small>{word.similarity:.2f}</small></li>"
        for word in explanation.words
    )
    words += "".join(
        f'<li class="is-missing" title="没有找到 not found"><s>{esc(word)}</s></li>'
        for word in explanation.missing
    )
    return (
        f'<details class="wb-why"><summary>{both("为什么找到这一段", "Why this passage")}</summary>'
        f'<ul class="wb-shares">{shares}</ul><ul class="wb-words">{words}</ul></details>'
    )


_SIGNALS: Final = {
    "dense": ("大意相近", "Overall meaning"),
    "lexical": ("用词与译词", "Words and translations"),
    "late": ("逐词匹配", "Word by word"),
    "names": ("人名地名数字", "Names and numbers"),
    "focus": ("关键句", "Best lines"),
}


def render_card(
    number: int, source: Source, why: Mapping[int, Explanation] = MappingProxyType({})
) -> str:
    """One article in the list of sources; `why` explains hits by their number."""
    article = source.article
    rows = "".join(
        f'<li><button type="button" data-hit="{n}">{run(snippet(hit.text), css="wb-excerpt")}'
        f"{render_score(hit.score) if hit.signals and len(source.hits) > 1 else ''}</button>"
        f"{render_why(why.get(n))}</li>"
        for n, hit in source.hits
    )
    cites = "".join(cite_button(c.number) for c in source.citations)
    score = render_score(source.score) if source.score is not None else ""
    return (
        f'<li class="wb-card{" is-cited" if cites else ""}" data-article="{esc(article.id)}">'
        f'<h3 lang="{lang_of(article.title)}"><button type="button" data-open="{number}">'
        f'{esc(article.title)}</button></h3><p class="wb-meta">{meta(article)}'
        f"{page_note(hit.page for _, hit in source.hits)}{score}</p>"
        + (f'<p class="wb-cites">{both("引文", "Quoted")} {cites}</p>' if cites else "")
        + (f'<ul class="wb-passages">{rows}</ul>' if rows else "")
        + "</li>"
    )


def render_cards(
    sources: Sequence[Source],
    stories: Sequence[Sequence[Article]] = (),
    why: Mapping[int, Explanation] = MappingProxyType({}),
) -> str:
    """The list of sources; the articles of one story stand under the first of them."""
    cards = {source.article.id: render_card(n, source, why) for n, source in enumerate(sources, 1)}
    follows = {other.id: story[0].id for story in stories for other in story[1:]}
    out = []
    for id_, card in cards.items():
        if id_ in follows:
            continue
        more = [cards[other] for other, first in follows.items() if first == id_ and other in cards]
        out.append(card)
        if more:
            label = both(f"另有 {len(more)} 篇报道同一件事", f"+{len(more)} similar")
            out.append(
                f'<li class="wb-similar"><details><summary>{label}</summary>'
                f"<ol>{''.join(more)}</ol></details></li>"
            )
    return "".join(out)


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
    if "://" not in article.path:  # else it was read from the web: there is no file
        facts += [
            f'<a href="original/{esc(article.id)}" download>'
            f"{both('原始文件', 'Original file')} ↓</a>",
            f'<button type="button" data-inspect="{esc(article.id)}">'
            f"{both('查看读取过程', 'How it was read')}</button>",
        ]
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


def render_sources(
    answer: Answer,
    stories: Sequence[Sequence[Article]] = (),
    why: Mapping[int, Explanation] = MappingProxyType({}),
) -> str:
    """The list of sources and, hidden, each of their articles in full."""
    sources = sources_of(answer)
    if not sources:
        return ""
    readers = "".join(
        render_reader(n, source, steps=bool(answer.citations))
        for n, source in enumerate(sources, 1)
    )
    return (
        f'<div class="wb-list"><h2>{both("来源", "Sources")}</h2>'
        f"{run(snippet(answer.question, 80), 'p', 'wb-for')}"
        f"<ol>{render_cards(sources, stories, why)}</ol></div>{readers}"
    )


def render_turn(turn: str, body: str, sources: str = "") -> str:
    """One delivery to the page: a question with what is known of its answer, and its sources.

    A later delivery of the same turn takes the place of an earlier one.
    """
    group = f'<section class="wb-group" data-turn="{esc(turn)}">{sources}</section>'
    return (
        f'<section class="wb-turn" data-turn="{esc(turn)}">{body}</section>'
        f"{group if sources else ''}"
    )
