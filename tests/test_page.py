"""The page's pure functions: what is escaped, what is highlighted, what an answer looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

import rag
from rag.config import MAX_QUESTION_CHARS
from rag.page import answer as said
from rag.page import corpus as pictures
from rag.page import frame, markup
from rag.page import shelf as shelves
from rag.types import (
    Answer,
    Article,
    Bar,
    Citation,
    Explanation,
    Gloss,
    Landscape,
    Point,
    SignalShare,
    Statement,
    Understanding,
    WordMatch,
)
from tests.page_stub import (
    ARTICLES,
    FUTIAN,
    INFO,
    LIBRARY,
    LONGGANG,
    NASTY,
    NASTY_TEXT,
    NASTY_TITLE,
    StubIndex,
    carbon,
    cite,
    hit,
    span,
)

ROOT = Path(__file__).resolve().parent.parent
VOID = {"img", "br", "hr", "input", "link", "meta"}
OURS = {"a", "article", "b", "blockquote", "button", "code", "div", "h2", "h3", "header", "i"}
OURS |= {"details", "form", "h4", "input", "label", "nav", "pre", "s", "small", "summary"}
OURS |= {"li", "mark", "ol", "p", "rt", "ruby", "section", "span", "time", "ul"}


class Tree(HTMLParser):
    """Every element as (tag, attributes, text in it), in the order in which they begin."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str], list[str]]] = []
        self._open: list[int] = []
        self.feed(source)
        self.close()
        assert not self._open, "an element is never closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}, []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag: str) -> None:
        assert self.elements[self._open.pop()][0] == tag

    def handle_data(self, data: str) -> None:
        for position in self._open:
            self.elements[position][2].append(data)

    def find(self, tag: str, css: str = "") -> Iterator[tuple[dict[str, str], str]]:
        for name, attrs, text in self.elements:
            if name == tag and (not css or css in attrs.get("class", "").split()):
                yield attrs, "".join(text)


def marked(source: str, number: int) -> str:
    """The text in the marks of citation `number`."""
    marks = Tree(source).find("mark")
    return "".join(
        text for attrs, text in marks if str(number) in attrs.get("data-cites", "").split()
    )


def squeezed(text: str) -> str:
    return "".join(text.split())


def whole_turn(answer: Answer) -> str:
    return said.render_turn("0badcafe", said.render_answer(answer), said.render_sources(answer))


# --- escaping -----------------------------------------------------------------------------------


def nasty_answer() -> Answer:
    everything = cite(1, NASTY, NASTY_TEXT)
    glossed = replace(everything, gloss=(Gloss(0, 3, "第一行", ("<b>first</b>", '"><i>line')),))
    return Answer("<svg onload=alert(1)> **bold** $x$", "…", "zh", (glossed,), False, 0.5, (), "g")


def test_text_of_articles_and_questions_is_never_markup() -> None:
    page = whole_turn(nasty_answer()) + frame.render_start(ARTICLES)
    page += frame.render_front([NASTY_TITLE]) + frame.render_notice(NASTY_TITLE)
    tree = Tree(page)
    assert {tag for tag, _, _ in tree.elements} <= OURS
    assert not [name for _, attrs, _ in tree.elements for name in attrs if name.startswith("on")]
    assert any(text == NASTY_TITLE for _, text in tree.find("h3"))
    assert any(text == "# 不是标题" for _, text in tree.find("p"))
    assert "$x^2$ 与 **粗体**" in "".join(text for _, text in tree.find("mark"))


def test_only_web_addresses_become_links() -> None:
    assert markup.link("javascript:alert(1)") == ""
    assert markup.link("data:text/html,x") == ""
    assert markup.link(" https://a.example") == ""
    assert markup.link(None) == ""
    [(attrs, _)] = Tree(markup.link('https://a.example/?q="><b>&x=1')).find("a")
    assert attrs["href"] == 'https://a.example/?q="><b>&x=1'
    assert attrs["rel"] == "noopener noreferrer"


# --- highlights ---------------------------------------------------------------------------------


