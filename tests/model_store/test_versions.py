"""Versions: what is saved is what is loaded, or a refusal that says why."""

import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from upath import UPath

from features import Catalogue
from model_store import (
    CatalogueMismatch,
    ModelDamaged,
    ModelNotFound,
    ScoringModel,
    list_versions,
    load,
    open_store,
    promote,
    read_note,
    save,
)


def test_load_gives_back_what_was_saved(
    store: UPath, model: ScoringModel, clients: pd.DataFrame, small_catalogue: Catalogue
) -> None:
    """Every part of the model survives saving, and it predicts the same numbers to the last bit."""
    version = save(store, model)
    found = load(store, version, small_catalogue)
    assert version == found.version == "v001"
    assert np.array_equal(found.raw_score(clients), model.raw_score(clients))
    assert np.array_equal(found.probability(clients), model.probability(clients))
    for name in (
        "feature_names",
        "catalogue_hash",
        "calibration",
        "cut_off",
        "review_from",
        "scale",
        "bands",
    ):
        assert getattr(found, name) == getattr(model, name)
    assert found.metadata == model.metadata
    pd.testing.assert_frame_equal(found.out_of_fold, model.out_of_fold)
    pd.testing.assert_frame_equal(found.background, model.background)


def test_nothing_executable_is_stored(store: UPath, model: ScoringModel) -> None:
    """A version is text, JSON, Parquet and HTML: no file that runs when it is read."""
    version = save(store, model, lambda named: {"en": f"<p>{named.version}</p>", "fr": "<p>v</p>"})
    names = {path.name for path in (store / "models" / version).iterdir()}
    assert names == {
        "SHA256SUMS",
        "background.parquet",
        "model.txt",
        "note.en.html",
        "note.fr.html",
        "out_of_fold.parquet",
        "version.json",
    }
    assert read_note(store, version, "en") == "<p>v001</p>"
    with pytest.raises(ValueError, match="no note in 'de', only in en, fr"):
        read_note(store, version, "de")


def test_one_client_alone_scores_as_among_others(model: ScoringModel, clients: pd.DataFrame) -> None:
    """Order of rows and columns, and further columns, change no bit of a client's probability."""
    together = pd.Series(model.probability(clients), index=clients.index)
    shuffled = clients.iloc[::-1, ::-1].assign(unknown_to_the_model=1.0)
    assert np.array_equal(model.probability(shuffled), together.iloc[::-1])
    for client in (1, 200, 400):
        assert model.probability(clients.loc[[client]])[0] == together[client]
    assert len(model.probability(clients.iloc[:0])) == 0


def test_threads_share_a_model(model: ScoringModel, clients: pd.DataFrame) -> None:
    """Eight threads at once get the numbers of one."""
    expected = model.probability(clients)
    answers: list[bool] = []

    def ask() -> None:
        answers.append(np.array_equal(model.probability(clients), expected))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [True] * 8


def test_absent_inputs_are_named(model: ScoringModel, clients: pd.DataFrame) -> None:
    """A frame without an input is refused, never filled."""
    name = model.feature_names[0]
    with pytest.raises(ValueError, match=rf"lack 1 of the .* the first \['{name}'\]"):
        model.matrix(clients.drop(columns=name))


def test_any_flipped_byte_is_refused(store: UPath, model: ScoringModel, small_catalogue: Catalogue) -> None:
    """Sixty single bytes changed at random places of random files: sixty refusals that name a file."""
    version = save(store, model, lambda named: {"en": "<p>note</p>"})
    files = sorted(Path(path) for path in (store / "models" / version).iterdir())
    rng = np.random.default_rng(7)
    for _ in range(60):
        path = files[rng.integers(len(files))]
        good = path.read_bytes()
        bad = bytearray(good)
        bad[rng.integers(len(good))] ^= int(rng.integers(1, 256))
        path.write_bytes(bad)
        with pytest.raises(ModelDamaged, match=str(store / "models" / version)):
            load(store, version, small_catalogue)
        path.write_bytes(good)
    assert load(store, version, small_catalogue).version == version


@pytest.mark.parametrize("name", ["model.txt", "version.json", "out_of_fold.parquet", "SHA256SUMS"])
def test_a_missing_or_truncated_file_is_named(
    store: UPath, model: ScoringModel, small_catalogue: Catalogue, name: str
) -> None:
    """A file cut short or removed is named in the refusal."""
    path = store / "models" / save(store, model) / name
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(ModelDamaged, match=name):
        load(store, "v001", small_catalogue)
    path.unlink()
    if name == "SHA256SUMS":
        with pytest.raises(ModelNotFound, match="no model version 'v001'"):
            load(store, "v001", small_catalogue)
    else:
        with pytest.raises(ModelDamaged, match=rf"{name} is missing"):
            load(store, "v001", small_catalogue)


