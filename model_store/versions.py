"""Versions of the model: saved in one step, loaded only if every byte and every declaration is as it was.

Belongs here: a model into a version and back. Does not: its files (records), folders and numbers
(version_folders), champion (aliases).
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd
from upath import UPath

from features import CATALOGUE, Catalogue
from model_store.aliases import read_aliases
from model_store.boosters import StoredBooster
from model_store.checksums import DESCRIPTION
from model_store.declarations import declared, differences
from model_store.errors import CatalogueMismatch, ModelStoreError
from model_store.records import APART, LAYOUT, VersionRecord, content_hash, read_record
from model_store.scoring_model import ScoringModel
from model_store.storage import open_store
from model_store.version_folders import save_folder, version_names
from risk import RiskBands, ScoreScale, calibration_document, read_calibration

if TYPE_CHECKING:
    from lightgbm import Booster

_THREADS = re.compile(r"\[num_threads: -?\d+\]")


def save(
    store: UPath,
    model: ScoringModel,
    write_pages: Callable[[ScoringModel], Mapping[str, str]] = lambda model: {},
) -> str:
    """The name under which `model` now lies in the store ("v001", "v002", …); its own `version` is not read.

    `write_pages` gets the model under its new name and returns HTML: a note by language code ("en"), any other
    page by its name and language ("card.en"), Markdown by its file name ("card.en.md"). Two savings at once get
    two numbers; after a kill there is a complete version or none.
    """
    content = {
        "model.txt": _model_text(model.booster).encode(),
        "model.json": _json(_decision(model)),
        "features.json": _json(_features(model)),
        "out_of_fold.parquet": _parquet(model.out_of_fold),
        "background.parquet": _parquet(model.background),
    }
    digest = content_hash(content)

    def files_of(version: str) -> dict[str, bytes]:
        named = replace(model, version=version, content_hash=digest)
        files = dict(content)
        for name, text in write_pages(named).items():
            files[_page_file(name)] = text.encode()
        description = {
            "layout": LAYOUT,
            "version": version,
            "content_hash": digest,
            **{name: model.metadata[name] for name in APART if name in model.metadata},
            "files": {name: len(files[name]) for name in sorted(files)},
        }
        return {**files, DESCRIPTION: _json(description)}

    return save_folder(store, files_of)


def load(
    store: UPath | str, version_or_alias: str = "champion", catalogue: Catalogue = CATALOGUE
) -> ScoringModel:
    """The model of a version ("v003") or alias ("champion", "challenger"), verified byte by byte.

    Errors: ModelNotFound listing what there is; ModelDamaged naming the file; CatalogueMismatch naming the
    features whose declarations differ from this code's.
    """
    record = read_record(open_store(store), version_or_alias)
    require_same_catalogue(record, catalogue)
    return _model(record)


def read_note(store: UPath | str, version_or_alias: str = "champion", language: str = "en") -> str:
    """The version's note as HTML, verified. Errors: as `load`; ValueError for a language it lacks."""
    record = read_record(open_store(store), version_or_alias)
    page = record.files.get(_page_file(language))
    if page is None:
        languages = [name.split(".")[1] for name in record.files if name.startswith("note.")]
        raise ValueError(
            f"version {record.version} has no note in {language!r}, only in {', '.join(languages) or 'none'}"
        )
    return page.decode()


@dataclass(frozen=True)
class VersionSummary:
    """A version at a glance; figures are None where the version's metadata does not state them.

    `problem` is why the version cannot be loaded, None if its description is readable.
    """

    version: str
    aliases: tuple[str, ...]
    created_at: str | None = None
    content_hash: str | None = None
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
        record = read_record(store, version)
    except ModelStoreError as error:
        return VersionSummary(version, aliases, problem=str(error))
    metrics = record.metrics
    return VersionSummary(
        version=version,
        aliases=aliases,
        created_at=record.metadata.get("created_at"),
        content_hash=record.content_hash,
        catalogue_hash=record.model["catalogue_hash"],
        auc=metrics.get("auc", {}).get("mean"),
        cost_per_client=metrics.get("cost_per_client", {}).get("mean"),
        cut_off=record.model["cut_off"],
    )


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer)
    return buffer.getvalue()


def _page_file(name: str) -> str:
    if name.endswith(".md"):
        return name
    return f"{name}.html" if "." in name else f"note.{name}.html"


def _model_text(booster: Booster | StoredBooster) -> str:
    """LightGBM's text. How many threads grew the trees changes no tree and is no part of the model."""
    return _THREADS.sub("[num_threads: 0]", str(booster.model_to_string(num_iteration=-1)))


def _json(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def _decision(model: ScoringModel) -> dict[str, object]:
    return {
        "catalogue_hash": model.catalogue_hash,
        "calibration": calibration_document(model.calibration),
        "cut_off": model.cut_off,
        "review_from": model.review_from,
        "scale": asdict(model.scale),
        "bands": asdict(model.bands),
        "fn_cost": model.fn_cost,
        "fp_cost": model.fp_cost,
        "metadata": {name: value for name, value in model.metadata.items() if name not in APART},
    }


def _features(model: ScoringModel) -> dict[str, object]:
    return {
        "inputs": list(model.feature_names),
        "definitions": dict(model.definitions),
        "declarations": {name: dict(stated) for name, stated in model.declarations.items()},
    }


def _model(record: VersionRecord) -> ScoringModel:
    found, bands = record.model, record.model["bands"]
    return ScoringModel(
        version=record.version,
        booster=StoredBooster(record.files["model.txt"].decode()),
        feature_names=record.inputs,
        catalogue_hash=found["catalogue_hash"],
        definitions=record.declared.hashes,
        calibration=read_calibration(found["calibration"]),
        cut_off=found["cut_off"],
        review_from=found["review_from"],
        scale=ScoreScale(**found["scale"]),
        bands=RiskBands(tuple(bands["upper_bounds"]), tuple(bands["names"])),
        fn_cost=found["fn_cost"],
        fp_cost=found["fp_cost"],
        metadata=record.metadata,
        out_of_fold=record.out_of_fold,
        background=pd.read_parquet(io.BytesIO(record.files["background.parquet"])),
        declarations=record.declared.declarations,
        content_hash=record.content_hash,
    )


def require_same_catalogue(record: VersionRecord, catalogue: Catalogue) -> None:
    """Errors: CatalogueMismatch naming the features that only one of the two declares, or differently, and how."""
    trained_on = record.model["catalogue_hash"]
    if trained_on == catalogue.hash:
        return
    told = differences(record.declared, declared(catalogue)).told("the version", "this code")
    raise CatalogueMismatch(
        f"model {record.version} was trained on catalogue {trained_on}, this code has "
        f"{catalogue.hash} ({told or 'the same features in another order'}). Train a new version, or run the "
        "code that this version was trained with"
    )
