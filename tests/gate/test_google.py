"""Google's generateContent at the gate: its paths, credentials, forms of a stream, refusals and charges."""

from __future__ import annotations

import json
import logging

import pytest

from faregate.core.usage import Usage
from tests.gate.answers import (
    CHAT,
    CHAT_BODY,
    CHAT_REPLY,
    CHAT_STREAM,
    MESSAGES,
    MESSAGES_BODY,
    PIECES,
    reply,
    replying,
    streaming,
)
from tests.gate.google_answers import BODY, LAST, METADATA, REPLY, STREAM, TEXT, answer, event, path
from tests.gate.house import SECRET, house, request_bytes
from tests.wire.peers import connected

NOBODY = ((b"authorization", b""),)
CHARGED = Usage(6, 4, output=7)


def _sent(seen: list[bytes]) -> tuple[bytes, bytes]:
    head, _, body = seen[0].partition(b"\r\n\r\n")
    return head, body


@pytest.mark.parametrize("prefix", ["/v1beta", "/v1", "/v1alpha", ""])
async def test_the_same_dialect_passes_byte_for_byte_with_the_model_in_the_path(prefix: str) -> None:
    seen: list[bytes] = []
    body = json.dumps({**BODY, "anything": [1.50, "ß"]}, indent=1, ensure_ascii=False).encode()
    async with house(replying(reply(REPLY), seen)) as gate:
        status, headers, content = await gate.ask(f"{prefix}/models/gemini-x:generateContent", body)
        closing = await gate.books.only_closing()
        held = gate.books.held[0]
    head, sent = _sent(seen)
    assert head.startswith(b"POST /v1/models/gemini-upstream:generateContent HTTP/1.1\r\n")
    assert b"\r\nx-goog-api-key: sk-upstream" in head
    assert SECRET not in seen[0]
    assert sent == body
    assert (status, json.loads(content)) == (200, REPLY)
    assert headers[b"x-request-id"] == held.id.encode()
    assert closing.usage is not None
    assert closing.usage[:6] == CHARGED[:6]
    assert (held.model, held.usage.prompts) == ("gemini-x", 1)


@pytest.mark.parametrize("name", ["gemini%2Fx", "gemini-%C3%BC", "gemini-1:latest"])
async def test_the_models_name_is_percent_encoded(name: str) -> None:
    from urllib.parse import unquote

    async with house(replying(reply(REPLY))) as gate:
        assert (await gate.ask(path(name), BODY))[0] == 200
        assert gate.books.held[0].model == unquote(name)


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (b"key=fg-secret", b""),
        (b"key=fg%2dsecret&x=1", b"?x=1"),
        (b"x=%20a&%6bey=fg-secret&access_token=t&alt=json", b"?x=%20a"),
    ],
)
async def test_a_key_in_the_query_counts_and_goes_no_further(
    query: bytes, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[bytes] = []
    caplog.set_level(logging.DEBUG)
    async with house(replying(reply(REPLY), seen)) as gate:
        assert (await gate.ask(path("gemini", query=query.decode()), BODY, NOBODY))[0] == 200
    assert seen[0].startswith(b"POST /v1/models/gemini-upstream:generateContent%b HTTP/1.1\r\n" % sent)
    assert b"fg-secret" not in seen[0]
    assert "fg-secret" not in caplog.text


async def test_a_key_in_the_query_of_another_dialect_is_no_key_and_goes_no_further() -> None:
    seen: list[bytes] = []
    async with house(replying(reply(CHAT_REPLY), seen)) as gate:
        assert (await gate.ask(f"{CHAT}?key=fg-secret", CHAT_BODY, NOBODY))[0] == 401
        assert (await gate.ask(f"{CHAT}?key=fg-secret&a=1", CHAT_BODY))[0] == 200
    assert seen[0].startswith(b"POST /v1/chat/completions?a=1 ")


async def test_a_stream_of_events_passes_byte_for_byte() -> None:
    seen: list[bytes] = []
    async with house(streaming(STREAM, seen=seen)) as gate:
        status, headers, content = await gate.ask(path("gemini", "streamGenerateContent", "alt=sse"), BODY)
        closing = await gate.books.only_closing()
    assert seen[0].startswith(b"POST /v1/models/gemini-upstream:streamGenerateContent?alt=sse ")
    assert (status, headers[b"content-type"], content) == (200, b"text/event-stream", b"".join(STREAM))
    assert closing.usage is not None
    assert closing.usage[:6] == CHARGED[:6]
    assert closing.facts["outcome"] == "ok"


@pytest.mark.parametrize("model", ["gemini", "gpt"])
async def test_without_alt_sse_a_stream_is_one_json_array(model: str) -> None:
    async with house(streaming(STREAM if model == "gemini" else CHAT_STREAM)) as gate:
        status, headers, content = await gate.ask(path(model, "streamGenerateContent"), BODY)
        closing = await gate.books.only_closing()
    said = json.loads(content)
    assert (status, headers[b"content-type"]) == (200, b"application/json")
    texts = [part["text"] for each in said for part in each["candidates"][0]["content"]["parts"]]
    assert "".join(texts) == "".join(PIECES)
    assert said[-1]["candidates"][0]["finishReason"] == "STOP"
    assert closing.facts["outcome"] == "ok"


@pytest.mark.parametrize("model", ["gemini", "gpt"])
@pytest.mark.parametrize("form", ["alt=sse", ""])
async def test_a_stream_that_breaks_off_ends_with_an_error_of_googles(model: str, form: str) -> None:
    sent = TEXT[:2] if model == "gemini" else CHAT_STREAM[:2]
    async with house(streaming(sent, ending=b"")) as gate:
        async with connected(gate.port) as client:
            await client.send(request_bytes(path(model, "streamGenerateContent", form), BODY))
            content = await client.rest()
        closing = await gate.books.only_closing()
    assert b'"status":"UNAVAILABLE"' in content
    assert b'"finishReason"' not in content
    assert not content.endswith(b"0\r\n\r\n")
    assert (closing.facts["outcome"], closing.facts["estimated"]) == ("upstream_cut", True)
    assert closing.usage is not None
    assert closing.usage.output == 200


async def test_a_report_of_the_input_alone_does_not_make_a_broken_stream_free() -> None:
    first = event(answer(PIECES[0], None, {"promptTokenCount": 10, "totalTokenCount": 10}))
    async with house(streaming([first, first], ending=b"")) as gate:
        async with connected(gate.port) as client:
            await client.send(request_bytes(path("gemini", "streamGenerateContent", "alt=sse"), BODY))
            await client.rest()
        closing = await gate.books.only_closing()
    assert closing.usage is not None
    assert (closing.usage.input, closing.usage.output) == (10, 200)


async def test_an_answer_that_is_blocked_is_whole() -> None:
    blocked = {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 3}}
    async with house(streaming([event(blocked)])) as gate:
        _, _, content = await gate.ask(path("gemini", "streamGenerateContent", "alt=sse"), BODY)
        closing = await gate.books.only_closing()
    assert content == event(blocked)
    assert closing.usage is not None
    assert (closing.usage.input, closing.usage.output, closing.facts["outcome"]) == (3, 0, "ok")


