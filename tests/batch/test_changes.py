"""A second ingest reads what changed and holds, to the last bit, what reading everything would have held."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from mini_tables import (
    CLIENTS,
    Sheets,
    mini_tables,
    rejects_of,
    shard_features,
    shard_frames,
    take_in,
    write_tables,
)

from batch.ingest import Ingest
from batch.shards.ledger import differing, read_known
from features import TABLES

OLD = CLIENTS[3]


def known_tables() -> Sheets:
    """The small tables with known categories only: clients with others are read every night."""
    sheets = mini_tables()
    for table in TABLES.values():
        closed = {name: column.categories for name, column in table.columns.items() if column.categories}
        for sheet in (sheets[file] for file in table.files):
            for at, name in enumerate(sheet.columns):
                for row in sheet.rows if name in closed else ():
                    row[at] = row[at] if row[at] in closed[name] else closed[name][0]
    return sheets


def nothing(sheets: Sheets) -> None:
    """The same lines."""


def other_value(sheets: Sheets) -> None:
    sheets["bureau"].put(4, "AMT_CREDIT_SUM", "777000.5")


def one_more_row(sheets: Sheets) -> None:
    sheets["POS_CASH_balance"].add(7, SK_ID_CURR=OLD, SK_ID_PREV=OLD * 100, MONTHS_BALANCE=-9)


def new_client(sheets: Sheets) -> None:
    sheets["application_test"].add(9, SK_ID_CURR=100_031, DAYS_BIRTH=-15_000)
    sheets["bureau"].add(9, SK_ID_CURR=100_031, SK_ID_BUREAU=1_000_310)
    sheets["bureau_balance"].add(9, SK_ID_BUREAU=1_000_310, MONTHS_BALANCE=-1)


def client_gone(sheets: Sheets) -> None:
    sheets["application_train"].rows.pop(3)


def outcome_known(sheets: Sheets) -> None:
    row = sheets["application_test"].rows.pop(0)
    sheets["application_train"].rows.append([row[0], "1", *row[1:]])


def other_order(sheets: Sheets) -> None:
    for sheet in sheets.values():
        sheet.rows.reverse()


def bad_value(sheets: Sheets) -> None:
    sheets["installments_payments"].put(5, "DAYS_INSTALMENT", "soon")


def credit_of_two(sheets: Sheets) -> None:
    sheets["bureau"].add(5, SK_ID_CURR=OLD, SK_ID_BUREAU=CLIENTS[7] * 10)


def unknown_category(sheets: Sheets) -> None:
    sheets["previous_application"].put(6, "NAME_CONTRACT_STATUS", "Perhaps")


def orphans(sheets: Sheets) -> None:
    sheets["bureau_balance"].add(5, SK_ID_BUREAU=4, MONTHS_BALANCE=-1)
    sheets["POS_CASH_balance"].add(5, SK_ID_CURR=4, SK_ID_PREV=9, MONTHS_BALANCE=-1)


def credit_moves(sheets: Sheets) -> None:
    sheets["bureau"].put(2, "SK_ID_CURR", str(CLIENTS[5]))


CHANGES = [
    nothing,
    other_value,
    one_more_row,
    new_client,
    client_gone,
    outcome_known,
    other_order,
    bad_value,
    credit_of_two,
    unknown_category,
    orphans,
    credit_moves,
]
Change = Callable[[Sheets], None]


def taken_again(tmp_path: Path, first: Sheets, second: Sheets) -> tuple[Ingest, Ingest]:
    """The second night of a store that knows the first, and the same night of a store that knows nothing."""
    take_in(write_tables(tmp_path / "first", first), tmp_path / "store")
    folder = write_tables(tmp_path / "second", second)
    return take_in(folder, tmp_path / "store"), take_in(folder, tmp_path / "fresh")


def require_alike(again: Ingest, fresh: Ingest) -> None:
    """Rows, features, rows set aside with their lines, counts."""
    ours, theirs = shard_frames(again), shard_frames(fresh)
    for name in TABLES:
        pd.testing.assert_frame_equal(ours[name], theirs[name])
        pd.testing.assert_frame_equal(rejects_of(again, name), rejects_of(fresh, name))
    pd.testing.assert_frame_equal(shard_features(again), shard_features(fresh), check_exact=True)
    for fact in ("clients", "rows", "rejected", "unknown_categories", "fingerprint", "inputs"):
        told = again.document[fact], fresh.document[fact]
        if fact == "inputs":
            told = tuple(
                [{k: v for k, v in entry.items() if k != "modified"} for entry in side] for side in told
            )
        assert told[0] == told[1], fact


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_second_ingest_is_what_a_first_one_would_be(change: Change, tmp_path: Path) -> None:
    """Whatever changed, and read around most clients, shards and rejects are those of reading everything."""
    second = known_tables()
    change(second)
    again, fresh = taken_again(tmp_path, known_tables(), second)
    assert again.document["unchanged"] >= len(CLIENTS) - 4
    require_alike(again, fresh)


@pytest.mark.parametrize(
    "change", [bad_value, credit_of_two, unknown_category, orphans], ids=lambda c: c.__name__
)
def test_what_is_wrong_is_told_every_night(change: Change, tmp_path: Path) -> None:
    """What was wrong the night before and still is: told again, on the line where it stands now."""
    first, second = known_tables(), known_tables()
    change(first)
    change(second)
    for file in ("installments_payments", "bureau", "previous_application", "bureau_balance"):
        second[file].rows.reverse()
    again, fresh = taken_again(tmp_path, first, second)
    assert again.document["unchanged"] > 0
    require_alike(again, fresh)


def test_a_third_ingest_stands_on_the_first(tmp_path: Path) -> None:
    """Changes are those since everything was read: two nights later one step down is enough."""
    store = tmp_path / "store"
    second, third = known_tables(), known_tables()
    other_value(second)
    other_value(third)
    one_more_row(third)
    base = take_in(write_tables(tmp_path / "1", known_tables()), store)
    take_in(write_tables(tmp_path / "2", second), store)
    again = take_in(write_tables(tmp_path / "3", third), store)
    assert again.document["compared_with"] == base.folder.name
    require_alike(again, take_in(tmp_path / "3", tmp_path / "fresh"))


def far_apart(sheets: Sheets) -> Sheets:
    """The same tables of clients 50 million identifiers apart."""
    for sheet in (sheet for sheet in sheets.values() if "SK_ID_CURR" in sheet.columns):
        at = sheet.columns.index("SK_ID_CURR")
        for row in sheet.rows:
            row[at] = str((int(row[at]) - 100_000) * 50_000_000)
    return sheets


def test_clients_far_apart_are_compared_too(tmp_path: Path) -> None:
    """As those whose identifiers lie close together: only who changed is read again."""
    second = known_tables()
    other_value(second)
    again, fresh = taken_again(tmp_path, far_apart(known_tables()), far_apart(second))
    assert again.document["compared_with"] is not None
    assert again.document["unchanged"] == len(CLIENTS) - 1
    require_alike(again, fresh)


def many_changed(sheets: Sheets) -> None:
    for line in range(2, 14):
        sheets["application_train"].put(line, "AMT_CREDIT", "123456.5")


def quoted_identifier(sheets: Sheets) -> None:
    """Both nights' files have one credit whose client stands in quotes."""


