"""Checks: each one made to fail on its own, saying what was found and what is allowed."""

from collections import Counter
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from batch.ingest import Ingest
from batch.steps.checks import (
    EXACT,
    FEWEST_NEWCOMERS,
    FEWEST_OUTCOMES,
    Check,
    check_model,
    check_names,
    run_checks,
)
from batch.steps.comparison import Comparison, Outcomes
from batch.steps.limits import Limits
from batch.steps.scoring import ShardScores, figures_of
from batch.steps.since import Since
from features import TABLES
from features.schemas import CLIENT
from model_store import Run, load, open_store, save
from model_store.reference import SCORE

SOUND = Check("model_checksum", True, "content 0", "content 0")
LAST = Run("2026-11-23-001", date(2026, 11, 23), "v001", "0", 100, 4, "published", {})
COLUMNS = [
    "missing_share", "missing_training", "missing_last_night",
    "csi_training", "chance_training", "csi_last_night", "chance_last_night", "csi_newcomers", "chance_newcomers",
]  # fmt: skip
CALM = {"a": [0.1, 0.1, 0.1, 0.0, 0.01, 0.0, 0.01, 0.0, 0.01], "b": [0.0] * 9, SCORE: [0.0] * 9}
STAYED = {("decision", "accept", "accept"): 80, ("decision", "decline", "decline"): 20}


def scored(probability: list[float], clients: list[int] | None = None) -> list[ShardScores]:
    """Two shards with these probabilities; clients are counted from 1, or come in the shards in turn."""
    ids = np.array(clients or range(1, len(probability) + 1), dtype=np.int32)
    rows = pa.table(
        {
            CLIENT: ids,
            SCORE: np.array(probability),
            "decision": ["accept"] * len(ids),
            "seen_in_training": [False] * len(ids),
        }
    )
    shards = np.arange(1, len(ids) + 1) % 2
    return [figures_of(rows.filter(pa.array(shards == n)), n, 2, 1, False) for n in (0, 1)]


def since(
    drift: dict[str, list[float]] | None = None,
    moves: dict[tuple[str, str, str], int] | None = None,
    outcomes: Outcomes | None = None,
    last: Run | None = LAST,
    training: int = 100,
    newcomers: int = FEWEST_NEWCOMERS,
) -> Since:
    """A second night on which nothing changed, but for what is given."""
    found = Comparison(
        bins_new={SCORE: np.array([newcomers, 0])},
        moves=Counter(moves or STAYED),
        outcomes=outcomes or Outcomes(),
    )
    rows = {
        name: [*row, *[0.0] * (len(COLUMNS) - len(row))] for name, row in {**CALM, **(drift or {})}.items()
    }
    table = pd.DataFrame.from_dict(rows, orient="index", columns=COLUMNS)
    return Since(found, last, False, training, table, pd.DataFrame())


FIRST = since(last=None, training=0)


def failed(ingested: Ingest, shards: list[ShardScores], compared: Since = FIRST) -> list[Check]:
    return [check for check in run_checks(ingested, shards, compared, Limits(), SOUND) if not check.passed]


@pytest.fixture
def four(plain: Ingest) -> Ingest:
    """An ingest that counted four clients."""
    return replace(plain, document={**plain.document, "clients": 4})


GOOD = [0.1, 0.2, 0.3, 0.4]


def test_a_sound_night_passes_every_check(four: Ingest) -> None:
    """Every check there is, in its order; a first night has none against last night, nor without a reference."""
    outcomes = Outcomes(FEWEST_OUTCOMES, 8, 8.0)
    checks = run_checks(four, scored(GOOD), since(outcomes=outcomes), Limits(), SOUND)
    assert [check.name for check in checks if not check.passed] == []
    assert {check.name for check in checks} == set(check_names())
    assert len(checks) == len(check_names()) == len(EXACT) + len(TABLES) + len(fields(Limits)) - 1
    first = run_checks(four, scored(GOOD), since(last=None), Limits(), SOUND)
    assert [check.name for check in first][-3:] == ["missing_share", "score_psi_training", "csi_training"]
    bare = run_checks(four, scored(GOOD), FIRST, Limits(), SOUND)
    assert len(bare) == len(EXACT) + len(TABLES)


