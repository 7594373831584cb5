"""Pages of print → stories: line breaks, columns, headlines, datelines, furniture."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest import read_articles
from rag.ingest.credits import byline, credit, opening
from rag.ingest.dates import date_line, with_year
from rag.ingest.layout import read_blocks
from rag.ingest.lines import Kind, kind
from rag.types import Article


def stories(folder: Path, text: str) -> list[Article]:
    (folder / "page.txt").write_text(text, encoding="utf-8")
    return list(read_articles([folder]).articles)


def story(folder: Path, text: str) -> Article:
    found = stories(folder, text)
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("line", "rest", "outlet", "authors"),
    [
        ("本报讯（湖城融媒首席记者 何远）昨日", "昨日", "湖城融媒", ("何远",)),
        ("本报讯 记者何远报道：昨日", "昨日", None, ("何远",)),
        (
            "湖城客户端·湖城网2022年9月5日讯 (湖城日报记者 何远 通讯员 石满)湖",
            "湖",
            None,
            ("何远",),
        ),
        ("新华社湖城9月5日电（记者何远、白一舟）湖", "湖", "新华社", ("何远", "白一舟")),
        ("据中新社电 湖", "湖", "中新社", ()),
        ("（中央社記者白一舟台北5日電）湖", "湖", "中央社", ("白一舟",)),
        ("〔記者白一舟／高雄報導〕湖", "湖", None, ("白一舟",)),
        ("【记者 何 远 文/图】湖", "湖", None, ("何远",)),
        ("湖城早班车2022年9月5日讯（实习记者 何远、实习生 石满）湖", "湖", "湖城早班车", ("何远",)),
        ("LAKEPORT, Sept. 5 (Lake News) -- The", "The", "Lake News", ()),
        ("LAKEPORT — The", "The", None, ()),
    ],
)
def test_datelines_are_taken_off_and_read(
    line: str, rest: str, outlet: str | None, authors: tuple[str, ...]
) -> None:
    found = opening(line)
    assert found is not None
    assert line[found.end :] == rest
    assert found.authors == authors
    if outlet is not None:
        assert found.outlet == outlet


@pytest.mark.parametrize(
    "line",
    [
        "新华社记者日前从湖管处获悉，水位上涨。",
        "据央视新闻报道，湖水上涨。",
        "国家电网公司今日公布数据。",
        "湖区网格员消息灵通，谁家漏水都知道。",
        "昨日，记者从湖管处获悉，水位上涨。",
        "【记者调查】湖水为什么上涨",
        "The plan - a big one - was dropped.",
    ],
)
def test_sentences_that_begin_like_datelines_are_left_alone(line: str) -> None:
    assert opening(line) is None


@pytest.mark.parametrize(
    ("line", "authors"),
    [
        ("□本报记者 何远 文/图", ("何远",)),
        ("湖城日报记者 何 远 实习生 石满", ("何远",)),
        ("文、图/记者 白一舟", ("白一舟",)),
        ("採訪撰文／白一舟", ("白一舟",)),
        ("作者：何远  点击：12", ("何远",)),
        ("By Mia Tran and Joe Pike, The Lake Times", ("Mia Tran", "Joe Pike")),
    ],
)
def test_bylines_give_bare_reporter_names(line: str, authors: tuple[str, ...]) -> None:
    found = byline(line)
    assert found is not None
    assert found.authors == authors


@pytest.mark.parametrize(
    "line", ["百名记者 走进乡村", "记者们表示支持", "记者：您怎么看今年的水位？", "水位又涨了"]
)
def test_lines_about_reporters_are_no_bylines(line: str) -> None:
    assert byline(line) is None


@pytest.mark.parametrize(
    ("line", "outlet"),
    [
        ("（文章来源：湖城Plus）", "湖城Plus"),
        ("2022-09-05 08:00 来源：《湖城日报》 作者：何远", "湖城日报"),
        ("来源：湖城发布", "湖城发布"),
        ("Source: Lake News | Editor: X", "Lake News"),
        ("图片来源：湖城图库", None),
    ],
)
def test_credit_lines_name_their_outlet(line: str, outlet: str | None) -> None:
    assert credit(line) == outlet


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("2022年9月5日 星期一", "2022-09-05"),
        ("湖城日报 2022年9月5日 星期一 A03 要闻 责编 何远", "2022-09-05"),
        ("发布时间：2022-09-05 09:15:30 | 来源：湖城网 | 阅读 123", "2022-09-05"),
        ("二〇二二年九月二十五日", "2022-09-25"),
        ("中華民國一一一年九月五日　星期一", "2022-09-05"),
        ("民國111年9月5日", "2022-09-05"),
        ("Updated: Sept. 5, 2022, 9:15 a.m.", "2022-09-05"),
        ("5 September 2022", "2022-09-05"),
        ("2022年9月5日起湖区执行新规", None),
        ("2022年9月5日，湖区召开大会。", None),
        ("Copyright 2001-2022 湖城网 2022年9月5日", None),
        ("今天是2022年9月5日 星期一", None),
        ("2022-13-45", None),
        ("2022年:重点推进七件事", None),
    ],
)
def test_lines_that_print_a_date(line: str, day: str | None) -> None:
    assert date_line(line) == day


def test_a_month_and_day_take_their_year_from_the_page() -> None:
    assert with_year((12, 31), "2023-01-02") == "2022-12-31"
    assert with_year((1, 1), "2023-01-02") == "2023-01-01"
    assert with_year((6, 1), "2023-01-02") is None
    assert with_year((2, 30), "2023-03-02") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("奋 进 新时代 建 功", Kind.FURNITURE),
        ("首页 > 新闻 > 正文", Kind.FURNITURE),
        ("湖ICP备00000000号", Kind.FURNITURE),
        ("更多精彩内容请下载湖城客户端。", Kind.FURNITURE),
        ("分享 | 字級：大 中 小", Kind.FURNITURE),
        ("（下转A05版）", Kind.FURNITURE),
        ("编辑 何远 二审 石满 三审 白舟", Kind.EDITOR),
        ("責任編輯：何遠", Kind.EDITOR),
        ("湖城热榜", Kind.TAIL),
        ("相关阅读：湖边要建博物馆", Kind.TAIL),
        ("▲木栈道加高后的样子。", Kind.CAPTION),
        ("木栈道今日开放（湖管处供图）", Kind.CAPTION),
        ("编者按", Kind.LABEL),
        ("湖边的木栈道又加高了", Kind.HEADLINE),
        ("收藏家的一天", Kind.HEADLINE),
        ("关闭旧矿区 湖城迈出转型一步", Kind.HEADLINE),
        ("更多市民通过微信小程序预约，排队的人少了一半。", Kind.BODY),
        ("市交通局发放了首张水上出租车许可证，有效期三年。", Kind.BODY),
        ("记者：今年的水位怎么样？", Kind.BODY),
    ],
)
def test_kinds_of_lines(line: str, expected: Kind) -> None:
    assert kind(line) is expected


def test_wrapped_chinese_lines_join_without_a_space() -> None:
    text = (
        "湖水今年涨得早，管理处从三月起就把木\n栈道加高了一截，来看鸟的人因此不必绕\n"
        "路。“IT+BT”两家公司还给观测台捐了二\n十架望远镜，学生可以免费使用。\n"
    )
    assert [block.text for block in read_blocks(text)] == [text.replace("\n", "")]


def test_wrapped_english_lines_join_with_a_space() -> None:
    text = (
        "The lake rose early this year, and in March the keepers raised the\n"
        "boardwalk by hand, so that people who come for the birds need no long-\n"
        "way-round any more. It took them forty days in all to do it.\n\n"
        "Nobody complained about the work.\n"
    )
    first, second = (block.text for block in read_blocks(text))
    assert "raised the boardwalk by hand" in first
    assert "no long-way-round any more" in first
    assert second == "Nobody complained about the work."


def test_lines_that_are_paragraphs_stay_apart() -> None:
    text = "湖水今年涨得早。\n管理处从三月起就把木栈道加高了一截，工期四十天。\n来看鸟的人多了。"
    assert len(read_blocks(text)) == 3


def test_columns_side_by_side_are_read_one_after_the_other(tmp_path: Path) -> None:
    article = story(
        tmp_path,
        """
