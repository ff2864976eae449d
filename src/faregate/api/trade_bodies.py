"""Bodies of the writes about money.

Owns their shapes and descriptions. Amounts are exact decimals as strings.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from faregate.api.bodies import Amount, Body, Noted, PlanId

RunningPlan = Annotated[str, Field(examples=["agipower/pro"], description="The running plan (or wallet) meant.")]
PayerName = Annotated[
    str | None,
    Field(description="The payment provider, as configured. May be left out where nothing is left to be paid."),
]
ReturnUrl = Annotated[
    str, Field(max_length=500, description="Where the customer's browser goes after paying; proves nothing.")
]


class Purchase(Body):
    plan: PlanId
    price: str | None = Field(None, description="Id of one of the plan's prices; the first when left out.")
    payer: PayerName = None
    once: bool = Field(False, description="One period, not renewed.")
    coupon: str | None = Field(None, max_length=100, description="A coupon's code.")
    return_url: ReturnUrl = ""


class PurchasePreview(Body):
    plan: PlanId
    price: str | None = None
    once: bool = False
    coupon: str | None = Field(None, max_length=100)


class Withdrawal(Body):
    """Giving up an order: nothing need be said."""


class TopUp(Body):
    plan: RunningPlan
    amount: Amount
    payer: str = Field(description="The payment provider, as configured.")
    return_url: ReturnUrl = ""


class PlanChange(Body):
    plan: RunningPlan
    to: PlanId
    price: str | None = None
    payer: PayerName = None
    return_url: ReturnUrl = ""


class PlanChangePreview(Body):
    plan: RunningPlan
    to: PlanId
    price: str | None = None


class Agreeing(Body):
    plan: RunningPlan
    act: Literal["call_off", "take_back", "unschedule", "pause", "go_on", "bind"] = Field(
        description="call_off: do not renew; take_back: renew after all; unschedule: forget a change at the period's "
        "end; pause and go_on: stop the period's clock and let it run again; bind: renew through another payer."
    )
    payer: str | None = Field(None, description="Whom to bind; for that act alone.")
    return_url: ReturnUrl = ""

    @model_validator(mode="after")
    def _payer_is_for_binding(self) -> Agreeing:
        if (self.act == "bind") != (self.payer is not None):
            raise ValueError("payer is given for the act bind, and for no other")
        return self


class RefundPreview(Body):
    plan: RunningPlan


class RefundRequest(Body):
    plan: RunningPlan
    shown: str | None = Field(None, description="The amount that a preview told; the answer says if it is another.")


class Confirmation(Noted):
    """What an operator saw of a payment made by hand."""

    payer: str = Field("manual", description="The payment provider by hand.")
    refund: str | None = Field(None, description="The refund that was paid out; an order's payment when left out.")
    amount: Amount = Field(description="What was seen, not what was ordered.")
    currency: str = Field(min_length=3, max_length=5)
    state: Literal["succeeded", "failed", "cancelled"] = "succeeded"
    seen: str = Field(
        min_length=1,
        max_length=200,
        description="Where: a line of a bank statement. The same words are the same money, other words are more.",
    )


class Resolution(Body):
    """What becomes of money that did not match its order."""

    how: Literal["deliver", "give_back"] = Field(description="Deliver what was ordered, or give the money back.")
    note: str = Field(min_length=1, max_length=500)


class CaseDecision(Body):
    """What becomes of a plan whose money went back without being asked here."""

    matter: str = Field(min_length=1, max_length=200, description="The id of the open matter.")
    how: Literal["keep", "end", "won", "lost", "again"] = Field(
        description="keep the plan, end it now; say how a dispute ended that its payment provider never told of; of "
        "a refund that did not go: send it again, or keep it."
    )
    note: str = Field(min_length=1, max_length=500)
