"""Outlets and reporters from the lines that print them: datelines, bylines, credit lines.

Each function reads one line or the opening of one paragraph; which ones of a document are asked
is up to `page`. Patterns are matched on the folded line (brackets round, labels simplified);
names and outlets are cut from the line itself. Editors, correspondents and photographers are
recognised in order to be left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from rag.ingest.dates import MONTH, date_line, iso_date, month_day
from rag.ingest.fold import fold
from rag.ingest.surnames import is_chinese_name
from rag.text import is_han

_HAN = "一-龥〇"
OUTLET_END = (
    r"(?:[日晚早晨商时快新周]报|[晨晚早]讯|[晨周月]刊|都市报|特区报|青年报|报业|报|在线|网|通讯社|社|电视台|广播电台|电台|台"
    r"|周末|半月刊|导报|画报|客户端|融媒体中心|融媒体?|新闻|周刊|杂志|传媒|发布|频道|APP|Plus|plus|\+)"
)
_RANK = r"(?:首席|见习|实习|特约|特派|资深|高级|全媒体|文字|驻[一-龥]{2,3}?)*"
# 记者们, 记者站, 记者调查 … are no bylines.
_REPORTER = r"记者(?![们站证会节协从在了调手观走探体亲视日说眼看问直帮暗获注])"
_ROLE = re.compile(
    rf"(?P<reporter>{_RANK}{_REPORTER}|作者(?= ?:)|(?:采访|采写|撰文|撰稿|文字)+(?= ?[:/])"
    rf"|(?<![{_HAN}/])文(?= ?[:/] ?(?!图)[{_HAN}]))"
    r"|摄影(?:记者)?|(?:特约)?通讯员|实习生|(?:责任|值班|网络)?编辑|责编|编译|校对|美编|翻译|制图|视频|剪辑"
    r"|供图|配图|图(?= ?[:/])|来源|统筹|监制|审[核稿签读]|签发"
)
_WORK = re.compile(
    r"(?:综合|摄影)*报[道导]|摄影|文字|[文图][/、][文图]|/ ?[文图摄]|(?<=[ /])[文图摄](?=[ )]|$)"
    r"|整理|发自.*"
)
# In traditional bylines a place stands before the word: 記者王小明／台北報導.
_FROM_PLACE = re.compile(rf" ?[/／] ?[{_HAN}]{{2,4}}[报報][道导導]|\s[{_HAN}]{{2,4}}[报報][道导導]")
# A word before a colon or a number is a label: 点击：12.
_NAME_WORD = re.compile(
    rf"(?:[^\s、,，;&|:/.()和]|和(?![{_HAN}]{{2}}))+(?! ?[:\d])(?=[\s、,，;&|/.()和]|$)"
)
_LATIN_NAME = re.compile(r"[A-Z][A-Za-z.'’-]*(?: [A-Z][A-Za-z.'’-]*){1,3}")
_NO_NAME = re.compile(
    rf"(?:{OUTLET_END}|中心|综合|外电|本[报网台刊]|整理|集团"
    r"|点击|阅读|浏览|评论|分享到?|打印|收藏|字号|字体|发布|更新|时间|日期|字数|热度|关注)$"
)

_NUMERAL = "[一二三四五六七八九十廿卅]"
_DAY = (
    rf"(?P<day>(?:(?:(?:19|20)\d\d|[一二][〇零○Ｏ一二三四五六七八九]{{3}})年)?"
    rf"(?:(?:\d{{1,2}}|{_NUMERAL}{{1,2}})月)?(?:\d{{1,2}}|{_NUMERAL}{{1,3}})日)"
)
_IN_BRACKETS = r"(?: *\((?P<credits>[^()。]{2,100})\))"
# A dateline is told from a sentence that begins with the same words by what follows it.
_CLOSED = r"(?:\)|(?=[ :(]|$))"
_DATELINES = tuple(
    re.compile(pattern)
    for pattern in (
        # 新华社北京9月15日电（记者 …）  据中新社电  （中央社記者王小明台北15日電）
        rf"\(? *据?(?P<outlet>[\w·]{{1,10}}?[社网报台])(?P<by>记者[{_HAN}、 ]{{2,14}}?)?"
        rf"(?:(?P<place>[{_HAN}、/]{{0,12}}?){_DAY}(?:综合)?(?:外)?电\)?|(?:综合)?(?:外)?电{_CLOSED})"
        rf"{_IN_BRACKETS}?",
        # 本报讯（…）  本报北京9月15日讯  【本報訊】
        rf"\(? *(?P<outlet>本[报网台刊])(?:(?!记者)[{_HAN}]){{0,6}}?{_DAY}?(?:综合)?"
        r"(?:讯|消息|报道)"
        rf"\)?{_IN_BRACKETS}?",
        # 海城客户端·海城新闻网2022年9月15日讯 (…)  【海城商报讯】  央视网消息：
        rf"\(? *(?P<outlet>[\w·・+]{{1,24}}?{OUTLET_END})(?![网报社台端])"
        rf"(?:(?!记者)[{_HAN}]){{0,6}}?{_DAY}?(?:综合)?(?:讯|消息|报道)(?:\)?{_IN_BRACKETS}|{_CLOSED})",
        # 湾区早班车2022年9月15日讯（…）: with a date any name is an outlet.
        rf"\(? *(?P<outlet>[\w·・+]{{2,20}}?){_DAY}(?:综合)?讯(?:\)?{_IN_BRACKETS}|{_CLOSED})",
        # 云都讯（记者 张三）: what stands before may be a place
        rf"[{_HAN}]{{2,8}}讯 *\((?P<credits>[^()。]{{0,8}}{_REPORTER}[^()。]{{2,60}})\)",
        # 【特訊】  今晚直通车讯 , with white space behind
        r"\((?:特|专|综合|港闻)讯\)",
        rf"(?P<outlet>[{_HAN}]{{3,10}})(?<![资通短简快电音喜])讯  ?(?=\S)",
        # □本报记者 张三 文/图 in front of the first sentence
        rf"[□■◆◎● ]*(?P<names>本[报网刊]{_RANK}记者 ?[{_HAN}]{{2,4}}"
        rf"(?:[ 、]+[{_HAN}]{{2,3}}(?=[ 、]))*)(?: 文[/、]?图)? +(?=\S{{4,}})",
        # （记者 张三）  〔記者王小明／台北報導〕  【本报记者 张三 报道】
        rf"\((?P<credits>[^()。，]{{0,24}}{_REPORTER}[^()。]{{1,80}})\)",
        # 記者王小明／台北報導  本报记者 张三 李四 报道
        rf"(?P<credits>[{_HAN}]{{0,8}}?{_RANK}记者 ?[{_HAN}、]{{2,10}} ?/ ?[{_HAN}]{{2,6}}报[道导]"
        rf"|[{_HAN}]{{0,8}}?{_RANK}记者 ?[{_HAN}]{{2,4}}"
        rf"(?:[ 、]+(?:通讯员 ?)?[{_HAN}]{{2,4}}){{0,5}}"
        rf" ?(?:摄影)?报[道导](?=[ :]|$))",
    )
)
# What may follow a dateline without brackets: 本报讯 记者张三报道：
_MORE_CREDITS = re.compile(
    rf" *(?P<credits>[{_HAN}]{{0,8}}?{_RANK}记者 ?[{_HAN}]{{2,4}}"
    rf"(?:[ 、]+(?:通讯员 ?)?[{_HAN}]{{2,4}}){{0,5}} ?(?:摄影)?(?:报[道导](?=[ :，])|(?=:)))"
)
_DATELINE_EN = re.compile(
    r"(?P<place>[A-Z][A-Za-z.'’-]*(?:[ /][A-Z][A-Za-z.'’-]*){0,3})(?:, [A-Z][A-Za-z.]+"
    rf"(?: [A-Z][A-Za-z.]+){{0,2}}?)?,? *(?P<day>{MONTH} \d{{1,2}}(?:, ?\d{{4}})?)?,? *"
    r"(?:\((?P<outlet>[A-Z][\w .&'-]{1,30})\))? *(?:--+|[—–]+|-(?= )) *(?=\S)"
)
_BY_EN = re.compile(
    r"(?:(?:[Rr]eport(?:ing|ed)?|[Ss]tory|[Ww]ords|[Tt]ext|REPORT(?:ING)?|STORY) )?(?:[Bb]y|BY) +"
)
_IN_PLACE = re.compile(r" in [A-Z][\w'’-]+(?: [A-Z][\w'’-]+)?(?= and |,|$)")
_AFTER_NAME_EN = re.compile(
    r",? (?:(?:[A-Z][a-z]+ ){0,2}(?:Staff|Senior|Chief|Political|Local|Education|Health) )?"
    r"(?:[A-Z][a-z]+ ){0,2}(?:[Rr]eporter|[Ww]riter|[Cc]orrespondent|[Ee]ditor)\b.*$| @\w+.*$"
)
_BYLINE_EN = re.compile(
    r"(?:By|BY) +(?P<names>[A-Z][\w.'’-]*(?: +[A-Z][\w.'’-]*){0,3}"
    r"(?:(?: *, *| +and +| *& *)[A-Z][\w.'’-]*(?: +[A-Z][\w.'’-]*){1,3})*)"
    r"(?P<rest> *(?:[,|(—-]|in [A-Z]|for ).{0,120})?$"
)
_OUTLET_EN = re.compile(
    r"(?:The )?(?:[A-Z][a-z]+ )*(?:Times|Post|Daily|News|Herald|Journal|Press|Agency|Xinhua|Reuters"
    r"|Tribune|Gazette|Standard|Chronicle|Observer|Courier|Mail|Express|Star|Record|Review|Echo"
    r"|Globe|Telegraph|Mirror|Ledger|Beacon|Bulletin|Dispatch|Advertiser|Argus|Register|Sentinel|Examiner"
    r"|Inquirer|Independent|Messenger|Guardian|Mercury|Digest|Weekly)\b(?: [A-Z][a-z]+)*"
)
_TITLE_EN = re.compile(r"\b(?:Staff|Writer|Reporter|Correspondent|Editor|Bureau|Desk|Team)\b")

_TITLE_LINE_EN = re.compile(
    r"(?:[A-Z][\w.'’-]+ ){0,3}(?:[Ss]taff |[Ss]enior |[Cc]hief )*(?:Writer|Reporter|Correspondent)"
    r"|STAFF (?:WRITER|REPORTER)"
)

_CREDIT_LABEL = re.compile(
    r"(?<![图片据料频照])(?:来源|报[纸刊](?:名称)?|(?:摘|转载|转)自) ?: ?"
    r"|(?:原?[载刊]|发表)于? ?(?=《)|[转摘选]自 ?(?=《)"
    r"|\b(?:Source|SOURCE|source) ?: ?"
)
_CREDIT_VALUE = re.compile(
    rf"[《“\"(]?(?P<value>[A-Za-z][A-Za-z.&' ]{{1,38}}[A-Za-z](?![{_HAN}+\w])"
    rf"|[^\s|,，;。()》”\"]{{2,30}})"
)
_NEXT_LABEL = re.compile(
    r"【|(?:浏览|阅读|点击|评论|打印|分享|字[号体])[次数量]*(?: ?[:(]|$).*|"
    r"\s+(?:作者|记者|编辑|责编|责任编辑|时间|日期|发布|Editors?|Updated|By)\b.*"
    r"|(?:作者|记者|编辑|责编|责任编辑|[\u4e00-\u9fff]{0,2}时间|日期)\s*:.*"
)
# What stands behind the names on a line of a web page.
_NO_CREDITS = re.compile(
    r"[\[【“]|(?:栏目|字数|版[次面]|关键词) ?:"
    r"|(?:最[新后近])?(?:人气|点击|阅读|浏览|评论|字[号体]|发布|更新|时间)[数量次]* ?[:(]"
)
_DONE_BY = re.compile(r"^(?:采访|访谈|采写|撰文|撰稿|文字|整理)[人者]? ?:")
_BUTTON = re.compile(r"[\[［【]")
_PHOTO_TOO = re.compile(r"^(?:文[/、]?图|图[/、]?文|摄影) ?[/:|]?")
_ORNAMENTS = " 　□■◎●○▲△★☆◆◇()|/—-"


_PAGE_HEADER = re.compile(
    r"(?:星期|周)[一二三四五六日天]|第? ?[A-Z]?[\d一二三四五六七八九十头]{1,4} ?版|第 ?\d+ ?期"
    r"|\b[A-D]\d|day, |Page "
)
_TIME = re.compile(r"\d{1,2}:\d\d")
_SIGNED = re.compile(
    rf"\W*(?:本[报网刊]?(?:首席|见习)?记者 ?)?([{_HAN}]{{2,4}}(?:[ 、,]+[{_HAN}]{{2,4}}){{0,4}}) ?"
    r"(?:文[/、]?图|撰文)"
)
_MAX_CLOSING = 60
_LONG_BYLINE, _LONG_BYLINE_EN = 80, 140  # characters
_CLOSING = re.compile(r"\(([^()]{1,40})\)\W{0,2}$")
_DONE = re.compile(r"完|续完|未完待续|本报综合\S{0,10}|据\S{2,12}|来源:?\S{2,12}")
_MASTHEAD = re.compile(
    rf"《?(?P<name>[{_HAN}]{{2,8}}(?:[日晚早晨商时時快周]?[报報]|新闻|都市报|讯))》?"
    r"(?:[ |·:]*(?:[A-Z][A-Za-z .&]{3,40}|第?\d{1,3}期"
    r"|(?:第? ?\w{1,4} ?版|[A-D]\d{1,3})[ |·]*\S{0,6}))?"
)
_NO_OUTLET = re.compile(
    r"[市县区省州镇乡村版日期月年时分次]$|星期|农历|发布|更新|阅读|点击|浏览|评论|字[号体]|分享|打印|编辑|记者|来源"
)
_NO_MASTHEAD = re.compile(
    r"(?:社会|综合|地方|国内|国际|本地|民生|经济|体育|文化|图片|要闻|时政|今日|最新|热点|简要|简明|本[报网]|"
    r"教育|科技|健康|财经|娱乐|深度|头条|视频|相关|推荐|新闻|晚间|早间|午间).{0,4}"
    r"|(?:即时|统一|权威|联合|公开|最新|首次|正式)发布|.{0,6}(?:天气预|通|简|海|情|公)报$|.*(?:今|快|资|电|通)讯$"
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What stands before a story's first sentence, which begins at `end`.

    `date` is ISO when the dateline has a year; `month_day` is set when it has at least those.
    """

    end: int
    outlet: str | None = None
    authors: tuple[str, ...] = ()
    date: str | None = None
    month_day: tuple[int, int] | None = None


