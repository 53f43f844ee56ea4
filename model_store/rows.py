"""Rows of a Parquet file of a store; a file that is no longer whole is named.

Belongs here: opening, reading, the error that says which file. Does not: what the columns mean (scorebook, nights).
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from model_store.errors import DamagedRows
from model_store.storage import opened


def read_rows(path: UPath, columns: Sequence[str] | None = None) -> pa.Table:
    """The columns asked for, all by default, in the file's order of rows.

    Read on one thread, since files are read side by side. Errors: DamagedRows naming a file that is truncated or
    no Parquet; ValueError naming columns that it has not; FileNotFoundError.
    """
    wanted = None if columns is None else list(columns)
    try:
        with opened(path, wanted) as file:
            parquet = pq.ParquetFile(file)
            if unknown := set(wanted or ()) - set(parquet.schema_arrow.names):
                raise ValueError(f"{path} has no column {', '.join(sorted(unknown))}")
            return parquet.read(columns=wanted, use_threads=False)
    except (pa.ArrowInvalid, OSError) as error:
        if (
            isinstance(error, FileNotFoundError | PermissionError)
            or getattr(error, "errno", None) is not None
        ):
            raise  # the system's own, or an object store's, which gives no number: not there, not allowed
        raise DamagedRows(
            f"{path} is damaged ({str(error).strip('. ')}): restore it from a backup, or remove the folder of "
            "that run and run its night again"
        ) from error
