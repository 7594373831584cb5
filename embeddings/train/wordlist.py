"""Word list → Unigram tokenizer for Chinese and English.

Candidates come from the dictionaries and the texts. Chinese log-frequencies come from a few rounds
of hard expectation-maximisation (segment the texts with the current list, count, repeat; Kudo
2018, "Subword Regularization", with the vocabulary fixed), so that Viterbi finds dictionary words
without a second segmenter. English words are counted as they stand; pieces for unseen words lie
far below them. Folding (NFKC, lower case, accents, traditional characters) is compiled into the
tokenizer's normaliser, so no caller has to fold anything.
"""

from __future__ import annotations

import math
import re
import tempfile
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from embeddings.train.sources import LEMMAS, SOURCES, read_pairs, read_rows

WORDS = r"\p{Han}+|\p{N}+|[^\p{Han}\p{N}\W_]+"  # runs of Han, of digits, of other letters
MAX_HAN = 4  # longer dictionary entries are phrases, found through their words
TOKEN_COST = 20.0  # nats a token of letters or digits costs, so that a whole word beats its parts
PIECE_SCORE = -26.0  # log-frequency of a piece, below any word's
ENGLISH_SHARE, PIECE_SHARE = 0.58, 0.035  # of all rows
EM_ROUNDS = 3
_WORD_SOURCES = ("synthetic/glossary", "synthetic/names", "synthetic/words")
_KEPT = ("synthetic/glossary", "synthetic/names")  # whose words are in the list however rare
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]+")
LATIN = re.compile(r"[a-z]+")
DIVISION = re.compile(r"(?P<name>[\u3400-\u9fff]{2,3})[市区县省镇州]")  # 深圳市, 龙岗区
DIVISION_ENGLISH = re.compile(
    r"\b([Cc]ity|[Mm]unicipality|[Dd]istrict|[Cc]ounty|[Pp]rovince|[Tt]own(ship)?|[Pp]refecture)\b"
)


def traditional_to_simplified(data: Path) -> dict[str, str]:
    """Each traditional character's most frequent simplified one, aligned in CC-CEDICT's head words.

    A character that is more often itself in simplified words stays: 宁 is 寧, hardly ever 㝉.
    """
    votes: dict[str, Counter[str]] = {}
    simplified: Counter[str] = Counter()
    for row in read_rows(data, "dictionary/cc-cedict"):
        simplified.update(row["zh"])
        if len(row["trad"]) == len(row["zh"]):
            for trad, simp in zip(row["trad"], row["zh"], strict=True):
                votes.setdefault(trad, Counter())[simp] += 1
    chosen = {trad: counter.most_common(1)[0] for trad, counter in votes.items()}
    return {
        trad: simp
        for trad, (simp, count) in chosen.items()
        if trad != simp and count > simplified[trad]
    }


def place_names(data: Path) -> dict[str, str]:
    """Names of divisions and the bare names in them, 龙岗区 → 龙岗: texts use both, so one token
    serves.
    """
    names: dict[str, str] = {}
    for file in ("dictionary/cc-cedict", "synthetic/glossary"):
        for row in read_rows(data, file):
            division = DIVISION.fullmatch(row["zh"])
            if division and any(s[:1].isupper() and DIVISION_ENGLISH.search(s) for s in row["en"]):
                names[row["zh"]] = division["name"]
    return names


def _shared_ends(entries: Iterable[str]) -> set[str]:
    """Beginnings and ends of two or three characters that several set phrases share: 区委, 号线."""
    ends = Counter(
        part
        for entry in entries
        if HAN.fullmatch(entry)
        for width in (2, 3)
        if len(entry) > width + 1
        for part in (entry[:width], entry[-width:])
    )
    return {part for part, count in ends.items() if count >= 4}


def folding_rules(to_simplified: dict[str, str]) -> dict[str, str]:
    """What each single character folds to: NFKC, lower case, no accents, simplified."""
    rules: dict[str, str] = {}
    for code in range(0x20, 0x30000):
        char = chr(code)
        if unicodedata.category(char) in {"Cs", "Cn", "Co"}:
            continue
        folded = unicodedata.normalize("NFKC", char).lower()
        if not HAN.fullmatch(folded):
            folded = "".join(
                c for c in unicodedata.normalize("NFD", folded) if not 0x300 <= ord(c) < 0x370
            )
            folded = unicodedata.normalize("NFC", folded)
        folded = "".join(to_simplified.get(c, c) for c in folded)
        if folded != char:
            rules[char] = folded
    return rules


