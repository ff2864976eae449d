"""Applying: entries of trade, and what other entries say of it, to an account's book.

Owns every change of the book. Lots, windows and subscriptions' own pools are evolve.py's. Takes facts as they stand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.trade.book import KEPT_CASES, LAPSED, LOOKS, Agreement, Book, Effect, Order, Refund

KINDS = (
    "order",
    "payment",
    "order_closed",
    "attempt",
    "answered",
    "agreement",
    "refund",
    "refund_said",
    "trade",
    "mandate",
    "case",
)
"""Kinds of entries that are trade's own."""

_NOT_FACTS = frozenset({"order", "refund", "effects", "expires_at"})


def apply(state: AccountState, entry: Entry) -> None:
    """Bring the book up to date with ``entry``, whose own effect on the state has been applied."""
    data = entry.data
    book = state.book
    if book is None:
        book = state.book = Book()
    if entry.kind == "order" or "placed" in data:
        _place(book, entry)
    _move_escrow(book, entry)
    change = _CHANGES.get(entry.kind)
    if change is not None:
        change(state, book, entry)
    elif "order" in data and entry.kind != "order":
        _delivered(state, book, entry)
    if "refunds" in data and data["refunds"] in book.orders:
        book.orders[data["refunds"]].refunded += data["amount"]
    if "refunds" in data and "note" in data:
        book.refunds[data["refund"]] = refund_to_cash(entry)
        book.credit_notes += 1
    if "again" in data:
        _ask_again(book, data["again"])
    if "agreement" in data:
        _agree(state, book, data["subscription"], data["agreement"])
    for row in data.get("effects", ()):
        book.effects[row["effect"]] = Effect(row["effect"], row["kind"], row["about"], row["due_at"], row)
    if "book" in data:
        book.facts = {**book.facts, **data["book"]}
    book.tidy()


def _place(book: Book, entry: Entry) -> None:
    data = entry.data if entry.kind == "order" else entry.data["placed"]
    facts = {name: value for name, value in data.items() if name not in _NOT_FACTS}
    order = Order(data["order"], entry.at, facts, expires_at=data.get("expires_at"))
    book.orders[order.id] = order
    if facts["what"] == "renew" and facts["subscription"] in book.agreements:
        agreement = book.agreements[facts["subscription"]]
        agreement.order, agreement.failures = order.id, 0
    for coupon in facts["coupons"]:
        book.coupons[coupon] = book.coupons.get(coupon, 0) + 1


def _move_escrow(book: Book, entry: Entry) -> None:
    for ledger, unit, amount in entry.postings:
        if ledger.startswith("order:"):
            order = book.orders.get(ledger[6:])
            if order is not None and unit == order.currency:
                order.escrow += amount


def _payment(state: AccountState, book: Book, entry: Entry) -> None:
    data = entry.data
    order = book.orders[data["order"]]
    order.state = data["state"]
    order.reason = data["problem"] or data.get("reason", "")
    if data["reference"]:
        order.reference = data["reference"]
    if "tries" in data:
        order.tries, order.reference, order.link = data["tries"], None, None
        order.facts = {**order.facts, "charges": data["charges"], "signing": False, "signed": False}
        for id in [id for id, each in book.effects.items() if _is_of(each, order)]:
            del book.effects[id]
    if "amount" in data:
        # The money is there: nobody need be asked for it any more.
        for id in [id for id, each in book.effects.items() if id == data["payment"] or _is_of(each, order)]:
            del book.effects[id]
        received = (data["payment"], data["payer"], data["reference"], data["amount"], data["currency"])
        if "corrects" in data:
            order.received[data["corrects"]] = received
        else:
            order.received.append(received)
    if data.get("mandate"):
        order.facts = {**order.facts, "mandate": data["mandate"]}
    for agreement in book.agreements.values():
        if agreement.order == order.id and data.get("failed"):
            agreement.failures += 1


def _close(state: AccountState, book: Book, entry: Entry) -> None:
    order = book.orders[entry.data["order"]]
    order.state, order.reason, order.done_at = "closed", entry.data["closed"], entry.at
    order.link = None
    for coupon in order.facts["coupons"]:
        book.coupons[coupon] -= 1
    for agreement in book.agreements.values():
        if agreement.order == order.id:
            agreement.order = None
    for id in [
        id for id, effect in book.effects.items() if _is_of(effect, order) and effect.id not in entry_ids(entry)
    ]:
        del book.effects[id]


