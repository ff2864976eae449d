"""Bodies of the control-plane API's writes.

Owns their shapes and descriptions; they make the OpenAPI document. Amounts are exact decimals as strings, instants
RFC 3339.
"""

from __future__ import annotations

from typing import Annotated, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from faregate.core.instants import parse_instant


def _instant(text: str) -> str:
    parse_instant(text)
    return text


Instant = Annotated[str, AfterValidator(_instant), Field(examples=["2026-03-01T10:00:00Z"])]
Amount = Annotated[str, Field(examples=["12.50"], min_length=1, max_length=40)]
PlanId = Annotated[str, Field(examples=["88code/plus"], description="`family/plan`, or `family/plan@version`.")]
OfPlan = Annotated[
    str | None, Field(description="The running plan (or wallet) meant. May be left out where only one plan runs.")
]
OfPool = Annotated[str | None, Field(description="The pool meant; the plan's first when left out.")]


class Body(BaseModel):
    """A body that takes no unknown field."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Noted(Body):
    """A body of an operator's act, which may say why."""

    note: str = Field("", max_length=500, description="Why; kept in the audit log.")


def with_note(body: type[Body]) -> type[Noted]:
    """What an operator sends where a customer sends ``body``: the same, and why."""
    both = cast(tuple[type[Noted], ...], (Noted, body))
    return create_model(f"Noted{body.__name__}", __base__=both, __doc__=body.__doc__)


def without_note(body: type[Body]) -> type[Body]:
    """What a customer sends where an operator sends ``body``."""
    if not issubclass(body, Noted):
        return body
    _, plain = body.__bases__  # of ``with_note``'s making: another one's note would be no operator's alone
    return cast(type[Body], plain)


class NewAccount(Body):
    name: str = Field(min_length=1, max_length=200, description="The operator's word for it.")


class NewSubscription(Noted):
    plan: PlanId
    price: str | None = Field(None, description="Id of one of the plan's prices; its period and renewal hold.")
    once: bool = Field(False, description="A pass for one period, not renewed.")


class Grant(Noted):
    amount: Amount = Field(description="In the pool's unit, more than zero.")
    plan: OfPlan = None
    pool: OfPool = None
    expires_at: Instant | None = None
    priority: int = Field(0, ge=-1000, le=1000, description="Lots of a lower priority burn first.")
    reason: str = ""


class Reset(Noted):
    plan: OfPlan = None
    window: str | None = Field(None, description="One window; all but guards when left out.")


class Renewal(Noted):
    plan: OfPlan = None


class Restore(Body):
    plan: OfPlan = None
    pool: OfPool = None


class RestoreMode(Body):
    automatic: bool
    plan: OfPlan = None
    pool: OfPool = None


class Cancellation(Noted):
    plan: OfPlan = None
    at_once: bool = False


class Switch(Body):
    plan: PlanId = Field(description="The opt-in wallet.")
    on: bool


class TermsChange(Noted):
    plan: PlanId = Field(description="The running plan.")
    to: PlanId = Field(description="The plan, or version of it, whose terms are to hold from now on.")


class Segment(Body):
    segment: str
    begins: Instant | None = None
    until: Instant | None = None
    reason: str = Field(min_length=1, description="Why; kept in the journal.")


class NewKey(Body):
    name: str = Field(min_length=1, max_length=200)
    kind: str | None = Field(
        None,
        max_length=200,
        examples=["agipower/payg"],
        description="What it draws on: a kind that the account's plans know, or `any`; that of its plan if left out.",
    )


class ExtraUsage(Body):
    on: bool
    plan: OfPlan = None
    key: str | None = Field(None, description="Id of the key that is billed from now on; as before when left out.")
    new_key: str | None = Field(
        None, min_length=1, max_length=200, description="Or: a key of this name is made, and billed."
    )


class KeyLimit(Body):
    requests: int | None = Field(
        ge=1, le=1_000_000, description="How many the guard by key lets through; null: as the plan says."
    )
    window: str | None = Field(None, description="Which guard by key, where the plan has several.")


class PlanDocument(Body):
    document: str = Field(min_length=1, description="A whole plan file, as YAML.")


class PlanComparison(PlanDocument):
    against: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="`family`, `family@version` or `family/plan`; the file's family as it is when left out.",
    )


class PlanReplay(PlanDocument):
    days: int = Field(30, ge=1, le=92, description="Days back from the journal's latest entry.")
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="Of the sums; that of the family's prices when left out."
    )


class MultiplierChange(Noted):
    plan: PlanId
    value: Amount = Field(description="The multiplier, an exact decimal or fraction.")
    name: str | None = Field(None, description="The schedule; may be left out where the plan has one.")
    begins: Instant | None = Field(None, description="Now when left out; never in the past.")
