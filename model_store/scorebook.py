"""The scorebook: the nights that were run, the one that readers must use, and how to read it.

Belongs here: readers of STORE/published.json and STORE/runs/. Does not: running a night (batch).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from shlex import quote
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from upath import UPath

from model_store.contract import SCORES
from model_store.layers import read_shard_rows
from model_store.storage import Location, open_store, read_json

CLIENT, TARGET = "SK_ID_CURR", "TARGET"


class NothingPublished(LookupError):
    """The store holds no published night yet."""


class UnknownRun(LookupError):
    """No such night; the message names the ones there are."""


class UnknownClient(LookupError):
    """The night holds no such client."""


@dataclass(frozen=True)
class Run:
    """One night as recorded in run.json; `document` is all of it."""

    run_id: str
    as_of: date
    model_version: str
    catalogue_hash: str
    clients: int
    shards: int
    status: str
    document: Mapping[str, Any]


def runs_folder(store: Location) -> UPath:
    return open_store(store) / "runs"


def published_run(store: Location) -> str:
    """Identifier of the run that readers must use. Errors: NothingPublished, ValueError if it names none."""
    return str(read_pointer(store)["run_id"])


def read_pointer(store: Location) -> Mapping[str, Any]:
    """STORE/published.json, with `run_id` and `as_of`. Errors: as `published_run`."""
    path = open_store(store) / "published.json"
    if not path.exists():
        told = quote(str(store))
        raise NothingPublished(f"{store} has no published night: run `pret night --store {told} …` first")
    pointer = read_json(path)
    _require_stated(path, pointer, ("run_id", "as_of"))
    return pointer


def list_runs(store: Location) -> tuple[str, ...]:
    """Identifiers of all nights, oldest first, published or not."""
    folder = runs_folder(store)
    if not folder.exists():
        return ()
    return tuple(sorted(entry.name for entry in folder.iterdir() if (entry / "run.json").exists()))


def read_run(store: Location, run_id: str | None = None) -> Run:
    """The record of a night; the published one by default. Errors: NothingPublished, UnknownRun, ValueError."""
    name = run_id or published_run(store)
    record = runs_folder(store) / name / "run.json"
    if not record.exists():
        known = ", ".join(list_runs(store)) or "none"
        raise UnknownRun(f"no run {name!r} in {store}; there are: {known}")
    document = read_json(record)
    _require_stated(record, document, _OF_A_RUN)
    return Run(
        run_id=name,
        as_of=date.fromisoformat(str(document["as_of"])),
        model_version=str(document["model_version"]),
        catalogue_hash=str(document["catalogue_hash"]),
        clients=int(str(document["clients"])),
        shards=int(str(document["shards"])),
        status=str(document["status"]),
        document=document,
    )


_OF_A_RUN = ("as_of", "model_version", "catalogue_hash", "clients", "shards", "status")


def _require_stated(path: UPath, document: Mapping[str, Any], names: Iterable[str]) -> None:
    """Errors: ValueError naming what a document of the store, changed by hand, does not state any more."""
    lacking = [name for name in names if name not in document]
    if lacking:
        raise ValueError(f"{path} lacks {', '.join(lacking)}; restore it from a backup")


def shard_of(clients: np.ndarray[Any, np.dtype[Any]] | int, shards: int) -> Any:
    """Shard of each client: SK_ID_CURR modulo the number of shards."""
    return clients % shards


def read_scores(
    store: Location, run_id: str | None = None, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """Scores of a night (the published one by default), indexed by SK_ID_CURR ascending.

    Columns and order of the BI contract, or those asked for. Repeated texts come as pandas categories.
    """
    wanted = list(columns) if columns is not None else [name for name in SCORES.names if name != CLIENT]
    return _read(store, run_id, "scores", wanted, None)


def read_targets(store: Location, run_id: str | None = None) -> pd.Series[float]:
    """Known outcomes of a night's clients, float64: 1 default, 0 repaid, NaN unknown; indexed as scores are."""
    frame = _read(store, run_id, "scores", [TARGET], None)
    return frame[TARGET].astype(np.float64)


def read_features(
    store: Location,
    run_id: str | None = None,
    columns: Sequence[str] | None = None,
    clients: Iterable[int] | None = None,
) -> pd.DataFrame:
    """Features of a night as float32, indexed by SK_ID_CURR ascending; `clients` reads only their shards.

    Errors: UnknownClient naming the clients that the night does not hold.
    """
    return _read(store, run_id, "features", columns, clients)


