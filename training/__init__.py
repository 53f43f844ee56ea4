"""From features and known outcomes to a model version with its methodological note.

Belongs here: folds, fitting, figures, note. Does not: reading tables (batch), the store (model_store).
"""

from training.feature_report import ReportSettings, report_features
from training.note import LANGUAGES, write_note
from training.settings import TrainingSettings, TreeSettings
from training.train import TrainedModel, save_version, train_version

__all__ = [
    "LANGUAGES",
    "ReportSettings",
    "TrainedModel",
    "TrainingSettings",
    "TreeSettings",
    "report_features",
    "save_version",
    "train_version",
    "write_note",
]
