"""What must be true of a night before it is published, each check with a name and a limit.

Belongs here: the checks. Does not: the limits (limits), what happens when one fails (night, acceptance).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from upath import UPath

from batch.ingest import Ingest
from batch.steps.limits import Limits
from batch.steps.scoring import ShardScores
from batch.steps.since import Since
from features import TABLES
from model_store import ModelStoreError, ScoringModel, read_record
from model_store.reference import SCORE
from risk.intervals import wilson_interval

MOST_TOLD = 3
FEWEST_OUTCOMES = 100
FEWEST_NEWCOMERS = 200
"""Of fewer, bins are empty by chance more often than the formula for it knows."""
CALIBRATION_LEVEL = 0.99
EXACT = ("client_count", "missing_scores", "probability_range", "model_checksum")
"""Checks without a limit to set: anything but their one answer is a fault."""


@dataclass(frozen=True)
class Check:
    """One check: what was found, what is allowed, and whether it passed.

    `value` and `allowed` are the same as numbers, where there is one; `subject` is the table or feature at fault.
    """

    name: str
    passed: bool
    found: str
    limit: str
    value: float | None = None
    allowed: float | None = None
    subject: str = ""


def check_names() -> tuple[str, ...]:
    """Every check that a night may have; that of rejected rows is one for each table."""
    limits = [entry.name for entry in fields(Limits) if entry.name != "rejected_rows"]
    return (*EXACT, *(f"rejected_rows.{table}" for table in TABLES), *limits)


def run_checks(
    ingested: Ingest, scored: Sequence[ShardScores], since: Since, limits: Limits, checksum: Check
) -> tuple[Check, ...]:
    """Every check of a night, passed or not; none where there is nothing to compare with yet."""
    return (
        _client_count(scored, ingested.clients),
        _missing_scores(scored),
        _probability_range(scored),
        checksum,
        *(_rejected_rows(ingested, table, limits) for table in ingested.document["rows"]),
        *(_against_training(since, limits) if since.training_clients else ()),
        *(_against_last_night(since, limits) if since.last else ()),
    )


def check_model(store: UPath, model: ScoringModel) -> Check:
    """model_checksum: every byte of the version is still as it was when the night began."""
    try:
        content = read_record(store, model.version).content_hash
    except ModelStoreError as error:
        return Check("model_checksum", False, str(error), f"content {model.content_hash}")
    return Check(
        "model_checksum",
        content == model.content_hash,
        f"version {model.version} has content {content}",
        f"content {model.content_hash}",
    )


def _client_count(scored: Sequence[ShardScores], expected: int) -> Check:
    clients, once = sum(part.clients for part in scored), all(part.once for part in scored)
    found = f"{clients:,} clients, {'each once' if once else 'some twice or in a shard not theirs'}"
    return Check(
        "client_count",
        once and clients == expected,
        found,
        f"{expected:,} applications, each once",
        clients,
        expected,
    )


def _missing_scores(scored: Sequence[ShardScores]) -> Check:
    missing = sum(part.missing for part in scored)
    found = f"{missing:,} clients without a probability"
    return Check("missing_scores", missing == 0, found, "none", missing, 0)


def _probability_range(scored: Sequence[ShardScores]) -> Check:
    known = [part for part in scored if part.clients > part.missing]
    low = min((part.lowest for part in known), default=np.nan)
    high = max((part.highest for part in known), default=np.nan)
    return Check(
        "probability_range",
        0 < low < high < 1,
        f"{low:.6f} to {high:.6f}",
        "above 0, below 1, not all the same",
    )


def _rejected_rows(ingested: Ingest, table: str, limits: Limits) -> Check:
    rejected = sum(ingested.document["rejected"].get(table, {}).values())
    rows = int(ingested.document["rows"][table]) + rejected
    share = rejected / rows
    return Check(
        f"rejected_rows.{table}",
        share <= limits.rejected_rows,
        f"{rejected:,} of {rows:,} rows ({share:.2%})",
        f"at most {limits.rejected_rows:.0%}",
        share,
        limits.rejected_rows,
        table,
    )


def _against_training(since: Since, limits: Limits) -> Iterator[Check]:
    features = since.drift.drop(index=SCORE)
    more = features["missing_share"] - features["missing_training"]
    yield _worst_feature("missing_share", more, limits.missing_share, "points above training", 100)
    yield _score_psi("score_psi_training", since.drift, "training", limits.score_psi_training)
    yield _worst_index("csi_training", features, "training", limits.csi_training)


def _against_last_night(since: Since, limits: Limits) -> Iterator[Check]:
    kept, gone, new = (since.clients(side) for side in ("in both", "gone", "new"))
    last = kept + gone
    yield _share("clients_gone", gone, last, limits.clients_gone, "of last night's clients are not there")
    yield _share("clients_new", new, last, limits.clients_new, "new for last night's clients")
    if since.training_clients:
        features = since.drift.drop(index=SCORE)
        yield _score_psi("score_psi_last_night", since.drift, "last_night", limits.score_psi_last_night)
        yield _worst_index("csi_last_night", features, "last_night", limits.csi_last_night)
    if sum(since.comparison.bins_new.get(SCORE, ())) >= FEWEST_NEWCOMERS:
        yield _worst_index("csi_newcomers", since.drift, "newcomers", limits.csi_newcomers)
    flips = sum(
        clients
        for (kind, before, after), clients in since.comparison.moves.items()
        if kind == "decision" and before and after and before != after
    )
    yield _share(
        "decision_flips", flips, kept, limits.decision_flips, "clients of both nights got another one"
    )
    if since.comparison.outcomes.clients >= FEWEST_OUTCOMES:
        yield _calibration(since, limits)


def _share(name: str, some: int, of: int, limit: float, words: str) -> Check:
    share = some / of if of else 0.0
    found = f"{some:,} {words} ({share:.2%} of {of:,})"
    return Check(name, share <= limit, found, f"at most {limit:.1%}", share, limit)


def _score_psi(name: str, drift: pd.DataFrame, against: str, limit: float) -> Check:
    found, chance = (float(drift[f"{kind}_{against}"].to_dict()[SCORE]) for kind in ("csi", "chance"))
    allowed = max(limit, chance)
    return Check(name, found <= allowed, f"PSI {found:.4f}", _index_limit(limit, chance), found, allowed)


def _worst_index(name: str, features: pd.DataFrame, against: str, limit: float) -> Check:
    """The feature that is farthest above what its limit, or chance, allows."""
    found = features[f"csi_{against}"].dropna()
    allowed = features.loc[found.index, f"chance_{against}"].clip(lower=limit)
    over = found - allowed
    return _worst(name, found, over, allowed, "CSI", 1.0, f"at most {limit:.2f}, or what chance explains")


def _worst_feature(name: str, found: pd.Series[float], limit: float, words: str, scale: float) -> Check:
    allowed = pd.Series(limit, found.index)
    return _worst(name, found, found - limit, allowed, words, scale, f"at most {limit * scale:g} points")


def _worst(
    name: str,
    found: pd.Series[float],
    over: pd.Series[float],
    allowed: pd.Series[float],
    words: str,
    scale: float,
    limit: str,
) -> Check:
    if found.empty:
        return Check(name, True, "no feature to compare", limit)
    order = over.sort_values(ascending=False, kind="stable").index
    worst = str(order[0])
    failed = [str(feature) for feature in order if over[feature] > 0]
    told = ", ".join(f"{feature} {found[feature] * scale:.2f}" for feature in (failed or [worst])[:MOST_TOLD])
    more = f" and {len(failed) - MOST_TOLD} more" if len(failed) > MOST_TOLD else ""
    said = f"{words}: {told}{more}"
    return Check(name, not failed, said, limit, float(found[worst]), float(allowed[worst]), worst)


def _index_limit(limit: float, chance: float) -> str:
    if chance <= limit:
        return f"at most {limit:.2f}"
    return f"at most {limit:.2f}, or what chance explains: {chance:.2f}"


def _calibration(since: Since, limits: Limits) -> Check:
    found = since.comparison.outcomes
    promised, observed = found.promised / found.clients, found.defaults / found.clients
    low, high = (float(bound) for bound in wilson_interval(found.defaults, found.clients, CALIBRATION_LEVEL))
    gap = max(low - promised, promised - high, 0.0)
    return Check(
        "calibration_gap",
        gap <= limits.calibration_gap,
        f"{found.clients:,} outcomes became known: {observed:.2%} defaulted ({low:.2%} to {high:.2%}), "
        f"{promised:.2%} were expected, {gap * 100:.2f} points outside",
        f"at most {limits.calibration_gap * 100:g} points outside the {CALIBRATION_LEVEL:.0%} interval",
        gap,
        limits.calibration_gap,
    )
