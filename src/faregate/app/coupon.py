"""A coupon: what it is worth, whom it is for, and which of its uses count.

Owns these rules, on the facts that a coupon's books keep. Writing them down is promotions.py's; what is left to be
paid is core's.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from fractions import Fraction
from hashlib import sha256
from typing import Any

from faregate.core.account import AccountState
from faregate.core.amounts import decimal_text, fraction, parse, render
from faregate.core.errors import BadCommand
from faregate.core.instants import DAY, render_instant
from faregate.core.trade.book import Order
from faregate.core.trade.ordering import book_of
from faregate.core.trade.payable import is_payable
from faregate.core.trade.quote import Discount, Quote

COUPON_BOOKS = "coupon_"
KEPT_FOR = 2 * DAY
"""How long a use stays taken for an order that was never placed."""
SHOWN_USES = 100

Uses = dict[str, Any]
"""By order: its account, when it took the use, and when it was finished (None while it is not)."""
IsOpen = Callable[[str, str], bool]
"""(account, order) -> whether that order may still be paid."""


def coupon_account(code: str) -> str:
    """The books of a coupon."""
    return COUPON_BOOKS + sha256(code.encode()).hexdigest()[:24]


def worth(code: str, share: str | None, amount: str | None, currency: str | None) -> dict[str, Any]:
    """What a coupon takes off, as its books keep it. Raises BadCommand for nothing, both, or more than all."""
    off = fraction(share) if share is not None else None
    if (off is None) == (amount is None) or (amount is None) != (currency is None):
        raise BadCommand("coupon_worth")
    if off is not None and not 0 < off <= 1:
        raise BadCommand("coupon_worth")
    unit = currency.strip().upper() if currency is not None else None
    money = parse(amount, unit) if amount is not None and unit is not None else 0
    if unit is not None and money <= 0:
        raise BadCommand("coupon_worth")
    if unit is not None and not is_payable(money, unit):
        raise BadCommand("not_payable", amount=render(money, unit), currency=unit)
    return {
        "code": code,
        "share": decimal_text(off) if off is not None else None,
        "amount": money,
        "currency": unit,
    }


def coupon_of(state: AccountState, code: str) -> dict[str, Any]:
    """The facts of the coupon whose books these are. Raises BadCommand where there is none."""
    facts = book_of(state).facts.get("coupon")
    if facts is None:
        raise BadCommand("coupon_unknown", code=code)
    return dict(facts)


def counted(taken: Uses, now: int, is_open: IsOpen) -> Uses:
    """Uses that count: those of finished orders, and those of orders that may still be paid."""
    return {
        order: row
        for order, row in taken.items()
        if row[2] is not None or row[1] + KEPT_FOR > now or is_open(row[0], order)
    }


def check(facts: dict[str, Any], uses: Uses, account: str, plan: str, now: int, given_up: Container[str]) -> None:
    """Whether the account may use it for ``plan`` now; orders ``given_up`` make room. Raises BadCommand."""
    code, begins, until = facts["code"], facts["begins"], facts["until"]
    if (begins is not None and now < begins) or (until is not None and now >= until):
        raise BadCommand("coupon_over", code=code)
    if facts["plans"] and plan.partition("@")[0] not in facts["plans"]:
        raise BadCommand("coupon_not_for", code=code, plan=plan)
    left = {order: row for order, row in uses.items() if order not in given_up}
    mine = sum(row[0] == account for row in left.values())
    if (facts["uses"] is not None and len(left) >= facts["uses"]) or mine >= facts["per_account"]:
        raise BadCommand("coupon_used_up", code=code)


def discount(facts: dict[str, Any]) -> Discount:
    """What it takes off."""
    code = str(facts["code"])
    share = fraction(facts["share"]) if facts["share"] is not None else Fraction(0)
    first = bool(facts["first_order_only"])
    return Discount(f"coupon:{code}", share, int(facts["amount"]), code, facts["currency"], first)


def check_order(state: AccountState, asked: Quote, off: Discount, given_up: Container[str]) -> None:
    """Whether ``asked``, an order with the coupon ``off``, may be placed. Raises BadCommand: a first order is the
    first that is not ``given_up``, and a coupon that takes nothing off is not used up for it.
    """
    if off.first and any(_is_before(order) for id, order in book_of(state).orders.items() if id not in given_up):
        raise BadCommand("coupon_first_order", code=off.coupon)
    if off.first and book_of(state).paid:
        raise BadCommand("coupon_first_order", code=off.coupon)
    if not any(code == off.code for code, _ in asked.lines):
        raise BadCommand("coupon_for_nothing", code=off.coupon, plan=asked.plan)


def _is_before(order: Order) -> bool:
    """Whether an order is one already: finished and not for nothing, or a first one that may still be paid."""
    if order.state == "closed":
        return False
    costs = any(amount > 0 for _, amount in order.facts["lines"])
    return costs and (order.state == "done" or bool(order.facts["details"].get("first_order")))


def coupon_view(state: AccountState, now: int, is_open: IsOpen) -> dict[str, Any]:
    """The coupon whose books these are; ``uses_by`` are those that count, the last first."""
    facts = book_of(state).facts
    uses = counted(facts["taken"], now, is_open)
    shown = {**facts["coupon"], "used": len(uses)}
    shown["amount"] = render(int(shown["amount"]), shown["currency"]) if shown["currency"] else None
    for name in ("begins", "until"):
        shown[name] = render_instant(shown[name]) if shown[name] is not None else None
    rows = sorted(uses.items(), key=lambda item: int(item[1][1]), reverse=True)
    shown["uses_by"] = [
        {"account": account, "order": order, "at": render_instant(taken_at), "done": done_at is not None}
        for order, (account, taken_at, done_at) in rows[:SHOWN_USES]
    ]
    return shown
