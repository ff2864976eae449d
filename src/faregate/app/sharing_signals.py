"""Signals of sharing: how many addresses, devices, sessions … an account was lately seen with, in bounded memory.

Owns the counting, as hints of this process: a restart forgets them. Addresses and ids are hashed at once with a key
that lives as long as the process; what is plain is kept nowhere. Decides nothing: a crossing is told, not acted upon.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import Any, NamedTuple

from faregate.core.flags import Crossing
from faregate.core.instants import MINUTE
from faregate.core.terms import SharingRule

KEPT_ACCOUNTS = 10_000
KEPT_IDENTITIES = 50_000
LOOK_AGAIN = MINUTE
"""The same sight again says nothing new for so long, microseconds."""
RELAY_ITSELF = "itself"
"""The mark of a sender that says it is a relay."""


class Sight(NamedTuple):
    """What a request shows of who sends it, plain; '' and () where it shows nothing.

    ``address``: of the peer, verified; ``device``: an id of the client's making, else the client and its system;
    ``has_device_id``: whether it is the former. ``users``: the end users it says it forwards for. ``is_relay``: its
    sender calls itself one.
    """

    address: str = ""
    device: str = ""
    has_device_id: bool = False
    session: str = ""
    users: tuple[str, ...] = ()
    is_relay: bool = False


class _Seen:
    """What one account was seen with: hash -> when last, by signal, the oldest first."""

    __slots__ = ("busiest", "last", "last_at", "raised", "signals")

    def __init__(self) -> None:
        self.signals: dict[str, OrderedDict[int, int]] = {}
        self.raised: dict[str, int] = {}
        self.busiest: tuple[int, int] = (0, 0)
        self.last = 0
        self.last_at = 0


class SharingSignals:
    """``secret`` keys the hashes."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._accounts: OrderedDict[str, _Seen] = OrderedDict()
        self._identities: OrderedDict[int, OrderedDict[str, int]] = OrderedDict()

    def note(self, account: str, rule: SharingRule, sight: Sight, at_once: int, now: int) -> list[Crossing]:
        """Take a request in; ``at_once`` of the account are open with it. What crossed a bound just now."""
        seen = self._seen_of(account)
        whole = self._hash(repr(sight))
        if at_once <= seen.busiest[0] and whole == seen.last and now - seen.last_at < LOOK_AGAIN:
            return []
        seen.last, seen.last_at = whole, now
        if at_once > seen.busiest[0]:
            seen.busiest = (at_once, now)
        crossings: list[Crossing] = []
        for signal, most, within in rule.bounds:
            counted = self._count(account, seen, signal, sight, at_once, (most, within), now)
            if counted > most and now - seen.raised.get(signal, -within) >= within:
                seen.raised[signal] = now
                crossings.append(Crossing(signal, counted, most, within))
        return crossings

    def forget(self, account: str, signal: str) -> None:
        """What was counted of a signal counts no more: it was reviewed, or led to nothing."""
        seen = self._accounts.get(account)
        if seen is not None:
            seen.signals.pop(signal, None)

    def _count(
        self, account: str, seen: _Seen, signal: str, sight: Sight, at_once: int, bound: tuple[int, int], now: int
    ) -> int:
        if signal == "concurrency":
            if now - seen.busiest[1] >= bound[1]:
                seen.busiest = (at_once, now)
            return seen.busiest[0]
        if signal == "many_accounts":
            return self._accounts_of(sight.device if sight.has_device_id else "", account, bound, now)
        if signal == "accounts_of_an_address":
            return self._accounts_of(sight.address, account, bound, now)
        marks = seen.signals.setdefault(signal, OrderedDict())
        for mark in _marks(signal, sight):
            _put(marks, self._hash(mark), now, bound)
        _drop_old(marks, bound[1], now)
        most = bound[0]
        return most + 1 if signal == "relay" and sight.is_relay else len(marks)

    def _accounts_of(self, identity: str, account: str, bound: tuple[int, int], now: int) -> int:
        if not identity:
            return 0
        hashed = self._hash(identity)
        accounts = self._identities.get(hashed)
        if accounts is None:
            accounts = self._identities[hashed] = OrderedDict()
            if len(self._identities) > KEPT_IDENTITIES:
                self._identities.popitem(last=False)
        else:
            self._identities.move_to_end(hashed)
        _put(accounts, account, now, bound)
        _drop_old(accounts, bound[1], now)
        return len(accounts)

    def _seen_of(self, account: str) -> _Seen:
        seen = self._accounts.get(account)
        if seen is None:
            seen = self._accounts[account] = _Seen()
            if len(self._accounts) > KEPT_ACCOUNTS:
                self._accounts.popitem(last=False)
        else:
            self._accounts.move_to_end(account)
        return seen

    def _hash(self, text: str) -> int:
        return int.from_bytes(
            blake2b(text.encode("utf-8", "replace"), digest_size=8, key=self._secret).digest(), "big"
        )


def _marks(signal: str, sight: Sight) -> tuple[str, ...]:
    if signal == "relay":
        return sight.users
    mark = {"addresses": sight.address, "clients": sight.device, "sessions": sight.session}[signal]
    return (mark,) if mark else ()


def _put(marks: OrderedDict[Any, int], mark: object, now: int, bound: tuple[int, int]) -> None:
    """One more than the bound is enough to know that it is crossed."""
    marks[mark] = now
    marks.move_to_end(mark)
    if len(marks) > bound[0] + 1:
        marks.popitem(last=False)


def _drop_old(marks: OrderedDict[Any, int], within: int, now: int) -> None:
    while marks:
        at = next(iter(marks.values()))
        if now - at < within:
            return
        marks.popitem(last=False)
