"""The part of the language that the engine executes: meters, multipliers, windows, pools, sources, rates.

Owns the shapes and their descriptions. Does not check references between them, nor compile them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from faregate.planfile.document_base import Band, Bilingual, Document, Known, ModelItem, SourceKey
from faregate.planfile.scalars import (
    Amount,
    Count,
    Currency,
    Exact,
    Id,
    Instant,
    Length,
    LengthCount,
    Minute,
    Truth,
    Words,
    Zone,
)

Every = Literal["day", "week", "month"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Weights(Document):
    """How much each usage class counts; a class that is left out counts nothing."""

    input: Exact | None = Field(None, description="Each uncached input token.")
    cached: Exact | None = Field(None, description="Each input token read from the cache.")
    cache_write_5m: Exact | None = Field(None, description="Each token written to the 5-minute cache.")
    cache_write_1h: Exact | None = Field(None, description="Each token written to the 1-hour cache.")
    output: Exact | None = Field(None, description="Each output token, reasoning included.")
    images: Exact | None = Field(None, description="Each image made.")
    tool_calls: Exact | None = Field(None, description="Each tool call.")
    requests: Exact | None = Field(None, description="Each request.")
    prompts: Exact | None = Field(None, description="Each prompt (a request that opens a user turn).")


class CostWeight(Document):
    """How much list value counts."""

    currency: Currency = Field(description="Currency of the list value.")
    times: Exact = Field(description="Units for one whole unit of the currency.")


class MeterDated(Document):
    """What a meter counts from one instant on."""

    since: Instant | None = Field(None, description="From when; left out in the first version only.")
    cost: CostWeight | None = Field(None, description="The part that follows list value.")
    weights: Weights | None = Field(None, description="The part that follows counts.")


class MeterDocument(Document):
    """A weighted sum over usage classes and list value, dated."""

    unit: Words = Field(description="The unit of the result.")
    names: Bilingual | None = Field(None, description="What customers call it.")
    versions: Annotated[list[MeterDated], Field(min_length=1)] = Field(
        description="Oldest first; a new rate is a new entry, old ones stay."
    )


class UnitDocument(Document):
    """A unit that this file brings in beside currencies, credit and the counted ones."""

    names: Bilingual = Field(description="What customers call it.")
    meaning: Bilingual = Field(description="What one of it is.")


class RateDated(Document):
    """One exchange rate from one instant on."""

    since: Instant | None = Field(None, description="From when; left out in the first entry only.")
    rate: Exact = Field(description="Units of `to` for one unit of `from`.")


class ExchangeDocument(Document):
    """Dated exchange rates between two currencies."""

    from_: Currency = Field(alias="from", description="Currency converted from.")
    to: Currency = Field(description="Currency converted to.")
    rates: Annotated[list[RateDated], Field(min_length=1)] = Field(description="Oldest first.")


class Prices(Document):
    """Prices of the usage classes, each for `per` tokens, or for one image, call or request."""

    input: Exact = Field(description="Uncached input.")
    cached: Exact | None = Field(None, description="Cache hits; as `input` when left out.")
    cache_write_5m: Exact | None = Field(None, description="5-minute writes; as `input` when left out.")
    cache_write_1h: Exact | None = Field(None, description="1-hour writes; as `input` when left out.")
    output: Exact = Field(description="Output, reasoning included.")
    image: Exact | None = Field(None, description="One image.")
    tool_call: Exact | None = Field(None, description="One tool call.")
    request: Exact | None = Field(None, description="One request.")


class PriceTier(Document):
    """Prices from a length on; the last tier whose bounds are reached holds."""

    min_input: LengthCount = Field(0, description="From this total input length, in tokens.")
    min_output: LengthCount = Field(0, description="From this output length, in tokens.")
    prices: Prices = Field(description="What it costs there.")


class RateCardDocument(Document):
    """One dated version of a model's list prices that overrides the rate cards for this family."""

    model: Words = Field(description="The model id.")
    since: Instant | None = Field(None, description="From when; left out: from the beginning.")
    currency: Currency = Field(description="Currency of the prices.")
    per: Literal["1", "1K", "1M"] = Field("1M", description="Tokens that one price buys.")
    prices: Prices = Field(description="Prices of the shortest requests.")
    tiers: list[PriceTier] = Field(default_factory=list, description="Longer requests, ascending.")
    source: Words | None = Field(None, description="Where the prices are from.")