def test_pieces_cover_the_line_once_and_name_every_mark_over_them() -> None:
    one, two = markup.Mark(2, 6, number=1), markup.Mark(4, 9, number=2)
    assert list(markup.pieces(0, 10, [one, two])) == [
        (0, 2, ()),
        (2, 4, (one,)),
        (4, 6, (one, two)),
        (6, 9, (two,)),
        (9, 10, ()),
    ]
    assert list(markup.pieces(3, 5, [one])) == [(3, 5, (one,))]


def test_every_citation_highlights_exactly_its_span() -> None:
    answer = carbon()
    for source in said.sources_of(answer):
        rendered = markup.render_text(source.article, source.marks)
        for citation in source.citations:
            assert marked(rendered, citation.number) == citation.quote
        assert squeezed("".join(text for tag, text in blocks(rendered))) == squeezed(
            source.article.text
        )


def blocks(rendered: str) -> list[tuple[str, str]]:
    tree = Tree(rendered)
    return [(tag, "".join(text)) for tag, _, text in tree.elements if tag in {"p", "h3"}]


def test_overlapping_citations_and_one_over_several_lines() -> None:
    article = Article("a", "t", "一二三四五\n  六七八\n\n九十", "a.txt", "zh")
    marks = [markup.Mark(1, 9, number=1), markup.Mark(3, 14, number=2), markup.Mark(0, 2, hit=1)]
    rendered = markup.render_text(article, marks)
    assert marked(rendered, 1) == squeezed(article.text[1:9])
    assert marked(rendered, 2) == squeezed(article.text[3:14])
    tags = [attrs.get("data-tag") for attrs, _ in Tree(rendered).find("mark")]
    assert [tag for tag in tags if tag] == ["1", "2"]
    hits = [text for attrs, text in Tree(rendered).find("mark") if "data-hits" in attrs]
    assert "".join(hits) == "一二"
    assert next(Tree(rendered).find("mark"))[0]["class"] == "wb-hit"


def test_offsets_count_characters_outside_the_basic_plane() -> None:
    article = Article("a", "t", "𠮷野家😀开门了。明天见。", "a.txt", "zh")
    rendered = markup.render_text(article, [markup.Mark(4, 8, number=1)])
    assert marked(rendered, 1) == article.text[4:8] == "开门了。"


def test_headings_are_headings() -> None:
    assert [text for tag, text in blocks(markup.render_text(LONGGANG)) if tag == "h3"] == [
        "明确三项任务",
        "公众参与",
    ]


# --- answers ------------------------------------------------------------------------------------


def test_an_answer_is_grouped_by_article_with_a_button_for_every_citation() -> None:
    tree = Tree(said.render_answer(carbon()))
    assert [text for _, text in tree.find("h3")] == [LONGGANG.title, FUTIAN.title]
    assert [attrs["data-cite"] for attrs, _ in tree.find("button", "wb-cite")] == list("1234")
    assert [attrs["lang"] for attrs, _ in tree.find("blockquote")] == ["zh"] * 4
    [(_, confidence)] = tree.find("p", "wb-confidence")
    assert "Well supported" in confidence
    assert "0.84" in confidence


def test_a_quote_is_shown_as_it_stands() -> None:
    for citation in carbon().citations:
        [(_, text)] = Tree(said.render_quote(citation)).find("blockquote")
        assert text == f"{citation.quote}[{citation.number}]"
    english = cite(1, LIBRARY, LIBRARY.text.split("\n")[0])
    [(_, tail)] = Tree(said.render_quote(english)).find("span", "wb-tail")
    assert tail == "October.[1]"


def test_gloss_keeps_the_quote_and_marks_itself_as_an_aid() -> None:
    citation = carbon().citations[0]
    rendered = said.render_gloss(citation)
    [(attrs, text)] = Tree(rendered).find("div", "wb-gloss")
    assert "reading aid" in attrs["aria-label"]
    assert attrs["lang"] == "zh"
    words = [(text, attrs["title"]) for attrs, text in Tree(rendered).find("ruby")]
    assert ("决定，decide", "decide · decision") in words
    for _, gloss in Tree(rendered).find("rt"):
        text = text.replace(gloss, "", 1)
    assert text == citation.quote


