"""Where the parts are joined: build an index, open one, ask it.

The only module that knows both the encoders and the index. It holds no formula and no file format.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt

from rag import config
from rag.answer import answer, carry_over
from rag.bigrams import bigrams
from rag.digest import ARTICLES, asks_for_news, digest
from rag.errors import (
    EmptyCorpusError,
    ModelError,
    ModelMismatchError,
    StoredIndexError,
)
from rag.evidence import measure
from rag.explain import explain
from rag.index import Generation, current_generation, open_generation, write_generation
from rag.index.generation import UPLOADS, generations, only_build, read_manifest
from rag.landscape import landscape, spread
from rag.names import syllable_stream
from rag.question import Question, check_question, read_question
from rag.retrieve import Filters, Retriever
from rag.similar import same_story
from rag.spelling import corrected
from rag.suggest import EXAMPLES_FROM, examples, suggest
from rag.types import (
    Answer,
    Article,
    BuildStats,
    Encoder,
    Explanation,
    FloatMatrix,
    Hit,
    IndexInfo,
    Landscape,
    Passage,
    TokenTable,
    Understanding,
)
from rag.when import Period, period

if TYPE_CHECKING:
    from rag.generate import Draft

Batch = list[str] | tuple[str, ...]  # of questions
Progress = Callable[[int, int, str], None]
_EMBED_BATCH = 256
_UNLIKE = (  # texts that have nothing to do with each other
    "钢琴家昨晚演奏了肖邦的夜曲。",
    "玉米的收购价格比去年上涨一成。",
    "How long does a cat sleep in winter?",
    "台风过后，渔船陆续回港。",
    "The judge adjourned the trial until Monday.",
    "小学三年级的数学作业太多了。",
    "New batteries halve the charging time.",
    "他们在沙漠里发现了恐龙化石。",
    "The bakery on the corner sells rye bread.",
    "医生建议每天走一万步。",
)
_PIPELINE = 3  # raised when reading or chunking changes what is indexed


class Index:
    """An open index generation; it may be used from several threads.

    A rebuild does not change it: `refresh()` gives the newer one.
    """

    def __init__(
        self, path: str, generation: Generation, encoder: Encoder, table: TokenTable
    ) -> None:
        self._path = path
        self._generation = generation
        self._encoder = encoder
        self._table = table
        self._retriever = Retriever(generation, table)

    def articles(self) -> Iterator[Article]:
        """Every article, in the order it was read."""
        return self._generation.store.articles()

    def article(self, article_id: str) -> Article:
        """One article; KeyError if the index has none with this id."""
        return self._generation.store.article(article_id)

    def passage_counts(self) -> dict[str, int]:
        """How many passages each article has, by its id."""
        counts = np.bincount(self._generation.owners)
        return {a.id: int(n) for a, n in zip(self.articles(), counts, strict=True)}

    @overload
    def retrieve(
        self,
        question: str,
        k: int = ...,
        *,
        date_from: str | None = ...,
        date_to: str | None = ...,
        source: str | None = ...,
        language: str | None = ...,
    ) -> list[Hit]: ...

    @overload
    def retrieve(
        self,
        question: Batch,
        k: int = ...,
        *,
        date_from: str | None = ...,
        date_to: str | None = ...,
        source: str | None = ...,
        language: str | None = ...,
    ) -> list[list[Hit]]: ...

    def retrieve(
        self,
        question: str | Batch,
        k: int = config.DEFAULT_K,
        *,
        date_from: str | None = None,
        date_to: str | None = None,
        source: str | None = None,
        language: str | None = None,
    ) -> list[Hit] | list[list[Hit]]:
        """The `k` passages nearest to the question, best first; of a batch, a list a question.

        Args:
            question: Chinese or English, at most `config.MAX_QUESTION_CHARS` characters; or a list
                of them, encoded together.
            k: how many; fewer come back only when fewer passages meet the filters.
            date_from, date_to: ISO dates, inclusive.
            source: part of the name of the articles' source.
            language: `"zh"` or `"en"`, the articles' language.

        Raises:
            QuestionError: a question is empty or too long, or a filter is malformed.
        """
        batch = [question] if isinstance(question, str) else question
        asked = [self._read(text) for text in batch]
        filters = Filters(date_from, date_to, source, language)
        queries = self._encoder.encode_query([one.text for one in asked])
        found = [
            self._retriever.retrieve(one, queries[i : i + 1], k, filters)
            for i, one in enumerate(asked)
        ]
        return found[0] if isinstance(question, str) else found

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        k: int = config.DEFAULT_K,
        *,
        date_from: str | None = None,
        date_to: str | None = None,
        source: str | None = None,
        language: str | None = None,
        read_dates: bool = True,
        today: date | None = None,
    ) -> Answer:
        """An answer quoted from the articles, or one that abstains.

        Args:
            question: as in `retrieve`.
            history: the questions before it, oldest first; a follow-up takes its subject from them.
            k: how many hits the answer carries.
            date_from, date_to, source, language: filters, as in `retrieve`.
            read_dates: whether a period that the question names (see `rag.when`) limits the dates
                of the articles; not where a date is given. If they don't answer, all are asked.
            today: what "last week" is counted from; None is the date of the clock.

        Raises:
            QuestionError: the question is empty or too long, or a filter is malformed.
        """
        question = question.strip()
        asked = self._read(question)
        before = [self._read(h) for h in history if h.strip()]
        carried = carry_over(asked, before)
        filters = Filters(date_from, date_to, source, language)
        understood = Understanding(carried=_carried(carried, asked))
        own, meant, dated = None, None, filters
        day = today or date.today()
        if read_dates and date_from is None and date_to is None:
            meant = own = period(question, day)
            if meant is None and carried is not asked:
                meant = _period_before(before, day)
        if meant is not None:
            first = meant.start.isoformat() if meant.start else None
            last = meant.end.isoformat()
            dated = replace(filters, date_from=first, date_to=last)
            understood = replace(understood, phrase=meant.phrase, date_from=first, date_to=last)
        rest = _without(question, own)
        if asks_for_news(rest, dated=own is not None):
            given = self._digest(asked, k, dated)
            if given.abstained and meant is not None:
                given = self._digest(asked, k, filters)
                understood = replace(understood, widened=True)
            return replace(given, question=question, understood=replace(understood, carried=()))
        if meant is not None:
            # The dates say what the phrase says, and an article need not say it again.
            matter = asked if own is None else self._read(rest)
            narrow = matter
            if carried is not asked:
                matters = [_without(one.text, period(one.text, day)) for one in before]
                narrow = carry_over(matter, list(map(self._read, matters)))
            given = self._answer(asked, narrow, k, dated)
            if not given.abstained:
                understood = replace(understood, carried=_carried(narrow, matter))
                return replace(given, question=question, understood=understood)
            understood = replace(understood, widened=True)
        given = self._answer(asked, carried, k, filters)
        return replace(given, question=question, understood=understood)

    def _digest(self, asked: Question, k: int, filters: Filters) -> Answer:
        """The newest articles that meet the filters, see `rag.digest.digest`."""
        store = self._generation.store
        numbers, total = store.newest(
            ARTICLES, filters.date_from, filters.date_to, filters.source, filters.language
        )
        return digest(
            asked,
            store.passages(numbers),
            total,
            k=max(k, 0),
            table=self._table,
            generation=self._generation.manifest.generation,
        )

    def _answer(self, asked: Question, carried: Question, k: int, filters: Filters) -> Answer:
        """What the articles that meet the filters say, see `rag.answer.answer`."""
        query = self._encoder.encode_query([carried.text])
        hits = self._retriever.retrieve(carried, query, max(k, config.ANSWER_HITS), filters)
        return answer(
            asked,
            carried,
            hits,
            k=max(k, 0),
            table=self._table,
            generation=self._generation.manifest.generation,
        )

    def evidence(
        self, question: str, without: Collection[str] = ()
    ) -> tuple[npt.NDArray[np.float64], bool] | None:
        """What the confidence in an answer is made of, see `rag.evidence.measure`.

        Args:
            without: ids of articles to leave out, as if they were not in the index.
        """
        asked = self._read(question)
        hits = self._retriever.retrieve(
            asked, self._encoder.encode_query([asked.text]), 2 * config.ANSWER_HITS, Filters()
        )
        return measure(asked, [hit for hit in hits if hit.article.id not in without], self._table)

    def explain(self, question: str, hit: Hit, history: Sequence[str] = ()) -> Explanation:
        """Why a hit came back for a question: the parts of its score, and the words that match.

        Args:
            question, history: as they were asked.
            hit: one of that question's hits.

        Raises:
            QuestionError: the question is empty or too long.
        """
        before = [self._read(h) for h in history if h.strip()]
        return explain(carry_over(self._read(question), before), hit, self._table)

    def suggest(self, answer: Answer, history: Sequence[str] = (), count: int = 3) -> list[str]:
        """At most `count` questions to ask next, in the language of the answer's question.

        Each has been asked: the articles answer it, with quotes that were not shown yet. There may
        be none.

        Args:
            answer: what was answered last.
            history: the questions before it, oldest first.
        """
        return suggest(answer, history, lambda text, before: self.ask(text, before, k=1), count)

    def examples(self, count: int = 6) -> list[str]:
        """At most `count` questions to begin with, Chinese and English by turns as far as they go.

        They are drawn from some of the articles, and each has been asked: the article it was drawn
        from answers. The same index always gives the same ones.
        """
        _, first = np.unique(self._generation.owners, return_index=True)
        chosen = first[spread(len(first), EXAMPLES_FROM)]
        articles = [article for article, _ in self._generation.store.passages(chosen.tolist())]
        return examples(articles, lambda text, before: self.ask(text, before, k=1), count)

    def same_story(self, articles: Sequence[Article]) -> list[tuple[Article, ...]]:
        """The articles in groups that tell one story each, in the order of their first articles.

        For a few articles that were found together; see `rag.similar`. It misses rather than joins
        what is apart.
        """
        return same_story(articles, self._table)

    def landscape(self) -> Landscape:
        """All articles as a picture: their places by meaning, and a timeline of their dates."""
        heads = [(article.id, article.title, article.date) for article in self.articles()]
        return landscape(heads, self._generation.owners, self._generation.dense.vectors)

    def _read(self, question: str) -> Question:
        """The question, typos put right, as the maths sees it."""
        text = check_question(question)
        return read_question(corrected(text, self._table), self._table)

    def info(self) -> IndexInfo:
        """The state of this generation."""
        manifest = self._generation.manifest
        return IndexInfo(
            path=self._path,
            generation=manifest.generation,
            model=manifest.model,
            articles=manifest.articles,
            passages=manifest.passages,
            built_at=manifest.built_at,
            paths=tuple(os.fsencode(p).decode("utf-8", "replace") for p in manifest.paths),
            **self._generation.store.summary(),
        )

    def refresh(self) -> Index:
        """This index, or the newer one if a rebuild has been published since."""
        if current_generation(Path(self._path)) == self._generation.manifest.generation:
            return self
        return open_index(self._path)

    def generate(
        self, answer: Answer, settings: config.LLMSettings, history: Sequence[str] = ()
    ) -> Iterator[Draft | Answer]:
        """An answer in a language model's words: `Draft`s as it writes, then the checked `Answer`.

        Each of its `statements` is borne out by its citations. Where too few are, or the model
        cannot be reached, the last value is `answer` itself with a `fallback` that says why; an
        answer that abstains stays as it is, and the model is not asked. A key for the endpoint is
        read from the environment variable WENBAO_LLM_KEY.

        Args:
            answer: what `ask` gave; its hits are what the model reads.
            settings: where the model is.
            history: the questions before it, oldest first.
        """
        from rag.generate import generate

        return generate(answer, settings, self._table, history)


def _without(question: str, meant: Period | None) -> str:
    """The question less the words of its period; itself if it says nothing else."""
    if meant is None:
        return question
    rest = f"{question[: meant.at]} {question[meant.at + len(meant.phrase) :]}".strip()
    return rest or question


def _period_before(before: Sequence[Question], today: date) -> Period | None:
    """The period that a follow-up is still about: that of the questions it follows up."""
    for number in reversed(range(len(before))):
        meant = period(before[number].text, today)
        if meant is not None or carry_over(before[number], before[:number]) is before[number]:
            return meant
    return None


def _carried(question: Question, asked: Question) -> tuple[str, ...]:
    """The words that say something and that `question` has before those asked, each once."""
    taken = len(question.words) - len(asked.words)
    words = zip(question.words[:taken], question.weights[:taken], strict=True)
    return tuple(dict.fromkeys(word for word, weight in words if weight > 0))


def build_index(
    paths: Sequence[str | Path],
    index_dir: str | Path = config.DEFAULT_INDEX,
    *,
    model: str = config.DEFAULT_MODEL,
    progress: Progress | None = None,
) -> BuildStats:
    """Make the index in `index_dir` hold exactly the articles under `paths`, and serve it.

    What was added to it (`rag.Library`) stays in it, and counts as one more path. Vectors of
    passages that have not changed are reused. A reader keeps the old generation until it
    refreshes; whatever interrupts the build leaves the old one served.

    Args:
        paths: files and folders, folders recursively.
        index_dir: made if missing.
        model: `"bilingual"`, a hub name or a folder.
        progress: called with (done, total, stage).

    Raises:
        BusyError: another build of this index is running.
        EmptyCorpusError: no article was found; the message says why.
        ModelError: the model cannot be loaded.
        InputError: `index_dir` cannot be used.
    """
    tell: Progress = progress or (lambda done, total, stage: None)
    with only_build(Path(index_dir)):
        return build_generation(paths, Path(index_dir), model, tell)


def build_generation(
    paths: Sequence[str | Path], folder: Path, model: str, tell: Progress
) -> BuildStats:
    """What `build_index` does once no other build of the index can run (`only_build`)."""
    from rag.aliases import expansions, find_aliases
    from rag.chunk import chunk
    from rag.ingest import is_url, read_articles, source_files

    began = time.perf_counter()
    table, encoder = _load(model)
    own = generations(folder)  # the index may lie in a folder it is built over
    inputs = _fingerprint(source_files(_with_uploads(paths, folder), own))
    corpus = read_articles(
        _with_uploads(paths, folder),
        lambda done, total, path: tell(done, total, "reading"),
        table,
        own,
    )
    if not corpus.articles:
        reasons = "; ".join(f"{path}: {reason}" for path, reason in corpus.skipped[:3])
        given = ", ".join(map(str, paths)) or "nothing"
        raise EmptyCorpusError(
            f"no article found in {given}{f' ({reasons})' if reasons else ''}: "
            "give a folder with articles (.txt, .md, .html, .pdf, .docx, .eml, .json, .csv, .zip)"
        )
    passages: list[Passage] = []
    contexts: list[str] = []
    for done, article in enumerate(corpus.articles, 1):
        for passage in chunk(article):
            passages.append(passage)
            contexts.append("\n".join(filter(None, (article.title, passage.heading, passage.text))))
        tell(done, len(corpus.articles), "splitting")
    digests = [hashlib.blake2b(text.encode(), digest_size=12).hexdigest() for text in contexts]
    vectors, reused = _vectors(folder, encoder, contexts, digests, tell)
    # A passage that says CPPCC is found by the full name too, where any article gives both.
    aliases = find_aliases(article.text for article in corpus.articles)
    searched = ["\n".join((text, *expansions(text, aliases))) for text in contexts]
    tell(0, 1, "writing")
    generation = write_generation(
        folder,
        articles=corpus.articles,
        passages=passages,
        digests=digests,
        vectors=vectors,
        tokens=table.tokenize(searched),
        syllables=[syllable_stream(text) for text in searched],
        pairs=[bigrams(table.fold(text))[0] for text in searched],
        model=encoder.name,
        revision=encoder.revision,
        table=table.revision,
        background=_background(encoder),
        inputs=inputs,
        paths=[os.fspath(p) if is_url(p) else os.path.abspath(p) for p in dict.fromkeys(paths)],
    )
    tell(1, 1, "writing")
    return BuildStats(
        articles=len(corpus.articles),
        passages=len(passages),
        embedded=len(passages) - reused,
        reused=reused,
        duplicates=corpus.read - len(corpus.articles),
        skipped=corpus.skipped,
        seconds=round(time.perf_counter() - began, 3),
        generation=generation,
    )


def open_index(index_dir: str | Path = config.DEFAULT_INDEX, *, model: str | None = None) -> Index:
    """Open the index that is served from a folder.

    Args:
        model: the model the caller means to ask with; None takes the index's own.

    Raises:
        MissingIndexError, CorruptIndexError: there is none, or it is damaged.
        ModelMismatchError: the index was built with another model, or another revision of it.
    """
    generation = open_generation(Path(index_dir))
    manifest = generation.manifest
    if model is not None and model != manifest.model:
        raise ModelMismatchError(
            f"the index in {index_dir} was built with {manifest.model!r}, not {model!r}: "
            f"leave out --model, or rebuild with `wenbao index PATH --model {model}`"
        )
    table, encoder = _load(manifest.model)
    if (encoder.revision, table.revision) != (manifest.revision, manifest.table):
        raise ModelMismatchError(
            f"the index in {index_dir} was built with {manifest.model!r} revision "
            f"{manifest.revision} (table {manifest.table}), here is {encoder.name!r} "
            f"revision {encoder.revision} "
            f"(table {table.revision}): rebuild with `wenbao index PATH`"
        )
    return Index(str(index_dir), generation, encoder, table)


def is_stale(
    paths: Sequence[str | Path],
    index_dir: str | Path = config.DEFAULT_INDEX,
    *,
    model: str = config.DEFAULT_MODEL,
) -> bool:
    """Whether the index is missing, damaged, or built from other files or with another model.

    What is on the web may have changed at any time: with an address among the paths it is stale.
    """
    from rag.ingest import is_url, source_files

    if any(map(is_url, paths)):
        return True
    try:
        manifest = read_manifest(Path(index_dir))
    except StoredIndexError:
        return True
    table, encoder = _load(model)
    return (manifest.model, manifest.revision, manifest.table, manifest.inputs) != (
        encoder.name,
        encoder.revision,
        table.revision,
        _fingerprint(
            source_files(_with_uploads(paths, Path(index_dir)), generations(Path(index_dir)))
        ),
    )


@overload
def retrieve(
    question: str,
    k: int = ...,
    index: str | Path = ...,
    *,
    date_from: str | None = ...,
    date_to: str | None = ...,
    source: str | None = ...,
    language: str | None = ...,
) -> list[Hit]: ...


@overload
def retrieve(
    question: Batch,
    k: int = ...,
    index: str | Path = ...,
    *,
    date_from: str | None = ...,
    date_to: str | None = ...,
    source: str | None = ...,
    language: str | None = ...,
) -> list[list[Hit]]: ...


def retrieve(
    question: str | Batch,
    k: int = config.DEFAULT_K,
    index: str | Path = config.DEFAULT_INDEX,
    *,
    date_from: str | None = None,
    date_to: str | None = None,
    source: str | None = None,
    language: str | None = None,
) -> list[Hit] | list[list[Hit]]:
    """`Index.retrieve` in one line for scripts; opens the index folder each time."""
    return open_index(index).retrieve(
        question, k, date_from=date_from, date_to=date_to, source=source, language=language
    )


def ask(
    question: str,
    history: Sequence[str] = (),
    k: int = config.DEFAULT_K,
    index: str | Path = config.DEFAULT_INDEX,
    *,
    date_from: str | None = None,
    date_to: str | None = None,
    source: str | None = None,
    language: str | None = None,
    read_dates: bool = True,
    today: date | None = None,
) -> Answer:
    """`Index.ask` in one line for scripts; opens the index folder each time."""
    return open_index(index).ask(
        question,
        history,
        k,
        date_from=date_from,
        date_to=date_to,
        source=source,
        language=language,
        read_dates=read_dates,
        today=today,
    )


def _load(model: str) -> tuple[TokenTable, Encoder]:
    """The bilingual table, and the encoder of the dense signal, which may be the table."""
    from embeddings import load_encoder
    from embeddings.static import StaticTable
    from embeddings.transformer import ModelUnavailable

    table = load_encoder(config.DEFAULT_MODEL)
    assert isinstance(table, StaticTable)
    if model == config.DEFAULT_MODEL:
        return table, table
    try:
        return table, load_encoder(model)
    except ModelUnavailable as error:
        raise ModelError(str(error)) from error


def _background(encoder: Encoder) -> float:
    """The cosine of a question with a text that has nothing to do with it, as this model sees it.

    Models differ widely here (0.0 and 0.8), and only what lies above it tells anything.
    """
    cosines = encoder.encode_query(_UNLIKE) @ encoder.encode_document(_UNLIKE).T
    apart = cosines[~np.eye(len(_UNLIKE), dtype=bool)]
    return float(np.clip(np.mean(apart), 0.0, 0.95))


def _vectors(
    folder: Path, encoder: Encoder, contexts: Sequence[str], digests: Sequence[str], tell: Progress
) -> tuple[FloatMatrix, int]:
    """(n_passages, dim) float32, and how many were taken from the served generation."""
    vectors = np.zeros((len(contexts), encoder.dim), dtype=np.float32)
    known: dict[str, int] = {}
    old: Generation | None = None
    with contextlib.suppress(StoredIndexError):
        old = open_generation(folder)
    if old and (old.manifest.model, old.manifest.revision) == (encoder.name, encoder.revision):
        known = old.store.digests()
    kept = [i for i, digest in enumerate(digests) if digest in known]
    if old and kept:
        vectors[kept] = old.dense.vectors([known[digests[i]] for i in kept])
    fresh = [i for i, digest in enumerate(digests) if digest not in known]
    for start in range(0, len(fresh), _EMBED_BATCH):
        part = fresh[start : start + _EMBED_BATCH]
        vectors[part] = encoder.encode_document([contexts[i] for i in part])
        tell(min(start + _EMBED_BATCH, len(fresh)), len(fresh), "embedding")
    return vectors, len(kept)


def _with_uploads(paths: Sequence[str | Path], folder: Path) -> list[str | Path]:
    """The paths of a build, and what was added to the index in `folder`."""
    uploads = folder / UPLOADS
    return [*paths, uploads] if uploads.is_dir() else list(paths)


def _fingerprint(files: Sequence[Path]) -> str:
    """Of the files a build would read: paths, sizes and times of change."""
    digest = hashlib.blake2b(f"pipeline {_PIPELINE}".encode(), digest_size=12)
    for file in files:
        try:
            status = file.stat()
        except OSError:
            continue
        digest.update(os.fsencode(os.path.abspath(file)))
        digest.update(f"\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()
