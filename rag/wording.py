"""How one would ask for what an article holds: fixed wordings, and what shows that they fit.

Newspapers say certain things in certain ways: who chaired, what it costs, when it opens, "four
problems". Where a sentence does, a question asks for it; only names, and words of the lists below,
are ever filled in. Whether the index answers is for `rag.suggest` to find out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.text import is_han, sentence_spans
from rag.types import Article, Language

MOST_CHARS = 30  # of a Chinese title or heading that is asked as it stands; twice that in English
MOST_ASIDE = 20  # of a title that is told as an event
MOST_TITLE = 120  # of one that is named at all
LEAST_TITLE = 7  # of a part of a title that stands for all of it
LEAST_TOPIC = 3  # times that a word outside the title makes a topic


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question, and where its answer stands: something in `start` to `end` must be quoted.

    `kind` names the wording, so that questions can be mixed.
    """

    question: str
    kind: str
    article: Article
    start: int
    end: int


_HAN = "\u3400-\u9fff"
_MONEY = r"(?:\d|[一二三四五六七八九十百千两])[\d,.一二三四五六七八九十百千万亿余多]*\s*(?:元|块)"
_YUAN = r"(?:[$£€]\s?\d|\d[\d,.]*(?: million| billion)? (?:yuan|dollars|pounds|euros))"
_TIME = (
    r"(?:\d+[年月日号点]|[一二三四五六七八九十]+[月日号点]|年底|年初|年内|明年|今年|下月|本月|下周|昨[天日]|今[天日]"
    r"|明天|[春夏秋冬]季|周[一二三四五六日])"
)
_DAY = (
    r"(?:\b(?:19|20)\d\d\b|\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b"
    r"|\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\bnext (?:week|month|year|spring|autumn)\b)"
)
_OPENS = "启用|开放|开业|开馆|开街|开张|通车|开通|开门"
# What a sentence may hold; how one asks for it once the matter is clear, and of a named thing.
_HELD: tuple[tuple[str, str, str, str], ...] = (
    (
        r"主持(?:会议|召开|人)|会议由.{2,20}主持|\b(?:chaired|presided)\b",
        "谁主持了会议？",
        "Who chaired the meeting?",
        "",
    ),
    (
        r"会议(?:还)?(?:决定|要求|强调|提出|明确)"
        r"|\b(?:meeting|council|committee|group)\b.{0,40}\b(?:decided|agreed|approved|voted)\b",
        "会议决定了什么？",
        "What did the meeting decide?",
        "",
    ),
    (
        rf"(?:总投资|投资|造价|花费|花了|耗资|总经费|總經費).{{0,8}}?{_MONEY}|\bcost\b.{{0,12}}{_YUAN}",
        "一共花了多少钱？",
        "How much did it cost?",
        "花了多少钱？",
    ),
    (
        rf"(?:租金|房租|月租).{{0,14}}?{_MONEY}|\brents?\b.{{0,40}}{_YUAN}",
        "租金是多少？",
        "How much is the rent?",
        "的租金是多少？",
    ),
    (
        rf"摊位费.{{0,14}}?{_MONEY}|\bstalls?\b.{{0,40}}{_YUAN}",
        "摊位费是多少？",
        "How much is a stall?",
        "的摊位费是多少？",
    ),
    (
        rf"(?:票价|门票|车票|收费|费用|餐费|学费).{{0,10}}?{_MONEY}"
        rf"|\b(?:(?:ticket|fee|fare|ride|visit)s?|costs)\b.{{0,20}}{_YUAN}",
        "要花多少钱？",
        "How much does it cost?",
        "怎么收费？",
    ),
    (
        rf"(?:批发价|售价|零售价|均价|收购价|单价|价格|每[斤亩吨只]|每公斤).{{0,10}}?{_MONEY}"
        rf"|\bprices?\b.{{0,30}}{_YUAN}",
        "价格是多少？",
        "What is the price?",
        "的价格是多少？",
    ),
    (
        rf"(?:补贴|补助|奖励).{{0,10}}?{_MONEY}|\bsubsid.{{0,40}}{_YUAN}",
        "补贴多少钱？",
        "How much is the subsidy?",
        "补贴多少钱？",
    ),
    (
        rf"(?:赔偿|赔付|赔款|赔了|判赔).{{0,10}}?{_MONEY}|\b(?:damages|compensation)\b.{{0,30}}{_YUAN}",
        "赔了多少钱？",
        "How much was paid?",
        "",
    ),
    (
        rf"{_TIME}.{{0,12}}(?:动工|开工)|{_DAY}.{{0,40}}\bconstruction\b",
        "什么时候开工？",
        "When does work begin?",
        "什么时候开工？",
    ),
    (
        rf"{_TIME}.{{0,16}}(?:建成|完工|竣工|投产)|\b(?:complet|finish)(?:ed|ion)\b.{{0,20}}{_DAY}",
        "什么时候完工？",
        "When will it be finished?",
        "什么时候完工？",
    ),
    (
        rf"{_TIME}.{{0,16}}(?:{_OPENS})|\b(?:re)?open(?:s|ed)?\b.{{0,30}}{_DAY}",
        "什么时候开放？",
        "When does it open?",
        "什么时候开放？",
    ),
    (
        r"报名.{0,20}(?:月|日|小程序|电话)"
        r"|\b(?:regist|appl)(?:er|y|ications?|ration)\b.{0,30}\b(?:by|from|on)\b",
        "怎么报名？",
        "How can people register?",
        "怎么报名？",
    ),
    (
        rf"{_TIME}.{{0,8}}起?(?:施行|实施|执行)|\btakes? effect\b",
        "什么时候开始实施？",
        "When does it take effect?",
        "",
    ),
    (
        r"位于|坐落在|地址|选址|\b(?:located|stands|sits) (?:in|at|on)\b",
        "在什么地方？",
        "Where is it?",
        "在哪里？",
    ),
    (
        r"因为|由于|之所以|缘于|\b(?:because|owing to|due to)\b",
        "为什么会这样？",
        "Why is that?",
        "",
    ),
    (
        r"问题|难题|难点|困难|担心|短板|\b(?:problem|trouble|worr|complain|shortage|not everybody)",
        "有什么困难？",
        "What are the problems?",
        "",
    ),
    (
        r"下一步|接下来|下一阶段|今后|明年|二期|\bnext (?:year|step|month|spring)\b|\bplans? to\b",
        "下一步怎么做？",
        "What happens next?",
        "",
    ),
    (
        r"(?:出席|参加)(?:会议|调研|活动|仪式|座谈)?[。，]|陪同|\b(?:attended|took part)\b",
        "有哪些人参加？",
        "Who took part?",
        "",
    ),
)
_PEOPLE: dict[str, tuple[str, str]] = {  # who speaks in a sentence, and what to call them
    "居民|住户|业主|街坊|邻居|residents?|neighbou?rs?": ("居民", "residents"),
    "市民|townspeople": ("市民", "people in town"),
    "村民|乡亲|villagers?": ("村民", "villagers"),
    "家长|母亲|父亲|parents?|mothers?|fathers?": ("家长", "parents"),
    "学生|同学|students?|pupils?": ("学生", "students"),
    "摊主|店主|老板|商户|traders?|shopkeepers?|stallholders?": ("商户", "shopkeepers"),
    "司机|车长|drivers?": ("司机", "drivers"),
    "农户|种植户|养殖户|果农|菜农|farmers?|growers?": ("农户", "farmers"),
    "老人|older people|pensioners?": ("老人", "older people"),
    "读者|readers?": ("读者", "readers"),
    "医生|护士|doctors?|nurses?": ("医生", "doctors"),
}
_COUNTED: dict[str, tuple[str, str, str]] = {  # a thing, its measure word, and in English
    "车位": ("个", "parking spaces?", "parking spaces"),
    "座位": ("个", "seats?", "seats"),
    "学位": ("个", "school places?", "school places"),
    "床位": ("张", "(?:hospital )?beds?", "beds"),
    "摊位": ("个", "stalls?", "stalls"),
    "店铺": ("家", "shops?", "shops"),
}
_NUMBER = r"(?:\d[\d,.]*|[一二三四五六七八九十百千两]{2,})[余多]?[万亿]?"
HELD: tuple[tuple[re.Pattern[str], str, str, str], ...] = (
    *((re.compile(holds, re.IGNORECASE), zh, en, of) for holds, zh, en, of in _HELD),
    *(
        (
            re.compile(
                rf"(?:{who}).{{0,16}}?(?:说|表示|告诉|觉得)"
                rf"|\b(?:{who})\b.{{0,40}}\b(?:said|says)\b",
                re.IGNORECASE,
            ),
            f"{zh}怎么说？",
            f"What do {en} say?",
            "",
        )
        for who, (zh, en) in _PEOPLE.items()
    ),
    *(
        (
            re.compile(rf"{_NUMBER}{one}?{noun}|{noun}{_NUMBER}|\b\d[\d,]* (?:{english})\b"),
            f"有多少{one}{noun}？",
            f"How many {plural} are there?",
            f"有多少{one}{noun}？",
        )
        for noun, (one, english, plural) in _COUNTED.items()
    ),
)

