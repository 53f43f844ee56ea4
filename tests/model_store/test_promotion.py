"""Promotion: who decides, since when and why, what may not, and the way back."""

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from upath import UPath

import model_store
from features import Catalogue
from model_store import (
    CatalogueMismatch,
    HistoryEntry,
    ModelDamaged,
    ModelNotFound,
    NothingToRollBack,
    ScoringModel,
    WorseThanChampion,
    champion,
    history,
    save,
)

Change = Callable[..., HistoryEntry]


@pytest.fixture
def three_versions(store: UPath, model: ScoringModel) -> UPath:
    """A store with v001, v002, v003 and no champion."""
    for _ in range(3):
        save(store, model)
    return store


def test_promote_is_recorded_and_takes_effect(three_versions: UPath, promote: Change) -> None:
    """The champion is the version promoted last; the history says who, why, from and to."""
    promote(three_versions, "v001", "anna", "first model")
    promote(three_versions, "v003", "ben", "lower cost")
    assert champion(three_versions) == "v003"
    first, second = history(three_versions)
    assert (first.previous, first.version, first.who, first.why) == (None, "v001", "anna", "first model")
    assert (second.previous, second.version, second.action) == ("v001", "v003", "promote")


def test_rollback_goes_back_one_champion_at_a_time(
    three_versions: UPath, promote: Change, rollback: Change
) -> None:
    """Two rollbacks undo two promotions instead of turning in a circle; a third is refused."""
    for version in ("v001", "v002", "v003"):
        promote(three_versions, version, "anna", "better")
    assert rollback(three_versions, "ben", "complaints").version == "v002"
    assert rollback(three_versions, "ben", "more complaints").version == "v001"
    assert champion(three_versions) == "v001"
    with pytest.raises(NothingToRollBack, match=r"champion v001 of .* has no predecessor"):
        rollback(three_versions, "ben", "again")
    assert [entry.action for entry in history(three_versions)] == ["promote"] * 3 + ["rollback"] * 2


def test_rollback_after_a_new_promotion(three_versions: UPath, promote: Change, rollback: Change) -> None:
    """A version that was rolled back from is not returned to."""
    promote(three_versions, "v001", "anna", "first")
    promote(three_versions, "v002", "anna", "second")
    rollback(three_versions, "anna", "bad")
    promote(three_versions, "v003", "anna", "third")
    assert rollback(three_versions, "anna", "bad too").version == "v001"


def test_challenger_does_not_move_the_champion(
    three_versions: UPath, promote: Change, rollback: Change
) -> None:
    """Aliases are apart, in effect and on the way back."""
    promote(three_versions, "v001", "anna", "first")
    promote(three_versions, "v002", "anna", "to be compared", alias="challenger")
    assert champion(three_versions) == "v001"
    with pytest.raises(NothingToRollBack):
        rollback(three_versions, "anna", "there is none")


def test_a_damaged_version_is_not_promoted(three_versions: UPath, promote: Change) -> None:
    """The champion stays, and the history does not mention what did not happen."""
    promote(three_versions, "v001", "anna", "first")
    (three_versions / "models" / "v002" / "model.txt").write_bytes(b"tree")
    with pytest.raises(ModelDamaged, match=r"v002/model\.txt"):
        promote(three_versions, "v002", "anna", "second")
    assert champion(three_versions) == "v001"
    assert len(history(three_versions)) == 1


@pytest.mark.parametrize(("who", "why"), [("", "better"), ("anna", "  ")])
def test_a_change_needs_a_person_and_a_reason(
    three_versions: UPath, who: str, why: str, promote: Change
) -> None:
    """Nobody and nothing are no answers to who and why."""
    with pytest.raises(ValueError, match="expected both to be stated"):
        promote(three_versions, "v001", who, why)


def test_unknown_names_are_refused(three_versions: UPath, promote: Change) -> None:
    """Neither an alias nor a version is made up."""
    with pytest.raises(ValueError, match="alias 'king' is unknown, expected one of champion, challenger"):
        promote(three_versions, "v001", "anna", "first", alias="king")
    with pytest.raises(ModelNotFound, match="it has v001, v002, v003"):
        promote(three_versions, "v004", "anna", "first")


def test_promotions_at_once_are_all_recorded(three_versions: UPath, promote: Change) -> None:
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


@pytest.fixture
def rivals(store: UPath, model: ScoringModel, worse_model: ScoringModel, promote: Change) -> UPath:
    """A store whose champion v001 is better than v002 on the same clients and folds."""
    save(store, model)
    save(store, worse_model)
    promote(store, "v001", "anna", "first")
    return store


