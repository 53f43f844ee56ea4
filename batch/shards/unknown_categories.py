"""Categories that no table is known to hold: counted at ingest, told in run.json and on the terminal.

Belongs here: which names those are, how they are counted and told. Does not: what features read of them (missing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from features import Table
from features.cleaning import is_no_category
from features.schemas import CLIENT

MOST_TOLD = 100
Unknown = tuple[str, str, str]
"""Table, column and name of the category."""


def unknown_categories(table: Table, rows: pa.Table) -> Counter[Unknown]:
    """Rows for each name outside the closed list of its column that does not stand for missing either.

    `rows`: the table's, its categories as dictionary arrays of one chunk that hold the names in use only.
    """
    found: Counter[Unknown] = Counter()
    for column in table.columns.values():
        if not column.categories:
            continue
        values = rows.column(column.name).chunk(0)
        for code, name in enumerate(values.dictionary.to_pylist()):
            if name not in column.categories and not is_no_category(name):
                found[table.name, column.name, name] = pc.sum(pc.equal(values.indices, code)).as_py()
    return found


def clients_of_unknown(table: Table, rows: pa.Table, found: Iterable[Unknown]) -> NDArray[np.int32]:
    """The clients of those rows, some more than once."""
    clients, parts = rows.column(CLIENT).to_numpy(), [np.zeros(0, dtype=np.int32)]
    for _, column, name in found:
        holding = pc.fill_null(pc.equal(rows.column(column).cast(pa.string()), name), False)
        parts.append(clients[holding.to_numpy()])
    return np.concatenate(parts)


def unknown_facts(counts: Iterable[Counter[Unknown]]) -> dict[str, Any]:
    """What ingest.json says: the names with most rows, at most 100, and of all of them how many there are."""
    total: Counter[Unknown] = Counter()
    for part in counts:
        total.update(part)
    most = sorted(total.items(), key=lambda item: (-item[1], item[0]))[:MOST_TOLD]
    return {
        "unknown_categories": [
            {"table": table, "column": column, "category": name, "rows": rows}
            for (table, column, name), rows in most
        ],
        "unknown_categories_total": {"categories": len(total), "rows": total.total()},
    }


def unknown_note(document: Mapping[str, Any]) -> str:
    """One line on the unknown categories of an ingest, empty if there are none."""
    told = document.get("unknown_categories", [])  # an ingest of an older version does not know
    if not told:
        return ""
    total, first = document["unknown_categories_total"], told[0]
    return (
        f"categories never met before, read as missing: {total['categories']:,}, in {total['rows']:,} rows; most "
        f"often {first['category']!r} of {first['table']}, {first['column']}, in {first['rows']:,} rows"
    )
