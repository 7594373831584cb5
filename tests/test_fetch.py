"""Fetching and preparing the training data, from a server of the test's own; no network."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import httpx
import pytest

from embeddings.train.fetch import __main__ as command
from embeddings.train.fetch.prepare import Entry, clean, make, read_list, simplifier
from embeddings.train.fetch.web import Cache, Hosts, Origin, members
from embeddings.train.sources import LEMMAS, SOURCES

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass
class Upstream:
    """What the server serves by path, and how it misbehaves."""

    pages: dict[str, bytes] = field(default_factory=dict)
    cut: Counter[str] = field(default_factory=Counter)  # answers yet to be broken off half-way
    busy: Counter[str] = field(default_factory=Counter)  # answers of 503 yet to be given
    tags: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)  # path, Range
    url: str = ""

    @property
    def hosts(self) -> Hosts:
        return Hosts(f"{self.url}/api", f"{self.url}/archives", f"{self.url}/raw")

    def serve(self, repository: str, files: Mapping[str, str | bytes], commit: str = "abc") -> None:
        """Offer a repository the way GitHub does: its commit, its archive, its files."""
        self.pages[f"/api/repos/{repository}/commits/{commit}"] = COMMIT.encode()
        self.pages[f"/archives/{repository}/tar.gz/{COMMIT}"] = archive(files)
        for name, data in files.items():
            text = data.encode() if isinstance(data, str) else data
            self.pages[f"/raw/{repository}/{COMMIT}/{name}"] = text


def archive(files: Mapping[str, str | bytes], root: str = "name-0123/") -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(root + name)
            text = data.encode() if isinstance(data, str) else data
            member.size = len(text)
            tar.addfile(member, io.BytesIO(text))
    return packed.getvalue()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    state = Upstream()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            state.asked.append((self.path, wanted))
            data = state.pages.get(self.path)
            if data is None or state.busy[self.path] > 0:
                state.busy[self.path] -= data is not None
                self.send_error(404 if data is None else 503)
                return
            start = 0
            tag = f'"{hashlib.md5(data).hexdigest()}"'
            if wanted and self.headers.get("If-Range") == tag:
                start = int(wanted.removeprefix("bytes=").partition("-")[0])
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
            if state.tags:
                self.send_header("ETag", tag)
            self.send_header("Content-Length", str(len(data) - start))
            self.end_headers()
            rest = data[start:]
            if state.cut[self.path] > 0:
                state.cut[self.path] -= 1
                rest = rest[: len(rest) // 2]
            self.wfile.write(rest)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    server.shutdown()
    server.server_close()
    thread.join()


def entry(reader: str, *files: str, **more: Any) -> Entry:
    origin = (Origin("owner/name", "abc", files),)
    return replace(Entry("parallel/x", "MIT", "", 1, origin, reader), **more)


def simplify(text: str) -> str:
    return text.translate(str.maketrans("龍開書館們後國", "龙开书馆们后国"))


def made(source: Entry, cache: Cache, held_out: Sequence[str] = ()) -> list[dict[str, Any]]:
    count = make(source, cache, simplify, set(held_out))
    path = cache.folder / "train" / f"{source.file}.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).decode().splitlines()]
    assert count == len(rows)
    return rows


# Each family: reader, options, files, rows. The texts have the shape of the real files.
CEDICT = """# CC-CEDICT
#! version=1
中共 中共 [Zhong1 Gong4] /abbr. for 中國共產黨|中国共产党[Zhong1 guo2 Gong4], Communist Party/
圖書館 图书馆 [tu2 shu1 guan3] /library/CL:家[jia1],個|个[ge4]/
裡 里 [li3] /lining/interior/
里 里 [li3] /li, ancient measure of length/lining/
裡 里 [li3] /variant of 裡|里[li3]/
"""
OMW = "# Chinese Open Wordnet\n02762516-v\tcmn:lemma\t下雨\n00000001-a\tcmn:lemma\t开放+的\n"
ILI = "i35464\t02762516-v\ni7\t00000001-s\n"
OEWN = """02762516-v:
  definition:
  - precipitate as rain
  ili: i35464
  members:
  - rain
  - rain down
