"""One story in two places is one article; two stories of one template stay two."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.ingest.duplicates import is_copy, merge
from rag.types import Article

BRIDGE = (
    "青汀湖上的新桥昨天通车了。桥长四百六十米，有两条车道和一条步道，比原来的渡船快二十分钟。"
    "住在东岸的何远说，以前送孩子上学要赶头班船，现在骑车就能过去。渡船不会马上停，"
    "管理处说要看一个冬天的客流再决定。桥头的旧码头留了下来，改成了看水的平台。"
    "施工队在桥墩下留了鱼道，春天的鲤鱼还能游到上游去产卵。"
    "夜里桥上只亮脚灯，为的是不惊动芦苇里过夜的水鸟。"
)
FERRY = (
    "The ferry across the lake made its last trip on Sunday, after a hundred and four years. "
    "Its captain, Mia Tran, rang the bell twice and shut the engine down at the old pier. "
    "Most of the people who came to watch had crossed on it as children, going to school. "
    "The council has not said what will become of the boat, which is still in good repair. "
    "A group of neighbours wants to keep it at the pier as a small museum of the crossing."
)
NOTICE = (
    "因供水管道检修，青湖区东堤路、粮站路一带将于今晚停水，预计明天早晨恢复。"
    "请居民提前储水，并关好家中的水龙头。停水期间，供水公司会在青湖区市民广场设临时取水点，"
    "行动不便的住户可以请社区工作人员送水上门。恢复供水之初水色可能发黄，放一会儿再用。"
)
WEATHER = (
    "气象台预计，今天白天多云，最高气温21度，东北风3级；夜里有小雨，最低气温14度。"
    "未来三天以阴雨天气为主，湖面风力较大，渡船可能停航，请市民出行前留意公告。"
    "今天的空气质量指数为46，适合户外活动；早晚温差较大，请适当添衣。"
)
PRICES = (
    "今天批发市场的行情：白菜每斤1.2元，萝卜每斤0.8元，鲤鱼每斤9.5元，鸡蛋每斤5.1元。"
    "与昨天相比，蔬菜的价格略有回落，水产的价格保持平稳，肉类的上市量有所增加。"
    "市场管理处说，节前的货源充足，没有必要一次买得太多。"
)


def article(text: str, title: str = "", path: str = "a.txt", **fields: object) -> Article:
    made = Article(
        id=f"{path}-{len(text)}",
        title=title or text[:10],
        text=text,
        path=path,
        language="en" if text.isascii() else "zh",
        title_inferred=not title,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


COPIES = {
    "the same text": (BRIDGE, BRIDGE),
    "other punctuation": (BRIDGE, BRIDGE.replace("，", ",").replace("。", "．\n")),
    "full-width digits": (WEATHER, WEATHER.replace("21", "２１").replace("；", ";")),
    "some words changed": (
        BRIDGE,
        BRIDGE.replace("昨天", "日前").replace("马上停", "立刻停").replace("惊动", "打扰"),
    ),
    "the last sentence dropped": (BRIDGE, BRIDGE[: BRIDGE.index("夜里")]),
    "a sentence added": (BRIDGE, BRIDGE + "通车那天，有三百多人走了一个来回。"),
    "a sentence rewritten": (
        BRIDGE,
        BRIDGE.replace(
            "渡船不会马上停，管理处说要看一个冬天的客流再决定", "渡船停不停，要等冬天过后再说"
        ),
    ),
    "a sentence dropped in the middle": (BRIDGE, BRIDGE.replace("桥头的旧码头留了下来，", "")),
    "two paragraphs instead of one": (BRIDGE, BRIDGE.replace("。渡船", "。\n\n渡船")),
    "a short notice unchanged": ("今天停水。", "今天停水"),
    "English, edited": (
        FERRY,
        FERRY.replace("shut the engine down", "stopped the engine").replace("Most of", "Many of"),
    ),
    "English, last sentence dropped": (FERRY, FERRY[: FERRY.index(" A group")]),
}
STORIES = {
    "another district": (NOTICE, NOTICE.replace("青湖区", "白石区")),
    "another street": (NOTICE, NOTICE.replace("东堤路、粮站路", "西门路、果园路")),
    "the weather of another day": (
        WEATHER,
        WEATHER.replace("21", "19").replace("14", "12").replace("46", "58"),
    ),
    "the prices of another day": (PRICES, PRICES.replace("1.2", "1.4").replace("9.5", "9.2")),
    "a price with its point moved": (PRICES, PRICES.replace("1.2", "12")),
    "another person": (BRIDGE, BRIDGE.replace("何远", "石满").replace("二十", "三十")),
    "only another person": (BRIDGE, BRIDGE.replace("何远", "张满")),
    "another single number": (WEATHER, WEATHER.replace("未来三天", "未来五天")),
    "the next day's figures": (
        BRIDGE + "通车首日有三百二十人过桥。",
        BRIDGE + "通车两天来有七百五十人过桥。",
    ),
    "a summary": (BRIDGE, BRIDGE[:90]),
    "a name again and again": (
        BRIDGE.replace("渡船", "云帆号客轮"),
        BRIDGE.replace("渡船", "海燕号客轮"),
    ),
    "another story": (BRIDGE, NOTICE),
    "short notices": ("今天停水，明天恢复。", "今天停电，明天恢复。"),
    "English, another person": (FERRY, FERRY.replace("Mia Tran", "Joe Pike")),
    "English, another year": (
        FERRY + " It carried 90 people in 1921.",
        FERRY + " It carried 70 people in 1934.",
    ),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_story_in_two_forms_is_one_article(name: str) -> None:
    first, second = COPIES[name]
    merged = merge([article(first), article(second, path="b.txt")])
    assert len(merged) == 1
    assert {merged[0].path, *merged[0].copies} == {"a.txt", "b.txt"}


@pytest.mark.parametrize("name", STORIES)
def test_stories_of_one_template_stay_apart(name: str) -> None:
    first, second = STORIES[name]
    articles = (article(first), article(second, path="b.txt"))
    assert merge(articles) == articles


@pytest.mark.parametrize(
    ("first", "second", "copy"),
    [
        ("青汀湖新桥通车", "湖上多了一座桥", True),
        ("青汀湖新桥通车", "青汀湖新桥昨日通车", True),
        ("青汀湖新桥通车（上）", "青汀湖新桥通车（下）", False),
        ("青汀湖新桥通车（一）", "青汀湖新桥通车（二）", False),
        ("青湖区停水通知", "白石区停水通知", False),
        ("Ferry diary, day 3", "Ferry diary, day 4", False),
    ],
)
def test_titles_of_one_template_keep_equal_texts_apart(first: str, second: str, copy: bool) -> None:
    assert is_copy(article(BRIDGE, first), article(BRIDGE, second)) == copy


def test_copies_lie_some_days_apart_at_most() -> None:
    first = article(BRIDGE, date="2022-09-30")
    assert is_copy(first, article(BRIDGE, date="2022-10-02"))
    assert is_copy(first, article(BRIDGE))
    assert not is_copy(first, article(BRIDGE, date="2023-09-30"))


def test_the_longest_text_is_kept_where_the_story_stood_first_and_gets_what_it_lacks() -> None:
    short = article(
        BRIDGE[: BRIDGE.index("夜里")], "新桥通车", "a.txt", source="湖报", date="2022-09-15"
    )
    other = article(NOTICE, path="b.txt")
    long = article(BRIDGE, path="c.txt", authors=("何远",))
    third = article(BRIDGE, path="d.txt", source="湖城网", copies=("e.txt",))
    merged = merge([short, other, long, third])
    assert merged == (
        replace(
            long,
            title="新桥通车",
            title_inferred=False,
            source="湖报",
            date="2022-09-15",
            copies=("a.txt", "d.txt", "e.txt"),
        ),
        other,
    )
    assert merge(merged) == merged


def test_twice_in_one_file_is_one_article_without_a_copy_of_itself() -> None:
    first = article(BRIDGE)
    assert merge([first, article(BRIDGE)]) == (first,)


def test_articles_with_a_given_id_stay() -> None:
    rows = [article(BRIDGE, id=name) for name in ("d1", "d2", "made")]
    assert merge(rows, keep={"d1", "d2"}) == tuple(rows)


def test_a_chain_of_edits_is_no_way_from_one_story_to_another() -> None:
    first, second = STORIES["the next day's figures"]
    articles = [article(first), article(BRIDGE, path="b.txt"), article(second, path="c.txt")]
    merged = merge(articles)
    assert [(a.path, a.copies) for a in merged] == [("a.txt", ("b.txt",)), ("c.txt", ())]


def test_a_copy_is_found_among_many_stories_of_one_template() -> None:
    reports = [
        article(WEATHER.replace("21", str(n)).replace("46", str(2 * n)), path=f"{n}.txt")
        for n in range(100, 160)
    ]
    edited = article(reports[30].text + "祝您愉快。", path="copy.txt")
    merged = merge([*reports[:31], edited, *reports[31:]])
    assert len(merged) == len(reports)
    assert merged[30].path == "copy.txt"
    assert merged[30].copies == (reports[30].path,)


def test_nothing_is_nothing() -> None:
    assert merge([]) == ()
    assert len(merge([article("。"), article("！", path="b.txt")])) == 1
