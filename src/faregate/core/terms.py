"""Plan terms: one published version of a plan as the engine reads it.

Owns the frozen vocabulary of a plan (meters, multipliers, windows, pools, sources). Does not know YAML, accounts
or time. Everything here is immutable; an account keeps the terms it was bought under.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, NamedTuple

from faregate.core.usage import USAGE_CLASSES, Usage

Weights = tuple[Fraction, ...]
"""One weight a usage class, in the order of USAGE_CLASSES."""

NO_WEIGHTS: Weights = (Fraction(0),) * len(USAGE_CLASSES)
HOLD_SECONDS = 1800
"""After how long a hold expires where no plan says."""

DRAWN = "drawn"
"""Name of the meter that counts what a source charges, in the source's own unit, after multipliers."""


def weights(**by_class: int | Fraction) -> Weights:
    """Weights from keyword arguments named after usage classes; all others are zero."""
    return tuple(Fraction(by_class.get(name, 0)) for name in USAGE_CLASSES)


@dataclass(frozen=True, slots=True)
class MeterVersion:
    """A weighted sum over the usage classes, and over list value, from ``effective_from`` on.

    ``cost`` is how many units one whole unit of ``currency`` of list value counts (0: list value does not count).
    """

    effective_from: int
    weights: Weights
    cost: Fraction = Fraction(0)
    currency: str | None = None

    def count(self, usage: Usage) -> Fraction:
        """The part that does not depend on list value, in whole units."""
        return sum(
            (weight * amount for weight, amount in zip(self.weights, usage, strict=True)),
            Fraction(0),
        )


@dataclass(frozen=True, slots=True)
class Meter:
    """A named quantity in ``unit``, dated (oldest version first)."""

    name: str
    unit: str
    versions: tuple[MeterVersion, ...]

    @property
    def whole(self) -> bool:
        """True when it counts only requests or prompts, which never split."""
        requests, prompts = USAGE_CLASSES.index("requests"), USAGE_CLASSES.index("prompts")
        return all(
            version.cost == 0
            and all(weight == 0 for index, weight in enumerate(version.weights) if index not in (requests, prompts))
            for version in self.versions
        )

    def version_at(self, at: int) -> MeterVersion:
        chosen = self.versions[0]
        for version in self.versions:
            if version.effective_from <= at:
                chosen = version
        return chosen


@dataclass(frozen=True, slots=True)
class ByModel:
    """Multiplier by model: the first pattern that matches wins, else ×1."""

    name: str
    values: tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True, slots=True)
class TimeBand:
    """Part of the local day, [start, end) in minutes after midnight, on some weekdays (0 = Monday)."""

    start_minute: int
    end_minute: int
    weekdays: frozenset[int]
    value: Fraction


@dataclass(frozen=True, slots=True)
class BySchedule:
    """Multiplier by time: dated values (oldest first), or bands of the local day in ``zone`` over them.

    The operator may add dated values at run time; the latest one that has begun wins.
    """

    name: str
    values: tuple[tuple[int, Fraction], ...]
    zone: str = "UTC"
    bands: tuple[TimeBand, ...] = ()


@dataclass(frozen=True, slots=True)
class BySegment:
    """Multiplier by customer segment: the first segment listed that the account is in wins, else ×1."""

    name: str
    values: tuple[tuple[str, Fraction], ...]


@dataclass(frozen=True, slots=True)
class Progressive:
    """Multiplier by the list value this source has paid in the calendar period: (up to, ×), the last open.

    Bounds are in the smallest parts of ``currency``; a request that crosses one is split there.
    """

    name: str
    every: Literal["day", "week", "month"]
    zone: str
    currency: str
    brackets: tuple[tuple[int | None, Fraction], ...]


Multiplier = ByModel | BySchedule | BySegment | Progressive

WindowKind = Literal["first-use", "sliding", "calendar", "purchase", "lifetime", "concurrency"]


@dataclass(frozen=True, slots=True)
class WindowTerms:
    """A cap on a meter over a period.

    ``length`` (microseconds) serves first-use and sliding windows; ``every`` and ``zone`` calendar and purchase ones.
    ``meter`` None counts what its sources draw. ``multiplied`` says whether the sources' multipliers count in it.
    A guard refuses, whoever could pay; a funding window sends the request on to the next source.
    ``lifted_by`` names a wallet plan: while it has a balance the guard does not bind. ``by_key``: a guard counts each
    API key for itself.
    """

    id: str
    kind: WindowKind
    limit: int
    unit: str
    length: int = 0
    every: str = ""
    zone: str = "UTC"
    meter: Meter | None = None
    multiplied: bool = True
    guard: bool = False
    lifted_by: str | None = None
    by_key: bool = False


@dataclass(frozen=True, slots=True)
class Refill:
    """How a pool fills again.

    - ``renewal``: to ``amount`` at each paid period's start (what is left of the old lot lapses);
    - ``calendar``: to ``amount`` at each calendar ``every`` in ``zone``;
    - ``restore``: back to ``amount`` at most ``times`` a calendar ``every`` in ``zone``, when the pool is empty
      (``automatic``) or when its owner asks.
    ``bonus`` is added to ``amount`` as a fraction of it, for renewal refills.
    """

    kind: Literal["renewal", "calendar", "restore"]
    amount: int
    every: str = "month"
    zone: str = "UTC"
    times: int = 0
    automatic: bool = True
    bonus: Fraction = Fraction(0)

    @property
    def full(self) -> int:
        """The amount with its bonus, in the pool's smallest parts."""
        return int(self.amount * (1 + self.bonus)) if self.bonus else self.amount


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """A balance in ``unit``. ``granted`` is put in once, at purchase; ``debt`` says who bears what nobody covers."""

    id: str
    unit: str
    granted: int = 0
    refill: Refill | None = None
    debt: Literal["forgive", "carry"] = "forgive"


