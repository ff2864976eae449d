"""Our own gate as a bare pass-through: the wire server and the wire client, nothing between.

The floor that metering is measured against. Owns a relay of one upstream and no more: no key, no plan,
no journal, no reading of bodies. Not an entry of the product.

    python bench/bare_gate.py PORT UPSTREAM_URL
"""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable

from faregate.wire.call import Call, CallLimits
from faregate.wire.client import Client
from faregate.wire.exchange import Exchange
from faregate.wire.failures import WireError
from faregate.wire.headers import Header
from faregate.wire.loop import new_event_loop
from faregate.wire.origin import split_url
from faregate.wire.server import Server

_LIMITS = CallLimits()
_PASSED = frozenset((b"content-type", b"openai-processing-ms", b"openai-version"))  # as the gate passes


class Relay(Call):
    """One response of the upstream, on its way to one client: whole where it comes whole, else as it comes."""

    takes_whole = True
    chunks: Callable[[bytes], None] | None = None

    def __init__(self, exchange: Exchange, head: bytes) -> None:
        super().__init__(head, exchange.body, _LIMITS)
        self.exchange = exchange
        exchange.on_disconnect = self.cancel

    def on_whole(self, status: int, headers: list[Header], body: bytes) -> None:
        self.exchange.send(status, _block(headers), body)

    def on_head(self, status: int, headers: list[Header]) -> None:
        exchange = self.exchange
        exchange.on_unwritable = self.pause
        exchange.on_writable = self.resume
        exchange.start(status, _block(headers))
        self.chunks = exchange.chunk_writer()

    def on_chunk(self, framed: bytes, start: int) -> None:
        if self.chunks is not None:
            self.chunks(framed)
        else:
            self.exchange.write(framed[start:-2])

    def on_data(self, data: bytes) -> None:
        self.exchange.write(data)

    def on_end(self) -> None:
        self.exchange.finish()

    def on_failure(self, failure: WireError) -> None:
        if self.exchange.started:
            self.exchange.abort()
        else:
            self.exchange.send(502, ((b"content-type", b"text/plain"),), str(failure).encode())


def _block(headers: list[Header]) -> bytes:
    return b"".join([b"%b: %b\r\n" % header for header in headers if header[0] in _PASSED])


async def serve(port: int, upstream: str) -> None:
    """Serve on loopback until SIGTERM or SIGINT."""
    origin, _ = split_url(upstream)
    client = Client(environ={})
    template = (
        b"%b %b HTTP/1.1\r\nhost: "
        + origin.authority.encode()
        + (
            b"\r\naccept: */*\r\ncontent-type: application/json\r\n"
            b"authorization: Bearer upstream-key\r\ncontent-length: %d\r\n\r\n"
        )
    )

    send = client.sender(origin)

    def handle(exchange: Exchange) -> None:
        head = template % (exchange.method, exchange.path, len(exchange.body))
        send(Relay(exchange, head))

    server = Server(handle)
    await server.listen("127.0.0.1", port)
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
    await server.close(grace_seconds=0)
    await client.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serve(int(sys.argv[1]), sys.argv[2]))
