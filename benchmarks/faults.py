"""Nights that are really killed, run out of disk, cannot write, lose workers, meet other clocks, locks and stores.

Belongs here: the campaign and its command. Does not: the faults (faults_of_processes, faults_of_files), the table
(faults_page).

`python -m benchmarks.faults [--kills N] [--each N] [--tables DIR CHANGED --store STORE]`: STORE has a champion and
a published night of DIR; it is copied.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.disturbed import Portfolio
from benchmarks.faults_of_files import full_disks, other_formats, read_only, truncated_files
from benchmarks.faults_of_processes import SEED, clocks, kills, second_nights, stale_locks, worker_kills
from benchmarks.faults_page import PAGE, Tally, page
from model_store import read_run

CLIENTS = 1500
PRET = [sys.executable, "-c", "from batch.cli import main; main()"]


def _made(folder: Path) -> tuple[list[Path], Path]:
    """Simulated tables of two nights, and a store with a champion and a published night of the first."""
    tables, store = folder / "tables", folder / "made"
    days = ["simulate", str(tables), "--clients", str(CLIENTS), "--seed", str(SEED), "--nights", "2"]
    subprocess.run([*PRET, *days], check=True, stdout=subprocess.DEVNULL)
    nights = [tables, *tables.glob("as_of=*")]
    data = ["--data", str(nights[0]), "--store", str(store)]
    for more in (["train", *data, "--promote"], ["night", *data, "--as-of", "2026-11-23"]):
        subprocess.run([*PRET, *more], check=True, stdout=subprocess.DEVNULL)
    return nights, store


def campaign(folder: Path, tables: Path, changed: Path, store: Path, kill: int, each: int) -> list[Tally]:
    """All faults: on a night that reads all tables, kills also on one that reads what changed since."""
    bare = shutil.copytree(store, folder / "bare")
    shutil.rmtree(bare / "ingests", ignore_errors=True)
    whole = Portfolio(tables, bare, folder)
    faults: list[Callable[[], Tally]] = [
        lambda: kills(whole, kill - kill // 2, "all tables read"),
        lambda: kills(Portfolio(changed, store, folder), kill // 2, "what changed since read"),
        lambda: full_disks(whole, whole.stages[:-1] * each or ("score",)),
        lambda: read_only(whole),
    ]
    more: list[Callable[[], Tally]] = [
        lambda: worker_kills(whole, 3 * each),
        lambda: second_nights(whole),
        lambda: clocks(whole),
        lambda: stale_locks(whole),
        lambda: other_formats(whole),
        lambda: truncated_files(whole),
    ]
    tallies = []
    for fault in [*faults, *(more if each else ())]:
        tallies.append(fault())
        print(tallies[-1].line, *tallies[-1].lost, sep="\n", flush=True)  # noqa: T201 - minutes pass between them
    return tallies


def main() -> None:
    """Runs the campaign and writes its table; ends with 1 if anything did not survive."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument(
        "--each", type=int, default=2, help="disks per stage, a third of the workers; 0: a sample"
    )
    parser.add_argument("--tables", type=Path, nargs=2, metavar=("DIR", "CHANGED"))
    parser.add_argument("--store", type=Path)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pret-faults-") as temporary:
        folder = Path(temporary)
        nights, store = (options.tables, options.store) if options.store else _made(folder)
        tallies = campaign(folder, nights[0], nights[-1], store, options.kills, options.each)
        options.page.write_text(page(tallies, read_run(store).clients, SEED))
    lost = [line for tally in tallies for line in tally.lost]
    sys.exit("\n".join(lost) or 0)


if __name__ == "__main__":
    main()
