"""The fault grammar."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.demo_upstream.faults import (
    NO_FAULTS,
    Faults,
    FaultSyntaxError,
    marked_faults,
    parse_faults,
    split_model,
)

FIGURES = {
    "input": 1200,
    "cached": 90000,
    "cache_write_5m": 0,
    "cache_write_1h": 0,
    "output": 450,
    "reasoning": 0,
}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", {}),
        ("slow:250", {"slow_ms": 250}),
        ("slow(250) pace:5", {"slow_ms": 250, "pace_ms": 5}),
        ("fail:503", {"fail_status": 503}),
        ("fail:429:30", {"fail_status": 429, "fail_retry_after_seconds": 30}),
        ("fail(429, retry_after=30)", {"fail_status": 429, "fail_retry_after_seconds": 30}),
        ("fail(502,body=html)", {"fail_status": 502, "fail_as_html": True}),
        ("drop", {"drop": True}),
        ("cut:4", {"cut_after_events": 4}),
        ("cut:100b", {"cut_after_bytes": 100}),
        ("stall", {"stall_after_events": 3}),
        ("stall:0", {"stall_after_events": 0}),
        ("error-event:2", {"error_after_events": 2}),
        ("quiet-end", {"leave_out_final_event": True}),
        ("quiet-end:2", {"end_after_events": 2}),
        ("garbage", {"garbage_after_events": 3}),
        ("no-usage", {"no_usage": True}),
        ("zero-usage", {"forced_usage": dict.fromkeys(FIGURES, 0)}),
        ("usage(input=1200,cached=90000,output=450)", {"forced_usage": FIGURES}),
        ('usage:{"input":1200,"cached":90000,"output":450}', {"forced_usage": FIGURES}),
        ("wrong-content-type;huge:9", {"wrong_content_type": True, "huge_bytes": 9}),
        ("words:12+first:2", {"words": 12, "first_requests": 2}),
        ("slow:1,slow:2", {"slow_ms": 2}),
        ("cut:1 cut:2b", {"cut_after_bytes": 2}),
    ],
)
def test_words_say_what_the_grammar_says(words: str, told: dict[str, Any]) -> None:
    assert parse_faults(words) == Faults(**told)


def test_later_words_are_laid_over_earlier_ones() -> None:
    assert parse_faults("pace:2", parse_faults("slow:1,pace:1")) == Faults(slow_ms=1, pace_ms=2)


@pytest.mark.parametrize(
    "words",
    [
        "slwo:3",
        "slow",
        "slow:fast",
        "slow:-1",
        "slow:1:2",
        "slow(1",
        "fail:200",
        "fail(500,body=xml)",
        "no-usage:1",
        "usage(inputs=1)",
        "usage(output=1,reasoning=2)",
        "usage:{",
        "cut:xb",
        "?",
        "slow:",
    ],
)
def test_words_outside_the_grammar_are_refused(words: str) -> None:
    with pytest.raises(FaultSyntaxError):
        parse_faults(words)


@pytest.mark.parametrize(
    ("model", "name", "words"),
    [
        ("demo", "demo", ""),
        ("anthropic/claude-sonnet-4", "anthropic/claude-sonnet-4", ""),
        ("demo@slow:20", "demo", "slow:20"),
        ("demo@no-usage", "demo", "no-usage"),
        ("demo@usage(input=1,output=2)", "demo", "usage(input=1,output=2)"),
        ("claude-sonnet-4@20250514", "claude-sonnet-4@20250514", ""),
        ("gemini@latest", "gemini@latest", ""),
        ("claude@20250514@cut:3", "claude@20250514", "cut:3"),
        ("demo@slwo:20", "demo", "slwo:20"),
        ("demo@", "demo@", ""),
    ],
)
def test_a_model_name_carries_faults_only_after_an_at_sign_and_a_fault_word(
    model: str, name: str, words: str
) -> None:
    assert split_model(model) == (name, words)


def test_marks_in_a_text_are_found_wherever_they_stand() -> None:
    text = 'Say [[demo pace:2]] this\n[[demo usage:{"input":1}]]'
    assert parse_faults(marked_faults(text)).forced_usage is not None
    assert marked_faults("no marks [[tool Bash]]") == ""
    assert parse_faults("") is NO_FAULTS