def test_no_gloss_where_nothing_is_known() -> None:
    assert said.render_gloss(cite(1, FUTIAN, "会议", ("会议", ""))) == ""
    assert "data-gloss-toggle" not in said.render_answer(
        replace(carbon(), citations=(cite(1, FUTIAN, "福田区"),))
    )


def test_overlapping_glosses_do_not_repeat_the_quote() -> None:
    gloss = (Gloss(0, 2, "碳达", ("carbon",)), Gloss(1, 3, "达峰", ("peak",)))
    citation = replace(cite(1, FUTIAN, "碳达峰"), gloss=gloss)
    [(_, text)] = Tree(said.render_gloss(citation)).find("div", "wb-gloss")
    assert text == "碳达carbon峰"


@pytest.mark.parametrize(
    ("question", "words"),
    [("How many elephants?", "These articles don’t say."), ("有多少头大象？", "这些文章没有说。")],
)
def test_abstaining_says_so_and_offers_the_nearest_passages_as_such(
    question: str, words: str
) -> None:
    answer = StubIndex().ask(question)
    tree = Tree(said.render_answer(answer))
    [(_, absent)] = tree.find("p", "wb-absent")
    assert absent == words
    assert not list(tree.find("blockquote"))
    hits = [attrs["data-hit"] for attrs, _ in tree.find("button") if "data-hit" in attrs]
    assert hits == ["1", "2"]
    readers = list(Tree(said.render_sources(answer)).find("article", "wb-reader"))
    assert [attrs["aria-label"] for attrs, _ in readers] == [LIBRARY.title, FUTIAN.title]


def test_abstaining_with_nothing_near() -> None:
    answer = replace(StubIndex().ask("Elephants?"), hits=())
    assert "Nothing near the question" in said.render_answer(answer)
    assert said.render_sources(answer) == ""


def test_sources_put_cited_articles_first_and_carry_every_article_whole() -> None:
    tree = Tree(said.render_sources(carbon()))
    titles = [text for _, text in tree.find("h3") if text in {a.title for a in ARTICLES}]
    assert titles == [LONGGANG.title, FUTIAN.title, LIBRARY.title]
    whole = [squeezed(text) for _, text in tree.find("div", "wb-text")]
    assert whole == [squeezed(a.text) for a in (LONGGANG, FUTIAN, LIBRARY)]
    assert next(tree.find("li", "is-cited"))[1].count("0.86") == 2


def test_what_stands_there_as_news_has_no_scores() -> None:
    found = carbon()
    news = replace(found, hits=tuple(replace(h, signals={}, score=0.0) for h in found.hits))
    assert "wb-score" in said.render_sources(found)
    assert "wb-score" not in said.render_sources(news)
    assert "wb-confidence" in said.render_answer(found)
    assert "wb-confidence" not in said.render_answer(news)


@pytest.mark.parametrize(("value", "words"), [(0.9, "Well"), (0.65, "Partly"), (0.5, "Weakly")])
def test_confidence_in_plain_words(value: float, words: str) -> None:
    assert said.confidence_words(replace(carbon(), confidence=value)) == f"{words} supported"


# --- pages and doubts ---------------------------------------------------------------------------


PAGED = replace(LONGGANG, pages=((0, 2), (60, 3), (170, 4)))


def reader(article: Article, *citations: Citation) -> str:
    return said.render_reader(1, said.Source(article, list(citations), []), steps=True)


def facts(article: Article) -> str:
    [(_, line)] = Tree(reader(article)).find("p", "wb-meta")
    return line


@pytest.mark.parametrize(
    ("pages", "shown"),
    [([3], "p. 3"), ([4, 3], "pp. 3, 4"), ([3, None, 3], "p. 3"), ([12, 3], "pp. 3, 12")],
)
def test_pages_are_noted_once_each_in_order(pages: list[int | None], shown: str) -> None:
    [(attrs, text)] = Tree(markup.page_note(pages)).find("small", "wb-at")
    assert text == shown
    assert attrs["title"].endswith(f"page {shown.partition(' ')[2]}")


def test_without_pages_nothing_is_noted() -> None:
    assert markup.page_note([]) == markup.page_note([None, None]) == ""


