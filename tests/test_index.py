"""A generation on disk: what was written is read back, swaps are atomic, damage is noticed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

import rag
from rag.index import current_generation, open_generation
from rag.index.dense import Dense, write_dense
from rag.index.streams import Stream, Terms, write_stream, write_terms

STORY = "云泊市图书馆昨日宣布，自三月一日起每晚开放至十点。馆长林澄说，读者可以凭市民卡入馆。"


def write_story(folder: Path, name: str, text: str = STORY) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"{name}的消息\n\n{text}\n", encoding="utf-8")
    return path


def test_a_rebuild_holds_exactly_the_given_paths_and_reuses_vectors(tmp_path: Path) -> None:
    first, second = write_story(tmp_path, "甲.txt"), write_story(tmp_path, "乙.txt", STORY * 2)
    index_dir = tmp_path / "index"
    stats = rag.build_index([first, second], index_dir)
    assert (stats.articles, stats.reused) == (2, 0)
    again = rag.build_index([second], index_dir)
    assert (again.articles, again.embedded, again.reused) == (1, 0, again.passages)
    assert [Path(a.path).name for a in rag.open_index(index_dir).articles()] == ["乙.txt"]
    assert again.generation != stats.generation


def test_an_open_index_stays_as_it_is_until_it_is_refreshed(tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    rag.build_index([write_story(tmp_path, "甲.txt")], index_dir)
    index = rag.open_index(index_dir)
    assert index.refresh() is index
    rag.build_index([write_story(tmp_path, "乙.txt", STORY * 2)], index_dir)
    assert [Path(a.path).name for a in index.articles()] == ["甲.txt"]
    fresh = index.refresh()
    assert [Path(a.path).name for a in fresh.articles()] == ["乙.txt"]
    assert fresh.ask("图书馆开到几点？").generation == current_generation(index_dir)


def test_stale_means_other_files_other_times_or_no_index(tmp_path: Path) -> None:
    story, index_dir = write_story(tmp_path, "甲.txt"), tmp_path / "index"
    assert rag.is_stale([story], index_dir)
    rag.build_index([story], index_dir)
    assert not rag.is_stale([story], index_dir)
    os.utime(story, (1, 1))
    assert rag.is_stale([story], index_dir)


@pytest.mark.parametrize("file", ["dense.faiss", "tokens.npy", "articles.sqlite"])
def test_a_damaged_or_missing_file_is_named(tmp_path: Path, file: str) -> None:
    index_dir = tmp_path / "index"
    rag.build_index([write_story(tmp_path, "甲.txt")], index_dir)
    path = index_dir / current_generation(index_dir) / file
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with pytest.raises(rag.CorruptIndexError, match=file):
        rag.open_index(index_dir)
    path.unlink()
    with pytest.raises(rag.CorruptIndexError, match=file):
        rag.open_index(index_dir)
    assert rag.build_index([tmp_path / "甲.txt"], index_dir).articles == 1  # a rebuild mends it
    rag.open_index(index_dir)


def test_a_manifest_of_another_format_is_refused(tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    rag.build_index([write_story(tmp_path, "甲.txt")], index_dir)
    path = index_dir / current_generation(index_dir) / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 99}))
    with pytest.raises(rag.CorruptIndexError, match="format 99"):
        rag.open_index(index_dir)


def test_a_pointer_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    rag.build_index([write_story(tmp_path, "甲.txt")], index_dir)
    (index_dir / "CURRENT").write_text("generation-/../../elsewhere")
    with pytest.raises(rag.MissingIndexError):
        rag.open_index(index_dir)


def test_a_folder_with_strangers_files_is_not_taken_for_an_index(tmp_path: Path) -> None:
    story = write_story(tmp_path / "papers", "甲.txt")
    with pytest.raises(rag.InputError, match="holds other files"):
        rag.build_index([story], story.parent)
    assert story.exists()


def test_an_index_refuses_another_model_and_names_both(tmp_path: Path) -> None:
    index_dir = tmp_path / "index"
    rag.build_index([write_story(tmp_path, "甲.txt")], index_dir)
    with pytest.raises(rag.ModelMismatchError, match=r"'bilingual'.*'some/other'"):
        rag.open_index(index_dir, model="some/other")


def test_nothing_readable_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(rag.EmptyCorpusError) as caught:
        rag.build_index([tmp_path / "empty"], tmp_path / "index")
    assert "\n" not in str(caught.value)
    assert "empty" in str(caught.value)
    assert not (tmp_path / "index").exists()


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGINT])
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_a_build_cut_short_leaves_the_old_index_served(
    tmp_path: Path, sent: signal.Signals
) -> None:
    index_dir = tmp_path / "index"
    story = write_story(tmp_path, "甲.txt")
    served = rag.build_index([story], index_dir).generation
    write_story(tmp_path, "乙.txt", STORY * 2)
    script = textwrap.dedent(
        """
        import signal, sys, time
        # A shell that runs jobs in the background has them ignore this one.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        import rag, rag.index.generation as generation
        write = generation.write_phrases
        def slow(*args):  # as if the disk were slow, with half the files written
            write(*args)
            print("writing", flush=True)
            time.sleep(60)
        generation.write_phrases = slow
        rag.build_index(sys.argv[1:2], sys.argv[2])
        """
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), str(index_dir)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "writing\n"
    child.send_signal(sent)
    assert child.wait(timeout=30) != 0
    assert rag.open_index(index_dir).info().generation == served
    rag.build_index([story], index_dir)
    left = [entry.name for entry in index_dir.iterdir() if entry.name.startswith(".unfinished")]
    assert left == []


def test_faiss_finds_what_numpy_finds(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(200, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    write_dense(tmp_path, vectors)
    dense = Dense(tmp_path)
    query = vectors[:1] + 0.1
    wanted = np.argsort(-(vectors @ query[0]))
    assert dense.nearest(query, 10).tolist() == wanted[:10].tolist()
    allowed = np.arange(0, 200, 3)
    among = [n for n in wanted if n % 3 == 0][:10]
    assert dense.nearest(query, 10, allowed).tolist() == among
    numbers = np.array([5, 0, 7])
    assert dense.similarities(query, numbers) == pytest.approx(vectors[numbers] @ query[0])


def test_a_stream_gives_sequences_back_and_fills_empty_ones(tmp_path: Path) -> None:
    write_stream(
        tmp_path, "tokens", [np.array([3, 4]), np.array([], dtype=np.int32), np.array([5])]
    )
    stream = Stream(tmp_path, "tokens")
    taken = stream.take(np.array([2, 1, 0]), filler=9)
    assert taken.values.tolist() == [5, 9, 3, 4]
    assert (taken.starts.tolist(), taken.lengths.tolist()) == ([0, 1, 2], [1, 1, 2])
    assert stream.mean_length == 1.0


def test_terms_are_positions_in_their_vocabulary_with_counts(tmp_path: Path) -> None:
    rows = [np.array([70, 30, 70]), np.array([], dtype=np.int32), np.array([30])]
    write_terms(tmp_path, "pairs", rows)
    terms = Terms(tmp_path, "pairs")
    assert terms.vocabulary.tolist() == [30, 70]
    assert terms.frequencies.tolist() == [2, 1]
    assert terms.take(np.array([0, 1]), filler=2).values.tolist() == [1, 0, 1, 2]
    assert terms.lengths(np.array([2, 0])).tolist() == [1, 3]
    assert [terms.passages(i).tolist() for i in (0, 1)] == [[0, 2], [0]]


def test_a_generation_is_flushed_whole(sample_index_dir: Path) -> None:
    generation = open_generation(sample_index_dir)
    names = {name.split("/")[0] for name in generation.manifest.files}
    assert names == {
        "articles.sqlite",
        "dense.faiss",
        "phrases",
        "tokens.npy",
        "tokens.offsets.npy",
        "syllables.npy",
        "syllables.offsets.npy",
        "tokens.vocabulary.npy",
        "tokens.postings.npy",
        "tokens.postings.offsets.npy",
        "pairs.npy",
        "pairs.offsets.npy",
        "pairs.vocabulary.npy",
        "pairs.postings.npy",
        "pairs.postings.offsets.npy",
        "owners.npy",
    }
    assert time.strptime(generation.manifest.built_at[:10], "%Y-%m-%d")