湖城日报  2023年4月12日 星期三  A03 要闻

                    木栈道今起加高

    本报讯（记者 何远）昨日上      从栈道上走过，湖面比去年高
午，青汀湖木栈道开始加高，工      出四十厘米。
期四十天，由本地工匠用旧木料          管理处主任常青说，工程
完成，总共花费八十万元。          不影响看鸟，周末仍可预约，
    记者在现场看到，工匠们正      每天限流两千人。
""",
    )
    assert article.title == "木栈道今起加高"
    assert (article.date, article.source) == ("2023-04-12", "湖城日报")
    assert (
        article.text.split("\n")[1]
        == "记者在现场看到，工匠们正从栈道上走过，湖面比去年高出四十厘米。"
    )


TWO_BODIES = (
    "本报讯（记者 何远）昨日，青汀湖木栈道开始加\n高，工期四十天。管理处主任常青说，旧木料都还\n"
    "能用，只换了三成。\n",
    "本报讯（记者 白一舟）湖城图书馆通宵自习室昨\n晚开放，首夜来了五十七人。馆长纪棠说，借书的\n"
    "多是护士和司机。\n",
)
TWO_HEADS = ("青汀湖木栈道开始加高", "图书馆开了通宵自习室")


@pytest.mark.parametrize("after", [False, True])
def test_headlines_go_to_the_story_whose_words_they_share(tmp_path: Path, after: bool) -> None:
    lines = [
        f"{body}\n{head}\n\n" if after else f"{head}\n\n{body}\n"
        for head, body in zip(TWO_HEADS, TWO_BODIES, strict=True)
    ]
    found = stories(tmp_path, "".join(lines))
    assert [article.title for article in found] == list(TWO_HEADS)
    assert [article.authors for article in found] == [("何远",), ("白一舟",)]
    assert not any(article.title_inferred for article in found)


def test_a_story_without_headline_takes_none_of_its_neighbours(tmp_path: Path) -> None:
    found = stories(tmp_path, f"{TWO_BODIES[0]}\n{TWO_HEADS[0]}\n\n{TWO_BODIES[1]}")
    assert [article.title for article in found] == [
        TWO_HEADS[0],
        "湖城图书馆通宵自习室昨晚开放，首夜来了五十七人",
    ]
    assert [article.title_inferred for article in found] == [False, True]


def test_banners_and_editors_between_stories_end_nothing_but_themselves(tmp_path: Path) -> None:
    page = f"{TWO_HEADS[0]}\n\n{TWO_BODIES[0]}\n责任编辑：左右\n\n奋 进 新征程 建 功\n\n"
    found = stories(tmp_path, f"{page}{TWO_HEADS[1]}\n\n{TWO_BODIES[1]}\n责任编辑：左右\n")
    assert [article.title for article in found] == list(TWO_HEADS)
    assert all("编辑" not in article.text and "征程" not in article.text for article in found)


def test_a_page_date_serves_its_stories_and_completes_a_dateline(tmp_path: Path) -> None:
    wire = "新华社湖城4月11日电（记者何远）湖城昨日宣布，今年\n将再修两条环湖步道，总长十一公里。\n"
    found = stories(
        tmp_path, f"湖城晚报 2023年4月12日 星期三 A02\n\n{TWO_BODIES[0]}\n环湖步道再修两条\n{wire}"
    )
    assert [article.date for article in found] == ["2023-04-12", "2023-04-11"]
    assert [article.source for article in found] == ["湖城晚报", "新华社"]


def test_what_follows_the_editors_of_a_single_story_is_cut(tmp_path: Path) -> None:
    article = story(
        tmp_path,
        """湖城新闻
