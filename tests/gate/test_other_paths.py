"""Embeddings, images, kept answers and token counts at the gate."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from faregate.core.usage import Usage
from faregate.gate import token_counts
from tests.gate.answers import CLAUDE_CODE, event, reply, replying, streaming
from tests.gate.channels import channels
from tests.gate.house import House, house, request_bytes
from tests.gate.responses_answers import (
    COMPACT,
    DRAWN,
    EMBEDDED,
    EMBEDDINGS,
    IMAGE_USAGE,
    IMAGES,
    REPLY,
    RESPONSES,
    RESPONSES_BODY,
    STREAM,
)
from tests.wire.peers import Script, connected, read_request, until

EMBED = {"model": "o-embed", "input": ["one", "two"]}
DRAW = {"model": "o-draw", "prompt": "a cat", "n": 2}
COUNT = "/v1/messages/count_tokens?beta=true"
COUNT_BODY = {"model": "claude", "messages": [{"role": "user", "content": "12345678"}]}
OURS = b"x-faregate-estimated"


# ---- metered paths


@pytest.mark.parametrize("path", [EMBEDDINGS, "/embeddings"])
async def test_embeddings_are_charged_by_their_input_and_are_no_prompt(path: str) -> None:
    seen: list[bytes] = []
    async with house(replying(reply(EMBEDDED), seen)) as home:
        status, _, said = await home.ask(path, EMBED)
        closing = await home.books.only_closing()
        (held,) = home.books.held
    assert (status, msgspec.json.decode(said)) == (200, EMBEDDED)
    assert closing.usage == Usage(input=8)
    assert (held.usage.prompts, held.usage.output) == (0, 0)
    assert held.usage.input > 0
    assert seen[0].startswith(b"POST /v1/embeddings ")


async def test_embeddings_without_usage_are_estimated_and_have_no_output() -> None:
    async with house(replying(reply({**EMBEDDED, "usage": None}))) as home:
        await home.ask(EMBEDDINGS, EMBED)
        closing = await home.books.only_closing()
    assert closing.usage is not None
    assert (closing.usage.input > 0, closing.usage.output) == (True, 0)
    assert closing.facts["estimated"] is True


@pytest.mark.parametrize(
    ("answer", "usage"),
    [
        ({**DRAWN, "usage": IMAGE_USAGE}, Usage(input=20, output=2112, images=2)),
        (DRAWN, Usage(images=2)),
        ({"created": 1, "data": []}, Usage()),
    ],
)
async def test_images_are_charged_by_the_picture_and_by_tokens_where_reported(answer: object, usage: Usage) -> None:
    async with house(replying(reply(answer))) as home:
        status, _, _ = await home.ask(IMAGES, DRAW)
        closing = await home.books.only_closing()
        (held,) = home.books.held
    assert (status, closing.usage, "estimated" in closing.facts) == (200, usage, False)
    assert (held.usage.images, held.usage.prompts) == (2, 0)


async def test_a_streamed_picture_is_charged_at_its_end() -> None:
    last = event("image_generation.completed", b64_json="aGk=", usage=IMAGE_USAGE)
    events = [event("image_generation.partial_image", b64_json="aGk="), last]
    async with house(streaming(events)) as home:
        status, _, said = await home.ask(IMAGES, {**DRAW, "n": 1, "stream": True})
        closing = await home.books.only_closing()
    assert (status, said) == (200, b"".join(events))
    assert closing.usage == Usage(input=20, output=2112, images=1)


async def test_a_picture_that_never_comes_is_estimated_as_asked_for() -> None:
    async with house(replying(reply(DRAWN)[:-5], hang=True), idle_seconds=0.02) as home:
        await home.ask(IMAGES, DRAW)
        closing = await home.books.only_closing()
    assert closing.usage is not None
    assert closing.usage.images == 2
    assert closing.facts["estimated"] is True


@pytest.mark.parametrize("path", [EMBEDDINGS, IMAGES])
async def test_a_model_of_another_dialect_is_refused_by_name(path: str) -> None:
    async with house(replying(b"")) as home:
        status, _, said = await home.ask(path, {"model": "claude", "input": "x", "prompt": "x"})
        assert home.books.held == []
    assert (status, msgspec.json.decode(said)["error"]["code"]) == (400, "unsupported")


# ---- prompts


TOOL_ROUND = [
    {"role": "user", "content": "hi"},
    {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
    {"type": "function_call_output", "call_id": "c", "output": "done"},
]


@pytest.mark.parametrize(
    ("path", "given", "prompts"),
    [
        (RESPONSES, "hi", 1),
        (RESPONSES, [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": "hi"}]}], 1),
        (RESPONSES, TOOL_ROUND, 0),
        (RESPONSES, [*TOOL_ROUND, {"role": "user", "content": "and now?"}], 1),
        (RESPONSES, [{"role": "user", "content": "hi"}, {"role": "developer", "content": "note"}], 1),
        (RESPONSES, [{"role": "user", "content": "hi"}, {"type": "compaction_trigger"}], 0),
        (COMPACT, "hi", 0),
    ],
)
async def test_a_users_word_opens_a_prompt_and_a_tools_output_does_not(path: str, given: Any, prompts: int) -> None:
    async with house(replying(reply(REPLY))) as home:
        await home.ask(path, {**RESPONSES_BODY, "input": given})
        assert [request.usage.prompts for request in home.books.held] == [prompts]


# ---- answers that are kept


async def went_on(home: House, answer: str = "resp_1") -> tuple[int, Any]:
    status, _, said = await home.ask(RESPONSES, {**RESPONSES_BODY, "previous_response_id": answer})
    return status, msgspec.json.decode(said)


@pytest.mark.parametrize("stream", [False, True])
async def test_a_request_goes_on_from_an_answer_of_its_own_account(stream: bool) -> None:
    async with house(streaming(STREAM) if stream else replying(reply(REPLY))) as home:
        await home.ask(RESPONSES, {**RESPONSES_BODY, "stream": stream})
        if stream:
            await until(lambda: home.books.closings)
        status, _, _ = await home.ask(
            RESPONSES, {**RESPONSES_BODY, "stream": stream, "previous_response_id": "resp_1"}
        )
        assert status == 200
        assert len(home.books.held) == 2


async def test_an_answer_that_is_not_known_cannot_be_gone_on_from_and_costs_nothing() -> None:
    async with house(replying(reply({**REPLY, "store": False}))) as home:
        await home.ask(RESPONSES, {**RESPONSES_BODY, "store": False})
        status, said = await went_on(home)
        assert len(home.books.held) == 1
    assert (status, said["error"]["code"]) == (400, "previous_response_not_found")
    assert said["error"]["param"] == "previous_response_id"


async def test_another_accounts_answer_is_not_known() -> None:
    async with house(replying(reply(REPLY))) as home:
        await home.ask(RESPONSES, RESPONSES_BODY)
        home.keys.key = home.keys.key._replace(account="acc_00000002")
        assert (await went_on(home))[0] == 400


def keeping(number: int, seen: list[bytes], is_down: asyncio.Event) -> Script:
    """Keeps answers under a name of its own, until it is down."""

    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append(await read_request(reader))
            down = reply({"error": {"message": "down"}}, 500)
            writer.write(down if is_down.is_set() else reply({**REPLY, "id": f"resp_{number}"}))
            await writer.drain()

    return script


async def test_a_request_goes_on_at_the_upstream_that_keeps_its_answer_and_nowhere_else() -> None:
    asked: list[list[bytes]] = [[], []]
    down = [asyncio.Event(), asyncio.Event()]
    async with channels(*(keeping(number, asked[number], down[number]) for number in range(2)), priority=0) as home:
        while not all(asked):
            assert (await home.ask(RESPONSES, RESPONSES_BODY))[0] == 200
        for number in (0, 1, 1, 0, 1, 0, 0):
            before = len(asked[number])
            assert (await went_on(home, f"resp_{number}"))[0] == 200
            assert len(asked[number]) == before + 1
        down[0].set()
        others = len(asked[1])
        assert (await went_on(home, "resp_0"))[0] == 500
        assert len(asked[1]) == others


# ---- counting tokens


async def test_the_upstreams_count_passes_and_nothing_is_held() -> None:
    seen: list[bytes] = []
    async with house(replying(reply({"input_tokens": 77}), seen)) as home:
        status, headers, said = await home.ask(COUNT, COUNT_BODY, CLAUDE_CODE)
        assert home.books.held == []
        assert home.gate.counters.requests == 0
    assert (status, msgspec.json.decode(said)) == (200, {"input_tokens": 77})
    assert OURS not in headers
    assert seen[0].startswith(b"POST /v1/messages/count_tokens?beta=true ")
    assert b'"model":"claude-upstream"' in seen[0]


@pytest.mark.parametrize("status", [401, 404, 405, 429, 500, 501])
async def test_what_the_upstream_cannot_count_is_estimated_and_said_so(status: int) -> None:
    async with house(replying(reply(b'{"error":{}}', status))) as home:
        got, headers, said = await home.ask(COUNT, COUNT_BODY)
    assert (got, headers[OURS]) == (200, b"true")
    body = msgspec.json.encode(COUNT_BODY)
    assert msgspec.json.decode(said) == {"input_tokens": -(-len(body) // 4)}


KEYS = [{"env": "KEY_1"}, {"env": "KEY_2"}]


@pytest.mark.parametrize("status", [401, 404, 429, 500])
async def test_a_question_goes_to_another_key_and_another_upstream_before_it_is_estimated(status: int) -> None:
    seen: list[list[bytes]] = [[], [], []]
    down, up = reply(b'{"error":{}}', status), reply({"input_tokens": 77})
    scripts = [replying(answer, asked) for answer, asked in zip((down, up, up), seen, strict=True)]
    async with channels(*scripts, each=({"keys": KEYS},)) as home:
        got, headers, said = await home.ask(COUNT, COUNT_BODY)
        assert home.faults == {}
        for _ in range(5):
            assert (await home.ask(COUNT, COUNT_BODY))[0] == 200
    assert (got, msgspec.json.decode(said)) == (200, {"input_tokens": 77})
    assert OURS not in headers
    assert [len(each) for each in seen] == [12, 6, 0]
    assert [b"sk-1" in each for each in seen[0][:2]] == [True, False]


async def test_a_question_is_asked_of_three_at_most() -> None:
    seen: list[bytes] = []
    down = reply(b'{"error":{}}', 500)
    async with channels(*(replying(down, seen) for _ in range(5))) as home:
        status, headers, _ = await home.ask(COUNT, COUNT_BODY)
    assert (status, headers[OURS], len(seen)) == (200, b"true", 3)


async def test_a_name_that_the_plan_maps_is_counted_for_its_model() -> None:
    seen: list[bytes] = []
    async with house(replying(reply({"input_tokens": 5}), seen)) as home:
        home.books.renamed = {"claude-opus": "anthropic/claude"}
        status, _, said = await home.ask(COUNT, {**COUNT_BODY, "model": "claude-opus"})
    assert (status, msgspec.json.decode(said)) == (200, {"input_tokens": 5})
    assert b'"model":"claude-upstream"' in seen[0]


async def test_what_no_upstream_can_or_may_be_asked_is_estimated() -> None:
    async with house(replying(b"")) as home:
        foreign = await home.ask(COUNT, {**COUNT_BODY, "model": "gpt"})
        kept = await home.ask(
            "/v1/responses/input_tokens", {"model": "codex", "input": "hi", "previous_response_id": "resp_1"}
        )
        assert home.upstream.connections == 0
        home.upstream.stop()
        gone = await home.ask("/v1/responses/input_tokens", {"model": "codex", "input": "hi"})
    assert [(status, headers[OURS]) for status, headers, _ in (foreign, kept, gone)] == [(200, b"true")] * 3
    assert msgspec.json.decode(gone[2])["object"] == "response.input_tokens"


async def test_what_is_wrong_with_the_request_the_client_is_told() -> None:
    error = b'{"type":"error","error":{"type":"invalid_request_error","message":"no"}}'
    async with house(replying(reply(error, 400))) as home:
        assert (await home.ask(COUNT, COUNT_BODY))[::2] == (400, error)
        assert (await home.ask(COUNT, {"model": "claude"}))[0] == 400
        assert (await home.ask(COUNT, {**COUNT_BODY, "model": "nobody's"}))[0] == 404


async def test_many_questions_at_once_are_answered_all_and_those_beyond_the_bound_are_estimated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(token_counts, "ASKED_AT_ONCE", 3)
    asked: list[bytes] = []
    async with house(replying(b"", asked, hang=True), first_byte_seconds=0.05) as home:
        answers = await asyncio.gather(*(home.ask(COUNT, COUNT_BODY) for _ in range(10)))
        assert [status for status, _, _ in answers] == [200] * 10
        assert len(asked) == 3
        after = await home.ask(COUNT, COUNT_BODY)
    assert (after[0], len(asked)) == (200, 4)


async def test_a_client_that_goes_leaves_no_question_behind() -> None:
    async with house(replying(b"", hang=True)) as home:
        async with connected(home.port) as client:
            await client.send(request_bytes(COUNT, COUNT_BODY))
            await until(lambda: home.upstream.connections)
            client.reset()
        await until(lambda: not home.server.connections)
