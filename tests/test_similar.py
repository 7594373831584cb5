"""Which articles tell one story: retellings in both languages, sequels, and a neighbour's news."""

from __future__ import annotations

from dataclasses import replace

import pytest

import rag
from rag.numbers import numbers
from rag.reading import load_table
from rag.similar import read_facts, shared_facts
from rag.types import Article, Language, TokenTable


def article(title: str, text: str, language: Language = "zh", date: str | None = None) -> Article:
    return Article(title, title, text, "retold.txt", language, date=date)


# The sample articles that these are about are named by a part of their titles.
RETOLD = {
    "农贸市场": article(
        "东堤市场乔迁新址 老摊主一个不落",
        "昨日，东堤农贸市场正式迁入马路对面的三层新楼，原有摊主悉数进场，214个摊位没有一个外租。按照协议，"
        "摊位费最低每平方米每月46元，三年不涨价。东堤区商务局局长荀立言介绍，新楼装了新风系统和排水沟。"
        "卖了多年豆腐的摊主幸桂花说，搬家头一个上午就卖掉140斤。老市场拆除后将建停车场，提供95个车位。",
    ),
    "禾湾县": article(
        "凌晨一点四十分 石庵镇全镇转移演练",
        "没有通知，没有彩排。5月15日凌晨，禾湾县在石庵镇举行夜间防汛演练，低洼处3126名居民在48分钟内撤到"
        "安置点。县应急管理局局长裴东林说，选在深夜是因为2022年的大水就是凌晨来的。演练也暴露出喇叭不响、"
        "发电机加错油、37名独居老人漏登等问题。县里准备为215个易涝点各配一名“叫醒员”。",
    ),
    "柳塘老街": article(
        "147栋老屋修缮完成 柳塘老街重新开门迎客",
        "历时三年的柳塘老街一期改造完工，4月28日重新开街。老街全长610米，147栋房屋得到修缮，留住了89家"
        "老店。建筑师郁青禾介绍，工程先花十四个月改造地下管线，总花费2.3亿元。为了稳住租金，区里同房东约定"
        "五年内每年涨幅不超过3%。二期十月动工，涉及染坊巷、盐仓巷63栋房子。",
    ),
    "Bus Routes": article(
        "云泊首条有轨电车12月2日开通 14条公交线路调整",
        "云泊市交通局20日宣布，首条有轨电车将于12月2日开通，从北港码头到东堤公园，全长11.6公里，设15站。"
        "为衔接电车，14条公交线路调整，其中8路、21路和40路取消，新开66路环线连接柳塘老街和儿童医院。公交与"
        "电车60分钟内换乘免费。副局长屈鹤鸣说，取消的三条线路平均上座率只有五分之一。",
    ),
    "Night Clinic": article(
        "5300名家长联名后 云泊儿童医院开了夜间门诊",
        "云泊儿童医院夜间门诊周日开诊，每天18时至次日2时接诊，有9名医生和14名护士。四个月前，5300名家长"
        "联名反映急诊等候太久。副院长明玉和说，去年冬天夜间就诊的孩子七成不属于急症。夜间门诊每次收费18元，"
        "与白天相同，每晚160个号中有30个留给现场。",
    ),
    "东堤农贸": article(
        "Dongdi Market Moves Across the Street With All Its Stalls",
        "The Dongdi farmers' market moved into a new three-storey building on Tuesday, and every "
        "one of its 214 stalls went to a trader from the old market. Stall fees start at 46 yuan "
        "per square metre a month and will not rise for three years, said Xun Liyan, head of the "
        "Dongdi District commerce bureau. Xing Guihua, who has sold tofu there for 27 years, sold "
        "140 jin in the first morning. The old hall makes way for 95 parking spaces.",
        "en",
    ),
    "禾湾县半夜": article(
        "Hewan County Wakes 3,126 Residents for a Flood Drill",
        "At 1:40 a.m. on May 15 the sirens went off in Shi'an Town. Forty-eight minutes later "
        "3,126 people from low-lying streets had reached shelters in Hewan County's first "
        "unannounced night drill. Pei Donglin, director of the county emergency bureau, said the "
        "flood of 2022 had come at three in the morning. The drill found that 37 old people living "
        "alone were on no list. There will be wake-up wardens for 215 flood-prone spots.",
        "en",
    ),
}
# The same place and people, and another event.
SEQUELS = {
    "农贸市场": article(
        "东堤农贸市场晚市满月 半价菜成了香饽饽",
        "东堤农贸市场搬进新楼一个月，傍晚六点半开始的晚市最热闹。记者昨晚看到，二楼的蔬菜半价出售，七点多就"
        "卖空了三成摊位。商务局局长荀立言说，晚市将延长到九点。摊主幸桂花把豆腐也搬到了晚市。",
    ),
    "禾湾县": article(
        "禾湾县给叫醒员发哨子",
        "禾湾县石庵镇昨天举行叫醒员上岗仪式，首批60人领到哨子、手电和雨衣。县应急管理局局长裴东林说，叫醒员"
        "每月要上门两次，登记独居老人的作息。入汛以来，全县已启动三次预警。",
    ),
    "Night Clinic": article(
        "Children's Hospital Pharmacy to Stay Open Until 2 A.M.",
        "Yunbo Children's Hospital will keep its pharmacy open until 2 a.m., the hospital's "
        "vice-president, Ming Yuhe, said on Friday. Parents who use the night clinic had "
        "complained that it closed at midnight. Ou Lanting, who led them, called it overdue.",
        "en",
    ),
    "Bus Routes": article(
        "有轨电车开通一周 日均三万人次",
        "云泊首条有轨电车开通一周，日均客流三万人次。市交通局副局长屈鹤鸣说，早高峰北港码头站最挤，将加开四列。"
        "取消40路后，石庵镇两班直达车的上座率达到九成。",
    ),
}


