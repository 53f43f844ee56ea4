"""One night at a time: the second says so and leaves; locks of dead processes do not stop anyone, others do."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from command_line import Pret
from mini_tables import night_of, published_bytes
from processes import dripping, running, wait_until

from batch.console import Progress
from batch.errors import NightRunning
from batch.owners import Owner, is_gone, this_process
from batch.runs.turn import LOCK, one_at_a_time, read_lock
from model_store import open_store, published_run, read_run

PRET = str(Path(sys.executable).parent / "pret")
NIGHT = "2026-11-24"
RUN = f"{NIGHT}-001"
LATER = "2099-01-01T00:00:00+00:00"


def dead_process() -> Owner:
    """A process of this machine that has ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        owner = replace(this_process(), pid=process.pid, began="1")
        process.communicate(b"\n")
    return owner


def leave_lock(store: Path, owner: Owner, since: str = "2026-11-23T01:00:00+00:00") -> None:
    (store / LOCK).write_text(json.dumps({**owner.document, "since": since}))


def everything(store: Path) -> dict[str, bytes]:
    """Every file of the store, byte by byte, but the guard, which is empty, and what a night is just reading."""
    files = [path for path in store.rglob("*") if ".incoming-" not in str(path) and path.is_file()]
    return {str(path): path.read_bytes() for path in files if path.stat().st_size}


def incoming(store: Path) -> list[Path]:
    """The folder of tables that a night is reading, if one is."""
    return list(store.glob("ingests/.incoming-*"))


def test_a_second_night_says_who_runs_and_leaves(
    pret: Pret, own_store: Path, portfolio: Path, tmp_path: Path
) -> None:
    """While a real night reads its tables, another one ends with code 4 and one line, and touches nothing."""
    folder = tmp_path / "tables"
    folder.mkdir()
    for path in portfolio.iterdir():
        (folder / path.name).symlink_to(path)
    stuck = folder / "installments_payments.csv"
    command = [PRET, "night", "--data", str(folder), "--store", str(own_store)]
    with running([*command, "--as-of", NIGHT]) as process, dripping(stuck, stuck.read_bytes()[:500]):
        wait_until(lambda: bool(incoming(own_store)), process)
        reading = incoming(own_store)
        before = everything(own_store)
        answer = pret("night", "--data", portfolio, "--store", own_store, "--as-of", NIGHT)
        listed = pret("runs", "list", "--store", own_store)
        unlocked = pret("runs", "unlock", "--why", "a try", "--store", own_store)
        assert everything(own_store) == before
        assert incoming(own_store) == reading
        process.kill()
        process.communicate()
    assert answer.code == 4
    assert f"a night is running in {own_store}:" in answer.err
    assert f"process {process.pid}, since 20" in answer.err
    assert answer.err.count("\n") == 1
    assert "running" in listed.out
    assert unlocked.code == 1
    assert f"kill {process.pid}" in unlocked.err
    listed = pret("runs", "list", "--store", own_store)
    assert "running" not in listed.out
    assert "interrupted" in listed.out


@pytest.mark.parametrize("since", ["1999-01-01T00:00:00+00:00", LATER])
def test_the_lock_of_a_dead_process_is_taken_over(
    since: str, pret: Pret, own_store: Path, portfolio: Path
) -> None:
    """Whatever the clock said then: a note says whose lock it was, the night is published, no lock remains."""
    leave_lock(own_store, dead_process(), since)
    answer = pret("night", "--data", portfolio, "--store", own_store, "--as-of", NIGHT)
    assert answer.code == 0
    assert f"since {since} is taken over: that process is gone" in " ".join(answer.err.split())
    assert not (own_store / LOCK).exists()


