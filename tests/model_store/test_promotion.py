"""Aliases: who decides, since when and why, and the way back."""

import threading
from itertools import pairwise

import pytest
from upath import UPath

from model_store import (
    ModelDamaged,
    ModelNotFound,
    ModelStoreError,
    NothingToRollBack,
    ScoringModel,
    champion,
    history,
    promote,
    rollback,
    save,
)


@pytest.fixture
def three_versions(store: UPath, model: ScoringModel) -> UPath:
    """A store with v001, v002, v003 and no champion."""
    for _ in range(3):
        save(store, model)
    return store


def test_promote_is_recorded_and_takes_effect(three_versions: UPath) -> None:
    """The champion is the version promoted last; the history says who, why, from and to."""
    promote(three_versions, "v001", "anna", "first model")
    promote(three_versions, "v003", "ben", "lower cost")
    assert champion(three_versions) == "v003"
    first, second = history(three_versions)
    assert (first.previous, first.version, first.who, first.why) == (None, "v001", "anna", "first model")
    assert (second.previous, second.version, second.action) == ("v001", "v003", "promote")


def test_rollback_goes_back_one_champion_at_a_time(three_versions: UPath) -> None:
    """Two rollbacks undo two promotions instead of turning in a circle; a third is refused."""
    for version in ("v001", "v002", "v003"):
        promote(three_versions, version, "anna", "better")
    assert rollback(three_versions, "ben", "complaints") == "v002"
    assert rollback(three_versions, "ben", "more complaints") == "v001"
    assert champion(three_versions) == "v001"
    with pytest.raises(NothingToRollBack, match=r"champion v001 of .* has no predecessor"):
        rollback(three_versions, "ben", "again")
    assert [entry.action for entry in history(three_versions)] == ["promote"] * 3 + ["rollback"] * 2


def test_rollback_after_a_new_promotion(three_versions: UPath) -> None:
    """A version that was rolled back from is not returned to."""
    promote(three_versions, "v001", "anna", "first")
    promote(three_versions, "v002", "anna", "second")
    rollback(three_versions, "anna", "bad")
    promote(three_versions, "v003", "anna", "third")
    assert rollback(three_versions, "anna", "bad too") == "v001"


def test_challenger_does_not_move_the_champion(three_versions: UPath) -> None:
    """Aliases are apart, in effect and on the way back."""
    promote(three_versions, "v001", "anna", "first")
    promote(three_versions, "v002", "anna", "to be compared", alias="challenger")
    assert champion(three_versions) == "v001"
    with pytest.raises(NothingToRollBack):
        rollback(three_versions, "anna", "there is none")


def test_a_damaged_version_is_not_promoted(three_versions: UPath) -> None:
    """The champion stays, and the history does not mention what did not happen."""
    promote(three_versions, "v001", "anna", "first")
    (three_versions / "models" / "v002" / "model.txt").write_bytes(b"tree")
    with pytest.raises(ModelDamaged, match=r"v002/model\.txt"):
        promote(three_versions, "v002", "anna", "second")
    assert champion(three_versions) == "v001"
    assert len(history(three_versions)) == 1


@pytest.mark.parametrize(("who", "why"), [("", "better"), ("anna", "  ")])
def test_a_change_needs_a_person_and_a_reason(three_versions: UPath, who: str, why: str) -> None:
    """Nobody and nothing are no answers to who and why."""
    with pytest.raises(ValueError, match="expected both to be stated"):
        promote(three_versions, "v001", who, why)


def test_unknown_names_are_refused(three_versions: UPath) -> None:
    """Neither an alias nor a version is made up."""
    with pytest.raises(ValueError, match="alias 'king' is unknown, expected one of champion, challenger"):
        promote(three_versions, "v001", "anna", "first", alias="king")
    with pytest.raises(ModelNotFound, match="it has v001, v002, v003"):
        promote(three_versions, "v004", "anna", "first")


def test_promotions_at_once_are_all_recorded(three_versions: UPath) -> None:
    """Eight promotions from eight threads: eight entries, each starting where the one before ended."""
    promote(three_versions, "v001", "anna", "first")
    threads = [
        threading.Thread(target=promote, args=(three_versions, f"v00{1 + number % 3}", "anna", "turn"))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    entries = history(three_versions)
    assert len(entries) == 9
    assert all(before.version == after.previous for before, after in pairwise(entries))
    assert champion(three_versions) == entries[-1].version


def test_an_unreadable_history_is_named(three_versions: UPath) -> None:
    """A line that is no entry is refused with its number, not skipped."""
    promote(three_versions, "v001", "anna", "first")
    with (three_versions / "models" / "history.jsonl").open("a") as file:
        file.write("{half\n")
    with pytest.raises(ModelStoreError, match="line 2 of"):
        history(three_versions)
