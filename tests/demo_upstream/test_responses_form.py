"""OpenAI Responses as the demo upstream speaks it: every answer and event is what the official SDK's types hold."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.demo_upstream import DemoUpstream
from tests.demo_upstream.asgi_call import Answered, ask
from tests.demo_upstream.sdk_types import as_compaction, as_response, as_response_event

PATH = "/v1/responses"
SHELL: dict[str, Any] = {
    "type": "function",
    "name": "shell",
    "parameters": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
    "strict": False,
}
PATCH: dict[str, Any] = {"type": "custom", "name": "apply_patch"}
SPACE: dict[str, Any] = {"type": "namespace", "name": "files", "description": "d", "tools": [SHELL]}
CALL = '[[tool shell {"command":"echo hi"}]]'


def body(prompt: Any, **fields: Any) -> dict[str, Any]:
    return {"model": "gpt-5", "input": prompt, **fields}


REQUESTS = [
    pytest.param(body("hi"), id="text"),
    pytest.param(body([{"role": "user", "content": "hi"}], instructions="Be kind."), id="items"),
    pytest.param(body(CALL, tools=[SHELL]), id="call"),
    pytest.param(body(CALL + CALL, tools=[SHELL]), id="two calls"),
    pytest.param(body('[[tool apply_patch {"input":"*** Begin"}]]', tools=[PATCH]), id="custom call"),
    pytest.param(body(CALL, tools=[SPACE]), id="call in a namespace"),
    pytest.param(body("hi", reasoning={"effort": "low", "summary": "auto"}), id="reasoning shown"),
    pytest.param(body("hi", reasoning={"effort": "low"}, include=["reasoning.encrypted_content"]), id="hidden"),
    pytest.param(body("hi", max_output_tokens=2), id="cut short"),
    pytest.param(
        body("hi", text={"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}}), id="schema"
    ),
    pytest.param(body([{"role": "user", "content": "hi"}, {"type": "compaction_trigger"}]), id="compaction"),
]


@pytest.mark.parametrize("request_body", REQUESTS)
async def test_json_and_stream_are_of_the_official_types_and_say_the_same(
    upstream: DemoUpstream, request_body: dict[str, Any]
) -> None:
    whole = as_response((await ask(upstream, PATH, request_body)).value)
    streamed = await ask(upstream, PATH, {**request_body, "stream": True})
    events = [as_response_event(event) for event in streamed.events]
    assert streamed.event_names == [event.type for event in events]
    assert [event.sequence_number for event in events] == list(range(len(events)))
    last = events[-1]
    assert last.type in ("response.completed", "response.incomplete")
    assert [item.type for item in last.response.output] == [item.type for item in whole.output]
    assert last.response.usage == whole.usage
    assert last.response.output_text == whole.output_text
    done = [event.item for event in events if event.type == "response.output_item.done"]
    assert done == last.response.output
    assert streamed.finished


def deltas(streamed: Answered, kind: str) -> str:
    return "".join(event["delta"] for event in streamed.events if event["type"] == kind)


async def test_deltas_add_up_to_what_is_done(upstream: DemoUpstream) -> None:
    streamed = await ask(upstream, PATH, body(f"hi {CALL}", tools=[SHELL], stream=True))
    assert deltas(streamed, "response.function_call_arguments.delta") == '{"command":"echo hi"}'
    streamed = await ask(upstream, PATH, body("hi", stream=True))
    assert deltas(streamed, "response.output_text.delta").startswith('You said: "hi".')


async def test_a_tool_round_ends_in_its_result(upstream: DemoUpstream) -> None:
    called = (await ask(upstream, PATH, body(CALL, tools=[SHELL]))).value["output"][0]
    result = {"type": "function_call_output", "call_id": called["call_id"], "output": "hi"}
    items = [{"role": "user", "content": CALL}, called, result]
    answer = as_response((await ask(upstream, PATH, body(items, tools=[SHELL]))).value)
    assert answer.output_text == "The tool returned: hi"


async def test_a_namespace_and_a_custom_tool_are_called_in_their_form(upstream: DemoUpstream) -> None:
    (inside,) = (await ask(upstream, PATH, body(CALL, tools=[SPACE]))).value["output"]
    assert (inside["namespace"], inside["name"]) == ("files", "shell")
    custom = body('[[tool apply_patch {"input":"*** Begin"}]]', tools=[PATCH])
    (patch,) = (await ask(upstream, PATH, custom)).value["output"]
    assert (patch["type"], patch["input"]) == ("custom_tool_call", "*** Begin")


async def test_an_answer_is_kept_to_go_on_from_unless_told_not_to(upstream: DemoUpstream) -> None:
    first = (await ask(upstream, PATH, body(CALL, tools=[SHELL]))).value
    result = [{"type": "function_call_output", "call_id": first["output"][0]["call_id"], "output": "kept"}]
    went_on = await ask(upstream, PATH, body(result, previous_response_id=first["id"], tools=[SHELL]))
    assert as_response(went_on.value).output_text == "The tool returned: kept"
    unkept = (await ask(upstream, PATH, body("hi", store=False))).value
    refused = await ask(upstream, PATH, body("more", previous_response_id=unkept["id"]))
    assert (refused.status, refused.value["error"]["param"]) == (400, "previous_response_id")


async def test_a_long_prompt_is_found_cached_and_figures_are_reported_as_told(upstream: DemoUpstream) -> None:
    long = body("word " * 2000)
    await ask(upstream, PATH, long)
    usage = (await ask(upstream, PATH, long)).value["usage"]
    assert usage["input_tokens_details"]["cached_tokens"] >= 1024
    told = body("hi [[demo usage(input=12,cached=900,output=40,reasoning=30)]]")
    usage = as_response((await ask(upstream, PATH, told)).value).usage
    assert usage is not None
    assert (usage.input_tokens, usage.input_tokens_details.cached_tokens) == (912, 900)
    assert (usage.output_tokens, usage.output_tokens_details.reasoning_tokens) == (40, 30)


async def test_a_history_is_made_shorter(upstream: DemoUpstream) -> None:
    items = [{"role": "user", "content": "one"}, {"role": "assistant", "content": "two"}]
    answer = as_compaction((await ask(upstream, f"{PATH}/compact", body(items))).value)
    assert [item.type for item in answer.output] == ["compaction"]


async def test_a_history_made_shorter_stands_for_the_round_before_it(upstream: DemoUpstream) -> None:
    items = [{"role": "user", "content": CALL}, {"type": "compaction", "id": "cmp_1", "encrypted_content": "x"}]
    answer = as_response((await ask(upstream, PATH, body(items, tools=[SHELL]))).value)
    assert answer.output_text.startswith("You said: ")


async def test_tokens_of_an_input_are_counted(upstream: DemoUpstream) -> None:
    counted = (await ask(upstream, f"{PATH}/input_tokens", body("12345678"))).value
    assert counted == {"object": "response.input_tokens", "input_tokens": 6}


@pytest.mark.parametrize(
    ("words", "last", "finished"),
    [
        ("error-event:3", "error", True),
        ("cut:3", "response.output_item.added", False),
        ("quiet-end", "response.output_item.done", True),
    ],
)
async def test_faults_of_a_stream(upstream: DemoUpstream, words: str, last: str, finished: bool) -> None:
    streamed = await ask(upstream, PATH, body(f"hi [[demo {words}]]", stream=True))
    assert (streamed.event_names[-1], streamed.finished) == (last, finished)
    for event in streamed.events:
        as_response_event(event)


@pytest.mark.parametrize(
    ("wrong", "param"), [({"input": 7}, "input"), ({"input": []}, "input"), ({"model": ""}, "model")]
)
async def test_what_cannot_be_read_is_a_400(upstream: DemoUpstream, wrong: dict[str, Any], param: str) -> None:
    answered = await ask(upstream, PATH, {**body("hi"), **wrong})
    assert (answered.status, answered.value["error"]["param"]) == (400, param)
