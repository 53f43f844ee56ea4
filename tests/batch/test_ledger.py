"""Ledger: what a client's lines add up to, identifiers close together or far apart."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.shards.ledger import Ledger
from batch.shards.lines import NOBODY, Lines

near = st.integers(1_000_000, 1_000_400)
anywhere = st.integers(1, 2**31 - 1)
line = st.tuples(st.one_of(near, anywhere, st.just(NOBODY)), st.integers(0, 2**64 - 1))


def lines_of(hashes: list[int]) -> Lines:
    """Lines of which only the hashes count here."""
    told = np.array(hashes, np.uint64)
    nobody = np.zeros(len(told), np.int64)
    return Lines(told, nobody, nobody)


@given(blocks=st.lists(st.lists(line, max_size=20), max_size=6), asked=st.lists(anywhere))
@settings(max_examples=200, deadline=None)
def test_every_line_counts_once_for_its_client(blocks: list[list[tuple[int, int]]], asked: list[int]) -> None:
    """Modulo 2^64, whatever the blocks they came in and however far apart the clients; nobody's for no one."""
    ledger, expected = Ledger(), dict[int, int]()
    for block in blocks:
        ledger.add(np.array([client for client, _ in block], np.int32), lines_of([told for _, told in block]))
        for client, told in block:
            expected[client] = (expected.get(client, 0) + told) % 2**64
    questions = [*(expected.keys() - {NOBODY}), *asked, 1, 2**31 - 1]
    assert ledger.sums(np.array(questions, np.int64)).tolist() == [expected.get(one, 0) for one in questions]


def test_far_clients_are_not_sorted_again_for_every_block() -> None:
    """Few pages, each at least twice as long as the next."""
    ledger, clients = Ledger(), np.random.default_rng(7).permutation(1000).astype(np.int32) * 2_000_003 + 1
    for block in clients.reshape(100, 10):
        ledger.add(block, lines_of(block.tolist()))
        lengths = [len(known) for known, _ in ledger._pages]
        assert all(longer >= 2 * shorter for longer, shorter in pairwise(lengths))
    assert ledger._table is None
    assert ledger.sums(clients).tolist() == clients.tolist()
