"""Quotes: what a purchase, a top-up or a change of plan costs now, and who would pay it.

Owns the arithmetic of prices, discounts, differences and credits. Changes nothing: an order is placed from a quote,
and its preview is the quote itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from faregate.core.account import AccountState, Subscription
from faregate.core.errors import BadCommand
from faregate.core.filling import period_after
from faregate.core.instants import DAY
from faregate.core.market import Market
from faregate.core.terms import Terms
from faregate.core.trade.credit import paid_for_period, unused_credit
from faregate.core.trade.elapsed import elapsed
from faregate.core.trade.payable import coin, is_payable, payable
from faregate.core.trade.purse import Part, parts_for
from faregate.core.trade.terms import OUTSIDE, PriceTerms, SwitchTerms, TopUpTerms, TradeTerms


@dataclass(frozen=True, slots=True)
class Discount:
    """Something off a price: a ``share`` of what is left, or an ``amount`` of ``currency``. ``code`` names it on the
    invoice; ``first``: it is for first orders only."""

    code: str
    share: Fraction = Fraction(0)
    amount: int = 0
    coupon: str | None = None
    currency: str | None = None
    first: bool = False

    def off(self, price: int, currency: str) -> int:
        if self.currency is not None and self.currency != currency:
            raise BadCommand("coupon_currency", code=self.coupon, old=self.currency, new=currency)
        return min(payable(price * self.share, currency) + self.amount, price)


@dataclass(frozen=True, slots=True)
class Quote:
    """What it costs. ``kind``: buy, top_up, upgrade (the period stays), switch (a new period) or scheduled.

    ``lines`` are (code, amount), in order; they sum to ``total``. ``parts`` is what purses pay of it, ``outside`` the
    rest. ``title`` and ``period`` are what payment providers are told. ``credit`` goes into wallet plan ``into``.
    ``replaces`` is the subscription that ends, ``subscription`` the one that changes. ``of_period``: it holds for the
    period that began then, and for no other.
    """

    kind: str
    plan: str
    version: str
    price: str | None
    currency: str
    total: int
    lines: tuple[tuple[str, int], ...]
    parts: tuple[Part, ...] = ()
    outside: int = 0
    pay_with: tuple[str, ...] = ()
    starts_at: int | None = None
    period_end: int | None = None
    subscription: str | None = None
    replaces: str | None = None
    once: bool = False
    trial: int | None = None
    credit: int = 0
    into: str | None = None
    coupons: tuple[str, ...] = ()
    details: dict[str, Any] = field(default_factory=dict)
    period: str | None = None
    title: str = ""
    of_period: int | None = None


def trade_of(market: Market, terms: Terms) -> TradeTerms:
    """How that version of the plan is sold."""
    return market.trade.get((terms.plan, terms.version)) or TradeTerms(terms.plan, terms.version)


def price_named(trade: TradeTerms, price: str | None) -> PriceTerms:
    """The price of that id. Raises BadCommand where the plan has none."""
    found = trade.price(price)
    if found is None:
        raise BadCommand("no_price_to_pay", plan=trade.plan, price=price or "")
    return found


def title_of(trade: TradeTerms) -> str:
    """What is sold, in words for bank statements and checkout pages."""
    return f"{trade.names[0]} ({trade.plan})" if trade.names[0] else trade.plan


def buy(
    state: AccountState,
    terms: Terms,
    price: str | None,
    now: int,
    market: Market,
    discounts: Sequence[Discount] = (),
    once: bool = False,
) -> Quote:
    """What ``terms`` cost a new subscriber. Raises BadCommand when it cannot be bought beside what runs."""
    trade = trade_of(market, terms)
    chosen = price_named(trade, price)
    replaced = _in_its_place(state, terms, chosen, market)
    trial = chosen.trial if not once and terms.plan not in _trials(state) else None
    lines = [("trial", 0)] if trial else discounted(chosen.amount, chosen.currency, discounts)
    total = sum(amount for _, amount in lines)
    kind = "plans" if chosen.renews else "packs"
    parts = _parts(state, total, chosen.currency, terms.family, trade, kind, market)
    period_end = now + trial if trial else period_after(now, chosen.period, terms.zone)
    return Quote(
        kind="buy",
        plan=terms.plan,
        version=terms.version,
        price=chosen.id,
        currency=chosen.currency,
        total=total,
        lines=tuple(lines),
        parts=tuple(parts),
        outside=total - sum(part.amount for part in parts),
        pay_with=chosen.pay_with,
        starts_at=now,
        period_end=period_end,
        replaces=replaced,
        once=once or not chosen.renews,
        trial=trial,
        coupons=tuple(each.coupon for each in discounts if each.coupon) if not trial else (),
        details={"first_order": True} if any(each.first for each in discounts) else {},
        period=chosen.period,
        title=title_of(trade),
    )


def top_up(
    state: AccountState, wallet: Subscription, amount: int, payer: str, market: Market, by_hand: bool = False
) -> Quote:
    """Money into ``wallet``. ``by_hand``: an operator says what came in, which any wallet takes.

    Raises BadCommand for a sum below the minimum or finer than a coin.
    """
    trade = trade_of(market, wallet.terms)
    way = way_in(trade, wallet, payer, by_hand)
    if not is_payable(amount, way.currency):
        raise BadCommand("not_payable", amount=Fraction(amount, 10**9), currency=way.currency)
    if amount < max(way.minimum, coin(way.currency)):
        raise BadCommand("top_up_too_small", minimum=Fraction(way.minimum, 10**9), currency=way.currency)
    return Quote(
        kind="top_up",
        plan=wallet.terms.plan,
        version=wallet.terms.version,
        price=None,
        currency=way.currency,
        total=amount,
        lines=(("top_up", amount),),
        outside=amount,
        pay_with=(payer,),
        subscription=wallet.key,
        once=True,
        title=title_of(trade),
    )


def way_in(trade: TradeTerms, wallet: Subscription, payer: str, by_hand: bool) -> TopUpTerms:
    """How money comes into ``wallet`` through ``payer``. Raises BadCommand where it does not."""
    for each in trade.top_ups:
        if each.pay_with == payer or by_hand:
            return each
    pools = list(wallet.pools.values())
    if by_hand and wallet.terms.wallet and pools:
        return TopUpTerms(payer, 0, pools[0].terms.unit)
    have = ", ".join(each.pay_with for each in trade.top_ups) or "none"
    raise BadCommand("no_such_top_up", plan=wallet.terms.plan, payer=payer, have=have)


def change(
    state: AccountState,
    subscription: Subscription,
    terms: Terms,
    price: str | None,
    now: int,
    market: Market,
) -> Quote:
    """What it costs to change ``subscription`` to ``terms`` by the rule of the plan it is under."""
    book = state.book
    if book is None or subscription.key not in book.agreements:
        raise BadCommand("not_bought", plan=subscription.terms.plan)
    if terms.family != subscription.terms.family:
        raise BadCommand("another_family", plan=terms.plan, running=subscription.terms.plan)
    old_trade, new_trade = trade_of(market, subscription.terms), trade_of(market, terms)
    old, new = price_named(old_trade, subscription.price), price_named(new_trade, price)
    if terms.plan == subscription.terms.plan and new.id == old.id:
        raise BadCommand("same_plan", plan=terms.plan)
    if old.currency != new.currency:
        raise BadCommand("another_currency", old=old.currency, new=new.currency)
    rule = old_trade.upgrade if _a_month(new) > _a_month(old) else old_trade.downgrade
    if rule.when == "never":
        raise BadCommand("no_change", running=subscription.terms.plan, plan=terms.plan)
    if rule.when == "period_end":
        return _scheduled(subscription, terms, new)
    return _changed_now(state, subscription, terms, old, new, rule, now, market)


def _scheduled(subscription: Subscription, terms: Terms, new: PriceTerms) -> Quote:
    return Quote(
        kind="scheduled",
        plan=terms.plan,
        version=terms.version,
        price=new.id,
        currency=new.currency,
        total=0,
        lines=(),
        starts_at=subscription.period_end,
        period_end=None,
        subscription=subscription.key,
        details={"next_price": new.amount},
    )


def _changed_now(
    state: AccountState,
    subscription: Subscription,
    terms: Terms,
    old: PriceTerms,
    new: PriceTerms,
    rule: SwitchTerms,
    now: int,
    market: Market,
) -> Quote:
    trade = trade_of(market, terms)
    keeps = rule.keeps_period and new.period == subscription.period
    line, amount = _charged(state, subscription, old, new, rule, keeps, now)
    total = payable(amount, new.currency)
    parts = _parts(state, total, new.currency, terms.family, trade, "plans", market)
    credit, details = 0, dict[str, Any]()
    if rule.credit is not None:
        credit, details = unused_credit(state, subscription, rule.credit, old.amount, new.amount, old.currency, now)
    return Quote(
        kind="upgrade" if keeps else "switch",
        plan=terms.plan,
        version=terms.version,
        price=new.id,
        currency=new.currency,
        total=total,
        lines=((line, total),),
        parts=tuple(parts),
        outside=total - sum(part.amount for part in parts),
        pay_with=new.pay_with,
        starts_at=now,
        period_end=subscription.period_end if keeps else period_after(now, new.period, terms.zone),
        subscription=subscription.key,
        replaces=None if keeps else subscription.key,
        once=not new.renews,
        credit=credit,
        into=rule.credit.into if rule.credit is not None and credit else None,
        details=details,
        period=new.period,
        title=title_of(trade),
        of_period=subscription.period_start if rule.charges != "full_price" else None,
    )


def _charged(
    state: AccountState,
    subscription: Subscription,
    old: PriceTerms,
    new: PriceTerms,
    rule: SwitchTerms,
    keeps: bool,
    now: int,
) -> tuple[str, Fraction]:
    if rule.charges == "nothing":
        return "nothing", Fraction(0)
    if rule.charges == "full_price":
        return "price", Fraction(new.amount)
    difference = Fraction(max(new.amount - old.amount, 0))
    if rule.charges == "difference":
        return "difference", difference
    agreement = state.book.agreements.get(subscription.key) if state.book is not None else None
    gone, length = elapsed(subscription, agreement, now)
    if not length:
        return "difference", difference
    left = 1 - Fraction(gone, length)
    if not keeps:
        # A period of its own begins: all of its price, less what was paid for the time that is left of the old one.
        unused = min(old.amount, paid_for_period(state, subscription)) * left
        return "difference_of_period_left", max(new.amount - unused, Fraction(0))
    return "difference_of_period_left", difference * left


def discounted(price: int, currency: str, discounts: Sequence[Discount]) -> list[tuple[str, int]]:
    """The lines of a price with ``discounts`` taken off one after the other, each from what the last one left."""
    lines, left = [("price", price)], price
    for each in discounts:
        off = each.off(left, currency)
        if off > 0:
            lines.append((each.code, -off))
            left -= off
    return lines


def _parts(
    state: AccountState, total: int, currency: str, family: str, trade: TradeTerms, what: str, market: Market
) -> list[Part]:
    return parts_for(
        state, total, currency, family, trade.renewal.paid_from or (OUTSIDE,), what in trade.gift_buys, market
    )


def _in_its_place(state: AccountState, terms: Terms, chosen: PriceTerms, market: Market) -> str | None:
    """The running subscription that a purchase of ``terms`` takes the place of: one that costs nothing."""
    for running in state.subscriptions.values():
        mine = running.terms
        if terms.exclusive is None or mine.exclusive != terms.exclusive or mine.family != terms.family:
            continue
        price = trade_of(market, mine).price(running.price)
        bought = state.book is not None and running.key in state.book.agreements
        if bought or price is None or price.amount > 0:
            raise BadCommand("one_of_its_kind", running=mine.plan, plan=terms.plan)
        return running.key
    # What costs nothing is had once: else its quota were without an end.
    if (terms.wallet or chosen.amount == 0) and state.of_plan(terms.plan) is not None:
        raise BadCommand("one_of_its_kind", running=terms.plan, plan=terms.plan)
    return None


def _trials(state: AccountState) -> set[str]:
    return state.book.trials if state.book is not None else set()


def _a_month(price: PriceTerms) -> Fraction:
    days = {"month": Fraction(365, 12), "year": Fraction(365)}
    period = price.period
    if period is None:
        return Fraction(price.amount)
    length = days.get(period) or Fraction(int(period.removesuffix("d")))
    return Fraction(price.amount) / length * days["month"]


DAYS_TO_PAY = 1
TO_PAY = DAYS_TO_PAY * DAY
"""How long a customer has to pay an order."""
