"""What a version says of itself, verified byte by byte, whether or not this code can still compute its features.

Belongs here: the files of a version and reading them. Does not: the model that can score (versions).

A version is model.txt (LightGBM's text format), model.json (what decides, and what was measured), features.json
(inputs in order, declarations, category codes), out_of_fold.parquet, background.parquet, note.LANGUAGE.html,
version.json and SHA256SUMS: text, JSON and Parquet, nothing executable. Name, time and circumstances of a
training (APART) lie in version.json and in the notes only: the other files, and so `content_hash`, are the
same for the same data, settings and packages.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
from upath import UPath

from model_store.aliases import resolve
from model_store.checksums import DESCRIPTION, SUMS_FILE, read_verified, sums_text
from model_store.declarations import Declared
from model_store.errors import ModelDamaged, ModelStoreError
from model_store.history import latest
from model_store.version_folders import version_folder

LAYOUT = 2
CONTENT = ("background.parquet", "features.json", "model.json", "model.txt", "out_of_fold.parquet")
APART = ("created_at", "circumstances", "history")
"""What of a training's metadata is kept out of the content, since the same training need not repeat it: time,
durations, machine; what was compared and tuned before."""


@dataclass(frozen=True, eq=False)
class VersionRecord:
    """A version's verified files, and the JSON in them: `model` is model.json, `description` version.json."""

    version: str
    files: Mapping[str, bytes]
    description: Mapping[str, Any]
    model: Mapping[str, Any]
    features: Mapping[str, Any]

    @property
    def content_hash(self) -> str:
        """16 hex digits over everything that the same training would make again."""
        return str(self.description["content_hash"])

    @property
    def metadata(self) -> dict[str, Any]:
        """What the training said: figures, settings, data, packages, and when it was."""
        apart = {name: self.description[name] for name in APART if name in self.description}
        return {**self.model["metadata"], **apart}

    @property
    def metrics(self) -> dict[str, dict[str, Any]]:
        """Per metric its mean and standard error over folds, as the training stated them."""
        return dict(self.model["metadata"].get("metrics", {}))

    @property
    def inputs(self) -> tuple[str, ...]:
        """The model's inputs in order."""
        return tuple(self.features["inputs"])

    @property
    def declared(self) -> Declared:
        """The features that it was trained on, protected ones included."""
        return Declared(self.features["definitions"], self.features["declarations"])

    @cached_property
    def out_of_fold(self) -> pd.DataFrame:
        """As ScoringModel.out_of_fold."""
        return pd.read_parquet(io.BytesIO(self.files["out_of_fold.parquet"]))

    @property
    def sums(self) -> str:
        """SHA-256 of the sums file: stands for every byte of the version."""
        return hashlib.sha256(sums_text(self.files)).hexdigest()


def content_hash(files: Mapping[str, bytes]) -> str:
    """16 hex digits over the files that do not depend on when and under which name they were made."""
    return hashlib.sha256(sums_text({name: files[name] for name in CONTENT})).hexdigest()[:16]


def read_record(store: UPath, version_or_alias: str) -> VersionRecord:
    """The record of a version. Errors: ModelNotFound; ModelDamaged naming the file, or that the folder is not the
    version it is named after, or not what was promoted; ModelStoreError for another release's layout."""
    version = resolve(store, version_or_alias)
    folder = version_folder(store, version)
    files = read_verified(folder)
    description = json.loads(files.get(DESCRIPTION, b"{}"))
    if description.get("layout") != LAYOUT:
        raise ModelStoreError(
            f"{folder} is of layout {description.get('layout')}, this release of pret reads layout {LAYOUT}; "
            "train a new version"
        )
    if description["version"] != version:
        raise ModelDamaged(
            f"{folder / DESCRIPTION} is that of version {description['version']}: the folder was renamed or "
            "copied by hand; name it as it was"
        )
    _require_content(folder, files, description)
    model, features = json.loads(files["model.json"]), json.loads(files["features.json"])
    record = VersionRecord(version, files, description, model, features)
    _require_as_promoted(store, folder, record)
    return record


def _require_content(folder: UPath, files: Mapping[str, bytes], description: Mapping[str, Any]) -> None:
    """The files are those that the description was written for, also where the sums were made anew."""
    same_files = files.keys() == {*description["files"], DESCRIPTION}
    if not same_files or content_hash(files) != description["content_hash"]:
        raise ModelDamaged(
            f"{folder / DESCRIPTION} was written for other files than those beside it: they and {SUMS_FILE} were "
            "changed together; restore the folder from a backup"
        )


def _require_as_promoted(store: UPath, folder: UPath, record: VersionRecord) -> None:
    """A version that ever had an alias is still the one that got it, even if all its sums were made anew."""
    newest = latest(store)
    if newest and newest.sums.get(record.version, record.sums) != record.sums:
        raise ModelDamaged(
            f"{folder} is not what was promoted as {record.version}: its files and sums were made anew; restore "
            "the folder from a backup, or promote another version"
        )