@lru_cache(maxsize=1024)
def opening(text: str) -> Opening | None:
    """The dateline and reporters at the start of a paragraph, or None when it has neither."""
    line = fold(text)
    for pattern in _DATELINES:
        if (found := pattern.match(line, 0, 240)) is not None:
            break
    else:
        return _opening_english(text)
    groups = found.groupdict()
    names: tuple[str, ...] = ()
    if groups.get("names"):
        names = people(text[found.start("names") : found.end("names")])[0]
        if not names or not all(map(is_chinese_name, names)):
            return None  # 本报记者 followed by what he does
        return Opening(_skip_separators(text, found.end()), None, names)
    outlet = None
    if groups.get("by"):
        to = found.end("place") if groups.get("place") else found.end("by")
        names = tuple(_name_before_place(text[found.start("by") + 2 : to]))
    end = found.end()
    if groups.get("credits"):
        credits = text[found.start("credits") : found.end("credits")]
        names, outlet = people(credits)
        bare = tuple(filter(None, re.split(r"[ 、　,，]+", credits)))
        if not names and all(map(is_chinese_name, bare)):
            names = bare  # 中新网海城11月3日电 (张三 李四)
    elif (more := _MORE_CREDITS.match(line, end)) is not None:
        names, outlet = people(text[more.start("credits") : more.end("credits")])
        end = more.end()
    if groups.get("outlet"):
        outlet = _bare_outlet(text[found.start("outlet") : found.end("outlet")]) or outlet
    day = groups.get("day") or ""
    return Opening(_skip_separators(text, end), outlet, names, iso_date(day), month_day(day))


