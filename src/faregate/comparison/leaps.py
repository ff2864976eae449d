"""Leaps: stretches of requests that all pass, or are all refused, counted at once instead of one
by one.

Owns how far such a stretch surely goes, and what it leaves behind in an account: what the engine
would have left after the same requests one by one, which a test holds it to. Who would pay is read
from the account's windows and pools; the stretch ends before anything could change that: a limit
that might be reached, a window that opens or closes, a refill, another price. There the engine
decides, as it does for requests that draw of some limits and not of others.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial
from typing import NamedTuple

import numpy as np

from faregate.comparison.crowds import let_pass
from faregate.comparison.draws import Draws
from faregate.comparison.exact_arrays import Exact, Integers, Mask, running
from faregate.comparison.flows import Flow, burn, is_left, opened, reach, room_in
from faregate.comparison.fullness import Fullness, Growth
from faregate.comparison.lanes import Lanes, Limit, Rank, Way, plain_of, rank_of, risky
from faregate.comparison.opening import Account
from faregate.comparison.packs import Pays, buy_on, pack_of
from faregate.comparison.tally import NOT_OFFERED, REFUSED, Tally
from faregate.core.account import NEVER
from faregate.core.amounts import MILLI
from faregate.core.decide import is_lifted
from faregate.core.pool import Pool
from faregate.core.request import Asker
from faregate.core.route import Payer, route_for
from faregate.core.window import SLIDING_BUCKETS, Window

LEAST, SHORT = 2, 16
"""Fewer requests than the first are not worth a leap, fewer than the second not worth many."""


class Shut(NamedTuple):
    """Until when full requests of a lane are surely refused alike. ``subject`` None: the plans are
    not for them."""

    until: int
    subject: str | None
    retry_at: int | None


class Unsuited(Exception):
    """The plans of this account are not ones that leaps can be made over."""


class _Lead(NamedTuple):
    """What becomes of a lane's full requests until ``until``: ``rank`` pays in that bracket, or
    they are ``shut`` out; neither: ask."""

    until: int
    rank: Rank | None = None
    bracket: int = 0
    shut: Shut | None = None

    @property
    def limits(self) -> tuple[Limit, ...]:
        return self.rank.brackets[self.bracket] if self.rank is not None else ()

    @property
    def name(self) -> Hashable:
        return (self.rank.payer.key, self.bracket) if self.rank is not None else None


_Leads = list[tuple[int, Way, _Lead]]
_ASK = _Lead(NEVER)


class Leaps:
    """Leaps over one account. ``shut`` is by lane what is known of refusals; whoever steps fills it and empties it.
    ``asks``: the engine is to be asked of the request behind the last leap."""

    def __init__(self, account: Account, lanes: Lanes, draws: Draws, fullness: Fullness, tally: Tally) -> None:
        self.shut: dict[int, Shut] = {}
        self.asks = False
        self._account, self._lanes, self._draws = account, lanes, draws
        self._fullness, self._tally = fullness, tally
        self._columns = draws.columns
        self._ways: dict[int, Way] = {}
        self._flows: dict[Hashable, list[Flow]] = {}

    def leap(self, row: int) -> int:
        """The first request that is not counted yet, after as many from ``row`` on as surely go one way.

        Raises Unsuited.
        """
        at = self._columns.at[row]
        stop, until = len(self._columns), self._account.state.due_at
        leads: _Leads = []
        for lane in range(len(self._lanes.names)):
            way = self._way(lane, at)
            lead = self._lead(lane, way, row)
            stop = min(stop, way.plain.odd.after(row))
            if lead is _ASK:
                stop = min(stop, way.plain.full.after(row))
            if stop < row + LEAST:
                return row
            until = min(until, lead.until, way.route.valid_until)
            leads.append((lane, way, lead))
        end = len(self._columns)
        if until <= self._columns.at[-1]:
            end = int(self._columns.instants.searchsorted(until))
            stop = min(stop, end)
        flows = self._flows_of(leads)
        # The first request that another reason than a full limit keeps from passing.
        least = stop
        for flow in flows:
            stop = min(stop, reach(flow, row))
        unguarded = self._unguarded(leads, row)
        least = min(least, unguarded)
        if unguarded < row + SHORT and stop > row + SHORT:
            guard = self._only_guard(leads)
            if guard is not None:
                reached = self._crowd(guard, leads, flows, (row, stop), until)
                self.asks = reached < end
                return reached
        stop = min(stop, unguarded)
        if stop < least and self._may_overrun(leads, flows, row, stop):
            stop += 1
        if stop < row + LEAST or _mixed(leads):
            return row
        self._pay(leads, flows, row, stop)
        if stop < least:
            stop = self._buy_on(leads, flows, stop, least)
        self.asks = stop < end  # and not where time alone ended it
        return stop

    def _buy_on(self, leads: _Leads, flows: list[Flow], stop: int, last: int) -> int:
        """Over the ends of a pack that is bought again, where one pays for all that comes; else ``stop``."""
        pack = pack_of(self._account, [(way, lead.rank) for _, way, lead in leads], flows)
        if pack is None:
            return stop

        def one(row: int) -> None:
            rank = leads[self._lanes.of.item(row)][2].rank
            assert rank is not None
            self._paid(rank.payer, 1)
            self._tally.counts.uncovered = True

        pays = Pays(partial(self._pay, leads, flows), one, partial(self._take, flows))
        return buy_on(pack, self._account, self._columns, self._fullness, pays, (stop, last))

    def is_plain(self, lane: int, row: int) -> bool:
        """Whether what was said of ``row`` goes for all full requests of its lane."""
        way = self._ways.get(lane)
        return way is not None and way.plain.full.after(row) == row

    def keep_out(self, lane: int, shut: Shut) -> None:
        """Requests of ``lane``, and of others with the same payers, are refused alike."""
        ways = self._ways
        for other, way in ways.items():
            if other == lane or way.is_like(ways[lane]):
                self.shut[other] = shut._replace(until=min(shut.until, way.route.valid_until))

    # ---- who pays

    def _way(self, lane: int, at: int) -> Way:
        model, client = self._lanes.names[lane]
        route = route_for(self._account.state, model, Asker(client), self._account.market, at)
        known = self._ways.get(lane)
        if known is not None and known.route is route:
            return known
        if route.key_guards:
            raise Unsuited
        payers = [payer for payer in route.payers if payer.subscription.switched_on]
        ranks = [self._rank(payer) for payer in payers]
        mask, name = self._lanes.masks[lane], (self._lanes.key, lane)
        keys = tuple(tuple(limit.drawn.key for limit in rank.brackets[0]) for rank in ranks)
        plain = self._draws.keep(("plain", name, keys), lambda: plain_of((name, keys), ranks, mask))
        guards = []
        for window, _ in route.guards:
            if window.kind != "sliding" or plain.free.any():
                raise Unsuited
            served = ~self._lanes.unserved
            guards.append((window, risky(window, served, self._draws, self._lanes.key)))
        self._flows.clear()
        way = self._ways[lane] = Way(route, ranks, plain, guards)
        return way

    def _rank(self, payer: Payer) -> Rank:
        sliding = any(window.kind in ("sliding", "concurrency") for window, _ in payer.counted)
        rule = payer.progressive
        if sliding or (rule is not None and any(value <= 0 for _, value in rule.brackets)):
            raise Unsuited
        counts = payer.subscription.terms.calls_per_prompt
        return rank_of(payer, self._draws, None if counts is None else (counts, self._lanes.key))

    def _lead(self, lane: int, way: Way, row: int) -> _Lead:
        known, at = self.shut.get(lane), self._columns.at[row]
        if known is not None and at < known.until:
            return _Lead(known.until, shut=known)
        until = NEVER
        for rank in way.ranks:
            if rank is way.ranks[0] and rank.payer.pool is not None and rank.payer.pool.owed and way.plain.free.any():
                raise Unsuited
            bracket = rank.bracket_at(at)
            room = room_in(rank.brackets[bracket], at)
            if room.asks:
                return _ASK
            until = min(until, room.until)
            if not room.has_any:
                continue
            if room.unopened:
                if way.guards or way.plain.full.after(row) != row or not way.bears_all(rank):
                    return _ASK
                until = min(until, opened(room.unopened, at))
            return _Lead(until, rank, bracket)
        return _ASK

    def _unguarded(self, leads: _Leads, row: int) -> int:
        """The first request that a guard might refuse. Where nobody pays the guards stand as they
        do."""
        stop = len(self._columns)
        if any(lead.rank is not None for _, _, lead in leads):
            for _, way, _ in leads:
                for window, places in way.guards:
                    if not is_lifted(self._account.state, window):
                        stop = min(stop, places.after(row))
        return stop

    def _may_overrun(self, leads: _Leads, flows: list[Flow], row: int, stop: int) -> bool:
        """Whether request ``stop`` is paid whole though it may not fit: by the last payer of its lane, whose windows
        record it where nobody else covers it, as long as anything is left."""
        lane = self._lanes.of.item(stop)
        for number, way, lead in leads:
            if number == lane:
                if lead.rank is None or not way.bears_all(lead.rank) or way.plain.full.after(stop) != stop:
                    return False
                mine = {id(limit.part) for limit in lead.limits}
                full = [flow for flow in flows if id(flow.limit.part) in mine and not is_left(flow, row, stop)]
                return not full
        return False

    def _only_guard(self, leads: _Leads) -> Window | None:
        """The guard of all lanes, where plans alone pay for all of them and it is the only one."""
        guards = {id(window): window for _, way, _ in leads for window, _ in way.guards}
        for _, way, lead in leads:
            if lead.rank is None or not way.guards or not way.open or self._tally.is_wallet(lead.rank.payer.plan):
                return None
            if lead.rank.payer.subscription.ends_at is not None:
                return None
        return next(iter(guards.values())) if len(guards) == 1 else None

    def _crowd(self, guard: Window, leads: _Leads, flows: list[Flow], span: tuple[int, int], until: int) -> int:
        """Requests of ``span`` that one guard lets pass or refuses, all others having room for
        them."""
        served = self._draws.keep(("served", self._lanes.key), (~self._lanes.unserved).tobytes)
        passed, reached = let_pass(self._columns, served, self._tally, guard, span, until)
        if not passed:
            return reached
        row, rows = span[0], np.array(passed)
        lanes = np.bincount(self._lanes.of[rows], minlength=len(leads)).tolist()
        for lane, _, lead in leads:
            if lanes[lane] and lead.rank is not None:
                self._paid(lead.rank.payer, lanes[lane])
        totals: dict[str, Integers] = {}
        for flow in flows:
            amounts = np.zeros(passed[-1] + 2 - row, dtype=flow.totals.dtype)
            amounts[rows + 1 - row] = flow.totals[rows + 1] - flow.totals[rows]
            totals[flow.limit.part.key] = amounts.cumsum()
        drawn = {flow.limit.part.key: totals[flow.limit.part.key].item(-1) for flow in flows}
        self._take(flows, drawn)
        self._fullness.look(
            self._columns.at[passed[-1]], Growth(self._columns.instants, row, passed[-1] + 1, totals, row)
        )
        return reached

    # ---- what they draw

    def _flows_of(self, leads: _Leads) -> list[Flow]:
        name = tuple(lead.name for _, _, lead in leads)
        known = self._flows.get(name)
        if known is None:
            known = self._flows[name] = self._made_flows(leads)
        return known

    def _made_flows(self, leads: _Leads) -> list[Flow]:
        parts: dict[tuple[int, bool], list[tuple[int, Way, _Lead, Limit]]] = {}
        for lane, way, lead in leads:
            for limit in lead.limits:
                parts.setdefault((id(limit.part), limit.progress), []).append((lane, way, lead, limit))
        return [self._flow(found) for found in parts.values()]

    def _flow(self, parts: list[tuple[int, Way, _Lead, Limit]]) -> Flow:
        drawing = [(way.plain.drawing(), limit.drawn) for _, way, _, limit in parts]
        masked = [(mask, drawn) for (_, mask), drawn in drawing]
        key = tuple((name, drawn.key) for (name, _), drawn in drawing)
        ranks = [(lead.rank, lead.bracket) for _, _, lead, limit in parts if limit.progress]
        ends = {rank.ends[bracket] for rank, bracket in ranks if rank is not None}
        end = min((each for each in ends if each is not None), default=None)
        return Flow(parts[0][3], self._draws.totals(key, masked), all(drawn.even for _, drawn in masked), end)

    # ---- counting

    def _count(self, leads: _Leads, row: int, stop: int) -> None:
        """Count requests [row, stop), lanes in the order of their first ones: blocks begin and end
        by it."""
        told = []
        for lane, way, lead in leads:
            full, free = way.plain.full, way.plain.free
            if (first := full.after(row)) < stop:
                told.append((first, full.among(row, stop), lane, way, lead))
            if (first := free.after(row)) < stop:
                told.append((first, free.among(row, stop), lane, way, _Lead(NEVER, way.ranks[0])))
        at = self._columns.at
        for first, count, lane, way, lead in sorted(told, key=lambda each: each[0]):
            if lead.rank is not None:
                self._paid(lead.rank.payer, count)
                self._tally.passed(at[first])
                if self._tally.is_wallet(lead.rank.payer.plan) and lead.limits:
                    self._pay_money(lane, way, lead, row, stop)
            elif lead.shut is not None:
                subject, retry_at = lead.shut.subject, lead.shut.retry_at
                mask = way.plain.full.mask
                self._tally.mark(row, stop, mask, NOT_OFFERED if subject is None else REFUSED)
                if subject is not None:
                    self._tally.refused(first, at[first], subject, retry_at, count)

    def _paid(self, payer: Payer, count: int) -> None:
        self._tally.many_paid(payer.key, payer.plan, payer.source.pool, count)
        self._account.state.seq += 2 * count

    def _pay_money(self, lane: int, way: Way, lead: _Lead, row: int, stop: int) -> None:
        """What a wallet paid for the full requests of a lane."""
        assert lead.rank is not None
        drawn, unit = lead.limits[0].drawn, lead.rank.payer.unit
        name, mask = way.plain.drawing()

        def made() -> Integers:
            amounts = self._draws.in_money(drawn.amounts, unit, 1, (0, len(self._columns)))
            return running(amounts if mask is None else Exact(amounts.numbers * mask, amounts.most))

        totals = self._draws.keep(("money", drawn.key, unit, name), made)
        self._tally.counts.wallet += totals.item(stop) - totals.item(row)
        spent: Mask = self._lanes.masks[lane].copy()
        spent[:row] = False
        spent[stop:] = False
        self._draws.remember_rates(unit, spent)

    def _pay(self, leads: _Leads, flows: list[Flow], row: int, stop: int) -> None:
        """Count requests [row, stop), and draw what they draw of every limit."""
        self._count(leads, row, stop)
        totals = {flow.limit.part.key: flow.totals for flow in flows}
        self._take(flows, {key: total.item(stop) - total.item(row) for key, total in totals.items()})
        self._fullness.look(self._columns.at[stop - 1], Growth(self._columns.instants, row, stop, totals))
        for window in {id(window): window for _, way, _ in leads for window, _ in way.guards}.values():
            self._guard(window, row, stop)

    def _take(self, flows: list[Flow], drawn: Mapping[str, int]) -> None:
        filled = False
        for flow in flows:
            part, amount = flow.limit.part, drawn[flow.limit.part.key]
            if isinstance(part, Pool):
                burn(self._account.state, part, amount)
                filled = filled or part.available <= 0
            else:
                part.used += amount
                part.draws += 1
                filled = filled or part.used >= part.limit
            if amount:
                self._tally.drew(part.key, amount)
        if filled:
            # What was refused may now wait for something else.
            self.shut.clear()

    def _guard(self, window: Window, row: int, stop: int) -> None:
        """Draw on a guard what it still counts after [row, stop), from where a bucket surely
        begins."""
        at, marks, unserved = self._columns.at, self._tally.marks, self._lanes.unserved
        length, now = window.terms.length, at[stop - 1]
        bucket = length // SLIDING_BUCKETS
        recent: list[int] = []
        fresh = False
        for each in range(stop - 1, row - 1, -1):
            if marks[each] or unserved[each]:
                continue
            if recent and at[each] <= now - length and recent[-1] - at[each] >= bucket:
                fresh = True
                break
            recent.append(at[each])
        if fresh:
            window.buckets, window.used = [], 0
        for each_at in reversed(recent):
            window.apply(window.instance_at(each_at)[0], MILLI, 1)


def _mixed(leads: _Leads) -> bool:
    """Whether something may be paid in the middle of a block that only a payment ends: its end is
    then the first."""
    for_ever = any(
        lead.shut is not None and lead.shut.subject is not None and lead.shut.retry_at is None for _, _, lead in leads
    )
    return for_ever and any(lead.rank is not None or way.plain.free.any() for _, way, lead in leads)
