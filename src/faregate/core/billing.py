"""Billing: which of an account's plans may pay for a caller, by the callers they are for and by what it asks for.

Owns the rule alone. Does not know how a caller is recognised, nor what its plans have left.
"""

from __future__ import annotations

from faregate.core.account import AccountState
from faregate.core.flags import strictest
from faregate.core.request import Asker
from faregate.core.terms import ClientRule, SourceTerms
from faregate.core.wildcard import matches

API, PLAN = "api", "plan"
"""What a caller may ask to be billed as: by an account's wallets alone, or by its plans alone."""


def is_listed(rule: ClientRule, asker: Asker) -> bool:
    """Whether ``rule`` is for this caller: one of its names, and enough signs that it is the one it claims to be."""
    if "*" in rule.allowed:
        return True
    evidence = asker.evidence
    if evidence is not None and len(evidence) < rule.signs:
        return False
    return any(matches(pattern, asker.client) for pattern in rule.allowed)


def barred(state: AccountState, model: str, asker: Asker) -> dict[str, str]:
    """Subscriptions that pay nothing for this caller, by key, each with the reason.

    Where a plan lets a listed caller have no API billing and it asks for it, nothing pays; nor where a flag restricts
    the account, but for what asks for API billing.
    """
    if state.flags and asker.billing != API and _is_restricted(state):
        return dict.fromkeys(state.subscriptions, "restricted")
    reasons: dict[str, str] = {}
    shut: set[str] = set()
    open_to: set[str] = set()
    for key, subscription in state.subscriptions.items():
        terms, rule = subscription.terms, subscription.terms.clients
        if asker.billing == API and not terms.wallet:
            reasons[key] = "api_billing_asked"
            if rule is not None and _binds(rule, asker) and any(covers(source, model) for source in terms.sources):
                return dict.fromkeys(state.subscriptions, "api_billing_not_allowed")
        elif asker.billing == PLAN and terms.wallet:
            reasons[key] = "plan_billing_asked"
        elif rule is not None and not is_listed(rule, asker):
            reasons[key] = "client_not_in_plan"
            if not rule.bills_others:
                shut.add(terms.family)
        elif not terms.wallet:
            open_to.add(terms.family)
    if asker.billing != API:
        for key, subscription in state.subscriptions.items():
            if subscription.terms.wallet and subscription.terms.family in shut - open_to:
                reasons.setdefault(key, "client_not_in_plan")
    return reasons


def _is_restricted(state: AccountState) -> bool:
    flag = strictest(state)
    return flag is not None and flag.action == "restrict"


def _binds(rule: ClientRule, asker: Asker) -> bool:
    """Whether this caller may not choose API billing."""
    return not rule.may_choose_api and is_listed(rule, asker)


def covers(source: SourceTerms, model: str) -> bool:
    """Whether ``source`` pays for ``model`` at all."""
    return any(matches(pattern, model) for pattern in source.models) and not any(
        matches(pattern, model) for pattern in source.excluded_models
    )
