"""What an account may still use of a tool: for its owner to see, before anything is decided.

Owns the look at the account's route for one tool. Decides nothing: who may use what is ``decide``'s alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from faregate.core.account import AccountState
from faregate.core.explain import window_row
from faregate.core.market import Market
from faregate.core.request import Asker
from faregate.core.route import route_for

_NOT_THIS_CALLER = "client_not_in_plan"


class Allowance(NamedTuple):
    """``windows``: rows of those that count it, guards left out. ``serves_caller``: False where a plan has the tool,
    but not for this caller."""

    windows: tuple[dict[str, Any], ...] = ()
    serves_caller: bool = True


def allowance_of(state: AccountState, model: str, asker: Asker, market: Market, now: int) -> Allowance | None:
    """What the plans of ``state`` allow ``asker`` of ``model``; None where none of them has it."""
    route = route_for(state, model, asker, market, now)
    if route.payers:
        windows = dict.fromkeys(window for payer in route.payers for window, _ in payer.counted)
        return Allowance(tuple(window_row(window, now) for window in windows))
    if any(block.reason == _NOT_THIS_CALLER for block in route.blocks):
        return Allowance(serves_caller=False)
    return None
