"""What operators are told and given: the tables of docs/operations.md, the cron script, the systemd units."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest
from command_line import Pret

from batch.errors import CheckFailed, JobError, NightRunning
from batch.steps.limits import Limits, reasons
from model_store import published_run

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
PRET = str(Path(sys.executable).parent / "pret")


@pytest.fixture(scope="module")
def manual() -> str:
    """docs/operations.md."""
    return (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


def test_the_manual_lists_every_limit(manual: str) -> None:
    """Each with the default and the reason that the program has, in its order, and no other."""
    rows = [f"| `{entry.name}` | {entry.default:.2f} | {reasons()[entry.name]} |" for entry in fields(Limits)]
    assert "\n".join(rows) in manual
    told = re.findall(r"^\| `(\w+)` \| [0-9.]+ \|", manual, re.MULTILINE)
    assert told == [entry.name for entry in fields(Limits)]


def test_the_manual_says_the_exit_codes(manual: str) -> None:
    """Those that the program ends with."""
    codes = re.findall(r"^\| ([0-9, ]+) \|", manual, re.MULTILINE)
    assert codes == [
        "0",
        str(JobError.exit_code),
        "2",
        str(CheckFailed.exit_code),
        str(NightRunning.exit_code),
        "130, 143",
    ]


def test_the_manual_names_every_figure(manual: str, pret: Pret, guarded_store: Path, portfolio: Path) -> None:
    """All that a night writes for Prometheus, and nothing that it does not write."""
    pret("night", "--data", portfolio, "--store", guarded_store, "--as-of", "2026-11-24")
    text = (guarded_store / "metrics" / "pret_night.prom").read_text()
    assert set(re.findall(r"pret_night_\w+", manual)) == set(re.findall(r"# TYPE (\w+)", text))


def run_script(store: Path, tables: Path) -> subprocess.CompletedProcess[str]:
    command = [str(DEPLOY / "run_night"), str(tables), str(store), "--as-of", "2026-11-24"]
    return subprocess.run(
        command, env=os.environ | {"PRET": PRET}, capture_output=True, text=True, check=False
    )


def test_the_cron_script_is_silent_about_a_published_night(guarded_store: Path, portfolio: Path) -> None:
    """Exit code 0 and not a word: cron sends no mail."""
    done = run_script(guarded_store, portfolio)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert published_run(guarded_store) == "2026-11-24-001"


def test_the_cron_script_tells_a_refused_night(guarded_store: Path, portfolio: Path) -> None:
    """pret's exit code and all it said, so that the mail says which check refused."""
    (guarded_store / "limits.toml").write_text("missing_share = 0.0")
    done = run_script(guarded_store, portfolio)
    assert done.returncode == 3
    assert "is not published: missing_share" in done.stderr


def test_the_cron_line_calls_the_script() -> None:
    """Five times, a user and the script of this folder with tables and store."""
    lines = (DEPLOY / "pret-night.cron").read_text().splitlines()
    (line,) = [line for line in lines if line and line[0] != "#" and not re.match(r"[A-Z_]+=", line)]
    minute, hour, *rest, user, script, tables, store = line.split()
    assert (int(minute) in range(60), int(hour) in range(24), rest) == (True, True, ["*", "*", "*"])
    assert user == "pret"
    assert os.access(DEPLOY / Path(script).name, os.X_OK)
    assert tables.startswith("/")
    assert store.startswith("/")


UNITS = ("pret-night.service", "pret-night.timer", "pret-failed@.service")


def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    """`systemd-analyze verify` accepts all of them; only the programs' paths are those of this machine."""
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed")
    for name in UNITS:
        unit = (DEPLOY / name).read_text().replace("/opt/pret/.venv/bin/pret", PRET)
        (tmp_path / name).write_text(unit.replace("/opt/pret/deploy", str(DEPLOY)))
    units = [str(tmp_path / name) for name in UNITS]
    done = subprocess.run([tool, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    own = [line for line in done.stderr.splitlines() if "pret-" in line]
    assert (done.returncode, own) == (0, [])


def test_a_failed_service_is_told(tmp_path: Path) -> None:
    """The night's service starts the unit that tells, whose script gives the operator's command the unit, how it
    ended and what it said; the script fails if that command does."""
    started = re.findall(r"^OnFailure=(.+)$", (DEPLOY / "pret-night.service").read_text(), re.MULTILINE)
    assert started == ["pret-failed@%N.service"]
    unit = (DEPLOY / "pret-failed@.service").read_text()
    (script, argument) = re.findall(r"^ExecStart=/opt/pret/deploy/(\S+) (\S+)$", unit, re.MULTILINE)[0]
    assert argument == "%i"
    told = tmp_path / "told"
    for command, code in ((f"cat > '{told}'", 0), ("false", 1)):
        systemd = {"PRET_TELL": command, "MONITOR_SERVICE_RESULT": "exit-code", "MONITOR_EXIT_STATUS": "3"}
        done = subprocess.run([DEPLOY / script, "pret-night"], env=os.environ | systemd, check=False)
        assert done.returncode == code
    first, *_ = told.read_text().splitlines()
    assert re.fullmatch(r"pret-night failed on \S+: exit-code, exit status 3", first)


def test_the_mail_says_that_the_unit_failed(tmp_path: Path) -> None:
    """Not that the night was not published: what comes after it, or another night that runs, fails the unit too."""
    unit = (DEPLOY / "pret-failed@.service").read_text()
    (command,) = re.findall(r'^Environment="PRET_TELL=(.+)"$', unit, re.MULTILINE)
    mail = tmp_path / "mail"
    mail.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > '{tmp_path}/said'\ncat > '{tmp_path}/body'\n")
    mail.chmod(0o755)
    given = {"PRET_TELL": command.replace("%i", "pret-night"), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run([DEPLOY / "tell_failure", "pret-night"], env=os.environ | given, check=True)
    assert (tmp_path / "said").read_text().splitlines() == ["-s", "pret-night failed", "risk-operations"]
    assert (tmp_path / "body").read_text().startswith("pret-night failed on ")


def test_the_service_runs_commands_that_exist(pret: Pret) -> None:
    """Every option that the unit gives is one that its command knows."""
    unit = (DEPLOY / "pret-night.service").read_text()
    commands = re.findall(r"^ExecStart(?:Post)?=\S+/pret (.+)$", unit, re.MULTILINE)
    assert len(commands) == 2
    for command in commands:
        words, options = re.match(r"([a-z ]+)", command)[1].split(), re.findall(r"--\w+", command)
        help_text = pret(*words, "--help").out
        assert all(option in help_text for option in options)