def test_the_page_stands_beside_a_quote_from_a_paged_article() -> None:
    quote = "会议还决定，从明年起把减碳任务列入各街道的年度考核。"
    assert PAGED.page_at(span(PAGED, quote)[0]) == 3
    [(_, shown)] = Tree(said.render_quote(cite(1, PAGED, quote))).find("blockquote")
    assert shown == f"{quote}[1]p. 3"
    assert "wb-at" not in said.render_quote(cite(1, LONGGANG, quote))


def test_a_source_names_the_pages_of_its_passages() -> None:
    hits = [(1, hit(PAGED, "龙岗区", 0.9)), (2, hit(PAGED, "公众参与", 0.4))]
    [(_, line)] = Tree(said.render_card(1, said.Source(PAGED, [], hits))).find("p", "wb-meta")
    assert "pp. 2, 3" in line


def test_page_marks_stand_where_pages_begin_and_leave_the_text_unchanged() -> None:
    marks = [markup.Mark(40, 70, number=1), markup.Mark(60, 165, hit=1)]
    plain, paged = markup.render_text(LONGGANG, marks), markup.render_text(PAGED, marks)
    assert [attrs["data-page"] for attrs, _ in Tree(paged).find("i", "wb-page")] == list("234")
    assert re.sub(r'<i class="wb-page" data-page="\d+"></i>', "", paged) == plain
    assert blocks(paged) == blocks(plain)
    assert marked(paged, 1) == squeezed(PAGED.text[40:70])
    for begins, number in PAGED.pages:
        behind = paged.split(f'data-page="{number}"></i>', 1)[1]
        assert re.sub("<[^>]*>", "", behind).startswith(PAGED.text[begins : begins + 5])


def test_a_stretch_holds_the_pages_that_begin_in_it_and_no_others() -> None:
    article = Article("a", "t", "一二<三>四", "a.pdf", "zh", pages=((0, 7), (2, 8), (5, 9)))
    mark = '<i class="wb-page" data-page="{}"></i>'.format
    assert markup.paged(article, 0, 6) == f"{mark(7)}一二{mark(8)}&lt;三&gt;{mark(9)}四"
    assert markup.paged(article, 1, 2) == "二"
    assert markup.paged(article, 2, 5) == f"{mark(8)}&lt;三&gt;"
    assert markup.paged(article, 0, 5) + markup.paged(article, 5, 6) == markup.paged(article, 0, 6)


def test_the_reader_names_some_copies_and_not_where_the_server_keeps_its_files() -> None:
    copies = tuple(f"/srv/papers/may/{n}<b>.txt" for n in range(said.COPIES + 1))
    line = facts(replace(LONGGANG, copies=copies))
    for n in range(said.COPIES):
        assert f"also in may/{n}<b>.txt" in line
    assert f"{said.COPIES}<b>" not in line
    assert "srv" not in line
    assert "also in" not in facts(LONGGANG)


def test_the_reader_says_where_a_reading_is_doubtful() -> None:
    words = "may be incomplete"
    assert words in facts(replace(LONGGANG, confidence=rag.DOUBTFUL_BELOW - 0.01))
    assert words not in facts(replace(LONGGANG, confidence=rag.DOUBTFUL_BELOW))
    assert words not in facts(LONGGANG)


def test_the_reader_opens_the_whole_text_with_its_pages() -> None:
    opened = reader(PAGED, cite(1, PAGED, "会议还决定"))
    [(_, text)] = Tree(opened).find("div", "wb-text")
    assert squeezed(text) == squeezed(PAGED.text)
    assert opened.count('class="wb-page"') == len(PAGED.pages)


# --- the page around it -------------------------------------------------------------------------


def test_masthead_tells_the_state_of_the_index() -> None:
    text = "".join(text for _, text in Tree(frame.render_masthead(INFO)).find("p", "wb-folio"))
    for fact in ("4", "9", "2022-09-15", "2022-10-01", "bilingual", "2022-11-0", "--model"):
        assert fact in text


def test_questions_that_cannot_be_asked() -> None:
    assert frame.question_problem("?") is None
    assert frame.question_problem("字" * MAX_QUESTION_CHARS) is None
    for bad in ("", "  \n", "x" * (MAX_QUESTION_CHARS + 1)):
        problem = frame.question_problem(bad)
        assert problem is not None
        assert all("\n" not in line for line in problem)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [":root", ".dark"])
