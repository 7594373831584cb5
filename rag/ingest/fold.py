"""Copies of a line for matching; the text itself is never changed by this.

In a folded line one pattern covers every way to print a label: each character becomes one
character, so offsets in the copy are offsets in the text; traditional characters of newspaper
labels become simplified, full-width marks ASCII, brackets round.
"""

from __future__ import annotations

from functools import lru_cache

_TRADITIONAL = (
    "記報導電訊網編輯責來圖攝綜據實習華據華國發佈間時點擊閱讀瀏覽評論關聞連結載權聲轉專訪問"
    "員現場視頻開臺廣線號週為與後請鏈熱門條頁區閉聯繫們錄註冊檢舉將說題欄審監製採寫體駐見資級讚頂錯複歡觀調顧約"
)
_SIMPLIFIED = (
    "记报导电讯网编辑责来图摄综据实习华据华国发布间时点击阅读浏览评论关闻连结载权声转专访问"
    "员现场视频开台广线号周为与后请链热门条页区闭联系们录注册检举将说题栏审监制采写体驻见资级赞顶错复欢观调顾约"
)
_WIDE = "∕：／｜丨（）〔〕【】［］[]「」『』　；＠－ "
_PLAIN = "/:/||()()()()()“”“” ;@- "
_TABLE = str.maketrans(_TRADITIONAL + _WIDE, _SIMPLIFIED + _PLAIN)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The text with labels in one form; as long as the text."""
    return text.translate(_TABLE)


def letters(text: str) -> str:
    """A text without spaces and marks."""
    return "".join(filter(str.isalnum, text))
