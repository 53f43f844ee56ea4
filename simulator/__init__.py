"""Here: a portfolio of loan clients in the Kaggle layout whose true default probabilities are known.
Not here: anything of the model, the features or the batch.
"""

from simulator.portfolio import SimulationReport, simulate
from simulator.report import compare_folder
from simulator.report_table import Report, write_report

__all__ = ["Report", "SimulationReport", "compare_folder", "simulate", "write_report"]
