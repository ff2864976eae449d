"""What a month of a plan can hold of a usage's proportions, worked out from its limits, with the sum in words.

Owns the arithmetic: how often each window and pool comes round in 30 days, what the usage draws of it, which one
binds. Sources pay in burn order, each until one of its limits is reached. Exact; rounded for showing only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from faregate.comparison.opening import Account
from faregate.comparison.profile import Profile
from faregate.comparison.words import Line, limit_line, source_line, unlimited_line
from faregate.core.account import AccountState
from faregate.core.amounts import MILLI
from faregate.core.instants import DAY
from faregate.core.pool import Pool
from faregate.core.request import Asker
from faregate.core.route import Payer, route_for
from faregate.core.tariff import Gauge
from faregate.core.terms import Refill
from faregate.core.window import Window

MONTH = 30 * DAY
_TIMES = {"day": Fraction(30), "week": Fraction(30, 7), "month": Fraction(1), "year": Fraction(30, 365)}


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit over 30 days: ``size`` smallest parts of ``unit`` each time it comes round. ``id`` as in the plan."""

    key: str
    unit: str
    size: int
    times: Fraction

    @property
    def id(self) -> str:
        return self.key.rpartition(":")[2]

    @property
    def total(self) -> Fraction:
        return self.size * self.times


@dataclass(slots=True)
class Holding:
    """``share`` is how many times the usage fits in a month (None: no limit), ``bound_by`` the key of what binds.

    ``models`` are those of the usage that the plan serves, with the model that serves them.
    """

    share: Fraction | None
    bound_by: str | None
    models: Mapping[str, str]
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class _Source:
    """One source with a payer for every model it pays for (models of the usage)."""

    key: str
    payers: dict[str, Payer] = field(default_factory=dict)


def limits_of(state: AccountState) -> dict[str, Limit]:
    """Every limit of the account's plans by key, but for concurrency and wallets."""
    found: dict[str, Limit] = {}
    for subscription in state.subscriptions.values():
        if subscription.terms.wallet:
            continue
        for terms in subscription.terms.windows:
            if terms.kind != "concurrency":
                window = subscription.windows[terms.id]
                found[window.key] = Limit(window.key, terms.unit, window.limit, _times(window))
        for pool in subscription.pools.values():
            found[pool.key] = _pool_limit(pool, subscription.period)
    return found


def _times(window: Window) -> Fraction:
    """How often a window comes round in 30 days, one instance after the other."""
    terms = window.terms
    if window.kind in ("first-use", "sliding"):
        return Fraction(MONTH, terms.length)
    if window.kind in ("calendar", "purchase"):
        days = terms.every.removesuffix("d")
        return Fraction(30, int(days)) if days.isdigit() else _TIMES[terms.every]
    return Fraction(1)


def _pool_limit(pool: Pool, period: str | None) -> Limit:
    terms, refill = pool.terms, pool.terms.refill
    if refill is None:
        return Limit(pool.key, terms.unit, terms.granted, Fraction(1))
    return Limit(pool.key, terms.unit, refill.full, _fillings(refill, period))


def _fillings(refill: Refill, period: str | None) -> Fraction:
    if refill.kind == "calendar":
        return _TIMES[refill.every]
    if refill.kind == "restore":
        return refill.times * _TIMES[refill.every]
    if period is None or period in _TIMES:
        return _TIMES[period or "month"]
    return Fraction(30, int(period.removesuffix("d")))


def month_holds(account: Account, profile: Profile, served: Mapping[str, str | None], at: int) -> Holding:
    """What the plans of ``account`` hold of the profile in 30 days, priced as of ``at``; wallets are left out."""
    models = {model: by for model, by in served.items() if by is not None}
    sources, guards = _sources(account, profile, models, at)
    month = _Month(account, profile, models)
    by_model: dict[str, Fraction | None] = dict.fromkeys(models, Fraction(0))
    last: dict[str, str | None] = {}
    for source in sources:
        share, binding = month.pay(source, several=len(sources) > 1)
        for model in source.payers:
            before = by_model[model]
            by_model[model] = None if before is None or share is None else before + share
            if share is None or share > 0:
                last[model] = binding
    scarce = [(share, model) for model, share in by_model.items() if share is not None]
    holding = Holding(None, None, models, month.lines)
    if scarce:
        holding.share, model = min(scarce)
        holding.bound_by = last.get(model)
    for window in guards:
        month.guard(window, holding)
    return holding


