"""The part of the language about selling a plan: prices, switching, refunds, policies, facts shown.

Owns shapes that are kept as data and shown; what executes them reads them from here. Does not know limits.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from faregate.planfile.document_base import Band, Bilingual, Document, Known, SourceKey
from faregate.planfile.scalars import Amount, Count, Exact, Factor, Id, Instant, Length, Period, Truth, Words


class PriceDocument(Document):
    """One way to buy the plan."""

    id: Id = Field(description="Its id, unique in its plan: monthly, pass, yearly …")
    amount: Amount = Field(description="What it costs, with the currency.")
    period: Period = Field(description="How long it lasts: month, year, days as 30d, or none (no end).")
    renews: Truth = Field(True, description="False for a one-time purchase.")
    pay_with: list[Id] = Field(default_factory=list, description="Payment providers of this file.")
    trial: Length | None = Field(None, description="How long a first subscription is free, in whole days.")
    names: Bilingual | None = Field(None, description="What customers call it.")
    known: Known = "official"
    source: SourceKey = None


class TopUpDocument(Document):
    """Money put into a wallet."""

    pay_with: Id = Field(description="A payment provider of this file.")
    minimum: Amount = Field(description="The smallest top-up.")


class RefundDocument(Document):
    """Who gets money back, and how much."""

    allowed: Truth = Field(description="False: no refunds by default.")
    within: Length | None = Field(None, description="How long after the payment it may be asked for.")
    deducts: list[Literal["usage_value", "time_used", "refunded_before"]] = Field(
        default_factory=list,
        description="What is taken off the sum paid: the worth of what was used, the share of the period that is "
        "over, earlier refunds.",
    )
    refused_when_usage_exceeds_paid: Truth = Field(False, description="No refund then.")
    fee: Exact | None = Field(None, description="The share kept from the rest, such as 5%.")
    falls_to: Id | None = Field(None, description="The plan that the customer has afterwards.")
    working_days: list[Words] = Field(default_factory=list, description="From and to, in working days.")
    text: Bilingual | None = Field(None, description="As shown to customers.")


class UnusedShareCredit(Document):
    """How much of the old plan's price a switch gives back."""

    cycle: Length = Field(description="The length in which time alone uses the plan up.")
    pool_weights: dict[Id, Exact] = Field(description="How much the used share of each pool counts.")
    minimum_consumed: Exact = Field(description="The smallest share taken as used.")
    capped_by: Literal["price_difference", "none"] = Field(description="The most that is given back.")
    into: Id = Field(description="The wallet plan that receives it.")


class SwitchRule(Document):
    """What happens at a change of plan in one direction."""

    when: Literal["now", "period_end", "never"] = Field(description="When the new plan begins.")
    charges: Literal["full_price", "difference", "difference_of_period_left", "nothing"] = Field(
        description="What is paid for the new plan."
    )
    keeps_period: Truth = Field(False, description="True: the period, its anchors and what was used stay.")
    credit: UnusedShareCredit | None = Field(None, description="What the old plan gives back.")


class SwitchDocument(Document):
    """Changing to another plan of the family."""

    upgrade: SwitchRule = Field(description="To a dearer plan.")
    downgrade: SwitchRule = Field(description="To a cheaper plan.")
    text: Bilingual | None = Field(None, description="As shown to customers.")


class RenewalDocument(Document):
    """How a renewal is paid and cancelled."""

    paid_from: list[Literal["gift", "cash", "provider"]] = Field(default_factory=list, description="In this order.")
    cancel_before: Length | None = Field(None, description="Latest time before the next charge.")
    grace: Length | None = Field(
        None, description="How long the plan stays after its period while a charge fails; 3d where left out."
    )
    retries: list[Length] | None = Field(
        None, description="When a charge that failed is tried again, each after the one before; 1d, 1d if left out."
    )
    text: Bilingual | None = Field(None, description="As shown to customers.")


