"""Which questions to offer: after an answer, what it did not say yet; at the start, a few to try.

`rag.wording` makes candidates from the articles. Here each is put to the index before it is shown:
it must be answered by what it was made from, and no two may lead to the same quotes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from rag.types import Answer, Article, Language
from rag.wording import Candidate, after, last_resort, openings

MOST_ASKED = 5  # candidates put to the index after an answer; each takes as long as an answer
ARTICLES = 4  # hits' articles from which questions come
RELATED = 0.7  # of the best hit's score, from which another article is about the matter
EACH = 2  # openings of one article that are tried

EXAMPLES_FROM = 60  # articles that openings are made from, evenly apart
TRIES = 4  # openings put to the index for each that is wanted
# Kinds of openings, the most natural first.
KINDS = (
    "title",
    "thing",
    "office",
    "meeting",
    "cost",
    "opens",
    "topic",
    "said",
    "about",
)  # best first
LATER = {"said": 1, "about": 9}  # so many of each other kind come first

Ask = Callable[[str, Sequence[str]], Answer]


def suggest(answer: Answer, history: Sequence[str], ask: Ask, count: int) -> list[str]:
    """At most `count` questions to ask after an answer, in its question's language.

    Args:
        history: the questions before the answer's, oldest first.
        ask: answers a question after a history.
    """
    asked = [*history, answer.question]
    seen = {(c.article.id, c.start) for c in answer.citations}
    found: list[str] = []
    tried: list[str] = []
    for candidate in _next(answer):
        if len(found) == count or len(tried) == MOST_ASKED:
            break
        if candidate.question in (*asked, *tried):
            continue
        tried.append(candidate.question)
        reply = ask(candidate.question, asked)
        new = {(c.article.id, c.start) for c in reply.citations} - seen
        if new and answers(reply, candidate):
            found.append(candidate.question)
            seen |= new
    return found


def answers(reply: Answer, candidate: Candidate) -> bool:
    """Whether an answer quotes what the question was made from."""
    return any(
        c.article.id == candidate.article.id and c.start < candidate.end and candidate.start < c.end
        for c in reply.citations
    )


def _next(answer: Answer) -> Iterator[Candidate]:
    """First about the article quoted first, then about others that were found."""
    first = answer.citations[0].article if answer.citations else None
    if first is not None:
        quoted = [(c.start, c.end) for c in answer.citations if c.article.id == first.id]
        yield from after(first, quoted, answer.language)
    best = answer.hits[0].score if answer.hits else 0.0
    others: dict[str, Article] = {c.article.id: c.article for c in answer.citations}
    others |= {h.article.id: h.article for h in answer.hits if h.score >= RELATED * best}
    for article in list(others.values())[:ARTICLES]:
        if first is None or article.id != first.id:
            yield from _some(openings(article, answer.language), EACH)
    for article in list(others.values())[:ARTICLES]:
        if first is None or article.id != first.id:
            yield from last_resort(article, answer.language)


def _some(candidates: Iterator[Candidate], count: int) -> Iterator[Candidate]:
    yield from (candidate for candidate, _ in zip(candidates, range(count), strict=False))


def examples(articles: Sequence[Article], ask: Ask, count: int) -> list[str]:
    """At most `count` questions to begin with, in both languages by turns as far as they go.

    Each is answered, first of all by the article it was drawn from. An article gives one question,
    and wordings differ as long as there are others.
    """
    pools: dict[Language, list[Candidate]] = {"zh": [], "en": []}
    for language, pool in pools.items():
        for article in articles:
            pool += [*openings(article, language), *last_resort(article, language)]
    found: list[tuple[Language, str]] = []
    used: Counter[tuple[Language, str]] = Counter()
    left = TRIES * count
    while len(found) < count and any(pools.values()) and left:
        language = _turn(pools, found)
        pool = pools[language]
        candidate = min(
            pool, key=lambda c: (used[language, c.kind] + LATER.get(c.kind, 0), KINDS.index(c.kind))
        )
        pool.remove(candidate)
        left -= 1
        reply = ask(candidate.question, ())
        if answers(reply, candidate) and reply.citations[0].article.id == candidate.article.id:
            found.append((language, candidate.question))
            used[language, candidate.kind] += 1
            for other in pools.values():
                other[:] = [c for c in other if c.article.id != candidate.article.id]
    return [question for _, question in found]


def _turn(pools: dict[Language, list[Candidate]], found: list[tuple[Language, str]]) -> Language:
    """Whose turn it is: the other language's, if it has anything left."""
    last = found[-1][0] if found else "en"
    other: Language = "en" if last == "zh" else "zh"
    return other if pools[other] else last
