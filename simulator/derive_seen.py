"""Here: fitting, offline, what an application shows of each cause of default (facts/applicant_causes.parquet).
Not here: the columns' own dependence (derive_applicants.py), the reading (seen.py).
"""

from typing import Any

import lightgbm
import numpy as np
import pandas as pd

ROUNDS = 250
PARAMETERS = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 6,
    "min_child_samples": 300,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 20.0,
    "seed": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "num_threads": 2,
}
MISSING = -1e9
CAUSES = {
    "ability": (
        "EXT_SOURCE_1", "NAME_EDUCATION_TYPE", "OCCUPATION_TYPE", "ORGANIZATION_TYPE", "NAME_INCOME_TYPE",
        "DAYS_BIRTH", "DAYS_EMPLOYED", "CODE_GENDER", "AMT_INCOME_TOTAL", "REGION_RATING_CLIENT_W_CITY",
        "REGION_POPULATION_RELATIVE", "NAME_HOUSING_TYPE", "FLAG_OWN_CAR", "OWN_CAR_AGE", "NAME_FAMILY_STATUS",
        "CNT_CHILDREN", "FLAG_DOCUMENT_3", "FLAG_DOCUMENT_16", "FLOORSMAX_AVG",
    ),
    "indebtedness": (
        "EXT_SOURCE_3", "NAME_CONTRACT_TYPE", "AMT_GOODS_PRICE", "AMT_CREDIT drawn", "AMT_ANNUITY drawn",
        "AMT_CREDIT", "AMT_ANNUITY", "AMT_REQ_CREDIT_BUREAU_YEAR", "AMT_REQ_CREDIT_BUREAU_QRT",
    ),
    "behaviour": (
        "EXT_SOURCE_2", "DEF_30_CNT_SOCIAL_CIRCLE", "DEF_60_CNT_SOCIAL_CIRCLE", "FLAG_WORK_PHONE", "FLAG_PHONE",
        "DAYS_ID_PUBLISH", "DAYS_REGISTRATION",
    ),
    "shocks": (
        "DAYS_LAST_PHONE_CHANGE", "REG_CITY_NOT_LIVE_CITY", "REG_CITY_NOT_WORK_CITY", "AMT_REQ_CREDIT_BUREAU_MON",
        "HOUR_APPR_PROCESS_START",
    ),
}  # fmt: skip


def fit_causes(known: pd.DataFrame, target: pd.Series) -> pd.DataFrame:
    """Nodes of the forest: tree, cause, column ("" for a leaf), threshold, left, right, value.

    Each tree splits on the columns of one cause only. A leaf stands for at least 300 real applications.
    """
    columns = [name for names in CAUSES.values() for name in names]
    places = {name: place for place, name in enumerate(columns)}
    groups = [[places[name] for name in names] for names in CAUSES.values()]
    data = lightgbm.Dataset(known[columns].fillna(MISSING).to_numpy(np.float64), target.to_numpy(np.int8))
    booster = lightgbm.train({**PARAMETERS, "interaction_constraints": groups}, data, ROUNDS)
    cause_of = {name: cause for cause, names in CAUSES.items() for name in names}
    rows: list[tuple[Any, ...]] = []
    for number, tree in enumerate(booster.dump_model()["tree_info"]):
        nodes: list[list[Any]] = []
        _flatten(tree["tree_structure"], columns, nodes)
        if len(nodes) > 1:
            rows += [(number, cause_of[nodes[0][0]], *node) for node in nodes]
    return pd.DataFrame(rows, columns=["tree", "cause", "column", "threshold", "left", "right", "value"])


def _flatten(node: dict[str, Any], columns: list[str], nodes: list[list[Any]]) -> int:
    """Append the node and those below it; its place."""
    place = len(nodes)
    if "leaf_value" in node:
        nodes.append(["", 0.0, 0, 0, round(node["leaf_value"], 6)])
        return place
    own: list[Any] = [columns[node["split_feature"]], node["threshold"], 0, 0, 0.0]
    nodes.append(own)
    own[2] = _flatten(node["left_child"], columns, nodes)
    own[3] = _flatten(node["right_child"], columns, nodes)
    return place
