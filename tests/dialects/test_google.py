"""Google's generateContent: errors, refusals, usage in disjoint classes, streams cut anywhere, who spoke last."""

from __future__ import annotations

import json
from typing import Any

import pytest
from google.genai.errors import APIError
from hypothesis import given
from hypothesis import strategies as st

from faregate.core.usage import Usage
from faregate.dialects import google_errors, google_usage
from faregate.dialects.google_generate import DIALECT, at, named_in
from faregate.dialects.google_stream import ArrayScanner, GoogleScanner
from faregate.dialects.problem import Problem
from faregate.dialects.quota import QuotaRefusal, RefusalKind
from faregate.dialects.stream import UpstreamError
from tests.dialects.test_streaming import cut, facts, relay, relay_framed, sound
from tests.gate.google_answers import LAST, TEXT, answer, event

NOW = 1_772_359_200_000_000


@pytest.mark.parametrize("problem", Problem)
def test_every_problem_is_an_error_that_the_sdk_reads(problem: Problem) -> None:
    reply = DIALECT.error(problem, "What went wrong.", field="contents", code="bad_field")
    error = APIError(reply.status, json.loads(reply.body))
    assert (error.code, error.status, error.message) == (*google_errors.ERRORS[problem], "What went wrong.")
    violation, reason = json.loads(reply.body)["error"]["details"]
    assert violation["fieldViolations"][0]["field"] == "contents"
    assert reason["reason"] == "BAD_FIELD"


@pytest.mark.parametrize(
    ("seconds", "reason"), [(30, "RATE_LIMIT_EXCEEDED"), (7_200, "QUOTA_EXHAUSTED"), (None, "QUOTA_EXHAUSTED")]
)
def test_a_refusal_says_what_binds_and_how_long(seconds: int | None, reason: str) -> None:
    retry_at = None if seconds is None else NOW + seconds * 1_000_000
    reply = DIALECT.refusal(QuotaRefusal(RefusalKind.QUOTA, "5h", retry_at), NOW, tool="gemini-cli")
    error = json.loads(reply.body)["error"]
    details = {each["@type"].rpartition(".")[2]: each for each in error["details"]}
    assert (reply.status, error["code"], error["status"]) == (429, 429, "RESOURCE_EXHAUSTED")
    assert details["QuotaFailure"]["violations"][0]["quotaId"] == "5h"
    assert details["ErrorInfo"]["reason"] == reason
    assert details.get("RetryInfo", {}).get("retryDelay") == (None if seconds is None else f"{seconds}s")
    assert dict(reply.headers).get(b"retry-after") == (None if seconds is None else b"%d" % seconds)


