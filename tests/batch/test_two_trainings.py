"""Two trainings at once, in processes of their own, into one store."""

import subprocess
import sys
from pathlib import Path

from model_store import history, list_versions, load, open_store, read_record

TRAINING = """
import sys
from batch.console import Progress
from batch.train import TrainingPlan, run_training
from model_store import open_store
from training import TrainingSettings, TreeSettings
trees = TreeSettings(learning_rate=0.1, max_trees=20, patience=10)
plan = TrainingPlan(TrainingSettings(trees=trees, importance_clients=200))
print("ready", flush=True)
sys.stdin.readline()
data, store, who = sys.argv[1:]
print(run_training(open_store(data), open_store(store), Progress(), promoted_by=who, plan=plan))
"""
"""A training that begins when a line is typed, and prints the version it made."""


def test_two_trainings_at_once_do_not_disturb_each_other(portfolio: Path, tmp_path: Path) -> None:
    """Both versions are whole and, made of the same data with the same seed, the same; both promotions stand in the
    history, one after the other; nothing else is left in the store."""
    store = open_store(tmp_path / "store")
    command = [sys.executable, "-c", TRAINING, str(portfolio), str(store)]
    trainings = [
        subprocess.Popen([*command, who], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for who in ("anna", "ben")
    ]
    for training in trainings:
        assert training.stdout is not None
        assert training.stdout.readline() == "ready\n"
    for training in trainings:
        assert training.stdin is not None
        training.stdin.write("go\n")
        training.stdin.flush()
    said = [training.communicate()[0].strip() for training in trainings]
    assert [training.returncode for training in trainings] == [0, 0]

    assert sorted(said) == ["v001", "v002"]
    assert [found.problem for found in list_versions(store)] == [None, None]
    records = [read_record(store, version) for version in ("v001", "v002")]
    assert records[0].content_hash == records[1].content_hash
    assert {path.name for path in (store / "models").iterdir()} == {"v001", "v002", "history"}
    first, second = history(store)
    assert {first.who, second.who} == {"anna", "ben"}
    assert (first.previous, second.previous) == (None, first.version)
    assert {first.version, second.version} == {"v001", "v002"}
    assert load(store).version == second.version
    assert len([path for path in (store / "ingests").iterdir() if path.name[0] != "."]) == 1
