"""The command line: `wenbao index`, `ask`, `search`, `serve`, `info`, `inspect`, `eval`, `add`,
`feedback`, `mcp` and `doctor`.

It parses, calls the public names of `rag`, and prints; everything that thinks is elsewhere. With
`--json`, stdout holds one JSON document and nothing else; progress and messages go to stderr.
Article text is untrusted: it is printed without markup and without control characters.

Exit codes: 0 done ("not in these articles" is an answer too), 1 an error, named in one line,
2 a command line that makes no sense, 130 interrupted. What a command line leaves out comes from the
environment or `wenbao.toml`, see `rag.settings`.
"""

from __future__ import annotations

import io
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
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
    read_logins,
)
from rag.console import Progress, clean, count, line, stdout
from rag.settings import FILE, defaults, read_settings
from rag.tables import (
    print_added,
    print_checks,
    print_ingest,
    print_inspection,
    print_judged,
    print_questions,
)

MAX_SKIPPED_LINES = 20
GOLD_FOLDER = "tests/documents"

app = typer.Typer(
    name="wenbao",
    help="Ask a folder of news articles; every answer is a quote you can check.",
    no_args_is_help=True,
    add_completion=True,
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
Host = Annotated[str, typer.Option(help="The address to listen on.")]
Port = Annotated[int, typer.Option(help="The port to listen on.")]
LLMUrl = Annotated[
    str | None,
    typer.Option(
        metavar="URL",
        envvar="WENBAO_LLM_URL",
        help="Let a language model at this address (OpenAI-compatible) write the answer; "
        "what the articles do not bear out is dropped.",
    ),
]
LLMModel = Annotated[
    str | None,
    typer.Option(metavar="NAME", envvar="WENBAO_LLM_MODEL", help="The model's name there."),
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
    stats = _build(lambda progress: rag.build_index(folders, index, model=model, progress=progress))
    if as_json:
        _print_json(stats.to_dict())
    else:
        _print_stats(stats, index)


@app.command()
def add(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Files with articles.")],
    index: IndexDir = DEFAULT_INDEX,
    rebuild: Annotated[
        bool, typer.Option("--rebuild/--no-rebuild", help="Build the index anew, then.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Add files to an index, beside the paths it was built over; they stay in it."""
    library = rag.Library(index)
    added = library.add([_place(file) for file in files])
    if not as_json:
        print_added(added, stdout())
    stats = None
    if rebuild and any(one.accepted for one in added):
        stats = _build(library.rebuild)
    if as_json:
        built = None if stats is None else stats.to_dict()
        results = [one.to_dict() for one in added]
        _print_json({"schema": rag.SCHEMA, "added": results, "build": built})
    elif stats is not None:
        _print_stats(stats, index)
    if refused := sum(not one.accepted for one in added):
        _note(f"error: {refused} of {count(len(added), 'file')} not added")
        raise typer.Exit(1)


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
    llm_url: LLMUrl = None,
    llm_model: LLMModel = None,
    read_dates: Annotated[
        bool,
        typer.Option(
            "--dates/--no-dates",
            help="Look first at the articles of a period the question names, such as last week.",
        ),
    ] = True,
    style: Annotated[
        Literal["markdown", "gbt7714", "plain"] | None,
        typer.Option("--format", help="Print text to paste, with a list of references."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question with quotes, each with its article."""
    if as_json and style is not None:
        raise typer.BadParameter("--format and --json are two ways to print: give one")
    filters = Filters(date_from=date_from, date_to=date_to, source=source, language=language)
    llm = rag.LLMSettings(llm_url, llm_model or "") if llm_url else None
    opened = rag.open_index(index, model=model)
    answer = opened.ask(
        question, history=tuple(history or ()), k=k, read_dates=read_dates, **filters
    )
    if llm is not None:
        for event in opened.generate(answer, llm, tuple(history or ())):
            answer = event if isinstance(event, rag.Answer) else answer
    if as_json:
        _print_json(answer.to_dict())
    elif style is not None:
        print(rag.format_answer(answer, style, read_on=date.today()), end="")
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
        found = [hit.to_dict() for hit in hits]
        _print_json({"schema": rag.SCHEMA, "question": question.strip(), "hits": found})
    else:
        _print_hits(hits)


@app.command()
def serve(
    index: IndexDir = DEFAULT_INDEX,
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    open_browser: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in a browser.")
    ] = False,
    llm_url: LLMUrl = None,
    llm_model: LLMModel = None,
    mcp: Annotated[bool, typer.Option("--mcp", help="Serve agents, too, at /mcp.")] = False,
) -> None:
    """Serve the chat page; WENBAO_LOGIN="name:password,..." says who may come in."""
    settings = ServeSettings(
        host=host,
        port=port,
        open_browser=open_browser,
        login=read_logins(os.environ.get("WENBAO_LOGIN", "")),
        mcp=mcp,
    )
    llm = rag.LLMSettings(llm_url, llm_model or "") if llm_url else None
    rag.open_index(index)  # an index that can't be served is reported before the page is loaded
    import ui

    ui.serve(index, settings, llm)


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
        shown = ", ".join(value) if isinstance(value, list) else shown
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
        print_inspection(inspection, stdout(), full=full)


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


@app.command()
def feedback(
    index: IndexDir = DEFAULT_INDEX,
    export: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the good answers as questions for `eval`."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what readers said of answers, or make a question file of it."""
    kept = rag.Feedback(index)
    if export is not None:
        written = kept.export(export)
        _note(f"wrote {count(written, 'question')} to {export}")
        if as_json:
            _print_json({"schema": rag.SCHEMA, "questions": written})
        return
    rows = kept.rows()
    if as_json:
        _print_json({"schema": rag.SCHEMA, "verdicts": [row.to_dict() for row in rows]})
    else:
        print_judged(rows, stdout())


@app.command("mcp")
def mcp_command(index: IndexDir = DEFAULT_INDEX) -> None:
    """Serve the articles to an agent over stdio (Model Context Protocol)."""
    from rag.mcp import server

    server(index).run("stdio")


@app.command()
def doctor(
    context: typer.Context,
    index: IndexDir = DEFAULT_INDEX,
    host: Host = DEFAULT_HOST,
    port: Port = DEFAULT_PORT,
    serving: Annotated[
        bool, typer.Option("--serving", help="The chat must answer at that address now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check the installation, the model, the index and the port; each fault with its fix."""
    from rag.doctor import checkup

    source = context.get_parameter_source("index")
    named = source is not None and source.name == "COMMANDLINE"
    checks = checkup(index, host=host, port=port, must_exist=named, serving=serving)
    problems = sum(check.status == "problem" for check in checks)
    if as_json:
        found = [check.to_dict() for check in checks]
        _print_json({"schema": rag.SCHEMA, "ok": not problems, "checks": found})
    else:
        print_checks(checks, stdout())
    if problems:
        _note(f"error: {problems} of {len(checks)} checks found a problem")
        raise typer.Exit(1)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    config: Annotated[
        str | None,
        typer.Option(metavar="FILE", help=f"Settings to read instead of {FILE}."),
    ] = None,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        from importlib.metadata import version

        typer.echo(f"wenbao {version('wenbao')}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        context.fail("Missing command.")
    context.default_map = defaults(read_settings(config))


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


def _build(build: Callable[[Progress], rag.BuildStats]) -> rag.BuildStats:
    """Run a build with progress, and say what it left out."""
    try:
        with Progress() as progress:
            stats = build(progress)
    except KeyboardInterrupt:
        _note("interrupted; the index is as it was before")
        raise typer.Exit(130) from None
    for path, reason in stats.skipped[:MAX_SKIPPED_LINES]:
        _note(f"skipped {path}: {reason}")
    if len(stats.skipped) > MAX_SKIPPED_LINES:
        _note(f"... and {len(stats.skipped) - MAX_SKIPPED_LINES} more (--json lists them all)")
    return stats


def _print_stats(stats: rag.BuildStats, index: str) -> None:
    line(
        f"{stats.articles} articles, {stats.passages} passages"
        f"{f', {stats.duplicates} joined to another' if stats.duplicates else ''}"
        f" ({stats.embedded} encoded, {stats.reused} reused)"
        f" in {stats.seconds:.1f} s -> {index}",
        stdout(),
    )


def _print_answer(answer: rag.Answer) -> None:
    """What a language model wrote, if one was asked, and the quotes under their articles, with
    glosses; or the honest no and what came nearest.
    """
    out = stdout()
    if answer.abstained:
        line(answer.text, out)
        _print_period(answer.understood, out)
        if answer.hits:
            out.print()
            _print_hits(answer.hits)
        return
    for note in filter(None, (answer.fallback, answer.note)):
        line(note, out)
    for statement in answer.statements:
        line(f"{statement.text} {''.join(f'[{n}]' for n in statement.citations)}", out)
    if answer.statements:
        out.print()
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
    _print_period(answer.understood, out)
    line(f"confidence {answer.confidence:.2f}", out, style="dim")


def _print_period(understood: rag.Understanding, out: Console) -> None:
    """The dates that a phrase of the question was read as, if one was."""
    if understood.phrase:
        since = f" from {understood.date_from}" if understood.date_from else ""
        until = f" to {understood.date_to}" if understood.date_to else ""
        widened = "; none of them answered, so all were asked" if understood.widened else ""
        line(f"“{understood.phrase}”: articles{since}{until}{widened}", out, style="dim")


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


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


def _note(message: str) -> None:
    """One line on stderr."""
    print(clean(" ".join(message.split())), file=sys.stderr)
