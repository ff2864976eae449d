"""Renewals of what was bought: the order at the period's end, its retries, and the next period once it is paid.

Owns when a bought subscription is charged again and when it lapses. Subscriptions that nobody sold (an operator put
them on the account) renew by themselves; those are roll.py's.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState, Subscription
from faregate.core.entry import Entry, Posting
from faregate.core.filling import period_after
from faregate.core.instants import HOUR
from faregate.core.market import Market
from faregate.core.renewal import renewal, terms_renewed
from faregate.core.sale import sold_at
from faregate.core.terms import Terms
from faregate.core.trade.book import Agreement
from faregate.core.trade.ordering import effect, order_id
from faregate.core.trade.purse import parts_for, read_parts, sums, take
from faregate.core.trade.quote import title_of, trade_of
from faregate.core.trade.terms import CASH, GIFT, OUTSIDE, PriceTerms, TradeTerms


def ends_after(period_end: int | None, auto: bool, trade: TradeTerms) -> int | None:
    """When a bought subscription ends if nobody pays again: with its grace where it renews by itself."""
    if period_end is None:
        return None
    return period_end + (trade.renewal.grace if auto else 0)


def is_due(state: AccountState, subscription: Subscription, agreement: Agreement, now: int) -> bool:
    """Whether the period's end asks for something at ``now``."""
    edge = subscription.period_end
    held = agreement.paused is not None or agreement.refund is not None
    if edge is None or edge > now or not agreement.auto or held:
        return False
    order = state.book.order(agreement.order) if state.book is not None else None
    return order is None or order.state == "paid" or order.done_at is not None


def renewal_step(state: AccountState, subscription: Subscription, agreement: Agreement, market: Market) -> Entry:
    """What happens at the period's end: an order of the next one, or that one itself where it is paid already."""
    edge = subscription.period_end
    assert edge is not None and state.book is not None
    order = state.book.order(agreement.order)
    if order is not None and order.state == "paid":
        return renewed(state, subscription, order.facts, order.id, edge, f"renew:{subscription.key}:{edge}", market)
    terms, price = next_terms(subscription, agreement, edge, market)
    facts = renewal_facts(state, subscription, agreement, terms, price, market)
    id = order_id(state.account, f"renew:{subscription.key}:{edge}")
    if facts["outside"] == 0:
        return renewed(state, subscription, facts, id, edge, f"renew:{subscription.key}:{edge}", market)
    entry = _ordered(state, subscription, id, facts, edge)
    if agreement.payer is None:
        return entry
    if agreement.charges_itself:
        # It tells of its charge; should that be lost, it is asked about.
        asked = effect(f"{id}_1:renewal", "ask_renewal", id, edge + HOUR, payer=agreement.payer)
        asked |= {"mandate": agreement.mandate, "root": agreement.root}
        return entry._replace(data={**entry.data, "effects": [asked]})
    # Without a mandate the customer is asked, as for any order, while the grace lasts.
    asked = effect(f"{id}_1", "charge" if facts["charges"] else "begin", id, edge, payer=agreement.payer)
    return entry._replace(data={**entry.data, "effects": [asked]})


def _ordered(state: AccountState, subscription: Subscription, id: str, facts: dict[str, Any], at: int) -> Entry:
    postings = take(read_parts(facts["parts"]), facts["currency"], f"order:{id}")
    data = {"order": id, **facts, "expires_at": subscription.ends_at}
    return Entry(state.account, state.seq + 1, at, "order", f"order:{id}", postings, [], data)


def order_ahead(
    state: AccountState, subscription: Subscription, agreement: Agreement, now: int, market: Market
) -> Entry:
    """The order of the next period before its time: its payment provider charged it already."""
    edge = subscription.period_end
    assert edge is not None
    terms, price = next_terms(subscription, agreement, edge, market)
    facts = renewal_facts(state, subscription, agreement, terms, price, market)
    # All of it came from outside: purses pay nothing of it.
    facts |= {"parts": [], "outside": facts["total"]}
    return _ordered(state, subscription, order_id(state.account, f"renew:{subscription.key}:{edge}"), facts, now)


def next_terms(
    subscription: Subscription, agreement: Agreement, edge: int, market: Market
) -> tuple[Terms, PriceTerms]:
    """What the next period is under, and its price: a change that was asked for, else by the cohort rules."""
    terms, price_id = terms_renewed(subscription, edge, market), subscription.price
    if agreement.next is not None:
        plan, price_id = agreement.next
        row = sold_at(market.sold.get(plan, ()), edge)
        if row is not None:
            terms = row.terms
        else:
            price_id = subscription.price
    trade = trade_of(market, terms)
    price = trade.price(price_id)
    if price is None:
        same = [each for each in trade.prices if each.period == subscription.period and each.renews]
        price = same[0] if same else trade.price(None)
    assert price is not None, "what was bought has a price"
    return terms, price


