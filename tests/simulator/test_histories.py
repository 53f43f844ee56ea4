"""Histories hold together: plans, months and balances follow from each other as in the real tables."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from simulator.columns import History, steps_of, trees_from
from simulator.derive_histories import SMALLEST_LEAF, derive
from simulator.derive_pieces import FEWEST_CLIENTS
from simulator.facts import read_figures
from simulator.observe import OBSERVERS
from simulator.observe_months import OBSERVERS as MONTH_OBSERVERS
from simulator.observed import Observed
from simulator.sequences import DRAWN

NEVER = 365_243
HISTORIES = (*OBSERVERS, *MONTH_OBSERVERS)


def read(folder: Path, table: str) -> pd.DataFrame:
    """A table of the portfolio."""
    return pd.read_csv(folder / f"{table}.csv", low_memory=False)


def test_months_of_a_loan_follow_one_another(portfolio: Path) -> None:
    """A loan's months have no gap, what is left to pay does not grow, and nothing is left when it is completed."""
    pos = read(portfolio, "POS_CASH_balance").sort_values(["SK_ID_PREV", "MONTHS_BALANCE"])
    same = pos["SK_ID_PREV"].eq(pos["SK_ID_PREV"].shift())
    assert (pos["MONTHS_BALANCE"].diff()[same] == 1).all()
    steps = pos["CNT_INSTALMENT_FUTURE"].diff()[same].dropna()
    assert (steps <= 0).mean() > 0.98
    assert (steps == -1).mean() == pytest.approx(0.89, abs=0.07)
    assert (
        pos.loc[pos["NAME_CONTRACT_STATUS"] == "Completed", "CNT_INSTALMENT_FUTURE"].dropna() == 0
    ).mean() > 0.9
    assert (pos["SK_DPD_DEF"] <= pos["SK_DPD"]).all()


def test_credits_elsewhere_keep_their_days(portfolio: Path) -> None:
    """Closed credits have ended, open ones have not, and months run from a credit's beginning without gaps."""
    bureau = read(portfolio, "bureau")
    closed = bureau["CREDIT_ACTIVE"] == "Closed"
    assert bureau.loc[closed, "DAYS_ENDDATE_FACT"].notna().mean() > 0.99
    assert bureau.loc[bureau["CREDIT_ACTIVE"] == "Active", "DAYS_ENDDATE_FACT"].isna().mean() > 0.99
    assert (bureau["DAYS_ENDDATE_FACT"] < bureau["DAYS_CREDIT"]).mean() < 0.02
    months = read(portfolio, "bureau_balance").sort_values(["SK_ID_BUREAU", "MONTHS_BALANCE"])
    same = months["SK_ID_BUREAU"].eq(months["SK_ID_BUREAU"].shift())
    assert (months["MONTHS_BALANCE"].diff()[same] == 1).all()
    first = months.groupby("SK_ID_BUREAU")["MONTHS_BALANCE"].min()
    begun = np.floor(bureau.set_index("SK_ID_BUREAU")["DAYS_CREDIT"] / 30.4375).reindex(first.index)
    assert ((first - begun).dropna().abs() <= 2).mean() > 0.99
    after_closing = months["STATUS"].eq("C").groupby(months["SK_ID_BUREAU"]).last()
    is_closed = closed.set_axis(bureau["SK_ID_BUREAU"]).reindex(after_closing.index)
    assert after_closing[is_closed.eq(True)].mean() > 2 * after_closing[is_closed.eq(False)].mean()


def test_applications_keep_their_schedule(portfolio: Path) -> None:
    """Granted loans fall due after the decision, every thirty days, and end on the grid of their instalments."""
    rows = read(portfolio, "previous_application")
    loans = rows[
        (rows["NAME_CONTRACT_STATUS"] == "Approved") & (rows["NAME_CONTRACT_TYPE"] != "Revolving loans")
    ]
    loans = loans[(loans["DAYS_FIRST_DUE"] < NEVER) & loans["CNT_PAYMENT"].gt(0)]
    planned = loans["DAYS_FIRST_DUE"] + 30 * (loans["CNT_PAYMENT"] - 1)
    assert (loans["DAYS_FIRST_DUE"] > loans["DAYS_DECISION"]).mean() > 0.99
    assert (loans["DAYS_LAST_DUE_1ST_VERSION"] == planned).mean() > 0.98
    paid_off = loans[loans["DAYS_LAST_DUE"] < NEVER]
    assert ((paid_off["DAYS_LAST_DUE"] - paid_off["DAYS_FIRST_DUE"]) % 30 == 0).mean() > 0.98
    cost = loans["AMT_ANNUITY"] * loans["CNT_PAYMENT"] / loans["AMT_CREDIT"]
    assert cost.quantile([0.05, 0.5, 0.95]).between(0.95, 2.6).all()
    assert rows.loc[rows["NAME_CONTRACT_STATUS"] == "Approved", "CODE_REJECT_REASON"].eq("XAP").mean() > 0.98
    down = rows[rows["AMT_DOWN_PAYMENT"] > 0]
    assert (down["AMT_DOWN_PAYMENT"] < down["AMT_APPLICATION"]).mean() > 0.99


