"""Whether two articles that answer may disagree, or tell of two different events.

It only says that there is something to compare, and where; which article is right is the reader's
to judge. Compared are the values in each article's best sentence: those that the question is after,
or else the dates.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rag import cues
from rag.numbers import numbers
from rag.types import Article, Language

APART = 7  # days from which two articles do not report the same event
_VALUES = {"money": False, "number": False, "time": True}  # kind asked for: whether dated values
_SAY: dict[tuple[str, Language], str] = {
    ("values", "zh"): "两篇文章的说法可能不同，请比较 {} 与 {}。",
    ("values", "en"): "Two articles may differ here: compare {} and {}.",
    ("events", "zh"): "可能是两件不同的事：{} 与 {}，都列在下面。",
    ("events", "en"): "There may be two different events, {} and {}: both are quoted.",
}


@dataclass(frozen=True, slots=True)
class Quoted:
    """The sentence of an article that matches a question best, and its citation's number."""

    number: int
    text: str
    article: Article


def difference(asked: str, language: Language, quotes: Sequence[Quoted]) -> str:
    """One line in a language about the first two `quotes`, best first; empty if nothing differs.

    Values differ when both sentences hold some of the kind that is asked for and share none. Events
    differ when both sentences hold dates and share none, and the articles are more than `APART`
    days from each other; a question that says the date itself means one event.
    """
    if len(quotes) < 2:
        return ""
    one, other = quotes[:2]
    kinds = [name for name, asks, _ in cues.KINDS if asks.search(asked) and name in _VALUES]
    if kinds:
        dated = _VALUES[kinds[0]]
        values, others = (_values(quote.text, dated) for quote in (one, other))
        if values and others and not values & others:
            return _SAY["values", language].format(f"[{one.number}]", f"[{other.number}]")
        return ""
    dates, others = (_values(quote.text, dated=True) for quote in (one, other))
    days = [date.fromisoformat(quote.article.date) for quote in (one, other) if quote.article.date]
    apart = len(days) == 2 and abs((days[0] - days[1]).days) > APART
    if apart and dates and others and not dates & others and not _values(asked, dated=True):
        first, second = (f"{q.article.date} [{q.number}]" for q in (one, other))
        return _SAY["events", language].format(first, second)
    return ""


def _values(text: str, dated: bool) -> set[int]:
    """Codes of the dates in a text, or of what else is a number."""
    return {number.code for number in numbers(text) if number.dated == dated}
