"""What several test files share: an index over the sample articles, a tiny model, a browser.

The index is built once a session by the real engine with the shipped model, outside the repository.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

import rag
from rag.cli import main
from tests.command import Result, Wenbao

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def sample_articles() -> Path:
    return ROOT / "data" / "articles"


@pytest.fixture(scope="session")
def sample_index_dir(sample_articles: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index folder over `data/articles`: read it, copy it, never write to it."""
    folder = tmp_path_factory.mktemp("sample") / "index"
    rag.build_index([str(sample_articles)], str(folder))
    return folder


@pytest.fixture(scope="session")
def sample_index(sample_index_dir: Path) -> rag.Index:
    return rag.open_index(str(sample_index_dir))


@pytest.fixture
def wenbao(capsys: pytest.CaptureFixture[str]) -> Wenbao:
    """Runs the command with its arguments."""

    def run(*args: object) -> Result:
        with pytest.raises(SystemExit) as stopped:
            main([str(arg) for arg in args])
        return Result(int(stopped.value.code or 0), *capsys.readouterr())

    return run


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a sentence-transformers model of a few kilobytes: characters, one layer."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    tokens = ["[PAD]", "[UNK]", *"abcdefghijklmnopqrstuvwxyz0123456789的一是在市区会议报道"]
    words = models.WordLevel({token: row for row, token in enumerate(tokens)}, unk_token="[UNK]")
    tokenizer = Tokenizer(words)
    tokenizer.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer, unk_token="[UNK]", pad_token="[PAD]", model_max_length=64
    ).save_pretrained(folder / "bert")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokens),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
    )
    BertModel(config).save_pretrained(folder / "bert")
    model = SentenceTransformer(
        modules=[Transformer(str(folder / "bert")), Pooling(16)],
        prompts={"query": "question ", "document": "passage "},
    )
    model.save(str(folder / "model"), create_model_card=False)
    return folder / "model"


@pytest.fixture(scope="session")
def chromium() -> str:
    """The system's Chromium; without one a skip, or a failure with WENBAO_REQUIRE_BROWSER set."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    for name in names:
        if found := shutil.which(name):
            return found
    for path in (
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ):
        if os.access(path, os.X_OK):
            return path
    reason = f"no browser: none of {', '.join(names)} is installed"
    if os.environ.get("WENBAO_REQUIRE_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)