# "Four problems": which ones?
_LISTED: dict[str, tuple[str, str]] = {
    "问题": ("个", "problems"),
    "难题": ("道", "problems"),
    "任务": ("项", "tasks"),
    "举措": ("项", "measures"),
    "措施": ("项", "measures"),
    "规矩": ("条", "rules"),
    "重点": ("项", "priorities"),
    "要求": ("点", "demands"),
    "行动": ("项", "actions"),
    "原因": ("个", "reasons"),
    "变化": ("个", "changes"),
    "建议": ("条", "suggestions"),
    "步骤": ("个", "steps"),
}
_FEW = "两三四五六七八九十"
_FEW_EN = "two three four five six seven eight nine ten".split()
_LIST = re.compile(
    rf"(?P<few>[{_FEW}])(?P<one>个|项|条|件|大|道|点)(?:重点|主要|具体)?(?P<what>{'|'.join(_LISTED)})"
)
_LIST_EN = re.compile(
    rf"\b(?P<few>{'|'.join(_FEW_EN)}) (?P<what>{'|'.join({en for _, en in _LISTED.values()})})\b"
)

_ASKS = re.compile(r"为什么|为何|怎么|怎样|如何|哪|什么|多少|谁|何时|几[个件条种]|[吗呢]$")
_ASKS_EN = re.compile(
    r"(?:who|what|how|why|when|where)\b.*\?$|(?:who pays|what comes next|what next)$", re.IGNORECASE
)
_NO_EVENT = re.compile(r"[《》“”，：:？?—]|通知|公告|名录|[人员记录者师谈事]$")
_INNER = str.maketrans("《》", "〈〉")  # title marks within title marks
_NUMBERING = re.compile(
    r"^(?:[一二三四五六七八九十]+、|第[一二三四五六七八九十]+[题问章][：:]?|\d+[.、]\s*)"
)

