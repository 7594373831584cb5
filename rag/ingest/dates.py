"""Dates as papers print them → ISO `YYYY-MM-DD`; a date without a year is never completed here.

`date_line` alone decides whether a line is there to print a date; which lines of a document are
asked is up to `page`. Running text is not searched for dates, and nothing is relative to today.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from rag.ingest.fold import fold
from rag.text import is_han

_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")} | {"零": "0"}
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_FULL = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<y>(?:19|20)\d\d) ?年 ?(?P<m>\d{1,2}) ?月 ?(?P<d>\d{1,2}) ?[日号]",
        r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<sep>[-/.])(?P<m>\d{1,2})(?P=sep)(?P<d>\d{1,2})(?!\d)",
        r"(?P<y>[一二][〇零一二三四五六七八九]{3})年"
        r"(?P<m>[一二三四五六七八九十]{1,2})月(?P<d>[一二三四五六七八九十]{1,3})日",
        r"民国 ?(?P<roc>\d{2,3}|[〇零一二三四五六七八九]{2,3}) ?年"
        r" ?(?P<m>\d{1,2}|[一二三四五六七八九十]{1,2}) ?月"
        r" ?(?P<d>\d{1,2}|[一二三四五六七八九十]{1,3}) ?日",
        rf"\b(?P<m>{MONTH}) ?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y>(?:19|20)\d\d)\b",
        rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)? (?P<m>{MONTH}),? (?P<y>(?:19|20)\d\d)\b",
    )
)
_MONTH_DAY = re.compile(
    rf"(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})[日号]|(?P<em>{MONTH}) (?P<ed>\d{{1,2}})"
)

# What else a line with a date holds: labels, times, week days, page numbers, counters, buttons.
_BESIDE = re.compile(
    r"(?:发布|发表|更新|刊发|上传)?(?:时间|日期|于) ?:?|发布|更新|刊登"
    r"|(?:Last )?(?:Updated|Published|Posted)(?: on| at)?:?|Date:"
    r"|(?:星期|周)[一二三四五六日天]|(?:Mon|Tues?|Wednes|Thurs?|Fri|Satur|Sun)(?:day)?\b[.,]?"
    r"|\d{1,2} ?: ?\d\d(?: ?: ?\d\d)?(?: ?[ap]\.?m\.?| ?[AP]M)?(?: ?\(?(?:GMT|BJT|UTC|CST)[^ ]*)?"
    r"|[上下]午|农历[^ ]+|第? ?[A-Z]?\d{1,3} ?版|\b[A-D]\d{1,3}\b|Vol\. ?\d+|No\. ?\d+|Page \w+"
    r"|(?:点击|阅读|浏览|评论|人气|点赞|字[号体级])[量数次]*[ :]*(?:\d+ ?次?|[大中小 ]+)?"
    r"|分享到?|收藏|打印|大 ?中 ?小|[|/·•]"
)
_LABELLED = re.compile(
    r"(?:来源|作者|(?:责任|值班|网络)?编辑|责编|记者|通讯员|审核|校对|美编|主编|Source|Editor|Author)"
    r" ?:? ?[^ |]+(?: [^ |:]{1,4}(?= |$))*"
)
_NEVER = re.compile(r"©|[Cc]opyright|COPYRIGHT|版权|今天是|欢迎|备案|ICP|备\d|All [Rr]ights")
_SENTENCE = re.compile(r"[。！？]|，.*，|[a-z]\. ")
MAX_BESIDE = 24


def iso_date(text: str) -> str | None:
    """The first full date of a text that exists in the calendar, else None."""
    found = _first(fold(text))
    return found[0] if found else None


def month_day(text: str) -> tuple[int, int] | None:
    """The first (month, day) of a text."""
    found = _MONTH_DAY.search(fold(text))
    if found is None:
        return None
    return _month(found["m"] or found["em"]), int(found["d"] or found["ed"])


def with_year(day: tuple[int, int], printed: str) -> str | None:
    """The last such day up to the printed ISO date, None if that is more than 60 days back."""
    page = date.fromisoformat(printed)
    for year in (page.year, page.year - 1):
        try:
            dated = date(year, *day)
        except ValueError:
            continue
        if 0 <= (page - dated).days <= 60:
            return dated.isoformat()
    return None


@lru_cache(maxsize=4096)
def date_line(text: str) -> str | None:
    """The ISO date of a line that prints one, beside at most labels, credits and a page's name."""
    if len(text) > 160 or _NEVER.search(text):
        return None
    line = " ".join(fold(text).split())
    found = _first(line)
    if found is None:
        return None
    day, (start, end) = found
    if end < len(line) and is_han(line[end]) and not _BESIDE.match(line, end):
        return None
    beside = _LABELLED.sub(" ", line[:start] + " " + line[end:])
    for pattern in (*_FULL, _BESIDE):
        beside = pattern.sub(" ", beside)
    if _SENTENCE.search(beside) or len("".join(beside.split())) > MAX_BESIDE:
        return None
    return day


def _first(text: str) -> tuple[str, tuple[int, int]] | None:
    """The ISO date and the span of the first date in folded text."""
    dates = []
    for pattern in _FULL:
        for found in pattern.finditer(text):
            if (day := _iso(found.groupdict())) is not None:
                dates.append((found.start(), day, found.span()))
                break
    return min(dates)[1:] if dates else None


def _iso(parts: dict[str, str | None]) -> str | None:
    era = parts.get("roc")
    year = _number(era) + 1911 if era else _number(parts.get("y") or "0")
    try:
        return date(year, _month(parts["m"] or ""), _number(parts["d"] or "")).isoformat()
    except ValueError:
        return None


def _month(text: str) -> int:
    return (
        _MONTHS.index(text[:3].lower()) + 1
        if text[0].isascii() and text[0].isalpha()
        else (_number(text))
    )


def _number(text: str) -> int:
    """A number in Arabic digits, in Chinese digits (二〇二二) or with tens (二十一)."""
    if text.isascii():
        return int(text)
    if "十" not in text:
        return int("".join(_DIGITS[char] for char in text))
    tens, _, units = text.partition("十")
    return int(_DIGITS.get(tens, "1")) * 10 + int(_DIGITS.get(units, "0"))
