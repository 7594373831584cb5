"""Acronyms and short names that the articles themselves introduce: 深圳音乐学院（以下简称“深音”）.

What is read: a short name after 简称, 下称 or 统称; a short name or an acronym in brackets behind
the full name, or the full name behind it; a count of parts (“碳达峰、碳中和”（双碳）), either way
round. An acronym must be the initials of an English name; a Chinese short name must have the
characters of the full name in order. An acronym behind a Chinese name has nothing that ties it to
the name, so that must begin at a clear boundary and end as names do.

Nothing is guessed: where the beginning of a full name is unclear there is no alias. Simplified and
traditional forms are not brought together. Every search looks at a bounded stretch of text, so time
grows with the length of the texts alone.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.text import is_han


@dataclass(frozen=True, slots=True)
class Alias:
    """Two forms of one name; `full` may be in the other script."""

    short: str
    full: str


MAX_EXPANSIONS = 4
_WINDOW = 90  # characters looked at before a bracket
_GAP = 12  # characters of a full name that its short name may pass over at once

_HAN = r"\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_ONE_FORM = str.maketrans("()「」『』’", "（）“”“”'")
_BRACKET = re.compile(r"(?=（((?:[^（）\n\r]|（[^（）\n\r]{1,8}）){2,80})）)")
_MARK = r"(?:以下|下文|文中|后文|後文)?(?:简称|簡稱|统称|統稱|合称|合稱)|(?:以下|下)[称稱]"
_MARKED = re.compile(
    rf"(?:[^“”]*[，,；;]\s*)?(?:{_MARK})[为為作]?[：:]?\s*"
    rf"(?P<open>[“\"])?(?P<short>[{_HAN}A-Za-z0-9（）·-]+)(?(open)[”\"])[。.]?"
)
_IN_CLAUSE = re.compile(
    rf"[，,]?(?:{_MARK})[为為作]?[：:]?[“\"](?P<short>[{_HAN}（）]{{2,15}})[”\"]"
)
_HAN_NAME = re.compile(rf"[{_HAN}·]+(?:（[{_HAN}]{{2,8}}）[{_HAN}]*)?")
_ACRONYM = re.compile(r"(?=(?:.*?[A-Z]){2})(?!.*\d.*\d)[A-Z][A-Za-z0-9&]{1,9}(?:-[A-Za-z]{1,9})?")
_ACRONYM_AT_END = re.compile(rf"(?<![A-Za-z0-9&/-]){_ACRONYM.pattern}$")

# A place in brackets is a part of its name: 香港中文大学（深圳）
_CLAUSE_END = re.compile(
    rf"(?P<place>（[{_HAN}]{{2,4}}）)|[\n\r，。；：！？、,;:!?…“”《》\"（）【】\[\]|｜■▲●—\u3000]"
)
_PLACE = (
    "北京|上海|天津|重庆|广东|广西|广州|深圳|香港|澳门|台湾|臺灣|福建|浙江|江苏|江西|山东|山西"
    "|河南|河北|湖南|湖北|海南|四川|贵州|云南|陕西|甘肃|青海|辽宁|吉林|黑龙江|安徽|内蒙古|宁夏"
    "|新疆|西藏|南京|武汉|成都|西安|杭州|苏州|粤港澳|美国|英国|法国|德国|俄罗斯|日本|韩国|印度"
    "|欧洲|亚洲|非洲|亚太|澳大利亚|加拿大|联合国|中国|中國|中华|中華|世界|国际|國際|全国|全國"
)
_PLACES = re.compile(_PLACE)
_CHAIN = re.compile(rf"(?:{_PLACE}|国家|國家|中共|人民|共和国|[{_HAN}]{{2}}[省市区县州镇區縣鎮])+")
# Behind these a name begins. The first stand in no name, the others may.
_BOUNDARY = re.compile(
    r"[的了是由被把赴这這该該其我他她们們]|在(?!线)|日前|近日|昨日|今日|当天|目前|其中|此外|同时|记者"
    r"|以及|关于|调研|走访|考察|视察|参观|前往|来到|走进|加入|参加|出席|成立|推动|推进|支持|根据|按照"
    r"|通过|围绕|实施|发布|印发|制定|出台|召开|举行|举办|组建|打造|位于|来自|包括|邀请|会同|依托|宣布"
    r"|获悉|表示|介绍|指出|签署|落实|贯彻|开展|加快|启动|属于|担任|对接|引入|就读|毕业|一直|成为|进入"
    r"|作为|委托|实现|提出|利用|使用|采用|引进|获得|隶属|建立|设立|创办|所谓|一[个個种種家项名]"
)
_PERHAPS = re.compile(
    r"[和与與及對对向為为到从從将將于於访至给给让讓或同以等据則则并而即后後前時时]"
    r"|发展|建设|联合(?!国)|服务|组织|主管|主办|承办|负责|促进|加强|提升|培养|研究"
)
_NAME_ENDS = re.compile(
    r"(?:大学|大學|[学學]院|会议|會議|委员会|委員會|组织|組織|[协協学學公]会|联盟|聯盟|中心|银行|銀行|集团"
    r"|公司|[划发]署|计划|协定|协议|公约|条约|基金|基金会|法院|法庭|研究[所院]|科学院|论坛|指数|总值|总局"
    r"|管理局|情报局|调查局|联赛|锦标赛|联合会|[理议]事会|实验室|人工智能|联合国|共和国)(?:（.*）)?$"
)
_NO_NAME = re.compile("[的了是在]")
_AND = re.compile("[和与與及跟]")

_PARTS = re.compile(r"以及|[、与與及]|和(?![、与與及]|$)")  # 碳中和 ends in 和
_COUNTS = {n: i for i, n in enumerate("一二三四五六七八九十", 1)} | {"双": 2, "雙": 2, "两": 2}
_MEASURES = frozenset("年月日天周岁个個项項次号位名")

_SMALL = frozenset("of and the for in on to a an at de la du with by from &".split())
_SENTENCE_END = re.compile(r'[;:!?"“”\n\r，。；：（）]|\.(?=\s+[A-Z])')
_WORD = re.compile(r"[^\s–—/-]+")


def find_aliases(texts: Iterable[str]) -> tuple[Alias, ...]:
    """The aliases that the texts introduce, in order of their short names.

    Of several full names of one short name the one that most texts give is taken, for each script
    of the full name; where two are given equally often there is none.
    """
    given: defaultdict[tuple[str, bool], Counter[str]] = defaultdict(Counter)
    spelling: dict[str, str] = {}
    for text in texts:
        own: set[tuple[str, str]] = set()
        for short, full in _in_text(text.translate(_ONE_FORM)):
            full = " ".join(full.split())
            spelling.setdefault(full.lower(), full)
            # 管理办法（以下简称“办法”）: what is in the full name is found without an alias.
            if 2 <= len(short) <= 15 and short not in full:
                own.add((short, full.lower()))
        for short, full in own:
            given[short, is_han(full[0])][full] += 1
    chosen = ((short, _most_given(fulls)) for (short, _), fulls in sorted(given.items()))
    return tuple(Alias(short, spelling[full]) for short, full in chosen if full)


def expansions(text: str, aliases: Sequence[Alias]) -> list[str]:
    """The other forms of the names in a text, longest first, each once, at most four.

    A short name counts as it is written, so "who" is not WHO; a full name counts without case.
    """
    text = text.translate(_ONE_FORM)
    folded = text.lower()
    found = set()
    for alias in aliases:
        has_full = _mentions(folded, alias.full.lower())
        # 北大 is not in 东北大学, which goes on as 北京大学 does.
        following = alias.full[alias.full.rfind(alias.short[-1]) + 1 :][:1]
        if has_full != _mentions(text, alias.short, following):
            found.add(alias.short if has_full else alias.full)
    return sorted(found, key=lambda form: (-len(form), form))[:MAX_EXPANSIONS]


def _mentions(text: str, form: str, not_before: str = "") -> bool:
    if form not in text:
        return False
    left = "(?<![A-Za-z0-9])" if form[0].isascii() else ""
    right = f"(?!{re.escape(not_before)})" if not_before else ""
    if form[-1].isascii():
        right = "s?(?![A-Za-z0-9])"
    return re.search(left + re.escape(form) + right, text) is not None


def _most_given(fulls: Counter[str]) -> str | None:
    most = max(fulls.values())
    top = sorted((full for full, count in fulls.items() if count == most), key=len)
    # A longer one that ends in the shorter only has more of its sentence with it.
    return top[0] if all(full.endswith(top[0]) for full in top) else None


def _in_text(text: str) -> Iterator[tuple[str, str]]:
    for bracket in _BRACKET.finditer(text):
        before = text[max(0, bracket.start() - _WINDOW) : bracket.start()].rstrip(" \u3000")
        if before and (inside := bracket[1].strip()):
            yield from _beside_bracket(before, inside)
    for mark in _IN_CLAUSE.finditer(text):
        before = text[max(0, mark.start() - _WINDOW) : mark.start()]
        if full := _han_full(before, mark["short"]):
            yield mark["short"], full


def _beside_bracket(before: str, inside: str) -> Iterator[tuple[str, str]]:
    """The aliases in `before（inside）`."""
    if marked := _MARKED.fullmatch(inside):
        inside = marked["short"]
    han_before = is_han(before[-1]) or before[-1] in "）”"
    name, _, last = map(str.strip, inside.replace("，", ",").rpartition(","))
    if _ACRONYM.fullmatch(last):
        short = _singular(last)
        if han_before and (full := _han_name(before)):
            yield short, full
        if full := _latin_full(name or before, short, whole=bool(name)):
            yield short, full
    elif is_han(inside[0]) and han_before:
        if full := _han_full(before, inside):
            yield inside, full
        elif not marked:
            meaning = inside.removeprefix("即").removeprefix("指").strip("“”")
            short = _quotation(before) or before[-2:]
            if _counted(meaning, short, whole=True) == meaning:
                yield short, meaning
    elif acronym := _ACRONYM_AT_END.search(before[-24:]):
        short = _singular(acronym.group())
        if _han_name(f"“{inside}”"):
            yield short, inside
        elif full := _latin_full(inside, short, whole=True):
            yield short, full


def _singular(acronym: str) -> str:
    stem = acronym.removesuffix("s")
    return stem if len(stem) >= 2 and stem.isupper() else acronym


def _quotation(text: str) -> str | None:
    """The quotation that a text ends with."""
    return text[text.rfind("“") + 1 : -1] if text.endswith("”") and "“" in text else None


def _clause(text: str) -> str:
    begin = 0
    for match in _CLAUSE_END.finditer(text):
        if not match["place"]:
            begin = match.end()
    return text[begin:].strip()


def _last_end(pattern: re.Pattern[str], text: str) -> int:
    return max((match.end() for match in pattern.finditer(text)), default=0)


def _han_full(before: str, short: str) -> str | None:
    """The full name at the end of a text whose characters the short name has in order."""
    quoted = _quotation(before)
    if counted := _counted(quoted or before, short, whole=quoted is not None):
        return counted
    clause = quoted or _clause(before)
    aligned = _aligned(clause, "".join(filter(str.isalnum, short)))
    if not aligned or not _HAN_NAME.fullmatch(short):
        return None
    first = aligned[0]
    for place in _PLACES.finditer(clause, max(0, first - 2)):
        if place.start() < first < place.end():
            first = place.start()  # 香 for the 港 of 香港
    if quoted:
        return quoted if _HAN_NAME.fullmatch(quoted) else None
    if len(clause) - first <= len(short) or _NO_NAME.search(clause, first):
        return None
    begin = max(_last_end(pattern, clause[:first]) for pattern in (_BOUNDARY, _PERHAPS))
    owner = clause[begin:first]
    # 香港中文大学（深圳）音乐学院 for 深圳音乐学院
    in_bracket = owner.endswith("（") and _CHAIN.match(owner)
    if not owner or _CHAIN.fullmatch(owner) or in_bracket:
        return clause[begin:]
    return clause[first:] if _CHAIN.match(clause, first) and "（" not in owner else None


def _aligned(full: str, letters: str) -> list[int]:
    """Where the letters stand in a full name, in order, near each other and as far right."""
    positions: list[int] = []
    end = len(full)
    for letter in reversed(letters):
        end = full.rfind(letter, 0, end)
        if end < 0:
            return []
        positions.insert(0, end)
    return [] if any(right - left > _GAP for left, right in pairwise(positions)) else positions


def _counted(text: str, short: str, *, whole: bool) -> str | None:
    """The parts at the end of a text that 双碳 or 三馆 counts: all have its last character.

    Unless the parts are all of the text, they must begin with it.
    """
    count = _COUNTS.get(short[0], 0)
    ends = [0, *(match.end() for match in _PARTS.finditer(text))]
    if len(short) != 2 or short[1] in _MEASURES or not 2 <= count <= len(ends):
        return None
    begin = ends[-count]
    first, *others = _PARTS.split(text[begin:])
    if not _HAN_NAME.fullmatch("".join(others)):
        return None
    if whole:
        fits = begin == 0 and all(short[1] in part for part in (first, *others))
        return text if fits else None
    if first.count(short[1]) != 1 or not all(part.startswith(short[1]) for part in others):
        return None
    full = text[begin + first.index(short[1]) :]
    return None if _CLAUSE_END.search(full.replace("、", "")) else full


def _han_name(text: str) -> str | None:
    """The Chinese name at the end of a text, if where it begins is clear."""
    if quoted := _quotation(text):
        return quoted if _HAN_NAME.fullmatch(quoted) and _NAME_ENDS.search(quoted) else None
    clause = _clause(text)
    begin = _last_end(_BOUNDARY, clause)
    perhaps = _last_end(_PERHAPS, clause)
    if perhaps > begin and _CHAIN.match(clause, perhaps):
        begin = perhaps
    name = clause[begin:]
    if not _HAN_NAME.fullmatch(name) or not _NAME_ENDS.search(name):
        return None
    if _CHAIN.match(name):
        return None if _AND.search(name) else name
    clear = begin > 0 and not _PERHAPS.search(name) and not _PLACES.search(name)
    return name if clear and 4 <= len(name) <= 14 else None


def _latin_full(text: str, acronym: str, *, whole: bool) -> str | None:
    """The name at the end of an English text that has an acronym's initials.

    With `whole` it must be all of the text, but for an article.
    """
    text = text[-_WINDOW:].rstrip(" ,")
    begin = _last_end(_SENTENCE_END, text)
    words = [(m.start(), m.group().lower().strip(",.'")) for m in _WORD.finditer(text, begin)]
    # An initial each, but in CUHK-Shenzhen a whole word.
    units = re.findall("(?<=-)[a-z]{3,}|[a-z0-9]", acronym.lower())
    # The small words (of, the) are in few acronyms: Department of Defense (DoD)
    first = _match_back(words, units, _SMALL) or _match_back(words, units, frozenset())
    if first is None:
        return None
    if whole and (begin or any(word not in ("the", "a", "an") for _, word in words[: first - 1])):
        return None
    return text[words[first - 1][0] :]


def _match_back(
    words: Sequence[tuple[int, str]], units: Sequence[str], passed: frozenset[str]
) -> int | None:
    """Which word, counted from one, the first unit matches, all matched from the last."""
    left = len(units)
    for number in range(len(words), 0, -1):
        word, unit = words[number - 1][1], units[left - 1]
        if word not in passed and unit == (word if len(unit) > 1 else word[:1]):
            left -= 1
            if not left:
                return None if word in _SMALL else number
        elif word not in _SMALL or left == len(units):
            return None
    return None