_OFFICES = (
    "书记|主席|主任|局长|区长|市长|县长|镇长|院长|校长|馆长|站长|台长|所长|处长|厅长|董事长|总经理"
    "|理事长|会长|行长|园长"
)
_ACTS = "说|表示|介绍|指出|强调|要求|告诉|解释|坦言|透露|认为|提醒|出席|主持|带队|率队|宣布|率|代表"
_PERSON = re.compile(
    rf"(?:^|(?<=[，。、；：“”！？\n]))(?P<org>[{_HAN}]{{0,14}}?)(?P<office>{_OFFICES})"
    rf"(?P<name>(?![和与及等兼也们])(?:(?![长记任席的])[{_HAN}]){{2,3}}?)(?=(?:{_ACTS}))",
    re.MULTILINE,
)
_PERSON_EN = re.compile(r"(?P<name>[A-Z][a-z]+ [A-Z][a-z]+), (?:the |a |an )?[^.,]{5,60}, said\b")
_MEETING = re.compile(
    rf"(?:^|(?<=[，。；：\n 日]))(?P<who>[{_HAN}]{{2,16}}?)(?:召开|举行)"
    rf"(?P<what>[{_HAN}（）]{{0,20}}?(?:会议|大会(?!议)|全会|座谈会))(?![{_HAN}]{{0,4}}室)",
    re.MULTILINE,
)
_PLACES = (
    "市场|图书馆|医院|学校|中学|小学|幼儿园|大学|音乐学院|医学院|大桥|公园|博物馆|老街|分馆|美术馆|体育馆|科学馆|天文台"
    "|影院|戏院|食堂|餐厅|码头|渡口|渔港|老站|水库|湿地|灯塔|花园|夜市|门诊|软件园|产业园|发展中心|保险|专线|书箱"
)
_PLACE_END = re.compile(f"(?:{_PLACES})")
_GENERIC = frozenset(  # that many towns have
    """
        农贸市场 批发市场 水产市场 体育中心 发展中心 产业发展中心 夜间门诊 中心小学 实验小学
        实验中学 人民医院 第一医院 第二医院 高级中学 第二高级中学 国际大学 社区食堂 老年食堂
        人民公园 少年科学馆 自然博物馆
    """.split()
)
_NO_NAME = re.compile(
    "^(?:[的了在家座个和与到把对从首批该这那]|推动|推进|加快|建设|新建|扩建|支持|打造|走进)"
)
_DIVISION = re.compile(
    rf"(?:^|(?<=[，。；：“\n 日]))(?P<place>[{_HAN}]{{2}})(?P<kind>[市县区])", re.MULTILINE
)
_NO_DIVISION = frozenset(
    "老城 中心 城中 开发 高新 自然 工业 合作 各地 全国 我国 本地 三个 几个".split()
)

