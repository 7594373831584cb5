"""The values that flow from a file to an answer: Article → Passage → Hit → Citation → Answer.

All are frozen, so no stage can change what another has seen. Positions are Python string offsets
into `Article.text`, which is fixed at ingestion: for everything that carries `start` and `end`,
`article.text[start:end]` is its text, always. Only numpy and the standard library are imported.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

Language = Literal["zh", "en"]
FloatMatrix = npt.NDArray[np.float32]
TokenIds = npt.NDArray[np.int32]
SCHEMA = 1  # of the JSON that answers, hits and articles are written as; raised when a name changes
DOUBTFUL_BELOW = 0.7  # an article's confidence: below it, a person should look at what was read


@dataclass(frozen=True, slots=True)
class Article:
    """One news story.

    `text` is the story's own characters, without furniture; section headings stand in it on lines
    of their own. `headings` holds (start, heading) with `text[start:start + len(heading)] ==
    heading`.
    `date` is ISO `YYYY-MM-DD`. `title` is never empty; `title_inferred` says it was made from the
    first sentence. `path` is the file as the caller named it, with the way inside where it is a
    container (`papers.zip/may/1.txt`); `copies` are the other places where the same story stands.
    `pages` holds (start, number of the page that begins there) where the format has pages.
    `confidence`, 0..1, says how sure it is that just these lines make up this story.
    """

    id: str
    title: str
    text: str
    path: str
    language: Language
    date: str | None = None
    source: str | None = None
    authors: tuple[str, ...] = ()
    headings: tuple[tuple[int, str], ...] = ()
    title_inferred: bool = False
    url: str | None = None
    pages: tuple[tuple[int, int], ...] = ()
    copies: tuple[str, ...] = ()
    confidence: float = 1.0

    def page_at(self, position: int) -> int | None:
        """The number of the page on which a position of the text stands; None without pages."""
        numbers = [page for start, page in self.pages if start <= position]
        return numbers[-1] if numbers else None

    def to_dict(self, *, text: bool = False) -> dict[str, Any]:
        """The article as JSON-ready values; its text only on request."""
        values: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "title_inferred": self.title_inferred,
            "date": self.date,
            "source": self.source,
            "authors": list(self.authors),
            "language": self.language,
            "path": self.path,
            "url": self.url,
            "headings": [list(heading) for heading in self.headings],
            "pages": [list(page) for page in self.pages],
            "copies": list(self.copies),
            "confidence": self.confidence,
        }
        if text:
            values["text"] = self.text
        return values


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of one article that is retrieved as a unit; `heading` is the section it stands in."""

    article_id: str
    start: int
    end: int
    text: str
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a question.

    `score` is in 0..1, higher is better; `signals` holds the same range for `dense`, `lexical`,
    `late`, `names` and `focus`. A passage that stands there as news, not as a match, has no signals
    and the score 0.
    """

    article: Article
    start: int
    end: int
    text: str
    heading: str | None
    score: float
    signals: Mapping[str, float]

    @property
    def page(self) -> int | None:
        """The page on which the passage begins; None where the article's format has no pages."""
        return self.article.page_at(self.start)

    def to_dict(self) -> dict[str, Any]:
        """The hit as JSON-ready values, its article nested without text."""
        return {
            "article": self.article.to_dict(),
            "start": self.start,
            "end": self.end,
            "page": self.page,
            "text": self.text,
            "heading": self.heading,
            "score": self.score,
            "signals": dict(self.signals),
        }


@dataclass(frozen=True, slots=True)
class Gloss:
    """A word of a quote with its nearest words in the reader's language.

    `start` and `end` are offsets into the quote; `words` may be empty where the table knows none.
    """

    start: int
    end: int
    word: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered quote: `article.text[start:end] == quote`.

    `gloss` is a word-by-word reading aid when the quote is not in the question's language.
    """

    number: int
    article: Article
    start: int
    end: int
    quote: str
    gloss: tuple[Gloss, ...] = ()

    @property
    def page(self) -> int | None:
        """The page on which the quote begins; None where the article's format has no pages."""
        return self.article.page_at(self.start)

    def to_dict(self) -> dict[str, Any]:
        """The citation as JSON-ready values, its article nested without text."""
        return {
            "number": self.number,
            "article": self.article.to_dict(),
            "start": self.start,
            "end": self.end,
            "page": self.page,
            "quote": self.quote,
            "gloss": [
                {"start": g.start, "end": g.end, "word": g.word, "words": list(g.words)}
                for g in self.gloss
            ],
        }


