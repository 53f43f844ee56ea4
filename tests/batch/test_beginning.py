"""What a command has to wait for before it begins."""

import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from command_line import Pret

HEAVY = ("sklearn", "scipy.stats", "lightgbm", "optuna", "lime")


def loaded_by(code: str) -> str:
    """Which heavy libraries a process has loaded that did this; whether it collects garbage."""
    told = f"print([name for name in {HEAVY!r} if name in sys.modules], gc.isenabled())"
    said = subprocess.run(
        [sys.executable, "-c", f"import gc, sys\n{code}\n{told}"], capture_output=True, text=True, check=True
    )
    return said.stdout.strip()


def test_commands_load_no_library_for_training() -> None:
    """They take a second, which `pret runs list` and each night would pay; garbage is collected afterwards."""
    assert loaded_by("import batch.cli, batch.night") == "[] True"


def test_clients_are_scored_and_explained_without_lightgbm(small_store: Path) -> None:
    """A stored model answers from its text; what it says is what its Booster predicts, which is loaded then."""
    answered = (
        "from explain import answer_clients\n"
        "from model_store import load, read_features\n"
        f"model, features = load({str(small_store)!r}), read_features({str(small_store)!r}).head(50)\n"
        "found = answer_clients(model, features)\n"
    )
    assert loaded_by(answered) == "[] True"
    predicted = "assert (model.probability(features) == found.probability).all()\n"
    assert "lightgbm" in loaded_by(answered + predicted)


def test_who_answers_people_loads_them_before() -> None:
    """What a night leaves out, service and dashboard load before the first visitor asks."""
    said = loaded_by("from explain.ahead import load_libraries\nload_libraries()")
    assert said == "['sklearn', 'scipy.stats', 'lightgbm', 'lime'] True"


@pytest.mark.parametrize(
    ("arguments", "keeps"),
    [
        ("night --data nowhere --store nowhere", True),
        ("train --data nowhere --store nowhere", True),
        ("features report --data nowhere --store nowhere", True),
        ("serve --store {store} --port {taken}", False),
        ("api --store {store} --port {taken}", False),
    ],
)
def test_only_jobs_that_end_keep_freed_memory(
    arguments: str, keeps: bool, pret: Pret, small_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gigabyte that a server keeps is missing for whatever runs beside it."""
    asked: list[tuple[int, int]] = []
    library = SimpleNamespace(mallopt=lambda which, size: asked.append((which, size)))
    monkeypatch.setattr("ctypes.CDLL", lambda _: library)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = arguments.format(store=small_store, taken=taken.getsockname()[1])
        assert pret(*command.split()).code == 1
    assert bool(asked) == keeps


def test_freed_blocks_are_taken_again() -> None:
    """A block of 8 MB that is taken fifty times asks the kernel for its 2,048 pages about once, not each time."""
    taken = (
        "import resource\n"
        "from batch.memory import keep_freed_memory\n"
        "keep_freed_memory()\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "for _ in range(50):\n"
        "    bytes(bytearray(8 << 20))\n"
        "assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 50 * 2048 / 4\n"
    )
    assert loaded_by(taken).startswith("[]")
