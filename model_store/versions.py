"""Versions of the model: saved in one step, loaded only if every byte and every declaration is as it was.

Belongs here: the files of a version. Does not: folders and numbers (version_folders), champion (aliases).

A version is model.txt (LightGBM's text format), version.json, out_of_fold.parquet, background.parquet,
note.LANGUAGE.html and SHA256SUMS: text, JSON and Parquet, nothing executable.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import lightgbm
import pandas as pd
from upath import UPath

from features import CATALOGUE, Catalogue
from model_store.aliases import read_aliases, resolve
from model_store.checksums import read_verified
from model_store.errors import CatalogueMismatch, ModelDamaged
from model_store.scoring_model import ScoringModel
from model_store.storage import open_store
from model_store.version_folders import save_folder, version_folder, version_names
from risk import RiskBands, ScoreScale, calibration_document, read_calibration

LAYOUT = 1


def save(
    store: UPath,
    model: ScoringModel,
    write_notes: Callable[[ScoringModel], Mapping[str, str]] = lambda model: {},
) -> str:
    """The name under which `model` now lies in the store ("v001", "v002", …); its own `version` is not read.

    `write_notes` gets the model under its new name and returns HTML by language code. Two savings at once
    get two numbers; after a kill there is a complete version or none.
    """
    fixed = {
        "model.txt": model.booster.model_to_string(num_iteration=-1).encode(),
        "out_of_fold.parquet": _parquet(model.out_of_fold),
        "background.parquet": _parquet(model.background),
    }

    def files_of(version: str) -> dict[str, bytes]:
        named = replace(model, version=version)
        notes = {f"note.{language}.html": text.encode() for language, text in write_notes(named).items()}
        document = json.dumps(_document(named), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        return {**fixed, **notes, "version.json": document.encode()}

    return save_folder(store, files_of)


def load(
    store: UPath | str, version_or_alias: str = "champion", catalogue: Catalogue = CATALOGUE
) -> ScoringModel:
    """The model of a version ("v003") or alias ("champion", "challenger"), verified byte by byte.

    Errors: ModelNotFound listing what there is; ModelDamaged naming the file; CatalogueMismatch naming the
    features whose declarations differ from this code's.
    """
    place = open_store(store)
    version = resolve(place, version_or_alias)
    folder = version_folder(place, version)
    files = read_verified(folder)
    document = json.loads(files["version.json"])
    if document["layout"] != LAYOUT or document["version"] != version:
        raise ModelDamaged(
            f"{folder / 'version.json'} is of layout {document['layout']} and version {document['version']}, "
            f"expected layout {LAYOUT} and version {version}; was the folder renamed by hand?"
        )
    _require_same_catalogue(version, document, catalogue)
    return _model(document, files)


def read_note(store: UPath | str, version_or_alias: str = "champion", language: str = "en") -> str:
    """The version's note as HTML, verified. Errors: as `load`; ValueError for a language it lacks."""
    place = open_store(store)
    version = resolve(place, version_or_alias)
    files = read_verified(version_folder(place, version))
    name = f"note.{language}.html"
    if name not in files:
        languages = [found.split(".")[1] for found in files if found.startswith("note.")]
        raise ValueError(
            f"version {version} has no note in {language!r}, only in {', '.join(languages) or 'none'}"
        )
    return files[name].decode()


@dataclass(frozen=True)
class VersionSummary:
    """A version at a glance; figures are None where the version's metadata does not state them.

    `problem` is why the version cannot be loaded, None if its description is readable.
    """

    version: str
    aliases: tuple[str, ...]
    created_at: str | None = None
    catalogue_hash: str | None = None
    auc: float | None = None
    cost_per_client: float | None = None
    cut_off: float | None = None
    problem: str | None = None


def list_versions(store: UPath | str) -> list[VersionSummary]:
    """Every complete version, oldest first, with its aliases; a damaged one is listed with its problem."""
    place = open_store(store)
    aliases = read_aliases(place)
    return [
        _summary(place, version, tuple(alias for alias, name in aliases.items() if name == version))
        for version in version_names(place)
    ]


def _summary(store: UPath, version: str, aliases: tuple[str, ...]) -> VersionSummary:
    try:
        document = json.loads(read_verified(version_folder(store, version))["version.json"])
    except ModelDamaged as error:
        return VersionSummary(version, aliases, problem=str(error))
    metadata = document["metadata"]
    metrics = metadata.get("metrics", {})
    return VersionSummary(
        version=version,
        aliases=aliases,
        created_at=metadata.get("created_at"),
        catalogue_hash=document["catalogue_hash"],
        auc=metrics.get("auc", {}).get("mean"),
        cost_per_client=metrics.get("cost_per_client", {}).get("mean"),
        cut_off=document["cut_off"],
    )


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def _document(model: ScoringModel) -> dict[str, object]:
    return {
        "layout": LAYOUT,
        "version": model.version,
        "catalogue_hash": model.catalogue_hash,
        "feature_names": list(model.feature_names),
        "calibration": calibration_document(model.calibration),
        "cut_off": model.cut_off,
        "review_from": model.review_from,
        "scale": asdict(model.scale),
        "bands": asdict(model.bands),
        "fn_cost": model.fn_cost,
        "fp_cost": model.fp_cost,
        "metadata": dict(model.metadata),
        "definitions": dict(model.definitions),
    }


def _model(document: dict[str, Any], files: Mapping[str, bytes]) -> ScoringModel:
    bands = document["bands"]
    return ScoringModel(
        version=document["version"],
        booster=lightgbm.Booster(model_str=files["model.txt"].decode()),
        feature_names=tuple(document["feature_names"]),
        catalogue_hash=document["catalogue_hash"],
        definitions=document["definitions"],
        calibration=read_calibration(document["calibration"]),
        cut_off=document["cut_off"],
        review_from=document["review_from"],
        scale=ScoreScale(**document["scale"]),
        bands=RiskBands(tuple(bands["upper_bounds"]), tuple(bands["names"])),
        fn_cost=document["fn_cost"],
        fp_cost=document["fp_cost"],
        metadata=document["metadata"],
        out_of_fold=pd.read_parquet(io.BytesIO(files["out_of_fold.parquet"])),
        background=pd.read_parquet(io.BytesIO(files["background.parquet"])),
    )


def _require_same_catalogue(version: str, document: dict[str, Any], catalogue: Catalogue) -> None:
    if document["catalogue_hash"] == catalogue.hash:
        return
    saved, present = document["definitions"], catalogue.definitions
    groups = {
        "only in the version": [name for name in saved if name not in present],
        "only in this code": [name for name in present if name not in saved],
        "declared differently": [name for name in saved if present.get(name, saved[name]) != saved[name]],
    }
    told = "; ".join(f"{title}: {_some(names)}" for title, names in groups.items() if names)
    raise CatalogueMismatch(
        f"model {version} was trained on catalogue {document['catalogue_hash']}, this code has "
        f"{catalogue.hash} ({told or 'the same features in another order'}). Train a new version, or run the "
        "code that this version was trained with"
    )


def _some(names: list[str], limit: int = 8) -> str:
    more = len(names) - limit
    return ", ".join(names[:limit]) + (f" and {more} more" if more > 0 else "")
