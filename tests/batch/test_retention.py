"""Retention: the published run and the last ones stay, readers notice nothing, what goes is told first."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import Pret
from mini_tables import published_bytes

from batch.console import Progress
from batch.errors import JobError
from batch.owners import this_process
from batch.runs.retention import Pruning, plan_pruning
from batch.runs.turn import one_at_a_time
from model_store import list_runs, open_store, published_run, read_scores

CURRENT = "2026-11-23-001"


def add_run(store: Path, run_id: str, status: str, started: str = "2026-01-01T00:00:00+00:00") -> None:
    """A run like the published one, under another name."""
    folder = shutil.copytree(store / "runs" / CURRENT, store / "runs" / run_id)
    record = json.loads((folder / "run.json").read_text())
    record |= {"run_id": run_id, "as_of": run_id[:10], "status": status, "started_at": started}
    (folder / "run.json").write_text(json.dumps(record))
    if status == "published":
        export = store / "exports" / "scores" / f"as_of={run_id[:10]}"
        if not export.exists():
            shutil.copytree(store / "exports" / "scores" / f"as_of={CURRENT[:10]}", export)


@pytest.fixture
def old_store(own_store: Path) -> Path:
    """Nights of 18 to 22 November before the published one: one refused, one run twice, one left running."""
    add_run(own_store, "2026-11-18-001", "published")
    add_run(own_store, "2026-11-19-001", "refused")
    add_run(own_store, "2026-11-20-001", "failed")
    add_run(own_store, "2026-11-20-002", "published")
    add_run(own_store, "2026-11-21-001", "running")
    add_run(own_store, "2026-11-22-001", "published")
    return own_store


@pytest.mark.parametrize(
    ("keep", "gone"),
    [
        (1, ["18-001", "19-001", "20-001", "20-002", "21-001", "22-001"]),
        (2, ["18-001", "19-001", "20-001", "20-002", "21-001"]),
        (3, ["18-001", "19-001", "20-001"]),
        (4, []),
        (9, []),
    ],
)
def test_the_last_published_runs_stay(keep: int, gone: list[str], old_store: Path) -> None:
    """As many published ones as asked for, and whatever ran since the oldest of them."""
    plan = plan_pruning(open_store(old_store), keep)
    assert list(plan.runs) == [f"2026-11-{name}" for name in gone]
    assert set(plan.runs) | set(plan.kept) == set(list_runs(old_store))


def test_the_run_that_readers_use_stays_whatever_its_age(old_store: Path) -> None:
    """The pointer of a store set back to an old night still finds its run."""
    (old_store / "published.json").write_text(json.dumps({"run_id": "2026-11-20-002", "as_of": "2026-11-20"}))
    plan = plan_pruning(open_store(old_store), 1)
    assert "2026-11-20-002" in plan.kept
    assert list(plan.runs) == ["2026-11-18-001", "2026-11-19-001", "2026-11-20-001"]


def test_a_night_at_work_stays(old_store: Path) -> None:
    """A back-fill whose process holds the turn is not removed under its feet, whatever the clock says it began; one
    whose process is gone was killed."""
    for name, began in (("2026-10-01-001", this_process().began), ("2026-10-02-001", "1")):
        add_run(old_store, name, "running", "1999-01-01T00:00:00+00:00")
        record = old_store / "runs" / name / "run.json"
        owner = replace(this_process(), began=began).document
        record.write_text(json.dumps({**json.loads(record.read_text()), "process": owner}))
    with one_at_a_time(open_store(old_store), Progress()):
        plan = plan_pruning(open_store(old_store), 1)
    assert "2026-10-01-001" in plan.kept
    assert "2026-10-02-001" in plan.runs


def test_the_space_is_that_of_files_whose_names_all_go(old_store: Path) -> None:
    """A file that two old nights share counts once, one that a kept night has too not at all; every file of an
    object store, which knows no links."""
    runs = old_store / "runs"
    before = plan_pruning(open_store(old_store), 2).bytes
    (runs / "2026-11-18-001" / "below").write_bytes(bytes(1000))
    os.link(runs / "2026-11-18-001" / "below", runs / "2026-11-19-001" / "below")
    assert plan_pruning(open_store(old_store), 2).bytes == before + 1000
    os.link(runs / "2026-11-18-001" / "below", runs / CURRENT / "below")
    assert plan_pruning(open_store(old_store), 2).bytes == before
    elsewhere = open_store("memory://old-store")
    for path in (path for path in old_store.rglob("*") if path.is_file()):
        copy = elsewhere / str(path.relative_to(old_store))
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    assert plan_pruning(elsewhere, 2).bytes == before + 2 * 1000


def test_nothing_goes_without_yes(pret: Pret, old_store: Path) -> None:
    """What would go, and how much space it takes, is shown; every file stays."""
    before = sorted(old_store.rglob("*"))
    answer = pret("runs", "prune", "--keep", 1, "--store", old_store)
    assert answer.code == 0
    assert "nothing is, without --yes" in answer.out
    assert "2026-11-19-001" in answer.out
    assert sorted(old_store.rglob("*")) == before


def test_with_yes_the_old_runs_go_and_readers_notice_nothing(pret: Pret, old_store: Path) -> None:
    """Pointer, export and scores of the published night are byte for byte what they were; models stay."""
    before, scores = published_bytes(old_store), read_scores(old_store)
    models = sorted((old_store / "models").rglob("*"))
    assert pret("runs", "prune", "--keep", 1, "--yes", "--store", old_store).code == 0
    assert list_runs(old_store) == (CURRENT,) == (published_run(old_store),)
    assert [path.name for path in (old_store / "runs").iterdir()] == [CURRENT]
    assert published_bytes(old_store) == before, "exports stay unless --exports is given"
    assert read_scores(old_store).equals(scores)
    assert sorted((old_store / "models").rglob("*")) == models


def test_old_exports_go_only_when_asked(pret: Pret, old_store: Path) -> None:
    """--exports removes those of nights before the oldest kept run, never that of the published night."""
    assert pret("runs", "prune", "--keep", 2, "--yes", "--exports", "--store", old_store).code == 0
    left = sorted(path.name for path in (old_store / "exports" / "scores").iterdir())
    assert left == ["as_of=2026-11-22", "as_of=2026-11-23"]


def test_what_a_stopped_pruning_left_is_removed_by_the_next(old_store: Path) -> None:
    """A folder whose record is gone already is no run; it goes with the others."""
    (old_store / "runs" / "2026-11-18-001" / "run.json").unlink()
    plan = plan_pruning(open_store(old_store), 3)
    assert isinstance(plan, Pruning)
    assert "2026-11-18-001" in plan.runs


def test_at_least_one_night_is_kept(old_store: Path) -> None:
    """Keeping none is refused: it is never what somebody wants."""
    with pytest.raises(JobError, match="--keep is 0, expected at least 1"):
        plan_pruning(open_store(old_store), 0)
