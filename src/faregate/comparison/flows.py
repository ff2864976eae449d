"""Flows: what the requests of a stretch draw together of one limit, and how much room it has for them.

Owns the reading of an account's windows and pools between two requests, and taking many draws out of a pool at once.
"""

from __future__ import annotations

from typing import NamedTuple

from faregate.comparison.exact_arrays import Integers
from faregate.comparison.lanes import Limit
from faregate.core.account import NEVER, AccountState
from faregate.core.evolve import drop_spent
from faregate.core.instants import calendar_period
from faregate.core.pool import Pool
from faregate.core.window import Window


class Flow(NamedTuple):
    """What flows into one limit: running totals over all requests. ``end``: where the bracket
    ends, if it is one."""

    limit: Limit
    totals: Integers
    even: bool
    end: int | None


class Room(NamedTuple):
    """Whether a payer has any room in all of its limits, and until when that stands.

    ``unopened`` are windows that its next draw opens. ``asks``: only the engine knows.
    """

    has_any: bool
    until: int
    unopened: list[Window]
    asks: bool = False


def room_in(limits: tuple[Limit, ...], at: int) -> Room:
    """The room of one payer at ``at``."""
    has_room, until = True, NEVER
    unopened: list[Window] = []
    for limit in limits:
        part = limit.part
        if isinstance(part, Pool):
            if part.owed <= 0 < part.available:
                continue
            if part.owed <= 0 and part.automatic and part.restores_left(at) > 0:
                return Room(False, NEVER, [], asks=True)
            has_room = False
            refill = part.terms.refill
            if refill is not None and refill.kind == "restore":
                until = min(until, calendar_period(at, refill.every, refill.zone)[1])
        elif part.anchor is not None and part.anchor <= at < part.closes:
            until = min(until, part.closes)
            has_room = has_room and (limit.progress or part.used < part.limit)
        elif limit.progress or part.limit > 0:
            unopened.append(part)
        else:
            has_room = False
    return Room(has_room, until, unopened)


def opened(windows: list[Window], at: int) -> int:
    """Open windows as a draw at ``at`` does; when the first of them closes."""
    for window in windows:
        window.apply(window.instance_at(at)[0], 0, 1)
    return min(window.closes for window in windows)


def reach(flow: Flow, row: int) -> int:
    """The first request from ``row`` on that may not fit into a limit any more."""
    limit, totals, even, end = flow
    part = limit.part
    if isinstance(part, Pool):
        room = part.available
    elif not limit.progress:
        room = part.limit - part.used
    elif end is not None:
        room = end - part.used
    else:
        return len(totals) - 1
    # Rounded amounts may be a part less than what is needed: then the request that reaches the limit is asked for.
    return int(totals.searchsorted(room + totals.item(row), "right" if even else "left")) - 1


def is_left(flow: Flow, row: int, stop: int) -> bool:
    """Whether requests [row, stop) leave anything of a window."""
    part = flow.limit.part
    return not isinstance(part, Pool) and part.used + flow.totals.item(stop) - flow.totals.item(row) < part.limit


def burn(state: AccountState, pool: Pool, amount: int) -> None:
    """Take ``amount`` out of a pool's lots in burn order, as many draws one by one do."""
    for ledger, part in pool.burn(amount) if amount else ():
        lot = state.lots[ledger][1]
        lot.balance -= part
        pool.available -= part
    if len(pool.lots) > 1 and pool.held == 0:
        drop_spent(state, pool)
