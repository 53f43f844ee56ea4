"""Lines of a CSV: which are rows, and how they are numbered."""

import pytest

from batch.shards.csv_text import CsvLayout, parse_csv
from features import TABLES

LAYOUT = CsvLayout(
    ["SK_ID_BUREAU", "MONTHS_BALANCE", "STATUS"],
    ("SK_ID_BUREAU", "MONTHS_BALANCE", "STATUS"),
    TABLES["bureau_balance"],
)


@pytest.mark.parametrize(
    ("text", "rows", "malformed"),
    [
        ("1,-1,C\n2,-1,C\n", [10, 11], []),
        ("1,-1,C\r\n2,-1,C\r\n", [10, 11], []),
        ("\n1,-1,C\n\n2,-1,C\n\n", [11, 13], []),
        ("\r\n1,-1,C\r\n\r\n2,-1,C\r\n", [11, 13], []),
        # two rows in one line and a blank line: as many rows as line breaks, and yet
        ("1,-1,C\r2,-1,C\n\n3,-1,C\n", [12], [10]),
        ('1,-1,"C\n2,-1,C\n3,-1,"C\n', [11], [10, 12]),
    ],
)
def test_rows_carry_their_line(text: str, rows: list[int], malformed: list[int]) -> None:
    """Rows and lines that are no rows are numbered as an editor numbers them, counted from the first line given."""
    block = parse_csv(LAYOUT, text.encode(), 10, text.count("\n"))
    assert block.rows.tolist() == rows
    assert [line.row for line in block.malformed] == malformed
    assert len(block.values) == len(rows)
