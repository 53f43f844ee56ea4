"""Here: credits elsewhere (bureau) and their months (bureau_balance), caused by the client's latents.
Not here: credits of this lender (previous.py, loans.py, cards.py).
"""

import numpy as np

from simulator.clients import Histories
from simulator.columns import MONTHS_FELT, Column, History, draw_history, runs_of, runs_of_spells
from simulator.facts import Bools, Floats, Ints, Rows, expand, number, with_missing
from simulator.latents import Latents
from simulator.sequences import ADD, FIRST_KNOWN, OR_ELSE, OVER, SHRINK, SPAN, SUBTRACT, TIMES

OLDEST_DAY = -2922.0
OLDEST_MONTH = -96
DAYS_PER_MONTH = 30.4375
CREDITS_WITH_MONTHS = 0.999
ORPHANS_PER_CREDIT = 0.04
ENDLESS = 31_000.0  # days, roughly: cards end in 2099 or, one in five of them, ten years sooner
LAST_DAYS = (30_850.0, 30_925.0), (30_925.0, 31_198.0)  # days to the end of 2099: of test clients, of others
SOONER, SOONER_SHARE = 3_652.0, 0.21
OLD_CREDIT = -1_700.0  # days: credits that bureau has dropped are old ones, with 63 months on average
STATUSES = ("0", "C", "X", "1", "2", "3", "4", "5")
CREDITS = History(
    "bureau",
    client=("count", "tested", "known"),
    looks=("last", "mean", "rest", "most_run", "least_run"),
    columns=(
        Column("gap", causes=(0.0, 0.45, 0.0, 0.1)),
        Column("DAYS_CREDIT", operation=SHRINK, operands=("last:DAYS_CREDIT", "gap"), step=1.0, initial=OLDEST_DAY),
        Column("CREDIT_TYPE", causes=(-0.05, 0.1, 0.0, 0.0), values=(
            "Mortgage", "Car loan", "Consumer credit", "Loan for business development",
            "Loan for working capital replenishment", "Loan for purchase of shares (margin lending)",
            "Loan for the purchase of equipment", "Interbank credit", "Real estate loan", "Mobile operator loan",
            "Cash loan (non-earmarked)", "Another type of loan", "Unknown type of loan", "Credit card",
            "Microloan")),
        Column("endless", step=1.0),
        Column("term", step=1.0),
        Column("planned", operation=ADD, operands=("DAYS_CREDIT", "term")),
        Column("DAYS_CREDIT_ENDDATE", operation=FIRST_KNOWN, operands=("endless", "planned")),
        Column("CREDIT_ACTIVE", causes=(0.0, 0.0, -0.1, 0.1), values=("Closed", "Active", "Sold", "Bad debt")),
        Column("span", operation=SPAN, operands=("DAYS_CREDIT_ENDDATE", "DAYS_CREDIT")),
        Column("lived", causes=(0.0, 0.4, -0.25, 0.0)),
        Column("lived_days", operation=TIMES, operands=("lived", "span"), step=1.0),
        Column("DAYS_ENDDATE_FACT", operation=ADD, operands=("DAYS_CREDIT", "lived_days")),
        Column("since", step=1.0),
        Column("end_or_now", operation=OR_ELSE, operands=("DAYS_ENDDATE_FACT", "")),
        Column("updated", operation=ADD, operands=("end_or_now", "since")),
        Column("AMT_CREDIT_SUM", causes=(0.15, 0.0, 0.0, 0.0), step=4.5),
        Column("debt", causes=(0.0, 0.8, 0.0, 0.0)),
        Column("AMT_CREDIT_SUM_DEBT", operation=TIMES, operands=("AMT_CREDIT_SUM", "debt"), step=0.045),
        Column("limit", causes=(0.0, -0.6, 0.0, 0.0)),
        Column("AMT_CREDIT_SUM_LIMIT", operation=TIMES, operands=("AMT_CREDIT_SUM", "limit"), step=0.045),
        Column("CREDIT_DAY_OVERDUE", causes=(0.0, 0.0, -0.4, 0.3), step=1.0),
        Column("AMT_CREDIT_SUM_OVERDUE", causes=(0.0, 0.0, -0.3, 0.2), step=0.045),
        Column("AMT_CREDIT_MAX_OVERDUE", causes=(0.0, 0.0, -0.75, 0.0), step=0.045),
        Column("CNT_CREDIT_PROLONG", causes=(0.0, 0.1, -0.2, 0.0), step=1.0),
        Column("CREDIT_CURRENCY", values=("currency 1", "currency 2", "currency 3", "currency 4")),
        Column("daily", operation=OVER, operands=("AMT_CREDIT_SUM", "term")),
        Column("AMT_ANNUITY", causes=(0.0, 0.45, 0.0, 0.0), step=4.5),
        Column("silent"),
    ),
)  # fmt: skip
MONTHS = History(
    "bureau_balance",
    client=("tested",),
    looks=("last", "mean", "rest", "mean_run", "rest_run"),
    spell=("kind", "active", "days", "term", "sum", "worst", "latest", "past_end"),
    columns=(
        Column("since_end", operation=SUBTRACT, operands=("past_end", "left")),
        Column("STATUS", causes=(0.0, 0.0, -0.65, 0.0), shock=0.35, values=STATUSES),
    ),
)