@pytest.fixture(scope="module")
def table() -> TokenTable:
    return load_table()


def sample(index: rag.Index, title: str) -> Article:
    return next(one for one in index.articles() if title in one.title)


@pytest.mark.parametrize("title", RETOLD)
def test_a_story_retold_in_other_words_or_another_language_is_one(
    sample_index: rag.Index, title: str
) -> None:
    told, retold = sample(sample_index, title), RETOLD[title]
    assert sample_index.same_story([told, retold]) == [(told, retold)]


@pytest.mark.parametrize("title", SEQUELS)
def test_a_sequel_is_another_story(sample_index: rag.Index, title: str) -> None:
    told, sequel = sample(sample_index, title), SEQUELS[title]
    assert sample_index.same_story([told, sequel]) == [(told,), (sequel,)]


def test_no_two_sample_articles_are_one_story(sample_index: rag.Index) -> None:
    # Two carbon meetings of two districts are among them, and reviews of several events.
    articles = list(sample_index.articles())
    assert sample_index.same_story(articles) == [(one,) for one in articles]


def test_order_is_that_of_first_appearance(sample_index: rag.Index) -> None:
    market, drill = (sample(sample_index, title) for title in ("农贸市场", "禾湾县"))
    retold = RETOLD["农贸市场"]
    assert sample_index.same_story([market, drill, retold]) == [(market, retold), (drill,)]
    assert sample_index.same_story([retold, drill, market]) == [(retold, market), (drill,)]
    assert sample_index.same_story([]) == []


def test_three_days_apart_is_one_story_four_are_two(sample_index: rag.Index) -> None:
    told = sample(sample_index, "农贸市场")
    assert told.date == "2023-09-20"
    near, far = (replace(RETOLD["农贸市场"], date=day) for day in ("2023-09-23", "2023-09-24"))
    assert len(sample_index.same_story([told, near])) == 1
    assert len(sample_index.same_story([told, far])) == 2


def test_every_two_of_a_group_must_be_one_story(sample_index: rag.Index) -> None:
    """The undated one would join both days; the days themselves are too far from each other."""
    told, undated = sample(sample_index, "农贸市场"), RETOLD["农贸市场"]
    later = replace(told, id="later", date="2023-10-20")
    groups = sample_index.same_story([undated, told, later])
    assert groups == [(undated, told), (later,)]


def test_facts_are_names_and_numbers_that_tell(table: TokenTable) -> None:
    told = article("会议", "2023年9月20日，区长荀立言说，214个摊位、三样东西都不涨价。")
    facts = read_facts(told, table, sounds=True)
    assert facts.numbers == {numbers("9月20日")[0].code, numbers("214")[0].code}
    assert {"荀立", "立言"} <= facts.names
    english = article("Stalls", "The 214 stalls are Xun Liyan's. Nobody asked.", "en")
    read = read_facts(english, table, sounds=True)
    assert read.names == {"xun", "liyan"}
    assert read.sounds <= facts.sounds  # xun li, li yan
    assert not read_facts(told, table, sounds=False).sounds


def test_the_share_is_by_the_geometric_mean(table: TokenTable) -> None:
    one = read_facts(article("甲", "214个，95个。"), table, sounds=False)
    other = read_facts(
        article("甲", "214个，95个，140斤，27年，46元，120天，36户，88人。"), table, sounds=False
    )
    assert shared_facts(one, other, across=False) == pytest.approx(2 / (2 * 8) ** 0.5)
    assert (
        shared_facts(one, read_facts(article("甲", "没有。"), table, sounds=False), across=False)
        == 0
    )
