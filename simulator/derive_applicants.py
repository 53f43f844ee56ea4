"""Here: fitting, offline, how each column of an application depends on those drawn before it (facts/applicants/).
Not here: drawing from it (applicants.py), the other figures (derive_facts.py).

Sequential trees after Reiter, "Using CART to generate partially synthetic public use microdata" (2005). A group of
clients is never smaller than 100; what is kept of it are shares of values that at least five of its clients
have, and means over at least five neighbouring values: no row, and no single client's value, can be read off.

`python -m simulator.derive_applicants APPLICATIONS SAMPLE_FOLDER` writes the figures anew.
"""

import sys
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from simulator.applicants import nearest
from simulator.derive_seen import fit_causes
from simulator.facts import Floats
from simulator.recipe import CAME_UNKNOWN, STEPS, Step

Places = NDArray[np.intp]
Piece = tuple[float, float, float]

FOLDER = Path(__file__).parent / "facts"
SMALLEST_GROUP = 100
SMALLEST_VALUE = 5
RAREST_VALUE = 0.004
MOST_KNOTS = 24
ROWS_PER_KNOT = 12
MOST_PREDICTORS = 30
TEST_WEIGHT = 4.0
FEW_VALUES = 12
BINS = 24
NODE = ["feature", "threshold", "left", "right"]
MISSING = -1e9


