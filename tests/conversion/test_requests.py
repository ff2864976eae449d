"""Single rules of conversion: what goes where, what comes back, what is refused, what is left out and told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faregate.conversion import Conversion, NotCarried
from faregate.conversion.fields import BadField
from faregate.conversion.tool_names import LONGEST_NAME

CHAT, MESSAGES, RESPONSES = "openai_chat", "anthropic_messages", "openai_responses"
READ = {"name": "read", "description": "Reads.", "input_schema": {"type": "object", "properties": {}}}


def _there(client: str, upstream: str, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_converted(client, upstream, **fields).upstream_body("theirs"))
    return found


def _converted(client: str, upstream: str, **fields: Any) -> Conversion:
    body: dict[str, Any] = {"model": "m", "max_tokens": 100} if client != RESPONSES else {"model": "m"}
    return Conversion(client, upstream, json.dumps({**body, **fields}).encode())


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def test_results_of_tools_come_first_in_messages_and_by_themselves_in_chat() -> None:
    turns = [
        _user("look"),
        {"role": "assistant", "content": [{"type": "tool_use", "id": "call_1", "name": "read", "input": {}}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "call_1", "content": "red", "is_error": True},
                {"type": "text", "text": "go on"},
            ],
        },
    ]
    chat = _there(MESSAGES, CHAT, messages=turns, tools=[READ])["messages"]
    assert [message["role"] for message in chat] == ["user", "assistant", "tool", "user"]
    assert chat[2] == {"role": "tool", "tool_call_id": "call_1", "content": "red"}
    back = _there(CHAT, MESSAGES, messages=chat)["messages"]
    assert [block["type"] for block in back[2]["content"]] == ["tool_result", "text"]


def test_an_image_in_a_result_follows_in_a_message_of_the_user() -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "aGk="}}
    result = {"type": "tool_result", "tool_use_id": "call_1", "content": [{"type": "text", "text": "seen"}, image]}
    call = {"type": "tool_use", "id": "call_1", "name": "read", "input": {}}
    turns = [_user("look"), {"role": "assistant", "content": [call]}, {"role": "user", "content": [result]}]
    chat = _there(MESSAGES, CHAT, messages=turns, tools=[READ])["messages"]
    assert chat[-1]["content"] == [{"type": "image_url", "image_url": {"url": "data:image/png;base64,aGk="}}]
    responses = _there(MESSAGES, RESPONSES, messages=turns, tools=[READ])["input"]
    assert [part["type"] for part in responses[-1]["output"]] == ["input_text", "input_image"]


def test_words_of_the_system_in_the_middle_stay_in_their_place() -> None:
    turns = [_user("one"), {"role": "system", "content": "new rule"}]
    there = _there(CHAT, MESSAGES, messages=turns)
    assert "system" not in there
    assert there["messages"][0]["content"][1]["text"] == "<system>\nnew rule\n</system>"


def test_cache_marks_are_kept_between_messages_and_chat() -> None:
    block = {"type": "text", "text": "long", "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    ask = _converted(MESSAGES, CHAT, messages=[{"role": "user", "content": [block]}]).ask
    assert ask.turns[0].parts[0].cache == "1h"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("client", "upstream", "fields", "field"),
    [
        (CHAT, MESSAGES, {"messages": [_user("x")], "n": 2}, "n"),
        (CHAT, MESSAGES, {"messages": [_user("x")], "logprobs": True}, "logprobs"),
        (CHAT, MESSAGES, {"messages": [_user("x")], "modalities": ["audio"]}, "modalities"),
        (CHAT, MESSAGES, {"messages": [_user("x")], "functions": [{"name": "f"}]}, "functions"),
        (CHAT, RESPONSES, {"messages": [_user("x")], "stop": "END"}, "stop"),
        (CHAT, MESSAGES, {"messages": [_user("x")], "tools": [{"type": "web"}]}, "tools[0]"),
        (MESSAGES, CHAT, {"messages": [_user("x")], "container": "c"}, "container"),
        (MESSAGES, CHAT, {"messages": [_user("x")], "tools": [{"type": "bash_20250124", "name": "b"}]}, "tools[0]"),
        (MESSAGES, CHAT, {"messages": [{"role": "user", "content": [{"type": "search_result"}]}]}, "messages[0]"),
        (RESPONSES, CHAT, {"input": "x", "previous_response_id": "resp_1"}, "previous_response_id"),
        (RESPONSES, CHAT, {"input": "x", "background": True}, "background"),
        (RESPONSES, CHAT, {"input": [{"type": "item_reference", "id": "i"}]}, "input[0]"),
        (RESPONSES, MESSAGES, {"input": "x", "tools": [{"type": "web_search"}]}, "tools[0]"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(
    client: str, upstream: str, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(NotCarried) as refused:
        _converted(client, upstream, **fields)
    assert refused.value.field.startswith(field)


@pytest.mark.parametrize(
    ("client", "fields", "field"),
    [
        (CHAT, {"messages": "x"}, "messages"),
        (CHAT, {"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        (CHAT, {"messages": [_user("x")], "max_tokens": "many"}, "max_tokens"),
        (MESSAGES, {"messages": [{"role": "user", "content": [{"type": "text"}]}]}, "messages[0].content[0].text"),
        (RESPONSES, {"input": 5}, "input"),
        (RESPONSES, {"input": "x", "tools": {}}, "tools"),
    ],
)
def test_what_is_wrong_in_a_body_is_told_with_its_place(client: str, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadField) as told:
        _converted(client, MESSAGES if client != MESSAGES else CHAT, **fields)
    assert told.value.field == field


def test_hints_that_nobody_will_see_are_told() -> None:
    conversion = _converted(CHAT, MESSAGES, messages=[_user("x")], seed=5, metadata={"a": "b"})
    assert conversion.left_out == ("seed", "metadata")


def test_a_tool_of_an_upstream_is_left_out_beside_others_and_told() -> None:
    tools = [{"type": "function", "name": "run", "parameters": {"type": "object"}}, {"type": "web_search"}]
    conversion = _converted(RESPONSES, CHAT, input="x", tools=tools)
    assert conversion.left_out == ("tools[1] (web_search)",)
    assert len(json.loads(conversion.upstream_body("their-model"))["tools"]) == 1


def test_long_and_odd_names_of_tools_come_back_as_they_were() -> None:
    name = "mcp__" + "x" * 80 + ".do/it"
    tools = [{"name": name, "input_schema": {"type": "object"}}]
    conversion = _converted(MESSAGES, CHAT, messages=[_user("x")], tools=tools)
    short = json.loads(conversion.upstream_body("their-model"))["tools"][0]["function"]["name"]
    assert len(short) <= LONGEST_NAME
    call = {"id": "call_1", "type": "function", "function": {"name": short, "arguments": "{}"}}
    reply = {"id": "r", "choices": [{"message": {"tool_calls": [call]}, "finish_reason": "tool_calls"}]}
    back = json.loads(conversion.reply(json.dumps(reply).encode(), "m", 0))
    assert back["content"][0]["name"] == name


def test_a_tool_in_a_namespace_is_called_in_its_namespace() -> None:
    tools = [{"type": "namespace", "name": "files", "tools": [{"type": "function", "name": "read"}]}]
    conversion = _converted(RESPONSES, MESSAGES, input="x", tools=tools)
    there = json.loads(conversion.upstream_body("their-model"))["tools"][0]["name"]
    call = {"type": "tool_use", "id": "toolu_1", "name": there, "input": {}}
    reply = {"id": "msg_1", "content": [call], "stop_reason": "tool_use"}
    item = json.loads(conversion.reply(json.dumps(reply).encode(), "m", 0))["output"][0]
    assert (item["namespace"], item["name"]) == ("files", "read")
    again = _converted(RESPONSES, MESSAGES, input=[item], tools=tools)
    assert json.loads(again.upstream_body("theirs"))["messages"][0]["content"][0]["name"] == there


def test_a_tool_of_free_text_takes_it_as_its_one_argument_and_back() -> None:
    tools = [
        {"type": "custom", "name": "patch", "format": {"type": "grammar", "syntax": "lark", "definition": "x: y"}}
    ]
    conversion = _converted(RESPONSES, MESSAGES, input="x", tools=tools)
    tool = json.loads(conversion.upstream_body("their-model"))["tools"][0]
    assert tool["input_schema"]["required"] == ["input"]
    assert "x: y" in tool["description"]
    call = {"type": "tool_use", "id": "toolu_1", "name": "patch", "input": {"input": "*** Begin"}}
    reply = {"id": "msg_1", "content": [call], "stop_reason": "tool_use"}
    item = json.loads(conversion.reply(json.dumps(reply).encode(), "m", 0))["output"][0]
    assert (item["type"], item["input"]) == ("custom_tool_call", "*** Begin")


THOUGHT = {"type": "thinking", "thinking": "hmm", "signature": "c2lnbmVk"}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "run", "input": {}}


def test_a_signed_thought_comes_back_to_its_model_through_chat() -> None:
    tools = [{"type": "function", "function": {"name": "run"}}]
    conversion = _converted(
        CHAT, MESSAGES, messages=[_user("x")], tools=tools, reasoning_effort="low", max_tokens=9_000
    )
    assert json.loads(conversion.upstream_body("their-model"))["thinking"] == {
        "type": "enabled",
        "budget_tokens": 2_048,
    }
    reply = {"id": "msg_1", "content": [THOUGHT, CALL], "stop_reason": "tool_use"}
    message = json.loads(conversion.reply(json.dumps(reply).encode(), "m", 0))["choices"][0]["message"]
    assert message["reasoning_content"] == "hmm"
    turns = [_user("x"), message, {"role": "tool", "tool_call_id": "toolu_1", "content": "done"}]
    again = _there(CHAT, MESSAGES, messages=turns, tools=tools, reasoning_effort="low", max_tokens=9_000)
    assert again["messages"][1]["content"] == [THOUGHT, CALL]
    assert "thinking" in again


def test_a_signed_thought_comes_back_to_its_model_through_responses() -> None:
    tools = [{"type": "function", "name": "run"}]
    conversion = _converted(RESPONSES, MESSAGES, input="x", tools=tools, reasoning={"effort": "high"})
    reply = {"id": "msg_1", "content": [THOUGHT, CALL], "stop_reason": "tool_use"}
    output = json.loads(conversion.reply(json.dumps(reply).encode(), "m", 0))["output"]
    result = {"type": "function_call_output", "call_id": "toolu_1", "output": "done"}
    again = _there(RESPONSES, MESSAGES, input=[{"role": "user", "content": "x"}, *output, result], tools=tools)
    assert again["messages"][1]["content"] == [THOUGHT, CALL]


def test_an_encrypted_thought_comes_back_to_its_model_through_messages() -> None:
    conversion = _converted(MESSAGES, RESPONSES, messages=[_user("x")], tools=[READ], thinking={"type": "adaptive"})
    assert json.loads(conversion.upstream_body("their-model"))["include"] == ["reasoning.encrypted_content"]
    item = {"type": "reasoning", "id": "rs_7", "summary": [], "encrypted_content": "b3BhcXVl"}
    call = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "read", "arguments": "{}"}
    reply = {"id": "resp_1", "status": "completed", "output": [item, call]}
    content = json.loads(conversion.reply(json.dumps(reply).encode(), "m", 0))["content"]
    turns = [_user("x"), {"role": "assistant", "content": content}]
    again = _there(MESSAGES, RESPONSES, messages=turns, tools=[READ])
    assert again["input"][1] == item


def test_a_thought_of_another_upstream_stays_behind() -> None:
    turns = [_user("x"), {"role": "assistant", "content": [THOUGHT, {"type": "text", "text": "said"}]}, _user("y")]
    assert "hmm" not in json.dumps(_there(MESSAGES, CHAT, messages=turns))
    assert "hmm" not in json.dumps(_there(MESSAGES, RESPONSES, messages=turns))


def test_a_round_of_tools_without_its_thoughts_goes_on_without_thinking() -> None:
    turns = [
        _user("x"),
        {"role": "assistant", "tool_calls": [{"id": "call_1", "function": {"name": "run", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "done"},
    ]
    tools = [{"type": "function", "function": {"name": "run"}}]
    there = _there(CHAT, MESSAGES, messages=turns, tools=tools, reasoning_effort="high", max_tokens=50_000)
    assert "thinking" not in there


def test_a_broken_off_stream_says_so_and_ends_without_an_end() -> None:
    conversion = _converted(CHAT, MESSAGES, messages=[_user("x")], stream=True)
    stream = conversion.stream("m", 0)
    start = {"type": "message_start", "message": {"id": "msg_1", "model": "m", "usage": {"input_tokens": 1}}}
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    sent = b"".join(f"data: {json.dumps(each)}\n\n".encode() for each in (start, error))
    received = stream.feed(sent) + stream.close()
    assert stream.failed is not None
    assert stream.failed.kind == "overloaded_error"
    assert b"[DONE]" not in received
