"""Fixtures of the batch tests: the plain ingest of the thirty clients, a store that may be spoiled."""

import shutil
from pathlib import Path

import pytest
from command_line import Pret, Said
from mini_tables import mini_tables, take_in, write_tables

from batch.cli import main
from batch.ingest import Ingest
from batch.steps.limits import reasons


@pytest.fixture(scope="session")
def plain_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The thirty clients as plain CSV."""
    return write_tables(tmp_path_factory.mktemp("plain") / "tables", mini_tables())


@pytest.fixture(scope="session")
def plain(plain_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Ingest:
    """The ingest of the thirty clients' plain CSV."""
    return take_in(plain_folder, tmp_path_factory.mktemp("plain") / "store")


WIDE = "".join(f"{name} = 1000\n" for name in reasons() if name != "rejected_rows")


@pytest.fixture
def guarded_store(small_store: Path, tmp_path: Path) -> Path:
    """A copy of the small store with its published night and the default limits, for tests that write."""
    return shutil.copytree(small_store, tmp_path / "store")


@pytest.fixture
def own_store(guarded_store: Path) -> Path:
    """A copy of the small store whose limits let any clients follow its 1,500: the thirty, for instance."""
    (guarded_store / "limits.toml").write_text(WIDE)
    return guarded_store


@pytest.fixture
def pret(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Pret:
    """`pret` with arguments, in this process, through the same door as on the terminal, 200 columns wide."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["pret", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        return Said(code, *capsys.readouterr())

    return run
