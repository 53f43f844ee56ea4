"""Register: identifiers are found, credits with their client, close together or far apart."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.shards.register import BITS_SPAN, TABLE_SPAN, Directory, Known, Register
from features.schemas import CLIENT

near = st.integers(1_000_000, 1_000_400)
anywhere = st.integers(1, 2**31 - 1)
blocks_of_any = st.lists(st.lists(st.one_of(near, anywhere), max_size=20), max_size=5)


@given(blocks=blocks_of_any, asked=st.lists(anywhere))
@settings(max_examples=100, deadline=None)
def test_what_was_added_is_found(blocks: list[list[int]], asked: list[int]) -> None:
    """Every identifier answers its client, every other one 0, whatever the blocks they came in."""
    directory, known = Directory(), dict[int, int]()
    for block in blocks:
        fresh = sorted(set(block) - known.keys(), reverse=True)
        known.update({identifier: number + 1 for number, identifier in enumerate(fresh)})
        directory.add(np.array(fresh, dtype=np.int32), np.arange(1, len(fresh) + 1, dtype=np.int32))
    questions = [*known, *asked, 1, 2**31 - 1]
    found = directory.clients_of(np.array(questions, dtype=np.int32))
    assert found.tolist() == [known.get(question, 0) for question in questions]


@given(blocks=blocks_of_any, asked=st.lists(anywhere))
@settings(max_examples=100, deadline=None)
def test_who_was_met_is_known(blocks: list[list[int]], asked: list[int]) -> None:
    """Each once and ascending, however often and in which blocks they came; nobody else, nor nobody."""
    known, met = Known(), set[int]()
    for block in blocks:
        known.add(np.array(block, dtype=np.int32))
        met.update(block)
    questions = [*met, *asked, 0, 1, 2**31 - 1]
    assert known.holds(np.array(questions, np.int32)).tolist() == [question in met for question in questions]
    assert known.ascending().tolist() == sorted(met)


@pytest.mark.parametrize("far", [1, 1_000_000 + TABLE_SPAN, 1_000_000 + BITS_SPAN, 2**31 - 1])
def test_an_identifier_far_off_moves_the_others_along(far: int) -> None:
    """One identifier outside the table costs none of those in it."""
    directory, met = Directory(), Known()
    for identifiers, clients in (([1_000_000, 1_000_007], [5, 6]), ([far], [7])):
        directory.add(np.array(identifiers, np.int32), np.array(clients, np.int32))
        met.add(np.array(identifiers, np.int32))
    asked = np.array([1_000_007, far, 1_000_000, 1_000_001], dtype=np.int32)
    assert directory.clients_of(asked).tolist() == [6, 7, 5, 0]
    assert met.holds(asked).tolist() == [True, True, True, False]


def test_far_identifiers_are_not_sorted_again_for_every_block() -> None:
    """Few runs, each at least twice as long as the next; all that was added is known, ascending."""
    directory, met = Directory(), Known()
    added = np.random.default_rng(7).permutation(1000).astype(np.int32) * 2_000_003 + 1
    for block in added.reshape(100, 10):
        directory.add(block, block)
        met.add(block)
        for runs in (directory._runs, met._runs):
            lengths = [len(known) for known, _ in runs]
            assert all(longer >= 2 * shorter for longer, shorter in pairwise(lengths))
    assert directory._table is None
    assert met._bits is None
    assert met.ascending().tolist() == sorted(added.tolist())
    assert directory.clients_of(added).tolist() == added.tolist()


def test_clients_close_together_take_a_bit_each() -> None:
    """Three million clients: what is known of them is found again, and lies within half a megabyte."""
    known = Known()
    known.add(np.arange(100_001, 3_100_001, dtype=np.int32))
    assert known.ascending()[[0, -1]].tolist() == [100_001, 3_100_000]
    assert known._bits is not None
    assert np.flatnonzero(known._bits)[[0, -1]].tolist() == [12_500, 387_499]


def test_a_client_is_its_own_and_credits_can_be_forgotten() -> None:
    """The register answers for clients and credits alike; of a forgotten credit it knows nothing more."""
    register = Register()
    register.clients.add(np.array([7], np.int32))
    register.credits.add(np.array([90], np.int32), np.array([7], np.int32))
    assert register.clients_of(CLIENT, np.array([7, 8], np.int32)).tolist() == [7, 0]
    assert register.clients_of("SK_ID_BUREAU", np.array([90], np.int32)).tolist() == [7]
    register.forget_credits()
    assert register.clients_of("SK_ID_BUREAU", np.array([90], np.int32)).tolist() == [0]
