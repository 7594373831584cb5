"""The bilingual token table, without torch: numpy, `tokenizers` and a memory-mapped safetensors
file.

The folder is an ordinary sentence-transformers model (StaticEmbedding, then Normalize), and this
reads the same files. A row is stored as 256 numbers of eight bits and one scale. A text's vector is
the mean of its tokens' rows at unit length; the rows themselves serve lexical translation, late
interaction and glosses.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

FloatMatrix = npt.NDArray[np.float32]
TokenIds = npt.NDArray[np.int32]
UNKNOWN = 0
BATCH = 4096
CHINESE, ENGLISH, NAME, HEADWORD = 1, 2, 4, 8  # flags of a token's kind
_DTYPES = {"F32": "<f4", "F16": "<f2", "I8": "i1", "U8": "u1"}


class StaticTable:
    """One vector a token; see `rag.types.TokenTable`."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._folder = folder
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tensors = _memory_map(folder / "model.safetensors")
        self._rows = tensors["embeddings"]
        self._scales = np.array(tensors["weights"])
        self._kinds = np.array(tensors["token.kind"])
        self._reach = np.array(tensors["token.reach"])
        self.dim = int(self._rows.shape[1])

    @cached_property
    def revision(self) -> str:
        """Hash of the weights' header and edges and of the tokenizer's size: cheap, and new with
        each training.
        """
        digest = hashlib.blake2b(digest_size=6)
        digest.update(repr(self._rows.shape).encode())
        digest.update(np.ascontiguousarray(self._rows[:: max(1, len(self._rows) // 256)]).tobytes())
        digest.update(str((self._folder / "tokenizer.json").stat().st_size).encode())
        return digest.hexdigest()

    def rows(self, ids: npt.NDArray[np.integer]) -> FloatMatrix:
        """(n, dim) float32: the vectors of some tokens, not normalised; informative tokens are
        long.
        """
        return np.asarray(self._rows[ids] * self._scales[ids][:, None], dtype=np.float32)

    @cached_property
    def tokens(self) -> Sequence[str]:
        """The token of each row."""
        return _Tokens(self._tokenizer)

    def are_chinese(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """(n,) whether each token is Chinese."""
        return (self._kinds[ids] & CHINESE) > 0

    def are_english(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """(n,) whether each token is a whole English word."""
        return (self._kinds[ids] & ENGLISH) > 0

    def are_names(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """(n,) whether each token is only ever a name; a name has no near-synonym."""
        return (self._kinds[ids] & NAME) > 0

    def are_headwords(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
        """(n,) whether each token is an English dictionary's headword; "districts" is none."""
        return (self._kinds[ids] & HEADWORD) > 0

    def reach(self, ids: npt.NDArray[np.int32]) -> npt.NDArray[np.float32]:
        """(n,) each token's cosine with its nearest word of the other language, 0 where it has
        none.
        """
        return self._reach[ids].astype(np.float32)

    def tokenize(self, texts: Sequence[str]) -> list[TokenIds]:
        """The row numbers of each text's tokens, in order, without unknown ones."""
        found: list[TokenIds] = []
        for start in range(0, len(texts), BATCH):
            for encoding in self._tokenizer.encode_batch_fast(
                list(texts[start : start + BATCH]), add_special_tokens=False
            ):
                ids = np.array(encoding.ids, dtype=np.int32)
                found.append(ids[ids != UNKNOWN])
        return found

    def tokenize_spans(self, text: str) -> list[tuple[int, int, int]]:
        """(row, start, end) of each known token, offsets into `text`."""
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return [
            (row, start, end)
            for row, (start, end) in zip(encoding.ids, encoding.offsets, strict=True)
            if row != UNKNOWN
        ]

    def fold(self, text: str) -> str:
        """The text as its tokens see it: simplified characters, small letters, no accents."""
        return str(self._tokenizer.normalizer.normalize_str(text))

    @cached_property
    def calibration(self) -> dict[str, Any]:
        """What turns evidence into a confidence, as `benchmarks/calibrate.py` fitted it."""
        text = (self._folder / "calibration.json").read_text(encoding="utf-8")
        return dict(json.loads(text))

    def encode_query(self, texts: Sequence[str]) -> FloatMatrix:
        """(n, dim) float32, unit length; zeros for a text without known tokens."""
        return self.encode_document(texts)

    def encode_document(self, texts: Sequence[str]) -> FloatMatrix:
        """(n, dim) float32, unit length; zeros for a text without known tokens."""
        means = np.zeros((len(texts), self.dim), dtype=np.float32)
        for i, ids in enumerate(self.tokenize(texts)):
            if len(ids):
                means[i] = self.rows(ids).sum(axis=0)
        lengths = np.linalg.norm(means, axis=1, keepdims=True)
        return np.asarray(means / np.maximum(lengths, 1e-12), dtype=np.float32)


class _Tokens(Sequence[str]):
    """A tokenizer's tokens by row; a list of all of them would take a fifth of a second to make."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def __len__(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    @overload
    def __getitem__(self, row: int) -> str: ...

    @overload
    def __getitem__(self, row: slice) -> list[str]: ...

    def __getitem__(self, row: int | slice) -> str | list[str]:
        if isinstance(row, slice):
            return [self[i] for i in range(*row.indices(len(self)))]
        token = self._tokenizer.id_to_token(int(row) if row >= 0 else len(self) + int(row))
        if token is None:
            raise IndexError(row)
        return str(token)


def _memory_map(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The tensors of a safetensors file, memory-mapped.

    The format: eight bytes of header length (little endian), a JSON header with each tensor's
    dtype, shape and byte range behind the header, then the bytes
    (https://github.com/huggingface/safetensors#format).
    """
    with path.open("rb") as file:
        behind = 8 + int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(behind - 8))
    return {
        name: np.memmap(
            path,
            dtype=_DTYPES[entry["dtype"]],
            mode="r",
            offset=behind + entry["data_offsets"][0],
            shape=tuple(entry["shape"]),
        )
        for name, entry in header.items()
        if name != "__metadata__"
    }