def build_bureau(
    rng: np.random.Generator, ids: Ints, histories: Histories, latents: Latents, first_id: int
) -> tuple[Rows, Floats]:
    """bureau.csv: one row per credit elsewhere, grouped by client, SK_ID_BUREAU rising from `first_id` with gaps;
    and each credit's silence, the share of its months before the application that are not known.

    Indebted clients have more credits, more of them open, and owe more of each; ill behaviour and shocks show
    as overdue amounts.
    """
    about = [histories.credits, histories.tested, histories.months_known]
    drawn = draw_history(CREDITS, rng, runs_of(histories.credits, about), latents)
    owner, _ = expand(histories.credits)
    credits = len(owner)
    ended, updated = _when_ended(rng, drawn)
    plain = (
        "DAYS_CREDIT", "CREDIT_DAY_OVERDUE", "AMT_CREDIT_MAX_OVERDUE", "CNT_CREDIT_PROLONG",
        "AMT_CREDIT_SUM", "AMT_CREDIT_SUM_DEBT", "AMT_CREDIT_SUM_LIMIT", "AMT_CREDIT_SUM_OVERDUE", "AMT_ANNUITY",
    )  # fmt: skip
    rows: Rows = {
        "SK_ID_CURR": ids[owner],
        "SK_ID_BUREAU": first_id + np.cumsum(1 + (rng.random(credits) < 0.055)),
        "DAYS_CREDIT_ENDDATE": _planned_end(rng, drawn, histories.tested, owner),
        "DAYS_ENDDATE_FACT": ended,
        "DAYS_CREDIT_UPDATE": updated,
    }
    rows |= {name: np.round(drawn[name], 3) for name in plain}
    rows |= {
        name: CREDITS.category(drawn, name) for name in ("CREDIT_ACTIVE", "CREDIT_CURRENCY", "CREDIT_TYPE")
    }
    return rows, np.where(histories.months_known[owner], np.nan_to_num(drawn["silent"]), np.nan)


def _when_ended(rng: np.random.Generator, drawn: dict[str, Floats]) -> tuple[Floats, Floats]:
    """The day each credit ended, NaN while it runs, and the day of its last report. What was drawn to lie in the
    future lies anywhere between the day before it and today.
    """
    begun, ended = drawn["DAYS_CREDIT"], drawn["DAYS_ENDDATE_FACT"]
    ended = np.where(ended > -1.0, np.minimum(np.rint(begun * rng.random(len(begun))), -1.0), ended)
    updated = np.nan_to_num(ended) + drawn["since"]
    late = (updated > 0) & (ended < 0)
    updated = np.where(late, np.rint(ended * rng.random(len(begun))), np.minimum(updated, 0.0))
    return ended, updated


