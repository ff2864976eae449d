"""A request whose model is served in another dialect: sent, answered, streamed, refused and charged rightly."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faregate.core.usage import Usage
from tests.gate.answers import (
    CHAT,
    CHAT_BODY,
    CHAT_REPLY,
    CHAT_STREAM,
    CHAT_TEXT,
    END,
    MESSAGES,
    MESSAGES_BODY,
    MESSAGES_REPLY,
    MESSAGES_STREAM,
    PIECES,
    reply,
    replying,
    streaming,
)
from tests.gate.house import House, house
from tests.gate.responses_answers import REPLY as RESPONSES_REPLY
from tests.gate.responses_answers import STREAM as RESPONSES_STREAM
from tests.wire.peers import Script, connected

RESPONSES = "/v1/responses"
RESPONSES_BODY = {"model": "gpt", "input": "hi", "max_output_tokens": 5000}
ASKS: list[tuple[str, dict[str, Any]]] = [(CHAT, CHAT_BODY), (MESSAGES, MESSAGES_BODY), (RESPONSES, RESPONSES_BODY)]
SERVED = {"gpt": "/v1/chat/completions", "claude": "/v1/messages", "codex": "/v1/responses"}
REPLIES = {"gpt": CHAT_REPLY, "claude": MESSAGES_REPLY, "codex": RESPONSES_REPLY}
STREAMS = {"gpt": CHAT_STREAM, "claude": MESSAGES_STREAM, "codex": RESPONSES_STREAM}
USED = {"gpt": Usage(10, output=7), "claude": Usage(10, output=7), "codex": None}
foreign = pytest.mark.parametrize(
    ("path", "body", "model"),
    [
        (path, body, model)
        for path, body in ASKS
        for model in SERVED
        if SERVED[model] != path and not (model == "codex" and path == CHAT)
    ],
)


def _texts(path: str, answer: dict[str, Any]) -> str:
    if path == CHAT:
        return str(answer["choices"][0]["message"]["content"])
    if path == MESSAGES:
        return "".join(block["text"] for block in answer["content"])
    return "".join(part["text"] for item in answer["output"] for part in item["content"])


@foreign
async def test_a_reply_comes_in_the_clients_dialect_and_is_charged_as_the_upstream_says(
    path: str, body: dict[str, Any], model: str
) -> None:
    seen: list[bytes] = []
    async with house(replying(reply(REPLIES[model]), seen)) as gate:
        status, headers, content = await gate.ask(path, {**body, "model": model})
        assert status == 200, content
        closing = await gate.books.only_closing()
    assert seen[0].startswith(b"POST " + SERVED[model].encode())
    sent = json.loads(seen[0].partition(b"\r\n\r\n")[2])
    assert sent["model"] == f"{model}-upstream"
    answer = json.loads(content)
    assert _texts(path, answer) == "hello there"
    assert answer["model"] == model
    assert headers[b"content-type"] == b"application/json"
    assert closing.facts["outcome"] == "ok"
    if (used := USED[model]) is not None:
        assert closing.usage is not None
        assert closing.usage[:6] == used[:6]


@foreign
async def test_a_stream_comes_in_the_clients_dialect_to_its_proper_end(
    path: str, body: dict[str, Any], model: str
) -> None:
    async with house(streaming(STREAMS[model])) as gate:
        status, headers, content = await gate.ask(path, {**body, "model": model, "stream": True})
        closing = await gate.books.only_closing()
    assert (status, headers[b"content-type"]) == (200, b"text/event-stream")
    for piece in PIECES:
        assert piece.encode() in content
    assert {CHAT: b"data: [DONE]", MESSAGES: b"event: message_stop", RESPONSES: b"event: response.completed"}[
        path
    ] in content
    assert closing.facts["outcome"] == "ok"
    if (used := USED[model]) is not None:
        assert closing.usage is not None
        assert closing.usage[:6] == used[:6]


@pytest.mark.parametrize(("path", "body"), [ask for ask in ASKS if ask[0] != CHAT])
async def test_a_stream_cut_in_the_middle_ends_in_an_error_and_is_estimated(path: str, body: dict[str, Any]) -> None:
    async with house(streaming(CHAT_TEXT, ending=b"")) as gate:
        content = await _dropped(gate, path, {**body, "model": "gpt", "stream": True})
        closing = await gate.books.only_closing()
    assert (b"event: error" if path == MESSAGES else b"response.failed") in content
    assert b"message_stop" not in content
    assert b"response.completed" not in content
    assert closing.facts["estimated"] is True
    if path == RESPONSES:
        events = [json.loads(line[6:]) for line in content.split(b"\n") if line.startswith(b"data: ")]
        assert [event["sequence_number"] for event in events] == list(range(len(events)))


async def _dropped(gate: House, path: str, body: object) -> bytes:
    from tests.gate.house import request_bytes

    async with connected(gate.port) as client:
        await client.send(request_bytes(path, body))
        return await client.rest()


async def test_a_stream_that_ends_quietly_is_not_a_whole_answer() -> None:
    async with house(streaming(CHAT_TEXT, ending=END)) as gate:
        content = await _dropped(gate, MESSAGES, {**MESSAGES_BODY, "model": "gpt", "stream": True})
        await gate.books.only_closing()
    assert b"message_stop" not in content


async def test_an_error_of_the_upstream_is_told_in_the_clients_dialect() -> None:
    error = {"error": {"message": "max_tokens is too large", "type": "invalid_request_error"}}
    async with house(replying(reply(error, 400))) as gate:
        status, _, content = await gate.ask(MESSAGES, {**MESSAGES_BODY, "model": "gpt"})
        closing = await gate.books.only_closing()
    answer = json.loads(content)
    assert (status, answer["type"]) == (400, "error")
    assert answer["error"]["message"] == "max_tokens is too large"
    assert closing.usage is None


async def test_headers_of_the_clients_dialect_stay_behind() -> None:
    seen: list[bytes] = []
    headers = ((b"anthropic-version", b"2023-06-01"), (b"anthropic-beta", b"a"), (b"user-agent", b"claude-cli/2.1"))
    async with house(replying(reply(CHAT_REPLY), seen)) as gate:
        assert (await gate.ask(MESSAGES, {**MESSAGES_BODY, "model": "gpt"}, headers))[0] == 200
    assert b"anthropic-" not in seen[0]
    assert b"user-agent: claude-cli/2.1" in seen[0]


async def test_what_cannot_be_carried_is_refused_before_anything_is_held() -> None:
    async with house(replying(b"")) as gate:
        status, _, content = await gate.ask(CHAT, {**CHAT_BODY, "model": "claude", "n": 3})
        assert not gate.books.held
    assert status == 400
    assert json.loads(content)["error"]["param"] == "n"


async def test_hints_that_the_upstream_is_not_told_are_named_in_a_header() -> None:
    async with house(replying(reply(MESSAGES_REPLY))) as gate:
        _, headers, _ = await gate.ask(CHAT, {**CHAT_BODY, "model": "claude", "seed": 5})
    assert headers[b"x-faregate-left-out"] == b"seed"


async def test_a_name_of_the_clients_making_makes_no_header() -> None:
    tools = [{"type": "function", "name": "run"}, {"type": "x\r\nset-cookie: stolen=1\r\n\r\n"}]
    async with house(replying(reply(MESSAGES_REPLY))) as gate:
        _, headers, _ = await gate.ask(RESPONSES, {**RESPONSES_BODY, "model": "claude", "tools": tools})
    assert b"set-cookie" not in headers
    assert headers[b"x-faregate-left-out"].startswith(b"tools[1] (x??set-cookie")


@foreign
async def test_a_reply_of_another_dialect_than_was_asked_for_is_none(
    path: str, body: dict[str, Any], model: str
) -> None:
    others = [found for name, found in REPLIES.items() if name != model]
    for other in others:
        async with house(replying(reply(other))) as gate:
            status, _, _ = await gate.ask(path, {**body, "model": model})
            closing = await gate.books.only_closing()
        assert (status, closing.usage, closing.facts["reason"]) == (502, None, "upstream_no_answer")


async def test_a_reply_that_is_none_is_an_error_and_not_charged() -> None:
    script: Script = replying(reply(b"<html>"))
    async with house(script) as gate:
        status, _, _ = await gate.ask(MESSAGES, {**MESSAGES_BODY, "model": "gpt"})
        closing = await gate.books.only_closing()
    assert status == 502
    assert closing.usage is None


async def test_a_name_that_the_plan_maps_is_served_by_its_model_and_answered_under_the_name() -> None:
    seen: list[bytes] = []
    async with house(replying(reply(CHAT_REPLY), seen)) as gate:
        gate.books.renamed = {"claude-opus-4-8": "openai/gpt"}
        status, _, content = await gate.ask(MESSAGES, {**MESSAGES_BODY, "model": "claude-opus-4-8"})
        await gate.books.only_closing()
        held = gate.books.held[0]
    assert status == 200, content
    assert json.loads(content)["model"] == "claude-opus-4-8"
    assert json.loads(seen[0].partition(b"\r\n\r\n")[2])["model"] == "gpt-upstream"
    assert held.model == "gpt"
