"""Here: the commercial columns of previous_application: channel, seller, goods, product, yield.
Not here: amounts, fates and days (previous.py).
"""

import numpy as np

from simulator.facts import (
    Bools,
    Coded,
    Floats,
    Ints,
    Rows,
    blank,
    choose,
    constant,
    draw_codes,
    read_categories,
    read_marginal,
    where_coded,
    with_missing,
)

TABLE = "previous_application"
CONSUMER, CASH, REVOLVING, NAMELESS = range(4)
YIELDS = ("low_action", "low_normal", "middle", "high")
YIELD_EDGES = {CONSUMER: (0.0098, 0.0142, 0.0190), CASH: (0.0125, 0.0180, 0.0245)}
CHANNELS = {
    CONSUMER: {"Country-wide": 0.595, "Stone": 0.27, "Regional / Local": 0.1335,
               "Credit and cash offices": 0.0015},
    CASH: {"Credit and cash offices": 0.806, "Contact center": 0.082, "Country-wide": 0.052,
           "AP+ (Cash loan)": 0.049, "Channel of corporate sales": 0.005, "Stone": 0.0035,
           "Regional / Local": 0.0025},
    REVOLVING: {"Credit and cash offices": 0.679, "Country-wide": 0.135, "AP+ (Cash loan)": 0.075,
                "Contact center": 0.054, "Regional / Local": 0.03, "Stone": 0.021,
                "Channel of corporate sales": 0.006},
}  # fmt: skip
INDUSTRIES = {"Consumer electronics": 0.47, "Connectivity": 0.34, "Furniture": 0.074, "Construction": 0.044,
              "Clothing": 0.033, "Industry": 0.024, "Auto technology": 0.006, "Jewelry": 0.004, "XNA": 0.003,
              "MLM partners": 0.001, "Tourism": 0.001}  # fmt: skip
PRODUCT_OF_INDUSTRY = {"Connectivity": "POS mobile", "Consumer electronics": "POS household", "Furniture":
                       "POS industry", "Construction": "POS industry"}  # fmt: skip


def build_offers(
    rng: np.random.Generator,
    kind: Ints,
    approved: Bools,
    stated: Bools,
    place: Ints,
    amounts: dict[str, Floats],
) -> Rows:
    """The commercial columns, one row per earlier application. Yield follows from what the credit really
    costs.
    """
    rows = len(kind)
    consumer, cash, revolving = kind == CONSUMER, kind == CASH, kind == REVOLVING
    industry = where_coded(
        [
            (consumer, choose(rng, INDUSTRIES, rows)),
            (np.ones(rows, dtype=bool), _mostly_unknown_industry(rng, rows)),
        ],
        rows,
    )
    yields = _yield_groups(kind, stated, amounts)
    street = rng.random(rows) < np.where(cash, 0.22, 0.57)
    portfolio = where_coded(
        [
            (~stated, constant("XNA", rows)),
            (consumer, choose(rng, {"POS": 0.9994, "Cars": 0.0006}, rows)),
            (cash, constant("Cash", rows)),
            (revolving, constant("Cards", rows)),
        ],
        rows,
    )
    product_type = where_coded(
        [
            (~stated | consumer, constant("XNA", rows)),
            (street, constant("walk-in", rows)),
            (~street, constant("x-sell", rows)),
        ],
        rows,
    )
    return {
        "WEEKDAY_APPR_PROCESS_START": _plain(rng, "WEEKDAY_APPR_PROCESS_START", rows),
        "HOUR_APPR_PROCESS_START": _plain_number(rng, "HOUR_APPR_PROCESS_START", rows),
        "FLAG_LAST_APPL_PER_CONTRACT": choose(rng, {"Y": 0.9953, "N": 0.0047}, rows),
        "NFLAG_LAST_APPL_IN_DAY": (rng.random(rows) < 0.9965).astype(np.float64),
        "RATE_INTEREST_PRIMARY": _privileged(rng, "RATE_INTEREST_PRIMARY", consumer & approved),
        "RATE_INTEREST_PRIVILEGED": _privileged(rng, "RATE_INTEREST_PRIVILEGED", consumer & approved),
        "NAME_CASH_LOAN_PURPOSE": where_coded(
            [(~cash, constant("XAP", rows)), (cash, _purposes(rng, rows))], rows
        ),
        "NAME_PAYMENT_TYPE": _payment_types(rng, kind, stated, rows),
        "NAME_TYPE_SUITE": _suites(rng, kind, rows),
        "NAME_CLIENT_TYPE": _client_types(rng, place, consumer, rows),
        "NAME_GOODS_CATEGORY": _goods(rng, consumer, rows),
        "NAME_PORTFOLIO": portfolio,
        "NAME_PRODUCT_TYPE": product_type,
        "CHANNEL_TYPE": where_coded(
            [
                *((kind == k, choose(rng, CHANNELS[k], rows)) for k in CHANNELS),
                (kind == NAMELESS, constant("Country-wide", rows)),
            ],
            rows,
        ),
        "SELLERPLACE_AREA": _areas(rng, consumer, rows),
        "NAME_SELLER_INDUSTRY": industry,
        "NAME_YIELD_GROUP": yields,
        "PRODUCT_COMBINATION": _products(kind, stated, street, industry, yields, rows),
    }


