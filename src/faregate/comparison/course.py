"""The course of one replay: every request of the usage against one account, and what became of it.

Owns the order of things. Requests that are refused are not made later: nothing is shifted in time. A turn whose first
request was refused is asked for again by its next one. The rules are core's: it is asked for every request but for
those that are leapt over.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from faregate.comparison.draws import Draws
from faregate.comparison.fullness import Fullness
from faregate.comparison.lanes import Lanes
from faregate.comparison.leaps import Leaps, Shut, Unsuited
from faregate.comparison.opening import Account
from faregate.comparison.tally import Counts, Tally
from faregate.comparison.turns import CountedPrompts, Turns, counted_prompts
from faregate.comparison.workload import OPENS, Workload
from faregate.core.charge import Charged, charge
from faregate.core.request import Asker, Refused, Request
from faregate.core.route import Route, route_for
from faregate.core.usage import Usage
from faregate.core.window import Window

NOT_FOR_IT = frozenset(("no_price", "model_not_in_plan", "client_not_in_plan"))
"""Reasons that say: the plan is not for such a request at all, full or empty."""

# A named tuple made without the detour over its keyword constructor.
_new_request: Callable[[type[Request], tuple[Any, ...]], Request] = tuple.__new__


class Course:
    """One replay, from the beginning to the end."""

    def __init__(self, workload: Workload, account: Account, lanes: Lanes, tally: Tally) -> None:
        self.fullness = Fullness(account.state, workload.begins, workload.ends)
        self.tally = tally
        self.account, self.lanes = account, lanes
        self._workload, self._columns = workload, workload.columns
        self._counts_prompts = any(plan.terms.calls_per_prompt is not None for plan in account.offer.plans)
        self._leaps: Leaps | Turns | None = None
        # By subscription: what its prompts come to where nothing is refused.
        self._prompts: dict[str, CountedPrompts] = {}
        # Sessions whose turn was refused: their next request asks for the turn.
        self._turned_away: set[str] = set()
        # (model, client, kind of usage) -> (until when it is surely refused as before, subject, retry_at).
        self._closed: dict[tuple[str, str, int], tuple[int, str, int | None]] = {}

    def run(self, draws: Draws | None = None) -> Counts:
        """Replay everything; with ``draws`` by leaps. Raises Unsuited where no leaps can be made."""
        if draws is not None:
            self._leaps = self._made_leaps(draws)
        at, state, fullness = self._columns.at, self.account.state, self.fullness
        row, count = 0, len(at)
        # Where the last leap was short, so are the next ones likely to be: steps are taken first, ever more of them.
        steps, patience = 0, 1
        while row < count:
            now = at[row]
            if now >= state.due_at:
                self.let_time_pass(now)
            else:
                fullness.keep_up(now)
            if self._leaps is not None and steps <= 0:
                reached = self._leaps.leap(row)
                if reached > row + 8:
                    patience = 1
                # What ended it may be the engine's: another leap from there would only find that out.
                steps = patience if reached == row or self._leaps.asks else 0
                if reached <= row + 8:
                    patience = min(patience * 2, 32)
                if reached > row:
                    row = reached
                    continue
            steps = max(steps - 1, int(self.step(row, now)))
            row += 1
        fullness.look(self._workload.ends)
        return self.tally.close()

    def _made_leaps(self, draws: Draws) -> Leaps | Turns:
        state, prompts = self.account.state, self._prompts
        counting = [each for each in state.subscriptions.values() if each.terms.calls_per_prompt is not None]
        if not self.lanes.names:
            counting = []  # nobody's prompts
        if counting and not self._pays_all():
            return Turns(self.account, self.lanes, draws, self.fullness, self.tally, self._turned_away)
        for each in counting:
            limit = each.terms.calls_per_prompt or 1
            name = (limit, self.lanes.key)
            found = draws.keep(("prompts", name), partial(counted_prompts, self._columns, self.lanes, limit))
            draws.counted[name] = found.counts
            prompts[each.key] = found
        return Leaps(self.account, self.lanes, draws, self.fullness, self.tally)

    def _pays_all(self) -> bool:
        """Whether a wallet pays for whatever the plans do not, so that nothing is ever refused."""
        account, at = self.account, self._columns.at[0]
        wallets = {plan.id for plan in account.offer.wallets}
        for model, client in self.lanes.names:
            route = route_for(account.state, model, Asker(client), account.market, at)
            if not any(payer.plan in wallets for payer in route.payers):
                return False
        return True

    def step(self, row: int, at: int) -> bool:
        """Ask the engine about one request; whether the next one is likely its matter, too."""
        lane = self.lanes.of.item(row)
        if lane < 0:
            return False
        served, client = self.lanes.names[lane]
        usage, kind = Usage._make(self._columns.usage[row].tolist()), self._workload.kinds[row]
        session = self._columns.sessions[self._columns.session.item(row)]
        if self._turned_away and session in self._turned_away and not kind & OPENS:
            usage, kind = usage._replace(prompts=1), kind | OPENS
        known = self._closed.get((served, client, kind))
        if known is not None and at < known[0]:
            self.tally.refused(row, at, known[1], known[2])
            self._turn_away(session, kind)
            return False
        # Held and settled at once, so that one id serves all; a turn needs one of its own.
        turn = f"turn-{row}" if kind & OPENS else ""
        self._find_prompts(row, session)
        request = _new_request(Request, ("request", served, usage, client, "", session, turn, None, "", ""))
        account = self.account
        # Where packs are bought again and it is asked once more, nobody hears until when it would have waited.
        brief = account.needs_packs()
        outcome = charge(account.state, request, at, account.market, account.terms, brief=brief, valued=False)
        if isinstance(outcome, Refused):
            outcome = self._with_packs(request, at, outcome)
        if not isinstance(outcome, Refused):
            self.tally.paid(at, outcome[0])
            self.fullness.catch_up(at)
            self._turned_away.discard(session)
            # Whoever paid it alone has nothing left: the next is refused, or fills something again.
            return self._is_full(outcome) and len(outcome.slices) == 1
        if self._prompts:
            raise Unsuited
        self._remember(served, client, kind, at, outcome)
        if self._leaps is not None and self._leaps.is_plain(lane, row):
            self._shut(lane, served, client, at, outcome)
        if outcome.reason in NOT_FOR_IT:
            self.tally.not_offered(row)
            return False
        self._turn_away(session, kind)
        self.tally.refused(row, at, outcome.subject, outcome.retry_at)
        return False

    def _find_prompts(self, row: int, session: str) -> None:
        """Put the counters of prompts where they would be had no request been leapt over."""
        for key, counted in self._prompts.items():
            before = counted.before.item(row)
            known = {session if counted.own[row] else "": ("", before)} if before >= 0 else {}
            self.account.state.subscriptions[key].prompt_calls = known

    def let_time_pass(self, at: int) -> None:
        """Renewals, fillings and lapses that are due; after them nothing that was refused is known to be so still."""
        self.fullness.look(at)
        self.account.reach(at)
        self.fullness.filled()
        self._forget()

    def _turn_away(self, session: str, kind: int) -> None:
        """A turn that did not begin: where prompts are counted its next request asks for it."""
        if self._counts_prompts and kind & OPENS and session:
            self._turned_away.add(session)

    def _with_packs(self, request: Request, at: int, refused: Refused) -> Charged | Refused:
        """The same once more where an empty pack was bought again for it, as often as the last one owed that much."""
        account = self.account
        outcome: Charged | Refused = refused
        while isinstance(outcome, Refused) and outcome.reason not in NOT_FOR_IT and account.buy_packs(at):
            self._forget()
            outcome = charge(account.state, request, at, account.market, account.terms, valued=False)
        # Also where a guard refuses it all the same.
        self.fullness.catch_up(at)
        return outcome

    def _is_full(self, charged: Charged) -> bool:
        """Whether it filled a window or emptied a pool, which may change what others that were refused wait for."""
        state = self.account.state
        for piece in charged.slices:
            windows: list[Window | None] = [state.windows.get(key) for key, _, _ in piece[12]]
            key = self.tally.pool_of(piece[0], piece[2])
            pool = state.find_pool(key) if key is not None else None
            full = any(window is not None and window.used >= window.limit for window in windows)
            if full or (pool is not None and pool.available <= 0):
                self._forget()
                return True
        return False

    def _forget(self) -> None:
        self._closed.clear()
        if self._leaps is not None:
            self._leaps.shut.clear()

    def _remember(self, served: str, client: str, kind: int, at: int, refused: Refused) -> None:
        """A refusal that stands until its ``retry_at``, for every request with use of the same classes.

        Where anything left is enough, a refusal says only that each payer has none at all of something the request
        needs. What others use does not bring it back, so until time does the answer is the same: prices hold until
        the route ends, and what is due is looked at above. Requests that open no prompt are asked each time where
        prompts are counted, since what they count depends on their session.
        """
        route: Route | None = self.account.state.routes.get((served, Asker(client)))
        if route is None or refused.reason in NOT_FOR_IT:
            return
        if not all(payer.open_admission for payer in route.payers) or (route.counts_prompts and not kind & OPENS):
            return
        until = _until(route, refused)
        if until > at:
            self._closed[(served, client, kind)] = (until, refused.subject, refused.retry_at)

    def _shut(self, lane: int, served: str, client: str, at: int, refused: Refused) -> None:
        """The same for all requests of a lane that draw something of every limit, as this one does."""
        assert self._leaps is not None
        route = self.account.state.routes.get((served, Asker(client)))
        if route is None:
            return
        if refused.reason in NOT_FOR_IT:
            if not any(payer.subscription.switched_on for payer in route.payers):
                self._leaps.keep_out(lane, Shut(route.valid_until, None, None))
        elif all(payer.open_admission for payer in route.payers):
            until = _until(route, refused)
            if until > at:
                self._leaps.keep_out(lane, Shut(until, refused.subject, refused.retry_at))


def _until(route: Route, refused: Refused) -> int:
    return route.valid_until if refused.retry_at is None else min(refused.retry_at, route.valid_until)
