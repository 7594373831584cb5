"""The period a question asks about: 上周, 2022年9月, "between March and May 2022"; often none.

A date in a question is more often about the matter (2022年预算, "GDP in 2021", "by 2025") than
about when an article was printed; what is no clear sign of the latter is none. These are patterns
alone: nothing here knows the articles, and nothing filters them.

- Weeks begin on Monday. "The past three months" begin on this day three months ago and end today.
- A month or a day without a year is the latest one that has begun.
- Papers print the day after: a range of days, weeks or months ends one day later. For longer ones
  that makes no difference worth having.
- Early, mid and late are thirds of a month or a year, 年初 and 年底 its first and last quarter;
  seasons are those of the north.
- "Since" and "after" begin with the first day of what they name and end today; "before" ends with
  that day and is open on the other side.
- A year alone is a period only where events or news are asked for (发生, 报道, "held"). Figures and
  plans of a month or longer (GDP, 预算, 目标) are none: they are printed at another time.
- What is quoted, has not begun, or is compared with (比去年) is none, nor are two periods at once.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import IntEnum


@dataclass(frozen=True, slots=True)
class Period:
    """The days, both inclusive, whose articles are meant; `start` is None where that side is open.

    `phrase` stands in the question at the offset `at`.
    """

    start: date | None
    end: date
    phrase: str
    at: int


class _Size(IntEnum):
    DAY = 0
    WEEK = 1
    MONTH = 2
    PART = 3  # of a year, longer than a month
    YEAR = 4


@dataclass(frozen=True, slots=True)
class _Days:
    """What a date expression means.

    `in_year` reads one that names no year in a given one. `figure` marks a year written as digits,
    `clear` what is about the news whatever else the question says, `ends_now` what ends today.
    """

    first: date
    last: date
    size: _Size
    in_year: Callable[[int], _Days | None] | None = None
    figure: bool = False
    clear: bool = False
    ends_now: bool = False


@dataclass(frozen=True, slots=True)
class _Point:
    """A date expression at `text[at:to]`."""

    at: int
    to: int
    days: _Days


# Character by character, so that offsets stay: full width and traditional characters.
_FOLD = str.maketrans(
    "○〇週個間來內兩號過這與從後舉開發報導預財長計劃標會點麼時節農曆陰舊應爭將擬達實頭說關題聞區歲圍莊氣還為給"
    "級屆聽見談禮佈過較費產總額價潤輕幾",
    "零零周个间来内两号过这与从后举开发报导预财长计划标会点么时节农历阴旧应争将拟达实头说关题闻区岁围庄气还为给"
    "级届听见谈礼布过较费产总额价润轻几",
) | {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_QUOTED = re.compile(
    r"《[^》]*》|〈[^〉]*〉|“[^”]*”|‘[^’]*’|「[^」]*」|『[^』]*』|【[^】]*】|\"[^\"]*\""
)

# The pieces of the patterns below.
_DIGITS = "零一二三四五六七八九"
_NUMERAL = f"[{_DIGITS}十]"
_HAN_MONTH = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])"
_HAN_DAY = (
    "(?:3[01]|[12][0-9]|0?[1-9]|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?"
    "|[一二三四五六七八九])"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?:3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?"
_MONTHS = """january february march april may june july august september october november
    december""".split()
_MONTH = (  # "may" and "march" are words too, without a capital letter
    "(?:"
    + "|".join(rf"{m}|{m[:3]}\.?" for m in _MONTHS if m not in ("march", "may"))
    + r"|sept\.?|(?-i:March|Mar\.?|May))"
)
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_SPELLED = "one two three four five six seven eight nine ten eleven twelve".split()
_QUARTERS = "first second third fourth".split()
_SEASONS = dict(
    zip(
        "春 夏 秋 冬 spring summer autumn winter fall".split(), [3, 6, 9, 12] * 2 + [9], strict=True
    )
)
_THIRDS = dict(
    zip("初 上旬 early 中旬 mid 下旬 底 末 late".split(), [0, 0, 0, 1, 1, 2, 2, 2, 2], strict=True)
)
_NOT_WITHIN = "(?<![如现当至之以目提此天日月年])"  # 如今天气 holds no 今天, 三年前年轻人 no 前年

_ISO = rf"""(?<![\d./-])(?P<year>{_YEAR})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)
    (?P<day>\d\d?)(?![-/.]?\d)"""
_HAN = rf"""
    (?:(?:(?<!\d)(?P<year>{_YEAR}|\d\d(?=\s?年\s?{_HAN_MONTH}\s?月)|(?:一九|二零)[{_DIGITS}]{{2}})\s?年
        |{_NOT_WITHIN}(?P<relative>今|去|前)年(?!轻))(?:的(?=\s?{_HAN_MONTH}\s?月))?
    |(?<![\d.第几{_DIGITS}十])(?={_HAN_MONTH}\s?月))
    (?:\s?(?P<month>{_HAN_MONTH})\s?月(?![饼薪租票嫂球党])份?
        (?:\s?(?P<day>{_HAN_DAY})\s?(?:[日号]?[到至~–—-](?P<to>{_HAN_DAY}))?(?:日|号(?!线))
        |(?P<third>初(?!{_NUMERAL})|上旬|中旬|下旬|底|末)|(?!{_NUMERAL}))
    |\s?(?P<half>[上下])半年|\s?第?(?P<quarter>[一二三四1-4])季度
    |年?(?P<part>初(?![中高级一二三步等])|底|末)
    |(?P<season>[春夏秋冬])[天季](?!奥|残奥))?"""
_HAN_DAYS = rf"""{_NOT_WITHIN}
    (?:(?P<which>大前|前|昨|今)(?:天(?![津空])|日(?!本|头条|重现))|(?P<part>昨|今)[晚夜晨早])"""
_HAN_WEEK = (
    "(?P<which>上上?|本|这)一?个?(?:周(?![年边围刊期岁])|星期|礼拜)(?P<day>[一二三四五六日天末])?"
)
_HAN_MONTHS = "(?P<which>上上?|本|这)一?个?月(?![亮球])"
_HAN_PAST = (
    rf"(?<![附将接靠临])(?:最近|过去|近)的?这?(?P<count>\d{{1,3}}|{_HAN_DAY}|两|半)"
    "(?P<unit>天|日|个?周|个?星期|个?礼拜|个?月|年)"
)
_DATE = rf"""
    (?:\b(?P<first_day>{_DAY})(?:\s?(?:-|–|to|and)\s?(?P<first_to>{_DAY}))?(?:\s+of)?\s+(?P<after>{_MONTH})
    |\b(?:(?P<third>early|mid|late)[\s-]+)?(?P<month>{_MONTH})
        (?:\s+(?:the\s+)?(?P<day>{_DAY})(?:\s?(?:-|–|to)\s?(?P<to>{_DAY}))?(?![\d:]))?
    )(?![a-z])(?:,?\s+(?:of\s+)?(?P<year>{_YEAR})(?!\d))?"""
_WHOLE_YEAR = rf"""
    (?:\b(?:(?P<third>early|mid|late)[\s-]+(?:in\s+)?
    |(?P<half>first|second)\s+half\s+of\s+|Q(?P<quarter>[1-4])(?:\s+of)?\s+
    |(?P<ordinal>first|second|third|fourth)\s+quarter\s+of\s+
    |(?P<season>spring|summer|autumn|fall|winter)(?:\s+of)?\s+))?
    \b(?:(?P<year>{_YEAR})(?![\d-]|\s*%)|(?<!the\s)(?P<relative>last|this)\s+year\b(?!\s+of\b))"""
_DAYS_AGO = r"""\b(?P<which>the\s+day\s+before\s+yesterday|yesterday|last\s+night|today
    |this\s+(?:morning|afternoon|evening))\b"""
_WEEK = r"(?<!the\s)\b(?P<which>last|this)\s+(?P<unit>week(?:end)?|month)\b(?!\s+of\b)"
_LAST = rf"""\blast\s+(?:(?P<weekday>{"|".join(_WEEKDAYS)})|(?P<month>{_MONTH}))(?![a-z])
    (?!\s+{_YEAR})"""
_PAST = rf"""
    \b(?:past|last|previous)\s+(?P<count>\d{{1,3}}|{"|".join(_SPELLED)})\s+(?P<unit>day|week|month|year)s?\b
    |\bpast\s+(?P<one>day|week|month|year)\b"""

_MAX_DATES = 8  # in a question that may have a period
_NEAR = 30  # characters before a date that are looked at

# What stands right before or behind a date that is no period.
_NONE_BEFORE = re.compile(
    r"(?:每年?|农历|阴历|旧历|(?<![看听提想谈说见])到|至|截止|比|较|和|与|跟|同|给|为"
    r"|\b(?:every|each|by|until|till|as\ of|than|than\ in|with|to|(?<!news\ )for))"
    r"\s*(?:the\s+)?(?:end\s+of\s+)?$",
    re.IGNORECASE | re.ASCII,
)
_IS = re.compile(r"\b(?:is|was)\s+$", re.IGNORECASE)
_NONE_BEHIND = re.compile(
    r"\s?(?:年?度|版|款|届|级|财年|同期|是(?!谁|哪|否|不是|怎么|为)|底?前(?![后往海来去途门段期进])"
    r"|要(?![求闻点])|将|拟|起(?![火草诉飞降])|开始|出生)"
    r"|\s+(?:target|goal|deadline|season|edition|version)s?\b",
    re.IGNORECASE,
)
_SINCE_BEHIND = re.compile(r"\s?(?:以来|至今|以后|之后|过后)")
_BEFORE_BEHIND = re.compile(r"\s?(?:之前|以前)")
_SINCE_WITH = re.compile(r"(?:自从|自|从)\s?$")
_SINCE = re.compile(r"\b(?:since|after)\s+$", re.IGNORECASE | re.ASCII)
_BEFORE = re.compile(r"\bbefore\s+$", re.IGNORECASE)
_TO = re.compile(r"\s?(?:到|至|[-~–—]|\b(?:to|through|until|till)\b)\s?", re.IGNORECASE)
_AND = re.compile(r"\s?(?:和|与|\band\b)\s?", re.IGNORECASE)
_FROM = re.compile(r"\bfrom\s+$|从\s?$", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s+$", re.IGNORECASE)
# English words before a month, a day or a year that stands alone.
_MAY_PRECEDE = re.compile(
    r"\b(?:in|on|during|since|before|after|between|from|and|to|through|until|till|throughout|of)"
    r"\s+(?P<the>the\s+)?$",
    re.IGNORECASE,
)
_NOT_OF_TODAY = re.compile(
    r"的(?!新闻|报|会|消息|活动|头条|头版|天气|演|比赛|大事)|还|仍|依然|依旧|已|['’]s\s+(?!news|paper|meeting"
    r"|headline|stor|event|edition)",
    re.IGNORECASE,
)

# What the rest of a question asks for.
_EVENTS = re.compile(
    r"发生|出了什么|新闻|报道|报导|报纸|消息|大事|要闻|刊登|召开|举行|举办|开[了过]|宣布|发布|公布|出台"
    r"|\b(?:happen\w*|news|report\w*|papers?|articles?|stor(?:y|ies)|coverage|headlines?|events?"
    r"|t[oa]ke? place|took place|held|hold|announce\w*|published|decided?|do|say|said)\b",
    re.IGNORECASE,
)
_TOLD = re.compile(
    r"宣布|发布|公布|出台|提出|通过了|\b(?:announce\w*|publish\w*|report\w*|said|say|decided?|agreed?)\b",
    re.IGNORECASE,
)
_PLAN = re.compile(
    r"目标|计划|规划|打算|力争|争取|预计|预测|有望"
    r"|\b(?:will|would|going to|to be|due|scheduled|plan\w*|expect\w*|supposed|targets?|goals?"
    r"|deadlines?|forecast\w*|projected|must)\b",
    re.IGNORECASE,
)
_FIGURES = re.compile(
    r"GDP|CPI|生产总值|产值|预算|决算|财政|收入|支出|税收|营收|利润|出口额|进口额|进出口|销量|销售额|产量"
    r"|增速|增长|增幅|增加值|投资额|占比|比例|人口|失业率|通胀|房价|均价|价格|工资|月薪|同比|环比|相比|相较|多大|几岁|比[去上前往]年"
    r"|\b(?:inflation|budgets?|revenues?|turnover|sales|output|exports?|imports?|profits?|growth"
    r"|population|unemployment|income|spending|deficit|share|percent|rate|how old|average|returns?"
    r"|(?:in|de)creases?|prices?|salar(?:y|ies)"
    r"|figures?|statistics|compared?|than|versus|vs)\b",
    re.IGNORECASE | re.ASCII,
)
_MEANING = re.compile(r"什么意思|什么节|花语|星期几|\bmeans?\b|\bmeaning\b", re.IGNORECASE)
_AMOUNT = re.compile(r"多少|几(?![次场回])|\bhow (?:much|many)\b", re.IGNORECASE)
_CONTEST = re.compile(
    r"的?(?:世界杯|欧洲杯|冬奥|奥运|亚运|大运|残奥|全运|冬季|夏季|春晚|春运|高考|中考|国考|诺贝尔)"
)


def period(question: str, today: date) -> Period | None:
    """The period whose articles a question asks for, or None.

    Args:
        question: Chinese, in either script, or English.
        today: what 昨天 and "last week" are counted from.
    """
    text = _QUOTED.sub(lambda quoted: "\0" * len(quoted[0]), question.translate(_FOLD))
    points = _points(text, today)
    if len(points) > _MAX_DATES:
        return None
    found = [
        Period(start, end, question[at:to], at)
        for point in points
        if (framed := _framed(point, text, today))
        for start, end, at, to in [framed]
    ]
    return found[0] if len(found) == 1 else None


def _points(text: str, today: date) -> list[_Point]:
    """The date expressions of a text, in order; the two ends of a range are one."""
    found: list[_Point] = []
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            if any(p.at < match.end() and match.start() < p.to for p in found):
                continue
            days = read(match, today)
            if days:
                found.append(_Point(match.start(), match.end(), days))
    joined: list[_Point] = []
    for point in sorted(found, key=lambda point: point.at):
        both = _join(joined[-1], point, text) if joined else None
        joined[-1 if both else len(joined) :] = [both or point]
    return joined


def _join(one: _Point, other: _Point, text: str) -> _Point | None:
    """The range from one date to another, or None where the text says nothing of the kind.

    An end without a year takes that of the other.
    """
    between = text[one.to : other.at]
    within = _before(_BETWEEN, text, one.at)
    behind = text.startswith("之间", other.to)
    if not (_TO.fullmatch(between) or ((within or behind) and _AND.fullmatch(between))):
        return None
    opening = within or _before(_FROM, text, one.at)
    first, last = one.days, other.days
    if last.in_year and not first.in_year:
        last = last.in_year(first.first.year + (_day(last) < _day(first))) or last
    elif first.in_year:
        first = first.in_year(last.first.year - (_day(first) > _day(last))) or first
    if first.first > last.last:
        return None
    return _Point(
        opening.start() if opening else one.at,
        other.to + 2 * behind,
        replace(last, first=first.first, size=max(first.size, last.size), in_year=None),
    )


def _day(days: _Days) -> tuple[int, int]:
    return days.first.month, days.first.day


def _before(pattern: re.Pattern[str], text: str, at: int) -> re.Match[str] | None:
    """What stands right before a position, or None; a pattern ends with `$`."""
    return pattern.search(text, max(0, at - _NEAR), at)


def _framed(point: _Point, text: str, today: date) -> tuple[date | None, date, int, int] | None:
    """(start, end, at, to) of a period, with words like "since"; None if it is none."""
    days, at, to = point.days, point.at, point.to
    if days.first > today:
        return None
    if since := _SINCE_BEHIND.match(text, to):
        opening = _before(_SINCE_WITH, text, at)
        return days.first, today, opening.start() if opening else at, since.end()
    if opening := _before(_SINCE, text, at):
        return days.first, today, opening.start(), to
    if _before(_IS, text, at) and not text.startswith(("'s", "’s"), to):
        return None
    if _before(_NONE_BEFORE, text, at) or _NONE_BEHIND.match(text, to):
        return None
    if not days.clear:
        plan = _PLAN.search(text) and not _TOLD.search(text)
        if plan or _MEANING.search(text) or (days.size >= _Size.MONTH and _FIGURES.search(text)):
            return None
        if days.figure and (not _EVENTS.search(text) or _CONTEST.match(text, to)):
            return None
        if days.size >= _Size.PART and days.last < today and _AMOUNT.search(text):
            return None
    if closing := _BEFORE_BEHIND.match(text, to):
        return None, days.first, at, closing.end()
    if opening := _before(_BEFORE, text, at):
        return None, days.first, opening.start(), to
    if text[at:to].lower() in ("today", "今天", "今日") and (
        _NOT_OF_TODAY.match(text, to)
        or (text[at:to].isascii() and (not _EVENTS.search(text) or "still" in text.lower()))
    ):
        return None
    later = timedelta(days=days.size <= _Size.MONTH and not days.ends_now)
    return days.first, days.last + later, at, to


def _number(text: str) -> int:
    """14, "14th", "twelve", 二十三, 两 or, digit by digit, 二零二二."""
    if digits := re.match(r"\d+", text):
        return int(digits[0])
    if text.isascii():
        return _SPELLED.index(text.lower()) + 1
    tens, ten, ones = text.replace("两", "二").rpartition("十")
    value = int("".join(str(_DIGITS.index(char)) for char in ones) or 0)
    return value + (10 * (_DIGITS.index(tens) if tens else 1) if ten else 0)


def _month_number(name: str) -> int:
    return 1 + next(i for i, month in enumerate(_MONTHS) if month[:3] == name[:3].lower())


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    """The first and last day of some months in a row; month 0 is December of the year before."""
    first, last = divmod(12 * year + month - 1, 12), divmod(12 * year + month + count - 2, 12)
    ends = date(last[0], last[1] + 1, monthrange(last[0], last[1] + 1)[1])
    return date(first[0], first[1] + 1, 1), ends


def _in_month(
    year: int | None, month: int, day: str | None, to: str | None, third: str | None, today: date
) -> _Days | None:
    """A month, a day or days in it, or a third of it; in the latest such year if none is given."""

    def read(year: int) -> _Days | None:
        first, last = _months(year, month, 1)
        if day:
            begin, end = _number(day), _number(to or day)
            if not 1 <= begin <= end <= last.day:
                return None
            return _Days(first.replace(day=begin), first.replace(day=end), _Size.DAY)
        if third:
            begin = 1 + 10 * _THIRDS[third.lower()]
            end = last.day if begin == 21 else begin + 9
            first, last = first.replace(day=begin), first.replace(day=end)
        return _Days(first, last, _Size.MONTH)

    if not 1 <= month <= 12:
        return None
    if year is not None:
        return read(year)
    days = read(today.year)
    if days is None or days.first > today:
        days = read(today.year - 1)
    return days and replace(days, in_year=read)


def _part(year: int, month: int, count: int) -> _Days:
    return _Days(*_months(year, month, count), _Size.PART)


def _iso(match: re.Match[str], today: date) -> _Days | None:
    return _in_month(int(match["year"]), int(match["month"]), match["day"], None, None, today)


def _han(match: re.Match[str], today: date) -> _Days | None:
    year = None
    if match["relative"]:
        year = today.year - "今去前".index(match["relative"])
    elif match["year"]:
        year = _number(match["year"])
        year += 2000 if year < 100 else 0
    if match["month"]:
        month = _number(match["month"])
        return _in_month(year, month, match["day"], match["to"], match["third"], today)
    if year is None:
        return None
    if match["half"]:
        return _part(year, 1 if match["half"] == "上" else 7, 6)
    if match["quarter"]:
        return _part(year, 3 * _number(match["quarter"]) - 2, 3)
    if match["part"]:
        return _part(year, 1 if match["part"] == "初" else 10, 3)
    if match["season"]:
        return _part(year, _SEASONS[match["season"]], 3)
    return _Days(*_months(year, 1, 12), _Size.YEAR, figure=match["relative"] is None)


def _han_day(match: re.Match[str], today: date) -> _Days:
    ago = ["今", "昨", "前", "大前"].index(match["which"] or match["part"])
    return _recent_day(today - timedelta(days=ago))


def _recent_day(day: date) -> _Days:
    return _Days(day, day, _Size.DAY, clear=True)


def _han_week(match: re.Match[str], today: date) -> _Days:
    weeks = match["which"].count("上")
    day = match["day"]
    if day == "末":
        return _week(today, weeks, 5)
    if day:
        monday = _week(today, weeks).first
        return _recent_day(monday + timedelta(days="一二三四五六日".index(day.replace("天", "日"))))
    return _week(today, weeks)


def _week(today: date, weeks: int, begin: int = 0) -> _Days:
    """The week so many weeks ago, from its day `begin` (Monday is 0)."""
    monday = today - timedelta(days=today.weekday() + 7 * weeks)
    return _Days(monday + timedelta(days=begin), monday + timedelta(days=6), _Size.WEEK, clear=True)


def _han_month(match: re.Match[str], today: date) -> _Days:
    return _Days(*_months(today.year, today.month - match["which"].count("上"), 1), _Size.MONTH)


def _past(today: date, count: int, unit: str) -> _Days:
    """The days since so many units ago."""
    if unit in ("month", "year"):
        first, last = _months(today.year, today.month - count * (12 if unit == "year" else 1), 1)
        begin = first.replace(day=min(today.day, last.day))
    else:
        begin = today - timedelta(days=count * (7 if unit == "week" else 1))
    return _Days(begin, today, _Size.MONTH, clear=True, ends_now=True)


def _han_past(match: re.Match[str], today: date) -> _Days | None:
    unit = {"天": "day", "日": "day", "月": "month", "年": "year"}.get(match["unit"][-1], "week")
    if match["count"] == "半":
        half = {"month": (15, "day"), "year": (6, "month")}.get(unit)
        return half and _past(today, *half)
    return _past(today, _number(match["count"]), unit)


def _english_date(match: re.Match[str], today: date) -> _Days | None:
    if not match["year"]:
        before = _before(_MAY_PRECEDE, match.string, match.start())
        if not before or (before["the"] and not match["first_day"]):  # the May Day parade
            return None
    return _in_month(
        int(match["year"]) if match["year"] else None,
        _month_number(match["after"] or match["month"]),
        match["first_day"] or match["day"],
        match["first_to"] or match["to"],
        match["third"],
        today,
    )


def _english_year(match: re.Match[str], today: date) -> _Days | None:
    year = int(match["year"] or today.year - (match["relative"].lower() == "last"))
    if match["third"]:
        return _part(year, 1 + 4 * _THIRDS[match["third"].lower()], 4)
    if match["half"]:
        return _part(year, 1 if match["half"].lower() == "first" else 7, 6)
    if match["quarter"]:
        return _part(year, 3 * int(match["quarter"]) - 2, 3)
    if match["ordinal"]:
        return _part(year, 3 * _QUARTERS.index(match["ordinal"].lower()) + 1, 3)
    if match["season"]:
        return _part(year, _SEASONS[match["season"].lower()], 3)
    if match["year"]:
        before = _before(_MAY_PRECEDE, match.string, match.start())
        if not before or before["the"]:
            return None
    return _Days(*_months(year, 1, 12), _Size.YEAR, figure=match["year"] is not None)


def _english_day(match: re.Match[str], today: date) -> _Days:
    word = match["which"].lower().split()[0]
    ago = {"today": 0, "this": 0, "yesterday": 1, "last": 1}.get(word, 2)
    return _recent_day(today - timedelta(days=ago))


def _english_week(match: re.Match[str], today: date) -> _Days:
    ago = int(match["which"].lower() == "last")
    unit = match["unit"].lower()
    if unit == "month":
        return _Days(*_months(today.year, today.month - ago, 1), _Size.MONTH)
    return _week(today, ago, 5 if unit == "weekend" else 0)


def _english_last(match: re.Match[str], today: date) -> _Days:
    """Last Friday is the latest one before today, last September the latest before this month."""
    if match["weekday"]:
        weekday = _WEEKDAYS.index(match["weekday"].lower())
        return _recent_day(today - timedelta(days=(today.weekday() - weekday - 1) % 7 + 1))
    month = _month_number(match["month"])
    return _Days(*_months(today.year - (month >= today.month), month, 1), _Size.MONTH)


def _english_past(match: re.Match[str], today: date) -> _Days:
    if match["one"]:
        return _past(today, 1, match["one"].lower())
    return _past(today, _number(match["count"]), match["unit"].lower())


def _reader(
    pattern: str, read: Callable[[re.Match[str], date], _Days | None]
) -> tuple[re.Pattern[str], Callable[[re.Match[str], date], _Days | None]]:
    # ASCII: a Chinese character ends an English word
    return re.compile(pattern, re.VERBOSE | re.IGNORECASE | re.ASCII), read


# Where two overlap, the first of them is read.
_READERS = [
    _reader(_ISO, _iso),
    _reader(_HAN, _han),
    _reader(_HAN_DAYS, _han_day),
    _reader(_HAN_WEEK, _han_week),
    _reader(_HAN_MONTHS, _han_month),
    _reader(_HAN_PAST, _han_past),
    _reader(_LAST, _english_last),
    _reader(_DATE, _english_date),
    _reader(_WHOLE_YEAR, _english_year),
    _reader(_DAYS_AGO, _english_day),
    _reader(_WEEK, _english_week),
    _reader(_PAST, _english_past),
]
