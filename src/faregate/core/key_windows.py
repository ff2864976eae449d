"""Guards that count each API key for itself: their windows, made when a key first draws.

Owns how such a window is named (``rpm@key_…`` of its subscription) and which limit it has.
"""

from __future__ import annotations

from faregate.core.account import AccountState, Subscription
from faregate.core.terms import WindowTerms
from faregate.core.window import Window


def window_of_key(subscription: Subscription, terms: WindowTerms, key_id: str) -> Window:
    """The window of guard ``terms`` for one key, as it stands; one that nobody drew on yet is not kept."""
    id = f"{terms.id}@{key_id}"
    return subscription.windows.get(id) or _fresh(subscription, terms, id)


def key_of(window: Window) -> str:
    """The id of the key that a window by key counts."""
    return window.key.rpartition("@")[2]


def _fresh(subscription: Subscription, terms: WindowTerms, id: str) -> Window:
    window = Window(f"{subscription.key}:{id}", terms, subscription.bought_at)
    window.limit = subscription.key_limits.get(id, terms.limit)
    return window


def opened(state: AccountState, key: str) -> Window | None:
    """The window that ``key`` names, put into the state; None where it is of no guard by key."""
    owner, _, id = key.partition(":")
    subscription = state.subscriptions.get(owner)
    window = put_in(subscription, id) if subscription is not None else None
    if window is not None:
        state.windows[key] = window
    return window


def put_in(subscription: Subscription, id: str) -> Window | None:
    """The window ``rpm@key_…`` made in ``subscription``, None where its terms have no such guard."""
    name, at_sign, _ = id.partition("@")
    terms = next((each for each in subscription.terms.windows if each.by_key and each.id == name), None)
    if terms is None or not at_sign:
        return None
    window = subscription.windows[id] = _fresh(subscription, terms, id)
    return window


def follow_terms(subscription: Subscription) -> None:
    """Give the windows by key the terms and limits that hold now."""
    by_id = {each.id: each for each in subscription.terms.windows if each.by_key}
    for id, window in subscription.windows.items():
        name, at_sign, _ = id.partition("@")
        if at_sign and name in by_id:
            window.terms = by_id[name]
            window.limit = subscription.key_limits.get(id, window.terms.limit)
