"""What a client can change is declared with the feature, refused where it makes no sense, and moves no number."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from drawn_tables import Tables, draw_tables, drawn_tables
from hypothesis import given, settings
from hypothesis import strategies as st
from right_declarations import ONE_ROW, RIGHT

from features import CATALOGUE, FIXED, TABLES, Catalogue, Change, DeclarationError, Feature, build_features
from features.builder import build_variants
from features.change import can_be_given, free_between, only_down
from features.expressions import col
from features.vocabulary import CHARACTERISTICS

AMOUNT: dict[str, Any] = ONE_ROW | {"name": "app_amount", "value": col("AMT_CREDIT"), "unit": "amount"}
FLAG: dict[str, Any] = ONE_ROW | {"name": "app_given", "value": col("FLAG_PHONE"), "unit": "flag"}
HALF = only_down(lowest=0.5, step=0.1)

MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    (
        "no change at all",
        AMOUNT | {"change": "down"},
        "change is 'down', expected a change, such as only_down",
    ),
    ("unknown direction", AMOUNT | {"change": Change("sideways")}, "expected one of fixed, up, down, free"),  # type: ignore[arg-type] # on purpose
    ("fixed with bounds", AMOUNT | {"change": Change(lowest=0.5)}, "fixed and yet has bounds"),
    ("many rows", RIGHT | {"change": HALF}, "declare the change where a column itself is measured"),
    ("computed", AMOUNT | {"value": col("AMT_CREDIT") / 2, "change": HALF}, "it is computed and follows"),
    (
        "characteristic",
        AMOUNT | {"value": col("CNT_CHILDREN"), "unit": "count", "change": HALF},
        "CNT_CHILDREN is a protected characteristic, which nobody is told to change",
    ),
    (
        "unit",
        AMOUNT | {"value": col("OWN_CAR_AGE"), "unit": "years", "change": HALF},
        "only amounts and flags",
    ),
    ("flag taken back", FLAG | {"change": Change("down", 0, 1, 1)}, "say can_be_given()"),
    ("upside down", AMOUNT | {"change": only_down(1.5, 0.1)}, "give 0 < lowest <= 1 <= highest"),
    (
        "no step",
        AMOUNT | {"change": only_down(0.5, 0)},
        "its step 0 leads nowhere within its bounds 0.5 to 1",
    ),
    ("too long a step", AMOUNT | {"change": only_down(0.5, 0.6)}, "its step 0.6 leads nowhere"),
    ("another direction", AMOUNT | {"change": Change("up", 0.5, 1.0, 0.1)}, "do not say 'up'"),
    ("half free", AMOUNT | {"change": free_between(0.5, 1.0, 0.1)}, "do not say 'free'"),
    (
        "unknown column",
        AMOUNT | {"change": only_down(0.5, 0.1, carries=("AMT_ANUITY",))},
        "names AMT_ANUITY; expected amounts: AMT_ANNUITY, AMT_CREDIT",
    ),
    ("a floor of days", AMOUNT | {"change": only_down(0.5, 0.1, not_below="DAYS_BIRTH")}, "names DAYS_BIRTH"),
    ("itself", AMOUNT | {"change": only_down(0.5, 0.1, carries=("AMT_CREDIT",))}, "names its own column"),
    (
        "flag with amounts",
        FLAG | {"change": replace(can_be_given(), carries=("AMT_CREDIT",))},
        "a flag carries no amounts",
    ),
    (
        "condition of another table",
        AMOUNT | {"change": only_down(0.5, 0.1, when=col("AMT_PAYMENT") > 0)},
        "asks for AMT_PAYMENT, no column of the application",
    ),
]


@pytest.mark.parametrize(
    ("declared", "message"), [case[1:] for case in MISTAKES], ids=[c[0] for c in MISTAKES]
)
def test_wrong_changes_are_refused(declared: dict[str, Any], message: str) -> None:
    """A change that could not be made, or of which nobody may be told, is refused when it is declared."""
    with pytest.raises(DeclarationError) as refused:
        Feature(**declared)
    assert message in str(refused.value)


def test_steps_lead_from_the_own_value_to_the_bounds() -> None:
    """Nearest first, within the bounds, both ways where both are open; a flag has one step."""
    assert only_down(0.7, 0.1).steps == (-1, -2, -3)
    assert free_between(0.8, 1.1, 0.1).steps == (-1, 1, -2)
    assert free_between(0.8, 1.1, 0.1).at(-2) == 0.8
    assert (can_be_given().steps, can_be_given().at(1)) == ((1,), 1.0)
    assert FIXED.steps == ()


def test_every_feature_says_what_a_client_can_change() -> None:
    """Six can be changed, what is made of them follows, all else is fixed; each direction is met."""
    assert {feature.name: feature.change.direction for feature in CATALOGUE.levers} == {
        "app_credit": "down",
        "app_goods_price": "down",
        "app_annuity": "free",
        "app_document_3": "up",
        "app_work_phone": "up",
        "app_home_phone": "up",
    }
    told = {name: CATALOGUE.change_of(name) for name in CATALOGUE.names}
    assert told["app_annuity_to_income"] == "follows"
    assert told["bureau_all_payments_to_income"] == "follows"
    assert told["app_income"] == told["app_employed"] == told["inst_due_mean"] == "fixed"


def test_protected_characteristics_are_never_changed() -> None:
    """No lever moves or asks for what states age, gender or family; age, gender and family move with nothing."""
    personal = frozenset().union(*CHARACTERISTICS.values())
    for lever in CATALOGUE.levers:
        asked = lever.change.when.columns() if lever.change.when is not None else frozenset()
        assert not personal & {*lever.columns, *lever.change.carries, *asked}, lever.name
    stated = {
        name for name in CATALOGUE.names if CATALOGUE[name].columns <= personal and CATALOGUE[name].columns
    }
    assert not stated & set(CATALOGUE.moving)
    assert {"app_age", "app_gender", "app_children"} <= stated


def test_a_declared_change_moves_no_number() -> None:
    """What a client can change is no part of what is computed: models stay usable when it is declared anew."""
    nothing = Catalogue([replace(feature, change=FIXED) for feature in CATALOGUE])
    assert nothing.hash == CATALOGUE.hash
    assert nothing.levers == nothing.moving == ()


LEVER_COLUMNS = (
    "AMT_CREDIT",
    "AMT_GOODS_PRICE",
    "AMT_ANNUITY",
    "FLAG_DOCUMENT_3",
    "FLAG_PHONE",
    "FLAG_WORK_PHONE",
)


@settings(max_examples=25, deadline=None)
@given(tables=drawn_tables, seed=st.integers(0, 1000))
def test_variants_are_what_building_each_would_give(tables: Tables, seed: int) -> None:
    """One client's variants, built at once, have the bits of building all tables for each of them alone."""
    client = tables["application"]["SK_ID_CURR"].iloc[0]
    own = {
        name: frame[frame["SK_ID_CURR"] == client] for name, frame in tables.items() if "SK_ID_CURR" in frame
    }
    own["bureau_balance"] = tables["bureau_balance"]
    other = draw_tables(seed, clients=4, rows=0, strangers=0)["application"]
    variants = build_variants(own, other)
    for place in range(len(other)):
        alone = other.iloc[[place]].assign(SK_ID_CURR=client)
        pd.testing.assert_series_equal(
            variants.iloc[place], build_features(own | {"application": alone}).iloc[0], check_names=False
        )


