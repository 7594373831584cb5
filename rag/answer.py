"""Question + hits → answer: the sentences that answer, quoted and numbered, or "not in these".

Sentences are chosen by the same matches that retrieval uses; a list or a decision keeps its whole
run of items. Nothing is rewritten: every quote is a span of its article. No passage is searched
for here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from rag import cues
from rag.differences import Quoted, difference
from rag.evidence import Floats, best_match, confidence, context, matches, measure, token_matches
from rag.gloss import glossary_of
from rag.question import Question
from rag.text import sentence_spans
from rag.types import Answer, Article, Citation, Hit, Language, TokenTable

MAX_ARTICLES = 3
MAX_SENTENCES = 6
MAX_RUN = 14  # sentences of one run of items
MAX_QUOTED = 600  # characters an article, beyond which only a run goes on
MAX_ANSWER = 900  # characters of all articles, beyond which only the first may go
CARRIED = 0.3  # what a word of the question before counts in a follow-up
CONTEXT_SHARE = 1.0  # how much a match in the title or heading counts for a sentence
PASSAGE_SHARE = 0.4  # and one elsewhere in its passage
OWN_SHARE = 1.5  # what a sentence's own matches add
HIT_SHARE = 0.8  # what its passage's score adds
TITLE_SHARE = 0.3  # what a title about the matter adds to an article's place
ROUND_UP_SECTIONS = 5
TYPE_BONUS = 0.06  # for a number where a number is asked for, and so on
NEAR_BEST = 0.65  # of the best sentence's score, to be quoted beside it
NEAR_BEST_ARTICLE = 0.75
AS_GOOD = 0.9  # of the best article's best sentence, for the two to be compared

_SELF_CONTAINED = 3  # informative words from which a question without pronoun stands alone


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An article that answers: the spans to quote, in order, and its best sentence with score."""

    article: Article
    spans: list[tuple[int, int]]
    best: tuple[int, int]
    score: float


def carry_over(asked: Question, history: Sequence[Question]) -> Question:
    """The question with the subject of the one before it, if it is a follow-up; else itself.

    A question is a follow-up when it points back ("it", 那), or says too little to stand alone.
    Words carried over count less.
    """
    if not history:
        return asked
    informative = int((asked.weights > 0).sum())
    if not cues.FOLLOWS.search(asked.text) and informative >= _SELF_CONTAINED:
        return asked
    before = history[-1]
    if len(history) > 1:
        before = carry_over(before, history[:-1])
    shift = len(before.text) + 1
    return Question(
        text=f"{before.text} {asked.text}",
        spans=before.spans + tuple((start + shift, end + shift) for start, end in asked.spans),
        language=asked.language,
        rows=np.concatenate([before.rows, asked.rows]),
        words=before.words + asked.words,
        unit=np.concatenate([before.unit, asked.unit]),
        weights=np.concatenate([before.weights * np.float32(CARRIED), asked.weights]),
        chinese=np.concatenate([before.chinese, asked.chinese]),
        reach=np.concatenate([before.reach, asked.reach]),
        numeric=np.concatenate([before.numeric, asked.numeric]),
        named=np.concatenate([before.named, asked.named]),
        places=before.places + asked.places,
        office=asked.office,
        numbers=before.numbers + asked.numbers,
        pairs=np.union1d(before.pairs, asked.pairs),
        spellings=before.spellings
        + tuple(replace(s, start=s.start + shift, end=s.end + shift) for s in asked.spellings),
    )


def answer(
    asked: Question,
    carried: Question,
    hits: Sequence[Hit],
    *,
    k: int,
    table: TokenTable,
    generation: str,
) -> Answer:
    """An answer quoted from `hits`, or one that abstains and offers the best `k` of them.

    Args:
        asked: the question as it was put, for its language and kind.
        carried: the question with what it takes over from earlier ones, for its matter.
        hits: best first.
    """
    evidence = measure(carried, hits, table)
    sure = confidence(*evidence, table.calibration) if evidence else 0.0
    confident = sure >= float(table.calibration["answer_from"])
    chosen = _choose(asked, carried, hits, table) if confident else []
    citations: list[Citation] = []
    compared: list[tuple[float, Quoted]] = []
    for part in chosen:
        for start, end in part.spans:
            number = len(citations) + 1
            citations.append(cite(number, part.article, (start, end), asked.language, table))
            if (start, end) == part.best:
                quote = citations[-1].quote
                compared.append((part.score, Quoted(number, quote, part.article)))
    compared.sort(key=lambda pair: -pair[0])
    as_good = [one for score, one in compared if score >= AS_GOOD * compared[0][0]]
    note = difference(asked.text, asked.language, as_good)
    shown = tuple(hits[:k])
    return Answer(
        question=asked.text,
        text=answer_text(citations, note) if citations else abstention_text(asked.language, shown),
        language=asked.language,
        citations=tuple(citations),
        abstained=not citations,
        confidence=round(sure, 4),
        hits=shown,
        generation=generation,
        note=note,
    )


