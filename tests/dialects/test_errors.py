"""Errors in each dialect's own form, as the official SDKs read them."""

from __future__ import annotations

import json

import anthropic
import httpx2
import openai
import pytest

from faregate.dialects import DIALECTS, anthropic_errors, google_errors, openai_errors
from faregate.dialects.dialect import ErrorReply, Model
from faregate.dialects.problem import Problem
from faregate.dialects.quota import QuotaRefusal, QuotaWindow, RefusalKind

NOW = 1_772_359_200_000_000  # 2026-03-01T10:00:00Z
SECOND = 1_000_000
BOTH = sorted(DIALECTS)


def openai_error(reply: ErrorReply) -> openai.APIStatusError:
    """The exception the official SDK raises on this reply."""
    client = openai.OpenAI(api_key="k", base_url="http://gate/v1", max_retries=0)
    response = httpx2.Response(reply.status, content=reply.body, request=httpx2.Request("POST", "http://gate/v1"))
    error = client._make_status_error_from_response(response)
    client.close()
    return error


def anthropic_error(reply: ErrorReply) -> anthropic.APIStatusError:
    client = anthropic.Anthropic(api_key="k", base_url="http://gate", max_retries=0)
    response = httpx2.Response(reply.status, content=reply.body, request=httpx2.Request("POST", "http://gate"))
    error = client._make_status_error_from_response(response)
    client.close()
    return error


def test_every_problem_has_a_status_and_type_in_every_dialect() -> None:
    assert set(openai_errors.ERRORS) == set(Problem)
    assert set(anthropic_errors.ERRORS) == set(Problem)


@pytest.mark.parametrize("problem", list(Problem))
def test_an_openai_error_is_read_by_the_official_sdk(problem: Problem) -> None:
    reply = DIALECTS["openai_chat"].error(problem, "What went wrong.", field="model")
    status, kind, code = openai_errors.ERRORS[problem]
    error = openai_error(reply)
    assert error.status_code == reply.status == status
    assert "What went wrong." in error.message
    assert (error.type, error.param, error.code) == (kind, "model", code)


@pytest.mark.parametrize("problem", list(Problem))
def test_an_anthropic_error_is_read_by_the_official_sdk(problem: Problem) -> None:
    reply = DIALECTS["anthropic_messages"].error(problem, "What went wrong.", request_id="req_1")
    status, kind = anthropic_errors.ERRORS[problem]
    error = anthropic_error(reply)
    assert error.status_code == status
    assert error.body == {
        "type": "error",
        "error": {"type": kind, "message": "What went wrong."},
        "request_id": "req_1",
    }
    assert (b"request-id", b"req_1") in reply.headers


CLASSES = [
    (Problem.BAD_REQUEST, "BadRequestError"),
    (Problem.UNAUTHENTICATED, "AuthenticationError"),
    (Problem.UNKNOWN_MODEL, "NotFoundError"),
    (Problem.CONFLICT, "ConflictError"),
    (Problem.IDEMPOTENCY_MISMATCH, "UnprocessableEntityError"),
    (Problem.QUOTA_REFUSED, "RateLimitError"),
]


@pytest.mark.parametrize(("problem", "name"), CLASSES)
def test_the_sdks_raise_the_class_a_user_expects(problem: Problem, name: str) -> None:
    assert type(openai_error(DIALECTS["openai_chat"].error(problem, "m"))).__name__ == name
    reply = DIALECTS["anthropic_messages"].error(problem, "m")
    assert type(anthropic_error(reply)).__name__ == name


@pytest.mark.parametrize("dialect", BOTH)
def test_a_conflict_carries_its_receipt_and_is_not_retried(dialect: str) -> None:
    extra = {"receipt": {"request": "r1"}, "message": "not this one"}
    reply = DIALECTS[dialect].error(Problem.CONFLICT, "Charged already.", extra=extra)
    error = json.loads(reply.body)["error"]
    assert error["receipt"] == {"request": "r1"}
    assert error["message"] == "Charged already."
    assert (b"x-should-retry", b"false") in reply.headers


