"""TLS and proxies: the peer is verified, and reached by the way the environment asks for."""

from __future__ import annotations

import asyncio
import ssl

import pytest
import trustme

from faregate.wire.client import Client
from faregate.wire.exchange import Exchange
from faregate.wire.failures import ConnectError
from faregate.wire.server import Server
from tests.wire.peers import SWEEP_SECONDS, Script, scripted


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def server_tls(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def client_tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


def say(exchange: Exchange) -> None:
    exchange.send(200, body=exchange.headers[b"host"])


async def fetch(client: Client, url: str) -> bytes:
    return await (await client.request("GET", url)).read()


async def test_a_trusted_certificate_for_the_host_is_accepted(authority: trustme.CA) -> None:
    server = Server(say, sweep_seconds=SWEEP_SECONDS)
    port = await server.listen("127.0.0.1", 0, tls=server_tls(authority, "localhost"))
    client = Client(tls=client_tls(authority), environ={}, sweep_seconds=SWEEP_SECONDS)
    for _ in range(2):
        assert await fetch(client, f"https://localhost:{port}/") == b"localhost:%d" % port
    await client.close()
    await server.close(0)


@pytest.mark.parametrize(("name", "trusted"), [("elsewhere.example", True), ("localhost", False)])
async def test_a_certificate_that_does_not_hold_is_a_connect_error(
    authority: trustme.CA, name: str, trusted: bool
) -> None:
    server = Server(say, sweep_seconds=SWEEP_SECONDS)
    port = await server.listen("127.0.0.1", 0, tls=server_tls(authority, name))
    tls = client_tls(authority) if trusted else None
    client = Client(tls=tls, environ={}, sweep_seconds=SWEEP_SECONDS)
    with pytest.raises(ConnectError, match="TLS"):
        await fetch(client, f"https://localhost:{port}/")
    await client.close()
    await server.close(0)


def proxying(answer: bytes, heads: list[bytes]) -> Script:
    """A proxy: answers CONNECT with ``answer`` and, when that is a 200, carries bytes both ways."""

    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
        writer.close()

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        heads.append(head)
        writer.write(answer)
        if b" 200 " not in answer or not head.startswith(b"CONNECT"):
            return
        host, _, port = head.split(b" ")[1].partition(b":")
        onward_reader, onward_writer = await asyncio.open_connection(host.decode(), int(port))
        try:
            await asyncio.gather(copy(reader, onward_writer), copy(onward_reader, writer))
        finally:
            onward_writer.close()

    return script


async def test_https_goes_through_the_proxy_by_connect(authority: trustme.CA) -> None:
    heads: list[bytes] = []
    server = Server(say, sweep_seconds=SWEEP_SECONDS)
    port = await server.listen("127.0.0.1", 0, tls=server_tls(authority, "localhost"))
    async with scripted(proxying(b"HTTP/1.1 200 Connected\r\n\r\n", heads)) as proxy:
        environ = {"HTTPS_PROXY": f"http://me:pa%73s@127.0.0.1:{proxy.port}"}
        client = Client(tls=client_tls(authority), environ=environ, sweep_seconds=SWEEP_SECONDS)
        assert await fetch(client, f"https://localhost:{port}/") == b"localhost:%d" % port
        await client.close()
    await server.close(0)
    assert heads == [
        b"CONNECT localhost:%d HTTP/1.1\r\nhost: localhost:%d\r\n"
        b"proxy-authorization: Basic bWU6cGFzcw==\r\n\r\n" % (port, port)
    ]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 407 Who are you\r\n\r\n", b"", b"nonsense\r\n\r\n", b"x" * 20_000])
async def test_a_proxy_that_refuses_is_a_connect_error(answer: bytes) -> None:
    async with scripted(proxying(answer, [])) as proxy:
        environ = {"https_proxy": f"http://127.0.0.1:{proxy.port}"}
        client = Client(environ=environ, sweep_seconds=SWEEP_SECONDS)
        with pytest.raises(ConnectError):
            await fetch(client, "https://model.example/")
        await client.close()


async def test_http_goes_through_the_proxy_by_the_absolute_form() -> None:
    heads: list[bytes] = []
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    async with scripted(proxying(answer, heads)) as proxy:
        environ = {"HTTP_PROXY": f"http://me:pass@127.0.0.1:{proxy.port}"}
        client = Client(environ=environ, sweep_seconds=SWEEP_SECONDS)
        assert await fetch(client, "http://model.example/v1?x=1") == b"ok"
        await client.close()
    assert heads[0].startswith(
        b"GET http://model.example/v1?x=1 HTTP/1.1\r\nproxy-authorization: Basic bWU6cGFzcw==\r\n"
    )


async def test_a_proxy_setting_that_cannot_be_read_is_a_connect_error() -> None:
    client = Client(environ={"HTTP_PROXY": "socks5://127.0.0.1:1"}, sweep_seconds=SWEEP_SECONDS)
    with pytest.raises(ConnectError, match="proxy"):
        await fetch(client, "http://model.example/")
    await client.close()