def _choose(
    asked: Question, carried: Question, hits: Sequence[Hit], table: TokenTable
) -> list[_Chosen]:
    """The articles that answer, best first."""
    read = [(hit, _read_sentences(carried, hit, table)) for hit in hits]
    telling = carried.weights * _rarity([own for _, part in read for _, _, own, _ in part])
    articles: dict[str, Article] = {}
    found: dict[str, list[_Sentence]] = {}
    for hit, part in read:
        articles[hit.article.id] = hit.article
        found.setdefault(hit.article.id, []).extend(
            _Sentence(
                start,
                end,
                _weighted(carried.weights, np.maximum(own, around))
                + OWN_SHARE * _weighted(telling, own)
                + HIT_SHARE * hit.score
                + TYPE_BONUS * _kinds_held(asked.text, hit.article.text[start:end]),
            )
            for start, end, own, around in part
        )
    best = {id_: max((s.score for s in part), default=0.0) for id_, part in found.items()}
    ceiling = max(best.values(), default=0.0)

    def place(id_: str) -> tuple[bool, float]:
        """An article about the matter comes before a round-up that contains it."""
        about = _weighted(carried.weights, matches(carried, articles[id_].title, table))
        return _is_round_up(articles[id_]), -(best[id_] + TITLE_SHARE * about)

    near = [id_ for id_ in found if found[id_] and best[id_] >= NEAR_BEST_ARTICLE * ceiling]
    wants_run = bool(cues.ASKS_DECISION.search(asked.text))
    chosen: list[_Chosen] = []
    quoted = 0
    for id_ in sorted(near, key=place)[:MAX_ARTICLES]:
        spans = _select(articles[id_], found[id_], wants_run)
        length = sum(end - start for start, end in spans)
        if not chosen or quoted + length <= MAX_ANSWER:
            top = max(found[id_], key=lambda sentence: sentence.score)
            chosen.append(_Chosen(articles[id_], spans, (top.start, top.end), top.score))
            quoted += length
    return chosen


def _is_round_up(article: Article) -> bool:
    """Whether an article gathers several events: its title says so, or it has many sections."""
    return bool(cues.ROUND_UP.search(article.title)) or len(article.headings) >= ROUND_UP_SECTIONS


def _read_sentences(
    carried: Question, hit: Hit, table: TokenTable
) -> list[tuple[int, int, Floats, Floats]]:
    """A hit's sentences: start, end, each question token's best match in it, and around it."""
    cosines, starts = token_matches(carried, hit.text, table)
    around = np.maximum(
        CONTEXT_SHARE * matches(carried, context(hit), table), PASSAGE_SHARE * best_match(cosines)
    )
    return [
        (
            start,
            end,
            best_match(cosines[:, (starts >= start - hit.start) & (starts < end - hit.start)]),
            around,
        )
        for start, end in sentence_spans(hit.article.text, hit.start, hit.end)
    ]


def _rarity(matches_of_sentences: Sequence[Floats]) -> Floats:
    """(n_tokens,) how rarely each token is matched: idf over the sentences, a match counts its
    square. What every sentence says does not tell which one answers.
    """
    if not matches_of_sentences:
        return np.zeros(0, dtype=np.float32)
    total = len(matches_of_sentences)
    df = np.square(np.array(matches_of_sentences)).sum(axis=0)
    return np.asarray(np.log1p((total - df + 0.5) / (df + 0.5)), dtype=np.float32)


def _kinds_held(asked: str, text: str) -> int:
    """How many of the kinds of things that are asked for a text holds."""
    return sum(bool(asks.search(asked) and holds.search(text)) for _, asks, holds in cues.KINDS)


def _weighted(weights: Floats, best: Floats) -> float:
    return float(weights @ np.square(best)) / max(float(weights.sum()), 1e-9)


