"""What official SDKs used through the gate shows in `usage`, and `explain` tells why it cost what it did."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import anthropic
import openai
import pytest

from tests.clients import test_anthropic_sdk, test_openai_sdk
from tests.clients.books import Account
from tests.clients.targets import Gate

FAREGATE = Path(sys.executable).with_name("faregate")
CHAT_USED = {"input": 120, "cached": 9000, "cache_write_5m": 0, "cache_write_1h": 0, "output": 45}
CHAT_LIST_VALUE = "0.001725"  # 120 × 1.25 + 9000 × 0.125 + 45 × 10, a million each
CHAT_DRAWN = "0.0025875"  # × 1.5
MESSAGES_USED = {"input": 120, "cached": 9000, "cache_write_5m": 30, "cache_write_1h": 4, "output": 45}
MESSAGES_LIST_VALUE = "0.0038715"  # 120 × 3 + 9000 × 0.3 + 30 × 3.75 + 4 × 6 + 45 × 15
MESSAGES_DRAWN = "0.00580725"
EMPTY = {"images": 0, "tool_calls": 0, "requests": 1}


@pytest.fixture
def account(metered: Gate) -> Account:
    return metered.books.new_account("counted", "trial/all")


def chat(metered: Gate, account: Account) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{metered.url}/v1", api_key=account.key, max_retries=0)


def messages(metered: Gate, account: Account) -> anthropic.Anthropic:
    return anthropic.Anthropic(base_url=metered.url, api_key=account.key, max_retries=0)


def used(row: dict[str, Any]) -> dict[str, int]:
    return {name: count for name, count in row["usage"].items() if name != "prompts"}


def test_chat_is_charged_what_was_reported_whether_streamed_or_not_and_asked_for_usage_or_not(
    metered: Gate, account: Account
) -> None:
    said = test_openai_sdk.said(f"hi {test_openai_sdk.FIGURES}")
    with chat(metered, account) as client:
        client.chat.completions.create(model="gpt-5", messages=said)
        list(client.chat.completions.create(model="gpt-5", messages=said, stream=True))
        asked: Any = {"include_usage": True}
        list(client.chat.completions.create(model="gpt-5", messages=said, stream=True, stream_options=asked))
    rows = metered.books.settled(account.id, 3)
    drawn = [{"source": "trial/all", "pool": "money", "amount": CHAT_DRAWN, "unit": "USD"}]
    for row in rows:
        assert used(row) == CHAT_USED | EMPTY
        assert (row["model"], row["client"], row["upstream"]) == ("openai/gpt-5", "openai-sdk", "demo-openai")
        assert (row["list_value"], row["currency"]) == (CHAT_LIST_VALUE, "USD")
        assert (row["drawn"], row["outcome"], row["estimated"]) == (drawn, "ok", False)
    total = metered.books.usage(account.id)["total"]
    assert (total["requests"], total["cached"]) == (3, 27_000)
    assert total["drawn"] == [{"source": "trial/all", "unit": "USD", "amount": "0.0077625"}]


def test_messages_are_charged_by_every_class_of_cache(metered: Gate, account: Account) -> None:
    said = test_anthropic_sdk.said(f"hi {test_anthropic_sdk.FIGURES}")
    with messages(metered, account) as client:
        client.messages.create(model="claude-sonnet-4", max_tokens=500, messages=said)
        with client.messages.stream(model="claude-sonnet-4", max_tokens=500, messages=said) as stream:
            stream.until_done()
    for row in metered.books.settled(account.id, 2):
        assert used(row) == MESSAGES_USED | EMPTY
        assert (row["model"], row["client"]) == ("anthropic/claude-sonnet-4", "anthropic-sdk")
        assert (row["list_value"], row["drawn"][0]["amount"]) == (MESSAGES_LIST_VALUE, MESSAGES_DRAWN)


def test_an_explanation_gives_sources_slices_multipliers_rate_card_and_windows(
    metered: Gate, account: Account
) -> None:
    said = test_anthropic_sdk.said(f"hi {test_anthropic_sdk.FIGURES}")
    with messages(metered, account) as client:
        answer = client.messages.with_raw_response.create(model="claude-sonnet-4", max_tokens=500, messages=said)
    request = answer.headers["x-faregate-request-id"]
    assert answer.headers["request-id"] == request
    (row,) = metered.books.settled(account.id, 1)
    assert row["request"] == request
    told = metered.books.explain(request)
    assert (told["state"], told["settlement"]["usage"]) == ("settled", row["usage"])
    (piece,) = told["settlement"]["slices"]
    assert (piece["source"], piece["pool"], piece["amount"], piece["unit"]) == (
        "trial/all",
        "money",
        MESSAGES_DRAWN,
        "USD",
    )
    assert (piece["multiplier"], piece["factors"]) == ("1.5", [{"name": "season", "value": "1.5"}])
    assert (piece["list_value"], piece["debt"]) == (MESSAGES_LIST_VALUE, "0")
    assert piece["rate_card"] == "anthropic/claude-sonnet-4@2025-08-12"
    assert [lot["amount"] for lot in piece["lots"]] == [MESSAGES_DRAWN]
    drawn = {window["id"]: window["drawn"] for window in piece["windows"]}
    assert drawn == {"trial/all:five_hours": "1", "trial/all:day": MESSAGES_DRAWN}
    after = {window["id"]: window for window in told["settlement"]["windows"]}
    assert after["trial/all:five_hours"]["used"] == "1"
    assert after["trial/all:day"]["used"] == MESSAGES_DRAWN
    assert metered.books.windows(account.id)["trial/all:day"]["used"] == MESSAGES_DRAWN


def test_the_command_line_tells_the_same_beside_the_running_gate(metered: Gate, account: Account) -> None:
    with chat(metered, account) as client:
        client.chat.completions.create(model="gpt-5", messages=test_openai_sdk.said("hi"))
    (row,) = metered.books.settled(account.id, 1)

    def run(*words: str) -> Any:
        command = [str(FAREGATE), *words, "--db", metered.database, "--json"]
        return json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)

    assert run("usage", account.id)["requests"] == [row]
    assert run("explain", row["request"]) == metered.books.explain(row["request"])


def test_a_tool_round_is_not_another_prompt(metered: Gate, account: Account) -> None:
    with messages(metered, account) as client:
        ask = client.messages.create
        tools, wish = [test_anthropic_sdk.SHELL], test_anthropic_sdk.said(test_anthropic_sdk.TOOL_WISH)
        first = ask(model="claude-sonnet-4", max_tokens=500, messages=wish, tools=tools)
        returned = test_anthropic_sdk.after_the_tool(first, "hi")
        ask(model="claude-sonnet-4", max_tokens=500, messages=returned, tools=tools)
    rows = metered.books.settled(account.id, 2)
    assert [row["usage"]["prompts"] for row in rows] == [1, 0]
    assert metered.books.windows(account.id)["trial/all:five_hours"]["used"] == "1"


def test_a_model_without_a_price_is_refused_by_name_and_nothing_is_held(metered: Gate, account: Account) -> None:
    with messages(metered, account) as client, pytest.raises(anthropic.NotFoundError, match="claude-unheard-of-9"):
        client.messages.create(model="claude-unheard-of-9", max_tokens=5, messages=test_anthropic_sdk.said("hi"))
    with chat(metered, account) as client, pytest.raises(openai.NotFoundError, match="gpt-unheard-of-9"):
        client.chat.completions.create(model="gpt-unheard-of-9", messages=test_openai_sdk.said("hi"))
    assert metered.books.settled(account.id, 0) == []
    assert metered.books.call("GET", f"/accounts/{account.id}")["entries"] == 2


@pytest.mark.filterwarnings("ignore:The model .* is deprecated:DeprecationWarning")
@pytest.mark.parametrize(
    ("asked", "card"),
    [
        ("claude-opus-5-5", "anthropic/claude-opus-5.5@"),
        ("claude-opus-4-8", "anthropic/claude-opus-4.8@"),
        ("claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5@"),
        ("claude-haiku-4-5-20251001", "anthropic/claude-haiku-4.5@"),
        ("claude-sonnet-4-20250514", "anthropic/claude-sonnet-4@"),
        ("claude-3-5-haiku-20241022", "anthropic/claude-3.5-haiku@"),
    ],
)
def test_every_model_that_claude_code_asks_for_by_itself_has_a_price(
    metered: Gate, account: Account, asked: str, card: str
) -> None:
    with messages(metered, account) as client:
        client.messages.create(model=asked, max_tokens=5, messages=test_anthropic_sdk.said("hi"))
    (row,) = metered.books.settled(account.id, 1)
    assert row["model"] == card.rstrip("@")
    (piece,) = metered.books.explain(row["request"])["settlement"]["slices"]
    assert piece["rate_card"].startswith(card)
