"""`wenbao.toml` and the environment: what a command line leaves out.

Reads one TOML file and a few variables into plain values, and checks them here, so that an error
names the file or the variable. Order: command line, environment, file, built-in default. Nothing
here opens an index or reads an article.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from rag.config import MAX_K
from rag.errors import InputError

FILE: Final = "wenbao.toml"
FILE_VARIABLE: Final = "WENBAO_CONFIG"
KINDS: Final = {  # each setting and what it holds
    "index": "text",
    "articles": "a list of paths",
    "model": "text",
    "k": "a whole number",
    "host": "text",
    "port": "a whole number",
    "llm_url": "text",
    "llm_model": "text",
}
RANGES: Final = {"k": (1, MAX_K), "port": (1, 65535)}
VARIABLES: Final = {
    f"WENBAO_{name.upper()}": name
    for name in ("index", "host", "port", "model", "llm_url", "llm_model")
}
_ASKING: Final = ("index", "k", "llm_url", "llm_model")
# Which settings a command takes, and the name of its parameter where that is another one. `ask`
# takes no model: an index remembers its own. `eval` takes nothing: its figures must not depend on
# a file that lies about.
TAKES: Final[Mapping[str, Mapping[str, str]]] = {
    "index": {"articles": "paths", "index": "index", "model": "model"},
    "ask": {name: name for name in _ASKING},
    "search": {"index": "index", "k": "k"},
    "serve": {name: name for name in ("index", "host", "port", "llm_url", "llm_model")},
    "info": {"index": "index"},
    "add": {"index": "index"},
    "feedback": {"index": "index"},
    "mcp": {"index": "index"},
    "doctor": {name: name for name in ("index", "host", "port")},
}


def read_settings(
    file: str | Path | None = None, environment: Mapping[str, str] = os.environ
) -> dict[str, Any]:
    """The settings of the environment, then of `file`; of none where there is no file.

    Args:
        file: a TOML file; None takes WENBAO_CONFIG, or `wenbao.toml` in the current folder if it is
            there. A relative index, article or model folder is looked for beside the file.
        environment: variables; an empty one counts as not set.

    Raises:
        InputError: the file is missing or no TOML, or a key or value is not allowed.
    """
    named = file or environment.get(FILE_VARIABLE) or None
    values: dict[str, Any] = {}
    if named is not None or Path(FILE).is_file():
        values |= _of_file(Path(named or FILE).expanduser())
    return values | dict(_of_variables(environment))


def defaults(settings: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The settings as each command's parameters: {command: {parameter: value}}."""
    return {
        command: {
            parameter: settings[name] for name, parameter in takes.items() if name in settings
        }
        for command, takes in TAKES.items()
    }


def _of_file(path: Path) -> dict[str, Any]:
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot read {path} ({error.strerror}): name another --config") from error
    except ValueError as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path} is not TOML ({reason}): put it right, or remove it") from error
    for name, value in values.items():
        _check(f"{path}: {name}", name, value)
    return {name: _beside(path.parent, name, value) for name, value in values.items()}


def _of_variables(environment: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    for variable, name in VARIABLES.items():
        text = environment.get(variable, "").strip()
        if text:
            number = name in RANGES and text.isascii() and text.isdigit()
            value = int(text) if number else text
            _check(variable, name, value)
            yield name, value


def _check(where: str, name: str, value: object) -> None:
    """Refuse a name that is no setting, and a value of another kind."""
    if name not in KINDS:
        raise InputError(f"{where} is no setting: use {', '.join(KINDS)}")
    kind = KINDS[name]
    right = {
        "text": isinstance(value, str) and bool(value.strip()),
        "a whole number": isinstance(value, int) and not isinstance(value, bool),
        "a list of paths": isinstance(value, list)
        and bool(value)
        and all(isinstance(entry, str) and entry.strip() for entry in value),
    }
    if not right[kind]:
        raise InputError(f"{where} is {value!r}: it takes {kind}")
    if name in RANGES:
        low, high = RANGES[name]
        if not (isinstance(value, int) and low <= value <= high):
            raise InputError(f"{where} is {value}: it takes {low} to {high}")


def _beside(folder: Path, name: str, value: Any) -> Any:
    """A relative path as one beside the file; an address on the web or a hub name as it is."""
    if name == "articles":
        return [entry if "://" in entry else _joined(folder, entry) for entry in value]
    if name == "index" or (name == "model" and Path(_joined(folder, value)).is_dir()):
        return _joined(folder, value)
    return value


def _joined(folder: Path, path: str) -> str:
    return str(folder / Path(path).expanduser())
