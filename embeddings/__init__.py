"""Text encoders: the shipped bilingual table, or any sentence-transformers model.

`load_encoder` is the only public name. Nothing here imports `rag`, and torch is imported only for a
model that needs it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from embeddings.static import StaticTable
    from embeddings.transformer import TransformerEncoder

__all__ = ["load_encoder"]

DEFAULT_MODEL = "bilingual"


def load_encoder(name: str = DEFAULT_MODEL) -> StaticTable | TransformerEncoder:
    """The encoder called `name`.

    `"bilingual"` is the shipped table (Chinese and English; numpy and `tokenizers` alone), which is
    loaded once, as it is only ever read. Anything else is a folder or a hub name for
    sentence-transformers, whose own query and document prompts are used.

    Raises:
        embeddings.transformer.ModelUnavailable: the folder is no model, or the hub cannot be
        reached;
            one line that names the default.
    """
    if name == DEFAULT_MODEL:
        return _shipped()
    from embeddings.transformer import TransformerEncoder

    return TransformerEncoder(name)


@cache
def _shipped() -> StaticTable:
    from embeddings.static import StaticTable

    return StaticTable(Path(__file__).parent / DEFAULT_MODEL, DEFAULT_MODEL)
