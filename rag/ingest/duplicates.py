"""The same story twice → one article, with the other places named in its `copies`.

Copies of a story differ in title, source, punctuation, some words or sentences; stories made from
one template differ in numbers and names. So the n-grams that two texts share propose a pair, and
what differs decides. A story retold, continued or summed up is another story.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date
from difflib import SequenceMatcher
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from rag.types import Article, Language

_SHINGLE = {"zh": 5, "en": 15}  # characters
_HASHES = 32  # the smallest shingle hashes of an article: its sketch
_SHARED = 5  # hashes that two sketches must have in common to be looked at
_NEIGHBOURS = 4  # articles with the same hash to which one is compared: templates share theirs
_SHORT = 80  # characters; shorter texts must be equal
_LONG = 1000  # characters of a changed passage; longer ones are not compared letter by letter
_MIN_SHARED = 0.85  # share of the shorter text that stands in the longer one
_MIN_LENGTHS = 0.7  # shorter length by longer length: a summary is no copy
_TITLES_ALIKE = 0.5
_MAX_DAYS = 5

_CLAUSE_END = re.compile(r"[，。、；：！？…,;:!?]|\.\s")
_IN_CLAUSE = re.compile(r"[^\w\n]+|_")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
_NO_WORD = re.compile(r"[\W_]+")
_TOKEN = re.compile(r"[a-z]+|[^\W_]")
_NUMERALS = "〇零一二三四五六七八九十百千万亿两"
_NUMBER = re.compile(rf"[0-9]+(?:点[0-9]+)*|[{_NUMERALS}]{{2,}}")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z]\w+")
_DIGITS = frozenset(_NUMERALS + "0123456789")
_LONG_NAME = 8
# Where one of these ends or follows both forms of a changed word, it was the name of one.
_PLACE = frozenset(
    "国國省州市区區县縣镇鎮乡鄉村街路巷里桥橋湖河江海山岛島港站校园園院馆館局厂廠店社楼樓号號部处處司署队隊科系组組班"
)
_SURNAMES = frozenset(
    "赵趙钱錢孙孫李周吴吳郑鄭王冯馮陈陳褚卫衛蒋蔣沈韩韓杨楊朱秦许許何吕呂张張孔曹严嚴魏陶姜谢謝邹鄒"
    "苏蘇潘葛范彭鲁魯韦韋马馬方任袁柳史唐费費薛雷贺賀汤湯罗羅郝安常于傅齐齊康伍余顾顧孟黄黃萧蕭尹"
    "姚邵汪毛戴宋庞龐熊纪紀舒项項祝董梁杜阮蓝藍季贾賈江郭梅林钟鐘鍾徐邱骆駱高夏蔡田胡凌霍万萬柯卢盧"
    "莫房丁邓鄧洪包石崔龚龔程陆陸翁荀甄曲封储段侯武刘劉龙龍叶葉白赖賴乔喬谭譚曾关關"
)
_Sketch = npt.NDArray[np.uint64]


def merge(articles: Sequence[Article], keep: Set[str] = frozenset()) -> tuple[Article, ...]:
    """The articles with each story once, where it stood first.

    The longest of its texts is kept, the first of equal ones, and gets what it lacks (a date, a
    source, authors, an address, a printed title) from the others, whose paths become `copies`.
    An article whose id is in `keep` is neither merged nor a copy: its id was given to it.
    """
    groups: dict[int, list[Article]] = {}
    leaders = list(range(len(articles)))
    candidates = _candidates(articles, keep)
    for number, article in enumerate(articles):
        for leader in sorted({leaders[other] for other in candidates.get(number, ())}):
            # Compared with the first of a story only, so that no chain of edits leads away from it.
            if is_copy(articles[leader], article):
                leaders[number] = leader
                break
        groups.setdefault(leaders[number], []).append(article)
    return tuple(_united(group) for group in groups.values())


def is_copy(a: Article, b: Article) -> bool:
    """Whether two articles are one story, at most lightly edited."""
    if a.date and b.date and _days_between(a.date, b.date) > _MAX_DAYS:
        return False
    if not (a.title_inferred or b.title_inferred) and _titles_clash(a.title, b.title):
        return False
    first, second = _content(a.text, a.language), _content(b.text, b.language)
    if first.joined == second.joined:
        return True
    shorter, longer = sorted((len(first.joined), len(second.joined)))
    if shorter < max(_SHORT, _MIN_LENGTHS * longer):
        return False
    return not _both_differ(first.facts, second.facts) and _is_edited(first, second, shorter)


@dataclass(frozen=True, slots=True)
class _Content:
    """A text without punctuation, case and width; its numbers and Latin words."""

    clauses: tuple[str, ...]
    joined: str
    facts: Counter[str]


@lru_cache(maxsize=4096)
def _content(text: str, language: Language) -> _Content:
    between = " " if language == "en" else ""
    lines = _IN_CLAUSE.sub(between, _CLAUSE_END.sub("\n", _plain(text))).split("\n")
    clauses = tuple(filter(None, map(str.strip, lines)))
    return _Content(clauses, _joined(text), _facts(text))


def _plain(text: str) -> str:
    # A point inside a number is read aloud: 1.2 is not 12.
    return _POINT.sub("点", unicodedata.normalize("NFKC", text).lower())


def _joined(text: str) -> str:
    # Without its punctuation most text is normal already, and found to be so quickly.
    words = _NO_WORD.sub("", _POINT.sub("点", text))
    return unicodedata.normalize("NFKC", words).lower()


def _facts(text: str) -> Counter[str]:
    """The numbers of a text, and the names in an English one: capitals inside a sentence."""
    numbers = _NUMBER.findall(_THOUSANDS.sub("", _plain(text)))
    return Counter(numbers) + Counter(_CAPITAL.findall(text))


def _both_differ(a: Counter[str], b: Counter[str]) -> bool:
    """Whether each has what the other lacks; a dropped sentence makes but one side differ."""
    return bool(a - b) and bool(b - a)


def _is_edited(a: _Content, b: _Content, shorter: int) -> bool:
    """Whether nearly all of the shorter text is the longer one's, and no name was exchanged."""
    same = 0
    exchanged: Counter[tuple[str, str]] = Counter()
    matcher = SequenceMatcher(None, a.clauses, b.clauses, autojunk=False)
    for kind, i, j, k, m in matcher.get_opcodes():
        left, right = _tokens(a.clauses[i:j]), _tokens(b.clauses[k:m])
        if kind == "equal" or left == right:
            same += sum(map(len, left))
        elif kind == "replace" and max(len(left), len(right)) <= _LONG:
            unchanged, changes = _compare(left, right)
            if any(_is_name(change) for change in changes):
                return False
            same += unchanged
            exchanged.update((change.before, change.after) for change in changes)
    # One word for another again and again is how a template is filled in.
    return same >= _MIN_SHARED * shorter and max(exchanged.values(), default=0) < 2


