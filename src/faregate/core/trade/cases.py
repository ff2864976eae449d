"""Cases: what happened to money outside without being asked here, and what a person decides about it.

Owns the entry ``case`` and the cases in the book's facts: disputes, refunds made in a payment provider's own
dashboard, and coins sent to an address that was paid. Money that moved is booked when it is told, once; what becomes
of the plan that it had bought is not guessed: the case stays open until somebody decides.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

from faregate.core.account import AccountState
from faregate.core.entry import Entry, Posting
from faregate.core.errors import BadCommand
from faregate.core.market import Market
from faregate.core.trade.book import Book, Order, Received
from faregate.core.trade.casebook import cases_of
from faregate.core.trade.contradictions import failed_refund, settle_failed
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import book_of
from faregate.core.trade.payments import PARTIALLY_PAID, PaymentFact
from faregate.core.trade.quote import trade_of
from faregate.core.trade.referring import on_refund, refuse
from faregate.core.trade.refunding import OPEN_REFUNDS, fall, hear_refund
from faregate.core.trade.returning import SALES, refund_entry

DISPUTED = "house:disputes"
OUTSIDE = "outside"
Decision: TypeAlias = Literal["keep", "end", "won", "lost", "again"]


class OutsideFact(NamedTuple):
    """Money that a payment provider says went back. ``reference`` names the refund or dispute, ``payment`` what it is
    of, as the payment provider calls it; ``order`` is our id of the payment. ``amount`` in 10⁻⁹ of ``currency``.
    ``total``: the amount is all that went back of the payment so far. ``named``: one that we had asked for says so.
    """

    payer: str
    reference: str
    payment: str | None
    order: str
    amount: int | None
    currency: str | None
    state: str
    total: bool = False
    named: bool = True


def _find(book: Book, fact: OutsideFact) -> tuple[Order, Received] | None:
    """The payment a fact is about: by its references, else as the last of its order."""
    rows = [(order, kept) for order in book.orders.values() for kept in order.received if kept[1] == fact.payer]
    for name in (fact.reference, fact.payment):
        named = [row for row in rows if row[1][2] == name]
        if named:
            return named[-1]
    ours = [row for row in rows if row[1][0] == fact.order]
    return ours[-1] if ours else None


def _case(state: AccountState, row: dict[str, Any], postings: list[Posting], now: int, key: str) -> Entry:
    return Entry(state.account, state.seq + 1, now, "case", key, postings, [], {"case": row})


def _row(fact: OutsideFact, kind: str, found: tuple[Order, Received] | None, now: int) -> dict[str, Any]:
    order = found[0] if found is not None else None
    kept = found[1] if found is not None else None
    return {
        "id": f"{kind}:{fact.payer}:{fact.reference}",
        "kind": kind,
        "at": now,
        "payer": fact.payer,
        "reference": fact.reference,
        "order": order.id if order is not None else fact.order.rpartition("_")[0],
        "payment": kept[2] if kept is not None else fact.payment,
        "amount": fact.amount if fact.amount is not None else (kept[3] if kept is not None else 0),
        "currency": fact.currency or (kept[4] if kept is not None else "USD"),
        "state": fact.state,
        "settled": False,
        "how": "",
        "note": "",
    }


# ---- disputes


def hear_dispute(draft: Draft, fact: OutsideFact, now: int, key: str) -> str:
    """Add what is told of a dispute (``state``: opened, won, lost), in whatever order it is told; gives its state, or
    ``known``. The money is away from when it is opened, comes back when it is won, and is a loss when it is lost.
    """
    book = book_of(draft.state)
    before = cases_of(book).get(f"dispute:{fact.payer}:{fact.reference}")
    if before is not None and (fact.state in ("opened", before["state"]) or before["state"] == "lost"):
        return "known"
    row = dict(before) if before is not None else _row(fact, "dispute", _find(book, fact), now)
    row["state"] = fact.state
    if fact.state == "won":
        row |= {"settled": True, "how": "won"}
    elif before is not None:
        row["settled"] = False
    postings = _moved(before["state"] if before is not None else "", fact.state, row)
    draft.add(_case(draft.state, row, postings, now, key))
    if fact.state == "lost" and on_refund(book_of(draft.state), row["order"]):
        draft.add(refuse(draft.state, now, f"{key}+reward", "disputed"))
    return fact.state


def _moved(was: str, became: str, row: dict[str, Any]) -> list[Posting]:
    """Postings from one state of a dispute to another; each state has the money somewhere else."""
    amount, unit = int(row["amount"]), str(row["currency"])
    places = {"": f"external:{row['payer']}", "won": f"external:{row['payer']}", "opened": DISPUTED, "lost": SALES}
    old, new = places[was], places[became]
    if old == new or not amount:
        return []
    # What is away stands against the account that bears it.
    return [(new, unit, -amount), (old, unit, amount)]


# ---- refunds that nobody asked for here


def hear_outside_refund(draft: Draft, fact: OutsideFact, now: int, key: str) -> str:
    """Add a refund that a payment provider tells of without our id of it; gives what it came to.

    Where refunds do not bear our ids, one that we asked for is that one; one that is told again is ``known``.
    ``wait``: only told apart when one of ours is over.
    """
    book = book_of(draft.state)
    found = _find(book, fact)
    payment = found[1][2] if found is not None else None
    mine = [
        each
        for each in book.refunds.values()
        if each.facts["payer"] == fact.payer
        and (each.reference == fact.reference or each.facts["reference"] == payment)
    ]
    told = [each for each in mine if each.reference == fact.reference and each.state == "succeeded"]
    if told and not fact.total:
        return "known"
    waiting = [each for each in mine if each.state in OPEN_REFUNDS]
    if not fact.named and waiting:
        fits = fact.amount in (None, waiting[0].amount)
        problem = "" if fits else "amount_differs"
        return hear_refund(draft, waiting[0], fact.state if fits else "unknown", fact.reference, problem, now, key)
    if fact.total and waiting:
        return "wait"
    if fact.state != "succeeded":
        return "known"  # It is told again when it is over.
    return _outside(draft, fact, found, sum(each.amount for each in mine if each.state == "succeeded"), now, key)


def _outside(
    draft: Draft, fact: OutsideFact, found: tuple[Order, Received] | None, back: int, now: int, key: str
) -> str:
    if found is None:
        if f"refund_outside:{fact.payer}:{fact.reference}" in cases_of(book_of(draft.state)):
            return "known"
        # Nothing of it was ever booked as come in: nothing is booked as gone, and a person looks.
        draft.add(_case(draft.state, _row(fact, "refund_outside", None, now), [], now, key))
        return "case"
    order, kept = found
    amount = (fact.amount or kept[3]) - (back if fact.total else 0)
    if amount <= 0:
        return "known"
    source = SALES if order.state == "done" else f"order:{order.id}"
    if source != SALES and order.escrow < amount:
        source = "house:differences"
    facts: dict[str, Any] = {"why": OUTSIDE, "subscription": None, "falls_to": None}
    entry = refund_entry(draft.state, order, kept, amount, f"{key}+refund", now, source, facts)
    draft.add(entry._replace(data={**entry.data, "effects": []}))
    refund = book_of(draft.state).refunds[entry.data["refund"]]
    hear_refund(draft, refund, "succeeded", fact.reference, "", now, f"{key}+said")
    row = _row(fact._replace(amount=amount, currency=kept[4]), "refund_outside", found, now)
    row["id"] = f"refund_outside:{refund.id}"
    draft.add(_case(draft.state, row, [], now, key))
    if on_refund(book_of(draft.state), order.id):
        draft.add(refuse(draft.state, now, f"{key}+reward", "refunded"))
    return "case"


def hear_paid_twice(draft: Draft, fact: OutsideFact, now: int, key: str) -> str:
    """Add coins that were sent to an address that was paid: nobody's order, and the payment provider has them."""
    if f"paid_twice:{fact.payer}:{fact.reference}" in cases_of(book_of(draft.state)):
        return "known"
    row = _row(fact, "paid_twice", _find(book_of(draft.state), fact), now)
    draft.add(_case(draft.state, row, [], now, key))
    return "case"


