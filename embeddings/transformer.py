"""Any sentence-transformers model, from a hub or a folder, behind the same protocol.

It takes the place of the dense signal alone; the bilingual table still serves the others. Query and
document prompts are the model's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatMatrix = npt.NDArray[np.float32]


class ModelUnavailable(Exception):
    """A model could not be loaded; the message is one line and names the default."""


class TransformerEncoder:
    """A SentenceTransformer; see `rag.types.Encoder`."""

    def __init__(self, name: str) -> None:
        from sentence_transformers import SentenceTransformer

        try:
            self._model = SentenceTransformer(name)
        except (OSError, ValueError, ImportError, RuntimeError) as error:
            reason = (
                str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            )
            raise ModelUnavailable(
                f"cannot load the model {name!r} ({reason[:160]}): check the name and the network, "
                "or leave out --model to use the built-in 'bilingual'"
            ) from error
        self.name = name
        self.dim = int(self.encode_query(["?"]).shape[1])

    @property
    def revision(self) -> str:
        """The hub's commit where it is known, else a hash of the folder's weight files' sizes and
        times.
        """
        folder = Path(self.name)
        if not folder.is_dir():
            commit = getattr(getattr(self._model[0], "auto_model", None), "config", None)
            return str(getattr(commit, "_commit_hash", None) or "unknown")
        digest = hashlib.blake2b(digest_size=6)
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                digest.update(f"{file.relative_to(folder)}:{file.stat().st_size}".encode())
                if file.suffix == ".safetensors":
                    digest.update(file.read_bytes())
        return digest.hexdigest()

    def encode_query(self, texts: Sequence[str]) -> FloatMatrix:
        """(n, dim) float32, unit length, with the model's query prompt."""
        return np.asarray(
            self._model.encode_query(
                list(texts), normalize_embeddings=True, show_progress_bar=False
            ),
            dtype=np.float32,
        )

    def encode_document(self, texts: Sequence[str]) -> FloatMatrix:
        """(n, dim) float32, unit length, with the model's document prompt."""
        return np.asarray(
            self._model.encode_document(
                list(texts), normalize_embeddings=True, show_progress_bar=False
            ),
            dtype=np.float32,
        )
