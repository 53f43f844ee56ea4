"""Here: the flow of a simulation, block of clients by block of clients.
Not here: what clients are like (latents.py and the tables' modules), how files are written (writing.py).
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from simulator.applicants import draw_applicants
from simulator.application import build_application
from simulator.bureau import build_bureau, build_bureau_balance
from simulator.cards import build_card_balance
from simulator.clients import draw_counts
from simulator.drift import (
    Drift,
    candidates_per_client,
    choose_applicants,
    drift_application,
    drift_latents,
    taken,
)
from simulator.facts import Coded, Column, Floats, Ints, Rows, take_rows
from simulator.latents import build_truth, draw_latents
from simulator.loans import build_loan_payments, build_pos_cash
from simulator.nights import Change, State, live
from simulator.plan import (
    CLIENTS_PER_BLOCK,
    MOST_CLIENTS,
    PREVIOUS_PER_CLIENT,
    Block,
    intake,
    plan_blocks,
)
from simulator.planting import Planted, plant_faults
from simulator.previous import build_previous
from simulator.published_ranges import application_within_ranges, within_ranges
from simulator.writing import TABLES, FileFormat, Tables, encode, require_vacant, whole_folder

CAUSES = ("base", "ability", "indebtedness", "behaviour", "shocks", "strain")

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class SimulationReport:
    """What was written: the first night's rows by table, clients, default rate and AUC of the true
    probability; the folders of the following nights, oldest first; the faults planted in the last of them.
    """

    out: Path
    rows: dict[str, int]
    clients: int
    test_clients: int
    default_rate: float
    truth_auc: float
    following_nights: tuple[Path, ...]
    faults: tuple[Planted, ...]


@dataclass(frozen=True)
class EncodedBlock:
    """A block ready to be written: tables as bytes or Arrow, their row counts, the truth, the changes."""

    tables: dict[str, Any]
    rows: dict[str, int]
    truth: pa.Table
    changes: pa.Table


def simulate(
    out: str | Path,
    clients: int,
    seed: int,
    nights: int = 1,
    file_format: FileFormat = "csv",
    progress: Progress | None = None,
    workers: int = 2,
    first_night: date = date(2026, 1, 1),
    drifts: tuple[Drift, ...] = (),
    faults: frozenset[str] = frozenset(),
) -> SimulationReport:
    """Write a portfolio in the Kaggle layout to `out`, its truth beside it; the report says what was written.

    Eight tables of `clients` clients (86.3 % train, 13.7 % test) and truth.parquet: SK_ID_CURR,
    default_probability, TARGET as drawn (for test clients too), and the causes in log-odds, whose sum is the
    log-odds of the probability. Following nights are whole folders `out/as_of=DATE`: new applicants have
    arrived, about two clients in a hundred have changed (nights.py) and some outcomes have become known;
    changes.parquet beside the tables says who changed since the night before (SK_ID_CURR, night, kind). All
    other rows are those of the night before, byte for byte. `drifts` shift those who arrive after the first
    night, or everyone where there is one night only. `faults` are planted in the last night's CSV files
    (faults.py), with faults.csv beside them.

    The same arguments give the same bytes, on any number of `workers` (threads). The folder appears when
    complete. `progress` hears a label and the share of all nights done, up to 1.0. ValueError on bad
    arguments, FileExistsError when `out` is not empty.
    """
    out = Path(out)
    require_arguments(clients, nights, file_format)
    if faults and file_format != "csv":
        raise ValueError("Faults are planted in CSV files only: choose the format csv or no faults.")
    require_vacant(out)
    dates = [first_night + timedelta(days=night) for night in range(nights)]
    labels = ["clients", *(f"night {day}" for day in dates[1:])]
    names = ["", *(f"as_of={day}" for day in dates[1:])]
    with whole_folder(out) as folder:
        written = []
        for night, (name, label) in enumerate(zip(names, labels, strict=True)):
            hear = partial(_hear_share, progress, label, night, nights)
            blocks = plan_blocks(clients, seed, night, drifts, everyone_drifts=nights == 1)
            written.append(_write_night(folder / name, blocks, file_format, workers, hear))
            if night:
                _write_changes(folder / name, written[-1].changes, dates[night])
        planted = plant_faults(folder / names[-1], faults, seed) if faults else ()
    rows, truth = written[0].rows, written[0].truth
    target, probability = truth["TARGET"].to_numpy(), truth["default_probability"].to_numpy()
    return SimulationReport(
        out=out,
        rows=rows,
        clients=clients,
        test_clients=rows["application_test"],
        default_rate=float(target.mean()),
        truth_auc=rank_auc(target, probability),
        following_nights=tuple(out / name for name in names[1:]),
        faults=planted,
    )


def require_arguments(clients: int, nights: int, file_format: str) -> None:
    """ValueError unless the arguments describe portfolios whose identifiers fit into 32 bits."""
    if not 1 <= clients <= MOST_CLIENTS:
        raise ValueError(f"{clients} clients asked for: expected 1 to {MOST_CLIENTS}.")
    most_nights = 1 + (MOST_CLIENTS - clients) // intake(clients)
    if not 1 <= nights <= most_nights:
        raise ValueError(f"{nights} nights asked for: expected 1 to {most_nights} for {clients} clients.")
    if file_format not in ("csv", "parquet"):
        raise ValueError(f"File format {file_format!r}: expected 'csv' or 'parquet'.")


def _hear_share(progress: Progress | None, label: str, night: int, nights: int, share: float) -> None:
    if progress is not None:
        progress(label, (night + share) / nights)


@dataclass(frozen=True)
class WrittenNight:
    """Rows by table, truth and changes of a night that was written."""

    rows: dict[str, int]
    truth: pa.Table
    changes: pa.Table


def _write_night(
    folder: Path,
    blocks: list[Block],
    file_format: FileFormat,
    workers: int,
    hear: Callable[[float], None],
) -> WrittenNight:
    """Write one night's tables and truth."""
    folder.mkdir(exist_ok=True)
    rows = dict.fromkeys(TABLES, 0)
    truths: list[pa.Table] = []
    changes: list[pa.Table] = []
    with Tables(folder, list(TABLES), file_format) as tables:
        for done, block in enumerate(_encoded_in_order(blocks, file_format, workers), start=1):
            for table, encoded in block.tables.items():
                tables.write(table, encoded)
                rows[table] += block.rows[table]
            truths.append(block.truth)
            changes.append(block.changes)
            hear(done / len(blocks))
    truth = pa.concat_tables(truths)
    pq.write_table(truth, folder / "truth.parquet", compression="zstd")
    return WrittenNight(rows, truth, pa.concat_tables(changes))


