"""Refusals: which window or pool binds, and the exact time at which the request would pass.

Owns the arithmetic of waiting: a payer can pay when all its constraints have room, a request passes when all its
guards and any one payer let it. Counts on nobody's doing (no top-ups, no releases) but time's.
"""

from __future__ import annotations

from typing import NamedTuple

from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import MILLI
from faregate.core.request import Block, Refused, Request
from faregate.core.route import Payer, Route, list_value
from faregate.core.window import Window


class Wait(NamedTuple):
    """``at`` None: waiting does not help."""

    reason: str
    subject: str
    at: int | None


def refusal(state: AccountState, route: Route, throttled: list[Window], request: Request, now: int) -> Refused:
    """The refusal of ``request``, with every payer's own reason in burn order."""
    guard = _guard_wait(state, throttled, now)
    waits = [(payer, payer_wait(payer, request, now)) for payer in route.payers]
    blocks = tuple(Block(payer.key, wait.reason, wait.subject, wait.at) for payer, wait in waits if wait is not None)
    blocks += tuple(route.blocks)
    if guard is not None:
        blocks = (Block("", guard.reason, guard.subject, guard.at), *blocks)
    source = _earliest(waits)
    if guard is not None and (source is None or not _later(source.at, guard.at)):
        return Refused(guard.reason, guard.subject, guard.at, blocks)
    # A wallet that its owner leaves off is no reason by itself where the plans do not cover the request at all.
    if source is not None and not (source.reason == "switched_off" and route.blocks):
        return Refused(source.reason, source.subject, source.at, blocks)
    return Refused(*_nobody(state, route), None, blocks)


def payer_wait(payer: Payer, request: Request, now: int) -> Wait | None:
    """What keeps ``payer`` from paying and until when; None when it could pay something now."""
    subscription = payer.subscription
    if not subscription.switched_on:
        return Wait("switched_off", payer.key, None)
    fits = not payer.open_admission
    usage = request.usage
    listed = list_value(payer, usage)
    numerator, denominator = payer.gauge.quantity(usage, listed)
    waits: list[Wait] = []
    pool = payer.pool
    if pool is not None and numerator > 0:
        needed = -(-numerator // denominator) if fits else 1
        if pool.owed > 0 or pool.available < needed:
            reason = "debt_owed" if pool.owed > 0 else "pool_empty"
            renews = subscription.ends_at is None
            when = pool.has_balance_from(now, subscription.period_end if renews else None)
            if fits and when is not None and _refills_to(payer) < needed:
                when = None
            if when != now or pool.owed > 0 or fits:
                waits.append(Wait(reason, pool.key, when))
    for window, gauge in payer.counted:
        counted, parts = (numerator, denominator) if gauge is None else gauge.quantity(usage, listed)
        if counted <= 0:
            continue
        needed = -(-counted // parts) if fits else 1
        if window.room_at(now) < needed:
            waits.append(Wait("window_full", window.key, window.has_room_from(now, needed)))
    if not waits:
        return None
    binding = waits[0]
    for wait in waits[1:]:
        # Where pool and window return together the window is named: a fuller pool would not have helped.
        if _later(wait.at, binding.at) or (wait.at == binding.at and binding.subject == _pool_key(payer)):
            binding = wait
    return _within(binding, subscription)


def _pool_key(payer: Payer) -> str | None:
    return payer.pool.key if payer.pool is not None else None


def _refills_to(payer: Payer) -> int:
    refill = payer.pool.terms.refill if payer.pool is not None else None
    return refill.full if refill is not None else 0


def _within(wait: Wait, subscription: Subscription) -> Wait:
    ends = subscription.ends_at
    if wait.at is not None and ends is not None and wait.at >= ends:
        return wait._replace(at=None)
    return wait


def _later(first: int | None, second: int | None) -> bool:
    """Whether ``first`` is later than ``second``; never (None) is latest."""
    if second is None:
        return False
    return first is None or first > second


def _earliest(waits: list[tuple[Payer, Wait | None]]) -> Wait | None:
    """The payer's wait that ends first; None when there is no payer or one of them could pay now."""
    chosen: Wait | None = None
    for _, wait in waits:
        if wait is None:
            return None
        if chosen is None or _later(chosen.at, wait.at):
            chosen = wait
    return chosen


def _guard_wait(state: AccountState, throttled: list[Window], now: int) -> Wait | None:
    chosen: Wait | None = None
    for window in throttled:
        if window.kind == "concurrency":
            until = min((hold.expires_at for hold in state.holds.values()), default=None)
            wait = Wait("concurrency_full", window.key, until)
        else:
            wait = Wait("rate_limited", window.key, window.has_room_from(now, MILLI))
        if chosen is None or _later(wait.at, chosen.at):
            chosen = wait
    return chosen


def _nobody(state: AccountState, route: Route) -> tuple[str, str]:
    """Reason and subject when no source covers the request at all."""
    if not state.subscriptions:
        return "no_subscription", state.account
    for reason in ("no_price", "client_not_in_plan", "model_not_in_plan"):
        for block in route.blocks:
            if block.reason == reason:
                return reason, block.subject
    return "hold_does_not_fit", route.payers[-1].key if route.payers else state.account
