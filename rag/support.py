"""Whether passages bear out a sentence that a language model wrote, and which of their sentences.

The same matches that find an answer check it: each informative word of a statement needs its like
in a few sentences that can be quoted (a weighted geometric mean of the best cosines), and each
name, number and "not" must stand in them. Who did what to whom is beyond such matches, and so is
a wrong word that means nearly the same. The thresholds are measured, see benchmarks/LOG.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.evidence import LEAST_MATCH, NAMED, Floats, best_match, context, matches, token_matches
from rag.ingest.surnames import is_chinese_name
from rag.names import BREAK, ROMANISED, SYLLABLES, read_romanised, syllable_stream
from rag.numbers import numbers
from rag.question import FUNCTION_WORDS, Question, read_question
from rag.text import is_han, sentence_spans
from rag.types import Hit, TokenTable

LEAST = {False: 0.68, True: 0.55}  # least score to hold, within one language and across two
LEAST_WORDS = 3  # what says less is no statement
MAX_QUOTES = 4  # sentences that bear out one statement
GAIN = 1.03  # how many times better a further one must make the score
BESIDE = 0.8  # of its best match, what the word after a small number must reach beside it

_WORD = re.compile(r"[A-Za-z]{2,}|[\u3400-\u9fff]{2}|\d+")
_CAPITALISED = re.compile(r"(?<![A-Za-z])[A-Z][A-Za-z0-9]*(?:[&'’](?!s\b)[A-Za-z0-9]+)*")
_MONTH = re.compile(r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*")  # see numbers
_CODE = re.compile(r"\w+://\S+|www\.\S+|</?[A-Za-z][^>]*>?|\S+@\S+\.\S+")  # links and mark-up
_NOT = re.compile(
    r"\b(?:not|no(?!\.? ?\d)|none|never|nor|without|neither|nothing|free|stop)\b"
    r"|n['’]t\b|[不没沒无無未非免禁停拒](?![少仅僅断斷同久过過但管论論])",
    re.IGNORECASE,
)
# Sentences that speak to a machine, not to a reader, bear out nothing.
_ORDER = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,40}\b(?:instruction|prompt|rule|message)s?\b"
    r"|\bsystem prompt\b|\byou are (?:now )?(?:an?|the) (?:AI|assistant|language model)\b"
    r"|(?:忽略|无视|忘记|忘掉|不要理会).{0,12}(?:指令|指示|提示)|系统提示词?",
    re.IGNORECASE,
)
_NO_SURNAME = frozenset("和有要都全成区年元家向于来那能班解须花权楼费正原万方支强国江水居云")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")
_LATIN = re.compile(r"[A-Za-z'’]+")
_DIVISIONS = "区區县縣市镇鎮乡鄉村省州路街"
_HAN_DIGITS = dict(zip("一二两三四五六七八九", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_HAN_COUNT = re.compile(
    r"(?<![第零一二两三四五六七八九十百千万亿.点])([二两三四五六七八九])"
    r"(?=[个個名家条條项項件所年月日天点點人次元层層台栋棟套座艘位种種类類辆輛倍段期批])"
)
_TENTHS = re.compile(r"([一二三四五六七八九])成(?![立为為员員功长長果本])([一二三四五六七八九半])?")
_ORDINALS = "first second third fourth fifth sixth seventh eighth ninth".split()


_Syllables = tuple[frozenset[int], ...]


@dataclass(frozen=True, slots=True)
class Support:
    """What bears out a statement: `quotes` are (passage, start, end), offsets into its article.

    The best comes first. `score` is in 0..1; `missing` are the names, numbers and negations that
    the quotes lack. `across` says that the best quote is in the other language.
    """

    score: float
    missing: tuple[str, ...]
    across: bool
    quotes: tuple[tuple[int, int, int], ...]

    @property
    def holds(self) -> bool:
        """Whether the statement may be shown."""
        return not self.missing and self.score >= LEAST[self.across]


@dataclass(frozen=True, slots=True)
class _Need:
    """What a quote must have: a number (its code), a name, or, with an empty text, a negation.

    `readings` are the ways to say a name, the syllables that each place may have; `tokens` are its
    tokens in the statement, or, of a small number, the word after it.
    """

    text: str
    code: int | None = None
    readings: tuple[_Syllables, ...] = ()
    tokens: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence that could be quoted: where it stands, what it matches, which needs it meets."""

    quote: tuple[int, int, int]
    across: bool
    best: Floats
    held: frozenset[_Need]


