"""Bodies of the writes about coupons, gift codes and invitations."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from faregate.api.bodies import Amount, Body, Instant, Noted


class NewCoupon(Noted):
    code: str = Field(min_length=1, max_length=100, description="What customers type.")
    share: str | None = Field(None, description="The share taken off, an exact number up to 1.")
    amount: Amount | None = Field(None, description="Or: the amount taken off.")
    currency: str | None = Field(None, description="Of the amount.")
    plans: list[str] = Field(default=[], description="The plans it is for; all when left out.")
    begins: Instant | None = None
    until: Instant | None = None
    uses: int | None = Field(None, ge=1, le=1_000_000_000, description="How often it may be used in all.")
    per_account: int = Field(1, ge=1, le=1000, description="How often by one account.")
    first_order_only: bool = Field(False, description="For an account's first order alone.")


class NewGiftCode(Body):
    family: str = Field(description="The family whose gift balance it fills.")
    amount: Amount
    currency: str = Field(min_length=3, max_length=5)
    until: Instant | None = None
    note: str = Field("", max_length=500)


class Redemption(Body):
    code: str = Field(min_length=1, max_length=100)


class Joining(Body):
    code: str = Field(min_length=1, max_length=100, description="The invitation's code.")
    family: str = Field(description="The family of plans it is for.")


class RewardDecision(Body):
    how: Literal["give", "refuse", "hold"]
    reason: str = Field("", max_length=500)
