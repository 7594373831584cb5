"""Ask an index the questions of a file, and score the passages, the answers and the refusals.

Everything goes through `Index.ask`, as a reader's question does, so that a follow-up takes its
subject from the questions before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.engine import Index
from rag.evaluate.metrics import (
    CUT,
    cites_evidence,
    first_right_scores,
    holds_evidence,
    squeeze,
)
from rag.evaluate.report import Part, SetReport
from rag.evaluate.running import (
    Progress,
    Row,
    joined,
    latency,
    means,
    mixed_part,
    mixed_row,
    set_report,
    timed,
)
from rag.evaluate.sets import NEAR_MISS, OFF_TOPIC, Question, QuestionSet
from rag.evaluate.statistics import Figure, auroc, estimate, mean_of, ratio_of
from rag.types import Answer

MAX_QUOTED = 900  # characters; who must read more has not been given an answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """A question and what came of it: its ranks and its answer, each as a row of values.

    `ranks` and `mixed` are empty where nothing is to be found, or nothing tells the languages
    apart; `times` are the seconds of `retrieve` and of `ask`.
    """

    question: Question
    ranks: Row
    mixed: Row
    answer: Row
    times: tuple[float, float]


def evaluate_files(
    files: Sequence[QuestionSet], index: Index, folder: Path, tell: Progress
) -> list[SetReport]:
    """Each file on its own, and, where there are several, all of them together."""
    languages = _evidence_languages(index, [q for one in files for q in one.questions])
    reports, pool = [], {}
    index.retrieve("warm up 热身")
    for one in files:
        outcomes = {}
        for done, question in enumerate(one.questions, 1):
            outcomes[question.id] = _outcome(question, index, languages[question])
            tell(done, len(one.questions), f"{one.name}: asking")
        pool.update({f"{one.name}/{id_}": outcome for id_, outcome in outcomes.items()})
        reports.append(set_report(one.name, one.digest, folder, question_parts(outcomes)))
    if len(files) > 1:
        name = " + ".join(one.name for one in files)
        digest = joined(files[0].digest, " ".join(one.digest for one in files[1:]))
        together = set_report(name, digest, folder, question_parts(pool))
        reports.append(replace(together, pooled=True))
    return reports


def _outcome(question: Question, index: Index, languages: set[str]) -> Outcome:
    _, retrieved = timed(index.retrieve, question.text, CUT)
    answer, asked = timed(index.ask, question.text, question.history, CUT)
    ranks: Row = {}
    mixed: Row = {}
    if question.answerable:
        ranks = _rank_row(question, answer)
        if len(languages) == 1:
            (language,) = languages
            own = index.ask(question.text, question.history, CUT, language=language)
            mixed = mixed_row(ranks, _rank_row(question, own))
    return Outcome(question, ranks, mixed, _answer_row(question, answer, index), (retrieved, asked))


def _rank_row(question: Question, answer: Answer) -> Row:
    return dict(
        first_right_scores([holds_evidence(hit.text, question.evidence) for hit in answer.hits])
    )


def _answer_row(question: Question, answer: Answer, index: Index) -> Row:
    """What one answer contributes to the figures; names that do not apply are left out."""
    quoted = sum(len(citation.quote) for citation in answer.citations)
    exact = sum(
        index.article(citation.article.id).text[citation.start : citation.end] == citation.quote
        for citation in answer.citations
    )
    refused = float(answer.abstained)
    row: Row = {
        "question": question.text,
        "answerable": question.answerable,
        "confidence": answer.confidence,
        "refused": answer.abstained,
        "citations": len(answer.citations),
        "exact": exact,
    }
    if not answer.abstained:
        row |= {"quoted": quoted, "short": float(quoted <= MAX_QUOTED)}
    if question.answerable:
        cited = any(cites_evidence(c.quote, question.evidence) for c in answer.citations)
        return row | {
            f"cited@{MAX_QUOTED}": float(cited and quoted <= MAX_QUOTED),
            "cited": float(cited),
            "refused answerable": refused,
        }
    return row | {f"refused {question.kind}": refused, "refusal recall": refused}


def question_parts(outcomes: Mapping[str, Outcome]) -> list[Part]:
    """The parts of a report on some outcomes: passages, then answers; empty ones are left out."""
    found = {id_: outcome for id_, outcome in outcomes.items() if outcome.ranks}
    times = [outcome.times[0] for outcome in outcomes.values()]
    parts = [
        Part(name, means(rows), rows)
        for name, rows in (
            ("passages", {i: o.ranks for i, o in found.items() if not o.question.history}),
            ("passages, follow-ups", {i: o.ranks for i, o in found.items() if o.question.history}),
        )
        if rows
    ]
    mixed = {id_: outcome.mixed for id_, outcome in found.items() if outcome.mixed}
    if mixed:
        parts.append(mixed_part("passages, mixed", mixed))
    rows = {id_: outcome.answer for id_, outcome in outcomes.items()}
    notes = _counts(rows.values()) | latency("retrieve", times)
    notes |= latency("ask", [outcome.times[1] for outcome in outcomes.values()])
    parts.append(Part("answers", _answer_figures(list(rows.values())), rows, notes))
    return parts


def _answer_figures(rows: Sequence[Row]) -> dict[str, Figure]:
    """Shares, except `quoted`: the characters that an answer quotes on average."""
    means = (
        *(f"cited@{MAX_QUOTED}", "cited", "quoted", "short", "refused answerable"),
        *(f"refused {NEAR_MISS}", f"refused {OFF_TOPIC}", "refusal recall"),
    )
    figures = {
        name: estimate(mean_of(values), len(values))
        for name in means
        if (values := [float(row[name]) for row in rows if name in row])
    }
    refused = [float(row["refused"]) for row in rows]
    rightly = [float(row.get("refusal recall", 0.0)) for row in rows]
    if any("refusal recall" in row for row in rows):
        figures["refusal precision"] = estimate(ratio_of(rightly, refused), len(rows))
    citations = [float(row["citations"]) for row in rows]
    exact = [float(row["exact"]) for row in rows]
    figures["citations exact"] = estimate(ratio_of(exact, citations), len(rows))
    return figures | _aurocs(rows)


def _aurocs(rows: Sequence[Row]) -> dict[str, Figure]:
    """AUROC of the confidence: answerable questions against near misses, off-topic ones, both."""
    figures = {}
    for name, key in (
        ("auroc", "refusal recall"),
        (f"auroc {NEAR_MISS}", f"refused {NEAR_MISS}"),
        (f"auroc {OFF_TOPIC}", f"refused {OFF_TOPIC}"),
    ):
        held = [row for row in rows if row["answerable"] or key in row]
        positive = [bool(row["answerable"]) for row in held]
        if any(positive) and not all(positive):
            confidences = [float(row["confidence"]) for row in held]
            figures[name] = estimate(auroc(confidences, positive), len(held))
    return figures


def _counts(rows: Iterable[Row]) -> Row:
    """The plain numbers behind the figures of answers."""
    rows = list(rows)
    unanswerable = [row for row in rows if not row["answerable"]]
    return {
        "answerable": len(rows) - len(unanswerable),
        "answerable refused": sum(bool(row["answerable"] and row["refused"]) for row in rows),
        "unanswerable": len(unanswerable),
        "unanswerable refused": sum(bool(row["refused"]) for row in unanswerable),
        "quoted at most": max((int(row["quoted"]) for row in rows if "quoted" in row), default=0),
        "citations": sum(int(row["citations"]) for row in rows),
        "citations exact": sum(int(row["exact"]) for row in rows),
    }


def _evidence_languages(index: Index, questions: Sequence[Question]) -> dict[Question, set[str]]:
    """The languages of the articles that hold each question's evidence, in a corpus of both."""
    found: dict[Question, set[str]] = {question: set() for question in questions}
    if len(index.info().languages) < 2:
        return found
    strings = {question: [squeeze(text) for text in question.evidence] for question in questions}
    for article in index.articles():
        text = squeeze(article.text)
        for question, evidence in strings.items():
            if any(string in text for string in evidence):
                found[question].add(article.language)
    return found
