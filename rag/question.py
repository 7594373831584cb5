"""A question as the maths sees it: its tokens, how much each says, and what may be a name in it.

Made once a question and handed to retrieval and to the answer, so that both see the same tokens.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rag.bigrams import bigrams
from rag.config import MAX_QUESTION_CHARS
from rag.errors import QuestionError
from rag.names import Spelling, han_spellings, spellings
from rag.numbers import Number, numbers
from rag.text import detect_language
from rag.types import FloatMatrix, Language, TokenTable

# Words that ask or bind and say nothing of the matter; they carry little length in the table, and
# none at all here.
FUNCTION_WORDS = frozenset(
    """
        a an the of to in on at for from by with
        and or as is are was were be been being do
        does did done has have had will would can
        could shall should may might must it its
        this that these those there what which who
        whom whose when where why how many much s
        t re ve ll d i you he she we they them his
        her our your their my me us not no if than
        then so such into about over under between
        during after before up out any some all
        each please tell 的 了 是 在 吗 呢 吧 啊 和 与 及 或 也
        都 就 还 被 把 对 从 向 为 以 于 给 让 由 而 且 但 有 没有 什么
        哪 哪些 哪个 哪里 哪儿 哪家 哪位 谁 何时 何地 怎么 怎样 怎么样 如何
        为什么 为何 多少 几 几个 多久 多大 什么时候 请问 一下 这 那 这个 那个
        它 他 她 他们 它们 我们 你们 我 你 之 其 所 等 地 得 着 过 吗 能
        会 要 可以 是否 是不是 有没有 到底 究竟 个 些 里 上 下 中
    """.split()
)


_NO_NAMES = frozenset("城区 市区 郊区 新区 区县 县城".split())  # in the dictionary, names as well
_DIVISIONS = frozenset("区 區 市 县 縣 省 镇 鎮 乡 鄉 村 街道".split())
_NO_PLACE = frozenset("哪各全每该本这那多几两三四五六七八九十")  # 哪个区, 六个区, 各大区
_OFFICE = re.compile(
    r"(?P<chinese>[\u3400-\u9fff]{2,4})(?:是|叫)(?:谁|誰|哪位|什么名字|什麼名字)"
    r"|[谁誰](?:是|担任|擔任)[^，。？?]*?(?P<holder>[\u3400-\u9fff]{2,4})(?=[？?]|$)"
    r"|\bwho(?:'s| is| was| are| were) (?:the )?(?P<english>[a-z]+(?: [a-z]+)?)"
    r"(?= (?:of|in|at|for)\b|\?|$)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question's known tokens.

    `rows` are their table rows, `words` how they stand in the text, at `spans`, `unit` their
    vectors at unit length (n_tokens, dim) float32, `weights` (n_tokens,) how much each says: the
    vector's length, nought for function words. `chinese` and `reach` are as in
    `rag.types.TokenTable`. `numeric` marks numbers, which match nothing but themselves, `named`
    names. `places` are names of divisions (盐田 before 区), `office` the one whose holder is
    asked for, `numbers` the values in it, one a place,
    `pairs` the codes of its pairs of Chinese characters that say something, each once.
    """

    text: str
    language: Language
    rows: npt.NDArray[np.int32]
    words: tuple[str, ...]
    spans: tuple[tuple[int, int], ...]
    unit: FloatMatrix
    weights: npt.NDArray[np.float32]
    chinese: npt.NDArray[np.bool_]
    reach: npt.NDArray[np.float32]
    numeric: npt.NDArray[np.bool_]
    named: npt.NDArray[np.bool_]
    places: tuple[str, ...]
    office: str | None
    spellings: tuple[Spelling, ...]
    numbers: tuple[Number, ...]
    pairs: npt.NDArray[np.int32]

    def telling(self) -> Question:
        """The same without the tokens that say nothing."""
        keep = np.flatnonzero(self.weights > 0)
        return replace(
            self,
            words=tuple(self.words[i] for i in keep),
            spans=tuple(self.spans[i] for i in keep),
            rows=self.rows[keep],
            unit=self.unit[keep],
            weights=self.weights[keep],
            chinese=self.chinese[keep],
            reach=self.reach[keep],
            numeric=self.numeric[keep],
            named=self.named[keep],
        )


