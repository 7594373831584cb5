"""The doctor: each check finds its fault, names the fix, and is quiet where all is well."""

from __future__ import annotations

import errno
import hashlib
import http.server
import json
import os
import shutil
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import rag
from rag import doctor
from rag.doctor import CHECKSUMS, MODEL, Check, checkup
from tests.command import Wenbao

NAMES = ["python", "packages", "model", "index", "index folder", "disk", "port"]


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.create_server(("127.0.0.1", 0)) as place:
        return int(place.getsockname()[1])


@contextmanager
def answering(page: str) -> Iterator[int]:
    """A server that gives this page; its port."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def of(name: str, checks: tuple[Check, ...]) -> Check:
    (found,) = [check for check in checks if check.name == name]
    return found


def test_a_sound_installation_is_all_ok(sample_index_dir: Path, port: int) -> None:
    checks = checkup(sample_index_dir, port=port)
    assert [check.name for check in checks] == NAMES
    assert {(check.status, check.fix) for check in checks} == {("ok", "")}


def test_the_shipped_checksums_are_those_of_the_model() -> None:
    """Renew them with `sha256sum` when the model changes; the card and the log are not in it."""
    listed = {}
    for line in (MODEL / CHECKSUMS).read_text(encoding="ascii").splitlines():
        checksum, _, name = line.partition("  ")
        listed[name] = checksum
    held = {
        path.relative_to(MODEL).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in MODEL.rglob("*")
        if path.is_file() and path.name not in (CHECKSUMS, "README.md", "training.log")
    }
    assert listed == held


def test_no_index_yet_is_a_hint_unless_one_was_named(tmp_path: Path, port: int) -> None:
    for named, status in ((False, "hint"), (True, "problem")):
        found = of("index", checkup(tmp_path / "none", port=port, must_exist=named))
        assert found.status == status
        assert found.fix == f"wenbao index PATH --index {tmp_path / 'none'}"
    assert not (tmp_path / "none").exists()


def test_any_damaged_file_of_the_index_is_found(
    sample_index_dir: Path, tmp_path: Path, port: int
) -> None:
    generation = rag.open_index(sample_index_dir).info().generation
    for name in ("articles.sqlite", "dense.faiss", "manifest.json"):
        copy = tmp_path / name
        shutil.copytree(sample_index_dir, copy)
        file = copy / generation / name
        file.write_bytes(file.read_bytes()[:-1])
        found = of("index", checkup(copy, port=port))
        assert found.status == "problem"
        assert name in found.found
        assert "wenbao index PATH" in found.fix


def test_an_index_of_another_model_is_found(
    sample_index_dir: Path, tmp_path: Path, port: int
) -> None:
    shutil.copytree(sample_index_dir, tmp_path / "idx")
    manifest = tmp_path / "idx" / rag.open_index(sample_index_dir).info().generation
    manifest /= "manifest.json"
    values = json.loads(manifest.read_text(encoding="utf-8"))
    manifest.write_text(json.dumps(values | {"revision": "older"}), encoding="utf-8")
    found = of("index", checkup(tmp_path / "idx", port=port))
    assert found.status == "problem"
    assert "revision older" in found.found
    assert found.fix == "rebuild with `wenbao index PATH`"


def test_a_damaged_or_missing_model_is_found_and_not_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_index_dir: Path, port: int
) -> None:
    copy = tmp_path / "bilingual"
    shutil.copytree(MODEL, copy)
    monkeypatch.setattr(doctor, "MODEL", copy)
    monkeypatch.setattr(doctor, "load_encoder", lambda: pytest.fail("loaded"))
    weights = copy / "model.safetensors"
    with weights.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    checks = checkup(sample_index_dir, port=port)
    assert of("model", checks).found == f"{weights} is damaged"
    assert "git checkout" in of("model", checks).fix
    assert "index" not in [check.name for check in checks]
    weights.unlink()
    assert str(weights) in of("model", checkup(sample_index_dir, port=port)).found


def test_an_old_a_missing_and_no_package(
    monkeypatch: pytest.MonkeyPatch, sample_index_dir: Path, port: int
) -> None:
    lines = ["numpy>=99", "no-such-package>=1.2", "rich>=14", 'absent>=1; extra == "test"']
    monkeypatch.setattr(doctor, "requires", lambda _: lines)
    found = of("packages", checkup(sample_index_dir, port=port))
    assert found.status == "problem"
    assert "wenbao needs >=99; no-such-package is missing, wenbao needs >=1.2" in found.found
    assert found.fix == 'python -m pip install "numpy>=99" "no-such-package>=1.2"'

    def gone(_: str) -> Any:
        raise PackageNotFoundError

    monkeypatch.setattr(doctor, "requires", gone)
    assert "--editable ." in of("packages", checkup(sample_index_dir, port=port)).fix


def test_an_old_python(monkeypatch: pytest.MonkeyPatch, sample_index_dir: Path, port: int) -> None:
    monkeypatch.setattr(doctor, "metadata", lambda _: {"Requires-Python": ">=3.99"})
    found = of("python", checkup(sample_index_dir, port=port))
    assert found.status == "problem"
    assert found.found.startswith(".".join(map(str, sys.version_info[:2])))


def test_a_folder_that_cannot_be_written_and_a_full_disk(
    monkeypatch: pytest.MonkeyPatch, sample_index_dir: Path, tmp_path: Path, port: int
) -> None:
    def refused(dir: Path) -> Any:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.TemporaryFile", refused)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=10))
    checks = checkup(tmp_path / "deep" / "none", port=port)
    assert of("index folder", checks).found == f"{tmp_path} cannot be written (Permission denied)"
    assert of("disk", checks).status == "problem"
    assert "0.2 GB" in of("disk", checks).fix
    serving = [check.name for check in checkup(sample_index_dir, port=port, serving=True)]
    assert serving == ["python", "packages", "model", "index", "port"]


def test_a_taken_port_is_ours_or_a_problem(sample_index_dir: Path, port: int) -> None:
    with answering("<title>问报 Wenbao</title>") as ours:
        for serving in (False, True):
            found = of("port", checkup(sample_index_dir, port=ours, serving=serving))
            assert (found.status, found.fix) == ("ok", "")
            assert "answers" in found.found
    with answering("<title>Another</title>") as theirs:
        found = of("port", checkup(sample_index_dir, port=theirs))
        assert found.status == "problem"
        assert found.fix == f"wenbao serve --port {theirs + 1}"
    found = of("port", checkup(sample_index_dir, port=port, serving=True))
    assert (found.status, found.fix) == ("problem", "wenbao serve")


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_this_machines(
    host: str, sample_index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror

    if host.endswith("invalid"):
        monkeypatch.setattr(socket, "getaddrinfo", unknown)
    found = of("port", checkup(sample_index_dir, host=host))
    assert found.status == "problem"
    assert "cannot listen" in found.found
    with pytest.raises(rag.InputError, match="65535"):
        checkup(sample_index_dir, port=0)


def test_the_command_prints_a_line_a_check_and_exits_1_for_a_problem(
    wenbao: Wenbao, sample_index_dir: Path, tmp_path: Path, port: int
) -> None:
    sound = wenbao("doctor", "--index", sample_index_dir, "--port", port)
    assert (sound.code, sound.err) == (0, "")
    assert [line.split()[0] for line in sound.out.splitlines()] == ["ok"] * len(NAMES)
    missing = wenbao("doctor", "--index", tmp_path / "none", "--port", port)
    assert missing.code == 1
    assert f"wenbao index PATH --index {tmp_path / 'none'}" in missing.out
    assert missing.err == "error: 1 of 7 checks found a problem\n"


def test_the_json_is_the_checks_alone(
    wenbao: Wenbao, tmp_path: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = wenbao("doctor", "--port", port, "--json")
    found = json.loads(result.out)
    assert (result.code, found["schema"], found["ok"]) == (0, rag.SCHEMA, True)
    assert [check["name"] for check in found["checks"]] == NAMES
    assert found["checks"][3] == of("index", checkup(port=port)).to_dict()
    assert [check["status"] for check in found["checks"]].count("hint") == 1
    named = json.loads(wenbao("doctor", "--index", "index", "--port", port, "--json").out)
    assert named["ok"] is False
