"""The web chat as a client of this process's own gate.

Owns keys that live in memory alone, one for each account and way of billing, and the calls over loopback. So a chat
is held, metered and explained like any other request.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from hashlib import sha256

from faregate.app.catalogue_port import ApiKey
from faregate.app.control import Control
from faregate.app.ids import new_secret
from faregate.app.studio_port import Asked, Billing
from faregate.core.account import AccountState
from faregate.wire.call import CallLimits
from faregate.wire.client import Client, Response

AGENT = b"faregate-studio/1"


class StudioGate:
    """An ``Asker``. ``url`` is where this process's gate listens."""

    def __init__(self, control: Control, client: Client, url: str) -> None:
        self._control = control
        self._client = client
        self._url = url
        self._secrets: dict[tuple[str, str], str] = {}

    async def ask(self, account: str, billing: Billing, path: str, body: bytes) -> Asked:
        """See ``Asker``."""
        headers = [
            (b"authorization", b"Bearer " + self._secret(account, billing).encode()),
            (b"content-type", b"application/json"),
            (b"user-agent", AGENT),
        ]
        if billing == "api":
            headers.append((b"x-faregate-billing", b"api"))
        limits = CallLimits()
        response = await self._client.request("POST", self._url + path, headers=headers, body=body, limits=limits)
        request = response.header(b"x-faregate-request-id") or response.header(b"x-request-id") or b""
        reopens = response.header(b"x-faregate-reopens-at")
        at = reopens.decode("latin-1") if reopens is not None else None
        return Asked(response.status, request.decode("latin-1"), _pieces(response), at)

    def _secret(self, account: str, billing: Billing) -> str:
        control = self._control
        kind = kind_for(control.ledger.current(account, control.now()), billing)
        found = self._secrets.get((account, kind))
        if found is None:
            found = self._secrets[account, kind] = new_secret(control.randomness)
            digest = sha256(found.encode()).digest()
            key = ApiKey(f"studio:{account[4:]}", account, "Studio Chat", "", digest, control.now(), kind=kind)
            control.keyring.admit_guest(key)
        return found


def kind_for(state: AccountState, billing: Billing) -> str:
    """The kind of key that draws what the conversation shall be billed to: '' where kinds do not matter."""
    for subscription in state.burn_order():
        terms = subscription.terms
        if terms.wallet == (billing == "api"):
            return terms.key_kind or ""
    return ""


async def _pieces(response: Response) -> AsyncGenerator[bytes, None]:
    try:
        async for piece in response:
            yield piece
    finally:
        response.close()
