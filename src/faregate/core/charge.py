"""Charging: a request admitted and settled in one step, with what it used known beforehand.

Owns the quick way through a replay: it changes the state as a hold and its settlement at the same instant would, and
makes no entries, so there is nothing to write down. A test holds it to ``decide``, ``settle`` and ``evolve``, which
it falls back on wherever a request is more than one payer paying all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from faregate.core.account import AccountState
from faregate.core.amounts import MILLI
from faregate.core.coverage import drains, pays_whole
from faregate.core.decide import admit_walk, decide, guard_passes, walked
from faregate.core.evolve import count_call, draw, drop_spent, evolve
from faregate.core.market import Market
from faregate.core.pool import Pool
from faregate.core.prompting import Calls, count_prompts
from faregate.core.request import Admitted, Block, Refused, Request, Slice, asker_of
from faregate.core.resent import ask_by, is_again
from faregate.core.route import Payer, Route, route_for
from faregate.core.settle import settle
from faregate.core.tariff import Exact
from faregate.core.terms import Terms
from faregate.core.usage import Usage
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
        paid = pays_whole(payer, counted, listed, now) or _drains_as_last(state, route, payer, counted, listed, now)
        if isinstance(paid, Slice):
            if payer.pool is not None:
                _draw_lots(state, payer.pool, paid[11])
            draw(state, paid[12], 1)
            return _drawn(state, route, [paid], calls, request, now)
        if paid is None:
            prompts = counts, calls
            return _split(state, route, len(blocks), request, now, blocks, prompts, market, plans)
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


def _drains_as_last(
    state: AccountState, route: Route, payer: Payer, usage: Usage, listed: Exact, now: int
) -> Slice | None:
    """The one slice where nobody is there for what ``payer`` does not pay, and nobody else is to hear of it."""
    if payer is not route.payers[-1] or state.book is not None or state.ended:
        return None
    return drains(payer, usage, listed, now)


def _is_special(state: AccountState, request: Request) -> bool:
    """Whether the quick way does not know how to charge it."""
    return bool(state.holds) or request[2][7] != 1 or is_again(state, request)


def _split(
    state: AccountState,
    route: Route,
    start: int,
    request: Request,
    now: int,
    blocks: list[Block],
    prompts: tuple[dict[str, int], list[Calls]],
    market: Market,
    plans: Callable[[str, str], Terms],
) -> Charged | Refused:
    """Charge a request that no payer covers alone; at once where several do, each without a restore."""
    walk = walked(route, start, request, now, blocks, prompts[0])
    if walk.left or walk.short or walk.restores or state.book is not None or state.ended:
        outcome = admit_walk(state, route, walk, request, now, [*route.blocks, *blocks], prompts)
        return outcome if isinstance(outcome, Refused) else _settled(state, outcome, request, now, market, plans)
    slices = walk.slices()
    pools = {payer.key: payer.pool for payer in route.payers}
    lots: dict[int, tuple[Pool, list[tuple[str, int]]]] = {}
    for piece in slices:
        draw(state, piece[12], 1)
        if (pool := pools[piece[0]]) is not None:
            lots.setdefault(id(pool), (pool, []))[1].extend(piece[11])
    for pool, drawn in lots.values():
        _draw_lots(state, pool, drawn)
    return _drawn(state, route, slices, prompts[1], request, now)


def _draw_lots(state: AccountState, pool: Pool, lots: Sequence[tuple[str, int]]) -> None:
    """Take out of a pool what a hold and its settlement together take; empty lots are forgotten after all of it."""
    if not lots:
        return
    for ledger, part in lots:
        lot = state.lots[ledger][1]
        lot.balance -= part
        pool.available -= part
    if len(pool.lots) > 1 and pool.held == 0:
        drop_spent(state, pool)


def _drawn(
    state: AccountState, route: Route, slices: list[Slice], calls: list[Calls], request: Request, now: int
) -> Charged:
    """What else a hold of ``slices`` and its settlement leave behind."""
    for window, _ in route.guards:
        if window.kind != "concurrency":
            window.apply(window.instance_at(now)[0], MILLI, 1)
    for key, session, after, _ in calls:
        subscription = state.subscriptions.get(key)
        if subscription is not None:
            count_call(subscription, session, (after[0], after[1]))
    state.seq += 2
    ask_by(state, request)
    return Charged(slices)


def _in_two_steps(
    state: AccountState, request: Request, now: int, market: Market, plans: Callable[[str, str], Terms]
) -> Charged | Refused:
    """The same by the hold and its settlement."""
    outcome = decide(state, request, now, market)
    return outcome if isinstance(outcome, Refused) else _settled(state, outcome, request, now, market, plans)


def _settled(
    state: AccountState,
    outcome: Admitted,
    request: Request,
    now: int,
    market: Market,
    plans: Callable[[str, str], Terms],
) -> Charged:
    evolve(state, outcome.entry, plans)
    settled = settle(state, request.id, request.usage, now, market)
    evolve(state, settled, plans)
    return Charged(settled.data["slices"])
