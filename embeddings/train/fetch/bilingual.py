"""Readers of texts in two languages: line-aligned, tables, TMX, PO, .lang, Markdown, notebooks,
Bibles, statutes.

Each takes a source's files and options and yields rows {zh, en}. A pair is made only where the
two sides say that they belong together (the same line, id, verse, article, or run of blocks); no
statistical alignment is done. Cleaning that all sources share is `prepare`'s.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from lxml import etree

from embeddings.train.fetch.dictionaries import Options, Row
from embeddings.train.fetch.web import File

Block = tuple[str, str]  # kind, text


def lines(text: str) -> list[str]:
    """The lines of a text; only a line feed ends one, as in aligned corpora."""
    return text.removesuffix("\n").split("\n")


def aligned(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Line n of one file translates line n of the other; `pairs`: [zh, en, label?] paths."""
    texts = {file.path: lines(file.text) for file in files}
    for zh, en, *label in options["pairs"]:
        if len(texts[zh]) != len(texts[en]):
            raise ValueError(f"{zh} and {en} differ in length")
        for pair in zip(texts[zh], texts[en], strict=True):
            yield {"zh": pair[0], "en": pair[1]} | ({"src": label[0]} if label else {})


def json_lines(files: Iterable[File], options: Options) -> Iterator[Row]:
    """One object a line, with `zh` and `en`."""
    for file in files:
        for line in filter(None, lines(file.text)):
            row = json.loads(line)
            yield {"zh": str(row["zh"]), "en": str(row["en"])}


