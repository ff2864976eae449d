"""Webhooks to URLs that customers wrote: signed, by HTTPS alone, and to the public internet alone.

Owns the signature and what an answer means. Redirects are not followed.
"""

from __future__ import annotations

import contextlib
import hmac
import ssl
from ipaddress import ip_address

from faregate.app.notices_port import NotTold
from faregate.app.people_errors import BadWebhook
from faregate.wire.call import CallLimits
from faregate.wire.client import Client
from faregate.wire.egress import EgressGuard, EgressRefusedError, is_public
from faregate.wire.failures import WireError
from faregate.wire.pool import PoolLimits

SECONDS = 10.0
ANSWER_BYTES = 64 * 1024
LONGEST_URL = 1000
GONE = 410
_POOL = PoolLimits(connections=1, waiting=1, keep_seconds=1.0)
_LIMITS = CallLimits(SECONDS, SECONDS, SECONDS, ANSWER_BYTES)


class WebHooks:
    """Calls through ``guard``. ``tls`` is for tests with an authority of their own."""

    def __init__(self, guard: EgressGuard, tls: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._tls = tls

    def check(self, url: str) -> None:
        """Raise BadWebhook for a URL that is never called. Its name is resolved at each call, and judged there."""
        try:
            origin, _ = self._guard.checked(url)
        except EgressRefusedError as refused:
            raise BadWebhook(str(refused)) from None
        if origin.scheme != "https" or len(url) > LONGEST_URL:
            raise BadWebhook("a webhook is an https:// URL of at most 1000 characters")
        with contextlib.suppress(ValueError):
            if not is_public(ip_address(origin.host.strip("[]"))):
                raise BadWebhook("a webhook's address is one of the public internet")

    async def call(self, url: str, secret: str, event: str, body: bytes, now: int) -> None:
        """Send it, signed. Raises NotTold."""
        seconds = now // 1_000_000
        headers = [
            (b"content-type", b"application/json"),
            (b"user-agent", b"Faregate"),
            (b"x-faregate-event", event.encode("ascii", "replace")),
            (b"x-faregate-signature", signature(secret, seconds, body).encode()),
            (b"connection", b"close"),
        ]
        client = Client(limits=_POOL, tls=self._tls, guard=self._guard)
        try:
            response = await client.request("POST", url, headers=headers, body=body, limits=_LIMITS)
            status = response.status
            response.close()
        except EgressRefusedError as refused:
            raise NotTold(f"its address is not called: {refused.reason}") from None
        except WireError as failure:
            raise NotTold(f"it did not answer ({failure.code})") from None
        finally:
            await client.close()
        if not 200 <= status < 300:
            raise NotTold(f"it answered {status}", for_good=status == GONE)


def signature(secret: str, seconds: int, body: bytes) -> str:
    """`t=SECONDS,v1=HEX`: HMAC-SHA256 by the secret over `SECONDS.BODY`."""
    return f"t={seconds},v1={hmac.new(secret.encode(), f'{seconds}.'.encode() + body, 'sha256').hexdigest()}"
