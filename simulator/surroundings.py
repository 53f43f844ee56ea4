"""Here: the parts of the application around the client: dwelling, social circle, documents, enquiries.
Not here: the person and the credit (application.py).
"""

from statistics import NormalDist

import numpy as np

from simulator.facts import (
    Bools,
    Categories,
    Floats,
    Rows,
    blank,
    draw_tilted,
    ranked_category,
    read_categories,
    read_marginal,
    read_missing,
    with_missing,
)
from simulator.latents import Truth

TABLE = "application_train"
BUILDING = (
    "APARTMENTS",
    "BASEMENTAREA",
    "YEARS_BEGINEXPLUATATION",
    "YEARS_BUILD",
    "COMMONAREA",
    "ELEVATORS",
    "ENTRANCES",
    "FLOORSMAX",
    "FLOORSMIN",
    "LANDAREA",
    "LIVINGAPARTMENTS",
    "LIVINGAREA",
    "NONLIVINGAPARTMENTS",
    "NONLIVINGAREA",
)
BUILDING_TEXTS = ("FONDKAPREMONT_MODE", "HOUSETYPE_MODE", "WALLSMATERIAL_MODE", "EMERGENCYSTATE_MODE")
STEPS = {"ELEVATORS": 25.0, "ENTRANCES": 29.0, "FLOORSMAX": 24.0, "FLOORSMIN": 24.0}
MAIN_DOCUMENTS = ("FLAG_DOCUMENT_3", "FLAG_DOCUMENT_6", "FLAG_DOCUMENT_8")
NO_DOCUMENT_TILT = -0.3
ENQUIRIES = ("HOUR", "DAY", "WEEK", "MON", "QRT", "YEAR")


def build_surroundings(rng: np.random.Generator, truth: Truth) -> Rows:
    """Columns of the application about dwelling, circle, documents and enquiries, one row per client."""
    return (
        _build_dwelling(rng, truth)
        | _build_circle(rng, truth)
        | _build_documents(rng, truth)
        | _build_enquiries(rng, truth)
    )


def _number(rng: np.random.Generator, column: str, risk: Floats) -> Floats:
    drawn = draw_tilted(rng, read_categories(TABLE, column), risk)
    return np.array([float(value) for value in drawn.values])[drawn.codes]


def _build_dwelling(rng: np.random.Generator, truth: Truth) -> Rows:
    """Averages, modes and medians say nearly the same, and are missing together, more often for risky
    clients.
    """
    clients = len(truth.base)
    size = -0.12 * truth.risk + 0.99 * rng.standard_normal(clients)
    unknown = 0.12 * truth.risk + 0.99 * rng.standard_normal(clients)
    rows: Rows = {}
    for name in BUILDING:
        own = 0.65 * size + 0.76 * rng.standard_normal(clients)
        hidden = _hidden(rng, unknown, f"{name}_AVG")
        for suffix, noise in (("AVG", 0.0), ("MODE", 0.06), ("MEDI", 0.02)):
            column = f"{name}_{suffix}"
            changed = (rng.random(clients) < 0.3) * noise
            position = own + changed * rng.standard_normal(clients)
            rows[column] = with_missing(_measure(name, column, position), hidden)
    total = read_marginal(TABLE, "TOTALAREA_MODE").at(0.8 * size + 0.6 * rng.standard_normal(clients))
    rows["TOTALAREA_MODE"] = with_missing(np.round(total, 4), _hidden(rng, unknown, "TOTALAREA_MODE"))
    for column in BUILDING_TEXTS:
        drawn = draw_tilted(rng, read_categories(TABLE, column), truth.risk)
        rows[column] = blank(drawn, _hidden(rng, unknown, column))
    return rows


def _measure(name: str, column: str, position: Floats) -> Floats:
    """A measure scaled to 0..1; what is counted (floors, entrances, lifts) comes in steps."""
    if name not in STEPS:
        return np.round(read_marginal(TABLE, column).at(position), 4)
    if column.endswith("MODE"):
        return ranked_category(TABLE, column, position)
    return np.round(np.rint(read_marginal(TABLE, column).at(position) * STEPS[name]) / STEPS[name], 4)


