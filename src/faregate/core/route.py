"""Routes: which sources may pay for a model on an account, in burn order, compiled for speed.

Owns the list of payers and guards of one account and model, and for how long it holds. A route is a cache of terms,
segments and market: dropping it changes nothing. It refers to the account's live pools and windows.
"""

from __future__ import annotations

from fractions import Fraction

from faregate.core.account import NEVER, AccountState, Subscription
from faregate.core.amounts import MILLI, decimal_text
from faregate.core.billing import API, barred, covers
from faregate.core.extra_usage import ExtraDraw, Way, way_to
from faregate.core.flags import strictest
from faregate.core.key_windows import window_of_key
from faregate.core.market import Market
from faregate.core.pool import Pool
from faregate.core.request import Asker, Block
from faregate.core.tariff import Exact, Gauge, NoPrice, Tariff, compile_gauge, compile_tariff
from faregate.core.terms import NO_WEIGHTS, Meter, MeterVersion, Progressive, SourceTerms, WindowTerms
from faregate.core.usage import Usage
from faregate.core.wildcard import matches
from faregate.core.window import Window


class Payer:
    """One source ready to pay for one model. ``counted`` pairs each funding window with its gauge (None: drawn).

    ``held``, ``used`` and ``allowance`` are the ledger accounts it posts to; ``card`` is the rate card's version id.
    ``by_value`` says that something here depends on list value: what is drawn, a window, a bracket.
    """

    __slots__ = (
        "allowance",
        "by_value",
        "card",
        "counted",
        "currency",
        "empty",
        "factors",
        "gauge",
        "head",
        "held",
        "in_brackets",
        "key",
        "multiplier",
        "open_admission",
        "plan",
        "pool",
        "progress",
        "progress_gauge",
        "progressive",
        "source",
        "subscription",
        "tail",
        "tariff",
        "unit",
        "used",
    )

    def __init__(
        self,
        subscription: Subscription,
        source: SourceTerms,
        tariff: Tariff,
        counted: tuple[tuple[Window, Gauge | None], ...],
    ) -> None:
        self.key = f"{subscription.key}/{source.id}"
        self.pool: Pool | None = subscription.pool_of(source)
        self.plan = subscription.terms.plan
        self.subscription = subscription
        self.source = source
        self.tariff = tariff
        self.gauge = tariff.gauge
        self.unit = source.meter.unit
        self.held = f"held:{subscription.key}:{source.pool}"
        self.used = "used:" + self.plan
        self.allowance = "allowance:" + self.key
        self.card = tariff.card.version if tariff.card is not None else None
        self.currency = tariff.currency
        self.empty = Block(self.key, "pool_empty", self.pool.key if self.pool is not None else "", None)
        self.factors = tariff.factors
        self.multiplier = decimal_text(tariff.multiplier)
        # What every slice of this payer begins with, and what stands after its amounts.
        self.head = (self.key, self.plan, source.pool, self.unit)
        self.tail = (self.currency, self.multiplier, self.factors, self.card)
        self.counted = counted
        self.open_admission = subscription.terms.admission == "open"
        gauges = [tariff.gauge, *(gauge for _, gauge in counted if gauge is not None)]
        self.by_value = any(gauge.cost for gauge in gauges) or any(
            isinstance(rule, Progressive) for rule in source.multipliers
        )
        # By bracket of a progressive multiplier: the multiplier of all together, and its factors.
        self.in_brackets: dict[int, tuple[str, tuple[tuple[str, str], ...]]] = {}
        self.progressive: Progressive | None = None
        self.progress: Window | None = None
        self.progress_gauge: Gauge | None = None


class Route:
    """Payers in burn order and guards for one model. ``blocks`` are sources that cannot pay for it as things
    stand, ``closed`` wallets that Extra Usage does not open; ``extra`` is the way into one that it does.
    ``key_guards`` count each key for itself.
    """

    __slots__ = (
        "blocks",
        "closed",
        "compiled_at",
        "counts_prompts",
        "extra",
        "guards",
        "key_guards",
        "payers",
        "tariff_currency",
        "valid_until",
    )

    def __init__(self) -> None:
        self.payers: list[Payer] = []
        self.guards: list[tuple[Window, Subscription]] = []
        self.blocks: list[Block] = []
        self.compiled_at = 0
        self.valid_until = NEVER
        self.counts_prompts: list[Subscription] = []
        self.closed: list[Block] = []
        self.extra: ExtraDraw | None = None
        self.key_guards: list[tuple[WindowTerms, Subscription]] = []

    def guards_of(self, key: str) -> list[tuple[Window, Subscription]]:
        """All guards of a request made with the API key of that id."""
        if not self.key_guards:
            return self.guards
        return [*self.guards, *((window_of_key(owner, terms, key), owner) for terms, owner in self.key_guards)]


def route_for(state: AccountState, model: str, asker: Asker, market: Market, at: int) -> Route:
    """The route of ``model`` at ``at``, from the account's cache where it still holds."""
    if state.routes_revision != market.revision:
        state.routes = {}
        state.routes_revision = market.revision
    cache_key = (model, asker)
    route = state.routes.get(cache_key)
    if route is None or not route.compiled_at <= at < route.valid_until:
        route = compile_route(state, model, asker, market, at)
        if len(state.routes) >= 256:
            state.routes.clear()
        state.routes[cache_key] = route
    return route


