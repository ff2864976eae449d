"""The HTTP/1.1 client.

Owns the pools and the two ways to use them: by callbacks (``dispatch``, the cheapest) and by awaiting
(``request``). Does not follow redirects, keep cookies or decode content: it asks for identity.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from faregate.wire.call import Call, CallLimits
from faregate.wire.connector import Connector
from faregate.wire.egress import EgressGuard
from faregate.wire.failures import ConnectError, WireError
from faregate.wire.headers import Header, encode_request_head
from faregate.wire.origin import Origin, split_url
from faregate.wire.pool import Pool, PoolLimits
from faregate.wire.sweeper import Sweeper

_DEFAULT_LIMITS = CallLimits(body_bytes=32 * 1024 * 1024)
_HIGH_BYTES = 262_144


class Client:
    """Pools by origin. Make it inside a running loop; ``close`` it at the end.

    ``environ`` is where proxies are read from (``os.environ`` by default, ``{}`` for none). With a ``guard`` it
    connects to addresses that the guard lets through and to no others.
    """

    def __init__(
        self,
        *,
        limits: PoolLimits | None = None,
        tls: ssl.SSLContext | None = None,
        environ: Mapping[str, str] | None = None,
        sweep_seconds: float = 0.25,
        guard: EgressGuard | None = None,
    ) -> None:
        self._limits = limits or PoolLimits()
        proxies = {} if guard is not None else os.environ if environ is None else environ
        self._connector = Connector(proxies, tls, guard)
        self._sweeper = Sweeper(asyncio.get_running_loop(), sweep_seconds)
        self._pools: dict[Origin, Pool] = {}
        self._retired: list[Pool] = []
        self._via_proxy: dict[Origin, bytes] = {}

    def pool(self, origin: Origin) -> Pool:
        """The pool of ``origin``, made at its first use."""
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = Pool(origin, self._connector, self._sweeper, self._limits)
            if origin.scheme == "http" and (proxy := self._connector.proxy(origin)) is not None:
                authorization = b"\r\nproxy-authorization: " + proxy.authorization
                self._via_proxy[origin] = authorization if proxy.authorization else b""
        return pool

    def dispatch(self, origin: Origin, call: Call) -> None:
        """Send ``call``'s request to ``origin``; the call hears the response.

        Failures are heard too, never raised, and may be heard before this returns.
        """
        self.sender(origin)(call)

    def sender(self, origin: Origin) -> Callable[[Call], None]:
        """``dispatch`` to this one origin, for who asks it again and again."""
        try:
            submit = self.pool(origin).submit
        except ConnectError as error:
            failure = str(error)
            return lambda call: call.fail(ConnectError(failure, sent=False))
        authorization = self._via_proxy.get(origin)
        if authorization is None:
            return submit

        def send(call: Call) -> None:
            call.head = _absolute(call.head, origin, authorization)
            submit(call)

        return send

    def retire(self, origin: Origin) -> None:
        """Nobody asks ``origin`` any more: what stands to it idle closes now, the rest when it has done its work.

        Who kept a ``sender`` may still use it, over connections that close after each call.
        """
        pool = self._pools.pop(origin, None)
        self._via_proxy.pop(origin, None)
        if pool is not None:
            self._retired = [each for each in self._retired if not each.is_empty]
            self._retired.append(pool)
            pool.retire()

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Sequence[Header] = (),
        body: bytes = b"",
        limits: CallLimits = _DEFAULT_LIMITS,
    ) -> Response:
        """Send a request and wait for the response's head. Raises WireError, InvalidOriginError."""
        origin, target = split_url(url)
        own: list[Header] = [(b"host", origin.authority.encode())]
        given = {name.lower() for name, _ in headers}
        if b"accept-encoding" not in given:
            own.append((b"accept-encoding", b"identity"))
        if body or method in ("POST", "PUT", "PATCH"):
            own.append((b"content-length", b"%d" % len(body)))
        target = target if target.startswith("/") else f"/{target}"
        head = encode_request_head(method.encode(), target.encode(), [*own, *headers]) + b"\r\n"
        response = Response(head, body, limits)
        self.dispatch(origin, response)
        try:
            await response.wait_for_head()
        except BaseException:
            response.close()
            raise
        return response

    async def close(self) -> None:
        """Close all connections; calls in flight fail with ClientClosedError."""
        for pool in (*self._pools.values(), *self._retired):
            pool.close()
        self._sweeper.close()
        await asyncio.sleep(0)  # lets transports tell their protocols


class Response(Call):
    """A response read by awaiting. Read it whole, iterate it, or ``close`` it.

    Attributes are set once the head is there: ``status`` and ``headers`` (lower-case names).
    """

    def __init__(self, head: bytes, body: bytes, limits: CallLimits) -> None:
        super().__init__(head, body, limits)
        self.status = 0
        self.headers: list[Header] = []
        self._pieces: deque[bytes] = deque()
        self._buffered = 0
        self._ended = False
        self._failure: WireError | None = None
        self._waiter: asyncio.Future[None] | None = None

    def header(self, name: bytes) -> bytes | None:
        """The first header called ``name`` (lower-case), or None."""
        return next((value for each, value in self.headers if each == name), None)

    async def read(self) -> bytes:
        """The whole body. Raises WireError."""
        return b"".join([piece async for piece in self])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while True:
                while self._pieces:
                    yield self._take()
                if self._failure is not None:
                    raise self._failure
                if self._ended:
                    return
                await self._wait()
        finally:
            self.close()

    def close(self) -> None:
        """Give up what was not read; the connection is closed if the body was not whole."""
        self.cancel()

    async def wait_for_head(self) -> None:
        """Wait until status and headers are there. Raises WireError."""
        while not self.status:
            if self._failure is not None:
                raise self._failure
            await self._wait()

    def on_head(self, status: int, headers: list[Header]) -> None:
        """The head is there."""
        self.status = status
        self.headers = headers
        self._wake()

    def on_data(self, data: bytes) -> None:
        """A piece more to read; too many unread pause the peer."""
        self._pieces.append(data)
        self._buffered += len(data)
        if self._buffered > _HIGH_BYTES:
            self.pause()
        self._wake()

    def on_end(self) -> None:
        """All is there."""
        self._ended = True
        self._wake()

    def on_failure(self, failure: WireError) -> None:
        """Raised to whoever reads."""
        self._failure = failure
        self._wake()

    def _take(self) -> bytes:
        piece = self._pieces.popleft()
        self._buffered -= len(piece)
        if self._buffered <= _HIGH_BYTES:
            self.resume()
        return piece

    async def _wait(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


def _absolute(head: bytes, origin: Origin, authorization: bytes) -> bytes:
    """``head`` as a plain HTTP proxy wants it: with the whole URL, and the proxy's credentials."""
    head = head.replace(b" ", b" http://%b" % origin.authority.encode(), 1)
    return head.replace(b"\r\n", authorization + b"\r\n", 1)
