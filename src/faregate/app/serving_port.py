"""What serves calls, seen from the doors: keys, books, and attempts at upstreams, as protocols.

Owns the seams that the gate and the tools share; each adds what it alone needs. All methods belong to the event
loop's thread and return at once; what takes time is a future.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from faregate.app.catalogue_port import ApiKey, Receipt
from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.request import Admitted, Refused, Request
from faregate.core.usage import Usage
from faregate.wire.call import Call
from faregate.wire.failures import WireError
from faregate.wire.headers import Header

Clock = Callable[[], int]
"""Microseconds UTC."""


class Keyring(Protocol):
    """Keys in memory."""

    def authenticate(self, secret: bytes, now: int) -> ApiKey | None:
        """The live key of that secret, its use noted, or None."""


class Books(Protocol):
    """The ledger, as far as every door writes to it."""

    def admit(
        self, account: str, request: Request, now: int, receipt: Receipt | None = None
    ) -> asyncio.Future[Admitted | Refused]:
        """Done once the hold is in the journal, with ``receipt``; for a refusal at once. May fail: then nothing
        is held."""

    def forget(self, request: str) -> None:
        """``request`` was refused or never held."""

    def settle(
        self, account: str, request: str, usage: Usage, now: int, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Charge ``usage`` on the hold of ``request``. ``facts``: ``outcome``, ``estimated``, ``upstream``,
        ``upstream_key``, ``tried``, ``cost``."""

    def release(
        self, account: str, request: str, now: int, reason: str, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Give the hold of ``request`` back. ``facts``: the upstreams ``tried``."""

    def current(self, account: str, now: int) -> AccountState:
        """A state of the account as of ``now``, up to date with the store, for reading only."""

    def standing(self, account: str) -> AccountState | None:
        """The account as this process knows it, for showing only; None when it is not warm. Costs nothing."""


class Fault(Protocol):
    """What went wrong with an attempt."""

    @property
    def code(self) -> str:
        """Stable, as in settlements."""

    @property
    def elsewhere(self) -> bool:
        """Whether another upstream or key may do better."""


class Attempt(Protocol):
    """A request at one upstream with one key, from its choice to ``end``."""

    @property
    def name(self) -> str:
        """The upstream's name."""

    @property
    def key(self) -> str:
        """Name of the key, '' where there is one at most."""

    @property
    def dialect(self) -> str:
        """Name of the dialect it is sent in."""

    @property
    def model(self) -> str:
        """What the upstream calls the model."""

    @property
    def is_priced(self) -> bool:
        """Whether ``cost`` can tell what it costs."""

    def send(self, call: Call, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> None:
        """Send ``body``; ``call`` hears the response, or that none came."""

    def answered(self, now: int) -> None:
        """A good answer begins, or came."""

    def refused(self, status: int, headers: Sequence[Header], body: bytes, now: int) -> Fault:
        """The upstream answered with a status that is no success."""

    def failed(self, failure: WireError, now: int) -> Fault:
        """The wire failed, before or in the middle of an answer."""

    def spoiled(self, code: str, now: int) -> Fault:
        """The answer is none that a client could be given."""

    def end(self) -> None:
        """Nothing more is heard of it. May be said again."""

    def cost(self, usage: Usage, at: int) -> list[Any] | None:
        """What ``usage`` costs the operator: amount in 10⁻⁹ of a currency, the currency, the card, its share."""