def _hidden(rng: np.random.Generator, unknown: Floats, column: str) -> Bools:
    """Missing where the dwelling is little known: the published share of the most unknown, blurred."""
    blurred = 0.97 * unknown + 0.243 * rng.standard_normal(len(unknown))
    hidden: Bools = blurred > -NormalDist().inv_cdf(read_missing(TABLE, column))
    return hidden


def _build_circle(rng: np.random.Generator, truth: Truth) -> Rows:
    clients = len(truth.base)
    seen = _number(rng, "OBS_30_CNT_SOCIAL_CIRCLE", truth.risk)
    defaults = np.minimum(_circle_defaults(rng, truth.risk, float((seen > 0).mean())), seen)
    hidden = rng.random(clients) < read_missing(TABLE, "OBS_30_CNT_SOCIAL_CIRCLE")
    seen_60 = np.maximum(seen - (rng.random(clients) < 0.02), 0.0)
    defaults_60 = np.minimum(defaults - ((defaults > 0) & (rng.random(clients) < 0.27)), seen_60)
    columns = {
        "OBS_30_CNT_SOCIAL_CIRCLE": seen,
        "DEF_30_CNT_SOCIAL_CIRCLE": defaults,
        "OBS_60_CNT_SOCIAL_CIRCLE": seen_60,
        "DEF_60_CNT_SOCIAL_CIRCLE": defaults_60,
    }
    return {column: with_missing(value, hidden) for column, value in columns.items()}


def _circle_defaults(rng: np.random.Generator, risk: Floats, share_seen: float) -> Floats:
    """Defaults in the circle of those who have one: the published shares, scaled up by the share who have
    one.
    """
    known = read_categories(TABLE, "DEF_30_CNT_SOCIAL_CIRCLE")
    numbers = np.array([float(value) for value in known.values])
    shares = np.where(numbers > 0, known.shares * 1.06 / max(share_seen, 0.3), 0.0)
    shares = np.where(numbers == 0, 1.0 - shares.sum(), shares)
    return numbers[draw_tilted(rng, Categories(known.values, shares, known.tilts), risk).codes]


def _build_documents(rng: np.random.Generator, truth: Truth) -> Rows:
    """One of the three main documents or none; the rare ones come on their own."""
    risk = truth.risk
    known = {column: read_categories(TABLE, column) for column in MAIN_DOCUMENTS}
    given = {column: known[column].values.index("1") for column in MAIN_DOCUMENTS}
    shares = [float(known[column].shares[given[column]]) for column in MAIN_DOCUMENTS]
    tilts = [float(known[column].tilts[given[column]]) for column in MAIN_DOCUMENTS]
    main = Categories(
        (*MAIN_DOCUMENTS, "none"),
        np.array([*shares, 1.0 - sum(shares)]),
        np.array([*tilts, NO_DOCUMENT_TILT]),
    )
    chosen = draw_tilted(rng, main, risk)
    rows: Rows = {column: chosen.equals(column).astype(np.float64) for column in MAIN_DOCUMENTS}
    for number in range(2, 22):
        column = f"FLAG_DOCUMENT_{number}"
        if column not in rows:
            rows[column] = _number(rng, column, risk)
    return rows


def _build_enquiries(rng: np.random.Generator, truth: Truth) -> Rows:
    hidden = rng.random(len(truth.base)) < read_missing(TABLE, "AMT_REQ_CREDIT_BUREAU_YEAR") * np.exp(
        0.3 * truth.risk - 0.045
    )
    recent = 0.15 * truth.shocks / 0.4
    rows: Rows = {}
    for period in ENQUIRIES:
        column = f"AMT_REQ_CREDIT_BUREAU_{period}"
        rows[column] = with_missing(_number(rng, column, truth.risk + recent), hidden)
    return rows
