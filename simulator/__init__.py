"""Here: a portfolio of loan clients in the Kaggle layout whose true default probabilities are known.
Not here: anything of the model, the features or the batch.
"""

from simulator.drift import NAMES as DRIFTS
from simulator.drift import Drift, parse_drift
from simulator.faults import GROUPS as FAULT_GROUPS
from simulator.faults import choose_faults
from simulator.planting import RECORD as FAULT_RECORD
from simulator.planting import Planted
from simulator.portfolio import SimulationReport, simulate
from simulator.report import compare_folder
from simulator.report_table import Report, write_report

__all__ = [
    "DRIFTS",
    "FAULT_GROUPS",
    "FAULT_RECORD",
    "Drift",
    "Planted",
    "Report",
    "SimulationReport",
    "choose_faults",
    "compare_folder",
    "parse_drift",
    "simulate",
    "write_report",
]
