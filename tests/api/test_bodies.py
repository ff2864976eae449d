"""Bodies and parameters that are not what they should be: 400, every wrong field named, nothing changed."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.api.operation import Operation
from faregate.api.operations import OPERATIONS
from tests.api.door import Door

WRITES = [operation for operation in OPERATIONS if operation.body is not None]


def place(operation: Operation, account: str) -> str:
    return operation.path.replace("{account}", account)


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"{", "not JSON"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[]", "JSON object"),
        (b'"text"', "JSON object"),
        (b'{"name": ' + b"[" * 200_000, "not JSON"),
        (b'{"name": ' + b"1" * 5_000 + b"}", "not JSON"),
        (b" " * 1_000_001, "larger than 1 MB"),
    ],
    ids=["cut", "no text", "list", "text", "too deep", "too many digits", "too large"],
)
async def test_a_body_that_is_no_object(door: Door, operation: Operation, raw: bytes, said: str) -> None:
    account = await door.account("agipower/pro")
    before = door.books()
    answer = await door.call(operation.method, place(operation, account), raw)
    assert (answer.status, answer.code) == (400, "bad_request")
    assert said in answer.body["error"]["message"]
    assert door.books() == before


@pytest.mark.parametrize("operation", WRITES, ids=lambda operation: operation.name)
async def test_an_unknown_field_is_named(door: Door, operation: Operation) -> None:
    account = await door.account("agipower/pro")
    answer = await door.call(operation.method, place(operation, account), {"surprise": 1})
    assert (answer.status, answer.code) == (400, "bad_request")
    assert "surprise" in answer.fields


WRONG: list[tuple[str, dict[str, Any], set[str]]] = [
    ("/accounts", {}, {"name"}),
    ("/accounts", {"name": ""}, {"name"}),
    ("/accounts", {"name": 7}, {"name"}),
    ("/accounts", {"name": "x" * 201}, {"name"}),
    ("/accounts", {"name": "\ud800"}, {"name"}),
    ("/accounts/{account}/subscriptions", {}, {"plan"}),
    ("/accounts/{account}/subscriptions", {"plan": "88code/free", "once": "yes"}, {"once"}),
    ("/accounts/{account}/grants", {}, {"amount"}),
    ("/accounts/{account}/grants", {"amount": 12.5}, {"amount"}),
    ("/accounts/{account}/grants", {"amount": "1", "expires_at": "tomorrow"}, {"expires_at"}),
    ("/accounts/{account}/grants", {"amount": "1", "expires_at": "2026-03-02T10:00:00"}, {"expires_at"}),
    ("/accounts/{account}/grants", {"amount": "1", "expires_at": "0001-01-01T00:00:00+10:00"}, {"expires_at"}),
    ("/accounts/{account}/grants", {"amount": "1", "priority": 1.5}, {"priority"}),
    ("/accounts/{account}/grants", {"amount": "1", "priority": 2**70}, {"priority"}),
    ("/accounts/{account}/grants", {"amount": "1" * 50}, {"amount"}),
    ("/accounts/{account}/restore-mode", {}, {"automatic"}),
    ("/accounts/{account}/cancellations", {"at_once": 1}, {"at_once"}),
    ("/accounts/{account}/switches", {"plan": "agipower/payg"}, {"on"}),
    ("/accounts/{account}/terms", {"plan": "agipower/pro"}, {"to"}),
    ("/accounts/{account}/segments", {"segment": "insider"}, {"reason"}),
    ("/accounts/{account}/segments", {"segment": "insider", "reason": "", "until": "x"}, {"reason", "until"}),
    ("/accounts/{account}/keys", {}, {"name"}),
    ("/accounts/{account}/keys", {"name": ""}, {"name"}),
    ("/multipliers", {"plan": "88code/free"}, {"value"}),
    ("/multipliers", {"plan": "88code/free", "value": "2", "begins": "never"}, {"begins"}),
]


@pytest.mark.parametrize(("path", "body", "fields"), WRONG)
async def test_every_wrong_field_is_named(door: Door, path: str, body: dict[str, Any], fields: set[str]) -> None:
    account = await door.account("agipower/pro")
    before = door.books()
    answer = await door.call("POST", path.replace("{account}", account), body)
    assert (answer.status, answer.code) == (400, "bad_request")
    assert answer.fields == fields
    assert door.books() == before


@pytest.mark.parametrize("value", ["0", "-1", "ten", "1.5", "", "1001", "9" * 5000, "²"])
async def test_a_bad_parameter_is_named(door: Door, value: str) -> None:
    answer = await door.call("GET", "/accounts", query={"limit": value})
    assert (answer.status, answer.code) == (400, "bad_request")
    assert "limit" in answer.body["error"]["message"]


async def test_an_empty_body_is_an_empty_object(door: Door) -> None:
    account = await door.account("agipower/pro")
    assert (await door.call("POST", f"/accounts/{account}/renewals")).status == 200


@pytest.mark.parametrize("key", ["k" * 201])
async def test_a_bad_idempotency_key(door: Door, key: str) -> None:
    answer = await door.call("POST", "/accounts", {"name": "x"}, key=key)
    assert (answer.status, answer.code) == (400, "bad_request")
