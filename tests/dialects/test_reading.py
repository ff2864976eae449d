"""What a request body must be, and what the error says when it is not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faregate.dialects import DIALECTS
from faregate.dialects.body import MAX_FIELDS
from faregate.dialects.problem import BadBody, Problem

BOTH = ("anthropic_messages", "openai_chat")
GOOD: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}

BAD_BODIES: list[tuple[str, bytes, str, str | None]] = [
    ("empty", b"", "body_not_json", None),
    ("cut off", b'{"model":"m"', "body_not_json", None),
    ("trailing", b'{"model":"m","messages":[]} x', "body_not_json", None),
    ("not JSON", b"model=m", "body_not_json", None),
    ("not a number", b'{"model":"m","messages":[],"temperature":NaN}', "body_not_json", None),
    ("not UTF-8", b"\xff\xfe{}", "body_not_json", None),
    ("a field's name not UTF-8", b'{"\xff":1,"model":"m","messages":[]}', "body_not_json", None),
    ("nested for ever", b'{"model":' + b"[" * 200_000, "body_not_json", None),
    ("a list", b"[]", "body_not_object", None),
    ("a string", b'"model"', "body_not_object", None),
    ("null", b"null", "body_not_object", None),
    ("no model", b'{"messages":[]}', "field_missing", "model"),
    ("empty model", b'{"model":"","messages":[]}', "field_missing", "model"),
    ("null model", b'{"model":null,"messages":[]}', "field_missing", "model"),
    ("model a number", b'{"model":4,"messages":[]}', "field_wrong_type", "model"),
    ("model not UTF-8", b'{"model":"\xff","messages":[]}', "field_wrong_type", "model"),
    ("no messages", b'{"model":"m"}', "field_missing", "messages"),
    ("messages a string", b'{"model":"m","messages":"hi"}', "field_wrong_type", "messages"),
    ("stream a string", b'{"model":"m","messages":[],"stream":"yes"}', "field_wrong_type", "stream"),
    ("stream a number", b'{"model":"m","messages":[],"stream":1}', "field_wrong_type", "stream"),
    (
        "max_tokens a string",
        b'{"model":"m","messages":[],"max_tokens":"9"}',
        "field_wrong_type",
        "max_tokens",
    ),
    (
        "max_tokens not whole",
        b'{"model":"m","messages":[],"max_tokens":1.5}',
        "field_wrong_type",
        "max_tokens",
    ),
    (
        "max_tokens below one",
        b'{"model":"m","messages":[],"max_tokens":0}',
        "field_out_of_range",
        "max_tokens",
    ),
    (
        "max_tokens beyond integers",
        b'{"model":"m","messages":[],"max_tokens":' + b"9" * 400 + b"}",
        "field_out_of_range",
        "max_tokens",
    ),
    (
        "fields without end",
        json.dumps(GOOD | {f"f{n}": n for n in range(MAX_FIELDS)}).encode(),
        "too_many_fields",
        None,
    ),
]
BAD_CHAT_BODIES: list[tuple[str, bytes, str, str | None]] = [
    ("n a list", b'{"model":"m","messages":[],"n":[]}', "field_wrong_type", "n"),
    ("n negative", b'{"model":"m","messages":[],"n":-1}', "field_out_of_range", "n"),
    (
        "stream_options a list",
        b'{"model":"m","messages":[],"stream_options":[]}',
        "field_wrong_type",
        "stream_options",
    ),
    (
        "include_usage a string",
        b'{"model":"m","messages":[],"stream_options":{"include_usage":"yes"}}',
        "field_wrong_type",
        "stream_options.include_usage",
    ),
]


def assert_bad(dialect: str, body: bytes, code: str, field: str | None) -> None:
    with pytest.raises(BadBody) as caught:
        DIALECTS[dialect].read(body)
    assert (caught.value.code, caught.value.field) == (code, field)
    assert caught.value.problem is Problem.BAD_REQUEST
    assert str(caught.value)


@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize(("body", "code", "field"), [pytest.param(*row[1:], id=row[0]) for row in BAD_BODIES])
def test_a_bad_body_is_refused_by_name(dialect: str, body: bytes, code: str, field: str | None) -> None:
    assert_bad(dialect, body, code, field)


@pytest.mark.parametrize(("body", "code", "field"), [pytest.param(*row[1:], id=row[0]) for row in BAD_CHAT_BODIES])
def test_a_bad_chat_field_is_refused_by_name(body: bytes, code: str, field: str | None) -> None:
    assert_bad("openai_chat", body, code, field)


@pytest.mark.parametrize("dialect", BOTH)
def test_unknown_fields_and_roles_pass(dialect: str) -> None:
    odd = [{"role": "system", "content": []}, {"role": "developer", "x": {}}, 7, None]
    body = json.dumps(GOOD | {"messages": odd, "context_management": {"a": [1]}}).encode()
    request = DIALECTS[dialect].read(body)
    conversation = DIALECTS[dialect].conversation(request)
    assert [conversation.message(n).role for n in range(4)] == ["system", "developer", "", ""]


@pytest.mark.parametrize("dialect", BOTH)
def test_missing_and_null_fields_mean_their_defaults(dialect: str) -> None:
    nulls = {"stream": None, "max_tokens": None, "n": None, "stream_options": None}
    for body in (GOOD, GOOD | nulls):
        request = DIALECTS[dialect].read(json.dumps(body).encode())
        assert (request.stream, request.max_output, request.choices) == (False, None, 1)


def test_the_newer_bound_on_output_wins_over_the_older() -> None:
    body = GOOD | {"max_tokens": 10, "max_completion_tokens": 20, "n": 3}
    request = DIALECTS["openai_chat"].read(json.dumps(body).encode())
    assert (request.max_output, request.choices) == (20, 3)


@pytest.mark.parametrize(
    ("options", "wants"),
    [({"include_usage": True}, True), ({"include_usage": False}, False), ({}, False), (None, False)],
)
def test_a_chat_client_wants_usage_only_when_it_says_so(options: object, wants: bool) -> None:
    body = GOOD | {"stream": True, "stream_options": options}
    assert DIALECTS["openai_chat"].read(json.dumps(body).encode()).wants_usage is wants
