"""Here: a portfolio of loan clients in the Kaggle layout whose true default probabilities are known.
Not here: anything of the model, the features or the batch.
"""

from simulator.portfolio import SimulationReport, simulate

__all__ = ["SimulationReport", "simulate"]
