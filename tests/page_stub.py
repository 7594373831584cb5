"""Articles, an index and answers invented for the tests of the page: no files, no model.

The index answers by looking for the question's words in the texts, just enough to drive the page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rag.errors import QuestionError
from rag.types import Answer, Article, Citation, Gloss, Hit, IndexInfo

NASTY_TITLE = "<img src=x onerror=alert(1)>"
NASTY_TEXT = (
    "第一行 <script>window.hacked = 1</script> 讲的是 $x^2$ 与 **粗体** "
    "和 [链接](javascript:alert(1))。\n"
    "第二行 </mark><b>不是粗体</b> ${alert(1)} {{constructor}} &amp; `code`。\n"
    "# 不是标题\n"
    '"><svg onload=alert(1)> 结束。'
)

LONGGANG = Article(
    id="longgang",
    title="龙岗区召开碳达峰碳中和工作领导小组会议",
    text=(
        "本报讯 9月14日，龙岗区召开碳达峰碳中和工作领导小组第二次会议，"
        "听取今年工作进展，部署下一步任务。\n"
        "明确三项任务\n"
        "会议决定，今年内完成辖区120家重点用能单位的碳排放核查，建立统一的数据平台。"
        "会议同时决定，对老旧工业园区开展节能改造，每个街道至少选定一个试点。\n"
        "会议还决定，从明年起把减碳任务列入各街道的年度考核。\n"
        "公众参与\n"
        "与会人员认为，减碳不只是企业的事，也要让居民看得见、算得清。"
        "下一步将在公园和学校设置低碳宣传点，鼓励市民绿色出行。"
    ),
    path="data/articles/longgang.txt",
    language="zh",
    date="2022-09-15",
    source="深圳特区报",
    authors=("任小琦", "谭慧"),
    headings=((51, "明确三项任务"), (159, "公众参与")),
    url="https://example.com/longgang",
)
FUTIAN = Article(
    id="futian",
    title="福田区碳达峰会议：先从公共机构做起",
    text=(
        "福田区昨日召开碳达峰工作会议。会议决定，公共机构带头，两年内完成空调和照明的节能改造。\n"
        "会议要求，新建公共建筑一律执行绿色建筑二星级以上标准。"
    ),
    path="data/articles/futian.md",
    language="zh",
    date="2022-09-20",
    source="福田融媒",
)
LIBRARY = Article(
    id="library",
    title="Library opens late on Fridays",
    text=(
        "The district library will stay open until 11 p.m. on Fridays from October.\n"
        "Night hours\n"
        "Readers asked for it, director Mei Lan said. The reading room seats 240 people."
    ),
    path="data/articles/library.html",
    language="en",
    date="2022-10-01",
    source="Harbour Gazette",
    headings=((75, "Night hours"),),
)
NASTY = Article(
    id="nasty",
    title=NASTY_TITLE,
    text=NASTY_TEXT,
    path="data/<b>nasty</b>.txt",
    language="zh",
    date=None,
    source='"><script>window.hacked = 2</script>',
    url="javascript:alert(1)",
)
ARTICLES = (LONGGANG, FUTIAN, LIBRARY, NASTY)


INFO = IndexInfo(
    path="index",
    generation="g1",
    model="bilingual",
    articles=len(ARTICLES),
    passages=9,
    built_at="2022-11-03T08:30:00+00:00",
    languages={"zh": 3, "en": 1},
    sources={"Harbour Gazette": 1, "深圳特区报": 1, "福田融媒": 1},
    first_date="2022-09-15",
    last_date="2022-10-01",
)


def span(article: Article, quote: str) -> tuple[int, int]:
    start = article.text.index(quote)
    return start, start + len(quote)


def cite(number: int, article: Article, quote: str, *gloss: tuple[str, str]) -> Citation:
    start, end = span(article, quote)
    entries: list[Gloss] = []
    at = 0
    for word, words in gloss:
        at = quote.index(word, at)
        entries.append(Gloss(at, at + len(word), word, tuple(words.split("/")) if words else ()))
        at += len(word)
    return Citation(number, article, start, end, quote, tuple(entries))


def hit(article: Article, quote: str, score: float) -> Hit:
    start, end = span(article, quote)
    signals = {"dense": score, "lexical": score, "late": score, "names": 0.0}
    return Hit(article, start, end, quote, None, score, signals)


def carbon(question: str = "What did the carbon meeting decide?") -> Answer:
    """An English question answered from two Chinese articles."""
    first = "会议决定，今年内完成辖区120家重点用能单位的碳排放核查，建立统一的数据平台。"
    second = "会议同时决定，对老旧工业园区开展节能改造，每个街道至少选定一个试点。"
    third = "会议还决定，从明年起把减碳任务列入各街道的年度考核。"
    fourth = "会议决定，公共机构带头，两年内完成空调和照明的节能改造。"
    citations = (
        cite(
            1,
            LONGGANG,
            first,
            ("会议", "meeting"),
            ("决定", "decide/decision"),
            ("今年内", "this year"),
            ("完成", "complete"),
            ("辖区", "district"),
            ("重点", "key"),
            ("用能", "energy use"),
            ("单位", "unit/work unit"),
            ("碳排放", "carbon emissions"),
            ("核查", "verify"),
            ("建立", "establish"),
            ("统一", "unified"),
            ("数据", "data"),
            ("平台", "platform"),
        ),
        cite(
            2,
            LONGGANG,
            second,
            ("会议", "meeting"),
            ("同时", "meanwhile"),
            ("决定", "decide"),
            ("老旧", "old"),
            ("工业", "industry"),
            ("园区", "park"),
            ("节能", "energy saving"),
            ("改造", "renovation"),
            ("每个", "each"),
            ("街道", "subdistrict/street"),
            ("试点", "pilot"),
        ),
        cite(
            3,
            LONGGANG,
            third,
            ("会议", "meeting"),
            ("决定", "decide"),
            ("明年", "next year"),
            ("减碳", "carbon reduction"),
            ("任务", "task"),
            ("街道", "subdistrict"),
            ("年度", "annual"),
            ("考核", "assessment"),
        ),
        cite(
            4,
            FUTIAN,
            fourth,
            ("会议", "meeting"),
            ("决定", "decide"),
            ("公共", "public"),
            ("机构", "institution"),
            ("带头", "take the lead"),
            ("两年", "two years"),
            ("空调", "air conditioning"),
            ("照明", "lighting"),
            ("节能", "energy saving"),
            ("改造", "renovation"),
        ),
    )
    hits = (
        hit(LONGGANG, first + second, 0.86),
        hit(FUTIAN, FUTIAN.text[: FUTIAN.text.index("\n")], 0.81),
        hit(LONGGANG, "下一步将在公园和学校设置低碳宣传点，鼓励市民绿色出行。", 0.42),
        hit(LIBRARY, "Readers asked for it, director Mei Lan said.", 0.11),
    )
    return Answer(question, "…", "en", citations, False, 0.84, hits, "g1")


class StubIndex:
    """What the page uses of `rag.Index`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def refresh(self) -> StubIndex:
        return self

    def articles(self) -> Iterator[Article]:
        return iter(ARTICLES)

    def info(self) -> IndexInfo:
        return INFO

    def ask(self, question: str, history: tuple[str, ...] = (), k: int = 5, **_: Any) -> Answer:
        self.asked.append((question, history))
        if question == "bad":
            raise QuestionError("the question is bad; ask another")
        if "carbon" in question:
            return carbon(question)
        language = "zh" if re.search(r"[\u4e00-\u9fff]", question) else "en"
        if "alert" in question or "脚本" in question:
            citation = cite(1, NASTY, NASTY_TEXT.split("\n")[1])
            hits = (hit(NASTY, NASTY_TEXT, 0.9),)
            return Answer(question, "…", "zh", (citation,), False, 0.6, hits, "g1")
        if "碳" in question:
            citation = cite(1, FUTIAN, "会议要求，新建公共建筑一律执行绿色建筑二星级以上标准。")
            return Answer(question, "…", "zh", (citation,), False, 0.55,
                          (hit(FUTIAN, citation.quote, 0.6),), "g1")  # fmt: skip
        near = (
            hit(LIBRARY, "The reading room seats 240 people.", 0.21),
            hit(FUTIAN, "福田区昨日召开碳达峰工作会议。", 0.12),
        )
        return Answer(question, "…", language, (), True, 0.08, near, "g1")  # type: ignore[arg-type]
