"""A channel: one upstream as it serves one model.

Owns the head of the upstream's request: credentials, fixed headers, and the few headers of the client that pass. Does
not touch bodies, and does not choose among upstreams.
"""

from __future__ import annotations

from collections.abc import Mapping

from faregate.upstreams.settings import Upstream
from faregate.wire.call import Call
from faregate.wire.client import Client
from faregate.wire.headers import Header, encode_headers

PASSED_HEADERS = (b"user-agent", b"accept", b"anthropic-version", b"anthropic-beta", b"openai-beta", b"x-app")
"""Headers of the client that an upstream gets to see: all others may carry the client's identity or credentials."""

_ANTHROPIC_VERSION = b"anthropic-version"


class Channel:
    """Sends requests for one model to one upstream.

    ``name`` is the upstream's; ``dialect`` the name of the dialect it is sent requests in; ``model`` is what it
    calls the model; ``canonical`` what plans and rate cards call it.
    """

    __slots__ = (
        "_fixed",
        "_limits",
        "_passed",
        "_path",
        "_send",
        "canonical",
        "dialect",
        "model",
        "name",
    )

    def __init__(self, upstream: Upstream, client: Client, dialect: str, model: str, canonical: str) -> None:
        self.name = upstream.name
        self.dialect = dialect
        self.model = model
        self.canonical = canonical
        self._send = client.sender(upstream.origin)
        self._path = b"POST " + upstream.path.encode()
        self._limits = upstream.limits
        own = _own_headers(upstream)
        taken = {name for name, _ in own}
        self._passed = tuple((name, b"\r\n" + name + b": ") for name in PASSED_HEADERS if name not in taken)
        self._fixed = b" HTTP/1.1\r\n" + encode_headers(own)

    def send(self, call: Call, path: bytes, query: bytes, headers: Mapping[bytes, bytes], body: bytes) -> None:
        """Send ``body`` to ``path`` (after the upstream's base); ``call`` hears the response, or that none came.

        ``headers`` are the client's, names in lower case; ``query`` goes along as it is.
        """
        parts = [self._path, path, b"?" + query if query else b"", self._fixed, b"content-length: %d" % len(body)]
        for name, written in self._passed:
            value = headers.get(name)
            if value is not None:
                parts.append(written)
                parts.append(value)
        if self.dialect == "anthropic_messages" and _ANTHROPIC_VERSION not in headers:
            parts.append(b"\r\nanthropic-version: 2023-06-01")
        parts.append(b"\r\n\r\n")
        call.head = b"".join(parts)
        call.body = body
        call.limits = self._limits
        self._send(call)


def _own_headers(upstream: Upstream) -> list[Header]:
    return [
        (b"host", upstream.origin.authority.encode()),
        (b"content-type", b"application/json"),
        (b"accept-encoding", b"identity"),
        *upstream.credentials,
        *upstream.headers,
    ]
