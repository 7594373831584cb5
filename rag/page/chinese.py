"""The program's own one-line messages, in Chinese, for a reader of the Chinese page.

Scripts, logs and terminals get English alone. A line is translated by its pattern, `{}` standing
for what is filled in; the tests see to it that none that reaches the page is missing here.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import chain, zip_longest

_MESSAGES: tuple[tuple[str, str], ...] = (
    # questions and filters
    (
        "the question is empty: ask something in Chinese or English",
        "问题是空的：请用中文或英文提问",
    ),
    (
        "the question has {} characters, at most {} are read: shorten it",
        "问题有 {} 个字符，最多 {} 个：请缩短",
    ),
    ("language is {}: use 'zh' or 'en'", "语言不能是 {}：请用 'zh' 或 'en'"),
    ("{} is {}: write it as YYYY-MM-DD", "{} 不能是 {}：日期请写成 YYYY-MM-DD"),
    # the index and what is kept beside it
    (
        "there is no index in {}: build one with `wenbao index PATH`",
        "{} 里还没有索引：请用 `wenbao index PATH` 建立",
    ),
    ("{} is missing or damaged: rebuild the index with {}", "{} 缺失或已损坏：请用 {} 重建索引"),
    (
        "{} has format {}, this version reads {}: rebuild the index with {}",
        "{} 的格式是 {}，本版本读取 {}：请用 {} 重建索引",
    ),
    ("{} cannot be read: rebuild the index with {}", "无法读取 {}：请用 {} 重建索引"),
    (
        "the index in {} was built with {} revision {} (table {}), here is {} revision {} "
        "(table {}): rebuild with {}",
        "{} 中的索引由模型 {} 版本 {}（词表 {}）建立，这里是 {} 版本 {}（词表 {}）：请用 {} 重建",
    ),
    (
        "the index in {} was built with {}, not {}: leave out --model, or rebuild with {}",
        "{} 中的索引由模型 {} 建立，不是 {}：请去掉 --model，或用 {} 重建",
    ),
    (
        "{} holds other files ({}): choose an empty folder for the index with --index",
        "{} 里有其他文件（{}）：请用 --index 另选一个空文件夹",
    ),
    (
        "cannot make the index folder {} ({}): choose another",
        "无法建立索引文件夹 {}（{}）：请另选一个",
    ),
    (
        "cannot write to the index folder {} ({}): check its permissions, or choose another with "
        "--index",
        "无法写入索引文件夹 {}（{}）：请检查权限，或用 --index 另选一个",
    ),
    ("a rebuild is running in {}: wait until it is done", "{} 正在重建索引：请等它完成"),
    (
        "the rebuild broke off, the index is as it was before: start it again",
        "重建中断，索引仍是原来的：请重新开始",
    ),
    (
        "no article found in {}: give a folder with articles ({})",
        "{} 里没有找到文章：请给出放文章的文件夹（{}）",
    ),
    (
        "there is nothing to build {} from: add files with {}",
        "还没有可以建立 {} 的文件：请用 {} 添加",
    ),
    ("there is no {} in {}: look there for its name", "没有 {} 这个文件：请在 {} 里查看文件名"),
    (
        "cannot make the folder {} ({}): check its permissions",
        "无法建立文件夹 {}（{}）：请检查权限",
    ),
    ("the verdict is {}: give 1 or -1", "评价不能是 {}：请给 1 或 -1"),
    ("{} cannot be written ({}): name another file", "无法写入 {}（{}）：请换一个文件名"),
    (
        "{} cannot be used ({}): check its permissions and the disk",
        "无法使用 {}（{}）：请检查权限和磁盘",
    ),
    (
        "{} is damaged ({}): move it away, and a new one is begun",
        "{} 已损坏（{}）：移走后会新建一个",
    ),
    (
        "{} was written by another version ({}, this one reads {}): move it away, and a new one "
        "is begun",
        "{} 由另一版本写成（{}，本版本读取 {}）：移走后会新建一个",
    ),
    # files that are added
    ("is there already, as {}; {}", "已经收录，文件名是 {}；{}"),
    ("is there already, as {}", "已经收录，文件名是 {}"),
    ("not all of it is read: {} (and {} more)", "没有全部读取：{}（另有 {} 处）"),
    ("not all of it is read: {}", "没有全部读取：{}"),
    ("cannot be kept ({}): check the disk", "无法保存（{}）：请检查磁盘"),
    ("does not exist or is no regular file: check the path", "不存在，或不是普通文件：请检查路径"),
    ("is no regular file: give a file or a folder", "不是普通文件：请给出文件或文件夹"),
    ("does not exist: check the path", "不存在：请检查路径"),
    ("is a broken link: remove it", "是失效的链接：请删除"),
    (
        "is a folder: give its files, or give it to `wenbao index`",
        "是文件夹：请给出其中的文件，或交给 `wenbao index`",
    ),
    ("is an address: give it to `wenbao index`", "是网址：请交给 `wenbao index`"),
    ("cannot be read ({}): check its permissions", "无法读取（{}）：请检查权限"),
    (
        "cannot be opened ({}): check the path and its permissions",
        "无法打开（{}）：请检查路径和权限",
    ),
    (
        "{} is no format that is read: save it as .txt, .html, .docx or .pdf",
        "不支持 {} 格式：请另存为 .txt、.html、.docx 或 .pdf",
    ),
    ("is larger than {} MB: split it", "超过 {} MB：请拆分"),
    ("is larger than {} MB: save it and split it", "超过 {} MB：请保存后拆分"),
    ("is empty: remove it or fill it", "是空的：请删除或补上内容"),
    (
        "has no article text in it: check that it holds sentences",
        "里面没有文章：请检查是否有成句的文字",
    ),
    ("holds no text: check that it holds sentences", "里面没有文字：请检查是否有成句的文字"),
    ("is binary, not text: save it as text", "是二进制文件，不是文本：请另存为文本"),
    ("is in no known text encoding: save it as UTF-8", "文字编码无法识别：请另存为 UTF-8"),
    ("is mojibake ({} and saved): get the original file", "是乱码（{}，又被保存）：请找到原文件"),
    # formats
    ("is damaged: copy or save it again", "已损坏：请重新复制或保存"),
    ("is encrypted: unpack it with its password", "已加密：请用密码解压"),
    ("is packed in an unknown way: repack it as .zip", "压缩方式无法识别：请重新打包为 .zip"),
    (
        "unpacks to more than {} MB: save it again, or split it",
        "解压后超过 {} MB：请重新保存，或拆分",
    ),
    ("unpacks to more than {} MB: split it", "解压后超过 {} MB：请拆分"),
    ("holds more than {} files: split it", "包含超过 {} 个文件：请拆分"),
    (
        "holds no document: put .txt, .html, .docx or .pdf files in it",
        "里面没有文档：请放入 .txt、.html、.docx 或 .pdf 文件",
    ),
    ("lies too deep in other containers: unpack it", "压缩层数太多：请先解压"),
    (
        "is protected by a password: take it off and save the file again",
        "有密码保护：请去掉密码后重新保存",
    ),
    (
        "is no Word document, or damaged: open it in a word processor and save it as .docx",
        "不是 Word 文档，或已损坏：请用文字处理软件打开，另存为 .docx",
    ),
    ("is protected: save it without protection", "受保护：请去掉保护后保存"),
    (
        "holds no chapter that can be read: convert it to .epub again",
        "没有可读的章节：请重新转换为 .epub",
    ),
    ("is missing in the book: convert it again", "在书中缺失：请重新转换"),
    ("is no saved mail: save it again as .eml", "不是保存的邮件：请另存为 .eml"),
    ("is nested too deep: save its text as .txt", "嵌套太深：请把文字另存为 .txt"),
    ("holds no text: save it again as .eml", "没有正文：请重新保存为 .eml"),
    ("lies too deep in other mails: save it on its own", "在邮件中嵌套太深：请单独保存"),
    ("is a scan without text: {}", "是没有文字的扫描件：{}"),
    (
        "has fonts that name no characters: print it to a new PDF, or {}",
        "所用字体没有文字信息：请打印成新的 PDF，或者{}",
    ),
    (
        "run it through OCR (for example `{}`) and add the result",
        "请先做文字识别（例如 `{}`），再添加结果",
    ),
    ("is a damaged PDF: open it and save it anew", "是损坏的 PDF：请打开后重新保存"),
    ("asks for a password: save it without one", "需要密码：请保存为没有密码的文件"),
    ('no text: fill in "{}"', "没有正文：请填写 “{}”"),
    ("no text: its cell holds mark-up alone", "没有正文：单元格里只有标记"),
    (
        "has no column with text: name the columns in its first row",
        "没有正文列：请在第一行写明列名",
    ),
    (
        'holds no articles: give an array of objects with "title" and "text"',
        "里面没有文章：请给出含 “title” 和 “text” 的对象数组",
    ),
    ('not an object: write {"title": …, "text": …}', '不是对象：请写成 {"title": …, "text": …}'),
    ("not UTF-8: save the file as UTF-8", "不是 UTF-8：请另存为 UTF-8"),
    ("no valid JSON: put one object on each line", "不是有效的 JSON：请每行写一个对象"),
    ("longer than 64 MB: split the file", "超过 64 MB：请拆分文件"),
    ("is no valid JSON: export it again", "不是有效的 JSON：请重新导出"),
    # addresses
    (
        "cannot be fetched ({}): check the address and the network",
        "无法下载（{}）：请检查网址和网络",
    ),
    ("it redirects in a circle", "循环跳转"),
    ("it is no http address", "不是 http 网址"),
    ("it is no address", "不是网址"),
    ("no answer in time", "超时"),
    ("no answer", "没有回应"),
    ("the server answers {}", "服务器返回 {}"),
    ("the server is too slow", "服务器太慢"),
    (
        "is closed to programs by the site's robots.txt: save the page by hand",
        "网站的 robots.txt 不允许程序读取：请手动保存网页",
    ),
    ("lists no page of its own host: check the address", "没有列出本站的网页：请检查网址"),
    (
        "lists more than {} pages: give the sitemaps inside it singly",
        "列出的网页超过 {} 个：请逐个给出其中的网站地图",
    ),
    (
        "is no document: give the address of a page, a .pdf or a .docx file",
        "不是文档：请给出网页、.pdf 或 .docx 文件的地址",
    ),
    # formats that are not read, each with its way out
    ("{} files are not read: {}", "不读取 {} 文件：{}"),
    (
        "open it in a word processor and save it as .docx or .pdf",
        "请用文字处理软件打开，另存为 .docx 或 .pdf",
    ),
    ("open it in an OFD reader and print it to .pdf", "请用 OFD 阅读器打开，打印为 .pdf"),
    ("open it in its reader and print it to .pdf", "请用它的阅读器打开，打印为 .pdf"),
    ("save the sheet as .csv", "请把工作表另存为 .csv"),
    ("save it as .pdf", "请另存为 .pdf"),
    ("repack it as .zip", "请重新打包为 .zip"),
    ("convert it to .epub", "请转换为 .epub"),
    ("save the messages as .eml", "请把邮件另存为 .eml"),
    ("save it as .txt or .html", "请另存为 .txt 或 .html"),
    # what is filled in
    ("a file without a suffix", "没有后缀的文件"),
    ("blank memory read as GBK", "空白内存被当作 GBK 读取"),
    ("characters replaced by question marks", "文字被问号代替"),
    ("{} read as {}", "{} 被当作 {} 读取"),
    ("permission denied", "没有权限"),
    ("no space left on device", "磁盘已满"),
    ("no such file or directory", "文件不存在"),
)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Those that say most come first."""
    ordered = sorted(_MESSAGES, key=lambda pair: -len(pair[0].replace("{}", "")))
    return tuple(
        (re.compile("(.+?)".join(map(re.escape, english.split("{}")))), chinese)
        for english, chinese in ordered
    )


def in_chinese(line: str) -> str | None:
    """A message of the program in Chinese; None for what is none, as for a file's name.

    What is filled in is translated too where it is a message itself. A message may stand behind
    the name of what it is about.
    """
    starts = [0, *(space.end() for space in re.finditer(" ", line))]
    for start in starts:
        if said := _message(line[start:]):
            return line[:start] + said
    return None


def _message(line: str) -> str | None:
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(line):
            parts = [in_chinese(part) or part for part in found.groups()]
            between = chinese.split("{}")
            return "".join(chain(*zip_longest(between, parts, fillvalue="")))
    return None
