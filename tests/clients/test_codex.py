"""The real Codex, headless, by changing base URL and key alone."""

from __future__ import annotations

import pytest

from tests.clients.books import Account
from tests.clients.codex import Run, ask
from tests.clients.targets import Gate, Target

pytestmark = pytest.mark.clients

ECHO = '[[tool exec_command {"cmd":"echo gate-$((40+2))"}]]'
NO_PATIENCE = "request_max_retries = 1\nstream_max_retries = 1\n"


def on(codex: tuple[str, ...], target: Target, prompt: str) -> Run:
    return ask(codex, target.base_url, target.key, prompt)


def test_a_tool_round_trip_ends_in_an_answer(codex: tuple[str, ...], target: Target) -> None:
    ended = on(codex, target, ECHO)
    assert ended.status == 0, ended
    assert ended.answer.startswith("The tool returned: ")
    assert ended.answer.endswith("gate-42")


def test_reported_usage_arrives_to_the_last_token(codex: tuple[str, ...], target: Target) -> None:
    ended = on(codex, target, "hi [[demo usage(input=12,cached=900,output=40,reasoning=30)]]")
    assert (ended.usage["input_tokens"], ended.usage["cached_input_tokens"]) == (912, 900)
    assert (ended.usage["output_tokens"], ended.usage["reasoning_output_tokens"]) == (40, 30)


@pytest.mark.parametrize("fault", ["error-event:4", "cut:5", "quiet-end:5", "quiet-end", "fail:503"])
def test_what_breaks_once_is_repeated(codex: tuple[str, ...], target: Target, fault: str) -> None:
    ended = on(codex, target, f"hi [[demo {fault} first:1]]")
    assert ended.status == 0, ended
    assert ended.answer.startswith("You said: ")


# ---- what the gate counts


@pytest.fixture
def account(metered: Gate) -> Account:
    return metered.books.new_account("codex", "trial/all")


def test_a_prompt_with_a_tool_round_is_one_prompt_and_two_requests(
    codex: tuple[str, ...], metered: Gate, account: Account
) -> None:
    ended = ask(codex, metered.url, account.key, ECHO)
    assert ended.answer.endswith("gate-42"), ended
    rows = metered.books.settled(account.id, 2)
    used = [row["usage"] for row in rows]
    assert [each["prompts"] for each in used] == [1, 0]
    assert {(row["client"], row["model"], row["upstream"]) for row in rows} == {
        ("codex", "openai/gpt-5.5", "demo-openai")
    }
    said = ended.usage
    assert said["input_tokens"] == sum(each["input"] + each["cached"] for each in used)
    assert said["cached_input_tokens"] == sum(each["cached"] for each in used) > 1024
    assert said["output_tokens"] == sum(each["output"] for each in used)
    assert metered.books.windows(account.id)["trial/all:five_hours"]["used"] == "1"
    for row in rows:
        (piece,) = metered.books.explain(row["request"])["settlement"]["slices"]
        assert piece["rate_card"].startswith("openai/gpt-5.5@")


def test_a_stream_that_breaks_and_is_repeated_is_one_prompt_and_two_charges(
    codex: tuple[str, ...], metered: Gate, account: Account
) -> None:
    ended = ask(codex, metered.url, account.key, "hi [[demo cut:8 first:1]]")
    assert ended.status == 0, ended
    rows = metered.books.settled(account.id, 2)
    assert [row["outcome"] for row in rows] == ["upstream_cut", "ok"]
    assert metered.books.windows(account.id)["trial/all:five_hours"]["used"] == "1"


@pytest.mark.parametrize("name", ["house", "OpenAI"])
def test_a_history_made_shorter_on_the_way_is_no_prompt(
    codex: tuple[str, ...], metered: Gate, account: Account, name: str
) -> None:
    """Codex writes the summary itself, or has it made by what it takes for OpenAI."""
    ended = ask(codex, metered.url, account.key, ECHO, name=name, settings="model_auto_compact_token_limit = 500\n")
    assert ended.status == 0, ended
    rows = metered.books.settled(account.id, 3)
    assert [row["usage"]["prompts"] for row in rows] == [1, 0, 0]
    assert {row["outcome"] for row in rows} == {"ok"}
    assert metered.books.windows(account.id)["trial/all:five_hours"]["used"] == "1"


def test_a_used_up_window_ends_the_turn_at_once_with_our_words(codex: tuple[str, ...], metered: Gate) -> None:
    account = metered.books.new_account("codex with one prompt", "trial/one")
    assert ask(codex, metered.url, account.key, ECHO).status == 0
    ended = ask(codex, metered.url, account.key, "another")
    assert ended.status != 0
    assert "trial/one:prompt" in ended.complaint
    assert "It reopens at " in ended.complaint
    assert [row["usage"]["prompts"] for row in metered.books.settled(account.id, 2)] == [1, 0]


def test_a_model_without_a_price_ends_the_turn_with_a_word_and_costs_nothing(
    codex: tuple[str, ...], metered: Gate, account: Account
) -> None:
    ended = ask(codex, metered.url, account.key, "hi", model="gpt-unheard-of-9", patience=NO_PATIENCE)
    assert ended.status != 0
    assert "gpt-unheard-of-9" in ended.complaint
    assert metered.books.settled(account.id, 0) == []