@dataclass(frozen=True, slots=True)
class Understanding:
    """How a question was read where it does not say all itself; empty where it does.

    `carried` holds the words a follow-up takes over from the questions before it. `date_from` and
    `date_to` (ISO, inclusive) limit the articles' dates because of `phrase`, as it stands in the
    question; `widened` says that no article of those dates answered, so all were asked.
    """

    carried: tuple[str, ...] = ()
    phrase: str = ""
    date_from: str | None = None
    date_to: str | None = None
    widened: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The reading as JSON-ready values."""
        return {**asdict(self), "carried": list(self.carried)}


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence that a language model wrote, and the numbers of the citations that support it."""

    text: str
    citations: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """The statement as JSON-ready values."""
        return {"text": self.text, "citations": list(self.citations)}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the articles say to a question, or, with `abstained`, that they don't.

    `text` is plain text with `[n]` after each quote; `citations` are in the order of their numbers
    and grouped by article. An abstaining answer has none, and its `hits` are the nearest passages.
    `language` is the question's. `generation` names the index that answered. `note` says in one
    line where two of the articles should be compared, or how many articles there are where the news
    alone was asked for, and is part of `text`; else it is empty.
    `understood` is how the question was read. `statements` are the sentences of a language model,
    where one was asked and its words held; `fallback` says why they did not.
    """

    question: str
    text: str
    language: Language
    citations: tuple[Citation, ...]
    abstained: bool
    confidence: float
    hits: tuple[Hit, ...]
    generation: str
    note: str = ""
    understood: Understanding = Understanding()
    statements: tuple[Statement, ...] = ()
    fallback: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready values, articles nested without text."""
        return {
            "schema": SCHEMA,
            "question": self.question,
            "text": self.text,
            "language": self.language,
            "abstained": self.abstained,
            "confidence": self.confidence,
            "citations": [citation.to_dict() for citation in self.citations],
            "hits": [hit.to_dict() for hit in self.hits],
            "generation": self.generation,
            "note": self.note,
            "understood": self.understood.to_dict(),
            "statements": [statement.to_dict() for statement in self.statements],
            "fallback": self.fallback,
        }


@dataclass(frozen=True, slots=True)
class BuildStats:
    """What a build did. `skipped` holds (path, reason) for every file or row that was left out.

    `duplicates` counts the articles that were the same story as another and are its `copies`.
    """

    articles: int
    passages: int
    embedded: int
    reused: int
    duplicates: int = 0
    skipped: tuple[tuple[str, str], ...] = field(default=())
    seconds: float = 0.0
    generation: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The figures as JSON-ready values."""
        return {
            "articles": self.articles,
            "passages": self.passages,
            "embedded": self.embedded,
            "reused": self.reused,
            "duplicates": self.duplicates,
            "skipped": [list(entry) for entry in self.skipped],
            "seconds": self.seconds,
            "generation": self.generation,
        }


@dataclass(frozen=True, slots=True)
class IndexInfo:
    """The state of an index; `languages` and `sources` count articles.

    `doubtful` holds (path, confidence, title) of the articles whose reading is least sure, below
    `DOUBTFUL_BELOW`, lowest first; `doubtful_count` counts all of them. `paths` are the files,
    folders (absolute) and addresses that it was built over; what was added to it is not among them.
    """

    path: str
    generation: str
    model: str
    articles: int
    passages: int
    built_at: str
    languages: Mapping[str, int]
    sources: Mapping[str, int]
    first_date: str | None
    last_date: str | None
    doubtful_count: int = 0
    doubtful: tuple[tuple[str, float, str], ...] = ()
    paths: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The state as JSON-ready values."""
        doubtful = [list(entry) for entry in self.doubtful]
        return {**asdict(self), "doubtful": doubtful, "paths": list(self.paths)}


MatchKind = Literal["same", "translation", "related", "name", "number"]