@pytest.mark.parametrize(
    ("asked", "body"),
    [(CHAT, CHAT_BODY), (MESSAGES, MESSAGES_BODY), ("/v1/responses", {"model": "x", "input": "hi"})],
)
async def test_clients_of_other_dialects_are_served_by_an_upstream_of_google(
    asked: str, body: dict[str, object]
) -> None:
    seen: list[bytes] = []
    async with house(replying(reply(REPLY), seen)) as gate:
        status, _, content = await gate.ask(asked, {**body, "model": "gemini"})
        closing = await gate.books.only_closing()
    head, sent = _sent(seen)
    assert head.startswith(b"POST /v1/models/gemini-upstream:generateContent HTTP")
    assert json.loads(sent)["contents"] == [{"role": "user", "parts": [{"text": "hi"}]}]
    assert status == 200
    assert b"hello there" in content
    assert closing.usage is not None
    assert closing.usage[:6] == CHARGED[:6]


async def test_a_stream_of_google_is_told_to_a_client_of_messages() -> None:
    seen: list[bytes] = []
    async with house(streaming(STREAM, seen=seen)) as gate:
        _, _, content = await gate.ask(MESSAGES, {**MESSAGES_BODY, "model": "gemini", "stream": True})
        closing = await gate.books.only_closing()
    assert seen[0].startswith(b"POST /v1/models/gemini-upstream:streamGenerateContent?alt=sse ")
    assert b"event: message_stop" in content
    assert all(piece.encode() in content for piece in PIECES)
    assert closing.facts["outcome"] == "ok"


async def test_a_client_of_google_is_served_in_another_dialect() -> None:
    seen: list[bytes] = []
    async with house(replying(reply(CHAT_REPLY), seen)) as gate:
        status, _, content = await gate.ask(path("gpt"), BODY)
        await gate.books.only_closing()
    sent = json.loads(_sent(seen)[1])
    assert (sent["model"], sent["messages"]) == ("gpt-upstream", [{"role": "user", "content": "hi"}])
    said = json.loads(content)
    assert (status, said["modelVersion"]) == (200, "gpt")
    assert said["candidates"][0]["content"]["parts"] == [{"text": "hello there"}]
    assert said["usageMetadata"]["totalTokenCount"] == 17


