"""Here: the rows of application_train and application_test as they are written.
Not here: what the columns hold (applicants.py), which order they are drawn in (recipe.py).
"""

from collections.abc import Mapping

import numpy as np

from simulator.applicants import name_texts
from simulator.facts import Bools, Coded, Floats, Ints, Rows, constant, read_layout, read_missing, where_coded
from simulator.recipe import CAME_UNKNOWN

TABLE = "application_train"
ABSURD_INCOMES = (13_500_000.0, 117_000_000.0)
ABSURD_SHARE = 6e-6
# Values too rare for any group of real clients to show, and their shares on the full data.
RARE = (
    ("CODE_GENDER", "XNA", 4 / 307_511),
    ("NAME_FAMILY_STATUS", "Unknown", 2 / 307_511),
    ("NAME_INCOME_TYPE", "Maternity leave", 5 / 307_511),
)


def build_application(
    rng: np.random.Generator, ids: Ints, applicants: Mapping[str, Floats], target: Ints
) -> Rows:
    """All columns of application_train in file order, one row per client in the order of `ids`; TARGET is the
    drawn outcome.
    """
    rows = name_texts(dict(applicants)) | {"SK_ID_CURR": ids, "TARGET": target}
    clients, known = len(ids), applicants[CAME_UNKNOWN] == 0
    for column, value, share in RARE:
        rows[column] = _with_rare(rows[column], value, known & (rng.random(clients) < share))
    absurd = rng.random(clients) < ABSURD_SHARE
    income, credit = applicants["AMT_INCOME_TOTAL"], applicants["AMT_CREDIT"]
    rows["AMT_INCOME_TOTAL"] = np.where(absurd, rng.choice(np.array(ABSURD_INCOMES), clients), income)
    priceless = (credit == applicants["AMT_GOODS_PRICE"]) & (
        rng.random(clients) < 2.5 * read_missing(TABLE, "AMT_GOODS_PRICE")
    )
    rows["AMT_GOODS_PRICE"] = np.where(priceless, np.nan, applicants["AMT_GOODS_PRICE"])
    lost = rng.random(clients) < read_missing(TABLE, "AMT_ANNUITY")
    rows["AMT_ANNUITY"] = np.where(lost, np.nan, applicants["AMT_ANNUITY"])
    return {column: rows[column] for column in read_layout(TABLE)}


def _with_rare(column: object, value: str, chosen: Bools) -> Coded:
    if not isinstance(column, Coded):
        raise TypeError(f"A text column is expected where {value!r} occurs.")
    everyone = np.ones(len(chosen), dtype=bool)
    return where_coded([(chosen, constant(value, len(chosen))), (everyone, column)], len(chosen))
