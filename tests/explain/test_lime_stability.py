"""Stability indices by the numbers worked out by hand, and by what they must be at the ends of their range."""

import numpy as np
import pytest

from explain.lime.stability import (
    Fit,
    coefficients_stability,
    jaccard,
    mean_jaccard,
    variables_stability,
    weight_errors,
)


def fit(weights, errors=None) -> Fit:
    """A fit with these weights; standard errors of 0.01 unless given."""
    return Fit(
        np.array(weights), np.full(len(weights), 0.01) if errors is None else np.array(errors), 0.0, 1.0
    )


def test_jaccard_counts_what_both_name():
    """Two of four in common are a half; nobody naming anything is agreement."""
    assert jaccard([1, 2, 3], [2, 3, 4]) == 0.5
    assert jaccard([], []) == 1.0


def test_vsi_is_the_number_worked_out_by_hand():
    """Three fits that name {a, b}, {a, b} and {a, c} have a VSI of two thirds, and a mean Jaccard below it."""
    fits = [fit([3, 2, 0, 0]), fit([3, -2, 0, 0]), fit([3, 0, 2, 0])]
    assert variables_stability(fits) == pytest.approx(2 / 3)
    assert mean_jaccard(fits) == pytest.approx((1 + 1 / 3 + 1 / 3) / 3)


def test_csi_is_the_number_worked_out_by_hand():
    """One pair of three overlaps for a, the only pair of b does: 0.667. Of a feature named once nothing is said."""
    half_width = np.array([0.02, 0.10, 0.02]) / 1.96
    fits = [
        fit([0.10, 0.50, 0.00], half_width),
        fit([0.12, 0.50, 0.00], half_width),
        fit([0.30, 0.00, 0.40], half_width),
    ]
    assert coefficients_stability(fits) == pytest.approx((1 / 3 + 1) / 2)


def test_the_same_fit_twice_is_perfectly_stable():
    """All indices are 1 where nothing differs."""
    fits = [fit([0.3, -0.2, 0.1])] * 3
    assert (mean_jaccard(fits), variables_stability(fits), coefficients_stability(fits)) == (1.0, 1.0, 1.0)


def test_only_the_strongest_count():
    """Beyond the ten strongest, differences do not matter."""
    strong = np.arange(20.0, 10.0, -1)
    left, right = fit([*strong, 0.5, 0.0]), fit([*strong, 0.0, 0.5])
    assert mean_jaccard([left, right]) == 1.0
    assert mean_jaccard([left, right], count=11) == pytest.approx(10 / 12)


def test_errors_of_weights_are_those_of_least_squares():
    """One column by hand; several equal the textbook's weighted least squares with an intercept."""
    by_hand = weight_errors(
        np.array([[1.0], [1.0], [0.0], [0.0]]), np.array([0.1, -0.1, 0.1, -0.1]), np.ones(4), 0.0
    )
    assert by_hand == pytest.approx([np.sqrt(0.02)])
    random = np.random.RandomState(0)
    kept, kernel = (random.random_sample((50, 3)) < 0.5).astype(float), random.uniform(0.4, 1.0, 50)
    answers = kept @ [1.0, -2.0, 0.5] + random.normal(size=50)
    design = np.column_stack([np.ones(50), kept])
    gram = design.T @ (kernel[:, None] * design)
    residuals = answers - design @ np.linalg.solve(gram, design.T @ (kernel * answers))
    expected = np.sqrt(np.diag(np.linalg.inv(gram)) * (kernel @ residuals**2) / 46)[1:]
    np.testing.assert_allclose(weight_errors(kept, residuals, kernel, 0.0), expected)
    assert np.all(weight_errors(kept, residuals, kernel, 5.0) < expected)
