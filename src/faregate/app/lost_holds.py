"""Lost holds: those whose process died, so that nobody will settle or release them.

Owns telling them from holds of the living, and closing all of them at the start of the one process that serves a
store. What closing one comes to is its plan's rule (``core.roll``).
"""

from __future__ import annotations

from collections.abc import Container

from faregate.app.group_commit import Act, Outcome
from faregate.app.shelf import Shelf
from faregate.app.store_errors import StoreError
from faregate.app.store_port import ACCEPTED, Append, Store
from faregate.app.warm_accounts import WarmAccounts
from faregate.core.account import AccountState
from faregate.core.evolve import evolve
from faregate.core.market import Market
from faregate.core.roll import close_lost


class Either:
    """Requests that are in one or the other."""

    def __init__(self, here: Container[str], elsewhere: Container[str]) -> None:
        self._here, self._elsewhere = here, elsewhere

    def __contains__(self, request: object) -> bool:
        return request in self._here or request in self._elsewhere


def closing_lost(request: str, now: int, market: Market) -> Act:
    """The act that closes a hold nobody will close; its result is how, None where it is not open (any more)."""

    def act(state: AccountState) -> Outcome:
        hold = state.holds.get(request)
        if hold is None:
            return Outcome((), None)
        entry = close_lost(state, hold, now, market)
        return Outcome((entry,), entry.kind)

    return act


def recovered(store: Store, accounts: WarmAccounts, shelf: Shelf, now: int) -> list[tuple[str, str, str]]:
    """Close every open hold in ``store``; (account, request, released | settled) of each. Raises StoreError."""
    closed: list[tuple[str, str, str]] = []
    for account in store.accounts_with_open_holds():
        warm = accounts.get(account)
        # Whatever becomes of the append, the state is loaded again after it.
        accounts.drop(account)
        appends: list[Append] = []
        for hold in list(warm.state.holds.values()):
            entry = close_lost(warm.state, hold, now, shelf.market)
            evolve(warm.state, entry, shelf.terms)
            appends.append(Append(entry))
            closed.append((account, hold.request, entry.kind))
        if any(outcome != ACCEPTED for outcome in store.append(appends)):
            problem = "another process writes to this store while it recovers; stop it and start again"
            raise StoreError("the store", problem)
    store.flush()
    return closed
