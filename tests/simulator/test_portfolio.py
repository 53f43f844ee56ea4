"""A simulated portfolio looks like the Kaggle folder, links, repeats, and its behaviour predicts default."""

import errno
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import SimulationReport, simulate
from simulator.facts import read_facts
from simulator.portfolio import rank_auc
from simulator.writing import TABLES, whole_folder

HEADERS = Path(__file__).parent / "kaggle_headers.txt"
CLIENTS = 6_000

Tables = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A portfolio of two blocks as CSV."""
    out = tmp_path_factory.mktemp("simulator") / "portfolio"
    simulate(out, CLIENTS, seed=7)
    return out


@pytest.fixture(scope="module")
def tables(folder: Path) -> Tables:
    """The eight tables as pandas reads them."""
    return {table: pd.read_csv(folder / f"{table}.csv", low_memory=False) for table in TABLES}


@pytest.fixture(scope="module")
def truth(folder: Path) -> pd.DataFrame:
    """truth.parquet."""
    return pd.read_parquet(folder / "truth.parquet")


def read_bytes(folder: Path) -> dict[str, bytes]:
    """Content by file name."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


def test_headers_are_kaggles(folder: Path) -> None:
    """Every file has the columns of the Kaggle file of that name, in that order, and no other file lies there."""
    for line in HEADERS.read_text(encoding="utf-8").splitlines():
        table, header = line.split(":", 1)
        with (folder / f"{table}.csv").open(encoding="utf-8") as file:
            assert file.readline().rstrip("\n") == header
    assert {path.name for path in folder.iterdir()} == {
        *(f"{table}.csv" for table in TABLES),
        "truth.parquet",
    }


def test_cells_are_written_as_kaggle_does(folder: Path) -> None:
    """Whole numbers of float columns end in .0, whole-number columns do not, only commas call for quotes."""
    with (folder / "installments_payments.csv").open(encoding="utf-8") as file:
        file.readline()
        cells = file.readline().rstrip("\n").split(",")
    assert cells[0].isdigit()
    assert cells[2].endswith(".0")
    assert cells[3].isdigit()
    application = (folder / "application_train.csv").read_text(encoding="utf-8")
    quoted = set(application.split('"')[1::2])
    assert quoted == {"Spouse, partner", "Stone, brick"}
    assert ",nan" not in application.lower()


def test_same_seed_same_bytes(folder: Path, tmp_path: Path) -> None:
    """Another run, on another number of threads, writes the same bytes."""
    simulate(tmp_path / "again", CLIENTS, seed=7, workers=1)
    assert read_bytes(tmp_path / "again") == read_bytes(folder)


def test_another_seed_another_portfolio(tmp_path: Path) -> None:
    """Every table changes with the seed."""
    simulate(tmp_path / "a", 300, seed=1)
    simulate(tmp_path / "b", 300, seed=2)
    a, b = read_bytes(tmp_path / "a"), read_bytes(tmp_path / "b")
    assert all(a[name] != b[name] for name in a)


def test_parquet_says_the_same(folder: Path, tmp_path: Path, tables: Tables) -> None:
    """The Parquet form of a portfolio reads like the CSV form."""
    simulate(tmp_path / "parquet", CLIENTS, seed=7, file_format="parquet")
    for table in ("application_test", "bureau_balance", "previous_application"):
        found = pd.read_parquet(tmp_path / "parquet" / f"{table}.parquet")
        pd.testing.assert_frame_equal(found, tables[table], check_dtype=False)