def _write_changes(folder: Path, changes: pa.Table, night: date) -> None:
    nights = pa.array([night] * len(changes), pa.date32())
    pq.write_table(changes.add_column(1, "night", nights), folder / "changes.parquet", compression="zstd")


def build_block(block: Block) -> State:
    """All rows of a block's clients as they came, their causes, truth and drawn outcomes: the whole causal
    chain on one screen.
    """
    streams = [np.random.default_rng(seed) for seed in block.seeds]
    drifting = np.random.default_rng(block.drift_seed)
    candidates = len(block.ids) * candidates_per_client(block.drifts)
    came_unknown = np.resize(block.came_unknown, candidates)
    applicants = draw_applicants(streams[2], came_unknown)
    latents = drift_latents(drifting, draw_latents(streams[0], applicants, came_unknown), block.drifts)
    truth = build_truth(latents)
    target = (streams[1].random(candidates) < truth.probability).astype(np.int64)
    ids = block.ids if candidates == len(block.ids) else np.arange(candidates, dtype=np.int64)
    application = build_application(streams[2], ids, applicants, target)
    chosen = choose_applicants(drifting, application, len(block.ids), block.drifts)
    latents, truth, target = taken(latents, chosen), taken(truth, chosen), target[chosen]
    application = take_rows(application, chosen) | {"SK_ID_CURR": block.ids}
    application = drift_application(drifting, application, block.drifts)
    histories = draw_counts(streams[1], latents, block.came_unknown)
    bureau, silent = build_bureau(streams[3], block.ids, histories, latents, block.first_credit)
    spare = _gaps(block.first_credit, np.asarray(bureau["SK_ID_BUREAU"]))
    bureau_balance = build_bureau_balance(streams[4], bureau, silent, block.ids, histories, latents, spare)
    free = np.arange(block.first_previous, block.first_previous + CLIENTS_PER_BLOCK * PREVIOUS_PER_CLIENT)
    previous = build_previous(streams[5], block.ids, histories, latents, free)
    pos_cash, lateness = build_pos_cash(streams[6], block.ids, previous.loans, latents)
    card_balance, card_payments = build_card_balance(streams[7], block.ids, previous.cards, latents)
    payments = build_loan_payments(streams[6], block.ids, previous.loans, lateness, latents)
    shuffle = streams[1]
    past = {
        "bureau": bureau,
        "bureau_balance": bureau_balance,
        "previous_application": _shuffled(shuffle, previous.rows),
        "POS_CASH_balance": _shuffled(shuffle, pos_cash),
        "installments_payments": _shuffled(shuffle, _stacked(payments, card_payments)),
        "credit_card_balance": _shuffled(shuffle, card_balance),
    }
    tables = {"application": application_within_ranges(application, block.came_unknown)}
    tables |= {table: within_ranges(table, rows) for table, rows in past.items()}
    return State(tables, latents, truth, target, block.known_on)


