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

    def admit(
        self, account: str, request: Request, now: int, receipt: Receipt | None = None
    ) -> asyncio.Future[Admitted | Refused]:
        """Done once the hold is in the journal, with ``receipt``; for a refusal at once. May fail: then nothing
        is held."""

    def warming(self, account: str) -> asyncio.Future[None] | None:
        """To be waited for before anything is asked of the account; None where it can be asked at once."""

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

    def served(self, account: str, model: str) -> str:
        """The model that serves the name ``model`` by the account's plans."""

    def current(self, account: str, now: int) -> AccountState:
        """A state of the account as of ``now``, up to date with the store."""

    def standing(self, account: str) -> AccountState | None:
        """The account as this process knows it, for showing only; None when it is not warm. Costs nothing."""


class Questioned(Protocol):
    """One upstream with one key, as it is asked what costs nothing and counts nowhere."""

    @property
    def model(self) -> str:
        """What the upstream calls the model."""

    def send(self, call: Call, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> None:
        """Send ``body``; ``call`` hears the response, or that none came."""


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
    def place(self) -> str:
        """Upstream and key in one: where what the upstream keeps of an answer can be found again."""

    @property
    def dialect(self) -> str:
        """Name of the dialect it is sent in."""

    @property
    def model(self) -> str:
        """What the upstream calls the model."""

    @property
    def is_priced(self) -> bool:
        """Whether ``cost`` can tell what it costs."""

    @property
    def fault(self) -> Fault | None:
        """What went wrong last, if anything did."""

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
