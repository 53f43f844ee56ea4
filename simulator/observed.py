"""Here: real rows as the growing of trees takes them.
Not here: where they come from (observe.py), the growing (derive_histories.py).
"""

from dataclasses import dataclass

import numpy as np

from simulator.columns import History
from simulator.facts import Bools, Floats, Ints
from simulator.sequences import Runs


@dataclass(frozen=True)
class Observed:
    """Real rows of a history: values (rows, columns) with NaN for missing, their runs, how many clients of the full
    tables each row's client stands for, and for some columns the rows that may teach.

    `growing` are the rows that trees are grown on, where all would take long; leaves are filled with all rows.
    """

    history: History
    values: Floats
    runs: Runs
    weight: Floats
    teaching: dict[str, Bools]
    growing: Bools | None = None

    @property
    def owner(self) -> Ints:
        """Each row's client, by number."""
        return np.repeat(np.arange(len(self.runs.starts) - 1), np.diff(self.runs.starts))
