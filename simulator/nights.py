"""Here: what a night changes of the clients known before: who comes back, what arrives late, what is corrected.
Not here: what passing months do to histories (passing.py), who is new (plan.py), drift (drift.py).
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from simulator.facts import Bools, Floats, Ints, Rows, number
from simulator.frames import frame_of, with_frame, with_more, without
from simulator.latents import Latents, Truth, build_truth
from simulator.passing import (
    late_chance,
    later_credits,
    more_card,
    more_credit_months,
    more_payments,
    more_pos,
    settled,
    shifted,
    too_old,
)
from simulator.plan import OUTCOMES_PER_NIGHT, Block
from simulator.renewal import earlier_applications, new_requests

KINDS = {
    "new": "the client's first application",
    "renewed": "the client applies again: a new application, the time since then in every history",
    "late credit": "a credit elsewhere that was reported late",
    "late payment": "a payment that was booked late",
    "corrected": "a value of the application was corrected",
    "outcome": "the outcome became known: from application_test to application_train",
}
"""What may change a client's rows from one night to the next."""

RENEWED, LATE_CREDIT, LATE_PAYMENT, CORRECTED = 0.012, 0.005, 0.002, 0.001  # of the known clients, a night
LONGEST_ABSENCE = 12  # months between two applications


@dataclass(frozen=True)
class State:
    """A block's clients on a night: rows (all applications in one table), causes, truth, outcomes.

    `known_on` is the night from which on the outcome is known, counted from the block's arrival.
    """

    tables: dict[str, Rows]
    latents: Latents
    truth: Truth
    target: Ints
    known_on: Ints


@dataclass(frozen=True)
class Change:
    """Clients (places in the block) whose rows changed on a night, and how."""

    kind: str
    clients: Ints


def live(block: Block, state: State) -> tuple[State, tuple[Change, ...]]:
    """The block's clients after all nights since they came, and what the last of these nights changed.

    Rows of clients that no change names are those of the night before, byte for byte.
    """
    changes: tuple[Change, ...] = ()
    if block.nights == 0 and block.arrival > 0:
        changes = (Change("new", np.arange(len(block.ids), dtype=np.int64)),)
    for night in range(1, block.nights + 1):
        state, changes = _one_night(block, state, night)
    return state, changes


def _one_night(block: Block, state: State, night: int) -> tuple[State, tuple[Change, ...]]:
    rng = block.night_stream(night)
    draw = rng.random(len(block.ids))
    edges = np.cumsum([RENEWED, LATE_CREDIT, LATE_PAYMENT, CORRECTED])
    came, credited, paid, corrected = (
        np.flatnonzero((draw >= low) & (draw < high)) for low, high in zip((0.0, *edges), edges, strict=False)
    )
    state, credited = _late_credits(rng, block, state, credited)
    state, paid = _late_payments(rng, block, state, paid)
    state = _correct(rng, state, corrected)
    known = np.flatnonzero(state.known_on == night)
    known = np.setdiff1d(known, came)
    state = _renew(rng, block, state, came, night)
    found = {
        "renewed": came,
        "late credit": credited,
        "late payment": paid,
        "corrected": corrected,
        "outcome": known,
    }
    return state, tuple(Change(kind, clients) for kind, clients in found.items() if len(clients))


def _place(block: Block, rows: Rows) -> Ints:
    """Each row's client, as a place in the block."""
    place: Ints = (number(rows, "SK_ID_CURR") - block.ids[0]).astype(np.int64)
    return place


def _with(state: State, **tables: Rows) -> State:
    return replace(state, tables=state.tables | tables)


