"""The night: every client once, in the columns of the contract, with the probability that is honest for it."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from mini_tables import night_of, published_bytes

from batch.runs.publish import export_file
from model_store import (
    load,
    open_store,
    published_run,
    read_contributions,
    read_features,
    read_scores,
    read_targets,
)
from model_store.contract import CONTRACT_VERSION

AS_OF = date(2026, 11, 23)
CONTRACT = {
    "SK_ID_CURR": pa.int32(),
    "default_probability": pa.float64(),
    "score": pa.int16(),
    "risk_band": pa.string(),
    "decision": pa.string(),
    "cut_off": pa.float64(),
    **{f"reason_{rank}": pa.string() for rank in (1, 2, 3, 4)},
    **{f"reason_{rank}_contribution": pa.float32() for rank in (1, 2, 3, 4)},
    "seen_in_training": pa.bool_(),
    "model_version": pa.string(),
    "catalogue_hash": pa.string(),
    "run_id": pa.string(),
}


@pytest.fixture(scope="module", params=["simulated", pytest.param("sample", marks=pytest.mark.sample)])
def line(request: pytest.FixtureRequest) -> tuple[Path, Path]:
    """Folder of tables and the store in which they were published: simulated clients, then the real sample."""
    names = {"simulated": ("portfolio", "small_store"), "sample": ("sample_folder", "sample_store")}
    folder, store = (request.getfixturevalue(name) for name in names[request.param])
    return folder, store


def export_of(store: Path, as_of: date = AS_OF) -> pa.Table:
    return pq.read_table(str(export_file(open_store(store), as_of)))


def applications(folder: Path) -> dict[str, pd.DataFrame]:
    """SK_ID_CURR (and TARGET) of the two application files, as the files say."""
    return {
        "train": pd.read_csv(folder / "application_train.csv", usecols=["SK_ID_CURR", "TARGET"]),
        "test": pd.read_csv(folder / "application_test.csv", usecols=["SK_ID_CURR"]),
    }


def test_the_export_is_the_contract(line: tuple[Path, Path]) -> None:
    """Columns, order, Arrow types and the contract's version in the metadata are those BI tools rely on."""
    schema = export_of(line[1]).schema
    assert dict(zip(schema.names, schema.types, strict=True)) == CONTRACT
    assert schema.names == list(CONTRACT)
    assert (schema.metadata or {})[b"pret.contract"] == CONTRACT_VERSION.encode() == b"1"


def test_the_export_holds_every_client_once(line: tuple[Path, Path]) -> None:
    """Exactly the clients of application_train and application_test, sorted, each once."""
    folder, store = line
    files = applications(folder)
    expected = np.sort(np.concatenate([frame["SK_ID_CURR"] for frame in files.values()]))
    np.testing.assert_array_equal(export_of(store).column("SK_ID_CURR").to_numpy(), expected)


@pytest.mark.sample
def test_the_real_sample_gives_7210_clients(sample_store: Path) -> None:
    """4,210 clients of the training file and 3,000 of the test file, as the sample is described."""
    clients = export_of(sample_store).column("SK_ID_CURR").to_numpy()
    assert len(clients) == len(np.unique(clients)) == 7210


def test_clients_of_the_training_have_their_out_of_fold_probability(line: tuple[Path, Path]) -> None:
    """They are marked, and no probability published for them comes from a model that saw their outcome."""
    folder, store = line
    train = applications(folder)["train"]
    scores, model = read_scores(store), load(open_store(store))
    seen = scores[scores["seen_in_training"]]
    np.testing.assert_array_equal(seen.index, np.sort(train["SK_ID_CURR"]))
    expected = model.out_of_fold["default_probability"].loc[seen.index]
    np.testing.assert_array_equal(seen["default_probability"], expected)
    own = model.probability(read_features(store, clients=seen.index))
    assert (np.abs(own - expected) > 1e-6).mean() > 0.99


