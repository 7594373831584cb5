"""The chat page: a question, an answer in quotes, and every quote one click from its article.

This file wires `rag`'s values and the HTML of `rag.page` together with Gradio; it retrieves, ranks,
words and renders nothing itself. Gradio's own Chatbot renders Markdown and knows no side panel, so
the conversation is plain HTML: each answer arrives in a hidden inbox, first the quotes, then the
sources with their whole articles, and `ui_assets/page.js` puts it in its place. A click on a
citation then needs no server. Nothing is loaded from another host.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

import gradio as gr
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route

import rag
from rag import Answer, Article, Feedback, Hit, Index, Library, LLMSettings, Rebuild, WenbaoError
from rag.config import DEFAULT_HOST, DEFAULT_K, MAX_UPLOAD, ServeSettings
from rag.page.answer import (
    Source,
    render_answer,
    render_reader,
    render_sources,
    render_turn,
)
from rag.page.corpus import render_corpus
from rag.page.frame import (
    question_problem,
    render_filters,
    render_front,
    render_masthead,
    render_notice,
    render_start,
)
from rag.page.guard import LOOPBACK, Guard
from rag.page.markup import told
from rag.page.shelf import (
    Listed,
    listed,
    render_added,
    render_library,
    render_rebuild,
    render_shelf,
)

NEWEST: Final = 6  # articles offered before the first question
EXAMPLES: Final = 6
REMEMBERED: Final = 200  # answers that can still be judged

CARRIED: Final = 10  # earlier questions that a follow-up may take its subject from

_ASSETS = Path(__file__).parent / "ui_assets"
_TURN = re.compile(r"[0-9a-f]{8}")
_WARM = "What did the carbon meeting decide? 会议决定了什么？"
_FILTERS = ("date_from", "date_to", "source", "language")


class Desk:
    """The one open index behind a page: opened on first use, renewed when a rebuild replaced it."""

    def __init__(self, index_dir: str, llm: LLMSettings | None = None) -> None:
        self.index_dir = index_dir
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._llm = llm
        self._answers: OrderedDict[str, tuple[Answer, tuple[str, ...]]] = OrderedDict()
        self._making = threading.Lock()  # of its own: what is made may take a while
        self._kept: tuple[Index, dict[str, Any]] | None = None
        self._rebuild: Rebuild | None = None
        self.holdings = Library(index_dir)

    def index(self) -> Index:
        """The index to ask now; WenbaoError with the command to build it when there is none."""
        with self._lock:
            if self._index is None:
                self._index = rag.open_index(self.index_dir)
            else:
                self._index = self._index.refresh()
            return self._index

    def ask(self, question: str, history: Sequence[str], **options: Any) -> Answer:
        """Answer one question from the newest generation."""
        return self.index().ask(question.strip(), history=tuple(history), **options)

    def deliver(self, turn: str, question: str, context: Mapping[str, Any]) -> Iterator[str]:
        """What the page gets for a question, each time all that is known so far.

        First the quotes; with a language model, its words above them as they come; then the
        sources, why each was found, and what to ask next.
        """
        index = self.index()
        history = tuple(str(earlier) for earlier in context.get("history") or ())[-CARRIED:]
        given = context.get("filters") or {}
        filters = {name: given[name] for name in _FILTERS if given.get(name)}
        answer = index.ask(
            question.strip(), history, read_dates=context.get("read_dates") is not False, **filters
        )
        yield render_turn(turn, render_answer(answer, tools=False))
        if self._llm is not None and not answer.abstained:
            quotes = answer
            for event in index.generate(answer, self._llm, history):
                if isinstance(event, Answer):
                    answer = event
                else:
                    yield render_turn(turn, render_answer(quotes, draft=event.text, tools=False))
            yield render_turn(turn, render_answer(answer, tools=False))
        self._remember(turn, answer, history)
        following, sources = self._sources(index, answer, history)
        yield render_turn(turn, render_answer(answer, following), sources)

    def _sources(
        self, index: Index, answer: Answer, history: tuple[str, ...]
    ) -> tuple[list[str], str]:
        """Questions to ask next, and what stands beside an answer."""
        articles = {hit.article.id: hit.article for hit in answer.hits}
        stories = index.same_story(list(articles.values()))
        why = {
            number: index.explain(answer.question, hit, history)
            for number, hit in enumerate(answer.hits, 1)
            if hit.signals  # it was searched for
        }
        return index.suggest(answer, history), render_sources(answer, stories, why)

    def _remember(self, turn: str, answer: Answer, history: tuple[str, ...]) -> None:
        with self._lock:
            self._answers[turn] = (answer, history)
            while len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)

    def judge(self, turn: str, verdict: int, comment: str, user: str | None) -> bool:
        """Keep what a reader says of an answer; whether the answer is still known."""
        with self._lock:
            known = self._answers.get(turn)
        if known is None:
            return False
        answer, history = known
        Feedback(self.index_dir).record(
            answer, 1 if verdict > 0 else -1, comment=comment, history=history, user=user
        )
        return True

    def _once(self, index: Index, name: str, make: Callable[[], Any]) -> Any:
        """What `make` gives, made once for each generation of the index."""
        with self._making:
            if self._kept is None or self._kept[0] is not index:
                self._kept = index, {}
            kept = self._kept[1]
            if name not in kept:
                kept[name] = make()
            return kept[name]

    def shelf(self, search: str) -> str:
        """The articles that a search in the library leaves."""
        index = self.index()

        def make() -> list[Listed]:
            counts = index.passage_counts()
            articles = sorted(index.articles(), key=lambda a: a.date or "", reverse=True)
            return [listed(article, counts.get(article.id, 0)) for article in articles]

        return render_shelf(self._once(index, "shelf", make), search)

    def corpus(self) -> str:
        """The timeline and the map of all articles."""
        index = self.index()
        return str(self._once(index, "corpus", lambda: render_corpus(index.landscape())))

    def reader(self, article_id: str) -> str:
        """One article, ready to be opened."""
        return render_reader(1, Source(self.index().article(article_id), [], []), steps=False)

    def rebuild(self) -> Rebuild:
        """Start a rebuild in the background, or give the one that runs."""
        with self._lock:
            if self._rebuild is None or self._rebuild.finished:
                self._rebuild = self.holdings.start_rebuild()
            return self._rebuild

    def rebuilding(self) -> Rebuild | None:
        """The rebuild that was started last from the page."""
        return self._rebuild

    def warm(self) -> None:
        """Answer one question to nobody, so that the first reader waits for nothing to be read."""
        with suppress(WenbaoError):
            index = self.index()
            self._sources(index, index.ask(_WARM), ())

    def masthead(self) -> str:
        """The state of the index as it is now."""
        try:
            return render_masthead(self.index().info())
        except WenbaoError as error:
            return render_masthead(None, str(error))

    def first_page(self) -> tuple[str, str, str, str]:
        """Masthead, front, filters and side panel of a page nobody has asked anything yet."""
        try:
            index = self.index()
        except WenbaoError as error:
            return render_masthead(None, str(error)), render_front(()), "", render_start(())

        def make() -> tuple[str, str, str]:
            some = list(islice(index.articles(), 500))
            newest = sorted(some, key=lambda a: a.date or "", reverse=True)[:NEWEST]
            front = render_front(index.examples(EXAMPLES))
            return front, render_filters(index.info()), render_start(newest)

        return render_masthead(index.info()), *self._once(index, "first", make)


def build(desk: Desk) -> gr.Blocks:
    """The page over a desk's index; launch it with `launch_options(desk)`."""
    masthead_html, front_html, filters_html, start_html = desk.first_page()

    def respond(question: str, context: dict[str, Any] | None) -> Iterator[tuple[Any, ...]]:
        context = context or {}
        turn = str(context.get("turn"))
        turn = turn if _TURN.fullmatch(turn) else secrets.token_hex(4)
        problem: Sequence[str] | None = question_problem(question)
        if problem is None:
            try:
                for part in desk.deliver(turn, question, context):
                    yield part, gr.skip(), render_notice(), gr.skip()
            except WenbaoError as error:
                problem = [str(error)]
            else:
                yield gr.skip(), gr.skip(), gr.skip(), desk.masthead()
                return
        failed = f'<i data-failed="{turn}"></i>'
        yield failed, question, render_notice(*problem), desk.masthead()

    script = (_ASSETS / "page.js").read_text(encoding="utf-8")
    page = gr.Blocks(title="问报 Wenbao", analytics_enabled=False, fill_width=True)
    with page:
        with gr.Row(elem_id="wb-desk"):
            masthead = gr.HTML(masthead_html, elem_id="wb-top", apply_default_css=False)
            with gr.Column(elem_id="wb-talk", min_width=0):
                with gr.Column(elem_id="wb-scroll", min_width=0):
                    front = gr.HTML(front_html, elem_id="wb-front", apply_default_css=False)
                    gr.HTML(
                        '<div id="wb-turns" role="log" aria-label="对话 Conversation"></div>',
                        apply_default_css=False,
                        elem_id="wb-turns-block",
                    )
                with gr.Column(elem_id="wb-ask", min_width=0):
                    notice = gr.HTML("", elem_id="wb-notice", apply_default_css=False)
                    with gr.Row(elem_id="wb-ask-row"):
                        question = gr.Textbox(
                            show_label=False,
                            label="问题 Question",
                            placeholder="提一个问题 · Ask a question",
                            lines=1,
                            max_lines=5,
                            container=False,
                            elem_id="wb-question",
                            scale=1,
                            min_width=0,
                        )
                        send = gr.Button("提问 Ask", elem_id="wb-send", min_width=0, scale=0)
                    filters = gr.HTML(filters_html, elem_id="wb-filter", apply_default_css=False)
            gr.HTML(
                render_library("/".join(desk.holdings.uploads.parts[-2:])),
                elem_id="wb-library",
                apply_default_css=False,
            )
            gr.HTML(
                '<section class="wb-view" id="wb-pictures" aria-label="全景 Corpus"></section>',
                elem_id="wb-corpus",
                apply_default_css=False,
            )
            with gr.Column(elem_id="wb-side", min_width=0):
                start = gr.HTML(start_html, elem_id="wb-start", apply_default_css=False)
                gr.HTML('<div id="wb-groups"></div>', apply_default_css=False)
        # The conversation lives in the page: what came before comes with each new question.
        context = gr.JSON(visible=False)
        inbox = gr.HTML(
            "",
            visible="hidden",
            js_on_load=script,
            elem_id="wb-inbox",
            server_functions=_server_functions(desk),
        )

        asked = gr.on(
            [question.submit, send.click],
            respond,
            inputs=[question, context],
            outputs=[inbox, question, notice, masthead],
            js="(question) => [question, wenbao.send(question)]",
            show_progress="hidden",
            api_visibility="private",
        )
        asked.success(None, js="() => wenbao.done()", api_visibility="private")
        asked.failure(None, js="() => wenbao.giveBack()", api_visibility="private")
        page.load(
            desk.first_page,
            outputs=[masthead, front, filters, start],
            show_progress="hidden",
            api_visibility="private",
        ).then(None, js="() => wenbao.ready()", api_visibility="private")
        _endpoints(desk)
    page.queue(default_concurrency_limit=4)
    return page


