"""Pages that call the gate from a browser (a chat extension, a notes app): what their browser asks first.

Owns CORS. Whoever calls the gate shows a key and no cookie, so any page that has a key may call; the operator API and
the console, which go by cookies too, are never opened so.
"""

from __future__ import annotations

from faregate.wire.exchange import Exchange
from faregate.wire.headers import encode_headers

_OPEN = encode_headers([(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"*")])
_METHODS = b"GET, HEAD, POST, DELETE"
_KEPT_SECONDS = b"7200"
_LONGEST = 2_000


def opened(exchange: Exchange) -> bool:
    """Let the page read whatever is answered; True where only the browser asked, which is answered now."""
    exchange.extra = _OPEN
    wanted = exchange.headers.get(b"access-control-request-method")
    if exchange.method != b"OPTIONS" or wanted is None:
        return False
    # Named one by one: a * does not stand for `authorization`.
    asked = exchange.headers.get(b"access-control-request-headers", b"")[:_LONGEST]
    answer = [(b"access-control-allow-methods", _METHODS), (b"access-control-max-age", _KEPT_SECONDS)]
    if asked:
        answer.append((b"access-control-allow-headers", asked))
    answer.append((b"vary", b"access-control-request-headers"))
    exchange.send(204, answer)
    return True