class ModelTimes(Document):
    """Models and their multiplier."""

    models: Annotated[list[ModelItem], Field(min_length=1)] = Field(description="Ids, patterns, lists.")
    times: Exact = Field(description="The multiplier.")


class SegmentTimes(Document):
    """A segment and its multiplier."""

    segment: Id = Field(description="A segment of this file.")
    times: Exact = Field(description="The multiplier.")


class DatedTimes(Document):
    """A multiplier from one instant on."""

    since: Instant | None = Field(None, description="From when; left out in the first entry only.")
    times: Exact = Field(description="The multiplier.")


class BandTimes(Document):
    """A multiplier in one part of the local day."""

    from_: Minute = Field(alias="from", description="Begins at this local time.")
    until: Minute = Field(description="Ends before this local time; '24:00' is midnight.")
    days: list[Weekday] = Field(default_factory=list, description="On these days; left out: on all.")
    times: Exact = Field(description="The multiplier.")


class BracketTimes(Document):
    """A multiplier up to a bound of list value."""

    up_to: Amount | None = Field(None, description="Up to this list value; left out in the last only.")
    times: Exact = Field(description="The multiplier.")


class MultiplierByModel(Document):
    """A multiplier by model; the first match wins, others draw ×1."""

    by: Literal["model"] = Field(description="By model.")
    names: Bilingual | None = Field(None, description="What customers call it.")
    values: Annotated[list[ModelTimes], Field(min_length=1)] = Field(description="First match wins.")


class MultiplierBySchedule(Document):
    """A multiplier by date and time of day; the operator may add dated values at run time."""

    by: Literal["schedule"] = Field(description="By time.")
    names: Bilingual | None = Field(None, description="What customers call it.")
    values: Annotated[list[DatedTimes], Field(min_length=1)] = Field(description="Oldest first.")
    zone: Zone | None = Field(None, description="Zone of the bands; left out: the file's zone.")
    bands: list[BandTimes] = Field(
        default_factory=list, description="Parts of the local day that go before the dated values."
    )


class MultiplierBySegment(Document):
    """A multiplier by customer segment; the first listed segment the customer is in wins."""

    by: Literal["segment"] = Field(description="By segment.")
    names: Bilingual | None = Field(None, description="What customers call it.")
    values: Annotated[list[SegmentTimes], Field(min_length=1)] = Field(description="First match wins.")


class MultiplierByUse(Document):
    """A multiplier that rises with the list value already paid in a calendar period."""

    by: Literal["use"] = Field(description="By what was used already.")
    names: Bilingual | None = Field(None, description="What customers call it.")
    every: Every = Field(description="The calendar period that is counted.")
    zone: Zone | None = Field(None, description="Zone of the period; left out: the file's zone.")
    brackets: Annotated[list[BracketTimes], Field(min_length=2)] = Field(
        description="Ascending; the last has no bound. A request that crosses one is split there."
    )


MultiplierDocument = Annotated[
    MultiplierByModel | MultiplierBySchedule | MultiplierBySegment | MultiplierByUse,
    Field(discriminator="by"),
]


