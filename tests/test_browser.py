"""The page in a real browser, over a real index: what a reader sees, clicks and types.

Every test also asserts that no request left the page's host and that nothing was logged as an
error. Each keeps its last view in build/screenshots. With WENBAO_SCREENSHOT set, the
carbon question's picture goes to docs/chat.png.
"""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Dialog,
    Page,
    Request,
    expect,
    sync_playwright,
)

import rag
import ui
from tests.llm_server import Prompt, Reply, document, said, serving
from tests.page_stub import NASTY_TEXT, NASTY_TITLE

SCREENSHOTS = Path(__file__).resolve().parent.parent / "build" / "screenshots"
_taken: Counter[str] = Counter()
CARBON = "What did the carbon meeting decide?"
BOX = "#wb-question textarea"
ANSWERS = "#wb-turns .wb-answer"
# What Gradio's client says of its open stream when a page is left.
LEFT = ("AbortError: signal is aborted", "Unexpected error Connection", "signal is aborted")
expect.set_options(timeout=30_000)  # a busy machine is slow, not wrong


@contextmanager
def served(index_dir: str, llm: rag.LLMSettings | None = None) -> Iterator[str]:
    desk = ui.Desk(index_dir, llm)
    blocks = ui.build(desk)
    _, url, _ = blocks.launch(prevent_thread_lock=True, **ui.launch_options(desk))
    try:
        yield url
    finally:
        blocks.close()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def sample_url(browser: Browser, sample_index_dir: Path) -> Iterator[str]:
    with served(str(sample_index_dir)) as url:
        yield url


@contextmanager
def opened(
    browser: Browser, url: str, width: int = 1280, height: int = 860, **options: Any
) -> Iterator[Page]:
    """A page on `url` whose requests, errors and dialogs are watched."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    page = context.new_page()
    foreign: list[str] = []
    errors: list[str] = []

    def requested(request: Request) -> None:
        if not request.url.startswith((url.partition("#")[0], "data:", "blob:", "about:srcdoc")):
            foreign.append(request.url)

    def logged(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(LEFT):
            errors.append(message.text)

    def asked(dialog: Dialog) -> None:
        errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("request", requested)
    page.on("console", logged)
    page.on("pageerror", lambda e: None if str(e).startswith(LEFT) else errors.append(str(e)))
    page.on("dialog", asked)
    page.goto(url)
    expect(page.locator(".wb-masthead")).to_be_visible()
    page.wait_for_function("document.documentElement.dataset.user !== undefined")
    try:
        yield page
        page.screenshot(path=kept_picture())
        assert not foreign
        assert not errors
    finally:
        context.close()


def kept_picture() -> Path:
    """Where a test's last view is kept, to be looked at: build/screenshots/<test>[-n].png."""
    name = os.environ["PYTEST_CURRENT_TEST"].split("::")[-1].split(" ")[0]
    plain = "".join(c if c.isalnum() or c in "_-" else "-" for c in name).strip("-")
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    _taken[plain] += 1
    return SCREENSHOTS / f"{plain}-{_taken[plain]}.png"


@pytest.fixture
def page(browser: Browser, sample_url: str) -> Iterator[Page]:
    with opened(browser, sample_url) as page:
        yield page


def ask(page: Page, question: str) -> None:
    before = page.locator(ANSWERS).count()
    page.fill(BOX, question)
    page.press(BOX, "Enter")
    expect(page.locator(f"{ANSWERS} .wb-tools")).to_have_count(before + 1)  # all of it is there
    expect(page.locator(BOX)).to_have_value("")


