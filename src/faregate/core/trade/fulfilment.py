"""Fulfilment: what an order delivers once all its money is there.

Owns the entries that begin, change or fill what was bought; the money leaves the escrow in the same entries. Raises
BadCommand when what was ordered cannot be had any more: what then becomes of the money is not decided here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from faregate.core import commands
from faregate.core.account import Subscription
from faregate.core.entry import Entry, Posting
from faregate.core.errors import BadCommand
from faregate.core.filling import Row, new_lot
from faregate.core.instants import DAY
from faregate.core.roll import end
from faregate.core.sale import sold_at
from faregate.core.terms import Terms
from faregate.core.trade.book import Order
from faregate.core.trade.credit import unused_credit
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import book_of, coupon_effects, effect
from faregate.core.trade.quote import price_named, trade_of
from faregate.core.trade.referring import earned
from faregate.core.trade.renewing import ends_after, renewed, sold
from faregate.core.trade.terms import SwitchTerms


def deliver(draft: Draft, order: Order, now: int, key: str) -> None:
    """Add what ``order`` delivers to ``draft``."""
    what = order.facts["what"]
    if what == "top_up":
        draft.add(_topped_up(draft, order, now, key))
    elif what == "renew":
        _deliver_renewal(draft, order, now, key)
    elif what == "upgrade":
        draft.add(_upgraded(draft, order, now, key))
    else:
        _begin_anew(draft, order, now, key)


def _deliver_renewal(draft: Draft, order: Order, now: int, key: str) -> None:
    subscription = _running(draft, order)
    edge = subscription.period_end
    if edge is not None and now < edge:
        return  # Paid before its time: the period's end delivers it.
    draft.add(renewed(draft.state, subscription, order.facts, order.id, now, key, draft.market))


def _running(draft: Draft, order: Order) -> Subscription:
    return _still(draft, order, order.facts["subscription"])


def _still(draft: Draft, order: Order, subscription: str) -> Subscription:
    """What the order changes, in the period that it was quoted for: another one costs something else."""
    found = draft.state.subscriptions.get(subscription)
    quoted = order.facts.get("of_period")
    if found is None or (quoted is not None and found.period_start != quoted):
        raise BadCommand("over_meanwhile", subscription=subscription)
    return found


def _topped_up(draft: Draft, order: Order, now: int, key: str) -> Entry:
    wallet = _running(draft, order)
    purses = dict(trade_of(draft.market, wallet.terms).purses)
    pools = [pool for id, pool in wallet.pools.items() if purses.get(id) != "gift"]
    pool = pools[0]
    postings: list[Posting] = []
    lots: list[Row] = []
    new_lot(
        pool.lot_ledger(pool.granted + 1),
        pool.key,
        pool.terms,
        "top_up",
        None,
        order.escrow,
        postings,
        lots,
        owed=pool.owed,
        house=f"order:{order.id}",
    )
    data: dict[str, Any] = {
        "subscription": wallet.key,
        "lots": lots,
        "reason": "top_up",
        **_bought(draft, order, now),
    }
    if wallet.terms.opt_in and wallet.switch is None:
        data["switch_on"] = True
    return Entry(draft.state.account, draft.state.seq + 1, now, "grant", key, postings, [], data)


def _bought(draft: Draft, order: Order, now: int) -> dict[str, Any]:
    """What the entry that delivers an order says of it, and what it earns whoever invited the customer."""
    number = book_of(draft.state).invoices + 1
    invoice = f"{draft.state.account}-{number:04d}" if order.facts["total"] else None
    facts: dict[str, Any] = {"order": order.id, "invoice": invoice}
    terms = draft.plans(order.facts["plan"], order.facts["version"])
    reward = earned(draft.state, order, trade_of(draft.market, terms).referral, now)
    if reward is not None:
        facts["book"] = {"reward": reward}
    effects = coupon_effects(order, "coupon_used", now)
    if effects:
        facts["effects"] = effects
    return facts


def _upgraded(draft: Draft, order: Order, now: int, key: str) -> Entry:
    subscription, facts = _running(draft, order), order.facts
    terms = draft.plans(facts["plan"], facts["version"])
    entry = commands.change_terms(draft.state, subscription, terms, now, key)
    agreement = book_of(draft.state).agreements[subscription.key]
    change: dict[str, Any] = {"orders": [*agreement.orders, order.id], "next": None}
    if facts["outside"]:
        change |= {"payer": facts["payer"], "mandate": facts["mandate"], "renews_itself": facts["renews_itself"]}
    data = {**entry.data, **_bought(draft, order, now), "price": facts["price"], "agreement": change}
    effects = _mandate_off(draft, subscription, order, now)
    if effects:
        data["effects"] = [*data.get("effects", ()), *effects]
    postings = [*entry.postings, *sold(facts, f"order:{order.id}")]
    return entry._replace(postings=postings, data=data)


def _begin_anew(draft: Draft, order: Order, now: int, key: str) -> None:
    """A new subscription; one that it takes the place of ends, and what is unused of that is credited."""
    facts = order.facts
    credit, into = 0, facts["into"]
    if facts["replaces"]:
        old = _still(draft, order, facts["replaces"])
        credit = _credit_now(draft, old, order, now)
        ended = end(draft.state, old, now)
        effects = _mandate_off(draft, old, order, now)
        draft.add(ended._replace(data={**ended.data, "for_order": order.id, "effects": effects}))
    _subscribe(draft, order, now, key)
    if credit > 0 and into:
        draft.add(_credited(draft, into, credit, order, now, key))


def _credit_now(draft: Draft, old: Subscription, order: Order, now: int) -> int:
    """The credit that was quoted, or less where the plan was used since."""
    facts = order.facts
    rules: list[SwitchTerms] = [
        rule
        for rule in (trade_of(draft.market, old.terms).upgrade, trade_of(draft.market, old.terms).downgrade)
        if rule.credit is not None and rule.credit.into == facts["into"]
    ]
    if not facts["credit"] or not rules or rules[0].credit is None:
        return 0
    details = facts["details"]
    actual, _ = unused_credit(
        draft.state, old, rules[0].credit, details["old_price"], details["new_price"], order.currency, now
    )
    return min(int(facts["credit"]), actual)


def _subscribe(draft: Draft, order: Order, now: int, key: str) -> None:
    facts = order.facts
    published = draft.plans(facts["plan"], facts["version"])
    trade = trade_of(draft.market, published)
    price = price_named(trade, facts["price"])
    terms = replace(published, period=price.period, renews=price.renews)
    trial = facts["trial"]
    period = f"{trial // DAY}d" if trial else price.period
    made = commands.subscribe(
        draft.state, terms, now, key, _companions(draft, terms, now), facts["once"], period, price.id
    )
    first = made[0]
    auto = price.renews and not facts["once"]
    data = {**first.data, **_bought(draft, order, now)}
    data["ends_at"] = ends_after(data["period_end"], auto, trade)
    if price.amount > 0:
        data["agreement"] = {
            "auto": auto and data["period_end"] is not None,
            "currency": price.currency,
            "payer": facts["payer"],
            "mandate": facts["mandate"],
            "renews_itself": facts["renews_itself"],
            "orders": [order.id],
        }
    if trial:
        data["trial"] = True
    draft.add(first._replace(postings=[*first.postings, *sold(facts, f"order:{order.id}")], data=data))
    for entry in made[1:]:
        draft.add(entry)


def _companions(draft: Draft, terms: Terms, now: int) -> list[Terms]:
    companions = []
    for plan in terms.companions:
        row = sold_at(draft.market.sold.get(plan, ()), now)
        companions.append(row.terms if row is not None else draft.plans(plan, terms.version))
    return companions


def _credited(draft: Draft, into: str, credit: int, order: Order, now: int, key: str) -> Entry:
    wallet = commands.find_subscription(draft.state, into)
    pool = commands.find_pool(wallet, None)
    entry = commands.grant(draft.state, wallet, pool, credit, now, f"{key}+credit", reason="switch_credit")
    house = [
        (("house:switch_credit" if ledger == "house:granted" else ledger), unit, amount)
        for ledger, unit, amount in entry.postings
    ]
    return entry._replace(postings=house, data={**entry.data, "for_order": order.id})


def _mandate_off(draft: Draft, old: Subscription, order: Order, now: int) -> list[dict[str, Any]]:
    """The old mandate is cancelled at its payment provider, unless the new agreement goes on with it."""
    agreement = book_of(draft.state).agreements.get(old.key)
    if agreement is None or agreement.mandate is None or agreement.mandate == order.facts["mandate"]:
        return []
    if not order.facts["outside"] and order.facts["what"] == "upgrade" and not agreement.renews_itself:
        return []
    id = f"{order.id}:mandate"
    return [effect(id, "cancel_mandate", order.id, now, payer=agreement.payer, mandate=agreement.mandate)]
