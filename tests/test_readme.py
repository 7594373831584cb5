"""Every code block of README.md and docs/*.md is run, each in a copy of what `make chat` leaves.

`make` lines run as `make -n`; the hub model is replaced by a tiny one made here; the Windows lines
are held against the Makefile, and those that call `wenbao` are run. What needs Docker, another
machine or a shell's own files stands in the docs as `text`, and is not run.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
HUB_MODEL = "BAAI/bge-m3"


class Block(NamedTuple):
    """One fenced block, the heading it stands under, and its language."""

    heading: str
    language: str
    code: str


def blocks(page: str) -> list[Block]:
    found, heading = [], ""
    for match in re.finditer(r"^#+ ([^\n]+)$|^```(\w*)\n(.*?)^```$", page, re.M | re.S):
        if match[1]:
            heading = match[1]
        else:
            found.append(Block(heading, match[2], match[3]))
    return found


PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("docs/*.md"))}
DOCUMENTED = [(name, block) for name, page in PAGES.items() for block in blocks(page)]
BLOCKS = blocks(README)
BASH = [block for block in BLOCKS if block.language == "bash"]
PYTHON = [block for block in BLOCKS if block.language == "python"]
WINDOWS = [block for block in BLOCKS if block.language == "powershell"]


@pytest.fixture
def newcomer(tmp_path: Path, sample_index_dir: Path) -> Path:
    """A folder with the sample articles, their index in `index`, and other articles in ~/papers."""
    home = tmp_path / "wenbao"
    shutil.copytree(ROOT / "data", home / "data")
    shutil.copytree(sample_index_dir, home / "index")
    (tmp_path / "papers").mkdir()
    shutil.copy(ROOT / "data/articles/flood_drill.md", tmp_path / "papers")
    for name in ("Makefile", "pyproject.toml", "requirements.lock", "requirements-test.lock"):
        shutil.copy(ROOT / name, home)
    return home


def run(command: list[str], home: Path) -> str:
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    with socket.create_server(("127.0.0.1", 0)) as place:
        port = str(place.getsockname()[1])  # 7860 may be taken here
    environment = os.environ | {"HOME": str(home.parent), "PATH": path, "HF_HUB_OFFLINE": "1"}
    environment |= {"PYTHONUTF8": "1", "WENBAO_PORT": port}
    environment.pop("MAKEFLAGS", None)
    done = subprocess.run(
        command,
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, f"{shlex.join(command)}\n{done.stdout}{done.stderr}"
    return done.stdout


def test_there_is_no_block_that_nobody_runs() -> None:
    assert {block.language for block in BLOCKS} == {"bash", "python", "powershell", ""}
    diagrams = [block.heading for block in BLOCKS if not block.language]
    assert diagrams == ["How it works"]
    assert {block.heading for block in BASH + PYTHON} >= {
        "Ask from the command line",
        "Retrieve from a script",
        "Rebuild on a new folder",
        "Use another model",
    }


def test_the_first_screen_holds_the_two_commands_and_the_picture() -> None:
    screen = README[: README.index("## ")]
    assert [block.code for block in BASH[:2]] == ["make chat\n", "make test\n"]
    assert screen.count("```bash") == 2
    picture = re.search(r"!\[.+\]\((.+)\)", screen)
    assert picture
    assert (ROOT / picture[1]).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("block", BASH, ids=lambda block: block.code.split("\n")[0][:40])
def test_bash_blocks_run(block: Block, newcomer: Path, request: pytest.FixtureRequest) -> None:
    code = re.sub(r"^make\b", "make -n", block.code, flags=re.M)
    if block.heading == "Use another model":
        assert HUB_MODEL in code
        code = code.replace(HUB_MODEL, str(request.getfixturevalue("tiny_model")))
    assert run(["bash", "-euo", "pipefail", "-c", code], newcomer).strip()


@pytest.mark.parametrize("block", PYTHON, ids=lambda block: block.heading)
def test_python_blocks_run(block: Block, newcomer: Path) -> None:
    printed = run([sys.executable, "-X", "utf8", "-c", block.code], newcomer)
    assert "[1]" in printed
    assert "音乐学院" in printed


def test_the_windows_lines_do_what_the_makefile_does(newcomer: Path) -> None:
    (block,) = WINDOWS
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lines = block.code.replace(".venv\\Scripts\\", "").replace("\\", "/").splitlines()
    installs = [line.partition("pip install ")[2] for line in lines if "pip install" in line]
    assert lines[0] == "python -m venv .venv"
    assert installs == ["-r requirements.lock", "--no-deps --editable ."]
    assert all(f"install --quiet {install}\n" in makefile for install in installs)
    assert lines[-1] == "wenbao serve"  # runs until it is stopped: tests/test_cli.py starts it
    shutil.rmtree(newcomer / "index")
    for line in lines[1:-1]:
        if line.startswith("wenbao"):
            assert "articles" in run(line.split(), newcomer)


@pytest.mark.parametrize(
    ("name", "block"),
    DOCUMENTED,
    ids=lambda value: value if isinstance(value, str) else f"{value.heading} {value.language}",
)
def test_blocks_of_the_docs_run(name: str, block: Block, newcomer: Path) -> None:
    if block.language == "bash":
        code = re.sub(r"^make\b", "make -n", block.code, flags=re.M)
        assert run(["bash", "-euo", "pipefail", "-c", code], newcomer).strip()
    elif block.language == "python":
        assert run([sys.executable, "-X", "utf8", "-c", block.code], newcomer).strip()
    elif block.language == "json":
        assert json.loads(block.code)
    elif block.language == "toml":
        assert tomllib.loads(block.code)
        (newcomer / "wenbao.toml").write_text(block.code, encoding="utf-8")
        assert run(["wenbao", "info", "--index", "index"], newcomer)
    else:
        assert block.language == "text", f"{name} has a block that nobody runs: {block.heading}"


@pytest.mark.parametrize("name", ["README.md", *PAGES])
def test_links_lead_somewhere(name: str) -> None:
    folder, page = (ROOT, README) if name == "README.md" else (ROOT / "docs", PAGES[name])
    for target in re.findall(r"\]\((?!https?://)([^)#]+)\)", page):
        assert (folder / target).exists(), target
