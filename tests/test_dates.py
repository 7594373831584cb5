"""Dates as papers print them, and the many things in papers that look like dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from rag.ingest.dates import date_line, iso_date, month_day, with_year

DATE_LINES = """
2022-09-15 09:15 来源：海城日报 作者：张三 编辑：李四 浏览次数：123
2022年9月15日 09:15 来源: 海城网
2022年9月15日09:15 海城日报
发布时间：2022-09-15 09:15:30 字号：大 中 小
发布时间：2022年09月15日 来源：市水务局 字体：【大】【中】【小】 打印 关闭
发布日期：2022-09-15　浏览次数：1024 次
更新于2022-09-15 09:15
更新时间：2022/9/15 9:15:00
最后更新：2022.09.15
A04 2022年9月15日 星期四 责编 何远 美编 石满
海城日报 2022年9月15日 星期四 A04 要闻
2022年9月15日 星期四 农历壬寅年八月二十 第12345期
二〇二二年九月十五日　星期四
二○二二年九月廿五日 農曆壬寅年
中華民國一一一年九月十五日 星期四
民國111年9月15日 A3版
海城 · 2022-09-15
海城网 | 2022-09-15 09:15 | 记者 张三
［2022-09-15］
【2022年9月15日】
（2022年9月15日）
时间：2022-09-15 09:15　作者：海城晚报记者 张三
日期：20220915
2022-09-15 09:15:30 阅读 1.2万
2022-09-15T09:15:30+08:00
2022-09-14T23:30:00Z
张三 2022-09-15 09:15 发表于海城
原创 张三 海城发布 2022-09-15 09:15 发表于湖东
来源：海城发布 2022-09-15 09:15 责任编辑：李四
2022年9月15日 来源：《海城日报》 第03版
编辑：李四 2022年9月15日
作者：张三　发布：2022年9月15日　点击：345
海城市水务局 2022年9月15日
海城市人民政府办公室　2022年9月15日
二〇二二年九月十五日于海城
2022年9月15日电
首页 > 要闻 > 正文 2022-09-15 09:15
09:15 2022/09/15 海城新闻网
2022-09-15 上午 9:15
2022年9月15日 下午3:20 分享到：
2022年９月１５日 星期四
创建时间：2022-09-15 修改时间：2022-09-16
2022-09-15 09:15 评论 (12) 收藏
更新日期：2022年9月15日 | 访问量：2034
稿件来源：海城日报　发布时间：2022年9月15日
Sept. 15, 2022
September 15th, 2022
15 September 2022
Thursday, 15 Sep 2022 09:15:00 GMT
Thursday, September 15, 2022
Updated: Sep 15, 2022 09:15 (GMT+8)
Published on September 15, 2022 by Ann Lee
By Ann Lee | September 15, 2022
By Ann Lee and Joe Pike, The Lake Times, Sept. 15, 2022
Posted on 15 September 2022 at 9:15 am
Last updated at 09:15, 15 September 2022
Updated: Sept. 15, 2022, 9:15 a.m.
Lake Times | Page A4 | September 15, 2022
LAKEPORT · SEPTEMBER 15, 2022
Published 9:15 AM EDT, Thu September 15, 2022
First published: 15 Sep 2022, 09:15 | 5 min read
September 15, 2022 9:15 AM ET
Source: Lake News | Editor: Ann Lee | 2022-09-15 09:15:00
Modified: 2022-09-15
""".strip().splitlines()

MENTIONS = """
2022年9月15日，湖区召开大会。
2022年9月15日起湖区执行新规
2022年9月15日上午，海城大桥正式通车
2022年9月15日海城停水通知
海城大桥于2022年9月15日建成通车
本办法自2022年9月15日起施行
本公告有效期至2022年9月15日
报名截止时间为2022年9月15日17时
会议时间：2022年9月15日9:15，地点：市民中心三楼会议室
截至2022年9月15日，全市累计植树十二万棵
（2022年9月15日市人民代表大会常务委员会第三次会议通过）
2019年3月5日通过 2022年9月15日修订
根据2022年9月15日第二次会议决定修正
时间定在2022年9月15日至20日
展期：2022年9月15日—10月20日
活动时间：2022年9月15日至2022年9月20日
他生于1956年9月15日，十八岁进厂。
张三，男，1980年9月15日出生
海城市第一届运动会（2022年9月15日—9月20日）
2022年9月15日湖区新增三处公园
2022年9月15日召开的会议提出三项要求
图为2022年9月15日拍摄的海城大桥
2022年9月15日，渡轮停靠在石埠码头。张三 摄
下一次开闸时间是2022年9月15日
从2022年9月15日到今天，整整一年过去了
早在2022年9月15日，他就写下了这句话
2022年9月15日的海城，下着小雨
2022年9月15日，星期四，晴，我又去了湖边
版权所有 2022年9月15日
今天是2022年9月15日 星期四
海城网备案 2022-09-15
合同编号：2022-09-15-003，金额三万元
数据截至：2022-09-15，单位：万人
2022年9月15日夜里风很大，树倒了三棵
那一天是2022年9月15日
二〇二二年九月十五日是个普通的日子
二〇二二年九月十五日清晨，船队出发
民國111年9月15日修正發布第三條條文
中華民國一一一年九月十五日總統令公布施行
請於民國111年9月15日前送達
湖区2022年9月15日发布的通告说，水位还会上涨
記者2022年9月15日從水利署獲悉
The bridge opened on September 15, 2022.
On September 15, 2022, the bridge opened to traffic
It was built between 15 September 2022 and 3 May 2023
The council met on Sept. 15, 2022 and adopted the plan
The deal, signed on 15 September 2022, runs for ten years.
As of September 15, 2022, all districts had reported
Applications are due by September 15, 2022
Born September 15, 1956, in Lakeport
Effective September 15, 2022, fares will rise
The September 15, 2022 meeting was postponed
Since 15 September 2022 the ferry has been closed
The exhibition runs from Sept. 15, 2022 to Oct. 20, 2022
Copyright 2022-09-15 Lake News
Until September 15, 2022 the road stays closed
He wrote the letter on 2022-09-15 and posted it a week later
A court ruled on September 15, 2022 that the sale was void
Tickets go on sale September 15, 2022 at the north gate
By September 15, 2022 the water had gone down
""".strip().splitlines()

NO_DATES = """
1.2万人
3月初
2022年上半年
2022年9月
“十四五”规划
11+2
20+8产业集群
5月
昨日
今天上午
上周五
yesterday
last Friday
May
010-20220915
138-2022-0915
13812022091
Python 3.11.2
v2022.1.3
3-2
3-2-1
99.5元
$20.22
（2019年修订）
2月30日
2022年2月30日
2022-13-45
February 30, 2022
民国111年2月30日
第20220915号
20220915号文件
9·18
GB/T 2022.9-2015
""".strip().splitlines()
DATES = """
2022年9月15日
2022 年 9 月 15 日
2022年09月15号
2022年9月15日09:15
２０２２年９月１５日
二〇二二年九月十五日
二零二二年九月十五日
二○二二年九月十五日
二O二二年九月十五日
2022-09-15 09:15
2022/9/15
2022.09.15
2022-09-15T23:30:00Z
2022-09-15T23:30:00-08:00
20220915
20220915091500
日期：20220915
http://example.org/20220915/1.html
http://example.org/2022/09/15/1.html
http://example.org/2022-09/15/1.html
http://example.org/t20220915_12.html
中華民國一百一十一年九月十五日
民國111年9月15日
民國一一一年九月十五日
Sept. 15, 2022
SEPTEMBER 15, 2022
September 15th, 2022
15 September 2022
15th of September 2022
Thursday, 15 Sep 2022 09:15:00 GMT
""".strip().splitlines()


@pytest.mark.parametrize("text", DATES)
def test_dates_are_read_in_every_form_that_papers_print(text: str) -> None:
    assert iso_date(text) == "2022-09-15"


@pytest.mark.parametrize("text", NO_DATES)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert (iso_date(text), date_line(text), month_day(text)) == (None, None, None)
    sentence = f"海城的{text}，大家都知道。"
    assert (iso_date(sentence), date_line(sentence), month_day(sentence)) == (None, None, None)


@pytest.mark.parametrize("text", ["2022年9月", "11+2", "5月", "3-2", "昨日", "yesterday", "May"])
def test_a_general_date_parser_would_invent_a_date(text: str) -> None:
    dateparser = pytest.importorskip("dateparser")
    assert isinstance(dateparser.parse(text), datetime)
    assert iso_date(text) is None


def test_the_day_is_the_one_that_is_printed_whatever_the_zone() -> None:
    late = "2022-09-14T23:30:00Z"
    assert datetime.fromisoformat(late).tzinfo == UTC
    assert iso_date(late) == "2022-09-14"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("9月15日", (9, 15)),
        ("９月１５日", (9, 15)),
        ("九月廿五日", (9, 25)),
        ("十二月卅一日", (12, 31)),
        ("十月二十日", (10, 20)),
        ("2月30日至9月15日", (9, 15)),
        ("Sept. 15", (9, 15)),
        ("2月29日", (2, 29)),
        ("May 2022", None),
        ("13月1日", None),
    ],
)
def test_a_day_without_a_year_is_a_month_and_a_day(text: str, day: tuple[int, int] | None) -> None:
    assert month_day(text) == day


def test_a_month_and_day_take_the_last_year_up_to_their_page() -> None:
    assert with_year((9, 15), "2022-09-15") == "2022-09-15"
    assert with_year((12, 31), "2023-01-02") == "2022-12-31"
    assert with_year((9, 16), "2022-09-15") is None
    assert with_year((2, 29), "2024-03-01") == "2024-02-29"
    assert with_year((2, 29), "2023-03-01") is None


@pytest.mark.parametrize("line", DATE_LINES)
def test_lines_beside_stories_print_a_date(line: str) -> None:
    assert date_line(line) in ("2022-09-15", "2022-09-14", "2022-09-25")


@pytest.mark.parametrize("line", MENTIONS)
def test_sentences_that_mention_a_date_are_no_date_lines(line: str) -> None:
    assert date_line(line) is None


@pytest.mark.parametrize(
    "sentence",
    [
        "“十四五”期间完成11+2产业布局，2022年上半年投入3月初的资金。",
        "比赛以3-2结束，2019年修订的条例自2020年起施行。",
        "2022年9月，全市新增学位1.87万座。",
        "去年建成2021.5公里管网，今年再建2022公里。",
    ],
)
def test_htmldate_makes_days_of_numbers_in_running_text_and_the_page_reader_none(
    sentence: str,
) -> None:
    from rag.ingest.html import read_html

    page = f"<title>开会</title><h1>全区开会部署工作</h1><p>{sentence}{sentence}{sentence}</p>"
    assert htmldate()(f"<html><body>{page}</body></html>") is not None
    declared = read_html(page).declared
    assert (declared.date, declared.some_date) == (None, None)


def htmldate() -> Callable[[str], str | None]:
    find_date: Callable[[str], str | None] = pytest.importorskip("htmldate").find_date
    return find_date
