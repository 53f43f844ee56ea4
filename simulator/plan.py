"""Here: which clients a night's portfolio has, in which blocks they are simulated, and whose outcome is known
yet.
Not here: what happens to them (portfolio.py).
"""

from dataclasses import dataclass

import numpy as np

from simulator.drift import Drift
from simulator.facts import Bools, Floats, Ints

CLIENTS_PER_BLOCK = 4_000
TEST_SHARE = 48_744 / 356_255
MOST_CLIENTS = 100_000_000  # seven identifiers a client are set aside, and all fit into 32 bits
FIRST_CLIENT = 100_001
STREAMS = 8  # random streams of a block, so that a change to one table leaves the others as they were
EXTRA_STREAMS = 2  # for drift, for the nights after
FIRST_CREDIT, FIRST_PREVIOUS = 5_000_000, 1_000_000
CREDITS_PER_CLIENT = PREVIOUS_PER_CLIENT = 7  # identifiers set aside per client of a block
INTAKE_SHARE = 0.005  # new applicants per night, of the first night's clients
OUTCOMES_PER_NIGHT = 0.02  # of the clients whose outcome is unknown
NIGHTS_KEY = 1_000_003  # sets the intakes' random streams apart from those of the first night's blocks


@dataclass(frozen=True)
class Block:
    """Clients simulated together, with random streams of their own.

    `arrival` is the night they came on (0: the first), `nights` how many passed since. `came_unknown` are
    those whose outcome was not known when they came, who have more months in bureau_balance; `known_on` is the
    night after their coming from which on it is, 0 for the others.
    """

    number: int
    ids: Ints
    came_unknown: Bools
    known_on: Ints
    seeds: tuple[np.random.SeedSequence, ...]
    drift_seed: np.random.SeedSequence
    night_seed: np.random.SeedSequence
    arrival: int = 0
    nights: int = 0
    drifts: tuple[Drift, ...] = ()

    @property
    def first_credit(self) -> int:
        """The first SK_ID_BUREAU set aside for this block."""
        return FIRST_CREDIT + self.number * CLIENTS_PER_BLOCK * CREDITS_PER_CLIENT

    @property
    def first_previous(self) -> int:
        """The first SK_ID_PREV set aside for this block."""
        return FIRST_PREVIOUS + self.number * CLIENTS_PER_BLOCK * PREVIOUS_PER_CLIENT

    def spare_credits(self, taken: Floats, count: int) -> Ints:
        """Identifiers for credits that became known later."""
        return _spare(self.first_credit, CLIENTS_PER_BLOCK * CREDITS_PER_CLIENT, taken, count)

    def spare_previous(self, taken: Floats, count: int) -> Ints:
        """Identifiers for applications that became earlier ones."""
        return _spare(self.first_previous, CLIENTS_PER_BLOCK * PREVIOUS_PER_CLIENT, taken, count)

    def night_stream(self, night: int) -> np.random.Generator:
        """Randomness of one night after the block's arrival."""
        key = (*self.night_seed.spawn_key, night)
        return np.random.default_rng(np.random.SeedSequence(self.night_seed.entropy, spawn_key=key))


def _spare(first: int, size: int, taken: Floats, count: int) -> Ints:
    """The last `count` identifiers of a block that nobody has. Errors: ValueError if none are left."""
    free = np.setdiff1d(np.arange(first, first + size, dtype=np.int64), taken.astype(np.int64))
    if len(free) < count:
        raise ValueError(f"{count} identifiers asked for, {len(free)} left: simulate fewer nights.")
    return free[len(free) - count :]


def plan_blocks(
    clients: int, seed: int, night: int = 0, drifts: tuple[Drift, ...] = (), everyone_drifts: bool = False
) -> list[Block]:
    """The blocks of a night (0 is the first): the first night's clients and the intakes since, ids
    consecutive.

    A client is in the same block, with the same random streams, on every night. Test clients are spread
    evenly over the first night's blocks, at random within; new applicants come with an unknown outcome; each
    night some outcomes become known. `drifts` are those of the intakes, of the first night's clients only if
    `everyone_drifts`.
    """
    starts = range(0, clients, CLIENTS_PER_BLOCK)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    blocks = []
    for number, (start, own) in enumerate(zip(starts, seeds, strict=True)):
        end = min(start + CLIENTS_PER_BLOCK, clients)
        tests = round(end * TEST_SHARE) - round(start * TEST_SHARE)
        blocks.append(
            _build_block(number, start, end, tests, own, (0, night), drifts if everyone_drifts else ())
        )
    size = intake(clients)
    for arrival in range(1, night + 1):
        own = np.random.SeedSequence(seed, spawn_key=(NIGHTS_KEY, arrival))
        start = clients + (arrival - 1) * size
        number = len(starts) + arrival - 1
        blocks.append(
            _build_block(number, start, start + size, size, own, (arrival, night - arrival), drifts)
        )
    return blocks


def intake(clients: int) -> int:
    """New applicants of each following night: 0.5 % of the first night's clients, one at least."""
    return min(max(round(clients * INTAKE_SHARE), 1), CLIENTS_PER_BLOCK)


def _build_block(
    number: int,
    start: int,
    end: int,
    tests: int,
    own: np.random.SeedSequence,
    arrival_and_nights: tuple[int, int],
    drifts: tuple[Drift, ...],
) -> Block:
    split, *streams = own.spawn(1 + STREAMS + EXTRA_STREAMS)
    rng = np.random.default_rng(split)
    came_unknown = rng.permutation(end - start) < tests
    known_on = np.where(came_unknown, rng.geometric(OUTCOMES_PER_NIGHT, end - start), 0)
    ids = np.arange(start, end, dtype=np.int64) + FIRST_CLIENT
    drift_seed, night_seed = streams[STREAMS:]
    arrival, nights = arrival_and_nights
    own_streams = tuple(streams[:STREAMS])
    known = (number, ids, came_unknown, known_on, own_streams, drift_seed, night_seed)
    return Block(*known, arrival, nights, drifts)