def is_late_part(order: Order, fact: PaymentFact) -> bool:
    """Whether less than the price came for an order that is over: nothing that could be booked, and not nothing."""
    return fact.problem == PARTIALLY_PAID and order.done_at is not None


def hear_late_part(draft: Draft, fact: PaymentFact, now: int, key: str) -> str:
    """Add that a part of the price came too late: the payment provider has it, and a person looks."""
    late = OutsideFact(fact.payer, fact.reference, None, fact.payment, None, None, PARTIALLY_PAID)
    return hear_paid_twice(draft, late, now, key)


# ---- what a person decides


def settle_case(draft: Draft, id: str, how: Decision, note: str, now: int, key: str, market: Market) -> None:
    """Add the end of a case: ``keep`` the plan, ``end`` it (it falls to what its refunds fall to), or say how a
    dispute ended that its payment provider never told of; of a refund that did not go: send it ``again``, or
    ``keep`` it. Raises BadCommand.
    """
    stuck = failed_refund(book_of(draft.state), id)
    if stuck is not None:
        settle_failed(draft, stuck, how, note, now, key)
        return
    row = cases_of(book_of(draft.state)).get(id)
    if row is None or row["settled"] or how == "again":
        raise BadCommand("no_such_case", case=id)
    if how in ("won", "lost"):
        if row["kind"] != "dispute" or row["state"] != "opened":
            raise BadCommand("no_such_case", case=id)
        order = f"{row['order']}_0"
        fact = OutsideFact(row["payer"], row["reference"], row["payment"], order, row["amount"], row["currency"], how)
        hear_dispute(draft, fact, now, f"{key}+told")
        row = cases_of(book_of(draft.state))[id]
        draft.add(_case(draft.state, {**row, "note": note}, [], now, key))
        return
    draft.add(_case(draft.state, {**row, "settled": True, "how": how, "note": note}, [], now, key))
    if how == "end":
        name = _bought_by(book_of(draft.state), row["order"])
        running = draft.state.subscriptions.get(name) if name is not None else None
        if running is not None:
            fall(draft, running.key, trade_of(market, running.terms).refund.falls_to, now, f"{key}+end")


def _bought_by(book: Book, order: str) -> str | None:
    return next((name for name, each in book.agreements.items() if order in each.orders), None)
