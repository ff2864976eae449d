"""The operations about coupons, gift codes, invitations, and what is open for people to look at.

Owns one row each. What they do is the application's.
"""

from __future__ import annotations

from typing import Any

from faregate.api.bodies import with_note
from faregate.api.failures import BadBody
from faregate.api.operation import Call, Operation
from faregate.api.promotion_bodies import Joining, NewCoupon, NewGiftCode, Redemption, RewardDecision
from faregate.app.catalogue_port import Matter
from faregate.app.desk import with_names
from faregate.app.trade_views import matter_view
from faregate.core.instants import parse_instant
from faregate.core.trade.referring import invitation

_ACCOUNT = "/accounts/{account}"


def _at(text: str | None) -> int | None:
    return parse_instant(text) if text is not None else None


async def _make_coupon(call: Call) -> Any:
    body: NewCoupon = call.body
    return await call.control.promotions.make_coupon(
        body.code,
        call.write,
        share=body.share,
        amount=body.amount,
        currency=body.currency,
        plans=body.plans,
        begins=_at(body.begins),
        until=_at(body.until),
        uses=body.uses,
        per_account=body.per_account,
        first_order_only=body.first_order_only,
    )


async def _coupon(call: Call) -> Any:
    return call.control.promotions.coupon(call.path["code"], call.write.now)


async def _make_gift_code(call: Call) -> Any:
    body: NewGiftCode = call.body
    return await call.control.promotions.make_gift_code(
        body.family, body.amount, body.currency, call.write, _at(body.until), body.note
    )


async def _redeem(call: Call) -> Any:
    return await call.control.promotions.redeem(call.account, call.body.code, call.write)


async def _join(call: Call) -> Any:
    body: Joining = call.body
    return await call.control.promotions.join(call.account, body.code, body.family, call.write)


async def _invitations(call: Call) -> Any:
    account = call.account
    return {
        "code": invitation(account),
        "friends": call.control.promotions.friends(account, call.write.now),
    }


async def _decide(call: Call) -> Any:
    body: RewardDecision = call.body
    return await call.control.promotions.decide(call.account, body.how, body.reason, call.write)


_MATTER_KINDS = (
    *("review", "in_doubt", "unpaid_renewal", "refund", "refund_failed", "reward"),
    *("unanswered", "dispute", "refund_outside", "paid_twice"),
)


async def _matters(call: Call) -> Any:
    limit = call.whole("limit", 100, 1000)
    rows = call.control.till.matters(call.query.get("kind"), _place(call.query.get("after")), limit)
    return {
        "matters": with_names(call.control.store, [matter_view(row) for row in rows]),
        "next": "|".join((rows[-1].kind, str(rows[-1].since), *rows[-1][:2])) if len(rows) == limit else None,
    }


def _place(text: str | None) -> Matter | None:
    if text is None:
        return None
    parts = text.split("|")
    if len(parts) != 4 or not parts[1].isdecimal():
        raise BadBody("after is what `next` of the page before says")
    return Matter(parts[2], parts[3], parts[0], int(parts[1]), "")


PROMOTION_OPERATIONS: tuple[Operation, ...] = (
    Operation("POST", "/coupons", "make_coupon", "Make a coupon", _make_coupon, NewCoupon, 201),
    Operation("GET", "/coupons/{code}", "get_coupon", "A coupon, and how often it was used", _coupon),
    Operation(
        "POST", "/gift-codes", "make_gift_code", "Make a gift code; shown once", _make_gift_code, NewGiftCode, 201
    ),
    Operation(
        "POST",
        _ACCOUNT + "/redemptions",
        "redeem_gift_code",
        "Redeem a gift code",
        _redeem,
        with_note(Redemption),
        201,
    ),
    Operation("POST", _ACCOUNT + "/joinings", "join", "Join by an invitation", _join, with_note(Joining), 201),
    Operation(
        "GET",
        _ACCOUNT + "/invitations",
        "get_invitations",
        "The account's invitation, who joined by it, and their rewards",
        _invitations,
    ),
    Operation(
        "POST",
        _ACCOUNT + "/rewards",
        "decide_reward",
        "Give, refuse or hold the reward that the account's first order earned",
        _decide,
        RewardDecision,
    ),
    Operation(
        "GET",
        "/matters",
        "list_matters",
        "What is open about money: reviews, doubts, refunds, rewards",
        _matters,
        query=(
            ("kind", f"One of {', '.join(_MATTER_KINDS)}; all when left out."),
            ("after", "What `next` of the page before says."),
            ("limit", "Rows on the page."),
        ),
    ),
)
