"""Following nights change who they say they change, nobody else, and what changes stays a Kaggle table."""

from collections import defaultdict
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import simulate
from simulator.nights import KINDS
from simulator.writing import TABLES

CLIENTS, NIGHTS = 2_500, 4
Frames = dict[str, pd.DataFrame]
Lines = dict[int, list[str]]


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four nights of 2,500 clients, the first folder first."""
    out = tmp_path_factory.mktemp("nights") / "p"
    report = simulate(out, CLIENTS, seed=4, nights=NIGHTS, first_night=date(2026, 2, 27))
    return [out, *report.following_nights]


@pytest.fixture(scope="module")
def nights(folders: list[Path]) -> list[Frames]:
    """The eight tables of each night."""
    return [{table: pd.read_csv(folder / f"{table}.csv") for table in TABLES} for folder in folders]


@pytest.fixture(scope="module")
def changes(folders: list[Path]) -> list[pd.DataFrame]:
    """changes.parquet of each following night."""
    return [pd.read_parquet(folder / "changes.parquet") for folder in folders[1:]]


def lines_by_client(folder: Path, frames: Frames) -> dict[str, Lines]:
    """The text of every client's lines by table and client; months of no credit stand under client 0."""
    owner = frames["bureau"].set_index("SK_ID_BUREAU")["SK_ID_CURR"]
    found = {}
    for table in TABLES:
        own: Lines = defaultdict(list)
        frame = frames[table]
        clients = (
            frame["SK_ID_CURR"]
            if "SK_ID_CURR" in frame
            else frame["SK_ID_BUREAU"].map(owner).fillna(0).astype(int)
        )
        text = (folder / f"{table}.csv").read_text(encoding="utf-8").splitlines()[1:]
        for client, line in zip(clients, text, strict=True):
            own[client].append(line)
        found[table] = own
    return found


def test_nobody_else_changes(folders: list[Path], nights: list[Frames], changes: list[pd.DataFrame]) -> None:
    """Lines of clients that changes.parquet does not name are those of the night before, in their order; each
    named one has another line somewhere.
    """
    lines = [lines_by_client(folder, frames) for folder, frames in zip(folders, nights, strict=True)]
    for (before, after), change in zip(pairwise(lines), changes, strict=True):
        named = set(change["SK_ID_CURR"])
        differ = {
            client
            for table in TABLES
            for client in before[table].keys() | after[table].keys()
            if before[table].get(client) != after[table].get(client)
        }
        assert differ - {0} == named
        orphans = [found["bureau_balance"][0] for found in (before, after)]
        assert orphans[1][: len(orphans[0])] == orphans[0]


def test_about_two_in_a_hundred_change(changes: list[pd.DataFrame]) -> None:
    """Apart from new applicants and outcomes, 2 % of the known clients change a night; each kind occurs."""
    for change in changes:
        old = change[~change["kind"].isin(["new", "outcome"])]
        assert old["SK_ID_CURR"].nunique() / CLIENTS == pytest.approx(0.02, abs=0.008)
        assert not change.duplicated().any()
    assert set(pd.concat(changes)["kind"]) == set(KINDS)


def test_changes_carry_their_night(changes: list[pd.DataFrame]) -> None:
    """Each file names its own day, the first following one being the day after the first night."""
    days = [change["night"].unique().tolist() for change in changes]
    assert days == [[date(2026, 2, 28)], [date(2026, 3, 1)], [date(2026, 3, 2)]]


def test_new_applicants_come_with_unknown_outcome(nights: list[Frames], changes: list[pd.DataFrame]) -> None:
    """Half a percent of the first night's clients arrive each night, in application_test; nobody leaves."""
    for (before, after), change in zip(pairwise(nights), changes, strict=True):
        old, new = (
            set(frames["application_train"]["SK_ID_CURR"]) | set(frames["application_test"]["SK_ID_CURR"])
            for frames in (before, after)
        )
        assert old < new
        assert new - old == set(change.loc[change["kind"] == "new", "SK_ID_CURR"])
        assert len(new - old) == round(CLIENTS * 0.005)
        assert new - old <= set(after["application_test"]["SK_ID_CURR"])


