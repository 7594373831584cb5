"""The training code on data small enough to check: gradients, word list, folding, a run end to
end.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from embeddings.train import sources
from embeddings.train.rows import find_headwords
from embeddings.train.smooth import smooth
from embeddings.train.sources import LEMMAS, SOURCES, plain_sense
from embeddings.train.table import Batch, Stage, late_scores, train
from embeddings.train.wordlist import build_tokenizer, folding_rules


def write_rows(data: Path, file: str, rows: Sequence[Mapping[str, object]]) -> None:
    path = data / "train" / f"{file}.jsonl.gz"
    path.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every source, a few rows each, what is our own among them."""
    folder = tmp_path_factory.mktemp("data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "OWN", folder / "train")
        fill(folder)
        yield folder


def fill(folder: Path) -> None:
    pairs = [("图书馆", "library"), ("学校", "school"), ("会议", "meeting"), ("河流", "river")]
    for source in SOURCES:
        kind, name = source.file.split("/")
        rows: list[Mapping[str, object]] = []
        for zh, en in pairs * 6:
            if name == "cc-cedict":
                rows.append({"zh": zh, "trad": zh, "pinyin": "x", "en": [en]})
            elif name == "synonyms":
                rows.append({"zh": [zh, f"{zh}处"]})
            elif kind == "dictionary" or name in {"glossary", "names", "words"}:
                rows.append({"zh": zh, "en": [en]})
            elif kind == "parallel":
                rows.append({"zh": f"昨日{zh}开放", "en": f"the {en} opened yesterday"})
            elif kind == "qa":
                rows.append({"question": f"{zh}开放了吗", "passage": f"昨日{zh}开放", "title": zh})
            elif kind == "titled":
                rows.append({"title": zh, "body": f"昨日{zh}开放"})
            else:
                sides = {"zh": f"昨日{zh}开放", "en": f"the {en} opened", "title_zh": zh}
                rows.append(sides | {"q_en": f"when did the {en} open", "q_zh": f"{zh}几时开放"})
        write_rows(folder, source.file, rows)
    write_rows(
        folder,
        "dictionary/cc-cedict",
        [
            *({"zh": zh, "trad": zh, "pinyin": "x", "en": [en]} for zh, en in pairs),
            {
                "zh": "龙岗区",
                "trad": "龍崗區",
                "pinyin": "Long2 gang3 Qu1",
                "en": ["Longgang, a district of Shenzhen City"],
            },
            {"zh": "南宁", "trad": "南寧", "pinyin": "Nan2 ning2", "en": ["Nanning"]},
            {"zh": "㝉", "trad": "宁", "pinyin": "zhu4", "en": ["to store"]},
        ],
    )
    write_rows(folder, LEMMAS, [{"en": "open", "count": 900, "forms": ["opened", "opens"]}])


def test_late_scores_and_their_gradient_are_the_naive_ones() -> None:
    generator = torch.Generator().manual_seed(0)
    leaf = torch.randn(30, 8, dtype=torch.double, generator=generator)
    queries, passages = (torch.randint(-1, 30, (4, n), generator=generator) for n in (5, 7))
    results = []
    for late in (late_scores, naive_late):
        table = leaf.clone().requires_grad_()
        scores = late(table, queries, passages)
        (scores * torch.arange(16).view(4, 4)).sum().backward()
        results.append((scores.detach(), table.grad))
    for fast_value, naive_value in zip(*results, strict=True):
        assert torch.allclose(fast_value, naive_value, atol=1e-9)


def naive_late(table: Any, queries: Any, passages: Any) -> Any:
    a, b = table[queries.clamp(min=0)], table[passages.clamp(min=0)]
    unit_a, unit_b = (v / (v.norm(dim=-1, keepdim=True) + 1e-6) for v in (a, b))
    cosines = torch.einsum("ith,jsh->ijts", unit_a, unit_b)
    there = (passages >= 0)[None, :, None, :]
    best = cosines.masked_fill(~there, 0).amax(-1).clamp(min=0).square()
    weights = a.norm(dim=-1) * (queries >= 0)
    weights = weights / weights.sum(dim=1, keepdim=True)
    return torch.einsum("it,ijt->ij", weights, best)


def test_folding_is_width_case_accents_and_script() -> None:
    rules = folding_rules({"龍": "龙"})
    assert (rules["Ａ"], rules["Ü"], rules["龍"], rules["①"]) == ("a", "u", "龙", "1")
    assert "龙" not in rules


def test_the_tokenizer_finds_words_and_bare_place_names(data: Path) -> None:
    tokenizer = build_tokenizer(data, 1700, lambda line: None)
    assert tokenizer.encode("龍崗區").tokens[0] == "龙岗"
    assert tokenizer.encode("南宁 library, 2023年3月").tokens == [
        "南宁",
        "library",
        "2023",
        "年",
        "3",
        "月",
    ]
    assert tokenizer.encode("!?，。").tokens == []


def test_training_pulls_translations_together(data: Path) -> None:
    from embeddings.train.pairs import load_pairs

    tokenizer = build_tokenizer(data, 1700, lambda line: None)
    stages = (
        Stage(60, Batch(16, 12, 12, 0.02), 0, Batch(8, 12, 12, 0.005)),
        Stage(10, Batch(16, 12, 12, 0.01), 2, Batch(8, 12, 12, 0.005)),
    )
    said: list[str] = []
    table = train(
        load_pairs(data, tokenizer),
        tokenizer.get_vocab_size(),
        32,
        0,
        said.append,
        lambda *a: None,
        stages,
    )
    vectors = {w: table[tokenizer.token_to_id(w)] for w in ("图书馆", "library", "river")}

    def cosine(a: str, b: str) -> float:
        return float(
            vectors[a] @ vectors[b] / np.linalg.norm(vectors[a]) / np.linalg.norm(vectors[b])
        )

    assert cosine("图书馆", "library") > cosine("图书馆", "river") + 0.3
    assert not table[0].any()


def test_a_sense_loses_its_remarks() -> None:
    assert plain_sense("(coll.) to open [a door]; wide") == "to open ; wide"


def test_smoothing_moves_a_row_to_its_neighbours_and_evens_lengths() -> None:
    rng = np.random.default_rng(0)
    far = rng.normal(size=(40, 64)).astype(np.float32)
    table = np.concatenate([np.zeros((1, 64), np.float32), far])
    table[1] = [3.0] + [0.0] * 63
    table[2] = [0.8 * 2, 0.6 * 2] + [0.0] * 62  # cosine 0.8 with the row before, the only near one
    smoothed = smooth(table)
    expected = 0.7 * np.array([1.0, 0.0]) + 0.3 * np.array([0.8, 0.6])
    assert smoothed[1, :2] == pytest.approx(expected * 3.0**0.6, abs=1e-5)
    lengths = np.linalg.norm(table[3:], axis=1, keepdims=True)
    assert smoothed[3:] == pytest.approx(table[3:] / lengths * lengths**0.6, abs=1e-5)
    assert not smoothed[0].any()


def test_headwords_are_lemmas_in_use(data: Path) -> None:
    assert find_headwords(data) == {"open"}