def columns(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Tab-separated; `columns`: field → number of its column.

    `held_out`: files whose lines are another test set; a row that shares a text with them (letters
    alone are compared) is left out.
    """

    def letters(text: str) -> str:
        return re.sub(r"\W+", "", text).casefold()

    everything = list(files)
    test_paths = options.get("held_out", ())
    tests = [file for file in everything if file.path in test_paths]
    held_out = {letters(line) for file in tests for line in lines(file.text)}
    for file in everything:
        if file.path not in test_paths:
            for line in lines(file.text):
                cells = line.split("\t")
                if len(cells) > max(options["columns"].values()):
                    row = {name: cells[i] for name, i in options["columns"].items()}
                    if held_out.isdisjoint(map(letters, row.values())):
                        yield row


def tmx(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Translation memories: `<tu>` with one `<tuv xml:lang>` for each language."""
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    for file in files:
        source = io.BytesIO(file.text.encode())
        safe = {"resolve_entities": False, "no_network": True, "load_dtd": False}
        for _, unit in etree.iterparse(source, tag="tu", **safe):
            sides = {v.get(language): "".join(v.itertext("seg")) for v in unit.iter("tuv")}
            if {"zh", "en"} <= sides.keys():
                yield {"zh": sides["zh"], "en": sides["en"]}
            unit.clear()


def po(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Gettext catalogues of reStructuredText: translated messages that are not marked fuzzy."""
    for file in files:
        for entry in re.split(r"\n\s*\n", file.text):
            if re.search(r"^#,.*\bfuzzy\b|^msgid_plural|^#~", entry, re.M):
                continue
            found = {
                key: "".join(json.loads(part, strict=False) for part in re.findall(_QUOTED, rest))
                for key, rest in re.findall(rf"^(msgid|msgstr) ((?:{_QUOTED}\s*)+)", entry, re.M)
            }
            if found.get("msgid") and found.get("msgstr"):
                yield {"zh": plain_rst(found["msgstr"]), "en": plain_rst(found["msgid"])}


_QUOTED = r'"(?:[^"\\\n]|\\.)*"'


def plain_rst(text: str) -> str:
    """reStructuredText without roles, targets and marks."""
    text = re.sub(r"``(.+?)``", r"\1", text)
    text = re.sub(r"(?::[\w:+.-]+: ?)?`[~!]?([^`<]*?)\s*(?:<[^>`]*>)?`_{0,2}", r"\1", text)
    return re.sub(r"(\*{1,2}|\|)(\S(?:[^*|]*\S)?)\1", r"\2", text)


def lang(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Mozilla's .lang: `;English` and the translation on the next line; none with place-holders."""
    for file in files:
        for first, second in pairwise(lines(file.text)):
            if first.startswith(";") and not re.search(r"[<{]|%[(s]", first + second):
                yield {"zh": second.removesuffix("{ok}"), "en": first[1:]}


def markdown(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Pages and notebooks under two folders (`zh`, `en`), matched by path, cell id and blocks."""
    pages: dict[str, dict[str, list[Block]]] = {}
    for file in files:
        book = file.path.endswith(".ipynb")
        pages[file.path] = cells(file.text) if book else {"": blocks(file.text)}
    for path, ours in pages.items():
        theirs = pages.get(options["en"] + path.removeprefix(options["zh"]))
        if path.startswith(options["zh"]) and theirs:
            for name in filter(theirs.__contains__, ours):
                yield from match_blocks(ours[name], theirs[name])


def cells(notebook: str) -> dict[str, list[Block]]:
    """The blocks of each text cell of a notebook by the cell's id."""
    found = {}
    for cell in json.loads(notebook)["cells"]:
        name = cell.get("metadata", {}).get("id")
        if cell["cell_type"] == "markdown" and name:
            found[name] = blocks("".join(cell["source"]))
    return found


def match_blocks(zh: Sequence[Block], en: Sequence[Block]) -> Iterator[Row]:
    """Pairs of blocks where both sides have the same kinds in the same order.

    Compared whole, else section by section, if the headings agree.
    """

    def kinds(side: Sequence[Block]) -> list[str]:
        return [kind for kind, _ in side]

    if kinds(zh) == kinds(en):
        for (kind, ours), (_, theirs) in zip(zh, en, strict=True):
            if kind != "other":
                yield {"zh": plain_markdown(ours), "en": plain_markdown(theirs)}
        return
    sides = [sections(side) for side in (zh, en)]
    if len(sides[0]) > 1 and [kinds(s[:1]) for s in sides[0]] == [kinds(s[:1]) for s in sides[1]]:
        for ours, theirs in zip(*sides, strict=True):
            yield from match_blocks(ours[:1], theirs[:1])
            if kinds(ours) == kinds(theirs):
                yield from match_blocks(ours[1:], theirs[1:])


def sections(side: Sequence[Block]) -> list[Sequence[Block]]:
    """Blocks cut before every heading."""
    cuts = [i for i, (kind, _) in enumerate(side) if kind.startswith("#") or i == 0]
    return [side[a:b] for a, b in pairwise([*cuts, len(side)])]


def blocks(text: str) -> list[Block]:
    """A Markdown page as blocks: a heading ("#", "##", …), "item", "text" or "other" (code …)."""
    found: list[Block] = []
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.S)
    text = re.sub(r"^ *(```|~~~).*?^ *\1", "\n\0\n", text, flags=re.M | re.S)
    text = re.sub(r"^<(pre|table|style|aside|!--).*?(</\1>|-->)", "\n\0\n", text, flags=re.M | re.S)
    text = re.sub(r"^(.+)\n(=|-)\2{2,} *$", lambda m: f"# {m[1]}\n", text, flags=re.M)
    for chunk in re.split(r"\n\s*\n|\n(?=\s*(?:[*+-]|\d+\.)\s|#)", text):
        lead = chunk.strip().lstrip("> ")
        if heading := re.match(r"(#{1,6})\s+(.+?)[\s#]*(?:\n|$)", lead):
            found.append((heading[1], heading[2]))
            lead = lead[heading.end() :].strip()
        if not lead:
            continue
        if "\0" in lead or re.match(r"\||<(?!ruby|strong|a )|!\[|\[[^\]]+\]:|-{3,}$", lead):
            found.append(("other", ""))
        elif item := re.match(r"(?:[*+-]|\d+\.)\s+", lead):
            found.append(("item", lead[item.end() :]))
        else:
            found.append(("text", re.sub(r"\n> ?", "\n", lead)))
    return found


def plain_markdown(text: str) -> str:
    """Markdown without pictures, addresses, tags and marks."""
    text = re.sub(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])", "", text)
    text = re.sub(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])", r"\1", text)
    text = html.unescape(re.sub(r"</?[A-Za-z][^<>]*>", "", text))
    text = re.sub(r"(`+)([^`]+)\1", r"\2", text)
    text = re.sub(r"(\*{1,2})(?=\S)([^*]+)(?<=\S)\1", r"\2", text)
    return re.sub(r"(?<!\w)(_{1,2})(?=\S)([^_]+)(?<=\S)\1(?!\w)", r"\2", text)