def byline(text: str) -> Opening | None:
    """The reporters of a line that holds nothing else: `□本报记者 张三 文/图`, `By Ann Lee`."""
    if len(text) > (_LONG_BYLINE_EN if text[:2] in ("By", "BY") else _LONG_BYLINE):
        return None
    signed = _SIGNED.fullmatch(fold(text))
    if signed is not None:
        named = tuple(filter(None, re.split(r"[ 、　,，]+", signed[1])))
        return Opening(len(text), None, named) if all(map(is_chinese_name, named)) else None
    if text[:1] in "(（" and (names := closing_author(text)):
        return Opening(len(text), None, names)
    if (by := _BY_EN.match(text)) is not None:
        names_only = _IN_PLACE.sub("", text[by.end() :].split("|")[0].strip())
        shorter = _AFTER_NAME_EN.sub("", f"By {names_only}")
        if (english := _BYLINE_EN.match(shorter)) is not None:
            return _byline_english(text, english)
    if _TITLE_LINE_EN.fullmatch(text):
        return Opening(len(text))
    if (begins := opening(text)) is not None and begins.outlet is not None:
        return begins if begins.end == len(text) else None
    if begins is not None and begins.end < len(text):
        return None
    start = len(text) - len(text.lstrip(_ORNAMENTS + "（〔【["))
    stripped = text[start:].rstrip(_ORNAMENTS + "）〕】]")
    line = _PHOTO_TOO.sub(_blank, _DONE_BY.sub(_blank, fold(stripped)))
    turn = re.match(rf"{_RANK}记者 ?: ?(.{{6,}})", line)
    if turn is not None and not all(map(is_chinese_name, re.split(r"[ 、,]+", turn[1]))):
        return None
    if re.search(r"[。！？，；“”?!]", line):
        return None
    role = _ROLE.search(line)
    if role is None or role["reporter"] is None or role.start() > 20:
        return None
    names, outlet = people(stripped)
    rest = _ROLE.sub(" ", _WORK.sub(" ", fold(" ".join(line.split()))))
    for name in names:
        rest = rest.replace(fold(name), " ")
    if not names and not (outlet and line.endswith("记者")):
        return None
    before = line[: role.start()].strip()
    known = not before or re.fullmatch(rf"本[报网台刊]|[\w·]*{OUTLET_END}", before)
    # 百名记者 走进乡村 is a headline; 海都记者 张三 is not.
    if not known and (len(before) > 4 or any(len(name) > 3 for name in names)):
        return None
    return None if len("".join(rest.split())) > 12 else Opening(len(text), outlet, names)


