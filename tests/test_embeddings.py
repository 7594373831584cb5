"""The shipped table read with and without torch, and other models behind the same protocol."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rag
from embeddings import load_encoder
from embeddings.static import StaticTable
from embeddings.transformer import ModelUnavailable

FOLDER = Path(__file__).resolve().parent.parent / "embeddings" / "bilingual"
TEXTS = [
    "",
    "   \n",
    "☃ ∮ ᚠᛇᚻ",  # nothing the table knows
    "会议强调，要做好双碳数据分析工作。",
    "會議強調，要做好雙碳數據分析工作。",
    "What did the carbon meeting decide?",
    "ＷＨＡＴ did Zhāng Lìwěi say on 2022-09-15, 1.87万 or 11.2%?",
    "xqzv " * 300,
    "深圳" * 500,
]


@pytest.fixture(scope="module")
def table() -> StaticTable:
    loaded = load_encoder("bilingual")
    assert isinstance(loaded, StaticTable)
    return loaded


def test_the_table_agrees_with_sentence_transformers_on_every_text(table: StaticTable) -> None:
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(FOLDER), device="cpu").float()
    wanted = theirs.encode(TEXTS, convert_to_numpy=True)
    for found in (table.encode_query(TEXTS), table.encode_document(TEXTS)):
        assert found.dtype == np.float32
        assert found.shape == wanted.shape == (len(TEXTS), table.dim)
        assert np.abs(found - wanted).max() < 1e-5


def test_a_text_without_known_tokens_gives_zeros_and_others_unit_length(table: StaticTable) -> None:
    lengths = np.linalg.norm(table.encode_document(TEXTS), axis=1)
    assert lengths[:3].tolist() == [0.0, 0.0, 0.0]
    assert lengths[3:] == pytest.approx(np.ones(len(TEXTS) - 3), abs=1e-5)


def test_one_text_gives_two_dimensions(table: StaticTable) -> None:
    assert table.encode_query(["碳"]).shape == (1, table.dim)
    assert table.encode_query([]).shape == (0, table.dim)


def test_script_case_and_width_are_folded_in_the_tokenizer(table: StaticTable) -> None:
    simplified, traditional = table.tokenize(["深圳龙岗区的会议", "深圳龍崗區的會議"])
    assert simplified.tolist() == traditional.tolist()
    lower, upper = table.tokenize(["carbon meeting", "ＣＡＲＢＯＮ Meeting"])
    assert lower.tolist() == upper.tolist()


def test_spans_are_where_the_words_stand(table: StaticTable) -> None:
    text = "市長說：The Mayor spoke."
    words = [text[start:end] for _, start, end in table.tokenize_spans(text)]
    assert "".join(words) == "市長說TheMayorspoke"


def test_words_are_whole_and_their_kinds_known(table: StaticTable) -> None:
    (ids,) = table.tokenize(["mayor 市长 nanshan 南山 2022"])
    assert [table.tokens[i] for i in ids] == ["mayor", "市长", "nanshan", "南山", "2022"]
    assert table.are_english(ids).tolist() == [True, False, True, False, False]
    assert table.are_chinese(ids).tolist() == [False, True, False, True, False]
    assert table.are_names(ids).tolist() == [False, False, True, True, False]


def test_translations_are_near_and_other_names_far(table: StaticTable) -> None:
    (ids,) = table.tokenize(["carbon 碳 longgang 龙岗 宝安"])
    vectors = table.rows(ids)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    carbon, tan, longgang, lg, baoan = unit
    assert carbon @ tan > 0.5
    assert longgang @ lg > 0.5 > longgang @ baoan
    assert table.reach(ids)[0] >= float(carbon @ tan) - 1e-3


def test_the_folder_is_small_and_complete() -> None:
    files = {path.name: path.stat().st_size for path in FOLDER.rglob("*") if path.is_file()}
    assert sum(files.values()) <= 52_000_000
    assert {
        "model.safetensors",
        "tokenizer.json",
        "modules.json",
        "README.md",
        "training.log",
    } <= set(files)
    assert json.loads((FOLDER / "modules.json").read_text())[0]["type"].endswith("StaticEmbedding")


def test_asking_never_imports_torch(sample_index_dir: Path) -> None:
    script = (
        "import sys, rag\n"
        f"rag.open_index({str(sample_index_dir)!r}).ask('What did the carbon meeting decide?')\n"
        "heavy = {'torch', 'sentence_transformers', 'transformers', 'gradio', 'trafilatura'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"


def test_another_model_takes_its_own_prompts(tiny_model: Path) -> None:
    encoder = load_encoder(str(tiny_model))
    question, passage = encoder.encode_query(["abc"]), encoder.encode_document(["abc"])
    assert question.shape == passage.shape == (1, encoder.dim)
    assert np.linalg.norm(question) == pytest.approx(1.0, abs=1e-5)
    assert np.abs(question - passage).max() > 1e-4  # "question abc" is not "passage abc"


def test_another_model_serves_the_dense_signal(tiny_model: Path, tmp_path: Path) -> None:
    story = tmp_path / "a.txt"
    story.write_text(
        "碳达峰会议召开\n\n昨日，会议决定了五件事。市区报道的会议一在市里。" * 4, encoding="utf-8"
    )
    stats = rag.build_index([story], tmp_path / "index", model=str(tiny_model))
    assert stats.embedded == stats.passages > 0
    index = rag.open_index(tmp_path / "index")
    assert index.info().model == str(tiny_model)
    assert index.retrieve("会议决定了什么？", k=1)[0].signals["dense"] > 0
    assert (
        rag.build_index([story], tmp_path / "index", model=str(tiny_model)).reused == stats.passages
    )
    again = rag.build_index([story], tmp_path / "index")  # other vectors: none is reused
    assert again.reused == 0


def test_another_models_change_is_noticed(tiny_model: Path, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(tiny_model, model)
    story = tmp_path / "a.txt"
    story.write_text(
        "碳达峰会议召开\n\n昨日，会议决定了五件事。市区报道的会议一在市里。", encoding="utf-8"
    )
    rag.build_index([story], tmp_path / "index", model=str(model))
    (weights,) = model.rglob("model.safetensors")
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(rag.ModelMismatchError, match="revision"):
        rag.open_index(tmp_path / "index")


def test_an_unreachable_model_is_one_line_that_names_the_default(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(ModelUnavailable) as caught:
        load_encoder("nobody/no-such-model")
    assert "bilingual" in str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(rag.ModelError, match="bilingual"):
        rag.build_index([tmp_path], tmp_path / "index", model="nobody/no-such-model")