@pytest.mark.parametrize("dialect", BOTH)
def test_an_error_in_a_stream_is_one_whole_event(dialect: str) -> None:
    event = DIALECTS[dialect].error_event(Problem.TIMEOUT, "The upstream\nwent silent.")
    assert event.endswith(b"\n\n")
    assert event.count(b"\n\n") == 1
    data = next(line for line in event.split(b"\n") if line.startswith(b"data: "))
    said = json.loads(data[6:])
    assert said.get("response", said)["error"]["message"] == "The upstream\nwent silent."
    beginnings = {"anthropic_messages": b"event: error\n", "openai_responses": b"event: response.failed\n"}
    assert event.startswith(beginnings.get(dialect, b"data: "))


def refusal(seconds: int | None, kind: RefusalKind = RefusalKind.QUOTA) -> QuotaRefusal:
    retry_at = None if seconds is None else NOW + seconds * SECOND - 1
    window = QuotaWindow("5h", "prompts", 80_000, 80_000, 0, retry_at)
    return QuotaRefusal(kind, "5h", retry_at, window)


QUOTA, RATE, CONCURRENCY = RefusalKind.QUOTA, RefusalKind.RATE, RefusalKind.CONCURRENCY
# dialect, kind, seconds to wait, coding tool -> status, retry-after, x-should-retry
REFUSALS: list[tuple[str, RefusalKind, int | None, str, int, bytes | None, bytes | None]] = [
    ("openai_chat", QUOTA, 1, "cline", 429, b"1", None),
    ("openai_chat", QUOTA, 60, "cline", 429, b"60", None),
    ("openai_chat", QUOTA, 61, "cline", 402, None, b"false"),
    ("openai_chat", QUOTA, 61, "", 429, b"61", b"false"),
    ("openai_chat", QUOTA, None, "cline", 402, None, b"false"),
    ("openai_chat", QUOTA, None, "", 429, None, b"false"),
    ("openai_chat", RATE, 30, "cline", 429, b"30", None),
    ("openai_chat", CONCURRENCY, None, "cline", 429, b"1", None),
    ("openai_chat", RefusalKind.BALANCE, None, "", 429, None, b"false"),
    ("openai_responses", QUOTA, 60, "codex", 429, b"60", None),
    ("openai_responses", QUOTA, 61, "codex", 429, b"61", b"false"),
    ("openai_responses", QUOTA, None, "codex", 429, None, b"false"),
    ("openai_responses", QUOTA, 60, "opencode", 429, b"60", None),
    ("openai_responses", QUOTA, 61, "opencode", 402, None, b"false"),
    ("openai_responses", QUOTA, 61, "", 429, b"61", b"false"),
    ("openai_responses", CONCURRENCY, None, "codex", 429, b"1", None),
    ("anthropic_messages", QUOTA, 60, "claude-code", 429, b"60", None),
    ("anthropic_messages", QUOTA, 61, "claude-code", 429, b"61", b"false"),
    ("anthropic_messages", QUOTA, 61, "qwen-code", 402, None, b"false"),
    ("anthropic_messages", QUOTA, 3_600, "", 429, b"3600", b"false"),
    ("anthropic_messages", QUOTA, None, "claude-code", 429, None, b"false"),
    ("anthropic_messages", QUOTA, -5, "qwen-code", 429, b"1", None),
    ("anthropic_messages", CONCURRENCY, None, "", 429, b"1", None),
    ("google", QUOTA, 60, "opencode", 429, b"60", None),
    ("google", QUOTA, 61, "opencode", 402, None, b"false"),
    ("google", QUOTA, 61, "gemini-cli", 429, b"61", b"false"),
    ("google", QUOTA, 61, "", 429, b"61", b"false"),
]


