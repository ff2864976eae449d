"""What an account has left, and what refused a request, in the words dialects know.

Owns the translation from the engine's state and refusals. Decides nothing.
"""

from __future__ import annotations

from faregate.app.caller_advice import caller_advice
from faregate.app.extra_advice import extra_advice
from faregate.core.account import AccountState
from faregate.core.amounts import scale
from faregate.core.explain import window_name
from faregate.core.key_windows import key_of
from faregate.core.request import Refused
from faregate.core.terms import WindowTerms
from faregate.core.window import Window
from faregate.dialects.quota import Quota, QuotaRefusal, QuotaWindow, RefusalKind

_KINDS = {
    "rate_limited": RefusalKind.RATE,
    "concurrency_full": RefusalKind.CONCURRENCY,
    "window_full": RefusalKind.QUOTA,
    "client_not_in_plan": RefusalKind.CALLER,
    "api_billing_not_allowed": RefusalKind.CALLER,
    "key_not_for_plan": RefusalKind.CALLER,
    "api_billing_asked": RefusalKind.CALLER,
    "plan_billing_asked": RefusalKind.CALLER,
    "restricted": RefusalKind.REVIEW,
}

_HEADED = ("requests", "tokens")
"""Meters that dialects have headers for."""

_DRAWN = {"request": "requests", "token": "tokens"}
"""Unit of a window that counts what its sources draw -> the meter that amounts to."""

MODEL_REASONS = frozenset({"model_not_in_plan", "no_price"})
"""Refusals that are about the model asked for, not about what is left."""

_ADVICE = {
    "no_subscription": "This account has no plan yet.",
    "debt_owed": "An earlier request drew more than was left; the next refill or top-up repays that first.",
    "hold_does_not_fit": "What is left does not cover this request; a smaller one may pass.",
    "switched_off": "Paying from it is switched off.",
    "key_not_for_plan": "No plan of this account is for keys of this kind.",
}


def quota_of(state: AccountState, key: str, now: int) -> Quota:
    """What binds: of the windows on requests, of those on tokens and of all, the one with the smallest share left.

    Of the windows that count each API key for itself those of ``key``, the id of one, alone: the rest is others'.
    """
    chosen: dict[str, tuple[Window, int]] = {}
    for window in state.windows.values():
        if window.kind == "concurrency" or window.limit <= 0 or (window.terms.by_key and key_of(window) != key):
            continue
        used = window.used_at(now)
        meter = _meter(window.terms)
        for group in ("", meter) if meter in _HEADED else ("",):
            best = chosen.get(group)
            if best is None or used * best[0].limit > best[1] * window.limit:
                chosen[group] = window, used
    named = {window.key: _window(window, now) for window, _ in chosen.values()}
    return Quota(tuple(named.values()))


def refusal_of(refused: Refused, state: AccountState | None, now: int) -> QuotaRefusal:
    """The refusal with the numbers of the window that binds, where there is one."""
    window = state.windows.get(refused.subject) if state is not None else None
    return QuotaRefusal(
        kind=_KINDS.get(refused.reason, RefusalKind.BALANCE),
        subject=window_name(refused.subject),
        retry_at=refused.retry_at,
        window=_window(window, now) if window is not None and window.kind != "concurrency" else None,
        advice=_advice(refused, state),
    )


def _advice(refused: Refused, state: AccountState | None) -> str:
    told = [_ADVICE.get(refused.reason, "")]
    if state is not None:
        told += [caller_advice(refused, state), extra_advice(refused, state)]
    return " ".join(part for part in told if part)


def _meter(terms: WindowTerms) -> str:
    """Name of what a window counts."""
    return terms.meter.name if terms.meter is not None else _DRAWN.get(terms.unit, "drawn")


def _window(window: Window, now: int) -> QuotaWindow:
    terms = window.terms
    used = window.used_at(now)
    return QuotaWindow(
        id=window_name(window.key),
        meter=_meter(terms),
        limit=window.limit,
        used=used,
        remaining=max(window.limit - used, 0),
        reopens_at=window.reopens_at(now),
        scale=scale(terms.unit),
        unit=terms.unit,
    )
