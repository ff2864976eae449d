"""Whatever stands where in a body, it is converted or refused by name; whatever an upstream sends, nothing breaks."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faregate.conversion import Conversion, NotCarried
from tests.conversion.neutral import PAIRS
from tests.conversion.whole_bodies import REPLIES, REQUESTS, STREAMS, damaged, stream_of

pairs = pytest.mark.parametrize(("client", "upstream"), PAIRS)


@pairs
def test_a_request_of_any_shape_is_converted_or_refused_by_name(client: str, upstream: str) -> None:
    converted = 0
    for body in damaged(REQUESTS[client]):
        try:
            Conversion(client, upstream, json.dumps(body).encode()).upstream_body("their-model")
            converted += 1
        except NotCarried as refused:
            assert refused.field  # noqa: PT017 - the point is that nothing else comes
    assert converted


@pairs
def test_a_reply_of_any_shape_is_an_answer(client: str, upstream: str) -> None:
    conversion = Conversion(client, upstream, _plain(client))
    for reply in damaged(REPLIES[upstream]):
        assert json.loads(conversion.reply(json.dumps(reply).encode(), "m", 0))


@pairs
def test_events_of_any_shape_break_no_stream(client: str, upstream: str) -> None:
    conversion = Conversion(client, upstream, _plain(client))
    for records in damaged(STREAMS[upstream]):
        stream = conversion.stream("m", 0)
        stream.feed(stream_of(records))
        stream.close()


def _plain(client: str) -> bytes:
    fields = ("model", "stream", "max_tokens", "tools")
    contents: dict[str, dict[str, Any]] = {
        "openai_chat": {"messages": [{"role": "user", "content": "x"}]},
        "anthropic_messages": {"messages": [{"role": "user", "content": "x"}]},
        "openai_responses": {"input": "x"},
        "google_generate": {"contents": [{"role": "user", "parts": [{"text": "x"}]}]},
    }
    return json.dumps({**{name: REQUESTS[client].get(name) for name in fields}, **contents[client]}).encode()
