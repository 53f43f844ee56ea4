"""Sets of columns on the same folds: the difference and its error."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks.folds import Columns, Difference, Trees, compare_sets

QUICK = Trees("quick", 10, {"num_leaves": 4, "min_child_samples": 5})


def test_error_is_corrected_for_shared_training_clients() -> None:
    """25 differences of variance 1: plain 1 / 5; corrected sqrt(1 / 25 + 1 / 4), 2.69 times as much."""
    apart = np.tile([1.0, -1.0], 13)[:25]
    apart = (apart - apart.mean()) / apart.std(ddof=1)
    found = Difference.of((apart + 0.7).tolist(), [0.0] * 25)
    assert found.difference == pytest.approx(0.7)
    assert found.plain_error == pytest.approx(0.2)
    assert found.corrected_error == pytest.approx(np.sqrt(0.29))


def _sets(clients: int) -> tuple[Columns, Columns, np.ndarray]:
    rng = np.random.default_rng(5)
    risk = rng.normal(size=clients)
    target = (risk + rng.normal(size=clients) > 1).astype(np.int8)
    knows = pd.DataFrame({"risk": risk, "noise": rng.normal(size=clients)}, dtype="float32")
    guesses = knows.assign(risk=rng.normal(size=clients).astype("float32"))
    return Columns("knows", knows), Columns("guesses", guesses), target


def _compare(*sets: Columns, target: np.ndarray, repeats: int = 2) -> dict[tuple[str, str], list[float]]:
    groups = {"all": np.ones(len(target), dtype=bool), "first": np.arange(len(target)) < len(target) // 2}
    return compare_sets(sets, target, target, groups, QUICK, repeats, lambda done: None)


def test_columns_that_know_the_risk_win_in_every_group() -> None:
    """5 folds, 2 repeats, 2 groups: ten AUCs each; guessing stays near a half."""
    knows, guesses, target = _sets(600)
    found = _compare(knows, guesses, target=target)
    assert {key: len(values) for key, values in found.items()} == {
        (name, group): 10 for name in ("knows", "guesses") for group in ("all", "first")
    }
    assert np.mean(found["knows", "all"]) > 0.7
    assert abs(np.mean(found["guesses", "all"]) - 0.5) < 0.08


def test_sets_share_their_folds() -> None:
    """The same columns under two names have the same AUC in every fold: the difference is 0 without error."""
    knows, _, target = _sets(400)
    found = _compare(knows, Columns("twin", knows.frame), target=target)
    assert found["knows", "all"] == found["twin", "all"]


def test_declared_directions_are_kept() -> None:
    """Told that risk falls with what it truly rises with, a model can learn nothing from it."""
    knows, _, target = _sets(600)
    wrong = Columns("wrong", knows.frame[["risk"]], {"risk": -1})
    found = _compare(wrong, target=target, repeats=1)
    assert np.mean(found["wrong", "all"]) == pytest.approx(0.5)