# Topics of the papers, as one names them in each language. Of the first one also asks how they are.
_PLACES_OR_GOODS = """
    图书馆 libraries|博物馆 museums|夜间门诊 night clinics|社区医院 community clinics
    医院 hospitals|幼儿园 kindergartens|小学 primary schools|中学 middle schools
    学位 school places|课后服务 after-school care|社区食堂 community canteens|食堂 canteens
    电梯 lifts|老旧小区 old housing estates|老街 old streets|大桥 bridges|古桥 old bridges
    公交 buses|地铁 the metro|有轨电车 trams|渡轮 ferries|渡口 ferries|停车 parking
    路灯 street lamps|供暖 heating|水价 water prices|水库 reservoirs|防汛 flood control
    农贸市场 farmers' markets|夜市 night markets|菜价 vegetable prices|小龙虾 crayfish
    荔枝 lychees|枇杷 loquats|茶园 tea gardens|水稻 rice|稻田 rice fields|麦子 wheat
    西瓜 watermelons|生猪 pigs|山羊 goats|租金 rents|房价 housing prices|灯塔 lighthouses
    渔港 fishing harbours|湿地 wetlands|候鸟 migratory birds|恐龙蛋 dinosaur eggs
    望远镜 telescopes|音乐学院 the music school|珊瑚 corals|排污口 outfalls
    碳达峰 carbon emissions|森林 forests|药材 herbal medicine
"""
_MATTERS = """
    低碳 low-carbon projects|政协 the CPPCC|软件 software|生物药 biopharma|半导体 semiconductors
    人工智能 artificial intelligence|招商 investment|营商环境 the business environment
    出口 exports|保险 insurance|诈骗 fraud|法院 court cases|垃圾 rubbish|台风 typhoons
    降温 cold weather|鸡蛋 eggs|豆腐 tofu|粽子 rice dumplings|龙舟 dragon boats|篮球 basketball
    足球 football|游泳 swimming|围棋 the game of go|象棋 chess|电影 films|疫苗 vaccines|流感 flu
    献血 blood donation|快递 parcels|就业 jobs|预算 budgets|志愿者 volunteers|消防 fire safety
    地震 earthquakes|种子 seeds|旅游 tourism|文物 relics|养老 care for the elderly
    电动自行车 electric bikes
"""


def _entries(table: str) -> dict[str, str]:
    pairs = (entry.strip().partition(" ") for entry in re.split(r"[|\n]", table.strip()))
    return {chinese: english for chinese, _, english in pairs}