@pytest.mark.parametrize(
    ("probability", "clients", "name", "found"),
    [
        (GOOD[:3], None, "client_count", "3 clients, each once"),
        ([*GOOD, 0.5], None, "client_count", "5 clients, each once"),
        (GOOD, [1, 2, 1, 4], "client_count", "4 clients, some twice or in a shard not theirs"),
        (GOOD, [1, 2, 3, 3], "client_count", "4 clients, some twice or in a shard not theirs"),
        (GOOD, [1, 2, 3, 5], "client_count", "4 clients, some twice or in a shard not theirs"),
        ([0.1, np.nan, 0.3, np.nan], None, "missing_scores", "2 clients without a probability"),
        ([0.1, 0.2, 0.3, 1.0], None, "probability_range", "0.100000 to 1.000000"),
        ([0.0, 0.2, 0.3, 0.4], None, "probability_range", "0.000000 to 0.400000"),
        ([0.1, 0.2, np.inf, 0.4], None, "probability_range", "0.100000 to inf"),
        ([-0.1, 0.2, 0.3, 0.4], None, "probability_range", "-0.100000 to 0.400000"),
        ([0.2, 0.2, 0.2, 0.2], None, "probability_range", "0.200000 to 0.200000"),
    ],
)
def test_a_fault_fails_its_check_alone(
    probability: list[float], clients: list[int] | None, name: str, found: str, four: Ingest
) -> None:
    """The check that is about the fault, no other, says what it found."""
    assert [(check.name, check.found) for check in failed(four, scored(probability, clients))] == [
        (name, found)
    ]


def test_no_probability_at_all_fails_two_checks(four: Ingest) -> None:
    """All missing is neither complete nor within a range."""
    names = [check.name for check in failed(four, scored([np.nan] * 4))]
    assert names == ["missing_scores", "probability_range"]


@pytest.mark.parametrize(("rejected", "passes"), [(10, True), (11, False)])
def test_a_tenth_of_the_rows_may_be_set_aside(rejected: int, passes: bool, four: Ingest) -> None:
    """10 of 100 rows pass, 11 of 101 do not; both reasons of a table count together."""
    document = {**four.document, "rows": {"bureau": 90}, "rejected": {"bureau": {"a": 4, "b": rejected - 4}}}
    checks = failed(replace(four, document=document), scored(GOOD))
    assert (checks == []) == passes
    if not passes:
        said = ("rejected_rows.bureau", False, "11 of 101 rows (10.89%)", "at most 10%")
        assert checks == [Check(*said, 11 / 101, 0.10, "bureau")]


MOVED = {**STAYED, ("decision", "accept", "decline"): 5, ("risk_band", "A", "B"): 50}
OVER = [
    ({"drift": {"b": [0.0] * 7 + [0.4, 0.2]}}, "csi_newcomers", "CSI: b 0.40"),
    ({"drift": {SCORE: [0.0] * 7 + [0.3, 0.2]}}, "csi_newcomers", "CSI: default_probability 0.30"),
    (
        {"moves": {**STAYED, ("decision", "accept", ""): 3}},
        "clients_gone",
        "3 of last night's clients are not there (2.91% of 103)",
    ),
    (
        {"moves": {**STAYED, ("decision", "", "accept"): 11}},
        "clients_new",
        "11 new for last night's clients (11.00% of 100)",
    ),
    (
        {"moves": {**MOVED, ("decision", "decline", "accept"): 1}},
        "decision_flips",
        "6 clients of both nights got another one (5.66% of 106)",
    ),
    ({"drift": {"a": [0.21, 0.1, 0.1, 0, 0, 0, 0]}}, "missing_share", "points above training: a 11.00"),
    ({"drift": {SCORE: [0, 0, 0, 0.26, 0.1, 0, 0]}}, "score_psi_training", "PSI 0.2600"),
    ({"drift": {SCORE: [0, 0, 0, 0, 0, 0.11, 0.1]}}, "score_psi_last_night", "PSI 0.1100"),
    ({"drift": {"b": [0, 0, 0, 0.3, 0.1, 0, 0]}}, "csi_training", "CSI: b 0.30"),
    ({"drift": {"b": [0, 0, 0, 0, 0, 0.12, 0.1]}}, "csi_last_night", "CSI: b 0.12"),
    (
        {"outcomes": Outcomes(1000, 80, 190.0)},
        "calibration_gap",
        "1,000 outcomes became known: 8.00% defaulted (6.06% to 10.50%), 19.00% were expected, 8.50 points outside",
    ),
    (
        {"outcomes": Outcomes(1000, 190, 80.0)},
        "calibration_gap",
        "1,000 outcomes became known: 19.00% defaulted (16.01% to 22.40%), 8.00% were expected, "
        "8.01 points outside",
    ),
]


