"""Here: earlier applications at this lender (previous_application), their fate caused by the client's
latents.
Not here: how the granted ones were paid (loans.py, cards.py).
"""

from dataclasses import dataclass, replace

import numpy as np

from simulator.clients import Histories
from simulator.columns import Column, History, draw_history, runs_of
from simulator.facts import Bools, Floats, Ints, Rows, draw_codes, expand, read_categories, with_missing
from simulator.latents import Latents
from simulator.sequences import ADD, FIRST_KNOWN, PER, SCALE, SHRINK, SUBTRACT, TIMES

OLDEST_DAY, LATEST_DAY = -2922.0, -1.0
# Errors of the drawn gaps add up: quantiles of the days as they come out, and as they are published (1 % to 99 %).
DAYS_AS_DRAWN = (
    OLDEST_DAY,
    -2832.0,
    -2525.0,
    -2141.0,
    -1252.0,
    -553.0,
    -258.0,
    -101.0,
    -42.0,
    -4.0,
    LATEST_DAY,
)
DAYS_PUBLISHED = (
    OLDEST_DAY,
    -2839.0,
    -2554.0,
    -2207.0,
    -1300.0,
    -581.0,
    -280.0,
    -163.0,
    -89.0,
    -15.0,
    LATEST_DAY,
)
NEVER = 365243.0
DAYS_OF_TERM = 30.0
GOLDEN = 0.6180339887498949  # multiples of it, modulo 1, lie evenly: a place that needs no draw
NOT_YET = -1.0  # stands for the sentinel in the columns that are drawn as distances
ORPHANS = 0.045  # of the loans in the tables of months: not in previous_application
OLDER_CARDS = 0.05  # of the cards applied for: the card in use is an older one
MOST_ANNUITY = 418_058.0
KINDS = ("Consumer loans", "Cash loans", "Revolving loans", "XNA")
CONSUMER, CASH, REVOLVING, NAMELESS = range(4)
STATUSES = ("Approved", "Unused offer", "Canceled", "Refused")
RARE_RATES = ("RATE_INTEREST_PRIMARY", "RATE_INTEREST_PRIVILEGED")
APPLICATIONS = History(
    "previous_application",
    client=("count", "tested", "holds_card"),
    looks=("last", "mean", "rest", "most_run", "least_run"),
    columns=(
        Column("gap", causes=(0.0, 0.4, 0.0, 0.1)),
        Column("DAYS_DECISION", operation=SHRINK, operands=("last:DAYS_DECISION", "gap"), step=1.0,
               initial=OLDEST_DAY),
        Column("holding", values=("no", "yes")),
        Column("NAME_CONTRACT_TYPE", causes=(0.0, 0.1, 0.0, 0.0), values=KINDS),
        Column("NAME_CONTRACT_STATUS", causes=(-0.05, 0.5, -0.15, 0.15), values=STATUSES),
        Column("CODE_REJECT_REASON", causes=(-0.1, 0.4, -0.25, 0.0), values=(
            "XAP", "CLIENT", "LIMIT", "HC", "VERIF", "SYSTEM", "XNA", "SCO", "SCOFR")),
        Column("CHANNEL_TYPE", values=(
            "Country-wide", "Stone", "Regional / Local", "Credit and cash offices", "Contact center",
            "Channel of corporate sales", "AP+ (Cash loan)", "Car dealer")),
        Column("NAME_PRODUCT_TYPE", causes=(-0.05, 0.4, 0.0, 0.0), values=("XNA", "x-sell", "walk-in")),
        Column("NAME_PORTFOLIO", values=("POS", "Cash", "Cards", "XNA", "Cars")),
        Column("AMT_APPLICATION", causes=(0.25, 0.0, 0.0, 0.0), step=4.5),
        Column("down", causes=(0.1, -0.45, 0.0, 0.0)),
        Column("AMT_DOWN_PAYMENT", operation=TIMES, operands=("AMT_APPLICATION", "down"), step=0.045),
        Column("less_down", operation=SUBTRACT, operands=("AMT_APPLICATION", "AMT_DOWN_PAYMENT")),
        Column("base", operation=FIRST_KNOWN, operands=("less_down", "AMT_APPLICATION")),
        Column("loading"),
        Column("limit", step=4.5),
        Column("loaded", operation=TIMES, operands=("base", "loading"), step=4.5),
        Column("AMT_CREDIT", operation=FIRST_KNOWN, operands=("loaded", "limit")),
        Column("price"),
        Column("AMT_GOODS_PRICE", operation=TIMES, operands=("AMT_APPLICATION", "price"), step=4.5),
        Column("CNT_PAYMENT", causes=(0.0, 0.5, 0.0, 0.0), step=1.0),
        Column("per", operation=PER, operands=("AMT_CREDIT", "CNT_PAYMENT")),
        Column("cost", causes=(-0.05, 0.35, -0.15, 0.0)),
        Column("AMT_ANNUITY", operation=TIMES, operands=("per", "cost"), step=0.045),
        Column("NAME_YIELD_GROUP", values=("low_action", "low_normal", "middle", "high", "XNA")),
        Column("PRODUCT_COMBINATION", values=(
            "POS household with interest", "POS household without interest", "POS mobile with interest",
            "POS mobile without interest", "POS industry with interest", "POS industry without interest",
            "POS other with interest", "POS others without interest", "Cash", "Cash X-Sell: low",
            "Cash X-Sell: middle", "Cash X-Sell: high", "Cash Street: low", "Cash Street: middle",
            "Cash Street: high", "Card X-Sell", "Card Street")),
        Column("NAME_SELLER_INDUSTRY", values=(
            "Consumer electronics", "Connectivity", "Furniture", "Construction", "Clothing", "Industry",
            "Auto technology", "Jewelry", "MLM partners", "Tourism", "XNA")),
        Column("SELLERPLACE_AREA", step=1.0),
        Column("NAME_GOODS_CATEGORY", values=(
            "XNA", "Mobile", "Consumer Electronics", "Computers", "Audio/Video", "Furniture",
            "Photo / Cinema Equipment", "Construction Materials", "Clothing and Accessories", "Auto Accessories",
            "Jewelry", "Homewares", "Medical Supplies", "Vehicles", "Sport and Leisure", "Gardening", "Other",
            "Office Appliances", "Tourism", "Medicine", "Direct Sales", "Fitness", "Additional Service",
            "Education", "Weapon", "Insurance", "House Construction", "Animals")),
        Column("NAME_PAYMENT_TYPE", values=(
            "Cash through the bank", "XNA", "Non-cash from your account",
            "Cashless from the account of the employer")),
        Column("NAME_CASH_LOAN_PURPOSE", values=(
            "XAP", "XNA", "Repairs", "Other", "Urgent needs", "Buying a used car", "Building a house or an annex",
            "Everyday expenses", "Medicine", "Payments on other loans", "Education", "Journey",
            "Purchase of electronic equipment", "Buying a new car", "Wedding / gift / holiday", "Buying a home",
            "Car repairs", "Furniture", "Buying a holiday home / land", "Business development",
            "Gasification / water supply", "Buying a garage", "Hobby", "Money for a third person",
            "Refusal to name the goal")),
        Column("NAME_TYPE_SUITE", values=(
            "Unaccompanied", "Family", "Spouse, partner", "Children", "Other_B", "Other_A", "Group of people")),
        Column("NAME_CLIENT_TYPE", values=("New", "Repeater", "Refreshed", "XNA")),
        Column("WEEKDAY_APPR_PROCESS_START", values=(
            "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")),
        Column("HOUR_APPR_PROCESS_START", step=1.0),
        Column("FLAG_LAST_APPL_PER_CONTRACT", values=("Y", "N")),
        Column("NFLAG_LAST_APPL_IN_DAY", step=1.0),
        Column("NFLAG_INSURED_ON_APPROVAL", step=1.0),
        Column("first", step=1.0),
        Column("first_day", operation=ADD, operands=("DAYS_DECISION", "first")),
        Column("length", operation=SCALE, operands=("CNT_PAYMENT", ""), constant=30.0),
        Column("planned_end", operation=ADD, operands=("first_day", "length")),
        Column("lived", causes=(0.15, -0.45, 0.0, 0.0)),
        Column("instalments", operation=TIMES, operands=("CNT_PAYMENT", "lived"), step=1.0),
        Column("lasted", operation=SCALE, operands=("instalments", ""), constant=30.0),
        Column("last_day", operation=ADD, operands=("first_day", "lasted")),
        Column("closing", causes=(0.0, 0.0, -0.2, 0.0), step=1.0),
        Column("drawing", step=1.0),
    ),
)  # fmt: skip
AS_DRAWN = (
    "DAYS_DECISION", "AMT_APPLICATION", "AMT_CREDIT", "AMT_GOODS_PRICE", "CNT_PAYMENT", "AMT_ANNUITY",
    "SELLERPLACE_AREA", "HOUR_APPR_PROCESS_START", "NFLAG_LAST_APPL_IN_DAY", "NFLAG_INSURED_ON_APPROVAL",
)  # fmt: skip
TEXTS = tuple(column.name for column in APPLICATIONS.columns if column.values)


