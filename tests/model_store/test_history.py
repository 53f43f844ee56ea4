"""The history: nothing in it is lost, doubled or half-written, whatever stops or races."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from upath import UPath

from model_store import HistoryEntry, ModelStoreError, history, open_store, read_aliases
from model_store.history import append, latest

WRITER = """
import sys
from upath import UPath
from model_store.history import HistoryEntry, append
def entry_after(entries):
    before = entries[-1].version if entries else None
    return HistoryEntry("2026-11-24", "promote", "champion", before, f"{sys.argv[2]}.{number}", "anna", "turn")
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    append(UPath(sys.argv[1]), entry_after)
"""
"""Adds entries to a history, each saying which one it found before it, once a line is typed."""


def add(store: UPath, version: str) -> HistoryEntry:
    """One more entry, which says what it found before it."""

    def entry_after(entries: Sequence[HistoryEntry]) -> HistoryEntry:
        before = entries[-1].version if entries else None
        return HistoryEntry(
            "2026-11-24",
            "promote",
            "champion",
            before,
            version,
            "anna",
            "turn",
            aliases={"champion": version},
        )

    return append(store, entry_after)


def test_entries_follow_one_another(store: UPath) -> None:
    """The newest entry says what holds now; before the first nothing does."""
    assert (history(store), latest(store), read_aliases(store)) == ([], None, {})
    for version in ("v001", "v002"):
        add(store, version)
    assert [entry.version for entry in history(store)] == ["v001", "v002"]
    assert latest(store) == history(store)[-1]
    assert read_aliases(store) == {"champion": "v002"}


def test_processes_at_once_lose_no_entry(store: UPath) -> None:
    """Three processes add 15 entries each at the same time: 45 entries, each made from the one before it."""
    command = [sys.executable, "-c", WRITER, str(store)]
    writers = [
        subprocess.Popen([*command, f"p{number}", "15"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for number in range(3)
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"go\n")
        writer.stdin.close()
    for writer in writers:
        assert writer.wait() == 0
        assert writer.stdout is not None
        writer.stdout.close()
    entries = history(store)
    expected = {f"p{process}.{number}" for process in range(3) for number in range(15)}
    assert len(entries) == 45
    assert {entry.version for entry in entries} == expected
    assert all(before.version == after.previous for before, after in pairwise(entries))
    assert [path.name for path in (store / "models" / "history").iterdir() if path.name[0] == "."] == []


def test_an_object_store_loses_no_entry_either() -> None:
    """Without locks and renames: who finds that another was faster makes the entry again from what now holds."""
    store = open_store("memory://history-of-tests")
    add(store, "v001")
    seen: list[str] = []

    def entry_after(entries: Sequence[HistoryEntry]) -> HistoryEntry:
        seen.append(entries[-1].version)
        if len(seen) == 1:
            add(store, "v002")  # another process, between looking and writing
        return replace(entries[-1], previous=entries[-1].version, version="v003")

    append(store, entry_after)
    assert seen == ["v001", "v002"]
    assert [entry.version for entry in history(store)] == ["v001", "v002", "v003"]
    assert [entry.previous for entry in history(store)] == [None, "v001", "v002"]
    store.fs.rm("/history-of-tests", recursive=True)


@pytest.mark.parametrize("event", ["os.link", "os.remove"])
def test_a_kill_leaves_the_entry_or_nothing(store: UPath, event: str) -> None:
    """Killed before the entry has its name it never was, killed after it stands; the next one follows on."""
    add(store, "v001")
    kill = (
        "import os, signal, sys; sys.addaudithook("
        f"lambda event, _: os.kill(os.getpid(), signal.SIGKILL) if event == '{event}' else None)"
    )
    command = [sys.executable, "-c", f"{WRITER}".replace("for number", f"{kill}\nfor number", 1)]
    done = subprocess.run([*command, str(store), "killed", "1"], input=b"go\n", check=False)
    assert done.returncode == -9
    expected = ["v001"] if event == "os.link" else ["v001", "killed.0"]
    assert [entry.version for entry in history(store)] == expected
    add(store, "v002")
    assert [entry.version for entry in history(store)] == [*expected, "v002"]


def test_a_share_without_hard_links_keeps_a_history_too(store: UPath) -> None:
    """Where the file system knows no links, entries are still created and never overwritten."""
    refuse = (
        "import errno, sys\ndef refuse(event, _):\n"
        "    if event == 'os.link': raise OSError(errno.EPERM, 'no links here')\n"
        "sys.addaudithook(refuse)"
    )
    command = [sys.executable, "-c", f"{WRITER}".replace("for number", f"{refuse}\nfor number", 1)]
    done = subprocess.run([*command, str(store), "linkless", "3"], input=b"go\n", check=False)
    assert done.returncode == 0
    assert [entry.previous for entry in history(store)] == [None, "linkless.0", "linkless.1"]


def test_a_changed_or_lost_entry_is_named(store: UPath) -> None:
    """An entry taken out, rewritten or unreadable is refused with its place, not skipped."""
    for version in ("v001", "v002", "v003"):
        add(store, version)
    folder = Path(store / "models" / "history")
    second = folder / "000002.json"
    good = second.read_text()
    second.write_text(good.replace('"why": "turn"', '"why": "ok"'))
    with pytest.raises(ModelStoreError, match=r"000003\.json does not follow the entry before it"):
        history(store)
    second.write_text("{half")
    with pytest.raises(ModelStoreError, match=r"000002\.json is not an entry of the history"):
        history(store)
    second.unlink()
    with pytest.raises(
        ModelStoreError, match=r"000002\.json is missing, the history goes on at 000003\.json"
    ):
        add(store, "v004")
