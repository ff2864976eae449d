"""The course of one replay: every request of the usage against one account, and what became of it.

Owns the order of things and the counts. Requests that are refused are not made later: nothing is shifted in time. A
turn whose first request was refused is asked for again by its next one. The rules are core's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from faregate.comparison.fullness import Fullness
from faregate.comparison.opening import Account
from faregate.comparison.stretches import Stretch, Stretches
from faregate.comparison.workload import HOURS_A_WEEK, OPENS, Workload
from faregate.core.charge import Charged, charge
from faregate.core.request import Asker, Refused, Request, Slice
from faregate.core.route import Route

ListValue = Callable[[int, str], int | None]
"""(index of a request, model that serves it) -> its list value in 10⁻⁹ of the comparison's currency, or None."""
WalletCost = Callable[[int, str, int], int]
"""(amount in a unit's smallest parts, unit, instant) -> 10⁻⁹ of the comparison's currency."""

NOT_FOR_IT = frozenset(("no_price", "model_not_in_plan", "client_not_in_plan"))
"""Reasons that say: the plan is not for such a request at all, full or empty."""

# A named tuple made without the detour over its keyword constructor.
_new_request: Callable[[type[Request], tuple[Any, ...]], Request] = tuple.__new__


@dataclass(slots=True)
class Counts:
    """What became of the requests. ``overflow`` and ``wallet`` are 10⁻⁹ of the comparison's currency.

    ``covered`` were paid by plans alone; ``uncovered``: a pool paid more than it had.
    ``payers`` are the keys of all sources that paid.
    ``refusals`` by window or pool key, or by reason; ``drawn`` by window and
    pool key, in smallest parts; ``refused_slots`` by hour of the week.
    """

    admitted: int = 0
    covered: int = 0
    refused: int = 0
    not_offered: int = 0
    overflow: int = 0
    wallet: int = 0
    uncovered: bool = False
    payers: set[str] = field(default_factory=set)
    refusals: dict[str, int] = field(default_factory=dict)
    drawn: dict[str, int] = field(default_factory=dict)
    refused_slots: list[int] = field(default_factory=lambda: [0] * HOURS_A_WEEK)
    stretches: list[Stretch] = field(default_factory=list)