def _server_functions(desk: Desk) -> list[Any]:
    """What the page asks the server for besides answers; each gives HTML or a plain value.

    An expected error is one line of HTML in the place of what was asked for.
    """

    def article(article_id: str) -> str:
        try:
            return desk.reader(article_id)
        except (WenbaoError, KeyError):
            return render_notice("这篇文章已不在索引里。", "This article is gone from the index.")

    def shelf(search: str) -> str:
        try:
            return desk.shelf(search)
        except WenbaoError as error:
            return render_notice(str(error))

    def corpus(_: None) -> str:
        try:
            return desk.corpus()
        except WenbaoError as error:
            return render_notice(str(error))

    def inspect(article_id: str) -> str:
        try:
            index = desk.index()
            file = original(index.article(article_id), index.info().paths)
            return "" if file is None else rag.render_report(rag.inspect_files([file]))
        except (WenbaoError, KeyError):
            return ""

    def judge(said: dict[str, Any], request: gr.Request) -> bool | str:
        comment, verdict = str(said.get("comment") or ""), int(said.get("verdict") or 0)
        try:
            return bool(verdict) and desk.judge(
                str(said.get("turn")), verdict, comment, _user(request)
            )
        except WenbaoError as error:
            return told(str(error))

    def add(uploaded: list[dict[str, str]]) -> str:
        files = []
        for one in uploaded:
            path = _uploaded(str(one["path"]))
            if path is not None:
                with suppress(OSError):  # the same file twice lies there once
                    files.append((str(one["name"]), path.read_bytes()))
                    path.unlink()
        try:
            return render_added(desk.holdings.add(files))
        except WenbaoError as error:
            return render_notice(str(error))

    def rebuild(_: None) -> dict[str, Any]:
        try:
            return {"html": render_rebuild(desk.rebuild()), "started": True}
        except WenbaoError as error:
            return {"html": render_notice(str(error)), "started": False}

    def progress(_: None) -> dict[str, Any]:
        running = desk.rebuilding()
        return {
            "html": render_rebuild(running),
            "finished": running is None or running.finished,
            "masthead": desk.masthead() if running is None or running.finished else "",
        }

    def who(_: None, request: gr.Request) -> str:
        place = hashlib.blake2b(os.path.abspath(desk.index_dir).encode(), digest_size=4).hexdigest()
        return f"{place}.{_user(request) or ''}"

    return [who, article, shelf, corpus, inspect, judge, add, rebuild, progress]


