"""How a prompt is counted and told apart."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.demo_upstream.prompt_blocks import marked_seconds, prompt_blocks, text_tokens


def total(tools: Any, system: Any, messages: list[dict[str, Any]]) -> int:
    return sum(block.tokens for block in prompt_blocks(tools, system, messages))


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("a", 1), ("four", 1), ("fives", 2), ("票价门", 3), ("\ud800", 1)]
)
def test_a_text_is_a_quarter_of_its_bytes_rounded_up(text: str, tokens: int) -> None:
    assert text_tokens(text) == tokens


def test_every_message_costs_four_more() -> None:
    assert total(None, None, [{"role": "user", "content": "four"}]) == 5
    assert total(None, None, [{"role": "user", "content": ""}, {"role": "assistant"}]) == 8


def test_an_image_is_a_thousand_tokens_whatever_its_size() -> None:
    image = {"type": "image", "source": {"type": "base64", "data": "A" * 90_000}}
    assert total(None, None, [{"role": "user", "content": [image]}]) == 1004


def test_a_tool_counts_its_json() -> None:
    assert total([{"name": "Bash"}], None, []) == text_tokens('{"name":"Bash"}')


def test_a_string_and_one_text_block_are_the_same_prompt() -> None:
    plain = prompt_blocks(None, "be kind", [{"role": "user", "content": "hi"}])
    parts = prompt_blocks(
        None,
        [{"type": "text", "text": "be kind", "cache_control": {"type": "ephemeral"}}],
        [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    )
    assert [block[:2] for block in plain] == [block[:2] for block in parts]
    assert parts[0].marked_seconds == 300


def test_a_mark_is_no_part_of_what_identifies_a_block() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x"}]}
    marked = {**result, "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    plain_block, marked_block = (
        prompt_blocks(None, None, [{"role": "user", "content": [result]}])[0],
        prompt_blocks(None, None, [{"role": "user", "content": [marked]}])[0],
    )
    assert plain_block[:2] == marked_block[:2]
    assert (plain_block.marked_seconds, marked_block.marked_seconds) == (None, 3600)


def test_the_same_text_in_another_role_is_another_block() -> None:
    user, assistant = (
        prompt_blocks(None, None, [{"role": role, "content": "hi"}])[0].identity for role in ("user", "assistant")
    )
    assert user != assistant


@pytest.mark.parametrize(
    ("control", "seconds"),
    [
        (None, None),
        ({"type": "ephemeral"}, 300),
        ({"type": "ephemeral", "ttl": "5m"}, 300),
        ({"type": "ephemeral", "ttl": "1h"}, 3600),
        ("ephemeral", None),
    ],
)
def test_a_mark_says_five_minutes_or_an_hour(control: Any, seconds: int | None) -> None:
    assert marked_seconds({"cache_control": control}) == seconds
