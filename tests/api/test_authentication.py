"""Who may call: bearers of a live admin token, for every operation there is."""

from __future__ import annotations

import pytest

from faregate.api.operation import Operation
from faregate.api.operations import OPERATIONS
from tests.api.door import Door

PLACES = {"{account}": "acc_00000000", "{key}": "key_x", "{request}": "req_x", "{family}": "88code", "{plan}": "free"}


def place(operation: Operation) -> str:
    path = operation.path
    for name, value in PLACES.items():
        path = path.replace(name, value)
    return path


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_every_operation_asks_for_a_token(door: Door, operation: Operation) -> None:
    before = door.books()
    for authorization in ("", "Bearer", "Bearer ", "Bearer fga-wrong", f"Basic {door.token}", door.token):
        answer = await door.call(operation.method, place(operation), {}, authorization=authorization)
        assert (answer.status, answer.code) == (401, "unauthenticated"), authorization
    assert door.books() == before


async def test_a_revoked_token_is_no_token(door: Door) -> None:
    assert (await door.call("GET", "/accounts")).status == 200
    (row,) = door.control.store.admin_tokens()
    door.control.store.revoke_admin_token(row.id, door.control.now())
    assert (await door.call("GET", "/accounts")).code == "unauthenticated"


async def test_an_api_key_is_no_admin_token(door: Door) -> None:
    account = await door.account()
    secret = (await door.done("POST", f"/accounts/{account}/keys", {"name": "laptop"}))["secret"]
    assert (await door.call("GET", "/accounts", authorization=f"Bearer {secret}")).code == "unauthenticated"


async def test_the_scheme_may_be_written_as_it_likes(door: Door) -> None:
    assert (await door.call("GET", "/accounts", authorization=f"bEARER   {door.token}")).status == 200


async def test_health_and_the_document_are_open_to_all(door: Door) -> None:
    assert (await door.send("GET", "/health", b"", b"", {})).body["status"] == "ok"
    assert (await door.send("GET", "/api/v1/openapi.json", b"", b"", {})).body["openapi"] == "3.1.0"


async def test_what_is_not_there_says_where_the_list_is(door: Door) -> None:
    missing = await door.call("GET", "/nothing")
    assert (missing.status, missing.code) == (404, "not_found")
    wrong = await door.call("DELETE", "/accounts")
    assert (wrong.status, wrong.code) == (405, "method_not_allowed")
    assert "openapi.json" in missing.body["error"]["message"]
