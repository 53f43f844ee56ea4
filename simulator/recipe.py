"""Here: the order in which an application's columns are drawn, and what is drawn for each.
Not here: the figures behind the draws (applicant.py), their fitting (derive_applicants.py).

A column that moves with an earlier one is drawn as what separates the two: a credit as its ratio to the price
of the goods, an annuity as its ratio to the credit, a building's mode as its distance from a multiple of its
average.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from simulator.facts import Floats

CAME_UNKNOWN = (
    "CAME_UNKNOWN"  # 1 for clients who came as test clients, the first column that others depend on
)
NONE_SENTINEL = 365243.0


@dataclass(frozen=True)
class Step:
    """One column. `over` names the column it is a ratio of; `beside` the column of which it is `factor` times,
    but for a distance. `step` is the grid of its values, `grain` that of what is drawn where it is a ratio.
    Of a `listed` column none but frequent values are drawn; a `counted` one (floors, entrances) is moved to the
    nearest of its frequent values in the end. `leaves` is the most groups of clients that are told apart
    when it is drawn; `first` splits them before all else, one after the other: column and threshold, missing lies
    below.
    `sentinel` is a value that stands for none and is never averaged with others; `bounds` hold all values.
    """

    column: str
    over: str | None = None
    beside: str | None = None
    factor: float = 1.0
    step: float = 1.0
    grain: float | None = None
    listed: bool = False
    counted: bool = False
    leaves: int = 80
    first: tuple[tuple[str, float], ...] = ()
    sentinel: float | None = None
    bounds: tuple[float, float] = (-np.inf, np.inf)

    @property
    def related(self) -> bool:
        """True where something else than the column itself is drawn."""
        return self.over is not None or self.beside is not None

    def drawn_from(self, rows: Mapping[str, Floats]) -> Floats:
        """What is drawn, of clients whose columns are known: the ratio, the distance or the column itself."""
        values, reference = rows[self.column], self._reference(rows)
        if self.over is not None:
            zero = (reference == 0) & ~np.isnan(values)
            return np.where(zero, 1.0, values / np.where(reference == 0, 1.0, reference))
        return values if self.beside is None else values - self.factor * reference

    def restored(self, drawn: Floats, rows: Mapping[str, Floats]) -> Floats:
        """The column's values of what was drawn."""
        if self.over is not None:
            return drawn * self._reference(rows)
        return drawn if self.beside is None else drawn + self.factor * self._reference(rows)

    def _reference(self, rows: Mapping[str, Floats]) -> Floats:
        """The column that this one moves with; where it is missing, this one stands for itself."""
        if self.over is not None:
            return np.where(np.isnan(rows[self.over]), 1.0, rows[self.over])
        if self.beside is not None:
            return np.where(np.isnan(rows[self.beside]), 0.0, rows[self.beside])
        return rows[self.column]


