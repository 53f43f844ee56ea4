"""Here: which clients a night's portfolio has, in which blocks they are simulated, and whose outcome is known
yet.
Not here: what happens to them (portfolio.py).
"""

from dataclasses import dataclass, replace

import numpy as np

from simulator.facts import Bools, Ints

CLIENTS_PER_BLOCK = 4_000
TEST_SHARE = 48_744 / 356_255
MOST_CLIENTS = 899_999  # SK_ID_CURR keeps its six digits
FIRST_CLIENT = 100_001
STREAMS = 8  # random streams of a block, so that a change to one table leaves the others as they were
INTAKE_SHARE = 0.005  # new applicants per night, of the first night's clients
OUTCOMES_PER_NIGHT = 0.02  # of the clients whose outcome is unknown
NIGHTS_KEY = 1_000_003  # sets the intakes' random streams apart from those of the first night's blocks


@dataclass(frozen=True)
class Block:
    """Clients simulated together, with random streams of their own.

    `in_test` are the clients whose outcome is not known on the night that is written; `came_unknown` those
    whose outcome was not known when they came, who have more months in bureau_balance.
    """

    number: int
    ids: Ints
    in_test: Bools
    came_unknown: Bools
    seeds: tuple[np.random.SeedSequence, ...]


def plan_blocks(clients: int, seed: int, night: int = 0) -> list[Block]:
    """The blocks of a night (0 is the first): the first night's clients and the intakes since, ids
    consecutive.

    A client is in the same block, with the same random streams, on every night. Test clients are spread
    evenly over the first night's blocks, at random within; new applicants come with an unknown outcome; each
    night some outcomes become known.
    """
    starts = range(0, clients, CLIENTS_PER_BLOCK)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    blocks = []
    for number, (start, own) in enumerate(zip(starts, seeds, strict=True)):
        end = min(start + CLIENTS_PER_BLOCK, clients)
        tests = round(end * TEST_SHARE) - round(start * TEST_SHARE)
        blocks.append(_build_block(number, start, end, tests, own, nights_since=night))
    size = intake(clients)
    for arrival in range(1, night + 1):
        own = np.random.SeedSequence(seed, spawn_key=(NIGHTS_KEY, arrival))
        start = clients + (arrival - 1) * size
        number = len(starts) + arrival - 1
        blocks.append(_build_block(number, start, start + size, size, own, nights_since=night - arrival))
    return blocks


def intake(clients: int) -> int:
    """New applicants of each following night: 0.5 % of the first night's clients, one at least."""
    return min(max(round(clients * INTAKE_SHARE), 1), CLIENTS_PER_BLOCK)


def _build_block(
    number: int, start: int, end: int, tests: int, own: np.random.SeedSequence, nights_since: int
) -> Block:
    split, *rest = own.spawn(1 + STREAMS)
    rng = np.random.default_rng(split)
    came_unknown = rng.permutation(end - start) < tests
    known_after = rng.geometric(OUTCOMES_PER_NIGHT, end - start)
    ids = np.arange(start, end, dtype=np.int64) + FIRST_CLIENT
    first = Block(number, ids, came_unknown, came_unknown, tuple(rest))
    return replace(first, in_test=came_unknown & (known_after > nights_since))
