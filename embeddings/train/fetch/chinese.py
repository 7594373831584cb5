"""Readers of Chinese texts: questions over passages (SQuAD's layout), translated articles, help
pages, statutes by chapter, encyclopedia paragraphs, abstracts.

Each takes a source's files and options and yields rows {question, passage, …} or {title, body}.
Lengths and duplicates are `prepare`'s.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator

from embeddings.train.fetch.bilingual import blocks, lines, plain_markdown
from embeddings.train.fetch.dictionaries import HAN, Options, Row
from embeddings.train.fetch.web import File

_FOOTER = re.compile(r"\s*(via\s*[:：]|本文由|作者\s*[:：]|译者\s*[:：]|原文\s*[:：])")


def squad(files: Iterable[File], options: Options) -> Iterator[Row]:
    """SQuAD's layout; `held_out`: numbers of articles or paragraphs that belong to test sets.

    A paragraph is `prefix-number`: its own id, or with `count` its place in the file.
    """
    held_out, place = set(options["held_out"]), 0
    for file in files:
        for article in json.loads(file.text)["data"]:
            for paragraph in article["paragraphs"]:
                number = str(place) if options.get("count") else str(paragraph["id"])
                place += 1
                if held_out & {number, str(article.get("id"))}:
                    continue
                for qa in paragraph["qas"]:
                    yield {
                        "lang": "zh",
                        "question": qa["question"],
                        "passage": paragraph["context"],
                        "answer": qa["answers"][0]["text"],
                        "pid": f"{options['prefix']}-{number}",
                        "title": article["title"],
                    }


def articles(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Markdown articles: the first heading titles the text; `sections`: each heading its section.

    Code, pictures, items without Chinese and the translators' footer are left out.
    """
    for file in files:
        text = re.sub(r"^\[#\]:.*\n", "", file.text, flags=re.M)
        parts: list[tuple[str, list[str]]] = []
        for kind, raw in blocks(text):
            plain = " ".join(plain_markdown(raw).split())
            if kind.startswith("#"):
                parts.append((plain, []))
            elif _FOOTER.match(plain):
                break
            elif parts and kind != "other" and (kind == "text" or HAN.search(plain)):
                parts[-1][1].append(plain)
        if not parts:
            continue
        title = parts[0][0]
        if options.get("sections"):
            for heading, texts in parts[1:]:
                if len(heading) >= 3:
                    yield {"title": f"{title} — {heading}", "body": " ".join(texts)}
        else:
            body = [text for _, texts in parts for text in texts]
            yield {"title": title, "body": " ".join(body)}


def support(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Mozilla's help pages, a database dump: tab-separated, line feeds escaped, HTML in column 7.

    A page gives its text under its title, then each section under title and heading.
    """
    for file in files:
        for record in re.split(r"(?<!\\)\n", file.text):
            cells = re.split(r"(?<!\\)\t", record)
            if len(cells) < 7 or "REDIRECT" in cells[6][:40] or cells[1].startswith("Template:"):
                continue
            title, page = plain_html(cells[1]), cells[6].replace("\\\n", "\n")
            yield {"title": title, "body": plain_html(page)}
            for part in re.split(r"(?=<h[1-3][ >])", page)[1:]:
                heading, _, rest = part.partition("</h")
                yield {
                    "title": f"{title} — {plain_html(heading)}",
                    "body": plain_html(rest.partition(">")[2]),
                }


def plain_html(text: str) -> str:
    """HTML without tags; no blank between two Chinese characters."""
    text = " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", text)).split())
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])", "", text)


def chapters(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Statutes in Markdown: the law's name and the nearest heading over up to `size` characters
    of whole articles (第…条).
    """
    for file in files:
        name, heading = "", ""
        paragraphs: list[str] = []
        for line in [*lines(file.text.partition("<!-- INFO END -->")[2]), "# "]:
            if not (found := re.match(r"#{1,6} *(.*)", line)):
                if line.strip():
                    paragraphs.append(" ".join(line.split()))
                continue
            name = name or file.text.lstrip("# \n").partition("\n")[0].strip()
            for body in pack(paragraphs, options["size"]):
                yield {"title": f"{name} {heading}".strip(), "body": body}
            heading, paragraphs = " ".join(found[1].split()), []


def pack(paragraphs: Iterable[str], size: int) -> Iterator[str]:
    """Whole articles joined while they stay within `size` characters."""
    body = ""
    for article in re.split(r"\n(?=第[一二三四五六七八九十百千零〇]+条)", "\n".join(paragraphs)):
        text = article.replace("\n", " ")
        if body and len(body) + len(text) >= size:
            yield body
            body = ""
        body = f"{body} {text}".strip()
    if body:
        yield body


def wiki(files: Iterable[File], options: Options) -> Iterator[Row]:
    """WikiExtractor's lines {title, text}: the first `paragraphs` long ones of each article."""
    for file in files:
        for line in filter(None, lines(file.text)):
            page = json.loads(line)
            long = (p for p in page["text"].split("\n")[1:] if len(p.strip()) > options["shortest"])
            for _, paragraph in zip(range(options["paragraphs"]), long, strict=False):
                yield {"title": page["title"], "body": paragraph}


READERS: dict[str, Callable[[Iterable[File], Options], Iterator[Row]]] = {
    "squad": squad,
    "articles": articles,
    "support": support,
    "chapters": chapters,
    "wiki": wiki,
}
