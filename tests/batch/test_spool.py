"""The spool: what a shard gets back are its rows, every bit of them, in the order in which they were read."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.shards.spool import Spool, UsableRows, read_spooled, spooled_types
from features import TABLES
from features.schemas import CLIENT

MONTHS = TABLES["POS_CASH_balance"]
STATUS = "NAME_CONTRACT_STATUS"
NAMES = ["Active", "Completed", "Signed"]


def block_of(rows: int, names: Sequence[str], seed: int) -> UsableRows:
    """Random bits in every column: NaN of many kinds, -0.0, infinities among them."""
    random = np.random.default_rng(seed)
    columns = {
        name: np.frombuffer(random.bytes(rows * kind.itemsize), kind)
        for name, kind in spooled_types(MONTHS).items()
    }
    columns[CLIENT] = random.integers(100_000, 100_100, rows).astype(np.int32)
    columns[STATUS] = random.integers(-1, len(names), rows).astype(np.int32)
    return UsableRows(columns, {STATUS: list(names)})


def texts(codes: np.ndarray, names: Sequence[str]) -> list[str]:
    return [[*names, "missing"][code] for code in codes]


@given(
    blocks=st.lists(st.tuples(st.integers(0, 30), st.permutations(NAMES)), max_size=6),
    shards=st.sampled_from([1, 4, 24]),
    together=st.sampled_from([1, 700, 1 << 20]),
)
@settings(max_examples=15, deadline=None)
def test_rows_come_back_in_the_order_they_were_read(
    blocks: list[tuple[int, list[str]]], shards: int, together: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Blocks of any length, packed one by one or together, for one shard or several; each numbers its names in its
    own way."""
    folder = tmp_path_factory.mktemp("spool")
    added = [block_of(rows, names, seed) for seed, (rows, names) in enumerate(blocks)]
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr("batch.shards.spool.TOGETHER", together)
        spool = Spool(folder, MONTHS, shards, pool)
        for block in added:
            spool.add(block)
        spool.close()
    for shard in range(shards):
        columns, names = read_spooled(folder, MONTHS, shard)
        own = [block.columns[CLIENT] % shards == shard for block in added]
        for name, values in columns.items():
            if name == STATUS:
                expected = [
                    text
                    for block, mine in zip(added, own, strict=True)
                    for text in texts(block.columns[STATUS][mine], block.names[STATUS])
                ]
                assert texts(values, names[STATUS]) == expected
            else:
                parts = [block.columns[name][mine].tobytes() for block, mine in zip(added, own, strict=True)]
                assert values.tobytes() == b"".join(parts), name


def test_what_cannot_be_written_is_told_with_its_file(tmp_path: Path) -> None:
    """Rows are packed in another thread: its error is raised where rows are added or the spool is closed."""
    with ThreadPoolExecutor(1) as pool:
        spool = Spool(tmp_path / "gone", MONTHS, 4, pool)
        spool.add(block_of(10, NAMES, seed=0))
        with pytest.raises(FileNotFoundError, match=r"POS_CASH_balance\.rows"):
            spool.close()