@pytest.mark.parametrize(
    ("usage", "found"),
    [
        ({"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15}, Usage(10, output=5)),
        ({"promptTokenCount": 10, "cachedContentTokenCount": 4, "thoughtsTokenCount": 3}, Usage(6, 4, output=3)),
        ({"promptTokenCount": 10, "toolUsePromptTokenCount": 7, "candidatesTokenCount": 5}, Usage(17, output=5)),
        (
            {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 3, "totalTokenCount": 18},
            Usage(10, output=8),
        ),
        (
            {"promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 3, "totalTokenCount": 15},
            Usage(10, output=5),
        ),
        ({"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0}, Usage()),
        ({"promptTokenCount": 3, "cachedContentTokenCount": 9}, Usage(0, 3)),
        ({"trafficType": "ON_DEMAND"}, None),
        ("lots", None),
        (None, None),
    ],
)
def test_usage_is_in_disjoint_classes(usage: object, found: Usage | None) -> None:
    reported = google_usage.usage_of_reply(json.dumps({"usageMetadata": usage, "modelVersion": "g"}).encode())
    assert (reported and reported.usage) == found


def test_searches_that_google_made_are_tool_calls() -> None:
    searched = {"groundingMetadata": {"webSearchQueries": ["a", "b"]}, "finishReason": "STOP"}
    body = {"candidates": [searched], "usageMetadata": {"promptTokenCount": 1, "totalTokenCount": 1}}
    reported = google_usage.usage_of_reply(json.dumps(body).encode())
    assert reported is not None
    assert reported.usage.tool_calls == 2


ODD = [
    *TEXT,
    LAST,
    b": ping\n\n",
    event(answer("", None, {"promptTokenCount": 3})),
    event({"promptFeedback": {"blockReason": "SAFETY"}}),
    event({"error": {"status": "UNAVAILABLE", "message": "busy"}}),
    b'{"error": {"status": "UNAVAILABLE", "message": "busy"}}\r\n\r\n',
    event(answer("привет", "MAX_TOKENS")).replace(b"\r\n", b"\n"),
    b"data: {broken\r\n\r\n",
    b'data: {"cut off',
]


@given(st.lists(st.sampled_from(ODD)), st.lists(st.integers(0, 10**6)))
def test_no_cut_of_a_stream_changes_what_is_relayed_or_seen(parts: list[bytes], places: list[int]) -> None:
    stream = b"".join(parts)
    whole, pieces, framed = GoogleScanner(), GoogleScanner(), GoogleScanner()
    assert relay(whole, [stream]) == relay(pieces, cut(stream, places)) == sound(stream)
    assert relay_framed(framed, cut(stream, places)) == sound(stream)
    assert facts(whole) == facts(pieces) == facts(framed)
    array, other = ArrayScanner(GoogleScanner()), ArrayScanner(GoogleScanner())
    assert relay(array, [stream]) == relay(other, cut(stream, places))


def test_a_stream_is_broken_off_as_the_sdks_of_google_look_for_it() -> None:
    """A piece of its own that is one object: that is what the SDK for JavaScript, and Gemini CLI on it, takes for an
    error; the one for Python takes it for one too."""
    said = json.loads(DIALECT.error_event(Problem.TIMEOUT, "Silent."))
    assert (said["error"]["code"], said["error"]["status"]) == (504, "DEADLINE_EXCEEDED")


@pytest.mark.parametrize("indent", [None, 2])
def test_an_error_that_google_breaks_a_stream_off_with_is_seen(indent: int | None) -> None:
    scanner = GoogleScanner()
    told = json.dumps({"error": {"code": 503, "status": "UNAVAILABLE", "message": "busy"}}, indent=indent).encode()
    stream = b"".join(TEXT) + told + b"\n"
    assert relay(scanner, [stream]) == stream
    assert scanner.error == UpstreamError("UNAVAILABLE", "busy")
    assert not scanner.ended


@given(st.lists(st.sampled_from([*TEXT, event(answer("", None, {"promptTokenCount": 3}))])))
def test_an_array_that_ended_or_broke_off_is_json(parts: list[bytes]) -> None:
    ended, broken = ArrayScanner(GoogleScanner()), ArrayScanner(GoogleScanner())
    assert len(json.loads(relay(ended, [*parts, LAST]))) == len(parts) + 1
    told = b"".join(map(broken.feed, parts)) + DIALECT.error_event(Problem.TIMEOUT, "Silent.", stream=broken)
    assert json.loads(told)[-1]["error"]["status"] == "DEADLINE_EXCEEDED"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("gemini-2.5-pro:generateContent", ("gemini-2.5-pro", "generateContent")),
        ("a/b:latest:streamGenerateContent", ("a/b:latest", "streamGenerateContent")),
        (":generateContent", None),
        ("gemini", None),
        ("gemini:latest", None),
    ],
)
def test_a_path_names_a_model_and_what_it_is_to_do(path: str, found: tuple[str, str] | None) -> None:
    assert named_in(path) == found


PARTS: list[dict[str, Any]] = [
    {"text": 'hi {"role"'},
    {"text": "hm", "thought": True},
    {"functionCall": {"name": "f", "args": {"a": {"b": ['{"', 1]}}}},
    {"functionResponse": {"name": "f", "response": {"output": "x", "more": {"y": 1}}}},
    {"function_response": {"name": "f"}},
    {"inlineData": {"mimeType": "image/png", "data": "aGk="}},
]
contents = st.lists(
    st.builds(
        lambda role, parts, odd: {"parts": parts, "role": role, **odd},
        st.sampled_from(("user", "model", "function")),
        st.lists(st.sampled_from(PARTS), max_size=3),
        st.sampled_from(({}, {"odd": {"x": 1}})),
    ),
    max_size=6,
)


@given(contents, st.sampled_from((None, 1)))
def test_from_the_end_a_conversation_is_what_it_is_from_the_front(
    said: list[dict[str, Any]], indent: int | None
) -> None:
    dialect = at("gemini", "generateContent", ())
    body = json.dumps({"contents": said}, indent=indent).encode()
    conversation, other = (dialect.conversation(dialect.read(body)) for _ in range(2))
    assert [conversation.from_end(back) for back in range(len(said))] == [
        other.message(len(said) - 1 - back) for back in range(len(said))
    ]
    assert conversation.from_end(len(said)) is None
