"""Figures of a training: worked numbers, and that folds are judged without themselves."""

import numpy as np
import pytest

import risk
from training import TrainingSettings
from training.figures import (
    band_table,
    calibration_table,
    mean_and_error,
    metrics_over_folds,
)
from training.importance import representative_rows, sample_rows
from training.inputs import Inputs


def scored(clients: int = 2000) -> tuple[Inputs, np.ndarray, np.ndarray]:
    """Inputs without features, folds, raw scores that are the true log-odds."""
    rng = np.random.default_rng(0)
    raw = rng.normal(-2, 1, clients)
    target = (rng.random(clients) < risk.LogOddsCalibration(1, 0).probability(raw)).astype(float)
    fold = (np.arange(clients) % 5).astype(np.int8)
    return inputs_of(target), fold, raw


def inputs_of(target: np.ndarray) -> Inputs:
    """Outcomes at costs 10:1, every client a person."""
    clients = len(target)
    return Inputs(
        np.zeros((clients, 0), dtype=np.float32),
        target.astype(np.int8),
        (),
        (),
        (),
        np.arange(clients),
        np.full(clients, 10.0),
        np.ones(clients),
    )


def test_mean_and_error_worked_number() -> None:
    """1, 2, 3 have mean 2 and standard error 1 / sqrt 3; a fold without a value is left out, not counted 0."""
    found = mean_and_error([1.0, 2.0, 3.0])
    assert found["mean"] == 2.0
    assert found["standard_error"] == pytest.approx(1 / np.sqrt(3))
    assert mean_and_error([1.0, float("nan")]) == {
        "mean": 1.0,
        "standard_error": None,
        "per_fold": [1.0, None],
    }
    assert mean_and_error([float("nan")])["mean"] is None


def test_a_folds_own_outcomes_do_not_move_its_cut_off() -> None:
    """Turning fold 0's outcomes around changes its figures but not the cut-off it is judged at."""
    inputs, fold, raw = scored()
    turned = inputs_of(np.where(fold == 0, 1 - inputs.target, inputs.target))
    before = metrics_over_folds(inputs, fold, raw, "log-odds")
    after = metrics_over_folds(turned, fold, raw, "log-odds")
    assert before["cut_off"]["per_fold"][0] == after["cut_off"]["per_fold"][0]
    assert before["auc"]["per_fold"][0] != after["auc"]["per_fold"][0]
    assert before["cut_off"]["per_fold"][1] != after["cut_off"]["per_fold"][1]


def test_tables_hold_every_client_once() -> None:
    """Calibration groups and risk bands each add up to all clients; an empty band has no rate."""
    inputs, _, raw = scored()
    probability = risk.LogOddsCalibration(1, 0).probability(raw)
    bands = band_table(inputs.outcome, probability, TrainingSettings())
    assert sum(row["clients"] for row in bands) == len(raw)
    assert sum(row["clients"] for row in calibration_table(inputs.outcome, probability)) == len(raw)
    nobody = band_table(inputs.outcome, np.full_like(probability, 0.5), TrainingSettings())
    assert nobody[0]["observed_rate"] is None
    assert nobody[-1]["clients"] == len(raw)


def test_bands_default_in_order() -> None:
    """With probabilities that are probabilities, each band defaults more than the safer one beside it."""
    inputs, _, raw = scored(40_000)
    bands = band_table(inputs.outcome, risk.LogOddsCalibration(1, 0).probability(raw), TrainingSettings())
    rates = [row["observed_rate"] for row in bands]
    assert rates == sorted(rates)
    assert all(row["from"] <= row["observed_rate"] < row["to"] for row in bands)


def test_samples_are_drawn_by_seed() -> None:
    """The same seed draws the same rows, each once; the representative ones are one per slice of the score."""
    assert np.array_equal(sample_rows(1, 500, 50), sample_rows(1, 500, 50))
    assert len(set(sample_rows(1, 500, 50))) == 50
    assert len(sample_rows(1, 20, 50)) == 20
    raw = np.random.default_rng(0).normal(size=1000)
    rows = representative_rows(raw, 100, seed=2)
    assert np.array_equal(np.sort(raw[rows]), raw[rows])
    assert len(set(rows)) == 100
