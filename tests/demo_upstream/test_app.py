"""Routes, keys and what is kept between calls."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

import pytest
from anthropic.types import ModelInfo
from openai.types import Model

from faregate.demo_upstream import Call, DemoUpstream, serve_demo_upstream
from faregate.demo_upstream.app import LARGEST_BODY_BYTES
from tests.demo_upstream.asgi_call import ask
from tests.demo_upstream.conftest import StoppedClock

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
BODY = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}


@pytest.mark.parametrize("headers", [{"authorization": "Bearer k"}, {"x-api-key": "k"}])
@pytest.mark.parametrize("path", [CHAT, MESSAGES, "/chat/completions", "/messages"])
async def test_any_key_opens_every_route(upstream: DemoUpstream, path: str, headers: dict[str, str]) -> None:
    assert (await ask(upstream, path, BODY, headers=headers)).status == 200


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer "}, {"authorization": "k"}, {"x-api-key": " "}])
async def test_no_key_is_refused_in_the_dialects_own_form(upstream: DemoUpstream, headers: dict[str, str]) -> None:
    chat = await ask(upstream, CHAT, BODY, headers=headers)
    assert (chat.status, chat.value["error"]["code"]) == (401, "invalid_api_key")
    messages = await ask(upstream, MESSAGES, BODY, headers=headers)
    assert (messages.status, messages.value["error"]["type"]) == (401, "authentication_error")


async def test_a_key_is_never_repeated(upstream: DemoUpstream) -> None:
    for path in (CHAT, MESSAGES, "/v1/nowhere"):
        answered = await ask(upstream, path, BODY, headers={"x-api-key": "s3cret"})
        assert b"s3cret" not in answered.body
        assert "s3cret" not in str(answered.headers)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("path", ["/", "/api/hello"])
async def test_warm_up_calls_need_no_key(upstream: DemoUpstream, path: str, method: str) -> None:
    assert (await ask(upstream, path, headers={}, method=method)).status == 200


async def test_models_are_listed_in_both_forms(upstream: DemoUpstream) -> None:
    chat = (await ask(upstream, "/v1/models")).value
    assert "demo" in [Model.model_validate(item).id for item in chat["data"]]
    headers = {"x-api-key": "k", "anthropic-version": "2023-06-01"}
    page = (await ask(upstream, "/v1/models", headers=headers)).value
    assert page["first_id"] in [ModelInfo.model_validate(item).id for item in page["data"]]
    one = (await ask(upstream, "/v1/models/any/name", headers=headers)).value
    assert ModelInfo.model_validate(one).id == "any/name"


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [("/v1/nowhere", "POST", 404), (CHAT, "GET", 405), (MESSAGES, "DELETE", 405)],
)
async def test_other_paths_and_methods_are_refused(
    upstream: DemoUpstream, path: str, method: str, status: int
) -> None:
    assert (await ask(upstream, path, BODY, method=method)).status == status


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"a":"\xff"}', b"[" * 100_000])
async def test_a_body_that_is_no_json_object_is_refused(upstream: DemoUpstream, body: bytes) -> None:
    assert (await ask(upstream, CHAT, body)).status == 400


async def test_a_body_over_the_limit_is_refused(upstream: DemoUpstream) -> None:
    assert (await ask(upstream, CHAT, b" " * (LARGEST_BODY_BYTES + 1))).status == 413


async def test_the_same_calls_get_the_same_answers(clock: StoppedClock) -> None:
    bodies = []
    for _ in range(2):
        upstream = DemoUpstream(clock=clock, sleep=clock.sleep)
        bodies.append([(await ask(upstream, path, BODY)).body for path in (CHAT, CHAT, MESSAGES)])
    assert bodies[0] == bodies[1]
    assert bodies[0][0] != bodies[0][1]  # their ids


async def test_calls_are_shown_as_they_arrive(clock: StoppedClock) -> None:
    calls: list[Call] = []
    upstream = DemoUpstream(clock=clock, on_call=calls.append)
    await ask(upstream, CHAT, BODY)
    assert [(call.method, call.path, call.outcome) for call in calls] == [("POST", CHAT, "complete")]
    assert calls[0].status == 200
    assert calls[0].body.startswith(b'{"model"')


async def test_lifespan_is_answered(upstream: DemoUpstream) -> None:
    inbox = ["lifespan.startup", "lifespan.shutdown"]
    sent: list[str] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": inbox.pop(0)}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message["type"])

    await upstream({"type": "lifespan"}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    with pytest.raises(ValueError, match="websocket"):
        await upstream({"type": "websocket"}, receive, send)


async def test_it_listens_on_a_socket_of_its_own(upstream: DemoUpstream) -> None:
    served = await serve_demo_upstream(upstream)
    try:
        assert served.url.startswith("http://127.0.0.1:")
    finally:
        await served.close()
