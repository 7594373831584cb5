"""Readers of dictionaries: CC-CEDICT, DBpedia titles, Open Multilingual Wordnet, lemma lists.

Each takes a source's files and options and yields rows {zh, en: [...]} (or {en, count, forms}).
Conversion of the script, merging and duplicates are `prepare`'s.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote

import yaml

from embeddings.train.fetch.web import File

Row = dict[str, Any]
Options = Mapping[str, Any]
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")

_ENTRY = re.compile(r"(\S+) (\S+) \[([^\]]*)\] /(.*)/")
# 漢字|汉字[Han4 zi4] inside a sense, and a sense that is nothing but a pointer
_REFERENCE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff|]+|\[[A-Za-z0-9:·, ]*\]")
_POINTER = re.compile(
    r"CL:|(?:see(?: also)?|(?:old |archaic |Japanese |erhua )?variant of|also written) ?"
    r"[\u2e80-\u9fff]"
)


def cedict(files: Iterable[File], options: Options) -> Iterator[Row]:
    """`傳統 传统 [chuan2 tong3] /tradition/traditional/`: cross-references taken out of senses."""
    for file in files:
        for line in file.text.split("\n"):
            entry = _ENTRY.match(line)
            if not entry:
                continue
            senses = (s for s in entry[4].split("/") if not _POINTER.match(s))
            plain = (re.sub(r"\s+", " ", _REFERENCE.sub("", s)).strip() for s in senses)
            if kept := [s for s in plain if re.search("[A-Za-z]", s)]:
                yield {"zh": entry[2], "trad": entry[1], "pinyin": entry[3], "en": kept}


def dbpedia(files: Iterable[File], options: Options) -> Iterator[Row]:
    """Two tables of number and address, a third of the numbers that belong together."""
    tables = [[line.split("\t") for line in f.text.strip().split("\n")] for f in files]
    names = {
        number: unquote(address.rpartition("/resource/")[2]).replace("_", " ")
        for number, address in (*tables[0], *tables[1])
    }
    for zh, en in tables[2]:
        if HAN.search(names[zh]) and names[zh] != names[en]:
            yield {"zh": names[zh], "en": [names[en]]}


def wordnet(files: Iterable[File], options: Options) -> Iterator[Row]:
    """OMW lemmas by Princeton 3.0 offset, CILI's map from offset to concept, OEWN's concepts.

    `give`: "members" pairs a lemma with its English synonyms, "definition" with each definition.
    """
    lemmas: list[tuple[str, str]] = []
    concept: dict[str, str] = {}
    english: dict[str, list[str]] = {}
    for file in files:
        if file.path.endswith(".yaml"):
            # libyaml where there is one: twenty times as fast
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            for synset in yaml.load(file.text, Loader=loader).values():
                if "ili" in synset:
                    wanted = synset.get(options["give"], [])
                    english[synset["ili"]] = [text for text in wanted if isinstance(text, str)]
            continue
        for line in file.text.split("\n"):
            cells = line.split("\t")
            if len(cells) == 2 and re.fullmatch(r"i\d+", cells[0]):
                concept[cells[1].replace("-s", "-a")] = cells[0]
            elif len(cells) == 3 and cells[1] == "cmn:lemma" and HAN.search(cells[2]):
                lemmas.append((cells[0].replace("-s", "-a"), cells[2].replace("+", "").strip()))
    for offset, zh in lemmas:
        found = english.get(concept.get(offset, ""), [])
        if options["give"] == "members" and found:
            yield {"zh": zh, "en": found}
        elif found:
            yield {"zh": zh, "en": found[:1]}


def lemmas(files: Iterable[File], options: Options) -> Iterator[Row]:
    """`be/4109826 -> is,was,are`: a lemma, its count in the BNC, its forms."""
    for file in files:
        for line in file.text.split("\n"):
            if entry := re.fullmatch(r"([^;/][^/]*)/(\d+) -> (.+)", line.strip()):
                yield {"en": entry[1], "count": int(entry[2]), "forms": entry[3].split(",")}


READERS: dict[str, Callable[[Iterable[File], Options], Iterator[Row]]] = {
    "cedict": cedict,
    "dbpedia": dbpedia,
    "wordnet": wordnet,
    "lemmas": lemmas,
}
