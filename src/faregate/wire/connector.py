"""Opening a connection: name, TCP, proxy, TLS.

Owns CONNECT and the TLS settings. Does not pool, and does not judge addresses (``egress`` does, where asked).
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Mapping
from typing import cast

from faregate.wire.client_connection import ClientConnection
from faregate.wire.egress import EgressGuard
from faregate.wire.failures import ConnectError, ConnectTimeoutError
from faregate.wire.origin import InvalidOriginError, Origin, Proxy, proxy_for

_ANSWER_BYTES_LIMIT = 16_384


class Connector:
    """Opens connections to origins, through the proxy that ``environ`` asks for.

    ``tls`` defaults to the system's certificates with host name verification. With a ``guard`` connections go only to
    addresses that it lets through, and never by a proxy, which would resolve names for itself.
    """

    def __init__(
        self, environ: Mapping[str, str], tls: ssl.SSLContext | None = None, guard: EgressGuard | None = None
    ) -> None:
        self._environ = environ
        self._tls = tls
        self._guard = guard

    def proxy(self, origin: Origin) -> Proxy | None:
        """The proxy to ``origin``, if any. Raises ConnectError for a setting that cannot be read."""
        try:
            return proxy_for(origin, self._environ)
        except InvalidOriginError as error:
            raise ConnectError(str(error), sent=False) from error

    async def connect(
        self, origin: Origin, factory: Callable[[], ClientConnection], seconds: float
    ) -> ClientConnection:
        """An open connection. Raises ConnectError or ConnectTimeoutError."""
        try:
            async with asyncio.timeout(seconds):
                return await self._open(origin, factory)
        except TimeoutError as error:
            raise ConnectTimeoutError(f"{origin.host_and_port}: no answer in time", sent=False) from error
        except ssl.SSLError as error:
            raise ConnectError(f"{origin.host_and_port}: TLS: {error}", sent=False) from error
        except (OSError, EOFError, UnicodeError) as error:
            raise ConnectError(f"{origin.host_and_port}: {error}", sent=False) from error

    async def _open(self, origin: Origin, factory: Callable[[], ClientConnection]) -> ClientConnection:
        if self._guard is not None:
            return await self._open_guarded(origin, factory, self._guard)
        loop = asyncio.get_running_loop()
        proxy = self.proxy(origin)
        if proxy is not None and origin.scheme == "https":
            return await self._open_tunnel(origin, proxy, factory())
        host, port = (proxy.host, proxy.port) if proxy is not None else (origin.host, origin.port)
        tls = self._context() if origin.scheme == "https" else None
        _, connection = await loop.create_connection(
            factory, host, port, ssl=tls, server_hostname=origin.host if tls else None
        )
        return connection

    async def _open_guarded(
        self, origin: Origin, factory: Callable[[], ClientConnection], guard: EgressGuard
    ) -> ClientConnection:
        """To the first of the addresses vetted for this connection that answers."""
        loop = asyncio.get_running_loop()
        tls = self._context() if origin.scheme == "https" else None
        refused: OSError | None = None
        for address in await guard.addresses(origin.host, origin.port):
            try:
                _, connection = await loop.create_connection(
                    factory, address, origin.port, ssl=tls, server_hostname=origin.host if tls else None
                )
            except OSError as error:
                refused = refused or error
            else:
                return connection
        raise refused or OSError("no address")

    async def _open_tunnel(self, origin: Origin, proxy: Proxy, connection: ClientConnection) -> ClientConnection:
        loop = asyncio.get_running_loop()
        transport, tunnel = await loop.create_connection(lambda: _Tunnel(origin, proxy), proxy.host, proxy.port)
        try:
            await tunnel.opened
            secured = await loop.start_tls(transport, connection, self._context(), server_hostname=origin.host)
        except BaseException:
            transport.abort()
            raise
        if secured is None:
            raise ConnectionResetError("the proxy closed during TLS")
        connection.connection_made(secured)
        return connection

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls


class _Tunnel(asyncio.Protocol):
    """Asks a proxy for a tunnel and waits for its 200."""

    def __init__(self, origin: Origin, proxy: Proxy) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = b"CONNECT %b HTTP/1.1\r\nhost: %b\r\n%b\r\n" % (
            origin.host_and_port.encode("idna" if not origin.host.isascii() else "ascii"),
            origin.host_and_port.encode("idna" if not origin.host.isascii() else "ascii"),
            b"proxy-authorization: %b\r\n" % proxy.authorization if proxy.authorization else b"",
        )
        self._answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast(asyncio.Transport, transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if self.opened.done():
            return
        if b"\r\n\r\n" in self._answer:
            line = self._answer.partition(b"\r\n")[0]
            if line.startswith(b"HTTP/1.") and line[9:12].isdigit() and line[9:10] == b"2":
                self.opened.set_result(None)
            else:
                said = line[:100].decode("latin-1")
                self.opened.set_exception(ConnectionRefusedError(f"the proxy said: {said}"))
        elif len(self._answer) > _ANSWER_BYTES_LIMIT:
            self.opened.set_exception(ConnectionRefusedError("the proxy's answer is too large"))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(exc or ConnectionResetError("the proxy closed"))