def _tokens(clauses: Sequence[str]) -> list[str]:
    """The English words and the single characters of everything else."""
    return _TOKEN.findall(" ".join(clauses))


@dataclass(frozen=True, slots=True)
class _Change:
    """Words that stand in one text for those in the other, and the character after both."""

    before: str
    after: str
    following: str


def _compare(a: Sequence[str], b: Sequence[str]) -> tuple[int, list[_Change]]:
    """(number of equal characters, what was exchanged)."""
    same = 0
    changes = []
    for kind, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if kind == "equal":
            same += sum(map(len, a[i:j]))
        elif kind == "replace":
            changes.append(_Change("".join(a[i:j]), "".join(b[k:m]), "".join(a[j : j + 1])))
    return same, changes


def _is_name(change: _Change) -> bool:
    """Whether a change is of a name or a number: another story, not another wording."""
    a, b = change.before, change.after
    if not _DIGITS.isdisjoint(a) and not _DIGITS.isdisjoint(b):
        return True
    if max(len(a), len(b)) > _LONG_NAME:
        return False
    if change.following in _PLACE or (a[-1] in _PLACE and b[-1] in _PLACE):
        return True
    return a[0] in _SURNAMES and b[0] in _SURNAMES and max(len(a), len(b)) <= 3


def _is_part(change: _Change) -> bool:
    return {change.before, change.after} <= set("上中下")


