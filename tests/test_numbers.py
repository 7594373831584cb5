"""Numbers and dates: one code for a value however it is written, and another for any other."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from rag.names import ROMANISED, SYLLABLES
from rag.numbers import FIRST_CODE, _code, numbers

NUMERALS = "零一二三四五六七八九"


def codes(text: str) -> list[int]:
    return [number.code for number in numbers(text)]


def number(value: str) -> int:
    return _code("number", Decimal(value))


def chinese(n: int) -> str:
    """A whole number below 10**12 in Chinese numerals."""
    for unit, name in ((10**8, "亿"), (10**4, "万")):
        if n >= unit:
            high, low = divmod(n, unit)
            link = "零" if 0 < low < unit // 10 else ""
            return chinese(high) + name + link + (chinese(low) if low else "")
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, n = divmod(n, unit)
        if digit:
            text += ("零" if zero else "") + NUMERALS[digit] + name
        zero = bool(text) and not digit
    return text.removeprefix("一") if text.startswith("一十") else text


def english(n: int) -> str:
    """A whole number from 1 to below 10**12 in English words."""
    ones = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen
        fifteen sixteen seventeen eighteen nineteen""".split()
    tens = "twenty thirty forty fifty sixty seventy eighty ninety".split()
    for unit, name in ((10**9, "billion"), (10**6, "million"), (10**3, "thousand")):
        if n >= unit:
            high, low = divmod(n, unit)
            return f"{english(high)} {name}" + (f" {english(low)}" if low else "")
    if n >= 100:
        return f"{ones[n // 100 - 1]} hundred" + (f" and {english(n % 100)}" if n % 100 else "")
    if n >= 20:
        return tens[n // 10 - 2] + (f"-{ones[n % 10 - 1]}" if n % 10 else "")
    return ones[n - 1]


def test_the_converters_of_this_test() -> None:
    assert [chinese(n) for n in (10, 15, 27, 105, 110, 2022)] == (
        "十 十五 二十七 一百零五 一百一十 二千零二十二".split()
    )
    assert chinese(10_500) == "一万零五百"
    assert chinese(1_000_020_300) == "十亿零二万零三百"
    assert english(123_017) == "one hundred and twenty-three thousand seventeen"


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        ("18700", ["1.87万", "18,700", "18700", "1.87 万", "１.８７万", "18.7 thousand"]),
        ("1000000000", ["10亿", "十亿", "one billion", "1,000,000,000", "1 billion", "十億"]),
        ("27", ["二十七", "27", "twenty-seven", "Twenty seven", "２７"]),
        ("12", ["12", "１２", "十二", "twelve", "No.12", "12th"]),
        ("10", ["10", "十", "ten", "共十个", "十分钟"]),
        ("3500", ["三千五百", "三千五", "3,500", "3500", "3.5千"]),
        ("3005", ["三千零五", "3005"]),
        ("12000", ["一万二", "12,000", "1.2万", "twelve thousand", "12-thousand"]),
        ("2022", ["二〇二二年", "二○二二", "二零二二年", "2022", "2022年"]),
        ("3000000", ["300万", "三百万", "3 million", "3-million-yuan", "300多万", "三百余万"]),
        ("3000000", ["3百万", "three million", "3 million人", "約300萬人"]),
        ("120000000", ["1亿2000万", "一亿二千万", "1.2亿", "120 million"]),
        ("1200000000000", ["1.2万亿", "一万二千亿", "1.2 trillion", "一点二万亿"]),
        ("3.5", ["三点五", "3.5", "三點五"]),
        ("120.05", ["一百二十点零五", "120.05"]),
        ("350000", ["35万", "三十五万"]),
        ("35000", ["三点五万", "3万5千", "35,000"]),
        ("105", ["one hundred and five", "one hundred five", "一百零五", "105"]),
        ("1200000", ["120万", "一二〇万"]),
        ("100", ["100千瓦", "100", "one hundred", "一百"]),
    ],
)
def test_a_value_has_one_code(value: str, texts: list[str]) -> None:
    for text in texts:
        assert codes(text) == [number(value)], text


@pytest.mark.parametrize(
    "text",
    [
        *["11.2%", "11.2 %", "１１.２％", "11．2％", "11.20%", "百分之十一点二", "百分之11.2"],
        *["11.2 percent", "11.2 per cent", "11.2 Per Cent"],
    ],
)
def test_percentages_are_percentages_only(text: str) -> None:
    assert codes(text) == [_code("percent", Decimal("11.2"))]


def test_more_percentages() -> None:
    assert codes("百分之三") == codes("3%") == codes("three percent") != codes("3")
    assert codes("百分之百") == codes("100%") == codes("one hundred per cent")
    assert codes("增长3.2个百分点") == codes("3.2 percentage points") == [number("3.2")]


