"""The real Claude Code, headless, by changing base URL and key alone."""

from __future__ import annotations

import pytest

from tests.clients import claude_code
from tests.clients.claude_code import ClaudeCode
from tests.clients.targets import Target

pytestmark = pytest.mark.clients


def ask(claude: ClaudeCode, target: Target, prompt: str) -> claude_code.Run:
    settings = {"ANTHROPIC_MODEL": target.messages_model}
    return claude_code.run(claude, target.base_url, target.key, prompt, settings=settings)


def test_a_tool_round_trip_ends_in_an_answer(claude: ClaudeCode, target: Target) -> None:
    ended = ask(claude, target, '[[tool Bash {"command":"echo gate-$((40+2))"}]]')
    assert (ended.status, ended.result.get("is_error")) == (0, False), ended
    assert ended.result["result"] == "The tool returned: gate-42"
    assert ended.result["num_turns"] == 2


def test_the_second_round_finds_its_prompt_cached(claude: ClaudeCode, target: Target) -> None:
    ended = ask(claude, target, '[[tool Bash {"command":"echo cached"}]]')
    usage = ended.result["usage"]
    assert usage["cache_creation"]["ephemeral_5m_input_tokens"] > 1024
    assert usage["cache_read_input_tokens"] > 1024


def test_reported_usage_arrives_to_the_last_token(claude: ClaudeCode, target: Target) -> None:
    ended = ask(claude, target, "hi [[demo usage(input=12,cached=900,cache_write_1h=30,output=4)]]")
    usage = ended.result["usage"]
    assert (usage["input_tokens"], usage["output_tokens"]) == (12, 4)
    assert usage["cache_read_input_tokens"] == 900
    assert usage["cache_creation"]["ephemeral_1h_input_tokens"] == 30


@pytest.mark.parametrize("fault", ["error-event:3", "cut:5", "quiet-end:5"])
def test_a_stream_that_breaks_once_is_repeated(claude: ClaudeCode, target: Target, fault: str) -> None:
    ended = ask(claude, target, f"hi [[demo {fault} first:1]]")
    assert ended.status == 0, ended
    assert ended.result["result"].startswith('You said: "hi')
