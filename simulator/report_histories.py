"""Here: published figures on how tables link and on what histories say of a client, measured on a portfolio.
Not here: figures of one table alone (report_checks.py).
"""

from collections.abc import Iterator
from functools import partial

import numpy as np

from simulator.facts import Bools, Floats, Ints
from simulator.measuring import Estimate, Ids, MeasuredTable, People, Portfolio, ratio, rows_of_clients
from simulator.report_checks import POINTS, RELATIVE, fact_of_estimate, published
from simulator.report_table import CheckedFact

BEHAVIOUR = 0.10  # of means over clients, which a few extreme clients move
BEHAVIOUR_POINTS = 0.025


def check_links(
    table: MeasuredTable, portfolio: Portfolio, people: dict[str, People], loans: Ints
) -> Iterator[CheckedFact]:
    if table.name == "bureau_balance":
        owners = portfolio.owners_of(np.unique(table.ids("SK_ID_BUREAU")))
        yield from _coverage(table, owners, portfolio, people)
    for row in published("report_links", table.name):
        place = ("links", table.name, "", row["statistic"])
        if row["statistic"] == "credits not in bureau":
            found = _plain_share(owners < 0)
        else:
            found = _plain_share(np.isin(np.unique(table.ids("SK_ID_PREV")), loans, assume_unique=True))
        yield fact_of_estimate(place, row["value"], found, POINTS)


def _plain_share(hits: Bools) -> Estimate:
    share = float(hits.mean()) if len(hits) else float("nan")
    return Estimate(share, float(np.sqrt(share * (1 - share) / max(len(hits), 1))), 0.0)


def _coverage(
    months: MeasuredTable, owners: Ids, portfolio: Portfolio, people: dict[str, People]
) -> Iterator[CheckedFact]:
    """How many bureau credits have months, of train and of test clients, and how many months; `owners` of the
    credits with months.
    """
    known, rows, credits = (
        rows_of_clients(people["everyone"], owner, owner >= 0)
        for owner in (owners, months.owner, portfolio.credit_owners)
    )
    parts = {
        "share_of_bureau_credits_with_months": (known, credits, False),
        "months_per_credit_mean": (rows, known, True),
    }
    for row in published("report_per_client", "bureau_balance"):
        if row["statistic"] in parts:
            top, bottom, relative = parts[row["statistic"]]
            place = ("links", "bureau_balance", "", f"{row['statistic']} ({row['population']})")
            found = ratio(people[row["population"]], top, bottom)
            yield fact_of_estimate(place, row["value"], found, RELATIVE if relative else POINTS, relative)


def check_behaviour(table: MeasuredTable, everyone: People) -> Iterator[CheckedFact]:
    measures = {"installments_payments": _payments, "bureau": _credits}
    if table.name not in measures:
        return
    counts = rows_of_clients(everyone, table.owner, table.owner >= 0)
    has = (counts > 0).astype(np.float64)
    found = measures[table.name](table, counts)
    for row in published("report_behaviour", table.name):
        if row["statistic"] not in found:
            continue
        estimate = ratio(everyone, np.where(counts > 0, found[row["statistic"]], 0.0), has)
        place = ("behaviour", table.name, "", f"{row['statistic']}, mean over clients")
        share = row["kind"] == "share" or row["statistic"].endswith("ratio")
        tolerance = BEHAVIOUR_POINTS if share else BEHAVIOUR
        yield fact_of_estimate(place, row["value"], estimate, tolerance, relative=not share)


def _total(table: MeasuredTable, clients: int, values: Floats | Bools) -> Floats:
    """Sum of the values over each client's rows, missing counting as 0."""
    ours = table.owner >= 0
    filled = np.nan_to_num(values[ours].astype(np.float64))
    return np.bincount(table.owner[ours], filled, minlength=clients).astype(np.float64)


def _payments(table: MeasuredTable, counts: Floats) -> dict[str, Floats]:
    """Per client: lateness of its payments, amounts due and paid."""
    late = table.numbers("DAYS_ENTRY_PAYMENT") - table.numbers("DAYS_INSTALMENT")
    days = np.maximum(np.nan_to_num(late), 0.0)
    rows = np.maximum(counts, 1.0)
    worst = np.zeros(len(counts))
    ours = table.owner >= 0
    np.maximum.at(worst, table.owner[ours], days[ours])
    total = partial(_total, table, len(counts))
    return {
        "dpd_mean": total(days) / rows,
        "dpd_max": worst,
        "on_time_ratio": total(late <= 0) / rows,
        "any_dpd_gt30": (worst > 30).astype(np.float64),
        "early_ratio": total(late < 0) / rows,
        "total_instalment": total(table.numbers("AMT_INSTALMENT")),
        "total_payment": total(table.numbers("AMT_PAYMENT")),
        "late_count": total(days > 0),
    }


def _credits(table: MeasuredTable, counts: Floats) -> dict[str, Floats]:
    """Per client: credits elsewhere, open and closed, and what they amount to."""
    status = table.texts("CREDIT_ACTIVE")
    total = partial(_total, table, len(counts))
    active = total(status.equals("Active"))
    return {
        "total_credit_sum": total(table.numbers("AMT_CREDIT_SUM")),
        "total_credit_debt": total(table.numbers("AMT_CREDIT_SUM_DEBT")),
        "active_loans": active,
        "closed_loans": total(status.equals("Closed")),
        "any_active": (active > 0).astype(np.float64),
        "any_overdue": (total(table.numbers("CREDIT_DAY_OVERDUE") > 0) > 0).astype(np.float64),
        "records": counts,
    }
