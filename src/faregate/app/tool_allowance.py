"""What an account may still use of a tool: for its owner to see, before anything is decided.

Owns the look at the account's sources for one model. Decides nothing: who may use what is ``decide``'s alone.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from faregate.core.account import AccountState, Subscription
from faregate.core.explain import window_row
from faregate.core.market import Market
from faregate.core.tariff import NoPrice, compile_tariff
from faregate.core.terms import SourceTerms
from faregate.core.wildcard import matches


class Allowance(NamedTuple):
    """``windows``: rows of those that count it, guards left out; ``plans``: whose sources pay for it."""

    plans: tuple[str, ...]
    windows: tuple[dict[str, Any], ...]


def allowance_of(state: AccountState, model: str, market: Market, now: int) -> Allowance | None:
    """What the plans of ``state`` allow of ``model``, whoever asks; None where none of them pays for it."""
    plans: list[str] = []
    rows: list[dict[str, Any]] = []
    segments = frozenset(name for name in state.segments if state.in_segment(name, now))
    for subscription in state.burn_order():
        for source in subscription.terms.sources:
            if not _pays(subscription, source, model, market, now, segments):
                continue
            plans.append(subscription.terms.plan)
            rows += [window_row(subscription.windows[each], now) for each in source.windows]
    return Allowance(tuple(dict.fromkeys(plans)), tuple(rows)) if plans else None


def _pays(
    subscription: Subscription, source: SourceTerms, model: str, market: Market, now: int, segments: frozenset[str]
) -> bool:
    covered = any(matches(pattern, model) for pattern in source.models)
    if not covered or any(matches(pattern, model) for pattern in source.excluded_models):
        return False
    if not subscription.switched_on:
        return False
    try:
        compile_tariff(subscription, source, model, market, now, segments)
    except NoPrice:
        return False
    return True
