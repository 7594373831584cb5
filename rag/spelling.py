"""English typos in a question: "technolgies" is read as "technologies", "subsidys" as "subsidies".

The dictionary is the table's own English words, in order of falling frequency. A word is looked at
if the table holds it in pieces, or if it is long and so rare that it is a typo of the texts the
table was made of ("goverment"). The nearest frequent word is proposed; a slip is a letter too many,
too few, wrong, or swapped with its neighbour. Names, acronyms, pinyin, inflections and compounds of
known words stay as they are, and so does everything in an article. A typo that is itself a frequent
word is not found. Nothing here changes a question: the caller decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from rag.names import read_romanised
from rag.types import TokenTable

# How many of the most frequent English words are proposed, ...
FREQUENT = 44_000
FAMILIAR = 15_000  # ... where the reading is less sure, ...
COMMON = 5_000  # ... and for a rare word that the table holds whole.
MIN_LETTERS = 4
SHORT = 6  # below so many letters, only a letter left out or two swapped are put right
LONG = 8  # above so many, two slips in the vowels or doubled letters too
_PART = 4  # letters that a part of a compound has at least

# A run that may be a word; digits, dots and the like inside it make it a code or an address.
_RUN = re.compile(r"[A-Za-zÀ-ɏ0-9_@./\\:#+&]+")
_WORD = re.compile(r"[A-Za-z]+")
_VOWELS = re.compile("[aeiouy]")
_DOUBLE = re.compile(r"(.)\1+")
_PREFIXES = tuple(
    """
        anti auto bi bio co counter cyber de dis eco electro ex extra fore geo hyper il im in inter
        intra ir macro mega micro mid mini mis mono multi nano neo neuro non out over para photo
        poly post pre pro pseudo psycho quasi re retro semi socio sub super techno tele thermo
        trans tri ultra un under uni up
    """.split()
)
_ENDINGS = tuple(
    """
        s ed d er ers or ors est ing ings ly y ally al ic ical ness less like wise ful ish ism ist
        ists able ability ize ized ise ised ization isation ation ations ion ions ment ments ity ous
        ian ians ive ship hood ward wards ance ence ate ated
    """.split()
)
_CONFUSED = (("ance", "ence"), ("ant", "ent"), ("able", "ible"), ("ar", "er"), ("er", "or"))
_Y_ENDINGS = ("ies", "ied", "ier", "iest", "ily", "iness")  # of a word in -y


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of a question, `text[start:end] == word`, and the known word it is read as."""

    start: int
    end: int
    word: str
    correct: str


@dataclass(frozen=True, slots=True)
class _Dictionary:
    """English words of a table: the rank of each by frequency, and the frequent ones by shape.

    `buckets` holds them by first letter and length, most frequent first.
    """

    ranks: Mapping[str, int]
    buckets: Mapping[tuple[str, int], list[str]]

    def near(self, word: str, slips: int) -> Iterator[str]:
        """The frequent words that may be so few slips from a word, or nearer."""
        swapped = word[1] + word[0]
        for length in range(len(word) - slips, len(word) + slips + 1):
            yield from self.buckets.get((word[0], length), ())
            if word[0] != word[1]:
                others = self.buckets.get((word[1], length), ())
                yield from (other for other in others if other.startswith(swapped))

    def rank(self, word: str) -> int:
        return self.ranks.get(word, FREQUENT)

    def frequent(self, word: str) -> bool:
        return self.rank(word) < FREQUENT


_dictionaries: WeakKeyDictionary[TokenTable, _Dictionary] = WeakKeyDictionary()
_first_rare: WeakKeyDictionary[TokenTable, int] = WeakKeyDictionary()


def corrected(text: str, table: TokenTable) -> str:
    """The text with every correction made."""
    for found in reversed(corrections(text, table)):
        text = f"{text[: found.start]}{found.correct}{text[found.end :]}"
    return text


def corrections(text: str, table: TokenTable) -> list[Correction]:
    """What the misspelt English words of a question are read as, in their order."""
    words = _doubtful(text, table)
    if not words:
        return []
    dictionary = _dictionary_of(table)
    found = []
    for start, end, whole in words:
        word = text[start:end]
        slips = 1 if whole or len(word) <= LONG else 2
        correct = _correct(word.lower(), slips, dictionary)
        if correct is not None and whole and not _typo(word.lower(), correct, dictionary):
            correct = None
        if correct is not None:
            correct = correct.capitalize() if word[0].isupper() else correct
            found.append(Correction(start, end, word, correct))
    return found


def _doubtful(text: str, table: TokenTable) -> list[tuple[int, int, bool]]:
    """(start, end, is it one token?) of the words that may be typos: no names, acronyms, pinyin.

    A word that is one token counts only where it is long and beyond the frequent ones.
    """
    words = []
    for run in _RUN.finditer(text):
        start, end = run.start(), run.start() + len(run.group().rstrip("./:"))
        word = text[start:end]
        if len(word) < MIN_LETTERS or not _WORD.fullmatch(word):
            continue
        opening = not text[:start].strip(" \t\n\"'“‘(")
        if word.islower() or (opening and word.istitle()):
            words.append((start, end))
    if not words:
        return []
    spans = table.tokenize_spans(text)
    rows = np.array([row for row, _, _ in spans], dtype=np.int32)
    english = table.are_english(rows)
    tokens = {(s, e): row for (row, s, e), known in zip(spans, english, strict=True) if known}
    found = []
    for start, end in words:
        row = tokens.get((start, end))
        if row is not None and (end - start < LONG or row < _rare_from(table)):
            continue
        if not read_romanised(text[start:end]):
            found.append((start, end, row is not None))
    return found


