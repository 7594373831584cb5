"""`rag.__all__` is the public API: it exists, it is documented, and nothing else is public."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import rag

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = {"build_index", "open_index", "retrieve", "ask", "is_stale", "Index", "IndexInfo"}
CONTRACT |= {"Article", "Passage", "Hit", "Answer", "Citation", "BuildStats", "WenbaoError"}
CONTRACT |= {"inspect_files", "write_report", "Inspection", "evaluate_ingest", "IngestReport"}
CONTRACT |= {"evaluate_questions", "QuestionReport", "SetReport", "Part", "Figure"}


def test_all_is_complete_and_names_nothing_private() -> None:
    public = {
        name
        for name, value in vars(rag).items()
        if not name.startswith("_")
        and not inspect.ismodule(value)
        and getattr(value, "__module__", "").startswith("rag")
    }
    assert public <= set(rag.__all__)
    assert set(rag.__all__) >= CONTRACT
    assert len(rag.__all__) == len(set(rag.__all__))


@pytest.mark.parametrize("name", rag.__all__)
def test_every_public_name_exists_and_is_documented(name: str) -> None:
    value = getattr(rag, name)
    if inspect.isclass(value) or inspect.isroutine(value):
        doc = inspect.getdoc(value) or ""
        assert doc, f"rag.{name} has no docstring"
        assert not doc.startswith(f"{name}("), f"rag.{name} has only the docstring dataclass made"
    if inspect.isclass(value):
        for attribute, member in vars(value).items():
            if inspect.isfunction(member) and not attribute.startswith("_"):
                assert member.__doc__, f"rag.{name}.{attribute} has no docstring"


def test_the_readme_speaks_only_of_names_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    mentioned = set(re.findall(r"\brag\.([A-Za-z_]+)\b(?!\.py)", readme))
    modules = {path.stem for path in (ROOT / "rag").iterdir()}
    assert mentioned, "the README shows no call"
    assert mentioned <= set(rag.__all__) | modules