def test_a_file_that_was_never_part_is_refused(
    store: UPath, model: ScoringModel, small_catalogue: Catalogue
) -> None:
    """Something added to a version's folder is no part of it."""
    (store / "models" / save(store, model) / "model.pkl").write_bytes(b"cos\nsystem")
    with pytest.raises(ModelDamaged, match=r"model\.pkl is not listed in SHA256SUMS"):
        load(store, "v001", small_catalogue)


def test_a_renamed_version_is_refused(store: UPath, model: ScoringModel, small_catalogue: Catalogue) -> None:
    """A folder copied under another number does not pass for another version."""
    folder = Path(store / "models" / save(store, model))
    folder.rename(folder.parent / "v007")
    with pytest.raises(ModelDamaged, match="version v001, expected layout 1 and version v007"):
        load(store, "v007", small_catalogue)


def test_another_catalogue_is_refused_and_told_apart(
    store: UPath, model: ScoringModel, small_catalogue: Catalogue
) -> None:
    """The refusal gives both hashes and says which features are missing, new or declared differently."""
    save(store, model)
    gone, changed, *rest = small_catalogue
    other = Catalogue([replace(changed, when_no_rows=-1.0), *rest])
    with pytest.raises(CatalogueMismatch) as refusal:
        load(store, "v001", other)
    told = str(refusal.value)
    assert small_catalogue.hash in told
    assert other.hash in told
    assert f"only in the version: {gone.name}" in told
    assert f"declared differently: {changed.name}" in told
    with pytest.raises(CatalogueMismatch, match="the same features in another order"):
        load(store, "v001", Catalogue(reversed(list(small_catalogue))))


def test_unknown_versions_and_aliases_list_what_there_is(store: UPath, model: ScoringModel) -> None:
    """Before and after the first saving, the message says what could be loaded instead."""
    with pytest.raises(ModelNotFound, match=r"no champion; its versions are none.*train with --promote"):
        load(store)
    with pytest.raises(ModelNotFound, match=r"it has none; make one with `pret train`"):
        load(store, "v001")
    save(store, model)
    promote(store, "v001", "anna", "first")
    with pytest.raises(ModelNotFound, match=r"no model version 'v009'; it has v001 \(champion = v001\)"):
        load(store, "v009")


def test_savings_at_once_get_their_own_numbers(
    store: UPath, model: ScoringModel, small_catalogue: Catalogue
) -> None:
    """Six threads that save at the same time make six complete versions."""
    saved: list[str] = []
    threads = [threading.Thread(target=lambda: saved.append(save(store, model))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(saved) == [f"v{number:03d}" for number in range(1, 7)]
    assert all(load(store, version, small_catalogue).version == version for version in saved)
    assert not list((store / "models").glob(".saving-*"))


def test_an_unfinished_saving_is_no_version(store: UPath, model: ScoringModel) -> None:
    """What a killed process leaves aside is neither listed nor in the way."""
    unfinished = store / "models" / ".saving-0123"
    unfinished.mkdir(parents=True)
    (unfinished / "model.txt").write_bytes(b"half")
    assert list_versions(store) == []
    assert save(store, model) == "v001"


def test_list_shows_figures_aliases_and_problems(store: UPath, model: ScoringModel) -> None:
    """A damaged version is listed with its problem; the others with their figures."""
    save(store, model)
    save(store, model)
    promote(store, "v002", "anna", "first")
    (store / "models" / "v001" / "model.txt").write_bytes(b"tree")
    damaged, good = list_versions(store)
    assert damaged.problem is not None
    assert "model.txt" in damaged.problem
    assert (good.version, good.aliases, good.auc, good.cost_per_client) == ("v002", ("champion",), 0.75, 0.5)


def test_an_object_store_holds_versions_too(model: ScoringModel, small_catalogue: Catalogue) -> None:
    """The same doors work on an fsspec file system, where checksums written last complete a version."""
    store = open_store("memory://versions")
    version = save(store, model)
    promote(store, version, "anna", "first")
    assert load(store, "champion", small_catalogue).version == version
    half = store / "models" / "v005" / "model.txt"
    half.parent.mkdir(parents=True, exist_ok=True)
    half.write_bytes(b"half")
    assert [found.version for found in list_versions(store)] == [version]
    assert save(store, model) == "v006"


def test_version_json_is_readable_by_people(store: UPath, model: ScoringModel) -> None:
    """The description is indented UTF-8 JSON with the decision's numbers at the top level."""
    document = json.loads((store / "models" / save(store, model) / "version.json").read_text())
    assert document["cut_off"] == model.cut_off
    assert document["calibration"] == {"method": "log-odds", "slope": 0.9, "intercept": -0.1}
