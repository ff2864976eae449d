"""Signals of sharing: how many addresses, devices, sessions … an account was lately seen with, in bounded memory.

Owns the counting, as hints of this process: a restart forgets them. Where several workers see one account, what is
new here is handed out (``fresh``) for the others, and what they saw is taken in. Addresses and ids are hashed at
once; what is plain is kept nowhere. Decides nothing: a crossing is told, not acted upon.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, NamedTuple

from faregate.app.sightings_port import Sighting
from faregate.core.flags import Crossing
from faregate.core.instants import MINUTE
from faregate.core.terms import SharingRule

KEPT_ACCOUNTS = 10_000
KEPT_IDENTITIES = 50_000
KEPT_TOLD = 100_000
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

    __slots__ = ("busiest", "identities", "last", "last_at", "raised", "signals")

    def __init__(self) -> None:
        self.identities: dict[str, int] = {}
        self.signals: dict[str, OrderedDict[int, int]] = {}
        self.raised: dict[str, int] = {}
        self.busiest: tuple[int, int] = (0, 0)
        self.last = 0
        self.last_at = 0


class SharingSignals:
    """``secret`` keys the hashes; where they are ``shared`` with other workers it is the same for all of them."""

    def __init__(self, secret: bytes, shared: bool = False) -> None:
        self._secret = secret
        self._shared = shared
        self._fresh: dict[tuple[str, str, str], Sighting] = {}
        self._told: OrderedDict[tuple[str, str, str], int] = OrderedDict()
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
            self._cross(crossings, seen, Crossing(signal, counted, most, within), now)
        return crossings

    def _cross(self, crossings: list[Crossing], seen: _Seen, found: Crossing, now: int) -> None:
        """Tell of ``found`` where it passes its bound, unless that was told lately."""
        if found.counted > found.most and now - seen.raised.get(found.signal, -found.within) >= found.within:
            seen.raised[found.signal] = now
            crossings.append(found)

    # ---- among workers

    def fresh(self) -> list[Sighting]:
        """What was seen here since the last call and is news to the others."""
        fresh, self._fresh = self._fresh, {}
        return list(fresh.values())

    def untold(self, rows: Iterable[Sighting]) -> None:
        """``rows`` did not reach the others: they are fresh again."""
        self._fresh = {row[:3]: row for row in rows} | self._fresh

    def take_in(self, account: str, rule: SharingRule, rows: Iterable[Sighting]) -> None:
        """What workers saw of ``account`` and of its senders, among ``rows`` of any."""
        seen = self._seen_of(account)
        bounds = {signal: (most, within) for signal, most, within in rule.bounds}
        subjects = {_sender(hashed): hashed for hashed in seen.identities.values()}
        for row in rows:
            bound = bounds.get(row.signal)
            if bound is None:
                continue
            if row.subject == account:
                _merge(seen.signals.setdefault(row.signal, OrderedDict()), int(row.mark, 16), row.at, bound)
            elif row.subject in subjects:
                accounts = self._identities.setdefault(subjects[row.subject], OrderedDict())
                _merge(accounts, row.mark, row.at, bound)

    def recount(self, account: str, rule: SharingRule, at_once: int, now: int) -> list[Crossing]:
        """What crosses a bound by what all workers saw; ``at_once`` of the account are open with all of them."""
        seen = self._seen_of(account)
        if at_once > seen.busiest[0]:
            seen.busiest = (at_once, now)
        crossings: list[Crossing] = []
        for signal, most, within in rule.bounds:
            if signal == "concurrency":
                counted = seen.busiest[0] if now - seen.busiest[1] < within else 0
            else:
                marks: OrderedDict[Any, int] = seen.signals.get(signal) or OrderedDict()
                if signal in seen.identities:
                    marks = self._identities.get(seen.identities[signal]) or OrderedDict()
                _drop_old(marks, within, now)
                counted = len(marks)
            self._cross(crossings, seen, Crossing(signal, counted, most, within), now)
        return crossings

    def _tell(self, seen: _Seen, key: tuple[str, str, str], within: int, now: int) -> None:
        """Others are to hear of it, unless they heard lately, or the flag is raised already."""
        if not self._shared or now - seen.raised.get(key[1], -within) < within:
            return
        last = self._told.get(key)
        if last is None or now - last >= LOOK_AGAIN:
            self._told[key] = now
            self._told.move_to_end(key)
            if len(self._told) > KEPT_TOLD:
                self._told.popitem(last=False)
            self._fresh[key] = Sighting(*key, now, now + within)

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
            return self._accounts_of(signal, sight.device if sight.has_device_id else "", account, bound, now)
        if signal == "accounts_of_an_address":
            return self._accounts_of(signal, sight.address, account, bound, now)
        marks = seen.signals.setdefault(signal, OrderedDict())
        for mark in _marks(signal, sight):
            hashed = self._hash(mark)
            _put(marks, hashed, now, bound)
            if self._shared:
                self._tell(seen, (account, signal, f"{hashed:x}"), bound[1], now)
        _drop_old(marks, bound[1], now)
        most = bound[0]
        return most + 1 if signal == "relay" and sight.is_relay else len(marks)

    def _accounts_of(self, signal: str, identity: str, account: str, bound: tuple[int, int], now: int) -> int:
        if not identity:
            return 0
        hashed = self._hash(identity)
        if self._shared:
            seen = self._seen_of(account)
            seen.identities[signal] = hashed
            self._tell(seen, (_sender(hashed), signal, account), bound[1], now)
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


def _sender(hashed: int) -> str:
    return f"#{hashed:x}"


def _merge(marks: OrderedDict[Any, int], mark: object, at: int, bound: tuple[int, int]) -> None:
    """As ``_put``, of something that may be older than what is there."""
    if marks.get(mark, -1) >= at:
        return
    marks[mark] = at
    latest = sorted(marks.items(), key=lambda item: item[1])[-bound[0] - 1 :]
    marks.clear()
    marks.update(latest)


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
