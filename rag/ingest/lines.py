"""What kind of line or paragraph a block is, from its own typography and wording alone.

General newspaper and web furniture in Chinese and English: no site, no person, no event is
named here. What a kind means at its place in a document is decided in `page`.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from functools import lru_cache

from rag.ingest.credits import byline, closing_author, credit, opening
from rag.ingest.dates import date_line
from rag.ingest.fold import fold
from rag.text import detect_language, is_han

MAX_HEADLINE = 45
MAX_HEADLINE_WORDS = 22
_LONG = 400  # characters: with a pause in it, a block this long is running text
_SHORT = 80  # characters: more is no line of labels
_PAUSE = frozenset("。，、；,.")
TERMINAL = "。！？；…!?;"
_CLOSING = "”’」』）)】]》〉\"'"


class Kind(Enum):
    """What a block is taken for."""

    BODY = auto()
    OPENING = auto()  # a body paragraph that begins with a dateline
    HEADLINE = auto()  # short, no sentence: a headline, a section heading, a hot-list entry
    META = auto()  # a date, credit or byline
    LABEL = auto()  # 编者按, 核心提示: names what follows
    EDITOR = auto()  # 责任编辑：…, ends a story
    TAIL = auto()  # 相关新闻, 热榜: begins what is no story
    CAPTION = auto()
    FURNITURE = auto()  # navigation, banners, buttons, promotions


def _words(*alternatives: str, flags: int = 0) -> re.Pattern[str]:
    """A pattern of alternatives at the start of a folded line, behind a bullet or a bracket."""
    return re.compile(rf"[•·>\-#* ★☆◆■▎●◎]*[(“#]? ?(?:{'|'.join(alternatives)})", flags)


_EDITOR = _words(
    r"(?:(?:责任|值班|网络|本期|本版|执行|文字)?编辑|责编|[一二三初复终]审|校对|美编|审[核校稿签]"
    r"|监制|主编|编审|值班(?:主任|总编|编委)|总?值班|统筹|签发|版式|组版|制图"
    r"|版面(?:设计|编辑)?|视觉|校读|校检|排版|美术编辑|(?:[中英]文)?版?编辑|Editors?|EDITOR"
    r"|(?:[一-龥]{0,2}|\d{1,2})版(?:责任)?编辑|Edited by)"
    r"(?: ?[:/|] ?(?=\S)| +(?=[一-龥]{2,4}(?:[ )]|$)))"
)
_LABEL = _words(
    r"(?:编者按|编者的话|编者|开栏的话|开栏语|核心提示|内容提要|内容摘要|摘要|导读|导语|提要"
    r"|阅读提示|前言|(?:名词|新闻|相关)?解释|小贴士|小知识"
    r"|(?:新闻|背景|知识)(?:链接|背景)|回音壁|同期声"
    r"|Editor['’]s note|Summary|Highlights)[)”]? ?:?$",
    flags=re.IGNORECASE,
)
_TAIL_TITLES = (
    r"(?:相关|推荐|延伸|精彩|热门|最新|更多|猜你|[为您你]+|大家|热点|今日|本周|读者|编辑|往期|新闻)"
    r"(?:新闻|阅读|报道|链接|文章|推荐|内容|专题|话题|视频|图片|评论|资讯|喜欢|都在看|排行"
    r"|热[榜搜点]|回顾|精选)+榜?",
    r"\S{0,6}(?:热榜|排行榜|热搜榜|热点榜)",
    r"24小时(?:热\S*|排行)",
    r"(?:网友|用户|全部|热门)?(?:评论|留言|跟帖)(?:区|\(\d+\))?",
    r"友情链接|网站地图|关于我们|联系我们|广告服务|扫一扫\S{0,12}|分享到\S{0,6}",
    r"(?:相关|热门)?标签|关键词",
    r"Related(?: (?:stories|news|articles|reading|coverage|links|topics))?",
    r"Most (?:read|popular|viewed)|Read (?:more|next)|More (?:stories|news|from\b.{0,40})",
    r"Recommended(?: for you)?|You (?:may|might) (?:also )?like|Trending(?: now)?|Popular",
    r"Comments?(?: \(\d+\))?|Share this(?: (?:story|article))?|Editors['’] picks?",
    r"Latest news|Top stories",
)
_TAIL = _words(rf"(?:{'|'.join(_TAIL_TITLES)})[)”]? ?(?P<more>:.*)?$", flags=re.IGNORECASE)
_BUTTON = (
    r"(?:打印|关闭|收藏|分享|复制链接|点赞|举报|纠错|登录|注册|搜索|订阅|无障碍|简体|繁体|返回|顶部|目录"
    r"|(?:手机|电脑|移动)版|回到顶部|[查阅][看读]原文|进入专题|Print|Share|Tweet|Subscribe|Log ?in"
    r"|Sign (?:up|in)|Advertisements?|Follow us|Click here)"
)
_FURNITURE = _words(
    # Where one is, where one can go, what one can press.
    r"您?的?(?:当前|现在)?(?:所在)?位置 ?:|首页(?: ?[>»|/]|$| \S)",
    r"(?:Home|News)(?: ?[>»|/] ?[^\s>»|/]+)+",
    rf"(?:{_BUTTON}(?:本[页文]|窗口|首页|列表)?[ |/<>«»·]*)+$|返回\S{{0,12}}$|分享[到至].{{0,20}}$",
    rf"{_BUTTON} ?\|",
    r"[^\s>»›]{1,12}(?: ?[>»›]{1,2} ?[^\s>»›]{1,12})+$",
    r"[上下]一[篇页条]|第?\d+页$|页 ?:|\(?\d+\)?$|Back to|Skip to|Tags? ?:|Topics? ?:",
    r"字[号体级] ?:|[大中小 ]+$|[|/>»<• ]*$|[Aa][+-]|我要(?:评论|纠错|投稿|留言|分享)$|原文链接",
    # Counters, times, addresses.
    r"\d+ ?次?(?:阅读|评论|浏览|点赞|人参与)$|(?:阅读|浏览|点击|评论|播放)[量次数]* ?[:(] ?\d",
    r"\d{1,2}:\d\d(?::\d\d)?$|<?https?://\S+$|www\.\S+$|[\w.]+@[\w.]+$",
    # The page of a paper.
    r"\S{2,4}[·・|]\S{2,4} \d{2}$|.{2,30} Page \w{1,4}$",
    r"第 ?[A-Z]?\d+ ?版|[A-D]\d{1,3}(?: ?[:版]| \S{2,4}$|$)|本版[责编美图电供]|Page \w{1,4}$",
    r"(?:见)(?:第?[A-Z]?\d{1,3}|第?[一二三四五六七八九十头]{1,3})版.{0,16}$",
    r"Download (?:our|the) app",
    r"(?:今[日晚天]|明[日天]|本[市地周]|[一-龥]{2,4})?(?:天气|气温|气象)(?:预报)? ?:",
    r"(?:抖音|微信|微博|快手|小红书|B站)(?:号|搜索|公众号|视频号)? ?:",
    r"(?:社址|发行人|印刷|承印|零售价|每份|[订定]价|总第|法律顾问)\S{0,4} ?:?",
    r"(?:本报地址|邮政编码|读者投书|投书)\S{0,4} ?:?",
    r"\S{0,8}(?:热线|专线|电话|传真|邮箱|信箱|网址|地址|二维码) ?:? ?[\w(+@]{0,3}[\d@(-]",
    r"\S{0,8}(?:热线|专线|电话|传真|邮箱|信箱|网址|地址|法律顾问) ?:",
    r"(?:新闻|报料|爆料|读者|服务|投稿|订报|广告|发行|监督|举报)(?:热线|电话|邮箱) ?:?",
    r"(?:索 ?引 ?号|主题(?:分类|词)|发[布文](?:机构|机关|字号)|[成发]文日期|时 ?效 ?性|有效性"
    r"|公开(?:方式|范围|类别)|文 ?号|名 {0,3}称|网站标识码|主办|承办) ?:",
    r"(?:数据|资料|图表)来源 ?:",
    r"媒体联系|(?:联系|责任)人 ?:|联系(?:方式|电话) ?:",
    r".{2,24}(?:主管|主办|承办|协办|出版)(?: .{2,24}(?:主管|主办|承办|协办|出版))*(?: |$)|内部资料",
    r"(?:星期|周)[一二三四五六日天]$|今日.{1,3}版(?: |$)|总第 ?\d+ ?期|网址 ?:? ?(?:www|http)",
    r"本报(?:特约)?评论员$|[本报刊]{2}编辑部$|第 ?\d+ ?期(?: |\(|$)",
    r"[一-龥]{2,4}(?:论坛|时评|快评|观察|茶座|夜话|漫笔|札记|随笔|圆桌|短评)$",
    r"直播(?:已)?(?:结束|开始)|本?建议使用.{2,20}(?:分辨率|浏览器)|#p#分页|共 ?\d+ ?页",
    r"(?:标签|状态|版面|分类|链接|网址|编号) ?: ?\S",
    r"(?:原文)?(?:正文|内容|全文) ?:$|[=＝*＊_~-]{4,}$",
    r"[一-龥]{2,6}(?:书店|商城|旗舰店) ?:",
    r"\(?此件.{0,6}公开\S{0,4}\)?$|.{4,40}印发\)?$|.{4,30}[府厅委局办室会院]文件$|\(?字数 ?:",
    r"关键[词字] ?:|(?:责任|本文)?标签 ?:",
    r"邮箱 ?:|电话 ?:|传真 ?:|邮编 ?:|地址 ?:|国内统一(?:连续出版物|刊)号|邮发代号",
)
_ANYWHERE = re.compile(
    r"(?:摘要|内容|本文|图片|文章).{0,6}由.{0,8}(?:AI|人工智能|智能|模型).{0,8}生成|"
    r"^抄[送报] ?:|^请?在?打印(?:本邮件)?前.{0,6}(?:考虑|想)|谨慎打印|节约用纸"
    r"|^(?:Advertisement|ADVERTISEMENT|广告) ?: ?\S"
    r"|ICP[备证]|公网安备|备案号 ?:|[Cc]opyright ?(?:©|\(c\)|@|\d)|©|版权所有"
    r"|许可证编?号?[ :]*[A-Z\d]"
    r"|未经.{0,12}(?:授权|许可|书面).{0,12}(?:转载|使用|复制|镜像)|不得(?:擅自)?转载"
    r"|转载(?:请|须|必须)注明|^免责声明|违法和不良信息举报|All [Rr]ights [Rr]eserved"
    r"|^(?:Terms of (?:Use|Service)|Privacy Policy)"
)
_PROMOTION = _words(
    r"更多(?:精彩|新闻|资讯|内容|信息|详情|报道|视频|活动|好文)",
    r"欢迎(?:您?(?:关注|扫|下载|投稿|转发|订阅|留言|加入|点击|分享))",
    r"(?:扫码|扫描|扫一扫|长按|识别).{0,20}(?:二维码|关注|下载|加入|添加|进群)",
    r"(?:请?关注|请?下载|打开|添加|加入|戳|点击).{0,20}(?:客户端|公众号|视频号|微信|微博|APP|App|抖音|群|原文"
    r"|链接)(?:$|[。!！，,、]|查看|阅读|了解|关注|下载)",
    r"(?:转发|喜欢|觉得|看完).{0,24}(?:点赞|在看|转发|分享|朋友圈)",
    r"(?:想看|想了解).{0,20}(?:请|扫|点击|下载|关注)",
    r"(?:特别声明|声明|郑重声明|版权声明|凡本[网报站]|本[网站]+(?:所有|转载))",
    r"本文(?:系|仅|版权|为).{0,24}(?:观点|立场|版权|转载|原创|授权|所有)",
    r"投稿(?:邮箱|请|热线|方式|电话)",
    r"点击.{0,8}(?:蓝字|上方|下方|视频|进入|查看|观看|阅读|下载|收听|图片)",
    r"欢迎.{0,20}(?:线索|来稿|投稿)|来[信稿](?:请|一经)|本[报版]?(?:每周|逢).{1,6}(?:出版|刊出)|每周.出版",
    r"(?:Also read|See also|READ NEXT|Read also|Read next|READ MORE)",
    r"今日(?:潮汐|汇率|油价|菜价|限行|彩票|开奖|金价)|订阅全年",
    r"(?:请|为).{0,8}(?:作者|小编).{0,8}(?:喝|打赏|赞赏)|如果这篇文章",
    r"加入.{0,20}(?:好友|LINE|粉[丝絲]|社[群团團])",
    r"视频加载中|正在加载|加载更多|图片加载",
    r"Do you have (?:a|any) (?:story|news|tip)|Call our (?:news ?desk|tip)|Got a (?:story|tip)",
    r"[—-]+ ?(?:END|End|完|THE END) ?[—-]*$",
    r"(?:Download|Get) (?:the|our) .{0,40}\bapp\b|Follow us|Sign up (?:for|to)|Subscribe to",
    r"Scan (?:the|this) (?:QR )?code|For more (?:news|stories)",
)
_WEATHER = re.compile(
    r"[^。]{0,40}-?\d+ ?(?:℃|°C|度)? ?[~～—-]+ ?-?\d+ ?(?:℃|°C)[^。]{0,30}"
    r"|(?:Today|Tonight|Tomorrow|Weather) ?: .{0,80}"
)
_BRACKETED = re.compile(r"\((?![一二三四五六七八九十上中下\d]{1,3}\))[^()。]{1,40}\)")
_FIELD = re.compile(
    r"(?:来源|报[纸刊](?:名称)?|栏目|字数|版次|出版日期|作者|记者|文字|撰稿|摄影"
    r"|供稿(?:单位)?|责任编辑|编辑|审核|(?:发布|更新|刊发)?(?:时间|日期)"
    r"|(?:点击|浏览|阅读)[数次量]*) ?:"
)
_COLUMN_NAME = re.compile(
    r"[【\[].{0,6}(?:[快短简]讯|[快早晚]报|速递|聚焦|关注|专[栏题]|连载|之窗|视点|焦点|动态|速览|文件|特写)[】\]]"
)
NOTICE_WORDS = frozenset(("更正", "道歉", "声明", "启事", "讣告", "来信", "公告"))
_REPOST = re.compile(
    r"(?:本文|原文)?(?:系|为)?(?:转载自?|[转摘选]自|原载于?|原刊于?|来源于) ?[:：]?《"
)
_NOT_ITS_DATE = re.compile(r"(?:创建|归档|下载|打印|抓取|收藏|采集)(?:时间|日期|于) ?:?")
_PAGES = r"第?[A-Z]?(?:\d{1,3}|[一二三四五六七八九十头]{1,3})版"
_PAGE_EN = r"(?:(?:page|p\.?) ?\w+|[A-Z]?\d{1,3})"
_CONTINUATION = re.compile(
    rf"\W*(?:上接|紧接){_PAGES}.{{0,16}}|\W*(?:Continued )?[Ff]rom {_PAGE_EN}\W*", re.IGNORECASE
)
_CONTINUED = re.compile(
    rf"\W*(?:下转|紧?转){_PAGES}.{{0,16}}|\W*(?:Continued on|See|Turn to) {_PAGE_EN}\W*",
    re.IGNORECASE,
)
_CAPTION = re.compile(
    r"[▲△↑▼↓◀◁←▶►]|[(“]?(?:图为|图 ?:|[上下左右组]图 ?[:为]|图[一二三四五六\d]{1,2}(?: |:|$)"
    r"|图片(?:说明|来源)?|资料[图照]|配图|摄影 ?:|视频 ?:|Photo(?:s|graph)?\b ?(?:[:/|]|by)"
    r"|Pictured|Image ?:|File photo|Credit ?:|A (?:file )?photo)"
)
_CAPTION_END = re.compile(
    r"(?:(?:记者|通讯员|摄影) ?[/:]? ?[一-龥]{2,4} 图|摄|供图|图源[^。]{0,10}|资料图片?|资料照|/图)"
    r"[)。]?$"
    r"|\(?(?:Photo|Picture|Image|Credit)\b[^.]{0,60}\)?\.?$|\[Photo[^\]]*\]$"
    r"|\((?:[A-Z][\w.'’-]* ?){1,3}/ ?(?:[A-Z][\w.'’-]* ?){1,3}\)$"
)
_SHORT_CAPTION = re.compile(
    r"\S{2,8}(?:现场|一角|全景|外景|夜景|俯瞰|合影|掠影|实景)图?"
    r"|\S{2,16}(?:效果图|示意图|鸟瞰图|规划图|视频截图|航拍图?|海报)"
)
_PHOTO_CREDIT = re.compile(
    r"\(?(?:本[报网台刊]|[一-龥]{2,8})?(?:首席|特约|见习|实习)?(?:记者|通讯员|摄影|实习生)?[ :/]*"
    r"(?:[一-龥]{2,4}[ 、]?){1,4} ?(?:摄影?|供图|(?<![文])[/ ]图)\)?"
    r"|\([一-龥]{2,8}(?:照片|供图|资料图片?)\)"
)
_SECTION_NAME = re.compile(
    r"\S{0,4}(?:要闻|新闻|头条|时政|资讯|快讯|频道|专栏)"
    r"|(?:\S{2})?(?:综合|热点|动态|专题|聚焦|国内|国际|社会|财经|体育|文化|民生|视点|关注|正文)"
)
_LEADS_ON = re.compile(
    r"(?:如下|包括|分别是|[说道称]|指出|表示|认为|强调|要求|介绍|问|答|记者) ?:$"
)
_TURN = re.compile(r"(?:问|答|Q|A|[^\s。，,:：“”]{1,12}|[A-Z][\w .]{1,30}) ?: ?\S")


@lru_cache(maxsize=4096)
def kind(text: str) -> Kind:
    """The kind of a block from its text alone."""
    if len(text) > _LONG and not _PAUSE.isdisjoint(text):
        return Kind.OPENING if _opens(text) else Kind.BODY
    line = " ".join(fold(text).split())
    if not any(char.isalnum() for char in line):
        return Kind.FURNITURE
    if len(line) <= 200 and (found := _short_kind(text, line)) is not None:
        return found
    if _opens(text):
        return Kind.OPENING
    if _looks_like_body(line):
        return Kind.BODY
    if _is_navigation(line) or _is_spaced_banner(text) or _is_column_name(text):
        return Kind.FURNITURE
    return Kind.HEADLINE if is_headline(text) else Kind.BODY


def _opens(text: str) -> bool:
    found = opening(text)
    return found is not None and found.end < len(text)


def _short_kind(text: str, line: str) -> Kind | None:
    """The kind of a line of credits, labels or furniture; None for other text."""
    short = len(line) <= _SHORT
    if len(line) <= 120 and len(_FIELD.findall(line)) > 1 and "。" not in line:
        return Kind.META
    if len(line) <= 100 and _REPOST.match(line):
        return Kind.META
    if _ANYWHERE.search(line) or (short and _PROMOTION.match(line)):
        return Kind.FURNITURE
    if is_continuation(text) or is_continued(text) or _WEATHER.fullmatch(line):
        return Kind.FURNITURE
    if (
        text[0] in "(（"
        and _BRACKETED.fullmatch(line)
        and not closing_author(text)
        and credit(text) is None
    ):
        return Kind.FURNITURE
    if is_photo_credit(text):
        return Kind.CAPTION
    if _NOT_ITS_DATE.match(line):
        return Kind.FURNITURE
    if date_line(text) is not None or byline(text) is not None:
        return Kind.META
    if short and _EDITOR.match(line) and "。" not in line[:-1]:
        return Kind.EDITOR
    if short and credit(text) is not None and not _looks_like_body(line):
        return Kind.META
    if short and _LABEL.fullmatch(line):
        return Kind.LABEL
    if _TAIL.match(line):
        return Kind.TAIL
    if short and _FURNITURE.match(line) and not _ends_sentence(line):
        return Kind.FURNITURE
    if _CAPTION.match(line) or _SHORT_CAPTION.fullmatch(line):
        return Kind.CAPTION
    if (
        len(line) <= (200 if text.isascii() else 100)
        and _CAPTION_END.search(line)
        and not _opens(text)
    ):
        return Kind.CAPTION
    return Kind.FURNITURE if is_section_name(line) else None


def is_photo_credit(text: str) -> bool:
    """Whether a line holds the name of a photographer and nothing else."""
    return _PHOTO_CREDIT.fullmatch(" ".join(fold(text).split())) is not None


def is_continuation(text: str) -> bool:
    """Whether a line says that the text below it began on another page: `上接A01版`."""
    return _CONTINUATION.fullmatch(fold(text)) is not None


def is_continued(text: str) -> bool:
    """Whether a line says that the text above it goes on on another page: `下转A05版`."""
    return _CONTINUED.fullmatch(fold(text)) is not None


def is_section_name(text: str) -> bool:
    """Whether a line is the name of a section of a paper or site: 社会新闻, 要闻."""
    return _SECTION_NAME.fullmatch(text) is not None


def is_headline(text: str) -> bool:
    """Whether a block is short and no sentence: no full stop in it, at most two clauses."""
    line = text.strip()
    if not line or line[-1] in "。；，、,;…" or "。" in line:
        return False
    if detect_language(line) == "en":
        return len(line.split()) <= MAX_HEADLINE_WORDS and not re.search(r"[.!?]['\"”)]?$", line)
    if len(line) > MAX_HEADLINE or line.count("，") > 2:
        return False
    return not (_TURN.match(fold(line)) and line.rstrip(_CLOSING)[-1:] in TERMINAL)


def is_tail_entry(text: str) -> bool:
    """Whether a tail line also names one entry on the same line: `相关阅读：…`."""
    found = _TAIL.match(" ".join(fold(text).split()))
    return found is not None and len((found["more"] or "").strip(": ")) > 1


def _ends_sentence(line: str) -> bool:
    return line.rstrip(_CLOSING)[-1:] in (*"。！？；….!?;",)


def _looks_like_body(line: str) -> bool:
    """Whether a line holds a sentence, or is too long to be anything else."""
    if detect_language(line) == "en":
        words = len(line.split())
        ends = _ends_sentence(line) or (words > 8 and line.endswith(":"))
        return words > MAX_HEADLINE_WORDS or (words > 5 and ends)
    if "。" in line or line.endswith(";"):
        return True
    if line.endswith(":"):
        return len(line) > 10 or _LEADS_ON.search(line) is not None
    if _ends_sentence(line):
        return "，" in line or "," in line or bool(_TURN.match(line)) or len(line) > MAX_HEADLINE
    return len(line) > MAX_HEADLINE and sum(map(line.count, "，,、；;：:")) >= 1


def _is_navigation(line: str) -> bool:
    """首页 新闻 财经 体育 汽车, or fewer with bars between: many words of few characters."""
    words = [word for word in re.split(r"[ |>»/·]+", line) if word]
    parted = len(re.findall(r"[|>»]", line)) > 1
    if len(words) < (3 if parted else 5) or max(map(len, words)) > 5:
        return False
    return sum(map(str.isascii, words)) * 2 <= len(words)


def _is_column_name(line: str) -> bool:
    """Whether a line in brackets is the name of a column: 【一线快报】, 【市政府文件】."""
    return _COLUMN_NAME.fullmatch(line) is not None


def _is_spaced_banner(text: str) -> bool:
    """奋 进 新 征 程: slogans and section names are set with their characters apart."""
    words = text.split()
    if "".join(words) in NOTICE_WORDS:
        return False
    single = sum(len(word) == 1 and is_han(word) for word in words)
    return (
        single >= 2 and single * 2 >= len(words) and len(text) <= MAX_HEADLINE and "，" not in text
    )