def test_outcomes_become_known_as_drawn(
    folders: list[Path], nights: list[Frames], changes: list[pd.DataFrame]
) -> None:
    """Who is named moves from test to train with the TARGET that the truth of both nights holds."""
    moved = 0
    for number, change in enumerate(changes, start=1):
        named = change.loc[change["kind"] == "outcome", "SK_ID_CURR"]
        moved += len(named)
        assert named.isin(nights[number - 1]["application_test"]["SK_ID_CURR"]).all()
        train = nights[number]["application_train"].set_index("SK_ID_CURR")["TARGET"]
        for folder in folders[number - 1 : number + 1]:
            truth = pd.read_parquet(folder / "truth.parquet").set_index("SK_ID_CURR")["TARGET"]
            assert (truth.loc[named].to_numpy() == train.loc[named].to_numpy()).all()
    assert moved > 5


def test_truth_is_whole_every_night(folders: list[Path], nights: list[Frames]) -> None:
    """Each night's truth names every client once; of train clients it holds the TARGET of the table."""
    for folder, frames in zip(folders, nights, strict=True):
        truth = pd.read_parquet(folder / "truth.parquet").set_index("SK_ID_CURR")
        clients = {*frames["application_train"]["SK_ID_CURR"], *frames["application_test"]["SK_ID_CURR"]}
        assert truth.index.is_unique
        assert set(truth.index) == clients
        train = frames["application_train"].set_index("SK_ID_CURR")["TARGET"]
        assert (truth.loc[train.index, "TARGET"] == train).all()
        causes = truth.drop(columns=["TARGET", "default_probability"]).sum(axis=1)
        assert np.allclose(1 / (1 + np.exp(-causes)), truth["default_probability"])


def test_who_comes_back_has_a_new_application(nights: list[Frames], changes: list[pd.DataFrame]) -> None:
    """The renewed application stands in test, its person is older by whole months, and the old credit stands
    among the earlier applications, decided on the day that everything else was shifted by.
    """
    seen = 0
    for (before, after), change in zip(pairwise(nights), changes, strict=True):
        back = change.loc[change["kind"] == "renewed", "SK_ID_CURR"]
        assert set(back) <= set(after["application_test"]["SK_ID_CURR"])
        old, new = (
            pd.concat([frames["application_train"], frames["application_test"]])
            .set_index("SK_ID_CURR")
            .loc[back]
            for frames in (before, after)
        )
        days = old["DAYS_BIRTH"] - new["DAYS_BIRTH"]
        assert set(days) <= {round(months * 30.4375) for months in range(1, 13)}
        employed = old["DAYS_EMPLOYED"] != 365_243
        assert ((old["DAYS_EMPLOYED"] - new["DAYS_EMPLOYED"])[employed] == days[employed]).all()
        assert (new["DAYS_EMPLOYED"][~employed] == 365_243).all()
        known = set(before["previous_application"]["SK_ID_PREV"])
        previous = after["previous_application"]
        unknown = ~previous["SK_ID_PREV"].isin(known) & previous["SK_ID_CURR"].isin(back)
        added = previous[unknown].set_index("SK_ID_CURR")
        assert sorted(added.index) == sorted(back)
        assert (added.loc[back, "AMT_CREDIT"] == old["AMT_CREDIT"]).all()
        assert (-added.loc[back, "DAYS_DECISION"] == days).all()
        seen += len(back)
    assert seen > 50


