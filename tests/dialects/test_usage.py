"""Usage as upstreams report it, in disjoint classes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from anthropic.types import Usage as AnthropicUsage
from hypothesis import given
from hypothesis import strategies as st
from openai.types import CompletionUsage

from faregate.core.usage import Usage
from faregate.dialects import DIALECTS, anthropic_messages, anthropic_usage, openai_chat, openai_usage
from faregate.dialects.reported import Reported
from tests.dialects.sse_fixtures import CHAT_USAGE, MESSAGES_USAGE


def reply(usage: Any) -> bytes:
    return json.dumps({"id": "1", "model": "up-1", "content": [], "usage": usage}).encode()


CHAT_ROWS: list[tuple[str, dict[str, Any], Usage]] = [
    ("plain", {"prompt_tokens": 10, "completion_tokens": 4}, Usage(input=10, output=4)),
    ("cached inside the prompt", CHAT_USAGE, Usage(input=40, cached=60, output=7)),
    (
        "cache writes inside the prompt",
        {
            "prompt_tokens": 100,
            "completion_tokens": 1,
            "prompt_tokens_details": {"cached_tokens": 50, "cache_write_tokens": 30},
        },
        Usage(input=20, cached=50, cache_write_5m=30, output=1),
    ),
    (
        "cache writes at the top",
        {"prompt_tokens": 100, "completion_tokens": 1, "cache_creation_input_tokens": 30},
        Usage(input=70, cache_write_5m=30, output=1),
    ),
    (
        "DeepSeek",
        {
            "prompt_tokens": 100,
            "completion_tokens": 1,
            "prompt_cache_hit_tokens": 64,
            "prompt_cache_miss_tokens": 36,
        },
        Usage(input=36, cached=64, output=1),
    ),
    (
        "Moonshot",
        {"prompt_tokens": 100, "completion_tokens": 1, "cached_tokens": 20},
        Usage(input=80, cached=20, output=1),
    ),
    (
        "reasoning beside the output",
        {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "total_tokens": 35,
            "completion_tokens_details": {"reasoning_tokens": 20},
        },
        Usage(input=10, output=25),
    ),
    (
        "more cached than there was",
        {"prompt_tokens": 10, "prompt_tokens_details": {"cached_tokens": 99, "cache_write_tokens": 9}},
        Usage(cached=10),
    ),
    ("negative", {"prompt_tokens": -5, "completion_tokens": -1}, Usage()),
    ("whole floats", {"prompt_tokens": 5.0, "completion_tokens": 1.0}, Usage(input=5, output=1)),
    ("total alone", {"total_tokens": 9, "completion_tokens": 4}, Usage(input=5, output=4)),
    ("null details", {"prompt_tokens": 5, "prompt_tokens_details": None}, Usage(input=5)),
    ("zero", {"prompt_tokens": 0, "completion_tokens": 0}, Usage()),
]
MESSAGES_ROWS: list[tuple[str, dict[str, Any], Usage]] = [
    ("plain", {"input_tokens": 10, "output_tokens": 4}, Usage(input=10, output=4)),
    (
        "all classes",
        MESSAGES_USAGE,
        Usage(input=11, cached=900, cache_write_5m=20, cache_write_1h=30, output=1, tool_calls=2),
    ),
    (
        "writes without a split are 5 minutes",
        {"input_tokens": 1, "output_tokens": 1, "cache_creation_input_tokens": 50},
        Usage(input=1, cache_write_5m=50, output=1),
    ),
    (
        "what the split leaves out is 5 minutes",
        {
            "input_tokens": 1,
            "cache_creation_input_tokens": 50,
            "cache_creation": {"ephemeral_1h_input_tokens": 30},
        },
        Usage(input=1, cache_write_5m=20, cache_write_1h=30),
    ),
    (
        "a split without a sum",
        {"input_tokens": 1, "cache_creation": {"ephemeral_1h_input_tokens": 30}},
        Usage(input=1, cache_write_1h=30),
    ),
    (
        "nulls",
        {"input_tokens": 3, "output_tokens": 1, "cache_creation": None, "server_tool_use": None},
        Usage(input=3, output=1),
    ),
    ("zero", {"input_tokens": 0, "output_tokens": 0}, Usage()),
]
RESPONSES_ROWS: list[tuple[str, dict[str, Any], Usage]] = [
    ("plain", {"input_tokens": 9, "output_tokens": 4, "total_tokens": 13}, Usage(input=9, output=4)),
    (
        "cached and written, reasoning inside",
        {
            "input_tokens": 100,
            "input_tokens_details": {"cached_tokens": 60, "cache_write_tokens": 30},
            "output_tokens": 20,
            "output_tokens_details": {"reasoning_tokens": 15},
            "total_tokens": 120,
        },
        Usage(input=10, cached=60, cache_write_5m=30, output=20),
    ),
    (
        "reasoning beside the output",
        {
            "input_tokens": 10,
            "output_tokens": 5,
            "output_tokens_details": {"reasoning_tokens": 7},
            "total_tokens": 22,
        },
        Usage(input=10, output=12),
    ),
    (
        "more cached than there is",
        {"input_tokens": 10, "input_tokens_details": {"cached_tokens": 99, "cache_write_tokens": 5}},
        Usage(cached=10),
    ),
    ("a total alone", {"output_tokens": 4, "total_tokens": 10}, Usage(input=6, output=4)),
    ("the names of chat", {"prompt_tokens": 3, "completion_tokens": 2}, Usage(input=3, output=2)),
    ("zero", {"input_tokens": 0, "output_tokens": 0}, Usage()),
]
CHAT_ROWS.append(
    ("counts as texts", {"prompt_tokens": "10", "completion_tokens": "5", "total_tokens": 15}, Usage(10, output=5))
)
ROWS = [("openai_chat", *row) for row in CHAT_ROWS] + [("anthropic_messages", *row) for row in MESSAGES_ROWS]
ROWS += [("openai_responses", *row) for row in RESPONSES_ROWS]


@pytest.mark.parametrize(
    ("dialect", "reported", "usage"),
    [pytest.param(row[0], row[2], row[3], id=f"{row[0]}-{row[1]}") for row in ROWS],
)
def test_reported_usage_falls_into_disjoint_classes(dialect: str, reported: dict[str, Any], usage: Usage) -> None:
    assert DIALECTS[dialect].usage_of_reply(reply(reported)) == Reported(
        usage, "up-1", "1" if dialect == "openai_responses" else ""
    )


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize(
    "body",
    [
        reply(None),
        reply({}),
        reply([]),
        reply("7"),
        reply({"prompt_tokens": None, "input_tokens": "7"}),
        b"{}",
        b"[]",
        b"",
        b"<html>",
        b'{"usage":{"\xff":1}}',
    ],
)
def test_usage_that_is_not_reported_is_none(dialect: str, body: bytes) -> None:
    assert DIALECTS[dialect].usage_of_reply(body) is None


COUNTS = st.one_of(st.integers(-5, 300), st.none(), st.booleans(), st.floats(), st.text(max_size=2))


@given(
    st.integers(0, 200),
    st.dictionaries(
        st.sampled_from(["cached_tokens", "prompt_cache_hit_tokens", "cache_creation_tokens", "total_tokens"]),
        COUNTS,
    ),
    st.dictionaries(st.sampled_from(["cached_tokens", "cache_write_tokens"]), COUNTS) | COUNTS,
)
def test_input_classes_sum_to_the_prompt_and_none_is_negative(prompt: int, top: dict[str, Any], details: Any) -> None:
    usage = {**top, "prompt_tokens": prompt, "prompt_tokens_details": details}
    found = openai_chat.usage_of_reply(json.dumps({"usage": usage}).encode())
    if found is not None:  # NaN and infinity are no JSON
        assert found.usage.total_input == prompt
        assert min(found.usage) >= 0


CACHE_NAMES = ["cached_tokens", "cache_write_tokens", "cache_creation_tokens", "cache_creation_input_tokens"]
TOP_NAMES = [*CACHE_NAMES, "total_tokens", "prompt_cache_hit_tokens", "cache_read_input_tokens", "input_tokens"]
DETAIL_NAMES = [*CACHE_NAMES, "cache_creation", "reasoning_tokens", "ephemeral_5m_input_tokens"]
DETAIL_NAMES += ["ephemeral_1h_input_tokens", "web_search_requests"]
PARTS = ["prompt_tokens_details", "completion_tokens_details", "cache_creation", "server_tool_use"]
WHOLE = st.integers(0, 40)
MOSTLY_WHOLE = WHOLE | WHOLE | WHOLE | st.none() | st.sampled_from([-3, 2.0, 1.5, True, "7", 2**70])
DETAILS = st.dictionaries(st.sampled_from(DETAIL_NAMES), MOSTLY_WHOLE, max_size=3)


@st.composite
def usages(draw: st.DrawFn, input_name: str, output_name: str) -> dict[str, Any]:
    """Usage objects, most of them as official upstreams write them."""
    usage: dict[str, Any] = {input_name: draw(WHOLE), output_name: draw(WHOLE)}
    usage |= draw(st.dictionaries(st.sampled_from(PARTS), DETAILS | DETAILS | st.just(None), max_size=3))
    usage |= draw(st.dictionaries(st.sampled_from([*TOP_NAMES, input_name, output_name]), MOSTLY_WHOLE, max_size=3))
    if draw(st.booleans()):
        usage |= {
            input_name: 20,
            output_name: 5,
            "total_tokens": 32,
            "completion_tokens_details": {"reasoning_tokens": 7},
        }
    return usage


MODELS = st.sampled_from(["m", "m", "", None, 7])


@given(usages("prompt_tokens", "completion_tokens"), MODELS)
def test_chat_usage_in_its_usual_form_is_read_as_in_any_other(usage: dict[str, Any], model: Any) -> None:
    body = json.dumps({"model": model, "usage": usage}).encode()
    assert openai_usage.usage_of_reply(body) == openai_usage._usage_of_odd_reply(body)


@given(usages("input_tokens", "output_tokens"), MODELS)
def test_messages_usage_in_its_usual_form_is_read_as_in_any_other(usage: dict[str, Any], model: Any) -> None:
    body = json.dumps({"model": model, "usage": usage}).encode()
    assert anthropic_usage.usage_of_reply(body) == anthropic_usage._usage_of_odd_reply(body)


def test_fixtures_are_what_the_official_types_hold() -> None:
    assert CompletionUsage.model_validate(CHAT_USAGE).total_tokens == 107
    assert AnthropicUsage.model_validate(MESSAGES_USAGE).cache_read_input_tokens == 900


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
def test_output_bytes_of_a_reply_are_those_of_its_content(dialect: str) -> None:
    content = [{"text": "word " * 100}]
    body = json.dumps({"id": "x" * 500, "choices": content, "content": content, "output": content}).encode()
    assert DIALECTS[dialect].output_bytes_of_reply(body) == len(json.dumps(content))
    assert DIALECTS[dialect].output_bytes_of_reply(b"oops") == 4


def test_the_anthropic_dialect_takes_no_usage_from_an_openai_reply() -> None:
    assert anthropic_messages.usage_of_reply(reply(CHAT_USAGE)) is None
