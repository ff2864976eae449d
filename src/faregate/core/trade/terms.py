"""Trade terms: what one version of a plan says about buying, renewing, changing and returning it.

Owns the frozen vocabulary. Does not know YAML, accounts or payment providers' protocols. Amounts are in 10⁻⁹ of a
currency, lengths in microseconds, shares exact fractions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

GIFT, CASH, OUTSIDE = "gift", "cash", "provider"
"""Who pays an order: the gift balance, the cash balance, and somebody who takes payments."""


class PriceTerms(NamedTuple):
    """One way to buy a plan. ``period`` as in Terms; ``trial`` is how long the first one is free."""

    id: str
    amount: int
    currency: str
    period: str | None
    renews: bool = True
    pay_with: tuple[str, ...] = ()
    trial: int | None = None


class TopUpTerms(NamedTuple):
    """Money put into a wallet through ``pay_with``; ``minimum`` is the smallest sum."""

    pay_with: str
    minimum: int
    currency: str


class CreditTerms(NamedTuple):
    """How much of the old price a switch gives back, into the wallet plan ``into``.

    Consumed is max(elapsed / ``cycle``, the used shares of pools by ``weights``), at least ``minimum``; the credit is
    the old price × the rest, with ``capped`` at most the difference of the prices.
    """

    cycle: int
    weights: tuple[tuple[str, Fraction], ...]
    minimum: Fraction
    capped: bool
    into: str


class SwitchTerms(NamedTuple):
    """A change of plan in one direction. ``keeps_period``: the period, its anchors and what was used stay."""

    when: Literal["now", "period_end", "never"]
    charges: Literal["full_price", "difference", "difference_of_period_left", "nothing"]
    keeps_period: bool = False
    credit: CreditTerms | None = None


class RefundTerms(NamedTuple):
    """Who gets money back: sum paid, less what ``deducts`` names, less ``fee`` of the rest."""

    allowed: bool = False
    within: int | None = None
    deducts: frozenset[str] = frozenset()
    refused_above_paid: bool = False
    fee: Fraction = Fraction(0)
    falls_to: str | None = None
    working_days: tuple[str, ...] = ()


class RenewalTerms(NamedTuple):
    """How a renewal is paid. ``cancel_before``: how long before the next charge it can be called off at the latest;
    ``grace``: how long the plan stays while a charge fails; ``retries``: when it is tried again after the first one.
    """

    paid_from: tuple[str, ...] = (OUTSIDE,)
    cancel_before: int = 0
    grace: int = 0
    retries: tuple[int, ...] = ()


class ReferralTerms(NamedTuple):
    """Rewards for bringing a friend; see the plan language."""

    reward: Fraction
    into: str
    new_customers_only: bool
    pays_within: int
    no_refund_for: int
    review: tuple[int, ...]
    friend_discount: Fraction
    first_order_discount: Fraction


NO_SWITCH = SwitchTerms("never", "nothing")
NO_REFUND = RefundTerms()
PAID_OUTSIDE = RenewalTerms()


@dataclass(frozen=True, slots=True)
class TradeTerms:
    """One version of one plan, as it is sold.

    ``gift_buys``: what gift balance pays for (plans, renewals, packs, api). ``purses``: pool of the plan -> gift or
    cash, for wallets whose balance pays orders. ``usage_rate``: the worth of one whole unit of the plan's usage
    counter in a currency, dated, oldest first.
    """

    plan: str
    version: str
    prices: tuple[PriceTerms, ...] = ()
    top_ups: tuple[TopUpTerms, ...] = ()
    upgrade: SwitchTerms = NO_SWITCH
    downgrade: SwitchTerms = NO_SWITCH
    refund: RefundTerms = NO_REFUND
    renewal: RenewalTerms = PAID_OUTSIDE
    gift_buys: frozenset[str] = frozenset()
    purses: tuple[tuple[str, str], ...] = ()
    referral: ReferralTerms | None = None
    usage_rate: tuple[tuple[int, Fraction, str], ...] = ()
    names: tuple[str, str] = field(default=("", ""))

    def price(self, id: str | None) -> PriceTerms | None:
        """The price of that id, the first one for None; None where there is none."""
        if id is None:
            return self.prices[0] if self.prices else None
        return next((price for price in self.prices if price.id == id), None)
