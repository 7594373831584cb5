"""`python -m embeddings.train --data DIR --out FOLDER`: the whole run, from sources to a model.

About an hour on two cores. Writes a sentence-transformers folder and `training.log`; a checkpoint
after each tenth of a stage goes to `--work`. The same data, seed and library versions give the same
table up to the order of floating-point sums.
"""

from __future__ import annotations

import argparse
import platform
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from tokenizers import Tokenizer

from embeddings.train.pairs import load_pairs, sampling_weights
from embeddings.train.rows import find_headwords, find_names, kinds, reach
from embeddings.train.smooth import mix_lemmas, smooth
from embeddings.train.table import STAGES, train
from embeddings.train.wordlist import build_tokenizer


def quantise(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(rows, dim) int8 and (rows,) float32 scales, whose product is the table to within half a
    step: a row's step is its largest number over 127.
    """
    scales = np.abs(table).max(axis=1).astype(np.float32) / 127
    steps = np.round(table / np.maximum(scales, 1e-12)[:, None])
    return steps.astype(np.int8), scales


def save(
    folder: Path, tokenizer: Tokenizer, table: np.ndarray, flags: npt.NDArray[np.uint8]
) -> None:
    """Write an ordinary sentence-transformers model with 8-bit weights.

    sentence-transformers multiplies `embeddings` by `weights` as it reads them, and leaves two
    more tensors alone: `token.kind` and `token.reach`.
    """
    from safetensors.numpy import save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, StaticEmbedding

    rows, scales = quantise(table)
    weights = rows * scales[:, None]
    modules: list[torch.nn.Module] = [
        StaticEmbedding(tokenizer, torch.from_numpy(weights)),
        Normalize(),
    ]
    SentenceTransformer(modules=modules).save(str(folder), create_model_card=False)
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    save_file(
        {
            "embeddings": rows,
            "weights": scales,
            "token.kind": flags,
            "token.reach": reach(weights, flags),
        },
        folder / "model.safetensors",
    )
    (folder / "model.safetensors").chmod(0o644)


def main() -> None:
    """Parse the arguments and run every step."""
    parser = argparse.ArgumentParser(prog="embeddings.train", description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True, help="folder that holds train/")
    parser.add_argument("--out", type=Path, required=True, help="model folder to write")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--size", type=int, default=155_000, help="rows of the table")
    parser.add_argument("--dim", type=int, default=256)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    args.work.mkdir(parents=True, exist_ok=True)
    began = time.time()
    with (args.out / "training.log").open("w", encoding="utf-8") as log:

        def say(line: str) -> None:
            stamped = f"{time.time() - began:7.0f} s  {line}"
            print(stamped, flush=True)
            log.write(stamped + "\n")
            log.flush()

        say(
            f"seed {args.seed}, {args.size} rows of {args.dim}, "
            f"Python {platform.python_version()}, "
            f"torch {torch.__version__}, {torch.get_num_threads()} threads"
        )
        tokenizer = build_tokenizer(args.data, args.size, say)
        tokenizer.save(str(args.work / "tokenizer.json"), pretty=False)
        sets = load_pairs(args.data, tokenizer)
        for pairs, chance in zip(sets, sampling_weights(sets), strict=True):
            say(f"{len(pairs):8,} pairs of {pairs.name}, sampled {chance:.4f}")
        for stage in STAGES:
            say(repr(stage))
        table = train(
            sets,
            tokenizer.get_vocab_size(),
            args.dim,
            args.seed,
            say,
            lambda name, rows: np.save(args.work / f"{name}.npy", rows),
        )
        np.save(args.work / "averaged.npy", table)
        say(f"lemmas mixed into {mix_lemmas(table, tokenizer, args.data):,} inflected forms")
        table = smooth(table)
        say("rows smoothed over their neighbours, lengths evened out")
        names = set(find_names(args.data, tokenizer))
        say(f"{len(names):,} rows are names")
        save(args.out, tokenizer, table, kinds(tokenizer, names, find_headwords(args.data)))
        say("done")


if __name__ == "__main__":
    main()