def test_keys_are_unique_and_link(tables: Tables) -> None:
    """Identifiers are unique where they must be; histories belong to a client, nearly all to an application.

    As in the real tables, a few loans and one card in eight stand in no application.
    """
    clients = pd.concat([tables["application_train"]["SK_ID_CURR"], tables["application_test"]["SK_ID_CURR"]])
    assert sorted(clients) == list(range(100_001, 100_001 + CLIENTS))
    previous = tables["previous_application"].set_index("SK_ID_PREV")["SK_ID_CURR"]
    assert previous.index.is_unique
    assert tables["bureau"]["SK_ID_BUREAU"].is_unique
    assert previous.isin(clients).all()
    assert tables["bureau"]["SK_ID_CURR"].isin(clients).all()
    for table in ("POS_CASH_balance", "installments_payments", "credit_card_balance"):
        loans = (
            tables[table].drop_duplicates(["SK_ID_PREV", "SK_ID_CURR"]).set_index("SK_ID_PREV")["SK_ID_CURR"]
        )
        assert loans.index.is_unique
        assert loans.isin(clients).all()
        owners = previous.reindex(loans.index)
        assert (owners.isna() | (owners == loans)).all()
        orphans = owners.isna().mean()
        assert 0.02 < orphans < (0.2 if table == "credit_card_balance" else 0.08), table
    for table, keys in {
        "POS_CASH_balance": ["SK_ID_PREV", "MONTHS_BALANCE"],
        "credit_card_balance": ["SK_ID_PREV", "MONTHS_BALANCE"],
        "bureau_balance": ["SK_ID_BUREAU", "MONTHS_BALANCE"],
    }.items():
        assert not tables[table].duplicated(keys).any()


def test_bureau_months_differ_between_train_and_test(tables: Tables) -> None:
    """Months exist for about 36 % of train credits and nearly all test credits; a few months are orphans."""
    known = tables["bureau"]["SK_ID_BUREAU"].isin(tables["bureau_balance"]["SK_ID_BUREAU"])
    in_test = tables["bureau"]["SK_ID_CURR"].isin(tables["application_test"]["SK_ID_CURR"])
    assert known[~in_test].mean() == pytest.approx(0.361, abs=0.04)
    assert known[in_test].mean() > 0.99
    orphans = ~tables["bureau_balance"]["SK_ID_BUREAU"].isin(tables["bureau"]["SK_ID_BUREAU"])
    assert 0.03 < orphans.mean() < 0.09


def test_sentinels_are_there(tables: Tables) -> None:
    """365243, XNA and XAP stand where they stand in the real tables."""
    train, previous = tables["application_train"], tables["previous_application"]
    idle = train["DAYS_EMPLOYED"] == 365_243
    assert idle.mean() == pytest.approx(0.18, abs=0.025)
    assert (train.loc[idle, "ORGANIZATION_TYPE"] == "XNA").all()
    assert train.loc[idle, "OCCUPATION_TYPE"].isna().all()
    for column in ("DAYS_FIRST_DRAWING", "DAYS_LAST_DUE_1ST_VERSION", "DAYS_LAST_DUE", "DAYS_TERMINATION"):
        assert (previous[column] == 365_243).any()
        assert previous.loc[previous[column] != 365_243, column].max() < 4_000
    assert (previous["CODE_REJECT_REASON"] == "XAP").mean() > 0.7
    assert (previous["NAME_CASH_LOAN_PURPOSE"] == "XNA").any()


def test_days_do_not_lie_in_the_future(tables: Tables) -> None:
    """What has happened happened before the application."""
    assert tables["installments_payments"]["DAYS_ENTRY_PAYMENT"].max() < 0
    assert tables["POS_CASH_balance"]["MONTHS_BALANCE"].between(-96, -1).all()
    assert tables["credit_card_balance"]["MONTHS_BALANCE"].between(-96, -1).all()
    assert tables["bureau_balance"]["MONTHS_BALANCE"].between(-96, 0).all()
    assert tables["bureau"]["DAYS_CREDIT"].max() <= 0
    assert tables["previous_application"]["DAYS_DECISION"].between(-2922, -1).all()
    assert (tables["application_train"]["DAYS_BIRTH"] < -18 * 365).all()