def test_a_lock_of_another_machine_is_respected_until_unlocked(
    pret: Pret, own_store: Path, portfolio: Path
) -> None:
    """Nobody here can know whether it lives: the message says how to remove the lock, and the run says who did."""
    leave_lock(own_store, replace(this_process(), host="elsewhere", machine="other"))
    before = everything(own_store)
    answer = pret("night", "--data", portfolio, "--store", own_store, "--as-of", NIGHT)
    assert answer.code == 4
    assert f'pret runs unlock --store {own_store} --why "…"' in answer.err
    assert everything(own_store) == before
    record = own_store / "runs" / published_run(own_store) / "run.json"
    document = json.loads(record.read_text())
    record.write_text(json.dumps({**document, "status": "running"}))
    assert pret("runs", "unlock", "--why", "it burnt down", "--store", own_store).code == 0
    told = read_run(own_store, document["run_id"])
    assert told.status == "interrupted"
    assert told.document["error"].endswith(": it burnt down")
    assert pret("runs", "unlock", "--why", "again", "--store", own_store).code == 1


def test_a_process_is_gone_only_when_that_is_certain() -> None:
    """Living, other machine, other container: not gone. Ended, number given to another, machine restarted: gone."""
    here = this_process()
    assert not is_gone(here)
    assert not is_gone(replace(here, host="elsewhere"))
    assert not is_gone(replace(here, machine="other", boot="other"))
    assert not is_gone(replace(dead_process(), processes="pid:[1]"))
    assert is_gone(dead_process())
    assert is_gone(replace(here, began="1"))
    assert is_gone(replace(here, boot="before the restart"))


def test_a_zombie_is_gone() -> None:
    """A killed process whose parent has not asked yet how it ended holds no lock."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        began = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19]
        owner = replace(this_process(), pid=process.pid, began=began)
        assert not is_gone(owner)
        process.kill()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert is_gone(owner)


def test_the_lock_goes_with_the_night_and_only_its_own(tmp_path: Path) -> None:
    """A block that fails gives the turn back; a lock that somebody else has put there since stays."""
    store = open_store(tmp_path)
    with one_at_a_time(store, Progress()):
        assert read_lock(store) is not None
        with pytest.raises(NightRunning), one_at_a_time(store, Progress()):
            pass
        assert read_lock(store) is not None, "the one who was refused leaves it"
    assert read_lock(store) is None
    with pytest.raises(KeyError), one_at_a_time(store, Progress()):
        raise KeyError
    assert read_lock(store) is None
    with one_at_a_time(store, Progress()):
        leave_lock(tmp_path, replace(this_process(), host="elsewhere"))
    assert read_lock(store) is not None


@pytest.mark.parametrize("content", [b"{}", b"", b"[]", b"\xff"])
def test_a_lock_nobody_can_read_is_named(content: bytes, own_store: Path, portfolio: Path) -> None:
    """A damaged lock is an error that names it and says what to do, not a free way."""
    (own_store / LOCK).write_bytes(content)
    with pytest.raises(ValueError, match=r"night\.lock is no lock of a night"):
        night_of(portfolio, own_store)


def test_a_run_left_running_is_marked_by_the_next_night(own_store: Path, portfolio: Path) -> None:
    """Of another night, begun by a future clock, or by an older program that wrote no process: interrupted."""
    night_of(portfolio, own_store, date(2026, 11, 22))
    record = own_store / "runs" / "2026-11-22-001" / "run.json"
    document = json.loads(record.read_text())
    old = {name: document[name] for name in ("run_id", "as_of", "model_version", "catalogue_hash", "clients")}
    record.write_text(json.dumps({**old, "shards": 4, "status": "running", "started_at": LATER}))
    assert night_of(portfolio, own_store).run_id == RUN
    told = read_run(own_store, "2026-11-22-001")
    assert told.status == "interrupted"
    assert "killed" in told.document["error"]
    assert night_of(portfolio, own_store, date(2026, 11, 22)).run_id == "2026-11-22-002"


def test_readers_get_a_run_that_lacked_the_last_step_only(own_store: Path, portfolio: Path) -> None:
    """Killed between run.json, which says published, and the pointer: the next night of any day moves it first."""
    pointer = own_store / "published.json"
    before = pointer.read_bytes()
    assert night_of(portfolio, own_store).run_id == RUN
    after = published_bytes(own_store)
    pointer.write_bytes(before)
    assert night_of(portfolio, own_store, date(2026, 11, 1)).run_id == "2026-11-01-001"
    assert published_run(own_store) == RUN
    assert {
        name: data for name, data in published_bytes(own_store).items() if name in after
    }.keys() == after.keys()
