"""The report measures a portfolio as the published figures were measured, and tells near from far."""

import csv
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator import Report, compare_folder, simulate, write_report
from simulator.measuring import Ordered, People, place_of, ratio, share_of_rows
from simulator.report_table import FAMILIES, CheckedFact

CLIENTS = 12_000
# What the generator reaches today; raise a floor when it gets nearer, never lower one.
FLOORS = {
    "rows": 1.0,
    "rows per client": 0.98,
    "missing": 1.0,
    "categories": 0.998,
    "quantiles": 0.994,
    "ranges": 1.0,
    "default rates": 0.98,
    "rank correlations": 1.0,
    "TARGET correlations": 0.99,
    "links": 1.0,
    "behaviour": 0.8,
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The report on 12,000 clients."""
    folder = tmp_path_factory.mktemp("report") / "portfolio"
    simulate(folder, CLIENTS, seed=7, file_format="parquet")
    return compare_folder(folder)


def test_every_family_meets_its_floor(report: Report) -> None:
    """Of each family of figures at least the stated share lies within tolerance and sampling error."""
    found = {line.family: line.share for line in report.summary()}
    assert found.keys() == FLOORS.keys() == FAMILIES.keys()
    short = {family: found[family] for family, floor in FLOORS.items() if found[family] < floor}
    assert not short, [
        (fact.table, fact.column, fact.what) for fact in report.missed() if fact.family in short
    ][:20]


def test_real_rows_meet_their_own_figures(sample_folder: Path) -> None:
    """The real sample, read by the same code, has the shares, quantiles and correlations that were published."""
    found = {line.family: line.share for line in compare_folder(sample_folder).summary()}
    for family in ("missing", "categories", "quantiles", "ranges", "rank correlations", "behaviour"):
        assert found[family] > 0.99, family


def test_a_shifted_column_is_seen(portfolio: Path, tmp_path: Path) -> None:
    """Incomes raised by half move their own quantiles out of tolerance and nobody else's."""
    folder = shutil.copytree(portfolio, tmp_path / "tables")
    train = pd.read_csv(folder / "application_train.csv")
    train["AMT_INCOME_TOTAL"] *= 1.5
    train.to_csv(folder / "application_train.csv", index=False)
    before, after = compare_folder(portfolio), compare_folder(folder)
    lost = {fact.column for fact in set(after.missed()) - set(before.missed()) if fact.family == "quantiles"}
    assert lost == {"AMT_INCOME_TOTAL"}


def test_parquet_and_csv_have_one_report(tmp_path: Path) -> None:
    """The same clients in another format give the same figures."""
    for file_format in ("csv", "parquet"):
        simulate(tmp_path / file_format, 400, seed=3, file_format=file_format)  # type: ignore[arg-type]  # one of two
    rows, columns = compare_folder(tmp_path / "csv"), compare_folder(tmp_path / "parquet")
    assert [fact.met for fact in rows.facts] == [fact.met for fact in columns.facts]
    same = [fact.simulated for fact in columns.facts]
    np.testing.assert_allclose([fact.simulated for fact in rows.facts], same, rtol=1e-6)


def everyone(clients: int, behind: tuple[int, ...] | None = None) -> People:
    return People(np.ones(clients), np.zeros(clients, dtype=np.int64), behind)


def test_many_rows_of_few_clients_prove_as_little_as_few_rows() -> None:
    """Ten equal rows per client leave share and error as they are with one row each: sqrt(p (1-p) / clients)."""
    hits = np.arange(400) % 4 == 0
    one = share_of_rows(everyone(400), np.arange(400), hits, np.ones(400, dtype=bool))
    ten = share_of_rows(
        everyone(400), np.repeat(np.arange(400), 10), np.repeat(hits, 10), np.ones(4000, dtype=bool)
    )
    assert one.value == ten.value == 0.25
    assert one.error == pytest.approx(np.sqrt(0.25 * 0.75 / 400))
    assert ten.error == pytest.approx(one.error)


def test_the_published_figure_has_its_own_error() -> None:
    """Measured on a hundredth of the clients, a figure is ten times less certain; on all of them, certain."""
    top = (np.arange(10_000) % 5 == 0).astype(float)
    sampled = ratio(everyone(10_000, behind=(100,)), top, np.ones(10_000))
    assert sampled.fact_error == pytest.approx(10 * sampled.error)
    assert ratio(everyone(10_000), top, np.ones(10_000)).fact_error == 0.0


def test_weights_stand_for_the_published_mixture() -> None:
    """One test client among four stands for half of the figure: (0.5 · 1) + (0.5 · 0) = 0.5."""
    people = People(np.array([0.5, 0.5 / 3, 0.5 / 3, 0.5 / 3]), np.array([1, 0, 0, 0]), (5_000, 5_000))
    assert ratio(people, np.array([1.0, 0.0, 0.0, 0.0]), np.ones(4)).value == pytest.approx(0.5)


def test_no_hits_among_few_are_uncertain() -> None:
    """A share of 0 of eight clients has the error of 1 of 10, not none."""
    none = np.zeros(8, dtype=bool)
    found = share_of_rows(everyone(8), np.arange(8), none, ~none)
    assert found.value == 0.0
    assert found.error == pytest.approx(np.sqrt(0.1 * 0.9 / 8))


def test_rows_without_a_client_are_left_out() -> None:
    """Orphans (owner -1) count neither above nor below."""
    found = share_of_rows(
        everyone(2), np.array([0, -1, 1]), np.array([True, True, False]), np.ones(3, dtype=bool)
    )
    assert found.value == 0.5


@pytest.mark.parametrize(("level", "expected"), [(0.0, 1.0), (0.25, 1.0), (0.26, 2.0), (1.0, 3.0)])
def test_quantiles_are_values_of_the_data(level: float, expected: float) -> None:
    """Of 1, 2, 3 with weights 1, 2, 1 the quarter is the first value, all beyond up to 3/4 the second."""
    assert Ordered.of(np.array([3.0, 1.0, 2.0]), np.array([1.0, 1.0, 2.0])).quantile(level) == expected


def test_places_of_identifiers() -> None:
    """Each wanted number's place among the known; -1 for a stranger, also beyond the ends."""
    assert place_of(np.array([3, 5, 9]), np.array([5, 4, 10, 9, 1])).tolist() == [1, -1, -1, 2, -1]
    assert place_of(np.empty(0, dtype=np.int64), np.array([1])).tolist() == [-1]


FACT = CheckedFact("missing", "bureau", "AMT|X", "missing", 0.5, 0.53, 0.03, 0.015)


def test_met_is_within_tolerance_and_sampling_error() -> None:
    """Three points off are not met by 1.5, met with 1.5 of sampling error; no figure is never met."""
    assert not FACT.met
    assert FACT.strain == pytest.approx(2.0)
    assert replace(FACT, allowance=0.015).met
    assert not replace(FACT, off=float("nan")).met


def test_the_farthest_stands_first() -> None:
    """Missed figures come by how far they are off what is allowed; the summary names the worst."""
    far, lost = replace(FACT, off=-0.3), replace(FACT, off=float("nan"))
    report = Report(10, (FACT, far, lost, replace(FACT, off=0.0)))
    assert [fact.what for fact in report.missed()] == ["missing"] * 3
    assert report.missed()[1:] == (far, FACT)
    (line,) = report.summary()
    assert (line.checked, line.met) == (4, 1)
    assert line.worst is report.missed()[0]


def test_a_report_is_written_as_csv_and_markdown(tmp_path: Path) -> None:
    """Every figure is a row in both; another ending is refused by name."""
    report = Report(10, (FACT, replace(FACT, off=0.0)))
    write_report(report, tmp_path / "r.csv")
    with (tmp_path / "r.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["met"] for row in rows] == ["False", "True"]
    assert rows[0]["column"] == "AMT|X"
    write_report(report, tmp_path / "r.md")
    text = (tmp_path / "r.md").read_text(encoding="utf-8")
    assert text.count("✗ |") == 1
    assert "| missing | 2 | 1 | 50.0% |" in text
    with pytest.raises(ValueError, match=r"r\.xlsx: a report ends in \.md or \.csv"):
        write_report(report, tmp_path / "r.xlsx")


def test_a_folder_without_tables_is_named(tmp_path: Path) -> None:
    """The error names the folder and the table that is not there."""
    with pytest.raises(FileNotFoundError, match=r"holds no application_train\.csv or \.parquet"):
        compare_folder(tmp_path)