IS_UNKNOWN = (CAME_UNKNOWN, 0.5)
HAS_EMPLOYMENT = ("DAYS_EMPLOYED", 0.5)
HAS_CAR = ("FLAG_OWN_CAR", 0.5)
IS_CASH = ("NAME_CONTRACT_TYPE", 0.5)
IS_ASKED = ("AMT_REQ_CREDIT_BUREAU_YEAR", -1.0)
IS_SEEN = ("OBS_30_CNT_SOCIAL_CIRCLE", -1.0)
OLD_CAR = ("OWN_CAR_AGE", 8.5)
COUNT = (0.0, np.inf)
FLAGS = ("FLAG_MOBIL", "FLAG_WORK_PHONE", "FLAG_CONT_MOBILE", "FLAG_PHONE", "FLAG_EMAIL")
PERSON = (
    Step("NAME_CONTRACT_TYPE", first=(IS_UNKNOWN,)),
    Step("CODE_GENDER"),
    Step("DAYS_BIRTH", leaves=40),
    Step("NAME_INCOME_TYPE"),
    Step("DAYS_EMPLOYED", leaves=150, sentinel=NONE_SENTINEL),
    Step("FLAG_EMP_PHONE", leaves=20, first=(HAS_EMPLOYMENT,)),
    Step("ORGANIZATION_TYPE", leaves=120, first=(HAS_EMPLOYMENT,)),
    Step("OCCUPATION_TYPE", leaves=200, first=(HAS_EMPLOYMENT,)),
    Step("NAME_EDUCATION_TYPE", leaves=150),
    Step("NAME_FAMILY_STATUS", leaves=100),
    Step("CNT_CHILDREN", leaves=100),
    Step("CNT_FAM_MEMBERS", beside="CNT_CHILDREN", leaves=20),
    Step("NAME_HOUSING_TYPE", leaves=100),
    Step("FLAG_OWN_REALTY", leaves=80),
    Step("FLAG_OWN_CAR", leaves=80),
    Step("OWN_CAR_AGE", leaves=60, first=(HAS_CAR,)),
)
PLACE = (
    Step("REGION_POPULATION_RELATIVE", step=1e-6, listed=True, leaves=100),
    Step("REGION_RATING_CLIENT", leaves=100, first=(IS_UNKNOWN,)),
    Step("REGION_RATING_CLIENT_W_CITY", leaves=60, first=(IS_UNKNOWN,)),
    Step("REG_REGION_NOT_LIVE_REGION", leaves=40),
    Step("REG_REGION_NOT_WORK_REGION", leaves=60),
    Step("LIVE_REGION_NOT_WORK_REGION", leaves=40),
    Step("REG_CITY_NOT_LIVE_CITY", leaves=60),
    Step("REG_CITY_NOT_WORK_CITY", leaves=80),
    Step("LIVE_CITY_NOT_WORK_CITY", leaves=80),
)
CREDIT = (
    Step("AMT_INCOME_TOTAL", step=4500.0, leaves=350),
    Step("AMT_GOODS_PRICE", step=4500.0, leaves=300),
    Step(
        "AMT_CREDIT", over="AMT_GOODS_PRICE", step=4.5, grain=1e-4, listed=True, leaves=200, first=(IS_CASH,)
    ),
    Step(
        "AMT_ANNUITY",
        over="AMT_CREDIT",
        step=4.5,
        grain=1e-5,
        listed=True,
        leaves=400,
        first=(IS_UNKNOWN, IS_CASH),
    ),
)
DAYS = (
    Step("DAYS_REGISTRATION", leaves=80),
    Step("DAYS_ID_PUBLISH", leaves=100),
    Step("DAYS_LAST_PHONE_CHANGE", leaves=100, first=(IS_UNKNOWN,)),
)
ENQUIRIES = (
    Step("AMT_REQ_CREDIT_BUREAU_YEAR", leaves=80),
    *(
        Step(f"AMT_REQ_CREDIT_BUREAU_{period}", leaves=60, first=(IS_ASKED,))
        for period in ("QRT", "MON", "WEEK", "DAY", "HOUR")
    ),
)
VIEWS = (
    Step("EXT_SOURCE_2", step=0.0, leaves=200),
    Step("EXT_SOURCE_3", step=0.0, listed=True, leaves=200, first=(IS_UNKNOWN, IS_ASKED)),
    Step("EXT_SOURCE_1", step=0.0, leaves=400, first=(IS_UNKNOWN, OLD_CAR)),
)
VISIT = (
    Step("HOUR_APPR_PROCESS_START", leaves=100),
    Step("WEEKDAY_APPR_PROCESS_START", leaves=40),
    Step("NAME_TYPE_SUITE", leaves=80),
    *(Step(flag, leaves=60) for flag in FLAGS),
)
DOCUMENTS = tuple(
    Step(f"FLAG_DOCUMENT_{number}", leaves=60 if number in (3, 6, 8) else 12, first=(IS_UNKNOWN,))
    for number in (3, 6, 8, 5, 16, 18, 11, 9, 13, 14, 15, 2, 4, 7, 10, 12, 17, 19, 20, 21)
)
CIRCLE = (
    Step("OBS_30_CNT_SOCIAL_CIRCLE", leaves=60),
    Step("DEF_30_CNT_SOCIAL_CIRCLE", leaves=60, first=(IS_SEEN,)),
    Step("OBS_60_CNT_SOCIAL_CIRCLE", beside="OBS_30_CNT_SOCIAL_CIRCLE", leaves=40, bounds=COUNT),
    Step("DEF_60_CNT_SOCIAL_CIRCLE", beside="DEF_30_CNT_SOCIAL_CIRCLE", leaves=40, bounds=COUNT),
)
MEASURES = (
    "FLOORSMAX",
    "ENTRANCES",
    "APARTMENTS",
    "LIVINGAREA",
    "LIVINGAPARTMENTS",
    "ELEVATORS",
    "BASEMENTAREA",
    "LANDAREA",
    "COMMONAREA",
    "FLOORSMIN",
    "NONLIVINGAREA",
    "NONLIVINGAPARTMENTS",
    "YEARS_BUILD",
    "YEARS_BEGINEXPLUATATION",
)
# MODE and MEDI as multiples of AVG where the building has one value of the measure (medians of the real ratios).
FACTORS = {
    "APARTMENTS": (1.01885, 1.00965),
    "LIVINGAREA": (1.04183, 1.01802),
    "LIVINGAPARTMENTS": (1.0924, 1.01727),
    "ELEVATORS": (1.00689, 1.0),
    "BASEMENTAREA": (1.03769, 1.0),
    "LANDAREA": (1.02272, 1.01731),
    "COMMONAREA": (1.00902, 1.00628),
    "NONLIVINGAREA": (1.05858, 1.02091),
    "NONLIVINGAPARTMENTS": (1.01099, 1.01099),
    "YEARS_BUILD": (0.961, 0.98678),
}
COUNTED = ("FLOORSMAX", "FLOORSMIN", "ENTRANCES", "ELEVATORS", "NONLIVINGAPARTMENTS", "YEARS_BUILD")
STEPS_OF = {"ELEVATORS_MEDI": 0.01}
SHARE = (0.0, 1.0)  # all measures are scaled to these
RATIOS = (
    "NONLIVINGAREA",
    "ENTRANCES",
)  # mode and median of these are multiples of the average, often 0 times
OWN_RATIO = {"LIVINGAREA": "APARTMENTS", "LIVINGAPARTMENTS": "APARTMENTS"}


