"""A Dask cluster whose scheduler and workers live in network namespaces of their own, as on three machines.

Belongs here: namespaces, their wires, the processes in them. Does not: tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from processes import running

HUB, SCHEDULER = "hub", "tcp://10.77.0.1:8786"


def why_no_namespaces() -> str:
    """Why this machine makes none; empty if it does."""
    if shutil.which("ip") is None:
        return "ip is not installed: `make test` as root installs it, or `apt-get install iproute2`"
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"pret{os.getpid()}-tried"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True)
    subprocess.run(["ip", "netns", "delete", name], capture_output=True)
    return "" if made.returncode == 0 else f"the kernel refuses network namespaces: {made.stderr.strip()}"


@dataclass(frozen=True)
class Network:
    """Namespaces wired to a bridge in the hub's: commands inside them."""

    prefix: str

    def inside(self, name: str, *command: str) -> list[str]:
        """The command as it is run in a namespace."""
        return ["ip", "netns", "exec", f"{self.prefix}-{name}", *command]


@contextmanager
def network(*others: str) -> Iterator[Network]:
    """The hub at 10.77.0.1 and others at 10.77.0.2, …; nothing of it is seen from outside, nor left behind."""
    net = Network(f"pret{os.getpid()}")
    names = (HUB, *others)
    try:
        for name in names:
            _ip("netns", "add", f"{net.prefix}-{name}")
            _within(net, name, "link set lo up")
        _within(net, HUB, "link add wires type bridge")
        _within(net, HUB, "address add 10.77.0.1/24 dev wires")
        _within(net, HUB, "link set wires up")
        for number, name in enumerate(others, start=2):
            _within(net, HUB, f"link add to-{name} type veth peer name eth0 netns {net.prefix}-{name}")
            _within(net, HUB, f"link set to-{name} master wires up")
            _within(net, name, f"address add 10.77.0.{number}/24 dev eth0")
            _within(net, name, "link set eth0 up")
        yield net
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "delete", f"{net.prefix}-{name}"], capture_output=True)


@contextmanager
def cluster(net: Network, *workers: str) -> Iterator[None]:
    """A scheduler in the hub and a worker with one thread in each of the other namespaces, all of them at work."""
    dask = str(Path(sys.executable).parent / "dask")
    with ExitStack() as open_processes:
        scheduler = open_processes.enter_context(
            running(net.inside(HUB, dask, "scheduler", "--host", "10.77.0.1", "--no-dashboard"))
        )
        for name in workers:
            open_processes.enter_context(
                running(
                    net.inside(
                        name, dask, "worker", SCHEDULER, "--nthreads", "1", "--no-nanny", "--no-dashboard"
                    )
                )
            )
        ask = f"from distributed import Client; c = Client({SCHEDULER!r}); c.wait_for_workers({len(workers)}, 60)"
        asked = open_processes.enter_context(running(net.inside(HUB, sys.executable, "-c", ask)))
        assert asked.wait(90) == 0, asked.communicate()
        assert scheduler.poll() is None
        yield


def _within(net: Network, name: str, command: str) -> None:
    _ip("-netns", f"{net.prefix}-{name}", *command.split())


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=30)
