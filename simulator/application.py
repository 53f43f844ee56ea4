"""Here: the current application of each client: person, means, the credit asked for.
Not here: the dwelling, the documents and the enquiries (surroundings.py), the earlier credits.
"""

import numpy as np

from simulator.facts import (
    Bools,
    Floats,
    Ints,
    Rows,
    blank,
    constant,
    draw_tilted,
    logistic,
    number,
    ranked_category,
    read_categories,
    read_marginal,
    read_missing,
    text,
    to_step,
    where_coded,
    with_missing,
)
from simulator.latents import Latents, Truth
from simulator.positions import draw_positions
from simulator.surroundings import build_surroundings

TABLE = "application_train"
NONE_SENTINEL = 365243.0
HIGHEST_TAIL = {"AMT_INCOME_TOTAL": 2_250_000.0, "AMT_ANNUITY": 225_000.0}
ABSURD_INCOMES = (13_500_000.0, 117_000_000.0)
ABSURD_SHARE = 6e-6
RARE_INCOME_TYPES = ("Unemployed", "Student", "Businessman", "Maternity leave")
PARTNERED = ("Married", "Civil marriage")
TILTED_TEXTS = (
    "CODE_GENDER",
    "FLAG_OWN_CAR",
    "FLAG_OWN_REALTY",
    "NAME_TYPE_SUITE",
    "NAME_EDUCATION_TYPE",
    "NAME_FAMILY_STATUS",
    "NAME_HOUSING_TYPE",
    "WEEKDAY_APPR_PROCESS_START",
)
TILTED_NUMBERS = (
    "HOUR_APPR_PROCESS_START",
    "FLAG_MOBIL",
    "FLAG_WORK_PHONE",
    "FLAG_CONT_MOBILE",
    "FLAG_PHONE",
    "FLAG_EMAIL",
    "REG_REGION_NOT_LIVE_REGION",
    "LIVE_REGION_NOT_WORK_REGION",
    "REG_CITY_NOT_LIVE_CITY",
    "LIVE_CITY_NOT_WORK_CITY",
)


def build_application(
    rng: np.random.Generator, ids: Ints, latents: Latents, truth: Truth, target: Ints
) -> Rows:
    """All columns of application_train, one row per client in the order of `ids`; TARGET is the drawn
    outcome.
    """
    positions = draw_positions(rng, latents)
    rows: Rows = {"SK_ID_CURR": ids, "TARGET": target}
    for column in TILTED_TEXTS:
        rows[column] = draw_tilted(rng, read_categories(TABLE, column), truth.risk)
    for column in TILTED_NUMBERS:
        rows[column] = draw_number(rng, column, truth.risk)
    rows |= _build_person(rng, positions, rows)
    rows |= _build_work(rng, positions, truth)
    rows |= _build_credit(rng, positions, truth)
    rows |= _build_place(rng, positions, rows)
    rows |= _build_views(rng, positions, latents)
    rows["NAME_TYPE_SUITE"] = blank(text(rows, "NAME_TYPE_SUITE"), _lost(rng, "NAME_TYPE_SUITE", len(ids)))
    return rows | build_surroundings(rng, truth)


def draw_number(rng: np.random.Generator, column: str, risk: Floats) -> Floats:
    """A small whole number per client with the published shares, leaning to risk as published."""
    drawn = draw_tilted(rng, read_categories(TABLE, column), risk)
    return np.array([float(value) for value in drawn.values])[drawn.codes]


def _value(column: str, positions: dict[str, Floats]) -> Floats:
    return read_marginal(TABLE, column, HIGHEST_TAIL.get(column)).at(positions[column])


def _lost(rng: np.random.Generator, column: str, clients: int) -> Bools:
    return rng.random(clients) < read_missing(TABLE, column)


def _build_person(rng: np.random.Generator, positions: dict[str, Floats], rows: Rows) -> Rows:
    family, car = text(rows, "NAME_FAMILY_STATUS"), text(rows, "FLAG_OWN_CAR")
    partner = np.logical_or.reduce([family.equals(status) for status in PARTNERED]).astype(np.float64)
    fertile = 0.97 * positions["CNT_CHILDREN"] + 0.55 * (partner - 0.734)
    children = ranked_category(TABLE, "CNT_CHILDREN", fertile)
    days = {column: np.rint(_value(column, positions)) for column in positions if column.startswith("DAYS")}
    has_car = car.equals("Y") & (rng.random(len(children)) > 2e-5)
    return {
        "CNT_CHILDREN": children,
        "CNT_FAM_MEMBERS": 1.0 + partner + children,
        "DAYS_BIRTH": days["DAYS_BIRTH"],
        "DAYS_REGISTRATION": days["DAYS_REGISTRATION"],
        "DAYS_ID_PUBLISH": days["DAYS_ID_PUBLISH"],
        "DAYS_LAST_PHONE_CHANGE": np.minimum(days["DAYS_LAST_PHONE_CHANGE"], 0.0),
        "OWN_CAR_AGE": with_missing(np.rint(_value("OWN_CAR_AGE", positions)), ~has_car),
    }


