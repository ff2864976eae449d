"""No body whatever makes the demo upstream fail of itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faregate.demo_upstream import DemoUpstream
from tests.demo_upstream.asgi_call import ask

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from(("", "x", "text", "[[tool a]]")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("type", "text", "content", "role", "name", "cache_control", "tool_calls")),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
FIELDS = (
    *("messages", "tools", "tool_choice", "system", "thinking", "stop", "stop_sequences", "n"),
    *("stream_options", "output_config", "response_format", "reasoning_effort", "cache_control"),
)
MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(("user", "assistant", "tool", "system")), "content": ANYTHING},
        optional={"tool_calls": ANYTHING},
    ),
    min_size=1,
    max_size=3,
)
BODIES = st.builds(
    lambda messages, fields, stream: {
        "model": "m",
        "max_tokens": 20,
        "messages": messages,
        "stream": stream,
        **fields,
    },
    MESSAGES,
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=3),
    st.booleans(),
)


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/messages", "/v1/messages/count_tokens"])
@settings(max_examples=100, deadline=None)
@given(body=BODIES)
async def test_any_body_is_answered_or_refused(path: str, body: dict[str, Any]) -> None:
    answered = await ask(DemoUpstream(), path, body)
    assert answered.status in (200, 400)
    assert answered.finished
