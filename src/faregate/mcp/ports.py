"""What tools need of the rest, as protocols.

Owns the seams to keys, books and upstreams only. All methods belong to the event loop's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from faregate.app.catalogue_port import ApiKey, Receipt
from faregate.app.idempotency import Receipts
from faregate.app.ids import RequestIds
from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.market import Market
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


class Ledger(Protocol):
    """The books."""

    @property
    def market(self) -> Market:
        """Prices and schedules as of now."""

    def admit(
        self, account: str, request: Request, now: int, receipt: Receipt | None = None
    ) -> asyncio.Future[Admitted | Refused]:
        """Done once the hold is in the journal; for a refusal at once."""

    def forget(self, request: str) -> None:
        """``request`` was refused or never held."""

    def settle(
        self, account: str, request: str, usage: Usage, now: int, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Charge ``usage`` on the hold of ``request``."""

    def release(
        self, account: str, request: str, now: int, reason: str, facts: dict[str, Any] | None = None
    ) -> asyncio.Future[Entry]:
        """Give the hold of ``request`` back."""

    def current(self, account: str, now: int) -> AccountState:
        """The account as of ``now``, up to date with the store, for reading only."""

    def standing(self, account: str) -> AccountState | None:
        """The account as this process knows it; None when it is not warm."""


class Fault(Protocol):
    """What went wrong with an attempt."""

    @property
    def elsewhere(self) -> bool:
        """Whether another upstream or key may do better."""


class Attempt(Protocol):
    """A request at one upstream with one key."""

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
        """A good answer came."""

    def refused(self, status: int, headers: Sequence[Header], body: bytes, now: int) -> Fault:
        """The upstream answered with a status that is no success."""

    def failed(self, failure: WireError, now: int) -> Fault:
        """The wire failed."""

    def spoiled(self, code: str, now: int) -> Fault:
        """The answer is none that a client could be given."""

    def end(self) -> None:
        """Nothing more is heard of it."""

    def cost(self, usage: Usage, at: int) -> list[Any] | None:
        """What ``usage`` costs the operator."""


class Route(Protocol):
    """All channels that serve one model."""

    def attempt(
        self, account: str, session: str, body: bytes, now: int, tried: Sequence[Any] = (), only: str = ""
    ) -> Attempt | int:
        """Begin an attempt at the best channel not ``tried`` in vain; else when one may be asked again."""


class Upstreams(Protocol):
    """The upstreams that are configured."""

    def route(self, model: str, dialect: str) -> Route | None:
        """The channels for ``model`` as a client of ``dialect`` asks for it, or None."""


class Ports(NamedTuple):
    """All that tools need of the rest."""

    keyring: Keyring
    ledger: Ledger
    receipts: Receipts
    upstreams: Upstreams
    clock: Clock
    request_ids: RequestIds