def closing_author(text: str) -> tuple[str, ...] | None:
    """The reporters in brackets at the end of a paragraph; empty for a bare `（完）`.

    None when it does not end a story so.
    """
    found = _CLOSING.search(fold(text[-_MAX_CLOSING:]))
    if found is None:
        return None
    inside = text[-_MAX_CLOSING:][found.start(1) : found.end(1)]
    if _DONE.fullmatch(fold(inside)):
        return ()
    if _ROLE.search(fold(inside)) is not None:
        return people(inside)[0]
    names = tuple(filter(None, re.split(r"[ 、　,，/]+", inside)))
    return names if names and all(map(is_chinese_name, names)) else None


def is_page_header(line: str) -> bool:
    """Whether a line prints the date of a whole page: with a week day or a page number.

    The line of one article has a time beside its date.
    """
    folded = fold(line)
    found = _PAGE_HEADER.search(folded) and not _TIME.search(folded)
    return bool(found) and date_line(line) is not None and credit(line) is None


def masthead(text: str) -> str | None:
    """The paper whose name is all that a line holds, beside its name in Latin letters or a page."""
    line = re.sub(r"(?<=[\u4e00-\u9fff])[ 　](?=[\u4e00-\u9fff](?:[ 　]|$))", "", text.strip())
    found = _MASTHEAD.fullmatch(fold(line))
    if found is not None:
        name = line[found.start("name") : found.end("name")]
        return None if _NO_MASTHEAD.match(fold(name)) else _EDITION.sub("", name)
    english = _OUTLET_EN.search(line.title()) if line.isupper() else _OUTLET_EN.fullmatch(line)
    if english is not None and english.group() == (line.title() if line.isupper() else line):
        return english.group() if " " in english.group() else None
    return None


