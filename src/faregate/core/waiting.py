"""Refusals: which window or pool binds, and the exact time at which the request would pass.

Owns the choice of what to name: a request passes when all its guards and its payers let it. Whether they do at a
later instant, and at which instants to look, is known to ``forecast``.
"""

from __future__ import annotations

from typing import NamedTuple

from faregate.core.account import AccountState, Subscription
from faregate.core.amounts import MILLI
from faregate.core.forecast import Opening, openings, passes_at
from faregate.core.request import Block, Refused, Request
from faregate.core.route import Payer, Route
from faregate.core.usage import Usage
from faregate.core.waterfall import Waterfall
from faregate.core.window import Window


class Wait(NamedTuple):
    """``at`` None: waiting does not help."""

    reason: str
    subject: str
    at: int | None


def refusal(
    state: AccountState,
    route: Route,
    throttled: list[tuple[Window, Subscription]],
    request: Request,
    prompts: dict[str, int],
    now: int,
) -> Refused:
    """The refusal of ``request``, with every payer's own reason in burn order."""
    guards = [_guard_wait(state, window, subscription, now) for window, subscription in throttled]
    guard = _latest(guards)
    waits = [payer_wait(payer, request.usage, prompts, now) for payer in route.payers]
    blocks = tuple(
        Block(payer.key, wait.reason, wait.subject, wait.at)
        for payer, wait in zip(route.payers, waits, strict=True)
        if wait is not None
    )
    blocks += (*route.blocks, *route.closed)
    begin = now
    if guard is not None:
        blocks = (*(Block("", *each) for each in guards), *blocks)
        begin = guard.at if guard.at is not None else now
        if guard.at is None or not route.payers or passes_at(route.payers, request.usage, prompts, begin):
            return Refused(guard.reason, guard.subject, guard.at, blocks)
    source = _earliest(waits)
    if begin != now or source is None or source.at is None or not all(payer.open_admission for payer in route.payers):
        # Where anything left is enough, the payers together pass when the first of them does; else they are asked.
        source = _first_opening(route, request.usage, prompts, begin) or _named_only(source)
    if source is None:
        return Refused(*_nobody(state, route), None, blocks)
    # A wallet that its owner leaves off is no reason by itself where the plans do not cover the request at all.
    if source.reason == "switched_off" and route.blocks:
        return Refused(*_nobody(state, route), None, blocks)
    return Refused(source.reason, source.subject, source.at, blocks)


def _named_only(wait: Wait | None) -> Wait | None:
    """A wait whose payer could pay some day, though the payers before it would take what it needs."""
    return wait._replace(at=None) if wait is not None else None


def payer_wait(payer: Payer, usage: Usage, prompts: dict[str, int], now: int) -> Wait | None:
    """What keeps ``payer`` from paying by itself and until when; None when it could."""
    if not payer.subscription.switched_on:
        return Wait("switched_off", payer.key, None)
    if passes_at((payer,), usage, prompts, now):
        return None
    for opening in _in_order(openings(payer, now), now):
        if passes_at((payer,), usage, prompts, opening.at):
            return Wait(opening.reason, opening.subject, opening.at)
    walk = Waterfall(usage, now, now, prompts)
    block = walk.offer(payer, payer.open_admission)
    if block is None:
        return Wait("hold_does_not_fit", payer.key, None)
    return Wait(block.reason, block.subject, None)


def _first_opening(route: Route, usage: Usage, prompts: dict[str, int], begin: int) -> Wait | None:
    """The first instant from ``begin`` on at which the payers together let the request pass."""
    found = [opening for payer in route.payers for opening in openings(payer, begin)]
    for opening in _in_order(found, begin):
        if passes_at(route.payers, usage, prompts, opening.at):
            return Wait(opening.reason, opening.subject, opening.at)
    return None


def _in_order(found: list[Opening], begin: int) -> list[Opening]:
    """One opening an instant, earliest first. Where pool and window return together what binds is named, and of two
    that bind the window: a fuller pool would not have helped."""
    by_instant: dict[int, Opening] = {}
    for opening in found:
        kept = by_instant.get(opening.at)
        if kept is None or _weight(opening) > _weight(kept):
            by_instant[opening.at] = opening
    return [by_instant[at] for at in sorted(by_instant) if at > begin]


def _weight(opening: Opening) -> tuple[bool, bool]:
    return opening.binds, opening.reason == "window_full"


def _later(first: int | None, second: int | None) -> bool:
    """Whether ``first`` is later than ``second``; never (None) is latest."""
    if second is None:
        return False
    return first is None or first > second


def _earliest(waits: list[Wait | None]) -> Wait | None:
    """The payer's wait that ends first, the first payer's where none ends; None when there is no payer."""
    chosen: Wait | None = None
    for wait in waits:
        if wait is not None and (chosen is None or _later(chosen.at, wait.at)):
            chosen = wait
    return chosen


def _guard_wait(state: AccountState, window: Window, subscription: Subscription, now: int) -> Wait:
    if window.kind == "concurrency":
        wait = Wait("concurrency_full", window.key, _holds_below(state, window.limit // MILLI))
    else:
        wait = Wait("rate_limited", window.key, window.has_room_from(now, MILLI))
    ends = subscription.ends_at
    # A guard ends with its subscription.
    return wait._replace(at=ends) if ends is not None and _later(wait.at, ends) else wait


def _latest(waits: list[Wait]) -> Wait | None:
    chosen: Wait | None = None
    for wait in waits:
        if chosen is None or _later(wait.at, chosen.at):
            chosen = wait
    return chosen


def _holds_below(state: AccountState, limit: int) -> int | None:
    """When so many holds will have expired that fewer than ``limit`` are open, if nobody closes one before."""
    expiries = sorted(hold.expires_at for hold in state.holds.values())
    return expiries[len(expiries) - limit] if 0 < limit <= len(expiries) else None


_NOBODY_PAYS = (
    "restricted",
    "api_billing_not_allowed",
    "no_price",
    "client_not_in_plan",
    "model_not_in_plan",
    "api_billing_asked",
    "plan_billing_asked",
)
"""Why no source covers a request at all, the reason that says most first."""


def _nobody(state: AccountState, route: Route) -> tuple[str, str]:
    """Reason and subject when no source covers the request at all; wallets that are switched off speak last."""
    if not state.subscriptions:
        return "no_subscription", state.account
    if not route.payers and not route.blocks and not route.closed:
        return "key_not_for_plan", state.account
    on = [block for block in route.blocks if _is_on(state, block)]
    for reason in _NOBODY_PAYS:
        for block in on or route.blocks:
            if block.reason == reason:
                return reason, block.subject
    return "hold_does_not_fit", route.payers[-1].key if route.payers else state.account


def _is_on(state: AccountState, block: Block) -> bool:
    subscription = state.subscriptions.get(block.payer.rpartition("/")[0])
    return subscription is not None and subscription.switched_on
