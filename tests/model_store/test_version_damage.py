"""Damage: whatever happened to a version's files, it is refused, and the refusal says what happened."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from upath import UPath

from features import Catalogue
from model_store import HistoryEntry, ModelDamaged, ModelNotFound, ScoringModel, load, save
from model_store.checksums import sums_text
from model_store.records import content_hash

FILES = [
    "SHA256SUMS", "background.parquet", "card.en.html", "features.json", "model.json", "model.txt",
    "note.en.html", "note.fr.html", "out_of_fold.parquet", "version.json",
]  # fmt: skip


def pages(model: ScoringModel) -> dict[str, str]:
    """What a training writes beside a model, in a few words."""
    words = f"<p>version {model.version}</p>\n"
    return {"en": words, "fr": words, "card.en": words}


@pytest.fixture
def folder(store: UPath, model: ScoringModel) -> Path:
    """The folder of v001, one file of each kind; v002 lies beside it."""
    names = [save(store, model, pages), save(store, replace(model, cut_off=0.2), pages)]
    assert names == ["v001", "v002"]
    found = Path(store / "models" / "v001")
    assert sorted(path.name for path in found.iterdir()) == FILES
    return found


def refusal(folder: Path, catalogue: Catalogue) -> str:
    """What loading the version says; fails if it loads."""
    with pytest.raises(ModelDamaged) as refused:
        load(UPath(folder.parents[1]), folder.name, catalogue)
    return str(refused.value)


def rewrite_sums(folder: Path) -> None:
    """What somebody does who changes files and covers it up."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "SHA256SUMS"}
    (folder / "SHA256SUMS").write_bytes(sums_text(files))


def test_a_thousand_flipped_bytes_are_refused(folder: Path, small_catalogue: Catalogue) -> None:
    """1,000 single bytes changed, at random places of files taken in turn: 1,000 refusals that name the folder."""
    rng = np.random.default_rng(7)
    content = {name: (folder / name).read_bytes() for name in FILES}
    for turn in range(1000):
        name = FILES[turn % len(FILES)]
        bad = bytearray(content[name])
        bad[rng.integers(len(bad))] ^= int(rng.integers(1, 256))
        (folder / name).write_bytes(bad)
        assert str(folder) in refusal(folder, small_catalogue)
        (folder / name).write_bytes(content[name])
    assert load(UPath(folder.parents[1]), "v001", small_catalogue).version == "v001"


@pytest.mark.parametrize("name", [name for name in FILES if name != "SHA256SUMS"])
def test_what_happened_to_a_file_is_said(folder: Path, small_catalogue: Catalogue, name: str) -> None:
    """Cut short, grown, changed, emptied, swapped, replaced by a folder or missing: each in its own words."""
    path = folder / name
    good = path.read_bytes()
    for bad, said in {
        good[:-10]: f"{name} is cut short: it has {len(good) - 10:,} bytes",
        b"": f"{name} is cut short: it has 0 bytes",
        good[:-10] + b"something\n": f"{name} was changed: it has SHA-256"
        if name != "version.json"
        else f"{name} is cut short",
    }.items():
        path.write_bytes(bad)
        assert said in refusal(folder, small_catalogue)
    if name != "version.json":
        path.write_bytes(good + b" ")
        told = f"{name} has grown: it has {len(good) + 1:,} bytes, expected {len(good):,}"
        assert told in refusal(folder, small_catalogue)
    path.unlink()
    assert f"{name} is missing" in refusal(folder, small_catalogue)
    path.mkdir()
    assert f"{name} is a folder, expected a file" in refusal(folder, small_catalogue)


@pytest.mark.parametrize("name", ["model.json", "note.en.html", "version.json"])
def test_a_file_of_another_version_is_recognised(folder: Path, small_catalogue: Catalogue, name: str) -> None:
    """A file copied over from another version is named as such."""
    (folder / name).write_bytes((folder.parent / "v002" / name).read_bytes())
    told = refusal(folder, small_catalogue)
    assert f"v001/{name} is a file of version v002, swapped or copied by hand" in told


