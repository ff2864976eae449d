"""What the gate needs of the rest, as protocols: the parts that decide, keep books and reach upstreams.

Owns what the gate needs beyond what every door does. All methods belong to the event loop's thread and return at
once; what takes time is a future.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from faregate.app import serving_port
from faregate.app.serving_port import Books, Clock, Fault, Keyring
from faregate.dialects.dialect import Model
from faregate.wire.call import Call

__all__ = ("Attempt", "Clock", "Fault", "Keyring", "Ledger", "Questioned", "Route", "Upstreams")


class Ledger(Books, Protocol):
    """The books."""

    def warming(self, account: str) -> asyncio.Future[None] | None:
        """To be waited for before anything is asked of the account; None where it can be asked at once."""

    def served(self, account: str, model: str) -> str:
        """The model that serves the name ``model`` by the account's plans."""


class Questioned(Protocol):
    """One upstream with one key, as it is asked what costs nothing and counts nowhere."""

    @property
    def model(self) -> str:
        """What the upstream calls the model."""

    def send(self, call: Call, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> None:
        """Send ``body``; ``call`` hears the response, or that none came."""


class Attempt(serving_port.Attempt, Protocol):
    """An attempt that may be followed by another, somewhere else."""

    @property
    def place(self) -> str:
        """Upstream and key in one: where what the upstream keeps of an answer can be found again."""

    @property
    def fault(self) -> Fault | None:
        """What went wrong last, if anything did."""


class Route(Protocol):
    """All channels that serve one model for clients of one dialect."""

    @property
    def canonical(self) -> str:
        """What plans and rate cards call the model."""

    @property
    def dialect(self) -> str:
        """Name of the dialect of the channel that is asked first."""

    def resting(self, now: int) -> int | None:
        """When the first channel may be asked again, microseconds UTC; None while one may be."""

    def questioned(self, dialect: str, now: int) -> Sequence[Questioned]:
        """Those that speak ``dialect`` and may be asked, the best first."""

    def has(self, place: str) -> bool:
        """Whether the route leads to that place (``Attempt.place``)."""

    def attempt(
        self,
        account: str,
        session: str,
        body: bytes,
        now: int,
        tried: Sequence[Any] = (),
        only: str = "",
    ) -> Attempt | int:
        """Begin an attempt at the best channel that may be asked and was not ``tried`` in vain; ``only`` at a place.

        Where there is none: the instant at which one may be asked again."""


class Upstreams(Protocol):
    """The upstreams that are configured."""

    def route(self, model: str, dialect: str) -> Route | None:
        """The channels for ``model`` as a client of ``dialect`` asks for it, or None."""

    def models(self) -> Sequence[Model]:
        """What clients may ask for by name."""