def test_other_clients_have_the_models_own_probability(line: tuple[Path, Path]) -> None:
    """To the last bit what the champion says of the published features."""
    folder, store = line
    scores = read_scores(store)
    others = scores[~scores["seen_in_training"]]
    np.testing.assert_array_equal(others.index, np.sort(applications(folder)["test"]["SK_ID_CURR"]))
    own = load(open_store(store)).probability(read_features(store, clients=others.index))
    np.testing.assert_array_equal(others["default_probability"].to_numpy(), own)


def test_figures_agree_with_one_another(line: tuple[Path, Path]) -> None:
    """Score, band and decision follow the published probability; reasons come strongest first, then null."""
    store = line[1]
    scores, model = read_scores(store), load(open_store(store))
    probability = scores["default_probability"].to_numpy()
    np.testing.assert_array_equal(scores["score"], model.scale.score(probability))
    np.testing.assert_array_equal(scores["risk_band"].astype(object), model.bands.band(probability))
    np.testing.assert_array_equal((scores["decision"] == "decline").to_numpy(), probability >= model.cut_off)
    assert set(scores["cut_off"]) == {model.cut_off}
    strengths = scores[[f"reason_{rank}_contribution" for rank in (1, 2, 3, 4)]].to_numpy()
    codes = scores[[f"reason_{rank}" for rank in (1, 2, 3, 4)]].astype(object)
    np.testing.assert_array_equal(codes.isna().to_numpy(), np.isnan(strengths))
    filled = np.nan_to_num(strengths, nan=0.0)
    assert (np.diff(filled, axis=1) <= 0).all()
    assert filled.min() >= 0
    assert (strengths[~np.isnan(strengths)] > 0).all()


def test_contributions_sum_to_the_raw_score(line: tuple[Path, Path]) -> None:
    """Features' contributions and the expected value give the model's log-odds, within float32."""
    store = line[1]
    total = read_contributions(store).to_numpy(np.float64).sum(axis=1)
    raw = load(open_store(store)).raw_score(read_features(store))
    np.testing.assert_allclose(total, raw, atol=2e-5)


def test_outcomes_are_those_of_the_file_and_not_exported(line: tuple[Path, Path]) -> None:
    """TARGET can be read for the clients of the training file, is unknown for others, and no BI column."""
    folder, store = line
    train = applications(folder)["train"].set_index("SK_ID_CURR")["TARGET"].sort_index()
    found = read_targets(store)
    np.testing.assert_array_equal(found.dropna().index, train.index)
    np.testing.assert_array_equal(found.dropna(), train.astype(np.float64))
    assert "TARGET" not in export_of(store).schema.names


def test_the_same_night_again_is_the_same_to_the_last_bit(portfolio: Path, own_store: Path) -> None:
    """All columns but run_id; the export of the night is replaced, the pointer moves to the new run."""
    before = export_of(own_store)
    run = night_of(portfolio, own_store, AS_OF)
    after = export_of(own_store)
    assert run.run_id == published_run(own_store) == "2026-11-23-002"
    assert set(after.column("run_id").to_pylist()) == {run.run_id}
    assert after.drop_columns("run_id").equals(before.drop_columns("run_id"))
    assert [path.name for path in (own_store / "exports" / "scores").rglob("*.parquet")] == ["scores.parquet"]


def test_another_night_leaves_the_old_export(portfolio: Path, own_store: Path) -> None:
    """Each as_of has its own export; the older one keeps its bytes, its run stays readable."""
    before = published_bytes(own_store)
    old = read_scores(own_store)
    run = night_of(portfolio, own_store, date(2026, 11, 24))
    after = published_bytes(own_store)
    assert published_run(own_store) == run.run_id == "2026-11-24-001"
    kept = {name: data for name, data in before.items() if name.startswith("exports/")}
    assert kept.items() <= after.items()
    assert len(after) == len(before) + 1
    pd.testing.assert_frame_equal(read_scores(own_store, "2026-11-23-001"), old)
