"""Scoring a shard: the model that is used is the one that lies in the store."""

import shutil
from dataclasses import replace
from pathlib import Path

from batch.steps.scoring import model_of
from model_store import load, open_store, promote, save


def test_a_model_is_loaded_once(small_store: Path) -> None:
    """Every shard of a process gets the same model."""
    store = open_store(small_store)
    assert model_of(store, "v001") is model_of(open_store(small_store), "v001")


def test_a_store_made_anew_is_not_scored_with_the_old_model(own_store: Path) -> None:
    """A worker that lives on meets another model under the same path and version, and loads it."""
    store = open_store(own_store)
    model = load(store)
    assert model_of(store, "v001").cut_off == model.cut_off
    shutil.rmtree(own_store / "models")
    promote(store, save(store, replace(model, cut_off=model.cut_off / 2)), "anna", "another model")
    assert model_of(store, "v001").cut_off == model.cut_off / 2
