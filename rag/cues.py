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
ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|far|long|big|large|old)\b|\bnumber of\b|\bshare\b|\bpercent|\bwhat time\b"
    r"|多少|几|多大|多长|多久",
    re.IGNORECASE,
)
ASKS_TIME = re.compile(
    r"\bwhen\b|\bwhat (?:date|day|year|month|time)\b|\bwhich (?:day|year|month)\b"
    r"|什么时候|何时|哪天|哪[一]?[年月日]|几[月号点]",
    re.IGNORECASE,
)
ASKS_PERSON = re.compile(
    r"\bwho\b|\bwhose\b|\bwhom\b|谁|誰|哪位|哪些人|何人|叫什么名字", re.IGNORECASE
)
# A sentence that holds a number, a time, a person.
NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万两]+[个名家条项所座套辆件次亿万千人年月天%％]|\b(?:two|three|four|five|six|seven|eight|nine|ten|dozen)\b"
)
TIME = re.compile(
    r"\d{1,4}\s*[年月日号点时]|[一二三四五六七八九十]+月|\d{1,2}:\d{2}|年底|今年|明年|去年|昨[日天]|\b(?:19|20)\d\d\b"
    r"|\b(?:January|February|March|April|May|June|July|August|September|October|November|December)\b"
)
PERSON = re.compile(
    r"书记|主席|主任|局长|区长|市长|院长|校长|经理|董事长|教授|记者|代表|负责人|主持|出席"
    r"|\b(?:Mr|Ms|Dr|Prof)\b|[A-Z][a-z]+ [A-Z][a-z]+"
)
# A question that points back.
FOLLOWS = re.compile(
    r"\b(?:it|its|they|them|their|this|that|these|those|he|she|his|her|there)\b"
    r"|^(?:and|but|so|what about|how about)\b"
    r"|[它他她这那]|(?<!应)该|^(?:还有|另外|然后)",
    re.IGNORECASE,
)
