"""A second night computes the clients who changed and publishes what computing all of them would publish."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from mini_tables import night_of

from model_store import load, open_store, promote, read_contributions, read_features, read_scores, save
from model_store.layers import below_file
from simulator import simulate

FIRST, SECOND, THIRD = (date(2026, 11, day) for day in (24, 25, 26))


@pytest.fixture(scope="module", params=["csv", "parquet"])
def nights(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """1,500 simulated clients and what became of them a night later."""
    folder = tmp_path_factory.mktemp("nights") / "tables"
    simulate(folder, clients=1500, seed=11, nights=2, file_format=request.param)
    return folder


def following(nights: Path) -> Path:
    """The folder of the second night."""
    return next(path for path in sorted(nights.iterdir()) if path.name.startswith("as_of="))


def published(store: Path, run_id: str) -> list[pd.DataFrame]:
    """Everything a night publishes of its clients, without its own name."""
    scores = read_scores(store, run_id).drop(columns="run_id")
    return [scores, read_features(store, run_id), read_contributions(store, run_id)]


def require_same(store: Path, one: str, elsewhere: Path, other: str) -> None:
    for mine, theirs in zip(published(store, one), published(elsewhere, other), strict=True):
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)


@pytest.mark.parametrize("parts", [1, 8], ids=["shards together", "shard by shard"])
def test_a_second_night_is_what_it_would_be_alone(
    parts: int, own_store: Path, nights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scores, features and contributions are, bit by bit, those of computing everyone; few were computed."""
    monkeypatch.setattr("batch.steps.earlier.FEWEST_PARTS", parts)
    fresh = shutil.copytree(own_store, own_store.parent / "fresh")
    shutil.rmtree(fresh / "ingests")  # nothing to compare with: everyone is read and computed
    first = night_of(nights, own_store, FIRST)
    second = night_of(following(nights), own_store, SECOND)
    assert second.document["kept_from"] == first.run_id
    assert 0 < second.document["computed"] < 0.25 * second.document["clients"]
    alone = night_of(following(nights), fresh, SECOND)
    assert alone.document["kept_from"] is None
    assert alone.document["computed"] == alone.document["clients"] == second.document["clients"]
    require_same(own_store, second.run_id, fresh, alone.run_id)
    counted = [run.folder / "bins.parquet" for run in (second, alone)]
    assert counted[0].read_bytes() == counted[1].read_bytes(), "clients per bin, counted from what changed"
    assert set(read_scores(own_store, second.run_id, ["run_id"])["run_id"]) == {second.run_id}


def test_the_same_tables_again_compute_nobody(own_store: Path, nights: Path) -> None:
    """A night run again on the same files keeps every client of the run before."""
    first = night_of(nights, own_store, FIRST)
    again = night_of(nights, own_store, FIRST)
    assert again.document["computed"] == 0
    require_same(own_store, first.run_id, own_store, again.run_id)


def test_kept_rows_are_not_written_again(own_store: Path, nights: Path) -> None:
    """Nights that follow one another share a file, and read the same when its folder is removed;
    tables that are again as they were give the first night again, through two nights of changes."""
    first = night_of(nights, own_store, FIRST)
    second, third = night_of(following(nights), own_store, SECOND), night_of(nights, own_store, THIRD)
    assert 0 < third.document["computed"] < 0.25 * third.document["clients"]
    require_same(own_store, first.run_id, own_store, third.run_id)
    kept = [(run.folder / "features" / below_file(1)).stat() for run in (second, third)]
    assert kept[0].st_ino == kept[1].st_ino
    before = published(own_store, second.run_id)
    shutil.rmtree(first.folder)
    for mine, theirs in zip(published(own_store, second.run_id), before, strict=True):
        pd.testing.assert_frame_equal(mine, theirs, check_exact=True)


def test_many_changes_are_written_whole(
    own_store: Path, nights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a layer would be thick, or the disk has no links, a night's file holds every row, the same ones."""
    night_of(nights, own_store, FIRST)
    second = night_of(following(nights), own_store, SECOND)
    monkeypatch.setattr("batch.steps.kept.THICKEST", 0.0)
    again = night_of(following(nights), own_store, SECOND)
    assert again.document["kept_from"] == second.run_id
    assert not (again.folder / "features" / below_file(1)).exists()
    require_same(own_store, second.run_id, own_store, again.run_id)


def test_another_model_computes_everyone(own_store: Path, nights: Path) -> None:
    """Nothing of a run by another model version is kept."""
    night_of(nights, own_store, FIRST)
    store = open_store(own_store)
    model = load(store)
    other = save(store, replace(model, cut_off=model.cut_off / 2))
    promote(store, other, who="tests", why="declines earlier", force=True)
    second = night_of(following(nights), own_store, SECOND)
    assert second.document["kept_from"] is None
    assert second.document["computed"] == second.document["clients"]
