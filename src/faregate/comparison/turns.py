"""Turns: how many prompts requests count on plans that count them, and leaps over such plans.

Owns following the turns of sessions as core counts them (``prompting``, and ``count_call`` of ``evolve``), for many
requests at a time: those that count nothing pass whatever is used up, those that count one pass while there is room.
Whatever opens a window, fills it in part or needs a reason is left to the engine. A test holds all of it to that.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from faregate.comparison.columns import Columns
from faregate.comparison.draws import Draws
from faregate.comparison.exact_arrays import Integers
from faregate.comparison.fullness import Fullness, Growth
from faregate.comparison.lanes import Lanes
from faregate.comparison.leaps import Shut, Unsuited
from faregate.comparison.opening import Account
from faregate.comparison.tally import REFUSED, Tally
from faregate.core.evolve import KEPT_SESSIONS
from faregate.core.request import Asker
from faregate.core.route import Payer, Route, route_for
from faregate.core.window import Window

_PROMPTS = 8
"""Which usage class prompts are."""


class CountedPrompts(NamedTuple):
    """What each request counts where every request passes, and the counter that it finds: of its own session or of
    those without one, with so many calls (-1: none)."""

    counts: Integers
    own: bytearray
    before: Integers


def counted_prompts(columns: Columns, lanes: Lanes, limit: int) -> CountedPrompts:
    """Prompts of a plan whose prompts cover ``limit`` calls, where nothing is ever refused."""
    known: dict[str, tuple[str, int]] = {}
    counts, before, own = [], [], bytearray()
    rows = zip(columns.session.tolist(), columns.usage[:, _PROMPTS].tolist(), lanes.of.tolist(), strict=True)
    for number, prompts, lane in rows:
        name = columns.sessions[number]
        session = name if prompts or name in known else ""
        found = known.get(session)
        made = found[1] if found is not None else -1
        count, after = prompts, 1
        if not prompts:
            after = max(made, 0) + 1
            if after > limit:
                count, after = 1, 1
        counts.append(count)
        before.append(made)
        own.append(session == name)
        if lane >= 0:
            _keep(known, session, ("", after))
    return CountedPrompts(np.array(counts, dtype=np.int64), own, np.array(before, dtype=np.int64))


def _keep(calls: dict[str, tuple[str, int]], session: str, after: tuple[str, int]) -> None:
    """As core keeps the counters of sessions: the latest ones."""
    calls.pop(session, None)
    calls[session] = after
    if len(calls) > KEPT_SESSIONS:
        del calls[next(name for name in calls if name)]


class _Runs(NamedTuple):
    """Runs of requests that follow each other in one session without opening a turn but by the first: ``ends`` are by
    request where its run ends."""

    ends: list[int]
    sessions: list[int]
    served: bytes
    opens: bytes


def _runs_of(columns: Columns, lanes: Lanes) -> _Runs:
    opens, session = columns.usage[:, _PROMPTS] > 0, columns.session
    begins = opens.copy()
    begins[1:] |= (session[1:] != session[:-1]) | (lanes.unserved[1:] != lanes.unserved[:-1])
    begins[:1] = True
    edges = np.append(np.flatnonzero(begins), len(columns))
    ends = np.repeat(edges[1:], np.diff(edges))
    return _Runs(ends.tolist(), session.tolist(), (~lanes.unserved).tobytes(), opens.tobytes())


class _Way(NamedTuple):
    """The one payer of all requests, and what a prompt draws of each of its windows."""

    routes: list[Route]
    payer: Payer
    each: int
    until: int


class Turns:
    """Leaps over one account whose only payer counts prompts. ``turned_away`` are sessions whose turn did not begin.

    ``shut`` and ``asks`` as in Leaps, by any lane: what binds binds all of them.
    """

    def __init__(
        self, account: Account, lanes: Lanes, draws: Draws, fullness: Fullness, tally: Tally, turned_away: set[str]
    ) -> None:
        self.shut: dict[int, Shut] = {}
        self.asks = False
        columns = draws.columns
        self._account, self._lanes, self._columns = account, lanes, columns
        self._fullness, self._tally, self._turned_away = fullness, tally, turned_away
        if columns.largest[_PROMPTS] > 1:
            raise Unsuited
        self._runs = draws.keep(("runs", lanes.key), lambda: _runs_of(columns, lanes))
        self._sessions = self._runs.sessions
        self._served, self._opens = self._runs.served, self._runs.opens
        self._known: _Way | None = None

    def is_plain(self, lane: int, row: int) -> bool:
        """Whether what was said of ``row`` goes for others: of all that are refused, since they count one prompt."""
        return True

    def keep_out(self, lane: int, shut: Shut) -> None:
        """As Leaps.keep_out."""
        self.shut[lane] = shut

    def leap(self, row: int) -> int:
        """As Leaps.leap."""
        at = self._columns.at[row]
        way = self._way(at)
        if way is None:
            return row
        until = min(self._account.state.due_at, way.until)
        shut = next((known for known in self.shut.values() if at < known.until), None)
        room = 0
        if shut is not None:
            if shut.retry_at is None:
                return row
            until = min(until, shut.until)
        windows = [window for window, _ in way.payer.counted]
        opened = [window.anchor is not None and window.anchor <= at < window.closes for window in windows]
        until = min([until, *(window.closes for window, live in zip(windows, opened, strict=True) if live)])
        if shut is None and all(opened):
            room = min([(window.limit - window.used) // way.each for window in windows], default=len(self._sessions))
        stop = len(self._columns)
        if until <= self._columns.at[-1]:
            stop = int(self._columns.instants.searchsorted(until))
        reached = self._follow(way, windows, row, stop, max(room, 0), shut)
        self.asks = reached < stop
        return reached

    def _way(self, at: int) -> _Way | None:
        """Raises Unsuited where something else pays, too, or counts otherwise."""
        state = self._account.state
        routes = [
            route_for(state, model, Asker(client), self._account.market, at) for model, client in self._lanes.names
        ]
        if self._known is not None and all(map(operator.is_, routes, self._known.routes)):
            return self._known
        if not routes:
            return None
        found = [_only_payer(route) for route in routes]
        first = found[0]
        if any(payer.key != first.key or payer.counted != first.counted for payer in found):
            raise Unsuited
        until = min(route.valid_until for route in routes)
        if until < self._columns.at[-1]:
            raise Unsuited
        assert first.gauge.weights is not None
        self._known = _Way(routes, first, first.gauge.weights[_PROMPTS], until)
        return self._known

    def _follow(self, way: _Way, windows: Sequence[Window], row: int, stop: int, room: int, shut: Shut | None) -> int:
        """Follow requests [row, stop) until one is to be asked for; the first that is not counted."""
        subscription = way.payer.subscription
        calls, turned = subscription.prompt_calls, self._turned_away
        limit = subscription.terms.calls_per_prompt or 1
        names, numbers, ends = self._columns.sessions, self._sessions, self._runs.ends
        served, opens = self._served, self._opens
        counted: list[int] = []
        refused: list[tuple[int, int]] = []
        paid, each = 0, row  # paid: without a prompt of their own
        while each < stop:
            end = ends[each]
            if end > stop:
                end = stop
            if not served[each]:
                each = end
                continue
            session = names[numbers[each]]
            opening = opens[each] or session in turned
            own = session if opening or session in calls else ""
            if not opening:
                found = calls.get(own)
                made = found[1] if found is not None else 0
                free = limit - made
                if free > end - each:
                    free = end - each
                if free > 0:
                    _keep(calls, own, ("", made + free))
                    paid += free
                    each += free
                    continue
            if shut is not None:
                if opening and session:
                    turned.add(session)
                elif opening:
                    # Turns without a session are not turned away: what follows may go with another one's prompt.
                    end = each + 1
                refused.append((each, end))
                each = end
            elif len(counted) < room:
                # The prompt, and what it covers of the calls behind it.
                covered = limit if limit < end - each else end - each
                counted.append(each)
                _keep(calls, own, ("", covered))
                turned.discard(session)
                paid += covered - 1
                each += covered
            else:
                break
        if each > row:
            self._tell(way, windows, row, each, counted, paid, refused, shut)
        return each

    def _tell(
        self,
        way: _Way,
        windows: Sequence[Window],
        row: int,
        stop: int,
        counted: list[int],
        free: int,
        refused: list[tuple[int, int]],
        shut: Shut | None,
    ) -> None:
        tally, at, paid = self._tally, self._columns.at, len(counted) + free
        if paid:
            tally.many_paid(way.payer.key, way.payer.plan, None, paid)
            # A block that no waiting would have ended was over with the first of them: nothing is refused before it.
            if not refused:
                tally.passed(at[row])
        if refused and shut is not None:
            assert shut.subject is not None
            for begin, end in _joined(refused):
                tally.mark(begin, end, None, REFUSED)
            first, count = refused[0][0], sum(end - begin for begin, end in refused)
            tally.refused(first, at[first], shut.subject, shut.retry_at, count)
        self._account.state.seq += 2 * paid
        totals: dict[str, Any] = {}
        if counted:
            drawn = np.zeros(stop + 1 - row, dtype=np.int64)
            drawn[np.array(counted) + 1 - row] = way.each
            drawn = drawn.cumsum()
            for window in windows:
                window.used += way.each * len(counted)
                window.draws += len(counted)
                tally.drew(window.key, way.each * len(counted))
                totals[window.key] = drawn
        self._fullness.look(at[stop - 1], Growth(self._columns.instants, row, stop, totals, row))


def _joined(runs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The runs, those that follow each other as one: what is refused for hours is marked by a few calls."""
    found: list[tuple[int, int]] = []
    for begin, end in runs:
        if found and found[-1][1] == begin:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return found


def _only_payer(route: Route) -> Payer:
    payers = [payer for payer in route.payers if payer.subscription.switched_on]
    if (
        len(payers) != 1
        or route.guards
        or route.key_guards
        or not all(payer.open_admission for payer in route.payers)
    ):
        raise Unsuited
    payer = payers[0]
    if payer.pool is not None or payer.progressive is not None or len(route.counts_prompts) != 1:
        raise Unsuited
    weights = payer.gauge.weights
    if payer.gauge.cost or payer.gauge.denominator != 1 or weights is None or any(weights[:_PROMPTS]):
        raise Unsuited
    for window, gauge in payer.counted:
        if window.kind in ("sliding", "concurrency") or (gauge is not None and gauge != payer.gauge):
            raise Unsuited
    return payer
