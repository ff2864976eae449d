"""Agreements: how a bought subscription goes on, changed by its owner.

Owns calling off the renewal and taking that back, a change at the period's end, and a pause. Each is one entry,
``agreement``; its record is what changed. Who is charged is mandates.py's.
"""

from __future__ import annotations

from typing import Any

from faregate.core.account import AccountState, Subscription
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.market import Market
from faregate.core.trade.book import Agreement
from faregate.core.trade.ordering import book_of, effect
from faregate.core.trade.quote import Quote, trade_of
from faregate.core.trade.renewing import ends_after


def agreement_of(state: AccountState, subscription: Subscription) -> Agreement:
    """The agreement of a subscription that was bought. Raises BadCommand for one that was not."""
    found = book_of(state).agreements.get(subscription.key)
    if found is None:
        raise BadCommand("not_bought", plan=subscription.terms.plan)
    return found


def agreement_entry(
    state: AccountState, subscription: Subscription, now: int, key: str, act: str, **data: Any
) -> Entry:
    """The entry of one act on an agreement."""
    facts = {"subscription": subscription.key, "act": act, **data}
    return Entry(state.account, state.seq + 1, now, "agreement", key, [], [], facts)


def call_off(state: AccountState, subscription: Subscription, now: int, key: str, market: Market) -> Entry:
    """Do not renew. Too late for the next charge by the plan's notice, it is the one after that which does not come.

    The mandate is cancelled with its payment provider, unless one more charge is to come.
    """
    agreement = agreement_of(state, subscription)
    if not agreement.auto or agreement.notice:
        raise BadCommand("called_off_before", plan=subscription.terms.plan)
    rule = trade_of(market, subscription.terms).renewal
    edge = subscription.period_end
    late = edge is not None and agreement.order is None and edge - rule.cancel_before < now < edge
    if late and rule.cancel_before:
        return agreement_entry(state, subscription, now, key, "call_off", agreement={"notice": True})
    data: dict[str, Any] = {"agreement": {"auto": False, "next": None}, "ends_at": edge}
    if edge is not None and edge <= now:
        data["ends_at"] = now
    if agreement.mandate is not None:
        id = f"{subscription.key}:{state.seq + 1}:mandate"
        off = effect(id, "cancel_mandate", subscription.key, now, payer=agreement.payer)
        data["effects"] = [{**off, "mandate": agreement.mandate}]
        data["agreement"] |= {"mandate": None}
    return agreement_entry(state, subscription, now, key, "call_off", **data)


def take_back(state: AccountState, subscription: Subscription, now: int, key: str, market: Market) -> Entry:
    """Renew after all. Raises BadCommand where it was never called off."""
    agreement = agreement_of(state, subscription)
    if agreement.auto and not agreement.notice:
        raise BadCommand("not_called_off", plan=subscription.terms.plan)
    trade = trade_of(market, subscription.terms)
    price = trade.price(subscription.price)
    if price is None or not price.renews:
        raise BadCommand("does_not_renew", plan=subscription.terms.plan)
    ends_at = ends_after(subscription.period_end, True, trade)
    change = {"auto": True, "notice": False, "reason": ""}
    return agreement_entry(state, subscription, now, key, "take_back", agreement=change, ends_at=ends_at)


def schedule(state: AccountState, subscription: Subscription, quote: Quote | None, now: int, key: str) -> Entry:
    """Renew as another plan or price (None: as it is)."""
    agreement = agreement_of(state, subscription)
    if quote is not None and not agreement.auto:
        raise BadCommand("called_off_before", plan=subscription.terms.plan)
    after = [quote.plan, quote.price] if quote is not None else None
    return agreement_entry(state, subscription, now, key, "schedule", agreement={"next": after})


def pause(state: AccountState, subscription: Subscription, now: int, key: str) -> Entry:
    """Stop the clock of a period: it pays for nothing, and what is left of it stays."""
    agreement = agreement_of(state, subscription)
    if agreement.paused is not None:
        raise BadCommand("paused_before", plan=subscription.terms.plan)
    if agreement.order is not None or agreement.refund is not None or agreement.charges_itself:
        raise BadCommand("not_paused_now", plan=subscription.terms.plan)
    left = subscription.period_end - now if subscription.period_end is not None else None
    change = {"paused": [now, left, subscription.switch]}
    return agreement_entry(
        state, subscription, now, key, "pause", agreement=change, period_end=None, ends_at=None, switch=False
    )


def go_on(state: AccountState, subscription: Subscription, now: int, key: str, market: Market) -> Entry:
    """End a pause: the period lasts as much longer as it was paused."""
    agreement = agreement_of(state, subscription)
    if agreement.paused is None:
        raise BadCommand("not_paused", plan=subscription.terms.plan)
    since, left, switch = agreement.paused
    period_end = now + left if left is not None else None
    # What was filled for the period lasts as long as it.
    lots = [lot for pool in subscription.pools.values() for lot in pool.lots if left is not None]
    lots_until = [[lot.ledger, period_end] for lot in lots if lot.expires_at == since + (left or 0)]
    ends_at = ends_after(period_end, agreement.auto, trade_of(market, subscription.terms))
    return agreement_entry(
        state,
        subscription,
        now,
        key,
        "go_on",
        agreement={"paused": None, "stood": agreement.stood + now - since},
        period_end=period_end,
        ends_at=ends_at,
        anchor=period_end if period_end is not None else subscription.anchor,
        lots_until=lots_until,
        switch=switch,
    )