class Course:
    """One replay. ``served`` maps a model of the usage to the one that serves it, None where none does."""

    def __init__(
        self,
        workload: Workload,
        account: Account,
        served: dict[str, str | None],
        list_value: ListValue,
        wallet_cost: WalletCost,
    ) -> None:
        self.counts = Counts()
        self.fullness = Fullness(account.state, workload.begins, workload.ends)
        self._workload, self._account, self._served = workload, account, served
        self._list_value, self._wallet_cost = list_value, wallet_cost
        self._stretches = Stretches(workload.ends)
        self._wallets = {plan.id for plan in account.offer.wallets}
        self._counts_prompts = any(plan.terms.calls_per_prompt is not None for plan in account.offer.plans)
        # Payer -> the key of its pool, None where it has none.
        self._pools: dict[str, str | None] = {}
        # Sessions whose turn was refused: their next request asks for the turn.
        self._turned_away: set[str] = set()
        # (model, client, kind of usage) -> (until when it is surely refused as before, subject, retry_at).
        self._closed: dict[tuple[str, str, int], tuple[int, str, int | None]] = {}

    def run(self) -> Counts:
        """Replay everything."""
        served_by, kinds = self._served, self._workload.kinds
        account, fullness, closed, turned_away = self._account, self.fullness, self._closed, self._turned_away
        state, market, terms = account.state, account.market, account.terms
        for index, (at, model, logged, client, session) in enumerate(self._workload.requests):
            served = served_by[model]
            if served is None:
                self._not_offered(index)
                continue
            if at >= state.due_at:
                self._let_time_pass(at)
            elif at >= fullness.due:
                fullness.look(at)
            usage, kind = logged, kinds[index]
            if turned_away and session in turned_away and not kind & OPENS:
                usage, kind = logged._replace(prompts=1), kind | OPENS
            known = closed.get((served, client, kind))
            if known is not None and at < known[0]:
                self._refused(index, at, served, known[1], known[2])
                self._turn_away(session, kind)
                continue
            # Held and settled at once, so that one id serves all; a turn needs one of its own.
            turn = f"turn-{index}" if kind & OPENS else ""
            request = _new_request(Request, ("request", served, usage, client, "", session, turn, None, "", ""))
            outcome = charge(state, request, at, market, terms, valued=False)
            if isinstance(outcome, Refused):
                outcome = self._with_packs(request, at, outcome)
            if not isinstance(outcome, Refused):
                self._paid(at, outcome[0])
                if turned_away:
                    turned_away.discard(session)
                continue
            self._remember(served, client, kind, at, outcome)
            if outcome.reason in NOT_FOR_IT:
                self._not_offered(index)
                continue
            self._turn_away(session, kind)
            self._refused(index, at, served, outcome.subject, outcome.retry_at)
        fullness.look(self._workload.ends)
        self.counts.stretches = self._stretches.close()
        return self.counts

    def _turn_away(self, session: str, kind: int) -> None:
        """A turn that did not begin: where prompts are counted its next request asks for it."""
        if self._counts_prompts and kind & OPENS and session:
            self._turned_away.add(session)

    def _with_packs(self, request: Request, at: int, refused: Refused) -> Charged | Refused:
        """The same once more where an empty pack was bought again for it."""
        account = self._account
        if not account.buy_packs(at):
            return refused
        self._closed.clear()
        return charge(account.state, request, at, account.market, account.terms)

    def _let_time_pass(self, at: int) -> None:
        """Renewals, fillings and lapses that are due; after them nothing that was refused is known to be so still."""
        self.fullness.look(at)
        self._account.reach(at)
        self.fullness.filled()
        self._closed.clear()

    def _remember(self, served: str, client: str, kind: int, at: int, refused: Refused) -> None:
        """A refusal that stands until its ``retry_at``, for every request with use of the same classes.

        Where anything left is enough, a refusal says only that each payer has none at all of something the request
        needs. What others use does not bring it back, so until time does the answer is the same: prices hold until
        the route ends, and what is due is looked at above. Requests that open no prompt are asked each time where
        prompts are counted, since what they count depends on their session.
        """
        route: Route | None = self._account.state.routes.get((served, Asker(client)))
        if route is None or refused.reason in NOT_FOR_IT:
            return
        if not all(payer.open_admission for payer in route.payers) or (route.counts_prompts and not kind & OPENS):
            return
        until = route.valid_until if refused.retry_at is None else min(refused.retry_at, route.valid_until)
        if until > at:
            self._closed[(served, client, kind)] = (until, refused.subject, refused.retry_at)

    def _paid(self, at: int, slices: list[Slice]) -> None:
        counts = self.counts
        counts.admitted += 1
        drawn, pools = counts.drawn, self._pools
        by_plan = True
        for piece in slices:
            payer, amount = piece[0], piece[4]
            if payer not in pools:
                counts.payers.add(payer)
                pools[payer] = f"{payer.rpartition('/')[0]}:{piece[2]}" if piece[2] is not None else None
            pool = pools[payer]
            if pool is not None:
                drawn[pool] = drawn.get(pool, 0) + amount
            for window, _, part in piece[12]:
                drawn[window] = drawn.get(window, 0) + part
            if piece[5]:
                counts.uncovered = True
            if piece[1] in self._wallets:
                by_plan = False
                counts.wallet += self._wallet_cost(amount + piece[5], piece[3], at)
        if by_plan:
            counts.covered += 1
        if self._stretches.waits_for_payment:
            self._stretches.paid(at)

    def _refused(self, index: int, at: int, served: str, subject: str, retry_at: int | None) -> None:
        counts = self.counts
        counts.refused += 1
        counts.refusals[subject] = counts.refusals.get(subject, 0) + 1
        counts.refused_slots[self._workload.slots[index]] += 1
        counts.overflow += self._list_value(index, served) or 0
        self._stretches.refused(at, retry_at, subject)

    def _not_offered(self, index: int) -> None:
        counts = self.counts
        counts.not_offered += 1
        counts.overflow += self._list_value(index, self._workload.requests[index].model) or 0