def edited_by(text: str) -> tuple[str, ...]:
    """The editors that a line names: they are no authors, whatever mark-up calls them."""
    line = fold(text)
    names: list[str] = []
    roles = list(_ROLE.finditer(line))
    for role, after in zip_longest(roles, roles[1:]):
        if "编" in role.group() or "校" in role.group():
            names += _names(text[role.end() : after.start() if after else len(text)])
    return tuple(names)


def line_outlet(text: str) -> str | None:
    """The paper or site named on a line of credits: `灣東新聞網 2019-06-21 記者許庭瑄`.

    Beside a date, a word that is neither a section, a place nor a person's name is one, too.
    """
    english = _OUTLET_EN.search(text)
    if english is not None and " " in english.group() and not _TITLE_EN.search(english.group()):
        return english.group()
    words = [word for word in re.split(r"[\s|｜/∕／,，·•]+", text) if word]
    for word in words:
        folded = fold(word)
        if is_outlet(word) and not _NO_MASTHEAD.match(folded) and not _ROLE.search(folded):
            return word
    if iso_date(text) is None:
        return None
    named = people(text)[0]
    others = [
        word
        for word in words
        if re.fullmatch(rf"[{_HAN}]{{3,8}}", word) and word not in named and not iso_date(word)
    ]
    if len(others) != 1 or _NO_MASTHEAD.match(others[0]) or _NO_OUTLET.search(fold(others[0])):
        return None
    return others[0]