def _build_work(rng: np.random.Generator, positions: dict[str, Floats], truth: Truth) -> Rows:
    """Pensioners are old, have no employment, no employer and no occupation, as in the real tables."""
    clients, risk = len(truth.base), truth.risk
    pensioner = rng.random(clients) < logistic(-4.0 * (positions["DAYS_BIRTH"] + 1.0))
    rare = read_categories(TABLE, "NAME_INCOME_TYPE", without=("Pensioner", *RARE_INCOME_TYPES))
    usual = draw_tilted(rng, rare, risk)
    exotic = rng.random(clients)
    income_type = where_coded(
        [
            (pensioner, constant("Pensioner", clients)),
            (exotic < 7e-5, constant("Unemployed", clients)),
            (exotic < 13e-5, constant("Student", clients)),
            (exotic < 16e-5, constant("Businessman", clients)),
            (exotic < 18e-5, constant("Maternity leave", clients)),
            (np.ones(clients, dtype=bool), usual),
        ],
        clients,
    )
    idle = pensioner | income_type.equals("Unemployed")
    employer = draw_tilted(rng, read_categories(TABLE, "ORGANIZATION_TYPE", without=("XNA",)), risk)
    occupation = draw_tilted(rng, read_categories(TABLE, "OCCUPATION_TYPE"), risk)
    share_unstated = (read_missing(TABLE, "OCCUPATION_TYPE") - 0.18) / 0.82
    unstated = idle | (rng.random(clients) < share_unstated)
    age_days = -_value("DAYS_BIRTH", positions)
    employed = -np.minimum(-_employed_marginal(positions["DAYS_EMPLOYED"]), age_days - 16 * 365.25)
    return {
        "NAME_INCOME_TYPE": income_type,
        "ORGANIZATION_TYPE": where_coded([(idle, constant("XNA", clients)), (~idle, employer)], clients),
        "OCCUPATION_TYPE": blank(occupation, unstated),
        "DAYS_EMPLOYED": np.where(idle, NONE_SENTINEL, np.minimum(np.rint(employed), 0.0)),
        "FLAG_EMP_PHONE": (~idle).astype(np.float64),
    }


def _employed_marginal(position: Floats) -> Floats:
    """Days employed of those who are: the published decile edges, without the sentinel."""
    at = np.array(
        [-4.5, -2.33, -1.2816, -0.8416, -0.5244, -0.2533, 0.0, 0.2533, 0.5244, 0.8416, 1.2816, 2.5, 4.5]
    )
    days = np.array(
        [-16554.0, -11400, -5382.8, -3711.6, -2817, -2185, -1663, -1264.8, -924.6, -617.4, -325, -85, -4]
    )
    employed: Floats = np.interp(position, at, days)
    return employed


def _build_credit(rng: np.random.Generator, positions: dict[str, Floats], truth: Truth) -> Rows:
    """Credit is the price of the goods plus an insurance share; a revolving loan has neither."""
    clients = len(truth.base)
    contract = draw_tilted(rng, read_categories(TABLE, "NAME_CONTRACT_TYPE"), truth.risk)
    revolving = contract.equals("Revolving loans")
    goods = to_step(_value("AMT_GOODS_PRICE", positions), 4500.0)
    goods = np.where(revolving, to_step(np.minimum(goods, 900_000.0) * 0.6, 45_000.0), goods)
    goods = np.maximum(goods, 45_000.0)
    insured = ~revolving & (rng.random(clients) > 0.35)
    credit = to_step(goods * np.where(insured, rng.uniform(1.03, 1.28, clients), 1.0), 4.5)
    annuity = np.clip(_value("AMT_ANNUITY", positions), credit / 45.0, credit / 5.0)
    annuity = to_step(np.where(revolving, credit / 20.0, annuity), 4.5)
    income = to_step(_value("AMT_INCOME_TOTAL", positions), 4500.0)
    absurd = rng.random(clients) < ABSURD_SHARE
    income = np.where(absurd, rng.choice(np.array(ABSURD_INCOMES), clients), income)
    return {
        "NAME_CONTRACT_TYPE": contract,
        "AMT_INCOME_TOTAL": income,
        "AMT_CREDIT": credit,
        "AMT_ANNUITY": with_missing(annuity, _lost(rng, "AMT_ANNUITY", clients)),
        "AMT_GOODS_PRICE": with_missing(goods, _lost(rng, "AMT_GOODS_PRICE", clients)),
    }


def _build_place(rng: np.random.Generator, positions: dict[str, Floats], rows: Rows) -> Rows:
    clients = len(positions["DAYS_BIRTH"])
    rating = ranked_category(TABLE, "REGION_RATING_CLIENT", positions["REGION_RATING_CLIENT"])
    eased = rng.random(clients) < np.select([rating == 3, rating == 2], [0.09, 0.008], 0.0)
    region_live = number(rows, "REG_REGION_NOT_LIVE_REGION")
    region_work = number(rows, "LIVE_REGION_NOT_WORK_REGION")
    city_live = number(rows, "REG_CITY_NOT_LIVE_CITY")
    city_work = number(rows, "LIVE_CITY_NOT_WORK_CITY")
    return {
        "REGION_POPULATION_RELATIVE": np.round(_value("REGION_POPULATION_RELATIVE", positions), 6),
        "REGION_RATING_CLIENT": rating,
        "REGION_RATING_CLIENT_W_CITY": rating - eased,
        "REG_REGION_NOT_WORK_REGION": np.maximum(region_live * (rng.random(clients) < 0.7), region_work),
        "REG_CITY_NOT_WORK_CITY": np.maximum(city_live * (rng.random(clients) < 0.8), city_work),
    }


def _build_views(rng: np.random.Generator, positions: dict[str, Floats], latents: Latents) -> Rows:
    """The three external scores; the third is missing more often for clients whom nobody knows."""
    clients = len(latents.ability)
    unknown = logistic(-1.43 + 0.25 * latents.shocks - 0.15 * latents.indebtedness)
    lost = {
        "EXT_SOURCE_1": _lost(rng, "EXT_SOURCE_1", clients),
        "EXT_SOURCE_2": _lost(rng, "EXT_SOURCE_2", clients),
        "EXT_SOURCE_3": rng.random(clients) < unknown,
    }
    return {column: with_missing(_value(column, positions), missing) for column, missing in lost.items()}
