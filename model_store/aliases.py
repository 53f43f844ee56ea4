"""Which version an alias stands for now.

Belongs here: looking up. Does not: changing it (promotion), how it came about (history).
"""

from __future__ import annotations

from upath import UPath

from model_store.errors import ModelNotFound
from model_store.history import latest
from model_store.version_folders import require_version, version_names

ALIASES = ("champion", "challenger")


def read_aliases(store: UPath) -> dict[str, str]:
    """Alias to version; empty where nothing was promoted yet."""
    entry = latest(store)
    return dict(entry.aliases) if entry else {}


def resolve(store: UPath, version_or_alias: str) -> str:
    """The version that a version name or alias stands for. Errors: ModelNotFound listing what there is."""
    aliases = read_aliases(store)
    if version_or_alias not in ALIASES:
        return require_version(store, version_or_alias, aliases)
    if version_or_alias in aliases:
        return require_version(store, aliases[version_or_alias], aliases)
    raise ModelNotFound(
        f"{store} has no {version_or_alias}; its versions are {', '.join(version_names(store)) or 'none'}. "
        "Promote one, or train with --promote"
    )


def champion(store: UPath) -> str:
    """The version that decides. Errors: ModelNotFound when none was promoted."""
    return resolve(store, "champion")