def _english(table: TokenTable) -> npt.NDArray[np.intp]:
    """The rows of all English words, most frequent first."""
    return np.flatnonzero(table.are_english(np.arange(len(table.tokens), dtype=np.int32)))


def _rare_from(table: TokenTable) -> int:
    """The row from which on English words are no frequent ones."""
    if table not in _first_rare:
        rows = _english(table)
        _first_rare[table] = int(rows[FREQUENT]) if len(rows) > FREQUENT else len(table.tokens)
    return _first_rare[table]


def _dictionary_of(table: TokenTable) -> _Dictionary:
    known = _dictionaries.get(table)
    if known is None:
        tokens = table.tokens
        words = [tokens[row] for row in _english(table)]
        buckets: dict[tuple[str, int], list[str]] = {}
        for word in words[:FREQUENT]:
            if _WORD.fullmatch(word):
                buckets.setdefault((word[0], len(word)), []).append(word)
        known = _Dictionary({word: rank for rank, word in enumerate(words)}, buckets)
        _dictionaries[table] = known
    return known


def _correct(word: str, slips: int, dictionary: _Dictionary) -> str | None:
    """The known word that a lower-case word stands for; None where it may well be meant."""
    from rapidfuzz.distance import OSA
    from rapidfuzz.process import extract

    rejoined = _rejoined(word, dictionary)
    if rejoined is not None:
        return rejoined
    if _inflected(word, dictionary) or _compound(word, dictionary):
        return None
    near = extract(
        word,
        list(dictionary.near(word, slips)),
        scorer=OSA.distance,
        processor=None,
        limit=None,
        score_cutoff=slips,
    )
    likely = [
        (distance, dictionary.ranks[other], other)
        for other, distance, _ in near
        if _likely(word, other, int(distance), dictionary.ranks[other])
    ]
    return min(likely)[2] if likely else None


def _likely(word: str, other: str, slips: int, rank: int) -> bool:
    """Is a typo likelier than a rare word that happens to be near a known one?"""
    if other == word + "s":
        return False  # then the word is the singular
    if slips > 1:
        return rank < FAMILIAR and _skeleton(word) == _skeleton(other)
    swapped = sorted(word) == sorted(other)
    if len(word) < SHORT:
        return rank < FAMILIAR and (swapped or len(other) > len(word))
    wrong_letter = len(other) == len(word) and not swapped
    return rank < FAMILIAR or len(word) >= LONG or not wrong_letter


def _typo(word: str, other: str, dictionary: _Dictionary) -> bool:
    """Is a word that the table knows as a rare one a typo of a common one?"""
    wrong_letter = len(word) == len(other) and sorted(word) != sorted(other)
    confused = any(
        {word[-len(a) :], other[-len(b) :]} == {a, b}
        for pair in _CONFUSED
        for a, b in (pair, pair[::-1])
    )
    return dictionary.rank(other) < COMMON and (confused or not wrong_letter)


def _skeleton(word: str) -> str:
    """The consonants, double ones once: what is left when vowels are confused."""
    return _VOWELS.sub("", _DOUBLE.sub(r"\1", word))


def _rejoined(word: str, dictionary: _Dictionary) -> str | None:
    """A known ending that was joined to a known word by the wrong rule: "refered", "noticable"."""
    for pair in _CONFUSED:
        for wrong, right in (pair, pair[::-1]):
            root = word.removesuffix(wrong)
            if root != word and dictionary.frequent(root + right):
                return root + right
    for ending in _ENDINGS:
        root = word.removesuffix(ending)
        if len(root) < _PART - 1 or root == word:
            continue
        forms = []
        if dictionary.frequent(root):
            if not dictionary.frequent(root + "e"):
                forms.append(root + root[-1] + ending)
            if root[-1] == "e" and (
                ending[0] in "aeiouy" or root[-2:] + ending in {"uely", "uement"}
            ):
                forms.append(root[:-1] + ending)
            if root[-1] == "y" and root[-2] not in "aeiou":
                forms.append(root[:-1] + ("ies" if ending == "s" else "i" + ending))
        if dictionary.frequent(root + "e"):
            forms.append(root + "e" + ending)
        for form in forms:
            if dictionary.frequent(form):
                return form
    return None


def _inflected(word: str, dictionary: _Dictionary) -> bool:
    """Is it a frequent word with a known beginning or ending?"""
    stems = [word] + [word[len(p) :] for p in _PREFIXES if word.startswith(p)]
    for stem in stems:
        if len(stem) <= _PART:
            continue
        if stem != word and dictionary.frequent(stem):
            return True
        for ending in _ENDINGS:
            root = stem.removesuffix(ending)
            if root == stem or len(root) < _PART - 1:
                continue
            if len(root) >= _PART and ending != "d" and dictionary.frequent(root):
                return True
            if len(root) >= _PART and ending != "s" and dictionary.frequent(root + "e"):
                return True
            if len(root) >= _PART and root[-1] == root[-2] and dictionary.frequent(root[:-1]):
                return True
        for ending in _Y_ENDINGS:
            if stem.endswith(ending) and dictionary.frequent(stem.removesuffix(ending) + "y"):
                return True
        if stem.endswith(("ses", "xes", "zes", "hes", "oes")) and dictionary.frequent(stem[:-2]):
            return True
    return False


def _compound(word: str, dictionary: _Dictionary) -> bool:
    """Is it two familiar words in one?"""
    return any(
        dictionary.rank(word[:at]) < FAMILIAR and dictionary.rank(word[at:]) < FAMILIAR
        for at in range(_PART, len(word) - _PART + 1)
    )
