"""The service and the night on real rows: the same bits for every client whose label the model never saw."""

import shutil
from datetime import date

import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient

from api import create_app
from batch.console import Progress
from batch.night import run_night
from batch.steps.limits import reasons
from features import TABLES
from model_store import open_store, read_scores

CLIENTS = 40
pytestmark = pytest.mark.sample


@pytest.fixture(scope="module")
def night(small_store, sample_folder, tmp_path_factory):
    """A store whose champion, trained on simulated clients, has scored the real ones: all rows are unseen."""
    store = shutil.copytree(small_store, tmp_path_factory.mktemp("night") / "store")
    # another portfolio, on purpose
    wide = [f"{name} = 1000\n" for name in reasons() if name != "rejected_rows"]
    (store / "limits.toml").write_text("".join(wide))
    run_night(open_store(sample_folder), open_store(store), date(2026, 11, 24), Progress())
    return store


@pytest.fixture(scope="module")
def rows(night, sample_folder) -> dict[str, pd.DataFrame]:
    """The raw rows of clients not seen in training: some with instalments, some of application_test."""
    raw = {
        name: pd.concat([pd.read_csv(sample_folder / f"{file}.csv") for file in table.files])
        for name, table in TABLES.items()
    }
    unseen = read_scores(night, columns=["seen_in_training"]).query("not seen_in_training").index
    paying = unseen.intersection(raw["installments_payments"]["SK_ID_CURR"].unique())
    half = np.random.RandomState(7).permutation(paying)[: CLIENTS // 2]
    others = np.random.RandomState(7).permutation(unseen.difference(paying))[: CLIENTS // 2]
    chosen = [*half, *others]
    credits = raw["bureau"].loc[raw["bureau"]["SK_ID_CURR"].isin(chosen), "SK_ID_BUREAU"]
    months = raw.pop("bureau_balance")
    own = {name: frame[frame["SK_ID_CURR"].isin(chosen)] for name, frame in raw.items()}
    own["application"] = own["application"].drop(columns="TARGET")
    return {**own, "bureau_balance": months[months["SK_ID_BUREAU"].isin(credits)]}


def body_of(rows: dict[str, pd.DataFrame], client: int) -> dict:
    """The request for one client: its raw rows as JSON values."""
    own = {
        name: frame[frame["SK_ID_CURR"] == client] for name, frame in rows.items() if "SK_ID_CURR" in frame
    }
    months = rows["bureau_balance"]
    own["bureau_balance"] = months[months["SK_ID_BUREAU"].isin(own["bureau"]["SK_ID_BUREAU"])]
    body = {name: as_json(frame) for name, frame in own.items()}
    return {**body, "application": body["application"][0]}


def as_json(frame: pd.DataFrame) -> list[dict]:
    """Rows as a caller would send them: numbers as numbers, missing as null."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {name: value.item() if isinstance(value, np.generic) else value for name, value in row.items()}
        for row in plain.to_dict("records")
    ]


def test_a_posted_application_gets_what_the_night_published(night, rows):
    """Probability, score, band, decision and reasons with their contributions are equal to the last bit."""
    clients = rows["application"]["SK_ID_CURR"].tolist()
    assert len(clients) == CLIENTS
    assert all(len(frame) for frame in rows.values())
    with TestClient(create_app(night)) as http:
        for client in clients:
            posted = http.post("/v1/score", json=body_of(rows, client))
            assert posted.status_code == 200, posted.text
            published = http.get(f"/v1/clients/{client}").json()
            del published["run_id"], published["as_of"]
            assert posted.json() == published
