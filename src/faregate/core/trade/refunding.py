"""Refunds: what a customer may have back, and what is heard of one.

Owns the formula of a plan's refund terms and the entry ``refund_said``. Gift balance never comes back as money. While
a refund is on its way its subscription pays for nothing, so that it is not used up meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from faregate.core import commands
from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import round_half_even, scale
from faregate.core.entry import Entry, Posting
from faregate.core.errors import BadCommand
from faregate.core.filling import Row, new_lot
from faregate.core.market import Market
from faregate.core.roll import end
from faregate.core.sale import sold_at
from faregate.core.trade.book import Agreement, Book, Order, Received, Refund
from faregate.core.trade.casebook import disputed
from faregate.core.trade.draft import Draft
from faregate.core.trade.elapsed import elapsed
from faregate.core.trade.looking import look_at_refund
from faregate.core.trade.ordering import book_of
from faregate.core.trade.payable import payable
from faregate.core.trade.purse import sums
from faregate.core.trade.quote import trade_of
from faregate.core.trade.referring import on_refund, refuse
from faregate.core.trade.returning import SALES, mandate_off, refund_entry, refund_id
from faregate.core.trade.terms import CASH, RefundTerms, TradeTerms

OPEN_REFUNDS = frozenset({"processing", "in_doubt"})


@dataclass(frozen=True, slots=True)
class RefundQuote:
    """What a refund of ``subscription`` comes to now. Amounts in 10⁻⁹ of ``currency``.

    ``paid`` in the running period, less ``usage_value``, ``time_used`` and ``refunded_before``, is ``refundable``;
    less ``fee``, in whole coins, it is ``amount``. ``open_requests`` count by what they hold.
    """

    subscription: str
    currency: str
    paid: int
    usage_value: int
    time_used: int
    refunded_before: int
    refundable: int
    fee: int
    amount: int
    falls_to: str | None
    open_requests: int
    until: int | None
    orders: tuple[str, ...]
    working_days: tuple[str, ...] = ()


def refund_quote(state: AccountState, subscription: Subscription, now: int, market: Market) -> RefundQuote:
    """The preview of a refund. Raises BadCommand with the rule that stands against it."""
    book, trade = book_of(state), trade_of(market, subscription.terms)
    agreement, rule = book.agreements.get(subscription.key), trade.refund
    plan = subscription.terms.plan
    if agreement is None or not agreement.orders:
        raise BadCommand("not_bought", plan=plan)
    if not rule.allowed:
        raise BadCommand("no_refunds", plan=plan)
    if agreement.refund is not None:
        raise BadCommand("refund_under_way", refund=agreement.refund)
    if any(disputed(book, order) for order in agreement.orders):
        raise BadCommand("payment_disputed", plan=plan)
    until = subscription.period_start + rule.within if rule.within is not None else None
    if until is not None and now > until:
        raise BadCommand("refund_too_late", plan=plan, hours=(rule.within or 0) // 3_600_000_000)
    orders = [book.orders[id] for id in agreement.orders if id in book.orders]
    return _figures(state, subscription, agreement, orders, rule, trade, until, now)


def _figures(
    state: AccountState,
    subscription: Subscription,
    agreement: Agreement,
    orders: list[Order],
    rule: RefundTerms,
    trade: TradeTerms,
    until: int | None,
    now: int,
) -> RefundQuote:
    currency = agreement.currency
    paid = sum(_came(order) + sums(order.facts["parts"])[CASH] for order in orders)
    before = sum(order.refunded for order in orders)
    usage, count = usage_value(state, subscription, agreement, trade, now)
    deducted = Fraction(usage if "usage_value" in rule.deducts else 0)
    time = _time_used(subscription, agreement, paid, now) if "time_used" in rule.deducts else 0
    if rule.refused_above_paid and deducted > paid:
        raise BadCommand("used_above_paid", plan=subscription.terms.plan)
    rest = paid - deducted - time - before
    refundable = payable(max(rest, Fraction(0)), currency)
    amount = payable(refundable * (1 - rule.fee), currency)
    if amount <= 0:
        raise BadCommand("nothing_to_refund", plan=subscription.terms.plan)
    return RefundQuote(
        subscription=subscription.key,
        currency=currency,
        paid=paid,
        usage_value=usage,
        time_used=time,
        refunded_before=before,
        refundable=refundable,
        fee=refundable - amount,
        amount=amount,
        falls_to=rule.falls_to,
        open_requests=count,
        until=until,
        orders=tuple(order.id for order in orders),
        working_days=rule.working_days,
    )


def _came(order: Order) -> int:
    """What an order had from outside: less than it cost where a person bore the rest."""
    return min(order.outside, sum(amount for *_, amount, currency in order.received if currency == order.currency))


def usage_value(
    state: AccountState, subscription: Subscription, agreement: Agreement, trade: TradeTerms, now: int
) -> tuple[int, int]:
    """(what the running period's use is worth in the agreement's currency, open requests counted in it).

    Counted in the plan's own unit at its dated rate where it has one, else by list value; to 10⁻⁹, half-even.
    """
    used, worth = dict(agreement.used), dict(agreement.worth)
    count = 0
    for hold in state.holds.values():
        mine = [piece for piece in hold.data["slices"] if piece[0].rpartition("/")[0] == subscription.key]
        count += bool(mine)
        for piece in mine:
            used[piece[3]] = used.get(piece[3], 0) + piece[4]
            if piece[7]:
                worth[piece[7]] = worth.get(piece[7], 0) + piece[6]
    rates = [row for row in trade.usage_rate if row[0] <= now]
    if rates:
        _, rate, unit = rates[-1]
        value = Fraction(used.get(unit, 0), scale(unit)) * rate * scale(agreement.currency)
    else:
        value = sum(
            (Fraction(amount) * _rate(subscription, currency, agreement.currency, now))
            for currency, amount in worth.items()
        ) or Fraction(0)
    return _rounded(value), count


def _rate(subscription: Subscription, source: str, target: str, now: int) -> Fraction:
    if source == target:
        return Fraction(1)
    for first, second, dated in subscription.terms.exchange:
        rate = next((value for since, value in reversed(dated) if since <= now), None)
        if rate is None:
            continue
        if (first, second) == (source, target):
            return rate
        if (second, first) == (source, target):
            return 1 / rate
    raise BadCommand("another_currency", old=source, new=target)


def _time_used(subscription: Subscription, agreement: Agreement, paid: int, now: int) -> int:
    gone, length = elapsed(subscription, agreement, now)
    return _rounded(Fraction(paid) * Fraction(gone, length)) if length else 0


def _rounded(value: Fraction) -> int:
    return round_half_even(value.numerator, value.denominator)


def ask_refund(draft: Draft, quote: RefundQuote, now: int, key: str, why: str = "customer") -> None:
    """Add a refund to ``draft``: an entry for every payment that something goes back of, the latest first.

    What a payment provider took is asked of it; what was paid from the cash balance goes back there at once. Raises
    BadCommand where that wallet is gone.
    """
    facts = {
        "why": why,
        "subscription": quote.subscription,
        "falls_to": quote.falls_to,
        "paid": quote.paid,
        "usage_value": quote.usage_value,
        "fee": quote.fee,
        "open_requests": quote.open_requests,
    }
    left, asked = quote.amount, 0
    for id in reversed(quote.orders):
        order = book_of(draft.state).orders[id]
        for payment in reversed(order.received):
            part = min(left, _left_of(book_of(draft.state), order, payment))
            if part <= 0 or payment[4] != quote.currency:
                continue
            left -= part
            draft.add(refund_entry(draft.state, order, payment, part, f"{key}:{asked}", now, SALES, facts))
            asked += 1
            order = book_of(draft.state).orders[id]
    for id in quote.orders:
        if on_refund(book_of(draft.state), id):
            draft.add(refuse(draft.state, now, f"{key}:reward", "refunded"))
    if left > 0:
        draft.add(_to_cash(draft.state, quote, left, now, f"{key}:cash"))
    if not asked:
        fall(draft, quote.subscription, quote.falls_to, now, f"{key}:fall")


def _left_of(book: Book, order: Order, payment: Received) -> int:
    """What of a payment that bought something was not given back; nothing of one that was not owed."""
    of_it = [each for each in book.refunds.values() if (each.facts["payer"], each.facts["reference"]) == payment[1:3]]
    if any(each.facts["source"] != SALES for each in of_it):
        return 0
    return payment[3] - sum(each.amount for each in of_it if each.state not in ("failed", "cancelled"))


def _to_cash(state: AccountState, quote: RefundQuote, amount: int, now: int, key: str) -> Entry:
    rows = [(order, part) for order in quote.orders for part in book_of(state).orders[order].facts["parts"]]
    for order, part in reversed(rows):
        pool = state.find_pool(part[0]) if part[1] == CASH else None
        if pool is None:
            continue
        postings: list[Posting] = []
        lots: list[Row] = []
        ledger = pool.lot_ledger(pool.granted + 1)
        new_lot(
            ledger,
            pool.key,
            pool.terms,
            "refund",
            None,
            amount,
            postings,
            lots,
            owed=pool.owed,
            house=SALES,
        )
        note = f"{state.account}-C{book_of(state).credit_notes + 1:04d}"
        data = {"subscription": pool.key.rpartition(":")[0], "lots": lots, "reason": "refund", "refunds": order}
        data |= {"amount": amount, "currency": quote.currency, "note": note}
        data |= {"refund": refund_id(state.account, key), "of_plan": quote.subscription}
        return Entry(state.account, state.seq + 1, now, "grant", key, postings, [], data)
    raise BadCommand("not_returnable", amount=Fraction(amount, scale(quote.currency)), currency=quote.currency)


def fall(draft: Draft, subscription: str, plan: str | None, now: int, key: str) -> None:
    """End a subscription that was paid back, at once; ``plan`` takes its place where the terms name one."""
    running = draft.state.subscriptions.get(subscription)
    if running is None:
        return
    agreement = book_of(draft.state).agreements.get(subscription)
    ended = end(draft.state, running, now)
    draft.add(ended._replace(data={**ended.data, "effects": mandate_off(agreement, subscription, now)}))
    row = sold_at(draft.market.sold.get(plan, ()), now) if plan is not None else None
    if row is not None and draft.state.of_plan(row.terms.plan) is None:
        price = trade_of(draft.market, row.terms).price(None)
        made = commands.subscribe(draft.state, row.terms, now, key, (), False, None, price.id if price else None)
        for entry in made:
            draft.add(entry)


def hear_refund(
    draft: Draft, refund: Refund, said: str, reference: str | None, problem: str, now: int, key: str
) -> str:
    """Add what a payment provider says of a refund; gives the refund's state, or ``known`` when it is nothing new.

    ``said``: pending, succeeded, failed, cancelled or unknown. Money that did not go returns to where it was. On
    success the plan ends at once.
    """
    entry = _heard(draft.state, refund, said, reference, problem, now, key)
    if entry is None:
        return "known"
    draft.add(entry)
    state = str(entry.data["state"])
    if state == "succeeded" and refund.facts.get("subscription"):
        fall(draft, refund.facts["subscription"], refund.facts["falls_to"], now, f"{key}+fall")
    return state


def _heard(
    state: AccountState, refund: Refund, said: str, reference: str | None, problem: str, now: int, key: str
) -> Entry | None:
    became = {"pending": "processing", "unknown": "in_doubt"}.get(said, said)
    if refund.state not in OPEN_REFUNDS or (refund.state == became and refund.reference == reference):
        return None
    facts, amount = refund.facts, refund.amount
    data: dict[str, Any] = {"refund": refund.id, "state": became, "reference": reference, "problem": problem}
    postings = []
    if became == "succeeded":
        postings = [
            (f"refund:{refund.id}", facts["currency"], -amount),
            (f"external:{facts['payer']}", facts["currency"], amount),
        ]
        data["note"] = f"{state.account}-C{book_of(state).credit_notes + 1:04d}"
    elif became not in OPEN_REFUNDS:
        postings = [(f"refund:{refund.id}", facts["currency"], -amount), (facts["source"], facts["currency"], amount)]
        if reference is not None:
            data["effects"] = [look_at_refund(refund.id, reference, now, facts["payer"])]
    return Entry(state.account, state.seq + 1, now, "refund_said", key, postings, [], data)


def refunds_of(book: Book, subscription: str) -> list[Refund]:
    """Refunds that were asked for a subscription, oldest first."""
    return [refund for refund in book.refunds.values() if refund.facts.get("subscription") == subscription]