@dataclass(frozen=True)
class Granted:
    """The earlier credits that were paid out, one entry per credit, in the order of clients, oldest first.

    `client` is the place of the client in the block; `decided`, `first_due` and `ended` are days, `ended`
    missing while the credit runs; `term` is the agreed number of instalments, `paid_terms` the number until the
    credit ended or will end; `kind` is a code of KINDS.
    """

    sk_id_prev: Ints
    client: Ints
    kind: Ints
    decided: Floats
    annuity: Floats
    credit: Floats
    term: Floats
    paid_terms: Floats
    first_due: Floats
    ended: Floats

    def take(self, places: Ints) -> "Granted":
        """The credits at these places."""
        return Granted(*(getattr(self, name)[places] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Previous:
    """previous_application's rows, and the granted loans and cards, some of which are not among the rows."""

    rows: Rows
    loans: Granted
    cards: Granted


def build_previous(
    rng: np.random.Generator, ids: Ints, histories: Histories, latents: Latents, id_range: Ints
) -> Previous:
    """previous_application.csv, one row per earlier application, with SK_ID_PREV drawn from `id_range`.

    Applications are refused more often when the client is indebted, unreliable or in trouble.
    """
    about = [histories.applications, histories.tested, latents.holds_card]
    drawn = draw_history(APPLICATIONS, rng, runs_of(histories.applications, about), latents)
    owner, _ = expand(histories.applications)
    names = rng.permutation(id_range)
    sk_id_prev, spare = names[: len(owner)], names[len(owner) :]
    rows: Rows = {"SK_ID_PREV": sk_id_prev, "SK_ID_CURR": ids[owner]}
    drawn["AMT_ANNUITY"] = np.minimum(drawn["AMT_ANNUITY"], MOST_ANNUITY)
    drawn["DAYS_DECISION"] = np.rint(np.interp(drawn["DAYS_DECISION"], DAYS_AS_DRAWN, DAYS_PUBLISHED))
    rows |= {name: np.round(drawn[name], 3) for name in AS_DRAWN}
    rows |= {name: APPLICATIONS.category(drawn, name) for name in TEXTS}
    rows |= _build_down_payment(drawn) | _build_schedule(drawn) | _build_rates(rng, drawn)
    credits = _granted(drawn, sk_id_prev, owner)
    begun = (drawn["NAME_CONTRACT_STATUS"] == 0) & ~np.isnan(drawn["first"])
    loans = credits.take(np.flatnonzero(begun & (drawn["NAME_CONTRACT_TYPE"] <= CASH)))
    cards = credits.take(np.flatnonzero(drawn["holding"] == 1))
    strays = rng.integers(
        0, max(len(loans.client), 1), min(round(ORPHANS * len(loans.client)), len(spare) // 2)
    )
    strangers = _owners_of_orphans(rng, histories.applications > 0, loans.client, len(strays))
    return Previous(
        rows,
        loans=_with_orphans(loans, loans.take(strays), strangers, spare),
        cards=_cards_of_holders(rng, cards, latents.holds_card, spare[len(strays) :]),
    )


def _build_down_payment(drawn: dict[str, Floats]) -> Rows:
    down, credit = drawn["AMT_DOWN_PAYMENT"], drawn["AMT_CREDIT"]
    return {
        "AMT_DOWN_PAYMENT": np.round(down, 3),
        "RATE_DOWN_PAYMENT": down / np.maximum(down + credit, 1.0) * 1.0890909,
    }


def _build_schedule(drawn: dict[str, Floats]) -> Rows:
    """The days of a granted credit, 365243 where not yet known."""
    first, decided = drawn["first"], drawn["DAYS_DECISION"]
    revolving, unknown = drawn["NAME_CONTRACT_TYPE"] == REVOLVING, np.isnan(first)
    first_due = decided + np.where(first == NOT_YET, 30.0, first)
    planned = first_due + 30.0 * np.maximum(np.nan_to_num(drawn["CNT_PAYMENT"]) - 1.0, 0.0)
    last = last_due_day(drawn)
    running = np.isnan(last)
    closing, drawing = drawn["closing"], drawn["drawing"]
    columns = {
        "DAYS_FIRST_DRAWING": np.where((drawing == NOT_YET) | np.isnan(drawing), NEVER, decided + drawing),
        "DAYS_FIRST_DUE": np.where(first == NOT_YET, NEVER, first_due),
        "DAYS_LAST_DUE_1ST_VERSION": np.where(revolving, NEVER, planned),
        "DAYS_LAST_DUE": np.where(running, NEVER, last),
        "DAYS_TERMINATION": np.where(
            running | (closing == NOT_YET) | np.isnan(closing), NEVER, last + closing
        ),
    }
    return {
        name: with_missing(np.where(days < 100_000.0, np.rint(days), days), unknown)
        for name, days in columns.items()
    }


def last_due_day(drawn: dict[str, Floats]) -> Floats:
    """The day of the last instalment, missing while the credit runs; a card's by the share of its life."""
    first, decided, lived = drawn["first"], drawn["DAYS_DECISION"], drawn["lived"]
    loan = (
        decided + np.where(first == NOT_YET, 30.0, first) + 30.0 * np.maximum(drawn["instalments"] - 1.0, 0.0)
    )
    card = np.rint(decided * (1.0 - lived))
    last = np.where(drawn["NAME_CONTRACT_TYPE"] == REVOLVING, card, loan)
    return with_missing(last, (lived < 0) | (last >= -0.5))


def _build_rates(rng: np.random.Generator, drawn: dict[str, Floats]) -> Rows:
    """The two interest rates that hardly any consumer loan states."""
    rows = len(drawn["first"])
    stated = (drawn["NAME_CONTRACT_TYPE"] == CONSUMER) & (drawn["NAME_CONTRACT_STATUS"] == 0)
    stated &= rng.random(rows) < 0.0098
    return {name: with_missing(_published(rng, name, rows), ~stated) for name in RARE_RATES}


def _published(rng: np.random.Generator, column: str, rows: int) -> Floats:
    known = read_categories("previous_application", column)
    return np.array([float(value) for value in known.values])[draw_codes(rng, known.shares, rows)]


def _granted(drawn: dict[str, Floats], sk_id_prev: Ints, owner: Ints) -> Granted:
    """Every application as if it were a granted credit."""
    last, closing = last_due_day(drawn), np.nan_to_num(drawn["closing"])
    decided = drawn["DAYS_DECISION"]
    ended = last + np.where(closing == NOT_YET, 0.0, closing)
    first_due = decided + np.where(drawn["first"] == NOT_YET, 30.0, drawn["first"])
    return Granted(
        sk_id_prev=sk_id_prev,
        client=owner,
        kind=drawn["NAME_CONTRACT_TYPE"].astype(np.int64),
        decided=decided,
        annuity=drawn["AMT_ANNUITY"],
        credit=drawn["AMT_CREDIT"],
        term=drawn["CNT_PAYMENT"],
        paid_terms=np.where(np.isnan(last), drawn["CNT_PAYMENT"], drawn["instalments"]),
        first_due=first_due,
        ended=with_missing(ended, (ended >= -0.5) | (closing == NOT_YET)),
    )


def _owners_of_orphans(rng: np.random.Generator, known: Bools, with_loans: Ints, count: int) -> Ints:
    """Clients of the loans that stand in no application: first those who have no other loan."""
    without = np.setdiff1d(np.flatnonzero(known), with_loans)
    return np.concatenate([rng.permutation(without), rng.permutation(with_loans)])[:count]


def _older(granted: Granted) -> Granted:
    """The credits moved back so that they were decided before the oldest day and end, at the latest, now."""
    life = np.where(granted.kind == REVOLVING, 0.0, DAYS_OF_TERM * granted.paid_terms)
    place = (granted.sk_id_prev * GOLDEN) % 1.0
    last = granted.first_due + DAYS_OF_TERM * granted.paid_terms
    ended = np.where(np.isnan(granted.ended) & (granted.kind != REVOLVING), last, granted.ended)
    back = np.maximum(granted.decided - OLDEST_DAY, 0.0) + 1.0 + np.floor(place * life)
    return replace(
        granted,
        decided=granted.decided - back,
        first_due=granted.first_due - back,
        ended=ended - back,
    )


def _with_orphans(granted: Granted, more: Granted, clients: Ints, names: Ints) -> Granted:
    """The credits, and more of them for these clients, that are like others' but stand in no application: the
    application is older than previous_application goes back, and what is left of the credit reaches into it.
    """
    more = _older(more)
    columns = {
        name: np.concatenate([getattr(granted, name), getattr(more, name)])
        for name in granted.__dataclass_fields__
    }
    known = len(granted.client)
    columns["client"][known:] = clients
    columns["sk_id_prev"][known:] = names[: len(clients)]
    both = Granted(**columns)
    return both.take(np.lexsort((both.decided, both.client)))


def _cards_of_holders(rng: np.random.Generator, cards: Granted, holds: Bools, names: Ints) -> Granted:
    """The cards of those who hold one; who has none among the applications gets an orphan."""
    kept = holds[cards.client] & (rng.random(len(cards.client)) >= OLDER_CARDS)
    held = cards.take(np.flatnonzero(kept))
    without = np.setdiff1d(np.flatnonzero(holds), held.client)[: len(names)]
    if len(cards.client) == 0:
        return held
    like = cards.take(rng.integers(0, len(cards.client), len(without)))
    return _with_orphans(held, like, without, names)
