"""Register: identifiers are found with their client, close together or far apart."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.shards.register import TABLE_SPAN, Directory

near = st.integers(1_000_000, 1_000_400)
anywhere = st.integers(1, 2**31 - 1)


@given(
    blocks=st.lists(st.lists(st.one_of(near, anywhere), max_size=20), max_size=5), asked=st.lists(anywhere)
)
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


@pytest.mark.parametrize("far", [1, 1_000_000 + TABLE_SPAN, 2**31 - 1])
def test_an_identifier_far_off_moves_the_others_along(far: int) -> None:
    """One identifier outside the table costs none of those in it."""
    directory = Directory()
    directory.add(np.array([1_000_000, 1_000_007], dtype=np.int32), np.array([5, 6], dtype=np.int32))
    directory.add(np.array([far], dtype=np.int32), np.array([7], dtype=np.int32))
    asked = np.array([1_000_007, far, 1_000_000, 1_000_001], dtype=np.int32)
    assert directory.clients_of(asked).tolist() == [6, 7, 5, 0]


def test_far_identifiers_are_not_sorted_again_for_every_block() -> None:
    """Few runs, each at least twice as long as the next; all that was added is known, ascending."""
    directory, added = (
        Directory(),
        np.random.default_rng(7).permutation(1000).astype(np.int32) * 2_000_003 + 1,
    )
    for block in added.reshape(100, 10):
        directory.add(block, block)
        lengths = [len(known) for known, _ in directory._runs]
        assert all(longer >= 2 * shorter for longer, shorter in pairwise(lengths))
    assert directory._table is None
    assert directory.known().tolist() == sorted(added.tolist())
    assert directory.clients_of(added).tolist() == added.tolist()