def _select(article: Article, sentences: list[_Sentence], wants_run: bool) -> list[tuple[int, int]]:
    """The sentences to quote from one article, in the order of its text."""
    ranked = sorted(sentences, key=lambda s: -s.score)
    near = [s for s in ranked if s.score >= NEAR_BEST * ranked[0].score][:MAX_SENTENCES]
    quoted: set[tuple[int, int]] = set()
    for sentence in near:
        section = _section(article, sentence.start)
        run = _list_run(article.text, section, sentence.start)
        if wants_run and sentence is near[0]:
            run |= _decision_run(article.text, section)
        added = run | {(sentence.start, sentence.end)}
        length = sum(end - start for start, end in quoted | added)
        if quoted and (
            length > MAX_QUOTED or len(quoted | added) > max(MAX_SENTENCES, len(quoted))
        ):
            continue
        quoted |= added
    return sorted(quoted)[:MAX_RUN]


def _section(article: Article, position: int) -> list[tuple[int, int]]:
    """The sentences of the section that holds a position, its heading left out."""
    start, end = 0, len(article.text)
    for at, heading in article.headings:
        if at + len(heading) <= position:
            start = max(start, at + len(heading))
        elif at > position:
            end = min(end, at)
    return sentence_spans(article.text, start, end)


def _list_run(text: str, section: list[tuple[int, int]], position: int) -> set[tuple[int, int]]:
    """The run of items that the sentence at `position` belongs to or introduces, introduced.

    An item may go on for two more sentences before the next one begins.
    """
    items = [i for i, (start, end) in enumerate(section) if cues.ITEM.match(text, start, end)]
    at = next((i for i, (start, _) in enumerate(section) if start == position), None)
    if at is None or len(items) < 2:
        return set()
    groups: list[list[int]] = []
    for i in items:
        if groups and i - groups[-1][-1] <= 3:
            groups[-1].append(i)
        else:
            groups.append([i])
    for group in groups:
        first = max(group[0] - 1, 0)
        last = group[-1]
        while last + 1 < len(section) and "\n" not in text[section[last][1] : section[last + 1][0]]:
            last += 1  # the rest of the last item's paragraph
        if len(group) > 1 and first <= at <= max(last, group[-1]):
            return set(section[first : min(last, group[-1] + 2) + 1])
    return set()


def _decision_run(text: str, section: list[tuple[int, int]]) -> set[tuple[int, int]]:
    """The paragraphs of a section in which a meeting resolves, and the sentence that names it."""
    run: set[tuple[int, int]] = set()
    held = next((span for span in section if cues.HELD.search(text, *span)), None)
    resolves = False
    for i, (start, end) in enumerate(section):
        if i == 0 or "\n" in text[section[i - 1][1] : start]:
            opening = text[start:end]
            resolves = bool(cues.MEETING.match(opening) and cues.RESOLVES.search(opening)) or (
                bool(run) and bool(cues.ITEM.match(opening))
            )
        if resolves:
            run.add((start, end))
    return run | {held} if run and held else run


def cite(
    number: int, article: Article, span: tuple[int, int], language: Language, table: TokenTable
) -> Citation:
    """A span of an article as a citation, with a gloss where `language` is not the article's."""
    start, end = span
    quote = article.text[start:end]
    foreign = article.language != language
    gloss = glossary_of(table).gloss(quote, language) if foreign else ()
    return Citation(number, article, start, end, quote, gloss)


def answer_text(citations: Sequence[Citation], note: str) -> str:
    """Plain text: each article's title line, then its quotes, each with its number."""
    lines = [note] if note else []
    shown = None
    for citation in citations:
        if citation.article.id != shown:
            shown = citation.article.id
            credit = ", ".join(filter(None, (citation.article.source, citation.article.date)))
            lines.append(f"{citation.article.title}{f' ({credit})' if credit else ''}")
        left, right = ("“", "”") if "“" not in citation.quote else ("『", "』")
        lines.append(f"{left}{citation.quote}{right} [{citation.number}]")
    return "\n".join(lines)


def abstention_text(language: Language, hits: Sequence[Hit]) -> str:
    """Plain text: that the articles don't say, and the openings of the nearest passages."""
    lines = ["这些文章没有说。" if language == "zh" else "These articles don't say."]
    if hits:
        lines.append("最接近的段落：" if language == "zh" else "The nearest passages:")
        for hit in hits:
            opening = " ".join(hit.text.split())
            lines.append(f"- {hit.article.title}: {opening[:80]}{'…' if len(opening) > 80 else ''}")
    return "\n".join(lines)