木栈道加高了
2024年6月5日 08:30 来源：湖城网
青汀湖木栈道加高四十厘米，工期四十天，由本地工匠承担，没有换掉旧木料。
水位
湖水比去年同期高出四十厘米，管理处说这是十年来的最高水位。谁来修这条栈道
工程由本地工匠承担，花费八十万元，其中一半由市民捐赠。
编辑 左右 二审 石满
湖城热榜
把湖写进诗里！即日起，写下你与湖的故事，赢取望远镜。参与方式：带话题发布即可。
湖ICP备00000000号""",
    )
    assert (article.title, article.date) == ("木栈道加高了", "2024-06-05")
    assert article.source == "湖城网"
    assert [heading for _, heading in article.headings] == ["水位", "谁来修这条栈道"]
    assert article.text.endswith("其中一半由市民捐赠。")


def test_an_interview_keeps_its_turns_and_its_paper(tmp_path: Path) -> None:
    article = story(
        tmp_path,
        """编者按
即日起，本报开设“湖边人”专栏，敬请关注。
近日，湖管处主任常青接受了专访，谈了水位、鸟和门票。
湖城日报:今年的水位怎么样?
常青:比去年高出四十厘米,是十年来最高的一年。
湖城日报:还收门票吗?
常青:不收,今后也不收。
编辑:左右""",
    )
    assert article.title_inferred
    assert article.title == "湖管处主任常青接受了专访，谈了水位、鸟和门票"
    assert article.source == "湖城日报"
    assert article.authors == ()
    assert article.text.endswith("湖城日报:还收门票吗?\n常青:不收,今后也不收。")


def test_traditional_characters_are_kept(tmp_path: Path) -> None:
    article = story(
        tmp_path,
        """木棧道加高　賞鳥人變多

2023/05/03 12:33

〔記者白一舟／湖城報導〕青汀湖木棧道昨日完工，加高四十公分，
管理處表示，舊木料仍能使用，只更換三成。

（責任編輯：何遠）
相關新聞
湖畔將建博物館
""",
    )
    assert article.title == "木棧道加高 賞鳥人變多"
    assert article.text == (
        "青汀湖木棧道昨日完工，加高四十公分，管理處表示，舊木料仍能使用，只更換三成。"
    )
    assert (article.date, article.authors, article.language) == ("2023-05-03", ("白一舟",), "zh")


def test_an_english_story_in_broken_lines(tmp_path: Path) -> None:
    article = story(
        tmp_path,
        """Boardwalk rises with the lake
By Mia Tran
Published: Sept. 5, 2022

LAKEPORT, Sept. 4 (Lake News) -- The keepers raised the boardwalk on
Sunday, forty centimetres above last year's level. Warden Joan Pike
said 2,000 people a day would use it.

What comes next

Two more paths are planned for 2026, Pike said. "We will not stop,"
she added.

Read more
Harbour market reopens
""",
    )
    assert article.title == "Boardwalk rises with the lake"
    assert (article.date, article.source) == ("2022-09-05", "Lake News")
    assert (article.authors, article.language) == (("Mia Tran",), "en")
    assert [heading for _, heading in article.headings] == ["What comes next"]
    assert article.text.startswith("The keepers raised the boardwalk on Sunday, forty")
    assert article.text.endswith('"We will not stop," she added.')
