"""Arithmetic of credit risk: numbers in, numbers out.

Belongs here: cost, cut-off, score scale, calibration, discrimination, fairness, stability, cohorts. Does not:
files, models, frameworks.
"""

from risk.bins import rates_by_bin
from risk.calibration import (
    CALIBRATIONS,
    FITS,
    BetaCalibration,
    Calibration,
    CalibrationMethod,
    IsotonicCalibration,
    LogOddsCalibration,
    calibration_document,
    fit_beta,
    fit_calibration,
    fit_isotonic,
    read_calibration,
)
from risk.cohorts import CohortSummary, summarise_cohort
from risk.cost import (
    Confusion,
    Cost,
    CostCurve,
    CutOff,
    business_cost,
    cheapest_cut_off,
    confusion,
    cost_curve,
    indifference_probability,
)
from risk.decision import DECISIONS, decide
from risk.discrimination import auc, auc_interval, average_precision, gini, ks
from risk.fairness import GroupFigures, group_figures, widest_gap
from risk.intervals import Interval, difference_interval, mean_interval, wilson_interval
from risk.money import MoneyAssumptions, money_costs
from risk.reliability import (
    ReliabilityCurve,
    brier_score,
    chance_calibration_error,
    expected_calibration_error,
    log_loss,
    reliability_curve,
)
from risk.resampling import CutOffInterval, bootstrap_cut_off
from risk.scale import RiskBands, ScoreScale
from risk.stability import psi, psi_of_shares
from risk.woe import WeightOfEvidence, fit_category_weights, fit_weight_of_evidence

__all__ = [
    "CALIBRATIONS",
    "DECISIONS",
    "FITS",
    "BetaCalibration",
    "Calibration",
    "CalibrationMethod",
    "CohortSummary",
    "Confusion",
    "Cost",
    "CostCurve",
    "CutOff",
    "CutOffInterval",
    "GroupFigures",
    "Interval",
    "IsotonicCalibration",
    "LogOddsCalibration",
    "MoneyAssumptions",
    "ReliabilityCurve",
    "RiskBands",
    "ScoreScale",
    "WeightOfEvidence",
    "auc",
    "auc_interval",
    "average_precision",
    "bootstrap_cut_off",
    "brier_score",
    "business_cost",
    "calibration_document",
    "chance_calibration_error",
    "cheapest_cut_off",
    "confusion",
    "cost_curve",
    "decide",
    "difference_interval",
    "expected_calibration_error",
    "fit_beta",
    "fit_calibration",
    "fit_category_weights",
    "fit_isotonic",
    "fit_weight_of_evidence",
    "gini",
    "group_figures",
    "indifference_probability",
    "ks",
    "log_loss",
    "mean_interval",
    "money_costs",
    "psi",
    "psi_of_shares",
    "rates_by_bin",
    "read_calibration",
    "reliability_curve",
    "summarise_cohort",
    "widest_gap",
    "wilson_interval",
]
