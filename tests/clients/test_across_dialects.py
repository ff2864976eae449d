"""Real clients on models that are served in another dialect than theirs: a round of tools, prompts counted right."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from anthropic import Anthropic
from openai import OpenAI

from tests.clients import claude_code
from tests.clients.background import in_background
from tests.clients.books import Account
from tests.clients.claude_code import ClaudeCode
from tests.clients.codex import ask
from tests.clients.targets import Gate, gate
from tests.clients.test_codex import ECHO

TOOL = '[[tool Bash {"command":"echo gate-$((40+2))"}]]'


@pytest.fixture(scope="module", params=["openai", "anthropic", "responses"])
def one_dialect(request: pytest.FixtureRequest) -> Iterator[Gate]:
    """A gate whose upstream speaks one dialect alone."""
    with in_background(partial(gate, {"demo": request.param})) as started:
        yield started


@pytest.fixture
def account(one_dialect: Gate) -> Account:
    return one_dialect.books.new_account("across", "trial/all")


@pytest.mark.clients
def test_claude_code_does_a_round_of_tools(claude: ClaudeCode, one_dialect: Gate, account: Account) -> None:
    ended = claude_code.run(claude, one_dialect.url, account.key, TOOL, more={"ANTHROPIC_MODEL": "claude-sonnet-4"})
    assert (ended.status, ended.result.get("is_error")) == (0, False), ended
    assert ended.result["result"] == "The tool returned: gate-42"
    rows = one_dialect.books.settled(account.id, 2)
    assert [row["usage"]["prompts"] for row in rows] == [1, 0]


@pytest.mark.clients
def test_codex_does_a_round_of_tools(codex: tuple[str, ...], one_dialect: Gate, account: Account) -> None:
    ended = ask(codex, one_dialect.url, account.key, ECHO)
    assert ended.status == 0, ended
    assert ended.answer.endswith("gate-42")
    rows = one_dialect.books.settled(account.id, 2)
    assert [row["usage"]["prompts"] for row in rows] == [1, 0]


READ: Any = {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]}


def test_the_anthropic_sdk_does_a_round_of_tools_in_a_stream(one_dialect: Gate, account: Account) -> None:
    client = Anthropic(base_url=one_dialect.url, api_key=account.key, max_retries=0)
    turns: Any = [{"role": "user", "content": '[[tool read {"path":"a.txt"}]]'}]
    tools: Any = [{"name": "read", "description": "Reads.", "input_schema": READ}]
    with client.messages.stream(model="claude-sonnet-4", max_tokens=200, messages=turns, tools=tools) as stream:
        message = stream.get_final_message()
    call = next(block for block in message.content if block.type == "tool_use")
    assert (message.stop_reason, call.name, call.input) == ("tool_use", "read", {"path": "a.txt"})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "blue"}
    turns += [{"role": "assistant", "content": message.content}, {"role": "user", "content": [result]}]
    answer: Any = client.messages.create(model="claude-sonnet-4", max_tokens=200, messages=turns, tools=tools)
    assert "blue" in answer.content[0].text
    assert answer.usage.input_tokens > 0
    rows = one_dialect.books.settled(account.id, 2)
    assert [row["usage"]["prompts"] for row in rows] == [1, 0]
    assert rows[1]["usage"]["output"] == answer.usage.output_tokens


def test_the_openai_sdk_does_a_round_of_tools_in_chat(one_dialect: Gate, account: Account) -> None:
    client = OpenAI(base_url=f"{one_dialect.url}/v1", api_key=account.key, max_retries=0)
    turns: Any = [{"role": "user", "content": '[[tool read {"path":"a.txt"}]]'}]
    tools: Any = [{"type": "function", "function": {"name": "read", "description": "Reads.", "parameters": READ}}]
    first = client.chat.completions.create(model="gpt-5", messages=turns, tools=tools)
    message: Any = first.choices[0].message
    assert (first.choices[0].finish_reason, message.tool_calls[0].function.name) == ("tool_calls", "read")
    turns += [message, {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "blue"}]
    chunks = client.chat.completions.create(
        model="gpt-5",
        messages=turns,
        tools=tools,
        stream=True,
        stream_options={"include_usage": True},
    )
    text, usage = "", None
    for chunk in chunks:
        usage = chunk.usage or usage
        text += "".join(choice.delta.content or "" for choice in chunk.choices)
    assert "blue" in text
    assert usage is not None
    rows = one_dialect.books.settled(account.id, 2)
    assert rows[1]["usage"]["output"] == usage.completion_tokens


def test_the_openai_sdk_does_a_round_of_tools_in_responses(one_dialect: Gate, account: Account) -> None:
    client = OpenAI(base_url=f"{one_dialect.url}/v1", api_key=account.key, max_retries=0)
    tools: Any = [{"type": "function", "name": "read", "description": "Reads.", "parameters": READ, "strict": False}]
    turns: Any = [{"role": "user", "content": '[[tool read {"path":"a.txt"}]]'}]
    with client.responses.stream(model="gpt-5", input=turns, tools=tools, store=False) as stream:
        first = stream.until_done().get_final_response()
    call = next(item for item in first.output if item.type == "function_call")
    assert (call.name, call.arguments) == ("read", '{"path":"a.txt"}')
    turns += [*first.output, {"type": "function_call_output", "call_id": call.call_id, "output": "blue"}]
    answer = client.responses.create(model="gpt-5", input=turns, tools=tools, store=False)
    assert "blue" in answer.output_text
    rows = one_dialect.books.settled(account.id, 2)
    assert [row["usage"]["prompts"] for row in rows] == [1, 0]
