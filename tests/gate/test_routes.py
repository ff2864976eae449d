"""The gate's routes: what each answers, in the dialect of whoever asks."""

from __future__ import annotations

import msgspec
import pytest

from faregate.wire.exchange import Exchange
from faregate.wire.request_reader import ServerLimits
from tests.gate.answers import CHAT, CHAT_BODY, MESSAGES, MESSAGES_BODY, replying
from tests.gate.house import house
from tests.wire.peers import connected

VERSION = ((b"anthropic-version", b"2023-06-01"),)
NOBODY = ((b"authorization", b""),)


@pytest.mark.parametrize("path", ["/v1/models", "/models", "/v1/models?limit=1000"])
async def test_the_models_list_has_two_shapes(path: str) -> None:
    async with house(replying(b"")) as home:
        openai = msgspec.json.decode((await home.ask(path, b"", method="GET"))[2])
        anthropic = msgspec.json.decode((await home.ask(path, b"", VERSION, method="GET"))[2])
    assert openai["object"] == "list"
    assert [model["id"] for model in openai["data"]] == ["claude", "gpt", "plain"]
    assert (anthropic["first_id"], anthropic["last_id"], anthropic["has_more"]) == ("claude", "plain", False)
    assert {model["type"] for model in anthropic["data"]} == {"model"}


@pytest.mark.parametrize(("model", "status"), [("gpt", 200), ("none", 404), ("a%2Fb", 404)])
@pytest.mark.parametrize("headers", [(), VERSION])
async def test_one_model_by_its_name(model: str, status: int, headers: tuple[tuple[bytes, bytes], ...]) -> None:
    async with house(replying(b"")) as home:
        got, _, said = await home.ask(f"/v1/models/{model}", b"", headers, method="GET")
    assert got == status
    assert msgspec.json.decode(said).get("id", "none") == (model if status == 200 else "none")


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("HEAD", "/", NOBODY, 200),
        ("HEAD", "/api/hello", NOBODY, 200),
        ("GET", "/v1/models", NOBODY, 401),
        ("POST", "/v1/models", (), 405),
        ("GET", CHAT, (), 405),
        ("DELETE", MESSAGES, (), 405),
        ("GET", "/v1/messages/count_tokens", (), 405),
        ("POST", "/v1/messages/count_tokens?beta=true", NOBODY, 401),
        ("POST", "/v1/messages/count_tokens?beta=true", (), 400),
        ("POST", "/v1/responses", (), 400),
        ("GET", "/v1/responses", (), 405),
        ("GET", "/v1/responses/resp_1", (), 404),
        ("DELETE", "/v1/responses/resp_1", (), 404),
        ("POST", "/v1/responses/resp_1/cancel", (), 404),
        ("GET", "/v1/responses/resp_1/input_items", (), 404),
        ("POST", "/v1/conversations", (), 404),
        ("GET", "/v1/responses", ((b"connection", b"upgrade"), (b"upgrade", b"websocket")), 426),
        ("POST", "/v1/embeddings", (), 400),
        ("GET", "/v1/images/generations", (), 405),
        ("POST", "/v1/images/edits", (), 400),
        ("GET", "/v1/images/edits", (), 405),
        ("POST", "/images/variations", (), 400),
        ("GET", "/nowhere", (), 404),
    ],
)
async def test_each_route_has_its_status(
    method: str, path: str, headers: tuple[tuple[bytes, bytes], ...], status: int
) -> None:
    async with house(replying(b"")) as home, connected(home.port) as client:
        await client.send(
            b"%b %b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n" % (method.encode(), path.encode())
            + b"".join(b"%b: %b\r\n" % header for header in (headers or ((b"authorization", b"Bearer fg-secret"),)))
            + b"\r\n"
        )
        answer = await client.rest()
        assert answer.startswith(b"HTTP/1.1 %d " % status)
        assert home.books.held == []
        assert home.upstream.connections == 0


@pytest.mark.parametrize(("path", "shape"), [("/v1/messages/x", "error"), ("/v1/x", None)])
async def test_an_unknown_path_is_told_in_the_dialect_of_the_path(path: str, shape: str | None) -> None:
    async with house(replying(b"")) as home:
        status, _, said = await home.ask(path, b"")
    assert status == 404
    assert msgspec.json.decode(said).get("type") == shape


async def test_what_is_not_the_gates_goes_to_the_handler_behind_it() -> None:
    def behind(exchange: Exchange) -> None:
        exchange.send(200, body=b"behind " + exchange.path)

    async with house(replying(b""), behind=behind) as home:
        own = ("/v1/usage", "/v1/explain/req_1", "/v1/requests", "/v1/restores", "/v1/extra-usage")
        for path in ("/", "/console", "/admin/accounts", *own):
            assert (await home.ask(path, b"", method="GET"))[2] == b"behind " + path.encode()
        assert (await home.ask("/v1/nowhere", b"", method="GET"))[0] == 404


@pytest.mark.parametrize(("path", "body"), [(CHAT, CHAT_BODY), (MESSAGES, MESSAGES_BODY)])
async def test_what_the_wire_refuses_is_worded_in_the_dialect_too(path: str, body: object) -> None:
    async with house(replying(b""), server_limits=ServerLimits(body_bytes=10)) as home:
        status, _, said = await home.ask(path, body)
    assert status == 413
    assert "too large" in msgspec.json.decode(said)["error"]["message"]
