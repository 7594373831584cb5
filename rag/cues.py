"""Words that show what a question asks for and what a sentence does, in Chinese and English.

Patterns alone, general to newspapers; `rag.answer` decides what follows from them.
"""

from __future__ import annotations

import re

# An item of a list, at the start of a sentence.
ITEM = re.compile(
    r"[“”\"'（(]*(?:[一二三四五六七八九十]{1,2}(?:是|要|、|，|个|条|套|批|项)|第[一二三四五六七八九十]|其[一二三四五]|"
    r"[（(][一二三四五六七八九十\d]{1,2}[)）]|[①-⑳]|\d{1,2}[.、)）](?!\d)|首先|其次|再次|最后|此外|"
    r"(?:First|Second|Third|Fourth|Fifth|Sixth|Finally|Lastly|Next)(?:ly)?\b|[-•·*]\s)"
)
# What a meeting does.
RESOLVES = re.compile(
    r"(?:指出|强调|要求|明确|提出|决定|审议|部署|确定|听取|通过|decided|agreed|resolved|approved|adopted|ordered|set)",
    re.IGNORECASE,
)
# A meeting that took place.
HELD = re.compile(
    r"(?:召开|举行|召集).{0,40}会|会议.{0,6}(?:召开|举行)|开会"
    r"|\b(?:held|convened|called|opened)\b.{0,60}\b(?:meeting|session|conference)\b|\bmet on\b"
)
# The title of an article that gathers several events.
ROUND_UP = re.compile(
    r"盘点|综述|汇总|一览|梳理|一周|周报|速览|简报|回顾|多区|各区|多地|各地"
    r"|\b(?:round-?up|digest|briefs?|in review|recap|this week|newsletter|highlights)\b",
    re.IGNORECASE,
)
# A sentence whose subject is the meeting.
MEETING = re.compile(
    r"(?:会议|大会|全会|会上|座谈会|.{1,8}(?:会议|大会)(?:还|也)?(?=提出|强调|指出|要求))"
    r"|(?:The|That) (?:\w+ ){0,3}(?:meeting|group|session|committee)"
    r"|It (?:also )?(?:decided|agreed)"
)
# A question about decisions, measures, contents.
ASKS_DECISION = re.compile(
    r"\bdeci(?:de[sd]?|sions?)\b|\bagreed?\b|\bresolv|\boutcomes?\b|\bmeasures?\b|\bmain points?\b"
    r"|决定|决议|部署|定下|定了|要求|强调|讲了什么|说了什么|内容|哪些(?:举措|措施|任务|工作|要点)|几件事|怎么安排",
    re.IGNORECASE,
)
_HAN_NUMBER = "[零〇一二三四五六七八九十百千万亿两]"
_IN_WORDS = (
    "(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|twenty|thirty|forty"
    "|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half|third|quarter)"
)
_TITLES = "书记|主席|主任|局长|区长|市长|院长|校长|经理|董事长|教授|记者|医生|老师|队长|代表"
# The kinds of things that questions ask for: name, what asks for one, what in a text may be one.
KINDS: tuple[tuple[str, re.Pattern[str], re.Pattern[str]], ...] = (
    (
        "money",
        re.compile(
            r"\bhow much (?:did|do|does|is|was|will|would|money|are|were|has|have)\b|\bcosts?\b"
            r"|\bprices?\b|\bbudget|\bsalary|\bfee\b|\bfine\b"
            r"|花(?:了)?多少|多少钱|多少元|价格|费用|造价|预算|票价|租金|工资",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?:\d|{_HAN_NUMBER})[\d,.]*\s*(?:万|亿|余|多)*(?:元|块|美元|港元|欧元|日元)|[$£€]"
            r"|\b(?:yuan|dollars?|euros?|rmb)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "number",
        re.compile(
            r"\bhow (?:many|far|long|big|large|old|tall|high|deep|fast|often)\b|\bnumber of\b"
            r"|\bpercent|\bshare of\b|多少|几[个名家条项所座套辆件次人年天位成倍]|第几"
            r"|多大|多长|多久|多高|多远|比例|占比",
            re.IGNORECASE,
        ),
        re.compile(
            rf"\d|{_HAN_NUMBER}+(?:余|多)?[个名家条项所座套辆件次亿万千人年月天%％位倍成分场只头台股里米户篇类种批期]"
            rf"|\b{_IN_WORDS}\b",
            re.IGNORECASE,
        ),
    ),
    (
        "time",
        re.compile(
            r"\bwhen\b|\bwhat (?:date|day|year|month|time)\b|\bwhich (?:day|year|month|date)\b"
            r"|什么时候|何时|哪天|哪[一]?[年月日]|几[月号点]|啥时候",
            re.IGNORECASE,
        ),
        re.compile(
            rf"(?:\d{{1,4}}|{_HAN_NUMBER}+)\s*[年月日号点时]|\d{{1,2}}[:：]\d{{2}}|年底|年初|今年|明年"
            r"|去年|昨[日天]|今[日天]|明[日天]|上午|下午|凌晨|傍晚|[春夏秋冬]季|周[一二三四五六日末]"
            r"|\b(?:19|20)\d\d\b|\b(?:january|february|march|april|may|june|july|august|september"
            r"|october|november|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
            r"|yesterday|today|tomorrow|morning|afternoon|evening|noon|o.clock|a\.m|p\.m)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "person",
        re.compile(
            r"\bwho\b|\bwhose\b|\bwhom\b|谁|誰|哪[几些]?位|哪些人|何人|叫什么(?:名字)?|姓什么"
            r"|\b(?:which|what) (?:\w+ ){0,2}(?:leaders?|officials?|experts?|people|guests?)\b"
            r"|哪些(?:领导|专家|代表|嘉宾|干部|官员)",
            re.IGNORECASE,
        ),
        re.compile(
            rf"{_TITLES}|领导|负责人|主持|出席|参加|称|说|介绍"
            r"|\b(?:Mr|Ms|Mrs|Dr|Prof)\b|[A-Z][a-z]+ [A-Z][a-z]+"
        ),
    ),
    (
        "place",
        re.compile(
            r"\bwhere\b|\b(?:which|what) (?:city|district|place|country|province|town|village)\b"
            r"(?! (?:leaders?|officials?|experts?|people|mayors?)\b)"
            r"|哪里|哪儿|何处|什么地方|哪个(?:区|市|省|国|地方|城市|县|镇|村)|哪[国省市区县]",
            re.IGNORECASE,
        ),
        re.compile(
            r"[\u3400-\u9fff][市区县镇乡村省国路街道园站港桥山河湖岛州厂馆楼校院]|广场|中心|大厦"
            r"|\b(?:in|at|near|from|to) [A-Z]"
        ),
    ),
    (
        "reason",
        re.compile(r"\bwhy\b|\breason\b|\bwhat caused\b|为什么|为何|原因|凭什么", re.IGNORECASE),
        re.compile(
            r"因|由于|为了|所以|导致|缘于|以便|从而|旨在|确保|避免"
            r"|because|due to|in order|so that|owing|as a result"
            r"|to (?:avoid|ensure|protect|make|keep|help|cut|ease)",
            re.IGNORECASE,
        ),
    ),
)
# Measure words that count the same kind of thing: 多少辆 is not answered by a number of 家.
_MEASURES = (
    "辆台部 套间户 所家间座处个 条项件个 次场届轮回 名位人个 头只匹 棵株 层楼 篇本册".split()
)
_ASKS_MEASURE = re.compile(rf"(?:多少|几)(?P<measure>[{''.join(_MEASURES)}])")


def lacks_measure(asked: str, text: str) -> bool:
    """Whether a question asks 多少辆, say, and a Chinese text has no number with a word like 辆."""
    found = _ASKS_MEASURE.search(asked)
    if found is None or not re.search("[\u3400-\u9fff]", text):
        return False
    alike = "".join(group for group in _MEASURES if found["measure"] in group)
    return not re.search(rf"(?:\d|{_HAN_NUMBER})[余多]?[万亿]?[余多]?[{alike}]", text)


# What an office is called in the other language, where a dictionary would say too much.
_OFFICES = {
    "mayor": "市长",
    "district mayor": "区长",
    "governor": "省长 州长 总督",
    "secretary": "书记 秘书",
    "dean": "院长",
    "principal": "校长",
    "headmaster": "校长",
    "president": "校长 主席 总统 会长 总裁 院长",
    "director": "主任 局长 院长 导演 馆长 厅长 处长 所长 董事",
    "head": "主任 局长 院长 馆长 厅长 处长 所长 负责人 长",
    "chief": "主任 局长 负责人 长",
    "chair": "主席 董事长 主任",
    "chairman": "主席 董事长 主任",
    "chairwoman": "主席 董事长 主任",
    "minister": "部长 大臣",
    "premier": "总理",
    "manager": "经理",
    "ceo": "首席执行官 总裁 总经理",
    "captain": "队长 船长 机长",
    "coach": "教练",
    "judge": "法官 审判",
    "spokesperson": "发言人",
    "spokesman": "发言人",
    "author": "作者 著 写",
    "founder": "创始人 创办 创立",
}


def offices(office: str) -> list[str]:
    """What an office may be called in an article, in either language."""
    if office.isascii():
        return [office, *_OFFICES.get(office, "").split()]
    return [office, *(name for name, chinese in _OFFICES.items() if office in chinese.split())]


# A question that points back.
FOLLOWS = re.compile(
    r"\b(?:it|its|they|them|their|this|that|these|those|he|she|his|her|there)\b"
    r"|^(?:and|but|so|what about|how about)\b"
    r"|[它他她这那]|(?<!应)该|^(?:还有|另外|然后)",
    re.IGNORECASE,
)