def test_rows_per_client_are_near_the_facts(tables: Tables) -> None:
    """Mean rows per client that has any, and the share of clients that have any."""
    expected = {
        "bureau": (5.61, 0.858),
        "previous_application": (4.93, 0.951),
        "POS_CASH_balance": (29.7, 0.947),
        "installments_payments": (40.1, 0.953),
        "credit_card_balance": (37.1, 0.29),
    }
    for table, (mean, share) in expected.items():
        counts = tables[table]["SK_ID_CURR"].value_counts()
        assert counts.mean() == pytest.approx(mean, rel=0.12), table
        assert len(counts) / CLIENTS == pytest.approx(share, abs=0.03), table
    months = tables["bureau_balance"]["SK_ID_BUREAU"].value_counts()
    assert months.mean() == pytest.approx(33.4, rel=0.08)


def test_missing_shares_of_the_application(tables: Tables) -> None:
    """Each column of application_train misses its published share, give or take three points."""
    facts = read_facts("missing")
    facts = facts[facts["table"] == "application_train"].set_index("column")["share"]
    found = tables["application_train"].isna().mean()
    distance = (found - facts.reindex(found.index).fillna(0.0)).abs()
    assert distance.max() < 0.03, distance.idxmax()


def test_category_shares_of_the_application(tables: Tables) -> None:
    """Each text category of application_train has its published share, give or take three points."""
    facts = read_facts("categories")
    facts = facts[facts["table"] == "application_train"]
    texts = [c for c in facts["column"].unique() if tables["application_train"][c].dtype.kind not in "if"]
    for column in texts:
        shares = tables["application_train"][column].value_counts(normalize=True)
        published = facts[facts["column"] == column].set_index("value")["share"]
        assert (shares.reindex(published.index).fillna(0.0) - published).abs().max() < 0.03, column


def test_default_rate_and_truth_auc(tables: Tables, truth: pd.DataFrame) -> None:
    """About 8.07 % default, the truth's AUC is about 0.80, and the file's TARGET is the drawn one."""
    assert truth["TARGET"].mean() == pytest.approx(0.0807, abs=0.012)
    assert 0.76 < rank_auc(truth["TARGET"].to_numpy(), truth["default_probability"].to_numpy()) < 0.84
    train = tables["application_train"].set_index("SK_ID_CURR")["TARGET"]
    assert (truth.set_index("SK_ID_CURR")["TARGET"].reindex(train.index) == train).all()
    causes = truth[["base", "ability", "indebtedness", "behaviour", "shocks", "strain"]].sum(axis=1)
    assert np.allclose(1 / (1 + np.exp(-causes)), truth["default_probability"])


def test_behaviour_predicts_default(tables: Tables) -> None:
    """Late instalments, refusals, debt elsewhere and a high card balance are commoner among defaulters."""
    target = tables["application_train"].set_index("SK_ID_CURR")["TARGET"]
    payments, previous, bureau = (
        tables[name] for name in ("installments_payments", "previous_application", "bureau")
    )
    late = (
        (payments["DAYS_ENTRY_PAYMENT"] > payments["DAYS_INSTALMENT"]).groupby(payments["SK_ID_CURR"]).mean()
    )
    refused = (previous["NAME_CONTRACT_STATUS"] == "Refused").groupby(previous["SK_ID_CURR"]).mean()
    active = (bureau["CREDIT_ACTIVE"] == "Active").groupby(bureau["SK_ID_CURR"]).sum()
    scores = tables["application_train"].set_index("SK_ID_CURR")[["EXT_SOURCE_2", "EXT_SOURCE_3"]]
    assert late.reindex(target.index).corr(target) > 0.045
    assert refused.reindex(target.index).corr(target) > 0.03
    assert active.reindex(target.index).corr(target) > 0.02
    assert (scores.corrwith(target) < -0.10).all()


