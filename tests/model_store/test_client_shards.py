"""The rows of one client are those its published features were made from."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from features import build_features
from model_store import RowsNotKept, UnknownClient, read_client_rows, read_features, read_run, read_scores


def test_rows_of_a_client_give_its_published_features(small_store: Path) -> None:
    """Built anew from the kept rows, a client's features have the bits that the night published."""
    run = read_run(small_store)
    for client in read_scores(small_store, columns=["score"]).index[[0, 700, -1]].tolist():
        tables = read_client_rows(small_store, run, client)
        assert all((frame["SK_ID_CURR"] == client).all() for frame in tables.values())
        published = read_features(small_store, clients=[client])
        pd.testing.assert_frame_equal(build_features(tables), published, check_exact=True)
        assert any(len(frame) for name, frame in tables.items() if name != "application")


def test_unknown_clients_are_named(small_store: Path) -> None:
    """A client whom the night does not hold is named, with the run."""
    run = read_run(small_store)
    with pytest.raises(UnknownClient, match=rf"run {run.run_id} holds no client 7 \(of 1500 clients\)"):
        read_client_rows(small_store, run, 7)


def test_rows_that_are_gone_are_told(small_store: Path, tmp_path: Path) -> None:
    """Once an ingest was removed, its nights can still be read, and what cannot be asked any more is said."""
    store = shutil.copytree(small_store, tmp_path / "store")
    shutil.rmtree(store / "ingests")
    client = int(read_scores(store, columns=["score"]).index[0])
    with pytest.raises(RowsNotKept, match=r"ingest \w{12}\) are no longer in the store.*open a later night"):
        read_client_rows(store, read_run(store), client)
    assert np.isfinite(read_features(store, clients=[client])["app_age"]).all()