def folding_normalizer(rules: dict[str, str]) -> normalizers.Normalizer:
    """The rules compiled into one table look-up (sentencepiece's precompiled character map)."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    with tempfile.TemporaryDirectory() as folder:
        tsv = Path(folder) / "rules.tsv"
        tsv.write_text(
            "".join(
                f"{ord(char):X}\t{' '.join(f'{ord(c):X}' for c in folded)}\n"
                for char, folded in rules.items()
            )
        )
        (Path(folder) / "text.txt").write_text("a b c d e f g\n" * 20)
        sentencepiece.SentencePieceTrainer.train(
            input=str(Path(folder) / "text.txt"),
            model_prefix=str(Path(folder) / "fold"),
            vocab_size=12,
            hard_vocab_limit=False,
            normalization_rule_tsv=str(tsv),
            minloglevel=2,
        )
        formats: Any = sentencepiece_model_pb2
        proto = formats.ModelProto()
        proto.ParseFromString((Path(folder) / "fold.model").read_bytes())
    return normalizers.Precompiled(proto.normalizer_spec.precompiled_charsmap)


def make_tokenizer(vocabulary: list[tuple[str, float]], fold: normalizers.Normalizer) -> Tokenizer:
    """A Unigram tokenizer over the list; row 0 is the unknown token."""
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0))
    tokenizer.normalizer = fold
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(WORDS), behavior="removed", invert=True)
    return tokenizer


def build_tokenizer(data: Path, size: int, say: Callable[[str], None]) -> Tokenizer:
    """The tokenizer with `size` rows, from the sources under `data`."""
    rules = folding_rules(traditional_to_simplified(data))
    table = str.maketrans(rules)
    texts: list[str] = []  # running text; dictionaries only add candidates
    entries: list[str] = []
    must: set[str] = set()
    phrases: set[str] = set()
    names = {
        division.translate(table): name.translate(table)
        for division, name in place_names(data).items()
    }
    for source in SOURCES:
        if not source.counted:
            continue
        kinds = read_pairs(data, source)
        # each side once: the kinds of one source repeat its texts
        sides = {
            side.translate(table) for pairs in kinds.values() for pair in pairs for side in pair
        }
        if source.file.startswith("dictionary/") or source.file in _WORD_SOURCES:
            entries.extend(sides)
            if source.file in _KEPT:
                must.update(sides)
            if source.file == "synthetic/glossary":
                phrases.update(sides)
        else:
            texts.extend(sides)
    must |= set(names.values()) | _shared_ends(phrases)
    entries.extend(must)
    entries = [entry for entry in entries if entry not in names]
    texts.sort()
    say(f"word list: {len(texts):,} texts, {len(entries):,} dictionary sides")
    english, pieces = _english(texts, entries, must, data, size)
    numbers = _numbers(texts)
    han = _chinese(texts, entries, must, size - 1 - len(english) - len(pieces) - len(numbers), say)
    vocabulary = [("<unk>", -40.0), *han, *english, *numbers, *pieces]
    say(
        f"vocabulary: {len(vocabulary):,} = {len(han):,} Chinese, {len(english):,} English, "
        f"{len(numbers):,} numbers, {len(pieces):,} pieces"
    )
    return make_tokenizer(vocabulary, folding_normalizer(rules))


def _chinese(
    texts: list[str], entries: list[str], must: set[str], size: int, say: Callable[[str], None]
) -> list[tuple[str, float]]:
    """`size` Chinese words and characters with log-frequencies."""
    runs = Counter(run for text in texts for run in HAN.findall(text))
    for entry in entries:
        runs.update(HAN.findall(entry))
    characters = Counter[str]()
    for run, count in runs.items():
        for char in run:
            characters[char] += count
    words = {
        run
        for entry in entries
        for run in HAN.findall(entry)
        if 2 <= len(run) <= MAX_HAN and run == entry
    }
    counts = Counter[str](dict(characters))
    for run, count in runs.items():
        for start in range(len(run)):
            for end in range(start + 2, min(start + MAX_HAN, len(run)) + 1):
                if run[start:end] in words:
                    counts[run[start:end]] += count
    run_list = list(runs)
    for round_ in range(EM_ROUNDS):
        total = math.log(sum(counts.values()))
        vocabulary = [("<unk>", -40.0)] + [
            (token, math.log(counts[token] + 0.1) - total) for token in (*words, *characters)
        ]
        tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0))
        names = [token for token, _ in vocabulary]
        counts = Counter()
        for start in range(0, len(run_list), 50_000):
            batch = run_list[start : start + 50_000]
            for run, encoding in zip(batch, tokenizer.encode_batch_fast(batch), strict=True):
                weight = runs[run]
                for token_id in encoding.ids:
                    counts[names[token_id]] += weight
        say(f"segmentation round {round_ + 1}: {sum(counts[w] > 0 for w in words):,} words in use")
    # Keep every common character, then words by use; an unused word may still be a name in the
    # glossary.
    kept_characters = [c for c, n in characters.most_common() if n >= 2]
    ranked = sorted(words, key=lambda w: (w not in must or counts[w] == 0, -counts[w], len(w), w))
    kept = kept_characters + ranked[: size - len(kept_characters)]
    total = math.log(sum(counts.values()))
    return [(token, math.log(counts[token] + 0.1) - total) for token in kept]


def _english(
    texts: list[str], entries: list[str], must: set[str], data: Path, size: int
) -> tuple[list[tuple[str, float]], list[tuple[str, float]]]:
    """English words, then pieces for the words outside the list."""
    counts = Counter(word for text in texts for word in LATIN.findall(text))
    in_entries = Counter(word for text in entries for word in LATIN.findall(text))
    lemma_counts: Counter[str] = Counter()
    for row in read_rows(data, LEMMAS):
        for word in (row["en"], *row["forms"]):
            if LATIN.fullmatch(word):
                # ECDICT counts a lemma with all its forms
                lemma_counts[word] = max(
                    lemma_counts[word], row["count"] // (1 + len(row["forms"]))
                )
    rank = Counter[str]()
    for word in {*counts, *in_entries, *lemma_counts}:
        rank[word] = 10 * counts[word] + 3 * in_entries[word] + lemma_counts[word] // 200
    for entry in must:
        rank.update(dict.fromkeys(LATIN.findall(entry), 100))
    words = [
        word for word, n in rank.most_common(int(size * ENGLISH_SHARE)) if n > 0 and len(word) > 1
    ]
    total = math.log(sum(counts.values()))
    english = [
        (word, math.log(counts[word] + 0.1 * in_entries[word] + 0.1) - total - TOKEN_COST)
        for word in words
    ]
    inside = set(words)
    grams: Counter[str] = Counter()
    for word, count in (counts + in_entries).items():
        weight = 1 + math.log(count)
        for width in range(2, 6):
            for start in range(len(word) - width + 1):
                grams[word[start : start + width]] += int(10 * weight)
    chosen = [
        g for g, _ in sorted(grams.items(), key=lambda g: -g[1] * len(g[0])) if g not in inside
    ]
    pieces = [chr(ord("a") + i) for i in range(26)] + chosen[: int(size * PIECE_SHARE)]
    return english, [(piece, PIECE_SCORE - (3.0 if len(piece) == 1 else 0.0)) for piece in pieces]


def _numbers(texts: Iterable[str]) -> list[tuple[str, float]]:
    """Years, 0 to 999 and frequent figures whole; any other number from these."""
    counts = Counter(number for text in texts for number in re.findall(r"[0-9]+", text))
    numbers = {str(n) for n in (*range(1000), *range(1900, 2060))} | {f"{n:02d}" for n in range(10)}
    numbers |= {n for n, count in counts.most_common(2000) if count >= 8}
    total = math.log(1 + sum(counts.values()))
    return sorted((n, math.log(counts[n] + 0.5) - total - TOKEN_COST) for n in numbers)