def _building() -> tuple[Step, ...]:
    steps = []
    for name in MEASURES:
        reference = OWN_RATIO.get(name)
        counted = name in COUNTED
        average = Step(f"{name}_AVG", step=1e-4, counted=counted, leaves=150, bounds=SHARE)
        ratio = replace(average, over=f"{reference}_AVG", grain=1e-3)
        steps.append(ratio if reference else average)
        for suffix, factor in zip(("MODE", "MEDI"), FACTORS.get(name, (1.0, 1.0)), strict=True):
            column = f"{name}_{suffix}"
            step = STEPS_OF.get(column, 1e-4)
            copy = Step(column, step=step, leaves=100, bounds=SHARE, counted=counted)
            if name in RATIOS:
                steps.append(replace(copy, over=average.column, grain=1e-3))
            else:
                steps.append(replace(copy, beside=average.column, factor=factor))
    total = Step("TOTALAREA_MODE", over="LIVINGAREA_AVG", step=1e-4, grain=1e-3, leaves=100, bounds=SHARE)
    texts = ("HOUSETYPE_MODE", "WALLSMATERIAL_MODE", "EMERGENCYSTATE_MODE", "FONDKAPREMONT_MODE")
    return (*steps, total, *(Step(column, leaves=80) for column in texts))


STEPS = (*PERSON, *PLACE, *CREDIT, *DAYS, *ENQUIRIES, *VIEWS, *VISIT, *DOCUMENTS, *CIRCLE, *_building())
