"""The catalogue in words: `python -m features.describe` prints docs/features.md.

Belongs here: how a declaration reads as a sentence. Does not: the declarations, their texts.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Iterator, Sequence

from features.catalogue import CATALOGUE
from features.cleaning import RULES, Rule
from features.declaration import Catalogue, Feature
from features.expressions import (
    Across,
    Arithmetic,
    CategoryCode,
    CategoryIn,
    CategoryMissing,
    Column,
    Comparison,
    Condition,
    Constant,
    Logical,
    Number,
)
from features.groups import GROUPS
from features.texts import group_title
from features.vocabulary import SINGLE_ROW

FAMILIES = {
    "application": "The request and the person",
    "bureau": "Credits with other lenders",
    "bureau_balance": "Months of credits with other lenders",
    "previous_application": "Earlier applications with us",
    "POS_CASH_balance": "Months of earlier loans with us",
    "instalments": "Instalments of earlier loans with us",
    "credit_card_balance": "Months of credit cards with us",
    "client": "Combinations of the features above",
}
ROWS_ARE = {
    "application": "One row per client: `application_train` and `application_test`.",
    "instalments": "One row per instalment: `installments_payments` with the payments of one instalment added up.",
    "client": "One value per client, from features declared before and columns of the application.",
}
AGGREGATION_WORDS = {
    "count": "number of rows",
    "sum": "sum of {value}",
    "mean": "mean of {value}",
    "min": "smallest {value}",
    "max": "largest {value}",
    "last": "last known {value}",
    "std": "standard deviation of {value}",
    "trend": "change per year of {value}, the slope of the least-squares line over `{clock}`",
}
ACROSS_WORDS = {
    "mean": "mean",
    "min": "smallest",
    "max": "largest",
    "spread": "largest minus smallest",
    "sum": "sum",
}
UNIT_WORDS = {"share": "share (1 = 100 %)", "flag": "yes (1) or no (0)"}
INTRODUCTION = """\
# The features

<!-- Written by `python -m features.describe > docs/features.md`. Do not edit: a test compares. -->