def _titles_clash(a: str, b: str) -> bool:
    """Whether two titles are of one template: alike, but for a number or a name."""
    first, second = _TOKEN.findall(_plain(a)), _TOKEN.findall(_plain(b))
    same, changes = _compare(first, second)
    if same < _TITLES_ALIKE * min(sum(map(len, first)), sum(map(len, second))):
        return False
    if _both_differ(_facts(a), _facts(b)):
        return True
    return any(_is_name(change) or _is_part(change) for change in changes)


def _days_between(a: str, b: str) -> int:
    return abs((date.fromisoformat(a) - date.fromisoformat(b)).days)


def _candidates(articles: Sequence[Article], keep: Set[str]) -> dict[int, list[int]]:
    """For each article the earlier ones that may be the same story."""
    sketches: list[_Sketch] = []
    owners: list[int] = []
    equal: defaultdict[int, list[int]] = defaultdict(list)
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number, article in enumerate(articles):
        if article.id in keep:
            continue
        text = _joined(article.text)
        alike = equal[hash(text)]
        found[number] += alike[-_NEIGHBOURS:]
        alike.append(number)
        sketches.append(_sketch(text, _SHINGLE[article.language]))
        owners.append(number)
    for first, second in _pairs(sketches, owners):
        found[second].append(first)
    return found


def _sketch(text: str, size: int) -> _Sketch:
    """(at most _HASHES,) the smallest hashes of a text's shingles, ascending."""
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    count = len(codes) - size + 1
    if count <= 0:
        return np.empty(0, dtype=np.uint64)
    hashes = np.zeros(count, dtype=np.uint64)
    for offset in range(size):
        hashes = hashes * np.uint64(0x100000001B3) + codes[offset : offset + count]
    hashes ^= hashes >> np.uint64(29)
    hashes *= np.uint64(0x9E3779B97F4A7C15)
    hashes ^= hashes >> np.uint64(32)
    few = min(4 * _HASHES, count - 1)  # enough for as many different ones
    return np.unique(np.partition(hashes, few)[: few + 1])[:_HASHES]


def _pairs(sketches: list[_Sketch], owners: list[int]) -> Iterator[tuple[int, int]]:
    """(earlier, later) articles whose sketches have enough in common, in order."""
    if not sketches:
        return
    hashes = np.concatenate(sketches)
    numbers = np.repeat(np.array(owners, dtype=np.int64), [len(sketch) for sketch in sketches])
    order = np.argsort(hashes, kind="stable")
    hashes, numbers = hashes[order], numbers[order]
    width = owners[-1] + 1
    keys = [
        numbers[:-apart][same] * width + numbers[apart:][same]
        for apart in range(1, _NEIGHBOURS + 1)
        for same in (hashes[apart:] == hashes[:-apart],)
    ]
    pairs, counts = np.unique(np.concatenate(keys), return_counts=True)
    for pair in pairs[counts >= _SHARED].tolist():
        yield divmod(pair, width)


def _united(group: list[Article]) -> Article:
    """One article of the copies of a story."""
    best = max(group, key=lambda article: len(article.text))
    if len(group) == 1:
        return best
    others = [article for article in group if article is not best]
    places = [place for article in others for place in (article.path, *article.copies)]
    titled = next((a for a in (best, *others) if not a.title_inferred), best)
    return replace(
        best,
        title=titled.title,
        title_inferred=titled.title_inferred,
        date=next((a.date for a in (best, *others) if a.date), None),
        source=next((a.source for a in (best, *others) if a.source), None),
        authors=next((a.authors for a in (best, *others) if a.authors), ()),
        url=next((a.url for a in (best, *others) if a.url), None),
        copies=tuple(dict.fromkeys(p for p in (*best.copies, *places) if p != best.path)),
    )
