"""What a refusal says of Extra Usage: that it is off, that its key is gone, that its balance is empty.

Owns these sentences. Decides nothing: each source's own reason stands in the refusal.
"""

from __future__ import annotations

from faregate.core.account import AccountState
from faregate.core.explain import window_name
from faregate.core.request import Block, Refused

_SAID = {
    "switched_off": "Extra Usage is off: switched on, the balance pays until then.",
    "extra_key_revoked": "Extra Usage is on, but the key it is billed to was revoked: choose another one.",
    "pool_empty": "Extra Usage is on, but its balance `{subject}` is empty: top it up to go on now.",
    "debt_owed": "Extra Usage is on, but its balance `{subject}` is overdrawn: top it up to go on now.",
}


def extra_advice(refused: Refused, state: AccountState) -> str:
    """Why Extra Usage did not pay, '' where the account's plans have none."""
    wallets = {each.terms.extra_usage for each in state.subscriptions.values() if each.terms.extra_usage is not None}
    if not wallets or refused.reason in ("rate_limited", "concurrency_full"):
        return ""
    for block in refused.blocks:
        if block.reason in _SAID and _plan_of(block, state) in wallets and block.subject != refused.subject:
            return _SAID[block.reason].format(subject=window_name(block.subject))
    return ""


def _plan_of(block: Block, state: AccountState) -> str | None:
    subscription = state.subscriptions.get(block.payer.rpartition("/")[0])
    return subscription.terms.plan if subscription is not None else None
