"""What passes through the gate: bytes untouched but the model's name and the credentials."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from faregate.wire.request_reader import ServerLimits
from tests.gate.answers import (
    CHAT,
    CHAT_BODY,
    CHAT_REPLY,
    CHAT_STREAM,
    CHAT_TEXT,
    CHAT_USAGE,
    DONE,
    MESSAGES,
    MESSAGES_BODY,
    MESSAGES_REPLY,
    MESSAGES_STREAM,
    chat_event,
    reply,
    replying,
    streaming,
)
from tests.gate.house import SECRET, house, request_bytes
from tests.wire.peers import connected, until


def head_and_body(request: bytes) -> tuple[list[bytes], bytes]:
    head, _, body = request.partition(b"\r\n\r\n")
    return head.split(b"\r\n"), body


async def test_the_upstream_gets_the_body_untouched_but_for_the_model() -> None:
    seen: list[bytes] = []
    body = (
        b' { "temperature":0.70, "model" : "gpt", "messages":[{"role":"user","content":"\\u00e9"}],"x":{"model":1}} '
    )
    async with house(replying(reply(CHAT_REPLY), seen)) as home:
        status, _, said = await home.ask(CHAT, body)
    assert (status, said) == (200, msgspec.json.encode(CHAT_REPLY))
    _, sent = head_and_body(seen[0])
    assert sent == body.replace(b'"gpt"', b'"gpt-upstream"')


@pytest.mark.parametrize(
    ("path", "body", "target", "credential"),
    [
        (CHAT, CHAT_BODY, b"/v1/chat/completions", b"authorization: Bearer sk-upstream"),
        ("/chat/completions", CHAT_BODY, b"/v1/chat/completions", b"authorization: Bearer sk-upstream"),
        (MESSAGES + "?beta=true", MESSAGES_BODY, b"/v1/messages?beta=true", b"x-api-key: sk-upstream"),
        ("/messages", MESSAGES_BODY, b"/v1/messages", b"x-api-key: sk-upstream"),
    ],
)
async def test_the_upstream_gets_its_own_credentials_and_few_of_the_clients_headers(
    path: str, body: object, target: bytes, credential: bytes
) -> None:
    seen: list[bytes] = []
    headers = (
        (b"user-agent", b"claude-cli/2.1"),
        (b"anthropic-beta", b"a,b"),
        (b"cookie", b"secret=1"),
        (b"x-forwarded-for", b"10.0.0.1"),
        (b"accept-encoding", b"gzip"),
    )
    async with house(replying(reply(CHAT_REPLY if "chat" in path else MESSAGES_REPLY), seen)) as home:
        assert (await home.ask(path, body, headers))[0] == 200
    lines, _ = head_and_body(seen[0])
    assert lines[0] == b"POST " + target + b" HTTP/1.1"
    assert credential in lines
    assert b"user-agent: claude-cli/2.1" in lines
    assert b"anthropic-beta: a,b" in lines
    assert b"accept-encoding: identity" in lines
    assert SECRET not in seen[0]
    assert not any(line.startswith((b"cookie", b"x-forwarded-for")) for line in lines)
    assert (b"anthropic-version: 2023-06-01" in lines) == ("messages" in path)


async def test_the_clients_anthropic_version_goes_to_the_upstream() -> None:
    seen: list[bytes] = []
    async with house(replying(reply(MESSAGES_REPLY), seen)) as home:
        await home.ask(MESSAGES, MESSAGES_BODY, ((b"anthropic-version", b"2026-10-21"),))
    assert [line for line in head_and_body(seen[0])[0] if b"version" in line] == [b"anthropic-version: 2026-10-21"]


@pytest.mark.parametrize("asks", [False, True])
async def test_usage_is_always_asked_for_and_shown_only_to_a_client_that_asked(asks: bool) -> None:
    seen: list[bytes] = []
    body: dict[str, object] = {**CHAT_BODY, "stream": True}
    if asks:
        body["stream_options"] = {"include_usage": True}
    async with house(streaming(CHAT_STREAM, seen=seen)) as home:
        status, headers, said = await home.ask(CHAT, body)
        closing = await home.books.only_closing()
    sent = msgspec.json.decode(head_and_body(seen[0])[1])
    assert sent["stream_options"] == {"include_usage": True}
    assert (status, headers[b"content-type"]) == (200, b"text/event-stream")
    shown = CHAT_STREAM if asks else [*CHAT_TEXT, DONE]
    assert said == b"".join(shown)
    assert closing.usage is not None
    assert closing.usage.output == 7


async def test_a_messages_stream_passes_byte_for_byte() -> None:
    async with house(streaming(MESSAGES_STREAM)) as home:
        _, _, said = await home.ask(MESSAGES, {**MESSAGES_BODY, "stream": True})
    assert said == b"".join(MESSAGES_STREAM)


async def test_an_upstream_that_answers_a_stream_with_json_is_passed_on_and_charged() -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        status, headers, _ = await home.ask(CHAT, {**CHAT_BODY, "stream": True})
        closing = await home.books.only_closing()
    assert (status, headers[b"content-type"]) == (200, b"application/json")
    assert closing.usage is not None
    assert closing.usage.output == 7


@pytest.mark.parametrize(
    ("path", "body", "name"), [(CHAT, CHAT_BODY, b"x-request-id"), (MESSAGES, MESSAGES_BODY, b"request-id")]
)
async def test_every_answer_names_its_request(path: str, body: object, name: bytes) -> None:
    async with house(replying(reply(CHAT_REPLY if path == CHAT else MESSAGES_REPLY))) as home:
        _, headers, _ = await home.ask(path, body)
        held = home.books.held[0].id.encode()
    assert headers[name] == headers[b"x-faregate-request-id"] == held


async def test_the_hold_is_in_the_books_before_the_upstream_is_called() -> None:
    order: list[int] = []

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        order.append(len(home.books.held))
        writer.write(reply(CHAT_REPLY))

    async with house(script) as home:
        await home.ask(CHAT, CHAT_BODY)
    assert order == [1]


async def test_the_hold_says_who_asks_for_what() -> None:
    async with house(replying(reply(MESSAGES_REPLY))) as home:
        headers = ((b"user-agent", b"claude-cli/2.1.330 (external, cli)"), (b"x-app", b"cli"))
        await home.ask(MESSAGES, MESSAGES_BODY, headers)
        held = home.books.held[0]
    assert (held.model, held.client, held.key) == ("claude", "claude-code", "key_1")
    assert held.usage.prompts == 1
    assert held.usage.input > 0
    assert 0 < held.usage.output <= 5000


async def test_prompts_are_told_apart_for_every_plan_since_one_sent_again_counts_once() -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        for _ in range(2):
            await home.ask(CHAT, CHAT_BODY)
        first, again = home.books.held
    assert (first.usage.prompts, first.evidence is not None) == (1, True)
    assert first.prompt == again.prompt != ""


async def test_later_holds_expect_what_earlier_requests_needed() -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        for _ in range(2):
            await home.ask(CHAT, CHAT_BODY)
        await until(lambda: len(home.books.closings) == 2)
        first, second = home.books.held
    assert (first.usage.output, second.usage.output) == (1024, 7)


async def test_a_slow_reader_holds_back_the_upstream() -> None:
    sent = 0

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
        for _ in range(400):
            data = chat_event("x" * 100_000)
            writer.write(data)
            await writer.drain()
            sent += len(data)
        writer.write(chat_event(None, CHAT_USAGE) + DONE)

    async with house(script, server_limits=ServerLimits(write_buffer_bytes=10_000)) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(CHAT, {**CHAT_BODY, "stream": True}))
            await until(lambda: sent)
            before = -1
            while before != sent:
                before = sent
                await asyncio.sleep(0.02)
            assert sent < 30_000_000
            _, _, said = await client.response()
        assert len(said) > 40_000_000
        closing = await home.books.only_closing()
    assert closing.facts == {"upstream": "oa", "outcome": "ok"}
