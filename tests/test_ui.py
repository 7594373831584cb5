"""The page's wiring: its endpoints, its files, its first page. A browser is not needed here."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from gradio_client import Client  # type: ignore[import-untyped]
from gradio_client.exceptions import AppError  # type: ignore[import-untyped]

import rag
import ui
from rag.config import ServeSettings
from rag.errors import MissingIndexError

CARBON = "What did the carbon meeting decide?"


@contextmanager
def served(index_dir: Path, **options: object) -> Iterator[str]:
    desk = ui.Desk(str(index_dir))
    page = ui.build(desk)
    _, url, _ = page.launch(prevent_thread_lock=True, **(ui.launch_options(desk) | options))
    try:
        yield url
    finally:
        page.close()


@pytest.fixture(scope="module")
def url(sample_index_dir: Path) -> Iterator[str]:
    with served(sample_index_dir) as url:
        yield url


@pytest.fixture(scope="module")
def client(url: str) -> Client:
    return Client(url, verbose=False, download_files=False)


def get(url: str, path: str) -> tuple[int, dict[str, str], bytes]:
    """Ask for a path as it stands: nothing tidies it up on the way."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        headers = {name.lower(): value for name, value in response.getheaders()}
        return response.status, headers, response.read()
    finally:
        connection.close()


# --- endpoints ----------------------------------------------------------------------------------


def test_the_public_endpoints_are_these_and_documented(client: Client) -> None:
    api = client.view_api(return_format="dict")
    assert set(api["named_endpoints"]) == {"/ask", "/retrieve", "/articles", "/rebuild"}
    assert not api["unnamed_endpoints"]
    names = [p["parameter_name"] for p in api["named_endpoints"]["/ask"]["parameters"]]
    assert names[:2] == ["question", "history"]
    assert {"k", "date_from", "date_to", "source", "language"} <= set(names)
    for name, endpoint in api["named_endpoints"].items():
        assert endpoint.get("description"), name


def test_endpoints_answer_as_the_script_api_does(client: Client, sample_index: rag.Index) -> None:
    said = client.predict(CARBON, api_name="/ask")
    assert said == json.loads(json.dumps(sample_index.ask(CARBON).to_dict()))
    found = client.predict(CARBON, 3, api_name="/retrieve")
    hits = [hit.to_dict() for hit in sample_index.retrieve(CARBON, 3)]
    assert found == {"schema": rag.SCHEMA, "question": CARBON, "hits": json.loads(json.dumps(hits))}
    held = client.predict(2, 3, api_name="/articles")
    assert held["total"] == sample_index.info().articles
    ids = [article.id for article in sample_index.articles()]
    assert [article["id"] for article in held["articles"]] == ids[2:5]
    assert "text" not in held["articles"][0]


def test_what_cannot_be_asked_is_an_error_of_one_line(client: Client) -> None:
    with pytest.raises(AppError, match="write a question"):
        client.predict(" ", api_name="/ask")
    with pytest.raises(AppError, match="YYYY-MM-DD"):
        client.predict(CARBON, [], 5, "soon", api_name="/ask")
    with pytest.raises(AppError, match="empty"):
        client.predict("", api_name="/retrieve")


def test_a_rebuild_by_endpoint_brings_in_what_was_added(tmp_path: Path) -> None:
    (tmp_path / "one.md").write_text("# The bridge\n\nThe bridge opens in May.\n", encoding="utf-8")
    index = tmp_path / "index"
    rag.build_index([tmp_path / "one.md"], index)
    with served(index) as url:
        client = Client(url, verbose=False, download_files=False)
        rag.Library(index).add([("two.md", b"# The kiosk\n\nThe kiosk sells noodles at night.\n")])
        assert client.predict(api_name="/rebuild")["articles"] == 2
        assert not client.predict("What does the kiosk sell?", api_name="/ask")["abstained"]


# --- files --------------------------------------------------------------------------------------


def test_an_original_file_is_a_download_that_runs_nothing(
    url: str, sample_index: rag.Index
) -> None:
    for article in sample_index.articles():
        status, headers, body = get(url, f"/original/{article.id}")
        assert status == 200
        file = ui.original(article)
        assert file is not None
        assert body == file.read_bytes()
        assert headers["content-disposition"].startswith("attachment")
        assert headers["content-security-policy"] == "sandbox"
        assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["none", "..%2f..%2fpyproject.toml", "%2fetc%2fpasswd", "../pyproject.toml"]
)
def test_nothing_but_the_files_of_articles_is_given_out(url: str, path: str) -> None:
    status, _, body = get(url, f"/original/{path}")
    assert status != 200
    assert b"wenbao" not in body
    assert b"root:" not in body


def test_with_a_login_nobody_else_gets_in(sample_index_dir: Path, sample_index: rag.Index) -> None:
    article = next(sample_index.articles())
    with served(sample_index_dir, auth=[("mei", "open sesame")]) as url:
        status, _, body = get(url, f"/original/{article.id}")
        assert status == 401
        assert body == b"log in first"
        with pytest.raises(Exception, match=r"(?i)auth|log"):
            Client(url, verbose=False, download_files=False).predict(CARBON, api_name="/ask")
        known = Client(url, auth=("mei", "open sesame"), verbose=False, download_files=False)
        assert known.predict(CARBON, api_name="/ask")["question"] == CARBON