async def test_the_models_list_and_an_entry_in_googles_form() -> None:
    async with house(replying(b"")) as gate:
        _, _, listed = await gate.ask("/v1beta/models?pageSize=50&key=fg-secret", b"", NOBODY, method="GET")
        _, _, entry = await gate.ask("/v1/models/gpt", b"", ((b"x-goog-api-key", SECRET),), method="GET")
        status, _, missing = await gate.ask("/v1beta/models/none", b"", method="GET")
    assert [model["name"] for model in json.loads(listed)["models"]] == [
        "models/claude",
        "models/gpt",
        "models/plain",
    ]
    assert json.loads(entry)["name"] == "models/gpt"
    assert "generateContent" in json.loads(entry)["supportedGenerationMethods"]
    assert (status, json.loads(missing)["error"]["status"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "asked", "body", "status", "said"),
    [
        ("GET", path("gemini"), b"", 405, "INVALID_ARGUMENT"),
        ("POST", path("gemini", "embedContent"), BODY, 405, "INVALID_ARGUMENT"),
        ("POST", path("nobody"), BODY, 404, "NOT_FOUND"),
        ("POST", path("gemini"), {"contents": "hi"}, 400, "INVALID_ARGUMENT"),
        ("POST", path("gemini"), {**BODY, "cachedContent": "cachedContents/1"}, 400, "INVALID_ARGUMENT"),
        ("POST", path("gemini"), {**BODY, "generationConfig": 5}, 400, "INVALID_ARGUMENT"),
        ("POST", path("gpt"), {**BODY, "generationConfig": {"candidateCount": 2}}, 400, "INVALID_ARGUMENT"),
        ("GET", "/v1beta/nowhere", b"", 404, "NOT_FOUND"),
    ],
)
async def test_refusals_are_googles(method: str, asked: str, body: object, status: int, said: str) -> None:
    async with house(replying(b"")) as gate:
        got, _, content = await gate.ask(asked, body, method=method)
        assert not gate.books.held
    error = json.loads(content)["error"]
    assert (got, error["code"], error["status"]) == (status, status, said)
    assert error["message"]


async def test_a_model_named_in_the_body_has_no_say() -> None:
    seen: list[bytes] = []
    async with house(replying(reply(REPLY), seen)) as gate:
        await gate.ask(path("gemini"), {"model": "models/dearer", **BODY})
    assert json.loads(_sent(seen)[1])["model"] == "models/gemini-upstream"


@pytest.mark.parametrize("nested", [False, True])
async def test_tokens_are_counted_at_the_upstream(nested: bool) -> None:
    seen: list[bytes] = []
    body = {"generateContentRequest": {"model": "models/gemini", **BODY}} if nested else BODY
    async with house(replying(reply({"totalTokens": 31}), seen)) as gate:
        status, _, content = await gate.ask(path("gemini", "countTokens", "key=fg-secret"), body, NOBODY)
        _, headers, other = await gate.ask(path("gpt", "countTokens"), body)
        assert not gate.books.held
    head, sent = _sent(seen)
    assert head.startswith(b"POST /v1/models/gemini-upstream:countTokens HTTP")
    if nested:
        assert json.loads(sent)["generateContentRequest"]["model"] == "models/gemini-upstream"
    assert (status, json.loads(content)) == (200, {"totalTokens": 31})
    assert json.loads(other)["totalTokens"] > 0
    assert headers[b"x-faregate-estimated"] == b"true"


async def test_an_idempotency_key_tells_models_apart() -> None:
    key = ((b"idempotency-key", b"k1"),)
    async with house(replying(reply(REPLY))) as gate:
        assert (await gate.ask(path("gemini-a"), BODY, key))[0] == 200
        assert (await gate.ask(path("gemini-b"), BODY, key))[0] == 422
        status, _, content = await gate.ask(path("gemini-a"), BODY, key)
    error = json.loads(content)["error"]
    assert (status, error["status"], error["receipt"]["state"]) == (409, "ALREADY_EXISTS", "settled")


async def test_the_first_and_last_event_in_one_chunk_are_a_whole_stream() -> None:
    async with house(streaming([TEXT[0] + LAST])) as gate:
        _, _, content = await gate.ask(path("gemini", "streamGenerateContent"), BODY)
        closing = await gate.books.only_closing()
    assert [each.get("usageMetadata") for each in json.loads(content)] == [None, METADATA]
    assert closing.facts["outcome"] == "ok"


@pytest.mark.parametrize("asked", [path("gemini"), CHAT])
async def test_a_wrong_key_of_the_operators_is_not_told_to_a_client(asked: str) -> None:
    wrong = {"error": {"code": 400, "message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]}}
    body = BODY if asked != CHAT else {**CHAT_BODY, "model": "gemini"}
    async with house(replying(reply(wrong, 400))) as gate:
        status, _, content = await gate.ask(asked, body)
        closing = await gate.books.only_closing()
    assert status == 502
    assert b"API key" not in content
    assert closing.usage is None
