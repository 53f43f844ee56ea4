"""The next night of a portfolio, changed on purpose: who left, who came, whose outcome became known, who changed.

Belongs here: the folder of the second night. Does not: tests.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

GONE, NEW, LEARNT, CHANGED = 7, 5, 130, 60
FIRST_NEW = 900_001


def next_night(portfolio: Path, folder: Path) -> Path:
    """The tables of `portfolio` a day later, in `folder`.

    Of application_test: the first GONE clients are gone, the next LEARNT ones have an outcome (every sixth
    defaulted), the next CHANGED ones have EXT_SOURCE_2 turned round; NEW clients without history come.
    """
    shutil.copytree(portfolio, folder)
    train, test = (
        pd.read_csv(folder / f"application_{part}.csv", dtype=str, keep_default_na=False)
        for part in ("train", "test")
    )
    stay = test.iloc[GONE:].reset_index(drop=True)
    learnt, rest = stay.iloc[:LEARNT], stay.iloc[LEARNT:].copy()
    learnt = learnt.assign(TARGET=[str(int(n % 6 == 0)) for n in range(LEARNT)])[train.columns]
    changed = rest.index[:CHANGED]
    known = changed[rest.loc[changed, "EXT_SOURCE_2"] != ""]
    turned = 1 - rest.loc[known, "EXT_SOURCE_2"].astype(float)
    rest.loc[known, "EXT_SOURCE_2"] = turned.round(6).astype(str)
    new = rest.iloc[-NEW:].assign(SK_ID_CURR=[str(FIRST_NEW + n) for n in range(NEW)])
    pd.concat([train, learnt]).to_csv(folder / "application_train.csv", index=False)
    pd.concat([rest, new]).to_csv(folder / "application_test.csv", index=False)
    gone = set(test["SK_ID_CURR"].iloc[:GONE])
    for table in (
        "bureau",
        "previous_application",
        "POS_CASH_balance",
        "installments_payments",
        "credit_card_balance",
    ):
        path = folder / f"{table}.csv"
        rows = pd.read_csv(path, dtype=str, keep_default_na=False)
        rows[~rows["SK_ID_CURR"].isin(gone)].to_csv(path, index=False)
    return folder
