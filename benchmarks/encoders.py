"""Passages a second: the table beside the architectures of two hub models, on one core.

    python -m benchmarks.encoders

The models' weights play no part in their speed, so they are random here and nothing is downloaded:
multilingual-e5-small is a BERT of 12 layers of 384, bge-m3 an XLM-RoBERTa of 24 layers of 1,024.
Each is given batches of eight passages of 180 tokens, about what 250 Chinese characters come to in
their vocabulary; the table is given passages of 250 characters and tokenises them itself, which the
other two are spared.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

from benchmarks.scale import read
from embeddings import load_encoder

BATCH, TOKENS, CHARACTERS = 8, 180, 250
SECONDS = 10.0


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    table = load_encoder("bilingual")
    text = "".join(row["zh"] for row in read("news"))
    passages = [text[i : i + CHARACTERS] for i in range(0, 500 * CHARACTERS, CHARACTERS)]
    report("this table", len(passages), lambda: table.encode_document(passages))
    small = BertConfig(
        vocab_size=250_037,
        hidden_size=384,
        num_hidden_layers=12,
        num_attention_heads=12,
        intermediate_size=1536,
    )
    large = XLMRobertaConfig(
        vocab_size=250_002,
        hidden_size=1024,
        num_hidden_layers=24,
        num_attention_heads=16,
        intermediate_size=4096,
        max_position_embeddings=8194,
    )
    ids = torch.randint(5, 250_000, (BATCH, TOKENS))
    for name, model in (
        ("as multilingual-e5-small", BertModel(small)),
        ("as bge-m3", XLMRobertaModel(large)),
    ):
        model.eval()
        with torch.inference_mode():
            report(name, BATCH, lambda model=model: model(ids))  # type: ignore[misc]


def report(name: str, passages: int, encode: Callable[[], object]) -> None:
    """Print how many passages a second a call that encodes some of them makes."""
    encode()
    began, calls = time.perf_counter(), 0
    while time.perf_counter() - began < SECONDS:
        encode()
        calls += 1
    speed = passages * calls / (time.perf_counter() - began)
    print(f"{name:28s} {speed:10,.1f} passages/s")


if __name__ == "__main__":
    main()
