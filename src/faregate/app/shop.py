"""The shop: what customers and operators do about money, each with a preview that is what then happens.

Owns buying, topping up, changing, renewing, pausing and refunding as acts on one account. Every act takes an
idempotency key: the same write again gives the first answer. Knows no HTTP, asks no payment provider (the cashier
does) and decides no sum (core does).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from faregate.app.coupon import check_order
from faregate.app.office_errors import NotFound, OfficeError
from faregate.app.payers import hand_named, payer_named
from faregate.app.payments_port import Confirmation, Money, PaymentProvider
from faregate.app.promotions import Promotions
from faregate.app.receipts import Write
from faregate.app.till import Till
from faregate.app.trade_views import (
    agreement_view,
    change_view,
    order_view,
    quote_view,
    refund_quote_view,
    refund_view,
)
from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import parse
from faregate.core.commands import find_subscription
from faregate.core.entry import Entry
from faregate.core.errors import CoreError
from faregate.core.market import Market
from faregate.core.trade import agreeing, mandates, quote, refunding
from faregate.core.trade.buying import change_later, place_order
from faregate.core.trade.cases import Decision, settle_case
from faregate.core.trade.draft import Draft
from faregate.core.trade.ordering import Payer, book_of, find_order, order_id, superseded, withdraw
from faregate.core.trade.quote import Discount, Quote, trade_of
from faregate.core.trade.referring import first_order_discounts
from faregate.core.trade.refunding import RefundQuote
from faregate.core.trade.resolving import resolve


class Shop:
    """Over one till. ``payers`` are the payment providers that are configured, by name."""

    def __init__(
        self,
        till: Till,
        payers: Mapping[str, PaymentProvider],
        promotions: Promotions,
    ) -> None:
        self._till = till
        self._payers = payers
        self._promotions = promotions

    # ---- buying

    def preview_purchase(
        self,
        account: str,
        plan: str,
        now: int,
        price: str | None = None,
        once: bool = False,
        coupon: str | None = None,
    ) -> dict[str, Any]:
        """What ``plan`` costs the account now. Raises UnknownPlan, NotOnSale, BadCommand."""
        draft = self._till.draft(account, now)
        off = None
        if coupon is not None:
            given_up = self._given_up(draft, plan, now, price, once)
            off = self._promotions.coupon_discount(coupon.strip(), account, plan, now, given_up)
        return quote_view(self._purchase(draft, plan, now, price, once, off))

    async def buy(
        self,
        account: str,
        plan: str,
        write: Write,
        price: str | None = None,
        payer: str | None = None,
        once: bool = False,
        coupon: str | None = None,
        return_url: str = "",
    ) -> dict[str, Any]:
        """Order ``plan``; the order, with how to pay as soon as the payment provider said it."""
        body = {"plan": plan, "price": price, "payer": payer, "once": once, "coupon": coupon, "return": return_url}
        paid = self._payer(payer, return_url)
        off = None
        if coupon is not None and not self._till.begun(f"order:{account}", write, body):
            # One use, for the order that this write places.
            given_up = self._given_up(self._till.draft(account, write.now), plan, write.now, price, once)
            id = order_id(account, write.key)
            off = await self._promotions.take_coupon(coupon.strip(), account, id, plan, write, given_up)

        def act(draft: Draft) -> str:
            return place_order(
                draft, self._purchase(draft, plan, write.now, price, once, off), paid, *write_of(write)
            )

        try:
            return await self._order("order", account, write, body, act)
        except (CoreError, OfficeError):
            id = order_id(account, write.key)
            if coupon is not None and book_of(self._till.state(account, write.now)).order(id) is None:
                await self._promotions.end_coupon(coupon.strip(), id, False, write)
            raise

    def _given_up(self, draft: Draft, plan: str, now: int, price: str | None, once: bool) -> list[str]:
        """The orders that a purchase takes the place of."""
        return [order.id for order in superseded(draft.state, self._purchase(draft, plan, now, price, once, None))]

    def _purchase(
        self, draft: Draft, plan: str, now: int, price: str | None, once: bool, coupon: Discount | None
    ) -> Quote:
        terms = self._till.shelf.sold(plan, now).terms
        off = first_order_discounts(draft.state, terms.family, trade_of(draft.market, terms).referral, now)
        if coupon is None:
            return quote.buy(draft.state, terms, price, now, draft.market, off, once)
        asked = quote.buy(draft.state, terms, price, now, draft.market, [*off, coupon], once)
        check_order(draft.state, asked, coupon, [order.id for order in superseded(draft.state, asked)])
        return asked

    async def top_up(
        self, account: str, plan: str, amount: str, payer: str, write: Write, return_url: str = ""
    ) -> dict[str, Any]:
        """Order ``amount`` (a decimal in the wallet's currency) into the wallet ``plan``."""
        body = {"plan": plan, "amount": amount, "payer": payer, "return": return_url}
        paid = self._payer(payer, return_url)

        def act(draft: Draft) -> str:
            wallet = find_subscription(draft.state, plan)
            by_hand = paid is not None and paid.by_hand
            way = quote.way_in(trade_of(draft.market, wallet.terms), wallet, payer, by_hand)
            asked = quote.top_up(draft.state, wallet, parse(amount, way.currency), payer, draft.market, by_hand)
            return place_order(draft, asked, paid, write.now, named("top_up", write))

        return await self._order("top_up", account, write, body, act)

    async def withdraw_order(self, account: str, order: str, write: Write) -> dict[str, Any]:
        """Give up an order that is not paid."""

        def act(draft: Draft) -> str:
            draft.add(withdraw(draft.state, find_order(draft.state, order), *write_of(write)))
            return order

        return await self._order("withdraw", account, write, {"order": order}, act)

    # ---- changes

    def preview_change(self, account: str, plan: str, to: str, now: int, price: str | None = None) -> dict[str, Any]:
        """What changing the subscription of ``plan`` to ``to`` costs and brings now."""
        draft = self._till.draft(account, now)
        return change_view(self._change(draft, plan, to, price, now))

    async def change(
        self,
        account: str,
        plan: str,
        to: str,
        write: Write,
        price: str | None = None,
        payer: str | None = None,
        return_url: str = "",
    ) -> dict[str, Any]:
        """Change a subscription by its plan's own rule: at once against an order, or at the period's end."""
        body = {"plan": plan, "to": to, "price": price, "payer": payer, "return": return_url}
        paid = self._payer(payer, return_url)

        def act(draft: Draft) -> str:
            quoted = self._change(draft, plan, to, price, write.now)
            if quoted.kind == "scheduled":
                change_later(draft, quoted, *write_of(write))
                return ""
            return place_order(draft, quoted, paid or self._bound(draft, plan), write.now, named("change", write))

        return await self._order("change", account, write, body, act)

    def _change(self, draft: Draft, plan: str, to: str, price: str | None, now: int) -> Quote:
        subscription = find_subscription(draft.state, plan)
        return quote.change(draft.state, subscription, self._till.shelf.sold(to, now).terms, price, now, draft.market)

    def _bound(self, draft: Draft, plan: str) -> Payer | None:
        """Whoever was paid for the subscription before, with the mandate where it can be charged by us."""
        subscription = find_subscription(draft.state, plan)
        agreement = book_of(draft.state).agreements.get(subscription.key)
        if agreement is None or agreement.payer not in self._payers:
            return None
        payer = self._payer(agreement.payer, "")
        return payer._replace(mandate=agreement.mandate) if payer is not None and payer.charges else payer

    async def call_off(self, account: str, plan: str, write: Write) -> dict[str, Any]:
        """Do not renew: the period runs out (one more is charged where the plan's notice is over)."""
        return await self._agree(
            "call_off",
            account,
            plan,
            write,
            lambda state, found, market: agreeing.call_off(state, found, *write_of(write), market),
        )

    async def take_back(self, account: str, plan: str, write: Write) -> dict[str, Any]:
        """Renew after all."""
        return await self._agree(
            "take_back",
            account,
            plan,
            write,
            lambda state, found, market: agreeing.take_back(state, found, *write_of(write), market),
        )

    async def unschedule(self, account: str, plan: str, write: Write) -> dict[str, Any]:
        """Forget a change that was to come at the period's end."""
        return await self._agree(
            "unschedule",
            account,
            plan,
            write,
            lambda state, found, market: agreeing.schedule(state, found, None, *write_of(write)),
        )

    async def pause(self, account: str, plan: str, write: Write) -> dict[str, Any]:
        """Stop the clock of a subscription."""
        return await self._agree(
            "pause",
            account,
            plan,
            write,
            lambda state, found, market: agreeing.pause(state, found, *write_of(write)),
        )

    async def go_on(self, account: str, plan: str, write: Write) -> dict[str, Any]:
        """End a pause."""
        return await self._agree(
            "go_on",
            account,
            plan,
            write,
            lambda state, found, market: agreeing.go_on(state, found, *write_of(write), market),
        )

    async def bind(self, account: str, plan: str, payer: str, write: Write, return_url: str = "") -> dict[str, Any]:
        """Have the renewals paid through ``payer`` from now on; how to sign, where a mandate is signed first."""
        paid = payer_named(self._payers, payer, return_url)

        def act(draft: Draft) -> None:
            found = find_subscription(draft.state, plan)
            draft.add(mandates.bind(draft.state, found, paid, *write_of(write), draft.market))

        await self._once("bind", account, write, {"plan": plan, "payer": payer, "return": return_url}, act)
        await self._till.asked(account)
        state = self._till.state(account, write.now)
        agreement = agreement_view(state, find_subscription(state, plan), self._till.shelf.market)
        return {"account": account, "plan": plan, "done": "bind", "agreement": agreement}

    async def _agree(
        self,
        verb: str,
        account: str,
        plan: str,
        write: Write,
        make: Callable[[AccountState, Subscription, Market], Entry],
    ) -> dict[str, Any]:
        def act(draft: Draft) -> None:
            draft.add(make(draft.state, find_subscription(draft.state, plan), draft.market))

        await self._once(verb, account, write, {"plan": plan}, act)
        return {"account": account, "plan": plan, "done": verb}

    # ---- refunds

    def preview_refund(self, account: str, plan: str, now: int) -> dict[str, Any]:
        """What a refund of the subscription of ``plan`` would come to now."""
        return refund_quote_view(self._refund(self._till.draft(account, now), plan, now))

    async def refund(self, account: str, plan: str, write: Write, shown: str | None = None) -> dict[str, Any]:
        """Ask for a refund. ``shown`` is the amount a preview told: the answer says when it is another one now,
        because a request settled in between.
        """
        body = {"plan": plan, "shown": shown}

        def act(draft: Draft) -> dict[str, Any]:
            quoted = self._refund(draft, plan, write.now)
            refunding.ask_refund(draft, quoted, *write_of(write))
            refunds = refunding.refunds_of(book_of(draft.state), quoted.subscription)
            view = {**refund_quote_view(quoted), "refunds": [refund_view(each) for each in refunds]}
            view["differs_from_preview"] = shown is not None and shown != view["amount"]
            return view

        return await self._once("refund", account, write, body, act)

    def _refund(self, draft: Draft, plan: str, now: int) -> RefundQuote:
        return refunding.refund_quote(draft.state, find_subscription(draft.state, plan), now, draft.market)

    # ---- what operators say

    async def confirm(
        self,
        account: str,
        order: str,
        write: Write,
        *,
        payer: str,
        amount: str,
        currency: str,
        state: Literal["succeeded", "failed", "cancelled"],
        seen: str,
        operator: str = "operator",
        refund: str | None = None,
    ) -> dict[str, Any]:
        """An operator saw money come in for ``order``, or go out for ``refund`` of it. Raises PayerUnknown for a
        payment provider that speaks for itself.
        """
        hand = hand_named(self._payers, payer)
        found = find_order(self._till.state(account, write.now), order)
        said = Confirmation(
            found.payment, refund, Money(parse(amount, currency), currency), state, operator, seen, write.now
        )
        came = await self._till.hear(hand.confirm(said))
        await self._till.asked(account)
        return {**self.order(account, order, write.now), "came_to": came}

    async def resolve(
        self, account: str, order: str, how: Literal["deliver", "give_back"], note: str, write: Write
    ) -> dict[str, Any]:
        """Decide about an order whose money did not match."""
        body = {"order": order, "how": how, "note": note}

        def act(draft: Draft) -> dict[str, Any]:
            resolve(draft, find_order(draft.state, order), how, note, *write_of(write))
            return {"account": account, "order": order}

        await self._once("resolve", account, write, body, act)
        await self._till.asked(account)
        return self.order(account, order, write.now)

    async def settle_case(self, account: str, case: str, how: Decision, note: str, write: Write) -> dict[str, Any]:
        """Decide about a dispute, or about money that went back without being asked here."""

        def act(draft: Draft) -> dict[str, Any]:
            settle_case(draft, case, how, note, *write_of(write), draft.market)
            return {"account": account, "matter": case, "done": how}

        return await self._once("settle_case", account, write, {"case": case, "how": how, "note": note}, act)

    # ---- looking

    def orders(self, account: str, now: int) -> list[dict[str, Any]]:
        """Orders of the account, newest first."""
        book = book_of(self._till.state(account, now))
        return [order_view(order, book) for order in reversed(book.orders.values())]

    def order(self, account: str, order: str, now: int) -> dict[str, Any]:
        """One order. Raises NotFound."""
        book = book_of(self._till.state(account, now))
        found = book.order(order)
        if found is None:
            raise NotFound("order", order)
        return order_view(found, book)

    def refunds(self, account: str, now: int) -> list[dict[str, Any]]:
        """Refunds of the account, newest first."""
        book = book_of(self._till.state(account, now))
        return [refund_view(refund, book) for refund in reversed(book.refunds.values())]

    # ---- carrying out

    def _payer(self, name: str | None, return_url: str) -> Payer | None:
        return payer_named(self._payers, name, return_url) if name is not None else None

    async def _order(
        self, verb: str, account: str, write: Write, body: dict[str, Any], act: Callable[[Draft], str]
    ) -> dict[str, Any]:
        def place(draft: Draft) -> dict[str, Any]:
            return {"account": account, "order": act(draft) or None}

        answer = await self._once(verb, account, write, body, place)
        if answer["order"] is None:
            return {**answer, "scheduled": True}
        await self._till.asked(account)
        return self.order(account, answer["order"], write.now)

    async def _once(
        self, verb: str, account: str, write: Write, body: dict[str, Any], act: Callable[[Draft], Any]
    ) -> dict[str, Any]:
        """Carry out once: entries and receipt go into the store together."""
        return dict(await self._till.once(verb, account, write, body, act))


def named(verb: str, write: Write) -> str:
    """The key of a write of that verb: orders of two verbs are two, whatever keys their callers chose."""
    return f"{verb}\n{write.key}"


def write_of(write: Write) -> tuple[int, str]:
    """(now, key) as core takes them."""
    return write.now, write.key
