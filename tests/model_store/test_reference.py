"""What training clients looked like: counted once, carried by the version as JSON, read back the same."""

from dataclasses import replace

import numpy as np
import pandas as pd
from upath import UPath

from features import Catalogue
from model_store import ScoringModel, load, save
from model_store.reference import SCORE, reference_document, reference_of


def test_a_version_carries_the_distributions_it_was_saved_with(
    model: ScoringModel, clients: pd.DataFrame, small_catalogue: Catalogue, tmp_path: UPath
) -> None:
    """Bins of every feature and of the probabilities: all clients, missing apart, about a tenth in each."""
    document = reference_document(clients, model.out_of_fold["default_probability"])
    version = save(UPath(tmp_path), replace(model, metadata={**model.metadata, **document}))
    found = reference_of(load(UPath(tmp_path), version, small_catalogue))
    assert set(found) == {*clients.columns, SCORE}
    for name in clients.columns:
        assert found[name].clients.sum() == len(clients)
        assert found[name].missing_share == clients[name].isna().mean()
        present = clients[name].notna().sum()
        assert np.abs(found[name].clients[:-1] - present / 10).max() < 2
        np.testing.assert_array_equal(found[name].edges, np.unique(found[name].edges))
    assert found[SCORE].missing_share == 0


def test_a_version_without_distributions_says_so(model: ScoringModel) -> None:
    """One made before there were any has an empty reference."""
    assert reference_of(model) == {}
