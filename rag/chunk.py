"""Article → Passage: runs of whole sentences, each an exact span of its article's text.

Sections come from `Article.headings`; a passage never crosses one, and heading lines are in no
passage. Within a section langchain-text-splitters merges sentences, at the smallest size that
needs no more passages than the largest would, so that no short tail is left. Nothing is
embedded or normalised here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from rag.text import is_han, sentence_spans
from rag.types import Article, Language, Passage

if TYPE_CHECKING:
    from langchain_text_splitters import TextSplitter

# Sizes are in Chinese characters; an English word counts as two of them.
MAX_SIZE = 300
MIN_SIZE = 50
_WORD_SIZE = 2


@dataclass(frozen=True, slots=True)
class _Section:
    start: int
    end: int
    heading: str | None


def chunk(article: Article) -> list[Passage]:
    """The passages of an article, in order: 200–300 Chinese characters or 100–150 English words.

    `article.text[p.start:p.end] == p.text` for each. A section shorter than that is one passage,
    and a sentence longer than that stays whole. Every sentence that is not a heading is in
    exactly one passage.
    """
    text = article.text
    passages = []
    sections = [part for part in _sections(article) if text[part.start : part.end].strip()]
    for section in sections or [_Section(0, len(text), None)]:
        for start, end in _merge(text, section, article.language):
            passages.append(Passage(article.id, start, end, text[start:end], section.heading))
    return passages


def _sections(article: Article) -> Iterator[_Section]:
    """The stretches of text between headings; headings with nothing between them are one."""
    start, heading = 0, None
    for position, title in sorted(article.headings):
        if article.text[start:position].strip():
            yield _Section(start, position, heading)
            heading = title
        else:
            heading = title if heading is None else f"{heading} {title}"
        start = position + len(title)
    yield _Section(start, len(article.text), heading)


def _merge(text: str, section: _Section, language: Language) -> list[tuple[int, int]]:
    """Spans of a section's passages, without white space around them."""
    sentences = sentence_spans(text, section.start, section.end)
    if not sentences:
        return []
    # Each piece runs to the next sentence, so that joined pieces are again a piece of the text.
    starts = [start for start, _ in sentences]
    pieces = [text[a:b] for a, b in zip(starts, [*starts[1:], sentences[-1][1]], strict=True)]
    measure = _measure_chinese if language == "zh" else _measure_english
    spans, position = [], starts[0]
    for joined in _join(pieces, measure):
        spans.append((position, position + len(joined.rstrip())))
        position += len(joined)
    return spans


def _join(pieces: list[str], measure: Callable[[str], int]) -> list[str]:
    """Neighbouring pieces joined to passages of at most MAX_SIZE, an over-long piece alone."""
    joined: list[str] = []
    run: list[str] = []
    for piece in pieces:
        if measure(piece) <= MAX_SIZE:
            run.append(piece)
            continue
        joined += _balance(run, measure)
        joined.append(piece)
        run = []
    joined += _balance(run, measure)
    return _absorb_tiny(joined, measure)


def _balance(pieces: list[str], measure: Callable[[str], int]) -> list[str]:
    """Pieces merged to as few passages as MAX_SIZE allows, of sizes as equal as can be."""
    sizes = [measure(piece) for piece in pieces]
    if sum(sizes) <= MAX_SIZE:
        return ["".join(pieces)] if pieces else []
    largest = _merge_splits(pieces, measure, MAX_SIZE)
    low, high, best = max(*sizes, sum(sizes) // len(largest)), MAX_SIZE, largest
    while low < high:
        size = (low + high) // 2
        merged = _merge_splits(pieces, measure, size)
        if len(merged) == len(largest):
            high, best = size, merged
        else:
            low = size + 1
    return _even_tail(pieces, best, measure)


def _even_tail(pieces: list[str], merged: list[str], measure: Callable[[str], int]) -> list[str]:
    """The last two passages parted anew where their sizes differ least."""
    before = sum(map(len, merged[:-2]))
    tail = "".join(merged[-2:])
    cuts, position = [], 0
    for piece in pieces:
        if before < position < before + len(tail):
            cuts.append(position - before)
        position += len(piece)
    cut = min(cuts, key=lambda at: abs(measure(tail[:at]) - measure(tail[at:])))
    if measure(tail[:cut]) > MAX_SIZE or measure(tail[cut:]) > MAX_SIZE:
        return merged
    return [*merged[:-2], tail[:cut], tail[cut:]]


def _absorb_tiny(joined: list[str], measure: Callable[[str], int]) -> list[str]:
    """A passage under MIN_SIZE, left between over-long sentences, joins its shorter neighbour."""
    passages = list(joined)
    index = 0
    while len(passages) > 1 and index < len(passages):
        if measure(passages[index]) >= MIN_SIZE:
            index += 1
            continue
        before = measure(passages[index - 1]) if index else None
        after = measure(passages[index + 1]) if index + 1 < len(passages) else None
        left = index - 1 if after is None or (before is not None and before <= after) else index
        passages[left : left + 2] = [passages[left] + passages[left + 1]]
        index = left
    return passages


def _measure_chinese(text: str) -> int:
    return sum(map(len, text.split()))


def _measure_english(text: str) -> int:
    words = text.split()
    if text.isascii():
        return _WORD_SIZE * len(words)
    return sum(max(_WORD_SIZE, sum(map(is_han, word))) for word in words)


def _merge_splits(pieces: list[str], measure: Callable[[str], int], size: int) -> list[str]:
    return _splitter_type()(pieces, measure, size).split_text("".join(pieces))


@cache
def _splitter_type() -> Callable[[list[str], Callable[[str], int], int], TextSplitter]:
    """The splitter, made on first use: importing langchain takes half a second."""
    from langchain_text_splitters import TextSplitter

    class SentenceSplitter(TextSplitter):
        """A TextSplitter whose pieces are sentences; it keeps every character of them."""

        def __init__(self, pieces: list[str], measure: Callable[[str], int], size: int) -> None:
            super().__init__(
                chunk_size=size,
                chunk_overlap=0,
                length_function=measure,
                strip_whitespace=False,
            )
            self._pieces = pieces

        def split_text(self, text: str) -> list[str]:
            return self._merge_splits(self._pieces, "")

    return SentenceSplitter
