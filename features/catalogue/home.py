"""Features of where the applicant lives and what is owned: housing, car, building, region, addresses.

Belongs here: home, property and place in application_train and application_test. Does not: the person
(applicant). Building columns come as _AVG, _MODE and _MEDI, which say nearly the same: _AVG is used.
"""
# One declaration reads as a paragraph, not as a column:
# fmt: off

from features.declaration import Feature
from features.expressions import col, sum_of
from features.schemas import categories_of

_HOUSING = categories_of("application", "NAME_HOUSING_TYPE")
_WALLS = categories_of("application", "WALLSMATERIAL_MODE")
_FUNDS = categories_of("application", "FONDKAPREMONT_MODE")
_CAR_AGE = col("OWN_CAR_AGE")
_BUILDING = [
    col(f"{name}_AVG")
    for name in (
        "APARTMENTS", "BASEMENTAREA", "YEARS_BEGINEXPLUATATION", "YEARS_BUILD", "COMMONAREA", "ELEVATORS",
        "ENTRANCES", "FLOORSMAX", "FLOORSMIN", "LANDAREA", "LIVINGAPARTMENTS", "LIVINGAREA",
        "NONLIVINGAPARTMENTS", "NONLIVINGAREA",
    )
]

_OWNED = (
    Feature(
        name="app_housing", table="application", value=col("NAME_HOUSING_TYPE").code_in(_HOUSING),
        unit="category", categories=_HOUSING, group="HOUSING",
        meaning="Housing",
        reason="Housing situation",
    ),
    Feature(
        name="app_owns_realty", table="application", value=col("FLAG_OWN_REALTY").is_in("Y"),
        unit="flag", group="HOUSING",
        meaning="Owns a house or flat",
        reason="Whether a house or flat is owned",
    ),
    Feature(
        name="app_owns_car", table="application", value=col("FLAG_OWN_CAR").is_in("Y"),
        unit="flag", riskier="lower", group="HOUSING",
        meaning="Owns a car",
        reason="No car is owned",
    ),
    Feature(
        name="app_car_age", table="application", value=_CAR_AGE,
        unit="years", riskier="higher", group="HOUSING",
        meaning="Age of the client’s car (missing without a car, or above 63 years)",
        reason="The car is older than usual",
    ),
    Feature(
        name="app_car_age_to_employed", table="application",
        value=_CAR_AGE * -365.25 / col("DAYS_EMPLOYED"),
        unit="ratio", riskier="higher", group="HOUSING",
        meaning="Age of the car divided by time in the current employment",
        reason="The car is older than usual for the time in the current employment",
    ),
)

_HOME = (
    Feature(
        name="app_building_floors", table="application", value=col("FLOORSMAX_AVG"),
        unit="score", riskier="lower", group="HOUSING",
        meaning="Height of the building lived in (0 to 1)",
        reason="The building lived in has fewer floors than usual",
    ),
    Feature(
        name="app_building_area", table="application", value=col("TOTALAREA_MODE"),
        unit="score", group="HOUSING",
        meaning="Total area of the building lived in (0 to 1)",
        reason="Size of the building lived in",
    ),
    Feature(
        name="app_building_known_count", table="application",
        value=sum_of(*(~column.is_missing() for column in _BUILDING)), unit="count", group="HOUSING",
        meaning="Facts known of the building lived in, of 14",
        reason="How much is known of the building lived in",
    ),
    Feature(
        name="app_building_walls", table="application", value=col("WALLSMATERIAL_MODE").code_in(_WALLS),
        unit="category", categories=_WALLS, group="HOUSING",
        meaning="Walls of the building lived in",
        reason="How the building lived in is made",
    ),
    Feature(
        name="app_building_repair_fund", table="application",
        value=col("FONDKAPREMONT_MODE").code_in(_FUNDS),
        unit="category", categories=_FUNDS, group="HOUSING",
        meaning="Account of the building’s fund for major repairs",
        reason="How major repairs of the building are paid for",
    ),
)

_REGION = (
    Feature(
        name="app_region_rating", table="application", value=col("REGION_RATING_CLIENT_W_CITY"),
        unit="rating", riskier="higher", group="REGION",
        meaning="Rating of region and city (1 best, 3 worst)",
        reason="The place of residence is rated less well than usual",
    ),
    Feature(
        name="app_region_population", table="application", value=col("REGION_POPULATION_RELATIVE"),
        unit="ratio", group="REGION",
        meaning="Population of the region (relative)",
        reason="Region of residence",
    ),
    Feature(
        name="app_works_in_other_city", table="application", value=col("REG_CITY_NOT_WORK_CITY"),
        unit="flag", riskier="higher", group="REGION",
        meaning="Works in another city than the registered one",
        reason="The place of work is in another city than the registered address",
    ),
    Feature(
        name="app_lives_in_other_city", table="application", value=col("REG_CITY_NOT_LIVE_CITY"),
        unit="flag", riskier="higher", group="REGION",
        meaning="Lives in another city than the registered one",
        reason="The place of residence is in another city than the registered address",
    ),
)

HOME = (*_OWNED, *_HOME, *_REGION)
