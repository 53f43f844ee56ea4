"""Here: how many credits elsewhere and how many earlier applications each client has.
Not here: what they are like (bureau.py, previous.py).
"""

from dataclasses import dataclass

import numpy as np

from simulator.columns import Column, History, draw_history, runs_of
from simulator.facts import Bools, Ints
from simulator.latents import Latents

MORE_CREDITS = 0.14  # train clients of the full tables have so many more on average than those of the sample
CLIENTS = History(
    "clients",
    client=("tested", "known_elsewhere", "known_here", "holds_card"),
    columns=(
        Column("credits", causes=(0.0, 0.35, 0.0, 0.0), step=1.0),
        Column("months_known", values=("no", "yes")),
        Column("applications", causes=(-0.1, 0.15, 0.0, 0.1), step=1.0),
    ),
)


@dataclass(frozen=True)
class Histories:
    """Per client: rows in bureau, whether those have months, rows in previous_application, and which clients came
    with an unknown outcome.
    """

    credits: Ints
    months_known: Bools
    applications: Ints
    tested: Bools


def draw_counts(rng: np.random.Generator, latents: Latents, tested: Bools) -> Histories:
    """Counts per client; 0 for those who are not known elsewhere or here."""
    known = [tested, latents.known_elsewhere, latents.known_here, latents.holds_card]
    drawn = draw_history(CLIENTS, rng, runs_of(np.ones(len(tested), dtype=np.int64), known), latents)
    credits = np.where(latents.known_elsewhere, np.nan_to_num(drawn["credits"]), 0).astype(np.int64)
    credits += (credits > 0) & ~tested & (rng.random(len(tested)) < MORE_CREDITS)
    applications = np.where(latents.known_here, np.nan_to_num(drawn["applications"]), 0).astype(np.int64)
    return Histories(credits, (drawn["months_known"] == 1) & (credits > 0), applications, tested)
