"""Scorebook: what readers get of a published night, and what they are told where there is none."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from features import CATALOGUE
from model_store import (
    NothingPublished,
    UnknownClient,
    UnknownRun,
    list_runs,
    load,
    open_store,
    published_run,
    read_contributions,
    read_features,
    read_group_contributions,
    read_run,
    read_scores,
    read_targets,
)
from model_store.contract import SCORES
from model_store.layers import shard_file
from model_store.scorebook import shard_of

RUN = "2026-11-23-001"


def test_scores_are_the_contract_by_client(small_store: Path) -> None:
    """Every column of the contract in its order, indexed by client ascending, the figures of the export."""
    scores = read_scores(small_store)
    assert ["SK_ID_CURR", *scores.columns] == SCORES.names
    assert scores.index.name == "SK_ID_CURR"
    assert scores.index.is_monotonic_increasing
    assert scores.index.is_unique
    export = pq.read_table(str(next((small_store / "exports").rglob("*.parquet")))).to_pandas()
    export = export.set_index("SK_ID_CURR")
    for name in scores.columns:
        pd.testing.assert_series_equal(
            scores[name].astype(export[name].dtype), export[name], check_exact=True, check_index_type=False
        )


def test_repeated_texts_are_categories(small_store: Path) -> None:
    """356,000 times "accept" take one byte each; numbers keep the types of the contract."""
    scores = read_scores(small_store)
    for name in ("risk_band", "decision", "reason_1", "model_version", "run_id"):
        assert isinstance(scores[name].dtype, pd.CategoricalDtype), name
    assert scores["score"].dtype == np.int16
    assert scores["default_probability"].dtype == np.float64
    assert scores["reason_1_contribution"].dtype == np.float32
    assert scores["seen_in_training"].dtype == np.bool_


def test_columns_come_in_the_order_asked(small_store: Path) -> None:
    """Only those asked for, the index besides; asking for the index too changes nothing."""
    scores = read_scores(small_store, columns=["score", "default_probability"])
    assert list(scores.columns) == ["score", "default_probability"]
    again = read_scores(small_store, RUN, ["SK_ID_CURR", "score", "default_probability"])
    pd.testing.assert_frame_equal(again, scores)
    assert read_features(small_store, columns=[]).shape == (1500, 0)


@pytest.mark.parametrize("read", [read_scores, read_features, read_contributions])
def test_an_unknown_column_is_an_error_that_names_it(read: object, small_store: Path) -> None:
    """A mistyped column is no column of NaN."""
    with pytest.raises(ValueError, match="no_such_column"):
        read(small_store, columns=["no_such_column"])


def test_targets_are_known_or_nan(small_store: Path) -> None:
    """Float outcomes, indexed as the scores are: 0 or 1 for clients of the training file, else NaN."""
    targets, scores = read_targets(small_store), read_scores(small_store)
    assert targets.dtype == np.float64
    assert targets.index.equals(scores.index)
    assert set(targets.dropna()) == {0.0, 1.0}
    assert targets.notna().equals(scores["seen_in_training"])


def test_features_are_the_catalogue(small_store: Path) -> None:
    """All declared features in their order, float32, one row per client scored."""
    features = read_features(small_store)
    assert tuple(features.columns) == CATALOGUE.names
    assert set(features.dtypes) == {np.dtype(np.float32)}
    assert features.index.equals(read_scores(small_store).index)


def test_contributions_are_the_models_inputs_and_the_expected_value(small_store: Path) -> None:
    """One column per input, in the model's order, then the expected value, the same for everyone."""
    contributions = read_contributions(small_store)
    names = load(open_store(small_store)).feature_names
    assert tuple(contributions.columns) == (*names, "expected_value")
    assert set(contributions.dtypes) == {np.dtype(np.float32)}
    assert contributions["expected_value"].nunique() == 1


@pytest.mark.parametrize("read", [read_features, read_contributions])
def test_some_clients_are_those_rows_of_all(read: object, small_store: Path) -> None:
    """In any order, from any shard, asked for twice or once: sorted, the same bits as among all."""
    everyone = read(small_store)
    chosen = [int(everyone.index[n]) for n in (7, 3, 900, 1499, 3)]
    some = read(small_store, clients=chosen)
    pd.testing.assert_frame_equal(some, everyone[everyone.index.isin(chosen)], check_exact=True)
    assert len(some) == 4
    assert type(some.index) is type(everyone.index) is pd.Index
    assert some.index.dtype == everyone.index.dtype == np.int64
    nobody = read(small_store, clients=[])
    pd.testing.assert_frame_equal(nobody, everyone.iloc[:0])
    generated = read(small_store, clients=(client for client in chosen[:1]), columns=everyone.columns[:2])
    assert generated.shape == (1, 2)


