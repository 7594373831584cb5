"""Short names that articles introduce: which are found, and what a question gains by them."""

from __future__ import annotations

import time

import pytest

from rag.aliases import Alias, expansions, find_aliases


def found(*texts: str) -> list[tuple[str, str]]:
    return [(alias.short, alias.full) for alias in find_aliases(texts)]


@pytest.mark.parametrize(
    ("text", "short", "full"),
    [
        (
            "昨日，由深圳市发展和改革委员会（以下简称“市发改委”）牵头。",
            "市发改委",
            "深圳市发展和改革委员会",
        ),
        (
            "区领导调研香港中文大学（深圳）（以下简称“港中大（深圳）”）。",
            "港中大（深圳）",
            "香港中文大学（深圳）",
        ),
        (
            "专家组走访北京师范大学（云泊）美术学院（以下简称“云泊美术学院”）。",
            "云泊美术学院",
            "北京师范大学（云泊）美术学院",
        ),
        (
            "新设立的云禾特别合作区(下称“云禾合作区”)昨日挂牌。",
            "云禾合作区",
            "云禾特别合作区",
        ),
        ("与中国人民政治协商会议（简称政协）的委员座谈。", "政协", "中国人民政治协商会议"),
        ("中国残疾人联合会，简称“中国残联”，成立于1988年。", "中国残联", "中国残疾人联合会"),
        ("與中國科學院（以下簡稱「中科院」）合作。", "中科院", "中國科學院"),
        ("双方与世界卫生组织（世卫组织）会谈。", "世卫组织", "世界卫生组织"),
        ("推进“碳达峰、碳中和”（双碳）工作。", "双碳", "碳达峰、碳中和"),
        ("实现碳达峰、碳中和（以下简称“双碳”）目标。", "双碳", "碳达峰、碳中和"),
        ("推进“双碳”（碳达峰、碳中和）工作。", "双碳", "碳达峰、碳中和"),
        ("什么是双碳（即碳达峰与碳中和）？", "双碳", "碳达峰与碳中和"),
        ("出席中国人民政治协商会议（CPPCC）开幕式。", "CPPCC", "中国人民政治协商会议"),
        ("昨日走访香港中文大学（深圳）(CUHK-Shenzhen)。", "CUHK-Shenzhen", "香港中文大学（深圳）"),
        ("由WHO（世界卫生组织）发布。", "WHO", "世界卫生组织"),
        (
            "The Chinese University of Hong Kong, Shenzhen (CUHK-Shenzhen) opened a school.",
            "CUHK-Shenzhen",
            "Chinese University of Hong Kong, Shenzhen",
        ),
        (
            "the Chinese People's Political Consultative Conference (CPPCC) met",
            "CPPCC",
            "Chinese People's Political Consultative Conference",
        ),
        ("The Department of Defense (DoD) said so.", "DoD", "Department of Defense"),
        ("Small modular reactors (SMRs) are cheaper.", "SMR", "Small modular reactors"),
        (
            "NDRC (the National Development and Reform Commission)",
            "NDRC",
            "National Development and Reform Commission",
        ),
        ("the Office on Drugs and Crime (ODC) said", "ODC", "Office on Drugs and Crime"),
        ("paid for software as a service (SaaS)", "SaaS", "software as a service"),
    ],
)
def test_introduced_names_are_found(text: str, short: str, full: str) -> None:
    assert found(text) == [(short, full)]


