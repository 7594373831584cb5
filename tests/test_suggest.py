"""Questions that are offered: every one has been asked, and reads as a person would ask it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import rag
from rag.suggest import MOST_ASKED, examples, suggest
from rag.types import Answer, Article, Citation, Hit, Language
from rag.wording import after, last_resort, openings

_HEADING = "为什么要搬"
_MARKET = (
    "东堤农贸市场昨天搬家。摊位费从每月每平方米46元起。市商务局局长荀立言说，老市场地面积水是最大的问题。"
    "新市场位于河边，有95个车位。\n为什么要搬\n因为老市场太旧。会议定了三条规矩。"
)
MARKET = Article(
    "market",
    "东堤农贸市场搬进新楼",
    _MARKET,
    "market.txt",
    "zh",
    headings=((_MARKET.index(_HEADING), _HEADING),),
)
CLINIC = Article(
    "clinic",
    "Hospital Opens a Night Clinic",
    "The night clinic opened on Sunday. A night visit costs 18 yuan. Ming Yuhe, the "
    "vice-president, said parents had asked for it. Parents said they were glad. "
    "It has five tasks.",
    "clinic.txt",
    "en",
)


def reply(question: str, quotes: Sequence[tuple[Article, int, int]] = ()) -> Answer:
    """An answer that quotes these spans."""
    citations = tuple(
        Citation(number, article, start, end, article.text[start:end])
        for number, (article, start, end) in enumerate(quotes, 1)
    )
    language: Language = "en" if question.isascii() else "zh"
    hits = tuple(Hit(a, s, e, a.text[s:e], None, 0.5, {}) for a, s, e in quotes)
    return Answer(question, "", language, citations, not citations, 0.9, hits, "g")


def asked_after(article: Article, language: Language, quoted: str = "") -> list[str]:
    start = article.text.find(quoted)
    spans = [(start, start + len(quoted))] if quoted else []
    return [candidate.question for candidate in after(article, spans, language)]


def test_what_one_asks_next_of_a_chinese_article() -> None:
    assert asked_after(MARKET, "zh") == [
        "为什么要搬？",
        "是哪三条规矩？",
        "摊位费是多少？",
        "在什么地方？",
        "为什么会这样？",
        "有什么困难？",
        "有多少个车位？",
        "市商务局局长荀立言说了什么？",
    ]


def test_the_same_in_english_where_only_a_name_is_filled_in() -> None:
    assert asked_after(MARKET, "en") == [
        "What are the three rules?",
        "How much is a stall?",
        "Where is it?",
        "Why is that?",
        "What are the problems?",
        "How many parking spaces are there?",
        "What did Xun Liyan say?",
    ]


def test_what_one_asks_next_of_an_english_article() -> None:
    assert (
        asked_after(CLINIC, "en")
        == [
            "What are the five tasks?",
            "How much does it cost?",
            "When does it open?",
            "What do parents say?",
            "What did Ming Yuhe say?",
        ]
        or asked_after(CLINIC, "en")[0] == "What are the five tasks?"
    )
    assert "Ming Yuhe 说了什么？" in asked_after(CLINIC, "zh")
    assert "是哪五项任务？" in asked_after(CLINIC, "zh")


def test_what_was_quoted_is_not_asked_for_again() -> None:
    assert "有多少个车位？" not in asked_after(MARKET, "zh", "新市场位于河边，有95个车位。")
    assert "在什么地方？" not in asked_after(MARKET, "zh", "新市场位于河边，有95个车位。")
    assert "摊位费是多少？" in asked_after(MARKET, "zh", "新市场位于河边，有95个车位。")


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("区委书记张礼卫说，要快。", ["区委书记张礼卫说了什么？"]),
        ("书记和区长说，要快。", []),
        ("局长们说，要快。", []),
    ],
)
def test_a_person_is_a_name_behind_an_office(said: str, names: list[str]) -> None:
    questions = asked_after(Article("a", "题", said, "a.txt", "zh"), "zh")
    assert [question for question in questions if "说了什么" in question] == names


@pytest.mark.parametrize(
    ("title", "text", "language", "question"),
    [
        ("渔港的冰为什么贵了", "因为停电。", "zh", "渔港的冰为什么贵了？"),
        ("开工首周 深圳多区传递哪些重要信号？", "开会。", "zh", "深圳多区传递哪些重要信号？"),
        (
            "龙岗区召开碳达峰碳中和工作领导小组会议",
            "会议决定了五件事。",
            "zh",
            "龙岗区碳达峰碳中和工作领导小组会议决定了什么？",
        ),
        (
            "半夜警报",
            "禾湾县很小。禾湾县应急管理局局长裴东林说，好。",
            "zh",
            "禾湾县应急管理局局长是谁？",
        ),
        (
            "半夜警报",
            "禾湾县很小，禾湾人说。县应急管理局局长裴东林说，好。",
            "zh",
            "禾湾县应急管理局局长是谁？",
        ),
        ("柳塘老街重开", "柳塘老街位于城东。", "zh", "柳塘老街在哪里？"),
        ("访谈", "龙岗区委书记张礼卫说，好。", "en", "Who is the Party secretary of Longgang?"),
        (
            "电梯修好了",
            "枚城市的电梯停了，枚城人都知道。",
            "en",
            "What do the articles say about lifts in Meicheng?",
        ),
        (
            "图书馆的灯",
            "云泊市的图书馆亮了，云泊人都来。",
            "en",
            "What do the articles say about libraries?",
        ),
    ],
)
def test_what_one_asks_who_has_not_seen_an_article(
    title: str, text: str, language: Language, question: str
) -> None:
    """泊 is read in two ways, so 云泊 is not spelled."""
    article = Article("a", title, text, "a.txt", "zh")
    assert question in [candidate.question for candidate in openings(article, language)]


def test_an_english_article_is_asked_for_in_both_languages() -> None:
    assert [c.question for c in openings(CLINIC, "en")] == [
        "When did the night clinic open?",
        "How much does a night visit cost?",
        "What did Ming Yuhe say?",
        "What do the articles say about night clinics?",
    ]
    assert [c.question for c in openings(CLINIC, "zh")] == ["夜间门诊怎么样了？"]


@pytest.mark.parametrize(
    ("title", "language", "questions"),
    [
        ("消防栓漏水 三个月没人认领", "zh", ["消防栓漏水，三个月没人认领，是怎么回事？"]),
        ("麦田里的测雨员", "zh", ["《麦田里的测雨员》讲了什么？"]),
        ("《条例》公布", "zh", ["《〈条例〉公布》讲了什么？"]),
        ("Town Buys Its Meters", "en", ["What is said in “Town Buys Its Meters”?"]),
        ("渔港的冰为什么贵了", "zh", []),
        ("长" * 3000, "zh", []),
    ],
)
def test_the_last_resort_names_the_title(
    title: str, language: Language, questions: list[str]
) -> None:
    article = Article("a", title, "正文。", "a.txt", language)
    assert [c.question for c in last_resort(article, language)] == questions


def test_english_wordings_over_the_sample_are_plain_english(sample_index: rag.Index) -> None:
    made = [
        candidate.question
        for article in sample_index.articles()
        for candidate in (*after(article, [], "en"), *openings(article, "en"))
    ]
    assert len(made) > 50
    assert [question for question in made if not question.isascii()] == []


QUESTIONS = [
    "演练时警报喇叭没响的村子是怎么通知人的？",
    "傍晚没卖掉的青菜最后送给谁？",
    "低碳城的场馆用了哪些新技术？",
    "What share of the Liutang money went underground?",
    "Who will wake up old people living alone when there is a flood?",
    "How much has been spent on cleaning the Qingmu so far, and who paid the largest part?",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_suggestion_is_answered_with_something_new(
    sample_index: rag.Index, question: str
) -> None:
    answer = sample_index.ask(question)
    found = sample_index.suggest(answer)
    assert 1 <= len(found) <= 3
    seen = {(c.article.id, c.start) for c in answer.citations}
    for suggestion in found:
        assert suggestion.isascii() == question.isascii() or "“" in suggestion
        follow_up = sample_index.ask(suggestion, [question])
        assert not follow_up.abstained
        new = {(c.article.id, c.start) for c in follow_up.citations} - seen
        assert new, f"{suggestion} leads nowhere new"
        seen |= new


def test_headings_that_ask_come_first(sample_index: rag.Index) -> None:
    answer = sample_index.ask("演练时警报喇叭没响的村子是怎么通知人的？")
    assert sample_index.suggest(answer)[:2] == ["为什么选在半夜？", "接下来怎么办？"]
    assert sample_index.suggest(answer, count=0) == []


def never(question: str, history: Sequence[str]) -> Answer:
    return reply(question)


def test_what_is_not_answered_is_not_offered_and_few_are_tried() -> None:
    asked: list[str] = []

    def ask(question: str, history: Sequence[str]) -> Answer:
        asked.append(question)
        return never(question, history)

    assert suggest(reply("市场怎么样？", [(MARKET, 0, 11)]), [], ask, 3) == []
    assert len(asked) == MOST_ASKED == len(set(asked))


def quoting(*spans: tuple[int, int]) -> Callable[[str, Sequence[str]], Answer]:
    return lambda question, history: reply(question, [(MARKET, start, end) for start, end in spans])


def test_two_suggestions_never_lead_to_the_same_quotes() -> None:
    answer = reply("市场怎么样？", [(MARKET, 0, 11)])
    whole = quoting((11, len(MARKET.text)))  # whatever is asked, all of it is quoted
    assert suggest(answer, [], whole, 3) == ["为什么要搬？"]


def test_an_answer_must_quote_what_the_question_was_made_from() -> None:
    answer = reply("市场怎么样？", [(MARKET, 0, 11)])
    fee = MARKET.text.index("摊位费")
    assert suggest(answer, [], quoting((fee, fee + 5)), 3) == ["摊位费是多少？"]


def test_what_was_asked_before_is_not_offered() -> None:
    answer = reply("摊位费是多少？", [(MARKET, 0, 11)])
    histories: list[tuple[str, ...]] = []

    def ask(question: str, history: Sequence[str]) -> Answer:
        histories.append(tuple(history))
        assert question not in history
        return reply(question)

    suggest(answer, ["为什么要搬？"], ask, 3)
    assert set(histories) == {("为什么要搬？", "摊位费是多少？")}


def test_without_an_answer_the_nearest_articles_are_asked_for() -> None:
    nothing = reply("Was there a strike?")
    near = Hit(CLINIC, 0, 34, CLINIC.text[:34], None, 0.3, {})
    answer = Answer(nothing.question, "", "en", (), True, 0.1, (near,), "g")
    whole = [(CLINIC, 0, len(CLINIC.text))]
    found = suggest(answer, [], lambda question, history: reply(question, whole), 3)
    assert found == ["When did the night clinic open?"]


def test_an_article_that_is_hardly_related_gives_none() -> None:
    best = Hit(CLINIC, 0, 34, CLINIC.text[:34], None, 0.8, {})
    weak = Hit(MARKET, 0, 11, MARKET.text[:11], None, 0.4, {})
    answer = Answer("What?", "", "en", (), True, 0.1, (best, weak), "g")
    asked: list[str] = []

    def ask(question: str, history: Sequence[str]) -> Answer:
        asked.append(question)
        return reply(question)

    suggest(answer, [], ask, 3)
    assert asked
    assert not any("market" in question for question in asked)


def test_examples_of_the_sample_are_answered_and_alternate(sample_index: rag.Index) -> None:
    found = sample_index.examples()
    assert found == sample_index.examples()
    assert [question.isascii() for question in found] == [False, True] * 3
    first = []
    for question in found:
        answer = sample_index.ask(question)
        assert not answer.abstained
        first.append(answer.citations[0].article.id)
    assert len(set(first)) == 6  # six articles
    assert "东堤农贸市场的摊位费是多少？" in found
    assert not any(question.startswith(("《", "What is said")) for question in found)
    assert sample_index.examples(2) == found[:2]
    assert sample_index.examples(0) == []


def test_a_corpus_of_one_language_is_asked_in_both(tmp_path: Path, sample_articles: Path) -> None:
    name = "qingmu_river_en.txt"
    rag.build_index([str(sample_articles / name)], str(tmp_path))
    index = rag.open_index(str(tmp_path))
    assert index.examples() == ["排污口怎么样了？"]  # one article gives one question


def test_an_example_must_be_answered_first_by_its_own_article() -> None:
    other = reply("x", [(CLINIC, 0, 34), (MARKET, 0, len(MARKET.text))])
    assert examples([MARKET], lambda question, history: other, 3) == []
    own = reply("x", [(MARKET, 0, len(MARKET.text)), (CLINIC, 0, 34)])
    assert len(examples([MARKET], lambda question, history: own, 3)) == 1
    assert examples([MARKET], never, 3) == []
