"""The BI export as docs/bi.md says it is read: its examples run, also while another process runs nights."""

import json
import re
import sys
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from processes import running

from model_store.contract import SCORES

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = (ROOT / "docs" / "bi.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## (\S+)\n.*?^```python\n(.*?)^```", CONTRACT, re.MULTILINE | re.DOTALL))
NIGHTS = 6
LOOP = """
import sys
from datetime import date
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from mini_tables import night_of
for number in range(int(sys.argv[4])):
    night_of(Path(sys.argv[1]), Path(sys.argv[2]), date(2026, 11, 24 + number % 2))
"""


def read_by_example(engine: str, store: Path) -> pd.DataFrame:
    """Every row that the example of docs/bi.md reads, as pandas; its own output is not looked at here."""
    names: dict[str, object] = {"store": str(store)}
    exec(EXAMPLES[engine], names)
    found = names.get("nights", names.get("night"))
    if isinstance(found, pl.DataFrame):
        return pd.DataFrame(found.to_dict(as_series=False))
    assert isinstance(found, pd.DataFrame)
    return found.assign(as_of=names["as_of"]) if "as_of" in names else found


def test_the_contract_is_the_documents_table() -> None:
    """Names, order and types as the export has them; `reason_1` … `reason_4` stand for four columns."""
    rows = re.findall(r"^\| (`.+?`) \| (\w+) \|", CONTRACT, re.MULTILINE)
    told: list[tuple[str, str]] = []
    for names, kind in rows:
        many = re.fullmatch(r"`(reason_)1(\w*)` … `reason_4\w*`", names)
        columns = [f"reason_{rank}{many[2]}" for rank in (1, 2, 3, 4)] if many else [names.strip("`")]
        told += [(column, kind) for column in columns]
    types = {"double": "float64", "float": "float32"}
    assert told == [(field.name, types.get(str(field.type), str(field.type))) for field in SCORES]


@pytest.mark.parametrize("engine", ["pandas", "DuckDB", "Polars"])
def test_an_example_reads_what_was_published(
    engine: str, small_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every client with the figures of the file, and something is printed."""
    found = read_by_example(engine, small_store).set_index("SK_ID_CURR")
    written = pq.read_table(str(next((small_store / "exports").rglob("scores.parquet")))).to_pandas()
    expected = written.set_index("SK_ID_CURR")
    assert set(map(str, found["as_of"])) <= {"2026-11-23", "2026-11-23 00:00:00"}
    for name in expected.columns:
        pd.testing.assert_series_equal(
            found[name].sort_index(), expected[name], check_dtype=False, check_index_type=False
        )
    assert capsys.readouterr().out.strip()


def test_every_read_during_nights_sees_complete_nights(
    own_store: Path, portfolio: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second process publishes two nights over and over; whatever moment a reader comes, each night that it sees
    is one run with all its clients, each once, and the published pointer leads to such a night."""
    clients = set(pd.concat(
        [pd.read_csv(portfolio / f"application_{part}.csv", usecols=["SK_ID_CURR"]) for part in ("train", "test")]
    )["SK_ID_CURR"])  # fmt: skip
    seen: dict[str, set[str]] = {engine: set() for engine in EXAMPLES}
    reads = 0
    command = [
        sys.executable,
        "-c",
        LOOP,
        str(portfolio),
        str(own_store),
        str(Path(__file__).parent),
        str(NIGHTS),
    ]
    with running(command) as process:
        while process.poll() is None:
            for engine in EXAMPLES:
                frame = read_by_example(engine, own_store)
                for _, night in frame.groupby("as_of"):
                    assert night["run_id"].nunique() == 1, engine
                    assert len(night) == len(clients), engine
                    assert set(night["SK_ID_CURR"]) == clients, engine
                seen[engine] |= set(frame["run_id"])
                reads += 1
            capsys.readouterr()
        assert process.returncode == 0, process.communicate()[1].decode()
    assert set(seen) == {"pandas", "DuckDB", "Polars"}
    assert min(len(runs) for runs in seen.values()) > 1, (
        f"the nights were over before anyone read twice ({reads})"
    )
    for engine in EXAMPLES:
        last = set(read_by_example(engine, own_store)["run_id"])
        assert json.loads((own_store / "published.json").read_text())["run_id"] in last
