"""Dates as papers print them → ISO `YYYY-MM-DD`; a date without a year is never completed here.

Only whole dates that exist in the calendar count: no month alone, nothing relative to today, no
number that merely could be a date. `date_line` alone decides whether a line is there to print a
date; which lines of a document are asked is up to `page`. Running text is not searched for dates.
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

from rag.ingest.fold import fold
from rag.text import is_han

_WIDE_DIGITS = {0xFF10 + value: str(value) for value in range(10)}
_DIGITS = {char: str(value) for value, char in enumerate("〇一二三四五六七八九")}
_DIGITS |= dict.fromkeys("零○OＯ", "0")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\b\.?"
)
_ANY_MONTH = f"(?i:{MONTH})"
_YEAR = r"(?:19|20)[0-9]{2}"
_ZERO = "〇零○OＯ"
_HAN_MONTH = "[一二三四五六七八九十]{1,2}"
_HAN_DAY = "[一二三四五六七八九十廿卅]{1,3}"
# A version (3.2022.1.5), a number of papers (010-2022-09-15) and a longer one are no dates.
_ALONE = "(?<![0-9A-Za-z.-])"
_FULL = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<![\d.])(?P<d>\d{1,2}) ?[/|] ?(?P<y>(?:19|20)\d\d)年 ?(?P<m>\d{1,2})月(?!\d)",
        r"(?<!\d)(?P<m>\d{1,2})-(?P<d>\d{1,2}) (?:\d{1,2}:\d\d )?(?P<y>(?:19|20)\d\d)(?!\d)",
        rf"(?<![0-9])(?P<y>{_YEAR}) ?年 ?(?P<m>[0-9]{{1,2}}) ?月 ?(?P<d>[0-9]{{1,2}}) ?[日号]",
        rf"{_ALONE}(?P<y>{_YEAR})(?P<sep>[-/.])(?P<m>[0-9]{{1,2}})(?P=sep)(?P<d>[0-9]{{1,2}})"
        r"(?![0-9]|[.-][0-9])",
        rf"(?P<y>[一二][{_ZERO}九][{_ZERO}一二三四五六七八九]{{2}})年"
        rf"(?P<m>{_HAN_MONTH})月(?P<d>{_HAN_DAY})[日号]",
        rf"民国 ?(?P<roc>[0-9]{{2,3}}|[{_ZERO}一二三四五六七八九十百]{{2,6}}) ?年"
        rf" ?(?P<m>[0-9]{{1,2}}|{_HAN_MONTH}) ?月 ?(?P<d>[0-9]{{1,2}}|{_HAN_DAY}) ?[日号]",
        rf"\b(?P<m>{_ANY_MONTH}) ?(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<y>{_YEAR})\b",
        rf"\b(?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)? (?:of )?(?P<m>{_ANY_MONTH}),? (?P<y>{_YEAR})\b",
        # Eight digits are a date behind a label or in a path: 日期：20220915, /t20220915_1.html
        rf"(?:(?:时间|日期|[Dd]ate) ?: ?|[/_]t?)(?P<y>{_YEAR})(?P<m>[01][0-9])(?P<d>[0-3][0-9])"
        r"(?=[/_. ]|-[0-9]|$)",
        rf"/(?P<y>{_YEAR})-?(?P<m>[01][0-9])/(?P<d>[0-3][0-9])(?=/)",
    )
)
_BARE = re.compile(rf"\s*(?P<y>{_YEAR})(?P<m>[01][0-9])(?P<d>[0-3][0-9])(?:[0-9]{{6}})?\s*")
_MONTH_DAY = re.compile(
    rf"(?<![0-9])(?P<m>[0-9]{{1,2}}) ?月 ?(?P<d>[0-9]{{1,2}}) ?[日号]"
    rf"|(?P<hm>{_HAN_MONTH})月(?P<hd>{_HAN_DAY})[日号]"
    rf"|\b(?P<em>{MONTH}) (?P<ed>[0-9]{{1,2}})(?![0-9.,]?[0-9])"
)

# What else a line with a date holds: labels, times, week days, page numbers, counters, buttons.
_HAN = "一-龥"
_BESIDE = re.compile(
    rf"(?<![{_HAN}])(?:最后|最近|首次)?(?:发布|发表|更新|刊发|上传|创建|修改|编辑|录入|发稿|出版|见报)?"
    r"(?:时间|日期) ?:?|(?:发布|发表|更新|刊发|刊登|上传)于? ?:?"
    r"|(?i:(?:last |first )?(?:updated|published|posted|modified|created)(?: on| at)?|date) ?:?"
    r"|(?:星期|周)[一二三四五六日天]|(?i:\b(?:mon|tues?|wednes|thurs?|fri|satur|sun|wed|sat)"
    r"(?:day)?\b[.,]?)"
    r"|(?:[上下中]午|[早晚]上|凌晨) ?|T?\d{1,2} ?: ?\d\d(?: ?: ?\d\d)?(?:\.\d+)?"
    r"(?:Z|[+-]\d\d:?\d\d)?(?: ?[ap]\.?m\b\.?| ?[AP]M)?"
    r"|\(?\b(?:GMT|BJT|UTC|CST|HKT|E[DS]?T|P[DS]?T)\b(?:[+-]\d+(?::\d\d)?)?\)?"
    r"|报[纸刊](?:名称)? ?:|原?[载刊]于?《[^》]{2,12}》|农历[^ ]+"
    r"|第? ?[A-Z]?\d{1,3} ?(?:[—-] ?\d{1,3} ?)?版(?: ?[:：·] ?\S{1,6})?|第 ?\d+ ?期"
    r"|版[次面] ?[:：]? ?\S{1,8}|\b[A-D]\d{1,3}\b|Vol\. ?\d+|No\. ?\d+"
    r"|\d+ cents?\b|[$£€¥]\d+(?:\.\d\d)?|(?i:free(?: to every [a-z]+)?)(?= |$)"
    r"|Page \w+|\d+[ -]min(?:ute)?s?(?: read)?|[电讯](?= |$)"
    r"|(?:点击|阅读|浏览|访问|评论|人气|点赞|字[号体级])[量数次]*[ :]*"
    r"(?:\(?[\d.]+万?\)? ?次?|[大中小() ]+)?"
    r"|分享到? ?:?|收藏|打印|关闭|大 ?中 ?小|[|/·•]"
)
_LABELLED = re.compile(
    r"(?:来源|作者|撰稿|撰文|采写|文字|摄影|供稿|审校|(?:责任|值班|网络)?编辑|责编|记者|通讯员|审核|校对|美编|主编|Source|Editor|Author)"
    r" ?:? ?[^ |]+(?: [^ |:]{1,4}(?= |$))*"
)
_NEVER = re.compile(r"©|[Cc]opyright|COPYRIGHT|版权|今天是|欢迎|备案|ICP|备\d|All [Rr]ights")
# What makes a date part of a sentence: a word that leads to it, or one that leads on from it.
_LEADS_TO = re.compile(r"[于自至到从在为是截前后待定过达离起]$")
_LEADS_ON = re.compile(r" ?[-—–~～至到起前后] ?(?=[\d一二三四五六七八九十])")
# A name as it stands beside a date: a paper, place, person, office or section. A longer one must
# end as offices and papers do; in English it is capitalised.
_NAME = re.compile(
    rf"[{_HAN}\w+]{{1,8}}"
    rf"|[{_HAN}\w+]{{2,16}}(?:[局厅处科室部委院会所站队府校厂报网社台刊]|中心|公司|集团|大学|学院)"
)
_SMALL_WORDS = frozenset("by and on at in of for the via".split())
_MAX_LETTERS = 24  # Chinese characters of names
_MAX_WORDS = 10  # English words of names


def iso_date(text: str) -> str | None:
    """The first full date of a text that exists in the calendar, else None.

    The day is the one that is printed: `2022-09-14T23:30:00Z` is the 14th, wherever the paper is.
    Eight digits count where they are all of the text, or stand behind a label or in a path.
    """
    folded = _normal(text)
    if (bare := _BARE.fullmatch(folded)) is not None:
        return _iso(bare.groupdict())
    found = _first(folded)
    return found[0] if found else None


def month_day(text: str) -> tuple[int, int] | None:
    """The first (month, day) of a text that is in the calendar."""
    for found in _MONTH_DAY.finditer(_normal(text)):
        month = _month(found["m"] or found["hm"] or found["em"])
        day = _number(found["d"] or found["hd"] or found["ed"])
        try:
            date(2000, month, day)  # a leap year
        except ValueError:
            continue
        return month, day
    return None


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
    """The ISO date of a line that prints one, beside at most labels, credits and names."""
    if len(text) > 160 or _NEVER.search(text):
        return None
    line = " ".join(_normal(text).split())
    found = _first(line)
    if found is None:
        return None
    day, (start, end) = found
    return day if _is_beside(line[:start], line[end:]) else None


def _is_beside(before: str, after: str) -> bool:
    """Whether what stands before and after a date is no sentence that it is part of."""
    if _LEADS_ON.match(after) or (_LEADS_TO.search(before) and not _ends_in_label(before)):
        return False
    if after.startswith(", ") and not _BESIDE.match(after, 2):
        return False
    if after and is_han(after[0]) and not re.match(rf"于[{_HAN}]{{2,4}}$", after):
        label = _BESIDE.match(after)
        if label is None or (after[label.end() :][:1] in "的了" and label.end() < len(after)):
            return False
    rest = _LABELLED.sub(" ", before) + " | " + _LABELLED.sub(" ", after)
    for pattern in (*_FULL, _BESIDE):
        rest = pattern.sub(" ", rest)
    return _are_names(rest)


def _ends_in_label(before: str) -> bool:
    return any(label.end() == len(before) for label in _BESIDE.finditer(before))


def _are_names(rest: str) -> bool:
    """Whether no words are left, or only names."""
    if not any(map(str.isalnum, rest)):
        return True
    if re.search(r"[，。！？；:]|[a-z]\. ", rest):
        return False
    words = re.findall(r"[\w+]+", rest)
    chinese = [word for word in words if any(map(is_han, word))]
    english = [word for word in words if word.isascii() and word.isalpha()]
    return (
        all(_NAME.fullmatch(word) for word in chinese)
        and all(word in _SMALL_WORDS or not word.islower() for word in english)
        and sum(map(len, chinese)) <= _MAX_LETTERS
        and len(english) <= _MAX_WORDS
    )


def _normal(text: str) -> str:
    """The folded text with ASCII digits; as long as the text."""
    return fold(text).translate(_WIDE_DIGITS)


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
    name = text[:3].lower()
    return _MONTHS.index(name) + 1 if name in _MONTHS else _number(text)


def _number(text: str) -> int:
    """A number in digits, in Chinese digits (二〇二二), or counted (二十一, 廿一, 一百一十一)."""
    if text.isdecimal():
        return int(text)
    text = text.replace("廿", "二十").replace("卅", "三十")
    if "十" not in text and "百" not in text:
        return int("".join(_DIGITS[char] for char in text))
    hundreds, _, rest = text.rpartition("百")
    tens, _, units = rest.rpartition("十")
    if "十" in rest and not tens:
        tens = "一"
    counts = (hundreds, 100), (tens, 10), (units, 1)
    return sum(int(_DIGITS.get(digit[-1:], "0")) * count for digit, count in counts)