_ASKED_AFTER = _entries(_PLACES_OR_GOODS)
TOPICS = _ASKED_AFTER | _entries(_MATTERS)


def _english_name(plural: str) -> re.Pattern[str]:
    """Finds a topic's English name, in the singular too."""
    singular = re.sub("(?<=[^s])s$", "s?", re.sub("ies$", "(?:y|ies)", plural))
    singular = re.sub("buses", "bus(?:es)?", singular)
    return re.compile(rf"\b{singular}\b", re.IGNORECASE)


_TOPIC_NAMES: dict[Language, dict[str, re.Pattern[str]]] = {
    "zh": {zh: re.compile(zh) for zh in TOPICS},
    "en": {zh: _english_name(en) for zh, en in TOPICS.items()},
}


def after(
    article: Article, quoted: Sequence[tuple[int, int]], language: Language
) -> Iterator[Candidate]:
    """What else one may ask of an article that has just been quoted; the best first."""
    headings = {start for start, _ in article.headings}
    left = [
        (start, end)
        for start, end in sentence_spans(article.text)
        if start not in headings and not any(s < end and start < e for s, e in quoted)
    ]
    yield from _headings(article, left, language)
    yield from _lists(article, left, language)
    for holds, zh, en, _ in HELD:
        for start, end in left:
            if holds.search(article.text, start, end):
                yield Candidate(zh if language == "zh" else en, zh, article, start, end)
                break
    for name, org, office, start, end in _people(article):
        if (start, end) in left:
            question = f"{org}{office}{name}说了什么？"
            if language == "en":
                question = f"What did {romanised(name)} say?"
            elif not is_han(name[0]):
                question = f"{name} 说了什么？"
            yield Candidate(question, "said", article, start, end)


def openings(article: Article, language: Language) -> Iterator[Candidate]:
    """What one may ask who has not seen the article; the most natural first."""
    whole = (0, len(article.text))
    if article.language == language:
        parts = [article.title]
        if language == "zh":
            parts = [part for part in re.split(r"[ \u3000|｜]+", article.title) if part]
        for part in parts:
            if len(part) >= LEAST_TITLE and (question := _as_question(part, language)):
                yield Candidate(question, "title", article, *whole)
    if article.language == "zh":
        yield from _chinese_openings(article, language)
    else:
        yield from _english_openings(article, language)
    yield from _topic(article, language)


def last_resort(article: Article, language: Language) -> Iterator[Candidate]:
    """What an article is about, by its title, where nothing more natural is to be asked."""
    title = article.title.strip()
    if article.language != language or article.title_inferred or len(title) > MOST_TITLE:
        return
    if _as_question(title, language):
        return
    if language == "en":
        question = f"What is said in “{title}”?"
    elif len(title) <= MOST_ASIDE and not _NO_EVENT.search(title):
        question = f"{'，'.join(title.split())}，是怎么回事？"
    else:
        first = title.split()[0]
        plain = first if len(first) >= LEAST_TITLE else title
        question = f"《{plain.translate(_INNER)}》讲了什么？"
    yield Candidate(question, "about", article, 0, len(article.text))


def _as_question(text: str, language: Language) -> str:
    """A heading or title that asks something, with its question mark; else nothing."""
    plain = _NUMBERING.sub("", text.strip())
    bare = plain.rstrip("？?")
    if language == "en":
        asks, most = _ASKS_EN.search(plain), 2 * MOST_CHARS
    else:
        asks, most = _ASKS.search(bare), MOST_CHARS
    if asks is None or not 5 <= len(bare) <= most:
        return ""
    return f"{bare}{'？' if language == 'zh' else '?'}"


def _headings(
    article: Article, left: Sequence[tuple[int, int]], language: Language
) -> Iterator[Candidate]:
    """Headings that ask something, over a section that was not quoted."""
    begins = [start for start, _ in article.headings]
    ends = [*begins[1:], len(article.text)]
    for (start, heading), end in zip(article.headings, ends, strict=False):
        question = _as_question(heading, article.language)
        section = [(s, e) for s, e in left if start < s < end]
        if question and section and article.language == language:
            yield Candidate(question, "heading", article, section[0][0], section[-1][1])