def overflow(page: Page) -> int:
    """How many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))


def current(page: Page) -> str:
    """The highlighted text, once all of its beginning is inside the window."""
    marks = page.locator("mark.is-current")
    expect(marks.first).to_be_in_viewport(ratio=0.9)
    return "".join(marks.all_text_contents())


# --- a question and its citations ---------------------------------------------------------------


def test_carbon_question_cites_both_meetings_and_opens_them(
    page: Page, root: Path, tmp_path: Path
) -> None:
    ask(page, CARBON)
    titles = page.locator("#wb-turns .wb-story h3").all_text_contents()
    assert any("龙岗" in title for title in titles)
    assert any("福田" in title for title in titles)

    story = page.locator("#wb-turns .wb-story", has=page.locator("blockquote[lang='zh']")).first
    quote = story.locator(".wb-quote").first
    said = quote.locator("blockquote p").text_content() or ""
    number = quote.locator(".wb-cite").text_content() or ""
    expect(quote.locator(".wb-gloss ruby rt").first).to_be_visible()
    quote.locator(".wb-cite").click()
    assert "".join(current(page).split()) == "".join(said.removesuffix(number).split())
    expect(page.locator(".wb-reader:visible h2")).to_have_text(
        story.locator("h3").text_content() or ""
    )
    expect(page.locator(".wb-where:visible")).to_contain_text(f"{number} / ")

    wanted = os.environ.get("WENBAO_SCREENSHOT")
    picture = (root / "docs" if wanted else tmp_path) / "chat.png"
    picture.parent.mkdir(exist_ok=True)
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)
    page.screenshot(path=picture)
    assert picture.stat().st_size > 20_000


def test_steps_lead_through_all_citations_and_escape_leads_back(page: Page) -> None:
    ask(page, CARBON)
    buttons = page.locator("#wb-turns .wb-cite")
    buttons.first.focus()
    page.keyboard.press("Enter")
    for number in range(2, buttons.count() + 1):
        page.locator("[data-step='1']:visible").click()
        said = page.locator(f"#wb-turns blockquote:has([data-cite='{number}']) p").text_content()
        assert "".join(current(page).split()) == "".join(
            (said or "").removesuffix(f"[{number}]").split()
        )
    expect(page.locator("[data-step='1']:visible")).to_be_disabled()
    page.keyboard.press("Escape")
    expect(page.locator(".wb-group:visible .wb-list")).to_be_visible()
    expect(buttons.first).to_be_focused()


def test_every_passage_of_the_question_can_be_opened(page: Page) -> None:
    ask(page, CARBON)
    rows = page.locator(".wb-group:visible .wb-passages button")
    expect(rows.first).to_be_visible()
    for row in range(rows.count()):
        rows.nth(row).click()
        assert current(page)
        page.locator("[data-back]:visible").click()


def test_the_reading_aid_can_be_put_away(page: Page) -> None:
    ask(page, "longgang PCT patent applications 2021")
    aid = page.locator("#wb-turns .wb-gloss").first
    expect(aid).to_be_visible()
    page.locator("[data-gloss-toggle]").click()
    expect(aid).to_be_hidden()
    expect(page.locator("[data-gloss-toggle]")).to_have_attribute("aria-pressed", "false")


def test_chinese_question(page: Page) -> None:
    ask(page, "低碳城的场馆用了哪些新技术？")
    expect(page.locator(f"{ANSWERS} blockquote").first).to_have_attribute("lang", "zh")
    expect(page.locator(ANSWERS)).to_contain_text("低碳技术")
    expect(page.locator(".wb-question")).to_have_attribute("lang", "zh")
    expect(page.locator(".wb-confidence")).to_contain_text("置信度")


def test_a_question_the_articles_do_not_answer(page: Page) -> None:
    ask(page, "Who won the 1998 football World Cup?")
    expect(page.locator(".wb-absent")).to_have_text("These articles don’t say.")
    expect(page.locator("#wb-turns blockquote")).to_have_count(0)
    page.locator("#wb-turns [data-hit='1']").click()
    assert current(page)


# --- the conversation ---------------------------------------------------------------------------


def test_turns_follow_each_other_with_history_until_a_new_conversation(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, ...]] = []
    ask_index = rag.Index.ask

    def spy(index: rag.Index, question: str, history: Any = (), **options: Any) -> rag.Answer:
        if "read_dates" in options:  # a reader's question, not one that is tried for "ask next"
            seen.append(tuple(history))
        return ask_index(index, question, history, **options)

    monkeypatch.setattr(rag.Index, "ask", spy)
    ask(page, "福田的双碳会议提出了什么机制？")
    ask(page, "那它和哪家公司合作？")
    assert seen == [(), ("福田的双碳会议提出了什么机制？",)]
    page.locator("#wb-turns .wb-turn").first.locator("[data-sources]").click()
    expect(page.locator(".wb-group:visible .wb-for")).to_contain_text("机制")
    page.click("#wb-new")
    expect(page.locator("#wb-turns .wb-turn")).to_have_count(0)
    expect(page.locator(".wb-chip").first).to_be_visible()
    ask(page, CARBON)
    assert seen[-1] == ()


def test_examples_are_asked_with_a_click(page: Page) -> None:
    chips = page.locator(".wb-chip")
    assert {chip.get_attribute("lang") for chip in chips.all()} == {"zh", "en"}
    text = chips.first.text_content() or ""
    chips.first.click()
    expect(page.locator("#wb-turns .wb-question")).to_have_text(text)
    expect(page.locator(ANSWERS)).to_have_count(1)


def test_questions_that_cannot_be_asked_get_one_line(page: Page) -> None:
    page.press(BOX, "Enter")
    expect(page.locator("#wb-notice .wb-notice")).to_contain_text("Please write a question")
    page.fill(BOX, "字" * 2001)
    page.click("#wb-send")
    expect(page.locator(".wb-notice")).to_contain_text("2,001")
    expect(page.locator(BOX)).to_have_value("字" * 2001)
    expect(page.locator("#wb-turns .wb-turn")).to_have_count(0)
    ask(page, CARBON)
    expect(page.locator(".wb-notice")).to_have_count(0)


def test_an_error_nobody_foresaw_leaves_the_page_usable(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(rag.Index, "ask", lambda *_, **__: 1 / 0)
        page.fill(BOX, CARBON)
        page.press(BOX, "Enter")
        expect(page.locator(".toast-body")).to_be_visible()
        expect(page.locator("#wb-turns .wb-turn")).to_have_count(0)
        expect(page.locator(BOX)).to_have_value(CARBON)
    ask(page, CARBON)


def held_back(monkeypatch: pytest.MonkeyPatch, method: str) -> threading.Event:
    """A method of the index waits, for 20 s at most, until the event is set."""
    on, at_once = threading.Event(), getattr(rag.Index, method)

    def slow(*args: Any, **options: Any) -> Any:
        on.wait(20)
        return at_once(*args, **options)

    monkeypatch.setattr(rag.Index, method, slow)
    return on


def test_what_is_typed_while_an_answer_is_awaited_stays(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = held_back(monkeypatch, "ask")
    page.fill(BOX, CARBON)
    page.press(BOX, "Enter")
    expect(page.locator("#wb-turns .is-pending .wb-question")).to_have_text(CARBON)
    page.fill(BOX, "And then?")
    typed.set()
    expect(page.locator(ANSWERS)).to_have_count(1)
    expect(page.locator(BOX)).to_have_value("And then?")


# --- other windows, other states ----------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_window(browser: Browser, sample_url: str, scheme: str) -> None:
    options = {"color_scheme": scheme, "has_touch": True}
    with opened(browser, sample_url, 390, 844, **options) as page:
        assert overflow(page) <= 0
        ask(page, CARBON)
        expect(page.locator(BOX)).to_be_in_viewport()
        assert overflow(page) <= 0
        sources = page.locator("#wb-side").bounding_box()
        answer = page.locator("#wb-talk").bounding_box()
        assert sources is not None
        assert answer is not None
        assert sources["y"] >= answer["y"] + answer["height"] - 1
        cite = page.locator("#wb-turns .wb-cite").first
        cite.click()
        assert current(page)
        assert overflow(page) <= 0
        page.locator("[data-back]:visible").click()
        expect(cite).to_be_focused()
        expect(cite).to_be_in_viewport()


def test_a_folder_without_an_index(browser: Browser, tmp_path: Path) -> None:
    with served(str(tmp_path / "nothing")) as url, opened(browser, url) as page:
        expect(page.locator(".wb-problem")).to_contain_text("wenbao index")
        page.fill(BOX, CARBON)
        page.press(BOX, "Enter")
        expect(page.locator(".wb-notice")).to_contain_text("wenbao index")


def test_articles_full_of_markup_are_only_text(browser: Browser, tmp_path: Path) -> None:
    rows = [
        {"id": "n", "title": NASTY_TITLE, "text": NASTY_TEXT, "source": '"><script>x</script>'},
        {"id": "e", "title": "**bold** $E=mc^2$", "text": "The <b>kettle</b> boils at *noon*."},
    ]
    articles = tmp_path / "articles.jsonl"
    articles.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    rag.build_index([str(articles)], str(tmp_path / "index"))
    with served(str(tmp_path / "index")) as url, opened(browser, url) as page:
        for card in page.locator(".wb-card h3 button").all():
            card.click()
            page.locator("[data-back]:visible").click()
        ask(page, "When does the <b>kettle</b> boil? </h2><script>window.hacked = 1</script>")
        ask(page, "<img src=x onerror=alert(1)> 第一行讲的是什么？")
        page.locator("#wb-turns [data-cite], #wb-turns [data-hit]").last.click()
        assert page.locator("#wb-desk").locator("img, script, svg[onload], b > b").count() == 0
        assert page.evaluate("typeof window.hacked") == "undefined"
        reader = page.locator(".wb-reader").filter(has_text="第二行").last
        text = reader.locator(".wb-text").text_content() or ""
        assert "".join(text.split()) == "".join(NASTY_TEXT.split())


# --- beside a quote -----------------------------------------------------------------------------


def test_a_number_shows_its_quote_on_hover_and_on_focus(page: Page) -> None:
    ask(page, CARBON)
    first = page.locator("#wb-turns .wb-cite").first
    said = (page.locator("#wb-turns blockquote").first.text_content() or "").split("[")[0]
    tip = page.locator("#wb-tip")

    def shows_it() -> None:
        expect(tip).to_be_visible()
        expect(tip.locator("q")).to_contain_text(said[:40])
        expect(tip.locator("b")).to_have_text(
            page.locator("#wb-turns .wb-story h3").first.text_content() or ""
        )
        expect(tip.locator("small")).not_to_be_empty()
        expect(first).to_have_attribute("aria-describedby", "wb-tip")

    first.hover()
    shows_it()
    page.mouse.move(0, 0)
    expect(tip).to_be_hidden()
    first.focus()
    page.keyboard.press("Tab")  # by keyboard, so that the focus is a visible one
    page.keyboard.press("Shift+Tab")
    shows_it()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_an_open_article_has_its_file_and_how_it_was_read(page: Page) -> None:
    ask(page, CARBON)
    page.locator("#wb-turns .wb-cite").first.click()
    reader = page.locator(".wb-reader:visible")
    with page.expect_download() as download:
        reader.locator("a[download]").click()
    assert download.value.path().stat().st_size > 100
    reader.locator("[data-inspect]").click()
    frame = reader.frame_locator("iframe.wb-inspection")
    expect(frame.locator("body")).to_contain_text("longgang")
    assert reader.locator("iframe").get_attribute("sandbox") == ""


def test_why_a_passage_was_found(page: Page) -> None:
    ask(page, CARBON)
    why = page.locator(".wb-group:visible .wb-why").first
    why.locator("summary").click()
    shares = why.locator(".wb-shares li > span:last-child").all_text_contents()
    assert 97 <= sum(int(share.rstrip("%")) for share in shares) <= 103
    expect(why.locator(".wb-words")).to_contain_text("carbon")


def test_the_same_story_in_two_papers_is_one_card(browser: Browser, tmp_path: Path) -> None:
    ferry = (
        "The Yunbo ferry will stop running in March because the new bridge opens, the harbour "
        "office said on Monday. The last boat leaves on 28 February at 9 p.m."
    )
    other = (
        "The ferry in Yunbo stops in March, the harbour office announced on Monday, because the "
        "new bridge is to open. The last boat will leave at 9 p.m. on 28 February."
    )
    rows = [
        {"title": "Yunbo ferry stops in March", "text": ferry, "source": "Bay Harbour Post"},
        {"title": "Ferry to stop in March as bridge opens", "text": other, "source": "Yunbo News"},
        {"title": "Library", "text": "The library lends umbrellas.", "source": "Yunbo News"},
    ]
    articles = tmp_path / "articles.jsonl"
    lines = [json.dumps(row | {"date": "2024-02-05"}) for row in rows]
    articles.write_text("\n".join(lines), encoding="utf-8")
    rag.build_index([str(articles)], str(tmp_path / "index"))
    with served(str(tmp_path / "index")) as url, opened(browser, url) as page:
        ask(page, "When does the ferry stop?")
        similar = page.locator(".wb-group:visible .wb-similar")
        expect(similar).to_contain_text("+1 similar")
        similar.locator("> details > summary").click()
        expect(similar.locator(".wb-card")).to_contain_text("erry")


# --- readings of a question ---------------------------------------------------------------------


def test_dates_in_a_question_are_a_chip_that_can_be_taken_away(page: Page) -> None:
    ask(page, "What did the carbon meeting decide in February 2022?")
    chip = page.locator("#wb-turns [data-drop='dates']")
    expect(chip).to_contain_text("2022-02-01")
    dates = page.locator(".wb-group:visible .wb-card time").all_text_contents()
    assert dates
    assert all(date.startswith(("2022-02", "2022-03-01")) for date in dates)
    chip.click()
    expect(page.locator(f"{ANSWERS} .wb-tools")).to_have_count(2)
    last = page.locator("#wb-turns .wb-turn").last
    expect(last.locator("[data-drop]")).to_have_count(0)


def test_a_follow_up_says_what_it_is_about_and_can_stand_alone(page: Page) -> None:
    ask(page, "福田的双碳会议提出了什么机制？")
    ask(page, "那它和哪家公司合作？")
    chip = page.locator("#wb-turns [data-drop='carried']")
    expect(chip).to_contain_text("福田")
    chip.click()
    expect(page.locator(f"{ANSWERS} .wb-tools")).to_have_count(3)
    last = page.locator("#wb-turns .wb-turn").last
    expect(last.locator("[data-drop]")).to_have_count(0)


def test_filters_limit_what_may_answer(page: Page) -> None:
    page.locator(".wb-filters summary").click()
    page.select_option("[data-filter='language']", "en")
    expect(page.locator(".wb-filtered")).to_contain_text("en")
    ask(page, CARBON)
    languages = page.locator(".wb-group:visible .wb-card h3")
    assert {one.get_attribute("lang") for one in languages.all()} == {"en"}
    page.locator("[data-unfilter]").click()
    ask(page, CARBON)
    assert "zh" in {one.get_attribute("lang") for one in languages.all()}


def test_next_questions_are_answered(page: Page) -> None:
    ask(page, CARBON)
    page.locator("#wb-turns .wb-next [data-ask]").first.click()
    expect(page.locator(f"{ANSWERS} .wb-tools")).to_have_count(2)
    expect(page.locator("#wb-turns .wb-absent")).to_have_count(0)


# --- what a reader keeps ------------------------------------------------------------------------


def test_an_answer_is_copied_with_its_references(browser: Browser, sample_url: str) -> None:
    granted = ["clipboard-read", "clipboard-write"]
    with opened(browser, sample_url, permissions=granted) as page:
        ask(page, CARBON)
        for style, mark in (("markdown", "龙岗"), ("gbt7714", "[N"), ("plain", "[1]")):
            page.locator(f"[data-copy='{style}']").click()
            expect(page.locator(".wb-said")).to_have_text("Copied")
            copied = page.evaluate("navigator.clipboard.readText()")
            assert mark in copied, style
            page.evaluate("document.querySelector('.wb-said').textContent = ''")


def test_a_link_asks_the_same_again(browser: Browser, sample_url: str) -> None:
    with opened(browser, sample_url, permissions=["clipboard-read", "clipboard-write"]) as page:
        ask(page, "福田的双碳会议提出了什么机制？")
        ask(page, "那它和哪家公司合作？")
        said = page.locator("#wb-turns blockquote").last.text_content()
        page.locator("[data-link]").last.click()
        expect(page.locator(".wb-said").last).to_have_text("Copied")
        link = page.evaluate("navigator.clipboard.readText()")
    with opened(browser, link) as other:
        expect(other.locator(f"{ANSWERS} .wb-tools")).to_have_count(1)
        assert other.locator("#wb-turns blockquote").last.text_content() == said
        expect(other.locator("#wb-turns .wb-question")).to_have_text("那它和哪家公司合作？")


def test_a_new_chat_begun_while_an_answer_is_awaited_stays_empty(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = held_back(monkeypatch, "ask")
    page.fill(BOX, CARBON)
    page.press(BOX, "Enter")
    expect(page.locator("#wb-turns .is-pending")).to_be_visible()
    page.click("#wb-new")
    begun.set()
    page.wait_for_function("!document.querySelector('#wb-turns').hasAttribute('aria-busy')")
    expect(page.locator("#wb-turns .wb-turn")).to_have_count(0)
    ask(page, CARBON)


def test_a_quote_pressed_before_its_sources_come_is_opened_then(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    pressed = held_back(monkeypatch, "explain")
    page.fill(BOX, CARBON)
    page.press(BOX, "Enter")
    page.locator("#wb-turns .wb-cite").first.click()
    pressed.set()
    assert current(page)
    page.reload()
    expect(page.locator("#wb-turns .wb-question")).to_have_text(CARBON)


def test_a_chat_survives_a_reload_and_is_nobody_elses(browser: Browser, sample_url: str) -> None:
    with opened(browser, sample_url) as page:
        ask(page, CARBON)
        page.reload()
        expect(page.locator("#wb-turns .wb-question")).to_have_text(CARBON)
        page.locator("#wb-turns .wb-cite").first.click()
        assert current(page)
        ask(page, "低碳城的场馆用了哪些新技术？")
        expect(page.locator("#wb-turns .wb-turn")).to_have_count(2)
        with opened(browser, sample_url) as other:
            expect(other.locator("#wb-turns .wb-turn")).to_have_count(0)
        page.click("#wb-new")
        page.reload()
        expect(page.locator(".wb-chip").first).to_be_visible()
        expect(page.locator("#wb-turns .wb-turn")).to_have_count(0)


def test_a_conversation_is_exported(page: Page) -> None:
    ask(page, CARBON)
    ask(page, "低碳城的场馆用了哪些新技术？")
    with page.expect_download() as download:
        page.locator("[data-export]").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert CARBON in text
    assert "低碳城的场馆用了哪些新技术？" in text


def test_a_judgement_is_kept_with_its_comment(browser: Browser, root: Path, tmp_path: Path) -> None:
    rag.build_index([root / "data/articles"], tmp_path)
    with served(str(tmp_path)) as url, opened(browser, url) as page:
        ask(page, CARBON)
        page.locator("[data-judge='-1']").click()
        expect(page.locator(".wb-said")).to_have_text("Thank you, noted")
        page.fill(".wb-comment input", "two meetings")
        page.press(".wb-comment input", "Enter")
        expect(page.locator(".wb-comment")).to_be_hidden()
        expect(page.locator("[data-judge='-1']")).to_have_attribute("aria-pressed", "true")
        [row] = rag.Feedback(tmp_path).rows()
        assert (row.question, row.verdict, row.comment) == (CARBON, -1, "two meetings")


# --- library and corpus -------------------------------------------------------------------------


def test_the_library_finds_and_opens_articles(page: Page, sample_index: rag.Index) -> None:
    page.locator("button[data-view='library']").click()
    rows = page.locator(".wb-shelf tbody tr")
    expect(rows).to_have_count(sample_index.info().articles)
    page.locator("#wb-search").press_sequentially("night clinic")
    expect(rows).to_have_count(1)
    counts = sample_index.passage_counts()
    [article] = [a for a in sample_index.articles() if "Night Clinic" in a.title]
    expect(rows.locator("td").last).to_have_text(str(counts[article.id]))
    rows.locator("button").click()
    reader = page.locator(".wb-reader:visible")
    expect(reader.locator("h2")).to_have_text(article.title)
    text = reader.locator(".wb-text").text_content() or ""
    assert "".join(text.split()) == "".join(article.text.split())
    page.locator("[data-back]:visible").click()
    expect(page.locator("#wb-search")).to_be_visible()


def test_files_are_added_and_the_index_is_rebuilt_while_others_ask(
    browser: Browser, root: Path, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    rag.build_index([root / "data/articles"], index)
    story = tmp_path / "kiosk.md"
    story.write_text("# The night kiosk\n\nThe kiosk at Pier 9 sells noodles until dawn.\n")
    refused = tmp_path / "song.mp3"
    refused.write_bytes(b"ID3")
    with served(str(index)) as url, opened(browser, url) as other, opened(browser, url) as page:
        page.locator("button[data-view='library']").click()
        page.set_input_files("#wb-files", [story, refused])
        expect(page.locator(".wb-added")).to_contain_text("The night kiosk")
        expect(page.locator(".wb-added .is-refused")).to_contain_text("song.mp3")
        page.locator("[data-rebuild]").click()
        ask(other, CARBON)
        expect(page.locator("#wb-rebuild")).to_contain_text("Index updated: 19 articles")
        expect(page.locator(".wb-shelf tbody tr")).to_have_count(19)
        ask(other, "What does the kiosk at Pier 9 sell?")
        expect(other.locator("#wb-turns .wb-turn").last).to_contain_text("noodles")


def test_the_corpus_lights_what_the_last_answer_used(page: Page, sample_index: rag.Index) -> None:
    ask(page, CARBON)
    cards = page.locator(".wb-group:visible .wb-card")
    used = {card.get_attribute("data-article") for card in cards.all()}
    page.locator("button[data-view='corpus']").click()
    dots = page.locator(".wb-map circle")
    expect(dots).to_have_count(sample_index.info().articles)
    lit = page.locator(".wb-map circle.is-lit")
    expect(lit).to_have_count(len(used))
    assert {dot.get_attribute("data-dot") for dot in lit.all()} == used
    expect(page.locator(".wb-timeline rect.is-lit").first).to_be_visible()
    lit.last.click()
    title = sample_index.article(lit.last.get_attribute("data-dot") or "").title
    expect(page.locator(".wb-reader:visible h2")).to_have_text(title)
    page.locator(".wb-lit button").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".wb-reader:visible h2")).to_have_text(
        page.locator(".wb-lit button").first.text_content() or ""
    )


# --- a language model ---------------------------------------------------------------------------


def test_a_models_words_arrive_as_they_come_and_end_checked(
    browser: Browser, sample_index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    rest = threading.Event()

    def script(prompt: Prompt) -> Reply:
        number = prompt.number("藏书32万册")
        whole = said(f"东堤分馆藏书32万册，阅览座位940个[{number}]。月球上有十万只大象[{number}]。")

        def chunks() -> Iterator[bytes]:
            for count, chunk in enumerate(whole.chunks):
                if count == 6:
                    rest.wait(20)
                yield chunk

        return Reply(chunks())

    with serving() as model:
        model.say(script)
        with (
            served(str(sample_index_dir), model.settings()) as url,
            opened(browser, url) as page,
        ):
            page.fill(BOX, "东堤分馆有多少藏书？一次能借多少本？")
            page.press(BOX, "Enter")
            expect(page.locator(".wb-draft")).to_contain_text("东堤分馆")
            rest.set()
            written = page.locator(".wb-written")
            expect(written).to_contain_text("阅览座位940个")
            expect(written).not_to_contain_text("大象")
            expect(page.locator(f"{ANSWERS} .wb-tools")).to_have_count(1)
            written.locator(".wb-cite").first.click()
            assert "藏书32万册" in current(page)


def test_a_model_that_fails_leaves_the_quotes_and_says_why(
    browser: Browser, sample_index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving() as model:
        model.say(document({"error": "out of order"}, status=500))
        with (
            served(str(sample_index_dir), model.settings()) as url,
            opened(browser, url) as page,
        ):
            ask(page, CARBON)
            expect(page.locator("#wb-turns .wb-note").first).to_contain_text("500")
            expect(page.locator("#wb-turns blockquote").first).to_be_visible()
            expect(page.locator(".wb-written")).to_have_count(0)


# --- for everybody ------------------------------------------------------------------------------


def test_the_interface_follows_the_browser_and_can_be_switched(
    browser: Browser, sample_url: str
) -> None:
    with opened(browser, sample_url, locale="zh-CN") as page:
        expect(page.locator("button[data-view='library']")).to_have_text(
            "文章库", use_inner_text=True
        )
        expect(page.locator(BOX)).to_have_attribute("placeholder", "提一个问题")
        page.locator("[data-language]").click()
        expect(page.locator("button[data-view='library']")).to_have_text(
            "Library", use_inner_text=True
        )
        expect(page.locator(BOX)).to_have_attribute("placeholder", "Ask a question")
        page.reload()
        expect(page.locator("button[data-view='library']")).to_have_text(
            "Library", use_inner_text=True
        )
    with opened(browser, sample_url, locale="en-GB") as page:
        expect(page.locator("button[data-view='library']")).to_have_text(
            "Library", use_inner_text=True
        )


def test_dark_is_a_choice_that_stays(page: Page) -> None:
    ground = "getComputedStyle(document.querySelector('.gradio-container')).backgroundColor"
    before = page.evaluate(ground)
    page.locator("[data-theme]").click()
    dark = page.evaluate(ground)
    assert dark != before
    page.reload()
    expect(page.locator(".wb-masthead")).to_be_visible()
    page.wait_for_function(f"{ground} === '{dark}'")


def test_all_of_it_by_keyboard(page: Page) -> None:
    def tab_to(selector: str, most: int = 60) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("s => document.activeElement.matches(s)", selector):
                return
        raise AssertionError(f"{selector} is not reached by the tab key")

    page.locator(BOX).focus()
    page.keyboard.type(CARBON)
    page.keyboard.press("Enter")
    expect(page.locator(f"{ANSWERS} .wb-tools")).to_have_count(1)
    page.locator("button[data-view='ask']").focus()
    tab_to("#wb-turns .wb-cite")
    page.keyboard.press("Enter")
    assert current(page)
    tab_to("[data-step='1']")
    page.keyboard.press("Enter")
    expect(page.locator(".wb-where:visible")).to_contain_text("[2]")
    page.keyboard.press("Escape")
    expect(page.locator("#wb-turns .wb-cite").first).to_be_focused()
    tab_to("[data-copy='plain']")
    tab_to("[data-judge='1']")
    tab_to(".wb-filters summary")
    tab_to(".wb-why summary")


LEGIBLE = (Path(__file__).parent / "legible.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_is_legible(browser: Browser, sample_url: str, scheme: str) -> None:
    with opened(browser, sample_url, color_scheme=scheme) as page:
        assert page.evaluate(LEGIBLE) == []
        ask(page, "What did the carbon meeting decide in February 2022?")
        assert page.evaluate(LEGIBLE) == []
        page.locator("#wb-turns .wb-cite").first.click()
        assert page.evaluate(LEGIBLE) == []
        for view in ("library", "corpus"):
            page.locator(f"button[data-view='{view}']").click()
            expect(page.locator(".wb-shelf, .wb-map").locator("visible=true").first).to_be_visible()
            assert page.evaluate(LEGIBLE) == []


@pytest.mark.parametrize("view", ["library", "corpus"])
def test_the_other_views_fit_a_phone(browser: Browser, sample_url: str, view: str) -> None:
    with opened(browser, sample_url, 390, 844) as page:
        page.locator(f"button[data-view='{view}']").click()
        expect(page.locator(".wb-shelf, .wb-map").locator("visible=true").first).to_be_visible()
        assert overflow(page) <= 0


def test_what_a_reload_brings_back_is_still_only_text(browser: Browser, tmp_path: Path) -> None:
    rows = [{"id": "n", "title": NASTY_TITLE, "text": NASTY_TEXT, "source": "<b>x</b>"}]
    articles = tmp_path / "articles.jsonl"
    articles.write_text(json.dumps(rows[0]), encoding="utf-8")
    rag.build_index([str(articles)], str(tmp_path / "index"))
    with served(str(tmp_path / "index")) as url, opened(browser, url) as page:
        ask(page, "<img src=x onerror=alert(1)> 第一行讲的是什么？")
        page.reload()
        expect(page.locator("#wb-turns .wb-turn")).to_have_count(1)
        for view in ("library", "corpus"):
            page.locator(f"button[data-view='{view}']").click()
            expect(page.locator(".wb-shelf, .wb-map").locator("visible=true").first).to_be_visible()
        page.locator(".wb-map circle").click()
        title = page.locator(".wb-lit button").text_content() or ""
        expect(page.locator(".wb-reader:visible h2")).to_have_text(title)
        assert page.locator("#wb-desk").locator("img, script, svg[onload], b > b").count() == 0
        assert page.evaluate("typeof window.hacked") == "undefined"
