"""The model's mean raw score over many clients with some features of one client put in, for many such choices.

Belongs here: the loops over trees, choices (masks) and sets of clients. Does not: which masks, which clients
(lime).

A set of clients is a line of bits, 64 to a word. At each node of a tree the set divides: by the reference
clients' own decisions where the feature is replaced, as the explained client decides where it is kept. What
reaches a leaf is counted. So a mask costs a tree some hundred word operations for a thousand clients, and
masks that keep and replace the same of a tree's features share them. The numbers depend on neither the order
of the clients nor the threads.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explain.trees.kernel import TINY, decide
from explain.trees.model import Numbers, Places, Trees
from features.segments import compiled

Words = NDArray[np.uint64]
WORD = 64
TABLE_FEATURES = 12  # replaced features of a tree up to which its patterns are remembered: 4096 of them


class Decided(NamedTuple):
    """How clients decide at every node of a model; compiled code reads it.

    `left`: (nodes, words), bit k of a line says that client k goes left. `members`: (groups, words), which
    clients each group holds; a group has its own words.
    """

    left: Words
    members: Words


def decide_rows(trees: Trees, rows: Numbers, groups: int = 1) -> Decided:
    """The decisions of `rows`, shape (clients, features); client k belongs to group k modulo `groups`."""
    parts = [rows[group::groups] for group in range(groups)]
    widths = [-(-len(part) // WORD) for part in parts]
    members = np.zeros((groups, sum(widths)), dtype=np.uint64)
    left = np.zeros((len(trees.feature), sum(widths)), dtype=np.uint64)
    start = 0
    for group, (part, width) in enumerate(zip(parts, widths, strict=True)):
        place = slice(start, start + width)
        values = np.ascontiguousarray(part[:, trees.columns].T)
        values[np.abs(values) <= TINY] = 0.0
        went = np.zeros((len(trees.feature), width * WORD), dtype=np.uint8)
        decide_all(trees, values, went)
        left[:, place] = np.packbits(went, axis=1, bitorder="little").view(np.uint64)
        every = np.zeros(width * WORD, dtype=np.uint8)
        every[: len(part)] = 1
        members[group, place] = np.packbits(every, bitorder="little").view(np.uint64)
        start += width
    return Decided(left, members)


@compiled
def decide_all(trees: Trees, values: Numbers, went: NDArray[np.uint8]) -> None:
    """went[n, c] = 1 where client c goes left at node n; `values`: (features that occur, clients)."""
    clients = values.shape[1]
    for node in range(len(trees.feature)):
        decide(trees, node, values[trees.feature[node]], went[node, :clients])


@compiled
def count_bits(word: np.uint64) -> np.int64:
    """How many bits of the word are set; compilers make one instruction of it."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@compiled
def add_masks(
    trees: Trees, client: NDArray[np.uint8], decided: Decided, bit_of: Places, masks: Words, out: Numbers
) -> None:
    """Adds to out[mask, group] the sum over the group's clients of their raw scores under each mask.

    `client`: 1 per node where the explained client goes left. `bit_of`: per feature that occurs its bit in
    the masks, -1 where the explained client's value always stays. `masks`: bit set where the client's value
    stays.
    """
    groups, words = decided.members.shape
    most = 1
    for tree in range(len(trees.first_node) - 1):
        most = max(most, trees.first_node[tree + 1] - trees.first_node[tree])
    reach = np.empty((most, words), np.uint64)
    full = np.zeros(words, np.uint64)
    sizes = np.zeros(groups)
    for group in range(groups):
        for word in range(words):
            full[word] |= decided.members[group, word]
            sizes[group] += count_bits(decided.members[group, word])
    bits, table = np.empty(64, np.int64), np.empty((1 << TABLE_FEATURES, groups))
    known = np.empty(1 << TABLE_FEATURES, np.bool_)
    found = np.empty(groups)
    for tree in range(len(trees.first_leaf) - 1):
        base, end = trees.first_node[tree], trees.first_node[tree + 1]
        asked = 0
        for node in range(base, end):
            bit = bit_of[trees.feature[node]]
            new = bit >= 0
            for k in range(asked):
                if bits[k] == bit:
                    new = False
            if new:
                bits[asked] = bit
                asked += 1
        remembered = asked <= TABLE_FEATURES
        if remembered:
            known[: 1 << asked] = False
        for mask in range(len(masks)):
            pattern = np.int64(0)
            if remembered:
                for k in range(asked):
                    pattern |= np.int64((masks[mask] >> np.uint64(bits[k])) & np.uint64(1)) << k
                if not known[pattern]:
                    add_tree(
                        trees, tree, client, decided, bit_of, masks[mask], full, sizes, reach, table[pattern]
                    )
                    known[pattern] = True
                for group in range(groups):
                    out[mask, group] += table[pattern, group]
            else:
                add_tree(trees, tree, client, decided, bit_of, masks[mask], full, sizes, reach, found)
                for group in range(groups):
                    out[mask, group] += found[group]


@compiled
def add_tree(
    trees: Trees,
    tree: int,
    client: NDArray[np.uint8],
    decided: Decided,
    bit_of: Places,
    mask: np.uint64,
    full: Words,
    sizes: Numbers,
    reach: Words,
    found: Numbers,
) -> None:
    """found[group] = the sum of the tree's leaf values over the group's clients under one mask."""
    groups, words = decided.members.shape
    base, leaf_base = trees.first_node[tree], trees.first_leaf[tree]
    nodes = trees.first_node[tree + 1] - base
    found[:] = 0.0
    if nodes == 0:
        for group in range(groups):
            found[group] = sizes[group] * trees.leaf_value[leaf_base]
        return
    reach[0] = full
    state = np.zeros(nodes, np.uint8)
    state[0] = 1
    for node in range(nodes):
        if state[node] == 0:
            continue
        bit = bit_of[trees.feature[base + node]]
        kept = bit < 0 or (mask >> np.uint64(bit)) & np.uint64(1) == np.uint64(1)
        for side in range(2):
            if kept and (client[base + node] == 1) != (side == 0):
                continue
            child = trees.child[base + node, side]
            flip = np.uint64(0) if side == 0 else ~np.uint64(0)
            if child >= 0:
                state[child] = 1
                if kept:
                    reach[child] = reach[node]
                else:
                    for word in range(words):
                        reach[child, word] = reach[node, word] & (decided.left[base + node, word] ^ flip)
            else:
                value = trees.leaf_value[leaf_base - child - 1]
                for group in range(groups):
                    count = np.int64(0)
                    for word in range(words):
                        there = reach[node, word] & decided.members[group, word]
                        if not kept:
                            there &= decided.left[base + node, word] ^ flip
                        count += count_bits(there)
                    found[group] += count * value
