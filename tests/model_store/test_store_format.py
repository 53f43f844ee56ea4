"""The format of a store: read up to today's, noted by whoever writes, refused where it is newer."""

import json
from pathlib import Path

import pytest
from upath import UPath

from model_store.errors import StoreTooNew
from model_store.store_format import FORMAT, note_format, require_readable, store_format


def test_a_new_store_is_of_todays_format(tmp_path: Path) -> None:
    """Nothing is there, so there is nothing to tell; afterwards the note says format and writer."""
    assert note_format(UPath(tmp_path)) is None
    assert json.loads((tmp_path / "store.json").read_text()) == {"format": FORMAT, "written_by": "0.1.0"}
    assert note_format(UPath(tmp_path)) is None


@pytest.mark.parametrize("folder", ["models", "runs", "ingests"])
def test_a_store_without_a_note_is_format_one(tmp_path: Path, folder: str) -> None:
    """Whatever it holds, it stays readable; the first writer notes today's format and is told the older one."""
    (tmp_path / folder).mkdir()
    require_readable(UPath(tmp_path))
    assert note_format(UPath(tmp_path)) == 1
    assert store_format(UPath(tmp_path)) == FORMAT


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path) -> None:
    """The message names both formats and the program that wrote; readers and writers get the same answer."""
    note = json.dumps({"format": FORMAT + 1, "written_by": "9.0"})
    (tmp_path / "store.json").write_text(note)
    expected = (
        f"has format {FORMAT + 1}, written by pret 9.0; .* reads up to format {FORMAT}: install the newer"
    )
    for use in (require_readable, note_format):
        with pytest.raises(StoreTooNew, match=expected):
            use(UPath(tmp_path))
    assert (tmp_path / "store.json").read_text() == note


def test_a_note_without_a_number_is_named(tmp_path: Path) -> None:
    """The message says which file, what it says, and what to write."""
    (tmp_path / "store.json").write_text('{"format": "two"}')
    with pytest.raises(ValueError, match=r"store\.json says format 'two', expected a number: write"):
        require_readable(UPath(tmp_path))
