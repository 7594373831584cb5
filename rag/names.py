"""Names across scripts: "Longgang" and "Zhang Liwei" are the pinyin of 龙岗 and 张礼卫.

A passage becomes a stream of pinyin syllables, a question a few spans of syllables to look for in
it. Tones are dropped. A romanised word is cut by the spelling rules of Hanyu Pinyin (GB/T 16159):
inside a word no syllable but "an" begins with a vowel unless an apostrophe stands before it.
Nothing here ranks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.numbers import numbers
from rag.text import is_han

_BY_INITIAL = {
    "": "a ai an ang ao e ei en er o ou",
    "b": "a ai an ang ao ei en eng i ian iao ie in ing o u",
    "p": "a ai an ang ao ei en eng i ian iao ie in ing o ou u",
    "m": "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u",
    "f": "a an ang ei en eng o ou u",
    "d": "a ai an ang ao e ei en eng i ia ian iao ie ing iu ong ou u uan ui un uo",
    "t": "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo",
    "n": "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve",
    "l": "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu o ong ou u uan un uo v ve",
    "g": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "k": "a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo",
    "h": "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo",
    "j": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "q": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "x": "i ia ian iang iao ie in ing iong iu u uan ue un",
    "zh": "a ai an ang ao e en eng i ong ou u ua uai uan uang ui un uo",
    "ch": "a ai an ang ao e en eng i ong ou u uai uan uang ui un uo",
    "sh": "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo",
    "r": "an ang ao e en eng i ong ou u uan ui un uo",
    "z": "a ai an ang ao e ei en eng i ong ou u uan ui un uo",
    "c": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "s": "a ai an ang ao e en eng i ong ou u uan ui un uo",
    "y": "a an ang ao e i in ing o ong ou u uan ue un",
    "w": "a ai an ang ei en eng o u",
}
SYLLABLES: dict[str, int] = {
    initial + final: 0 for initial, finals in _BY_INITIAL.items() for final in finals.split()
}
SYLLABLES.update({syllable: number for number, syllable in enumerate(SYLLABLES, 1)})
BREAK = 0  # between words that no name spans
ROMANISED = 1000  # added to the syllables of a word that stands in Latin letters
MAX_READINGS = 6

# English words of two or more syllables that also read as pinyin.
_ENGLISH = frozenset(
    """
        abuse angle arise aside balance banding banning base bending binding bite bone bore
        boxing cake came canada candidate care case chance change chase china cite citing
        citizen damage dance dare data database date along alone dating debate decade decide
        deciding defence delegate demanding depending desire ending engage enhance ensure
        entire face fanning future game gate gene guidance guide guideline guiding handing
        hate house human hunting june lake landing lane language late lean license licence
        like limiting line lining loan locate lose luke machine made magazine make male
        manage mate mean media medicine mice mike mile mine mining minute mode module mouse
        name naming nature nice open orange pace page palace pale piece pile piping pole
        police policeman policemen politician pose pure range reduce refuse relate remote
        renting retain ride riding rise risen route routine routing rule ruling running sake
        same saying secure sending sense shade shake shape shaping share side siding site
        size sure take taken tale tape taxing time timing tune tuning wage wake wanting
        woman women
    """.split()
)
_WORD = re.compile(r"[A-Za-zÀ-ɏ]+(?:['’][A-Za-z]+)*")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_HAN_RUN = re.compile(r"[\u3400-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A stretch of a question that may be a name: `readings` are its possible syllables."""

    text: str
    start: int
    end: int
    readings: tuple[tuple[int, ...], ...]
    capitalised: bool


