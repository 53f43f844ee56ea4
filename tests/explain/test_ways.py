"""What would change a decision: only what a client can change, in declared steps, verified by scoring anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from night import Night

from explain import Ways, answer_clients, find_ways
from explain.ways.moves import levers_of, plan_of
from features import CATALOGUE, build_features
from features.change import FIXED
from features.declaration import Catalogue

OF_THE_NIGHT = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def refused(night: Night) -> dict[int, Ways]:
    """The answers for 60 refused clients."""
    return {client: find_ways(night.case(client), night.seen) for client in night.clients("decline")[:60]}


def test_some_refused_clients_have_a_way_and_some_have_none(refused: dict[int, Ways]) -> None:
    """Both answers exist, each with what belongs to it, and name the published figures."""
    statuses = {found.status for found in refused.values()}
    assert statuses == {"found", "no_realistic_change"}
    for found in refused.values():
        assert (found.status == "found") == bool(found.ways)
        assert found.decision == "decline"
        assert found.tried > 0


def test_published_figures_are_the_start(night: Night, refused: dict[int, Ways]) -> None:
    """Without a change stands what the night published, out of fold for clients whose outcome trained the model."""
    for client, found in refused.items():
        assert found.default_probability == pytest.approx(
            night.scores.loc[client, "default_probability"], abs=1e-12
        )
        assert found.score == night.scores.loc[client, "score"]


def test_every_way_is_verified_by_building_and_scoring_it_anew(
    night: Night, refused: dict[int, Ways]
) -> None:
    """The changed application, put into the client's tables, built and scored alone, has the told figures."""
    checked = 0
    for client, found in refused.items():
        case = night.case(client)
        for way in found.ways:
            after = {moved.column: moved.after for moved in way.changes}
            tables = {**case.tables, "application": case.application.assign(**after)}
            features = build_features(tables)
            answer = answer_clients(
                night.model, features, None if case.published is None else case.probability(features)
            )
            assert str(answer.decision[0]) == way.decision == "accept"
            assert float(answer.probability[0]) == way.default_probability < night.model.cut_off
            checked += 1
    assert checked >= 5


def test_ways_change_only_what_is_declared_in_declared_steps(night: Night, refused: dict[int, Ways]) -> None:
    """Each chosen change is a lever's, in its direction, a whole number of steps within its bounds; the rest is
    carried in proportion, and every feature that moved is a moving one."""
    levers = {column: lever for lever in CATALOGUE.levers for column in lever.columns}
    for client, found in refused.items():
        case = night.case(client)
        for way in found.ways:
            assert 1 <= len(way.chosen) <= 3
            product: dict[str, float] = {}
            for moved in way.chosen:
                change = levers[moved.column].change
                assert moved.feature == levers[moved.column].name
                assert moved.steps in change.steps
                if levers[moved.column].unit == "flag":
                    assert (moved.before, moved.after) == (0.0, 1.0)
                    continue
                assert change.lowest - 1e-9 <= change.at(moved.steps) <= change.highest + 1e-9
                for column in (moved.column, *change.carries):
                    product[column] = product.get(column, 1.0) * change.at(moved.steps)
            for moved in way.changes:
                if moved.column in product:
                    assert moved.after == pytest.approx(moved.before * product[moved.column], abs=0.01)
            after = {moved.column: moved.after for moved in way.changes}
            features = build_features({**case.tables, "application": case.application.assign(**after)})
            same = np.isclose(features.to_numpy(), case.features.to_numpy(), rtol=0, atol=0, equal_nan=True)
            assert {name for name, equal in zip(features, same[0], strict=True) if not equal} <= set(
                CATALOGUE.moving
            )


def test_ways_are_plausible(night: Night, refused: dict[int, Ways]) -> None:
    """No way lies farther from training clients than 99 % of them do, or than the client does without it."""
    for client, found in refused.items():
        case = night.case(client)
        own = float(night.seen.distance(case.features, client)[0])
        for way in found.ways:
            assert way.distance <= max(night.seen.limit, own)
            amounts = {moved.column: moved.after for moved in way.changes}
            if "AMT_CREDIT" in amounts and any(one.column == "AMT_CREDIT" for one in way.chosen):
                price = amounts.get("AMT_GOODS_PRICE", float(case.application["AMT_GOODS_PRICE"].iloc[0]))
                assert amounts["AMT_CREDIT"] >= price


