"""Here: how the small tables in `facts/` are derived from published figures on the full Kaggle data.
Not here: their reading (facts.py). No row of real data goes in or out: headers, shares, quantiles,
correlations.

Run `python -m simulator.derive_facts FACTS_JSON SAMPLE_FOLDER` to write them anew; only the sample's headers
and column types are read.
"""

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

FOLDER = Path(__file__).parent / "facts"
POINTS = ("0", "0.01", "0.05", "0.1", "0.25", "0.5", "0.75", "0.9", "0.95", "0.99", "1")
MOST_CATEGORIES = 60
KINDS = {"int64": "int", "float64": "float"}


def build_layout(sample: Path, tables: list[str]) -> pd.DataFrame:
    """Table, column and kind (int, float, text), one row per column in file order."""
    rows = []
    for table in tables:
        frame = pd.read_csv(sample / f"{table}.csv")
        rows += [(table, name, KINDS.get(str(dtype), "text")) for name, dtype in frame.dtypes.items()]
    return pd.DataFrame(rows, columns=["table", "column", "kind"])


def build_quantiles(facts: dict[str, Any]) -> pd.DataFrame:
    """Quantiles of the present values, one row per numeric column."""
    rows = []
    for table, about in facts["tables"].items():
        for column, figures in about["columns"].items():
            quantiles = figures.get("sample_quantiles")
            if quantiles and not column.startswith("SK_ID"):
                rows.append((table, column, *(quantiles[point] for point in POINTS)))
    return pd.DataFrame(rows, columns=["table", "column", *POINTS])


def build_missing(facts: dict[str, Any]) -> pd.DataFrame:
    """Share of missing values, on the full data where it is known, otherwise on a systematic sample."""
    rows = []
    for table, about in facts["tables"].items():
        for column, figures in about["columns"].items():
            share = figures.get("full_missing_rate", figures.get("sample_missing_rate", 0.0))
            if share > 0:
                rows.append((table, column, round(share, 6)))
    return pd.DataFrame(rows, columns=["table", "column", "share"])


def build_categories(facts: dict[str, Any]) -> pd.DataFrame:
    """Share of each value among the present ones and, for the application, its default rate."""
    rates = facts["target_rate_by_value_systematic_sample"]["by_column"]
    rows = []
    for table, about in facts["tables"].items():
        for column, figures in about["columns"].items():
            shares = figures.get("sample_value_freq", {})
            if column == "TARGET" or not 0 < len(shares) <= MOST_CATEGORIES:
                continue
            for value, share in shares.items():
                rate = rates.get(column, {}).get(value, (0, None))[1] if "application" in table else None
                rows.append((table, column, value, share, rate))
    return pd.DataFrame(rows, columns=["table", "column", "value", "share", "default_rate"])


def main(facts_json: Path, sample: Path) -> None:
    facts = json.loads(facts_json.read_text(encoding="utf-8"))
    build_layout(sample, list(facts["tables"])).to_csv(FOLDER / "layout.csv", index=False)
    build_quantiles(facts).to_csv(FOLDER / "quantiles.csv", index=False)
    build_missing(facts).to_csv(FOLDER / "missing.csv", index=False)
    build_categories(facts).to_csv(FOLDER / "categories.csv", index=False)
    spearman = pd.DataFrame(facts["spearman_key_columns_systematic_sample"])
    spearman.to_csv(FOLDER / "spearman.csv", index_label="column")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
