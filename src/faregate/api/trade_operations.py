"""The operations about money: orders, changes, refunds, and what operators say of payments.

Owns one row each. What they do is the shop's.
"""

from __future__ import annotations

from typing import Any

from faregate.api.bodies import with_note
from faregate.api.operation import Call, Operation
from faregate.api.trade_bodies import (
    Agreeing,
    CaseDecision,
    Confirmation,
    PlanChange,
    PlanChangePreview,
    Purchase,
    PurchasePreview,
    RefundPreview,
    RefundRequest,
    Resolution,
    TopUp,
    Withdrawal,
)

_ACCOUNT = "/accounts/{account}"
_ORDER = _ACCOUNT + "/orders/{order}"


async def _preview_purchase(call: Call) -> Any:
    body: PurchasePreview = call.body
    return call.control.shop.preview_purchase(
        call.account, body.plan, call.write.now, body.price, body.once, body.coupon
    )


async def _buy(call: Call) -> Any:
    body: Purchase = call.body
    return await call.control.shop.buy(
        call.account, body.plan, call.write, body.price, body.payer, body.once, body.coupon, body.return_url
    )


async def _top_up(call: Call) -> Any:
    body: TopUp = call.body
    return await call.control.shop.top_up(
        call.account, body.plan, body.amount, body.payer, call.write, body.return_url
    )


async def _orders(call: Call) -> Any:
    return {"orders": call.control.shop.orders(call.account, call.write.now)}


async def _order(call: Call) -> Any:
    return call.control.shop.order(call.account, call.path["order"], call.write.now)


async def _withdraw(call: Call) -> Any:
    return await call.control.shop.withdraw_order(call.account, call.path["order"], call.write)


async def _preview_change(call: Call) -> Any:
    body: PlanChangePreview = call.body
    return call.control.shop.preview_change(call.account, body.plan, body.to, call.write.now, body.price)


async def _change(call: Call) -> Any:
    body: PlanChange = call.body
    return await call.control.shop.change(
        call.account, body.plan, body.to, call.write, body.price, body.payer, body.return_url
    )


async def _agree(call: Call) -> Any:
    body: Agreeing = call.body
    shop = call.control.shop
    if body.payer is not None:
        return await shop.bind(call.account, body.plan, body.payer, call.write, body.return_url)
    acts = {
        "call_off": shop.call_off,
        "take_back": shop.take_back,
        "unschedule": shop.unschedule,
        "pause": shop.pause,
        "go_on": shop.go_on,
    }
    return await acts[body.act](call.account, body.plan, call.write)


async def _preview_refund(call: Call) -> Any:
    return call.control.shop.preview_refund(call.account, call.body.plan, call.write.now)


async def _refund(call: Call) -> Any:
    body: RefundRequest = call.body
    return await call.control.shop.refund(call.account, body.plan, call.write, body.shown)


async def _refunds(call: Call) -> Any:
    return {"refunds": call.control.shop.refunds(call.account, call.write.now)}


async def _confirm(call: Call) -> Any:
    body: Confirmation = call.body
    return await call.control.shop.confirm(
        call.account,
        call.path["order"],
        call.write,
        payer=body.payer,
        amount=body.amount,
        currency=body.currency,
        state=body.state,
        seen=body.seen,
        refund=body.refund,
    )


async def _resolve(call: Call) -> Any:
    body: Resolution = call.body
    return await call.control.shop.resolve(call.account, call.path["order"], body.how, body.note, call.write)


async def _settle(call: Call) -> Any:
    body: CaseDecision = call.body
    return await call.control.shop.settle_case(call.account, body.matter, body.how, body.note, call.write)


TRADE_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        _ACCOUNT + "/orders/preview",
        "preview_order",
        "What a plan costs the account now",
        _preview_purchase,
        PurchasePreview,
    ),
    Operation("POST", _ACCOUNT + "/orders", "place_order", "Order a plan", _buy, with_note(Purchase), 201),
    Operation("GET", _ACCOUNT + "/orders", "list_orders", "Orders of an account, newest first", _orders),
    Operation("GET", _ORDER, "get_order", "One order, with how to pay it", _order),
    Operation(
        "POST",
        _ORDER + "/withdraw",
        "withdraw_order",
        "Give up an order that is not paid",
        _withdraw,
        with_note(Withdrawal),
    ),
    Operation(
        "POST",
        _ORDER + "/confirm",
        "confirm_payment",
        "Say what was seen of a payment by hand",
        _confirm,
        Confirmation,
    ),
    Operation(
        "POST",
        _ORDER + "/resolve",
        "resolve_order",
        "Decide about money that did not match its order",
        _resolve,
        Resolution,
    ),
    Operation("POST", _ACCOUNT + "/top-ups", "top_up", "Order money into a wallet", _top_up, with_note(TopUp), 201),
    Operation(
        "POST",
        _ACCOUNT + "/changes/preview",
        "preview_change",
        "What a change of plan costs and gives back now",
        _preview_change,
        PlanChangePreview,
    ),
    Operation(
        "POST",
        _ACCOUNT + "/changes",
        "change_plan",
        "Change to another plan or price",
        _change,
        with_note(PlanChange),
    ),
    Operation(
        "POST",
        _ACCOUNT + "/agreements",
        "change_agreement",
        "Call off, take back, pause, go on or bind",
        _agree,
        with_note(Agreeing),
    ),
    Operation(
        "POST",
        _ACCOUNT + "/refunds/preview",
        "preview_refund",
        "What a refund comes to now",
        _preview_refund,
        RefundPreview,
    ),
    Operation(
        "POST", _ACCOUNT + "/refunds", "ask_refund", "Refund a subscription", _refund, with_note(RefundRequest), 201
    ),
    Operation(
        "POST",
        _ACCOUNT + "/matters/settle",
        "settle_matter",
        "Decide about a dispute, or about money that went back unasked",
        _settle,
        CaseDecision,
    ),
    Operation("GET", _ACCOUNT + "/refunds", "list_refunds", "Refunds of an account, newest first", _refunds),
)
