"""S3.3 prompts, requests and tokens, and S3.4 list prices with their tiers, on the plans of the market."""

from __future__ import annotations

from typing import Any

import pytest

from tests.scenarios.replaying import Line, Paid, Refused, replay

GLM, M25, KIMI, DOUBAO = "z-ai/glm-4.7", "minimax/minimax-m2.5", "moonshotai/kimi-k2.5", "volcengine/doubao-seed-code"


def call(second: int, model: str, *, prompt: bool = False, session: str = "s", **usage: Any) -> Line:
    """A request so many seconds after noon; ``prompt``: its last message is the user's, not a tool's result."""
    at = f"2026-03-02T12:{second // 60:02}:{second % 60:02}Z"
    line: Line = {"at": at, "model": model, "client": "claude-code", "session": session, "prompt": prompt}
    return line | (usage or {"input": 1000, "output": 10})


def turn(model: str, calls: int, begin: int = 0) -> list[Line]:
    """A prompt and the calls after the results of its tools."""
    return [call(begin + number, model, prompt=number == 0) for number in range(calls)]


@pytest.mark.parametrize(
    ("plan", "model", "covered"),
    [("minimax-cn/starter", M25, 15), ("minimax/max", M25, 15), ("glm/lite", GLM, 20), ("glm/pro@2025-10", GLM, 20)],
)
def test_s3_3_so_many_calls_are_one_prompt_and_the_next_counts_again(plan: str, model: str, covered: int) -> None:
    bare = plan.partition("@")[0]
    seen = replay(plan, *turn(model, covered + 1))
    used = [seen.window(index, f"{bare}:5h")[1] for index in range(covered + 1)]
    assert used == ["1"] * covered + ["2"]


def test_s3_3_each_prompt_of_the_user_counts_however_few_calls_it_makes() -> None:
    seen = replay("minimax-cn/starter", *(call(second, M25, prompt=True) for second in range(41)))
    assert seen.admitted() == [True] * 40 + [False]
    assert seen.refused(40) == Refused("window_full", "minimax-cn/starter:5h", "2026-03-02T17:00:00Z")


def test_s3_3_a_request_is_a_request_with_ark_and_bailian_whoever_asked() -> None:
    for plan, model in (("ark/lite", DOUBAO), ("bailian/lite", GLM)):
        seen = replay(plan, *turn(model, 10))
        assert [seen.window(9, f"{plan}:{id}")[1] for id in ("5h", "week", "month")] == ["10"] * 3


def test_s3_3_kimi_counts_tokens_and_in_the_week_those_that_are_no_cache_hits() -> None:
    seen = replay("kimi/andante", call(0, KIMI, input=1_000_000, cached=8_000_000, output=5000))
    assert seen.window(0, "kimi/andante:5h")[1:3] == ("9005000", "10000000")
    assert seen.window(0, "kimi/andante:week")[1:3] == ("1005000", "4000000")


def test_s3_1_kimis_week_fills_fast_without_a_cache() -> None:
    seen = replay("kimi/andante", call(0, KIMI, input=4_000_000), call(1, KIMI, input=1))
    assert seen.refused(1) == Refused("window_full", "kimi/andante:week", "2026-03-09T12:00:00Z")


def test_s3_1_glm_5_draws_three_prompts_for_one() -> None:
    seen = replay("glm/lite", call(0, "z-ai/glm-5", prompt=True), call(1, GLM, prompt=True))
    assert seen.window(0, "glm/lite:5h")[1] == "3"
    assert seen.window(1, "glm/lite:week")[1] == "4"


def test_s3_1_glms_week_counts_seven_days_from_the_order() -> None:
    first = call(0, GLM, prompt=True)
    later = first | {"at": "2026-03-08T20:00:00Z"}
    after = first | {"at": "2026-03-09T12:00:00Z"}
    seen = replay("glm/lite", first, later, after)
    assert [seen.window(index, "glm/lite:week")[1] for index in range(3)] == ["1", "2", "1"]
    assert seen.window(1, "glm/lite:week")[3] == "2026-03-09T12:00:00Z"


@pytest.mark.parametrize(
    ("plan", "model", "usage", "list_value"),
    [
        # A million of each class: uncached, cached, output.
        ("kimi/andante", KIMI, {"input": 1_000_000}, "4"),
        ("kimi/andante", KIMI, {"cached": 1_000_000}, "0.7"),
        ("kimi/andante", KIMI, {"output": 1_000_000}, "21"),
        ("minimax-cn/plus", M25, {"input": 1_000_000}, "2.1"),
        ("minimax-cn/plus", M25, {"cached": 1_000_000}, "0.21"),
        ("minimax-cn/plus", M25, {"cache_write_5m": 1_000_000}, "2.625"),
        ("minimax-cn/plus", M25, {"output": 1_000_000}, "8.4"),
        # GLM-5: input below and above 32K.
        ("glm/lite", "z-ai/glm-5", {"input": 10_000}, "0.04"),
        ("glm/lite", "z-ai/glm-5", {"cached": 10_000}, "0.01"),
        ("glm/lite", "z-ai/glm-5", {"output": 10_000}, "0.18"),
        ("glm/lite", "z-ai/glm-5", {"input": 100_000}, "0.6"),
        ("glm/lite", "z-ai/glm-5", {"cached": 100_000}, "0.15"),
        ("glm/lite", "z-ai/glm-5", {"cached": 100_000, "output": 10_000}, "0.37"),
        # GLM-4.7: input below 32K with output below and above 0.2K, and input above 32K.
        ("glm/lite", GLM, {"input": 10_000, "output": 100}, "0.0208"),
        ("glm/lite", GLM, {"cached": 10_000, "output": 100}, "0.0048"),
        ("glm/lite", GLM, {"input": 10_000, "output": 1000}, "0.044"),
        ("glm/lite", GLM, {"cached": 10_000, "output": 1000}, "0.02"),
        ("glm/lite", GLM, {"input": 100_000, "output": 1000}, "0.416"),
        ("glm/lite", GLM, {"cached": 100_000, "output": 100}, "0.0816"),
    ],
)
def test_s3_4_list_prices_as_printed(plan: str, model: str, usage: dict[str, Any], list_value: str) -> None:
    seen = replay(plan, call(0, model, prompt=True, **usage))
    assert [piece.list_value for piece in seen.paid(0)] == [list_value]
    assert seen.totals["list_value"] == {"CNY": list_value}


def test_s3_4_the_fast_models_of_minimax_are_for_the_fast_tiers() -> None:
    fast = "minimax/minimax-m2.5-highspeed"
    seen = replay("minimax-cn/plus-fast", call(0, fast, prompt=True, output=1_000_000))
    assert seen.paid(0) == [Paid("minimax-cn/plus-fast", None, "1 prompt", "1", "16.8")]
    seen = replay("minimax-cn/plus", call(0, fast, prompt=True))
    assert seen.refused(0) == Refused("model_not_in_plan", None, None)
