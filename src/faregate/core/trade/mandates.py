"""Mandates: what a payment provider says of one, and who is charged for a subscription from now on.

Owns the entry ``mandate``. A mandate that is signed before it is charged begins the charge of the order it was signed
for. One that ended, though nobody here ended it, is the customer's way to call the renewal off; where a renewal waits
for its money just then, the customer is asked instead. A mandate that nothing is left for is cancelled.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from faregate.core.account import AccountState, Subscription
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.market import Market
from faregate.core.trade.agreeing import agreement_entry, agreement_of
from faregate.core.trade.book import Agreement, Book, Order
from faregate.core.trade.draft import Draft
from faregate.core.trade.looking import look
from faregate.core.trade.ordering import Payer, book_of, effect, order_id
from faregate.core.trade.quote import TO_PAY, title_of, trade_of

ENDED = "mandate_ended"


class MandateFact(NamedTuple):
    """What a payment provider says of a mandate. ``payment`` is our id of what it was asked for with; ``state``:
    active or ended."""

    payer: str
    mandate: str
    state: str
    payment: str


def hear_mandate(draft: Draft, fact: MandateFact, now: int, key: str) -> str:
    """Add what ``fact`` comes to; says it in a word.

    ``known`` (nothing new), ``signed`` (it is charged now), ``bound``, ``cancelled`` (nothing is left for it),
    ``ended``, ``called_off``, ``asked`` (a renewal that waits is paid by hand).
    """
    book = book_of(draft.state)
    for name, agreement in book.agreements.items():
        if (agreement.binding or {}).get("id") == fact.payment:
            return _binding(draft, name, agreement, fact, now, key)
        if (agreement.payer, agreement.mandate) == (fact.payer, fact.mandate):
            return _ended(draft, name, agreement, fact, now, key) if fact.state == "ended" else "known"
    order = book.order(fact.payment.rpartition("_")[0])
    if order is None or order.facts["payer"] != fact.payer or not order.facts.get("signing"):
        return "known"
    return _of_order(draft, order, fact, now, key)


def _entry(draft: Draft, fact: MandateFact, now: int, key: str, **data: Any) -> None:
    told = {"payer": fact.payer, "mandate": fact.mandate, "said": fact.state, **data}
    draft.add(Entry(draft.state.account, draft.state.seq + 1, now, "mandate", key, [], [], told))


def _of_order(draft: Draft, order: Order, fact: MandateFact, now: int, key: str) -> str:
    if fact.state == "ended":
        return "known"
    current = order.state == "waiting" and not order.received and fact.payment == order.payment
    if current and not order.facts.get("signed"):
        charge = effect(f"{order.payment}:charge", "charge", order.id, now, payer=fact.payer)
        until = max(order.expires_at or 0, now + TO_PAY)
        _entry(draft, fact, now, key, order=order.id, signed=True, expires_at=until, effects=[charge])
        return "signed"
    if order.facts.get("mandate") == fact.mandate or fact.mandate in order.facts.get("unsigned", ()):
        return "known"
    off = effect(f"{order.id}:unsign:{key}", "cancel_mandate", order.id, now, payer=fact.payer, mandate=fact.mandate)
    _entry(
        draft,
        fact,
        now,
        key,
        order=order.id,
        unsigned=[*order.facts.get("unsigned", ()), fact.mandate],
        effects=[off],
    )
    return "cancelled"


def _ended(draft: Draft, name: str, agreement: Agreement, fact: MandateFact, now: int, key: str) -> str:
    book, subscription = book_of(draft.state), draft.state.subscriptions[name]
    order = book.order(agreement.order)
    change: dict[str, Any] = {"mandate": None, "reason": ENDED}
    if order is not None and order.state == "paid":
        # The next period is paid already; it is the last one.
        _entry(draft, fact, now, key, subscription=name, agreement={**change, "notice": True})
        return "called_off"
    if order is not None and order.is_open:
        _entry(
            draft, fact, now, key, subscription=name, agreement=change, **_asked_again(book, order, fact.payer, now)
        )
        return "asked"
    edge = subscription.period_end
    ends_at = now if edge is not None and edge <= now else edge
    if not agreement.auto:
        _entry(draft, fact, now, key, subscription=name, agreement=change)
        return "ended"
    change |= {"auto": False, "next": None, "notice": False}
    _entry(draft, fact, now, key, subscription=name, agreement=change, ends_at=ends_at)
    return "called_off"


def _asked_again(book: Book, order: Order, payer: str, now: int, mandate: str | None = None) -> dict[str, Any]:
    """The open order of a renewal under a new try; nothing where a charge is under way or its money is there."""
    effects = [each for each in book.effects.values() if each.about == order.id]
    under_way = any(each.kind in ("charge", "ask") and each.tries for each in effects if not order.link)
    if order.state != "waiting" or order.received or under_way:
        return {}
    tries = order.tries + 1
    rows = [effect(f"{order.id}_{tries}", "charge" if mandate else "begin", order.id, now, payer=payer)]
    if order.reference is not None:
        off = effect(f"{order.payment}:off", "abandon", order.id, now, payer=order.facts["payer"])
        rows.append({**off, "reference": order.reference, "payment": order.payment})
        rows.append(look(order.payment, order.reference, order.id, now, order.facts["payer"]))
    again = {"order": order.id, "tries": tries, "payer": payer, "mandate": mandate}
    return {"again": again, "effects": rows}


# ---- who is charged from now on


def bind(state: AccountState, subscription: Subscription, payer: Payer, now: int, key: str, market: Market) -> Entry:
    """Charge ``payer`` from now on. Where a mandate is signed first, the one before stays until it is; else the next
    renewal is paid by the customer, which leaves a mandate where the payment provider knows such.
    """
    agreement = agreement_of(state, subscription)
    if not agreement.auto or agreement.notice:
        raise BadCommand("called_off_before", plan=subscription.terms.plan)
    trade = trade_of(market, subscription.terms)
    price = trade.price(subscription.price)
    if price is None or not price.renews:
        raise BadCommand("does_not_renew", plan=subscription.terms.plan)
    if price.pay_with and payer.name not in price.pay_with and not payer.by_hand:
        have = ", ".join(price.pay_with)
        raise BadCommand("not_paid_there", plan=subscription.terms.plan, payer=payer.name, have=have)
    if payer.renews_itself or agreement.renews_itself:
        raise BadCommand("not_bound_there", payer=payer.name)
    if not payer.signs_first:
        data = _bound(book_of(state), subscription.key, agreement, payer.name, None, now, key)
        return agreement_entry(state, subscription, now, key, "bind", **data)
    id = f"{order_id(state.account, key)}_b"
    asked = {
        "id": id,
        "payer": payer.name,
        "at": now,
        "amount": price.amount,
        "currency": price.currency,
        "period": price.period,
        "title": title_of(trade),
        "return_url": payer.return_url,
    }
    effects = [effect(id, "sign", subscription.key, now, payer=payer.name)]
    return agreement_entry(state, subscription, now, key, "bind", agreement={"binding": asked}, effects=effects)


def _bound(
    book: Book, name: str, agreement: Agreement, payer: str, mandate: str | None, now: int, key: str
) -> dict[str, Any]:
    change = {"payer": payer, "mandate": mandate, "renews_itself": False, "binding": None, "reason": ""}
    order = book.order(agreement.order)
    again = _asked_again(book, order, payer, now, mandate) if order is not None else {}
    effects = again.pop("effects", [])
    if agreement.mandate is not None:
        off = effect(f"{name}:{key}:off", "cancel_mandate", name, now, payer=agreement.payer)
        effects.append({**off, "mandate": agreement.mandate})
    return {"agreement": change, "effects": effects, **again}


def _binding(draft: Draft, name: str, agreement: Agreement, fact: MandateFact, now: int, key: str) -> str:
    if fact.state == "ended":
        _entry(draft, fact, now, key, subscription=name, agreement={"binding": None})
        return "ended"
    data = _bound(book_of(draft.state), name, agreement, fact.payer, fact.mandate, now, key)
    _entry(draft, fact, now, key, subscription=name, **data)
    return "bound"
