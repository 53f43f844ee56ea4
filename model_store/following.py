"""A model that follows an alias: promotions and rollbacks count at the next question, without a restart.

Belongs here: when a loaded model is still the right one. Does not: loading it (versions).
"""

from __future__ import annotations

from threading import Lock

from features import CATALOGUE, Catalogue
from model_store.aliases import resolve
from model_store.checksums import SUMS_FILE
from model_store.scoring_model import ScoringModel
from model_store.storage import Location, open_store
from model_store.version_folders import version_folder
from model_store.versions import load


class FollowedModel:
    """The version that an alias of a store stands for, loaded and verified once and kept while it does.

    Looks the alias up at every question: one small file. Threads may share it.
    """

    def __init__(
        self, store: Location, version_or_alias: str = "champion", catalogue: Catalogue = CATALOGUE
    ) -> None:
        self._store = open_store(store)
        self._followed = version_or_alias
        self._catalogue = catalogue
        self._lock = Lock()
        self._kept: tuple[tuple[str, bytes], ScoringModel] | None = None

    def version(self) -> str:
        """The version that decides now. Errors: ModelNotFound."""
        return resolve(self._store, self._followed)

    def model(self) -> ScoringModel:
        """The model that decides now. Errors: as `load`."""
        version = self.version()
        # the sums as well as the name: a store that was made anew has other files under the same names
        wanted = (version, (version_folder(self._store, version) / SUMS_FILE).read_bytes())
        with self._lock:
            if self._kept is None or self._kept[0] != wanted:
                self._kept = (wanted, load(self._store, version, self._catalogue))
            return self._kept[1]
