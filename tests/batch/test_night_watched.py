"""A night as machines watch it: figures for Prometheus, lines of JSON, the stages; published, refused or failed."""

import json
import re
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from command_line import Pret
from mini_tables import mini_tables, write_tables
from processes import SECONDS, dripping, is_read, running, wait_until

from batch.console import Progress
from batch.metrics import Gauge, exposition
from batch.steps.stages import stages_of
from model_store import read_run

PRET = str(Path(sys.executable).parent / "pret")
NIGHT = ("--as-of", "2026-11-24")
_SAMPLE = re.compile(r'(pret_night_\w+)(?:\{(\w+)="((?:[^"\\\n]|\\.)*)"\})? (-?[0-9.e+-]+|NaN)')


def parsed(text: str) -> dict[tuple[str, str], float]:
    """Samples by name and label value. Fails on a line that the text format does not allow."""
    samples: dict[tuple[str, str], float] = {}
    typed: list[str] = []
    assert text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# "):
            kind, name, rest = line[2:].split(" ", 2)
            assert kind in ("HELP", "TYPE")
            if kind == "TYPE":
                assert rest == "gauge"
                assert name not in typed, "a figure is announced once"
                typed.append(name)
            continue
        found = _SAMPLE.fullmatch(line)
        assert found, line
        assert found[1] == typed[-1], "samples follow their announcement"
        key = (found[1].removeprefix("pret_night_"), found[3] or "")
        assert key not in samples
        samples[key] = float(found[4])
    return samples


def test_a_published_night_leaves_its_figures(pret: Pret, guarded_store: Path, portfolio: Path) -> None:
    """Every line is of the text format; the figures are those of run.json and published.json."""
    assert pret("night", "--data", portfolio, "--store", guarded_store, *NIGHT).code == 0
    found = parsed((guarded_store / "metrics" / "pret_night.prom").read_text())
    run = read_run(guarded_store).document
    assert found["exit_code", ""] == 0
    assert found["clients", ""] == run["clients"] == 1500
    published = json.loads((guarded_store / "published.json").read_text())["published_at"]
    assert found["last_success_timestamp_seconds", ""] == datetime.fromisoformat(published).timestamp()
    assert found["last_run_timestamp_seconds", ""] >= found["last_success_timestamp_seconds", ""]
    assert {key[1]: value for key, value in found.items() if key[0] == "decisions"} == run["decisions"]
    rejected = {table: sum(kinds.values()) for table, kinds in run["ingest"]["rejected"].items()}
    assert {key[1]: value for key, value in found.items() if key[0] == "rejected_rows"} == rejected
    stages = {entry["stage"]: entry["seconds"] for entry in run["stages"]}
    assert {key[1]: value for key, value in found.items() if key[0] == "stage_duration_seconds"} == stages
    assert found["score_psi", "training"] >= 0
    assert found["score_psi", "last_night"] == 0
    checks = {check["name"]: float(check["passed"]) for check in run["checks"]}
    assert {key[1]: value for key, value in found.items() if key[0] == "check_passed"} == checks
    assert found["checks_failed", ""] == 0


def test_a_refused_night_tells_prometheus(
    pret: Pret, guarded_store: Path, portfolio: Path, tmp_path: Path
) -> None:
    """Exit code 3 and the check at fault; the last success stays where it was; --metrics chooses the file."""
    (guarded_store / "limits.toml").write_text("missing_share = 0.0")
    before = json.loads((guarded_store / "published.json").read_text())["published_at"]
    file = tmp_path / "textfile" / "pret.prom"
    arguments = ("night", "--data", portfolio, "--store", guarded_store, *NIGHT, "--metrics", file)
    assert pret(*arguments).code == 3
    found = parsed(file.read_text())
    assert found["exit_code", ""] == 3
    assert found["check_passed", "missing_share"] == 0
    assert found["checks_failed", ""] == 1
    assert found["last_success_timestamp_seconds", ""] == datetime.fromisoformat(before).timestamp()
    assert not (guarded_store / "metrics").exists()


ACCEPT = ("runs", "accept", f"{NIGHT[1]}-001", "missing_share", "--why", "known")