def test_only_what_can_move_moves() -> None:
    """Other values in every column that a client can change leave all features but the moving ones as they are."""
    tables = draw_tables(seed=5, clients=1, rows=9)
    tables["application"][list(LEVER_COLUMNS)] = [[9e5, 8e5, 4e4, 0.0, 0.0, 0.0]]
    changed = tables["application"].assign(
        **dict(zip(LEVER_COLUMNS, (7e5, 6e5, 3e4, 1.0, 1.0, 1.0), strict=True))
    )
    before, after = build_features(tables), build_variants(tables, changed)
    same = (before.to_numpy() == after.to_numpy()) | (
        np.isnan(before.to_numpy()) & np.isnan(after.to_numpy())
    )
    moved = {name for name, equal in zip(CATALOGUE.names, same[0], strict=True) if not equal}
    assert moved <= set(CATALOGUE.moving)
    assert {"app_credit", "app_documents", "app_annuity_to_income"} <= moved


def test_variants_are_of_one_client() -> None:
    """The rows of two clients give no variants: nobody knows whose histories are meant."""
    tables = draw_tables(seed=1, clients=2, rows=2)
    with pytest.raises(ValueError, match="variants are of one client, the tables hold 2"):
        build_variants(tables, tables["application"])


def test_levers_measure_columns_of_the_application() -> None:
    """What a lever moves and carries are columns that can be set, so that dependents can follow."""
    for lever in CATALOGUE.levers:
        assert {*lever.columns, *lever.change.carries} <= set(TABLES["application"].columns)
