"""The credit of a switch: how much of the old plan's price is unused.

Owns one formula: consumed is the larger of the share of time and the weighted shares of pools, never below a
minimum; what was really paid bounds what comes back.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import decimal_text
from faregate.core.pool import Pool
from faregate.core.trade.elapsed import elapsed
from faregate.core.trade.payable import payable
from faregate.core.trade.purse import sums
from faregate.core.trade.terms import GIFT, CreditTerms


def unused_credit(
    state: AccountState,
    subscription: Subscription,
    rule: CreditTerms,
    old_price: int,
    new_price: int,
    currency: str,
    now: int,
) -> tuple[int, dict[str, Any]]:
    """What a switch at ``now`` gives back, in coins of ``currency``, and the figures it came from."""
    agreement = state.book.agreements.get(subscription.key) if state.book is not None else None
    time = min(Fraction(elapsed(subscription, agreement, now)[0], rule.cycle), Fraction(1))
    shares = {pool: used_share(subscription.pools.get(pool)) for pool, _ in rule.weights}
    pools = sum((weight * shares[pool] for pool, weight in rule.weights), Fraction(0))
    consumed = min(max(time, pools, rule.minimum), Fraction(1))
    price = min(old_price, paid_for_period(state, subscription))
    credit = price * (1 - consumed)
    if rule.capped:
        credit = min(credit, Fraction(new_price - old_price))
    details = {
        "time_share": decimal_text(time),
        "pool_shares": {pool: decimal_text(share) for pool, share in shares.items()},
        "consumed": decimal_text(consumed),
        "old_price": price,
        "new_price": new_price,
    }
    return payable(max(credit, Fraction(0)), currency), details


def used_share(pool: Pool | None) -> Fraction:
    """The share of its last filling that a pool has used, what open holds reserve counted as used."""
    if pool is None:
        return Fraction(0)
    size = sum(lot.size for lot in pool.lots if lot.cause == "refill")
    left = sum(lot.balance for lot in pool.lots if lot.cause == "refill")
    full = pool.terms.refill.full if pool.terms.refill is not None else size
    whole = max(size, full)
    return 1 - Fraction(left, whole) if whole else Fraction(0)


def paid_for_period(state: AccountState, subscription: Subscription) -> int:
    """What was paid for the running period in money, gift balance not counted, less what came back."""
    book = state.book
    agreement = book.agreements.get(subscription.key) if book is not None else None
    if book is None or agreement is None:
        return 0
    orders = [book.orders[id] for id in agreement.orders if id in book.orders]
    return sum(int(order.facts["total"]) - sums(order.facts["parts"])[GIFT] - order.refunded for order in orders)
