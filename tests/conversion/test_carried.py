"""Each thing that a body says arrives, is refused by name, or is told left out."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from faregate.conversion import Conversion, NotCarried

CHAT, MESSAGES, RESPONSES, GOOGLE = "openai_chat", "anthropic_messages", "openai_responses", "google_generate"
RUN = {"type": "function", "function": {"name": "run", "strict": True, "parameters": {"type": "object"}}}
READ = {"name": "read", "input_schema": {"type": "object"}}
DATA = base64.b64encode(b"a,b\n1,2\n").decode()


def _converted(client: str, upstream: str, **fields: Any) -> Conversion:
    return Conversion(client, upstream, json.dumps({"model": "m", **fields}).encode())


def _there(client: str, upstream: str, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_converted(client, upstream, **fields).upstream_body("theirs"))
    return found


def _user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def test_a_message_with_nothing_in_it_breaks_no_conversation() -> None:
    there = _there(CHAT, MESSAGES, messages=[_user([]), _user("hi")])
    assert there["messages"] == [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]


def test_words_that_are_none_are_not_sent_to_messages() -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "run", "arguments": "{}"}}
    turns = [
        {"role": "system", "content": ""},
        _user("x"),
        {"role": "assistant", "content": "\n\n", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"},
    ]
    there = _there(CHAT, MESSAGES, messages=turns, tools=[RUN])
    assert "system" not in there
    assert [block["type"] for block in there["messages"][1]["content"]] == ["tool_use"]


def test_a_cache_mark_of_an_hour_stays_one() -> None:
    mark = {"type": "ephemeral", "ttl": "1h"}
    there = _there(CHAT, MESSAGES, messages=[_user([{"type": "text", "text": "long", "cache_control": mark}])])
    assert there["messages"][0]["content"][0]["cache_control"] == mark


@pytest.mark.parametrize("upstream", [CHAT, RESPONSES, GOOGLE])
def test_cache_marks_that_an_upstream_has_no_place_for_are_told(upstream: str) -> None:
    block = {"type": "text", "text": "long", "cache_control": {"type": "ephemeral"}}
    assert "cache_control" in _converted(MESSAGES, upstream, messages=[_user([block])]).left_out


def test_a_demand_for_a_tool_goes_before_thinking() -> None:
    ask = _converted(
        CHAT, MESSAGES, messages=[_user("x")], tools=[RUN], tool_choice="required", reasoning_effort="low"
    )
    there = json.loads(ask.upstream_body("theirs"))
    assert there["tool_choice"] == {"type": "any"}
    assert "thinking" not in there
    assert "reasoning_effort" in ask.left_out


@pytest.mark.parametrize(
    ("client", "upstream", "fields", "told"),
    [
        (CHAT, MESSAGES, {"messages": [_user("x")], "reasoning_effort": "low", "temperature": 0.3}, "temperature"),
        (CHAT, MESSAGES, {"messages": [_user("x")], "temperature": 0.3, "top_p": 0.9}, "top_p"),
        (CHAT, RESPONSES, {"messages": [_user("x")], "reasoning_effort": "low", "temperature": 0.3}, "temperature"),
        (CHAT, MESSAGES, {"messages": [_user("x")], "tools": [RUN]}, "tools.strict"),
        (CHAT, MESSAGES, {"messages": [_user("x")], "prediction": {"type": "content", "content": "x"}}, "prediction"),
        (RESPONSES, MESSAGES, {"input": "x", "text": {"verbosity": "low"}}, "text.verbosity"),
        (
            MESSAGES,
            CHAT,
            {"messages": [_user("x")], "tools": [{**READ, "defer_loading": True}]},
            "tools.defer_loading",
        ),
        (
            MESSAGES,
            CHAT,
            {"messages": [_user("x")], "tools": [READ, {"type": "web_search_20250305", "name": "web_search"}]},
            "tools[1] (web_search_20250305)",
        ),
        (
            MESSAGES,
            CHAT,
            {"messages": [_user("x")], "output_config": {"effort": "low", "task_budget": {"total": 9}}},
            "output_config.task_budget",
        ),
        (
            GOOGLE,
            CHAT,
            {
                "contents": [{"parts": [{"text": "x"}]}],
                "tools": [{"functionDeclarations": [{"name": "f"}], "googleSearch": {}}],
            },
            "tools[0] (googleSearch)",
        ),
    ],
)
def test_what_an_upstream_is_not_told_is_named(client: str, upstream: str, fields: dict[str, Any], told: str) -> None:
    assert told in _converted(client, upstream, **fields).left_out


@pytest.mark.parametrize(
    ("client", "fields", "field"),
    [
        (
            MESSAGES,
            {
                "messages": [
                    _user(
                        [
                            {
                                "type": "document",
                                "source": {"type": "text", "media_type": "text/plain", "data": "x"},
                                "citations": {"enabled": True},
                            }
                        ]
                    )
                ]
            },
            "messages[0].content[0].citations",
        ),
        (GOOGLE, {"generationConfig": {"responseMimeType": "text/x.enum"}}, "generationConfig.responseMimeType"),
        (GOOGLE, {"generationConfig": {"responseLogprobs": True}}, "responseLogprobs"),
        (
            GOOGLE,
            {"toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["a", "b"]}}},
            "toolConfig.functionCallingConfig.allowedFunctionNames",
        ),
        (CHAT, {"messages": [_user("x")], "web_search_options": {}}, "web_search_options"),
        (
            MESSAGES,
            {
                "messages": [_user("x")],
                "tools": [READ, {"type": "web_search_20250305", "name": "web_search"}],
                "tool_choice": {"type": "tool", "name": "web_search"},
            },
            "tool_choice",
        ),
        (
            MESSAGES,
            {"messages": [_user("x")], "tools": [READ, {"type": "bash_20250124", "name": "bash"}]},
            "tools[1]",
        ),
    ],
)
def test_what_would_change_the_answer_is_refused_by_name(client: str, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(NotCarried) as refused:
        _converted(client, CHAT if client != CHAT else MESSAGES, **fields)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("client", "fields"),
    [
        (CHAT, {"messages": [_user("x")], "logprobs": False, "top_logprobs": 0, "modalities": ["text"]}),
        (MESSAGES, {"messages": [_user("x")], "mcp_servers": []}),
        (GOOGLE, {"generationConfig": {"responseModalities": ["TEXT"], "responseLogprobs": False}}),
    ],
)
def test_what_asks_for_nothing_is_no_reason_to_refuse(client: str, fields: dict[str, Any]) -> None:
    assert _converted(client, RESPONSES, **fields).left_out == ()


def test_a_grammar_of_chat_reaches_other_dialects() -> None:
    grammar = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: WORD"}}
    tools = [{"type": "custom", "custom": {"name": "patch", "format": grammar}}]
    assert "start: WORD" in _there(CHAT, MESSAGES, messages=[_user("x")], tools=tools)["tools"][0]["description"]
    there = _there(CHAT, RESPONSES, messages=[_user("x")], tools=tools)["tools"][0]
    assert there["format"] == {"type": "grammar", "syntax": "lark", "definition": "start: WORD"}


def test_a_file_of_words_arrives_as_words() -> None:
    part = {"type": "file", "file": {"filename": "t.csv", "file_data": f"data:text/csv;base64,{DATA}"}}
    block = _there(CHAT, MESSAGES, messages=[_user([part])])["messages"][0]["content"][0]
    assert block["source"] == {"type": "text", "media_type": "text/plain", "data": "a,b\n1,2\n"}
    assert block["title"] == "t.csv"


@pytest.mark.parametrize("client", [CHAT, RESPONSES])
def test_a_file_in_bare_base64_is_data_and_no_url(client: str) -> None:
    if client == CHAT:
        fields: dict[str, Any] = {"messages": [_user([{"type": "file", "file": {"file_data": "JVBERi0="}}])]}
    else:
        fields = {"input": [_user([{"type": "input_file", "filename": "a.pdf", "file_data": "JVBERi0="}])]}
    source = _there(client, MESSAGES, **fields)["messages"][0]["content"][0]["source"]
    assert source == {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}


def test_the_title_and_context_of_a_document_are_said_with_it() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "the words"}
    document = {"type": "document", "source": source, "title": "Report", "context": "of March"}
    content = _there(MESSAGES, CHAT, messages=[_user([document])])["messages"][0]["content"]
    assert [part["text"] for part in content] == ["of March", "Report\n\nthe words"]


def test_an_image_in_a_result_follows_the_results_at_google() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}
    results = [
        {"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "text", "text": "seen"}, image]},
        {"type": "tool_result", "tool_use_id": "t2", "content": "done"},
        {"type": "text", "text": "go on"},
    ]
    calls: list[Any] = [{"type": "tool_use", "id": id, "name": "read", "input": {}} for id in ("t1", "t2")]
    turns = [_user("look"), {"role": "assistant", "content": calls}, _user(results)]
    parts = _there(MESSAGES, GOOGLE, messages=turns, tools=[READ], max_tokens=9)["contents"][-1]["parts"]
    assert [next(iter(part)) for part in parts] == ["functionResponse", "functionResponse", "inlineData", "text"]
    assert parts[2]["inlineData"] == {"mimeType": "image/png", "data": "aGk="}


def test_an_image_in_a_result_of_googles_is_carried() -> None:
    call = {"functionCall": {"id": "c1", "name": "see", "args": {}}}
    shown = {"inlineData": {"mimeType": "image/png", "data": "aGk="}}
    result = {"functionResponse": {"id": "c1", "name": "see", "response": {"output": "o"}, "parts": [shown]}}
    contents = [{"parts": [{"text": "x"}]}, {"role": "model", "parts": [call]}, {"role": "user", "parts": [result]}]
    block = _there(GOOGLE, MESSAGES, contents=contents)["messages"][2]["content"][0]
    assert [each["type"] for each in block["content"]] == ["text", "image"]


@pytest.mark.parametrize(
    ("model", "limit"),
    [
        ("gpt-5", "max_completion_tokens"),
        ("openai/o3", "max_completion_tokens"),
        ("gpt-4o", "max_tokens"),
        ("deepseek-chat", "max_tokens"),
        ("gpt-oss-120b", "max_tokens"),
    ],
)
def test_a_model_of_chat_is_told_the_limit_by_the_name_it_knows(model: str, limit: str) -> None:
    ask = _converted(MESSAGES, CHAT, messages=[_user("x")], max_tokens=99)
    for other in ("gpt-5", "deepseek-chat"):
        ask.upstream_body(other)
    there = json.loads(ask.upstream_body(model))
    assert {name: there[name] for name in there if name.startswith("max_")} == {limit: 99}


def test_limits_that_an_upstream_does_not_take_become_those_it_does() -> None:
    assert _there(MESSAGES, RESPONSES, messages=[_user("x")], max_tokens=1)["max_output_tokens"] == 16
    thinking = {"thinkingConfig": {"thinkingBudget": 400}, "maxOutputTokens": 9_000}
    there = _there(GOOGLE, MESSAGES, contents=[{"parts": [{"text": "x"}]}], generationConfig=thinking)
    assert there["thinking"] == {"type": "enabled", "budget_tokens": 1_024}
    hard = {"type": "enabled", "budget_tokens": 31_999}
    google = _there(MESSAGES, GOOGLE, messages=[_user("x")], max_tokens=32_000, thinking=hard)
    assert google["generationConfig"]["thinkingConfig"]["thinkingBudget"] == 24_576


@pytest.mark.parametrize("upstream", [MESSAGES, RESPONSES, GOOGLE])
def test_arguments_are_an_object_though_nobody_said_so(upstream: str) -> None:
    tools = [{"type": "function", "function": {"name": "run", "parameters": {}}}]
    (tool,) = _there(CHAT, upstream, messages=[_user("x")], tools=tools)["tools"]
    if upstream == GOOGLE:
        (tool,) = tool["functionDeclarations"]
    written = {MESSAGES: "input_schema", RESPONSES: "parameters", GOOGLE: "parametersJsonSchema"}[upstream]
    assert tool[written] == {"type": "object"}


@pytest.mark.parametrize(
    ("client", "upstream", "fields", "field"),
    [
        (MESSAGES, RESPONSES, {"messages": [_user("x")], "stop_sequences": ["a"]}, "stop_sequences"),
        (GOOGLE, RESPONSES, {"generationConfig": {"stopSequences": ["a"]}}, "generationConfig.stopSequences"),
        (RESPONSES, GOOGLE, {"input": [{"type": "function_call_output", "call_id": "c", "output": "o"}]}, "input"),
    ],
)
def test_a_refusal_names_the_field_as_the_client_calls_it(
    client: str, upstream: str, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(NotCarried) as refused:
        _converted(client, upstream, **fields)
    assert refused.value.field == field
    assert str(refused.value).startswith(f"`{field}`: ")
