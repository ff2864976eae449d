"""Naming: which model serves a name that a client uses, where a plan maps names to models of its own.

Owns the choice among an account's plans. Does not know upstreams, nor what they call a model.
"""

from __future__ import annotations

from faregate.core.account import AccountState, Subscription
from faregate.core.billing import covers
from faregate.core.market import Market
from faregate.core.wildcard import matches


def served_model(state: AccountState, model: str, market: Market) -> str:
    """The model that serves ``model`` on this account: by the first plan, in burn order, that offers it or maps it.

    A name that no plan maps is its own.
    """
    if not any(subscription.terms.mapping for subscription in state.subscriptions.values()):
        return model
    canonical = market.canonical(model)
    for subscription in state.burn_order():
        found = _mapped(subscription, model, canonical)
        if found is not None:
            return found
    return model


def _mapped(subscription: Subscription, model: str, canonical: str) -> str | None:
    """What one plan says of the name; ``model`` itself where it is a name that the plan lets stand."""
    terms = subscription.terms
    offered = any(covers(source, canonical) for source in terms.sources)
    for rule in terms.mapping:
        if matches(rule.pattern, model) or matches(rule.pattern, canonical):
            return model if offered and rule.may_override else rule.model
    return model if offered else None
