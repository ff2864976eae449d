"""Orders: placing one from a quote, and closing one that comes to nothing.

Owns the entries ``order`` and ``order_closed`` and what an order records. What money does to it is in payments.py,
what it delivers in fulfilment.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.trade.book import Book, Order
from faregate.core.trade.looking import look
from faregate.core.trade.purse import give_back, sums, take
from faregate.core.trade.quote import TO_PAY, Quote

ACCOUNT = "acc_"


class Payer(NamedTuple):
    """The payment provider of an order, as far as rules need to know it.

    ``charges``: a mandate can be charged by us. ``renews_itself``: it charges each period by itself. ``mandate``: one
    that the customer gave before. ``signs_first``: a mandate is signed before anything is charged. ``return_url`` is
    where the customer's browser goes after paying. ``by_hand``: an operator says what was paid, which any price can
    be.
    """

    name: str
    charges: bool = False
    renews_itself: bool = False
    mandate: str | None = None
    return_url: str = ""
    by_hand: bool = False
    signs_first: bool = False


def order_id(account: str, key: str) -> str:
    """The id of the order that write ``key`` places: the same write makes the same order."""
    return trade_id("ord_", account, key)


def trade_id(prefix: str, account: str, key: str) -> str:
    """``prefix``, twelve digits of ``key``, and the code of the account: whoever hears of it knows whose it is."""
    digits = sha256(f"{account}\n{key}".encode()).hexdigest()[:12]
    return f"{prefix}{digits}_{account.removeprefix(ACCOUNT)}"


def account_of(id: str) -> str | None:
    """The account of an order, payment or refund, None for what is no id of these."""
    parts = id.split("_")
    return ACCOUNT + parts[2] if len(parts) in (3, 4) and parts[0] in ("ord", "ref") and parts[2] else None


def place(state: AccountState, quote: Quote, payer: Payer | None, now: int, key: str) -> Entry:
    """The entry that places an order for ``quote``: purses pay into its escrow, the rest is asked of ``payer``.

    Raises BadCommand where money is to come and nobody takes it, or ``payer`` may not take this.
    """
    id = order_id(state.account, key)
    if quote.outside > 0:
        _check_payer(quote, payer)
    # Where purses or a coupon pay all of it, whoever was named is asked for the next period.
    data = _record(id, quote, payer)
    escrow = f"order:{id}"
    if quote.outside > 0 and payer is not None:
        data["expires_at"] = now + TO_PAY
        kind = "charge" if payer.charges and payer.mandate else "begin"
        data["effects"] = [effect(f"{id}_1", kind, id, now, payer=payer.name)]
    return Entry(state.account, state.seq + 1, now, "order", key, take(quote.parts, quote.currency, escrow), [], data)


def _check_payer(quote: Quote, payer: Payer | None) -> None:
    have = ", ".join(quote.pay_with) or "none"
    if payer is None:
        raise BadCommand("who_is_paid", plan=quote.plan, have=have)
    if quote.pay_with and payer.name not in quote.pay_with and not payer.by_hand:
        raise BadCommand("not_paid_there", plan=quote.plan, payer=payer.name, have=have)


def _record(id: str, quote: Quote, payer: Payer | None) -> dict[str, Any]:
    return {
        "order": id,
        "what": quote.kind,
        "plan": quote.plan,
        "version": quote.version,
        "price": quote.price,
        "currency": quote.currency,
        "total": quote.total,
        "lines": [list(line) for line in quote.lines],
        "parts": [list(part) for part in quote.parts],
        "outside": quote.outside,
        "subscription": quote.subscription,
        "replaces": quote.replaces,
        "once": quote.once,
        "trial": quote.trial,
        "credit": quote.credit,
        "into": quote.into,
        "coupons": list(quote.coupons),
        "details": quote.details,
        "payer": payer.name if payer is not None else None,
        "renews_itself": payer.renews_itself if payer is not None else False,
        "charges": payer.charges if payer is not None else False,
        "mandate": payer.mandate if payer is not None else None,
        "return_url": payer.return_url if payer is not None else "",
        "renews": not quote.once,
        "period": quote.period,
        "title": quote.title,
        "of_period": quote.of_period,
    }


def effect(id: str, kind: str, about: str, due_at: int, **facts: Any) -> dict[str, Any]:
    """The record of something to be asked outside."""
    return {"effect": id, "kind": kind, "about": about, "due_at": due_at, **facts}


def superseded(state: AccountState, quote: Quote) -> list[Order]:
    """Waiting orders that ``quote`` takes the place of: two for plans of which one runs are one too many."""
    if state.book is None or quote.kind == "top_up":
        return []
    family, first = quote.plan.partition("/")[0], _is_first(quote.lines, quote.details)
    return [
        order
        for order in state.book.orders.values()
        if order.state == "waiting"
        and order.facts["what"] in ("buy", "upgrade", "switch")
        and order.facts["plan"].partition("/")[0] == family
        and (
            quote.subscription
            or quote.replaces
            or order.facts["plan"] == quote.plan
            or not quote.once
            or (first and _is_first(order.facts["lines"], order.facts["details"]))
        )
    ]


def _is_first(lines: Iterable[Sequence[Any]], details: dict[str, Any]) -> bool:
    """Whether something is taken off that is taken off once."""
    return bool(details.get("first_order")) or any(line[0] in ("first_order", "friend") for line in lines)


def close(state: AccountState, order: Order, reason: str, now: int, key: str) -> Entry:
    """The entry that ends an order that delivers nothing: its purses get back what they paid.

    What a payment provider was asked for is called off there, as far as that can be done.
    """
    facts = order.facts
    postings, lots = give_back(state, facts["parts"], order.currency, f"order:{order.id}", now)
    data: dict[str, Any] = {"order": order.id, "closed": reason, "lots": lots}
    begun = order.reference is not None and not facts.get("signing")
    if begun and reason != "payment_failed":
        data["effects"] = [effect(f"{order.payment}:off", "abandon", order.id, now, payer=facts["payer"])]
    if order.reference is not None and (begun or facts.get("signed")) and not order.received:
        again = look(order.payment, order.reference, order.id, now, facts["payer"])
        data["effects"] = [*data.get("effects", ()), again]
    if facts.get("signed"):
        # What was signed for this order alone is not charged for anything else.
        off = effect(f"{order.id}:unsign", "cancel_mandate", order.id, now, payer=facts["payer"])
        data["effects"] = [*data.get("effects", ()), {**off, "mandate": facts["mandate"]}]
    data["effects"] = [*data.get("effects", ()), *coupon_effects(order, "coupon_back", now)]
    return Entry(state.account, state.seq + 1, now, "order_closed", key, postings, [], data)


def withdraw(state: AccountState, order: Order, now: int, key: str) -> Entry:
    """The end of an order that its customer gives up. Raises BadCommand for one that is paid, or that renews."""
    if order.state != "waiting":
        raise BadCommand("order_is_over", order=order.id, state=order.state)
    if order.facts["what"] == "renew":
        raise BadCommand("renewal_withdrawn", order=order.id, plan=order.facts["plan"])
    return close(state, order, "withdrawn", now, key)


def order_due(state: AccountState, now: int) -> Entry | None:
    """The end of an order that waited for money in vain."""
    for order in state.book.orders.values() if state.book is not None else ():
        if order.state == "waiting" and order.expires_at is not None and order.expires_at <= now:
            return close(state, order, "expired", order.expires_at, f"expire:{order.id}")
    return None


def coupon_effects(order: Order, kind: str, now: int) -> list[dict[str, Any]]:
    """The coupons of an order are told what became of it."""
    return [
        {**effect(f"{order.id}:{kind}:{number}", kind, order.id, now, payer=None), "coupon": coupon}
        for number, coupon in enumerate(order.facts["coupons"])
    ]


def find_order(state: AccountState, id: str) -> Order:
    """The order of that id. Raises BadCommand."""
    book = state.book
    order = book.order(id) if book is not None else None
    if order is None:
        raise BadCommand("no_such_order", order=id)
    return order


def book_of(state: AccountState) -> Book:
    """The account's book, an empty one where it never ordered anything."""
    return state.book if state.book is not None else Book()


def paid_by(order: Order) -> dict[str, int]:
    """Who pays an order: gift, cash and provider, in 10⁻⁹ of its currency."""
    return {**sums(order.facts["parts"]), "provider": order.outside}