def _user(request: Any) -> str | None:
    """Who is logged in, as Gradio's own cookie says; None where nobody has to be."""
    app = request.app
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    tokens = filter(None, map(request.cookies.get, names))
    return next((app.tokens[token] for token in tokens if token in app.tokens), None)


def _uploaded(path: str) -> Path | None:
    """A file that Gradio has just received, or None for any other path a client may name."""
    from gradio.utils import get_upload_folder

    file = Path(path).resolve()
    return file if file.is_relative_to(Path(get_upload_folder()).resolve()) else None


def original(article: Article, given: Sequence[str] = ()) -> Path | None:
    """The file an article was read from; for one inside a container, the container.

    `given` are the absolute paths of the build, beside which a relative one is looked for.
    """
    path = Path(article.path)
    places = [path]
    if not path.is_absolute():
        places += [base / path for top in given for base in Path(top).parents]
    outermost_first = (file for place in places for file in (*list(place.parents)[::-1], place))
    return next((file for file in outermost_first if file.is_file()), None)


def _endpoints(desk: Desk) -> None:
    """The documented endpoints, for `gradio_client` and for HTTP."""

    def fail(error: Exception) -> gr.Error:
        return gr.Error(str(error), print_exception=False)

    def ask(
        question: str,
        history: list[str] | None = None,
        k: int = DEFAULT_K,
        date_from: str | None = None,
        date_to: str | None = None,
        source: str | None = None,
        language: str | None = None,
    ) -> dict[str, Any]:
        """Answer a question with citations, as `rag.Answer.to_dict()` does.

        history: previous questions of the conversation. k: number of hits. date_from, date_to:
        ISO dates. source: only articles of this source. language: `zh` or `en`. Call it through
        `gradio_client.Client(url, download_files=False)`: the client would take an article's
        `path` for a file to download.
        """
        problem = question_problem(question)
        if problem is not None:
            raise fail(ValueError(problem[1]))
        try:
            return desk.ask(
                question,
                history or (),
                k=k,
                date_from=date_from,
                date_to=date_to,
                source=source,
                language=language,
            ).to_dict()
        except WenbaoError as error:
            raise fail(error) from error

    def retrieve(
        question: str,
        k: int = DEFAULT_K,
        date_from: str | None = None,
        date_to: str | None = None,
        source: str | None = None,
        language: str | None = None,
    ) -> dict[str, Any]:
        """The `k` passages nearest to a question, best first, as `rag.Hit.to_dict()` has them."""
        try:
            hits: list[Hit] = desk.index().retrieve(
                question,
                k,
                date_from=date_from,
                date_to=date_to,
                source=source,
                language=language,
            )
        except WenbaoError as error:
            raise fail(error) from error
        return {
            "schema": rag.SCHEMA,
            "question": question.strip(),
            "hits": [h.to_dict() for h in hits],
        }

    def articles(offset: int = 0, limit: int = 100, text: bool = False) -> dict[str, Any]:
        """Some of the articles, in the order they were read; with their texts if asked for."""
        try:
            index = desk.index()
        except WenbaoError as error:
            raise fail(error) from error
        some = islice(index.articles(), max(offset, 0), max(offset, 0) + max(limit, 0))
        return {
            "schema": rag.SCHEMA,
            "total": index.info().articles,
            "articles": [article.to_dict(text=text) for article in some],
        }

    def rebuild() -> dict[str, Any]:
        """Build the index anew from the same folders and what was uploaded; returns when done."""
        try:
            return desk.holdings.rebuild().to_dict()
        except WenbaoError as error:
            raise fail(error) from error

    for function in (ask, retrieve, articles, rebuild):
        gr.api(function, api_name=function.__name__)  # type: ignore[attr-defined]


