"""What the gate needs of the rest, as protocols: the parts that decide, keep books and reach upstreams.

Owns the seams only. All methods belong to the event loop's thread and return at once; what takes time is a future.
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
from faregate.dialects.dialect import Model
from faregate.wire.call import Call

Clock = Callable[[], int]
"""Microseconds UTC."""


class Keyring(Protocol):
    """Keys in memory."""

    def authenticate(self, secret: bytes, now: int) -> ApiKey | None:
        """The live key of that secret, its use noted, or None."""


class Ledger(Protocol):
    """The books."""

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
        """Charge ``usage`` on the hold of ``request``. ``facts``: ``outcome``, ``estimated``, ``upstream``."""

    def release(self, account: str, request: str, now: int, reason: str) -> asyncio.Future[Entry]:
        """Give the hold of ``request`` back."""

    def standing(self, account: str) -> AccountState | None:
        """The account as this process knows it, for showing only; None when it is not warm. Costs nothing."""


class Receipts(Protocol):
    """Who used which idempotency key for what."""

    def receipt(self, scope: str, key: str) -> Receipt | None:
        """The receipt kept under that scope and key."""

    def usage_row(self, request: str) -> object | None:
        """The usage row of a settled request, None while it is open or when it was released."""


class Channel(Protocol):
    """One upstream as it serves one model."""

    @property
    def name(self) -> str:
        """The upstream's name."""

    @property
    def dialect(self) -> str:
        """Name of the dialect it speaks."""

    @property
    def model(self) -> str:
        """What the upstream calls the model."""

    @property
    def canonical(self) -> str:
        """What plans and rate cards call the model."""

    def send(self, call: Call, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> None:
        """Send ``body``; ``call`` hears the response, or that none came."""


class Upstreams(Protocol):
    """The upstreams that are configured."""

    def channel(self, model: str, dialect: str) -> Channel | None:
        """The channel for ``model`` as a client of ``dialect`` asks for it, or None."""

    def models(self) -> Sequence[Model]:
        """What clients may ask for by name."""