def test_only_what_gradio_received_counts_as_uploaded(tmp_path: Path) -> None:
    from gradio.utils import get_upload_folder

    inside = Path(get_upload_folder()) / "hash" / "a.txt"
    assert ui._uploaded(str(inside)) == inside.resolve()
    for outside in ("/etc/passwd", str(tmp_path / "a.txt"), f"{inside}/../../../../etc/passwd"):
        assert ui._uploaded(outside) is None


def test_the_original_is_found_from_another_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "papers").mkdir()
    file = tmp_path / "papers" / "one.md"
    file.write_text("# The bridge\n\nThe bridge opens in May.\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    rag.build_index(["papers"], "index")
    monkeypatch.chdir("/")
    index = rag.open_index(tmp_path / "index")
    [article] = index.articles()
    assert not Path(article.path).is_absolute()
    assert ui.original(article, index.info().paths) == file


def test_the_original_of_an_article_in_a_container_is_the_container(tmp_path: Path) -> None:
    box = tmp_path / "papers.zip"
    box.write_bytes(b"x")
    article = rag.Article("a", "t", "text", f"{box}/may/1.txt", "en")
    assert ui.original(article) == box
    box.unlink()
    assert ui.original(article) is None


# --- strangers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        (None, None, 200),
        (None, "own", 200),
        (None, "http://evil.example", 403),
        (None, "null", 403),
        ("evil.example", None, 403),
        ("evil.example", "http://evil.example", 403),
        ("localhost.evil.example:7860", None, 403),
    ],
)
def test_only_the_page_itself_calls_its_server(
    url: str, host: str | None, origin: str | None, status: int
) -> None:
    own = urlsplit(url).netloc
    headers = {"Content-Type": "application/json", "Host": host or own}
    if origin is not None:
        headers["Origin"] = f"http://{own}" if origin == "own" else origin
    connection = http.client.HTTPConnection(own, timeout=30)
    body = json.dumps({"data": [CARBON, [], 5, None, None, None, None]})
    connection.request("POST", "/gradio_api/call/ask", body, headers)
    response = connection.getresponse()
    said = response.read()
    connection.close()
    assert response.status == status
    assert (b"event_id" in said) is (status == 200)


def test_a_strange_host_gets_no_page_either(url: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", "/", headers={"Host": "evil.example"})
    response = connection.getresponse()
    assert response.status == 403
    assert b"wenbao" in response.read()
    connection.close()


# --- the first page -----------------------------------------------------------------------------


def test_without_an_index_the_page_says_how_to_build_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: str) -> None:
        raise MissingIndexError("no index in nowhere; build one with `wenbao index ARTICLES`")

    monkeypatch.setattr(rag, "open_index", missing)
    masthead, front, filters, start = ui.Desk("nowhere").first_page()
    assert "wenbao index" in masthead
    assert "data-ask" not in front
    assert not filters
    assert "data-open" not in start


def test_a_question_is_delivered_first_in_quotes_then_with_its_sources(
    sample_index_dir: Path,
) -> None:
    parts = list(ui.Desk(str(sample_index_dir)).deliver("0badcafe", CARBON, {}))
    assert len(parts) == 2
    assert all('data-turn="0badcafe"' in part for part in parts)
    assert "wb-quote" in parts[0]
    assert "wb-card" not in parts[0]
    assert "wb-card" in parts[1]
    assert "wb-next" in parts[1]
    assert "wb-why" in parts[1]


def test_a_judgement_needs_an_answer_that_is_still_known(root: Path, tmp_path: Path) -> None:
    rag.build_index([root / "data/articles"], tmp_path)
    desk = ui.Desk(str(tmp_path))
    assert not desk.judge("0badcafe", 1, "", None)
    for _ in desk.deliver("0badcafe", CARBON, {"history": ["双碳会议"]}):
        pass
    assert desk.judge("0badcafe", -1, "two meetings", "mei")
    [row] = rag.Feedback(tmp_path).rows()
    assert (row.question, row.verdict, row.comment) == (CARBON, -1, "two meetings")


def test_assets_load_nothing_from_elsewhere(root: Path) -> None:
    options = ui.launch_options(ui.Desk("nowhere"))
    for text in (options["head"], (root / "ui_assets/page.js").read_text(encoding="utf-8")):
        plain = text.replace("http://www.w3.org/2000/svg", "")
        assert "http:" not in plain
        assert "https:" not in plain
        assert "url(" not in plain
        assert "@import" not in plain


@pytest.mark.parametrize(
    ("settings", "warned"),
    [
        (ServeSettings(), None),
        (ServeSettings(host="0.0.0.0"), "EVERYONE who can reach this machine"),
        (ServeSettings(host="10.0.0.7", login=(("mei", "x"),)), "Everyone with a login"),
    ],
)
def test_who_can_come_in_is_said_when_it_is_more_than_this_machine(
    settings: ServeSettings,
    warned: str | None,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    launched: dict[str, object] = {}
    page = SimpleNamespace(launch=lambda **given: launched.update(given), block_thread=lambda: None)
    monkeypatch.setattr(ui, "build", lambda _: page)
    ui.serve("nowhere", settings)
    said = capsys.readouterr().out
    assert ("Warning" in said) is (warned is not None)
    assert warned is None or warned in said
    assert launched["server_name"] == settings.host
    assert launched["auth"] == (list(settings.login) or None)
    assert launched["share"] is False
