"""Peers for the wire tests: a raw client, and servers that follow a script byte for byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from faregate.wire.call import Call, CallLimits
from faregate.wire.exchange import Exchange
from faregate.wire.failures import WireError
from faregate.wire.headers import Header
from faregate.wire.request_reader import ServerLimits
from faregate.wire.server import Server
from faregate.wire.server_connection import Handler

SWEEP_SECONDS = 0.005
PATIENCE_SECONDS = 5.0


@asynccontextmanager
async def serving(handler: Handler, limits: ServerLimits | None = None) -> AsyncIterator[tuple[Server, int]]:
    """Our server with ``handler`` on a free port."""
    server = Server(handler, limits=limits, sweep_seconds=SWEEP_SECONDS)
    port = await server.listen("127.0.0.1", 0)
    try:
        yield server, port
    finally:
        await server.close(0.2)


class RawClient:
    """Bytes out, bytes in."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def response(self) -> tuple[int, dict[bytes, bytes], bytes]:
        """One response: status, headers, body (unchunked; until the end where nothing says)."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head[:-4].split(b"\r\n")
            headers = {name.lower(): value for name, _, value in (x.partition(b": ") for x in lines[1:])}
            status = int(lines[0].split(b" ")[1])
            if headers.get(b"transfer-encoding") == b"chunked":
                return status, headers, await self._chunked()
            if b"content-length" in headers:
                return status, headers, await self.reader.readexactly(int(headers[b"content-length"]))
            return status, headers, b"" if status in (100, 204, 304) else await self.rest()

    async def rest(self) -> bytes:
        """All up to the end of the stream; a reset counts as an end."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    async def _chunked(self) -> bytes:
        pieces = []
        while size := int(await self.reader.readuntil(b"\r\n"), 16):
            pieces.append(await self.reader.readexactly(size))
            await self.reader.readexactly(2)
        await self.reader.readexactly(2)
        return b"".join(pieces)

    def close(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[RawClient]:
    """A raw connection to ``port``."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    client = RawClient(reader, writer)
    try:
        yield client
    finally:
        client.close()


async def until(condition: Callable[[], object]) -> None:
    """Let the loop turn until ``condition`` holds."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0)


Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Peer:
    """A scripted server: where it listens, how many connections it saw; ``stop`` makes it refuse more."""

    port: int
    connections: int = 0
    stop: Callable[[], None] = lambda: None

    def url(self, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.port}{path}"


@asynccontextmanager
async def scripted(script: Script) -> AsyncIterator[Peer]:
    """A server that runs ``script`` on each connection, then closes it."""
    peer = Peer(0)
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer.connections += 1
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        try:
            await script(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    peer.stop = server.close
    try:
        yield peer
    finally:
        server.close()
        for task in tuple(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One request with a content-length body (or none), head included."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
    return head


def answering(*answers: bytes, close: bool = True) -> Script:
    """Reads a request and writes an answer, for each answer in turn, on every connection."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            await read_request(reader)
            writer.write(answer)
            await writer.drain()
        if not close:
            await reader.read()

    return script


class Recorder(Call):
    """A call that writes down what it hears."""

    def __init__(self, head: bytes, body: bytes = b"", limits: CallLimits | None = None) -> None:
        super().__init__(head, body, limits or CallLimits())
        self.heard: list[str] = []
        self.status = 0
        self.headers: list[Header] = []
        self.data = b""
        self.failure: WireError | None = None
        self.over = asyncio.Event()
        self.head_heard = asyncio.Event()

    def on_head(self, status: int, headers: list[Header]) -> None:
        self.heard.append("head")
        self.status, self.headers = status, headers
        self.head_heard.set()

    def on_data(self, data: bytes) -> None:
        if self.heard[-1] != "data":
            self.heard.append("data")
        self.data += data

    def on_end(self) -> None:
        self.heard.append("end")
        self.over.set()

    def on_failure(self, failure: WireError) -> None:
        self.heard.append("failure")
        self.failure = failure
        self.over.set()

    async def wait(self) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await self.over.wait()


def echo(exchange: Exchange) -> None:
    """Says back what it was asked."""
    said = b"%b %b?%b " % (exchange.method, exchange.path, exchange.query) + exchange.body
    exchange.send(200, ((b"content-type", b"text/plain"),), said)
