"""Here: the flow of a report: a portfolio's eight tables, one by one, beside every published figure.
Not here: the figures (report_checks.py, report_histories.py), what a report holds (report_table.py).
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from simulator.measuring import build_people, read_portfolio
from simulator.report_checks import (
    check_correlations,
    check_default_rates,
    check_rows,
    check_rows_per_client,
    check_table,
)
from simulator.report_histories import check_behaviour, check_links
from simulator.report_table import CheckedFact, Report
from simulator.writing import TABLES

Progress = Callable[[str, float], None]


def compare_folder(folder: Path, progress: Progress | None = None) -> Report:
    """Every published figure beside that of the eight tables in `folder`.

    Reads one table at a time. `progress` hears which one and the share of all tables done, up to 1.0.
    Errors: FileNotFoundError naming the table that is not there.
    """
    portfolio = read_portfolio(folder)
    people = dict(build_people(portfolio))
    facts: list[CheckedFact] = []
    rows: dict[str, int] = {}
    loans = np.empty(0, dtype=np.int64)
    for number, name in enumerate(TABLES):
        if progress is not None:
            progress("compare", number / len(TABLES))
        table = portfolio.read(name)
        rows[name] = len(table)
        facts += check_table(table, people)
        facts += check_rows_per_client(table, people)
        if name == "application_train":
            facts += check_default_rates(table, people)
            facts += check_correlations(table)
        if name == "previous_application":
            loans = np.unique(table.ids("SK_ID_PREV"))
        facts += check_links(table, portfolio, people, loans)
        facts += check_behaviour(table, people["everyone"])
    facts += check_rows(len(portfolio.clients), rows)
    if progress is not None:
        progress("compare", 1.0)
    return Report(len(portfolio.clients), tuple(facts))