def test_payments_belong_to_a_plan(portfolio: Path) -> None:
    """Instalments of a loan fall due every thirty days, most are the annuity, and parts add up to what was due."""
    paid = read(portfolio, "installments_payments")
    loans = paid[paid["NUM_INSTALMENT_VERSION"] > 0].sort_values(["SK_ID_PREV", "NUM_INSTALMENT_NUMBER"])
    number, due = loans["NUM_INSTALMENT_NUMBER"].diff(), loans["DAYS_INSTALMENT"].diff()
    same = loans["SK_ID_PREV"].eq(loans["SK_ID_PREV"].shift())
    assert (due[same] == 30 * number[same]).all()
    keys = ["SK_ID_PREV", "NUM_INSTALMENT_NUMBER"]
    total = loans.groupby(keys).agg(paid=("AMT_PAYMENT", "sum"), owed=("AMT_INSTALMENT", "first"))
    assert ((total["paid"] - total["owed"]).abs() < 1.0).mean() > 0.95
    late = loans["DAYS_ENTRY_PAYMENT"] - loans["DAYS_INSTALMENT"]
    assert late.quantile([0.1, 0.5, 0.9]).tolist() == pytest.approx([-26, -6, 0], abs=4)
    cards = paid[paid["NUM_INSTALMENT_VERSION"] == 0]
    assert (cards["AMT_INSTALMENT"] == cards["AMT_PAYMENT"]).all()


def test_card_balances_add_up(portfolio: Path) -> None:
    """A month's balance is the last one, what was drawn, what was paid and a little interest."""
    card = read(portfolio, "credit_card_balance").sort_values(["SK_ID_PREV", "MONTHS_BALANCE"])
    same = card["SK_ID_PREV"].eq(card["SK_ID_PREV"].shift())
    assert (card["MONTHS_BALANCE"].diff()[same] == 1).all()
    before = card["AMT_BALANCE"].shift()
    paid = card[["AMT_PAYMENT_CURRENT", "AMT_PAYMENT_TOTAL_CURRENT"]].max(axis=1).fillna(0.0)
    paid = paid.where(card["AMT_PAYMENT_TOTAL_CURRENT"] > 0, 0.0)
    gross = before + card["AMT_DRAWINGS_CURRENT"]
    interest = ((card["AMT_BALANCE"] - gross + paid) / gross)[same & (gross > 1000)]
    assert interest.quantile([0.25, 0.5, 0.75]).between(-0.02, 0.08).all()
    parts = [f"AMT_DRAWINGS_{name}_CURRENT" for name in ("ATM", "POS", "OTHER")]
    assert ((card[parts].sum(axis=1) - card["AMT_DRAWINGS_CURRENT"]).abs() < 0.1).all()
    assert (
        card["AMT_BALANCE"] <= 1.5 * card.groupby("SK_ID_PREV")["AMT_CREDIT_LIMIT_ACTUAL"].transform("max")
    ).all()


@pytest.mark.parametrize("name", HISTORIES)
def test_figures_are_whole(name: str) -> None:
    """Every leaf's shares rise to 1, branches lead to later nodes, and every drawn column has a tree."""
    nodes, pieces = read_figures(f"{name}_nodes"), read_figures(f"{name}_pieces")
    leaves = nodes["feature"].isna()
    for begin, end in nodes.loc[leaves, ["left", "right"]].itertuples(index=False):
        shares = pieces["share"].to_numpy()[begin:end]
        assert shares[-1] == 1000.0
        assert (np.diff(shares) >= 0).all()
    for side in ("left", "right"):
        assert (nodes.loc[~leaves, side] > nodes.index[~leaves]).all()
    known = pieces.dropna()
    assert (known["low"] <= known["high"]).all()
    assert nodes.loc[leaves, "spread"].gt(0).all()


@pytest.mark.parametrize("name", HISTORIES)
def test_every_leaf_stands_for_five_clients(name: str) -> None:
    """No leaf of the trees in the project was filled with the rows of fewer than five clients."""
    nodes = read_figures(f"{name}_nodes")
    assert nodes.loc[nodes["feature"].isna(), "clients"].min() >= FEWEST_CLIENTS


def test_trees_are_found_again() -> None:
    """Trees grown on rows with a known rule draw by that rule, from leaves of a hundred rows at least."""
    from simulator.columns import Column, runs_of

    rng = np.random.default_rng(1)
    history = History("rule", client=("rich",), columns=(Column("kind", values=("a", "b")), Column("amount")))
    rich = rng.integers(0, 2, 3_000).astype(float)
    kind = (rng.random(3_000) < np.where(rich == 1, 0.9, 0.1)).astype(float)
    amount = np.where(kind == 1, np.nan, np.where(rich == 1, 50.0, rng.uniform(0, 10, 3_000)))
    runs = runs_of(np.ones(3_000, dtype=np.int64), [rich])
    nodes, pieces = derive(Observed(history, np.column_stack([kind, amount]), runs, np.ones(3_000), {}))
    nodes = nodes.reset_index(drop=True).assign(feature=nodes["feature"].to_numpy())
    trees = trees_from(history, nodes, pieces.reset_index(drop=True))
    assert (steps_of(history).operation == DRAWN).all()
    roots = nodes.iloc[trees.roots]
    assert list(roots["column"]) == ["kind", "amount"]
    assert list(roots["feature"]) == ["rich", "kind"]
    assert (nodes["feature"].isna().sum()) <= 2 * 3_000 / SMALLEST_LEAF
    assert pieces["low"].isna().any()
    assert ((pieces["low"] == 50.0) & (pieces["high"] == 50.0)).any()
