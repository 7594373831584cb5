"""An answer to paste elsewhere: its quotes with [n], and a numbered list of the articles.

Styles: Markdown, in which nothing of an article or a question is markup; GB/T 7714-2015, numbered
by first mention as the standard has it; and plain text. An article has one number however often it
is quoted. Nothing is written to a file, and no clock is read: days are arguments.

What the standard leaves open: an author is left out where none is known (as it allows in numbered
lists), a date too; a paper without a name is [出版者不详] or [s.n.], unless a web address makes it
an online document, EB/OL. A page stands for the 版次. In a romanised Chinese name the surname is
first, in other Latin names last.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Literal

from rag.errors import InputError
from rag.names import SYLLABLES, read_romanised
from rag.text import is_han
from rag.types import Answer, Article, Citation, Language

Style = Literal["markdown", "gbt7714", "plain"]
STYLES: tuple[Style, ...] = ("markdown", "gbt7714", "plain")
MAX_AUTHORS = 3  # named by GB/T 7714 before 等

_UNSEEN = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]")
_MARKUP = re.compile(r"[\\`*_\[\]<>~|&$#^@]|(?<=[A-Za-z]):(?=//)|(?<=\bwww)\.")
_OPENS = re.compile(r"^(\d*)([-+=.)])")  # a list or a rule, at the start of a line
_WEB = re.compile(r"https?://[^\s<>\"`\\]+", re.IGNORECASE)
_OWN = re.compile(r"\[(\d+)\]")  # a citation's number in the note, which is our own text
_SYLLABLE = {number: syllable for syllable, number in SYLLABLES.items()}
_ENTITY = frozenset(
    "agency bureau daily desk editors news newsroom post press staff team times".split()
)
_WORDS: dict[str, dict[Language, str]] = {
    "references": {"zh": "参考文献", "en": "References"},
    "question": {"zh": "问：", "en": "Q: "},
    "exported": {"zh": "导出日期：", "en": "Exported on "},
    "page": {"zh": "第{}页", "en": "p. {}"},
    "et al": {"zh": "等", "en": "et al"},
    "no publisher": {"zh": "[出版者不详]", "en": "[s.n.]"},
}


def references(
    answer: Answer, style: Style = "markdown", *, read_on: date | None = None
) -> list[str]:
    """The articles that an answer quotes, one line each, without their numbers, in their order.

    Args:
        style: one of `STYLES`.
        read_on: the day the articles were read; GB/T 7714 has it for those with a web address.

    Raises:
        InputError: there is no such style.
    """
    _check(style)
    return _entries([answer], style, read_on)


def format_answer(answer: Answer, style: Style = "markdown", *, read_on: date | None = None) -> str:
    """An answer as text: its quotes, each with its article's [n], and the numbered articles.

    An answer that abstains is the sentence that says so. Arguments and errors as in `references`.
    """
    _check(style)
    parts = _body(answer, style, _numbers([answer]))
    return "\n\n".join([*parts, *_list([answer], style, read_on)]) + "\n"


def format_conversation(
    answers: Sequence[Answer], style: Style = "markdown", *, exported: date
) -> str:
    """A conversation as text: each question with its answer, then all articles, numbered.

    Args:
        answers: in the order they were given.
        style: one of `STYLES`.
        exported: stands at the head, and is the day the articles were read.

    Raises:
        InputError: there is no such style.
    """
    _check(style)
    numbers = _numbers(answers)
    parts = [_WORDS["exported"][_language(answers)] + exported.isoformat()]
    for answer in answers:
        lead = "## " if style == "markdown" else _WORDS["question"][answer.language]
        parts += [lead + _shown(answer.question, style), *_body(answer, style, numbers)]
    return "\n\n".join([*parts, *_list(answers, style, exported)]) + "\n"


def _check(style: str) -> None:
    if style not in STYLES:
        raise InputError(f"style is {style!r}: use {', '.join(STYLES[:-1])} or {STYLES[-1]}")


def _language(answers: Sequence[Answer]) -> Language:
    """The language of the list's heading: that of the first question."""
    return answers[0].language if answers else "en"


def _numbers(answers: Sequence[Answer]) -> dict[str, int]:
    """The number of each article that is quoted, by its id, in the order of first mention."""
    ids = dict.fromkeys(c.article.id for answer in answers for c in answer.citations)
    return {id_: number for number, id_ in enumerate(ids, 1)}


def _body(answer: Answer, style: Style, numbers: dict[str, int]) -> list[str]:
    """The paragraphs of an answer: what was written or noted about the quotes, then the quotes."""
    if answer.abstained:
        return [_shown(answer.text.partition("\n")[0], style)]
    number_of = {c.number: numbers[c.article.id] for c in answer.citations}

    def marks(citations: Sequence[int]) -> str:
        return "".join(f"[{number}]" for number in dict.fromkeys(number_of[c] for c in citations))

    parts = []
    if answer.statements:
        written = [f"{_shown(s.text, style)} {marks(s.citations)}" for s in answer.statements]
        parts.append(" ".join(written))
    if answer.note:
        own = _OWN.split(answer.note)  # text and numbers in turn
        said = [marks([int(part)]) if i % 2 else part for i, part in enumerate(own)]
        parts.append("".join(said))
    before, between = ("> ", "\n>\n") if style == "markdown" else ("", "\n")
    for _, group in groupby(answer.citations, key=lambda citation: citation.article.id):
        quotes = [f"{before}{_quote(c, answer, style)} {marks([c.number])}" for c in group]
        parts.append(between.join(quotes))
    return parts


