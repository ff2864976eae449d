"""Asking over HTTP: TLS verified, redirects not followed, answers bounded, asked twice only where that is safe."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trustme

from faregate.app.payments_port import Problem
from faregate.payments.outcomes import NobodyKnows, raise_for_status
from faregate.payments.transport import ANSWER_BYTES, Answer, NoAnswer, Transport, TransportLimits
from faregate.wire.exchange import Exchange
from faregate.wire.server import Server

LIMITS = TransportLimits(connect_seconds=2, answer_seconds=2)


@asynccontextmanager
async def serving(
    handler: Callable[[Exchange], None], tls: ssl.SSLContext | None = None, trust: ssl.SSLContext | None = None
) -> AsyncIterator[Transport]:
    server = Server(handler, sweep_seconds=0.02)
    port = await server.listen("127.0.0.1", 0, tls=tls)
    scheme = "https" if tls else "http"
    transport = Transport(f"{scheme}://localhost:{port}", LIMITS, {}, trust, sweep_seconds=0.005)
    try:
        yield transport
    finally:
        await transport.close()
        await server.close(0)


def certificates(name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's and a client's side of an authority of our own."""
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


async def test_a_certificate_of_an_authority_nobody_knows_is_refused() -> None:
    heard: list[bytes] = []
    server, _ = certificates("localhost")
    async with serving(lambda exchange: heard.append(exchange.body), server) as transport:
        with pytest.raises(NoAnswer) as failure:
            await transport.ask("POST", "/pay", {}, b"secret", repeatable=True)
    assert (failure.value.problem.code, failure.value.sent, heard) == ("unreachable", False, [])


async def test_a_certificate_of_another_name_is_refused() -> None:
    server, client = certificates("payments.example")
    async with serving(lambda exchange: exchange.send(200), server, client) as transport:
        with pytest.raises(NoAnswer):
            await transport.ask("GET", "/", {}, repeatable=True)


async def test_a_certificate_that_is_right_is_taken() -> None:
    server, client = certificates("localhost")
    async with serving(lambda exchange: exchange.send(200, (), b"yes"), server, client) as transport:
        assert (await transport.ask("GET", "/", {}, repeatable=True)).body == b"yes"


async def test_a_redirect_is_an_answer_that_nobody_follows() -> None:
    def away(exchange: Exchange) -> None:
        exchange.send(302, ((b"location", b"http://169.254.169.254/"),))

    async with serving(away) as transport:
        answer = await transport.ask("GET", "/", {}, repeatable=True)
    assert answer.status == 302
    with pytest.raises(NobodyKnows):
        raise_for_status(answer)


async def test_an_answer_without_end_is_no_answer() -> None:
    async with serving(lambda exchange: exchange.send(200, (), b"x" * (ANSWER_BYTES + 1))) as transport:
        with pytest.raises(NoAnswer) as failure:
            await transport.ask("GET", "/", {}, repeatable=False)
    assert failure.value.sent


@pytest.mark.parametrize(("repeatable", "times"), [(True, 2), (False, 1)])
async def test_what_may_have_happened_is_sent_again_only_where_that_is_safe(repeatable: bool, times: int) -> None:
    heard: list[bytes] = []

    def cut(exchange: Exchange) -> None:
        heard.append(exchange.body)
        exchange.abort()

    async with serving(cut) as transport:
        with pytest.raises(NoAnswer):
            await transport.ask("POST", "/pay", {}, b"1", repeatable=repeatable)
    assert len(heard) == times


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *((status, "server_error") for status in (500, 502, 503, 504, 429, 408, 409)),
        *((status, "unauthorised") for status in (401, 403)),
        *((status, "contradiction") for status in (301, 307, 101)),
    ],
)
def test_a_status_that_says_nothing_sure_is_told_as_that(status: int, code: str) -> None:
    with pytest.raises(NobodyKnows) as failure:
        raise_for_status(Answer(status, {}, b""))
    assert isinstance(failure.value.problem, Problem)
    assert failure.value.problem.code == code