def _original_file(desk: Desk) -> Route:
    """`/original/<article id>`: the file an article was read from, as a download."""

    def send(request: Request) -> Response:
        if request.app.auth is not None and _user(request) is None:
            return PlainTextResponse("log in first", status_code=401)
        try:
            index = desk.index()
            article = index.article(request.path_params["article_id"])
            file = original(article, index.info().paths)
        except (WenbaoError, KeyError):
            file = None
        if file is None:
            return PlainTextResponse("the file is no longer there", status_code=404)
        headers = {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
            "Content-Security-Policy": "sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return FileResponse(file, media_type="application/octet-stream", headers=headers)

    return Route("/original/{article_id}", send)


def launch_options(desk: Desk, host: str = DEFAULT_HOST, *, mcp: bool = False) -> dict[str, Any]:
    """What `Blocks.launch` needs for the page to look right and keep to its own host.

    `host` is the address that is served. With `mcp`, agents find their tools at `/mcp`.
    """
    every = host in {"0.0.0.0", "::", ""}
    inside: dict[str, Any] = {
        "routes": [_original_file(desk)],
        "middleware": [Middleware(Guard, hosts=None if every else LOOPBACK | {host})],
    }
    if mcp:
        from rag.mcp import http_app

        agents = http_app(desk.index_dir, host)
        inside["routes"] += agents.routes
        inside["lifespan"] = agents.router.lifespan_context
    style = (_ASSETS / "page.css").read_text(encoding="utf-8")
    return {
        # plain strings are installed fonts: nothing is fetched
        "theme": gr.themes.Base(
            font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]
        ),
        # not `css`, which Gradio rewrites rule by rule
        "head": f'<link rel="icon" href="data:image/svg+xml,{_ICON}"><style>{style}</style>'
        f"<script>{_LANGUAGE}</script>",
        "app_kwargs": inside,
        "max_file_size": MAX_UPLOAD,
        "footer_links": [],
        "run_history": False,
        "ssr_mode": False,
        "share": False,
        "enable_monitoring": False,
        "quiet": True,
        "show_error": True,
    }


