"""LightGBM's trees as flat arrays: how each node decides, what share of the clients went which way, leaf values.

Belongs here: reading a model's own text exactly. Does not: what the trees say of a client (kernel).
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]

# how a node decides; "left" is LightGBM's true branch
MISSING_RIGHT, MISSING_LEFT, ZERO_RIGHT, ZERO_LEFT, CATEGORY = range(5)
_CATEGORICAL, _DEFAULT_LEFT, _ZERO, _NAN = 1, 2, 1, 2  # bits of decision_type, then its missing types
_OUTPUTS = re.compile(r"^num_tree_per_iteration=(\d+)$", re.MULTILINE)
_FIELD = re.compile(r"^(\w+)=(.*)$", re.MULTILINE)


class Trees(NamedTuple):
    """Every tree of a model, one after the other; a NamedTuple, because compiled code reads it.

    Tree t has the nodes first_node[t] … first_node[t + 1] - 1 and the leaves first_leaf[t] …; children are
    numbered within the tree, a leaf k as -k - 1. `columns`: the features that occur, ascending; `feature`
    counts within them. `share[n]`: of the training clients at node n, the part that went left, and right.
    `expected[t]`: the mean of tree t over them.
    A CATEGORY node sends left the values whose bit is set in words[first_word[n]] … (count_words[n] of them).
    """

    first_node: Places
    first_leaf: Places
    columns: Places
    feature: Places
    threshold: Numbers
    decision: NDArray[np.uint8]
    child: Places  # (nodes, 2): left, right
    share: Numbers  # (nodes, 2): left, right
    leaf_value: Numbers
    expected: Numbers
    first_word: Places
    count_words: Places
    words: NDArray[np.uint32]


def read_trees(text: str) -> Trees:
    """The trees of a model's own text, bit for bit: those that its predict uses.

    Errors: ValueError for several outputs per client, for linear leaves and for models that do not say how many
    training rows passed each node, which have no such contributions.
    """
    found = _OUTPUTS.search(text)
    outputs = int(found[1]) if found else 1
    if outputs != 1:
        raise ValueError(
            f"The model has {outputs} outputs per client; exact contributions are defined for one. "
            "Train a binary model."
        )
    start, end = text.find("\nTree="), text.find("\nend of trees")
    fields: dict[str, list[str]] = {}
    for name, value in _FIELD.findall(text[max(start, 0) : end] if start >= 0 else ""):
        fields.setdefault(name, []).append(value)
    if any(value != "0" for value in fields.get("is_linear", [])):
        raise ValueError(
            "The model has linear trees (linear_tree=true), for which exact contributions are not defined. "
            "Train it with constant leaves."
        )
    return _trees(fields)


def _trees(fields: dict[str, list[str]]) -> Trees:
    leaves = _numbers(fields, "num_leaves").astype(np.int64)
    nodes = leaves - 1
    first_node, first_leaf = _firsts(nodes), _firsts(leaves)
    column = _numbers(fields, "split_feature").astype(np.int64)
    columns, feature = np.unique(column, return_inverse=True)
    threshold = _numbers(fields, "threshold")
    decision_type = _numbers(fields, "decision_type").astype(np.int64)
    child = np.stack([_numbers(fields, "left_child"), _numbers(fields, "right_child")], axis=1).astype(
        np.int64
    )
    tree = np.repeat(np.arange(len(leaves)), nodes)
    leaf_value = _numbers(fields, "leaf_value")
    at_node, at_leaf = _counts(fields, leaves)
    categorical = (decision_type & _CATEGORICAL) > 0
    first_word, count_words = _word_places(fields, threshold, categorical, tree)
    return Trees(
        first_node=first_node,
        first_leaf=first_leaf,
        columns=columns.astype(np.int64),
        feature=feature.astype(np.int64),
        threshold=threshold,
        decision=_decisions(decision_type, categorical, threshold),
        child=child,
        share=_shares(at_node, at_leaf, child, first_node[tree], first_leaf[tree]),
        leaf_value=leaf_value,
        expected=_expected(at_node, at_leaf, leaf_value, first_node, first_leaf),
        first_word=first_word,
        count_words=count_words,
        words=_numbers(fields, "cat_threshold").astype(np.uint32),
    )


def _numbers(fields: dict[str, list[str]], name: str) -> Numbers:
    """All values of a field, tree after tree; LightGBM writes 17 digits, so each float is the one it uses."""
    return np.array(" ".join(fields.get(name, [])).split(), dtype=np.float64)


def _firsts(counts: Places) -> Places:
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)


def _decisions(
    decision_type: Places, categorical: NDArray[np.bool_], threshold: Numbers
) -> NDArray[np.uint8]:
    """Where missing counts as 0 it goes where 0 goes, which is known beforehand."""
    left = (decision_type & _DEFAULT_LEFT) > 0
    missing = (decision_type >> 2) & 3
    found = np.where(threshold >= 0, MISSING_LEFT, MISSING_RIGHT)
    found = np.where(missing == _NAN, np.where(left, MISSING_LEFT, MISSING_RIGHT), found)
    found = np.where(missing == _ZERO, np.where(left, ZERO_LEFT, ZERO_RIGHT), found)
    return np.where(categorical, CATEGORY, found).astype(np.uint8)


def _counts(fields: dict[str, list[str]], leaves: Places) -> tuple[Numbers, Numbers]:
    """Training rows at each node and at each leaf; of a tree that is one leaf, 1."""
    at_node = _numbers(fields, "internal_count")
    lines = [line for line, count in zip(fields.get("leaf_count", []), leaves, strict=False) if count > 1]
    of_grown, at_leaf = _numbers({"leaf_count": lines}, "leaf_count"), np.ones(int(leaves.sum()))
    grown = np.repeat(leaves > 1, leaves)
    if len(at_node) != int((leaves - 1).sum()) or len(of_grown) != int(grown.sum()) or (at_node <= 0).any():
        raise ValueError(
            "The model does not say how many training rows passed each node (internal_count, leaf_count), which "
            "exact contributions are weighted by. Train it with LightGBM 3 or later."
        )
    at_leaf[grown] = of_grown
    return at_node, at_leaf


def _shares(
    at_node: Numbers, at_leaf: Numbers, child: Places, node_base: Places, leaf_base: Places
) -> Numbers:
    base = np.where(child >= 0, node_base[:, None], leaf_base[:, None])
    place = base + np.where(child >= 0, child, -child - 1)
    count = np.empty(child.shape)
    count[child >= 0] = at_node[place[child >= 0]]
    count[child < 0] = at_leaf[place[child < 0]]
    return count / at_node[:, None]


def _expected(
    at_node: Numbers, at_leaf: Numbers, value: Numbers, first_node: Places, first_leaf: Places
) -> Numbers:
    grown = np.diff(first_node) > 0
    root = np.ones(len(grown))
    root[grown] = at_node[first_node[:-1][grown]]
    weighted = at_leaf / np.repeat(root, np.diff(first_leaf)) * value
    return np.add.reduceat(weighted, first_leaf[:-1]) if len(grown) else np.zeros(0)


def _word_places(
    fields: dict[str, list[str]], threshold: Numbers, categorical: NDArray[np.bool_], tree: Places
) -> tuple[Places, Places]:
    """Where a categorical node's bits lie: its threshold counts the categorical nodes of its tree."""
    boundaries = _numbers(fields, "cat_boundaries").astype(np.int64)
    first, count = np.zeros(len(threshold), dtype=np.int64), np.zeros(len(threshold), dtype=np.int64)
    splits = _numbers(fields, "num_cat").astype(np.int64)
    with_bounds = splits > 0
    sizes = np.where(with_bounds, splits + 1, 0)
    starts = _firsts(sizes)[:-1]
    lengths = np.zeros(len(splits), dtype=np.int64)
    lengths[with_bounds] = boundaries[(starts + splits)[with_bounds]]
    word_base = _firsts(lengths)[:-1]
    of = tree[categorical]
    place = starts[of] + threshold[categorical].astype(np.int64)
    first[categorical] = word_base[of] + boundaries[place]
    count[categorical] = boundaries[place + 1] - boundaries[place]
    return first, count
