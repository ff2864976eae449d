"""Requests that are not let in: who, what, and by the ledger. None of them is held, none reaches an upstream."""

from __future__ import annotations

import msgspec
import pytest

from faregate.app.store_errors import DiskFull
from faregate.core.request import Refused
from tests.gate.answers import CHAT, CHAT_BODY, CHAT_REPLY, CLAUDE_CODE, MESSAGES, MESSAGES_BODY, reply, replying
from tests.gate.house import NOW, SECRET, house

BOTH = pytest.mark.parametrize(("path", "body"), [(CHAT, CHAT_BODY), (MESSAGES, MESSAGES_BODY)])
HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (((b"authorization", b"Bearer " + SECRET),), 200),
        (((b"authorization", b"bearer  " + SECRET),), 200),
        (((b"authorization", b""), (b"x-api-key", SECRET)), 200),
        (((b"authorization", b"Basic eDp5"), (b"x-goog-api-key", SECRET)), 200),
        (((b"authorization", b"Bearer fg-wrong"),), 401),
        (((b"authorization", b"Bearer "),), 401),
        (((b"authorization", b""),), 401),
    ],
)
async def test_the_key_may_stand_in_three_headers(headers: tuple[tuple[bytes, bytes], ...], status: int) -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        assert (await home.ask(CHAT, CHAT_BODY, headers))[0] == status
        assert home.upstream.connections == (status == 200)


@pytest.mark.parametrize(
    ("path", "body", "status", "kind"),
    [
        (CHAT, b"", 400, "invalid_request_error"),
        (CHAT, b"[1]", 400, "invalid_request_error"),
        (CHAT, b'{"model":"gpt"}', 400, "invalid_request_error"),
        (CHAT, {**CHAT_BODY, "model": 7}, 400, "invalid_request_error"),
        (CHAT, {**CHAT_BODY, "model": "other"}, 404, "invalid_request_error"),
        (CHAT, {**CHAT_BODY, "model": "claude", "n": 2}, 400, "invalid_request_error"),
        (MESSAGES, b"{", 400, "invalid_request_error"),
        (MESSAGES, {**MESSAGES_BODY, "stream": "yes"}, 400, "invalid_request_error"),
        (MESSAGES, {**MESSAGES_BODY, "model": "other"}, 404, "not_found_error"),
        (MESSAGES, {**MESSAGES_BODY, "model": "gpt", "container": "c"}, 400, "invalid_request_error"),
    ],
)
async def test_a_body_that_cannot_be_served_is_told_why(path: str, body: object, status: int, kind: str) -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        got, headers, said = await home.ask(path, body)
        assert (got, headers[b"content-type"]) == (status, b"application/json")
        assert msgspec.json.decode(said)["error"]["type"] == kind
        assert home.books.held == []
        assert home.upstream.connections == 0


@pytest.mark.parametrize(
    ("path", "wait", "headers", "status", "retry_after", "should_retry"),
    [
        (MESSAGES, 30, (), 429, b"30", None),
        (MESSAGES, 3600, (), 429, b"3600", b"false"),
        (CHAT, 30, (), 429, b"30", None),
        (CHAT, 3600, (), 429, b"3600", b"false"),
        (CHAT, 3600, CLAUDE_CODE, 402, None, b"false"),
    ],
)
async def test_a_full_window_is_refused_in_the_form_that_makes_the_client_wait_or_stop(
    path: str,
    wait: int,
    headers: tuple[tuple[bytes, bytes], ...],
    status: int,
    retry_after: bytes | None,
    should_retry: bytes | None,
) -> None:
    async with house(replying(b"")) as home:
        home.books.refusal = Refused("window_full", "fam/plan#1:five-hours", NOW + wait * 1_000_000)
        got, said_headers, said = await home.ask(path, CHAT_BODY if path == CHAT else MESSAGES_BODY, headers)
        assert (got, said_headers.get(b"retry-after"), said_headers.get(b"x-should-retry")) == (
            status,
            retry_after,
            should_retry,
        )
        message = msgspec.json.decode(said)["error"]["message"]
        assert "fam/plan:five-hours" in message
        assert "2027-01-15T0" in message
        assert len(home.books.forgotten) == 1
        assert home.upstream.connections == 0


@BOTH
@pytest.mark.parametrize("reason", ["model_not_in_plan", "no_price"])
async def test_a_model_outside_the_plan_is_not_found(path: str, body: object, reason: str) -> None:
    async with house(replying(b"")) as home:
        home.books.refusal = Refused(reason, "fam/plan#1", None)
        assert (await home.ask(path, body))[0] == 404


@BOTH
@pytest.mark.parametrize(
    "reason", ["pool_empty", "debt_owed", "no_subscription", "switched_off", "client_not_in_plan"]
)
async def test_no_refusal_of_money_looks_like_a_bad_key(path: str, body: object, reason: str) -> None:
    async with house(replying(b"")) as home:
        home.books.refusal = Refused(reason, "fam/plan#1/pool", None)
        status, headers, _ = await home.ask(path, body)
        assert (status, headers[b"x-should-retry"]) == (429, b"false")


@BOTH
@pytest.mark.parametrize(("problem", "status"), [(DiskFull("file", "is full"), 503), (ZeroDivisionError(), 500)])
async def test_books_that_fail_close_the_gate(
    path: str, body: object, problem: Exception, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    expected = 529 if status == 503 and path == MESSAGES else status
    async with house(replying(b"")) as home:
        home.books.admit_failure = problem
        got, _, said = await home.ask(path, body)
        assert got in (status, expected)
        assert b"ZeroDivision" not in said
        assert b"is full" not in said
        assert home.upstream.connections == 0
    assert caplog.records


async def test_a_settlement_the_store_cannot_take_is_tried_until_it_can(caplog: pytest.LogCaptureFixture) -> None:
    async with house(replying(reply(CHAT_REPLY))) as home:
        home.books.close_failures = 3
        assert (await home.ask(CHAT, CHAT_BODY))[0] == 200
        closing = await home.books.only_closing()
        assert home.gate.counters.postings_retried == 3
    assert closing.usage is not None
    assert caplog.records