def test_time_passes_in_every_history(nights: list[Frames], changes: list[pd.DataFrame]) -> None:
    """For those who come back decisions, credits elsewhere, months and payments lie further back, by as many
    days or months, and running loans have new months and payments up to the new application.
    """
    before, after = nights[0], nights[1]
    back = set(changes[0].loc[changes[0]["kind"] == "renewed", "SK_ID_CURR"])
    birth = [
        pd.concat([f["application_train"], f["application_test"]]).set_index("SK_ID_CURR")["DAYS_BIRTH"]
        for f in (before, after)
    ]
    days = (birth[0] - birth[1].reindex(birth[0].index)).loc[sorted(back)]
    for table, key, column in (
        ("previous_application", "SK_ID_PREV", "DAYS_DECISION"),
        ("bureau", "SK_ID_BUREAU", "DAYS_CREDIT"),
    ):
        old, new = (
            frames[table][frames[table]["SK_ID_CURR"].isin(back)].set_index(key) for frames in (before, after)
        )
        shift = old[column] - new.loc[old.index, column]
        assert (shift == old["SK_ID_CURR"].map(days)).all(), table
    newest = {}
    for table in ("POS_CASH_balance", "credit_card_balance"):
        old, new = (frames[table][frames[table]["SK_ID_CURR"].isin(back)] for frames in (before, after))
        running = old.sort_values("MONTHS_BALANCE").groupby("SK_ID_PREV").tail(1)
        running = running[(running["NAME_CONTRACT_STATUS"] == "Active") & (running["MONTHS_BALANCE"] >= -2)]
        if table == "POS_CASH_balance":
            running = running[running["CNT_INSTALMENT_FUTURE"] > 12]
        last = new.groupby("SK_ID_PREV")["MONTHS_BALANCE"].max()
        newest[table] = last.loc[running["SK_ID_PREV"]]
    assert len(newest["POS_CASH_balance"]) > 2
    assert all((months == -1).all() for months in newest.values())
    payments = [f["installments_payments"] for f in (before, after)]
    own = [frame[frame["SK_ID_CURR"].isin(back)] for frame in payments]
    assert len(own[1]) > len(own[0])


def test_a_later_night_is_still_a_portfolio(nights: list[Frames]) -> None:
    """Keys are unique and link, days and months stay on their side of the application, as on the first night."""
    last = nights[-1]
    clients = {*last["application_train"]["SK_ID_CURR"], *last["application_test"]["SK_ID_CURR"]}
    assert last["previous_application"]["SK_ID_PREV"].is_unique
    assert last["bureau"]["SK_ID_BUREAU"].is_unique
    for table in ("POS_CASH_balance", "credit_card_balance"):
        assert not last[table].duplicated(["SK_ID_PREV", "MONTHS_BALANCE"]).any()
        assert last[table]["MONTHS_BALANCE"].between(-96, -1).all()
        assert last[table]["SK_ID_CURR"].isin(clients).all()
    assert not last["bureau_balance"].duplicated(["SK_ID_BUREAU", "MONTHS_BALANCE"]).any()
    assert last["bureau_balance"]["MONTHS_BALANCE"].between(-96, 0).all()
    assert last["installments_payments"]["DAYS_ENTRY_PAYMENT"].max() < 0
    assert last["installments_payments"]["DAYS_INSTALMENT"].between(-2_922, -1).all()
    assert (last["bureau"]["DAYS_CREDIT"] <= 0).all()
    pos = last["POS_CASH_balance"]
    assert (pos["CNT_INSTALMENT_FUTURE"].dropna() >= 0).all()
    assert last["application_test"][["AMT_CREDIT", "DAYS_BIRTH", "NAME_CONTRACT_TYPE"]].notna().all().all()


@pytest.mark.parametrize("workers", [1, 3])
def test_nights_are_the_same_on_any_number_of_threads(
    folders: list[Path], tmp_path: Path, workers: int
) -> None:
    """Every file of every night has the same bytes with one, two or three threads."""
    simulate(tmp_path / "p", CLIENTS, seed=4, nights=2, workers=workers, first_night=date(2026, 2, 27))
    for path in sorted(path for path in (tmp_path / "p").rglob("*") if path.is_file()):
        assert path.read_bytes() == (folders[0] / path.relative_to(tmp_path / "p")).read_bytes(), path


def test_the_first_night_knows_nothing_of_the_others(folders: list[Path], tmp_path: Path) -> None:
    """A portfolio of one night has the bytes of the first of four."""
    simulate(tmp_path / "p", CLIENTS, seed=4)
    for path in (tmp_path / "p").iterdir():
        assert path.read_bytes() == (folders[0] / path.name).read_bytes(), path
