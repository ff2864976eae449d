"""Packs: prepaid amounts that are bought again whenever they are empty, followed over all that they pay for.

Owns when requests may be counted on over the end of a pack, and the request that ends one: it takes what is left, and
the plan forgives the rest. Who pays what of the requests between two ends is the leaps' own matter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from faregate.comparison.columns import Columns
from faregate.comparison.flows import Flow, reach
from faregate.comparison.fullness import Fullness
from faregate.comparison.lanes import Rank, Way
from faregate.comparison.opening import Account
from faregate.core.pool import Pool
from faregate.core.route import Payer


class Pack(NamedTuple):
    """The one pack that pays for whatever comes: what flows into it, and into the ``others`` that go by it."""

    pool: Pool
    flow: Flow
    others: list[Flow]


class Pays(NamedTuple):
    """How the leaps count: requests [first, last) paid in full, one request of a payer, and draws by key."""

    many: Callable[[int, int], None]
    one: Callable[[int], None]
    draw: Callable[[Mapping[str, int]], None]


def pack_of(account: Account, payers: Sequence[tuple[Way, Rank | None]], flows: Sequence[Flow]) -> Pack | None:
    """The pack that alone pays for all of ``payers``, where its end is as ``buy_on`` follows it."""
    pool = account.only_pack()
    if pool is None or account.state.book is not None or account.state.ended:
        return None
    for way, rank in payers:
        if rank is None or way.guards or way.route.extra is not None or way.plain.free.any():
            return None
        if rank.payer is not way.route.payers[-1] or not _ends_plainly(rank.payer, pool):
            return None
    own = [flow for flow in flows if flow.limit.part is pool]
    others = [flow for flow in flows if flow.limit.part is not pool]
    if len(own) != 1 or not own[0].even or not all(flow.limit.progress for flow in others):
        return None
    return Pack(pool, own[0], others)


def _ends_plainly(payer: Payer, pool: Pool) -> bool:
    if payer.pool is not pool or payer.counted or payer.gauge.whole or not payer.open_admission:
        return False
    return not pool.automatic and pool.owed == 0 and pool.terms.debt == "forgive"


def buy_on(
    pack: Pack, account: Account, columns: Columns, fullness: Fullness, pays: Pays, span: tuple[int, int]
) -> int:
    """Go on behind the end of a pack, from request ``first`` of ``span``, which does not fit into it, to ``last`` at
    most; the first request that is not counted."""
    pool, flow, others = pack
    stop, last = span
    while stop < last and reach(flow, stop) == stop:
        left, behind = pool.available, stop
        if left > 0:
            behind = _next(flow, stop + 1)
        # Whoever buys it anew is to stand in the same bracket, too.
        if behind >= last or any(reach(other, stop) <= behind for other in others):
            break
        if left > 0:
            fullness.keep_up(columns.at[stop])
            pays.one(stop)
            drawn = {other.limit.part.key: other.totals.item(stop + 1) - other.totals.item(stop) for other in others}
            pays.draw({pool.key: left} | drawn)
        account.buy_packs(columns.at[behind])
        fullness.look(columns.at[behind])
        stop = min([last, reach(flow, behind), *(reach(other, behind) for other in others)])
        if stop > behind:
            pays.many(behind, stop)
    return stop


def _next(flow: Flow, row: int) -> int:
    """The first request from ``row`` on that draws anything."""
    return int(flow.totals.searchsorted(flow.totals.item(row), "right")) - 1
