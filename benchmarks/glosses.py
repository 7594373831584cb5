"""How often the first gloss of a common Chinese word is among its dictionary senses.

    python -m benchmarks.glosses DATA

DATA holds `train/dictionary/cc-cedict.jsonl.gz` and `en-lemmas.jsonl.gz` (`embeddings.train.fetch`
gets them). The words are the most frequent ones of two characters or more in our own news that
CC-CEDICT lists; a gloss is right if it, its lemma or one of its forms is a word of a sense.
"""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.scale import read
from embeddings.train.sources import LEMMAS, read_rows
from rag.gloss import Glossary
from rag.reading import load_table

WORDS = 1500


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    kin: dict[str, set[str]] = defaultdict(set)  # a form's lemmas, a lemma's forms
    for row in read_rows(data, LEMMAS):
        for form in row["forms"]:
            kin[form].add(row["en"])
            kin[row["en"]].add(form)
    senses: dict[str, set[str]] = defaultdict(set)
    for row in read_rows(data, "dictionary/cc-cedict"):
        senses[row["zh"]].update(re.findall("[a-z]+", " ".join(row["en"]).lower()))
    table = load_table()
    counts: Counter[str] = Counter()
    for row in read("news"):
        counts.update(row["zh"][a:b] for _, a, b in table.tokenize_spans(row["zh"]) if b - a > 1)
    words = [word for word, _ in counts.most_common() if word in senses][:WORDS]
    glossary = Glossary(table)
    glossed = {w: g.words[0] for w in words for g in glossary.gloss(w, "en") if g.word == w}
    right = {w for w, gloss in glossed.items() if ({gloss} | kin[gloss]) & senses[w]}
    print(f"{len(words)} words, {len(glossed)} glossed, {len(right) / len(glossed):.3f} right")
    wrong = [f"{w} {glossed[w]}" for w in glossed if w not in right]
    print("wrong, most frequent first:", ", ".join(wrong[:20]))


if __name__ == "__main__":
    main()
