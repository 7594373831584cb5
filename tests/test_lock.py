"""The lock holds what the project needs on every system, no more; what is imported is declared."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from functools import cache
from importlib.metadata import distribution, packages_distributions, requires, version
from pathlib import Path
from typing import cast

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SYSTEMS = [
    {"sys_platform": "linux", "platform_system": "Linux", "os_name": "posix"},
    {"sys_platform": "darwin", "platform_system": "Darwin", "os_name": "posix"},
    {"sys_platform": "win32", "platform_system": "Windows", "os_name": "nt"},
]


def names_of(lines: list[str]) -> set[str]:
    return {canonicalize_name(Requirement(line).name) for line in lines}


@cache
def locked(name: str) -> dict[str, Requirement]:
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and line[0] not in "#-"]
    return {canonicalize_name(pin.name): pin for pin in pins}


def environment_of(system: dict[str, str], python: str) -> dict[str, str]:
    """What a marker sees on that system with that Python."""
    versions = {"python_version": python, "python_full_version": f"{python}.0"}
    return {**cast(dict[str, str], default_environment()), **system, **versions}


def needed(roots: list[str], system: dict[str, str], python: str) -> set[str]:
    """The names of all that `roots` pull in there, by the metadata of what is installed here."""
    environment = environment_of(system, python)
    found: set[str] = set()
    todo = [Requirement(root) for root in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    while todo:
        requirement = todo.pop()
        key = canonicalize_name(requirement.name), frozenset(requirement.extras)
        # CUDA comes with torch from the default index alone; we never lock it.
        if key in seen or re.match(r"nvidia-|cuda-|triton", key[0]):
            continue
        seen.add(key)
        found.add(key[0])
        marked = locked("requirements.lock").get(key[0])
        if marked is not None and marked.marker is not None and not marked.marker.evaluate():
            continue  # needed elsewhere, so not installed here
        for line in requires(key[0]) or []:
            child = Requirement(line)
            extras = key[1] or {""}
            if child.marker is None or any(
                child.marker.evaluate(environment | {"extra": extra}) for extra in extras
            ):
                todo.append(child)
    return found


def test_the_lock_holds_what_every_system_needs_and_no_more() -> None:
    lock = locked("requirements.lock")
    union: set[str] = set()
    for system in SYSTEMS:
        for python in ("3.11", "3.12", "3.13"):
            names = needed(PROJECT["dependencies"], system, python)
            environment = environment_of(system, python)
            here = {
                n for n, pin in lock.items() if not pin.marker or pin.marker.evaluate(environment)
            }
            assert names <= here, f"not locked for {system['sys_platform']}: {names - here}"
            union |= names
    assert set(lock) == union
    assert all(re.fullmatch(r"==[^*,]+", str(pin.specifier)) for pin in lock.values())


def test_the_tests_run_on_the_locked_versions() -> None:
    for name, pin in {**locked("requirements.lock"), **locked("requirements-test.lock")}.items():
        if pin.marker is None or pin.marker.evaluate():
            assert version(name).split("+")[0] == str(pin.specifier).removeprefix("=="), name


def test_everything_imported_is_declared() -> None:
    declared = names_of(PROJECT["dependencies"])
    train = {
        canonicalize_name(Requirement(x).name) for x in PROJECT["optional-dependencies"]["train"]
    }
    owners = packages_distributions()
    files = [*ROOT.glob("rag/**/*.py"), *ROOT.glob("embeddings/**/*.py"), ROOT / "ui.py"]
    for path in files:
        allowed = declared | train if "train" in path.parts else declared
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {n.name for i in ast.walk(tree) if isinstance(i, ast.Import) for n in i.names}
        names |= {
            node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module and not node.level
        }
        for top in {name.split(".")[0] for name in names} - {"rag", "embeddings", "ui"}:
            if top not in sys.stdlib_module_names:
                packages = {canonicalize_name(owner) for owner in owners.get(top, [top])}
                assert packages & allowed, f"{path.relative_to(ROOT)} imports {top}"


def test_the_four_packages_and_the_torch_pin_are_core() -> None:
    declared = names_of(PROJECT["dependencies"])
    core = {"sentence-transformers", "faiss-cpu", "gradio", "langchain-text-splitters"}
    assert core <= declared
    assert "torch==2.13.0" in PROJECT["dependencies"]
    assert str(locked("requirements.lock")["torch"].specifier) == "==2.13.0"
    for name in core:
        assert distribution(name).version == str(locked("requirements.lock")[name].specifier)[2:]
