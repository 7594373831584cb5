"""A title for a story that was printed without one: what its first sentence says.

It is cut from the text, never composed: the label, the leading time word and the end mark go,
and what is longer than a headline ends at a clause.
"""

from __future__ import annotations

import re

from rag.text import detect_language, sentence_spans

MAX_TITLE = 40  # characters
_MIN_CLAUSE = 8
_PART_OF_DAY = r"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|晚|夜间)?起?"
_DAY = (
    r"(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日|[昨今][日天晚夜晨]|昨|前[日天]|当[日天]|近[日期]|日前|目前|连日来|連日來"
    r"|今年以来|近年来|[本上]周[一二三四五六日天]?"
)
_HOUR = r"[\d一二三四五六七八九十零]{1,3}[时点時點](?:[\d一二三四五六七八九十]{1,3}分|半|许|整)?"
_TIME = re.compile(rf"(?:[从自]?(?:{_DAY}){_PART_OF_DAY}(?:{_HOUR})?[，,、\s]*)+")
_TIME_EN = re.compile(
    r"(?:Yesterday|Today|Recently|On (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
    r"|On [A-Z][a-z]{2,8}\.? \d{1,2}(?:, \d{4})?),?\s+"
)
_CLAUSE = re.compile(r"[，,；;：:—。！？!?]")
_LABELLED = re.compile(
    r"[【\[(（]?(?:编者按|編者按|核心提示|内容提要|摘要|导读|導讀|导语|提要)[】\])）]?\s*[:：]?\s*"
)
_NOTE_ENDS = re.compile(r"敬请|推出|开设|专栏|系列|刊发|即日起|今起")
_MAX_NOTE = 3  # paragraphs


def infer_title(text: str, headings: tuple[tuple[int, str], ...] = ()) -> str:
    """The title of a text that has none, at most MAX_TITLE characters; empty only for no text."""
    taken = {start for start, _ in headings}
    spans = [span for span in sentence_spans(text, _note_end(text)) if span[0] not in taken]
    if not spans:
        spans = sentence_spans(text)
    if not spans:
        return ""
    start, end = spans[0]
    sentence = _LABELLED.sub("", text[start:end], count=1)
    shortened = _TIME.sub("", sentence, count=1) if _TIME.match(sentence) else sentence
    shortened = _TIME_EN.sub("", shortened, count=1) if _TIME_EN.match(shortened) else shortened
    return _cut(shortened) or _cut(sentence) or text[start:end][:MAX_TITLE].strip()


def _note_end(text: str) -> int:
    """Where an editor's note at the start of a text ends; 0 when there is none."""
    paragraphs = text.split("\n")
    label = _LABELLED.match(paragraphs[0])
    if label is None:
        return 0
    first = 1 if label.end() == len(paragraphs[0]) else 0
    last = first
    for index in range(first, min(first + _MAX_NOTE, len(paragraphs))):
        if _NOTE_ENDS.search(paragraphs[index]):
            last = index
    if last + 1 >= len(paragraphs):
        return 0
    return sum(len(paragraph) + 1 for paragraph in paragraphs[: last + 1])


def _cut(sentence: str) -> str:
    """A sentence without its end mark; a long one ends at its last clause that fits."""
    title = sentence.strip().rstrip("。；;，,！!.").strip()
    if len(title) <= MAX_TITLE:
        return title
    ends = [mark.start() for mark in _CLAUSE.finditer(title, _MIN_CLAUSE, MAX_TITLE + 1)]
    if ends:
        return title[: ends[-1]].strip()
    if detect_language(title) == "en" and " " in title[:MAX_TITLE]:
        return title[: title.rindex(" ", 0, MAX_TITLE + 1)].strip()
    return title[:MAX_TITLE]