def _encode_block(block: Block, file_format: FileFormat) -> EncodedBlock:
    state, changes = live(block, build_block(block))
    truth, target, in_test = state.truth, state.target, state.known_on > block.nights
    application = state.tables["application"]
    parts = {
        "application_train": take_rows(application, ~in_test),
        "application_test": take_rows(application, in_test),
    }
    tables = parts | {table: rows for table, rows in state.tables.items() if table != "application"}
    causes = {cause: getattr(truth, cause) for cause in CAUSES}
    return EncodedBlock(
        tables={table: encode(table, rows, file_format) for table, rows in tables.items()},
        rows={
            table: len(rows["SK_ID_BUREAU" if "bureau" in table else "SK_ID_CURR"])
            for table, rows in tables.items()
        },
        truth=pa.table(
            {
                "SK_ID_CURR": pa.array(block.ids.astype(np.int32)),
                "default_probability": pa.array(truth.probability),
                "TARGET": pa.array(target.astype(np.int8)),
                **{cause: pa.array(value) for cause, value in causes.items()},
            }
        ),
        changes=_changes_table(block, changes),
    )


def _changes_table(block: Block, changes: tuple[Change, ...]) -> pa.Table:
    """SK_ID_CURR and kind of what the last night changed, by client."""
    clients = np.concatenate(
        [block.ids[change.clients] for change in changes] or [np.empty(0, dtype=np.int64)]
    )
    kinds = [change.kind for change in changes for _ in change.clients]
    table = pa.table({"SK_ID_CURR": pa.array(clients.astype(np.int32)), "kind": pa.array(kinds, pa.string())})
    return table.sort_by([("SK_ID_CURR", "ascending"), ("kind", "ascending")])


def _encoded_in_order(blocks: list[Block], file_format: FileFormat, workers: int) -> Iterator[EncodedBlock]:
    """Blocks encoded by a few threads, one waiting per thread, given back in the order of the plan."""
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[EncodedBlock]] = deque()
        for block in blocks:
            waiting.append(pool.submit(_encode_block, block, file_format))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _gaps(first: int, taken: Ints) -> Ints:
    """Identifiers from `first` up to the last one taken that nobody has."""
    if len(taken) == 0:
        return np.empty(0, dtype=np.int64)
    return np.setdiff1d(np.arange(first, taken[-1], dtype=np.int64), taken, assume_unique=True)


def _shuffled(rng: np.random.Generator, rows: Rows) -> Rows:
    return take_rows(rows, rng.permutation(len(rows["SK_ID_PREV"])))


def _stacked(upper: Rows, lower: Rows) -> Rows:
    def stack(a: Column, b: Column) -> Column:
        if isinstance(a, Coded) or isinstance(b, Coded):
            raise TypeError("Only number columns can be stacked.")
        return np.concatenate([a.astype(np.float64), b.astype(np.float64)])

    return {column: stack(upper[column], lower[column]) for column in upper}


def rank_auc(target: Ints, score: Floats) -> float:
    """Probability that a defaulter has the higher score; NaN when there is only one class. Scores without
    ties.
    """
    positives = int(target.sum())
    if positives in (0, len(target)):
        return float("nan")
    ranks = np.empty(len(score))
    ranks[np.argsort(score)] = np.arange(1, len(score) + 1)
    wins = ranks[target == 1].sum() - positives * (positives + 1) / 2
    return float(wins / (positives * (len(target) - positives)))
