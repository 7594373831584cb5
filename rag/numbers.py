"""Numbers and dates as exact things: 1.87万 is 18,700, 二十七 is 27, 9月15日 is September 15.

Each is given a code, a whole number that stands for its value and kind, so that a question and a
passage that write the same value differently still match exactly. Percentages, months, days and
five-year plans are kinds of their own. Nothing here ranks.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from math import prod
from zlib import crc32

FIRST_CODE = 10_000  # above every syllable's number, see `rag.names`
_CODES = 2**30
_LONGEST = 200  # characters; what is longer is no value

# Character by character, so that offsets stay: full width, spaces and traditional characters.
_FOLD = str.maketrans(
    "　\u00a0\u2009\u202f％．萬億兩點餘號規劃計時間個線鐘〇○",
    "    %.万亿两点余号规划计时间个线钟零零",
) | {ord(char) + 0xFEE0: char for char in map(chr, range(128)) if char.isalnum()}

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
_SCALES = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ONES = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen""".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = dict(zip(_ONES, range(1, 20), strict=True)) | dict(
    zip(_TENS, range(20, 100, 10), strict=True)
)
_ORDINALS = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
    thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth""".split()
_MONTHS = """january february march april may june july august september october november
    december""".split()

# The pieces of the pattern below.
_DIGIT = f"[{''.join(_DIGITS)}]"
_ONE_TO_NINE = "[一二三四五六七八九]"
_ARABIC = r"(?<!\d)(?<!\d\.)(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
# 千瓦 and the like are units of measure; 300多万 is over three million.
_HAN_SCALE = r"\ ?[多余]?(?:[百千]?(?:万亿|[万亿])|千(?![瓦米克卡伏赫帕]))"
_SCALE = f"(?:{'|'.join(_SCALES)})\\b"
_AMOUNT = rf"{_ARABIC}(?:{_HAN_SCALE}(?:\d+{_HAN_SCALE})*|[-\s]?{_SCALE})?"
# 十分 is "very", 三点五十分 a time, 一点一滴 an idiom.
_HAN = rf"""
    (?!十(?:分(?![钟之])|[足字全堰]))[零一二三四五六七八九两十百千]{_DIGIT[:-1]}十百千万亿]*+
    (?:点{_DIGIT}++(?![十百千分点滴线]))?(?:[多余](?=[万亿]))?[万亿]*"""
_UNDER_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[-\s](?:{'|'.join(_ONES[:9])})\b)?|{'|'.join(_ONES)})\b"
_UNDER_1000 = rf"(?:{_UNDER_100})(?:[-\s]hundred\b(?:(?:\sand)?[-\s](?:{_UNDER_100}))?)?"
_SPELLED = rf"\b(?:{_UNDER_1000}[-\s]{_SCALE}\s)*{_UNDER_1000}(?:[-\s]{_SCALE})?"
_MONTH = "|".join(rf"{name}|{name[:3]}\.?" for name in _MONTHS).replace(r"sep\.", r"sept?\.")
_MONTH_BEFORE = _MONTH.replace("march|", "(?-i:March)|").replace("may|may", "(?-i:May)")
_MONTH_NUMBER = r"(?:1[0-2]|0?[1-9])"
_DAY_NUMBER = r"(?:3[01]|[12]\d|0?[1-9])(?!\d)"
_HAN_DAY = f"[二三]?十{_ONE_TO_NINE}?|{_ONE_TO_NINE}"
_HAN_MONTH = "十[一二]?|" + _ONE_TO_NINE
_YEAR = r"(?:19|20)\d\d"
_MAY_FOLLOW = "in since until last this next early late".split()
_AFTER = "|".join(rf"(?<=\b{word}\s)" for word in _MAY_FOLLOW)

# “十四五”, 十四五规划, 第十四个五年规划, 14th or Fourteenth Five-Year Plan
_PLAN_KIND = rf"""
    (?P<plan>十{_ONE_TO_NINE}?|{_ONE_TO_NINE})五
        (?:(?=规划|计划|时期|期间|以来|末|开局|收官|纲要)|(?<=[“‘"「『]..)(?=[”’"」』])
        |(?<=[“‘"「『]...)(?=[”’"」』]))
    |第(?P<plan_in_full>十{_ONE_TO_NINE}?|{_ONE_TO_NINE})个五年
    |\b(?:(?P<plan_number>\d{{1,2}})(?:st|nd|rd|th)|(?P<plan_word>{"|".join(_ORDINALS)}))
        \s+five[-\s]year\b"""
# 9月15日, 9月15至17日, 2022-09-15 after its year, September 15, 15th of September
_DAY_KIND = rf"""
    (?P<han_month>{_MONTH_NUMBER}|{_HAN_MONTH})月(?P<han_day>{_DAY_NUMBER}|{_HAN_DAY})
        (?:[日号]|(?=[-–—~～至到]\d\d?[日号]))
    |(?<={_YEAR}[-/])(?P<iso_month>{_MONTH_NUMBER})[-/](?P<iso_day>{_DAY_NUMBER})
    |\b(?P<month_first>{_MONTH})\s+(?P<day_after>{_DAY_NUMBER})(?:st|nd|rd|th)?\b
        (?!,\d{{3}}(?!\d)|\.\d|\s*%|\s+per\s?cent|[-\s]{_SCALE})
    |\b(?P<day_first>{_DAY_NUMBER})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month_after>{_MONTH_BEFORE})\b"""
# 9月, September; "may" and "march" are words too
_MONTH_KIND = rf"""
    (?P<month_han>{_MONTH_NUMBER}|{_HAN_MONTH})月份?(?!球)
    |\b(?P<month_alone>{"|".join(name for name in _MONTHS if name not in ("may", "march"))})\b
    |\b(?P<month_of_year>{_MONTH})(?=,?\s+{_YEAR}\b)
    |(?:{_AFTER})(?P<month_after_word>(?-i:May|March))\b"""
# 18,700, 1.87万, 二十七, twenty-seven; 百分之十一点二, 11.2%, eleven per cent
_NUMBER_KIND = rf"""
    (?P<of_100>百分之)?(?:(?P<amount>{_AMOUNT})|(?P<han>{_HAN})|(?P<spelled>{_SPELLED}))
        (?P<percent>\s*%|[-\s]per\s?cent\b)?"""
_BEGINS = rf"(?=\d|[{''.join(_DIGITS)}十百千第]|\b[a-z])"  # most places are passed over at once
_PATTERN = re.compile(
    f"{_BEGINS}(?:{_PLAN_KIND}|{_DAY_KIND}|{_MONTH_KIND}|{_NUMBER_KIND})",
    re.VERBOSE | re.IGNORECASE | re.ASCII,  # ASCII: a Chinese character ends an English word
)
_PART = re.compile(r"([\d,.]+)[-\s多余]*([a-z]+|[百千万亿]*)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Number:
    """A value in a text: where it stands and its code.

    `small` marks a single digit, which tells little, and `dated` a year, month or day, which an
    article may mean by its date.
    """

    start: int
    end: int
    code: int
    small: bool
    dated: bool


def numbers(text: str) -> list[Number]:
    """The numbers and dates of a text, in order; a date gives its month too."""
    found = []
    for match in _PATTERN.finditer(text.translate(_FOLD)):
        if match.end() - match.start() > _LONGEST:
            continue
        for kind, value in _values(match):
            small = kind == "number" and value < 10
            year = kind == "number" and 1900 <= value < 2100
            dated = year or kind in ("day", "month")
            found.append(Number(match.start(), match.end(), _code(kind, value), small, dated))
    return found


def _values(match: re.Match[str]) -> list[tuple[str, Decimal]]:
    """(kind, value) pairs of what was found; a single Chinese digit is none."""

    def first(*names: str) -> str:
        return next(filter(None, match.group(*names)), "")

    kind = "percent" if match["of_100"] or match["percent"] else "number"
    if amount := match["amount"]:
        return [(kind, _amount(amount))]
    if spelled := match["spelled"]:
        return [(kind, _spelled(spelled))]
    if han := match["han"]:
        return [] if len(han) == 1 and han != "十" and kind == "number" else [(kind, _han(han))]
    if plan := first("plan", "plan_in_full", "plan_number", "plan_word"):
        return [("plan", _plain(plan))]
    if day := first("han_day", "iso_day", "day_after", "day_first"):
        month = _plain(first("han_month", "iso_month", "month_first", "month_after"))
        return [("day", month * 100 + _plain(day)), ("month", month)]
    named = first("month_han", "month_alone", "month_of_year", "month_after_word")
    return [("month", _plain(named))]


@lru_cache(maxsize=4096)
def _code(kind: str, value: Decimal) -> int:
    return FIRST_CODE + crc32(f"{kind} {value.normalize():f}".encode()) % _CODES


def _plain(text: str) -> Decimal:
    """The number of a day, month or plan, whichever way it is written."""
    if text.isdecimal():
        return Decimal(text)
    if not text.isascii():
        return _han(text)
    word = text.lower()
    if word in _ORDINALS:
        return Decimal(_ORDINALS.index(word) + 1)
    return Decimal(next(i for i, name in enumerate(_MONTHS, 1) if name[:3] == word[:3]))


@lru_cache(maxsize=4096)
def _amount(text: str) -> Decimal:
    """1.2万亿 is 1,200,000,000,000, 1亿2000万 is 120,000,000, "3.5 million" 3,500,000."""
    return sum(
        (
            Decimal(digits.replace(",", ""))
            * (_SCALES.get(scale.lower()) or prod(_UNITS[char] for char in scale))
            for digits, scale in _PART.findall(text)
        ),
        Decimal(0),
    )


def _han(text: str) -> Decimal:
    """二百零三万 is 2,030,000, 三点五 is 3.5, 一万二 is 12,000; 二〇二二, without units, 2022."""
    text = re.sub("[多余]", "", text)
    whole, point, rest = text.partition("点")
    if point:
        digits = rest.rstrip("万亿")
        fraction = "".join(str(_DIGITS[char]) for char in digits)
        return Decimal(f"{_han(whole)}.{fraction}") * prod(_UNITS[c] for c in rest[len(digits) :])
    total = section = digit = 0
    for char in whole:
        unit = _UNITS.get(char, 1)
        if unit == 1:
            digit = digit * 10 + _DIGITS[char]
        elif unit <= 1000:
            section += (digit or 1) * unit
            digit = 0
        else:  # 亿 multiplies the 万 before it, 万 not the 亿
            lower = total % unit
            total += ((lower + section + digit) or 1) * unit - lower
            section = digit = 0
    if len(whole) > 1 and digit and _UNITS.get(whole[-2], 1) > 10:
        digit *= _UNITS[whole[-2]] // 10
    return Decimal(total + section + digit)


def _spelled(text: str) -> Decimal:
    """ "One hundred and five thousand" is 105,000."""
    total = section = 0
    for word in re.split(r"[-\s]", text.lower()):
        if word == "hundred":
            section *= 100
        elif word in _SCALES:
            total += section * _SCALES[word]
            section = 0
        elif word != "and":
            section += _WORDS[word]
    return Decimal(total + section)