def test_every_text_colour_is_readable_on_every_ground_it_stands_on(theme: str) -> None:
    css = (ROOT / "ui_assets/page.css").read_text(encoding="utf-8")
    block = css.split(f"\n{theme} {{", 1)[1].split("}", 1)[0]
    colours = dict(re.findall(r"--wb-([\w-]+): (#\w{6});", block))
    grounds = {
        "ink": ["paper", "side", "card", "cited", "cited-now", "hit"],
        "soft": ["paper", "side", "card"],
        "seal": ["paper", "side", "card", "seal-soft"],
        "tag": ["cited", "cited-now"],
        "paper": ["seal"],
    }
    for text, behind in grounds.items():
        for ground in behind:
            light, dark = sorted((luminance(colours[text]), luminance(colours[ground])))[::-1]
            assert (light + 0.05) / (dark + 0.05) >= 4.5, f"{text} on {ground} in {theme}"


# --- readings, words of a model, tools ----------------------------------------------------------


def test_readings_of_a_question_are_chips_that_say_what_they_take_back() -> None:
    understood = Understanding(("福田", "机制"), "2022年2月", "2022-02-01", "2022-03-01")
    answer = replace(carbon(), language="zh", understood=understood)
    chips = {
        attrs["data-drop"]: text
        for attrs, text in Tree(said.render_answer(answer)).find("button", "wb-reading-chip")
    }
    assert "2022-02-01 – 2022-03-01" in chips["dates"]
    assert "福田、机制" in chips["carried"]
    assert "wb-reading-chip" not in said.render_answer(carbon())


@pytest.mark.parametrize(
    ("first", "last", "shown"),
    [
        ("2022-09-14", "2022-09-14", "2022-09-14"),
        ("2022-09-01", None, "since 2022-09-01"),
        (None, "2022-09-30", "until 2022-09-30"),
    ],
)
def test_open_ends_of_a_period(first: str | None, last: str | None, shown: str) -> None:
    understood = Understanding(phrase="then", date_from=first, date_to=last)
    assert shown in said.render_understood(replace(carbon(), understood=understood))


def test_where_no_article_of_the_dates_answered_the_page_says_so() -> None:
    understood = Understanding((), "last week", "2026-11-09", "2026-11-16", widened=True)
    rendered = said.render_understood(replace(carbon(), understood=understood))
    assert "this is from all articles" in rendered
    assert "data-drop" not in rendered


def test_a_models_sentences_carry_their_citations_and_its_failure_its_reason() -> None:
    statements = (Statement("Two <b>tasks</b> were set.", (1, 2)), Statement("Offices lead.", (4,)))
    tree = Tree(said.render_answer(replace(carbon(), statements=statements)))
    [(_, text)] = tree.find("div", "wb-written")
    assert text.startswith("Two <b>tasks</b> were set.[1][2] Offices lead.[4]")
    assert "checked" in text
    fallen = said.render_answer(replace(carbon(), fallback="the model did not answer in time"))
    assert "the model did not answer in time" in fallen
    assert "wb-written" not in fallen


def test_every_answer_can_be_copied_in_each_style() -> None:
    tree = Tree(said.render_answer(carbon()))
    texts = {attrs["data-text"]: text for attrs, text in tree.find("pre")}
    assert set(texts) == {
        attrs["data-copy"] for attrs, _ in tree.find("button") if "data-copy" in attrs
    }
    for style in rag.STYLES:
        assert texts[style] == rag.format_answer(carbon(), style, read_on=date.today())


def test_next_questions_are_text() -> None:
    [(attrs, text)] = Tree(said.render_next([NASTY_TITLE], "en")).find("button", "wb-chip")
    assert attrs["data-ask"] == text == NASTY_TITLE
    assert said.render_next([], "en") == ""


