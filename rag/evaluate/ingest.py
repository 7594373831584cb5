"""Figures for how well documents are read, against what a person says stands in them.

A folder holds documents and a `gold.json`: for each document its stories, with the fragments of
text they must and must not hold, and their metadata. Pure functions over values; what counts as
good enough is not decided here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import InputError
from rag.ingest import Corpus, read_articles
from rag.types import Article, TokenTable

GOLD = "gold.json"
FIELDS = ("title", "date", "source", "authors", "language", "headings", "page", "copies")


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing asked of a story: what was expected, what was got, and whether it is right."""

    name: str
    right: bool
    expected: Any
    got: Any


@dataclass(frozen=True, slots=True)
class StoryScore:
    """A gold story and the article that was held against it.

    `whole` says that the article holds all of the story's text fragments and the beginning of no
    other. Where none does, the metadata of the article that holds its beginning, or else most of
    its fragments, are judged; `found` is None when there is none either, and every mark is wrong.
    """

    number: int
    title: str
    found: str | None
    whole: bool
    marks: tuple[Mark, ...]
    lost: tuple[str, ...]
    dirt: tuple[str, ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """What is wrong with the story, a line each."""
        if self.found is None:
            return ("not found",)
        lines = [] if self.whole else ["not whole, or with another story in it"]
        lines += [f"lost: {fragment}" for fragment in self.lost]
        lines += [f"holds: {fragment}" for fragment in self.dirt]
        lines += [
            f"{mark.name}: expected {_shown(mark.expected)}, got {_shown(mark.got)}"
            for mark in self.marks
            if not mark.right
        ]
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class DocumentScore:
    """One document: its gold stories, and the counts that its figures are made of.

    `extra` are titles of articles that are no whole gold story; `refused` says whether a document
    that must not be read, in whole or in part, was refused with the reason that gold expects.
    """

    file: str
    kind: str
    stories: tuple[StoryScore, ...]
    extra: tuple[str, ...]
    articles: int
    clean: int
    boilerplate: tuple[int, int]
    text: tuple[int, int]
    refused: bool | None = None

    @property
    def faults(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(story, what is wrong with it) for each story that is not perfect, and what is extra."""
        found = [
            (f"{self.file}#{story.number} {story.title}", story.faults)
            for story in self.stories
            if story.faults
        ]
        paired = {story.found for story in self.stories}
        extra = tuple(f"extra story: {title}" for title in self.extra if title not in paired)
        refusal = ("not refused with the reason expected",) if self.refused is False else ()
        return (*found, *([(self.file, extra + refusal)] if extra or refusal else []))


@dataclass(frozen=True, slots=True)
class IngestReport:
    """The scores of a folder's documents; `figures` are shares, None where nothing was asked."""

    documents: tuple[DocumentScore, ...]

    @property
    def total(self) -> dict[str, float | None]:
        """The figures over all documents."""
        return figures(self.documents)

    @property
    def kinds(self) -> dict[str, dict[str, float | None]]:
        """The figures by kind of document, in alphabetical order."""
        names = sorted({document.kind for document in self.documents})
        return {
            name: figures([document for document in self.documents if document.kind == name])
            for name in names
        }

    @property
    def faults(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """(story, what is wrong with it), document by document."""
        return tuple(fault for document in self.documents for fault in document.faults)

    def to_dict(self) -> dict[str, Any]:
        """Everything as JSON-ready values."""
        return {
            "total": self.total,
            "kinds": self.kinds,
            "documents": [_document_dict(document) for document in self.documents],
        }


def evaluate_ingest(folder: Path, table: TokenTable | None = None) -> IngestReport:
    """Read the documents that a folder's `gold.json` names, and score what was read.

    Raises:
        InputError: there is no `gold.json`, or it is malformed.
    """
    return IngestReport(
        tuple(
            score_document(gold, read_articles([folder / str(gold["file"])], table=table))
            for gold in read_gold(folder)
        )
    )


def read_gold(folder: Path) -> list[dict[str, Any]]:
    """The entries of a folder's `gold.json`."""
    path = folder / GOLD
    try:
        gold = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: give a folder of documents with a {GOLD}"
        ) from error
    except ValueError as error:
        raise InputError(f"{path} is no valid JSON ({error}): correct it") from error
    if not isinstance(gold, list) or not all(_is_entry(entry) for entry in gold):
        raise InputError(
            f'{path} is malformed: write a list of {{"file": …, "stories": [{{"title": …, '
            '"first_sentence": …, "last_sentence": …}]}'
        )
    return gold


def score_document(gold: Mapping[str, Any], corpus: Corpus) -> DocumentScore:
    """One document's articles against its gold entry."""
    stories = gold.get("stories", [])
    articles = corpus.articles
    texts = [_squeeze(article.text) for article in articles]
    pairs = _pair(stories, texts)
    scores = tuple(
        _score_story(number, story, stories, articles, texts, pairs.get(number))
        for number, story in enumerate(stories)
    )
    whole = {pairs[score.number] for score in scores if score.whole}
    boilerplate = _distinct(f for story in stories for f in story.get("boilerplate", []))
    fragments = _distinct(f for story in stories for f in _fragments(story))
    gone = sum(not any(fragment in text for text in texts) for fragment in boilerplate)
    kept = sum(any(fragment in text for text in texts) for fragment in fragments)
    story_of = {index: stories[number] for number, index in pairs.items()}
    own = [
        _distinct(story_of[i].get("boilerplate", [])) if i in story_of else boilerplate
        for i in range(len(articles))
    ]
    reason = gold.get("skipped")
    return DocumentScore(
        file=str(gold["file"]),
        kind=str(gold.get("kind") or Path(str(gold["file"])).suffix.lstrip(".")),
        stories=scores,
        extra=tuple(article.title for i, article in enumerate(articles) if i not in whole),
        articles=len(articles),
        clean=sum(
            not any(fragment in text for fragment in dirt)
            for text, dirt in zip(texts, own, strict=True)
        ),
        boilerplate=(gone, len(boilerplate)),
        text=(kept, len(fragments)),
        refused=None if reason is None else any(reason in why for _, why in corpus.skipped),
    )


def figures(documents: Sequence[DocumentScore]) -> dict[str, float | None]:
    """The figures of some documents, as shares; None where nothing was asked.

    `precision` counts whole stories among the articles, `recall` among the gold stories. Metadata
    are shares of the gold stories that state them. `boilerplate_recall` is the share of
    boilerplate fragments that are in no article, `boilerplate_precision` the share of text
    fragments that still are in one, `clean` the share of articles without any boilerplate.
    """
    stories = [story for document in documents for story in document.stories]
    articles = sum(document.articles for document in documents)
    whole = sum(story.whole for story in stories)
    asked = [d.refused for d in documents if d.refused is not None]
    marks = [mark for story in stories for mark in story.marks]
    return {
        "documents": len(documents),
        "stories": len(stories),
        "precision": _share(whole, articles),
        "recall": _share(whole, len(stories)),
        "f1": _share(2 * whole, articles + len(stories)),
        **{name: _mean(mark.right for mark in marks if mark.name == name) for name in FIELDS},
        "boilerplate_recall": _share(*_sum(d.boilerplate for d in documents)),
        "boilerplate_precision": _share(*_sum(d.text for d in documents)),
        "clean": _share(sum(document.clean for document in documents), articles),
        "refused": _mean(asked),
    }


def _pair(stories: Sequence[Mapping[str, Any]], texts: Sequence[str]) -> dict[int, int]:
    """Gold story → article, each at most once: whole ones first, then by beginning, then by share.

    An article is a story's by share when it holds any of its fragments, best first.
    """
    pairs: dict[int, int] = {}
    for rank in (_is_whole, _begins, _holds):
        ranked = sorted(
            (-score, number, index)
            for number in range(len(stories))
            for index, text in enumerate(texts)
            if (score := rank(number, stories, text)) > 0
        )
        for _, number, index in ranked:
            if number not in pairs and index not in pairs.values():
                pairs[number] = index
    return pairs


def _is_whole(number: int, stories: Sequence[Mapping[str, Any]], text: str) -> float:
    own = _first(stories[number])
    others = (_first(story) for n, story in enumerate(stories) if n != number)
    held = all(fragment in text for fragment in map(_squeeze, _fragments(stories[number])))
    # Two gold stories may begin alike; the other's beginning tells only if it is not this one's.
    return float(held and not any(other in text for other in others if other not in own))


def _begins(number: int, stories: Sequence[Mapping[str, Any]], text: str) -> float:
    return float(_first(stories[number]) in text)


def _holds(number: int, stories: Sequence[Mapping[str, Any]], text: str) -> float:
    return _mean(_squeeze(f) in text for f in _fragments(stories[number])) or 0.0


def _score_story(
    number: int,
    gold: Mapping[str, Any],
    stories: Sequence[Mapping[str, Any]],
    articles: Sequence[Article],
    texts: Sequence[str],
    index: int | None,
) -> StoryScore:
    article = None if index is None else articles[index]
    text = "" if index is None else texts[index]
    return StoryScore(
        number=number,
        title=str(gold.get("title") or f"({gold['first_sentence']})"),
        found=None if article is None else article.title,
        whole=index is not None and _is_whole(number, stories, text) > 0,
        marks=tuple(_marks(gold, article)),
        lost=tuple(f for f in _fragments(gold) if _squeeze(f) not in text),
        dirt=tuple(f for f in gold.get("boilerplate", []) if _squeeze(f) in text),
    )


def _marks(gold: Mapping[str, Any], article: Article | None) -> Iterator[Mark]:
    """A mark for each thing that the gold story states."""
    for name in FIELDS:
        if name not in gold:
            continue
        got = None if article is None else _value(name, article)
        accepted = [gold[name], *gold.get(f"{name}_accept", [])]
        right = article is not None and got in accepted
        if name == "copies" and article is not None and isinstance(gold[name], list):
            got = list(article.copies)
            right = len(got) == len(gold[name]) and all(
                any(copy.endswith(end) for copy in got) for end in gold[name]
            )
        if name == "title" and article is not None:
            titles = {_squeeze(title) for title in accepted if title}
            right = _squeeze(article.title) in titles if titles else article.title_inferred
            right = right and got not in gold.get("not_title", [])
        if name == "page" and article is not None and "last_page" in gold:
            last = article.page_at(len(article.text) - 1)
            right = right and last == gold["last_page"]
            yield Mark(name, right, [gold[name], gold["last_page"]], [got, last])
        else:
            yield Mark(name, right, gold[name], got)


def _value(name: str, article: Article) -> Any:
    """What an article holds of one field, in the form that gold writes it."""
    values: dict[str, Any] = {
        "title": article.title,
        "date": article.date,
        "source": article.source,
        "authors": list(article.authors),
        "language": article.language,
        "headings": [heading for _, heading in article.headings],
        "page": article.page_at(0),
        "copies": len(article.copies),
    }
    return values[name]


def _is_entry(entry: object) -> bool:
    """Whether a value is a gold entry: a file, and stories with their text's beginning and end."""
    if not isinstance(entry, dict) or not isinstance(entry.get("file"), str):
        return False
    stories = entry.get("stories", [])
    return isinstance(stories, list) and all(
        isinstance(story, dict)
        and all(isinstance(story.get(key), str) for key in ("first_sentence", "last_sentence"))
        for story in stories
    )


def _fragments(story: Mapping[str, Any]) -> list[str]:
    """The pieces of text that a story must hold."""
    return [story["first_sentence"], *story.get("inside", []), story["last_sentence"]]


def _first(story: Mapping[str, Any]) -> str:
    return _squeeze(story["first_sentence"])


def _distinct(fragments: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(map(_squeeze, fragments)))


def _squeeze(text: str) -> str:
    return "".join(text.split())


def _share(right: float, total: float) -> float | None:
    return right / total if total else None


def _mean(values: Iterable[bool]) -> float | None:
    marks = list(values)
    return _share(sum(marks), len(marks))


def _sum(pairs: Iterable[tuple[int, int]]) -> tuple[int, int]:
    rights, totals = zip((0, 0), *pairs, strict=True)
    return sum(rights), sum(totals)


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _document_dict(document: DocumentScore) -> dict[str, Any]:
    return {
        "file": document.file,
        "kind": document.kind,
        "figures": figures([document]),
        "refused": document.refused,
        "extra": list(document.extra),
        "stories": [
            {
                "number": story.number,
                "title": story.title,
                "found": story.found,
                "whole": story.whole,
                "marks": {
                    mark.name: {
                        "right": mark.right,
                        "expected": mark.expected,
                        "got": mark.got,
                    }
                    for mark in story.marks
                },
                "lost": list(story.lost),
                "boilerplate": list(story.dirt),
            }
            for story in document.stories
        ],
    }
