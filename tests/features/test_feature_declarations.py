"""A declaration is a value; a catalogue finds it, words it, and tells by its hash when it changes."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest
from right_declarations import ONE_ROW, RIGHT, RIGHTS

from features import CATALOGUE, GROUPS, TABLES, Catalogue, DeclarationError, Feature, cleaning
from features.declaration import over
from features.expressions import col, parts_of
from features.vocabulary import PREFIX_OF, VIEW_COLUMNS


@pytest.mark.parametrize("right", RIGHTS, ids=lambda right: right["name"])
def test_right_declarations_pass(right: dict[str, Any]) -> None:
    """The declarations that the mistakes are made from are accepted themselves."""
    assert Feature(**right).name == right["name"]


def test_declaration_cannot_be_changed() -> None:
    """A feature is a value: nobody changes one that others already use."""
    with pytest.raises(FrozenInstanceError):
        CATALOGUE["app_age"].unit = "days"


def test_duplicate_names_are_refused() -> None:
    """Two features of one name are refused, and the name is told."""
    with pytest.raises(DeclarationError, match="declared twice: app_age; give each feature its own name"):
        Catalogue([Feature(**ONE_ROW), Feature(**RIGHT), Feature(**ONE_ROW)])


def test_window_of_a_column_may_stand_in_a_one_row_name() -> None:
    """A column of the application may itself count the last 30 days: its feature may say so."""
    circle = ONE_ROW | {"name": "app_circle_30d", "value": col("DEF_30_CNT_SOCIAL_CIRCLE"), "unit": "count"}
    assert Feature(**circle).suffix == ""


def test_catalogue_holds_features_only() -> None:
    """Anything else in a catalogue is refused with its place."""
    with pytest.raises(DeclarationError, match="entry 1 of the catalogue is 'app_age', expected a Feature"):
        Catalogue([Feature(**ONE_ROW), "app_age"])  # type: ignore[list-item]  # on purpose


def test_conditions_are_not_joined_with_and() -> None:
    """Python's own `and` would drop a condition in silence: it is refused, and & is named."""
    with pytest.raises(DeclarationError, match="join conditions with &"):
        (col("due") > 0) and (col("paid") > 0)


def test_catalogue_is_found_by_name_and_place() -> None:
    """A catalogue answers to names and positions, and says so when a name is unknown."""
    assert CATALOGUE["app_age"] is CATALOGUE[CATALOGUE.names.index("app_age")]
    assert "app_age" in CATALOGUE
    assert CATALOGUE["app_age"] in CATALOGUE
    assert "app_agee" not in CATALOGUE
    assert len(CATALOGUE) == len(CATALOGUE.names) == len(list(CATALOGUE))
    with pytest.raises(KeyError, match="no feature 'app_agee' is declared"):
        CATALOGUE["app_agee"]


def test_model_may_not_use_protected_features() -> None:
    """Gender is there for fairness and cohorts, and is no model input; everything else is, in order."""
    assert set(CATALOGUE.names) - set(CATALOGUE.model_inputs) == {"app_gender"}
    assert list(CATALOGUE.model_inputs) == [name for name in CATALOGUE.names if name != "app_gender"]