def _planned_end(rng: np.random.Generator, drawn: dict[str, Floats], tested: Bools, owner: Ints) -> Floats:
    """DAYS_CREDIT_ENDDATE: all endless credits of a client end on the same day, or ten years before it."""
    low, high = np.where(tested, *np.array(LAST_DAYS)[:, :, None])
    day = np.rint(low + (high - low) * rng.random(len(tested)))[owner]
    day = day - SOONER * (rng.random(len(owner)) < SOONER_SHARE)
    end: Floats = np.where(drawn["endless"] == ENDLESS, day, drawn["DAYS_CREDIT_ENDDATE"])
    return end


def build_bureau_balance(
    rng: np.random.Generator,
    bureau: Rows,
    silent: Floats,
    ids: Ints,
    histories: Histories,
    latents: Latents,
    spare_ids: Ints,
) -> Rows:
    """bureau_balance.csv: the months of some credits, oldest first, and those of a few orphans.

    An orphan's SK_ID_BUREAU is one of `spare_ids`, which bureau does not have.
    """
    credits = np.flatnonzero(~np.isnan(silent) & (rng.random(len(silent)) < CREDITS_WITH_MONTHS))
    old = credits[number(bureau, "DAYS_CREDIT")[credits] < OLD_CREDIT]
    wanted = min(round(ORPHANS_PER_CREDIT * len(credits)), len(spare_ids)) if len(old) else 0
    orphans = old[rng.integers(0, max(len(old), 1), wanted)]
    chosen = np.concatenate([credits, orphans])
    order = np.argsort(chosen, kind="stable")
    chosen = chosen[order]
    bureau_ids = np.concatenate([np.asarray(bureau["SK_ID_BUREAU"])[credits], spare_ids[: len(orphans)]])[
        order
    ]
    first, latest = month_bounds(number(bureau, "DAYS_CREDIT")[chosen], silent[chosen])
    lengths = (latest - first + 1).astype(np.int64)
    owner = np.searchsorted(ids, np.asarray(bureau["SK_ID_CURR"]))[chosen]
    about = months_about({name: number_or_code(bureau, name)[chosen] for name in ABOUT_MONTHS}, latest)
    credit, place = expand(lengths)
    month = first[credit] + place
    recent = month >= -MONTHS_FELT
    runs = runs_of_spells(owner, len(ids), lengths, about, recent, [histories.tested])
    drawn = draw_history(MONTHS, rng, runs, latents)
    return {
        "SK_ID_BUREAU": bureau_ids[credit],
        "MONTHS_BALANCE": month,
        "STATUS": MONTHS.category(drawn, "STATUS"),
    }


ABOUT_MONTHS = (
    "CREDIT_TYPE", "CREDIT_ACTIVE", "DAYS_CREDIT", "DAYS_CREDIT_ENDDATE", "AMT_CREDIT_SUM",
    "AMT_CREDIT_MAX_OVERDUE", "DAYS_ENDDATE_FACT",
)  # fmt: skip


def number_or_code(rows: Rows, column: str) -> Floats:
    """A number column as it is, a text column as its codes."""
    codes = getattr(rows[column], "codes", None)
    return number(rows, column) if codes is None else codes.astype(np.float64)


def month_bounds(days: Floats, silent: Floats) -> tuple[Floats, Floats]:
    """First and latest month of a credit that began on `days`; `silent`: the share of months unknown at the end."""
    first = np.clip(np.floor(days / DAYS_PER_MONTH) + 1.0, OLDEST_MONTH, 0.0)
    return first, np.ceil(first * np.clip(silent, 0.0, 1.0) - 0.5)


def months_about(credit: dict[str, Floats], latest: Floats) -> list[Floats]:
    """What the months of a credit depend on, in the order of MONTHS.spell."""
    end = np.floor(np.fmin(credit["DAYS_ENDDATE_FACT"], 40_000.0) / DAYS_PER_MONTH)
    return [
        credit["CREDIT_TYPE"],
        credit["CREDIT_ACTIVE"],
        credit["DAYS_CREDIT"],
        credit["DAYS_CREDIT_ENDDATE"] - credit["DAYS_CREDIT"],
        credit["AMT_CREDIT_SUM"],
        credit["AMT_CREDIT_MAX_OVERDUE"],
        latest,
        with_missing(latest - end, np.isnan(credit["DAYS_ENDDATE_FACT"])),
    ]
