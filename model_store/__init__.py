"""Where models and published runs lie, and the only doors to them.

Belongs here: versions, aliases, history; the scorebook. Does not: how a model is made or a run computed.
"""

from model_store.aliases import champion, read_aliases, resolve
from model_store.client_shards import RowsNotKept, read_client_rows
from model_store.comparison import Comparison, Figure, compare
from model_store.declarations import Differences, declared, differences
from model_store.errors import (
    CatalogueMismatch,
    ModelDamaged,
    ModelNotFound,
    ModelStoreError,
    NothingToRollBack,
    WorseThanChampion,
)
from model_store.following import FollowedModel
from model_store.history import HistoryEntry, history
from model_store.promotion import promote, rollback
from model_store.records import VersionRecord, read_record
from model_store.scorebook import (
    NothingPublished,
    Run,
    UnknownClient,
    UnknownRun,
    list_runs,
    published_run,
    read_contributions,
    read_features,
    read_group_contributions,
    read_run,
    read_scores,
    read_targets,
)
from model_store.scoring_model import ScoringModel
from model_store.storage import open_store
from model_store.versions import VersionSummary, list_versions, load, read_note, save

__all__ = [
    "CatalogueMismatch",
    "Comparison",
    "Differences",
    "Figure",
    "FollowedModel",
    "HistoryEntry",
    "ModelDamaged",
    "ModelNotFound",
    "ModelStoreError",
    "NothingPublished",
    "NothingToRollBack",
    "RowsNotKept",
    "Run",
    "ScoringModel",
    "UnknownClient",
    "UnknownRun",
    "VersionRecord",
    "VersionSummary",
    "WorseThanChampion",
    "champion",
    "compare",
    "declared",
    "differences",
    "history",
    "list_runs",
    "list_versions",
    "load",
    "open_store",
    "promote",
    "published_run",
    "read_aliases",
    "read_client_rows",
    "read_contributions",
    "read_features",
    "read_group_contributions",
    "read_note",
    "read_record",
    "read_run",
    "read_scores",
    "read_targets",
    "resolve",
    "rollback",
    "save",
]