class ClientsDocument(Document):
    """The callers a plan is for."""

    allowed: Annotated[list[Words], Field(min_length=1)] = Field(description="Caller ids or patterns.")
    others: Literal["refuse", "bill_as_api"] = Field(description="What happens to everybody else.")
    may_choose_api: Truth = Field(True, description="False: a listed caller cannot ask for API billing.")
    signs: Annotated[int, Field(ge=1, le=3)] = Field(
        2, description="How many signs must speak for a caller; a User-Agent is one, and anybody can send it."
    )
    text: Bilingual | None = Field(None, description="As shown to customers.")


class ToolDocument(Document):
    """A tool that plans of the family include, used over MCP."""

    id: Words = Field(description="tool/NAME.")
    names: Bilingual = Field(description="What customers call it.")
    outside_plans: Literal["not_sold", "priced"] = Field(description="Whether it can be had without a plan.")


class ModelMapping(Document):
    """A name that clients use, and the model that serves it."""

    from_: Words = Field(alias="from", description="The requested name or a pattern.")
    to: Words = Field(description="The model that serves it.")
    client_may_override: Truth = Field(True, description="True: a real model name asked for is kept.")


class KeyKindDocument(Document):
    """A kind of API key: what it draws on is what names it in `keys`."""

    names: Bilingual = Field(description="What customers call it.")
    prefix: Words | None = Field(None, description="How keys of this kind begin.")
    about: Bilingual | None = Field(None, description="What it is for, as shown to customers.")


class UsePolicy(Document):
    """What the plan may be used for."""

    allowed: list[Bilingual] = Field(default_factory=list, description="Allowed uses.")
    forbidden: list[Bilingual] = Field(default_factory=list, description="Forbidden uses.")
    text: Bilingual | None = Field(None, description="As shown to customers.")


BoundedSignal = Literal[
    "addresses", "clients", "sessions", "concurrency", "relay", "many_accounts", "accounts_of_an_address"
]


class BoundDocument(Document):
    """How much of a signal is still usual."""

    most: Count = Field(description="The most that raises no flag.")
    within: Length = Field(description="The length it is counted over.")


class SharingDocument(Document):
    """Whether an account may be shared or forwarded, and what is watched."""

    allowed: Truth = Field(description="May several people share it?")
    forwarding: Truth = Field(False, description="May requests of others be forwarded?")
    signals: list[Literal["addresses", "clients", "sessions", "concurrency", "relay", "many_accounts"]] = Field(
        default_factory=list, description="What raises a reviewable flag."
    )
    bounds: dict[BoundedSignal, BoundDocument] = Field(
        default_factory=dict, description="What is still usual; signals left out have bounds of their own."
    )
    action: Literal["none", "warn", "slow", "restrict"] = Field(
        "warn",
        description="What a flag does until it is reviewed: nothing, a notice on every answer, few requests at once, "
        "or no more requests.",
    )
    slowed_to: Count = Field(1, description="With slow: how many requests at once.")
    quiet: Length | None = Field(None, description="How long a dismissed signal raises no flag; 30d if left out.")
    text: Bilingual | None = Field(None, description="As shown to customers.")


class SupportDocument(Document):
    """The help that comes with it."""

    level: Literal["none", "community", "limited", "standard", "priority", "one_to_one"] = Field(
        description="The level."
    )
    names: Bilingual = Field(description="As shown to customers.")


class CohortDocument(Document):
    """Who keeps this version of the plans after it is no longer sold."""

    bought_before: Instant = Field(description="Bought before this instant.")
    keep: Literal["period", "while_renewed"] = Field(description="For the period, or as long as it renews.")
    text: Bilingual | None = Field(None, description="As shown to customers.")


