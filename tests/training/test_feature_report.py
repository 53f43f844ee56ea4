"""The report finds what is empty, what another feature already says, what drifts and what is noise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from features import TABLES, Catalogue, Feature
from features.expressions import col
from features.vocabulary import Unit
from training import ReportSettings, report_features

CLIENTS = 1500
COLUMNS = {
    "app_strong": "AMT_CREDIT",
    "app_weak": "AMT_ANNUITY",
    "app_copy": "AMT_GOODS_PRICE",
    "app_copy_sometimes": "OWN_CAR_AGE",
    "app_constant": "CNT_CHILDREN",
    "app_absent": "EXT_SOURCE_1",
    "app_moved": "AMT_INCOME_TOTAL",
    "app_random_1": "EXT_SOURCE_2",
    "app_random_2": "EXT_SOURCE_3",
    "app_random_3": "DAYS_BIRTH",
    "app_random_4": "DAYS_EMPLOYED",
}
UNITS: dict[str, Unit] = {"amount": "amount", "days": "days", "count": "count"}
CATALOGUE = Catalogue(
    Feature(
        name=name,
        table="application",
        value=col(column),
        unit=UNITS.get(TABLES["application"].columns[column].kind, "score"),
        group="INCOME",
        meaning="-",
        reason="-",
    )
    for name, column in COLUMNS.items()
)


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    """The report on made-up clients: defaults depend on app_strong and, half as much, on app_weak."""
    rng = np.random.default_rng(11)
    features = _clients(rng)
    logit = 1.5 * features["app_strong"] + 0.75 * features["app_weak"] - 1
    target = pd.Series(rng.random(CLIENTS) < 1 / (1 + np.exp(-logit)), index=features.index).astype("int8")
    unlabelled = _clients(rng)
    unlabelled["app_moved"] += 2
    steps: list[tuple[str, int, int]] = []
    report = report_features(
        features,
        target,
        unlabelled,
        CATALOGUE,
        lambda *step: steps.append(step),
        ReportSettings(repeats=1, trees=40),
    )
    assert steps[-1] == ("importance", 5, 5)
    return report.set_index("feature")


def _clients(rng: np.random.Generator) -> pd.DataFrame:
    frame = pd.DataFrame(rng.normal(size=(CLIENTS, len(COLUMNS))), columns=list(COLUMNS), dtype=np.float32)
    frame["app_copy"] = np.exp(frame["app_strong"])  # the same ranks
    frame["app_copy_sometimes"] = frame["app_copy"].where(rng.random(CLIENTS) < 0.5)
    frame["app_constant"] = 3.0
    frame["app_absent"] = frame["app_absent"].where(rng.random(CLIENTS) < 0.002)
    return frame


def test_every_model_input_is_there_strongest_first(found: pd.DataFrame) -> None:
    """One row per feature; the shares of the strength add up to one."""
    assert set(found.index) == set(COLUMNS)
    assert found["importance"].is_monotonic_decreasing
    assert found["importance"].sum() == pytest.approx(1)
    assert found.index[0] in ("app_strong", "app_copy")
    assert (found["family"] == "application").all()


def test_what_tells_defaults_apart_has_no_finding(found: pd.DataFrame) -> None:
    """A feature that matters is stronger than noise in every fit, ranks by itself, and stands."""
    assert found.loc["app_weak", "finding"] == ""
    assert found.loc["app_weak", "above_noise"] == 1
    assert 0.55 < found.loc["app_weak", "auc"] < found.loc["app_strong", "auc"]


def test_one_of_two_that_rank_alike_is_named(found: pd.DataFrame) -> None:
    """Of two features with the same ranks the weaker points to the stronger; missing for others, it does not."""
    first, second = sorted(("app_strong", "app_copy"), key=lambda name: -found.loc[name, "importance"])
    assert found.loc[first, "finding"] == ""
    assert found.loc[second, "redundant_with"] == first
    assert found.loc[second, "finding"] == f"as {first}"
    assert found.loc["app_copy_sometimes", "redundant_with"] == ""


def test_empty_constant_drifting_and_random_features_are_told(found: pd.DataFrame) -> None:
    """Each has its finding and the figure that led to it."""
    assert found.loc["app_constant", "finding"] == "empty"
    assert found.loc["app_constant", "most_frequent"] == 1
    assert found.loc["app_absent", "finding"] == "empty"
    assert found.loc["app_absent", "missing_train"] > 0.995
    assert found.loc["app_moved", "finding"] == "drifts"
    assert found.loc["app_moved", "drift"] > 1
    random = found[found.index.str.startswith("app_random")]
    assert (random["finding"] == "noise").sum() >= 3  # one in ten is lucky with these clients
    assert (random["drift"] < 0.1).all()


def test_without_test_clients_there_is_no_drift() -> None:
    """A portfolio whose outcomes are all known is reported on; drift is missing, not zero."""
    rng = np.random.default_rng(3)
    features = _clients(rng)
    target = (features["app_strong"] > 1).astype("int8")
    report = report_features(
        features, target, features.iloc[:0], CATALOGUE, lambda *_: None, ReportSettings(repeats=1, trees=5)
    )
    assert report["drift"].isna().all()
    assert report["missing_test"].isna().all()
    assert "drifts" not in set(report["finding"])