def support(statement: str, passages: Sequence[Hit], table: TokenTable) -> Support:
    """How well the passages bear out a statement, by the few sentences that do it best.

    Titles and headings are read with their sentences, and so is the article's year.
    """
    asked = read_question(statement, table).telling()
    weights = np.where(asked.numeric, 0.0, asked.weights).astype(np.float64)
    needs = list(dict.fromkeys(_needs(statement, asked, table)))
    lines = [line for i, hit in enumerate(passages) for line in _lines(i, hit, asked, needs, table)]
    if len(_WORD.findall(statement)) < LEAST_WORDS or not weights.any() or not lines:
        return Support(0.0, (), False, ())
    weights /= weights.sum()

    def score(some: Sequence[_Line]) -> float:
        best = np.max([line.best for line in some], axis=0)
        return float(np.exp(weights @ np.log(np.maximum(best, LEAST_MATCH))))

    chosen: list[_Line] = []
    while len(chosen) < MAX_QUOTES:
        # One that has a number but adds no word is about something else.
        least = GAIN * score(chosen) if chosen else 0.0
        further = [some for line in lines if score(some := [*chosen, line]) >= least]
        if not further:
            break
        chosen = max(further, key=lambda some: score(some) * 10.0 ** len(_held(some)))
    held = _held(chosen)
    return Support(
        score(chosen),
        tuple(need.text or "not" for need in needs if need not in held),
        chosen[0].across,
        tuple(line.quote for line in chosen),
    )


def _held(lines: Iterable[_Line]) -> frozenset[_Need]:
    return frozenset[_Need]().union(*(line.held for line in lines))


def _lines(
    passage: int, hit: Hit, asked: Question, needs: Sequence[_Need], table: TokenTable
) -> Iterator[_Line]:
    """The sentences of a passage, but for those that give orders to a machine."""
    around = context(hit)
    above = matches(asked, around, table)
    cosines, starts = token_matches(asked, hit.text, table)
    years = " ".join(_YEAR.findall(f"{hit.article.date}\n{hit.text}"))  # one is said once for all
    reachable = np.maximum(above, best_match(cosines))
    across = hit.article.language != asked.language
    for start, end in sentence_spans(hit.article.text, hit.start, hit.end):
        text = hit.article.text[start:end]
        if _ORDER.search(text):
            continue
        own = best_match(cosines[:, (starts >= start - hit.start) & (starts < end - hit.start)])
        best = np.maximum(above, own)
        beside = (best >= BESIDE * reachable) | (reachable < NAMED)
        read = table.fold("\n".join((around, text, years)))
        held = {need for need in needs if _meets(need, read, across, best, beside)}
        yield _Line((passage, start, end), across, best, frozenset(held))


def _meets(
    need: _Need, read: str, across: bool, best: Floats, beside: npt.NDArray[np.bool_]
) -> bool:
    tokens = list(need.tokens)
    if need.code is not None:
        return need.code in _codes(read) and bool(beside[tokens].all())
    if not need.text:
        return _NOT.search(read) is not None
    name = re.escape(need.text)
    if re.search(rf"(?<![a-z0-9]){name}(?![a-z0-9])" if need.text.isascii() else name, read):
        return True
    if not across:
        return False
    return any(_said(way, _syllables(read)) for way in need.readings) or (
        bool(tokens) and float(best[tokens].min()) >= NAMED
    )


def _needs(statement: str, asked: Question, table: TokenTable) -> Iterator[_Need]:
    """The numbers, negations, links, mark-up and names of a statement."""
    read = _in_digits(statement)
    counts = [((n.start, n.end), n.code, n.small) for n in numbers(read)]
    counts += [(m.span(), _small(_HAN_DIGITS[m[0]]), True) for m in _HAN_COUNT.finditer(statement)]
    for (start, end), code, small in counts:
        after = [i for i, (first, _) in enumerate(asked.spans) if 0 <= first - end <= 2]
        if (word := read[start:end]).lower() != "one":  # one of them
            yield _Need(word, code, tokens=tuple(after[:1]) if small else ())
    if _NOT.search(statement):
        yield _Need("")
    for found in _CODE.finditer(statement):
        yield _Need(table.fold(found.group()))
    names = _chinese_names if asked.language == "zh" else _english_names
    yield from names(statement, asked, table)


def _chinese_names(statement: str, asked: Question, table: TokenTable) -> Iterator[_Need]:
    words: dict[str, tuple[int, ...]] = {
        word: (i,) for i, word in enumerate(asked.words) if asked.named[i] or word in asked.places
    }
    for word in _personal_names(statement, table):
        words.setdefault(word, ())
    for word, tokens in words.items():
        yield _Need(word, None, (_ways(word),), tokens)
    for match in _CAPITALISED.finditer(statement):
        yield _Need(match.group().lower())


