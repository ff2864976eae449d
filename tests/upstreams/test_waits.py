"""How long upstreams ask to be left alone, in every form they say it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.core.instants import parse_instant
from faregate.upstreams.waits import asked_wait, wait_in_error

NOW = parse_instant("2026-03-02T10:00:00Z")
SECOND = 1_000_000

CASES = [
    ({"retry-after": "7"}, 7),
    ({"retry-after": "0"}, 0),
    ({"retry-after": " 1.5 "}, 1.5),
    ({"retry-after": "Mon, 02 Mar 2026 10:00:30 GMT"}, 30),
    ({"retry-after": "Monday, 02-Mar-26 10:00:30 GMT"}, 30),
    ({"retry-after": "Mon, 02 Mar 2026 12:00:30 +0200"}, 30),
    ({"retry-after": "Mon, 02 Mar 2026 09:59:50 GMT"}, -10),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "-3"}, None),
    ({"retry-after": "1e9"}, None),
    ({"retry-after": "99999999999"}, None),
    ({"retry-after": "9" * 5000}, None),
    ({"retry-after-ms": "250"}, 0.25),
    ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
    ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
    ({"retry-after": "5", "x-ratelimit-reset-requests": "1h"}, 5),
    ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"}, 360),
    ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1h2m3.5s"}, 3723.5),
    ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "20ms"}, 0.02),
    ({"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "17"}, 17),
    (
        {
            "x-ratelimit-remaining-requests": "12",
            "x-ratelimit-reset-requests": "1s",
            "x-ratelimit-remaining-tokens": "0",
            "x-ratelimit-reset-tokens": "44s",
        },
        44,
    ),
    ({"x-ratelimit-reset-requests": "3s", "x-ratelimit-reset-tokens": "44s"}, 3),
    ({"x-ratelimit-reset-requests": "3 s"}, None),
    ({"x-ratelimit-reset-requests": "s"}, None),
    ({"anthropic-ratelimit-tokens-remaining": "0", "anthropic-ratelimit-tokens-reset": "2026-03-02T10:00:59Z"}, 59),
    (
        {
            "anthropic-ratelimit-requests-remaining": "40",
            "anthropic-ratelimit-requests-reset": "2026-03-02T10:00:01Z",
            "anthropic-ratelimit-output-tokens-remaining": "0",
            "anthropic-ratelimit-output-tokens-reset": "2026-03-02T10:00:20Z",
        },
        20,
    ),
    ({"anthropic-ratelimit-unified-reset": str(NOW // SECOND + 100)}, 100),
    ({"anthropic-ratelimit-tokens-reset": "tomorrow"}, None),
    ({"content-type": "application/json"}, None),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "seconds"), CASES, ids=lambda each: str(each)[:60])
def test_a_wait_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    given_headers = [(name.encode(), value.encode()) for name, value in headers.items()]
    expected = None if seconds is None else NOW + int(seconds * SECOND)
    assert asked_wait(given_headers, NOW) == expected


@given(
    st.sampled_from(
        ["retry-after", "retry-after-ms", "x-ratelimit-reset-tokens", "anthropic-ratelimit-tokens-reset"]
    ),
    st.binary(max_size=40),
)
def test_no_header_is_too_odd(name: str, value: bytes) -> None:
    at = asked_wait([(name.encode(), value)], NOW)
    assert at is None or isinstance(at, int)


@pytest.mark.parametrize(
    ("body", "seconds"),
    [
        (b'{"error":{"details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}}', 34),
        (b'{"error": {"details": [{"retryDelay" : "0.5s"}]}}', 0.5),
        (b'{"error": {"message": "retryDelay: 5s"}}', None),
        (b"", None),
    ],
)
def test_an_error_of_googles_says_how_long_in_its_details(body: bytes, seconds: float | None) -> None:
    wanted = None if seconds is None else NOW + int(seconds * SECOND)
    assert wait_in_error(body, NOW) == wanted
