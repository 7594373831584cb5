"""The page's pure functions: what is escaped, what is highlighted, what an answer looks like."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

import rag
import ui
from rag.config import MAX_QUESTION_CHARS
from rag.errors import MissingIndexError
from rag.types import Answer, Article, Citation, Gloss
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

VOID = {"img", "br", "hr", "input", "link", "meta"}
OURS = {"a", "article", "b", "blockquote", "button", "code", "div", "h2", "h3", "header", "i"}
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


# --- escaping -----------------------------------------------------------------------------------


def nasty_answer() -> Answer:
    everything = cite(1, NASTY, NASTY_TEXT)
    glossed = replace(everything, gloss=(Gloss(0, 3, "第一行", ("<b>first</b>", '"><i>line')),))
    return Answer("<svg onload=alert(1)> **bold** $x$", "…", "zh", (glossed,), False, 0.5, (), "g")


def test_text_of_articles_and_questions_is_never_markup() -> None:
    page = ui.render_turn(nasty_answer()) + ui.render_start(ARTICLES)
    page += ui.render_front([NASTY_TITLE]) + ui.render_notice(NASTY_TITLE)
    tree = Tree(page)
    assert {tag for tag, _, _ in tree.elements} <= OURS
    assert not [name for _, attrs, _ in tree.elements for name in attrs if name.startswith("on")]
    assert any(text == NASTY_TITLE for _, text in tree.find("h3"))
    assert any(text == "# 不是标题" for _, text in tree.find("p"))
    assert "$x^2$ 与 **粗体**" in "".join(text for _, text in tree.find("mark"))


def test_only_web_addresses_become_links() -> None:
    assert ui.link("javascript:alert(1)") == ""
    assert ui.link("data:text/html,x") == ""
    assert ui.link(" https://a.example") == ""
    assert ui.link(None) == ""
    [(attrs, _)] = Tree(ui.link('https://a.example/?q="><b>&x=1')).find("a")
    assert attrs["href"] == 'https://a.example/?q="><b>&x=1'
    assert attrs["rel"] == "noopener noreferrer"


# --- highlights ---------------------------------------------------------------------------------


def test_pieces_cover_the_line_once_and_name_every_mark_over_them() -> None:
    one, two = ui.Mark(2, 6, number=1), ui.Mark(4, 9, number=2)
    assert list(ui.pieces(0, 10, [one, two])) == [
        (0, 2, ()),
        (2, 4, (one,)),
        (4, 6, (one, two)),
        (6, 9, (two,)),
        (9, 10, ()),
    ]
    assert list(ui.pieces(3, 5, [one])) == [(3, 5, (one,))]


def test_every_citation_highlights_exactly_its_span() -> None:
    answer = carbon()
    for source in ui.sources_of(answer):
        rendered = ui.render_text(source.article, source.marks)
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
    marks = [ui.Mark(1, 9, number=1), ui.Mark(3, 14, number=2), ui.Mark(0, 2, hit=1)]
    rendered = ui.render_text(article, marks)
    assert marked(rendered, 1) == squeezed(article.text[1:9])
    assert marked(rendered, 2) == squeezed(article.text[3:14])
    tags = [attrs.get("data-tag") for attrs, _ in Tree(rendered).find("mark")]
    assert [tag for tag in tags if tag] == ["1", "2"]
    hits = [text for attrs, text in Tree(rendered).find("mark") if "data-hits" in attrs]
    assert "".join(hits) == "一二"
    assert next(Tree(rendered).find("mark"))[0]["class"] == "wb-hit"


def test_offsets_count_characters_outside_the_basic_plane() -> None:
    article = Article("a", "t", "𠮷野家😀开门了。明天见。", "a.txt", "zh")
    rendered = ui.render_text(article, [ui.Mark(4, 8, number=1)])
    assert marked(rendered, 1) == article.text[4:8] == "开门了。"


def test_headings_are_headings() -> None:
    assert [text for tag, text in blocks(ui.render_text(LONGGANG)) if tag == "h3"] == [
        "明确三项任务",
        "公众参与",
    ]


# --- answers ------------------------------------------------------------------------------------


def test_an_answer_is_grouped_by_article_with_a_button_for_every_citation() -> None:
    tree = Tree(ui.render_answer(carbon()))
    assert [text for _, text in tree.find("h3")] == [LONGGANG.title, FUTIAN.title]
    assert [attrs["data-cite"] for attrs, _ in tree.find("button", "wb-cite")] == list("1234")
    assert [attrs["lang"] for attrs, _ in tree.find("blockquote")] == ["zh"] * 4
    [(_, confidence)] = tree.find("p", "wb-confidence")
    assert "Well supported" in confidence
    assert "0.84" in confidence


def test_a_quote_is_shown_as_it_stands() -> None:
    for citation in carbon().citations:
        [(_, text)] = Tree(ui.render_quote(citation)).find("blockquote")
        assert text == f"{citation.quote}[{citation.number}]"
    english = cite(1, LIBRARY, LIBRARY.text.split("\n")[0])
    [(_, tail)] = Tree(ui.render_quote(english)).find("span", "wb-tail")
    assert tail == "October.[1]"


def test_gloss_keeps_the_quote_and_marks_itself_as_an_aid() -> None:
    citation = carbon().citations[0]
    rendered = ui.render_gloss(citation)
    [(attrs, text)] = Tree(rendered).find("div", "wb-gloss")
    assert "reading aid" in attrs["aria-label"]
    assert attrs["lang"] == "zh"
    words = [(text, attrs["title"]) for attrs, text in Tree(rendered).find("ruby")]
    assert ("决定，decide", "decide · decision") in words
    for _, gloss in Tree(rendered).find("rt"):
        text = text.replace(gloss, "", 1)
    assert text == citation.quote


def test_no_gloss_where_nothing_is_known() -> None:
    assert ui.render_gloss(cite(1, FUTIAN, "会议", ("会议", ""))) == ""
    assert "data-gloss-toggle" not in ui.render_answer(
        replace(carbon(), citations=(cite(1, FUTIAN, "福田区"),))
    )


def test_overlapping_glosses_do_not_repeat_the_quote() -> None:
    gloss = (Gloss(0, 2, "碳达", ("carbon",)), Gloss(1, 3, "达峰", ("peak",)))
    citation = replace(cite(1, FUTIAN, "碳达峰"), gloss=gloss)
    [(_, text)] = Tree(ui.render_gloss(citation)).find("div", "wb-gloss")
    assert text == "碳达carbon峰"


@pytest.mark.parametrize(
    ("question", "words"),
    [("How many elephants?", "These articles don’t say."), ("有多少头大象？", "这些文章没有说。")],
)
def test_abstaining_says_so_and_offers_the_nearest_passages_as_such(
    question: str, words: str
) -> None:
    answer = StubIndex().ask(question)
    tree = Tree(ui.render_answer(answer))
    [(_, absent)] = tree.find("p", "wb-absent")
    assert absent == words
    assert not list(tree.find("blockquote"))
    assert [attrs["data-hit"] for attrs, _ in tree.find("button")] == ["1", "2"]
    readers = list(Tree(ui.render_sources(answer)).find("article", "wb-reader"))
    assert [attrs["aria-label"] for attrs, _ in readers] == [LIBRARY.title, FUTIAN.title]


def test_abstaining_with_nothing_near() -> None:
    answer = replace(StubIndex().ask("Elephants?"), hits=())
    assert "Nothing near the question" in ui.render_answer(answer)
    assert ui.render_sources(answer) == ""


def test_sources_put_cited_articles_first_and_carry_every_article_whole() -> None:
    tree = Tree(ui.render_sources(carbon()))
    titles = [text for _, text in tree.find("h3") if text in {a.title for a in ARTICLES}]
    assert titles == [LONGGANG.title, FUTIAN.title, LIBRARY.title]
    whole = [squeezed(text) for _, text in tree.find("div", "wb-text")]
    assert whole == [squeezed(a.text) for a in (LONGGANG, FUTIAN, LIBRARY)]
    assert next(tree.find("li", "is-cited"))[1].count("0.86") == 2


@pytest.mark.parametrize(("value", "words"), [(0.9, "Well"), (0.65, "Partly"), (0.5, "Weakly")])
def test_confidence_in_plain_words(value: float, words: str) -> None:
    assert ui.confidence_words(replace(carbon(), confidence=value)) == f"{words} supported"


# --- pages and doubts ---------------------------------------------------------------------------


PAGED = replace(LONGGANG, pages=((0, 2), (60, 3), (170, 4)))


def reader(article: Article, *citations: Citation) -> str:
    return ui.render_reader(1, ui.Source(article, list(citations), []), steps=True)


def facts(article: Article) -> str:
    [(_, line)] = Tree(reader(article)).find("p", "wb-meta")
    return line


@pytest.mark.parametrize(
    ("pages", "shown"),
    [([3], "p. 3"), ([4, 3], "pp. 3, 4"), ([3, None, 3], "p. 3"), ([12, 3], "pp. 3, 12")],
)
def test_pages_are_noted_once_each_in_order(pages: list[int | None], shown: str) -> None:
    [(attrs, text)] = Tree(ui.page_note(pages)).find("small", "wb-at")
    assert text == shown
    assert attrs["title"].endswith(f"page {shown.partition(' ')[2]}")


def test_without_pages_nothing_is_noted() -> None:
    assert ui.page_note([]) == ui.page_note([None, None]) == ""


def test_the_page_stands_beside_a_quote_from_a_paged_article() -> None:
    quote = "会议还决定，从明年起把减碳任务列入各街道的年度考核。"
    assert PAGED.page_at(span(PAGED, quote)[0]) == 3
    [(_, shown)] = Tree(ui.render_quote(cite(1, PAGED, quote))).find("blockquote")
    assert shown == f"{quote}[1]p. 3"
    assert "wb-at" not in ui.render_quote(cite(1, LONGGANG, quote))


def test_a_source_names_the_pages_of_its_passages() -> None:
    hits = [(1, hit(PAGED, "龙岗区", 0.9)), (2, hit(PAGED, "公众参与", 0.4))]
    [(_, line)] = Tree(ui.render_card(1, ui.Source(PAGED, [], hits))).find("p", "wb-meta")
    assert "pp. 2, 3" in line


def test_page_marks_stand_where_pages_begin_and_leave_the_text_unchanged() -> None:
    marks = [ui.Mark(40, 70, number=1), ui.Mark(60, 165, hit=1)]
    plain, paged = ui.render_text(LONGGANG, marks), ui.render_text(PAGED, marks)
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
    assert ui.paged(article, 0, 6) == f"{mark(7)}一二{mark(8)}&lt;三&gt;{mark(9)}四"
    assert ui.paged(article, 1, 2) == "二"
    assert ui.paged(article, 2, 5) == f"{mark(8)}&lt;三&gt;"
    assert ui.paged(article, 0, 5) + ui.paged(article, 5, 6) == ui.paged(article, 0, 6)


def test_the_reader_names_some_copies_and_not_where_the_server_keeps_its_files() -> None:
    copies = tuple(f"/srv/papers/may/{n}<b>.txt" for n in range(ui.COPIES + 1))
    line = facts(replace(LONGGANG, copies=copies))
    for n in range(ui.COPIES):
        assert f"also in may/{n}<b>.txt" in line
    assert f"{ui.COPIES}<b>" not in line
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
    text = "".join(text for _, text in Tree(ui.render_masthead(INFO)).find("p", "wb-folio"))
    for fact in ("4", "9", "2022-09-15", "2022-10-01", "bilingual", "2022-11-0", "--model"):
        assert fact in text


def test_questions_that_cannot_be_asked() -> None:
    assert ui.question_problem("?") is None
    assert ui.question_problem("字" * MAX_QUESTION_CHARS) is None
    for bad in ("", "  \n", "x" * (MAX_QUESTION_CHARS + 1)):
        problem = ui.question_problem(bad)
        assert problem is not None
        assert all("\n" not in line for line in problem)


def test_examples_come_from_the_articles() -> None:
    made = ui.example_questions(ARTICLES)
    assert made[0] == f"《{LONGGANG.title}》讲了什么？"
    assert made[2] == f"What is said in “{LIBRARY.title}”?"
    titles = [words for _, words in ui._SAMPLE_QUESTIONS]
    sample = [replace(LONGGANG, title=title) for title in titles]
    assert ui.example_questions(sample) == [question for question, _ in ui._SAMPLE_QUESTIONS]


def test_sample_questions_are_over_the_sample_articles(root: Path) -> None:
    known = (root / "data" / "questions.jsonl").read_text(encoding="utf-8")
    for question, _ in ui._SAMPLE_QUESTIONS:
        assert f'"question": "{question}"' in known


def test_without_an_index_the_page_says_how_to_build_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise MissingIndexError("no index in nowhere; build one with `wenbao index ARTICLES`")

    monkeypatch.setattr(rag, "open_index", missing)
    masthead, front, start = ui.Desk("nowhere").first_page()
    [(attrs, text)] = Tree(masthead).find("p", "wb-problem")
    assert attrs["role"] == "alert"
    assert "wenbao index" in text
    assert "data-ask" not in front
    assert "data-open" not in start


def test_only_ask_is_a_public_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rag, "open_index", lambda _: StubIndex())
    api = ui.build("index").get_api_info()
    assert set(api["named_endpoints"]) == {"/ask"}
    assert not api["unnamed_endpoints"]
    names = [p["parameter_name"] for p in api["named_endpoints"]["/ask"]["parameters"]]
    assert names == ["question", "history", "k", "date_from", "date_to", "source", "language"]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [":root", ".dark"])
def test_every_text_colour_is_readable_on_every_ground_it_stands_on(theme: str) -> None:
    css = (ui._ASSETS / "page.css").read_text(encoding="utf-8")
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


def test_the_endpoint_answers_as_the_script_api_does(
    sample_index: rag.Index, sample_index_dir: Path
) -> None:
    from gradio_client import Client  # type: ignore[import-untyped]
    from gradio_client.exceptions import AppError  # type: ignore[import-untyped]

    page = ui.build(str(sample_index_dir))
    _, url, _ = page.launch(prevent_thread_lock=True, **ui.launch_options())
    try:
        client = Client(url, verbose=False, download_files=False)
        question = "What did the carbon meeting decide?"
        said = client.predict(question, api_name="/ask")
        assert said == json.loads(json.dumps(sample_index.ask(question).to_dict()))
        with pytest.raises(AppError, match="write a question"):
            client.predict(" ", api_name="/ask")
    finally:
        page.close()


def test_assets_load_nothing_from_elsewhere() -> None:
    options = ui.launch_options()
    for text in (options["head"], (ui._ASSETS / "page.js").read_text(encoding="utf-8")):
        plain = text.replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in plain
        assert "https:" not in plain
        assert "url(" not in plain
        assert "@import" not in plain
