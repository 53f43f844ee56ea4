"""What computes a night, in one number: modules, tables and libraries of this program.

Belongs here: that number. Does not: what it decides (finished, earlier, roll_call).
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib.metadata import version
from pathlib import Path

_CODE = ("batch", "explain", "features", "model_store", "risk")
_ARITHMETIC = ("lightgbm", "numba", "numpy", "pandas", "pyarrow", "scikit-learn")


@cache
def program() -> str:
    """16 hex digits over what computes a night: this program's modules and tables, and its libraries."""
    told = hashlib.sha256(json.dumps([version(name) for name in _ARITHMETIC]).encode())
    root = Path(__file__).resolve().parents[1]
    for path in sorted(
        p for part in _CODE for p in (root / part).rglob("*") if p.suffix in (".py", ".toml", ".csv")
    ):
        told.update(f"\n{path.relative_to(root)}\n".encode())
        told.update(path.read_bytes())
    return told.hexdigest()[:16]