# The interface's language, before the first paint: as chosen here earlier, or as the browser's.
_LANGUAGE: Final = """
let kept = null;
try { kept = localStorage.getItem("wenbao.language"); } catch { /* no storage, no choice kept */ }
document.documentElement.dataset.ui = kept ?? (/^zh/i.test(navigator.language) ? "zh" : "en");
"""
_ICON: Final = (
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect width='32' height='32' rx='6' fill='%239f2a1d'/%3E%3Ctext x='16' y='23' "
    "font-size='20' text-anchor='middle' fill='%23fff' font-family='serif'%3E问"
    "%3C/text%3E%3C/svg%3E"
)


def serve(index_dir: str, settings: ServeSettings, llm: LLMSettings | None = None) -> None:
    """Serve the page until interrupted; its address is printed once it can be opened."""
    desk = Desk(index_dir, llm)
    page = build(desk)
    threading.Thread(target=desk.warm, daemon=True).start()
    host, port = settings.host, settings.port
    try:
        page.launch(
            server_name=host,
            server_port=port,
            inbrowser=settings.open_browser,
            prevent_thread_lock=True,
            auth=list(settings.login) or None,
            **launch_options(desk, host, mcp=settings.mcp),
        )
    except OSError as error:
        raise OSError(f"cannot listen on {host}:{port}; choose another --port") from error
    shown = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
    print(f"Wenbao is at http://{shown}:{port} (Ctrl-C to stop)", flush=True)
    if not settings.loopback:
        who = "Everyone with a login" if settings.login else "EVERYONE who can reach this machine"
        print(f"Warning: {who} can read these articles and add to them.", flush=True)
    page.block_thread()
