"""Here: real rows as the growing of trees takes them.
Not here: where they come from (observe.py), the growing (derive_histories.py).
"""

from dataclasses import dataclass

from simulator.columns import History
from simulator.facts import Bools, Floats
from simulator.sequences import Runs


@dataclass(frozen=True)
class Observed:
    """Real rows of a history: values (rows, columns) with NaN for missing, their runs, and for some columns the
    rows that may teach; `copies` says how often most rows are repeated.
    """

    history: History
    values: Floats
    runs: Runs
    teaching: dict[str, Bools]
    copies: int = 1
