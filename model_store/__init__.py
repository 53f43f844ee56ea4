"""Where models and published runs lie, and the only doors to them.

Belongs here: versions, aliases, history; the scorebook. Does not: how a model is made or a run computed.
"""

from model_store.aliases import HistoryEntry, champion, history, promote, resolve, rollback
from model_store.errors import (
    CatalogueMismatch,
    ModelDamaged,
    ModelNotFound,
    ModelStoreError,
    NothingToRollBack,
)
from model_store.scorebook import (
    NothingPublished,
    Run,
    UnknownClient,
    UnknownRun,
    list_runs,
    published_run,
    read_contributions,
    read_features,
    read_run,
    read_scores,
    read_targets,
)
from model_store.scoring_model import ScoringModel
from model_store.storage import open_store
from model_store.versions import VersionSummary, list_versions, load, read_note, save

__all__ = [
    "CatalogueMismatch",
    "HistoryEntry",
    "ModelDamaged",
    "ModelNotFound",
    "ModelStoreError",
    "NothingPublished",
    "NothingToRollBack",
    "Run",
    "ScoringModel",
    "UnknownClient",
    "UnknownRun",
    "VersionSummary",
    "champion",
    "history",
    "list_runs",
    "list_versions",
    "load",
    "open_store",
    "promote",
    "published_run",
    "read_contributions",
    "read_features",
    "read_note",
    "read_run",
    "read_scores",
    "read_targets",
    "resolve",
    "rollback",
    "save",
]