@pytest.mark.parametrize(("change", "name", "found"), OVER)
def test_a_change_beyond_its_limit_fails_its_check_alone(
    change: dict[str, dict], name: str, found: str, four: Ingest
) -> None:
    """The check that is about the change says what it found, as text and as a number above what is allowed."""
    checks = failed(four, scored(GOOD), since(**change))
    assert [(check.name, check.found) for check in checks] == [(name, found)]
    assert checks[0].value > checks[0].allowed == getattr(Limits(), name)


WITHIN = [
    {"moves": {**STAYED, ("decision", "accept", ""): 2}},
    {"moves": {**STAYED, ("decision", "", "accept"): 10}},
    {"moves": {**STAYED, ("decision", "accept", "decline"): 5}},
    {"moves": MOVED},
    {"drift": {"a": [0.2, 0.1, 0.1, 0, 0, 0, 0]}},
    {"drift": {"a": [0.0, 0.9, 0.1, 0, 0, 0, 0]}},
    {"drift": {SCORE: [0, 0, 0, 0.25, 0.1, 0.1, 0.1]}},
    {"drift": {SCORE: [0, 0, 0, 0.5, 0.6, 0.5, 0.6]}},
    {"drift": {"b": [0, 0, 0, 0.5, 0.6, 0.5, 0.6]}},
    {"drift": {"b": [0.0] * 7 + [0.4, 0.5]}},
    {"drift": {"b": [0.0] * 7 + [0.4, 0.2]}, "newcomers": FEWEST_NEWCOMERS - 1},
    {"outcomes": Outcomes(1000, 80, 124.0)},
    {"outcomes": Outcomes(FEWEST_OUTCOMES - 1, 0, 90.0)},
]


@pytest.mark.parametrize("change", WITHIN)
def test_up_to_its_limit_or_to_chance_a_change_passes(change: dict[str, dict], four: Ingest) -> None:
    """The limit itself is allowed; an index that chance explains is no drift; few outcomes say nothing."""
    assert failed(four, scored(GOOD), since(**change)) == []


def test_the_worst_features_are_named_first_and_the_others_counted(four: Ingest) -> None:
    """Five features over the limit: the three farthest over it by name, the other two as a number."""
    drift = {f"f{n}": [0, 0, 0, 0.3 + n / 10, 0.0, 0, 0] for n in range(5)}
    (check,) = failed(four, scored(GOOD), since(drift=drift))
    assert check.found == "CSI: f4 0.70, f3 0.60, f2 0.50 and 2 more"
    assert (check.subject, check.value) == ("f4", pytest.approx(0.7))


def test_a_changed_version_fails_its_checksum(four: Ingest, own_store: Path) -> None:
    """A byte of the version that changed while the night ran is found before publishing."""
    place = open_store(own_store)
    model = load(place)
    assert check_model(place, model).passed
    path = own_store / "models" / "v001" / "model.json"
    path.write_bytes(path.read_bytes().replace(b"cut_off", b"cut_0ff"))
    check = check_model(place, model)
    assert (check.name, check.passed) == ("model_checksum", False)
    assert "model.json was changed" in check.found


def test_another_version_under_the_same_name_fails_its_checksum(own_store: Path, tmp_path: Path) -> None:
    """A store made anew has a sound v001 too: it is not the one that scored."""
    place = open_store(own_store)
    model = load(place)
    other = open_store(tmp_path / "other")
    assert save(other, replace(model, cut_off=0.5)) == model.version
    check = check_model(other, model)
    assert not check.passed
    assert check.limit == f"content {model.content_hash}"
