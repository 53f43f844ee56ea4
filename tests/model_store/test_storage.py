"""Storage: a file is replaced whole or not at all, and what is wrong with one names it."""

import json
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from upath import UPath

from model_store import open_store
from model_store.rows import read_rows
from model_store.storage import (
    create_bytes,
    is_local,
    names_in,
    publish_bytes,
    publish_json,
    read_json,
    replacing,
)


def test_readers_see_the_old_or_the_new_content_only(tmp_path: Path) -> None:
    """While two contents of 1 MiB replace each other, every reading is one of them, whole."""
    path = UPath(tmp_path / "folder" / "file")
    contents = [b"a" * (1 << 20), b"b" * (1 << 20)]
    publish_bytes(path, contents[0])
    done = Event()

    def read_all() -> set[bytes]:
        seen = set()
        while not done.is_set():
            seen.add(path.read_bytes())
        return seen

    with ThreadPoolExecutor(2) as readers:
        found = [readers.submit(read_all) for _ in range(2)]
        try:
            for number in range(60):
                publish_bytes(path, contents[number % 2])
        finally:
            done.set()
        seen = set.union(*(future.result() for future in found))
    assert seen <= set(contents)
    assert seen == set(contents), "the readers saw no change: nothing was proved"
    assert [entry.name for entry in path.parent.iterdir()] == ["file"]


def test_an_interrupted_write_leaves_the_old_content(tmp_path: Path) -> None:
    """A disk that is full in the middle of the new content: the old one stays, no other file is left."""
    path = tmp_path / "published.json"
    path.write_bytes(b"old")
    code = (
        "import resource, sys; from upath import UPath; from model_store.storage import publish_bytes;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)); publish_bytes(UPath(sys.argv[1]), b'n' * 5000)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert f"File too large: '{path}'" in done.stderr
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["published.json"]


def test_a_file_written_piece_by_piece_is_seen_whole_or_not_at_all(tmp_path: Path) -> None:
    """Readers see the old content until the block ends, and for ever if it raises; nothing is left beside it."""
    for folder in (UPath(tmp_path), open_store("memory://replaced")):
        path = folder / "scores.parquet"
        publish_bytes(path, b"old")
        with pytest.raises(TypeError), replacing(path) as file:
            file.writelines([b"half", None])  # type: ignore[list-item] # to fail half-way
        assert path.read_bytes() == b"old"
        with replacing(path) as file:
            file.write(b"new")
            assert path.read_bytes() == b"old"
            file.write(b"er")
        assert path.read_bytes() == b"newer"
        assert names_in(folder) == ["scores.parquet"]


def test_a_write_that_was_killed_leaves_the_old_content(tmp_path: Path) -> None:
    """Killed after the new content is on disk and before it has its name: readers have the old one."""
    path = tmp_path / "published.json"
    path.write_bytes(b"old")
    code = (
        "import os, signal, sys; from upath import UPath; from model_store import storage;"
        "sys.addaudithook(lambda event, _: os.kill(os.getpid(), signal.SIGKILL) if event == 'os.rename' else None);"
        "storage.publish_bytes(UPath(sys.argv[1]), b'new')"
    )
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == -9
    assert path.read_bytes() == b"old"
    publish_bytes(UPath(path), b"newer")
    assert path.read_bytes() == b"newer"


def test_unfinished_files_are_no_parquet_to_a_reader(tmp_path: Path) -> None:
    """What a kill leaves beside an export is hidden and has another ending: no `*.parquet` finds it."""
    test_a_write_that_was_killed_leaves_the_old_content(tmp_path)
    left = [entry.name for entry in tmp_path.iterdir() if entry.name != "published.json"]
    assert len(left) == 1
    assert left[0].startswith(".published.json.")


def test_published_files_can_be_read_by_others(tmp_path: Path) -> None:
    """Temporary files are private; what is published is readable for other accounts, such as the dashboard's."""
    path = UPath(tmp_path / "file")
    publish_bytes(path, b"x")
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    """A file where the folder should be is named."""
    (tmp_path / "runs").write_text("")
    with pytest.raises(OSError, match="runs"):
        publish_bytes(UPath(tmp_path / "runs" / "a" / "run.json"), b"x")


def test_json_is_utf8_and_says_no_to_nan(tmp_path: Path) -> None:
    """Names with accents stay readable; NaN, which is no JSON, is refused and the old document stays."""
    path = UPath(tmp_path / "file.json")
    publish_json(path, {"who": "Prêt à dépenser", "n": 1})
    assert "Prêt à dépenser" in path.read_text(encoding="utf-8")
    assert read_json(path) == {"who": "Prêt à dépenser", "n": 1}
    with pytest.raises(ValueError, match="JSON compliant"):
        publish_json(path, {"n": math.nan})
    assert read_json(path)["n"] == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [('{"run_id": ', "is not readable JSON"), ("[1, 2]", "holds a list"), ("", "is not readable JSON")],
)
def test_json_that_is_no_object_is_named(text: str, said: str, tmp_path: Path) -> None:
    """Truncated, empty, or something else: the message names the file."""
    path = UPath(tmp_path / "file.json")
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"file\.json {said}"):
        read_json(path)


def test_json_in_other_bytes_is_named(tmp_path: Path) -> None:
    """Bytes that are no text are damage like any other."""
    path = UPath(tmp_path / "file.json")
    path.write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(ValueError, match=r"file\.json is not readable JSON"):
        read_json(path)


def test_a_store_may_lie_elsewhere() -> None:
    """An fsspec URL opens as a store; objects are written whole there."""
    store = open_store("memory://a-store-of-tests")
    assert not is_local(store)
    publish_json(store / "published.json", {"run_id": "x"})
    assert json.loads((store / "published.json").read_text()) == {"run_id": "x"}
    store.fs.rm("/a-store-of-tests", recursive=True)


def test_rows_that_are_not_there_are_not_called_damaged(tmp_path: Path) -> None:
    """Object stores say it without the system's number of the error."""
    for folder in (UPath(tmp_path), open_store("memory://no-rows")):
        with pytest.raises(FileNotFoundError):
            read_rows(folder / "shard=000.parquet")


def test_a_local_url_is_a_path(tmp_path: Path) -> None:
    """What is written to file:// is replaced and created in one step, as on any local path."""
    store = open_store(f"file://{tmp_path}")
    assert is_local(store)
    assert store == open_store(tmp_path)


def test_only_one_creates_a_file(tmp_path: Path) -> None:
    """Who comes second is told so, on a disk and on an object store, and the first content stays."""
    for folder in (UPath(tmp_path), open_store("memory://created-once")):
        create_bytes(folder / "entry", b"first")
        with pytest.raises(FileExistsError):
            create_bytes(folder / "entry", b"second")
        assert (folder / "entry").read_bytes() == b"first"
        assert names_in(folder) == ["entry"]
        assert names_in(folder / "nowhere") == []


def test_opening_a_store_makes_nothing(tmp_path: Path) -> None:
    """A mistyped path does not become an empty store."""
    open_store(tmp_path / "typo")
    assert list(tmp_path.iterdir()) == []
