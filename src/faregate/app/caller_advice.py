"""What a refusal says of the caller: whom the plan is for, what may pay for others, and that a flag is under review.

Owns these sentences. Decides nothing.
"""

from __future__ import annotations

from faregate.callers.recognise import title_of
from faregate.core.account import AccountState
from faregate.core.flags import strictest
from faregate.core.request import Block, Refused

_WALLETS = {
    "switched_off": "is switched off",
    "pool_empty": "is empty",
    "debt_owed": "is owed for earlier requests",
    "client_not_in_plan": "does not pay for others by itself: ask for it with `x-faregate-billing: api`",
    "model_not_in_plan": "does not have this model",
}


def caller_advice(refused: Refused, state: AccountState) -> str:
    """What to know of the caller; '' where the refusal is not about it."""
    if refused.reason == "restricted":
        flag = strictest(state)
        named = f"flag `{flag.id}` ({flag.signal})" if flag is not None else "a flag"
        return f"It looks shared or forwarded: {named} is being reviewed; please write to whoever runs this gate."
    if refused.reason == "concurrency_full" and refused.subject.startswith("flag:"):
        return "The account is slowed down while a flag on it is reviewed."
    if refused.reason == "api_billing_not_allowed":
        return "Inside this tool the plan alone pays: leave out `x-faregate-billing: api`."
    if refused.reason == "api_billing_asked":
        return "API billing was asked for, and this account has no wallet that pays for it."
    if refused.reason == "plan_billing_asked":
        return "`x-faregate-billing: plan` was asked for, and no plan of this account pays for it."
    shut = next((block for block in refused.blocks if block.reason == "client_not_in_plan"), None)
    return "" if shut is None else _for_others(refused, shut, state)


def _for_others(refused: Refused, shut: Block, state: AccountState) -> str:
    """Whom the plan is for, and why nothing else pays."""
    sentences: list[str] = []
    for subscription in state.subscriptions.values():
        rule = subscription.terms.clients
        if rule is not None and shut.payer.startswith(subscription.key + "/"):
            tools = ", ".join(title_of(name) for name in rule.allowed)
            sentences.append(f"`{subscription.terms.plan}` pays only for calls of {tools}, recognised as such.")
    for block in refused.blocks:
        wallet = state.subscriptions.get(block.payer.rpartition("/")[0])
        if wallet is not None and wallet.terms.wallet and block.reason in _WALLETS:
            sentences.append(f"`{wallet.terms.plan}`, which pays for API use, {_WALLETS[block.reason]}.")
    if not any(subscription.terms.wallet for subscription in state.subscriptions.values()):
        sentences.append("No wallet of this account pays for API use.")
    return " ".join(dict.fromkeys(sentences))
