"""A night beside training and the night before: what shards add up to is what the whole tables say."""

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_line import Pret
from mini_tables import night_of
from second_night import FIRST_NEW, GONE, LEARNT, NEW, next_night

from batch.steps.comparison import Comparison, ComparisonTask, NightFiles, add_up, compare_part
from batch.steps.since import BINS_FILE, measure_since
from model_store import (
    load,
    open_store,
    read_contributions,
    read_features,
    read_run,
    read_scores,
    read_targets,
)
from model_store.layers import read_shard_rows, shard_file
from model_store.nights import night_before, read_drift, read_migration
from model_store.reference import SCORE, reference_of
from risk import psi, psi_of_shares
from risk.stability import bin_shares

FIRST, SECOND = "2026-11-23-001", "2026-11-24-001"
KINDS = ("decision", "risk_band")


@pytest.fixture(scope="module")
def two_nights(small_store: Path, portfolio: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small store after a second night in which clients left, came and changed. Read only."""
    folder = tmp_path_factory.mktemp("two")
    store = shutil.copytree(small_store, folder / "store")
    night_of(next_night(portfolio, folder / "tables"), store)
    return store


@pytest.fixture(scope="module")
def migration(two_nights: Path) -> dict:
    """What run.json of the second night says of the change since the first."""
    return dict(read_run(two_nights, SECOND).document["migration"])


def test_the_second_night_passes_its_checks(two_nights: Path) -> None:
    """Half a per cent of clients gone and as many new is a usual night; it names the one it was compared with."""
    run = read_run(two_nights, SECOND)
    assert run.status == "published"
    assert run.document["compared_with"] == FIRST
    assert all(check["passed"] for check in run.document["checks"])
    names = {check["name"] for check in run.document["checks"]}
    assert {"clients_gone", "clients_new", "csi_last_night", "decision_flips", "calibration_gap"} <= names


@pytest.mark.parametrize("kind", KINDS)
def test_moves_are_those_of_the_two_exports(kind: str, two_nights: Path, migration: dict) -> None:
    """Every client of either night is in one cell: from the value before, or none, to the one after, or none."""
    before, after = (read_scores(two_nights, run, [kind])[kind].astype(object) for run in (FIRST, SECOND))
    sides = pd.concat([before, after], axis=1, keys=["before", "after"]).astype(object)
    expected = sides.where(sides.notna(), None).value_counts(dropna=False).to_dict()
    found = {(cell["before"], cell["after"]): cell["clients"] for cell in migration[kind]}
    assert found == {
        tuple(None if pd.isna(side) else side for side in move): clients for move, clients in expected.items()
    }
    assert sum(found.values()) == len(sides)


def test_new_and_gone_clients_are_counted(two_nights: Path, migration: dict) -> None:
    """Those who left the files are gone, those who came are new; both are told beside those who stayed."""
    assert (migration["clients_gone"], migration["clients_new"]) == (GONE, NEW)
    assert migration["clients_in_both"] == 1500 - GONE
    assert FIRST_NEW in read_scores(two_nights).index


def moved(store: Path, kind: str) -> pd.DataFrame:
    """Clients of both nights whose value of a kind differs: the value before and after."""
    parts = [read_scores(store, run, [kind])[kind].astype(str) for run in (FIRST, SECOND)]
    both = pd.concat(parts, axis=1, keys=["before", "after"], join="inner")
    return both[both["before"] != both["after"]]


@pytest.mark.parametrize("kind", KINDS)
def test_reasons_for_a_move_are_the_changes_of_contributions(kind: str, two_nights: Path) -> None:
    """Mean signed and absolute change of every contribution, for each move, as the whole tables give them."""
    told = read_migration(two_nights, SECOND)
    told = told[told["kind"] == kind].set_index(["before", "after", "feature"])
    who = moved(two_nights, kind)
    assert len(who) >= 5, "the second night must move somebody, or this proves nothing"
    difference = read_contributions(two_nights, SECOND, clients=who.index).astype(np.float64)
    difference -= read_contributions(two_nights, FIRST, clients=who.index).astype(np.float64)
    for (before, after), clients in who.groupby(["before", "after"]).groups.items():
        own, rows = told.loc[before, after], difference.loc[clients]
        assert set(own["clients"]) == {len(clients)}
        np.testing.assert_allclose(own["mean_change"], rows.mean()[own.index], atol=1e-12)
        np.testing.assert_allclose(own["mean_absolute_change"], rows.abs().mean()[own.index], atol=1e-12)
    assert len(told) == len(who.drop_duplicates()) * difference.shape[1]


def test_changes_of_contributions_add_up_to_the_change_of_the_score(two_nights: Path) -> None:
    """For each move the features' mean changes sum to the mean change of the model's log-odds."""
    model = load(open_store(two_nights))
    who = moved(two_nights, "decision")
    raw = [model.raw_score(read_features(two_nights, run, clients=who.index)) for run in (FIRST, SECOND)]
    change = pd.Series(raw[1] - raw[0], who.index)
    told = read_migration(two_nights, SECOND)
    sums = told[told["kind"] == "decision"].groupby(["before", "after"])["mean_change"].sum()
    expected = change.groupby([who["before"], who["after"]]).mean()
    np.testing.assert_allclose(sums, expected.loc[sums.index], atol=1e-5)


def test_what_changed_is_named_first(two_nights: Path) -> None:
    """EXT_SOURCE_2 was turned round for some clients: features made of it moved most for those declined since."""
    told = read_migration(two_nights, SECOND)
    declined = told[(told["kind"] == "decision") & (told["after"] == "decline")]
    assert declined["feature"].iloc[0].startswith("app_ext")
    assert declined["mean_change"].iloc[0] > 0, "towards default"
    assert (declined["mean_absolute_change"].diff().dropna() <= 0).all()


def test_drift_is_that_of_the_whole_tables(two_nights: Path) -> None:
    """Missing shares, CSI and PSI added up from shards equal those of all clients at once, for both comparisons."""
    drift, model = read_drift(two_nights, SECOND), load(open_store(two_nights))
    now, before = read_features(two_nights, SECOND), read_features(two_nights, FIRST)
    training = before.loc[model.out_of_fold.index]
    assert set(drift.index) == {*now.columns, SCORE}
    for name in now.columns:
        row, edges = drift.loc[name], reference_of(model)[name].edges
        assert row["missing_share"] == pytest.approx(now[name].isna().mean())
        assert row["missing_training"] == pytest.approx(training[name].isna().mean())
        assert row["missing_last_night"] == pytest.approx(before[name].isna().mean())
        assert row["csi_training"] == pytest.approx(psi(training[name], now[name]))
        shares = [bin_shares(part[name], edges) for part in (before, now)]
        assert row["csi_last_night"] == pytest.approx(psi_of_shares(*shares))
        came = psi_of_shares(bin_shares(training[name], edges), bin_shares(now.loc[FIRST_NEW:][name], edges))
        assert row["csi_newcomers"] == pytest.approx(came)
    assert len(now.loc[FIRST_NEW:]) == NEW
    scores = [read_scores(two_nights, run, [SCORE])[SCORE] for run in (FIRST, SECOND)]
    assert drift.loc[SCORE, "csi_training"] == pytest.approx(psi(model.out_of_fold[SCORE], scores[1]))
    assert 0 <= drift.loc[SCORE, "csi_last_night"] < drift.loc[SCORE, "chance_last_night"]


def test_outcomes_that_became_known_are_compared_with_what_was_promised(two_nights: Path) -> None:
    """The clients who got a TARGET since, with the probabilities of the night before, none of them trained on."""
    before, after = (read_targets(two_nights, run) for run in (FIRST, SECOND))
    learnt = after.index[after.notna() & before.reindex(after.index).isna()]
    scores = read_scores(two_nights, FIRST)
    assert len(learnt) == LEARNT
    assert not scores.loc[learnt, "seen_in_training"].any()
    check = next(c for c in read_run(two_nights).document["checks"] if c["name"] == "calibration_gap")
    promised = scores.loc[learnt, SCORE].mean()
    assert f"{LEARNT} outcomes became known: {after[learnt].mean():.2%} defaulted" in check["found"]
    assert f"{promised:.2%} were expected" in check["found"]


def test_an_outcome_that_training_saw_does_not_count(two_nights: Path, tmp_path: Path) -> None:
    """Marking the clients as seen in training leaves no outcome to compare."""
    store = shutil.copytree(two_nights, tmp_path / "store")
    counted = whole_of(store).outcomes.clients
    for path in (store / "runs" / SECOND / "scores").iterdir():
        rows = pq.read_table(str(path))
        place = rows.schema.get_field_index("seen_in_training")
        pq.write_table(rows.set_column(place, "seen_in_training", pa.array([True] * len(rows))), str(path))
    assert (counted, whole_of(store).outcomes.clients) == (LEARNT, 0)


def whole_of(store: Path, shards: tuple[int, int] = (4, 4)) -> Comparison:
    """The second night compared with the first, which lie in so many shards."""
    model = load(open_store(store))
    edges = {name: entry.edges for name, entry in reference_of(model).items()}
    first, second = (
        NightFiles(open_store(store) / "runs" / run, n)
        for run, n in zip((FIRST, SECOND), shards, strict=True)
    )
    task = ComparisonTask(second, first, edges, edges)
    return add_up([compare_part(part, task) for part in range(len(task.parts))])


def cut_again(store: Path, run: str, shards: int) -> None:
    """Deals the clients of a run to another number of shards."""
    for kind in ("scores", "features", "contributions"):
        folder = store / "runs" / run / kind
        held = range(read_run(store, run).shards)
        rows = pa.concat_tables([read_shard_rows(open_store(folder), shard) for shard in held])
        shutil.rmtree(folder)
        folder.mkdir()
        clients = rows.column("SK_ID_CURR").to_numpy()
        for shard in range(shards):
            pq.write_table(rows.filter(pa.array(clients % shards == shard)), str(folder / shard_file(shard)))


@pytest.mark.parametrize("shards", [(8, 4), (2, 4), (3, 4), (4, 6)])
def test_nights_of_other_shards_compare_the_same(
    shards: tuple[int, int], two_nights: Path, tmp_path: Path
) -> None:
    """More clients may mean more shards: whatever the two numbers, counts are equal and changes too."""
    expected = whole_of(two_nights)
    store = shutil.copytree(two_nights, tmp_path / "store")
    for run, number in zip((FIRST, SECOND), shards, strict=True):
        cut_again(store, run, number)
    found = whole_of(store, shards)
    assert found.moves == expected.moves
    assert found.outcomes.clients == expected.outcomes.clients
    assert found.outcomes.promised == pytest.approx(expected.outcomes.promised)
    for kind in ("bins", "bins_last", "bins_new"):
        own, others = getattr(found, kind), getattr(expected, kind)
        assert own.keys() == others.keys()
        assert all(np.array_equal(own[name], others[name]) for name in own)
    assert found.changes.keys() == expected.changes.keys()
    for move, change in found.changes.items():
        assert change.features == expected.changes[move].features
        np.testing.assert_allclose(change.change, expected.changes[move].change, atol=1e-9)


def test_stored_counts_are_those_of_the_features(two_nights: Path, tmp_path: Path) -> None:
    """The night before is compared by its stored counts; without them, or in other bins, its features are."""
    store = shutil.copytree(two_nights, tmp_path / "store")
    place, model = open_store(store), load(open_store(store))

    def drift(version: object = model) -> tuple[pd.DataFrame, int]:
        read: list[int] = []

        def measure(task: ComparisonTask) -> list[Comparison]:
            read.append(len(task.edges_last))
            return [compare_part(part, task) for part in range(4)]

        night = NightFiles(place / "runs" / SECOND, 4)
        since = measure_since(place, night, version, read_run(store, FIRST), measure)
        return since.drift, read[0]

    stored, read = drift()
    assert read == 0
    other = dict(model.metadata["reference"])
    other[SCORE] = {"edges": [0.5], "clients": [1, 1, 0]}
    assert drift(replace(model, metadata={**model.metadata, "reference": other}))[1] > 0
    (store / "runs" / FIRST / BINS_FILE).unlink()
    again, read = drift()
    assert read == len(stored)
    pd.testing.assert_frame_equal(stored, again)


def test_a_version_without_distributions_is_not_compared_with_training(two_nights: Path) -> None:
    """Versions of before carry none: no index is claimed, moves are counted all the same."""
    place, model = open_store(two_nights), load(open_store(two_nights))
    bare = replace(
        model, metadata={name: value for name, value in model.metadata.items() if name != "reference"}
    )
    night = NightFiles(place / "runs" / SECOND, 4)
    since = measure_since(
        place,
        night,
        bare,
        read_run(two_nights, FIRST),
        lambda task: [compare_part(n, task) for n in range(4)],
    )
    assert (since.training_clients, len(since.drift)) == (0, 0)
    assert since.clients("gone") == GONE


@pytest.fixture
def nights(two_nights: Path, tmp_path: Path) -> Path:
    """Five nights by name and status only."""
    store = tmp_path / "store"
    for run, status in (
        ("2026-11-20-001", "published"),
        ("2026-11-21-001", "refused"),
        ("2026-11-22-001", "published"),
        ("2026-11-22-002", "published"),
        ("2026-11-24-001", "published"),
    ):
        document = {**read_run(two_nights).document, "run_id": run, "as_of": run[:10], "status": status}
        (store / "runs" / run).mkdir(parents=True)
        (store / "runs" / run / "run.json").write_text(json.dumps(document))
    return store


@pytest.mark.parametrize(
    ("night", "run", "before"),
    [
        (date(2026, 11, 25), "2026-11-25-001", "2026-11-24-001"),
        (date(2026, 11, 24), "2026-11-24-001", "2026-11-22-002"),
        (date(2026, 11, 24), "2026-11-24-002", "2026-11-22-002"),
        (date(2026, 11, 23), "2026-11-23-001", "2026-11-22-002"),
        (date(2026, 11, 22), "2026-11-22-003", "2026-11-20-001"),
        (date(2026, 11, 20), "2026-11-20-002", "2026-11-20-001"),
        (date(2026, 11, 20), "2026-11-20-001", None),
        (date(2026, 11, 19), "2026-11-19-001", None),
    ],
)
def test_the_night_before_is_the_last_published_one(
    night: date, run: str, before: str | None, nights: Path
) -> None:
    """Of an earlier night; refused ones and later ones do not count; the same night's only if there is no other."""
    found = night_before(nights, night, run)
    assert (found.run_id if found else None) == before


@pytest.mark.parametrize("runs", [(FIRST, SECOND), (SECOND, FIRST)])
def test_diff_prints_who_moved_and_why(runs: tuple[str, str], pret: Pret, two_nights: Path) -> None:
    """Stored with the night, or measured for any other pair: each cell of the matrix, what moved most."""
    said = pret("runs", "diff", *runs, "--store", two_nights).out
    sides = pd.concat(
        [read_scores(two_nights, run, ["decision"])["decision"].astype(str) for run in runs], axis=1
    )
    counts = sides.set_axis(["before", "after"], axis=1).dropna().value_counts()
    for before in ("accept", "decline"):
        cells = " +│ +".join(f"{counts.get((before, after), 0):,}" for after in ("accept", "decline"))
        assert re.search(rf"│ {before} +│ +{cells} ", said)
    gone = GONE if runs[0] == FIRST else NEW
    assert sum(int(n) for n in re.findall(r"│ (?:accept|decline) +│[^│]+│[^│]+│ +(\d+) │", said)) == gone
    change = sides[(sides.iloc[:, 0] == "accept") & (sides.iloc[:, 1] == "decline")]
    difference = read_contributions(two_nights, runs[1], clients=change.index).astype(np.float64)
    difference -= read_contributions(two_nights, runs[0], clients=change.index).astype(np.float64)
    most = difference.abs().mean().idxmax()
    words = " ".join(said.replace("│", " ").split())
    assert f"({most})" in words
    assert f"{difference[most].mean():+.3f} {difference[most].abs().mean():.3f}" in words
    assert "model changed" not in words


def test_diff_says_when_the_model_changed(pret: Pret, two_nights: Path, tmp_path: Path) -> None:
    """Contributions of two models are compared, and the reader is told so."""
    store = shutil.copytree(two_nights, tmp_path / "store")
    path = store / "runs" / SECOND / "run.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "model_version": "v009", "migration": None}))
    assert (
        "The model changed between the two nights"
        in pret("runs", "diff", FIRST, SECOND, "--store", store).out
    )
