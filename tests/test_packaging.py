"""What is shipped: the wheel's files, the folder of wheels, the container's recipe."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest

from rag.settings import VARIABLES

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
RECIPE = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"))
STEPS = [
    (line.split(" ", 1)[0], line.split(" ", 1)[1])
    for line in RECIPE.splitlines()
    if line and not line.startswith("#")
]


def steps(kind: str) -> list[str]:
    return [rest for name, rest in STEPS if name == kind]


def test_the_wheel_holds_the_library_the_model_and_the_page() -> None:
    included = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert set(included) == {"rag", "embeddings", "ui.py", "ui_assets"}
    needed = "rag/cli.py ui.py ui_assets/page.css embeddings/bilingual/model.safetensors"
    for name in needed.split():
        assert (ROOT / name).is_file()
        assert name.split("/")[0] in included
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()  # hatchling leaves it out
    assert not [name for name in ignored if name.strip("/").split("/")[0] in included]


def test_wheels_are_exactly_what_the_lock_names() -> None:
    def lines(*targets: str) -> str:
        command = ["make", "-n", "VENV=none", *targets]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    planned = [shlex.split(line) for line in lines("wheels").splitlines() if " wheel " in line]
    assert [line[-1] for line in planned] == [
        next(
            pin
            for pin in (ROOT / "requirements.lock").read_text().splitlines()
            if pin.startswith("torch==")
        ),
        "requirements.lock",
        ".",
    ]
    for line in planned:
        assert "--no-deps" in line
        assert line[line.index("--wheel-dir") + 1] == "wheels"
    assert "/wheels/" in (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert '"wheels"' in lines("clean")


def test_the_image_copies_what_is_there_and_the_build_sends_it() -> None:
    kept = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {source for step in steps("COPY") for source in step.split()[:-1]}
    assert copied == kept
    assert copied >= set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])
    assert all((ROOT / source).exists() for source in copied)


def test_the_image_installs_the_lock_and_nothing_else() -> None:
    (base,) = steps("FROM")
    floor = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert base == f"python:{floor}-slim"
    installs = [
        part.split("pip install ")[1]
        for step in steps("RUN")
        for part in step.split("&&")
        if "pip install" in part
    ]
    torch, lock, project = installs
    assert "--index-url https://download.pytorch.org/whl/cpu" in torch
    assert "torch==$(sed -n 's/^torch==//p' requirements.lock)" in torch
    assert (lock.strip(), project) == ("-r requirements.lock", "--no-deps .")


def test_the_container_runs_as_nobody_special_and_checks_itself() -> None:
    assert steps("USER") == ["wenbao"]
    kinds = [name for name, _ in STEPS]
    assert kinds.index("USER") > max(n for n, name in enumerate(kinds) if name == "RUN")
    assert json.loads(steps("VOLUME")[0]) == ["/articles", "/index"]
    settings = dict(pair.split("=") for step in steps("ENV") for pair in step.split())
    ours = {name for name in settings if name.startswith("WENBAO_")}
    assert ours <= set(VARIABLES)
    assert (settings["WENBAO_HOST"], settings["HF_HUB_OFFLINE"]) == ("0.0.0.0", "1")
    check = steps("HEALTHCHECK")[0].split("CMD ")[1]
    assert json.loads(check) == ["wenbao", "doctor", "--serving"]
    assert json.loads(steps("CMD")[0])[:2] == ["sh", "-c"]


@pytest.mark.parametrize("page", ["docs/docker.md"])
def test_the_documented_command_publishes_to_this_machine_alone(page: str) -> None:
    published = re.findall(r"--publish (\S+)", (ROOT / page).read_text(encoding="utf-8"))
    assert published
    assert set(published) == {"127.0.0.1:7860:7860"}
