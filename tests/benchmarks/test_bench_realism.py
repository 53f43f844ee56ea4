"""The classifier that tells real from simulated rows finds what differs, and nothing where nothing does."""

import numpy as np
import pandas as pd
import pytest

from benchmarks.realism import discriminate


def make_rows(seed: int, rows: int = 1_500) -> pd.DataFrame:
    """A number with missing values and a text per row."""
    rng = np.random.default_rng(seed)
    amount = np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows))
    return pd.DataFrame(
        {"amount": amount, "kind": rng.choice(["a", "b"], rows), "days": rng.integers(0, 9, rows)}
    )


def test_same_law_cannot_be_told_apart() -> None:
    """Two draws of one law give an AUC of a half."""
    assert discriminate(make_rows(1), make_rows(2)).auc == pytest.approx(0.5, abs=0.05)


def test_what_differs_is_named_first() -> None:
    """A text that only one side uses is found, named first, and makes an AUC of nearly 1."""
    fake = make_rows(2).assign(kind="c")
    found = discriminate(make_rows(1), fake)
    assert found.auc > 0.99
    assert found.give_away.startswith("kind")
    assert sum(found.shares.values()) == pytest.approx(1.0)


def test_sides_of_unequal_size_are_compared_row_for_row() -> None:
    """The larger side is sampled down to the smaller, so that the AUC does not depend on sizes."""
    assert discriminate(make_rows(1, 600), make_rows(2)).rows == 600


def test_other_columns_are_refused() -> None:
    """A column that only one side has is named."""
    with pytest.raises(ValueError, match="'days'"):
        discriminate(make_rows(1), make_rows(2).drop(columns="days"))