class FormerDocument(Document):
    """What becomes of subscriptions to earlier versions whose own files have no `cohort`."""

    keep: Literal["period", "while_renewed"] = Field(
        description="period: they move to this version at their next renewal; while_renewed: they keep their own "
        "as long as they renew."
    )
    bought_before: Instant | None = Field(
        None, description="With while_renewed: only those bought before this instant; the others move."
    )
    text: Bilingual | None = Field(None, description="As shown to customers.")


class SaleDocument(Document):
    """When this version is sold."""

    since: Instant | None = Field(None, description="From when.")
    until: Instant | None = Field(None, description="Until when.")


class ReferralDocument(Document):
    """Rewards for bringing a friend."""

    reward: Exact = Field(description="Share of the cash really paid.")
    into: Literal["gift", "cash"] = Field(description="The wallet that receives it.")
    new_customers_only: Truth = Field(True, description="The friend never paid before.")
    pays_within: Length = Field(description="From joining by the link to the first payment.")
    no_refund_for: Length = Field(description="Time without a refund before it counts.")
    review: list[Length] = Field(default_factory=list, description="Shortest and longest review.")
    friend_discount: Exact | None = Field(None, description="Share taken off the friend's price.")
    first_order_discount: Exact | None = Field(None, description="Share taken off a first order, before that.")
    text: Bilingual | None = Field(None, description="As shown to customers.")


class GiftDocument(Document):
    """What gift balance buys."""

    buys: list[Literal["plans", "renewals", "packs", "api"]] = Field(description="What it pays for.")
    text: Bilingual | None = Field(None, description="As shown to customers.")


class MixDocument(Document):
    """What a typical request is made of; the rest of its tokens is uncached input."""

    names: Bilingual = Field(description="What it is.")
    request: Amount = Field(description="Tokens of one request, input and output; they decide the tier of a price.")
    output: Exact = Field(description="The share of output in all tokens, such as 0.5%.")
    cached: Annotated[list[Exact], Field(min_length=1, max_length=2)] = Field(
        description="The share of cache hits in all tokens: one, or the lowest and the highest."
    )
    known: Known = "official"
    source: SourceKey = None


class PricedDocument(Document):
    """Tokens or requests valued at a model's list prices."""

    model: Words = Field(description="The model, with its vendor.")
    mix: Id = Field(description="A mix of this file.")


class Check(Document):
    """A sum that must come out, or the file is wrong: `figure` = `of` × each of `times`."""

    figure: Words = Field(description="price, windows.ID, pools.ID or facts.ID.")
    of: Words = Field(description="price, windows.ID, pools.ID or facts.ID.")
    times: list[Exact] = Field(default_factory=list, description="Exact factors.")


class Fact(Document):
    """A figure or statement that is shown, never enforced: computed, claimed or measured."""

    id: Id = Field(description="Its id, unique in its plan.")
    kind: Literal["computed", "claim", "measured"] = Field(description="Where it comes from.")
    names: Bilingual = Field(description="What it is.")
    value: Amount | None = Field(None, description="A claimed or measured amount.")
    text: Bilingual | None = Field(None, description="A claim in words.")
    of: Words | None = Field(
        None,
        description="Computed from price, windows.ID, pools.ID, facts.ID of a fact before it, mixes.ID (tokens a "
        "request) or mixes.ID.uncached (the share of tokens that are no cache hits).",
    )
    times: list[Factor] = Field(default_factory=list, description="Factors: exact numbers, or names as in `of`.")
    priced: PricedDocument | None = Field(
        None, description="Tokens or requests valued at a model's list prices; left out where those are not at hand."
    )
    over: Words | None = Field(None, description="Divided by this figure.")
    in_: Words | None = Field(
        None, alias="in", description="Converted to this currency by the meters and rates of the file."
    )
    between: Band = None
    ratio: Annotated[list[Exact], Field(min_length=1, max_length=2)] | None = Field(
        None, description="A claimed or measured plain number: one, or the lowest and the highest."
    )
    about: Bilingual | None = Field(None, description="What the sum supposes, for who asks how it came out.")
    source: SourceKey = None
