"""`wenbao.toml` and the environment: what wins, where paths point, what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import typer

import rag
from rag.cli import app
from rag.settings import KINDS, TAKES, VARIABLES, defaults, read_settings
from tests.command import Wenbao

WHOLE = """
index = "index"
articles = ["papers", "https://example.org/sitemap.xml", "/elsewhere"]
model = "BAAI/bge-m3"
k = 7
host = "0.0.0.0"
port = 8000
llm_url = "http://127.0.0.1:11434/v1"
llm_model = "small"
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder and no variable of ours."""
    monkeypatch.chdir(tmp_path)
    for variable in (*VARIABLES, "WENBAO_CONFIG"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


def test_without_a_file_or_a_variable_nothing_is_set() -> None:
    assert read_settings() == {}
    assert all(values == {} for values in defaults({}).values())


def test_a_file_may_set_everything(here: Path) -> None:
    (here / "wenbao.toml").write_text(WHOLE, encoding="utf-8")
    values = read_settings()
    assert set(values) == set(KINDS)
    assert (values["index"], values["articles"][0]) == ("index", "papers")
    assert defaults(values)["serve"]["port"] == 8000
    assert defaults(values)["index"]["paths"] == values["articles"]


def test_paths_are_beside_the_file_and_addresses_stay(here: Path) -> None:
    folder = here / "deep"
    (folder / "BAAI" / "bge-m3").mkdir(parents=True)
    (folder / "mine.toml").write_text(WHOLE, encoding="utf-8")
    values = read_settings("deep/mine.toml")
    assert values["index"] == str(Path("deep/index"))
    assert values["articles"] == [
        str(Path("deep/papers")),
        "https://example.org/sitemap.xml",
        str(Path("/elsewhere")),
    ]
    assert values["model"] == str(Path("deep/BAAI/bge-m3"))
    (folder / "BAAI" / "bge-m3").rmdir()
    assert read_settings("deep/mine.toml")["model"] == "BAAI/bge-m3"


def test_the_environment_wins_over_the_file_and_may_name_it(here: Path) -> None:
    (here / "other.toml").write_text('index = "a"\nport = 1\nhost = "h"\n', encoding="utf-8")
    environment = {
        "WENBAO_CONFIG": "other.toml",
        "WENBAO_INDEX": "b",
        "WENBAO_PORT": "9000",
        "WENBAO_HOST": "",
        "WENBAO_LLM_MODEL": "m",
    }
    expected = {"index": "b", "port": 9000, "host": "h", "llm_model": "m"}
    assert read_settings(environment=environment) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("indx = 'a'", "wenbao.toml: indx is no setting: use index, articles, model, k, host"),
        ("[serve]\nport = 1", "wenbao.toml: serve is no setting"),
        ("port = '8000'", "wenbao.toml: port is '8000': it takes a whole number"),
        ("port = true", "port is True: it takes a whole number"),
        ("port = 70000", "port is 70000: it takes 1 to 65535"),
        ("k = 0", "k is 0: it takes 1 to 100"),
        ("articles = 'papers'", "articles is 'papers': it takes a list of paths"),
        ("articles = ['a', 1]", "it takes a list of paths"),
        ("articles = []", "it takes a list of paths"),
        ("index = ''", "index is '': it takes text"),
        ("index = ", "wenbao.toml is not TOML"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(
    text: str, said: str, here: Path, wenbao: Wenbao
) -> None:
    (here / "wenbao.toml").write_text(text, encoding="utf-8")
    with pytest.raises(rag.InputError) as caught:
        read_settings()
    assert said in str(caught.value)
    result = wenbao("info")
    assert (result.code, result.out) == (1, "")
    assert result.err == f"error: {caught.value}\n"


def test_a_file_that_is_no_text_or_not_there_is_named(here: Path) -> None:
    (here / "wenbao.toml").write_bytes(b"index = '\xff'")
    with pytest.raises(rag.InputError, match=r"wenbao\.toml is not TOML"):
        read_settings()
    with pytest.raises(rag.InputError, match=r"cannot read none\.toml .*--config"):
        read_settings("none.toml")


def test_a_mistake_in_a_variable_names_it() -> None:
    for value in ("soon", "0", "70000", "-1", "８０"):
        with pytest.raises(rag.InputError, match="WENBAO_PORT is"):
            read_settings(environment={"WENBAO_PORT": value})


def test_every_option_that_a_setting_can_fill_is_filled() -> None:
    """All but the model that `ask` and `search` insist on, and everything of `eval`."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for name, command in commands.items():
        parameters = {parameter.name for parameter in command.params}
        if name in TAKES:
            taken = set(TAKES[name].values())
            missing = (parameters & set(KINDS)) - taken
            assert missing == ({"model"} if name in ("ask", "search") else set()), name
            assert taken - {"llm_url", "llm_model"} <= parameters
    assert set(commands) - set(TAKES) == {"inspect", "eval"}


def test_line_then_environment_then_file_then_default(
    wenbao: Wenbao, here: Path, sample_index_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hits(*options: str) -> int:
        return len(json.loads(wenbao("search", "会议", "--json", *options).out)["hits"])

    assert hits("--index", str(sample_index_dir)) == 5
    (here / "wenbao.toml").write_text("k = 2\nindex = 'wrong'", encoding="utf-8")
    assert "wrong" in wenbao("search", "会议").err
    monkeypatch.setenv("WENBAO_INDEX", str(sample_index_dir))
    assert hits() == 2
    assert hits("-k", "3") == 3
    assert "other" in wenbao("search", "会议", "--index", "other").err
    (here / "none.toml").touch()
    monkeypatch.setenv("WENBAO_CONFIG", "none.toml")
    assert hits() == 5
    found = json.loads(wenbao("--config", "wenbao.toml", "search", "会议", "--json").out)
    assert len(found["hits"]) == 2


def test_index_without_a_path_reads_the_articles_of_the_file(wenbao: Wenbao, here: Path) -> None:
    assert wenbao("index").code == 2
    (here / "papers").mkdir()
    (here / "papers/new.md").write_text("# 新桥\n\n新桥今天通车。\n", encoding="utf-8")
    (here / "wenbao.toml").write_text("index = 'idx'\narticles = ['papers']", encoding="utf-8")
    assert wenbao("index").code == 0
    assert json.loads(wenbao("info", "--json").out)["articles"] == 1
    assert wenbao("index", "elsewhere").code == 1


def test_eval_is_asked_of_what_it_always_is(wenbao: Wenbao, here: Path) -> None:
    (here / "wenbao.toml").write_text("index = 'idx'\narticles = ['papers']", encoding="utf-8")
    assert "data/questions.jsonl" in wenbao("eval").err


def test_a_shell_can_complete_commands_and_options() -> None:
    def completed(**variables: str) -> str:
        command = [sys.executable, "-m", "rag"]
        environment = {"PATH": "", "PYTHONIOENCODING": "utf-8", **variables}
        return subprocess.run(command, env=environment, capture_output=True, text=True).stdout

    assert completed(
        _WENBAO_COMPLETE="complete_bash", COMP_WORDS="wenbao se", COMP_CWORD="1"
    ).split() == ["search", "serve"]
    options = completed(
        _WENBAO_COMPLETE="complete_bash", COMP_WORDS="wenbao doctor --se", COMP_CWORD="2"
    )
    assert options.split() == ["--serving"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_a_shell_is_shown(
    shell: str, wenbao: Wenbao, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    result = wenbao("--show-completion", shell)
    assert result.code == 0
    assert f"_WENBAO_COMPLETE=complete_{shell}" in result.out
