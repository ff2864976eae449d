"""A customer driven by hand: shipped plans, every entry checked for balance, the state compared with its rebuild.

Owns the driving and the house's own trial balance. Payment providers are not asked: tests say what they say.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import count
from typing import Any

from faregate.app.shelf import Shelf, load_shelf
from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import parse, render
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.evolve import evolve, rebuild
from faregate.core.instants import parse_instant
from faregate.core.request import Admitted, Refused, Request
from faregate.core.roll import roll
from faregate.core.settle import settle
from faregate.core.snapshot import from_data, to_data
from faregate.core.trade import agreeing, payments, quote, refunding
from faregate.core.trade.book import Book, Effect, Order, Refund
from faregate.core.trade.buying import place_order
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import Payer
from faregate.core.trade.payments import PaymentFact
from faregate.core.trade.quote import Discount, Quote
from faregate.core.usage import Usage

START = parse_instant("2026-03-04T12:00:00Z")
CARD = Payer("stripe", charges=True)
CREEM = Payer("creem", renews_itself=True)
WECHAT = Payer("wechat", charges=True)


@lru_cache(maxsize=1)
def shelf() -> Shelf:
    return load_shelf()


class Customer:
    """One account; ``now`` moves by ``until``."""

    def __init__(self, now: int = START) -> None:
        self.state = AccountState("acct-1")
        self.market, self.plans = shelf().market, shelf().terms
        self.now = now
        self.entries: list[Entry] = []
        self._numbers = count(1)
        self.add(Entry("acct-1", 1, now, "open", "open", [], [], {}))

    # ---- time and entries

    def key(self) -> str:
        return f"k{next(self._numbers)}"

    def add(self, *entries: Entry) -> None:
        for entry in entries:
            sums: Counter[str] = Counter()
            for _, unit, amount in entry.postings:
                sums[unit] += amount
            assert not any(sums.values()), f"{entry.kind} does not balance: {entry.postings}"
            decoded = Entry(*json.loads(json.dumps(entry)))
            evolve(self.state, decoded, self.plans)
            self.entries.append(decoded)

    def until(self, when: str | int) -> None:
        """Let time pass, and do what it brings."""
        self.now = parse_instant(when) if isinstance(when, str) else when
        while (entry := roll(self.state, self.now, self.market)) is not None:
            self.add(entry)

    def draft(self) -> Draft:
        return Draft(self.state, self.market, self.plans)

    def take(self, draft: Draft) -> None:
        self.add(*draft.entries)

    def check(self) -> None:
        """The state is what its journal says, a snapshot keeps it whole, and escrows hold what open orders have."""
        rebuilt = rebuild("acct-1", self.entries, self.plans)
        mine = json.dumps(to_data(self.state))
        assert json.dumps(to_data(rebuilt)) == mine
        assert json.dumps(to_data(from_data(json.loads(mine), self.plans))) == mine
        balances = self.balances()
        for order in self.book.orders.values():
            kept = balances.get(f"order:{order.id}", {})
            if order.state in ("done", "closed"):
                assert not any(kept.values()), (order.state, order.reason, kept)

    def balances(self) -> dict[str, dict[str, int]]:
        """Every ledger account's balance by unit."""
        found: dict[str, dict[str, int]] = {}
        for entry in self.entries:
            for ledger, unit, amount in entry.postings:
                units = found.setdefault(ledger, {})
                units[unit] = units.get(unit, 0) + amount
        return found

    def balance(self, ledger: str, unit: str) -> str:
        return render(self.balances().get(ledger, {}).get(unit, 0), unit)

    # ---- acts

    @property
    def book(self) -> Book:
        assert self.state.book is not None
        return self.state.book

    def quote(self, plan: str, price: str | None = None, discounts: Sequence[Discount] = ()) -> Quote:
        terms = shelf().sold(plan, self.now).terms
        return quote.buy(self.state, terms, price, self.now, self.market, discounts)

    def order(self, quoted: Quote, payer: Payer | None = CARD) -> Order:
        draft = self.draft()
        order = place_order(draft, quoted, payer, self.now, self.key())
        self.take(draft)
        return self.book.orders[order]

    def buy(self, plan: str, price: str | None = None, payer: Payer | None = CARD) -> Order:
        """Order and pay."""
        order = self.order(self.quote(plan, price), payer)
        if order.state == "waiting":
            self.pay(order)
        return self.book.orders[order.id]

    def change(self, plan: str, price: str | None = None) -> Quote:
        terms = shelf().sold(plan, self.now).terms
        return quote.change(
            self.state, self.subscription(plan.partition("/")[0]), terms, price, self.now, self.market
        )

    def subscription(self, family: str) -> Subscription:
        return next(
            each
            for each in self.state.subscriptions.values()
            if each.terms.family == family and not each.terms.wallet
        )

    def hear(self, order: Order, state: str = "succeeded", reference: str | None = None, **facts: Any) -> str:
        """A payment provider says something of the order's payment."""
        says: dict[str, Any] = {
            "payment": order.payment,
            "payer": order.facts["payer"],
            "reference": reference or f"ref-{order.payment}",
            "state": state,
            "amount": order.outside,
            "currency": order.currency,
            **facts,
        }
        draft = self.draft()
        came = payments.hear(draft, self.book.orders[order.id], PaymentFact(**says), self.now, self.key())
        self.take(draft)
        return came

    def pay(self, order: Order, **facts: Any) -> str:
        return self.hear(order, mandate=f"mandate-{order.id[:8]}", **facts)

    def refund_quote(self, family: str) -> refunding.RefundQuote:
        return refunding.refund_quote(self.state, self.subscription(family), self.now, self.market)

    def refund(self, family: str) -> Refund:
        draft = self.draft()
        refunding.ask_refund(draft, self.refund_quote(family), self.now, self.key())
        self.take(draft)
        return list(self.book.refunds.values())[-1]

    def hear_refund(self, refund: Refund, said: str = "succeeded") -> str:
        draft = self.draft()
        state = refunding.hear_refund(draft, refund, said, "rr-1", "", self.now, self.key())
        self.take(draft)
        return state

    def call_off(self, family: str) -> None:
        subscription = self.subscription(family)
        self.add(agreeing.call_off(self.state, subscription, self.now, self.key(), self.market))

    def effects(self, kind: str) -> list[Effect]:
        return [each for each in self.book.effects.values() if each.kind == kind]

    # ---- use

    def use(self, model: str, usage: Usage, request: str | None = None) -> bool:
        """One request, settled as it was estimated; whether it was admitted."""
        self.until(self.now)
        id = request or f"req-{next(self._numbers)}"
        decision = decide(self.state, Request(id, model, usage), self.now, self.market)
        if isinstance(decision, Refused):
            return False
        assert isinstance(decision, Admitted)
        self.add(decision.entry)
        self.add(settle(self.state, id, usage, self.now, self.market))
        return True

    def plans_running(self) -> list[str]:
        return [each.terms.plan for each in self.state.subscriptions.values()]


def money(text: str, currency: str = "USD") -> int:
    return parse(text, currency)