def _plain(rng: np.random.Generator, column: str, rows: int, without: tuple[str, ...] = ()) -> Coded:
    known = read_categories(TABLE, column, without)
    return Coded(draw_codes(rng, known.shares, rows), known.values)


def _plain_number(rng: np.random.Generator, column: str, rows: int) -> Floats:
    drawn = _plain(rng, column, rows)
    return np.array([float(value) for value in drawn.values])[drawn.codes]


def _mostly_unknown_industry(rng: np.random.Generator, rows: int) -> Coded:
    return choose(rng, {"XNA": 0.93, "Consumer electronics": 0.04, "Connectivity": 0.03}, rows)


def _yield_groups(kind: Ints, stated: Bools, amounts: dict[str, Floats]) -> Coded:
    """Groups of the cost per month of term: (annuity · term / credit - 1) / term; XNA where nothing was
    stated.
    """
    term = np.maximum(np.nan_to_num(amounts["CNT_PAYMENT"]), 1.0)
    total = np.nan_to_num(amounts["AMT_ANNUITY"]) * term
    cost = (total / np.maximum(amounts["AMT_CREDIT"], 1.0) - 1.0) / term
    group = np.where(
        kind == CONSUMER,
        np.searchsorted(YIELD_EDGES[CONSUMER], cost),
        np.searchsorted(YIELD_EDGES[CASH], cost),
    )
    known = stated & ((kind == CONSUMER) | (kind == CASH))
    return Coded(np.where(known, group + 1, 0), ("XNA", *YIELDS))


def _privileged(rng: np.random.Generator, column: str, possible: Bools) -> Floats:
    rows = len(possible)
    return with_missing(_plain_number(rng, column, rows), ~possible | (rng.random(rows) > 0.0098))


def _purposes(rng: np.random.Generator, rows: int) -> Coded:
    stated = _plain(rng, "NAME_CASH_LOAN_PURPOSE", rows, without=("XAP", "XNA"))
    return where_coded([(rng.random(rows) < 0.91, constant("XNA", rows)), (stated.codes >= 0, stated)], rows)


def _payment_types(rng: np.random.Generator, kind: Ints, stated: Bools, rows: int) -> Coded:
    usual = {"Cash through the bank": 0.9915, "Non-cash from your account": 0.008,
             "Cashless from the account of the employer": 0.0005}  # fmt: skip
    asked = stated & np.isin(kind, (CONSUMER, CASH)) & (rng.random(rows) < np.where(kind == CASH, 0.88, 0.93))
    return where_coded([(asked, choose(rng, usual, rows)), (~asked, constant("XNA", rows))], rows)


def _suites(rng: np.random.Generator, kind: Ints, rows: int) -> Coded:
    drawn = _plain(rng, "NAME_TYPE_SUITE", rows)
    return blank(drawn, rng.random(rows) < np.choose(kind, [0.36, 0.568, 0.675, 1.0]))


def _client_types(rng: np.random.Generator, place: Ints, consumer: Bools, rows: int) -> Coded:
    new = (place == 0) & (rng.random(rows) < 0.82)
    refreshed = ~new & (rng.random(rows) < 0.10)
    odd = rng.random(rows) < 0.0011
    return where_coded(
        [
            (odd, constant("XNA", rows)),
            (new, constant("New", rows)),
            (refreshed, constant("Refreshed", rows)),
            (~new, constant("Repeater", rows)),
        ],
        rows,
    )


def _goods(rng: np.random.Generator, consumer: Bools, rows: int) -> Coded:
    stated = consumer & (rng.random(rows) < 0.985)
    goods = _plain(rng, "NAME_GOODS_CATEGORY", rows, without=("XNA",))
    return where_coded([(stated, goods), (~stated, constant("XNA", rows))], rows)


def _areas(rng: np.random.Generator, consumer: Bools, rows: int) -> Floats:
    area = np.rint(read_marginal(TABLE, "SELLERPLACE_AREA", 8_700.0).at(rng.standard_normal(rows)))
    sold = np.maximum(np.rint(np.exp(rng.normal(4.6, 1.9, rows))), 0.0)
    place = np.where(consumer, np.minimum(sold, 4_000.0), np.where(rng.random(rows) < 0.72, -1.0, area))
    return np.where(rng.random(rows) < 3e-6, 4_000_000.0, place)


def _products(kind: Ints, stated: Bools, street: Bools, industry: Coded, yields: Coded, rows: int) -> Coded:
    level = {"low_action": "low", "low_normal": "low", "middle": "middle", "high": "high"}
    cases: list[tuple[Bools, Coded]] = [
        ((kind == CASH) & ~stated, constant("Cash", rows)),
        ((kind == REVOLVING) & street, constant("Card Street", rows)),
        (kind == REVOLVING, constant("Card X-Sell", rows)),
    ]
    for group, word in level.items():
        costs = (kind == CASH) & yields.equals(group)
        cases.append((costs & street, constant(f"Cash Street: {word}", rows)))
        cases.append((costs, constant(f"Cash X-Sell: {word}", rows)))
    with_interest = ~yields.equals("low_action")
    for value in industry.values:
        name = PRODUCT_OF_INDUSTRY.get(value, "POS other")
        sold = (kind == CONSUMER) & industry.equals(value)
        free = "POS others" if name == "POS other" else name
        cases.append((sold & with_interest, constant(f"{name} with interest", rows)))
        cases.append((sold, constant(f"{free} without interest", rows)))
    return where_coded(cases, rows)
