"""What tools need of the rest, as protocols.

Owns what tools need beyond what every door does. All methods belong to the event loop's thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from faregate.app.idempotency import Receipts
from faregate.app.ids import RequestIds
from faregate.app.serving_port import Attempt, Books, Clock, Fault, Keyring
from faregate.core.market import Market

__all__ = ("Attempt", "Clock", "Fault", "Keyring", "Ledger", "Ports", "Route", "Upstreams", "Watch")


class Ledger(Books, Protocol):
    """The books."""

    @property
    def market(self) -> Market:
        """Prices and schedules as of now."""


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


class Watch(Protocol):
    """The watch for sharing, as far as uses of tools show anything."""

    def look(self, account: str, peer: str, headers: Mapping[bytes, bytes], now: int) -> Sequence[bytes]:
        """Show a use of a tool; what each flag says that warns the account's owner."""


class Ports(NamedTuple):
    """All that tools need of the rest."""

    keyring: Keyring
    ledger: Ledger
    receipts: Receipts
    upstreams: Upstreams
    clock: Clock
    request_ids: RequestIds
    watch: Watch | None = None
    patience_seconds: float | None = None
    """How long a call waits for the books; None: as long as it takes."""
