"""A word-by-word reading aid: each word of a quote with its nearest words in the other language.

Nearest in the bilingual table, so a gloss can be wrong; it stands beside a quote, never in its
place.
Chinese personal names are spelled in pinyin instead.
"""

from __future__ import annotations

import weakref

import numpy as np
import numpy.typing as npt

from rag.question import FUNCTION_WORDS
from rag.signals import look_up
from rag.text import is_han
from rag.types import FloatMatrix, Gloss, Language, TokenTable

NEAREST = 2
FLOOR = 0.4  # below this cosine the table does not know the word
_CLOSE = 0.9  # a second word only if it is nearly as near as the first
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢傅钟"
    "姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戚莫孔向汤温庞施翟章"
)


class Glossary:
    """The words of each language in a table, ready to be searched from any thread."""

    def __init__(self, table: TokenTable) -> None:
        self._table = table
        self._words: dict[Language, tuple[npt.NDArray[np.int32], FloatMatrix]] = {}
        self._known: dict[tuple[int, Language], tuple[str, ...]] = {}

    def gloss(self, text: str, language: Language) -> tuple[Gloss, ...]:
        """Each word of `text` with at most `NEAREST` words of `language`, in order.

        Words without a gloss (function words, numbers, unknown ones) are left out.
        """
        spans = [
            s
            for s in self._table.tokenize_spans(text)
            if self._wants_gloss(text[s[1] : s[2]], language)
        ]
        names = _personal_names(text, spans) if language == "en" else {}
        inside = {i for start, end in names for i in range(start, end)}
        self._learn([row for row, start, _ in spans if start not in inside], language)
        glosses = [
            Gloss(start, end, text[start:end], (spelled,))
            for (start, end), spelled in names.items()
        ]
        for row, start, end in spans:
            words = self._known.get((row, language), ())
            if start not in inside and words and text[start:end].lower() not in FUNCTION_WORDS:
                glosses.append(Gloss(start, end, text[start:end], words))
        return tuple(sorted(glosses, key=lambda g: g.start))

    @staticmethod
    def _wants_gloss(word: str, language: Language) -> bool:
        return is_han(word[0]) if language == "en" else word.isascii() and word.isalpha()

    def _learn(self, rows: list[int], language: Language) -> None:
        new = sorted({row for row in rows if (row, language) not in self._known})
        if not new:
            return
        targets, unit = self._targets(language)
        cosines = look_up(np.array(new, dtype=np.int32), self._table).unit @ unit.T
        nearest = np.argpartition(-cosines, NEAREST, axis=1)[:, :NEAREST]
        for row, columns, similar in zip(new, nearest, cosines, strict=True):
            ranked = sorted(columns, key=lambda c: -similar[c])
            least = max(FLOOR, _CLOSE * float(similar[ranked[0]]))
            self._known[(row, language)] = tuple(
                self._table.tokens[targets[c]] for c in ranked if similar[c] >= least
            )

    def _targets(self, language: Language) -> tuple[npt.NDArray[np.int32], FloatMatrix]:
        """Rows of whole words of a language, and their unit vectors."""
        if language not in self._words:
            every = np.arange(len(self._table.tokens), dtype=np.int32)
            kind = self._table.are_chinese if language == "zh" else self._table.are_english
            found = look_up(every[kind(every)], self._table)
            self._words[language] = (found.rows, found.unit)
        return self._words[language]


_GLOSSARIES: weakref.WeakKeyDictionary[TokenTable, Glossary] = weakref.WeakKeyDictionary()


def glossary_of(table: TokenTable) -> Glossary:
    """The glossary of a table, made once."""
    if table not in _GLOSSARIES:
        _GLOSSARIES[table] = Glossary(table)
    return _GLOSSARIES[table]


def _personal_names(text: str, spans: list[tuple[int, int, int]]) -> dict[tuple[int, int], str]:
    """Spans of a surname followed by one or two characters that are no words, spelled in pinyin."""
    found: dict[tuple[int, int], str] = {}
    i = 0
    while i < len(spans):
        start, end = spans[i][1], spans[i][2]
        size = 1
        if end - start == 1 and text[start] in _SURNAMES:
            while (
                size < 3
                and i + size < len(spans)
                and spans[i + size][1] == end
                and spans[i + size][2] - end == 1
                and text[end] not in FUNCTION_WORDS
            ):
                end += 1
                size += 1
        if size > 1:
            found[(start, end)] = _spell(text[start:end])
        i += size
    return found


def _spell(name: str) -> str:
    from pypinyin import Style, lazy_pinyin

    surname, *given = lazy_pinyin(name, style=Style.NORMAL)
    return f"{surname.capitalize()} {''.join(given).capitalize()}"
