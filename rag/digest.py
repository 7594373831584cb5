"""A question that asks for the news alone → the openings of the newest articles.

"What happened last week?" and 这些文章讲了什么？ name no matter that could be searched for. Which
articles are the newest is for the index to say; nothing is searched for here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answer import abstention_text, answer_text, cite
from rag.question import Question
from rag.text import sentence_spans
from rag.types import Answer, Article, Hit, Passage, TokenTable

ARTICLES = 5  # whose openings are quoted
LEAST_QUOTE = 12  # characters: a shorter sentence brings the next one along

_EN_THESE = r"(?:(?:the|these|this|those|your|my) )?(?:articles?|papers?|documents?|news|folder)"
_NEWS = re.compile(
    # 最近有什么新闻？ 有哪些报道？ 新闻有哪些？
    r"(?:最近|近来|近期|最新)?的?(?:都|又)?(?:有|发生了?)(?:了|过)?(?:些)?(?:什么|哪些|哪几[篇条]|啥)"
    r"(?:重要|重大|最新|新)?的?(?:新闻|消息|大事|报道|文章|动态)|"
    r"(?:最近|近期|最新)?的?(?:重要|重大|最新)?的?(?:新闻|消息|大事|报道|文章|动态)(?:都)?(?:有哪些|有什么|是什么)|"
    # 这些文章讲了什么？ 概括一下这些新闻
    r"(?:这|那)(?:些|批|几篇)?(?:文章|报道|新闻|报纸|材料|文件)里?(?:主要|都)?(?:讲|说|写|报道|关于)(?:了|的)?(?:是)?"
    r"(?:些)?(?:什么|啥|哪些(?:内容|事情?)?)(?:内容|事情?)?|"
    r"(?:请)?(?:概括|总结|介绍|归纳)(?:一下)?(?:这|那)(?:些|批|几篇)?(?:文章|报道|新闻|报纸|材料)(?:的内容)?|"
    rf"what(?:'s| is| are| was| were) (?:in )?{_EN_THESE}(?: (?:about|say|saying|cover))?|"
    rf"what (?:do|does|did) {_EN_THESE} (?:say|cover|report|contain)|"
    r"(?:what(?:'s| is)|is there) (?:any )?(?:new|in the news|the (?:latest )?news)|"
    r"(?:any|the|the latest|latest|recent|what(?:'s| is) the|what) news(?: (?:is|was) there)?|"
    rf"(?:please )?(?:summari[sz]e|give me an? (?:overview|summary) of) {_EN_THESE}",
    re.IGNORECASE,
)
_EVENTS = re.compile(
    r"(?:都|又)?(?:有|发生|出)(?:了|过)?(?:些)?(?:什么|哪些|啥)(?:事情?|新鲜事)?(?:发生)?|"
    r"what(?:'s| has| have| was| is)? ?(?:happen(?:ed|ing|s)?|been happening|going on|went on)",
    re.IGNORECASE,
)
_AROUND = re.compile(
    r"^[\s,，]*(?:在|于|in|on)?[\s,，]+|(?:\s+(?:in|on|of|from|during))?[\s?？!！。.,，吗呢呀]+$",
    re.IGNORECASE,
)


def asks_for_news(rest: str, *, dated: bool) -> bool:
    """Whether a question asks for what is new and for nothing else.

    Args:
        rest: the question without the words of its period.
        dated: whether it has a period; then "what happened" is enough.
    """
    text = " ".join(_AROUND.sub("", f" {rest} ").split())
    return bool(_NEWS.fullmatch(text) or (dated and _EVENTS.fullmatch(text)))


def digest(
    asked: Question,
    newest: Sequence[tuple[Article, Passage]],
    total: int,
    *,
    k: int,
    table: TokenTable,
    generation: str,
) -> Answer:
    """The first sentence of each article, as an answer.

    Args:
        asked: the question as it was put.
        newest: articles with their first passages, newest first; the answer abstains without any.
        total: how many articles there are in all.
    """
    hits = [Hit(article, p.start, p.end, p.text, p.heading, 0.0, {}) for article, p in newest]
    citations = [
        cite(number, article, _opening(passage), asked.language, table)
        for number, (article, passage) in enumerate(newest, 1)
    ]
    if asked.language == "zh":
        note = f"共 {total:,} 篇文章" + ("，最新的是：" if total > len(newest) else "：")
    else:
        note = f"{total:,} article{'' if total == 1 else 's'}"
        note += ", the newest first:" if total > len(newest) else ":"
    return Answer(
        question=asked.text,
        text=answer_text(citations, note) if citations else abstention_text(asked.language, ()),
        language=asked.language,
        citations=tuple(citations),
        abstained=not citations,
        confidence=1.0 if citations else 0.0,
        hits=tuple(hits[:k]),
        generation=generation,
        note=note if citations else "",
    )


def _opening(passage: Passage) -> tuple[int, int]:
    """Offsets in the article of a passage's first sentence, and of the next if it is short."""
    spans = sentence_spans(passage.text)
    start, end = spans[0]
    for _, stop in spans:
        end = stop
        if end - start >= LEAST_QUOTE:
            break
    return passage.start + start, passage.start + end
