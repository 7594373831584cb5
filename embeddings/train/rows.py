"""What is known of each row beside its vector: its kind, and how near its best translation is.

A name has no near-synonym: an article about another district does not answer. CC-CEDICT writes the
pinyin of proper nouns with a capital; English names are the capitalised heads of senses and titles
that no lemma list knows as common words. A token's reach is its cosine with the nearest word of
the other language: what a perfect match across languages can be, so that it need not lose to a
match within one.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from embeddings.static import CHINESE, ENGLISH, HEADWORD, NAME
from embeddings.train.sources import LEMMAS, read_rows
from embeddings.train.wordlist import HAN, PIECE_SCORE, place_names

SELDOM = 100  # occurrences in the lemma list below which a word is no gloss
COMMON = 200  # occurrences in the lemma list from which a word is common English


def find_names(data: Path, tokenizer: Tokenizer) -> list[str]:
    """The tokens that are names, sorted."""
    chinese: set[str] = set(place_names(data).values())
    common: set[str] = set()
    english: set[str] = set()
    for row in read_rows(data, "dictionary/cc-cedict"):
        if row["pinyin"][:1].isupper():
            chinese.add(row["zh"])
            for sense in row["en"]:
                head = re.match(r"[A-Z][a-z]+(?='|,|$)", sense)
                if head:
                    english.add(head.group().lower())
        else:
            common.add(row["zh"])
    for row in read_rows(data, "synthetic/names"):
        proper = [word.lower() for word in row["en"] if word[:1].isupper()]
        english.update(proper)
        if proper:
            chinese.add(row["zh"])
    for row in read_rows(data, "dictionary/dbpedia15k-titles"):
        english.update(title.lower() for title in row["en"] if re.fullmatch(r"[A-Z][a-z]+", title))
    for row in read_rows(data, "dictionary/omw-cow-wikt"):
        lower = [word for word in row["en"] if word == word.lower()]
        common.update(lower)
        if lower:
            common.add(row["zh"])
    for row in read_rows(data, LEMMAS):
        if row["count"] >= COMMON:
            common.update((row["en"], *row["forms"]))
    vocabulary = tokenizer.get_vocab()
    found = set()
    for name in (chinese | english) - common:
        tokens = tokenizer.encode(name).tokens
        if len(tokens) == 1 and len(tokens[0]) > 1 and tokens[0] in vocabulary:
            found.add(tokens[0])
    return sorted(found - common)


def find_headwords(data: Path) -> set[str]:
    """English lemmas that are not rarer than `SELDOM` in the list's corpus."""
    return {row["en"] for row in read_rows(data, LEMMAS) if row["count"] >= SELDOM}


def kinds(tokenizer: Tokenizer, names: set[str], headwords: set[str]) -> np.ndarray:
    """(vocabulary,) uint8 flags: CHINESE, ENGLISH (whole words alone), NAME, HEADWORD."""
    vocabulary = json.loads(tokenizer.to_str())["model"]["vocab"]
    flags = np.zeros(len(vocabulary), dtype=np.uint8)
    for row, (token, score) in enumerate(vocabulary):
        if HAN.fullmatch(token):
            flags[row] |= CHINESE
        elif token.isascii() and token.isalpha() and score not in (PIECE_SCORE, PIECE_SCORE - 3.0):
            flags[row] |= ENGLISH
            if token in headwords:
                flags[row] |= HEADWORD
        if token in names:
            flags[row] |= NAME
    return flags


def reach(table: np.ndarray, flags: np.ndarray) -> np.ndarray:
    """(vocabulary,) float16: a word's largest cosine with a word of the other language."""
    unit = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-6)
    found = np.zeros(len(table), dtype=np.float16)
    for own, other in ((CHINESE, ENGLISH), (ENGLISH, CHINESE)):
        rows, targets = np.flatnonzero(flags & own), unit[(flags & other) > 0].T.copy()
        for start in range(0, len(rows), 2000):
            part = rows[start : start + 2000]
            found[part] = np.maximum((unit[part] @ targets).max(axis=1), 0.0)
    return found