def test_report_counts_what_was_written(tmp_path: Path) -> None:
    """The report's counts are those of the files, and progress runs from the first block to 1."""
    heard: list[tuple[str, float]] = []
    report = simulate(tmp_path / "p", 500, seed=3, progress=lambda what, share: heard.append((what, share)))
    assert isinstance(report, SimulationReport)
    assert report.clients == 500
    assert report.test_clients == round(500 * 48_744 / 356_255)
    for table, rows in report.rows.items():
        with (tmp_path / "p" / f"{table}.csv").open("rb") as file:
            assert sum(1 for _ in file) == rows + 1
    assert heard == [("clients", 1.0)]


@pytest.mark.parametrize("clients", [1, 2, 9])
def test_tiny_portfolios(tmp_path: Path, clients: int) -> None:
    """A handful of clients makes eight readable files, too."""
    simulate(tmp_path / "p", clients, seed=clients)
    read = [len(pd.read_csv(tmp_path / "p" / f"application_{part}.csv")) for part in ("train", "test")]
    assert sum(read) == clients


def test_progress_runs_through_all_nights(tmp_path: Path) -> None:
    """Shares rise from night to night up to 1, each under the night's own name."""
    heard: list[tuple[str, float]] = []
    simulate(
        tmp_path / "p",
        1_000,
        seed=4,
        nights=3,
        progress=lambda label, share: heard.append((label, share)),
        first_night=date(2026, 2, 27),
    )
    shares = [share for _, share in heard]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert list(dict.fromkeys(label for label, _ in heard)) == [
        "clients",
        "night 2026-02-28",
        "night 2026-03-01",
    ]


def test_used_folder_is_refused(tmp_path: Path) -> None:
    """A folder that holds something is left as it is; an empty one is taken."""
    (tmp_path / "used").mkdir()
    (tmp_path / "used" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match=r"used is not empty: expected a new or empty folder"):
        simulate(tmp_path / "used", 100, seed=1)
    assert [path.name for path in tmp_path.rglob("*")] == ["used", "notes.txt"]
    (tmp_path / "empty").mkdir()
    assert simulate(tmp_path / "empty", 10, seed=1).clients == 10


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"clients": 0}, "0 clients asked for"),
        ({"clients": 10, "nights": 0}, "0 nights asked for: expected 1 to"),
        ({"clients": 100_000_000, "nights": 2}, "2 nights asked for: expected 1 to 1 for 100000000 clients"),
        ({"clients": 10, "file_format": "xlsx"}, "'xlsx': expected 'csv' or 'parquet'"),
    ],
)
def test_bad_arguments_are_named(tmp_path: Path, arguments: dict[str, object], message: str) -> None:
    """Each bad argument is refused with its value, before anything is written."""
    with pytest.raises(ValueError, match=message):
        simulate(tmp_path / "p", seed=1, **arguments)
    assert list(tmp_path.iterdir()) == []


def test_failure_leaves_nothing(tmp_path: Path) -> None:
    """When the simulation fails on its way, neither a portfolio nor a partial one stays."""

    def fail(what: str, share: float) -> None:
        raise OSError(f"{what} stopped at {share}")

    with pytest.raises(OSError, match="clients stopped"):
        simulate(tmp_path / "p", 100, seed=1, progress=fail)
    assert list(tmp_path.iterdir()) == []


def test_killed_simulation_leaves_no_portfolio(tmp_path: Path) -> None:
    """After a real kill -9 in the middle of writing, OUT does not exist and a second run succeeds."""
    script = (
        "import os, signal, sys; from simulator import simulate;"
        "simulate(sys.argv[1], 12_000, 1, progress=lambda *_: os.kill(os.getpid(), signal.SIGKILL))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path / "p")], check=False)
    assert done.returncode == -signal.SIGKILL
    assert not (tmp_path / "p").exists()
    assert simulate(tmp_path / "p", 50, seed=1).clients == 50


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    """The folder that could not be written is named, with what it takes; its half is gone."""

    def write() -> None:
        with whole_folder(tmp_path / "portfolio") as folder:
            (folder / "bureau.csv").write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match=r"disk of .*portfolio is full.*8 KB a client"):
        write()
    assert not list(tmp_path.iterdir())