def test_a_bracket_may_hold_the_english_name_and_its_acronym() -> None:
    text = "昨日走访香港中文大学（Chinese University of Hong Kong，CUHK）。"
    assert found(text) == [
        ("CUHK", "Chinese University of Hong Kong"),
        ("CUHK", "香港中文大学"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "如图所示（见图3），产量上升。",
        "香港中文大学（深圳）昨日开学。",
        "Sales rose (see page 2) in May.",
        "行动方案(2022年—2025年)印发。",
        "本报讯（记者 张三）昨日，会议召开。",
        "本报讯（记者张三）昨日，会议召开。",
        "全会会场（资料图片）",
        "这一简称沿用至今，人们早已忘了它的来历。",
        "他问“简称”该怎么写，老师说“简称”就是短名。",
        "海南省，简称“琼”。",
        "张家港有限公司（以下简称“公司”）公告。",
        "《深圳市碳排放管理办法》（以下简称《办法》）今起施行。",
        "深圳市发展和改革委员会（以下简称“市发改委",
        "((((深圳市发展（和改革（",
        "董事长王五（CEO）表示。",
        "中国平安（SH601318）上涨。",
        "村民普秀英（左）接受检查。",
        "《唐顿庄园》（Julian Fellowes）开播。",
        "我的系统上（Debian）没有它。",
        "据Camacho（墨西哥）介绍。",
        "警方扩大澳大利亚安全情报局（ASIO）的权力。",
        "两年（2013年和2014年）过去了。",
        "Mr. Camacho (墨西哥) took the floor.",
        "The mayor (right) shook hands (2022).",
        "Students bake bread. (AFP)",
        "the river and the old bridge (NDRC)",
        "Shoppers in Hong Kong, Shenzhen (香港中文大学) queued.",
        "区委书记张礼卫（Zhang Liwei）致辞。",
        "Homes in Longgang (龙岗) sold out.",
        "学生喜欢人工智能（AI）。",
        "世界卫生组织非洲办公室与当地医学会（AMA）会谈。",
        "深圳市前海管理局（以下简称“管理局”）公告。",
        "（）()（（））（  ）深（  ）",
        "",
    ],
)
def test_what_introduces_nothing(text: str) -> None:
    assert found(text) == []


def test_the_full_name_that_most_texts_give_wins() -> None:
    one = "the Asian Culture Center (ACC) opened"
    other = "an area control centre (ACC) opened"
    assert found(one, one + ".", other) == [("ACC", "Asian Culture Center")]
    assert found(one, other) == []
    assert found(one + "; " + one, other) == []  # a text counts once
    assert found(one, one.title()) == [("ACC", "Asian Culture Center")]  # nor does case count


def test_one_short_name_may_have_a_full_name_in_each_script() -> None:
    texts = "出席世界卫生组织（WHO）会议。", "the World Health Organization (WHO) met"
    assert found(*texts) == [("WHO", "World Health Organization"), ("WHO", "世界卫生组织")]


@pytest.mark.parametrize(
    "unit",
    [
        "(",
        "（",
        "（）",
        "（双）",
        "“",
        "“A”（AB）",
        "深（AB）",
        "（以下简称",
        "简称“",
        "of (OOO)",
        "A " * 9 + "(AAAA)",
    ],
)
def test_time_grows_with_the_length_alone(unit: str) -> None:
    def seconds(length: int) -> float:
        text = unit * (length // len(unit))
        start = time.process_time()
        find_aliases([text])
        return time.process_time() - start

    seconds(2_000)
    assert seconds(80_000) < 0.3 + 16 * seconds(20_000)


def test_a_megabyte_of_brackets() -> None:
    start = time.process_time()
    assert find_aliases(["(" * 500_000 + "（" * 250_000 + "）" * 250_000]) == ()
    assert time.process_time() - start < 20


ALIASES = [
    Alias("CPPCC", "中国人民政治协商会议"),
    Alias("WHO", "World Health Organization"),
    Alias("北大", "北京大学"),
    Alias("双碳", "碳达峰、碳中和"),
    Alias("港中大（深圳）", "香港中文大学（深圳）"),
    Alias("CUHK-Shenzhen", "香港中文大学（深圳）"),
]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What did the CPPCC decide?", ["中国人民政治协商会议"]),
        ("what did the cppcc decide?", []),
        ("深圳CPPCC说了什么", ["中国人民政治协商会议"]),
        ("CPPCCX", []),
        ("中国人民政治协商会议（CPPCC）何时召开", []),
        ("who is the mayor?", []),
        ("What does WHO say?", ["World Health Organization"]),
        ("the World health organization said", ["WHO"]),
        ("北大在哪里", ["北京大学"]),
        ("东北大学在哪里", []),
        ("双碳目标", ["碳达峰、碳中和"]),
        ("港中大(深圳)何时招生", ["香港中文大学（深圳）"]),
        ("香港中文大学(深圳)何时招生", ["CUHK-Shenzhen", "港中大（深圳）"]),
        ("今天天气如何", []),
        ("", []),
    ],
)
def test_a_question_gains_the_other_forms(question: str, expected: list[str]) -> None:
    assert expansions(question, ALIASES) == expected


def test_at_most_four_and_the_longest_first() -> None:
    aliases = [Alias(f"N{letter}", f"Name {letter * n}") for n, letter in enumerate("ABCDEF", 2)]
    aliases.append(aliases[-1])
    gained = expansions("NA NB NC ND NE NF", aliases)
    assert gained == ["Name FFFFFFF", "Name EEEEEE", "Name DDDDD", "Name CCCC"]
