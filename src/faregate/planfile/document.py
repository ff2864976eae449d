"""The whole document: a family of plans, and a plan.

Owns the two outer shapes. Does not check references (checks.py) nor compile (compiler.py).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from faregate.planfile.document_base import (
    Bilingual,
    Document,
    ModelItem,
    PaymentProvider,
    ReferenceDocument,
    Segment,
    Source,
)
from faregate.planfile.document_limits import (
    ExchangeDocument,
    GraceDocument,
    MeterDocument,
    MultiplierDocument,
    PoolDocument,
    RateCardDocument,
    SourceDocument,
    UnitDocument,
    WindowDocument,
)
from faregate.planfile.document_offer import (
    Check,
    ClientsDocument,
    CohortDocument,
    Fact,
    FormerDocument,
    GiftDocument,
    KeyKindDocument,
    MixDocument,
    ModelMapping,
    PriceDocument,
    ReferralDocument,
    RefundDocument,
    RenewalDocument,
    SaleDocument,
    SharingDocument,
    SupportDocument,
    SwitchDocument,
    ToolDocument,
    TopUpDocument,
    UsePolicy,
)
from faregate.planfile.scalars import Count, Id, Length, Truth, Words, Zone


class PlanDocument(Document):
    """One plan of the family."""

    names: Bilingual = Field(description="What customers call it.")
    about: Bilingual | None = Field(None, description="A sentence for the price list.")
    prices: list[PriceDocument] = Field(
        default_factory=list, description="Ways to buy it, the usual one first; none for a wallet."
    )
    top_up: list[TopUpDocument] = Field(default_factory=list, description="Ways to put money in.")
    wallet: Truth = Field(False, description="True for a wallet: its pool is money that stays.")
    opt_in: Truth = Field(False, description="True when it pays only once its owner switched it on.")
    companions: list[Id] = Field(default_factory=list, description="Wallet plans that come with it.")
    admission: Literal["open", "fits"] = Field(
        "open", description="open: admitted while anything is left; fits: only when all of it is covered."
    )
    pools: dict[Id, PoolDocument] = Field(default_factory=dict, description="Balances by id.")
    windows: dict[Id, WindowDocument] = Field(default_factory=dict, description="Caps by id.")
    sources: Annotated[list[SourceDocument], Field(min_length=1)] = Field(
        description="What pays, in the order in which it is tried."
    )
    models: Annotated[list[ModelItem], Field(min_length=1)] = Field(
        description="What it is for: model ids, patterns, tool/NAME, names of lists."
    )
    clients: ClientsDocument | None = Field(None, description="The callers it is for; left out: all.")
    model_mapping: list[ModelMapping] = Field(default_factory=list, description="First match wins.")
    stand_in: Words | None = Field(
        None,
        description="Its model that a replay takes for models it does not offer, after `model_mapping`; "
        "left out: as the family.",
    )
    when_exhausted: Literal["next", "wait"] = Field(
        "next", description="wait: a request this plan is for waits for it, and nothing else pays."
    )
    calls_per_prompt: Count | None = Field(None, description="Calls that one prompt covers at most.")
    hold_expires: Length | None = Field(None, description="When an unsettled hold expires; 30m by default.")
    lost_hold: Literal["release", "charge"] = Field(
        "release", description="What becomes of a hold whose end nobody saw."
    )
    while_books_are_away: GraceDocument | None = Field(
        None, description="How far requests go on while the database is away; left out: not at all."
    )
    key_prefix: Words | None = Field(None, description="How the keys of this plan begin, where they are of no kind.")
    keys: Id | None = Field(
        None, description="The kind of key, of `key_kinds`, that draws on it, and no other kind; left out: any key."
    )
    extra_usage: Id | None = Field(
        None,
        description="The wallet plan, of its `companions`, that pays while this plan is used up, once its owner "
        "switched Extra Usage on.",
    )
    renewal: RenewalDocument | None = Field(None, description="How it is renewed and cancelled.")
    refund: RefundDocument | None = Field(None, description="Refund terms.")
    switch: SwitchDocument | None = Field(None, description="Terms of a change of plan.")
    use_policy: UsePolicy | None = Field(None, description="Allowed and forbidden uses.")
    sharing: SharingDocument | None = Field(None, description="Sharing and forwarding.")
    support: SupportDocument | None = Field(None, description="Support tier.")
    checks: list[Check] = Field(default_factory=list, description="Sums that must come out.")
    facts: list[Fact] = Field(default_factory=list, description="Figures that are shown.")


class FamilyDocument(Document):
    """A family of plans: one file."""

    family: Id = Field(description="The family's id; a plan is named family/plan.")
    version: Words = Field(description="Version of the file; immutable once published.")
    names: Bilingual = Field(description="What customers call the family.")
    about: Bilingual | None = Field(None, description="A sentence about it.")
    source: Source = Field(description="Where the figures come from.")
    sources: dict[Id, ReferenceDocument] = Field(
        default_factory=dict, description="Places that single figures were read at, by a key they name."
    )
    sale: SaleDocument | None = Field(None, description="When this version is sold.")
    cohort: CohortDocument | None = Field(None, description="Who keeps this version once a later one is sold.")
    former: FormerDocument | None = Field(
        None, description="What becomes of earlier versions that have no `cohort`; left out: they are kept."
    )
    zone: Zone = Field("UTC", description="Zone of every calendar day, week and month of the file.")
    order: Annotated[list[Id], Field(min_length=1)] = Field(
        description="Burn order of plans held side by side: plan ids and names of `one_of` groups."
    )
    one_of: dict[Id, list[Id]] = Field(
        default_factory=dict, description="Groups of plans of which an account has one at a time."
    )
    retired: list[Id] = Field(default_factory=list, description="Plan ids that are never used again.")
    units: dict[Id, UnitDocument] = Field(default_factory=dict, description="Units of this family.")
    meters: dict[Id, MeterDocument] = Field(default_factory=dict, description="Meters of this family.")
    exchange: list[ExchangeDocument] = Field(default_factory=list, description="Dated exchange rates.")
    rates: list[RateCardDocument] = Field(
        default_factory=list, description="List prices that override the rate cards."
    )
    models: dict[Id, list[ModelItem]] = Field(default_factory=dict, description="Named lists of models.")
    stand_in: Words | None = Field(
        None,
        description="The model that a replay takes for models a plan does not offer, in plans that offer it.",
    )
    mixes: dict[Id, MixDocument] = Field(default_factory=dict, description="What typical requests are made of.")
    tools: list[ToolDocument] = Field(default_factory=list, description="Tools used over MCP.")
    multipliers: dict[Id, MultiplierDocument] = Field(
        default_factory=dict, description="Multipliers that sources name."
    )
    key_kinds: dict[Id, KeyKindDocument] = Field(default_factory=dict, description="Kinds of API keys.")
    segments: dict[Id, Segment] = Field(default_factory=dict, description="Kinds of customers.")
    payments: dict[Id, PaymentProvider] = Field(default_factory=dict, description="Payment providers.")
    gift: GiftDocument | None = Field(None, description="What gift balance buys.")
    referral: ReferralDocument | None = Field(None, description="Rewards for bringing a friend.")
    plans: Annotated[dict[Id, PlanDocument], Field(min_length=1)] = Field(description="Plans by id.")