@pytest.mark.parametrize(
    "text",
    """9月15日|九月十五日|9月15号|09月15日|September 15|15 September|Sept. 15|Sep 15|sept 15th
    15th of September|15th September|september 15|SEPTEMBER 15|September\u00a015|９月１５日
    9月15至17日|9月15-17日""".replace("\n    ", "|").split("|"),
)
def test_a_day_has_one_code_and_gives_its_month(text: str) -> None:
    assert codes(text)[:2] == [_code("day", Decimal(915)), _code("month", Decimal(9))]
    assert all(found.dated and not found.small for found in numbers(text)[:2])


@pytest.mark.parametrize(
    "text", ["2022-09-15", "2022/9/15", "2022年9月15日", "二〇二二年九月十五日"]
)
def test_a_full_date_is_a_year_a_day_and_a_month(text: str) -> None:
    assert codes(text) == [
        number("2022"),
        _code("day", Decimal(915)),
        _code("month", Decimal(9)),
    ]
    assert codes(text)[1:] == codes("September 15")
    assert sorted(codes(text)) == sorted(codes("September 15, 2022"))


def test_every_day_is_the_same_in_both_languages() -> None:
    names = """January February March April May June July August September October November
        December""".split()
    seen = set()
    for month, name in enumerate(names, 1):
        for day in range(1, 32):
            expected = codes(f"{month}月{day}日")
            assert len(expected) == 2
            assert codes(f"{chinese(month)}月{chinese(day)}日") == expected
            assert codes(f"{name} {day}") == codes(f"{day} {name}") == expected
            assert codes(f"{name[:3]} {day}") == expected
            assert codes(f"2022-{month:02}-{day:02}")[1:] == expected
            seen.add(expected[0])
    assert len(seen) == 12 * 31


def test_months() -> None:
    for text in ("9月", "九月", "9月份", "September", "in september"):
        assert codes(text) == [_code("month", Decimal(9))], text
    assert codes("Sept. 2022") == codes("September 2022") == [*codes("9月"), number("2022")]
    assert codes("in May 2022") == codes("May 2022") == [*codes("5月"), number("2022")]
    assert codes("in March") == codes("last March") == codes("3月")
    assert codes("十二月") == codes("December") != codes("二月")
    assert codes("三个月") == codes("sep") == []  # no date in them


@pytest.mark.parametrize(
    "text",
    [
        "You may go, and may well march on.",
        "May I ask about the March?",
        "the march of time",
        "someone alone in the stone tenor, oneself, money, weighty",
        "一些人，第三产业，一点一滴，十分重要，红十字会，十足，万一",
        "百货 千家 万家 亿",
        "",
        "。，！ \n\t",
    ],
)
def test_no_numbers(text: str) -> None:
    assert codes(text) == []


def test_may_and_march_before_a_day() -> None:
    assert codes("May 5") == codes("5 May") == codes("5月5日")
    assert codes("March 8") == codes("8 March") == codes("3月8日")
    assert codes("Article 5 may apply") == codes("5")
    assert codes("In March 15,000 people came") == [*codes("3月"), number("15000")]
    assert codes("In June 15 percent left") == [*codes("6月"), *codes("15%")]
    assert codes("June 3 million") == [*codes("6月"), number("3000000")]


@pytest.mark.parametrize(
    "text",
    [
        "“十四五”",
        "“十四五”规划",
        '"十四五"',
        "「十四五」規劃",
        "十四五规划",
        "十四五时期",
        "第十四个五年规划",
        "14th Five-Year Plan",
        "14th five year plan",
        "Fourteenth Five-Year Plan",
        "the fourteenth five-year plan",
    ],
)
def test_a_plan_has_one_code(text: str) -> None:
    assert codes(text) == [_code("plan", Decimal(14))]