def test_the_sums_of_another_version_are_recognised(folder: Path, small_catalogue: Catalogue) -> None:
    """Where it is the list that was swapped, the files are not blamed."""
    (folder / "SHA256SUMS").write_bytes((folder.parent / "v002" / "SHA256SUMS").read_bytes())
    assert "v001/SHA256SUMS is that of version v002" in refusal(folder, small_catalogue)


def test_a_sums_file_that_is_not_whole_is_named(folder: Path, small_catalogue: Catalogue) -> None:
    """Cut within a line, cut after a line, unreadable; without one the folder is no version at all."""
    path = folder / "SHA256SUMS"
    good = path.read_bytes()
    for bad, said in {
        good[:-10]: "SHA256SUMS ends in the middle of a line",
        b"\n".join(good.split(b"\n")[:-2]) + b"\n": "version.json is not listed in SHA256SUMS",
        b"sums\n": "line 1 of .*SHA256SUMS is unreadable",
    }.items():
        path.write_bytes(bad)
        with pytest.raises(ModelDamaged, match=said):
            load(UPath(folder.parents[1]), "v001", small_catalogue)
    path.unlink()
    with pytest.raises(ModelNotFound, match="no model version 'v001'; it has v002"):
        load(UPath(folder.parents[1]), "v001", small_catalogue)


def test_sums_in_another_order_are_refused(folder: Path, small_catalogue: Catalogue) -> None:
    """Every line right and none lost, but not the list that was saved."""
    path = folder / "SHA256SUMS"
    path.write_bytes(b"".join(reversed(path.read_bytes().splitlines(keepends=True))))
    assert "SHA256SUMS was changed" in refusal(folder, small_catalogue)


def test_a_file_that_was_never_part_is_refused(folder: Path, small_catalogue: Catalogue) -> None:
    """Something added to a version's folder is no part of it."""
    (folder / "model.pkl").write_bytes(b"cos\nsystem")
    assert "model.pkl is not listed in SHA256SUMS" in refusal(folder, small_catalogue)


def test_a_renamed_version_is_refused(folder: Path, small_catalogue: Catalogue) -> None:
    """A folder copied under another number does not pass for another version."""
    told = refusal(folder.rename(folder.parent / "v007"), small_catalogue)
    assert "is that of version v001: the folder was renamed or copied by hand" in told


@pytest.mark.parametrize("name", ["model.txt", "model.json"])
def test_files_and_sums_rewritten_together_are_refused(
    folder: Path, small_catalogue: Catalogue, name: str
) -> None:
    """Making the sums anew does not hide a changed file, nor one that was taken away or added."""
    content = (folder / name).read_bytes()
    for change in (
        lambda path: path.write_bytes(content.replace(b"0.9", b"0.8")),
        lambda path: path.unlink(),
        lambda path: path.with_suffix(".pkl").write_bytes(content),
    ):
        change(folder / name)
        rewrite_sums(folder)
        assert "was written for other files than those beside it" in refusal(folder, small_catalogue)
        (folder / name).write_bytes(content)


def test_a_promoted_version_cannot_be_replaced(
    folder: Path, store: UPath, small_catalogue: Catalogue, promote: Callable[..., HistoryEntry]
) -> None:
    """Even with every sum and the description made anew, a version is not another than the one promoted."""
    promote(store, "v001", "anna", "first")
    model = folder / "model.json"
    model.write_bytes(model.read_bytes().replace(b'"cut_off": 0.0909', b'"cut_off": 0.9999'))
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != "SHA256SUMS"}
    description = {**json.loads(files["version.json"]), "content_hash": content_hash(files)}
    (folder / "version.json").write_text(json.dumps(description))
    rewrite_sums(folder)
    assert "is not what was promoted as v001" in refusal(folder, small_catalogue)
