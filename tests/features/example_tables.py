"""Reads the ASCII tables of tests/features/examples: rows of a few clients and what is expected of them.

Belongs here: the little format (examples/README.txt). Does not: the examples, what is checked with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd

from features import TABLES

FOLDER = Path(__file__).parent / "examples"
CLIENT = "SK_ID_CURR"
Cells = list[dict[str, str]]


@dataclass
class Block:
    """One block: the cells of its tables, and the expected cell per feature and client."""

    family: str
    title: str
    tables: dict[str, Cells] = field(default_factory=dict)
    expected: dict[str, dict[int, float]] = field(default_factory=dict)

    @property
    def clients(self) -> list[int]:
        return sorted({client for answers in self.expected.values() for client in answers})

    def frames(self) -> dict[str, pd.DataFrame]:
        """The raw frames: every column of each table; text for categories, float64 for everything else."""
        given = {int(row[CLIENT]) for row in self.tables.get("application", [])}
        others = [{CLIENT: str(client)} for client in self.clients if client not in given]
        cells = self.tables | {"application": self.tables.get("application", []) + others}
        return {name: _frame(name, rows) for name, rows in cells.items()}


def _frame(table: str, rows: Cells) -> pd.DataFrame:
    columns = TABLES[table].columns
    strangers = {name for row in rows for name in row} - set(columns)
    assert not strangers, f"{table} has no column {strangers}"
    frame = {}
    for name, column in columns.items():
        texts = [row.get(name, "") for row in rows]
        if column.kind == "category":
            frame[name] = pd.Series([text or None for text in texts], dtype=object)
        elif column.kind == "id" and not any(texts):
            frame[name] = pd.Series(range(1, len(rows) + 1), dtype=np.int64)
        else:
            frame[name] = pd.Series([number(text) for text in texts], dtype=np.float64)
    whole = [name for name, column in columns.items() if column.kind == "id"]
    return pd.DataFrame(frame).astype(dict.fromkeys(whole, np.int64))


def number(text: str) -> float:
    """The number or fraction ("2/3") in a cell; NaN for an empty one."""
    return float(Fraction(text)) if text else np.nan


def read_blocks() -> list[Block]:
    """Every block of every file, in order."""
    return [block for path in sorted(FOLDER.glob("*.txt")) for block in _blocks(path)]


def _blocks(path: Path) -> Iterator[Block]:
    if path.stem == "README":
        return
    block: Block | None = None
    table, header = "", []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("== "):
            if block is not None:
                yield block
            block = Block(path.stem, line.removeprefix("== "))
        elif not line.strip() or line.startswith("#"):
            continue
        elif "|" not in line:
            table, header = line.strip(), []
        elif not header:
            header = [cell.strip() for cell in line.split("|")]
        else:
            assert block is not None, f"{path.name}: a row before the first block"
            _add_row(block, table, header, [cell.strip() for cell in line.split("|")])
    assert block is not None, f"{path.name} holds no block"
    yield block


def _add_row(block: Block, table: str, header: list[str], cells: list[str]) -> None:
    assert len(cells) == len(header), f"{block.title}: {len(cells)} cells for {len(header)} columns: {cells}"
    row = dict(zip(header, cells, strict=True))
    if table != "expect":
        block.tables.setdefault(table, []).append(row)
        return
    client = int(row.pop(CLIENT))
    for feature, text in row.items():
        block.expected.setdefault(feature, {})[client] = number(text)
