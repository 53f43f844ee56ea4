"""The way from the root to every leaf, leaf after leaf as they stand in the trees from left to right.

Belongs here: walking a model's trees once. Does not: what is made of the paths (units, tables).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from explain.trees.model import Numbers, Places, Trees
from features.segments import compiled


class Paths(NamedTuple):
    """Leaves in walking order, those of tree t as many as before; a NamedTuple, because compiled code reads it.

    Leaf k is reached by the steps first_step[k] … first_step[k + 1] - 1: `node` counts in the model, `side`
    is 0 for left and 1 for right. Its first shared[k] nodes are also those of the leaf before, the one where they
    part included; 0 for the first of a tree. `value`: what the leaf is worth.
    """

    first_step: Places
    node: Places
    side: NDArray[np.uint8]
    shared: Places
    value: Numbers


def walk_trees(trees: Trees) -> Paths:
    """The paths of all leaves."""
    length = np.zeros(int(trees.first_leaf[-1]) + 1, dtype=np.int64)
    nothing = Paths(length, length[:0], np.zeros(0, np.uint8), length, np.zeros(0))
    walk(trees, length[1:], nothing, False)
    first_step = np.cumsum(length)
    steps = int(first_step[-1])
    paths = Paths(
        first_step=first_step,
        node=np.zeros(steps, dtype=np.int64),
        side=np.zeros(steps, dtype=np.uint8),
        shared=np.zeros(len(length) - 1, dtype=np.int64),
        value=np.zeros(len(length) - 1),
    )
    walk(trees, length[1:], paths, True)
    return paths


@compiled
def walk(trees: Trees, length: Places, paths: Paths, fill: bool) -> None:
    """Counts the steps to each leaf, or fills `paths` once they are counted."""
    most = 1
    for tree in range(len(trees.first_leaf) - 1):
        most = max(most, trees.first_leaf[tree + 1] - trees.first_leaf[tree])
    waiting = np.empty((most + 1, 3), np.int64)  # child, depth, the side it lies on
    nodes, sides = np.empty(most, np.int64), np.empty(most, np.uint8)
    for tree in range(len(trees.first_leaf) - 1):
        base, leaf = trees.first_node[tree], trees.first_leaf[tree]
        root = 0 if trees.first_node[tree + 1] > base else -1
        waiting[0, 0], waiting[0, 1], waiting[0, 2] = root, 0, 0
        left = 1
        while left > 0:
            left -= 1
            place, depth = waiting[left, 0], waiting[left, 1]
            if depth > 0:
                sides[depth - 1] = waiting[left, 2]
            if place >= 0:
                nodes[depth] = base + place
                for side in (1, 0):
                    waiting[left, 0], waiting[left, 1] = trees.child[base + place, side], depth + 1
                    waiting[left, 2] = side
                    left += 1
                continue
            length[leaf] = depth
            if fill:
                first = paths.first_step[leaf]
                paths.node[first : first + depth] = nodes[:depth]
                paths.side[first : first + depth] = sides[:depth]
                paths.value[leaf] = trees.leaf_value[trees.first_leaf[tree] - place - 1]
                if leaf > trees.first_leaf[tree]:
                    same, before = 0, paths.first_step[leaf - 1]
                    while (
                        paths.node[before + same] == nodes[same] and paths.side[before + same] == sides[same]
                    ):
                        same += 1
                    paths.shared[leaf] = same + 1
            leaf += 1