def _quote(citation: Citation, answer: Answer, style: Style) -> str:
    """A quote in quotation marks, with its page."""
    page = _pages([citation.page], answer.language) if style != "gbt7714" else ""
    return _in_marks(_shown(citation.quote, style)) + (f" ({page})" if page else "")


def _in_marks(text: str) -> str:
    """A text in quotation marks that it does not hold itself."""
    return f"“{text}”" if "“" not in text else f"『{text}』"


def _list(answers: Sequence[Answer], style: Style, read_on: date | None) -> list[str]:
    """The heading and the numbered articles, as paragraphs; none where nothing is quoted."""
    entries = _entries(answers, style, read_on)
    if not entries:
        return []
    heading = _WORDS["references"]["zh" if style == "gbt7714" else _language(answers)]
    if style == "markdown":
        lines = [f"{number}. {entry}" for number, entry in enumerate(entries, 1)]
        return [f"### {heading}", "\n".join(lines)]
    return ["\n".join([heading, *(f"[{n}] {entry}" for n, entry in enumerate(entries, 1))])]


def _entries(answers: Sequence[Answer], style: Style, read_on: date | None) -> list[str]:
    articles: dict[str, Article] = {}
    pages: dict[str, list[int | None]] = {}
    for citation in (c for answer in answers for c in answer.citations):
        articles.setdefault(citation.article.id, citation.article)
        pages.setdefault(citation.article.id, []).append(citation.page)
    if style == "gbt7714":
        return [_gbt7714(article, pages[id_], read_on) for id_, article in articles.items()]
    return [
        _entry(article, pages[id_], style, _language(answers)) for id_, article in articles.items()
    ]


def _entry(article: Article, pages: Sequence[int | None], style: Style, language: Language) -> str:
    """Authors, title, source, date, pages and address, as far as they are known."""
    chinese = language == "zh"
    authors = ("、" if chinese else ", ").join(article.authors)
    title = f"《{article.title}》" if chinese else _in_marks(article.title)
    known = (authors, title, article.source, article.date, _pages(pages, language))
    entry = _shown(("，" if chinese else ", ").join(filter(None, known)), style)
    address = _address(article)
    if address is None:
        return entry
    return f"{entry} <{address}>" if style == "markdown" else f"{entry} {address}"


def _gbt7714(article: Article, pages: Sequence[int | None], read_on: date | None) -> str:
    """作者. 题名[N]. 报纸名, 2022-09-14(版次)[引用日期]. 获取和访问路径."""
    address = _address(article) or ""
    source = _shown(article.source or "", "gbt7714")
    edition = ", ".join(map(str, _distinct(pages)))
    read = f"[{read_on.isoformat()}]" if address and read_on else ""
    if address and not source:
        kind, where = "EB/OL", f"({article.date})" if article.date else ""
    else:
        kind = "N/OL" if address else "N"
        name = source or _WORDS["no publisher"][article.language]
        where = ", ".join(filter(None, (name, article.date)))
        where += f"({edition})" if edition else ""
    title = f"{_shown(article.title, 'gbt7714')}[{kind}]"
    return ". ".join(filter(None, (_authors(article), title, where + read, address))) + "."


def _authors(article: Article) -> str:
    names = [_author(_shown(name, "gbt7714")) for name in article.authors]
    more = [_WORDS["et al"][article.language]] if len(names) > MAX_AUTHORS else []
    return ", ".join(names[:MAX_AUTHORS] + more)


def _author(name: str) -> str:
    """A person in Latin letters as SURNAME and initials; any other name as it is."""
    words = re.split(r"[\s-]+", name)
    if len(words) < 2 or any(map(is_han, name)) or _ENTITY & set(name.lower().split()):
        return name
    readings = [read_romanised(word) for word in words]
    if all(readings) and len(readings[0][0]) == 1 and sum(len(r[0]) for r in readings) <= 3:
        given = [_SYLLABLE[number] for reading in readings[1:] for number in reading[0]]
        return " ".join([words[0].upper(), *(syllable[0].upper() for syllable in given)])
    return " ".join([words[-1].upper(), *(word[0].upper() for word in words[:-1])])


def _pages(pages: Sequence[int | None], language: Language) -> str:
    known = ", ".join(map(str, _distinct(pages)))
    return _WORDS["page"][language].format(known) if known else ""


def _distinct(pages: Sequence[int | None]) -> list[int]:
    return sorted({page for page in pages if page is not None})


def _address(article: Article) -> str | None:
    """The article's web address, if it is one and nothing else."""
    url = article.url or ""
    return url if _WEB.fullmatch(url) and not _UNSEEN.search(url) else None


def _shown(text: str, style: Style) -> str:
    """A text on one line, without what cannot be seen; in Markdown, without markup."""
    text = " ".join(_UNSEEN.sub("", text).split())
    if style != "markdown":
        return text
    return _OPENS.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", text))