def people(text: str) -> tuple[tuple[str, ...], str | None]:
    """(reporters, the outlet of the first) of a credit such as `海城日报记者 张三 通讯员 李四`."""
    line = fold(text)
    roles = list(_ROLE.finditer(line))
    names: list[str] = []
    outlet = None
    for number, role in enumerate(roles):
        if role["reporter"] is None:
            continue
        if number == 0:
            stop = len(line[: role.start()].rstrip())
            before = re.split(r"[\s、,，/(:]", line[:stop])[-1]
            outlet = _bare_outlet(text[stop - len(before) : stop])
        end = roles[number + 1].start() if number + 1 < len(roles) else len(text)
        behind = _NO_CREDITS.search(line, role.end(), end) or _BUTTON.search(text, role.end(), end)
        names += _names(text[role.end() : behind.start() if behind else end])
    return tuple(dict.fromkeys(names)), outlet


def credit(text: str) -> str | None:
    """The outlet of a credit line such as `来源：…`, `（文章来源：…）`, `Source: …`."""
    line = fold(text)
    for label in _CREDIT_LABEL.finditer(line):
        found = _CREDIT_VALUE.match(line, label.end())
        if found is None:
            continue
        start, end = found.span("value")
        if (following := _NEXT_LABEL.search(line, start, end)) is not None:
            end = following.start()
        value = text[start:end].strip(" :-—《》“”\"'")
        if value and iso_date(value) is None:
            return value
    return None


_WEEKDAY = re.compile(r" (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day.*$")
_PERIODICAL = frozenset(("半月刊", "周刊", "月刊", "季刊", "日报", "晚报", "周报", "周末"))
_CAPITALS = re.compile(r"(?:[A-Z]{2,} ?){2,5}(?=[ |,·-]|$)")
_EDITION = re.compile(r"(?<=[报報])(?:数字报|數位報|电子版|电子报)$")