@dataclass(frozen=True, slots=True)
class SourceTerms:
    """Something that can pay: a meter in its unit, an optional pool, windows, multipliers, and what it pays for.

    ``models`` are patterns (``*`` wildcards) over model ids and ``tool/<name>``; ``clients`` likewise over callers.
    """

    id: str
    meter: Meter
    pool: str | None = None
    windows: tuple[str, ...] = ()
    multipliers: tuple[Multiplier, ...] = ()
    models: tuple[str, ...] = ("*",)
    excluded_models: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()


class ModelRule(NamedTuple):
    """A name that clients use (a pattern), and the model that serves it.

    ``may_override``: a name that is a model of the plan stands as it is.
    """

    pattern: str
    model: str
    may_override: bool = True


@dataclass(frozen=True, slots=True)
class ClientRule:
    """The callers a plan is for: ``allowed`` are patterns (``*`` wildcards) over their names.

    ``signs``: how many signs must speak for a caller before it counts as the one it claims to be.
    ``bills_others``: everybody else is paid for by the family's wallets; False: by nobody, unless API billing is
    asked for. ``may_choose_api``: whether a listed caller may ask for API billing.
    """

    allowed: tuple[str, ...]
    bills_others: bool
    may_choose_api: bool = True
    signs: int = 2


@dataclass(frozen=True, slots=True)
class SharingRule:
    """What is watched for sharing and forwarding. More than ``most`` in ``within`` microseconds raises a flag.

    ``bounds``: (signal, most, within). ``action``: what a flag does until it is reviewed (none, warn, slow or
    restrict); ``slowed_to``: requests at once while slowed; ``quiet``: how long a dismissed signal raises none,
    microseconds.
    """

    bounds: tuple[tuple[str, int, int], ...]
    action: str
    slowed_to: int
    quiet: int


@dataclass(frozen=True, slots=True)
class GraceRule:
    """How far requests go on while the books are away.

    ``length``: microseconds since the books were last reached. ``requests`` and ``draw`` (in the smallest parts of
    ``unit``) are the most that one worker lets a subscription have until they are back; None: no such bound.
    """

    length: int
    requests: int | None = None
    draw: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """One version of one plan.

    ``rank`` is its place in its family's burn order; plans of one ``exclusive`` group replace each other;
    ``companions`` are wallets that come with it. ``period`` is ``month``, ``year``, ``Nd`` or None (no end).
    ``mapping``: names that clients use for models of the plan; the first match wins. ``waits``: what it is for is
    paid by it (and what burns before it) alone, also when it is used up. ``key_kind``: the kind of API key that draws
    on it (None: any). ``extra_usage``: the wallet plan that pays, if its owner wants, while this plan is used up.
    ``grace``: how far it pays while the books are away (None: not at all).
    """

    plan: str
    version: str
    rank: int = 0
    exclusive: str | None = None
    wallet: bool = False
    opt_in: bool = False
    companions: tuple[str, ...] = ()
    period: str | None = None
    renews: bool = True
    zone: str = "UTC"
    admission: Literal["open", "fits"] = "open"
    pools: tuple[PoolTerms, ...] = ()
    windows: tuple[WindowTerms, ...] = ()
    sources: tuple[SourceTerms, ...] = ()
    exchange: tuple[tuple[str, str, tuple[tuple[int, Fraction], ...]], ...] = ()
    waits: bool = False
    mapping: tuple[ModelRule, ...] = ()
    clients: ClientRule | None = None
    sharing: SharingRule | None = None
    calls_per_prompt: int | None = None
    hold_seconds: int = HOLD_SECONDS
    lost_hold: Literal["release", "charge"] = "release"
    continuity_segments: frozenset[str] = frozenset()
    segments: frozenset[str] = field(default_factory=frozenset)
    key_kind: str | None = None
    extra_usage: str | None = None
    grace: GraceRule | None = None

    @property
    def family(self) -> str:
        return self.plan.partition("/")[0]

    def pool(self, id: str) -> PoolTerms:
        return next(pool for pool in self.pools if pool.id == id)

    def window(self, id: str) -> WindowTerms:
        return next(window for window in self.windows if window.id == id)


def unit_meter(unit: str) -> Meter:
    """The plain meter of a unit: money by list value, counted units by their class."""
    by_unit = {
        "token": weights(input=1, cached=1, cache_write_5m=1, cache_write_1h=1, output=1),
        "request": weights(requests=1),
        "prompt": weights(prompts=1),
        "image": weights(images=1),
        "call": weights(tool_calls=1),
    }
    if unit in by_unit:
        return Meter(unit + "s", unit, (MeterVersion(0, by_unit[unit]),))
    if unit == "credit":
        return Meter("credits", unit, (MeterVersion(0, NO_WEIGHTS, Fraction(100), "USD"),))
    return Meter("cost", unit, (MeterVersion(0, NO_WEIGHTS, Fraction(1), unit),))
