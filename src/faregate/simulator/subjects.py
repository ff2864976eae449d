"""The names under which people know what the engine keeps keys for: plans, windows, pools.

Owns the public ids (`agipower/pro:week`, `88code/plus:cap`), and what kind of thing a refusal names.
"""

from __future__ import annotations

from faregate.core.account import AccountState, Subscription

KINDS = {
    "window_full": "window",
    "rate_limited": "window",
    "concurrency_full": "window",
    "pool_empty": "pool",
    "debt_owed": "pool",
    "switched_off": "switch",
    "extra_key_revoked": "key",
    "key_not_for_plan": "key",
    "model_not_in_plan": "model",
    "client_not_in_plan": "client",
    "api_billing_not_allowed": "client",
    "api_billing_asked": "client",
    "plan_billing_asked": "client",
    "restricted": "flag",
    "no_price": "price",
    "no_subscription": "account",
}
"""Reason of a refusal -> kind of what it names; any other is of kind ``request``."""


def public_names(state: AccountState) -> dict[str, str]:
    """Subscription key -> its public name: the plan, numbered where an account holds the same plan again."""
    names: dict[str, str] = {}
    held: dict[str, int] = {}
    for key, subscription in state.subscriptions.items():
        plan = subscription.terms.plan
        held[plan] = held.get(plan, 0) + 1
        names[key] = plan if held[plan] == 1 else f"{plan}#{held[plan]}"
    return names


def public_subject(names: dict[str, str], subject: str) -> str | None:
    """The public id of a window or pool key; None where it is the key of neither."""
    key, colon, part = subject.partition(":")
    return f"{names.get(key, key)}:{part}" if colon and key in names else None


def public_payer(names: dict[str, str], payer: str) -> tuple[str | None, str | None]:
    """(plan, source within it) of a payer's key; (None, None) for a guard, which is nobody's."""
    key, _, source = payer.rpartition("/")
    return names.get(key, key.partition("#")[0]) or None, source or None


def meter_name(subscription: Subscription, window_id: str) -> str:
    """What a window counts: its own meter, or that of the sources whose draws it counts."""
    terms = subscription.terms
    meter = next(window.meter for window in terms.windows if window.id == window_id)
    if meter is not None:
        return meter.name
    names = {source.meter.name for source in terms.sources if window_id in source.windows}
    return names.pop() if len(names) == 1 else "drawn"
