"""Here: the tables of figures that the report compares a portfolio with, derived from published figures.
Not here: the figures the generator draws from (derive_facts.py), the comparison (report.py).

Run `python -m simulator.derive_report FACTS_JSON SAMPLE_FOLDER` to write them anew. Of the sample only shares of
linked identifiers are taken; no row of real data goes out.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).parent / "facts"
FULL_LEVELS = {"full_25%": 0.25, "full_median": 0.5, "full_75%": 0.75}
SAMPLE_LEVELS = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
FEWEST_VALUES = 13  # columns with fewer different values are compared by their shares, not by quantiles
MOST_CATEGORIES = 60
PEOPLE = {"application_train": "train_tenth", "application_test": "test", "installments_payments": "raised"}
CHILD_PEOPLE = "halves"
Rows = list[tuple[Any, ...]]


def build_quantiles(facts: dict[str, Any]) -> pd.DataFrame:
    """Table, column, level, value, population: on the full data where that is published, else on a sample."""
    rows: Rows = []
    for table, column, figures in _columns(facts):
        if figures.get("sample_nunique", 0) < FEWEST_VALUES or "sample_quantiles" not in figures:
            continue
        full = {level: figures[key] for key, level in FULL_LEVELS.items() if key in figures}
        for level in SAMPLE_LEVELS:
            value = full.get(level, figures["sample_quantiles"][str(level)])
            rows.append((table, column, level, value, _full(table) if level in full else _people(table)))
    return pd.DataFrame(rows, columns=["table", "column", "level", "value", "population"])


def build_ranges(facts: dict[str, Any]) -> pd.DataFrame:
    """Table, column, lowest and highest value on the full data."""
    rows: Rows = [
        (table, column, figures["full_min"], figures["full_max"])
        for table, column, figures in _columns(facts)
        if "full_min" in figures and "full_max" in figures
    ]
    return pd.DataFrame(rows, columns=["table", "column", "lowest", "highest"])


def build_missing(facts: dict[str, Any]) -> pd.DataFrame:
    """Table, column, missing share, population; columns that miss nothing included."""
    rows: Rows = []
    for table, column, figures in _columns(facts):
        full = "full_missing_rate" in figures
        share = figures["full_missing_rate" if full else "sample_missing_rate"]
        rows.append((table, column, round(share, 6), _full(table) if full else _people(table)))
    return pd.DataFrame(rows, columns=["table", "column", "share", "population"])


def build_shares(facts: dict[str, Any]) -> pd.DataFrame:
    """Table, column, value, share among the present values, population."""
    rows: Rows = [
        (table, column, value, share, _people(table))
        for table, column, figures in _columns(facts)
        for value, share in figures.get("sample_value_freq", {}).items()
        if column != "TARGET" and len(figures["sample_value_freq"]) <= MOST_CATEGORIES
    ]
    return pd.DataFrame(rows, columns=["table", "column", "value", "share", "population"])


def build_rates(facts: dict[str, Any]) -> pd.DataFrame:
    """Column, value or (low, high], clients, default rate of application_train; empty value: missing."""
    rows: Rows = []
    for column, values in facts["target_rate_by_value_systematic_sample"]["by_column"].items():
        for value, (clients, rate) in values.items():
            rows.append((column, "missing" if value == "<NA>" else "value", value, None, None, clients, rate))
    for column, deciles in facts["target_rate_by_decile_systematic_sample"].items():
        for low, high, clients, rate in deciles:
            kind = "missing" if low == "NA" else "decile"
            if clients:
                edges = (None, None) if low == "NA" else (low, high)
                rows.append((column, kind, None, *edges, clients, rate))
    return pd.DataFrame(rows, columns=["column", "kind", "value", "low", "high", "clients", "rate"])


def build_target_correlations(facts: dict[str, Any]) -> pd.DataFrame:
    """Column and its correlation with TARGET."""
    found = facts["corr_with_target_systematic_sample"]
    return pd.DataFrame(sorted(found.items()), columns=["column", "correlation"])


def build_per_client(facts: dict[str, Any]) -> pd.DataFrame:
    """Population, table, statistic, value: rows and identifiers per client."""
    rows: Rows = []
    people = {"fred_train": "train_half", "fred_test": "test_half", "kazuki_train": "raised"}
    for name, figures in facts["rows_per_client"].items():
        sample, _, table = name.partition(".")
        if sample not in people:
            continue
        quantiles = figures.get("quantiles_if_any", {})
        flat = {key: value for key, value in figures.items() if key != "quantiles_if_any"}
        flat |= {f"quantile {level}": value for level, value in quantiles.items() if level != "1"}
        rows += [(people[sample], table, statistic, value) for statistic, value in flat.items()]
    clients = facts["full_row_counts"]["application_train"] + facts["full_row_counts"]["application_test"]
    for table, count in facts["full_row_counts"].items():
        rows.append(("everyone", table, "rows per client", count / clients))
    for name, count in facts["full_distinct"].items():
        table, _, key = name.partition(".")
        if key == "SK_ID_CURR":
            rows.append(("everyone", table, "share_with_rows", count / clients))
        elif key in ("SK_ID_PREV", "SK_ID_BUREAU"):
            rows.append(("everyone", table, f"{key} per client", count / clients))
    rows.append(("train", "application_train", "default rate", facts["full_target"]["rate"]))
    return pd.DataFrame(rows, columns=["population", "table", "statistic", "value"])


def build_behaviour(facts: dict[str, Any]) -> pd.DataFrame:
    """Table, statistic, kind (mean of clients, share of clients), value: what histories say of a client."""
    rows: Rows = []
    for key, table in (
        ("full_per_client_installments_features", "installments_payments"),
        ("full_per_client_bureau_features", "bureau"),
    ):
        for statistic, figure in facts[key].items():
            if isinstance(figure, dict):
                rows.append((table, statistic, "mean", figure["mean"]))
            elif statistic != "source":
                rows.append((table, statistic, "share", figure))
    return pd.DataFrame(rows, columns=["table", "statistic", "kind", "value"])


def build_links(facts: dict[str, Any], sample: Path) -> pd.DataFrame:
    """Table, statistic, value: how identifiers of one table are found in another."""
    rows: Rows = []
    known = pd.read_csv(sample / "previous_application.csv", usecols=["SK_ID_PREV"])["SK_ID_PREV"]
    for table in ("POS_CASH_balance", "installments_payments", "credit_card_balance"):
        loans = pd.read_csv(sample / f"{table}.csv", usecols=["SK_ID_PREV"])["SK_ID_PREV"].drop_duplicates()
        rows.append((table, "loans in previous_application", round(float(loans.isin(known).mean()), 4)))
    rows.append(("bureau_balance", "credits not in bureau", round(_orphans(facts), 4)))
    return pd.DataFrame(rows, columns=["table", "statistic", "value"])


def _orphans(facts: dict[str, Any]) -> float:
    """Share of the credits of bureau_balance that bureau lacks: all, less those of train and test clients."""
    about, matched, credits = facts["rows_per_client"], 0.0, 0.0
    for part in ("train", "test"):
        clients, own = facts["full_row_counts"][f"application_{part}"], about[f"fred_{part}.bureau"]
        some = clients * own["share_with_rows"] * own["mean_if_any"]
        credits += some
        matched += some * about[f"fred_{part}.bureau_balance"]["share_of_bureau_credits_with_months"]
    scale = facts["full_row_counts"]["bureau"] / credits
    return 1.0 - float(matched * scale / facts["full_distinct"]["bureau_balance.SK_ID_BUREAU"])


def _columns(facts: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (table, column, figures)
        for table, about in facts["tables"].items()
        for column, figures in about["columns"].items()
        if not column.startswith("SK_ID")
    ]


def _people(table: str) -> str:
    return PEOPLE.get(table, CHILD_PEOPLE)


def _full(table: str) -> str:
    return {"application_train": "train", "application_test": "test"}.get(table, "everyone")


def main(facts_json: Path, sample: Path) -> None:
    facts = json.loads(facts_json.read_text(encoding="utf-8"))
    tables = {
        "quantiles": build_quantiles(facts),
        "ranges": build_ranges(facts),
        "missing": build_missing(facts),
        "shares": build_shares(facts),
        "rates": build_rates(facts),
        "target_correlations": build_target_correlations(facts),
        "per_client": build_per_client(facts),
        "behaviour": build_behaviour(facts),
        "links": build_links(facts, sample),
    }
    for name, table in tables.items():
        table.to_csv(FOLDER / f"report_{name}.csv", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