@dataclass(frozen=True, slots=True)
class SignalShare:
    """What one signal adds to a hit's score.

    `value` is as in `Hit.signals`, `weight` what the signal counts (the weights of a hit sum to
    one), `share` its part of the score: `weight * value / score`, so that the shares sum to one.
    """

    name: str
    value: float
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class WordMatch:
    """A word of a question and what matches it best in a passage.

    `article.text[start:end] == match`; both are None where only the title or the heading has it.
    `similarity` is in 0..1, 1 for the word itself. `kind`: the "same" word, its "translation", a
    "related" word of the same language, a "name" in the other script, a "number" of the same value.
    """

    word: str
    match: str
    start: int | None
    end: int | None
    similarity: float
    kind: MatchKind


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a passage came back: its score's parts, largest weight first, and the words that match,
    in the question's order. `missing` are the informative words that nothing matches.
    """

    signals: tuple[SignalShare, ...]
    words: tuple[WordMatch, ...]
    missing: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The reasons as JSON-ready values."""
        return {
            "signals": [asdict(signal) for signal in self.signals],
            "words": [asdict(word) for word in self.words],
            "missing": list(self.missing),
        }


@dataclass(frozen=True, slots=True)
class Point:
    """Where an article lies in the picture of all: `x` and `y` are in 0..1."""

    article_id: str
    title: str
    date: str | None
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Bar:
    """How many articles are of the days from `start` to `end` (ISO, inclusive)."""

    start: str
    end: str
    count: int


@dataclass(frozen=True, slots=True)
class Landscape:
    """All articles as a picture: near in meaning is near in place, and their dates in bars.

    `articles` counts all of them; there are fewer `points` where only a sample is placed. The
    `bars` of the `timeline` follow each other without a gap, each one `unit` long ("day", "week",
    "month", "quarter", "year" or "decade"); `undated` articles are in none.
    """

    points: tuple[Point, ...]
    timeline: tuple[Bar, ...]
    unit: str
    articles: int
    undated: int

    @property
    def sampled(self) -> bool:
        """Whether only some of the articles are placed."""
        return len(self.points) < self.articles

    def to_dict(self) -> dict[str, Any]:
        """The picture as JSON-ready values."""
        return {
            "points": [asdict(point) for point in self.points],
            "timeline": [asdict(bar) for bar in self.timeline],
            "unit": self.unit,
            "articles": self.articles,
            "undated": self.undated,
            "sampled": self.sampled,
        }


class Encoder(Protocol):
    """Turns texts into unit vectors. `name` and `revision` identify the model in an index."""

    @property
    def name(self) -> str: ...

    @property
    def revision(self) -> str: ...

    @property
    def dim(self) -> int: ...

    def encode_query(self, texts: Sequence[str]) -> FloatMatrix:
        """(n, dim) float32, unit length (a text without known tokens gives zeros)."""
        ...

    def encode_document(self, texts: Sequence[str]) -> FloatMatrix:
        """(n, dim) float32, unit length (a text without known tokens gives zeros)."""
        ...


class TokenTable(Encoder, Protocol):
    """An encoder made of one vector a token: the shipped bilingual table."""

    def rows(self, ids: npt.NDArray[np.int32]) -> FloatMatrix:
        """(n, dim) float32: the vectors of some tokens, not normalised; informative tokens are
        long.
        """
        ...

    def are_chinese(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """(n,) whether each token is Chinese."""
        ...

    def are_english(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """(n,) whether each token is a whole English word."""
        ...

    def are_names(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """(n,) whether each token is only ever a name; a name has no near-synonym."""
        ...

    def are_headwords(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """(n,) whether each token is an English dictionary's headword; "districts" is none."""
        ...

    def reach(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        """(n,) each token's cosine with its nearest word of the other language, 0 where it has
        none.
        """
        ...

    @property
    def tokens(self) -> Sequence[str]:
        """The token of each row."""
        ...

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        """The row numbers of each text's tokens, in order, without unknown ones."""
        ...

    def tokenize_spans(self, text: str) -> list[tuple[int, int, int]]:
        """(row, start, end) of each known token, offsets into `text`."""
        ...

    def fold(self, text: str) -> str:
        """The text as its tokens see it: simplified characters, small letters, no accents."""
        ...

    @property
    def calibration(self) -> Mapping[str, Any]:
        """What turns evidence into a confidence; see `rag.evidence.confidence`."""
        ...