def _lists(
    article: Article, left: Sequence[tuple[int, int]], language: Language
) -> Iterator[Candidate]:
    """ "Four problems" that a sentence speaks of: which ones?"""
    pattern = _LIST if article.language == "zh" else _LIST_EN
    for start, end in left:
        found = pattern.search(article.text, start, end)
        if found is None:
            continue
        few, what = found["few"], found["what"]
        if article.language == "zh":
            number, plural = _FEW_EN[_FEW.index(few)], _LISTED[what][1]
            chinese = f"{few}{found['one']}{what}"
        else:
            number, plural = few, what
            noun, (one, _) = next(pair for pair in _LISTED.items() if pair[1][1] == what)
            chinese = f"{_FEW[_FEW_EN.index(few)]}{one}{noun}"
        question = f"是哪{chinese}？" if language == "zh" else f"What are the {number} {plural}?"
        yield Candidate(question, "list", article, start, end)
        return


def _chinese_openings(article: Article, language: Language) -> Iterator[Candidate]:
    where, kind = _division(article)
    if language == "en":
        yield from _english_of_chinese(article, _spelled_place(where))
        return
    spans = sentence_spans(article.text)
    for thing in _things(article)[:2]:
        for holds, _, _, of in HELD:
            for start, end in spans:
                if of and holds.search(article.text, start, end):
                    yield Candidate(f"{thing}{of}", "thing", article, start, end)
                    break
    if match := _MEETING.search(f"{article.title}\n{article.text[:400]}"):
        question = f"{match['who']}{match['what']}决定了什么？"
        yield Candidate(question, "meeting", article, 0, len(article.text))
    for name, org, office, start, end in _people(article):
        if org[:1] in ("市", "县", "区", "镇"):  # of which one?
            org = f"{where}{org}" if org[0] == kind else ""
        if len(org) >= 4 and org[-1] != "副" and "的" not in org:
            yield Candidate(f"{org}{office}是谁？", "office", article, start, end)
            yield Candidate(f"{org}{office}{name}说了什么？", "said", article, start, end)


def _english_of_chinese(article: Article, place: str) -> Iterator[Candidate]:
    for start, end in sentence_spans(article.text):
        leader = re.search(rf"([{_HAN}]{{2}})[市区县]委书记", article.text[start:end])
        if leader and leader[1] not in _NO_DIVISION and _spelled_place(leader[1]):
            question = f"Who is the Party secretary of {_spelled_place(leader[1])}?"
            yield Candidate(question, "office", article, start, end)
            break
    if place and _MEETING.search(f"{article.title}\n{article.text[:400]}"):
        question = f"What was decided at the meeting in {place}?"
        yield Candidate(question, "meeting", article, 0, len(article.text))


_EN_COSTS = re.compile(
    r"\b(?P<a>A|An|The|One) (?P<what>[a-z]+[ -][a-z' -]{2,30}?) (?P<verb>costs?|has cost) "
    r"(?:about |some )?[$£€\d]"
)
_EN_OPENS = re.compile(
    r"^The (?P<what>[A-Za-z][A-Za-z' -]{3,40}?) (?P<verb>reopened|opened|closed) on\b", re.MULTILINE
)
_EN_WILL = re.compile(
    r"^The (?P<what>[A-Za-z][A-Za-z' -]{3,40}?) will (?P<verb>reopen|open|close|start)\b",
    re.MULTILINE,
)
_BASE = {"reopened": "reopen", "opened": "open", "closed": "close"}


