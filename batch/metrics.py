"""The figures of the last night for Prometheus' textfile collector, replaced in one step.

Belongs here: names, help and format of the figures. Does not: the figures (run.json).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from upath import UPath

from model_store import NothingPublished
from model_store.nights import published_at
from model_store.storage import publish_bytes

Sample = tuple[Mapping[str, str], float]


@dataclass(frozen=True)
class Gauge:
    """One figure with its help and a value per set of labels."""

    name: str
    help: str
    samples: tuple[Sample, ...]


def metrics_file(store: UPath) -> UPath:
    """Where the figures lie unless --metrics says otherwise."""
    return store / "metrics" / "pret_night.prom"


def are_of(path: UPath, run_id: str) -> bool:
    """Whether the figures in a file are of that night; true where there are none that can be read."""
    try:
        return f'{{run="{run_id}"}} 1.0\n'.encode() in path.read_bytes()
    except OSError:
        return True


def write_metrics(
    path: UPath, store: UPath, document: Mapping[str, Any], exit_code: int, ended_at: datetime
) -> None:
    """The figures of a night that ended with `exit_code`; `document` is its run.json, empty if it has none."""
    gauges = [*_always(store, exit_code, ended_at), *(_of_run(document) if document else ())]
    publish_bytes(path, exposition(gauges).encode())


def exposition(gauges: Iterable[Gauge]) -> str:
    """Prometheus' text format, version 0.0.4; figures without a sample are left out."""
    lines = []
    for gauge in gauges:
        if gauge.samples:
            lines += [f"# HELP {gauge.name} {_help(gauge.help)}", f"# TYPE {gauge.name} gauge"]
            lines += [f"{gauge.name}{_labels(labels)} {value!r}" for labels, value in gauge.samples]
    return "\n".join(lines) + "\n"


def _always(store: UPath, exit_code: int, ended_at: datetime) -> Iterable[Gauge]:
    yield _gauge(
        "last_run_timestamp_seconds", "When the last night ended, whatever came of it.", ended_at.timestamp()
    )
    yield _gauge("exit_code", "0 published, 1 error, 3 refused by a check.", exit_code)
    try:
        since = published_at(store)
    except (NothingPublished, ValueError):
        return
    if since:
        published = datetime.fromisoformat(since).timestamp()
        yield _gauge("last_success_timestamp_seconds", "When readers got the night that they see.", published)


def _of_run(document: Mapping[str, Any]) -> Iterable[Gauge]:
    checks = document.get("checks", [])
    rejected = document.get("ingest", {}).get("rejected", {})
    stages = document.get("stages", [])
    yield _by("run", "Which night the figures are of, 1.", "run", {document["run_id"]: 1})
    yield _gauge("clients", "Clients scored.", document.get("clients", 0))
    yield _by("decisions", "Clients by decision.", "decision", document.get("decisions", {}))
    yield _by(
        "rejected_rows",
        "Rows set aside by table.",
        "table",
        {t: sum(k.values()) for t, k in rejected.items()},
    )
    yield _by(
        "stage_duration_seconds", "Duration by stage.", "stage", {s["stage"]: s["seconds"] for s in stages}
    )
    yield _by(
        "stage_rows",
        "Rows by stage.",
        "stage",
        {s["stage"]: s["rows"] for s in stages if s["rows"] is not None},
    )
    psi = {
        check["name"].removeprefix("score_psi_"): check["value"]
        for check in checks
        if "score_psi" in check["name"]
    }
    yield _by("score_psi", "Population stability index of the default probabilities.", "against", psi)
    yield _by(
        "check_passed", "1 where a check passed.", "check", {c["name"]: int(c["passed"]) for c in checks}
    )
    yield _gauge(
        "checks_failed", "Checks that failed, accepted ones included.", sum(not c["passed"] for c in checks)
    )


def _gauge(name: str, text: str, value: float) -> Gauge:
    return Gauge(f"pret_night_{name}", text, (({}, float(value)),))


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> Gauge:
    return Gauge(
        f"pret_night_{name}", text, tuple(({label: key}, float(value)) for key, value in values.items())
    )


def _labels(labels: Mapping[str, str]) -> str:
    return (
        "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items()) + "}"
        if labels
        else ""
    )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _help(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")