def syllable_stream(text: str) -> npt.NDArray[np.int32]:
    """The syllables of a passage's Chinese characters and romanised words, with breaks between
    runs, and behind them the codes of its numbers.

    Syllables of romanised words are `ROMANISED` higher, so that each script is looked for in the
    other.
    """
    from pypinyin import Style, lazy_pinyin

    stream: list[int] = []
    for run in re.finditer(rf"{_HAN_RUN.pattern}|{_WORD.pattern}", text):
        word = run.group()
        if is_han(word[0]):
            stream.extend(
                SYLLABLES.get(s, BREAK) for s in lazy_pinyin(word, style=Style.NORMAL, v_to_u=False)
            )
            stream.append(BREAK)
        else:
            readings = read_romanised(_POSSESSIVE.sub("", word))
            # Neighbouring words of a name stay neighbours: "Zhang Liwei" is zhang li wei.
            stream.extend([s + ROMANISED for s in readings[0]] if readings else [BREAK])
    stream.append(BREAK)
    for number in numbers(text):
        if not number.small:
            stream += [number.code, BREAK]
    return np.array(stream, dtype=np.int32)


def spellings(question: str) -> list[Spelling]:
    """Stretches of a question that may be names in the other script, longest first.

    Romanised words alone and together with their neighbours.
    """
    found: list[Spelling] = []
    words = [
        (match.start(), match.end(), _POSSESSIVE.sub("", match.group()))
        for match in _WORD.finditer(question)
    ]
    readings = [read_romanised(word) for _, _, word in words]
    for size in (3, 2, 1):
        for first in range(len(words) - size + 1):
            part = range(first, first + size)
            if any(not readings[i] for i in part):
                continue
            if any(
                question[words[i][1] : words[i + 1][0]].strip("-") not in {" ", ""}
                for i in part[:-1]
            ):
                continue
            texts = [words[i][2] for i in part]
            capitalised = all(text[0].isupper() for text in texts)
            joined = [()]
            for i in part:
                joined = [(*left, *right) for left in joined for right in readings[i]]  # type: ignore[misc]
            short = [i for i in part if all(len(reading) == 1 for reading in readings[i])]
            if len(joined[0]) < 2 or (short and not capitalised and len(short) == size):
                continue
            if any(text.lower() in _ENGLISH for text in texts):
                continue
            found.append(
                Spelling(
                    " ".join(texts),
                    words[first][0],
                    words[first + size - 1][0] + len(texts[-1]),
                    tuple(joined[:MAX_READINGS]),
                    capitalised,
                )
            )
    return found


def han_spellings(text: str, spans: Sequence[tuple[int, int]]) -> list[Spelling]:
    """Chinese words of a question, and runs of single characters in it, as they would be romanised.

    `spans` are the words' offsets.
    """
    from pypinyin import Style, lazy_pinyin

    runs: list[tuple[int, int, bool]] = []
    for start, end in spans:
        single = end - start == 1
        if single and runs and runs[-1][2] and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end, True)
        else:
            runs.append((start, end, single))
    found = []
    for start, end, _ in runs:
        run = text[start:end]
        if 2 <= len(run) <= 4 and all(map(is_han, run)):
            syllables = lazy_pinyin(run, style=Style.NORMAL, v_to_u=False)
            reading = tuple(SYLLABLES.get(s, BREAK) + ROMANISED for s in syllables)
            found.append(Spelling(run, start, end, (reading,), True))
    return found


@lru_cache(maxsize=4096)
def read_romanised(word: str) -> tuple[tuple[int, ...], ...]:
    """Every way to read a word as pinyin, fewest syllables first; empty when there is none."""
    parts = re.split(r"['’]", word.lower().replace("ü", "v"))
    readings: list[tuple[int, ...]] = [()]
    for part in parts:
        ways = _cut(part, True)
        readings = [(*left, *right) for left in readings for right in ways][: MAX_READINGS * 4]
    return tuple(sorted(readings, key=len)[:MAX_READINGS])


def _cut(letters: str, initial: bool) -> list[tuple[int, ...]]:
    if not letters:
        return [()]
    ways = []
    for end in range(min(6, len(letters)), 0, -1):
        syllable = letters[:end]
        if syllable in SYLLABLES and (initial or syllable == "an" or syllable[0] not in "aeo"):
            ways += [(SYLLABLES[syllable], *rest) for rest in _cut(letters[end:], False)]
    return ways
