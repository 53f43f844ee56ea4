"""Here: the faults that can be planted in a portfolio, and what an ingest must say of each.
Not here: writing them into files (planting.py).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["set aside", "counted", "used", "night stops"]
"""What must become of a fault: its row is set aside with the reason, its row is used and the oddity counted, it is
used as if nothing were odd, or the night stops before anything is published."""

Where = Literal["after", "end", "instead"]
STRANGER = "2000000001"  # an identifier that no simulated row has
LATIN_1 = "Cr\udce9dit"  # written as bytes that are no UTF-8


@dataclass(frozen=True)
class RowFault:
    """A bad row: the copy of a good one with some cells changed, or its text spoilt.

    The copy is put `after` its model, at the `end` of the file or `instead` of its model. With `fresh` its
    own identifier is one that nobody has, so that the portfolio itself stays complete. `says`: how the reason
    begins that the ingest must give.
    """

    kind: str
    file: str
    column: str
    says: str
    cells: Mapping[str, str] = field(default_factory=dict)
    spoil: Callable[[str], str] | None = None
    fresh: str = ""
    where: Where = "after"
    outcome: Outcome = "set aside"


@dataclass(frozen=True)
class FileFault:
    """A file that stops a night, in a folder of its own; `says`: what the error must hold."""

    kind: str
    file: str
    says: str


@dataclass(frozen=True)
class LayoutFault:
    """A file written another way, which the ingest must read as if it were not."""

    kind: str
    file: str


CURR, PREV, CREDIT = "SK_ID_CURR", "SK_ID_PREV", "SK_ID_BUREAU"
TRAIN, TEST = "application_train", "application_test"
AMOUNT = "unparsable, expected a number (amount)"
TWICE, FIELDS = "duplicate key", "not readable as fields"

ROW_FAULTS: tuple[RowFault, ...] = (
    RowFault("text-in-amount", "bureau", "AMT_CREDIT_SUM", AMOUNT, {"AMT_CREDIT_SUM": "12,5k"}, fresh=CREDIT),
    RowFault("infinite-amount", "previous_application", "AMT_CREDIT", AMOUNT, {"AMT_CREDIT": "inf"}, fresh=PREV),
    RowFault(
        "date-in-days", "bureau", "DAYS_CREDIT", "unparsable, expected a number (days)",
        {"DAYS_CREDIT": "2019-05-01"}, fresh=CREDIT,
    ),
    RowFault("missing-loan", "POS_CASH_balance", PREV, "missing", {PREV: ""}),
    RowFault("missing-client", "installments_payments", CURR, "missing", {CURR: ""}),
    RowFault("missing-status", "bureau_balance", "STATUS", "missing", {"STATUS": ""}),
    RowFault("missing-outcome", TRAIN, "TARGET", "missing", {"TARGET": ""}, fresh=CURR),
    RowFault("outcome-two", TRAIN, "TARGET", "out of range [0, 1]", {"TARGET": "2"}, fresh=CURR),
    RowFault("outcome-half", TRAIN, "TARGET", "not a whole number", {"TARGET": "0.5"}, fresh=CURR),
    RowFault(
        "half-identifier", "credit_card_balance", CURR, "not a whole number", {CURR: "100001.5"}, fresh=PREV
    ),
    RowFault("huge-identifier", "bureau", CREDIT, "out of range [1, 2147483647]", {CREDIT: "2147483648"}),
    RowFault("score-above-one", TEST, "EXT_SOURCE_2", "out of range [0, 1]", {"EXT_SOURCE_2": "1.5"}, fresh=CURR),
    RowFault(
        "unborn-client", TRAIN, "DAYS_BIRTH", "out of range [-43800, -1]", {"DAYS_BIRTH": "5"}, fresh=CURR
    ),
    RowFault(
        "negative-credit", TEST, "AMT_CREDIT", "out of range [0, inf]", {"AMT_CREDIT": "-45000.0"}, fresh=CURR
    ),
    RowFault(
        "future-instalment", "installments_payments", "DAYS_INSTALMENT", "out of range [-inf, 0]",
        {"DAYS_INSTALMENT": "3.0"},
    ),
    RowFault(
        "future-month", "bureau_balance", "MONTHS_BALANCE", "out of range [-inf, 0]", {"MONTHS_BALANCE": "2"}
    ),
    RowFault("client-twice", TRAIN, CURR, TWICE, {"AMT_CREDIT": "77000.0"}, where="end"),
    RowFault("credit-twice", "bureau", CREDIT, TWICE, {"AMT_CREDIT_SUM": "1.0"}, where="end"),
    RowFault("earlier-application-twice", "previous_application", PREV, TWICE, where="end"),
    RowFault("month-twice", "POS_CASH_balance", f"{PREV} and MONTHS_BALANCE", TWICE, {"SK_DPD": "99"}, where="end"),
    RowFault("card-month-twice", "credit_card_balance", f"{PREV} and MONTHS_BALANCE", TWICE, where="end"),
    RowFault(
        "credit-month-twice", "bureau_balance", f"{CREDIT} and MONTHS_BALANCE", TWICE, {"STATUS": "5"}, where="end"
    ),
    RowFault("unknown-client", "installments_payments", CURR, "no application of this client", {CURR: STRANGER}),
    RowFault("orphan-month", "bureau_balance", CREDIT, "no such credit in bureau", {CREDIT: STRANGER}),
    RowFault(
        "too-few-fields", "installments_payments", "", "7 fields, expected 8", spoil=lambda t: t.rsplit(",", 1)[0]
    ),
    RowFault("too-many-fields", "POS_CASH_balance", "", "9 fields, expected 8", spoil=lambda t: t + ",1"),
    RowFault("words", "installments_payments", "", "1 fields, expected 8", spoil=lambda t: "# end of part 1"),
    RowFault(
        "header-again", "POS_CASH_balance", PREV, "unparsable, expected a number (id)",
        {name: name for name in ("SK_ID_PREV", "SK_ID_CURR", "MONTHS_BALANCE", "CNT_INSTALMENT", "SK_DPD")},
    ),
    RowFault(
        "nul-byte", "installments_payments", "AMT_PAYMENT", AMOUNT, {"AMT_PAYMENT": "12\x00.5"}
    ),
    RowFault("too-large-amount", "previous_application", "AMT_CREDIT", AMOUNT, {"AMT_CREDIT": "1e400"}, fresh=PREV),
    RowFault("open-quote", "credit_card_balance", "", FIELDS, spoil=lambda t: '"' + t),
    RowFault("return-in-line", "bureau_balance", "", FIELDS, spoil=lambda t: t.replace(",", ",\r", 1)),
    RowFault(
        "latin-1-text", "bureau", "CREDIT_TYPE", "not readable as UTF-8", {"CREDIT_TYPE": LATIN_1}, fresh=CREDIT
    ),
    RowFault("latin-1-amount", "installments_payments", "AMT_PAYMENT", AMOUNT, {"AMT_PAYMENT": "12\udce9"}),
    RowFault("blank-line", "POS_CASH_balance", "", "", spoil=lambda t: "", outcome="used"),
    RowFault(
        "unknown-category", TRAIN, "NAME_HOUSING_TYPE", "Houseboat", {"NAME_HOUSING_TYPE": "Houseboat"},
        where="instead", outcome="counted",
    ),
    RowFault(
        "integers-as-floats", "credit_card_balance", "", "", where="instead", outcome="used",
        spoil=lambda t: ",".join(f"{cell}.0" if cell.lstrip("-").isdigit() else cell for cell in t.split(",")),
    ),
)  # fmt: skip

LAYOUT_FAULTS: tuple[LayoutFault, ...] = (
    LayoutFault("byte-order-mark", "bureau"),
    LayoutFault("columns-reversed", TEST),
    LayoutFault("windows-lines", TRAIN),
)

FILE_FAULTS: tuple[FileFault, ...] = (
    FileFault("missing-table", "bureau_balance", "lacks bureau_balance;"),
    FileFault("missing-column", TEST, "lacks 1 of 121 columns: DAYS_BIRTH;"),
    FileFault("column-twice", TEST, "has the column DAYS_BIRTH twice"),
    FileFault("empty-file", "credit_card_balance", "is empty; expected a header and rows"),
    FileFault("header-only", "credit_card_balance", "holds no rows"),
    FileFault("cut-line", TEST, "is truncated: it ends in the middle of a line"),
    FileFault("cut-gzip", TEST, "is truncated or not gzip"),
    FileFault("not-gzip", TEST, "is truncated or not gzip"),
    FileFault("cut-parquet", TEST, "is not a complete Parquet file"),
    FileFault("two-formats", TEST, "keep one of them"),
    FileFault("semicolons", TEST, "its header has 1 columns"),
    FileFault("utf-16", TEST, "its first line is no header"),
    FileFault("folder-for-file", TEST, "is a folder, not a file"),
    FileFault("no-usable-row", TEST, "rows can be used"),
)

GROUPS: dict[str, tuple[str, ...]] = {
    "rows": tuple(fault.kind for fault in ROW_FAULTS),
    "layout": tuple(fault.kind for fault in LAYOUT_FAULTS),
    "files": tuple(fault.kind for fault in FILE_FAULTS),
}
GROUPS["all"] = GROUPS["rows"] + GROUPS["layout"] + GROUPS["files"]


def choose_faults(wanted: Iterable[str]) -> frozenset[str]:
    """The kinds behind names of groups and kinds. Errors: ValueError naming what is not known and what is."""
    chosen: set[str] = set()
    for name in wanted:
        if name not in GROUPS and name not in GROUPS["all"]:
            known = f"{', '.join(GROUPS)} or one of {', '.join(GROUPS['all'])}"
            raise ValueError(f"fault {name!r} is not known: expected {known}")
        chosen |= set(GROUPS.get(name, (name,)))
    return frozenset(chosen)