@pytest.mark.parametrize(("dialect", "kind", "seconds", "tool", "status", "retry_after", "should_retry"), REFUSALS)
def test_a_refusal_makes_clients_wait_a_minute_at_most(
    dialect: str,
    kind: RefusalKind,
    seconds: int | None,
    tool: str,
    status: int,
    retry_after: bytes | None,
    should_retry: bytes | None,
) -> None:
    refused = refusal(seconds, kind)
    told = google_errors.refusal if dialect == "google" else DIALECTS[dialect].refusal
    reply = told(refused, NOW, tool=tool, request_id="r")
    headers = dict(reply.headers)
    assert reply.status == status
    assert headers.get(b"retry-after") == retry_after
    assert headers.get(b"x-should-retry") == should_retry
    assert headers[b"x-faregate-refused-by"] == b"5h"


def test_google_tells_tools_that_must_pay_nothing_of_exhaustion() -> None:
    reply = google_errors.refusal(refusal(61), NOW, tool="opencode")
    assert json.loads(reply.body)["error"]["code"] == 402
    assert b"exhausted" not in reply.body.lower()


@pytest.mark.parametrize("dialect", BOTH)
def test_a_refusal_names_the_window_and_when_it_reopens(dialect: str) -> None:
    reply = DIALECTS[dialect].refusal(refusal(4_800), NOW, tool="cline")
    message = json.loads(reply.body)["error"]["message"]
    assert message == (
        "The limit `5h` of your plan is used up (80 of 80 prompts)."
        " It reopens at 2026-03-01T11:20:00Z (in 1 h 20 min)."
    )
    assert dict(reply.headers)[b"x-faregate-reopens-at"] == b"2026-03-01T11:20:00Z"


@pytest.mark.parametrize("kind", list(RefusalKind))
@pytest.mark.parametrize("dialect", BOTH)
@pytest.mark.parametrize("tool", ["", "cline", "codex", "claude-code", "gemini-cli"])
def test_quota_is_never_401_or_403(dialect: str, kind: RefusalKind, tool: str) -> None:
    for seconds in (None, 1, 9_999):
        refused = QuotaRefusal(kind, "q", seconds and NOW + seconds * SECOND, advice="Top up.")
        reply = DIALECTS[dialect].refusal(refused, NOW, tool=tool)
        assert reply.status in (402, 429)
        assert "Top up." in reply.body.decode()


MODELS = [Model("a/b", "B", NOW), Model("c", "C", NOW + 5 * SECOND, owner="lab")]


def test_the_models_list_is_read_by_the_openai_sdk() -> None:
    body = json.loads(DIALECTS["openai_chat"].models_list(MODELS))
    models = [openai.types.Model.model_validate(entry, strict=True) for entry in body["data"]]
    assert body["object"] == "list"
    assert [(model.id, model.created, model.owned_by) for model in models] == [
        ("a/b", NOW // SECOND, "faregate"),
        ("c", NOW // SECOND + 5, "lab"),
    ]
    assert json.loads(DIALECTS["openai_chat"].model_entry(MODELS[0])) == body["data"][0]


def test_the_models_list_is_read_by_the_anthropic_sdk() -> None:
    body = json.loads(DIALECTS["anthropic_messages"].models_list(MODELS))
    infos = [anthropic.types.ModelInfo.model_validate(entry) for entry in body["data"]]
    assert (body["has_more"], body["first_id"], body["last_id"]) == (False, "a/b", "c")
    assert [(info.id, info.display_name) for info in infos] == [("a/b", "B"), ("c", "C")]
    assert infos[0].created_at.isoformat() == "2026-03-01T10:00:00+00:00"
    assert json.loads(DIALECTS["anthropic_messages"].model_entry(MODELS[0])) == body["data"][0]
    assert json.loads(DIALECTS["anthropic_messages"].models_list([]))["first_id"] is None
