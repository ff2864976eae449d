"""Charging: a request admitted and settled in one step, with what it used known beforehand.

Owns the quick way through a replay: it changes the state as a hold and its settlement at the same instant would, and
makes no entries, so there is nothing to write down. A test holds it to ``decide``, ``settle`` and ``evolve``, which
it falls back on wherever a request is more than one payer paying all of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from faregate.core.account import AccountState
from faregate.core.amounts import MILLI
from faregate.core.coverage import pays_whole
from faregate.core.decide import decide, guard_passes
from faregate.core.evolve import count_call, draw, drop_spent, evolve
from faregate.core.market import Market
from faregate.core.prompting import Calls, count_prompts
from faregate.core.request import Block, Refused, Request, Slice, asker_of
from faregate.core.resent import ask_by, is_again
from faregate.core.route import Payer, Route, route_for
from faregate.core.settle import settle
from faregate.core.terms import Terms
from faregate.core.waiting import refusal


class Charged(NamedTuple):
    """What paid for a request: the slices of its settlement."""

    slices: list[Slice]


def charge(
    state: AccountState,
    request: Request,
    now: int,
    market: Market,
    plans: Callable[[str, str], Terms],
    *,
    brief: bool = False,
    valued: bool = True,
) -> Charged | Refused:
    """Charge ``request`` at ``now`` for ``request.usage``, or refuse it. The state must be up to date (``roll``).

    ``brief`` leaves out of a refusal when the request would pass, which is most of its work: ``retry_at`` is None
    then, and it names what the last payer lacks. Where not ``valued``, slices whose amounts do not depend on list
    value have none. Changes ``state`` only where the request is charged.
    """
    usage = request.usage
    if _is_special(state, request):
        return _in_two_steps(state, request, now, market, plans)
    route = route_for(state, request.model, asker_of(request), market, now)
    if route.key_guards or route.extra is not None:
        return _in_two_steps(state, request, now, market, plans)
    if route.guards and (throttled := _throttled(state, route, request, now, brief)) is not None:
        return throttled
    counts: dict[str, int] = {}
    calls: list[Calls] = []
    if route.counts_prompts:
        counts, calls = count_prompts(route, request)
    blocks: list[Block] = []
    card, listed = None, (0, 1)
    for payer in route.payers:
        counted = usage
        if counts and payer.subscription.key in counts:
            counted = usage._replace(prompts=counts[payer.subscription.key])
        if payer.tariff.card is not card and (valued or payer.by_value):
            card = payer.tariff.card
            listed = card.list_value(usage) if card is not None else (0, 1)
        paid = pays_whole(payer, counted, listed, now)
        if isinstance(paid, Slice):
            _draw_all(state, route, payer, paid, calls, now)
            ask_by(state, request)
            return Charged([paid])
        if paid is None:
            return _in_two_steps(state, request, now, market, plans)
        blocks.append(paid)
    if brief and blocks:
        return Refused(blocks[-1].reason, blocks[-1].subject, None, tuple(blocks))
    return refusal(state, route, [], request, counts, now)


def _throttled(state: AccountState, route: Route, request: Request, now: int, brief: bool) -> Refused | None:
    """The refusal of a guard, where one does not let the request pass."""
    throttled = [guard for guard in route.guards if not guard_passes(state, guard[0], now)]
    if throttled and not brief:
        return refusal(state, route, throttled, request, count_prompts(route, request)[0], now)
    return Refused("rate_limited", throttled[0][0].key, None) if throttled else None


def _is_special(state: AccountState, request: Request) -> bool:
    """Whether the quick way does not know how to charge it."""
    return bool(state.holds) or request[2][7] != 1 or is_again(state, request)


def _draw_all(state: AccountState, route: Route, payer: Payer, paid: Slice, calls: list[Calls], now: int) -> None:
    """What a hold of ``paid`` and its settlement leave behind."""
    pool, lots = payer.pool, paid[11]
    if pool is not None and lots:
        for ledger, part in lots:
            lot = state.lots[ledger][1]
            lot.balance -= part
            pool.available -= part
        if len(pool.lots) > 1 and pool.held == 0:
            drop_spent(state, pool)
    draw(state, paid[12], 1)
    for window, _ in route.guards:
        if window.kind != "concurrency":
            window.apply(window.instance_at(now)[0], MILLI, 1)
    for key, session, after, _ in calls:
        subscription = state.subscriptions.get(key)
        if subscription is not None:
            count_call(subscription, session, (after[0], after[1]))
    state.seq += 2


def _in_two_steps(
    state: AccountState, request: Request, now: int, market: Market, plans: Callable[[str, str], Terms]
) -> Charged | Refused:
    """The same by the hold and its settlement."""
    outcome = decide(state, request, now, market)
    if isinstance(outcome, Refused):
        return outcome
    evolve(state, outcome.entry, plans)
    settled = settle(state, request.id, request.usage, now, market)
    evolve(state, settled, plans)
    return Charged(settled.data["slices"])
