"""Contradictions: a refund that was over is said to have ended otherwise, and refunds that did not go.

Owns asking again before that is believed, the booking of money that went or came back after all, and what a person
decides about money that could not be sent. Nothing that was told is booked twice.
"""

from __future__ import annotations

from typing import Any

from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.trade.book import Book, Refund
from faregate.core.trade.casebook import cases_of
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import book_of, effect
from faregate.core.trade.refunding import OPEN_REFUNDS
from faregate.core.trade.returning import SALES, refund_entry

DIFFERENCES = "house:differences"
OVER = frozenset({"succeeded", "failed", "cancelled"})


def contradicts(refund: Refund, said: str) -> bool:
    """Whether ``said`` is another end than the one that was booked, for the first time."""
    over = refund.state not in OPEN_REFUNDS and said in OVER
    return over and (refund.state == "succeeded") != (said == "succeeded") and not refund.facts.get("turned")


def hear_contradiction(
    draft: Draft, refund: Refund, said: str, reference: str | None, asked: bool, now: int, key: str
) -> str:
    """Add what another end of ``refund`` comes to: what was told unasked may be old, so it is asked about
    (``contradicted``); what was ``asked`` is booked, and a person looks at it (``turned``).
    """
    if asked:
        draft.add(_turned(draft, refund, said, reference, now, key))
        if refund.facts["source"] == SALES:
            draft.add(_case(draft, refund, now, f"{key}+case"))
        return "turned"
    id = f"{refund.id}:again"
    name = reference or refund.reference
    if id in book_of(draft.state).effects or name is None:
        return "known"
    again = effect(id, "ask_refund", refund.id, now, payer=refund.facts["payer"])
    data = {"refund": refund.id, "state": refund.state, "reference": name, "problem": "contradicted", "stays": True}
    data["effects"] = [{**again, "reference": name}]
    draft.add(Entry(draft.state.account, draft.state.seq + 1, now, "refund_said", key, [], [], data))
    return "contradicted"


def confirm(draft: Draft, refund: Refund, now: int, key: str) -> None:
    """Add that asking again came to what was booked."""
    data = {"refund": refund.id, "state": refund.state, "reference": None, "problem": "", "stays": True}
    draft.add(Entry(draft.state.account, draft.state.seq + 1, now, "refund_said", key, [], [], data))


def _turned(draft: Draft, refund: Refund, said: str, reference: str | None, now: int, key: str) -> Entry:
    """The money is on the other side than was booked."""
    book, unit, amount = book_of(draft.state), refund.facts["currency"], refund.amount
    order = book.order(refund.facts["order"])
    source, outside = str(refund.facts["source"]), f"external:{refund.facts['payer']}"
    data: dict[str, Any] = {"refund": refund.id, "state": said, "reference": reference, "turned": True}
    if said == "succeeded":
        if source != SALES and (order is None or order.escrow < amount):
            source = DIFFERENCES
        postings = [(source, unit, -amount), (outside, unit, amount)]
        data |= {"problem": "", "note": f"{draft.state.account}-C{book.credit_notes + 1:04d}"}
    else:
        postings = [(outside, unit, -amount), (source, unit, amount)]
        data |= {"problem": "came_back"}
    return Entry(draft.state.account, draft.state.seq + 1, now, "refund_said", key, postings, [], data)


def _case(draft: Draft, refund: Refund, now: int, key: str) -> Entry:
    went = book_of(draft.state).refunds[refund.id].state == "succeeded"
    return _settled(draft, refund, "refund_outside" if went else "refund_failed", "", "", now, key)


def _settled(draft: Draft, refund: Refund, kind: str, how: str, note: str, now: int, key: str) -> Entry:
    facts = refund.facts
    row = {
        "id": f"{kind}:{refund.id}",
        "kind": kind,
        "at": now,
        "payer": facts["payer"],
        "reference": refund.reference or "",
        "order": facts["order"],
        "payment": facts["reference"],
        "amount": refund.amount,
        "currency": facts["currency"],
        "state": "contradicted",
        "settled": bool(how),
        "how": how,
        "note": note,
    }
    return Entry(draft.state.account, draft.state.seq + 1, now, "case", key, [], [], {"case": row})


# ---- money that did not go


def is_stuck(book: Book, refund: Refund) -> bool:
    """Whether money that goes back lies here still, and nobody decided about it: nobody owed it, or what it had paid
    for is over, because another part of the same refund went.
    """
    if refund.state not in ("failed", "cancelled") or f"refund_failed:{refund.id}" in cases_of(book):
        return False
    return refund.facts["source"] != SALES or any(
        (each.at, each.facts["subscription"], each.state) == (refund.at, refund.facts["subscription"], "succeeded")
        for each in book.refunds.values()
        if refund.facts["subscription"]
    )


def failed_refund(book: Book, matter: str) -> Refund | None:
    """The refund that did not go, of which ``matter`` tells."""
    refund = book.refunds.get(matter.removeprefix("refund_failed:"))
    if refund is None:
        return None
    case = cases_of(book).get(f"refund_failed:{refund.id}")
    return refund if is_stuck(book, refund) or (case is not None and not case["settled"]) else None


def settle_failed(draft: Draft, refund: Refund, how: str, note: str, now: int, key: str) -> None:
    """Add what a person decides: send it ``again``, or ``keep`` it here (it was sent another way, or is not owed).

    Raises BadCommand for any other decision.
    """
    if how not in ("again", "keep"):
        raise BadCommand("no_such_case", case=refund.id)
    book, facts, source = book_of(draft.state), refund.facts, str(refund.facts["source"])
    draft.add(_settled(draft, refund, "refund_failed", how, note, now, key))
    order = book.order(facts["order"])
    if how == "again" and order is not None:
        payment = next(each for each in order.received if each[1:3] == (facts["payer"], facts["reference"]))
        why: dict[str, Any] = {"why": "again", "subscription": None, "falls_to": None}
        draft.add(refund_entry(draft.state, order, payment, refund.amount, f"{key}+again", now, source, why))
    elif source != SALES:
        postings = [(source, facts["currency"], -refund.amount), (DIFFERENCES, facts["currency"], refund.amount)]
        kept = _settled(draft, refund, "refund_failed", how, note, now, f"{key}+kept")
        draft.add(kept._replace(postings=postings))