def _office(text: str) -> str | None:
    """The office whose holder is asked for: 院长 before 是谁, "mayor" after "who is the"."""
    found = _OFFICE.search(text)
    if found is None:
        return None
    named = found[found.lastgroup or 0]
    if found.lastgroup == "english":
        words = named.lower().split()
        return " ".join(words[-2:]) if words[-2:] == ["district", "mayor"] else words[-1]
    return named[-3:] if named[-3:-2] == "副" else named[-2:]


def _places(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """What stands before 区, 市 or the like: 盐田 in 盐田区 is no salt field, 星海 a name whole.

    A word of two characters or more, or a run of single ones.
    """
    places = []
    for i, (start, end) in enumerate(spans):
        if not i or text[start:end] not in _DIVISIONS or spans[i - 1][1] != start:
            continue
        first = i - 1
        while first and start - spans[first - 1][0] <= 3 and spans[first - 1][1] == spans[first][0]:
            pair = (spans[first - 1], spans[first])
            before = text[slice(*spans[first - 1])]
            if any(e - s != 1 for s, e in pair) or before in FUNCTION_WORDS:
                break
            first -= 1
        name = text[spans[first][0] : start]
        if len(name) > 1 and name not in FUNCTION_WORDS and name[0] not in _NO_PLACE:
            places.append(name)
    return tuple(places)


def _in_pieces(
    spans: Sequence[tuple[int, int]], names: Sequence[Spelling]
) -> npt.NDArray[np.bool_]:
    """Which tokens are only a part of a romanised name: "bao" and "long" say nothing of Baolong."""
    return np.array(
        [
            any(
                name.start <= start
                and end <= name.end
                and " " not in name.text
                and (start, end) != (name.start, name.end)
                for name in names
            )
            for start, end in spans
        ],
        dtype=bool,
    )


def check_question(text: str) -> str:
    """The question without outer white space.

    Raises:
        QuestionError: it is empty, or longer than `MAX_QUESTION_CHARS`.
    """
    text = text.strip()
    if not text:
        raise QuestionError("the question is empty: ask something in Chinese or English")
    if len(text) > MAX_QUESTION_CHARS:
        raise QuestionError(
            f"the question has {len(text):,} characters, at most "
            f"{MAX_QUESTION_CHARS:,} are read: shorten it"
        )
    return text


def read_question(text: str, table: TokenTable) -> Question:
    """Look a question's tokens up in the table; traditional characters are read as simplified."""
    tokens = table.tokenize_spans(text)
    rows = np.array([row for row, _, _ in tokens], dtype=np.int32)
    spans = tuple((start, end) for _, start, end in tokens)
    folded = table.fold(text)
    plain = folded if len(folded) == len(text) else text
    words = tuple(plain[start:end] for start, end in spans)
    language = detect_language(text)
    names = han_spellings(plain, spans) if language == "zh" else spellings(text)
    vectors = table.rows(rows)
    lengths = np.linalg.norm(vectors, axis=1).astype(np.float32)
    known = [table.tokens[row] for row in rows]
    silent = np.array([token in FUNCTION_WORDS for token in known], dtype=bool)
    if language == "en":
        silent |= _in_pieces(spans, names)
    places = {number.start: number for number in reversed(numbers(plain))}  # a day, not its month
    return Question(
        text=text,
        language=language,
        rows=rows,
        words=words,
        spans=spans,
        unit=vectors / np.maximum(lengths[:, None], 1e-6),
        weights=np.where(silent, 0.0, lengths).astype(np.float32),
        chinese=table.are_chinese(rows),
        reach=table.reach(rows),
        numeric=np.array([token.isdecimal() for token in known], dtype=bool),
        named=table.are_names(rows) & ~np.array([word in _NO_NAMES for word in words], dtype=bool),
        places=_places(plain, spans),
        office=_office(plain),
        spellings=tuple(names),
        numbers=tuple(places[start] for start in sorted(places)),
        pairs=_pairs(plain, [span for span, mute in zip(spans, silent, strict=True) if not mute]),
    )


def _pairs(text: str, speaking: Sequence[tuple[int, int]]) -> npt.NDArray[np.int32]:
    """Codes of the pairs of characters that a word which says something has a part in."""
    says = np.zeros(len(text) + 1, dtype=bool)
    for start, end in speaking:
        says[start:end] = True
    codes, starts = bigrams(text)
    return np.unique(codes[says[starts] | says[starts + 1]])