def renewal_facts(
    state: AccountState,
    subscription: Subscription,
    agreement: Agreement,
    terms: Terms,
    price: PriceTerms,
    market: Market,
) -> dict[str, Any]:
    """The record of the order of a renewal."""
    trade = trade_of(market, terms)
    paid_from = trade.renewal.paid_from or (OUTSIDE,)
    gift_pays = "renewals" in trade.gift_buys
    parts = parts_for(state, price.amount, price.currency, terms.family, paid_from, gift_pays, market)
    if agreement.renews_itself:
        parts = []  # It charges the whole price, whatever purses have.
    return {
        "what": "renew",
        "plan": terms.plan,
        "version": terms.version,
        "price": price.id,
        "currency": price.currency,
        "total": price.amount,
        "lines": [["renewal", price.amount]],
        "parts": [list(part) for part in parts],
        "outside": price.amount - sum(part.amount for part in parts),
        "subscription": subscription.key,
        "replaces": None,
        "once": False,
        "trial": None,
        "credit": 0,
        "into": None,
        "coupons": [],
        "details": {},
        "payer": agreement.payer,
        "renews_itself": agreement.renews_itself,
        "charges": agreement.mandate is not None and not agreement.renews_itself,
        "mandate": agreement.mandate,
        "return_url": "",
        "renews": price.renews,
        "period": price.period,
        "title": title_of(trade),
        "of_period": None,
    }


def upcoming(
    state: AccountState, subscription: Subscription, agreement: Agreement, market: Market
) -> dict[str, Any] | None:
    """The record that the order of the next period would have by today's purses and prices; None where none comes,
    or where it is there already.
    """
    edge = subscription.period_end
    held = agreement.paused is not None or agreement.refund is not None
    order = state.book.order(agreement.order) if state.book is not None else None
    if edge is None or not agreement.auto or held or (order is not None and order.done_at is None):
        return None
    terms, price = next_terms(subscription, agreement, edge, market)
    return renewal_facts(state, subscription, agreement, terms, price, market)


def renewed(
    state: AccountState,
    subscription: Subscription,
    facts: dict[str, Any],
    id: str,
    now: int,
    key: str,
    market: Market,
) -> Entry:
    """The next period of ``subscription``, paid by order ``id``: the entry that delivers it.

    Where the order was not placed before, it is placed and done in this one.
    """
    book = state.book
    assert book is not None and subscription.period_end is not None
    edge, placed = subscription.period_end, book.order(id)
    row = next((each for each in market.sold.get(facts["plan"], ()) if each.terms.version == facts["version"]), None)
    terms = row.terms if row is not None else subscription.terms
    trade = trade_of(market, terms)
    price = trade.price(facts["price"])
    period = price.period if price is not None else subscription.period
    anchor = subscription.anchor if period == subscription.period else edge
    period_end = period_after(edge, period, terms.zone, anchor)
    agreement = book.agreements[subscription.key]
    auto = agreement.auto and not agreement.notice
    span = {
        "anchor": anchor,
        "period_start": edge,
        "period_end": period_end,
        "ends_at": ends_after(period_end, auto, trade),
    }
    entry = renewal(state, subscription, now, key, span, terms)
    data = {
        **entry.data,
        "order": id,
        "period": period,
        "price": facts["price"],
        "agreement": {"auto": auto, "orders": [id], "order": None, "next": None, "fresh": True},
        "invoice": f"{state.account}-{book.invoices + 1:04d}" if facts["total"] else None,
    }
    if agreement.notice and agreement.mandate is not None:
        off = effect(f"{subscription.key}:{edge}:mandate", "cancel_mandate", id, now, payer=agreement.payer)
        data["effects"] = [{**off, "mandate": agreement.mandate}]
        data["agreement"] |= {"mandate": None}
    escrow = f"order:{id}"
    postings = list(entry.postings)
    if placed is None:
        data["placed"] = {"order": id, **facts}
        postings += take(read_parts(facts["parts"]), facts["currency"], escrow)
    postings += sold(facts, escrow)
    return entry._replace(postings=postings, data=data)


def sold(facts: dict[str, Any], escrow: str) -> list[Posting]:
    """Postings of a sale: the escrow of the order becomes revenue, gift balance apart from money."""
    gift, currency = sums(facts["parts"])[GIFT], facts["currency"]
    money = facts["outside"] + sums(facts["parts"])[CASH]
    postings: list[Posting] = []
    if gift:
        postings += [(escrow, currency, -gift), ("house:gift_redeemed", currency, gift)]
    if money:
        postings += [(escrow, currency, -money), ("house:sales", currency, money)]
    return postings