def test_plans() -> None:
    ordinals = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
        thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth""".split()
    for count, ordinal in enumerate(ordinals, 1):
        expected = codes(f"{ordinal} Five-Year Plan")
        assert expected == [_code("plan", Decimal(count))]
        assert codes(f"{chinese(count)}五规划") == codes(f"“{chinese(count)}五”") == expected
        assert codes(f"{count}th Five-Year Plan") == expected
    assert codes("twentieth five-year plan") == codes("20th Five-Year Plan")
    assert codes("五五") == codes("55")  # no plan
    assert codes("十五") == codes("15")
    assert codes("the fourteenth day") == []


def test_random_whole_numbers_have_one_code_in_every_notation() -> None:
    chance = random.Random(11)
    samples = [chance.randrange(10, 10 ** chance.randrange(2, 10)) for _ in range(3000)]
    for n in [*range(10, 2100), *samples, 10**9]:
        expected = [number(str(n))]
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in str(n))
        for text in (str(n), f"{n:,}", chinese(n), english(n), wide):
            assert codes(text) == expected, text
        assert codes(f"有{chinese(n)}个") == codes(f"about {english(n)}, it says") == expected


def test_random_amounts_in_wan_and_yi() -> None:
    chance = random.Random(12)
    for _ in range(1000):
        wan = Decimal(chance.randrange(1, 10**6)) / 100
        assert codes(f"{wan}万") == codes(f"{wan * 10000:,.0f}"), wan
        assert codes(f"{wan}亿元") == codes(f"{wan / 10} billion yuan"), wan
        whole, digits = f"{wan:.2f}".split(".")
        fraction = "".join(NUMERALS[int(digit)] for digit in digits)
        spoken = f"百分之{chinese(int(whole)) or '零'}点{fraction}"
        assert codes(spoken) == codes(f"{wan}%"), wan


def test_no_two_values_share_a_code() -> None:
    kinds = ("number", "percent", "plan", "day", "month")
    found = [_code(kind, Decimal(value)) for kind in kinds for value in range(1, 3001)]
    assert len(set(found)) == len(found)
    assert min(found) >= FIRST_CODE > ROMANISED + max(SYLLABLES.values())
    assert max(found) < 2**31


def test_small_and_dated_are_marked() -> None:
    (three, year, price, percent) = numbers("3, 2022, 18,700, 5%")
    assert (three.small, three.dated) == (True, False)
    assert (year.small, year.dated) == (False, True)
    assert (price.small, price.dated) == (False, False)
    assert (percent.small, percent.dated) == (False, False)


def test_offsets_are_those_of_the_text_as_given() -> None:
    text = "約１.８７萬人，Sept.　15　增長 11.2 ％，二○二二年，１２，5 million people"
    parts = [text[found.start : found.end] for found in numbers(text)]
    assert parts == "１.８７萬|Sept.　15|Sept.　15|11.2 ％|二○二二|１２|5 million".split("|")
    starts = [found.start for found in numbers(text)]
    assert starts == sorted(starts)


@pytest.mark.parametrize(
    "text",
    """
    3.12.4|0755-28912345|8:30|3:2|192.168.1.1|1.2.3.4.5|2022-13-45|2022-00-00|99月99日|0月0日
    September 0|September 99|,1,,2,|1,2345|...5|5...|.5|%|５％％|0|00|0%|0.0|1e999|-5|+5
    百分之|百分之点|点五|三点|三点五点|十十十|零|零零零|一零万零|五千瓦|20世纪90年代
    万万万|一万万|亿亿|一亿亿|1万亿亿|百千万亿|“五”|“十”|五规划|第个五年|一\u0000二
    twenty twenty|hundred|one hundred hundred|one million million|one-two-three|1 hundred
    ſix|ſixK|٣٤|²³|½|①|Ⅷ|𝟏𝟐|0th five-year|99th five-year|2022-2023|1/2|3×4|$5|¥5.
    """.strip()
    .replace("\n    ", "|")
    .split("|"),
)
def test_odd_texts_are_read_without_error(text: str) -> None:
    for found in numbers(text):
        assert 0 <= found.start < found.end <= len(text)
        assert found.code >= FIRST_CODE


def test_random_texts_are_read_without_error() -> None:
    chance = random.Random(13)
    pieces = [
        *'0159,.%-/: \n“”"零〇一二五十百千万亿点多余月日号第个分之之规划年',
        *"one twenty hundred thousand million and May March Sept. th st five-year percent".split(),
    ]
    for _ in range(5000):
        text = "".join(chance.choices(pieces, k=chance.randrange(1, 30)))
        for found in numbers(text):
            assert 0 <= found.start < found.end <= len(text)
            assert found.code >= FIRST_CODE


@pytest.mark.parametrize(
    "piece",
    [
        *["1", "0", "1,", "1,1", "111,", "1.", "9%", "1 ", "2022-", "1 月", "1亿"],
        *["一", "十", "点一", "一点", "百分之", "一百", "万", "亿", "五", "十五", "“十", "第十"],
        *["one ", "one-", "twenty ", "one hundred and ", "one million ", "hundred "],
        *["September ", "May ", "first ", "fifth five-"],
    ],
)
def test_long_texts_end(piece: str) -> None:
    numbers(piece * (100_000 // len(piece)))
    numbers("一" + " " * 100_000 + piece)


def test_digits_without_end_are_no_value() -> None:
    assert codes("1" * 1_000_000) == codes("一" * 1_000_000) == codes("9." + "9" * 5000) == []
    assert codes("1" * 5000 + "% 12") == codes("1" * 5000 + "月 12") == [number("12")]
    assert len(set(codes("12345678901234567890 12345678901234567891"))) == 2
