"""Trade as people and programs see it: quotes, orders, agreements, refunds and documents as plain data.

Owns these shapes. Amounts are exact decimal strings in their currency, instants RFC 3339 in UTC.
"""

from __future__ import annotations

from typing import Any

import msgspec

from faregate.app.catalogue_port import Matter
from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import render
from faregate.core.instants import render_instant
from faregate.core.market import Market
from faregate.core.trade.book import Agreement, Book, Order, Refund
from faregate.core.trade.ordering import book_of, paid_by
from faregate.core.trade.quote import Quote
from faregate.core.trade.refunding import RefundQuote
from faregate.core.trade.renewing import upcoming


def _at(at: int | None) -> str | None:
    return render_instant(at) if at is not None else None


def quote_view(quote: Quote) -> dict[str, Any]:
    """What a purchase or a change costs."""
    currency = quote.currency
    return {
        "kind": quote.kind,
        "plan": quote.plan,
        "version": quote.version,
        "price": quote.price,
        "currency": currency,
        "lines": [{"code": code, "amount": render(amount, currency)} for code, amount in quote.lines],
        "total": render(quote.total, currency),
        "paid_from": [
            {"purse": part.purse, "pool": part.pool, "amount": render(part.amount, currency)} for part in quote.parts
        ],
        "to_pay": render(quote.outside, currency),
        "pay_with": list(quote.pay_with),
        "starts_at": _at(quote.starts_at),
        "period_end": _at(quote.period_end),
        "replaces": quote.replaces,
        "renews": not quote.once,
    }


def change_view(quote: Quote) -> dict[str, Any]:
    """What a change of plan costs and gives back; ``scheduled`` changes nothing before the period's end."""
    details = dict(quote.details)
    for name in ("old_price", "new_price", "next_price"):
        if name in details:
            details[name] = render(int(details[name]), quote.currency)
    return {
        **quote_view(quote),
        "credit": render(quote.credit, quote.currency),
        "credited_to": quote.into,
        "details": details,
    }


def asking_view(book: Book | None, about: str) -> dict[str, Any] | None:
    """What a payment provider is asked about an order or refund and gives no answer to, since when, and when it is
    asked again; None where nothing of it is unanswered."""
    effects = book.effects.values() if book is not None else ()
    asked = next((each for each in effects if each.about == about and each.problem), None)
    if asked is None:
        return None
    return {
        "what": asked.kind,
        "problem": asked.problem,
        "since": _at(asked.silent_since),
        "tries": asked.tries,
        "again_at": _at(asked.due_at),
    }


def order_view(order: Order, book: Book | None = None) -> dict[str, Any]:
    """An order, with how to pay while it waits; ``signs`` says that a mandate is signed there, and charged then."""
    facts, currency = order.facts, order.currency
    return {
        "id": order.id,
        "state": order.state,
        "reason": order.reason,
        "what": facts["what"],
        "plan": facts["plan"],
        "version": facts["version"],
        "price": facts["price"],
        "subscription": facts["subscription"],
        "currency": currency,
        "lines": [{"code": code, "amount": render(amount, currency)} for code, amount in facts["lines"]],
        "total": render(int(facts["total"]), currency),
        "paid_by": {who: render(amount, currency) for who, amount in paid_by(order).items()},
        "to_pay": render(order.outside, currency),
        "payer": facts["payer"],
        "pay": order.link if order.state in ("waiting", "in_doubt") else None,
        "signs": bool(facts.get("signing")) and not facts.get("signed"),
        "unanswered": asking_view(book, order.id),
        "received": [
            {"payer": payer, "reference": reference, "amount": render(amount, unit), "currency": unit}
            for _, payer, reference, amount, unit in order.received
        ],
        "refunded": render(order.refunded, currency),
        "credit": render(int(facts["credit"]), currency),
        "created_at": render_instant(order.at),
        "expires_at": _at(order.expires_at) if order.state == "waiting" else None,
        "done_at": _at(order.done_at),
        "invoice": order.invoice,
    }


def refund_quote_view(quote: RefundQuote) -> dict[str, Any]:
    """What a refund comes to, step by step."""
    currency = quote.currency
    return {
        "subscription": quote.subscription,
        "currency": currency,
        "paid": render(quote.paid, currency),
        "usage_value": render(quote.usage_value, currency),
        "time_used": render(quote.time_used, currency),
        "refunded_before": render(quote.refunded_before, currency),
        "refundable": render(quote.refundable, currency),
        "fee": render(quote.fee, currency),
        "amount": render(quote.amount, currency),
        "open_requests": quote.open_requests,
        "falls_to": quote.falls_to,
        "until": _at(quote.until),
        "working_days": list(quote.working_days),
    }


def refund_view(refund: Refund, book: Book | None = None) -> dict[str, Any]:
    """A refund on its way, or at its end."""
    facts = refund.facts
    return {
        "id": refund.id,
        "state": refund.state,
        "reason": refund.reason,
        "why": facts["why"],
        "order": facts["order"],
        "amount": render(refund.amount, facts["currency"]),
        "currency": facts["currency"],
        "payer": facts["payer"],
        "asked_at": render_instant(refund.at),
        "done_at": _at(refund.done_at),
        "credit_note": refund.note,
        "unanswered": asking_view(book, refund.id),
    }


def matter_view(row: Matter) -> dict[str, Any]:
    """Something open, as a row of the operator's list."""
    told = msgspec.json.decode(row.detail)
    return {"account": row.account, "id": row.id, "kind": row.kind, "since": render_instant(row.since), **told}


def agreement_view(state: AccountState, subscription: Subscription, market: Market) -> dict[str, Any] | None:
    """How a bought subscription goes on; None for one that was not bought."""
    agreement = book_of(state).agreements.get(subscription.key)
    if agreement is None:
        return None
    facts = upcoming(state, subscription, agreement, market)
    return {**_agreement(state, agreement), "next_charge": _next_charge(subscription.period_end, facts)}


def _next_charge(at: int | None, facts: dict[str, Any] | None) -> dict[str, Any] | None:
    """What comes at the period's end, as purses and prices are now."""
    if facts is None:
        return None
    currency = facts["currency"]
    return {
        "at": _at(at),
        "plan": facts["plan"],
        "version": facts["version"],
        "price": facts["price"],
        "amount": render(facts["total"], currency),
        "currency": currency,
        "to_pay": render(facts["outside"], currency),
    }


def _binding(agreement: Agreement) -> dict[str, Any] | None:
    wanted = agreement.binding
    if wanted is None:
        return None
    return {"payer": wanted["payer"], "sign": wanted.get("link"), "problem": wanted.get("problem")}


def _agreement(state: AccountState, agreement: Agreement) -> dict[str, Any]:
    order = book_of(state).order(agreement.order)
    return {
        "renews": agreement.auto and not agreement.notice,
        "one_more_period": agreement.notice,
        "payer": agreement.payer,
        "charged_without_customer": agreement.mandate is not None,
        "called_off_because": agreement.reason or None,
        "binding": _binding(agreement),
        "next": {"plan": agreement.next[0], "price": agreement.next[1]} if agreement.next is not None else None,
        "paused_since": _at(agreement.paused[0]) if agreement.paused is not None else None,
        "refund": agreement.refund,
        "renewal_order": order.id if order is not None and order.is_open else None,
        "failed_charges": agreement.failures,
        "orders": list(agreement.orders),
    }
