"""How people reach the console: its public address, who may sign up, and whose address is believed.

Owns this value, which the service fills in. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from faregate.app.people_port import User


def _peer(peer: str, headers: Mapping[bytes, bytes]) -> str:
    return peer


class Mail(Protocol):
    """Whoever mails people; returns at once, and tries again by itself."""

    def verify(self, user: User, token: str) -> None:
        """Send a link to verify the user's address."""

    def reset(self, user: User, token: str) -> None:
        """Send a link to set a password."""


@dataclass(frozen=True, slots=True)
class Front:
    """``public_url`` is '' where none is configured; ``families`` are those sold to customers, () for all.

    ``address_of`` gives the address that calls, by the peer's and the headers of a call: what proxies say is believed
    of those that the operator trusts alone.
    """

    public_url: str = ""
    sign_up: Literal["open", "invited", "closed"] = "open"
    families: tuple[str, ...] = ()
    address_of: Callable[[str, Mapping[bytes, bytes]], str] = _peer

    def sells(self, family: str) -> bool:
        """Whether customers may buy the plans of ``family`` by themselves."""
        return not self.families or family in self.families

    def link(self, kind: str, token: str) -> str:
        """Where a browser goes with a one-time token; it stands after the #, which no server is told."""
        return f"{self.public_url.rstrip('/')}/console/{kind}#{token}"

    @property
    def is_secure(self) -> bool:
        """Whether browsers come over TLS."""
        return self.public_url.startswith("https://")