{count} features describe a client at the moment of the application. Each is declared once, in
`features/catalogue/`, and used by the night, the training, the service, the dashboard, the reasons and this page.
Days and months count backwards from the client's own application. Missing stays missing: it carries information.
Where no row counts, a count is 0 and any other feature is missing unless its line says otherwise; where rows count
but none has a value, it is missing. A division by zero is missing; a comparison with something missing is false.
The catalogue's hash is `{hash}`.
"""
CHANGES = """\
Bounds and steps of amounts are shares of the client's own amount. Whatever else is made of a changed column follows
it; every other feature is fixed: a person's characteristics, income and employment, what others say, all histories.
"""


def describe(catalogue: Catalogue = CATALOGUE) -> str:
    """docs/features.md: every feature in words by table, the reason codes, what is read as missing."""
    parts = [INTRODUCTION.format(count=len(catalogue), hash=catalogue.hash)]
    for table, title in FAMILIES.items():
        features = [feature for feature in catalogue if feature.table == table]
        if features:
            rows_are = ROWS_ARE.get(table, f"Rows of `{table}`, oldest first.")
            parts.append(f"## {title}\n\n{rows_are}\n\n{_feature_table(features)}")
    parts.append(f"## Categories, in the order of their codes\n\n{_category_table(catalogue)}")
    parts.append(
        f"## What a client can change\n\n{CHANGES}\n{_change_table(catalogue)}\n{_followers(catalogue)}"
    )
    parts.append(f"## Reason codes\n\n{_group_table(catalogue)}")
    parts.append(f"## What is read as missing\n\n{_rule_table(RULES)}")
    return "\n".join(parts)


def _feature_table(features: Iterable[Feature]) -> str:
    header = ("Feature", "Meaning", "How it is computed", "Unit", "Risk rises when", "Reason code", "Reason")
    return _table(header, (_feature_cells(feature) for feature in features))


def _feature_cells(feature: Feature) -> tuple[str, ...]:
    return (
        f"`{feature.name}`" + (" (protected: no model input)" if feature.protected else ""),
        feature.text().meaning,
        computation(feature),
        UNIT_WORDS.get(feature.unit, feature.unit),
        feature.riskier or "",
        f"`{feature.group}`",
        feature.text().reason,
    )


def computation(feature: Feature) -> str:
    """How the feature is computed, in words: "largest `SK_DPD_DEF`, last 12 months (`MONTHS_BALANCE`); …"."""
    value = words(feature.value)
    if feature.table in SINGLE_ROW or feature.agg is None:
        return value
    is_share = feature.agg == "mean" and isinstance(feature.value, Condition)
    aggregation = "share of rows in which {value}" if is_share else AGGREGATION_WORDS[feature.agg]
    where = "" if feature.where is None else f" where {words(feature.where)}"
    parts = [aggregation.format(value=value, clock=feature.clock) + where]
    if feature.within_days is not None:
        parts.append(f"of the last {feature.within_days} days (`{feature.clock}`)")
    if feature.within_months is not None:
        parts.append(f"of the last {feature.within_months} months (`{feature.clock}`)")
    if feature.last_rows is not None:
        parts.append(f"of the client's last {feature.last_rows} rows")
    if feature.agg != "count" and not math.isnan(feature.when_no_rows):
        parts.append(f"{feature.when_no_rows:g} if there is none")
    return ", ".join(parts)


def words(expression: Number) -> str:
    """An expression as a person writes it: `AMT_CREDIT` / `AMT_ANNUITY`, `STATUS` is 1, 2 or 3."""
    match expression:
        case Column(name):
            return f"`{name}`"
        case Constant(value):
            return f"{value:g}"
        case CategoryIn(name, values):
            return f"`{name}` is {_either(values)}"
        case CategoryMissing(name):
            return f"`{name}` is missing or not applicable"
        case CategoryCode(name, _):
            return f"place of `{name}` in its list"
        case Across(how, parts):
            return f"{ACROSS_WORDS[how]} of the known among {_listed([words(part) for part in parts])}"
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, left, right)
        case Comparison(operator, left, right):
            return f"{_operand(left)} {operator} {_operand(right)}"
        case Logical(operator, parts):
            return _logical(operator, parts)
    raise TypeError(f"no words for {type(expression).__name__}; write them in features/describe.py")


def _arithmetic(operator: str, left: Number, right: Number) -> str:
    if operator == "max":
        return f"{words(left)} (at least {words(right)})"
    if operator == "min":
        return f"{words(left)} (at most {words(right)})"
    if operator == "else":
        return f"{words(left)} ({words(right)} if missing)"
    if operator == "-" and left == Constant(0.0):
        return f"-{_operand(right)}"
    return f"{_operand(left)} {operator} {_operand(right)}"


def _logical(operator: str, parts: Sequence[Number]) -> str:
    if operator != "~":
        return {"&": " and ", "|": " or "}[operator].join(_operand(part) for part in parts)
    match parts[0]:
        case Comparison("<=", left, Constant(math.inf)):
            return f"{_operand(left)} is missing"
        case Logical("~", (Comparison("<=", left, Constant(math.inf)),)):
            return f"{_operand(left)} is known"
    return f"not {_operand(parts[0])}"


def _operand(expression: Number) -> str:
    """In brackets where it is made of parts that a neighbour could tear apart."""
    single = not isinstance(expression, Arithmetic) or (
        expression.operator == "-" and expression.left == Constant(0.0)
    )
    return words(expression) if single else f"({words(expression)})"


def _either(values: Sequence[str]) -> str:
    *most, last = values
    return f"{', '.join(most)} or {last}" if most else last


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(texts) if len(texts) <= 4 else f"{texts[0]}, {texts[1]}, … {texts[-1]}"


def _category_table(catalogue: Catalogue) -> str:
    cells = (
        (f"`{feature.name}`", ", ".join(f"{code} {name}" for code, name in enumerate(feature.categories)))
        for feature in catalogue
        if feature.categories
    )
    return _table(("Feature", "Categories (any other name is missing)"), cells)


def _change_table(catalogue: Catalogue) -> str:
    header = (
        "Feature",
        "Meaning",
        "Direction",
        "From",
        "To",
        "Step",
        "Moves with it",
        "Not below",
        "Only where",
    )
    return _table(header, (_change_cells(feature) for feature in catalogue.levers))


def _change_cells(feature: Feature) -> tuple[str, ...]:
    change = feature.change
    return (
        f"`{feature.name}`",
        feature.text().meaning,
        change.direction,
        f"{change.lowest:g}",
        f"{change.highest:g}",
        f"{change.step:g}",
        ", ".join(f"`{column}`" for column in change.carries),
        f"`{change.not_below}`" if change.not_below else "",
        words(change.when) if change.when is not None else "",
    )


def _followers(catalogue: Catalogue) -> str:
    names = (name for name in catalogue.moving if catalogue.change_of(name) == "follows")
    return f"These follow: {', '.join(f'`{name}`' for name in names)}.\n"


def _group_table(catalogue: Catalogue) -> str:
    features_of = {code: sum(feature.group == code for feature in catalogue) for code in GROUPS}
    cells = (
        (f"`{code}`", group_title(code, "en"), group_title(code, "fr"), str(features_of[code]))
        for code in GROUPS
    )
    return _table(("Code", "English", "French", "Features"), cells)


def _rule_table(rules: Iterable[Rule]) -> str:
    cells = (
        (f"`{rule.table}`", ", ".join(f"`{column}`" for column in rule.columns), _odd(rule), rule.evidence)
        for rule in rules
    )
    return _table(("Table", "Columns", "Read as missing", "Because"), cells)


def _odd(rule: Rule) -> str:
    if rule.sentinel is not None:
        return f"{rule.sentinel:.15g}"
    return f"below {rule.minimum:,.15g}" if math.isfinite(rule.minimum) else f"above {rule.maximum:,.15g}"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "".join(_lines(header, rows))


def _lines(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (header, ["---"] * len(header), *rows):
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |\n"


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr] # a TextIOWrapper, whatever the locale
    sys.stdout.write(describe())
