"""The command line: `wenbao index`, `ask`, `search`, `serve`, `info`, `inspect` and `eval`.

It parses, calls the public names of `rag`, and prints; everything that thinks is elsewhere. With
`--json`, stdout holds one JSON document and nothing else; progress and messages go to stderr.
Article text is untrusted: it is printed without markup and without control characters.

Exit codes: 0 done ("not in these articles" is an answer too), 1 an error, named in one line,
2 a command line that makes no sense, 130 interrupted.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal, TypedDict

import typer
from rich.console import Console

import rag
from rag.config import (
    DEFAULT_HOST,
    DEFAULT_INDEX,
    DEFAULT_K,
    DEFAULT_MODEL,
    DEFAULT_PORT,
    MAX_K,
    ServeSettings,
)
from rag.console import Progress, clean, line, stdout
from rag.tables import print_ingest, print_questions

MAX_SKIPPED_LINES = 20
GOLD_FOLDER = "tests/documents"

app = typer.Typer(
    name="wenbao",
    help="Ask a folder of news articles; every answer is a quote you can check.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Question = Annotated[str, typer.Argument(help="A question in Chinese or English.")]
IndexDir = Annotated[str, typer.Option("--index", metavar="DIR", help="The index folder.")]
K = Annotated[int, typer.Option("-k", min=1, max=MAX_K, help="How many passages to look at.")]
DateFrom = Annotated[
    str | None, typer.Option("--from", metavar="DATE", help="Only articles since YYYY-MM-DD.")
]
DateTo = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="Only articles until YYYY-MM-DD.")
]
Source = Annotated[str | None, typer.Option(help="Only articles of this source.")]
LanguageOption = Annotated[
    Literal["zh", "en"] | None, typer.Option(help="Only articles in this language.")
]
AskedModel = Annotated[
    str | None,
    typer.Option(
        "--model", help="The model you mean to ask with; refused if it is not the index's."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


class Filters(TypedDict):
    """The filters of `ask` and `search`, by the names the API gives them."""

    date_from: str | None
    date_to: str | None
    source: str | None
    language: Literal["zh", "en"] | None


@app.command("index")
def index_command(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files and folders.")],
    index: IndexDir = DEFAULT_INDEX,
    model: Annotated[
        str, typer.Option(help="bilingual, a sentence-transformers hub name, or a folder.")
    ] = DEFAULT_MODEL,
    if_stale: Annotated[
        bool, typer.Option("--if-stale", help="Do nothing if the index is up to date.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Build the index over files and folders; it then holds exactly these articles."""
    folders = [_place(path) for path in paths]
    if if_stale and not rag.is_stale(folders, index, model=model):
        held = rag.open_index(index).info()
        _note(f"{index} is up to date: {held.articles} articles, {held.passages} passages")
        if as_json:
            unchanged = rag.BuildStats(
                articles=held.articles,
                passages=held.passages,
                embedded=0,
                reused=held.passages,
                generation=held.generation,
            )
            _print_json(unchanged.to_dict())
        return
    try:
        with Progress() as progress:
            stats = rag.build_index(folders, index, model=model, progress=progress)
    except KeyboardInterrupt:
        _note("interrupted; the index is as it was before")
        raise typer.Exit(130) from None
    for path, reason in stats.skipped[:MAX_SKIPPED_LINES]:
        _note(f"skipped {path}: {reason}")
    if len(stats.skipped) > MAX_SKIPPED_LINES:
        _note(f"... and {len(stats.skipped) - MAX_SKIPPED_LINES} more (--json lists them all)")
    if as_json:
        _print_json(stats.to_dict())
    else:
        line(
            f"{stats.articles} articles, {stats.passages} passages"
            f"{f', {stats.duplicates} joined to another' if stats.duplicates else ''}"
            f" ({stats.embedded} encoded, {stats.reused} reused)"
            f" in {stats.seconds:.1f} s -> {index}",
            stdout(),
        )