@pytest.mark.parametrize(
    ("change", "said"), [(many_changed, "of the clients differ"), (quoted_identifier, "by parsing only")]
)
def test_everything_is_read_where_comparing_does_not_help(
    change: Change, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Too many changes, or an identifier that only a parser can read: all is read, and it is said why."""
    second = known_tables()
    change(second)
    folder = write_tables(tmp_path / "first", known_tables())
    other = write_tables(tmp_path / "second", second)
    if change is quoted_identifier:
        for path in (folder / "POS_CASH_balance.csv", other / "POS_CASH_balance.csv"):
            path.write_text(path.read_text().replace(f",{OLD},", f',"{OLD}",', 1))
    take_in(folder, tmp_path / "store")
    folder = other
    again, fresh = take_in(folder, tmp_path / "store"), take_in(folder, tmp_path / "fresh")
    assert again.document["compared_with"] is None
    assert said in capsys.readouterr().err
    require_alike(again, fresh)


def test_two_ingests_tell_which_clients_differ(tmp_path: Path) -> None:
    """One client changed, one is gone, one is new: each is named once."""
    second = known_tables()
    one_more_row(second)
    client_gone(second)
    new_client(second)
    again, _ = taken_again(tmp_path, known_tables(), second)
    first = read_known(again.folder.parent / str(again.document["compared_with"]))
    now = read_known(again.folder)
    assert first is not None
    assert now is not None
    gone, new = differing(first, now)
    assert gone.tolist() == [OLD]
    assert new.tolist() == [100_031]