def header_outlet(text: str) -> str | None:
    """The paper named in the header line of a page, such as `海城日报 2023年5月1日 星期一`."""
    for word in text.split():
        name = _EDITION.sub("", word.strip("《》|｜·"))
        for part in reversed(re.split(r"[·•|｜:：]", name)):
            if part in _PERIODICAL:
                continue
            if re.fullmatch(rf"[{_HAN}]{{1,8}}(?:[报報]|周末|周刊|半月刊|快线|时讯)", part):
                return part
    found = _OUTLET_EN.search(text.title() if text.isupper() else text)
    if found is None and (capitals := _CAPITALS.search(text)) is not None:
        found = _OUTLET_EN.search(capitals.group().title())
    name = _WEEKDAY.sub("", found.group()) if found else ""
    return name if " " in name else None


def is_outlet(name: str) -> bool:
    """Whether a name is that of a paper, station, site or agency."""
    return re.fullmatch(rf"[\w·]{{1,14}}{OUTLET_END}", fold(name)) is not None


def _opening_english(text: str) -> Opening | None:
    found = _DATELINE_EN.match(text, 0, 160)
    if found is None or len(found["place"]) < 3:
        return None
    if not (found["outlet"] or found["day"] or found["place"].isupper()):
        return None
    day = found["day"] or ""
    return Opening(found.end(), found["outlet"], (), iso_date(day), month_day(day))


def _byline_english(text: str, found: re.Match[str]) -> Opening | None:
    parts = [part.strip() for part in re.split(r",|\band\b|&", found["names"])]
    outlets = [part for part in parts if _OUTLET_EN.fullmatch(part)]
    names = [p for p in parts if " " in p and p not in outlets and not _TITLE_EN.search(p)]
    names = [name.title() if name.isupper() else name for name in names]
    if (in_rest := _OUTLET_EN.search(found["rest"] or "")) is not None:
        outlets.append(in_rest.group())
    if not names and not outlets and not _TITLE_EN.search(text):
        return None
    return Opening(len(text), outlets[0] if outlets else None, tuple(names))


def _bare_outlet(name: str) -> str | None:
    """An outlet without what is around it; `本报` and `记者` alone are none."""
    name = re.sub(r"^(?:据|據|本[报報网網台刊社])", "", name.strip(" 《》()（）【】〔〕:：·"))
    return name if re.fullmatch(r"[\w·・+]{2,24}", name) else None


def _names(segment: str) -> Iterator[str]:
    """The names in what follows a role: 2–4 characters, or Latin words."""
    latin = _LATIN_NAME.findall(segment)
    if latin:
        yield from latin
        return
    line = _WORK.sub(_blank, fold(_FROM_PLACE.sub(_blank, segment)))
    pending = ""
    for found in _NAME_WORD.finditer(line):
        name = segment[found.start() : found.end()]
        if len(name) == 1 and is_han(name):
            # A name of two characters is often set with a space inside: 张 三.
            if pending:
                yield pending + name
            pending = "" if pending else name
        elif _is_name(name):
            yield name
        elif len(name) > 4 and all(map(is_han, name)):
            yield from _name_before_place(name)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _is_name(word: str) -> bool:
    if "·" in word:
        return 3 <= len(word) <= 16 and all(is_han(char) or char == "·" for char in word)
    han = 2 <= len(word) <= 3 or (len(word) == 4 and is_chinese_name(word[:3]))
    han = han and all(map(is_han, word))
    return han and _NO_NAME.search(fold(word)) is None


def _name_before_place(text: str) -> Iterator[str]:
    """The name in `王小明台北`: places in datelines have two characters."""
    for part in re.split(r"[、\s]+", text.strip()):
        name = part if len(part) <= 3 else part[:-2]
        if _is_name(name):
            yield name


def _skip_separators(text: str, position: int) -> int:
    while position < len(text) and (text[position].isspace() or text[position] in ":：，,—–-"):
        position += 1
    return position