def code_texts(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The frame with numbers for texts, in the order of the texts' default rates, and the texts by code."""
    coded, words = {}, []
    overall = frame["TARGET"].mean()
    for column, values in frame.items():
        if pd.api.types.is_numeric_dtype(values):
            coded[column] = values.astype("float64")
            continue
        about = frame.groupby(values)["TARGET"].agg(["sum", "count"])
        about = about[values.value_counts().reindex(about.index) >= SMALLEST_VALUE]
        order = ((about["sum"] + 50 * overall) / (about["count"] + 50)).sort_values().index
        coded[column] = values.map({text: code for code, text in enumerate(order)}).astype("float64")
        words += [(column, code, text) for code, text in enumerate(order)]
    return pd.DataFrame(coded), pd.DataFrame(words, columns=["column", "code", "text"])


def read_applications(applications: Path, sample: Path) -> pd.DataFrame:
    """Train rows and the sample's test rows under one another, told apart by CAME_UNKNOWN."""
    train = pd.read_csv(applications, low_memory=False).assign(**{CAME_UNKNOWN: 0.0})
    test = pd.read_csv(sample / "application_test.csv", low_memory=False).assign(**{CAME_UNKNOWN: 1.0})
    rows = pd.concat([train, test], ignore_index=True)
    rows["AMT_GOODS_PRICE"] = rows["AMT_GOODS_PRICE"].fillna(rows["AMT_CREDIT"])
    rows["REGION_POPULATION_RELATIVE"] = rows["REGION_POPULATION_RELATIVE"].round(6)
    return rows


def _outputs(values: Floats) -> Floats:
    """What a tree of a number column explains: that it is missing, and its rank among the present."""
    missing = np.isnan(values)
    ranks = pd.Series(values).rank(pct=True).fillna(0.5).to_numpy() - 0.5
    explained = np.column_stack([ranks, 0.5 * missing]) if missing.any() else ranks[:, None]
    return explained.astype(np.float64)


def _choose_predictors(frame: pd.DataFrame, outputs: Floats, kept: tuple[str, ...]) -> list[str]:
    """The columns that explain the outputs best on their own, and those that are always kept."""
    strength = {}
    spread = outputs.var(axis=0).sum()
    for name in map(str, frame):
        bins = np.ceil(frame[name].fillna(MISSING).rank(method="max", pct=True).to_numpy() * BINS)
        means = pd.DataFrame(outputs).groupby(bins).transform("mean").to_numpy()
        strength[name] = float(means.var(axis=0).sum() / max(spread, 1e-12))
    best = sorted(strength, key=lambda name: -strength[name])[:MOST_PREDICTORS]
    return list(dict.fromkeys([*(name for name in kept if name in frame), *best]))


def _pieces(values: Floats, sentinel: float | None) -> list[Piece]:
    """Share, low and high end of the pieces of a group's distribution, in the order of the values.

    Missing values first, then values that many clients have, and between them the others in stretches of equal
    share, whose ends are means over at least five neighbours. What fewer than five have is left out.
    """
    present = np.sort(values[~np.isnan(values)])
    distinct, counts = np.unique(present, return_counts=True)
    frequent = (counts >= SMALLEST_VALUE) & (counts >= RAREST_VALUE * len(values))
    if counts[~frequent].sum() < 2 * SMALLEST_VALUE:
        frequent = counts >= SMALLEST_VALUE
    frequent[[0, -1][: len(counts)]] |= counts[[0, -1][: len(counts)]] >= SMALLEST_VALUE
    pieces = [(c / len(values), v, v) for v, c in zip(distinct[frequent], counts[frequent], strict=True)]
    rest = present[~np.isin(present, distinct[frequent]) & (present != sentinel)]
    if len(rest) >= SMALLEST_VALUE:
        count = int(np.clip(len(rest) // ROWS_PER_KNOT, 1, MOST_KNOTS))
        half = SMALLEST_VALUE // 2
        centres = np.linspace(half, len(rest) - 1 - half, count + 1)
        knots = [float(rest[round(c) - half : round(c) + half + 1].mean()) for c in centres]
        share = len(rest) / len(values) / count
        pieces += [(share, low, high) for low, high in pairwise(knots)]
    return [*_lost(values), *sorted(pieces, key=lambda piece: piece[1])]


def _few_pieces(values: Floats, all_values: Floats) -> list[Piece]:
    """The same of a column of few values: the values that fewer than five of the group have are drawn together, as
    often as each occurs among all.
    """
    distinct, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    frequent = counts >= SMALLEST_VALUE
    shares = dict(zip(distinct[frequent], counts[frequent] / len(values), strict=True))
    others, everywhere = np.unique(all_values[~np.isnan(all_values)], return_counts=True)
    rare = ~np.isin(others, distinct[frequent]) & (everywhere >= SMALLEST_VALUE)
    together = counts[~frequent].sum() / len(values)
    if rare.any():
        shares |= dict(zip(others[rare], together * everywhere[rare] / everywhere[rare].sum(), strict=True))
    return [*_lost(values), *((shares[value], value, value) for value in sorted(shares) if shares[value] > 0)]


def _lost(values: Floats) -> list[Piece]:
    lost = np.isnan(values).sum()
    return [(lost / len(values), np.nan, np.nan)] if lost >= SMALLEST_VALUE else []


def drawn_values(step: Step, rows: pd.DataFrame) -> Floats:
    """What is to be drawn of the real clients, as coarse as it will be drawn."""
    values = step.drawn_from({str(name): column.to_numpy() for name, column in rows.items()})
    if step.related:
        values = np.round(values, round(-np.log10(step.grain or 1e-4)))
    return nearest(values, _frequent(values)) if step.listed else values


def list_values(rows: pd.DataFrame) -> pd.DataFrame:
    """The frequent values of the columns that take no others."""
    found = []
    for step in STEPS:
        values = rows[step.column].round(6).to_numpy() if step.counted else drawn_values(step, rows)
        if step.counted or step.listed:
            found += [(step.column, value) for value in _frequent(values)]
    return pd.DataFrame(found, columns=["column", "value"])


def _frequent(values: Floats) -> Floats:
    distinct, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return distinct[counts >= SMALLEST_VALUE]


def fit_step(step: Step, values: Floats, known: pd.DataFrame, texts: set[str]) -> tuple[pd.DataFrame, ...]:
    """Nodes and pieces of the tree of one column, given the columns drawn before it."""
    few = step.column in texts or len(np.unique(values[~np.isnan(values)])) <= FEW_VALUES
    nodes, leaf = _grow_from(step, values, few, known, step.first, step.leaves)
    sides = [
        (known[column] > threshold).to_numpy() << place
        for place, (column, threshold) in enumerate(step.first)
    ]
    side = np.sum([np.zeros(len(values), dtype=int), *sides], axis=0)
    groups = []
    for node in np.unique(leaf):
        own, first = values[leaf == node], side[leaf == node][0]
        group = _few_pieces(own, values[side == first]) if few else _pieces(own, step.sentinel)
        groups.append((node, group))
    pieces = [(step.column, node, *piece) for node, group in groups for piece in group]
    return (
        nodes.assign(column=step.column),
        pd.DataFrame(pieces, columns=["column", "node", "share", "low", "high"]),
    )


def _grow_from(
    step: Step,
    values: Floats,
    few: bool,
    known: pd.DataFrame,
    firsts: tuple[tuple[str, float], ...],
    leaves: int,
) -> tuple[pd.DataFrame, Places]:
    """The tree below the first splits that are left; the whole tree if none are. A split that would leave too small
    a group is not made.
    """
    if not firsts:
        kept = (CAME_UNKNOWN, *(name for name in (step.over, step.beside) if name))
        return _grow(values, few, known, kept, leaves)
    (column, threshold), *others = firsts
    above = (known[column] > threshold).to_numpy()
    if min(above.sum(), (~above).sum()) < SMALLEST_GROUP:
        return _grow_from(step, values, few, known, tuple(others), leaves)
    nodes = [pd.DataFrame([(list(known).index(column), threshold, 1, 0)], columns=NODE)]
    leaf = np.zeros(len(values), dtype=np.intp)
    for side in (~above, above):
        start = sum(map(len, nodes))
        own = max(round(leaves * side.mean()), 2)
        grown, ends = _grow_from(step, values[side], few, known[side], tuple(others), own)
        leaf[side] = ends + start
        inner = grown["feature"] >= 0
        nodes.append(grown.assign(**{name: grown[name] + start * inner for name in ("left", "right")}))
    nodes[0]["right"] = 1 + len(nodes[1])
    return pd.concat(nodes, ignore_index=True), leaf


def _grow(
    values: Floats, few: bool, known: pd.DataFrame, kept: tuple[str, ...], leaves: int
) -> tuple[pd.DataFrame, Places]:
    """Nodes of a tree, and the node each row ends in."""
    codes = pd.factorize(pd.Series(values), use_na_sentinel=False)[0]
    outputs = np.eye(codes.max() + 1)[codes] if few else _outputs(values)
    names = _choose_predictors(known, outputs, kept)
    X = known[names].fillna(MISSING).to_numpy(np.float32)
    limits = {"max_leaf_nodes": leaves, "min_samples_leaf": SMALLEST_GROUP, "random_state": 7}
    tree = DecisionTreeClassifier(criterion="entropy", **limits) if few else DecisionTreeRegressor(**limits)
    weight = np.where(known[CAME_UNKNOWN] == 1.0, TEST_WEIGHT, 1.0)
    tree.fit(X, codes if few else outputs, sample_weight=weight)
    shape, places = tree.tree_, {name: place for place, name in enumerate(known)}
    inner = shape.feature >= 0
    features = [places[names[feature]] if feature >= 0 else -1 for feature in shape.feature]
    thresholds = np.where(inner, shape.threshold, 0.0)
    columns = (features, thresholds, shape.children_left, shape.children_right)
    return pd.DataFrame(dict(zip(NODE, columns, strict=True))), tree.apply(X)


def derive(applications: Path, sample: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Texts by code, nodes, segments, and the frame of all columns with what is drawn (for further fits)."""
    rows, words = code_texts(read_applications(applications, sample))
    texts = set(words["column"])
    known = rows[[CAME_UNKNOWN]].copy()
    nodes, segments = [], []
    for step in STEPS:
        values = drawn_values(step, rows)
        grown, pieces = fit_step(step, values, known, texts)
        nodes.append(grown)
        segments.append(pieces)
        own = {f"{step.column} drawn": values} if step.related else {}
        known = known.assign(**own, **{step.column: rows[step.column]}).copy()
    return (
        words,
        pd.concat(nodes, ignore_index=True),
        pd.concat(segments, ignore_index=True),
        known.assign(TARGET=rows["TARGET"]),
    )


def main(applications: Path, sample: Path) -> None:
    """Derive and write all figures behind the applications."""
    words, nodes, pieces, known = derive(applications, sample)
    train = known[known[CAME_UNKNOWN] == 0.0]
    values = list_values(code_texts(read_applications(applications, sample))[0])
    tables = {
        "values": values,
        "texts": words,
        "nodes": nodes,
        "pieces": pieces,
        "causes": fit_causes(train, train["TARGET"]),
    }
    for name, table in tables.items():
        table.to_parquet(FOLDER / f"applicant_{name}.parquet", compression="zstd", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
