"""From features and known outcomes to a model version with its methodological note.

Belongs here: candidates, folds, search, calibration, choice, figures, note. Does not: reading tables (batch), the
store (model_store).
"""

from training.compare import MOST_COMPARED, compare_candidates
from training.feature_report import ReportSettings, report_features
from training.importance import sample_rows
from training.inputs import build_inputs
from training.note import LANGUAGES, write_note
from training.settings import TrainingSettings, TreeSettings
from training.train import TrainedModel, save_version, train_version
from training.trials import Trial, best_trial, trial_of, tuned
from training.tuning import tune

__all__ = [
    "LANGUAGES",
    "MOST_COMPARED",
    "ReportSettings",
    "TrainedModel",
    "TrainingSettings",
    "TreeSettings",
    "Trial",
    "best_trial",
    "build_inputs",
    "compare_candidates",
    "report_features",
    "sample_rows",
    "save_version",
    "train_version",
    "trial_of",
    "tune",
    "tuned",
    "write_note",
]
