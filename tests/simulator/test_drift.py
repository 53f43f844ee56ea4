"""Drift shifts who arrives, in the direction its name says, and nobody who was there before."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import Drift, parse_drift, simulate
from simulator.applicants import draw_applicants
from simulator.drift import drift_latents
from simulator.latents import draw_latents
from simulator.writing import TABLES

CLIENTS = 1_500
Frames = dict[str, pd.DataFrame]


def read(folder: Path) -> Frames:
    """Applications, truth and the tables of histories."""
    frames = {table: pd.read_parquet(folder / f"{table}.parquet") for table in TABLES}
    frames["application"] = pd.concat([frames["application_train"], frames["application_test"]])
    return frames | {"truth": pd.read_parquet(folder / "truth.parquet")}


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    """1,500 clients without drift."""
    return drifted(tmp_path_factory.mktemp("usual"))


def drifted(place: Path, *drifts: Drift) -> Frames:
    simulate(place / "p", CLIENTS, seed=9, file_format="parquet", drifts=drifts)
    return read(place / "p")


def late_share(frames: Frames) -> float:
    payments = frames["installments_payments"]
    return float((payments["DAYS_ENTRY_PAYMENT"] > payments["DAYS_INSTALMENT"]).mean())


def test_recession(usual: Frames, tmp_path: Path) -> None:
    """Half a recession raises true probabilities, lateness and shocks and lowers incomes; a whole one more."""
    half = drifted(tmp_path / "half", Drift("recession", 0.5))
    whole = drifted(tmp_path / "whole", Drift("recession", 1.0))
    for better, worse in ((usual, half), (half, whole)):
        risk = [frames["truth"]["default_probability"].mean() for frames in (better, worse)]
        assert risk[1] > 1.15 * risk[0]
        incomes = [frames["application"]["AMT_INCOME_TOTAL"].median() for frames in (better, worse)]
        assert incomes[1] < incomes[0]
        assert late_share(worse) > late_share(better)


def test_new_channel(usual: Frames, tmp_path: Path) -> None:
    """Clients are younger and ask for revolving loans more often; their identifiers are the usual ones."""
    found = drifted(tmp_path, Drift("new-channel", 0.8))
    application, before = found["application"], usual["application"]
    assert application["DAYS_BIRTH"].median() > before["DAYS_BIRTH"].median() + 5 * 365
    revolving = [(frame["NAME_CONTRACT_TYPE"] == "Revolving loans").mean() for frame in (before, application)]
    assert revolving[1] > 2 * revolving[0]
    assert sorted(application["SK_ID_CURR"]) == sorted(before["SK_ID_CURR"])


def test_a_new_channel_brings_thin_files() -> None:
    """At full strength four in ten more have no history anywhere, and no card without one here."""
    came_unknown = np.ones(20_000, dtype=bool)
    applicants = draw_applicants(np.random.default_rng(3), came_unknown)
    usual = draw_latents(np.random.default_rng(1), applicants, came_unknown)
    found = drift_latents(np.random.default_rng(2), usual, (Drift("new-channel", 1.0),))
    for before, after in (
        (usual.known_here, found.known_here),
        (usual.known_elsewhere, found.known_elsewhere),
    ):
        assert after.mean() == pytest.approx(0.6 * before.mean(), abs=0.02)
    assert not (found.holds_card & ~found.known_here).any()


def test_broken_feed(usual: Frames, tmp_path: Path) -> None:
    """That share of clients lacks all three external scores; nothing else differs."""
    found = drifted(tmp_path, Drift("broken-feed", 0.3))
    scores = ["EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"]
    lost = found["application"][scores].isna().all(axis=1).mean()
    assert lost == pytest.approx(0.3, abs=0.05)
    rest = found["application"].drop(columns=scores)
    pd.testing.assert_frame_equal(rest, usual["application"].drop(columns=scores))
    for table in ("bureau", "installments_payments", "truth"):
        pd.testing.assert_frame_equal(found[table], usual[table])


def test_two_drifts_at_once(tmp_path: Path) -> None:
    """A recession and a broken feed add up."""
    found = drifted(tmp_path, Drift("recession", 1.0), Drift("broken-feed", 1.0))
    assert found["application"]["EXT_SOURCE_2"].isna().all()
    assert found["truth"]["default_probability"].mean() > 0.11


def test_with_several_nights_only_newcomers_drift(tmp_path: Path) -> None:
    """The first night has the bytes it has without drift; whoever came later lacks the scores."""
    simulate(tmp_path / "a", 400, seed=2, nights=3)
    simulate(tmp_path / "b", 400, seed=2, nights=3, drifts=(Drift("broken-feed", 1.0),))
    for table in TABLES:
        assert (tmp_path / "a" / f"{table}.csv").read_bytes() == (
            tmp_path / "b" / f"{table}.csv"
        ).read_bytes()
    last = pd.read_csv(tmp_path / "b" / "as_of=2026-01-03" / "application_test.csv")
    newcomers = last["SK_ID_CURR"] > 100_400
    assert newcomers.sum() == 4
    assert last.loc[newcomers, ["EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"]].isna().all().all()
    assert last.loc[~newcomers, "EXT_SOURCE_2"].notna().mean() > 0.9


def test_a_drift_as_typed() -> None:
    """NAME:STRENGTH becomes a drift."""
    assert parse_drift("new-channel:0.25") == Drift("new-channel", 0.25)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("inflation:0.5", r"'inflation' is not known: expected one of recession, new-channel, broken-feed"),
        ("recession", r"'recession': expected NAME:STRENGTH, such as recession:0\.5"),
        ("recession:much", r"'recession:much': expected NAME:STRENGTH"),
        ("recession:0", r"strength 0 of drift recession: expected more than 0, 1 at most"),
        ("recession:1.5", r"strength 1\.5 of drift recession"),
        ("recession:nan", r"strength nan of drift recession"),
    ],
)
def test_a_wrong_drift_is_named(text: str, said: str) -> None:
    """What was typed and what was expected."""
    with pytest.raises(ValueError, match=said):
        parse_drift(text)