PLAIN = RIGHT | {"name": "inst_days_late_365d"}
CHANGES: dict[str, dict[str, Any]] = {
    "value": {"value": col("paid_day") - col("due_day") - 1},
    "agg": {"agg": "min"},
    "where": {"where": col("due") > 0},
    "window": {"within_days": 366, "name": "inst_days_late_366d"},
    "last_rows": {"last_rows": 5, "within_days": None, "clock": None, "name": "inst_days_late_last5"},
    "when_no_rows": {"when_no_rows": -1.0},
    "unit": {"unit": "ratio"},
    "group": {"group": "INCOME"},
    "riskier": {"riskier": "higher"},
    "protected": {"protected": True},
    "name": {"name": "inst_other_365d"},
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_hash_changes_with_the_definition(change: dict[str, Any]) -> None:
    """Whatever changes the numbers or how a model reads them changes the hash of the catalogue."""
    assert Catalogue([Feature(**PLAIN | change)]).hash != Catalogue([Feature(**PLAIN)]).hash


def test_hash_changes_with_order_and_length() -> None:
    """The order of the columns belongs to the definition."""
    first, second = Feature(**RIGHT), Feature(**ONE_ROW)
    assert len({Catalogue(fs).hash for fs in ([first, second], [second, first], [first], [second])}) == 4


@pytest.mark.parametrize("words", [{"meaning": "Another wording"}, {"reason": "Another wording"}])
def test_hash_does_not_change_with_words(words: dict[str, Any]) -> None:
    """A better sentence does not make models unusable."""
    worded = Catalogue([replace(feature, **words) for feature in CATALOGUE])
    assert worded.hash == CATALOGUE.hash
    assert worded.definitions == CATALOGUE.definitions


def test_definitions_name_the_difference() -> None:
    """Comparing two catalogues' definitions tells which feature was redefined."""
    redefined = [replace(f, when_no_rows=7) if f.name == "inst_due_mean" else f for f in CATALOGUE]
    other = Catalogue(redefined).definitions
    assert [name for name in other if other[name] != CATALOGUE.definitions[name]] == ["inst_due_mean"]


def test_hash_changes_with_the_rules_of_cleaning(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read as missing is part of what is computed: a model of another rule does not match the code."""
    before = Catalogue(CATALOGUE).definitions
    rule = cleaning.Rule("application", ("OWN_CAR_AGE",), evidence="another limit", maximum=40)
    monkeypatch.setitem(cleaning._RULE_OF, ("application", "OWN_CAR_AGE"), rule)
    after = Catalogue(CATALOGUE).definitions
    changed = [name for name in after if after[name] != before[name]]
    assert changed == ["app_car_age", "app_car_age_to_employed"]


def test_hash_is_16_hex_digits() -> None:
    """The hash is short enough to stand in every exported row."""
    assert len(CATALOGUE.hash) == 16
    assert set(CATALOGUE.hash) <= set("0123456789abcdef")


def test_over_declares_one_feature_per_window() -> None:
    """One declaration and its windows: the names tell them, the words get them, nothing else changes."""
    whole = Feature(**RIGHT | {"name": "inst_days_late_max", "within_days": None, "clock": None})
    found = over(whole, clock="due_day", days=(730, 90), last=(3,))
    assert [feature.suffix for feature in found] == ["", "_730d", "_90d", "_last3"]
    assert [feature.name for feature in found] == [whole.name + feature.suffix for feature in found]
    assert {feature.stem for feature in found} == {"inst_days_late_max"}
    assert [f.text().meaning for f in found[1:]] == [
        "Longest delay (last 24 months)",
        "Longest delay (last 3 months)",
        "Longest delay (last 3 instalments)",
    ]
    assert found[0].text().meaning == "Longest delay"
    assert over(whole, clock="due_day", days=(365,), all_time=False) == (Feature(**RIGHT),)


def test_every_group_but_none_is_used() -> None:
    """There is no reason code that no feature can give."""
    assert {feature.group for feature in CATALOGUE} == set(GROUPS)


def test_no_feature_reads_the_outcome() -> None:
    """No declared expression holds TARGET, however deep."""
    for feature in CATALOGUE:
        whole = [feature.value] + ([feature.where] if feature.where is not None else [])
        assert not any(part == col("TARGET") for each in whole for part in parts_of(each)), feature.name


def test_prefixes_cover_every_table() -> None:
    """Every table can be the source of features: under its own name or as the view of instalments."""
    assert set(PREFIX_OF) - {"client"} - set(VIEW_COLUMNS) == set(TABLES) - {"installments_payments"}


def test_months_of_the_bureau_answer_zero_without_rows() -> None:
    """bureau_balance covers test clients better than train clients: no feature may tell that it has rows."""
    from_months = [feature for feature in CATALOGUE if feature.table == "bureau_balance"]
    assert from_months
    assert all(feature.when_no_rows == 0 for feature in from_months)
