"""Reading on its own, without an index: look at what was read of files, and score it.

Here the readers are given the bilingual table, as a build gives it to them. It holds no rule and no
measure.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag import config, inspect
from rag.types import TokenTable

if TYPE_CHECKING:
    from rag.evaluate import IngestReport


def inspect_files(
    paths: Sequence[str | Path], *, progress: Callable[[int, int, str], None] | None = None
) -> inspect.Inspection:
    """Read files and folders as a build would, and say of each document what was made of it.

    Nothing raises: what cannot be read is named with the reason.

    Args:
        paths: files and folders, folders recursively.
        progress: called with (done, total, path).
    """
    return inspect.inspect_paths(paths, load_table(), progress)


def evaluate_ingest(folder: str | Path) -> IngestReport:
    """Score the reading of the documents in a folder against its `gold.json`.

    Raises:
        InputError: the folder has no `gold.json`, or it is malformed.
    """
    from rag import evaluate

    return evaluate.evaluate_ingest(Path(folder), load_table())


def load_table() -> TokenTable:
    """The bilingual table, as a build gives it to the readers."""
    from embeddings import load_encoder
    from embeddings.static import StaticTable

    table = load_encoder(config.DEFAULT_MODEL)
    assert isinstance(table, StaticTable)
    return table