def test_why_a_passage_shows_shares_and_words() -> None:
    signals = (SignalShare("late", 0.6, 0.5, 0.75), SignalShare("dense", 0.2, 0.5, 0.25))
    words = (
        WordMatch("carbon", "碳", 3, 4, 0.8, "translation"),
        WordMatch("2022", "2022", 0, 4, 1.0, "same"),
    )
    tree = Tree(said.render_why(Explanation(signals, words, ("penguin",))))
    lines = [text for _, text in tree.find("li")]
    assert "75%" in lines[0]
    assert "carbon → 碳 0.80" in lines[2]
    assert "→" not in lines[3]
    assert "penguin" in lines[4]
    assert said.render_why(None) == ""


def test_the_articles_of_one_story_stand_under_the_first() -> None:
    sources = said.sources_of(carbon())
    tree = Tree(said.render_cards(sources, [(LONGGANG, FUTIAN), (LIBRARY,)]))
    [(_, similar)] = tree.find("li", "wb-similar")
    assert "+1 similar" in similar
    assert FUTIAN.title in similar
    assert LIBRARY.title not in similar
    ids = [attrs["data-article"] for attrs, _ in tree.find("li", "wb-card")]
    assert ids == ["longgang", "futian", "library"]


# --- library and corpus -------------------------------------------------------------------------


def test_the_library_is_searched_by_every_word() -> None:
    shelf = [shelves.listed(article, n) for n, article in enumerate(ARTICLES, 1)]
    assert [one.article.id for one in shelves.found(shelf, "harbour LIBRARY")] == ["library"]
    assert [one.article.id for one in shelves.found(shelf, "任小琦")] == ["longgang"]
    assert shelves.found(shelf, "harbour elephants") == []
    assert len(shelves.found(shelf, "  ")) == len(ARTICLES)
    tree = Tree(shelves.render_shelf(shelf))
    assert [attrs["data-fetch"] for attrs, _ in tree.find("button")] == [a.id for a in ARTICLES]
    assert any(text == NASTY_TITLE for _, text in tree.find("button"))


def test_a_long_library_says_how_much_of_it_is_shown() -> None:
    shelf = [shelves.listed(LIBRARY, 1)] * (shelves.SHOWN + 1)
    tree = Tree(shelves.render_shelf(shelf))
    assert len(list(tree.find("button"))) == shelves.SHOWN
    assert "the first 200 are shown" in next(tree.find("p", "wb-count"))[1]


def test_what_became_of_added_files() -> None:
    taken = rag.Added("a.txt", True, stories=2, titles=(NASTY_TITLE, "t"))
    refused = rag.Added("b<b>.mp3", False, "not a kind that is read")
    tree = Tree(shelves.render_added([taken, refused]))
    assert any(text == NASTY_TITLE for _, text in tree.find("li"))
    [(_, text)] = tree.find("li", "is-refused")
    assert "b<b>.mp3" in text
    assert "not a kind that is read" in text


def landscape() -> Landscape:
    points = (
        Point("longgang", LONGGANG.title, "2022-09-15", 0.0, 1.0),
        Point("nasty", NASTY_TITLE, None, 0.5, 0.5),
        Point("library", LIBRARY.title, "2022-11-01", 1.0, 0.0),
    )
    timeline = (
        Bar("2022-09-01", "2022-09-30", 1),
        Bar("2022-10-01", "2022-10-31", 0),
        Bar("2022-11-01", "2022-11-30", 4),
    )
    return Landscape(points, timeline, "month", 5, 1)


def test_the_map_has_a_dot_for_every_point_inside_its_frame() -> None:
    tree = Tree(pictures.render_map(landscape()))
    dots = list(tree.find("circle"))
    assert [attrs["data-fetch"] for attrs, _ in dots] == ["longgang", "nasty", "library"]
    assert dots[1][1] == NASTY_TITLE
    for attrs, _ in dots:
        assert 0 < float(attrs["cx"]) < 520
        assert 0 < float(attrs["cy"]) < 520
    assert "Only 3 articles are drawn" in pictures.render_corpus(landscape())


def test_the_bars_of_the_timeline_are_as_tall_as_their_counts() -> None:
    bars = [attrs for attrs, _ in Tree(pictures.render_timeline(landscape())).find("rect")]
    assert [float(bar["height"]) for bar in bars] == [30.0, 0.0, 120.0]
    assert [bar["data-ids"] for bar in bars] == ["longgang", "", "library"]
    assert pictures.render_timeline(Landscape((), (), "month", 0, 0)) == ""