def _renew(rng: np.random.Generator, block: Block, state: State, came: Ints, night: int) -> State:
    """The clients' new applications, their histories some months later, the old application among the earlier."""
    if len(came) == 0:
        return state
    clients = len(block.ids)
    months = np.zeros(clients)
    months[came] = 1.0 + np.floor(LONGEST_ABSENCE * rng.random(len(came)) ** 2)
    latents = _later_causes(rng, state.latents, came)
    truth = _replaced_truth(state.truth, build_truth(latents), came)
    target, known_on = state.target.copy(), state.known_on.copy()
    target[came] = rng.random(len(came)) < truth.probability[came]
    known_on[came] = night + rng.geometric(OUTCOMES_PER_NIGHT, len(came))
    tables = dict(state.tables)
    loans = _earlier_loans(rng, block, state, came, months)
    tables["application"] = new_requests(rng, state.tables["application"], came, months[came], target[came])
    state = replace(state, tables=tables, latents=latents, truth=truth, target=target, known_on=known_on)
    state = _age_loans(rng, block, state, came, months)
    state = _age_credits(rng, block, state, came, months)
    return _with(state, **{name: with_more(state.tables[name], frame) for name, frame in loans.items()})


def _later_causes(rng: np.random.Generator, latents: Latents, came: Ints) -> Latents:
    """Shocks fade and new ones come; what a client is like otherwise stays."""
    shocks = latents.shocks.copy()
    shocks[came] = 0.6 * shocks[came] + 0.8 * rng.standard_normal(len(came))
    return replace(latents, shocks=shocks)


def _replaced_truth(old: Truth, new: Truth, came: Ints) -> Truth:
    chosen = np.zeros(len(old.base), dtype=np.bool_)
    chosen[came] = True
    return Truth(**{name: np.where(chosen, getattr(new, name), value) for name, value in vars(old).items()})


def _earlier_loans(
    rng: np.random.Generator, block: Block, state: State, came: Ints, months: Floats
) -> dict[str, pd.DataFrame]:
    """The old applications as earlier ones, with the months and payments of their loans since."""
    taken = [number(rows, "SK_ID_PREV") for rows in state.tables.values() if "SK_ID_PREV" in rows]
    spare = block.spare_previous(np.concatenate(taken), len(came))
    return earlier_applications(rng, state.tables, came, months[came], spare)


def _age(
    table: str, rows: Rows, clients: Ints, chosen: Bools, months: Floats
) -> tuple[Rows, pd.DataFrame, Floats, Ints]:
    """The rows without those too old; the chosen clients' rows shifted, their months and their clients."""
    frame = frame_of(rows, chosen)
    owner = clients[frame.index]
    frame = shifted(table, frame, months[owner])
    old = too_old(table, frame)
    rows = with_frame(rows, frame)
    dropped = np.zeros(len(clients), dtype=np.bool_)
    dropped[frame.index[old]] = True
    kept = frame[~old]
    moved = np.cumsum(~dropped) - 1
    return without(rows, dropped), kept.set_index(moved[kept.index]), months[owner][~old], owner[~old]


def _age_loans(rng: np.random.Generator, block: Block, state: State, came: Ints, months: Floats) -> State:
    chance = late_chance(state.latents)
    aged: dict[str, Rows] = {}
    new_months = pd.DataFrame()
    for table in ("previous_application", "POS_CASH_balance", "installments_payments", "credit_card_balance"):
        rows = state.tables[table]
        clients = _place(block, rows)
        rows, frame, absent, owner = _age(table, rows, clients, np.isin(clients, came), months)
        if table == "POS_CASH_balance":
            new_months = more_pos(rng, frame, absent, chance[owner])
            rows = with_more(rows, new_months)
        elif table == "installments_payments":
            frame = settled(rng, frame, chance[owner])
            rows = with_more(with_frame(rows, frame), more_payments(rng, frame, new_months, chance[owner]))
        elif table == "credit_card_balance":
            rows = with_more(rows, more_card(rng, frame, absent, chance[owner]))
        aged[table] = rows
    return _with(state, **aged)


