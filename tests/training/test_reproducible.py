"""Reproducible: the same data, settings and seed make the same version, byte for byte."""

from dataclasses import replace

import pytest
from portfolio import portfolio, tiny_catalogue
from upath import UPath

from features import Catalogue
from model_store import VersionRecord, open_store, read_record
from training import TrainedModel, TrainingSettings, TreeSettings, save_version, train_version

SMALL = TrainingSettings(threads=1, trees=TreeSettings(max_trees=40, patience=15), importance_clients=200)

PAGES = (".html", ".md")


def train(settings: TrainingSettings = SMALL) -> TrainedModel:
    """A model of 800 clients."""
    features, target = portfolio(800)
    return train_version(features, target, tiny_catalogue(), settings, "fingerprint-of-test")


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> tuple[VersionRecord, VersionRecord]:
    """Two versions of one store: the same training twice, the second with two threads."""
    store: UPath = open_store(tmp_path_factory.mktemp("twice") / "store")
    first, second = (save_version(store, train(replace(SMALL, threads=threads))) for threads in (1, 2))
    return read_record(store, first), read_record(store, second)


def test_every_file_is_the_same_bit_for_bit(records: tuple[VersionRecord, VersionRecord]) -> None:
    """Model, decision, declarations, out-of-fold probabilities and background: same bytes, same content hash; only
    the description and the pages, which carry name and time, differ."""
    first, second = records
    assert first.files.keys() == second.files.keys()
    differing = {name for name in first.files if first.files[name] != second.files[name]}
    assert {name for name in differing if not name.endswith(PAGES)} == {"version.json"}
    assert first.content_hash == second.content_hash
    assert first.description["circumstances"] == {"threads": 1}
    assert second.description["circumstances"] == {"threads": 2}


def test_pages_differ_by_name_and_time_only(records: tuple[VersionRecord, VersionRecord]) -> None:
    """With the version's name and the time of training put aside, every page says the same."""
    pages = [
        {
            name: data.decode()
            .replace(record.version, "VERSION")
            .replace(str(record.metadata["created_at"]), "TIME")
            for name, data in record.files.items()
            if name.endswith(PAGES)
        }
        for record in records
    ]
    assert "note.fr.html" in pages[0]
    assert pages[0] == pages[1]


def test_another_seed_is_another_content(records: tuple[VersionRecord, VersionRecord], store: UPath) -> None:
    """The hash is not blind: another seed, and another fingerprint of the data, change it."""
    other = read_record(store, save_version(store, train(replace(SMALL, seed=1))))
    same = train()
    data = {**same.model.metadata["training_data"], "fingerprint": "other"}  # type: ignore[dict-item]  # a mapping
    moved = replace(same.model, metadata={**same.model.metadata, "training_data": data})
    elsewhere = read_record(store, save_version(store, replace(same, model=moved)))
    assert len({records[0].content_hash, other.content_hash, elsewhere.content_hash}) == 3


def test_a_version_holds_all_that_it_needs(records: tuple[VersionRecord, VersionRecord]) -> None:
    """Inputs in order, category codes, data's fingerprint, seed and packages are in it; the background has neither
    identifiers nor outcomes."""
    record, catalogue = records[0], tiny_catalogue()
    assert record.inputs == tuple(catalogue.model_inputs)
    assert_categories_are_kept(record, catalogue)
    metadata = record.metadata
    assert metadata["training_data"]["fingerprint"] == "fingerprint-of-test"
    assert metadata["settings"]["seed"] == SMALL.seed
    assert {"python", "lightgbm", "numpy", "numba", "pandas", "pret-scoring"} <= metadata["packages"].keys()
    assert list(record.out_of_fold.columns)[:3] == ["target", "default_probability", "fold"]
    assert record.out_of_fold.index.name == "SK_ID_CURR"
    assert b"SK_ID_CURR" not in record.files["background.parquet"]
    assert b"TARGET" not in record.files["background.parquet"]


def assert_categories_are_kept(record: VersionRecord, catalogue: Catalogue) -> None:
    """The name of each code of each categorical feature stands in the version."""
    for feature in catalogue:
        kept = record.declared.declarations[feature.name].get("categories", [])
        assert kept == list(feature.categories)


@pytest.fixture
def store(tmp_path: object) -> UPath:
    """An empty store."""
    return open_store(f"{tmp_path}/store")