@app.command()
def ask(
    question: Question,
    index: IndexDir = DEFAULT_INDEX,
    k: K = DEFAULT_K,
    history: Annotated[
        list[str] | None, typer.Option(help="An earlier question; repeat it, oldest first.")
    ] = None,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    source: Source = None,
    language: LanguageOption = None,
    model: AskedModel = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question with quotes, each with its article."""
    filters = Filters(date_from=date_from, date_to=date_to, source=source, language=language)
    answer = rag.open_index(index, model=model).ask(
        question, history=tuple(history or ()), k=k, **filters
    )
    if as_json:
        _print_json(answer.to_dict())
    else:
        _print_answer(answer)


@app.command()
def search(
    question: Question,
    index: IndexDir = DEFAULT_INDEX,
    k: K = DEFAULT_K,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    source: Source = None,
    language: LanguageOption = None,
    model: AskedModel = None,
    as_json: AsJson = False,
) -> None:
    """List the passages nearest to a question, best first."""
    filters = Filters(date_from=date_from, date_to=date_to, source=source, language=language)
    hits = rag.open_index(index, model=model).retrieve(question, k=k, **filters)
    if as_json:
        _print_json([hit.to_dict() for hit in hits])
    else:
        _print_hits(hits)


@app.command()
def serve(
    index: IndexDir = DEFAULT_INDEX,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = DEFAULT_HOST,
    port: Annotated[int, typer.Option(help="The port to listen on.")] = DEFAULT_PORT,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = False,
) -> None:
    """Serve the chat page."""
    settings = ServeSettings(host=host, port=port, open_browser=open_browser)
    rag.open_index(index)  # an index that can't be served is reported before the page is loaded
    import ui

    ui.serve(index, host=settings.host, port=settings.port, open_browser=settings.open_browser)


@app.command()
def info(index: IndexDir = DEFAULT_INDEX, as_json: AsJson = False) -> None:
    """Say what an index holds."""
    state = rag.open_index(index).info()
    details = state.to_dict()
    if as_json:
        _print_json(details)
        return
    del details["doubtful"]
    width = max(map(len, details))
    for name, value in details.items():
        shown = (
            ", ".join(f"{k} {n}" for k, n in value.items()) if isinstance(value, dict) else value
        )
        stdout().print(f"{name.replace('_', ' '):<{width}}  {clean(str(shown))}", soft_wrap=True)
    if state.doubtful:
        line("read with doubt (`wenbao inspect PATH` shows how):", stdout())
    for path, confidence, title in state.doubtful:
        line(f"  {confidence:.2f}  {title}  ({path})", stdout())


@app.command("inspect")
def inspect_command(
    paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Files and folders.")],
    full: Annotated[bool, typer.Option("--full", help="Show whole texts.")] = False,
    html: Annotated[
        str | None, typer.Option("--html", metavar="REPORT", help="Write a page to look at.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show how files are read: stories, where each value came from, what is left out and why."""
    given = [_place(path) for path in paths]
    with Progress() as progress:
        inspection = rag.inspect_files(
            given, progress=lambda done, total, _: progress(done, total, "reading")
        )
    if html is not None:
        rag.write_report(inspection, html)
        _note(f"wrote {html}")
    if as_json:
        _print_json(inspection.to_dict(text=full))
    elif html is None or full:
        _print_inspection(inspection, full=full)


@app.command("eval")
def eval_command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Question files (.jsonl) and folders in BEIR layout; by default "
            "data/questions.jsonl. With --ingest, a folder of documents with its gold.json.",
        ),
    ] = None,
    data: Annotated[
        list[str] | None, typer.Option(metavar="PATH", help="The same as PATH; repeat it.")
    ] = None,
    articles: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="What the question files are asked of, by default data/articles; repeat it.",
        ),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(metavar="DIR", help="Ask the question files of this index instead."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model to build with, or which the index must have.")
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option(metavar="PATH", help="More articles for every corpus; repeat it."),
    ] = None,
    removed: Annotated[
        bool,
        typer.Option("--removed", help="Ask BEIR queries without their articles, too: confidence."),
    ] = False,
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write the figures as JSON.")
    ] = None,
    compare: Annotated[
        str | None, typer.Option(metavar="FILE", help="Show the changes since such a file.")
    ] = None,
    ingest: Annotated[
        bool, typer.Option("--ingest", help="Score how the documents of a folder are read.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", help="List every fault, not the first ones alone.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Score passages, answers and refusals on questions; with --ingest, the reading of files."""
    given = [_place(path) for path in (*(paths or ()), *(data or ()))]
    if ingest:
        if len(given) > 1:
            raise typer.BadParameter("--ingest takes one folder")
        read = rag.evaluate_ingest(given[0] if given else GOLD_FOLDER)
        if as_json:
            _print_json(read.to_dict())
        else:
            print_ingest(read, stdout(), verbose=verbose)
        return
    if out is not None and not Path(out).expanduser().resolve().parent.is_dir():
        raise rag.InputError(f"there is no folder for {out}: make it, or name another file")
    with Progress() as progress:
        report = rag.evaluate_questions(
            given,
            articles=[_place(path) for path in articles or ()],
            index=index,
            model=model,
            add=[_place(path) for path in add or ()],
            removed=removed,
            compare=compare,
            progress=progress,
        )
    if out is not None:
        written = json.dumps(report.to_dict(), ensure_ascii=False, indent=1)
        Path(out).expanduser().write_text(written + "\n", encoding="utf-8")
        _note(f"wrote {out}")
    if as_json:
        _print_json(report.to_dict())
    else:
        print_questions(report, stdout(), verbose=verbose)


@app.callback(invoke_without_command=True)
def _root(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        from importlib.metadata import version

        typer.echo(f"wenbao {version('wenbao')}")
        raise typer.Exit


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit; an expected error is one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    logging.disable(logging.WARNING)  # libraries' asides, such as a hub's retries
    try:
        app(args, prog_name="wenbao")
    except (rag.WenbaoError, OSError) as error:
        _note(f"error: {error}")
        sys.exit(1)
    finally:
        logging.disable(logging.NOTSET)


def _place(path: str) -> str:
    """A path without `~`; an address on the web as it is."""
    return path if "://" in path else str(Path(path).expanduser())


def _print_answer(answer: rag.Answer) -> None:
    """The quotes under their articles, with glosses; or the honest no and what came nearest."""
    out = stdout()
    if answer.abstained:
        line(answer.text, out)
        if answer.hits:
            out.print()
            _print_hits(answer.hits)
        return
    if answer.note:
        line(answer.note, out)
    for _, group in groupby(answer.citations, key=lambda citation: citation.article.id):
        citations = list(group)
        _print_article(citations[0].article, out)
        for citation in citations:
            page = f" (p. {citation.page})" if citation.page is not None else ""
            line(citation.quote + page, out, before=f"  [{citation.number}] ")
            gloss = "  ".join(f"{g.word} {', '.join(g.words)}" for g in citation.gloss if g.words)
            if gloss:
                line(gloss, out, before=" " * 6, style="dim")
        out.print()
    line(f"confidence {answer.confidence:.2f}", out, style="dim")


def _print_hits(hits: Sequence[rag.Hit]) -> None:
    """Ranked passages with score, title, date, source and path."""
    out = stdout()
    for rank, hit in enumerate(hits, start=1):
        _print_article(hit.article, out, before=f"{rank}. {hit.score:.2f}  ", page=hit.page)
        if hit.heading:
            line(hit.heading, out, before=" " * 3, style="dim")
        line(hit.text, out, before=" " * 3)
        out.print()


def _print_article(
    article: rag.Article, out: Console, before: str = "", page: int | None = None
) -> None:
    line(article.title, out, before, style="bold")
    shown = None if page is None else f"p. {page}"
    details = (article.date, article.source, article.path, shown)
    line(" · ".join(filter(None, details)), out, before=" " * len(before), style="dim")


def _print_inspection(inspection: rag.Inspection, *, full: bool) -> None:
    """The documents with their stories, their values and what was left out; then a summary."""
    out = stdout()
    for document in inspection.documents:
        if document.unread is not None:
            line(document.path, out, style="bold")
            line(f"not read: {document.unread}", out, before="  ", style="yellow")
            out.print()
            continue
        count = _count(len(document.stories), "story")
        line(f"{document.path}  ({', '.join(filter(None, (document.how, count)))})", out)
        for number, found in enumerate(document.stories, start=1):
            _print_story(number, found, out, full=full)
        for reason, entries in document.dropped_by_reason.items():
            shown = entries if full else entries[:3]
            limit = None if full else 28
            texts = " | ".join(_start(entry.text, limit) for entry in shown)
            pages = sorted({entry.page for entry in entries if entry.page is not None})
            where = f", page {', '.join(map(str, pages))}" if pages else ""
            more = " | …" if len(shown) < len(entries) else ""
            left_out = f"left out: {reason} ×{len(entries)}{where}: {texts}{more}"
            line(left_out, out, before="  ", style="dim")
        out.print()
    documents = _count(len(inspection.documents), "document")
    stories = _count(len(inspection.stories), "story")
    line(f"{documents}, {stories}, {len(inspection.unread)} not read", out)


def _print_story(number: int, found: rag.InspectedStory, out: Console, *, full: bool) -> None:
    """A story in a few lines: title, values with their origins, size, beginning and end."""
    story = found.story
    before = f"  {number}. "
    indent = " " * len(before)
    line(story.title, out, before, style="bold")
    values = (
        ("title", "made from the text" if story.title_inferred else "title"),
        ("date", story.date or "no date"),
        ("source", story.source or "no source"),
        ("authors", "、".join(story.authors) or "no authors"),
    )
    shown = [
        f"{value} [{_start(story.origins[name], 24)}]" if name in story.origins else value
        for name, value in values
        if name != "title" or story.title_inferred or name in story.origins
    ]
    line(" · ".join([*shown, found.language]), out, indent)
    sizes = "+".join(map(str, found.sizes))
    unit = "characters" if found.language == "zh" else "words"
    size = f"{_count(len(found.sizes), 'passage')} of {sizes} {unit}"
    sure = f"confidence {story.confidence:.2f}{''.join(f', {doubt}' for doubt in story.doubts)}"
    doubtful = story.confidence < rag.DOUBTFUL_BELOW
    line(f"{size} · {sure}", out, indent, style="yellow" if doubtful else "")
    if story.headings:
        line(f"sections: {' | '.join(text for _, text in story.headings)}", out, indent)
    if full or len(story.text) <= 80:
        line(story.text, out, indent)
    else:
        ends = f"{_start(story.text[:60], 38)} {_start(story.text[-38:], 38)}"
        line(ends, out, indent, style="dim")


def _start(text: str, limit: int | None) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if limit is None or len(line) <= limit else line[: limit - 1] + "…"


def _count(number: int, noun: str) -> str:
    plural = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _note(message: str) -> None:
    """One line on stderr."""
    print(clean(" ".join(message.split())), file=sys.stderr)