def bible(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Verse by verse: one file of books in Chinese, a file for each book in English.

    `books`: the English files' names in the order of the Chinese books.
    """
    verses: dict[tuple[str, int, int], str] = {}
    chinese = []
    for file in files:
        if file.path == options["zh"]:
            chinese = json.loads(file.text)
            continue
        for part in json.loads(file.text):
            if "verseNumber" in part and part.get("value"):
                book = file.path.rpartition("/")[2].removesuffix(".json")
                place = (book, part["chapterNumber"], part["verseNumber"])
                verses[place] = verses.get(place, "") + part["value"] + " "
    for name, book in zip(options["books"], chinese, strict=True):
        for c, chapter in enumerate(book["chapters"], start=1):
            for v, verse in enumerate(chapter, start=1):
                yield {"zh": verse, "en": verses.get((name, c, v), "")}


def statutes(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Taiwan's laws, one JSON file each under `zh` and `en`; articles matched by number.

    `give`: "titles", "articles" (whole) or "paragraphs" (where both have as many). A law whose
    Chinese text is newer than the English one gives its title alone.
    """
    texts = {file.path: json.loads(file.text) for file in files}
    for path, ours in texts.items():
        theirs = texts.get(options["en"] + path.removeprefix(options["zh"]))
        if not path.startswith(options["zh"]) or not theirs:
            continue
        if options["give"] == "titles":
            yield {"zh": ours.get("法規名稱", ""), "en": theirs.get("英文法規名稱", "")}
        elif ours.get("最新異動日期", "") <= theirs.get("最新英文異動日期", ""):
            zh, en = (numbered(law["法規內容"]) for law in (ours, theirs))
            for number in filter(en.__contains__, zh):
                left, right = unwrap(zh[number], "", "。：︰；"), unwrap(en[number], " ", ".:;")
                if options["give"] == "articles":
                    yield {"zh": "".join(left), "en": " ".join(right), "stale": False}
                elif len(left) == len(right):
                    for a, b in zip(left, right, strict=True):
                        yield {"zh": _BULLET.sub("", a), "en": _BULLET.sub("", b), "stale": False}


_NUMERAL = "[一二三四五六七八九十]+"
_BULLET = re.compile(rf"^(?:{_NUMERAL}[、　 ]\s*|（{_NUMERAL}）|\(?(?:\d{{1,2}}|[A-Za-z])[.)]\s*)")


def numbered(articles: Iterable[Row]) -> dict[str, str]:
    """Text of the articles by number; 第 15-1 條 and Article 15-1 are both 15-1."""
    found = {}
    for article in articles:
        number = re.search(r"\d+(?:-\d+)?", article.get("條號", ""))
        if number and article.get("條文內容"):
            found[number[0]] = article["條文內容"]
    return found


def unwrap(text: str, glue: str, ends: str) -> list[str]:
    """Paragraphs of a text that is wrapped at a fixed width: one ends where its line does."""
    found: list[str] = []
    for line in filter(None, map(str.strip, re.split(r"\r?\n", text))):
        if found and found[-1][-1] not in ends:
            found[-1] += glue + line
        else:
            found.append(line)
    return found


READERS: dict[str, Callable[[Iterable[File], Options], Iterator[Row]]] = {
    "aligned": aligned,
    "json_lines": json_lines,
    "columns": columns,
    "tmx": tmx,
    "po": po,
    "lang": lang,
    "markdown": markdown,
    "bible": bible,
    "statutes": statutes,
}