def _ask_again(book: Book, again: dict[str, Any]) -> None:
    """An open order of a renewal is asked for under another try, of somebody else or another way."""
    order = book.orders[again["order"]]
    for id in [id for id, each in book.effects.items() if each.about == order.id and each.kind not in LOOKS]:
        del book.effects[id]
    facts = {"payer": again["payer"], "mandate": again["mandate"], "charges": again["mandate"] is not None}
    order.facts = {**order.facts, **facts, "signing": False, "signed": False}
    order.tries, order.reference, order.link, order.reason = again["tries"], None, None, ""


def _mandate(state: AccountState, book: Book, entry: Entry) -> None:
    data = entry.data
    order = book.orders.get(data.get("order", ""))
    if order is not None and data.get("signed"):
        order.facts = {**order.facts, "mandate": data["mandate"], "signed": True}
        order.expires_at, order.link = data["expires_at"], None
        for id in [id for id, each in book.effects.items() if each.about == order.id and each.kind == "ask_mandate"]:
            del book.effects[id]
    elif order is not None:
        order.facts = {**order.facts, "unsigned": data["unsigned"]}
    if data.get("subscription") in state.subscriptions:
        _set_subscription(state, book, entry)


def entry_ids(entry: Entry) -> set[str]:
    """Ids of the effects that an entry brings."""
    return {row["effect"] for row in entry.data.get("effects", ())}


def _is_of(effect: Effect, order: Order) -> bool:
    # A charge that may have been made is asked about to its end; one that was never tried is not made any more.
    return effect.about == order.id and (effect.kind == "begin" or (effect.kind == "charge" and effect.tries == 0))


def _outbox(state: AccountState, book: Book, entry: Entry) -> None:
    data = entry.data
    effect = book.effects.get(data["effect"])
    if effect is None:
        return
    if entry.kind == "attempt":
        effect.tries, effect.due_at = data["tries"], data["due_at"]
        effect.kind = data.get("kind", effect.kind)
        for name in ("reference", "looks"):
            if name in data:
                effect.facts = {**effect.facts, name: data[name]}
        if "problem" in data:
            effect.problem = data["problem"]
            effect.silent_since = (effect.silent_since or entry.at) if effect.problem else None
        return
    del book.effects[effect.id]
    order = book.orders.get(effect.about)
    if order is not None and "link" in data:
        order.reference, order.link = data["reference"], data["link"]
        if data.get("signing"):
            order.facts = {**order.facts, "signing": True}
        if data.get("expires_at") is not None and order.expires_at is not None and order.facts["what"] != "renew":
            # A payment provider may be in more of a hurry, never in less; a renewal waits as long as its plan says.
            order.expires_at = min(order.expires_at, data["expires_at"])


def _delivered(state: AccountState, book: Book, entry: Entry) -> None:
    data = entry.data
    order = book.orders[data["order"]]
    order.state, order.done_at, order.link, order.reason = "done", entry.at, None, ""
    if data.get("invoice"):
        order.invoice = data["invoice"]
        book.invoices += 1
    family = order.facts["plan"].partition("/")[0]
    if order.outside or any(part[1] == "cash" for part in order.facts["parts"]):
        book.paid.setdefault(family, entry.at)
    if data.get("trial"):
        book.trials.add(order.facts["plan"])
    subscription = state.subscriptions.get(data["subscription"])
    if subscription is not None and order.facts["what"] != "top_up":
        subscription.price = order.facts["price"]


def _agree(state: AccountState, book: Book, subscription: str, change: dict[str, Any]) -> None:
    agreement = book.agreements.get(subscription)
    if agreement is None:
        agreement = book.agreements[subscription] = Agreement(change["auto"], change["currency"])
    if change.get("fresh"):
        agreement.used, agreement.worth, agreement.failures, agreement.stood = {}, {}, 0, 0
    for name, value in change.items():
        if name in ("orders", "next", "paused"):
            value = tuple(value) if value is not None else None  # noqa: PLW2901 - lists in the journal, tuples here
        if name != "fresh":
            setattr(agreement, name, value)
    if change.get("mandate") and change.get("orders"):
        agreement.root = change["orders"][-1]
    running = state.subscriptions.get(subscription)
    order = book.order(agreement.orders[-1]) if agreement.orders else None
    if running is None or order is None or "orders" not in change or not agreement.auto:
        return
    left = order.facts.get("mandate")
    if left and left != agreement.mandate and agreement.payer == order.facts["payer"] and "mandate" not in change:
        # The payment of this period left a mandate behind: it takes the place of one that is of no use any more.
        agreement.mandate, agreement.reason = left, ""
        if not agreement.renews_itself or order.link is not None:
            # Who renews by itself names the order that its customer paid, in every period.
            agreement.root = order.id


