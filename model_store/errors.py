"""What can be wrong with a store of models, each as its own error with a message that says what to do.

Belongs here: the errors of versions and aliases. Does not: errors of published runs (scorebook).
"""


class ModelStoreError(Exception):
    """A store of models cannot answer; the message says what was found, expected, and what to do."""


class ModelNotFound(ModelStoreError):
    """No version or alias of that name; the message lists what there is."""


class ModelDamaged(ModelStoreError):
    """A file of a version is not what was saved; the message names it."""


class CatalogueMismatch(ModelStoreError):
    """A version was trained on other features than this code declares; the message says which differ."""


class NothingToRollBack(ModelStoreError):
    """The champion has no predecessor."""


class WorseThanChampion(ModelStoreError):
    """A version is worse than the champion beyond one standard error; the message gives the figures."""


class NoStore(ModelStoreError):
    """Nothing of a store lies at the place that was given; the message says what was looked for."""


class StoreTooNew(ModelStoreError):
    """A newer program has written to the store; the message says which format was found and which are read."""


class DamagedRows(ModelStoreError):
    """A Parquet file of a night cannot be read; the message names it and says how to get it back."""
