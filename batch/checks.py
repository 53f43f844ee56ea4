"""What must be true of a night before it is published, each check with a name and a limit.

Belongs here: the checks. Does not: what happens when one fails (night).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from batch.ingest import Ingest
from batch.scoring import ShardScores

REJECTED_SHARE = 0.10
"""5 % of the real bureau_balance months have no credit in bureau; twice that says that a file is wrong."""


@dataclass(frozen=True)
class Check:
    """One check: what was found, what is allowed, and whether it passed."""

    name: str
    passed: bool
    found: str
    limit: str


def run_checks(ingested: Ingest, scored: Sequence[ShardScores]) -> tuple[Check, ...]:
    """Every check of a night, passed or not."""
    clients = np.concatenate([part.clients for part in scored])
    probability = np.concatenate([part.probability for part in scored])
    return (
        _client_count(clients, ingested.clients),
        _missing_scores(probability),
        _probability_range(probability),
        *(_rejected_share(ingested, table) for table in ingested.document["rows"]),
    )


def _client_count(clients: np.ndarray, expected: int) -> Check:
    once = len(np.unique(clients)) == len(clients)
    found = f"{len(clients):,} clients, {'each once' if once else 'some twice'}"
    return Check(
        "client_count", once and len(clients) == expected, found, f"{expected:,} applications, each once"
    )


def _missing_scores(probability: np.ndarray) -> Check:
    missing = int(np.isnan(probability).sum())
    return Check("missing_scores", missing == 0, f"{missing:,} clients without a probability", "none")


def _probability_range(probability: np.ndarray) -> Check:
    known = probability[~np.isnan(probability)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (np.nan, np.nan)
    return Check(
        "probability_range",
        bool(len(known)) and 0 < low < high < 1,
        f"{low:.6f} to {high:.6f}",
        "above 0, below 1, not all the same",
    )


def _rejected_share(ingested: Ingest, table: str) -> Check:
    rejected = sum(ingested.document["rejected"].get(table, {}).values())
    rows = int(ingested.document["rows"][table]) + rejected
    share = rejected / rows
    return Check(
        f"rejected_rows.{table}",
        share <= REJECTED_SHARE,
        f"{rejected:,} of {rows:,} rows ({share:.2%})",
        f"at most {REJECTED_SHARE:.0%}",
    )