def test_a_worse_version_is_refused(rivals: UPath, promote: Change) -> None:
    """The refusal gives figures, difference and error, and how to insist; champion and history stay."""
    with pytest.raises(WorseThanChampion) as refused:
        promote(rivals, "v002", "ben", "newer")
    told = str(refused.value)
    assert told.startswith(
        "v002 is worse than the champion v001 beyond one standard error: business cost per"
    )
    assert "on 400 clients of both" in told
    assert 'promote with --force --why "…"' in told
    assert champion(rivals) == "v001"
    assert len(history(rivals)) == 1


def test_force_is_recorded_with_what_it_overruled(rivals: UPath, promote: Change) -> None:
    """The history keeps that somebody insisted, why, and what the comparison had said."""
    entry = promote(rivals, "v002", "ben", "regulator asks for fewer inputs", force=True)
    assert champion(rivals) == "v002"
    assert history(rivals)[-1] == entry
    assert entry.forced
    assert "AUC" in entry.check
    assert entry.why == "regulator asks for fewer inputs"


def test_a_better_version_needs_no_force(rivals: UPath, promote: Change) -> None:
    """The way back up is free, and the history says what was compared."""
    promote(rivals, "v002", "ben", "to try it", force=True)
    entry = promote(rivals, "v001", "ben", "better after all")
    assert not entry.forced
    assert "business cost per client" in entry.check


def test_a_worse_challenger_is_welcome(rivals: UPath, promote: Change) -> None:
    """What only watches may be worse, and is compared when it is to decide, by its alias too."""
    promote(rivals, "v002", "ben", "to be watched", alias="challenger")
    with pytest.raises(WorseThanChampion, match="v002 is worse than the champion v001"):
        promote(rivals, "challenger", "ben", "watched for a month")


def test_other_clients_are_compared_by_stated_errors(
    rivals: UPath, model: ScoringModel, promote: Change
) -> None:
    """Without common clients, 0.5 ± 0.02 against 0.5 + d ± 0.02 is refused from d = 0.0283 upwards."""
    strangers = model.out_of_fold.set_axis(model.out_of_fold.index + 10_000)
    for extra, refused in ((0.028, False), (0.029, True)):
        metrics = dict(model.metadata["metrics"])  # type: ignore[call-overload] # a mapping, as JSON
        metrics["cost_per_client"] = {"mean": 0.5 + extra, "standard_error": 0.02}
        other = replace(model, out_of_fold=strangers, metadata={**model.metadata, "metrics": metrics})
        version = save(rivals, other)
        if refused:
            with pytest.raises(
                WorseThanChampion, match=r"\+0.0290, standard error 0.0283, as each version states"
            ):
                promote(rivals, version, "ben", "other clients")
        else:
            promote(rivals, version, "ben", "other clients")
            promote(rivals, "v001", "ben", "and back", force=True)


def test_what_cannot_be_compared_is_refused(rivals: UPath, model: ScoringModel, promote: Change) -> None:
    """A version that measured nothing is not waved through."""
    silent = replace(model, out_of_fold=model.out_of_fold.iloc[:0], metadata={})
    version = save(rivals, silent)
    with pytest.raises(WorseThanChampion, match="cannot be compared with the champion v001"):
        promote(rivals, version, "ben", "trust me")


def test_anything_usable_replaces_a_damaged_champion(rivals: UPath, promote: Change) -> None:
    """A champion that cannot be loaded decides nothing: it holds nobody up, and the history says so."""
    (rivals / "models" / "v001" / "model.txt").write_bytes(b"tree")
    entry = promote(rivals, "v002", "ben", "the champion is damaged")
    assert champion(rivals) == "v002"
    assert "not compared with v001" in entry.check
    assert "model.txt" in entry.check


def test_a_champion_must_fit_the_code(rivals: UPath, small_catalogue: Catalogue) -> None:
    """Neither promotion nor rollback makes a champion that the next night would refuse, unless it is forced."""
    for version in ("v001", "v002"):
        model_store.promote(rivals, version, "ben", "code follows", force=True)
    with pytest.raises(CatalogueMismatch, match="only in this code"):
        model_store.promote(rivals, "v001", "ben", "too early")
    with pytest.raises(CatalogueMismatch, match="model v001 was trained on catalogue"):
        model_store.rollback(rivals, "ben", "too late")
    assert champion(rivals) == "v002"
    assert model_store.rollback(rivals, "ben", "old code again", small_catalogue).version == "v001"
