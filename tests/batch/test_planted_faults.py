"""The simulator's planted faults are all caught at ingest, each with its own message, and nothing else is lost."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from mini_tables import night_of, published_bytes, rejects_of, require_nothing_lost, take_in

from batch.errors import InputError
from batch.ingest import Ingest
from model_store import open_store, read_scores
from simulator import FAULT_GROUPS, Planted, SimulationReport, choose_faults, simulate

CLIENTS = 300
TABLE_OF = {"application_train": "application", "application_test": "application"}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Ingest:
    """The ingest of 300 clients without faults."""
    place = tmp_path_factory.mktemp("clean")
    simulate(place / "tables", CLIENTS, seed=5)
    return take_in(place / "tables", place / "store")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> SimulationReport:
    """The same clients with every fault planted."""
    return simulate(
        tmp_path_factory.mktemp("faulty") / "tables", CLIENTS, seed=5, faults=choose_faults(["all"])
    )


@pytest.fixture(scope="module")
def taken(faulty: SimulationReport, tmp_path_factory: pytest.TempPathFactory) -> Ingest:
    """The ingest of the tables with bad rows and odd layouts."""
    return take_in(faulty.out, tmp_path_factory.mktemp("faulty") / "store")


def stem(planted: Planted) -> str:
    return planted.file.removesuffix(".csv")


def test_every_kind_is_planted_once_and_recorded(faulty: SimulationReport) -> None:
    """faults.csv names each kind with its place; it says what the simulation reported."""
    assert Counter(planted.kind for planted in faulty.faults) == Counter(FAULT_GROUPS["all"])
    with (faulty.out / "faults.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["kind"] for row in rows] == [planted.kind for planted in faulty.faults]
    assert [int(row["line"]) for row in rows] == [planted.line for planted in faulty.faults]


def test_every_bad_row_is_set_aside_with_its_reason(faulty: SimulationReport, taken: Ingest) -> None:
    """File, line and column of each are those of faults.csv; the reason begins with what it says."""
    bad = [planted for planted in faulty.faults if planted.outcome == "set aside"]
    assert len(bad) > 25
    for planted in bad:
        aside = rejects_of(taken, TABLE_OF.get(stem(planted), stem(planted)))
        own = aside[(aside["file"] == planted.file) & (aside["row"] == planted.line)]
        assert own["column"].tolist() == [planted.column], planted
        assert own["reason"].iloc[0].startswith(planted.says), (planted, own["reason"].iloc[0])


def test_nothing_else_is_lost(clean: Ingest, faulty: SimulationReport, taken: Ingest) -> None:
    """As many rows are used of every file as without faults; of what is set aside only the planted is new."""
    require_nothing_lost(taken)
    assert taken.clients == clean.clients == CLIENTS
    planted = Counter(stem(p) for p in faulty.faults if p.outcome == "set aside")
    for before, after in zip(clean.document["inputs"], taken.document["inputs"], strict=True):
        assert after["used"] == before["used"], after["table"]
        lost = [entry["rows"] - entry["used"] for entry in (before, after)]
        assert lost[1] - lost[0] == planted[after["table"]], after["table"]


def test_odd_but_usable_rows_are_used(faulty: SimulationReport, taken: Ingest) -> None:
    """A blank line, integers as floats and a category nobody knows cost no row; the category is counted."""
    usable = [p for p in faulty.faults if p.outcome in ("used", "counted") and p.line]
    assert {planted.kind for planted in usable} == {"blank-line", "unknown-category", "integers-as-floats"}
    for planted in usable:
        aside = rejects_of(taken, TABLE_OF.get(stem(planted), stem(planted)))
        assert not ((aside["file"] == planted.file) & (aside["row"] == planted.line)).any(), planted
    (unknown,) = taken.document["unknown_categories"]
    assert (unknown["category"], unknown["rows"]) == ("Houseboat", 1)


def test_the_night_is_published_in_spite_of_bad_rows(faulty: SimulationReport, own_store: Path) -> None:
    """Every client has a score; the run says how many rows were set aside."""
    run = night_of(faulty.out, own_store)
    assert len(read_scores(open_store(own_store))) == CLIENTS
    rejected = run.document["ingest"]["rejected"]
    assert sum(rejected["application"].values()) == sum(
        p.outcome == "set aside" and stem(p) in TABLE_OF for p in faulty.faults
    )


def test_every_unusable_file_stops_the_night(faulty: SimulationReport, own_store: Path) -> None:
    """Each folder fault=KIND is one line of error with the text of faults.csv; what was published stays."""
    before = published_bytes(own_store)
    stopping = [planted for planted in faulty.faults if planted.outcome == "night stops"]
    assert len(stopping) == len(FAULT_GROUPS["files"])
    for planted in stopping:
        with pytest.raises(InputError) as raised:
            night_of(faulty.out / planted.folder, own_store)
        message = str(raised.value)
        assert planted.says in message, planted
        assert "\n" not in message
        assert published_bytes(own_store) == before


def test_files_of_the_portfolio_are_not_touched_by_those_that_stop_a_night(tmp_path: Path) -> None:
    """With file faults alone the eight tables have the bytes that they have without."""
    simulate(tmp_path / "plain", 200, seed=6)
    simulate(tmp_path / "files", 200, seed=6, faults=choose_faults(["files"]))
    for path in (tmp_path / "plain").glob("*.csv"):
        assert (tmp_path / "files" / path.name).read_bytes() == path.read_bytes(), path.name


def test_faults_go_into_the_last_night(tmp_path: Path) -> None:
    """With several nights the earlier ones stay good."""
    simulate(tmp_path / "p", 200, seed=6, nights=2, faults=choose_faults(["client-twice", "outcome-two"]))
    assert not (tmp_path / "p" / "faults.csv").exists()
    with (tmp_path / "p" / "as_of=2026-01-02" / "faults.csv").open(encoding="utf-8") as file:
        assert {row["kind"] for row in csv.DictReader(file)} == {"client-twice", "outcome-two"}


def test_the_same_seed_plants_the_same_faults(faulty: SimulationReport, tmp_path: Path) -> None:
    """Every file, faulty ones included, has the same bytes again."""
    simulate(tmp_path / "p", CLIENTS, seed=5, faults=choose_faults(["all"]), workers=1)
    for path in sorted(path for path in faulty.out.rglob("*") if path.is_file()):
        other = tmp_path / "p" / path.relative_to(faulty.out)
        assert path.read_bytes() == other.read_bytes(), path


def test_an_unknown_fault_is_named() -> None:
    """The error says what is not known and what could be asked for."""
    with pytest.raises(
        ValueError, match=r"'rust' is not known: expected rows, layout, files, all or one of text-in"
    ):
        choose_faults(["rows", "rust"])


def test_too_few_rows_are_refused(tmp_path: Path) -> None:
    """Two clients have no room for so many faults; nothing is left behind."""
    with pytest.raises(ValueError, match=r"too few for \d+ faults: simulate more clients"):
        simulate(tmp_path / "p", 2, seed=1, faults=choose_faults(["all"]))
    assert list(tmp_path.iterdir()) == []
