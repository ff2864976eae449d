"""Google's generateContent: every answer against the official SDK's types."""

from __future__ import annotations

from typing import Any

import pytest
from google.genai.errors import APIError
from google.genai.types import Candidate, GenerateContentResponse, Part

from faregate.demo_upstream import DemoUpstream
from tests.demo_upstream.asgi_call import Answered, ask

BASE = "/v1beta/models/gemini-2.5-pro"
SCHEMA = {"type": "OBJECT", "properties": {"x": {"type": "STRING"}}, "required": ["x"]}
TOOLS = [{"functionDeclarations": [{"name": "run", "parameters": SCHEMA}]}]
THINKING = {"generationConfig": {"thinkingConfig": {"includeThoughts": True}}}


def wish(*parts: Any, **fields: Any) -> dict[str, Any]:
    said = [{"text": part} if isinstance(part, str) else part for part in parts or ("hello",)]
    return {"contents": [{"role": "user", "parts": said}], **fields}


async def whole(upstream: DemoUpstream, body: dict[str, Any]) -> GenerateContentResponse:
    return GenerateContentResponse.model_validate((await ask(upstream, f"{BASE}:generateContent", body)).value)


async def streamed(upstream: DemoUpstream, body: dict[str, Any]) -> list[GenerateContentResponse]:
    answered = await ask(upstream, f"{BASE}:streamGenerateContent?alt=sse", body)
    assert answered.body.count(b"\r\n\r\n") == len(answered.events)
    return [GenerateContentResponse.model_validate(event) for event in answered.events]


def candidate(response: GenerateContentResponse) -> Candidate:
    assert response.candidates is not None
    return response.candidates[0]


def parts(response: GenerateContentResponse) -> list[Part]:
    content = candidate(response).content
    assert content is not None
    return content.parts or []


async def test_an_answer_is_a_response(upstream: DemoUpstream) -> None:
    response = await whole(upstream, wish())
    assert response.text == 'You said: "hello". This is the demo upstream answering.'
    assert (response.model_version, candidate(response).finish_reason) == ("gemini-2.5-pro", "STOP")
    usage = response.usage_metadata
    assert usage is not None
    assert (usage.prompt_token_count, usage.total_token_count) == (6, 6 + (usage.candidates_token_count or 0))


async def test_a_stream_is_answers_of_which_the_last_says_why_it_ends(upstream: DemoUpstream) -> None:
    events = await streamed(upstream, wish())
    assert "".join(event.text or "" for event in events) == (await whole(upstream, wish())).text
    assert [candidate(event).finish_reason for event in events[:-1]] == [None] * (len(events) - 1)
    assert candidate(events[-1]).finish_reason == "STOP"
    counts = [event.usage_metadata.candidates_token_count for event in events if event.usage_metadata]
    assert counts[:-1] == [None] * (len(events) - 1)
    assert counts[-1]


async def test_a_thought_comes_first_and_its_signature_stands_on_what_follows(upstream: DemoUpstream) -> None:
    response = await whole(upstream, wish(**THINKING))
    thought, said = parts(response)
    assert (thought.thought, thought.thought_signature) == (True, None)
    assert said.thought_signature
    assert response.usage_metadata is not None
    assert response.usage_metadata.thoughts_token_count
    first = next(
        part for event in await streamed(upstream, wish(**THINKING)) for part in parts(event) if part.thought
    )
    assert first.text


async def test_functions_are_called_and_their_results_are_repeated(upstream: DemoUpstream) -> None:
    body = wish('[[tool run {"x": "1"}]] [[tool run]]', tools=TOOLS)
    for response in (await whole(upstream, body), (await streamed(upstream, body))[-1]):
        assert candidate(response).finish_reason == "STOP"
    calls = [part.function_call for part in parts(await whole(upstream, body))]
    assert [call.args for call in calls if call] == [{"x": "1"}, {"x": "demo"}]
    result = {"functionResponse": {"name": "run", "response": {"output": "done"}}}
    called = {"role": "model", "parts": [{"functionCall": {"name": "run", "args": {}}}]}
    contents = [*body["contents"], called, {"role": "user", "parts": [result]}]
    assert (await whole(upstream, {**body, "contents": contents})).text == "The tool returned: done"


@pytest.mark.parametrize("mode", ["ANY", "NONE"])
async def test_a_demanded_function_is_called_and_a_forbidden_one_is_not(upstream: DemoUpstream, mode: str) -> None:
    config = {"functionCallingConfig": {"mode": mode}}
    response = await whole(
        upstream, wish("use the tool run" if mode == "NONE" else "hi", tools=TOOLS, toolConfig=config)
    )
    assert bool(parts(response)[0].function_call) == (mode == "ANY")


async def test_settings_are_obeyed(upstream: DemoUpstream) -> None:
    short = await whole(upstream, wish(generationConfig={"maxOutputTokens": 2}))
    assert candidate(short).finish_reason == "MAX_TOKENS"
    stopped = await whole(upstream, wish(generationConfig={"stopSequences": ["This"]}))
    assert (stopped.text or "").endswith('hello". ')
    shaped = await whole(
        upstream, wish(generationConfig={"responseMimeType": "application/json", "responseSchema": SCHEMA})
    )
    assert shaped.text == '{"x":"demo"}'


async def test_a_blocked_prompt_has_no_candidates(upstream: DemoUpstream) -> None:
    for response in (await whole(upstream, wish("[[blocked]]")), *(await streamed(upstream, wish("[[blocked]]")))):
        assert response.candidates is None
        assert response.prompt_feedback is not None
        assert response.prompt_feedback.block_reason == "PROHIBITED_CONTENT"


@pytest.mark.parametrize("nested", [False, True])
async def test_tokens_are_counted(upstream: DemoUpstream, nested: bool) -> None:
    body = {"generateContentRequest": wish()} if nested else wish()
    assert (await ask(upstream, f"{BASE}:countTokens", body)).value["totalTokens"] == 6


async def test_models_are_listed(upstream: DemoUpstream) -> None:
    listed = (await ask(upstream, "/v1beta/models")).value
    assert listed["models"][0] == (await ask(upstream, "/v1beta/models/demo")).value
    assert listed["models"][0]["name"] == "models/demo"


@pytest.mark.parametrize(
    ("path", "body", "headers", "status", "kind"),
    [
        (f"{BASE}:generateContent", wish(), {}, 401, "UNAUTHENTICATED"),
        (f"{BASE}:generateContent", {"contents": "hi"}, None, 400, "INVALID_ARGUMENT"),
        (f"{BASE}:generateContent", {"contents": [{"role": "system", "parts": []}]}, None, 400, "INVALID_ARGUMENT"),
        (f"{BASE}:streamGenerateContent", wish(), None, 400, "INVALID_ARGUMENT"),
        (f"{BASE}:generateContent", wish("[[demo fail:429]]"), None, 429, "RESOURCE_EXHAUSTED"),
    ],
)
async def test_errors_are_googles(
    upstream: DemoUpstream, path: str, body: Any, headers: dict[str, str] | None, status: int, kind: str
) -> None:
    answered: Answered = await ask(
        upstream, path, body, headers={"x-goog-api-key": "k"} if headers is None else headers
    )
    error = APIError(answered.status, answered.value)
    assert (error.code, error.status) == (status, kind)


async def test_a_key_in_the_query_will_do(upstream: DemoUpstream) -> None:
    assert (await ask(upstream, f"{BASE}:generateContent?key=k", wish(), headers={})).status == 200
