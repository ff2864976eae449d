"""The real Claude Code, headless, by changing base URL and key alone."""

from __future__ import annotations

import pytest

from tests.clients import claude_code
from tests.clients.books import Account
from tests.clients.claude_code import ClaudeCode
from tests.clients.targets import Gate, Target

pytestmark = pytest.mark.clients


def ask(claude: ClaudeCode, target: Target, prompt: str) -> claude_code.Run:
    settings = {"ANTHROPIC_MODEL": target.messages_model}
    return claude_code.run(claude, target.base_url, target.key, prompt, more=settings)


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


# ---- what the gate counts


@pytest.fixture
def account(metered: Gate) -> Account:
    return metered.books.new_account("claude", "trial/all")


def counted(claude: ClaudeCode, metered: Gate, account: Account, prompt: str) -> claude_code.Run:
    """One run with the models that Claude Code chooses by itself."""
    return claude_code.run(claude, metered.url, account.key, prompt)


def test_a_prompt_with_a_tool_round_is_one_prompt_and_two_requests(
    claude: ClaudeCode, metered: Gate, account: Account
) -> None:
    ended = counted(claude, metered, account, '[[tool Bash {"command":"echo hi"}]]')
    assert ended.result["result"] == "The tool returned: hi"
    rows = metered.books.settled(account.id, 2)
    assert [row["usage"]["prompts"] for row in rows] == [1, 0]
    assert {row["client"] for row in rows} == {"claude-code"}
    assert {row["model"].partition("/")[0] for row in rows} == {"anthropic"}
    assert rows[1]["usage"]["cached"] == rows[0]["usage"]["cache_write_5m"] > 1024
    said = ended.result["usage"]
    used = [row["usage"] for row in rows]
    assert said["input_tokens"] == sum(each["input"] for each in used)
    assert said["output_tokens"] == sum(each["output"] for each in used)
    assert said["cache_read_input_tokens"] == sum(each["cached"] for each in used)
    assert said["cache_creation_input_tokens"] == sum(each["cache_write_5m"] for each in used)
    assert metered.books.windows(account.id)["trial/all:five_hours"]["used"] == "1"
    for row in rows:
        (piece,) = metered.books.explain(row["request"])["settlement"]["slices"]
        assert (piece["source"], piece["multiplier"]) == ("trial/all", "1.5")
        assert piece["rate_card"].startswith(row["model"] + "@")


def test_a_stream_that_breaks_and_is_repeated_is_one_prompt_and_two_charges(
    claude: ClaudeCode, metered: Gate, account: Account
) -> None:
    ended = counted(claude, metered, account, "hi [[demo error-event:3 first:1]]")
    assert ended.status == 0, ended
    rows = metered.books.settled(account.id, 2)
    assert [row["outcome"] for row in rows] == ["upstream_error", "ok"]
    assert all(row["usage"]["output"] > 0 for row in rows)
    assert metered.books.windows(account.id)["trial/all:five_hours"]["used"] == "1"


def test_a_model_without_a_price_ends_the_run_with_a_word_and_costs_nothing(
    claude: ClaudeCode, metered: Gate, account: Account
) -> None:
    settings = {"ANTHROPIC_MODEL": "claude-unheard-of-9"}
    ended = claude_code.run(claude, metered.url, account.key, "hi", more=settings)
    assert ended.status != 0
    assert "claude-unheard-of-9" in ended.result["result"]
    assert metered.books.settled(account.id, 0) == []


def test_a_survey_of_the_context_counts_tokens_and_costs_nothing(
    claude: ClaudeCode, metered: Gate, account: Account
) -> None:
    ended = counted(claude, metered, account, "/context")
    assert ended.result["result"].startswith("## Context Usage")
    assert metered.books.settled(account.id, 0) == []
    windows = metered.books.windows(account.id)
    assert {windows[f"trial/all:{name}"]["used"] for name in ("five_hours", "rpm")} == {"0"}