def _sources(
    account: Account, profile: Profile, models: Mapping[str, str], at: int
) -> tuple[list[_Source], list[Window]]:
    """Sources in burn order, and the guards in force."""
    sources: dict[str, _Source] = {}
    guards: dict[str, Window] = {}
    wallets = {plan.id for plan in account.offer.wallets}
    order: list[str] = []
    for model, by in models.items():
        route = route_for(account.state, by, Asker(profile.clients[model]), account.market, at)
        keys = [payer.key for payer in route.payers]
        order += [key for key in keys if key not in order]
        for payer in route.payers:
            if not payer.subscription.terms.wallet:
                sources.setdefault(payer.key, _Source(payer.key)).payers[model] = payer
        for window, _ in route.guards:
            if window.kind != "concurrency" and window.terms.lifted_by not in wallets:
                guards[window.key] = window
    return [sources[key] for key in order if key in sources], list(guards.values())


class _Month:
    """A month being filled: what is left of each limit, in smallest parts."""

    def __init__(self, account: Account, profile: Profile, models: Mapping[str, str]) -> None:
        self.lines: list[Line] = []
        self._account, self._profile, self._models = account, profile, models
        self._limits = limits_of(account.state)
        self._left = {key: limit.total for key, limit in self._limits.items()}
        self._requests = sum(profile.usage(model).requests for model in models)

    def pay(self, source: _Source, several: bool) -> tuple[Fraction | None, str | None]:
        """The share of the usage that ``source`` pays in a month and what binds it; None where nothing does."""
        draws = self._draws(source)
        found: list[tuple[Fraction, str]] = []
        for key, need in draws.items():
            if need > 0:
                share = max(self._left[key], Fraction(0)) / need
                found.append((share, key))
                self._explain(key, need, share)
        name = source.key.partition("#")[0] + "/" + source.key.rpartition("/")[2]
        if not found:
            self.lines.append(unlimited_line(name))
            return None, None
        share, binding = min(found, key=lambda each: each[0])
        for key, need in draws.items():
            self._left[key] -= need * share
        if several:
            self.lines.append(source_line(name, self._limits[binding].id, share * self._requests))
        return share, binding

    def guard(self, window: Window, holding: Holding) -> None:
        """A guard lets so many requests through, whoever pays."""
        limit = self._limits[window.key]
        share = limit.total / (self._requests * MILLI)
        if holding.share is None or share < holding.share:
            holding.share, holding.bound_by = share, window.key
            self._explain(window.key, Fraction(self._requests * MILLI), share)

    def _draws(self, source: _Source) -> dict[str, Fraction]:
        """What the whole usage draws of each limit of ``source``, in smallest parts."""
        draws: dict[str, Fraction] = {}
        for model, payer in source.payers.items():
            own = self._amount(payer, model, payer.gauge)
            if payer.progressive is not None:
                own *= payer.progressive.brackets[0][1]
            if payer.pool is not None:
                draws[payer.pool.key] = draws.get(payer.pool.key, Fraction(0)) + own
            for window, gauge in payer.counted:
                need = own if gauge is None else self._amount(payer, model, gauge)
                draws[window.key] = draws.get(window.key, Fraction(0)) + need
        return draws

    def _amount(self, payer: Payer, model: str, gauge: Gauge) -> Fraction:
        terms = payer.subscription.terms
        card = self._account.market.card(self._models[model], terms.family, terms.version)
        listed = self._profile.listed(model, card)
        usage = self._profile.usage(model, terms.calls_per_prompt)
        return Fraction(*gauge.quantity(usage, (listed.numerator, listed.denominator)))

    def _explain(self, key: str, need: Fraction, share: Fraction) -> None:
        limit = self._limits[key]
        each = need / self._requests if self._requests else Fraction(0)
        held = share * self._requests
        self.lines.append(limit_line(limit.id, limit.size, limit.times, limit.unit, each, held))
