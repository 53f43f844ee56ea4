"""Features: what they are (declaration), which exist (catalogue), how they are computed (builder).

Knows no Dask, no Panel, no model. Everything that others use is importable from here.
"""

from features.builder import build_features, build_variants
from features.catalogue import CATALOGUE
from features.change import FIXED, Change
from features.declaration import Catalogue, Feature, over
from features.formats import Formats
from features.groups import GROUPS, Group
from features.raw import InvalidRows, frame_of_rows
from features.schemas import TABLES, Column, Table, categories_of
from features.texts import FeatureText, Language, category_text, feature_text, group_title, unit_text
from features.values import number_text, value_text
from features.views import MissingTable, RepeatedClients, UnknownTable
from features.vocabulary import DeclarationError

__all__ = [
    "CATALOGUE",
    "FIXED",
    "GROUPS",
    "TABLES",
    "Catalogue",
    "Change",
    "Column",
    "DeclarationError",
    "Feature",
    "FeatureText",
    "Formats",
    "Group",
    "InvalidRows",
    "Language",
    "MissingTable",
    "RepeatedClients",
    "Table",
    "UnknownTable",
    "build_features",
    "build_variants",
    "categories_of",
    "category_text",
    "feature_text",
    "frame_of_rows",
    "group_title",
    "number_text",
    "over",
    "unit_text",
    "value_text",
]