class WindowDocument(Document):
    """A cap on a meter over a period."""

    kind: Literal["first-use", "sliding", "calendar", "purchase", "lifetime", "concurrency"] = Field(
        description="first-use opens at the first request; sliding looks back; calendar keeps to days, "
        "weeks or months; purchase counts from the order; lifetime never reopens; concurrency caps "
        "open requests."
    )
    limit: Amount = Field(description="The cap with its unit.")
    length: Length | None = Field(None, description="Of a first-use or sliding window.")
    every: Every | None = Field(None, description="Of a calendar or purchase window.")
    zone: Zone | None = Field(None, description="Of a calendar window; left out: the file's zone.")
    meter: Words = Field(
        "drawn",
        description="What it counts: drawn (what its sources charge), cost, tokens, uncached_tokens, "
        "requests, prompts, images, calls, or a meter of this file.",
    )
    multiplied: Truth = Field(True, description="Whether the sources' multipliers count in it.")
    guard: Truth = Field(
        False,
        description="A full guard refuses the request, whoever could pay; any other full window sends "
        "it to the next source. A guard counts requests, binds its whole plan and is named by no source.",
    )
    by: Literal["account", "key"] = Field(
        "account", description="key: a guard counts each API key of the account for itself."
    )
    lifted_by: Id | None = Field(
        None, description="A wallet plan of this family: while it holds money the guard does not bind."
    )
    names: Bilingual | None = Field(None, description="What customers call it.")
    known: Known = "official"
    source: SourceKey = None
    between: Band = None


class RenewalRefill(Document):
    """Refilled at the start of each paid period; what is left lapses."""

    at: Literal["renewal"] = Field(description="At each paid period's start.")
    amount: Amount = Field(description="To this amount.")
    bonus: Exact | None = Field(None, description="A share added on top, such as 20%.")


class CalendarRefill(Document):
    """Refilled at each calendar period."""

    at: Literal["calendar"] = Field(description="At each calendar period's start.")
    amount: Amount = Field(description="To this amount.")
    every: Every = Field(description="The calendar period.")
    zone: Zone | None = Field(None, description="Its zone; left out: the file's zone.")


class RestoreRefill(Document):
    """Restored to its cap a number of times in each calendar period."""

    at: Literal["restore"] = Field(description="When it is empty, or when its owner asks.")
    amount: Amount = Field(description="To this cap.")
    times: Count = Field(description="At most so many times a period.")
    every: Every = Field(description="The calendar period.")
    zone: Zone | None = Field(None, description="Its zone; left out: the file's zone.")
    automatic: Truth = Field(True, description="False when only its owner restores it.")


RefillDocument = Annotated[RenewalRefill | CalendarRefill | RestoreRefill, Field(discriminator="at")]


class PoolDocument(Document):
    """A balance."""

    unit: Words | None = Field(None, description="Its unit; may be left out where an amount says it.")
    granted: Amount | None = Field(None, description="Put in once, at purchase.")
    refill: RefillDocument | None = Field(None, description="How it fills again.")
    debt: Literal["forgive", "carry"] = Field(
        "forgive", description="What nobody covered after delivery: forgiven, or repaid by the next money in."
    )
    purse: Literal["gift", "cash"] | None = Field(
        None, description="For wallets: this balance pays orders too, as gift or as cash."
    )
    names: Bilingual | None = Field(None, description="What customers call it.")
    known: Known = "official"
    source: SourceKey = None
    between: Band = None


class GraceDocument(Document):
    """How far requests go on while the books are away; at least one of `requests` and `draw` bounds them."""

    grace: Length = Field(description="For how long after the books were last reached.")
    requests: Count | None = Field(
        None, description="So many requests of a subscription at most, by each worker, until the books are back."
    )
    draw: Amount | None = Field(
        None, description="So much drawn by them at most, by each worker, in a unit that the plan draws."
    )


class SourceDocument(Document):
    """Something that can pay, tried in the order of the list."""

    id: Id = Field(description="Its id, unique in its plan.")
    meter: Words = Field(
        description="What it charges: cost, credits, tokens, uncached_tokens, requests, prompts, images, "
        "calls, or a meter of this file."
    )
    pool: Id | None = Field(None, description="The pool it pays from.")
    windows: list[Id] = Field(default_factory=list, description="The windows that bound it.")
    multipliers: list[Id] = Field(default_factory=list, description="Multipliers of this file, in order.")
    models: list[ModelItem] | None = Field(None, description="What it pays for; left out: as the plan.")
    excluded_models: list[ModelItem] = Field(default_factory=list, description="What it never pays for.")
    clients: list[Words] | None = Field(None, description="For which callers; left out: as the plan.")
    names: Bilingual | None = Field(None, description="What customers call it.")
