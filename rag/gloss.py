"""A word-by-word reading aid: each word of a quote with its nearest words in the other language.

Nearest in the bilingual table, so a gloss can be wrong; it stands beside a quote, never in its
place.
Chinese personal names are spelled in pinyin instead.
"""

from __future__ import annotations

import re
import weakref

import numpy as np

from rag.question import FUNCTION_WORDS
from rag.signals import Tokens, look_up
from rag.text import is_han
from rag.types import Gloss, Language, TokenTable

NEAREST = 2
CONSIDERED = 10  # nearest words a gloss is chosen from
FLOOR = 0.45  # below this cosine the table does not know the word
MUTUAL = 0.75  # least share of a candidate's own best cosine: it must mean this word, too
CROWDED = 0.5  # how much that best cosine counts against a candidate (CSLS, Conneau et al. 2018)
KNOWN = 0.95  # a word whose own best cosine is below this is held to have it: it is rare, not apt
_CLOSE = 0.9  # a second word only if it is nearly as near as the first
_SUFFIXES = frozenset("性化式型度感者们面带本")  # say nothing on their own
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈姚卢傅钟"
    "姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武戚莫孔向汤温庞施翟章谷"
)


# A name where only a person can stand: behind an office or another name, before a verb or a mark.
_NAMED = re.compile(
    r"(?:领导|书记|主席|主任|[区市县镇局院校处科部所会]长|记者|董事长|总经理|常委|代表"
    rf"|(?<=[\u4e00-\u9fff])[、和及与])(?=(?P<name>[{''.join(sorted(_SURNAMES))}][\u4e00-\u9fff]{{1,2}})"
    r"(?:[、，。；和及与等]|$|到会|出席|参加|主持|介绍|表示|告诉|指出|强调|要求|率队|调研|讲话|说))"
)

FREQUENT = 30_000  # words of a language that may be a gloss


class Glossary:
    """The words of each language in a table, ready to be searched from any thread."""

    def __init__(self, table: TokenTable) -> None:
        self._table = table
        self._words: dict[Language, Tokens] = {}
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
            word = text[start:end]
            silent = word.lower() in FUNCTION_WORDS or word in _SUFFIXES
            if start not in inside and words and not silent:
                glosses.append(Gloss(start, end, word, words))
        return tuple(sorted(glosses, key=lambda g: g.start))

    @staticmethod
    def _wants_gloss(word: str, language: Language) -> bool:
        return is_han(word[0]) if language == "en" else word.isascii() and word.isalpha()

    def _learn(self, rows: list[int], language: Language) -> None:
        new = sorted({row for row in rows if (row, language) not in self._known})
        if not new:
            return
        targets = self._targets(language)
        asked = np.array(new, dtype=np.int32)
        cosines = look_up(asked, self._table).unit @ targets.unit.T
        names = self._table.are_names(targets.rows)
        cosines[np.ix_(~self._table.are_names(asked), names)] = -1.0  # no name is a word's sense
        reach = np.maximum(self._table.reach(targets.rows), KNOWN)
        count = min(CONSIDERED, cosines.shape[1])
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        for row, columns, similar in zip(new, nearest, cosines, strict=True):
            known = [c for c in columns if similar[c] >= max(FLOOR, MUTUAL * reach[c])]
            ranked = sorted(known, key=lambda c: CROWDED * reach[c] - similar[c])[:NEAREST]
            self._known[(row, language)] = tuple(
                self._table.tokens[targets.rows[c]]
                for c in ranked
                if similar[c] >= _CLOSE * similar[ranked[0]]
            )

    def _targets(self, language: Language) -> Tokens:
        """The most frequent whole words of a language, which stand first in the table.

        Of English words only what a dictionary lists, and names: 区 is "district", not "districts".
        """
        if language not in self._words:
            every = np.arange(len(self._table.tokens), dtype=np.int32)
            kind = self._table.are_chinese if language == "zh" else self._table.are_english
            apt = kind(every)
            if language == "en":
                apt &= self._table.are_headwords(every) | self._table.are_names(every)
            words = every[apt]
            self._words[language] = look_up(words[:FREQUENT], self._table)
        return self._words[language]


_GLOSSARIES: weakref.WeakKeyDictionary[TokenTable, Glossary] = weakref.WeakKeyDictionary()


def glossary_of(table: TokenTable) -> Glossary:
    """The glossary of a table, made once."""
    if table not in _GLOSSARIES:
        _GLOSSARIES[table] = Glossary(table)
    return _GLOSSARIES[table]


def _personal_names(text: str, spans: list[tuple[int, int, int]]) -> dict[tuple[int, int], str]:
    """Spans of names, spelled in pinyin: a surname followed by one or two characters that are no
    words, or that stand where only a person can.
    """
    found: dict[tuple[int, int], str] = {}
    for match in _NAMED.finditer(text):
        before = text[match.start()]
        if before not in "、和及与" or any(end == match.start() for _, end in found):
            found[match.span("name")] = _spell(match["name"])
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
        if size > 1 and not any(a < end and start < b for a, b in found):
            found[(start, end)] = _spell(text[start:end])
        i += size
    return found


def _spell(name: str) -> str:
    from pypinyin import Style, lazy_pinyin

    surname, *given = lazy_pinyin(name, style=Style.NORMAL)
    return f"{surname.capitalize()} {''.join(given).capitalize()}"
