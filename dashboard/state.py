"""What one reader is looking at: run, language, page, cut-off, cohorts, feature, client. No widgets, no data.
Not here: how it is written into the link (links.py), nor what is shown for it (pages/)."""

from __future__ import annotations

import param

from dashboard.cohort import DIMENSIONS, Cohort, FeatureRange
from dashboard.texts import DEFAULT_LANGUAGE
from explain import READERS

BASELINES = ("rest", "everyone", "custom")
SPLITS = ("decision", "cohorts")
REFERENCES = ("base", "accepted", "chosen")  # whom LIME compares a client with; chosen: cohort A


class CohortFilter(param.Parameterized):
    """A cohort being stated: chosen options per dimension, and a range of one feature."""

    decision = param.List(default=[], item_type=str)
    risk_band = param.List(default=[], item_type=str)
    age_band = param.List(default=[], item_type=str)
    gender = param.List(default=[], item_type=str)
    income_type = param.List(default=[], item_type=str)
    education = param.List(default=[], item_type=str)
    housing = param.List(default=[], item_type=str)
    credit_type = param.List(default=[], item_type=str)
    feature = param.String(default="")
    low = param.Number(default=None, allow_None=True)
    high = param.Number(default=None, allow_None=True)

    @property
    def cohort(self) -> Cohort:
        """The stated cohort."""
        choices = tuple((code, tuple(getattr(self, code))) for code in DIMENSIONS if getattr(self, code))
        bounded = self.feature and (self.low is not None or self.high is not None)
        return Cohort(choices, FeatureRange(self.feature, self.low, self.high) if bounded else None)

    def state(self, cohort: Cohort) -> None:
        """Takes over a cohort, every condition at once."""
        chosen = dict(cohort.choices)
        within = cohort.within
        self.param.update(
            **{code: list(chosen.get(code, ())) for code in DIMENSIONS},
            feature=within.feature if within else "",
            low=within.low if within else None,
            high=within.high if within else None,
        )


class Session(param.Parameterized):
    """One reader's view. Run, language and store stay as opened: another one is another link."""

    store = param.String(constant=True)
    run = param.String(constant=True)
    language = param.String(default=DEFAULT_LANGUAGE, constant=True)
    page = param.String(default="portfolio")
    cut_off = param.Number(
        default=None, allow_None=True, bounds=(0, 1), doc="Explored cut-off; None: the run's"
    )
    fn_cost = param.Number(default=10.0, bounds=(0.1, 1000))  # of a missed default, in refused good clients
    cohort_a = param.ClassSelector(class_=CohortFilter, constant=True)
    cohort_b = param.ClassSelector(class_=CohortFilter, constant=True)
    baseline = param.Selector(default="rest", objects=list(BASELINES))
    feature = param.String(default="")
    split = param.Selector(default="decision", objects=list(SPLITS))
    client = param.Integer(default=None, allow_None=True)
    reader = param.Selector(default="manager", objects=list(READERS), doc="Whom reasons are worded for")
    against = param.Selector(default="base", objects=list(REFERENCES), doc="Whom LIME compares with")

    def __init__(self, **params: object) -> None:
        super().__init__(**{"cohort_a": CohortFilter(), "cohort_b": CohortFilter(), **params})
