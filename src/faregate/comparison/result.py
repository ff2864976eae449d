"""What a comparison says: these shapes are the JSON of `faregate compare --json`, and all that the page is made of.

Owns the shapes alone. Amounts of money and units are exact decimal strings, shares are decimal strings of at most
six places between 0 and 1 (or above, where that makes sense), instants RFC 3339 in UTC, hours decimal strings.
"""

from __future__ import annotations

from typing import Literal, TypedDict


class TokenCounts(TypedDict):
    """Tokens by disjoint class, and all of them together."""

    input: int
    cached: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    total: int


class ModelUse(TypedDict):
    """One model of the usage. ``list_value`` by its native currency; None where no card prices it."""

    model: str
    requests: int
    tokens: TokenCounts
    list_value: str | None
    currency: str | None


class UsageFacts(TypedDict):
    """What was replayed. ``kind``: ``logs`` or ``mix``; ``broken_lines`` were counted and skipped.

    ``tools`` are the readers that recognised files, with how many; ``unpriced_models`` have no rate card.
    ``prices_behind``: models that no price file knows, with where their prices are from.
    """

    kind: Literal["logs", "mix"]
    name: str
    files: int
    tools: dict[str, int]
    broken_lines: int
    begins: str
    ends: str
    days: str
    requests: int
    prompts: int
    sessions: int
    tokens: TokenCounts
    list_value: str
    models: list[ModelUse]
    unpriced_models: list[str]
    prices_behind: dict[str, str]


class RateUsed(TypedDict):
    """A dated exchange rate that figures here were converted at."""

    base: str
    quote: str
    rate: str
    since: str
    source: str


class Band(TypedDict):
    """From and to, where a plan's limit is an estimate. Equal where it is exact."""

    low: str
    high: str


class MonthHolds(TypedDict):
    """What a month (30 days) of a plan can hold of this usage's mix, and the limit that decides it.

    None where the plan has no limit (``bound_by`` None). ``list_value`` in the comparison's currency.
    ``band`` multiplies all of them: 1 to 1 where the limit is official and exact.
    ``derivation`` is the sum in words by language (``en``, ``zh``), a line a step.
    """

    prompts: str | None
    requests: str | None
    tokens: str | None
    list_value: str | None
    bound_by: str | None
    band: Band
    derivation: dict[str, list[str]]


class Block(TypedDict):
    """A time in which requests of the usage were refused: from the first refusal until the plan pays again."""

    begins: str
    ends: str
    hours: str
    window: str
    requests: int


class WindowOutcome(TypedDict):
    """A window or pool over the replay.

    ``binding`` is the share of refusals it caused; ``wasted`` the share of its allowance that was never used while
    it could be; ``fullest`` the largest share of it that was ever used; ``mark`` says how its limit is known.
    """

    id: str
    plan: str
    names: dict[str, str]
    unit: str
    limit: str
    refusals: int
    binding: str
    wasted: str
    fullest: str
    mark: Literal["official", "measured", "estimated"]


class WindowSeries(TypedDict):
    """How full one window was over time: at most 400 points (instant, share of the limit used), for a chart."""

    window: str
    plan: str
    names: dict[str, str]
    points: list[tuple[str, str]]


class PlanOutcome(TypedDict):
    """One plan, or a permitted combination of plans, after the replay.

    Money is in the comparison's currency, for the months replayed, except ``printed_price`` (as printed, with
    currency and period; no period: once). ``everything_cost`` = ``price`` + ``wallet_cost`` + ``overflow_cost``: what
    it really costs to get everything done, the requests refused (or of models not offered) bought at list price,
    those refused at that of the model that would have served them; ``everything_band`` is the same sum at the high
    and the low end of limits that are estimates (both equal it where they are exact). ``stand_ins``: model of the
    usage -> model of the plan that was replayed in its place. ``problem`` is set (by language) where nothing
    was admitted: no model of the plan can stand in, it is for other tools, or it refuses everything.

    ``leverage`` is the list value a month holds over ``price_per_month``, and ``money_per_million_tokens`` what a
    million tokens cost to somebody who uses all that a month holds; a pack counts once in ``price_per_month``.
    ``wasted`` is the share of what the plan held over the whole time that was not used; None where it has no limit.

    ``names`` say the plan with its family, by language, for a reader who sees nothing else. ``blocked_spans`` are all
    stretches of ``blocks``, in order, neighbours joined until at most 200 are left, for a chart. ``blocked_by_hour``
    counts refused requests, shaped like ``requests_by_hour``. ``sources`` are lines of title, address and date.
    """

    id: str
    plans: list[str]
    names: dict[str, str]
    printed_price: str
    price: str
    price_per_month: str
    holds: MonthHolds
    leverage: str | None
    money_per_million_tokens: str | None
    requests: int
    admitted: int
    admitted_share: str
    admitted_band: Band
    refused: int
    not_offered: int
    blocked_hours: str
    worst_blocks: list[Block]
    blocks: int
    blocked_spans: list[tuple[str, str]]
    windows: list[WindowOutcome]
    binds: str | None
    wallet_cost: str
    overflow_cost: str
    everything_cost: str
    everything_band: Band
    wasted: str | None
    stand_ins: dict[str, str]
    series: list[WindowSeries]
    blocked_by_hour: list[list[int]]
    mark: Literal["official", "measured", "estimated"]
    sources: list[str]
    problem: dict[str, str] | None


class Verdict(TypedDict):
    """Two sentences in each language: which plan fits, and why not the next one."""

    best: str
    en: str
    zh: str


class Comparison(TypedDict):
    """All of it. ``plans`` are sorted by ``everything_cost``; ``requests_by_hour`` is 7 days (Monday first) × 24.

    ``zone`` is the time zone of the hours. ``made_at`` is when; ``months`` how many months the price is for.
    """

    made_at: str
    version: str
    currency: str
    months: str
    zone: str
    usage: UsageFacts
    rates: list[RateUsed]
    requests_by_hour: list[list[int]]
    plans: list[PlanOutcome]
    verdict: Verdict