def _age_credits(rng: np.random.Generator, block: Block, state: State, came: Ints, months: Floats) -> State:
    chance = late_chance(state.latents)
    bureau = state.tables["bureau"]
    clients = _place(block, bureau)
    bureau, frame, _, _ = _age("bureau", bureau, clients, np.isin(clients, came), months)
    frame = later_credits(rng, frame)
    bureau = with_frame(bureau, frame)
    balance = state.tables["bureau_balance"]
    owner = _owners_of_months(block, bureau, balance)
    balance, own, absent, whose = _age("bureau_balance", balance, owner, np.isin(owner, came), months)
    balance = with_more(balance, more_credit_months(rng, own, frame, absent, chance[whose]))
    return _with(state, bureau=bureau, bureau_balance=balance)


def _owners_of_months(block: Block, bureau: Rows, balance: Rows) -> Ints:
    """Each month's client, as a place in the block; -1 for months of credits that bureau lacks."""
    credits = number(bureau, "SK_ID_BUREAU")
    order = np.argsort(credits)
    wanted = number(balance, "SK_ID_BUREAU")
    if len(credits) == 0:
        return np.full(len(wanted), -1, dtype=np.int64)
    place = order[np.minimum(np.searchsorted(credits[order], wanted), len(credits) - 1)]
    return np.where(credits[place] == wanted, _place(block, bureau)[place], -1).astype(np.int64)


def _late_credits(rng: np.random.Generator, block: Block, state: State, who: Ints) -> tuple[State, Ints]:
    """A credit like one of another client of the block, with its months where the client has months."""
    bureau, balance = state.tables["bureau"], state.tables["bureau_balance"]
    credits = len(number(bureau, "SK_ID_BUREAU"))
    if len(who) == 0 or credits == 0:
        return state, who[:0]
    taken = np.concatenate([number(bureau, "SK_ID_BUREAU"), number(balance, "SK_ID_BUREAU")])
    spare = block.spare_credits(taken, len(who)).astype(np.float64)
    frame = frame_of(bureau, rng.choice(credits, len(who)))
    like = frame["SK_ID_BUREAU"].to_numpy()
    frame = frame.assign(SK_ID_BUREAU=spare, SK_ID_CURR=block.ids[who].astype(np.float64))
    reporting = np.isin(who, _owners_of_months(block, bureau, balance))
    months = frame_of(balance, np.isin(number(balance, "SK_ID_BUREAU"), like[reporting]))
    copies = [
        months[months["SK_ID_BUREAU"] == model].assign(SK_ID_BUREAU=own)
        for model, own in zip(like[reporting], spare[reporting], strict=True)
    ]
    balance = with_more(balance, pd.concat(copies)) if copies else balance
    return _with(state, bureau=with_more(bureau, frame), bureau_balance=balance), who


def _late_payments(rng: np.random.Generator, block: Block, state: State, who: Ints) -> tuple[State, Ints]:
    """A second payment for one of the client's instalments; clients without any have none."""
    rows = state.tables["installments_payments"]
    clients = _place(block, rows)
    chosen = np.isin(clients, who) & ~np.isnan(number(rows, "AMT_PAYMENT"))
    places = np.flatnonzero(chosen)
    order = places[np.lexsort((rng.random(len(places)), clients[places]))]
    first = order[np.unique(clients[order], return_index=True)[1]]
    frame = frame_of(rows, first)
    booked = np.minimum(frame["DAYS_INSTALMENT"] + np.rint(rng.exponential(40.0, len(frame))), -1.0)
    frame = frame.assign(DAYS_ENTRY_PAYMENT=booked, AMT_PAYMENT=(frame["AMT_INSTALMENT"] * 0.1).round(3))
    return _with(state, installments_payments=with_more(rows, frame)), np.sort(clients[first])


def _correct(rng: np.random.Generator, state: State, who: Ints) -> State:
    """Incomes that were keyed in wrongly."""
    application = state.tables["application"]
    income = number(application, "AMT_INCOME_TOTAL").copy()
    income[who] = np.maximum(
        np.round(income[who] * rng.choice([0.8, 0.9, 1.1, 1.25], len(who)) / 450.0) * 450.0, 450.0
    )
    return _with(state, application=application | {"AMT_INCOME_TOTAL": income})