def read_contributions(
    store: Location,
    run_id: str | None = None,
    columns: Sequence[str] | None = None,
    clients: Iterable[int] | None = None,
) -> pd.DataFrame:
    """Exact contributions to the raw log-odds as float32, one column per model input and `expected_value`.

    Errors: UnknownClient naming the clients that the night does not hold.
    """
    return _read(store, run_id, "contributions", columns, clients)


def read_group_contributions(
    store: Location,
    run_id: str | None = None,
    clients: Iterable[int] | None = None,
) -> pd.DataFrame:
    """Exact contributions summed over each reason group, float32 log-odds, one column per group code.

    Read in a tenth of the time that all features take. Errors: UnknownClient; UnknownRun for a night of an
    earlier release, which did not store them.
    """
    run = read_run(store, run_id)
    if run.shards and not (runs_folder(store) / run.run_id / "groups").exists():
        raise UnknownRun(
            f"run {run.run_id} of {store} has no contributions by group: an earlier release made it; "
            "choose a later night, or run `pret night`"
        )
    return _read(store, run.run_id, "groups", None, clients)


def read_run_shard(
    store: Location, run_id: str, kind: str, shard: int, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """One shard of a night's "scores", "features" or "contributions", indexed by SK_ID_CURR ascending.

    For whoever works through a whole night in the memory of a shard. Errors: UnknownRun.
    """
    run = read_run(store, run_id)
    wanted = None if columns is None else [CLIENT, *columns]
    return _frame([read_shard_rows(runs_folder(store) / run.run_id / kind, shard, wanted)])


def read_reference_clients(store: Location, run_id: str | None, at_least: int) -> pd.DataFrame:
    """Features of clients whose outcome trained the model, from as many whole shards of a night as hold `at_least`.

    A shard's clients are as good as drawn by lot. float32, indexed by SK_ID_CURR ascending; fewer where the night
    has fewer.
    """
    run = read_run(store, run_id)
    parts: list[pd.DataFrame] = []
    for shard in range(run.shards):
        seen = read_run_shard(store, run.run_id, "scores", shard, ["seen_in_training"])["seen_in_training"]
        parts.append(read_run_shard(store, run.run_id, "features", shard)[seen.to_numpy(bool)])
        if sum(map(len, parts)) >= at_least:
            break
    return pd.concat(parts).sort_index() if parts else pd.DataFrame()


def _read(
    store: Location,
    run_id: str | None,
    kind: str,
    columns: Sequence[str] | None,
    clients: Iterable[int] | None,
) -> pd.DataFrame:
    run = read_run(store, run_id)
    if not run.shards:
        raise UnknownRun(
            f"run {run.run_id} of {store} has no {kind}: its status is {run.status}; choose a published run"
        )
    folder = runs_folder(store) / run.run_id / kind
    wanted = None if columns is None else [CLIENT, *(name for name in columns if name != CLIENT)]
    if clients is None:
        parts = [read_shard_rows(folder, shard, wanted) for shard in range(run.shards)]
        return _frame(parts)
    ids = np.unique(np.fromiter(clients, dtype=np.int64))
    by_shard = shard_of(ids, run.shards)
    parts = [read_shard_rows(folder, int(s), wanted, ids[by_shard == s]) for s in np.unique(by_shard)]
    frame = _frame(parts or [read_shard_rows(folder, 0, wanted, ids)])
    lost = sorted(set(ids.tolist()) - set(frame.index.tolist()))
    if lost:
        shown = ", ".join(map(str, lost[:5]))
        raise UnknownClient(f"run {run.run_id} holds no client {shown} (of {run.clients} clients)")
    return frame


def _frame(parts: Sequence[pa.Table]) -> pd.DataFrame:
    table = pa.concat_tables([part.replace_schema_metadata(None) for part in parts])
    texts = [field.name for field in table.schema if pa.types.is_string(field.type)]
    for name in texts:
        position = table.schema.get_field_index(name)
        table = table.set_column(position, name, table.column(name).dictionary_encode())
    frame: pd.DataFrame = table.sort_by(CLIENT).to_pandas()
    # int64 whatever the file has and whether or not the clients happen to be consecutive
    clients = pd.Index(frame.pop(CLIENT).to_numpy(np.int64), name=CLIENT)
    return frame.set_axis(clients, axis=0)
