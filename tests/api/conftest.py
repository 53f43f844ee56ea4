"""The service over a published store, asked through HTTP."""

import shutil
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient

from api import create_app


@pytest.fixture(scope="session")
def http(small_store) -> Iterator[TestClient]:
    """A client of the service over the published small store; read only."""
    with TestClient(create_app(small_store)) as client:
        yield client


@pytest.fixture
def own_store(small_store, tmp_path):
    """A copy of the small store that the test may change."""
    return shutil.copytree(small_store, tmp_path / "store")
