"""Here: a known client's new application, and what becomes of the old one among the earlier applications.
Not here: who applies again (nights.py), what else the months since did (passing.py).
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.facts import Floats, Ints, Rows, number, text
from simulator.frames import frame_of, with_frame
from simulator.passing import days_of, shifted

REQUEST = (
    "NAME_CONTRACT_TYPE",
    "AMT_CREDIT",
    "AMT_ANNUITY",
    "AMT_GOODS_PRICE",
    "NAME_TYPE_SUITE",
    "WEEKDAY_APPR_PROCESS_START",
    "HOUR_APPR_PROCESS_START",
)
"""What belongs to the request, not to the person; taken together from another client's application."""

SCORES = ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3")
TERMS = np.array([6.0, 12.0, 18.0, 24.0, 30.0, 36.0, 42.0, 48.0, 54.0, 60.0])
NEVER = 365243.0
MONTH = 30.0


def new_requests(
    rng: np.random.Generator, application: Rows, came: Ints, months: Floats, target: Ints
) -> Rows:
    """All applications, those of the clients who came back renewed: the same person some months older, who
    asks for what another client of similar income asks for; external scores move a little.
    """
    income = number(application, "AMT_INCOME_TOTAL")
    order = np.argsort(income, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    near = np.clip(rank[came] + rng.integers(-40, 41, len(came)), 0, len(order) - 1)
    frame = shifted("application", frame_of(application, came), months)
    asked = frame_of(application, order[near])
    documents = [name for name in frame.columns if name.startswith("FLAG_DOCUMENT")]
    for column in (*REQUEST, *documents):
        frame[column] = asked[column].to_numpy()
    for column in SCORES:
        frame[column] = np.clip(frame[column] + 0.04 * rng.standard_normal(len(came)), 0.0, 1.0)
    frame["OWN_CAR_AGE"] += np.floor(months / 12.0)
    frame["TARGET"] = target.astype(np.float64)
    return with_frame(application, frame)


def earlier_applications(
    rng: np.random.Generator, tables: dict[str, Rows], came: Ints, months: Floats, spare: Ints
) -> dict[str, pd.DataFrame]:
    """Rows to add for the old applications: the applications themselves and, of granted cash loans, the months
    and payments since. `spare` holds their SK_ID_PREV.
    """
    old = frame_of(tables["application"], came)
    models = _models(rng, tables["previous_application"], old["NAME_CONTRACT_TYPE"].to_numpy())
    if models is None:
        return {}
    days = days_of(months)
    cash = (old["NAME_CONTRACT_TYPE"] == "Cash loans").to_numpy()
    annuity = old["AMT_ANNUITY"].fillna(old["AMT_CREDIT"] / 20.0).to_numpy()
    needed = 1.15 * old["AMT_CREDIT"].to_numpy() / annuity
    term = TERMS[np.minimum(np.searchsorted(TERMS, needed), len(TERMS) - 1)]
    first_due = MONTH - days
    previous = models.assign(
        SK_ID_PREV=spare.astype(np.float64),
        SK_ID_CURR=old["SK_ID_CURR"].to_numpy(),
        AMT_ANNUITY=annuity,
        AMT_APPLICATION=old["AMT_GOODS_PRICE"].fillna(old["AMT_CREDIT"]).to_numpy(),
        AMT_CREDIT=old["AMT_CREDIT"].to_numpy(),
        AMT_GOODS_PRICE=old["AMT_GOODS_PRICE"].fillna(old["AMT_CREDIT"]).to_numpy(),
        WEEKDAY_APPR_PROCESS_START=old["WEEKDAY_APPR_PROCESS_START"].to_numpy(),
        HOUR_APPR_PROCESS_START=old["HOUR_APPR_PROCESS_START"].to_numpy(),
        DAYS_DECISION=-days,
        CNT_PAYMENT=np.where(cash, term, 0.0),
        DAYS_FIRST_DRAWING=NEVER,
        DAYS_FIRST_DUE=np.where(cash, first_due, NEVER),
        DAYS_LAST_DUE_1ST_VERSION=np.where(cash, first_due + MONTH * (term - 1.0), NEVER),
        DAYS_LAST_DUE=NEVER,
        DAYS_TERMINATION=NEVER,
    )
    loan = np.repeat(np.flatnonzero(cash), months[cash].astype(np.int64))
    ago = np.concatenate([np.arange(count, 0.0, -1.0) for count in months[cash]] or [np.empty(0)])
    return {
        "previous_application": previous,
        "POS_CASH_balance": _months(previous, loan, ago, months, term),
        "installments_payments": _payments(rng, previous, loan, ago, months, first_due),
    }


def _models(rng: np.random.Generator, previous: Rows, kinds: NDArray[np.object_]) -> pd.DataFrame | None:
    """For each kind of contract a granted earlier application of it, whose other columns serve as model."""
    granted = text(previous, "NAME_CONTRACT_STATUS").equals("Approved")
    contract = text(previous, "NAME_CONTRACT_TYPE")
    places = np.empty(len(kinds), dtype=np.int64)
    for kind in np.unique(kinds.astype(str)):
        found = np.flatnonzero(granted & contract.equals(kind))
        if len(found) == 0:
            return None
        places[kinds == kind] = rng.choice(found, int((kinds == kind).sum()))
    return frame_of(previous, places)


def _months(previous: pd.DataFrame, loan: Ints, ago: Floats, months: Floats, term: Floats) -> pd.DataFrame:
    left = term[loan] - (months[loan] - ago)
    rows = pd.DataFrame(
        {
            "SK_ID_PREV": previous["SK_ID_PREV"].to_numpy()[loan],
            "SK_ID_CURR": previous["SK_ID_CURR"].to_numpy()[loan],
            "MONTHS_BALANCE": -ago,
            "CNT_INSTALMENT": term[loan],
            "CNT_INSTALMENT_FUTURE": left,
            "NAME_CONTRACT_STATUS": np.where(left > 0, "Active", "Completed"),
            "SK_DPD": 0.0,
            "SK_DPD_DEF": 0.0,
        }
    )
    return rows[rows["CNT_INSTALMENT_FUTURE"] >= 0]


def _payments(
    rng: np.random.Generator,
    previous: pd.DataFrame,
    loan: Ints,
    ago: Floats,
    months: Floats,
    due_first: Floats,
) -> pd.DataFrame:
    """Each instalment due since, paid on its day or some days before."""
    terms = previous["CNT_PAYMENT"].to_numpy()[loan]
    number_of = months[loan] - ago + 1.0
    due = due_first[loan] + MONTH * (number_of - 1.0)
    rows = pd.DataFrame(
        {
            "SK_ID_PREV": previous["SK_ID_PREV"].to_numpy()[loan],
            "SK_ID_CURR": previous["SK_ID_CURR"].to_numpy()[loan],
            "NUM_INSTALMENT_VERSION": 1.0,
            "NUM_INSTALMENT_NUMBER": number_of,
            "DAYS_INSTALMENT": due,
            "DAYS_ENTRY_PAYMENT": due - np.rint(rng.exponential(6.0, len(loan))),
            "AMT_INSTALMENT": previous["AMT_ANNUITY"].to_numpy()[loan],
            "AMT_PAYMENT": previous["AMT_ANNUITY"].to_numpy()[loan],
        }
    )
    return rows[(rows["DAYS_INSTALMENT"] <= -1.0) & (number_of <= terms)]