00000009-s:
  definition: [affording free passage]
  ili: i7
  members: [open]
"""
LANG = """# HTML title
;Our impact
我們的影响


;Hi there, <br>reader
您好，<br>读者

;$%(sum)s
$%(sum)s {ok}

;Monthly
Monthly
"""
TMX = """<?xml version="1.0"?><!DOCTYPE tmx [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<tmx version="1.4"><body>
<tu tuid="1"><prop type="note">n</prop><tuv xml:lang="en"><seg>and along with a fever</seg></tuv>
<tuv xml:lang="zh"><seg>并伴有发热症状</seg></tuv></tu>
<tu tuid="2"><tuv xml:lang="en"><seg>nothing &x; here</seg></tuv></tu>
</body></tmx>"""
PO = r"""#, fuzzy
msgid ""
msgstr ""
"Language: zh_CN\n"

#: ../../howto/index.rst:3
msgid ""
"A :attr:`model <django.db.Model>` with ``abstract`` and \"quotes\" "
"and *more*; see `here`__."
msgstr "带有 ``abstract`` 和 \"引号\" 的 :attr:`模型 <django.db.Model>`，*更多* 见 `此处`__。"

#, fuzzy
msgid "Old text"
msgstr "旧的文字"

msgid "Untranslated text"
msgstr ""
"""
PAGE_ZH = """---
title: 开源
---

## 为什么要度量？

数据[很重要](https://example.org)，**真的**：

* 理解用户
* 新用户

```
code
```

## 使用情况

多出的一段。

人们在使用吗？
"""
PAGE_EN = """---
title: Open
---

## Why measure?

Data [matters](https://example.org), **really**:

* Understand users
* New users

```
code
```

## Usage

Do people use it?
"""


def notebook(*cells: tuple[str, str]) -> str:
    made_cells = [
        {"cell_type": "markdown", "metadata": {"id": name}, "source": [text]}
        for name, text in cells
    ]
    code: dict[str, Any] = {"cell_type": "code", "metadata": {"id": "c"}, "source": ["1 + 1"]}
    return json.dumps({"cells": [*made_cells, code]})


LAW_ZH = {
    "法規名稱": "領海法",
    "最新異動日期": "19980121",
    "法規內容": [
        {"編章節": "第 一 章 總則"},
        {
            "條號": "第 1 條",
            "條文內容": "前項等距中線，係指距離相等之\r\n線。\r\n有下列情形︰\r\n一、潛水\r\n艇。",
        },
        {"條號": "第 2-1 條", "條文內容": "本法自公布日施行。\r\n但書。"},
    ],
}
LAW_EN = {
    "英文法規名稱": "Territorial Sea Act",
    "最新英文異動日期": "19980121",
    "法規內容": [
        {
            "條號": "Article 1",
            "條文內容": "The median line is the line of equal\r\ndistance.\r\n"
            "The cases are the following:\r\n1.Submarines.",
        },
        {"條號": "Article 2-1", "條文內容": "This Act takes effect on promulgation."},
    ],
}
OLD_ZH = {**LAW_ZH, "法規名稱": "新法", "最新異動日期": "20200101"}
LAWS = {
    "F/A1.json": json.dumps(LAW_ZH),
    "E/A1.json": json.dumps(LAW_EN),
    "F/A2.json": json.dumps(OLD_ZH),
    "E/A2.json": json.dumps(LAW_EN),
    "F/A3.json": json.dumps(LAW_ZH),
}
SQUAD = {
    "data": [
        {
            "title": "龍",
            "id": "11",
            "paragraphs": [
                {
                    "id": f"11-{n}",
                    "context": f"第{n}段說龍。",
                    "qas": [{"question": "說甚麼？", "answers": [{"text": "龍"}, {"text": "x"}]}],
                }
                for n in (1, 2)
            ],
        },
        {"title": "x", "id": "12", "paragraphs": [{"id": "12-1", "context": "x", "qas": []}]},
    ]
}
ARTICLE = """[#]: subject: "How to display commits"
[#]: via: "https://example.org"

用 git log 显示提交记录
======

![](https://example.org/x.jpg)

> `git log` 命令很 **重要**。

贡献者 <ruby>提交<rt>commit</rt></ruby> 的[记录](https://example.org)：

- CPU: Intel Atom
- 一个中文条目

```
$ git checkout main
```

### 总结一下

Git 有很多优点。

--------------------------------------------------------------------------------

via: https://example.org

作者：[Agil Antony][a]

[a]: https://example.org/users/a
"""
SUPPORT = """1\t獲得社群協助\tzh-TW\t2\t\\N\t3\t<h1 id="w_1">其他資源</h1>\\
<p>請看 <a href="/x">Firefox</a>：\\
</p>\\
<ul><li>規則\\
</li><li>指南 &amp; 更多</li></ul>\t50\tx
2\t舊頁\tzh-TW\t2\t\\N\t3\t<p>REDIRECT <a href="/y">新頁</a></p>\t20\ty
"""
CHAPTERS = """# 邮政法办法

<!-- INFO END -->

## 第一章　总则

第一条 为了保障服务，制定本办法。

第二条 市部门负责管理。

区政府配合。

第三条 一二三四五六七八九十一二三四五六七八九十。

## 第二章　附则

第四条 自公布日起施行。
"""
WIKI = json.dumps({"title": "亳州市", "text": "亳州市\n\n短。\n" + "長龍" * 5 + "\n" + "后记" * 6})
TWO_SIDES = {"zh": "zh/", "en": "en/"}

FAMILIES: dict[str, tuple[Entry, dict[str, str | bytes], list[dict[str, Any]]]] = {
    "cedict": (
        entry("cedict", "d/*.gz", simplify=False, merge=True),
        {"d/cedict.txt.gz": gzip.compress(CEDICT.encode())},
        [
            {
                "zh": "中共",
                "trad": "中共",
                "pinyin": "Zhong1 Gong4",
                "en": ["abbr. for , Communist Party"],
            },
            {"zh": "图书馆", "trad": "圖書館", "pinyin": "tu2 shu1 guan3", "en": ["library"]},
            {
                "zh": "里",
                "trad": "裡",
                "pinyin": "li3",
                "en": ["lining", "interior", "li, ancient measure of length"],
            },
        ],
    ),
    "dbpedia": (
        entry("dbpedia", "1", "2", "ref"),
        {
            "1": "0\thttp://zh.dbpedia.org/resource/龍_(電影)\n1\thttp://zh.dbpedia.org/resource/Linux",
            "2": "10500\thttp://dbpedia.org/resource/Dragon_(film)\n10501\thttp://dbpedia.org/resource/Linux",
            "ref": "0\t10500\n1\t10501\n",
        },
        [{"zh": "龙 (電影)", "en": ["Dragon (film)"]}],
    ),
    "wordnet members": (
        entry("wordnet", "*.tab", "src/*.yaml", options={"give": "members"}, merge=True),
        {"wn-cmn.tab": OMW, "ili.tab": ILI, "src/verb.yaml": OEWN},
        [{"zh": "下雨", "en": ["rain", "rain down"]}, {"zh": "开放的", "en": ["open"]}],
    ),
    "wordnet definition": (
        entry("wordnet", "*.tab", "src/*.yaml", options={"give": "definition"}),
        {"wn-cmn.tab": OMW, "ili.tab": ILI, "src/verb.yaml": OEWN},
        [
            {"zh": "下雨", "en": ["precipitate as rain"]},
            {"zh": "开放的", "en": ["affording free passage"]},
        ],
    ),
    "lemmas": (
        entry("lemmas", "lemma.en.txt"),
        {"lemma.en.txt": "; En Lemma Database\n;\nbe/4109826 -> is,was,'s\nhave/1315648 -> had\n"},
        [
            {"en": "be", "count": 4109826, "forms": ["is", "was", "'s"]},
            {"en": "have", "count": 1315648, "forms": ["had"]},
        ],
    ),
    "aligned": (
        entry("aligned", "t.zh", "t.en", options={"pairs": [["t.zh", "t.en", "wmt-ref"]]}),
        {"t.zh": "我們读書。\n開\u2028门了。\n", "t.en": "We read books.\nThe door is open.\n"},
        [
            {"zh": "我们读书。", "en": "We read books.", "src": "wmt-ref"},
            {"zh": "开 门了。", "en": "The door is open.", "src": "wmt-ref"},
        ],
    ),
    "json_lines": (
        entry("json_lines", "*.jsonl"),
        {"train.jsonl": '{"en": "Talent is the key.", "zh": "人才是关键。", "index": 0}\n'},
        [{"zh": "人才是关键。", "en": "Talent is the key."}],
    ),
    "columns": (
        entry(
            "columns",
            "cmn.txt",
            "test.cmn",
            options={"columns": {"en": 0, "zh": 1}, "held_out": ["test.cmn"]},
        ),
        {"cmn.txt": "Wait!\t等等！\tCC-BY\nRun , now.\t快跑吧。\n", "test.cmn": "快跑吧\n"},
        [{"en": "Wait!", "zh": "等等！"}],
    ),
    "columns titled": (
        entry("columns", "*.tsv", options={"columns": {"body": 1, "title": 2}}, body=(4, 6)),
        {"dev.tsv": "to title\t考察了消旋化的方法\t消旋化研究\nto title\t短的\t题\n"},
        [{"body": "考察了消旋化", "title": "消旋化研究"}],
    ),
    "tmx": (entry("tmx", "*.tmx"), {"all.en-zh.tmx": TMX}, []),
    "po": (
        entry("po", "*.po"),
        {"howto/index.po": PO},
        [
            {
                "zh": '带有 abstract 和 "引号" 的 模型，更多 见 此处。',
                "en": 'A model with abstract and "quotes" and more; see here.',
            }
        ],
    ),
    "lang": (
        entry("lang", "zh-CN/*.lang"),
        {"zh-CN/mozorg/home.lang": LANG},
        [{"zh": "我们的影响", "en": "Our impact"}],
    ),
    "markdown": (
        entry("markdown", "*.md", options=TWO_SIDES),
        {"zh/a.md": PAGE_ZH, "en/a.md": PAGE_EN, "zh/alone.md": PAGE_ZH},
        [
            {"zh": "为什么要度量？", "en": "Why measure?"},
            {"zh": "数据很重要，真的：", "en": "Data matters, really:"},
            {"zh": "理解用户", "en": "Understand users"},
            {"zh": "新用户", "en": "New users"},
            {"zh": "使用情况", "en": "Usage"},
        ],
    ),
    "notebooks": (
        entry("markdown", "*.ipynb", options=TWO_SIDES),
        {
            "zh/a.ipynb": notebook(("a", "# 概述\n此教程很短。"), ("b", "只有中文。")),
            "en/a.ipynb": notebook(("z", "Other."), ("a", "# Overview\nA short tutorial.")),
        },
        [{"zh": "概述", "en": "Overview"}, {"zh": "此教程很短。", "en": "A short tutorial."}],
    ),
    "bible": (
        entry("bible", "zh.json", "json/*.json", options={"zh": "zh.json", "books": ["3john"]}),
        {
            "zh.json": json.dumps(
                [{"name": "3 John", "chapters": [["開頭的話。", "", "愛的話。"]]}]
            ),
            "json/3john.json": json.dumps(
                [
                    {"type": "paragraph start"},
                    {"chapterNumber": 1, "verseNumber": 1, "value": "The elder to "},
                    {"chapterNumber": 1, "verseNumber": 1, "value": " Gaius. "},
                    {"chapterNumber": 1, "verseNumber": 2, "value": "I pray."},
                ]
            ),
        },
        [{"zh": "开頭的話。", "en": "The elder to Gaius."}],
    ),
    "statutes titles": (
        entry("statutes", "*.json", options={"zh": "F/", "en": "E/", "give": "titles"}),
        dict(LAWS),
        [
            {"zh": "領海法", "en": "Territorial Sea Act"},
            {"zh": "新法", "en": "Territorial Sea Act"},
        ],
    ),
    "statutes articles": (
        entry("statutes", "*.json", options={"zh": "F/", "en": "E/", "give": "articles"}),
        dict(LAWS),
        [
            {
                "zh": "前項等距中線，係指距離相等之線。有下列情形︰一、潛水艇。",
                "en": "The median line is the line of equal distance. "
                "The cases are the following: 1.Submarines.",
                "stale": False,
            },
            {
                "zh": "本法自公布日施行。但书。",
                "en": "This Act takes effect on promulgation.",
                "stale": False,
            },
        ],
    ),
    "statutes paragraphs": (
        entry("statutes", "*.json", options={"zh": "F/", "en": "E/", "give": "paragraphs"}),
        dict(LAWS),
        [
            {
                "zh": "前項等距中線，係指距離相等之線。",
                "en": "The median line is the line of equal distance.",
                "stale": False,
            },
            {"zh": "有下列情形︰", "en": "The cases are the following:", "stale": False},
            {"zh": "潛水艇。", "en": "Submarines.", "stale": False},
        ],
    ),
    "squad": (
        entry("squad", "dev.json", options={"prefix": "drcd", "held_out": ["12", "11-2"]}),
        {"dev.json": json.dumps(SQUAD)},
        [
            {
                "lang": "zh",
                "question": "說甚麼？",
                "passage": "第1段說龙。",
                "answer": "龙",
                "pid": "drcd-11-1",
                "title": "龙",
            }
        ],
    ),
    "squad by place": (
        entry("squad", "dev.json", options={"prefix": "cmrct", "count": True, "held_out": ["0"]}),
        {"dev.json": json.dumps(SQUAD)},
        [
            {
                "lang": "zh",
                "question": "說甚麼？",
                "passage": "第2段說龙。",
                "answer": "龙",
                "pid": "cmrct-1",
                "title": "龙",
            }
        ],
    ),
    "articles": (
        entry("articles", "published/*.md", options={}, body=(8, 900)),
        {"published/201309/$350 laptop.md": ARTICLE},
        [
            {
                "title": "用 git log 显示提交记录",
                "body": "git log 命令很 重要。 贡献者 提交commit 的记录： 一个中文条目 "
                "Git 有很多优点。",
            }
        ],
    ),
    "sections": (
        entry("articles", "published/*.md", options={"sections": True}),
        {"published/a.md": ARTICLE},
        [{"title": "用 git log 显示提交记录 — 总结一下", "body": "Git 有很多优点。"}],
    ),
    "support": (
        entry("support", "*.csv"),
        {"sumo.csv": SUPPORT},
        [
            {"title": "獲得社群協助", "body": "其他資源請看 Firefox ：規則指南 & 更多"},
            {"title": "獲得社群協助 — 其他資源", "body": "請看 Firefox ：規則指南 & 更多"},
        ],
    ),
    "chapters": (
        entry("chapters", "*.md", options={"size": 40}),
        {"法律/邮政.md": CHAPTERS},
        [
            {
                "title": "邮政法办法 第一章 总则",
                "body": "第一条 为了保障服务，制定本办法。 第二条 市部门负责管理。 区政府配合。",
            },
            {
                "title": "邮政法办法 第一章 总则",
                "body": "第三条 一二三四五六七八九十一二三四五六七八九十。",
            },
            {"title": "邮政法办法 第二章 附则", "body": "第四条 自公布日起施行。"},
        ],
    ),
    "wiki": (
        entry("wiki", "wiki_00", options={"paragraphs": 1, "shortest": 8}, body=(4, 6)),
        {"wiki_00": WIKI + "\n"},
        [{"title": "亳州市", "body": "長龙長龙長龙"}],
    ),
}
FAMILIES["tmx"][2].append({"zh": "并伴有发热症状", "en": "and along with a fever"})


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_of_formats(name: str, upstream: Upstream, tmp_path: Path) -> None:
    source, files, rows = FAMILIES[name]
    upstream.serve("owner/name", {"README": "not wanted", **files})
    assert made(source, Cache(tmp_path, upstream.hosts)) == rows


def test_files_named_in_the_list_come_without_the_archive(
    upstream: Upstream, tmp_path: Path
) -> None:
    upstream.serve("owner/name", {"a.jsonl": '{"zh": "開门。", "en": "Open it."}\n'})
    rows = made(entry("json_lines", "a.jsonl"), Cache(tmp_path, upstream.hosts))
    assert rows == [{"zh": "开门。", "en": "Open it."}]
    paths = [path for path, _ in upstream.asked]
    assert paths == [
        "/api/repos/owner/name/commits/abc",
        f"/raw/owner/name/{COMMIT}/a.jsonl",
    ]
    seen = json.loads((tmp_path / "fetched.json").read_text())
    assert seen["commits"] == {"owner/name@abc": COMMIT}
    (data,) = seen["files"].values()
    assert data["sha256"] == hashlib.sha256(upstream.pages[paths[1]]).hexdigest()


def test_one_failing_source_does_not_stop_the_others(upstream: Upstream, tmp_path: Path) -> None:
    good = '{"zh": "开门。", "en": "Open it."}\n'
    upstream.serve("owner/name", {"a.jsonl": good, "b.jsonl": "not json\n", "c.json": "[]"})
    upstream.pages[f"/archives/owner/cut/tar.gz/{COMMIT}"] = archive({"x.po": "x" * 99})[:60]
    gone = (Origin("owner/gone", "abc", ("a",)),)
    entries = [
        entry("json_lines", "missing.jsonl", file="parallel/missing"),
        entry("json_lines", "a.jsonl", file="parallel/gone", origin=gone),
        entry("json_lines", "b.jsonl", file="parallel/shape"),
        entry("squad", "c.json", file="qa/shape", options={"held_out": [], "prefix": "x"}),
        entry("po", "*.po", file="parallel/none"),
        entry("po", file="parallel/cut", origin=(Origin("owner/cut", COMMIT, ("*.po",)),)),
        replace(entry(""), file="synthetic/ours"),
        entry("json_lines", "a.jsonl", file="parallel/few", rows=100),
        entry("json_lines", "a.jsonl", file="parallel/good"),
    ]
    said: list[str] = []
    cache = Cache(tmp_path, upstream.hosts, patience=0)
    assert command.run(entries, cache, simplify, set(), said.append) == 6
    assert len(said) == len(entries)
    assert all("\n" not in line for line in said)
    assert "404" in said[0]
    assert "owner/gone@abc" in said[1]
    assert "nothing matches" in said[4]
    assert "not fetched" in said[6]
    assert said[7].endswith("parallel/few (100 expected: -99.0%)")
    assert said[8].split() == ["1", "parallel/good"]
    written = {path.name for path in (tmp_path / "train").rglob("*.*")}
    assert written == {"few.jsonl.gz", "good.jsonl.gz"}


@pytest.mark.parametrize("tags", [True, False])
def test_an_interrupted_download_is_taken_up_again(
    tags: bool, upstream: Upstream, tmp_path: Path
) -> None:
    text = "".join(f'{{"zh": "第{n}行开门。", "en": "Line {n}."}}\n' for n in range(500))
    upstream.serve("owner/name", {"a.jsonl": text})
    path = f"/raw/owner/name/{COMMIT}/a.jsonl"
    upstream.cut[path], upstream.busy[path], upstream.tags = 2, 1, tags
    assert len(made(entry("json_lines", "a.jsonl"), Cache(tmp_path, upstream.hosts, 0))) == 500
    ranges = [wanted for asked, wanted in upstream.asked if asked == path]
    assert len(ranges) == 4
    assert any(ranges) == tags
    assert not list(tmp_path.rglob("*.part"))


def test_a_server_that_never_answers_whole_is_given_up(upstream: Upstream, tmp_path: Path) -> None:
    upstream.serve("owner/name", {"a.jsonl": "x" * 1000})
    path = f"/raw/owner/name/{COMMIT}/a.jsonl"
    upstream.busy[path] = 99
    with pytest.raises(httpx.HTTPStatusError):
        made(entry("json_lines", "a.jsonl"), Cache(tmp_path, upstream.hosts, 0))
    assert not list((tmp_path / "train").rglob("*"))


def test_a_download_is_kept_checked_and_pinned(upstream: Upstream, tmp_path: Path) -> None:
    source = entry("json_lines", "*.jsonl")
    upstream.serve("owner/name", {"a.jsonl": '{"zh": "开门。", "en": "Open it."}\n'})
    first = made(source, Cache(tmp_path, upstream.hosts))
    (cached,) = (tmp_path / "cache").iterdir()
    whole = (tmp_path / "train/parallel/x.jsonl.gz").read_bytes()
    upstream.asked.clear()

    assert made(source, Cache(tmp_path, upstream.hosts)) == first
    assert upstream.asked == []
    assert (tmp_path / "train/parallel/x.jsonl.gz").read_bytes() == whole

    cached.write_bytes(b"damaged")
    assert made(source, Cache(tmp_path, upstream.hosts)) == first

    cached.unlink()
    upstream.serve("owner/name", {"a.jsonl": '{"zh": "关门。", "en": "Close it."}\n'})
    with pytest.raises(ValueError, match=r"changed; to accept it, delete its entry"):
        made(source, Cache(tmp_path, upstream.hosts))
    assert (tmp_path / "train/parallel/x.jsonl.gz").read_bytes() == whole


def test_names_in_an_archive_never_reach_the_disk(upstream: Upstream, tmp_path: Path) -> None:
    packed = io.BytesIO()
    row = b'{"zh": "\xe5\xbc\x80\xe9\x97\xa8\xe3\x80\x82", "en": "Open it."}\n'
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for name in ("n/../../../evil.jsonl", "/etc/evil.jsonl", "n/ok.jsonl"):
            member = tarfile.TarInfo(name)
            member.size = len(row)
            tar.addfile(member, io.BytesIO(row))
        for kind, name in ((tarfile.SYMTYPE, "n/link.jsonl"), (tarfile.LNKTYPE, "n/hard.jsonl")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            tar.addfile(member)
        device = tarfile.TarInfo("n/device.jsonl")
        device.type = tarfile.CHRTYPE
        tar.addfile(device)
    out = tmp_path / "out" / "deep"
    upstream.serve("owner/name", {})
    upstream.pages[f"/archives/owner/name/tar.gz/{COMMIT}"] = packed.getvalue()
    rows = made(entry("json_lines", "*.jsonl"), Cache(out, upstream.hosts))
    assert rows == [{"zh": "开门。", "en": "Open it."}]
    found = sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())
    cached = f"out/deep/cache/{next((out / 'cache').iterdir()).name}"
    assert found == [cached, "out/deep/fetched.json", "out/deep/train/parallel/x.jsonl.gz"]


def test_a_pattern_without_a_file_and_a_pointer_are_errors(
    upstream: Upstream, tmp_path: Path
) -> None:
    (tmp_path / "a").write_bytes(archive({"x.md": "x"}))
    with pytest.raises(ValueError, match=r"nothing matches \['\*\.po'\]"):
        list(members(tmp_path / "a", ["*.md", "*.po"]))
    upstream.serve("owner/name", {"a.txt": "version https://git-lfs.github.com/spec/v1\n"})
    with pytest.raises(ValueError, match="Git LFS"):
        list(Cache(tmp_path, upstream.hosts).files(Origin("owner/name", "abc", ("a.txt",))))


def pairs(*sides: tuple[str, str]) -> list[dict[str, Any]]:
    return [{"zh": zh, "en": en, "src": str(n)} for n, (zh, en) in enumerate(sides)]


def test_duplicates_and_implausible_rows_go() -> None:
    source = entry("aligned", ratio=(0.5, 8.0), longest=12)
    rows = pairs(
        ("開門了。", "It is open."),
        ("开门了。", "It  is open."),  # spelt otherwise, the same row once both are converted
        ("開门了。", "It's open."),
        ("Linux 内核", "Linux kernel"),
        ("Linux kernel", "Linux kernel"),  # nothing Chinese
        ("一二三", "１２３"),  # nothing English
        ("好的。", "This English side is much too long for that."),
        ("一二三四五六七八九十一二三四五", "Too long on its Chinese side."),
        ("门", "Door"),  # one character
    )
    kept = clean(rows, source, simplify, set())
    assert [row["src"] for row in kept] == ["0", "1", "2", "3"]
    kept = clean(rows[:1] * 3 + rows[1:2] * 2, source, simplify, set())
    assert [row["src"] for row in kept] == ["0", "1"]


def test_rows_of_development_sets_are_held_out() -> None:
    rows = pairs(
        ("开门了。", "It is open."), ("关门了。", "It is closed."), ("下雨了。", "It rains.")
    )
    kept = clean(rows, entry("aligned"), simplify, {"关门了。", "It rains."})
    assert [row["zh"] for row in kept] == ["开门了。"]


def test_the_draw_does_not_depend_on_the_order() -> None:
    rows = pairs(*((f"第{n}号门开了。", f"Door {n} is open.") for n in range(50)))
    source = entry("aligned", cap=9)
    kept = clean(rows, source, simplify, set())
    again = clean(rows[::-1], source, simplify, set())
    assert len(kept) == 9
    assert kept == again[::-1]
    assert clean(rows[:9], source, simplify, set()) == rows[:9]


def test_the_list_and_the_training_agree() -> None:
    entries = read_list()
    listed = {entry.file: entry.licence for entry in entries}
    assert len(listed) == len(entries)
    assert listed.pop(LEMMAS) == "MIT"
    assert listed == {source.file: source.licence for source in SOURCES}
    for source in entries:
        assert bool(source.reader) == bool(source.origin) == bool(source.rows)
        assert source.file.startswith("synthetic/") != bool(source.reader)
        assert source.filter.endswith(".")


def test_the_table_and_the_names_on_the_command_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["fetch", "--list", "--only", "tico19", "synthetic/news"])
    command.main()
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["parallel/tico19", "synthetic/news"]
    assert "CC0 1.0" in lines[0]
    assert "tico-19/tico-19.github.io@d97615f9cf" in lines[0]
    monkeypatch.setattr(sys, "argv", ["fetch", "--out", "x", "--only", "tico20"])
    with pytest.raises(SystemExit):
        command.main()
    assert "no source is called tico20" in capsys.readouterr().err


def test_texts_of_development_sets_are_read(tmp_path: Path) -> None:
    line = json.dumps({"zh": "开门。", "en": "Open it.", "from": "x"}, ensure_ascii=False) + "\n"
    (tmp_path / "a.jsonl").write_text(line, encoding="utf-8")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(line.replace("开", "关").encode()))
    found = command.texts([tmp_path / "a.jsonl", tmp_path / "b.jsonl.gz"])
    assert found == {"开门。", "关门。", "Open it."}


def test_opencc_converts_by_phrase() -> None:
    pytest.importorskip("opencc")
    assert simplifier()("乾淨的圖書館，乾隆年間，平方英哩") == "干净的图书馆，乾隆年间，平方英哩"
