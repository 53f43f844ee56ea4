"""Versions: what is saved is what is loaded, or a refusal that says why."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from upath import UPath

from features import CATALOGUE, Catalogue
from model_store import (
    CatalogueMismatch,
    HistoryEntry,
    ModelNotFound,
    ModelStoreError,
    ScoringModel,
    declared,
    list_versions,
    load,
    open_store,
    read_note,
    read_record,
    save,
)
from model_store.checksums import sums_text

Promote = Callable[..., HistoryEntry]


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
        "features.json",
        "model.json",
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


def test_another_catalogue_is_refused_and_told_apart(
    store: UPath, model: ScoringModel, small_catalogue: Catalogue
) -> None:
    """The refusal gives both hashes and says which features are missing, new or declared differently."""
    save(store, model)
    gone, changed, *rest = small_catalogue
    other = Catalogue([replace(changed, riskier="higher"), *rest])
    with pytest.raises(CatalogueMismatch) as refusal:
        load(store, "v001", other)
    told = str(refusal.value)
    assert small_catalogue.hash in told
    assert other.hash in told
    assert f"only in the version: {gone.name}" in told
    assert f"declared differently: {changed.name} (riskier lower → higher)" in told
    with pytest.raises(CatalogueMismatch, match="the same features in another order"):
        load(store, "v001", Catalogue(reversed(list(small_catalogue))))


def test_unknown_versions_and_aliases_list_what_there_is(
    store: UPath, model: ScoringModel, promote: Promote
) -> None:
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


def test_a_killed_saving_is_no_version(store: UPath, model: ScoringModel) -> None:
    """Killed when every file is written and before the version has its name: it is neither listed nor in the way,
    and what it left aside is removed by a saving a day later."""
    code = (
        "import os, signal, sys; from upath import UPath; from model_store.version_folders import save_folder;"
        "sys.addaudithook(lambda event, found: os.kill(os.getpid(), signal.SIGKILL)"
        " if event == 'os.rename' and str(found[1]).endswith('v001') else None);"
        "save_folder(UPath(sys.argv[1]), lambda version: {'version.json': b'{}'})"
    )
    assert subprocess.run([sys.executable, "-c", code, str(store)], check=False).returncode == -9
    (left,) = Path(store / "models").iterdir()
    assert (left / "SHA256SUMS").exists()
    assert list_versions(store) == []
    assert save(store, model) == "v001"
    assert left.exists(), "it might still be at work"
    yesterday = time.time() - 25 * 3600
    os.utime(left, (yesterday, yesterday))
    assert save(store, model) == "v002"
    assert not left.exists()


def test_list_shows_figures_aliases_and_problems(store: UPath, model: ScoringModel, promote: Promote) -> None:
    """A damaged version is listed with its problem; the others with their figures."""
    save(store, model)
    save(store, model)
    promote(store, "v002", "anna", "first")
    (store / "models" / "v001" / "model.txt").write_bytes(b"tree")
    damaged, good = list_versions(store)
    assert damaged.problem is not None
    assert "model.txt" in damaged.problem
    assert (good.version, good.aliases, good.auc, good.cost_per_client) == ("v002", ("champion",), 0.75, 0.5)


def test_an_object_store_holds_versions_too(
    model: ScoringModel, small_catalogue: Catalogue, promote: Promote
) -> None:
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


def test_the_description_is_readable_by_people(store: UPath, model: ScoringModel) -> None:
    """What decides is indented UTF-8 JSON with the decision's numbers at the top level."""
    document = json.loads((store / "models" / save(store, model) / "model.json").read_text())
    assert document["cut_off"] == model.cut_off
    assert document["calibration"] == {"method": "log-odds", "slope": 0.9, "intercept": -0.1}


def test_category_codes_are_kept(store: UPath, model: ScoringModel) -> None:
    """A version tells what each code of a category stands for, without the code it was made with."""
    categorical = next(feature for feature in CATALOGUE if feature.categories)
    catalogue = Catalogue([*CATALOGUE][: CATALOGUE.names.index(categorical.name) + 1])
    save(store, replace(model, declarations=declared(catalogue).declarations))
    features = json.loads((store / "models" / "v001" / "features.json").read_text())
    assert features["declarations"][categorical.name]["categories"] == list(categorical.categories)


def test_the_content_does_not_depend_on_name_and_time(store: UPath, model: ScoringModel) -> None:
    """Saved twice, at another time and with other threads, the same model has the same content and files."""
    later = {**model.metadata, "created_at": "2027-01-01T00:00:00+00:00", "circumstances": {"threads": 9}}
    names = [save(store, model), save(store, replace(model, metadata=later))]
    first, second = (read_record(store, name) for name in names)
    differing = {name for name in first.files if first.files[name] != second.files[name]}
    assert differing == {"version.json"}
    assert first.content_hash == second.content_hash
    assert second.metadata == later
    other = read_record(store, save(store, replace(model, cut_off=0.1)))
    assert other.content_hash != first.content_hash


def test_another_release_s_layout_is_named(store: UPath, model: ScoringModel) -> None:
    """A version of another layout is refused with what to do, and listed with that problem."""
    folder = Path(store / "models" / save(store, model))
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "SHA256SUMS"}
    files["version.json"] = files["version.json"].replace(b'"layout": 2', b'"layout": 1')
    for name, data in {**files, "SHA256SUMS": sums_text(files)}.items():
        (folder / name).write_bytes(data)
    with pytest.raises(ModelStoreError, match=r"is of layout 1, this release of pret reads layout 2; train"):
        load(store, "v001")
    assert "layout 1" in str(list_versions(store)[0].problem)


def test_the_number_of_a_promoted_version_is_not_given_again(
    store: UPath, model: ScoringModel, promote: Promote
) -> None:
    """After a promoted version was deleted by hand, the next one is not taken for it."""
    save(store, model)
    promote(store, save(store, model), "anna", "second")
    shutil.rmtree(store / "models" / "v002")
    assert save(store, model) == "v003"
    with pytest.raises(ModelNotFound, match=r"no model version 'v002'; it has v001, v003"):
        load(store)
