"""Every declared feature against values worked out by hand from what it is declared to mean."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from example_tables import CLIENT, Block, read_blocks

from features import CATALOGUE, build_features
from features.vocabulary import SINGLE_ROW

BLOCKS = read_blocks()
CASES = [(block, name) for block in BLOCKS for name in block.expected]
TABLE_READ = {"instalments": "installments_payments"}


@pytest.fixture(scope="module")
def built() -> dict[int, pd.DataFrame]:
    """The features of each block, built once."""
    return {id(block): build_features(block.frames()) for block in BLOCKS}


@pytest.mark.parametrize(
    ("block", "name"), CASES, ids=[f"{name}-{block.title.split(':')[0]}" for block, name in CASES]
)
def test_feature_is_what_it_is_declared_to_mean(
    block: Block, name: str, built: dict[int, pd.DataFrame]
) -> None:
    """Each client of a hand-made table gets the value a person works out from the feature's meaning."""
    found = built[id(block)][name]
    expected = pd.Series(block.expected[name]).reindex(found.index)
    wrong = ~np.isclose(found, expected, rtol=1e-6, atol=0, equal_nan=True)
    table = pd.DataFrame({"found": found, "expected": expected})[wrong]
    assert not wrong.any(), f"{name}, {block.title}:\n{table}"


def test_every_feature_has_an_example() -> None:
    """A feature that nobody worked out by hand does not enter the catalogue."""
    without = set(CATALOGUE.names) - {name for _, name in CASES}
    assert not without, f"no example in tests/features/examples for {sorted(without)}"


def test_every_example_is_of_a_declared_feature() -> None:
    """A feature that was renamed or removed takes its example along."""
    strangers = {name for _, name in CASES} - set(CATALOGUE.names)
    assert not strangers, f"examples of undeclared features: {sorted(strangers)}"


@pytest.mark.parametrize("name", CATALOGUE.names)
def test_examples_hold_the_client_about_whom_nothing_is_known(name: str) -> None:
    """Each feature's examples include a client without rows, or whose row leaves out what is read."""
    feature = CATALOGUE[name]
    blocks = [block for block in BLOCKS if name in block.expected]
    assert any(_unknown_client(block, feature.table, feature.columns) for block in blocks)


def _unknown_client(block: Block, table: str, columns: frozenset[str]) -> bool:
    if table in SINGLE_ROW:
        read = [row for row in block.tables["application"] if all(not row.get(name) for name in columns)]
        return bool(read)
    rows = block.tables.get(TABLE_READ.get(table, table), [])
    if table == "bureau_balance":
        credits = {row["SK_ID_BUREAU"] for row in rows}
        rows = [row for row in block.tables["bureau"] if row["SK_ID_BUREAU"] in credits]
    return bool(set(block.clients) - {int(row[CLIENT]) for row in rows})