def _set_subscription(state: AccountState, book: Book, entry: Entry) -> None:
    data = entry.data
    subscription = state.subscriptions[data["subscription"]]
    for name in ("period_end", "ends_at", "anchor", "switch"):
        if name in data:
            setattr(subscription, name, data[name])
    for ledger, expires_at in data.get("lots_until", ()):
        found = state.lots.get(ledger)
        if found is not None:
            found[1].expires_at = expires_at


def _ended(state: AccountState, book: Book, entry: Entry) -> None:
    agreement = book.agreements.pop(entry.data["subscription"], None)
    if agreement is None:
        return
    order = book.order(agreement.order)
    if order is not None and order.state == "paid":
        order.expires_at, order.reason = entry.at, LAPSED
    elif order is not None and order.is_open:
        order.reason = LAPSED


def refund_to_cash(entry: Entry) -> Refund:
    """The refund that the entry of a grant is: what the cash balance had paid is there again at once."""
    data = entry.data
    facts = {
        **{name: data[name] for name in ("amount", "currency")},
        "order": data["refunds"],
        "payment": None,
        "payer": "cash",
        "reference": "",
        "of": data["amount"],
        "source": "house:sales",
        "why": "customer",
        "subscription": data["of_plan"],
        "falls_to": None,
    }
    return Refund(data["refund"], entry.at, facts, "succeeded", done_at=entry.at, note=data["note"])


def _refund(state: AccountState, book: Book, entry: Entry) -> None:
    data = entry.data
    facts = {name: value for name, value in data.items() if name not in ("refund", "effects", "agreement")}
    book.refunds[data["refund"]] = Refund(data["refund"], entry.at, facts)
    order = book.orders.get(data["order"])
    if order is not None and data["source"] == "house:sales":
        order.refunded += data["amount"]
    elif order is not None and data["why"] == LAPSED:
        order.state, order.done_at = "closed", entry.at
    subscription = state.subscriptions.get(data["subscription"] or "")
    agreement = book.agreements.get(data["subscription"] or "")
    if subscription is not None and agreement is not None and agreement.refund is None:
        agreement.refund, agreement.switch_before = data["refund"], subscription.switch
        subscription.switch = False


def _refund_said(state: AccountState, book: Book, entry: Entry) -> None:
    data = entry.data
    refund = book.refunds[data["refund"]]
    refund.state, refund.reason = data["state"], data["problem"]
    if data["reference"]:
        refund.reference = data["reference"]
    if refund.state in ("processing", "in_doubt") or data.get("stays"):
        return
    refund.done_at = entry.at
    order = book.orders.get(refund.facts["order"])
    of_sales = order if refund.facts["source"] == "house:sales" else None
    if data.get("turned"):
        refund.facts = {**refund.facts, "turned": True}
    if refund.state == "succeeded":
        refund.note = data["note"]
        book.credit_notes += 1
        if of_sales is not None and data.get("turned"):
            of_sales.refunded += refund.amount
        return
    if of_sales is not None:
        of_sales.refunded -= refund.amount
    agreement = book.agreements.get(refund.facts["subscription"] or "")
    subscription = state.subscriptions.get(refund.facts["subscription"] or "")
    if agreement is not None and agreement.refund == refund.id:
        agreement.refund = None
        if subscription is not None:
            subscription.switch = agreement.switch_before


def _case(state: AccountState, book: Book, entry: Entry) -> None:
    row = entry.data["case"]
    cases = {**book.facts.get("cases", {}), row["id"]: row}
    over = [id for id, each in cases.items() if each["settled"]]
    for id in over[: max(0, len(over) - KEPT_CASES)]:
        del cases[id]
    book.facts = {**book.facts, "cases": cases}


_CHANGES: dict[str, Callable[[AccountState, Book, Entry], None]] = {
    "payment": _payment,
    "order_closed": _close,
    "attempt": _outbox,
    "answered": _outbox,
    "refund": _refund,
    "refund_said": _refund_said,
    "agreement": _set_subscription,
    "end": _ended,
    "mandate": _mandate,
    "case": _case,
}
