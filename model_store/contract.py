"""What BI tools rely on: the columns of a published night, in order, with their types.

Belongs here: the contract and its version. Does not: writing or reading files (batch, scorebook).
"""

import pyarrow as pa

CONTRACT_VERSION = "1"
REASONS = 4

_REASON_COLUMNS = [(f"reason_{rank}", pa.string()) for rank in range(1, REASONS + 1)]
_CONTRIBUTION_COLUMNS = [(f"reason_{rank}_contribution", pa.float32()) for rank in range(1, REASONS + 1)]

SCORES = pa.schema(
    [
        ("SK_ID_CURR", pa.int32()),
        ("default_probability", pa.float64()),
        ("score", pa.int16()),
        ("risk_band", pa.string()),
        ("decision", pa.string()),
        ("cut_off", pa.float64()),
        *_REASON_COLUMNS,
        *_CONTRIBUTION_COLUMNS,
        ("seen_in_training", pa.bool_()),
        ("model_version", pa.string()),
        ("catalogue_hash", pa.string()),
        ("run_id", pa.string()),
    ],
    metadata={"pret.contract": CONTRACT_VERSION},
)
"""The BI export, one row per client. Renaming, removing or re-typing a column is a new contract version."""
