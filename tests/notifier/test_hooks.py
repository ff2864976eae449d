"""Webhooks: signed, by HTTPS alone, to the public internet alone, and what their answers mean."""

from __future__ import annotations

import asyncio
import hmac
import ssl
from collections.abc import AsyncIterator
from ipaddress import ip_network

import pytest
import trustme

from faregate.app.notices_port import NotTold
from faregate.app.people_errors import BadWebhook
from faregate.notifier.hooks import WebHooks, signature
from faregate.wire.egress import EgressGuard, EgressPolicy

NOW = 1_772_445_600_000_000


class Receiver:
    """Takes calls over TLS; answers with ``status``."""

    def __init__(self) -> None:
        self.status = 204
        self.calls: list[tuple[dict[str, str], bytes]] = []
        self.port = 0

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:-2])}
        self.calls.append((headers, await reader.readexactly(int(headers["content-length"]))))
        location = "location: https://elsewhere.test/\r\n" if self.status == 302 else ""
        writer.write(f"HTTP/1.1 {self.status} X\r\n{location}content-length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def receiver(authority: trustme.CA) -> AsyncIterator[Receiver]:
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("hooks.test").configure_cert(own)
    made = Receiver()
    server = await asyncio.start_server(made.take, "127.0.0.1", 0, ssl=own)
    made.port = server.sockets[0].getsockname()[1]
    yield made
    server.close()
    await server.wait_closed()


def hooks(authority: trustme.CA, receiver: Receiver, *, inside: bool = True) -> WebHooks:
    trust = ssl.create_default_context()
    authority.configure_trust(trust)

    async def resolved(host: str, port: int) -> list[str]:
        return ["127.0.0.1"]

    networks = (ip_network("127.0.0.0/8"),) if inside else ()
    return WebHooks(EgressGuard(EgressPolicy((443, receiver.port), networks), resolved), trust)


async def test_a_call_carries_a_signature_over_its_time_and_its_body(
    authority: trustme.CA, receiver: Receiver
) -> None:
    url = f"https://hooks.test:{receiver.port}/in?x=1"
    await hooks(authority, receiver).call(url, "whsec_1", "window_80:a", b'{"kind":"test"}', NOW)
    ((headers, body),) = receiver.calls
    assert body == b'{"kind":"test"}'
    told = dict(part.split("=") for part in headers["x-faregate-signature"].split(","))
    assert told["t"] == str(NOW // 1_000_000)
    assert told["v1"] == hmac.new(b"whsec_1", f"{told['t']}.".encode() + body, "sha256").hexdigest()
    assert headers["x-faregate-event"] == "window_80:a"
    assert signature("whsec_2", int(told["t"]), body) != headers["x-faregate-signature"]


@pytest.mark.parametrize(("status", "for_good"), [(302, False), (404, False), (410, True), (500, False)])
async def test_what_is_no_2xx_is_not_told_and_no_redirect_is_followed(
    authority: trustme.CA, receiver: Receiver, status: int, for_good: bool
) -> None:
    receiver.status = status
    with pytest.raises(NotTold) as problem:
        await hooks(authority, receiver).call(f"https://hooks.test:{receiver.port}/", "s", "e", b"{}", NOW)
    assert problem.value.for_good is for_good
    assert len(receiver.calls) == 1


async def test_an_address_inside_is_never_connected_to(authority: trustme.CA, receiver: Receiver) -> None:
    with pytest.raises(NotTold, match="address"):
        await hooks(authority, receiver, inside=False).call(
            f"https://hooks.test:{receiver.port}/", "s", "e", b"{}", NOW
        )
    assert receiver.calls == []


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "https://user:word@hooks.example.com/",
        "https://hooks.example.com:22/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://hooks.example.com/" + "x" * 1000,
        "nonsense",
        "",
    ],
)
def test_a_url_that_is_never_called_is_refused(url: str) -> None:
    with pytest.raises(BadWebhook):
        WebHooks(EgressGuard()).check(url)


def test_a_public_https_url_is_taken() -> None:
    WebHooks(EgressGuard()).check("https://hooks.example.com/faregate?token=1")