def _english_openings(article: Article, language: Language) -> Iterator[Candidate]:
    if language == "zh":
        return
    for start, end in sentence_spans(article.text):
        if found := _EN_COSTS.search(article.text, start, end):
            article_ = {"A": "a", "An": "an", "One": "a", "The": "the"}[found["a"]]
            verb = "did" if found["verb"] == "has cost" else "does"
            question = f"How much {verb} {article_} {found['what']} cost?"
            yield Candidate(question, "cost", article, start, end)
        elif found := _EN_OPENS.search(article.text, start, end):
            question = f"When did the {found['what']} {_BASE[found['verb']]}?"
            yield Candidate(question, "opens", article, start, end)
        elif found := _EN_WILL.search(article.text, start, end):
            question = f"When will the {found['what']} {found['verb']}?"
            yield Candidate(question, "opens", article, start, end)
    for name, _, _, start, end in _people(article):
        yield Candidate(f"What did {name} say?", "said", article, start, end)


def _topic(article: Article, language: Language) -> Iterator[Candidate]:
    """What is new with a topic that the title names, or the text names often."""
    title, text = article.title, article.text
    names = _TOPIC_NAMES[article.language]
    found = [topic for topic, name in names.items() if name.search(title)]
    if not found:
        counts = Counter({topic: len(name.findall(text)) for topic, name in names.items()})
        found = [topic for topic, count in counts.most_common(1) if count >= LEAST_TOPIC]
    where, _ = _division(article)
    for topic in found[:1]:
        question = f"{where}{'的' if where else ''}{topic}怎么样了？"
        if language == "zh" and topic not in _ASKED_AFTER:
            return
        if language == "en":
            place = _spelled_place(where)
            said = f"What do the articles say about {TOPICS[topic]}"
            question = f"{said}{f' in {place}' if place else ''}?"
        yield Candidate(question, "topic", article, 0, len(text))


def _people(article: Article) -> list[tuple[str, str, str, int, int]]:
    """(name, organisation, office, start, end of the sentence) of those whom an article names with
    an office, each once; an English article's have no Chinese office.
    """
    found: dict[str, tuple[str, str, str, int, int]] = {}
    pattern = _PERSON if article.language == "zh" else _PERSON_EN
    for start, end in sentence_spans(article.text):
        for match in pattern.finditer(article.text, start, end):
            parts = match.groupdict()
            org, office = parts.get("org") or "", parts.get("office") or ""
            found.setdefault(parts["name"], (parts["name"], org, office, start, end))
    return list(found.values())


def _things(article: Article) -> list[str]:
    """Named places and the like that an article speaks of more than once, the most often first.

    Where a name begins is told by its repetition: 东堤农贸市场 occurs twice, 的东堤农贸市场 once.
    """
    text = f"{article.title}\n{article.text}"
    counts: Counter[str] = Counter()
    for match in _PLACE_END.finditer(text):
        run = re.search(f"[{_HAN}]*$", text[max(0, match.start() - 8) : match.start()])
        before = run.group() if run else ""
        counts.update(before[-size:] + match.group() for size in range(2, len(before) + 1))
    often = [name for name, count in counts.items() if count > 1]
    longest = [
        name
        for name in often
        if not any(o != name and o.endswith(name) and counts[o] == counts[name] for o in often)
    ]
    return sorted(
        (name for name in longest if not _NO_NAME.match(name) and name not in _GENERIC),
        key=lambda name: (-counts[name], -len(name)),
    )


def _division(article: Article) -> tuple[str, str]:
    """The city, county or district that a Chinese article speaks of more than once: 云泊 and 市."""
    text = f"{article.title}\n{article.text}" if article.language == "zh" else ""
    for match in _DIVISION.finditer(text):
        if text.count(match["place"]) > 1 and match["place"] not in _NO_DIVISION:
            return match["place"], match["kind"]
    return "", ""


def _spelled_place(name: str) -> str:
    """A place's name in pinyin; nothing where a character may be read in two ways."""
    from pypinyin import Style, pinyin

    read = pinyin(name, style=Style.NORMAL, heteronym=True)
    return "".join(one[0] for one in read).capitalize() if all(len(r) == 1 for r in read) else ""


def romanised(name: str) -> str:
    """A person's Chinese name in pinyin, surname first; another name as it is."""
    if not is_han(name[0]):
        return name
    return f"{_spelled(name[0])} {_spelled(name[1:])}"


def _spelled(name: str) -> str:
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(name, style=Style.NORMAL)).capitalize()
