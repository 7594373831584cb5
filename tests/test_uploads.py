"""The library: what may be added under which name, one rebuild at a time, readers undisturbed."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import rag
import rag.uploads
from rag.engine import Progress, build_generation
from rag.index.generation import read_manifest
from rag.index.phrases import write_phrases
from rag.uploads import safe_name
from tests.command import Wenbao

STORY = "云泊市图书馆昨日宣布，自三月一日起每晚开放至十点。馆长林澄说，读者可以凭市民卡入馆。"
SCHOOL = "北港区新建的第三中学九月开学，首批招收六百名学生。校长周岚说，学校设有三个实验室。"
PARK = "青木河公园本月完工，沿河新铺了四公里步道。园长何远说，公园全年免费开放，夜里也亮灯。"


def story(title: str, text: str = STORY) -> bytes:
    return f"{title}\n\n{text}\n".encode()


def write(folder: Path, name: str, text: str = STORY) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(story(f"{name}的消息", text))
    return path


def names(index_dir: Path) -> list[str]:
    return sorted(Path(article.path).name for article in rag.open_index(index_dir).articles())


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("云泊晚报 5月3日.txt", "云泊晚报 5月3日.txt"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\papers\\五月.pdf", "五月.pdf"),
        ("/absolute/路径/a.txt/", "a.txt"),
        (".bashrc.txt", "bashrc.txt"),
        ("~$报纸.docx", "报纸.docx"),
        ("a\x00b\n\u202etxt.exe.txt", "ab txt.exe.txt"),
        ("CON.txt", "_CON.txt"),
        ("com1.tar.zip", "_com1.tar.zip"),
        ("console.txt", "console.txt"),
        ('a<b>:"c|d?e*.txt', "a_b___c_d_e_.txt"),
        ("trailing.txt. .", "trailing.txt"),
        ("..", "_"),
        ("", "_"),
        ("half\ud800.txt", "half.txt"),
        ("报" * 200 + ".txt", "报" * 50 + ".txt"),
    ],
)
def test_a_name_becomes_a_safe_one(given_name: str, kept: str) -> None:
    assert safe_name(given_name) == kept


@given(st.text(st.characters(), max_size=300))
def test_no_name_leads_anywhere_and_a_safe_one_stays(name: str) -> None:
    kept = safe_name(name)
    assert Path(kept).name == kept
    assert "/" not in kept
    assert "\\" not in kept
    assert not kept.startswith((".", "~$"))
    assert kept.isprintable()
    assert 0 < len(kept.encode()) <= 171
    assert safe_name(kept) == kept


def test_what_would_be_read_is_told_and_nothing_is_kept_twice(tmp_path: Path) -> None:
    library = rag.Library(tmp_path / "index")
    assert library.files() == ()
    paper = write(tmp_path / "papers", "甲.txt")
    first, again, other = library.add(
        [paper, ("别名.txt", paper.read_bytes()), ("x/甲.txt", story("第三中学开学", SCHOOL))]
    )
    assert (first.name, first.accepted, first.reason, first.stories) == ("甲.txt", True, "", 1)
    assert (again.name, again.accepted) == ("甲.txt", True)
    assert again.reason == "is there already, as 甲.txt"
    assert (other.name, other.titles) == ("甲 (2).txt", ("第三中学开学",))
    (third,) = library.add([("甲.txt", story("公园完工", PARK))])
    assert third.name == "甲 (3).txt"
    assert [file.name for file in library.files()] == ["甲 (2).txt", "甲 (3).txt", "甲.txt"]
    assert (library.uploads / "甲.txt").read_bytes() == paper.read_bytes()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("旧稿.doc", b"\xd0\xcf\x11\xe0", "DOC files are not read: open it in a word processor"),
        ("setup.exe", b"MZ", r"\.exe is no format that is read"),
        ("README", story("无后缀"), "a file without a suffix is no format"),
        ("空.txt", b" \n", "is empty"),
        ("假.txt", b"Rar!\x1a\x07\x00", "RAR files are not read"),
        ("坏.zip", b"PK\x03\x04broken", "is damaged"),
        ("无文.html", b"<html><nav>a</nav></html>", "has no article text"),
    ],
)
def test_what_gives_nothing_is_refused_with_the_reason(
    tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    library = rag.Library(tmp_path / "index")
    (added,) = library.add([(name, content)])
    assert (added.name, added.accepted, added.stories) == (name, False, 0)
    assert re.match(reason, added.reason)
    assert "\n" not in added.reason
    assert str(tmp_path) not in added.reason
    assert list(library.uploads.iterdir()) == []


def test_paths_that_are_no_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "papers").mkdir()
    library = rag.Library(tmp_path / "index")
    folder, missing, address = library.add(
        [tmp_path / "papers", str(tmp_path / "no.txt"), "https://example.org/a.txt"]
    )
    assert "is a folder" in folder.reason
    assert "does not exist" in missing.reason
    assert "is an address" in address.reason
    assert not any(one.accepted for one in (folder, missing, address))


def test_a_large_file_is_refused_whether_named_or_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rag.uploads, "MAX_UPLOAD", len(story("甲")))
    just, large = story("甲"), story("甲乙")
    path = tmp_path / "large.txt"
    path.write_bytes(large)
    fits, given_, named = rag.Library(tmp_path / "index").add(
        [("a.txt", just), ("b.txt", large), path]
    )
    assert fits.accepted
    assert (given_.accepted, named.accepted) == (False, False)
    assert "is larger than" in given_.reason
    assert given_.reason == named.reason


def test_parts_that_are_not_read_are_named(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("五月/甲.txt", story("图书馆延长开放"))
        archive.writestr("五月/乙.doc", b"x")
    (added,) = rag.Library(tmp_path / "index").add([("五月.zip", packed.getvalue())])
    assert (added.accepted, added.titles) == (True, ("图书馆延长开放",))
    assert added.reason.startswith("not all of it is read: 五月/乙.doc DOC files are not read")


def test_a_full_disk_leaves_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    library = rag.Library(tmp_path / "index")
    (added,) = library.add([("甲.txt", story("甲"))])
    assert not added.accepted
    assert "no space left on device" in added.reason
    assert list(library.uploads.iterdir()) == []


@pytest.mark.parametrize("links", [True, False])
def test_files_of_one_name_that_come_at_once_are_all_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    library = rag.Library(tmp_path / "index")
    contents = [story(f"第{n}号消息", STORY + str(n)) for n in range(6)]
    if not links:

        def refuse(self: Path, target: Path) -> None:
            raise FileExistsError if self.exists() else PermissionError(errno.EPERM, "no links")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
    with ThreadPoolExecutor(4 if links else 1) as pool:
        added = list(pool.map(lambda content: library.add([("甲.txt", content)])[0], contents))
    assert len({one.name for one in added}) == len(contents)
    kept = [(library.uploads / one.name).read_bytes() for one in added]
    assert kept == contents


def test_a_strangers_folder_is_not_taken(tmp_path: Path) -> None:
    paper = write(tmp_path / "papers", "甲.txt")
    with pytest.raises(rag.InputError, match="holds other files"):
        rag.Library(tmp_path / "papers").add([paper])
    assert list((tmp_path / "papers").iterdir()) == [paper]


def test_a_rebuild_reads_what_was_given_and_what_was_added(
    tmp_path: Path, tiny_model: Path
) -> None:
    index_dir, papers = tmp_path / "index", tmp_path / "papers"
    gone = write(tmp_path, "gone.txt", PARK)
    write(papers, "甲.txt")
    rag.build_index([papers, gone], index_dir, model=str(tiny_model))
    library = rag.Library(index_dir)
    library.add([("乙.txt", story("第三中学开学", SCHOOL))])
    gone.unlink()
    write(papers, "丙.txt", STORY + SCHOOL)
    stages = []
    stats = library.rebuild(lambda done, total, stage: stages.append(stage))
    assert names(index_dir) == ["丙.txt", "乙.txt", "甲.txt"]
    assert stats.skipped == ((str(gone), "does not exist: check the path"),)
    assert {"reading", "embedding", "writing"} <= set(stages)
    info = rag.open_index(index_dir).info()
    assert info.model == str(tiny_model)
    assert info.paths == (str(papers), str(gone))  # it may come back
    library.remove("乙.txt")
    library.rebuild()
    assert names(index_dir) == ["丙.txt", "甲.txt"]


def test_uploads_alone_make_an_index_and_outlive_other_builds(tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    library = rag.Library(index_dir)
    library.add([("甲.txt", story("图书馆延长开放"))])
    assert library.rebuild().articles == 1
    paper = write(tmp_path / "papers", "乙.txt", SCHOOL)
    for _ in range(3):  # more than the generations that are kept
        rag.build_index([paper], index_dir)
    assert names(index_dir) == ["乙.txt", "甲.txt"]
    assert not rag.is_stale([paper], index_dir)
    library.add([("丙.txt", story("公园完工", PARK))])
    assert rag.is_stale([paper], index_dir)


def test_nothing_to_build_from_is_one_line_and_makes_no_folder(tmp_path: Path) -> None:
    library = rag.Library(tmp_path / "index")
    for start in (library.rebuild, library.start_rebuild):
        with pytest.raises(rag.EmptyCorpusError, match="add files with `wenbao add FILE"):
            start()
    assert not (tmp_path / "index").exists()


def test_only_an_added_file_can_be_taken_away(tmp_path: Path) -> None:
    library = rag.Library(tmp_path / "index")
    library.add([("甲.txt", story("甲"))])
    outside = write(tmp_path, "outside.txt")
    for name in ("../../outside.txt", str(outside), "乙.txt", "", ".."):
        with pytest.raises(rag.InputError, match="there is no"):
            library.remove(name)
    assert outside.exists()
    library.remove("甲.txt")
    assert library.files() == ()


def test_an_index_inside_the_folder_it_is_built_over_is_not_read(tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    write(papers, "甲.txt")
    index_dir = papers / "index"
    library = rag.Library(index_dir)
    rag.build_index([papers], index_dir)
    library.add([("乙.txt", story("第三中学开学", SCHOOL))])
    given_ = [papers, index_dir, library.uploads]
    for _ in range(2):
        stats = rag.build_index(given_, index_dir)
        assert (stats.articles, stats.duplicates, stats.skipped) == (2, 0, ())
        assert not rag.is_stale(given_, index_dir)
    stats = library.rebuild()
    assert (stats.articles, stats.duplicates, stats.skipped) == (2, 0, ())


def test_the_manifest_holds_paths_as_absolute_and_addresses_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "甲.txt")
    monkeypatch.chdir(tmp_path)
    address = "http://127.0.0.1:9/none.html"
    rag.build_index(["甲.txt", address, "甲.txt"], "index")
    assert read_manifest(Path("index")).paths == (str(tmp_path / "甲.txt"), address)
    stats = rag.Library("index").rebuild()
    assert [path for path, _ in stats.skipped] == [address]
    assert stats.articles == 1


@pytest.mark.skipif(sys.platform != "linux", reason="names that are no UTF-8")
def test_a_path_that_is_no_utf8_is_found_again(tmp_path: Path) -> None:
    paper = Path(os.fsdecode(os.fsencode(tmp_path) + "/云泊.txt".encode("gbk")))
    paper.write_bytes(story("甲"))
    rag.build_index([paper], tmp_path / "index")
    assert rag.Library(tmp_path / "index").rebuild().articles == 1
    (shown,) = rag.open_index(tmp_path / "index").info().paths
    assert shown.encode().decode().endswith(".txt")


def test_an_index_of_an_older_format_is_named_with_the_fix(tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    stats = rag.build_index([write(tmp_path, "甲.txt")], index_dir)
    path = index_dir / stats.generation / "manifest.json"
    old = json.loads(path.read_text()) | {"format": 4}
    del old["paths"]
    path.write_text(json.dumps(old))
    for use in (lambda: rag.open_index(index_dir), rag.Library(index_dir).rebuild):
        with pytest.raises(rag.CorruptIndexError, match=r"^[^\n]+rebuild the index with `wenbao"):
            use()


class Gate:
    """A build that has begun and waits until it is let on."""

    def __init__(self) -> None:
        self.begun, self.on = threading.Event(), threading.Event()

    def build(
        self, paths: Sequence[str | Path], folder: Path, model: str, tell: Progress
    ) -> rag.BuildStats:
        tell(3, 7, "reading")
        self.begun.set()
        assert self.on.wait(30)
        return build_generation(paths, folder, model, tell)


def test_one_rebuild_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index_dir = tmp_path / "index"
    rag.build_index([write(tmp_path, "甲.txt")], index_dir)
    gate = Gate()
    monkeypatch.setattr(rag.uploads, "build_generation", gate.build)
    running = rag.Library(index_dir).start_rebuild()
    assert gate.begun.wait(30)
    assert (running.stage, running.done, running.total) == ("reading", 3, 7)
    assert (running.finished, running.stats, running.error) == (False, None, "")
    library = rag.Library(index_dir)
    for start in (library.rebuild, library.start_rebuild, lambda: rag.build_index([], index_dir)):
        with pytest.raises(rag.BusyError, match="a rebuild is running in"):
            start()
    gate.on.set()
    assert running.wait(60)
    assert running.stats is not None
    assert running.stats.articles == 1
    assert rag.Library(index_dir).rebuild().articles == 1


def test_a_build_that_fails_in_a_new_folder_leaves_none(tmp_path: Path) -> None:
    with pytest.raises(rag.EmptyCorpusError):
        rag.build_index([tmp_path / "nothing"], tmp_path / "index")
    assert not (tmp_path / "index").exists()


def test_another_process_that_rebuilds_is_noticed_and_its_death_too(tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    rag.build_index([write(tmp_path, "甲.txt")], index_dir)
    script = (
        "import sys, rag\n"
        "def wait(*args, **options):\n"
        "    print('begun', flush=True)\n"
        "    sys.stdin.read()\n"
        "rag.Library(sys.argv[1]).rebuild(progress=wait)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(index_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert child.stdout is not None
        assert child.stdout.readline() == "begun\n"
        with pytest.raises(rag.BusyError, match="a rebuild is running in"):
            rag.Library(index_dir).rebuild()
    finally:
        child.kill()
        child.communicate()
    assert rag.Library(index_dir).rebuild().articles == 1


def test_readers_are_answered_all_through_a_rebuild(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_dir = tmp_path / "index"
    rag.build_index([write(tmp_path, "甲.txt")], index_dir)
    library = rag.Library(index_dir)
    library.add([("乙.txt", story("第三中学开学", SCHOOL))])
    opened = current = rag.open_index(index_dir)
    old = opened.info().generation
    asked = threading.Event()

    def slow(*args: Any) -> None:  # half of the files are written while readers ask
        write_phrases(*args)
        assert asked.wait(30)

    monkeypatch.setattr("rag.index.generation.write_phrases", slow)
    rebuild = library.start_rebuild()
    generations = []
    for round_ in range(10_000):
        current = current.refresh()
        answer = current.ask("图书馆每晚开放到几点？")
        assert "十点" in answer.text
        generations.append(answer.generation)
        if round_ == 5:
            asked.set()
        if rebuild.finished:
            break
    assert rebuild.stats is not None
    assert generations[:6] == [old] * 6
    assert set(generations) <= {old, rebuild.stats.generation}
    current = current.refresh()
    assert "六百" in current.ask("第三中学首批招收多少名学生？").text
    answer = opened.ask("图书馆每晚开放到几点？")  # an index that nobody refreshed
    assert (answer.generation, "十点" in answer.text) == (old, True)


def test_a_rebuild_that_fails_says_so_in_one_line_and_the_old_one_stays(tmp_path: Path) -> None:
    index_dir, paper = tmp_path / "index", write(tmp_path, "甲.txt")
    served = rag.build_index([paper], index_dir).generation
    paper.unlink()
    rebuild = rag.Library(index_dir).start_rebuild()
    assert rebuild.wait(60)
    assert rebuild.finished
    assert rebuild.stats is None
    assert "does not exist" in rebuild.error
    assert "\n" not in rebuild.error
    assert rag.open_index(index_dir).info().generation == served


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_rebuild_that_breaks_is_finished_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_dir = tmp_path / "index"
    rag.build_index([write(tmp_path, "甲.txt")], index_dir)

    def broken(*args: object, **options: object) -> rag.BuildStats:
        raise RuntimeError("no\nreader")

    monkeypatch.setattr(rag.uploads, "build_generation", broken)
    rebuild = rag.Library(index_dir).start_rebuild()
    assert rebuild.wait(60)
    assert "broke off" in rebuild.error
    monkeypatch.undo()
    assert rag.Library(index_dir).rebuild().articles == 1  # the lock is free


def test_add_from_the_command_line(tmp_path: Path, wenbao: Wenbao) -> None:
    index_dir, paper = tmp_path / "index", write(tmp_path, "甲.txt")
    done = wenbao("add", paper, "--index", index_dir)
    assert done.code == 0, done.err
    assert done.out.startswith("added  甲.txt: 1 story\n  甲.txt的消息\n1 articles, ")
    bad = tmp_path / "旧.doc"
    bad.write_bytes(b"x")
    other = write(tmp_path, "乙.txt", SCHOOL)
    mixed = wenbao("add", bad, other, "--index", index_dir, "--json")
    assert mixed.code == 1
    assert mixed.err.splitlines()[-1] == "error: 1 of 2 files not added"
    told = json.loads(mixed.out)
    assert [one["accepted"] for one in told["added"]] == [False, True]
    assert told["build"]["articles"] == 2
    kept = wenbao("add", write(tmp_path, "丙.txt", PARK), "--index", index_dir, "--no-rebuild")
    assert kept.code == 0
    assert names(index_dir) == ["乙.txt", "甲.txt"]
    assert wenbao("index", paper, "--index", index_dir).code == 0
    assert names(index_dir) == ["丙.txt", "乙.txt", "甲.txt"]
    shown = wenbao("info", "--index", index_dir).out
    assert f"paths           {paper}\n" in shown