@pytest.mark.parametrize("chosen", [(), ("--metrics", "textfile/pret.prom")])
def test_an_accepted_night_is_told_as_published(
    chosen: tuple[str, ...],
    pret: Pret,
    guarded_store: Path,
    portfolio: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """`pret runs accept` replaces the figures of the refusal where its night wrote them, wherever it is typed: an
    alert on them ends; the check stays failed."""
    monkeypatch.chdir(tmp_path)
    (guarded_store / "limits.toml").write_text("missing_share = 0.0")
    assert pret("night", "--data", portfolio, "--store", guarded_store, *NIGHT, *chosen).code == 3
    monkeypatch.chdir("/")
    assert pret(*ACCEPT, "--store", guarded_store).code == 0
    (file,) = tmp_path.rglob("*.prom")
    found = parsed(file.read_text())
    assert found["exit_code", ""] == 0
    assert found["checks_failed", ""] == 1
    published = json.loads((guarded_store / "published.json").read_text())["published_at"]
    assert found["last_success_timestamp_seconds", ""] == datetime.fromisoformat(published).timestamp()


def test_a_later_night_that_was_refused_is_still_told(
    pret: Pret, guarded_store: Path, portfolio: Path
) -> None:
    """Accepting the night before it does not end the alert on it."""
    (guarded_store / "limits.toml").write_text("missing_share = 0.0")
    night = ("night", "--data", portfolio, "--store", guarded_store, "--as-of")
    assert [pret(*night, day).code for day in (NIGHT[1], "2027-01-05")] == [3, 3]
    assert pret(*ACCEPT, "--store", guarded_store).code == 0
    assert parsed((guarded_store / "metrics" / "pret_night.prom").read_text())["exit_code", ""] == 3


def test_a_later_night_that_failed_before_it_had_a_record_is_still_told(
    pret: Pret, guarded_store: Path, portfolio: Path
) -> None:
    """It is not among the runs, but the figures are its own: accepting the night before leaves them."""
    limits = guarded_store / "limits.toml"
    night = ("night", "--data", portfolio, "--store", guarded_store, "--as-of")
    limits.write_text("missing_share = 0.0")
    assert pret(*night, NIGHT[1]).code == 3
    limits.write_text("mising_share = 0.0")
    assert pret(*night, "2026-11-25").code == 1
    accepted = pret(*ACCEPT, "--store", guarded_store)
    assert accepted.code == 0
    assert "pret_night.prom tells of another night and stays as it is" in accepted.err
    assert parsed((guarded_store / "metrics" / "pret_night.prom").read_text())["exit_code", ""] == 1


def test_a_store_that_is_not_there_is_not_made_by_telling_so(
    pret: Pret, portfolio: Path, tmp_path: Path
) -> None:
    """A mistyped store leaves nothing behind; a file given for the figures says that the night failed."""
    night = ("night", "--data", portfolio, "--store", tmp_path / "sotre", *NIGHT)
    assert pret(*night).code == 1
    assert not (tmp_path / "sotre").exists()
    assert pret(*night, "--metrics", tmp_path / "pret.prom").code == 1
    assert parsed((tmp_path / "pret.prom").read_text())["exit_code", ""] == 1


def test_a_night_that_fails_at_once_tells_no_other_nights_figures(pret: Pret, guarded_store: Path) -> None:
    """Without input there are no clients and no checks to tell, only that it failed."""
    assert pret("night", "--data", "nowhere", "--store", guarded_store, *NIGHT).code == 1
    found = parsed((guarded_store / "metrics" / "pret_night.prom").read_text())
    assert found["exit_code", ""] == 1
    assert found["clients", ""] == 0
    assert not [key for key in found if key[0] == "check_passed"]


def test_figures_that_cannot_be_written_do_not_fail_the_night(
    pret: Pret, guarded_store: Path, portfolio: Path, tmp_path: Path
) -> None:
    """The night is published; one line says which file could not be written."""
    (tmp_path / "file").write_text("")
    metrics = tmp_path / "file" / "pret.prom"
    answer = pret("night", "--data", portfolio, "--store", guarded_store, *NIGHT, "--metrics", metrics)
    assert answer.code == 0
    assert "figures for Prometheus could not be written" in answer.err


def test_labels_are_escaped() -> None:
    """Quotes, backslashes and line ends in a value do not break its line."""
    text = exposition([Gauge("pret_night_x", "a\\b\nc", (({"check": 'q"\\\n'}, 1.5),))])
    assert (
        text
        == '# HELP pret_night_x a\\\\b\\nc\n# TYPE pret_night_x gauge\npret_night_x{check="q\\"\\\\\\n"} 1.5\n'
    )
    assert parsed(text) == {("x", 'q\\"\\\\\\n'): 1.5}


@pytest.mark.parametrize("way", ["--log-json", "variable"])
def test_lines_of_json_say_what_happened(
    way: str, pret: Pret, guarded_store: Path, portfolio: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every line on standard error is an object with time, level and event: stages, then the night."""
    monkeypatch.setenv("PRET_LOG", "json" if way == "variable" else "")
    more = ["--log-json"] if way == "--log-json" else []
    answer = pret("night", "--data", portfolio, "--store", guarded_store, *NIGHT, *more)
    assert answer.code == 0
    lines = [json.loads(line) for line in answer.err.splitlines()]
    assert all({"time", "level", "event"} <= line.keys() for line in lines)
    stages = [line for line in lines if line["event"] == "stage"]
    told = {line["stage"]: line["seconds"] for line in stages}
    assert len(stages) == len(told), "each stage is told once"
    (night,) = [line for line in lines if line["event"] == "night"]
    assert {"score", "check", "publish"} <= told.keys()
    assert night["status"] == "published"
    assert {entry["stage"]: entry["seconds"] for entry in night["stages"]} == told
    assert next(entry for entry in night["stages"] if entry["stage"] == "score")["rows"] == 1500
    assert night["rejected"] == read_run(guarded_store).document["ingest"]["rejected"] != {}


def test_an_error_is_a_line_of_json(pret: Pret, guarded_store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Message, kind and exit code, with level error; the night's own line says that it failed."""
    monkeypatch.setenv("PRET_LOG", "json")
    answer = pret("night", "--data", "nowhere", "--store", guarded_store, *NIGHT)
    lines = [json.loads(line) for line in answer.err.splitlines()]
    assert [line["event"] for line in lines] == ["stage", "night", "error"]
    assert (lines[0]["stage"], lines[1]["status"]) == ("prepare", "failed")
    assert (lines[2]["kind"], lines[2]["exit_code"], lines[2]["level"]) == ("InputError", 1, "error")
    assert "nowhere is not a folder" in lines[2]["message"]


def test_a_wrong_call_is_a_line_of_json(pret: Pret, monkeypatch: pytest.MonkeyPatch) -> None:
    """No frame for people among the lines: what is missing, its kind, exit code 2."""
    monkeypatch.setenv("PRET_LOG", "json")
    answer = pret("night", "--data", "tables")
    (line,) = [json.loads(line) for line in answer.err.splitlines()]
    assert (answer.code, line["exit_code"], line["kind"]) == (2, 2, "MissingParameter")
    assert "Missing option '--store'" in line["message"]


def test_a_stopped_night_ends_in_a_line_of_json(own_store: Path, tmp_path: Path) -> None:
    """systemd stops it while tables are read: nothing but objects on standard error, the last says so."""
    folder = write_tables(tmp_path / "tables", mini_tables())
    last = folder / "installments_payments.csv"
    command = [PRET, "night", "--data", str(folder), "--store", str(own_store), "--log-json", *NIGHT]
    with running(command) as process:
        with dripping(last, last.read_bytes()[:500]) as pipe:
            wait_until(lambda: is_read(pipe), process)
            process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=SECONDS)
    lines = [json.loads(line) for line in said.decode().splitlines()]
    assert (process.returncode, lines[-1]["event"], lines[-1]["exit_code"]) == (143, "error", 143)


def test_stages_leave_no_gap() -> None:
    """Their seconds add up to the age of the process and what passed since, whatever lay between two of them."""
    progress, began = Progress(age=3.0), time.monotonic()
    progress.passed("prepare")
    for name in ("read", "check"):
        with progress.step(name):
            pass
        progress.passed("check")
    assert [*progress.seconds] == ["prepare", "read", "check"]
    assert 3.0 <= sum(progress.seconds.values()) <= 3.0 + time.monotonic() - began + 0.005


def test_a_process_knows_its_age() -> None:
    """From the first moment on, before anything is imported: no more than what its caller has waited."""
    began = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", "from batch.owners import age; print(age())"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert 0 < float(told) <= time.monotonic() - began + 0.02  # clock ticks are hundredths


def test_stages_count_rows_then_clients() -> None:
    """Rows of the tables while files are read, clients from the scores on, nothing for a stage of another kind."""
    document = {"clients": 10, "ingest": {"rows": {"a": 70, "b": 20}, "rejected": {"b": {"x": 8, "y": 2}}}}
    found = stages_of({"read": 2.0, "shard": 0.5, "score": 4.0, "wait": 1.0, "publish": 0.0}, document)
    assert [(entry["rows"], entry["rows_per_second"]) for entry in found] == [
        (100, 50),
        (90, 180),
        (10, 2),
        (None, None),
        (10, None),
    ]


def test_the_night_prints_its_stages(pret: Pret, guarded_store: Path, portfolio: Path) -> None:
    """The table at the end and in `runs show`: each stage with seconds, rows and rows a second, then the total."""
    said = pret("night", "--data", portfolio, "--store", guarded_store, *NIGHT).out
    shown = pret("runs", "show", "--store", guarded_store).out
    for entry in read_run(guarded_store).document["stages"]:
        rows = f"{entry['rows']:,}" if entry["rows"] is not None else ""
        row = rf"│ {entry['stage']} +│ +{entry['seconds']:.1f} │ +{rows} │"
        assert re.search(row, said)
        assert re.search(row, shown)
    assert re.search(r"│ total +│ +\d+\.\d │", said)
