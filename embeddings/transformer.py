"""Any sentence-transformers model, from a hub or a folder, behind the same protocol.

It takes the place of the dense signal alone; the bilingual table still serves the others. Query and
document prompts are the model's own.
"""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

import numpy as np
import numpy.typing as npt

FloatMatrix = npt.NDArray[np.float32]


class ModelUnavailable(Exception):
    """A model could not be loaded; the message is one line and names the default."""


class TransformerEncoder:
    """A SentenceTransformer; see `rag.types.Encoder`."""

    def __init__(self, name: str) -> None:
        if not (Path(name).is_dir() or _cached(name) or _hub_answers()):
            raise ModelUnavailable(
                f"the model {name!r} is no folder and its hub cannot be reached: check the name "
                "and the network, or leave out --model to use the built-in 'bilingual'"
            )
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


def _cached(name: str) -> bool:
    """Whether an earlier run has downloaded the model."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return isinstance(try_to_load_from_cache(name, "config.json"), str)
    except HFValidationError:
        return False


def _hub_answers() -> bool:
    """Whether the hub can be reached; asked first, so that being offline costs no retries."""
    from huggingface_hub.constants import ENDPOINT

    if getproxies():
        return True  # the proxy knows
    hub = urlsplit(ENDPOINT)
    try:
        socket.create_connection((hub.hostname or "", hub.port or 443), timeout=5).close()
    except OSError:
        return False
    return True