def test_the_first_way_needs_fewest_changes_and_the_others_other_things(refused: dict[int, Ways]) -> None:
    """Ordered by number of changes, then steps; no way only adds something to one told before."""
    for found in refused.values():
        efforts = [(len(way.chosen), sum(abs(one.steps) for one in way.chosen)) for way in found.ways]
        assert efforts == sorted(efforts)
        levers = [{one.column for one in way.chosen} for way in found.ways]
        for place, later in enumerate(levers):
            assert not any(earlier <= later for earlier in levers[:place])


@OF_THE_NIGHT
@given(data=st.data())
def test_one_change_is_what_trying_each_alone_finds(night: Night, data: st.DataObject) -> None:
    """The smallest single change is the one that a naive loop finds, which builds and scores each step alone."""
    client = data.draw(st.sampled_from(night.clients("decline")))
    case, found = night.case(client), None
    limit = max(night.seen.limit, float(night.seen.distance(case.features, client)[0]))
    plan = plan_of(case.application, levers_of(case.application, CATALOGUE), 1)

    def good(row: int) -> tuple[bool, bool]:
        features = build_features({**case.tables, "application": plan.applications.iloc[[row]]})
        for name in CATALOGUE.moving:
            value, own = float(features[name].iloc[0]), float(case.features[name].iloc[0])
            known = night.seen.range_of(name)
            if np.isnan(value) != np.isnan(own):
                return False, False
            if value < min(known.low, own) or value > max(known.high, own):
                return False, False
        return True, str(case.answer(features).decision[0]) == "accept" and bool(
            night.seen.distance(features, client)[0] <= limit
        )

    judged = {tuple(steps): good(row) for row, steps in enumerate(plan.steps.tolist())}
    for steps in sorted(judged, key=lambda steps: sum(map(abs, steps))):
        further = tuple(step + int(np.sign(step)) for step in steps)
        holds = judged.get(further, (False, False))
        if judged[steps][1] and (not holds[0] or holds[1]):
            found = sum(map(abs, steps))
            break
    ways = find_ways(case, night.seen, count=1, most_changes=1).ways
    assert (sum(abs(one.steps) for one in ways[0].chosen) if ways else None) == found


def test_accepted_clients_have_nothing_to_change(night: Night) -> None:
    """Who is accepted is told so, and nothing is tried."""
    found = find_ways(night.case(night.clients("accept")[0]), night.seen)
    assert (found.status, found.ways, found.tried) == ("nothing_to_change", (), 0)


def test_where_nothing_can_be_changed_there_is_no_way(night: Night) -> None:
    """With every lever fixed, the answer is that no realistic change alters the decision."""
    nothing = Catalogue([replace(feature, change=FIXED) for feature in CATALOGUE])
    found = find_ways(night.case(night.clients("decline")[0]), night.seen, catalogue=nothing)
    assert (found.status, found.tried) == ("no_realistic_change", 0)


def test_levers_are_the_clients_own(night: Night) -> None:
    """A card's terms, an amount that is not known and a number that is given already are no levers."""
    application = night.case(night.clients("decline")[0]).application
    plain = {"AMT_CREDIT": 5e5, "AMT_GOODS_PRICE": 4e5, "AMT_ANNUITY": 2e4, "FLAG_DOCUMENT_3": 0.0}
    plain |= {"FLAG_WORK_PHONE": 0.0, "FLAG_PHONE": 0.0}
    loan = application.assign(NAME_CONTRACT_TYPE="Cash loans", **plain)

    def names(frame: pd.DataFrame) -> set[str]:
        return {lever.column for lever in levers_of(frame, CATALOGUE)}

    assert names(loan) == set(plain)
    assert names(loan.assign(NAME_CONTRACT_TYPE="Revolving loans")) == {
        "AMT_GOODS_PRICE",
        "FLAG_WORK_PHONE",
        "FLAG_PHONE",
    }
    assert names(loan.assign(AMT_ANNUITY=np.nan, FLAG_PHONE=1.0)) == set(plain) - {
        "AMT_ANNUITY",
        "FLAG_PHONE",
    }


def test_counts_below_one_are_refused(night: Night) -> None:
    """No ways, or ways of no changes, cannot be asked for."""
    with pytest.raises(ValueError, match="count and most_changes must be 1 or more; found 0 and 3"):
        find_ways(night.case(night.clients("decline")[0]), night.seen, count=0)
