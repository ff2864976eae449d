"""Bodies of requests before a dialect reads them: unpacked where a client packed them.

Owns what a caller is told of a body that cannot be unpacked, and the refusal that ends a request before anything is
held for it.
"""

from __future__ import annotations

from faregate.dialects.dialect import CountingDialect, Dialect, ErrorReply
from faregate.dialects.problem import Problem
from faregate.wire.encodings import PackingBroken, PackingUnknown, UnpackedTooLarge, unpacked
from faregate.wire.exchange import Exchange


class Refusal(Exception):
    """Ends a request before it is admitted, with the answer to give."""

    def __init__(self, reply: ErrorReply) -> None:
        super().__init__()
        self.reply = reply


def unpack(exchange: Exchange, dialect: Dialect | CountingDialect, limit: int) -> None:
    """Put the plain body in place of a packed one, at most ``limit`` bytes. Raises Refusal."""
    packing = exchange.headers.get(b"content-encoding", b"")
    try:
        exchange.body = unpacked(exchange.body, packing, limit)
    except PackingUnknown as unknown:
        message = f"`content-encoding: {unknown}` is not taken: send gzip, deflate, or no encoding."
        raise Refusal(dialect.error(Problem.UNSUPPORTED_MEDIA, message)) from None
    except UnpackedTooLarge:
        message = f"The request body is larger than {limit} bytes once it is unpacked."
        raise Refusal(dialect.error(Problem.TOO_LARGE, message)) from None
    except PackingBroken as broken:
        message = f"The request body is not what its `content-encoding` says: {broken}."
        raise Refusal(dialect.error(Problem.BAD_REQUEST, message)) from None
