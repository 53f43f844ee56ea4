"""Scoring a shard: the model that is used is the one that lies in the store."""

import json
from pathlib import Path

from batch.scoring import model_of
from model_store import open_store
from model_store.checksums import SUMS_FILE, sums_text


def test_a_model_is_loaded_once(small_store: Path) -> None:
    """Every shard of a process gets the same model."""
    store = open_store(small_store)
    assert model_of(store, "v001") is model_of(open_store(small_store), "v001")


def test_a_store_made_anew_is_not_scored_with_the_old_model(own_store: Path) -> None:
    """A worker that lives on meets another model under the same path and version, and loads it."""
    store = open_store(own_store)
    old = model_of(store, "v001").cut_off
    folder = own_store / "models" / "v001"
    document = json.loads((folder / "version.json").read_text())
    (folder / "version.json").write_text(json.dumps({**document, "cut_off": old / 2}))
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != SUMS_FILE}
    (folder / SUMS_FILE).write_bytes(sums_text(files))
    assert model_of(store, "v001").cut_off == old / 2
