"""The replay: lines of a usage file through the engine, one after the other, on one account.

Owns the order of calls (what is due, decide, settle) and the idempotency keys, which come from line numbers. The
rules are core's. Time is what the lines say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from faregate.app.shelf import Shelf
from faregate.core.account import AccountState
from faregate.core.commands import subscribe
from faregate.core.decide import decide
from faregate.core.entry import Entry
from faregate.core.errors import BadCommand
from faregate.core.evolve import evolve
from faregate.core.instants import render_instant
from faregate.core.naming import served_model
from faregate.core.request import Refused, Request
from faregate.core.roll import roll
from faregate.core.settle import settle
from faregate.core.terms import Terms
from faregate.simulator.reading import UsageLine
from faregate.simulator.reporting import Tally, View, request_row, window_draws
from faregate.simulator.result import RequestRow

ACCOUNT = "simulated"
TOOLS = "tool/"
"""Tools stand where models do, and have no price of that kind."""


class Replay:
    """One account, from the first line on. ``plans`` are bought at the first instant that is reached: terms as they
    are, names (``family/plan``, ``family/plan@version``) in the version then sold.
    """

    def __init__(self, shelf: Shelf, plans: Sequence[Terms | str]) -> None:
        self.shelf = shelf
        self.market = shelf.market
        self.state = AccountState(ACCOUNT)
        self.tally = Tally()
        self._plans = plans
        self._begun = False
        self._requests = 0
        # Models that were looked up behind our own prices.
        self._asked: set[str] = set()
        self._view: View | None = None

    def reach(self, at: int) -> None:
        """Let time come to ``at``: the plans are bought if this is the beginning, and all that is due is done."""
        if not self._begun:
            self._begun = True
            for number, named in enumerate(self._plans):
                terms = self.shelf.sold(named, at, early=True).terms if isinstance(named, str) else named
                if self.state.of_plan(terms.plan) is None or not terms.wallet:
                    self.buy(terms, at, f"begin:{number}")
        while (entry := roll(self.state, at, self.market)) is not None:
            self.apply(entry)

    def apply(self, *entries: Entry) -> None:
        """Apply what a command or time itself made."""
        for entry in entries:
            evolve(self.state, entry, self.shelf.terms)
        self._view = None

    def buy(self, terms: Terms, at: int, key: str, once: bool = False) -> None:
        """Subscribe, with the wallets that come with the plan. Raises BadCommand where it clashes."""
        self.apply(*subscribe(self.state, terms, at, key, self.shelf.companions(terms, at), once))

    def set_schedule(self, plan: str, name: str, at: int, value: Fraction) -> None:
        """Change a scheduled multiplier of the market from ``at`` on."""
        self.market = self.market.with_schedule(plan, name, at, value)

    @property
    def view(self) -> View:
        if self._view is None:
            self._view = View(self.state)
        return self._view

    def request(self, line: UsageLine) -> RequestRow:
        """Admit and settle one request with what it used, or refuse it. Raises AmountOverflow."""
        self.reach(line.at)
        state, at = self.state, line.at
        model = self._priced(served_model(state, line.model, self.market))
        id = f"line-{line.line}"
        prompt = id if line.usage.prompts else ""
        who = (line.evidence, line.billing, line.kind)
        request = Request(id, model, line.usage, line.client, line.key, line.session, prompt, *who)
        outcome = decide(state, request, at, self.market)
        index, self._requests = self._requests, self._requests + 1
        if isinstance(outcome, Refused):
            refused = self.view.refused(outcome)
            self.tally.add_refused(refused)
            windows = self.view.windows(at, {})
            return request_row(index, line, render_instant(at), model, (), windows, refused)
        evolve(state, outcome.entry, self.shelf.terms)
        settled = settle(state, id, line.usage, at, self.market)
        evolve(state, settled, self.shelf.terms)
        pieces = settled.data["slices"]
        self.tally.add_admitted(pieces)
        windows = self.view.windows(at, window_draws((outcome.entry, settled)))
        return request_row(index, line, render_instant(at), model, pieces, windows, None)

    def _priced(self, name: str) -> str:
        """The model known as ``name``. One without a price of ours is asked of the prices behind them, once."""
        model = self.market.canonical(name)
        if model in self._asked or model in self.market.cards or model.startswith(TOOLS):
            return model
        self._asked.add(model)
        shelf = self.shelf.priced([model])
        if shelf is self.shelf:
            return model
        card = shelf.prices.card(model)
        self.shelf, self.market = shelf, replace(self.market, cards=shelf.market.cards, aliases=shelf.market.aliases)
        self.state.routes = {}
        if card is not None:
            self.tally.prices_behind[card.model] = card.versions[-1].source
        return self.market.canonical(name)


def clash(shelf: Shelf, plans: Sequence[Terms | str]) -> BadCommand | None:
    """Why ``plans`` cannot be held side by side, or None."""
    trial = Replay(shelf, plans)
    try:
        trial.reach(0)
    except BadCommand as problem:
        return problem
    return None