def compile_route(state: AccountState, model: str, asker: Asker, market: Market, at: int) -> Route:
    """A fresh route; see ``route_for``."""
    route = Route()
    route.compiled_at = at
    segments = frozenset(name for name in state.segments if state.in_segment(name, at))
    edges = [edge for start, end, _ in state.segments.values() for edge in (start, end)]
    route.valid_until = min((edge for edge in edges if edge is not None and edge > at), default=NEVER)
    barriers = barred(state, model, asker)
    paying: set[str] = set()
    for subscription in state.burn_order():
        way = way_to(state, subscription, asker, paying)
        if not way.is_open:
            if way.reason is not None:
                route.closed += _blocked(subscription, model, way.reason)
            continue
        before = len(route.payers)
        reason = barriers.get(subscription.key)
        if reason is not None:
            route.blocks += _shut(subscription, model, reason)
        else:
            for source in subscription.terms.sources:
                _add_payer(route, subscription, source, model, asker.client, market, at, segments)
        if len(route.payers) > before:
            paying.add(subscription.key)
            _add_guards(route, subscription, way)
            if subscription.terms.waits:
                break
    if state.flags and route.payers and asker.billing != API:
        _slow_down(route, state)
    return route


def _slow_down(route: Route, state: AccountState) -> None:
    """A flag may let so many requests at once through, and no more."""
    flag = strictest(state)
    if flag is not None and flag.action == "slow":
        terms = WindowTerms(flag.id, "concurrency", flag.slowed_to * MILLI, "request", guard=True)
        route.guards.append((Window(f"flag:{flag.id}", terms, flag.raised_at), route.payers[0].subscription))


def _shut(subscription: Subscription, model: str, reason: str) -> list[Block]:
    """The sources of a subscription that pays nothing for this caller."""
    keys = [(f"{subscription.key}/{source.id}", covers(source, model)) for source in subscription.terms.sources]
    return [Block(key, reason if offers else "model_not_in_plan", key, None) for key, offers in keys]


def _add_guards(route: Route, subscription: Subscription, way: Way) -> None:
    """What else goes with a subscription that pays: its guards, its counting of prompts, the way that led to it."""
    terms = subscription.terms
    if way.host is not None and way.host.extra is not None:
        route.extra = ExtraDraw(way.host.key, subscription.key, way.host.extra.key)
    if terms.calls_per_prompt is not None:
        route.counts_prompts.append(subscription)
    for window in terms.windows:
        if window.by_key:
            # Extra Usage is held back by the plan's own guards, not by those of the key it is billed to.
            route.key_guards += [(window, subscription)] if way.host is None else []
        elif window.guard:
            route.guards.append((subscription.windows[window.id], subscription))


def _blocked(subscription: Subscription, model: str, reason: str) -> list[Block]:
    keys = [f"{subscription.key}/{source.id}" for source in subscription.terms.sources if covers(source, model)]
    return [Block(key, reason, key, None) for key in keys]


def _add_payer(
    route: Route,
    subscription: Subscription,
    source: SourceTerms,
    model: str,
    client: str,
    market: Market,
    at: int,
    segments: frozenset[str],
) -> None:
    key = f"{subscription.key}/{source.id}"
    if not covers(source, model):
        route.blocks.append(Block(key, "model_not_in_plan", key, None))
        return
    if source.clients and not any(matches(pattern, client) for pattern in source.clients):
        route.blocks.append(Block(key, "client_not_in_plan", key, None))
        return
    try:
        payer = build_payer(subscription, source, model, market, at, segments)
    except NoPrice:
        route.blocks.append(Block(key, "no_price", model, None))
        return
    route.valid_until = min(route.valid_until, payer.tariff.valid_until)
    route.payers.append(payer)


def build_payer(
    subscription: Subscription,
    source: SourceTerms,
    model: str,
    market: Market,
    at: int,
    segments: frozenset[str],
) -> Payer:
    """``source`` compiled for ``model`` at ``at``. Raises NoPrice where a price is needed and missing."""
    terms = subscription.terms
    tariff = compile_tariff(subscription, source, model, market, at, segments)
    until = tariff.valid_until
    counted: list[tuple[Window, Gauge | None]] = []
    for window_id in source.windows:
        window = subscription.windows[window_id]
        meter = window.terms.meter
        if meter is None and window.terms.multiplied:
            counted.append((window, None))
            continue
        multiplier = tariff.multiplier if window.terms.multiplied else Fraction(1)
        gauge, ends = compile_gauge(meter or source.meter, terms, tariff.currency, multiplier, at)
        until = min(until, ends)
        counted.append((window, gauge))
    payer = Payer(subscription, source, tariff._replace(valid_until=until), tuple(counted))
    for rule in source.multipliers:
        if isinstance(rule, Progressive):
            payer.progressive = rule
            payer.progress = subscription.windows[progress_window(source, rule)]
            meter = Meter(rule.name, rule.currency, (MeterVersion(0, NO_WEIGHTS, Fraction(1), rule.currency),))
            payer.progress_gauge, _ = compile_gauge(meter, terms, tariff.currency, Fraction(1), at)
    return payer


def progress_window(source: SourceTerms, rule: Progressive) -> str:
    """Id of the window that counts the list value a progressive multiplier goes by."""
    return f"{source.id}.{rule.name}"


def list_value(payer: Payer, usage: Usage) -> Exact:
    """List value of ``usage`` by the payer's card, exact; zero where no price is known."""
    card = payer.tariff.card
    return card.list_value(usage) if card is not None else (0, 1)