def test_some_clients_read_their_shards_only(small_store: Path, tmp_path: Path) -> None:
    """A client can be read where every other shard is gone."""
    run = read_run(small_store)
    client = int(read_scores(small_store).index[0])
    copy = tmp_path / "runs" / RUN / "features"
    copy.mkdir(parents=True)
    source = small_store / "runs" / RUN
    (copy.parent / "run.json").write_bytes((source / "run.json").read_bytes())
    name = shard_file(int(shard_of(client, run.shards)))
    (copy / name).write_bytes((source / "features" / name).read_bytes())
    assert list(read_features(tmp_path, RUN, clients=[client]).index) == [client]


@pytest.mark.parametrize("client", [1, -5, 2**40, 0])
def test_an_unknown_client_is_named(client: int, small_store: Path) -> None:
    """Alone or among known ones; the message says how many clients the night holds."""
    known = int(read_scores(small_store).index[0])
    for clients in ([client], [known, client]):
        with pytest.raises(UnknownClient, match=f"holds no client {client} .of 1500 clients"):
            read_features(small_store, clients=clients)


@pytest.mark.parametrize("read", [read_run, read_scores, read_targets, read_features, read_contributions])
def test_an_unknown_run_is_named_with_those_there_are(read: object, small_store: Path) -> None:
    """The message lists what could have been meant."""
    with pytest.raises(UnknownRun, match=f"no run '2020-01-01-001' in .*; there are: {RUN}"):
        read(small_store, "2020-01-01-001")


@pytest.mark.parametrize(
    "read", [published_run, read_run, read_scores, read_targets, read_features, read_contributions]
)
def test_nothing_published_says_what_to_run(read: object, tmp_path: Path) -> None:
    """An empty or absent store is told as such, with the command that fills it."""
    for store in (tmp_path, tmp_path / "absent"):
        with pytest.raises(NothingPublished, match="pret night --store"):
            read(store)
    assert list_runs(tmp_path / "absent") == ()


def test_a_run_without_scores_says_its_status(tmp_path: Path) -> None:
    """A night that failed or still runs has a record and no scores; readers are told so."""
    folder = tmp_path / "runs" / RUN
    folder.mkdir(parents=True)
    (tmp_path / "runs" / "2026-11-23-002").mkdir()  # killed before its record was written
    document = {
        "as_of": "2026-11-23", "model_version": "v001", "catalogue_hash": "0", "clients": 0, "shards": 0,
        "status": "failed",
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(document))
    assert list_runs(tmp_path) == (RUN,)
    assert read_run(tmp_path, RUN).status == "failed"
    for clients in (None, [100_001]):
        with pytest.raises(UnknownRun, match=f"run {RUN} of .* has no features: its status is failed"):
            read_features(tmp_path, RUN, clients=clients)


def test_groups_are_sums_of_contributions(small_store: Path) -> None:
    """Per client and reason group, the sum of the stored contributions, within float32."""
    contributions = read_contributions(small_store).drop(columns="expected_value")
    expected = contributions.astype(np.float64).T.groupby(lambda name: CATALOGUE[name].group).sum().T
    groups = read_group_contributions(small_store)
    assert list(groups.columns) == list(expected.columns)
    pd.testing.assert_frame_equal(groups.astype(np.float64), expected, check_exact=False, atol=1e-5)
    one = groups.index[[3]]
    pd.testing.assert_frame_equal(read_group_contributions(small_store, clients=one), groups.loc[one])


def test_a_night_of_an_earlier_release_has_no_groups(small_store: Path, tmp_path: Path) -> None:
    """The message says what to do; everything else of such a night is read as before."""
    old = tmp_path / "store"
    shutil.copytree(small_store, old)
    shutil.rmtree(old / "runs" / RUN / "groups")
    with pytest.raises(
        UnknownRun, match=f"run {RUN} of .* has no contributions by group: an earlier release"
    ):
        read_group_contributions(old)
    assert len(read_contributions(old)) == len(read_scores(old))


def test_a_run_is_its_record(small_store: Path) -> None:
    """The published run's fields are those of run.json, all of which can be read."""
    run = read_run(small_store)
    document = json.loads((small_store / "runs" / RUN / "run.json").read_text())
    assert run == read_run(small_store, RUN)
    assert run.document == document
    assert (run.run_id, str(run.as_of), run.status) == (RUN, document["as_of"], "published")
    assert (run.clients, run.shards) == (document["clients"], document["shards"])
    assert run.shards == len(list((small_store / "runs" / RUN / "scores").iterdir()))


def test_clients_lie_in_the_shard_of_their_remainder(small_store: Path) -> None:
    """SK_ID_CURR modulo shards, in each of the four kinds of files."""
    run = read_run(small_store)
    for kind in ("scores", "features", "contributions", "groups"):
        for shard in range(run.shards):
            path = small_store / "runs" / RUN / kind / shard_file(shard)
            clients = pq.read_table(str(path), columns=["SK_ID_CURR"]).column(0).to_numpy()
            assert (clients % run.shards == shard).all()
            assert len(clients) > 0
