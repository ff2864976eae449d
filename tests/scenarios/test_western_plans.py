"""Western plans replayed: points of Claude, messages of Codex, credits, premium requests, dollars, requests a day."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.replaying import Line, Paid, Refused, event, replay, spend

MONDAY = "2026-11-16T10:00:00Z"
SONNET, OPUS = "anthropic/claude-sonnet-4.6", "anthropic/claude-opus-4.5"


def asked(at: str, model: str, prompt: bool = True, **tokens: int) -> Line:
    line: dict[str, Any] = {"at": at, "model": model, "prompt": prompt}
    return line | tokens


def drawn(seen: Any, index: int) -> list[tuple[str, str]]:
    return [(paid.source, paid.amount) for paid in seen.paid(index)]


# ---- Claude


@pytest.mark.parametrize(
    ("model", "points"),
    [
        # 3,000 of input, 1,000 written, 500 of output: 3,000 + 1,000 + 500 × 5 = 6,500, times the model's rate.
        ("anthropic/claude-haiku-4.5", "866.666666667"),
        (SONNET, "2600"),
        (OPUS, "4333.333333333"),
        ("anthropic/claude-opus-4.1", "13000"),
        ("anthropic/claude-sonnet-5", "1733.333333333"),
    ],
)
def test_claude_counts_points_and_reads_from_the_cache_are_free(model: str, points: str) -> None:
    line = asked(MONDAY, model, input=3000, cached=1_000_000, cache_write_1h=1000, output=500)
    assert drawn(replay("claude/pro", line), 0) == [("claude/pro", f"{points} point")]


def test_claude_pro_holds_five_hours_and_opens_again_after_them() -> None:
    # 550,000 of output: 550,000 × 5 × 2/5 = 1,100,000 points, the whole window.
    seen = replay(
        "claude/pro",
        asked(MONDAY, SONNET, output=550_000),
        asked("2026-11-16T14:59:59Z", SONNET, output=1),
        asked("2026-11-16T15:00:00Z", SONNET, output=1),
    )
    assert seen.admitted() == [True, False, True]
    assert seen.refused(1) == Refused("window_full", "claude/pro:five_hours", "2026-11-16T15:00:00Z")
    assert seen.window(0, "claude/pro:week")[1:3] == ("1100000", "5000000")


def test_claude_pro_holds_less_than_five_windows_a_week() -> None:
    hours = ("16T00", "16T06", "16T12", "16T18", "17T00")
    seen = replay(
        "claude/pro",
        *(asked(f"2026-11-{hour}:00:00Z", SONNET, output=550_000) for hour in hours),
        asked("2026-11-18T00:00:00Z", SONNET, output=1),
    )
    assert seen.admitted() == [True] * 5 + [False]
    assert seen.refused(5) == Refused("window_full", "claude/pro:week", "2026-11-23T00:00:00Z")


# ---- ChatGPT


def test_codex_counts_messages_in_those_of_gpt_5_5_and_a_turns_later_requests_nothing() -> None:
    later = "2026-11-16T10:01:00Z"
    seen = replay(
        "chatgpt/plus",
        asked(MONDAY, "openai/gpt-5.5", output=10),
        asked(later, "openai/gpt-5.5", prompt=False, output=10),
        asked(later, "openai/gpt-5.4", output=10),
        asked(later, "openai/gpt-5.4-mini", output=10),
        asked(later, "openai/gpt-5.3-codex", output=10),
    )
    assert seen.window(4, "chatgpt/plus:five_hours")[1:3] == ("2.5", "47")
    assert seen.window(4, "chatgpt/plus:week")[1:3] == ("2.5", "282")


# ---- GitHub Copilot


def test_copilot_draws_a_credit_for_each_cent_and_renews_on_the_first_of_the_month() -> None:
    # 1,000,000 of output at 15 USD a million: 1,500 credits.
    seen = replay(
        "copilot/pro",
        asked(MONDAY, SONNET, output=1_000_000),
        asked("2026-11-30T23:59:59Z", SONNET, output=1),
        asked("2026-12-01T00:00:00Z", SONNET, output=1),
        asked("2026-12-01T00:00:01Z", OPUS, output=1),
    )
    assert drawn(seen, 0) == [("copilot/pro", "1500 credit")]
    assert seen.refused(1) == Refused("window_full", "copilot/pro:month", "2026-12-01T00:00:00Z")
    assert seen.admitted() == [True, False, True, False]
    assert seen.refused(3).reason == "model_not_in_plan"


def test_premium_requests_count_prompts_at_the_rate_of_the_model() -> None:
    at = "2026-05-11T10:00:00Z"
    models = (SONNET, OPUS, "anthropic/claude-opus-4.7", "anthropic/claude-haiku-4.5", "openai/gpt-5-mini")
    seen = replay("copilot-requests/pro@2025-06-18", *(asked(at, model, output=10) for model in models))
    # 1 + 3 + 7.5 + 0.33 + 0
    assert seen.window(4, "copilot-requests/pro:month")[1:3] == ("11.83", "300")


# ---- Cursor, Gemini, OpenCode Go


def test_cursor_holds_its_price_in_usage_and_goes_on_demand_at_list_price() -> None:
    on = event("2026-11-16T09:00:00Z", "switch", plan="cursor/on-demand", on=True)
    budget = event("2026-11-16T09:00:01Z", "grant", plan="cursor/on-demand", pool="wallet", amount="10")
    again = "2026-11-16T10:00:01Z"
    seen = replay("cursor/pro,cursor/on-demand", on, budget, spend(MONDAY, 20), spend(again, 1))
    assert seen.paid(0) == [Paid("cursor/pro", None, "20 USD", "1", "20")]
    assert seen.paid(1) == [Paid("cursor/on-demand", "wallet", "1 USD", "1", "1")]


def test_gemini_counts_every_request_of_a_day_on_the_pacific_coast() -> None:
    model = "google/gemini-2.5-pro"
    lines = [
        asked(f"2026-11-16T08:{index // 60:02d}:{index % 60:02d}Z", model, prompt=not index) for index in range(1000)
    ]
    seen = replay("gemini/free", *lines, asked("2026-11-17T07:59:59Z", model), asked("2026-11-17T08:00:00Z", model))
    assert seen.admitted() == [True] * 1000 + [False, True]
    assert seen.refused(1000) == Refused("window_full", "gemini/free:day", "2026-11-17T08:00:00Z")


def test_opencode_go_counts_list_value_in_dollars_also_of_models_priced_in_yuan() -> None:
    # 1,000,000 of output of GLM-5 at 18 CNY a million (its price below 32,000 of input), at 6.7758 CNY a dollar.
    seen = replay("opencode-go/go", asked(MONDAY, "z-ai/glm-5", output=1_000_000))
    assert drawn(seen, 0) == [("opencode-go/go", "2.656512884 USD")]
    for window, limit in (("five_hours", "12"), ("week", "30"), ("month", "60")):
        assert seen.window(0, f"opencode-go/go:{window}")[2] == limit
