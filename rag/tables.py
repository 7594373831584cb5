"""What `wenbao eval`, `inspect`, `doctor`, `add` and `feedback` print. Nothing is reckoned here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

import rag
from rag.console import clean, count, line

if TYPE_CHECKING:
    from rag.doctor import Check

MAX_FAULTY = 10  # stories or questions that are listed without --verbose
MAX_TITLES = 10  # of a file that is added
SHORT = {  # the figures of reading as columns: at most six letters
    "documents": "docs",
    "stories": "story",
    "precision": "prec",
    "authors": "author",
    "language": "lang",
    "headings": "heads",
    "boilerplate_recall": "bp rec",
    "boilerplate_precision": "bp pre",
    "refused": "refus",
}
RANKS = {
    "ndcg@10": "nDCG@10",
    "recall@1": "R@1",
    "recall@5": "R@5",
    "recall@10": "R@10",
    "mrr@10": "MRR@10",
}
MIXED = {
    "recall@5": "R@5 of all",
    "recall@5, one language": "one language",
    "difference": "difference",
}
REMOVED = {
    "auroc": "AUROC",
    "calibration error": "calib. error",
    "refused": "refused",
    "refused without": "without",
}
ANSWERS = {
    "cited@900": "evidence cited in at most 900 characters",
    "cited": "evidence cited at any length",
    "short": "answers of at most 900 characters",
    "quoted": "characters quoted",
    "citations exact": "citations exact",
    "refused answerable": "answerable ones refused",
    "refused near-miss": "near misses refused",
    "refused off-topic": "off-topic ones refused",
    "refusal precision": "refusals: precision",
    "refusal recall": "refusals: recall",
    "auroc": "AUROC of the confidence",
    "auroc near-miss": "AUROC, near misses",
    "auroc off-topic": "AUROC, off-topic",
}
FAULTS = {  # a value that a question should not have → what it says
    ("recall@10", 0.0): "not found",
    ("cited@900", 0.0): "evidence not cited",
    ("refusal recall", 0.0): "answered, though no article says",
}


def print_checks(checks: Iterable[Check], out: Console) -> None:
    """A line a check: its status, its name, what was found, and the fix."""
    for check in checks:
        fix = f": {check.fix}" if check.fix else ""
        style = {"ok": "green", "hint": "yellow", "problem": "red"}[check.status]
        line(f"{check.status:<8} {check.name:<13} {check.found}{fix}", out, style=style)


def print_added(added: Iterable[rag.Added], out: Console) -> None:
    """A line a file, and under it the titles of what would be read of it."""
    for one in added:
        if not one.accepted:
            line(f"not added  {one.name}: {one.reason}", out, style="yellow")
            continue
        stories = f"{one.stories} {'story' if one.stories == 1 else 'stories'}"
        line(f"added  {one.name}: {stories}{f' ({one.reason})' if one.reason else ''}", out)
        for title in one.titles[:MAX_TITLES]:
            line(title, out, before="  ", style="dim")
        if len(one.titles) > MAX_TITLES:
            line(f"  ... and {len(one.titles) - MAX_TITLES} more", out, style="dim")


def print_judged(rows: Sequence[rag.Judged], out: Console) -> None:
    """Every verdict with the question and the comment; then how many there are."""
    for row in rows:
        before = f"{row.time[:16].replace('T', ' ')}  {row.verdict:+d}  "
        refused = " (refused)" if row.abstained else ""
        line(" → ".join((*row.history, row.question)) + refused, out, before)
        if row.comment:
            line(row.comment, out, before=" " * len(before), style="dim")
    good = sum(row.verdict > 0 for row in rows)
    line(f"{len(rows)} judged: {good} good, {len(rows) - good} bad", out)


def print_ingest(report: rag.IngestReport, out: Console, *, verbose: bool) -> None:
    """A row of figures for each kind of document and for all, in per cent; then the faults."""
    rows = {**report.kinds, "all": report.total}
    first = max(map(len, rows))
    line(" " * first + "".join(f"{SHORT.get(name, name):>7}" for name in report.total), out)
    for kind, figures in rows.items():
        cells = "".join(f"{_percent(name, value):>7}" for name, value in figures.items())
        line(f"{kind:<{first}}{cells}", out, style="bold" if kind == "all" else "")
    shown = report.faults if verbose else report.faults[:MAX_FAULTY]
    for name, faults in shown:
        out.print()
        line(name, out, style="bold")
        for fault in faults:
            line(fault, out, before="  ")
    if len(shown) < len(report.faults):
        line(f"... and {len(report.faults) - len(shown)} more (--verbose lists them all)", out)


def print_inspection(inspection: rag.Inspection, out: Console, *, full: bool) -> None:
    """The documents with their stories, their values and what was left out; then a summary."""
    for document in inspection.documents:
        if document.unread is not None:
            line(document.path, out, style="bold")
            line(f"not read: {document.unread}", out, before="  ", style="yellow")
            out.print()
            continue
        stories = count(len(document.stories), "story")
        line(f"{document.path}  ({', '.join(filter(None, (document.how, stories)))})", out)
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
    documents = count(len(inspection.documents), "document")
    stories = count(len(inspection.stories), "story")
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
    size = f"{count(len(found.sizes), 'passage')} of {sizes} {unit}"
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


def print_questions(report: rag.QuestionReport, out: Console, *, verbose: bool) -> None:
    """A block a set: passages, both corpora, confidence, answers; then the changes."""
    for one in report.sets:
        _print_set(one, out, verbose=verbose)
    if report.changes:
        _print_changes(report.changes, out)


def _print_set(one: rag.SetReport, out: Console, *, verbose: bool) -> None:
    line(one.name, out, style="bold")
    line(
        f"{one.articles} articles, {one.passages} passages · model {one.model} {one.revision} · "
        f"digest {one.digest}",
        out,
        style="dim",
    )
    answers = [part for part in one.parts if "citations exact" in part.figures]
    removed = [part for part in one.parts if part.reliability]
    mixed = [part for part in one.parts if "difference" in part.figures]
    ranked = [part for part in one.parts if part not in (*answers, *removed, *mixed)]
    tables = (("", ranked, RANKS), ("mixed", mixed, MIXED), ("removed", removed, REMOVED))
    for title, parts, columns in tables:
        if parts:
            out.print()
            _print_figures(title, parts, columns, out)
    for part in mixed:
        within = "within" if part.notes.get("within a point") else "not within"
        line(f"{part.name}: {within} a point", out)
    for part in removed:
        _print_reliability(part, out)
    for part in answers:
        _print_answers(part, out)
    _print_times(one.parts, out)
    if not one.pooled:  # its faults stand under each file
        _print_faults(one.parts, out, verbose=verbose)
    out.print()


def _print_figures(
    title: str, parts: Sequence[rag.Part], columns: Mapping[str, str], out: Console
) -> None:
    """A row a part: each figure, and under it its interval."""
    table = _table(title, "n", *columns.values())
    for part in parts:
        found = [part.figures.get(name) for name in columns]
        n = max(figure.n for figure in part.figures.values())
        name = part.name.removesuffix(f", {title}")
        table.add_row(_cell(name), str(n), *map(_figure, found))
    out.print(table)


def _print_reliability(part: rag.Part, out: Console) -> None:
    out.print()
    table = _table(f"{part.name}: confidence", "n", "mean", "rightly")
    for row in part.reliability:
        if row.n:
            bounds = f"{row.low:.1f}–{row.high:.1f}"
            table.add_row(bounds, str(row.n), _number(row.confidence), _number(row.share))
    out.print(table)


def _print_answers(part: rag.Part, out: Console) -> None:
    """A line a figure, with counts where it is a share of questions."""
    out.print()
    counts = {
        "citations exact": f"{part.notes['citations exact']}/{part.notes['citations']}",
        "quoted": f"at most {part.notes['quoted at most']}",
        "refusal precision": "{}/{}".format(
            part.notes["unanswerable refused"],
            int(part.notes["unanswerable refused"]) + int(part.notes["answerable refused"]),
        ),
    }
    table = _table(part.name, "", "95 %", "count")
    for name, label in ANSWERS.items():
        figure = part.figures.get(name)
        if figure is None:
            continue
        count = str(figure.n)
        if not name.startswith("auroc") and figure.value is not None:
            count = f"{round(figure.value * figure.n)}/{figure.n}"
        places = 0 if name == "quoted" else 3
        table.add_row(
            label, _number(figure.value, places), _interval(figure, places), counts.get(name, count)
        )
    out.print(table)


def _print_times(parts: Iterable[rag.Part], out: Console) -> None:
    for part in parts:
        for name in ("retrieve", "ask"):
            if f"{name} ms, median" in part.notes:
                median, tail = part.notes[f"{name} ms, median"], part.notes[f"{name} ms, 95 %"]
                line(f"{part.name}: {name} {median} ms, 95 % within {tail} ms", out, style="dim")
        if part.notes.get("missing articles"):
            missing = part.notes["missing articles"]
            line(f"{missing} relevant articles are not in the corpus: not found", out)


def _print_faults(parts: Iterable[rag.Part], out: Console, *, verbose: bool) -> None:
    """The questions that went wrong; without `verbose` how many more there are."""
    faults = []
    for part in parts:
        for id_, row in part.rows.items():
            wrong = [said for (name, bad), said in FAULTS.items() if row.get(name) == bad]
            if wrong:
                question = f"  {row['question']}" if "question" in row else ""
                faults.append(f"{part.name} {id_}{question}: {', '.join(wrong)}")
    shown = faults if verbose else faults[:MAX_FAULTY]
    if shown:
        out.print()
    for fault in shown:
        line(fault, out, before="  ")
    if len(shown) < len(faults):
        line(f"... and {len(faults) - len(shown)} more (--verbose lists them all)", out)


def _print_changes(changes: Sequence[rag.Change], out: Console) -> None:
    """Old, new, their difference, and the p of the paired test."""
    for name in dict.fromkeys(change.set for change in changes):
        table = _table(f"{name}: changes", "", "old", "new", "", "p", "n")
        for change in changes:
            if change.set == name:
                places = 0 if change.figure == "quoted" else 3
                table.add_row(
                    _cell(change.part),
                    change.figure,
                    _number(change.old, places),
                    _number(change.new, places),
                    f"{change.new - change.old:+.{places}f}",
                    _number(change.p),
                    str(change.n),
                )
        out.print(table)


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(_cell(first))
    for name in others:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _cell(text: str) -> Text:
    return Text(clean(text))


def _figure(figure: rag.Figure | None) -> Text:
    if figure is None:
        return Text("")
    return Text(_number(figure.value)).append(f"\n{_interval(figure)}", style="dim")


def _interval(figure: rag.Figure, places: int = 3) -> str:
    if figure.low is None or figure.high is None:
        return ""
    return f"{_bound(figure.low, places)}–{_bound(figure.high, places)}"


def _bound(value: float, places: int) -> str:
    """A number without its leading zero."""
    return f"{value:.{places}f}".replace("0.", ".", 1) if abs(value) < 1 else f"{value:.{places}f}"


def _number(value: float | None, places: int = 3) -> str:
    return "-" if value is None else f"{value:.{places}f}"


def _percent(name: str, value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.0f}" if name in ("documents", "stories") else f"{100 * value:.1f}"
