"""Arithmetic of credit risk: numbers in, numbers out.

Belongs here: cost, cut-off, score scale, calibration, discrimination, stability, cohorts. Does not: files,
models, frameworks.
"""

from risk.bins import rates_by_bin
from risk.calibration import (
    LogOddsCalibration,
    ReliabilityCurve,
    expected_calibration_error,
    fit_calibration,
    reliability_curve,
)
from risk.cohorts import CohortSummary, summarise_cohort
from risk.cost import (
    Confusion,
    CostCurve,
    CutOff,
    business_cost,
    cheapest_cut_off,
    confusion,
    cost_curve,
    indifference_probability,
)
from risk.decision import DECISIONS, decide
from risk.discrimination import auc, auc_interval, gini, ks
from risk.intervals import Interval, difference_interval, mean_interval, wilson_interval
from risk.scale import RiskBands, ScoreScale
from risk.stability import psi, psi_of_shares

__all__ = [
    "DECISIONS",
    "CohortSummary",
    "Confusion",
    "CostCurve",
    "CutOff",
    "Interval",
    "LogOddsCalibration",
    "ReliabilityCurve",
    "RiskBands",
    "ScoreScale",
    "auc",
    "auc_interval",
    "business_cost",
    "cheapest_cut_off",
    "confusion",
    "cost_curve",
    "decide",
    "difference_interval",
    "expected_calibration_error",
    "fit_calibration",
    "gini",
    "indifference_probability",
    "ks",
    "mean_interval",
    "psi",
    "psi_of_shares",
    "rates_by_bin",
    "reliability_curve",
    "summarise_cohort",
    "wilson_interval",
]