def _personal_names(statement: str, table: TokenTable) -> Iterator[str]:
    """A surname and one or two characters behind it that are no words."""
    alone = {start for _, start, end in table.tokenize_spans(statement) if end - start == 1}
    at = 0
    while at < len(statement):
        end = at + 1
        if at in alone and statement[at] not in _NO_SURNAME | FUNCTION_WORDS:
            while end - at < 3 and end in alone and _is_given(statement[end]):
                end += 1
        if is_chinese_name(word := statement[at:end]):
            yield word[:2] + word[2:].rstrip(_DIVISIONS)
            at = end
        else:
            at += 1


def _is_given(char: str) -> bool:
    return is_han(char) and char not in FUNCTION_WORDS


def _english_names(statement: str, asked: Question, table: TokenTable) -> Iterator[_Need]:
    spelled = {(s.start, s.end): s for s in asked.spellings if s.capitalised}
    for (_, end), name in spelled.items():  # a surname and what follows it
        surname, _, given = name.text.partition(" ")
        if given and " " not in given and (end - len(given), end) in spelled and len(surname) < 7:
            yield _Need(name.text.lower(), None, _readings(name.readings))
    for match in _CAPITALISED.finditer(statement):
        word, (start, end) = match.group(), match.span()
        tokens = tuple(i for i, span in enumerate(asked.spans) if span == (start, end))
        known = bool(tokens) and bool(table.are_headwords(asked.rows[list(tokens)])[0])
        counts = any(n.start <= start < n.end for n in numbers(statement))
        begins = bool(tokens) and not re.search(r"\w", statement[:start])
        named = bool(tokens) and bool(asked.named[tokens[0]])
        pinyin = spelled.get((start, end))
        if word.lower() in FUNCTION_WORDS or counts or _MONTH.fullmatch(word):
            continue
        if named or pinyin or not (known or begins):
            ways = pinyin.readings if pinyin else read_romanised(word)  # a surname is one syllable
            yield _Need(word.lower(), None, _readings(ways), tokens)


def _readings(ways: Iterable[tuple[int, ...]]) -> tuple[_Syllables, ...]:
    return tuple(tuple(frozenset((syllable,)) for syllable in way) for way in ways)


@lru_cache(maxsize=2048)
def _ways(han: str) -> _Syllables:
    """The syllables that each Chinese character may be read as: 泊 is bo and po."""
    from pypinyin import Style, pinyin

    read = pinyin(han, style=Style.NORMAL, heteronym=True, v_to_u=False)
    return tuple(frozenset(SYLLABLES.get(s, BREAK) for s in ways) for ways in read)


@lru_cache(maxsize=2048)
def _syllables(text: str) -> _Syllables:
    """What may be heard of a text: its Chinese characters, then its romanised words."""
    han = [ways for run in _HAN_RUN.findall(text) for ways in (*_ways(run), frozenset[int]())]
    stream = syllable_stream(" ".join(_LATIN.findall(text)))
    return (*han, *(frozenset((int(s) - ROMANISED,)) for s in stream))


def _said(name: _Syllables, heard: _Syllables) -> bool:
    return any(
        all(ways & there for ways, there in zip(name, heard[at:], strict=False))
        for at in range(len(heard) - len(name) + 1)
    )


@lru_cache(maxsize=2048)
def _codes(text: str) -> frozenset[int]:
    """Codes of the numbers that a text can be said to hold, ordinals and Chinese digits too."""
    half = "50%" if re.search(r"\bhalf\b|半", text) else ""
    text = f"{_in_digits(text)} {half}"
    codes = {number.code for number in numbers(text)}
    codes |= {_small(value) for digit, value in _HAN_DIGITS.items() if digit in text}
    codes |= {_small(value) for value, word in enumerate(_ORDINALS, 1) if word in text}
    return frozenset(codes)


def _in_digits(text: str) -> str:
    """The text, and behind it its shares and half hours in digits: 四成五 is 45%, 六点半 30."""
    shares = [
        f"{_HAN_DIGITS[tens]}{5 if ones == '半' else _HAN_DIGITS.get(ones, 0)}%"
        for tens, ones in _TENTHS.findall(text)
    ]
    return " ".join([text, *shares, *(["30"] if "点半" in text else [])])


@lru_cache(maxsize=16)
def _small(value: int) -> int:
    return numbers(str(value))[0].code
