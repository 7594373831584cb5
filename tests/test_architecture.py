"""Who may import whom, and what nobody does, read from the syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = [
    *sorted(ROOT.glob("rag/**/*.py")),
    *sorted(ROOT.glob("embeddings/**/*.py")),
    ROOT / "ui.py",
]

BASE = {"rag.types", "rag.errors", "rag.config", "rag.text", "rag.files"}
MATHS = {
    f"rag.{name}"
    for name in """
        aliases bigrams cues differences evidence gloss names numbers question signals spelling when
    """.split()
}
AROUND = {f"rag.{name}" for name in ("explain", "landscape", "similar", "suggest", "wording")}
ASKING = {f"rag.evaluate.{name}" for name in ("running", "beir", "answers", "questions")}
# Which of our modules a module may import besides itself; the longest matching name counts.
MAY_IMPORT = {
    "rag.types": set[str](),
    "rag.errors": set[str](),
    "rag.config": {"rag.errors"},
    "rag.text": {"rag.types"},
    "rag.files": set[str](),
    "rag.ingest": BASE,
    "rag.chunk": BASE,
    "rag.index": BASE,
    **dict.fromkeys(MATHS, BASE | MATHS),
    "rag.support": BASE | MATHS | {"rag.ingest.surnames"},
    "rag.generate": BASE | MATHS | {"rag.support"},
    "rag.retrieve": BASE | MATHS | {"rag.index"},
    "rag.answer": BASE | MATHS,
    **dict.fromkeys(AROUND, BASE | MATHS),
    "rag.digest": BASE | MATHS | {"rag.answer"},
    "rag.explain": BASE | MATHS | {"rag.retrieve"},
    "rag.suggest": BASE | {"rag.wording"},
    "rag.engine": BASE
    | MATHS
    | AROUND
    | {"rag.ingest", "rag.chunk", "rag.index", "rag.retrieve", "rag.answer", "rag.digest"}
    | {"rag.generate"}
    | {"embeddings"},
    "rag.inspect": BASE | {"rag.ingest", "rag.chunk"},
    "rag.report": BASE | {"rag.ingest.model", "rag.inspect"},
    "rag.evaluate": BASE | {"rag.ingest"},
    **dict.fromkeys(ASKING, BASE | {"rag.evaluate", "rag.engine", "rag.index", "rag.ingest"}),
    "rag.reading": BASE | {"rag.inspect", "rag.evaluate", "embeddings"},
    "rag.uploads": BASE | {"rag.engine", "rag.index", "rag.ingest", "rag.reading"},
    "rag.feedback": BASE | {"rag.index"},
    "rag.cite": BASE | {"rag.names"},
    "rag": BASE
    | {"rag.engine", "rag.inspect", "rag.report", "rag.evaluate", "rag.reading"}
    | {"rag.cite", "rag.feedback", "rag.generate", "rag.uploads"},
    "rag.console": set[str](),
    "rag.settings": {"rag.config", "rag.errors"},
    "rag.doctor": {"rag", "rag.config", "embeddings"},
    "rag.mcp": {"rag", "rag.config"},
    "rag.langchain": {"rag", "rag.config"},
    "rag.tables": {"rag", "rag.console", "rag.doctor"},
    "rag.cli": {"rag", "rag.config", "rag.console", "rag.settings", "rag.tables", "ui"}
    | {"rag.doctor", "rag.mcp"},
    "rag.__main__": {"rag.cli"},
    "rag.page": {"rag", "rag.config"},
    "ui": {"rag", "rag.config", "rag.page", "rag.mcp"},
    "embeddings": set[str](),
}
HEAVY = {"torch", "sentence_transformers", "transformers", "gradio", "sentencepiece"}
HEAVY |= {"mcp", "langchain_core"}
# What a module is made of; such a module is itself imported inside functions alone, or by nobody.
MADE_OF = {"ui": {"gradio"}, "rag.mcp": {"mcp"}, "rag.langchain": {"langchain_core"}}
UNPICKLERS = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """(module, at module level?) for every import; `from rag import text` counts as `rag.text`."""
    ours = {name_of(file) for file in FILES}
    package = name_of(path) if path.name == "__init__.py" else name_of(path).rpartition(".")[0]

    def walk(node: ast.AST, top: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name, top) for alias in child.names)
            elif isinstance(child, ast.ImportFrom):
                base = child.module or ""
                if child.level:
                    anchor = package.split(".")[: len(package.split(".")) - child.level + 1]
                    base = ".".join([*anchor, *filter(None, [child.module])])
                for alias in child.names:
                    full = f"{base}.{alias.name}"
                    yield (full if full in ours else base), top
            else:
                function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                yield from walk(child, top and not function)

    return walk(ast.parse(path.read_text(encoding="utf-8")), True)


def within(module: str, name: str) -> bool:
    return module == name or module.startswith(f"{name}.")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_imports_flow_one_way(path: Path) -> None:
    module = name_of(path)
    layer = max((name for name in MAY_IMPORT if within(module, name)), key=len)
    for imported, _ in imports(path):
        if imported.split(".")[0] in {"rag", "embeddings", "ui"}:
            own = layer != "rag" and within(imported, layer)
            public = any(
                imported == name or (name != "rag" and within(imported, name))
                for name in MAY_IMPORT[layer]
            )
            assert own or public, f"{module} imports {imported}"


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {name_of(path): {imported for imported, _ in imports(path)} for path in FILES}
    order = list(TopologicalSorter(graph).static_order())  # CycleError names the circle
    assert order.index("rag.types") < order.index("rag.engine") < order.index("rag")


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_heavy_imports_wait_inside_functions(path: Path) -> None:
    allowed = MADE_OF.get(name_of(path), set[str]())
    if not within(name_of(path), "embeddings.train"):
        at_top = [imported for imported, top in imports(path) if top]
        assert not {imported.split(".")[0] for imported in at_top} & HEAVY - allowed
        assert not {name for name in at_top if name in MADE_OF}


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_nothing_is_unpickled_and_every_module_says_what_it_is(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), f"{name_of(path)} has no docstring"
    assert not {imported.split(".")[0] for imported, _ in imports(path)} & UNPICKLERS
    keywords = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.keyword)]
    assert {word for word in keywords if word.startswith("allow_pickle")} <= {"allow_pickle=False"}


def test_only_serve_starts_the_page() -> None:
    tree = ast.parse((ROOT / "rag/cli.py").read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    starters = [f.name for f in functions if "import ui" in ast.unparse(f)]
    assert starters == ["serve"]
