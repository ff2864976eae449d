"""Self-service with an API key: what is given is in the schema, and nothing is of another account."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest

from faregate.api.own_application import CALLS_A_MINUTE, own_document
from faregate.api.own_operations import OWN_OPERATIONS, OwnOperation
from tests.api.conftest import Clock
from tests.api.door import Answer, Door

SECRETS_OF_THE_HOUSE = ("upstream", "cost", "margin", "postings", "evidence", "segments", "flags", "hash")
"""Names that no answer may have, at any depth."""


class Owner:
    """An account, its API key, and calls with it."""

    def __init__(self, door: Door, account: str, key: str, secret: str) -> None:
        self.door, self.account, self.key, self.secret = door, account, key, secret

    async def call(self, method: str, path: str, body: Any = None, **settings: Any) -> Answer:
        raw = b"" if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.secret}", **settings.get("headers", {})}
        query = urlencode(settings.get("query", {})).encode()
        return await self.door.send(method, "/v1" + path, raw, query, headers)

    async def done(self, method: str, path: str, body: Any = None, **settings: Any) -> Any:
        answer = await self.call(method, path, body, **settings)
        assert answer.status == 200, answer
        return answer.body


async def owner(door: Door, *plans: str) -> Owner:
    account = await door.account(*plans)
    made = await door.done("POST", f"/accounts/{account}/keys", {"name": "own"})
    return Owner(door, account, made["id"], made["secret"])


def of(name: str) -> OwnOperation:
    return next(each for each in OWN_OPERATIONS if each.name == name)


async def answered(one: Owner, operation: OwnOperation) -> Any:
    """A good answer of ``operation``."""
    bodies = {
        "restore": {"plan": "88code/plus"},
        "set_restore_mode": {"plan": "88code/plus", "automatic": False},
        "set_extra_usage": {"on": True, "plan": "agipower/pro", "new_key": "extra"},
    }
    request = await one.door.metered(one.account)
    path = operation.path.replace("{request}", request)
    return await one.done(operation.method, path, bodies.get(operation.name))


def names_in(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for each in value.values() for name in names_in(each)}
    return {name for each in value for name in names_in(each)} if isinstance(value, list) else set()


@pytest.mark.parametrize("operation", OWN_OPERATIONS, ids=lambda each: each.name)
async def test_every_answer_is_what_its_schema_says_and_tells_nothing_of_the_house(
    door: Door, operation: OwnOperation
) -> None:
    one = await owner(door, "88code/plus", "agipower/pro")
    told = await answered(one, operation)
    jsonschema.Draft202012Validator.check_schema(operation.answer)
    jsonschema.validate(told, operation.answer)
    assert names_in(told).isdisjoint(SECRETS_OF_THE_HOUSE)


@pytest.mark.parametrize("operation", OWN_OPERATIONS, ids=lambda each: each.name)
async def test_no_operation_reaches_another_account(door: Door, operation: OwnOperation) -> None:
    one = await owner(door, "88code/plus", "agipower/pro")
    other = await owner(door, "88code/plus", "agipower/pro")
    theirs = await door.metered(other.account)
    keys = [each["id"] for each in (await door.done("GET", f"/accounts/{other.account}/keys"))["keys"]]
    before = await door.done("GET", f"/accounts/{other.account}")
    told = json.dumps(await answered(one, operation))
    for word in (other.account, theirs, other.key, *keys):
        assert word not in told
    after = await door.done("GET", f"/accounts/{other.account}")
    assert after == before


@pytest.mark.parametrize("operation", OWN_OPERATIONS, ids=lambda each: each.name)
@pytest.mark.parametrize("secret", ["", "sk-ss-v1-unknown"])
async def test_nobody_is_served_without_a_live_key(door: Door, operation: OwnOperation, secret: str) -> None:
    one = await owner(door, "agipower/pro")
    one.secret = secret
    answer = await one.call(operation.method, operation.path.replace("{request}", "req_x"), {})
    assert (answer.status, answer.code) == (401, "unauthenticated")


async def test_an_admin_token_is_no_key_and_a_key_no_admin_token(door: Door) -> None:
    one = await owner(door, "agipower/pro")
    key, one.secret = one.secret, door.token
    assert (await one.call("GET", "/usage")).status == 401
    assert (await door.call("GET", "/accounts", authorization=f"Bearer {key}")).status == 401


async def test_a_revoked_key_is_shut_out(door: Door) -> None:
    one = await owner(door, "agipower/pro")
    await door.done("DELETE", f"/keys/{one.key}")
    assert (await one.call("GET", "/usage")).status == 401


async def test_a_request_of_another_account_is_not_told_from_one_that_never_was(door: Door) -> None:
    one, other = await owner(door, "88code/plus"), await owner(door, "88code/plus")
    theirs = await door.metered(other.account)
    never = re.sub(r"req_.", "req_0", theirs)
    assert (await other.call("GET", f"/explain/{theirs}")).status == 200
    answers = [await one.call("GET", f"/explain/{each}") for each in (theirs, never, "req_x")]
    assert [(each.status, each.code) for each in answers] == [(404, "not_found")] * 3
    assert answers[0].body["error"]["message"].replace(theirs, never) == answers[1].body["error"]["message"]
    page = await one.call("GET", "/requests", query={"before": theirs})
    assert (page.status, page.code) == (404, "not_found")


async def test_extra_usage_takes_no_key_and_no_account_of_somebody_else(door: Door) -> None:
    one, other = await owner(door, "agipower/pro"), await owner(door, "agipower/pro")
    theirs = await door.done("POST", f"/accounts/{other.account}/keys", {"name": "theirs", "kind": "payg"})
    refused = await one.call("POST", "/extra-usage", {"on": True, "key": theirs["id"]})
    assert (refused.status, refused.code) == (404, "not_found")
    named = await one.call("POST", "/extra-usage", {"on": True, "new_key": "x", "account": other.account})
    assert (named.status, named.code) == (400, "bad_request")


async def test_usage_has_every_window_pool_and_key(door: Door) -> None:
    one = await owner(door, "88code/plus", "agipower/pro")
    await door.metered(one.account)
    told = await one.done("GET", "/usage")
    plans = {each["plan"]: each for each in told["plans"]}
    assert list(plans) == ["88code/plus", "agipower/pro", "agipower/payg"]
    assert [each["id"] for each in plans["agipower/pro"]["windows"]] == [
        "agipower/pro:5h",
        "agipower/pro:week",
        "agipower/pro:rpm",
    ]
    assert plans["88code/plus"]["pools"][0]["lots"]
    assert plans["agipower/pro"]["extra_usage"]["on"] is False
    assert [(each["id"], each["kind"]) for each in told["keys"]] == [(one.key, None)]


async def test_requests_come_in_pages_by_key(door: Door) -> None:
    one = await owner(door, "88code/plus")
    made = [await door.metered(one.account) for _ in range(3)]
    first = await one.done("GET", "/requests", query={"limit": 2})
    rest = await one.done("GET", "/requests", query={"limit": 2, "before": first["next"]})
    assert [each["request"] for each in first["requests"] + rest["requests"]] == made[::-1]
    assert rest["next"] is None
    for limit in ("0", "201", "x"):
        assert (await one.call("GET", "/requests", query={"limit": limit})).status == 400


async def test_an_owners_act_is_carried_out_once_a_key(door: Door) -> None:
    one = await owner(door, "agipower/pro")
    again = {"headers": {"idempotency-key": "k1"}}
    first = await one.done("POST", "/extra-usage", {"on": True, "new_key": "extra"}, **again)
    second = await one.done("POST", "/extra-usage", {"on": True, "new_key": "extra"}, **again)
    assert {**second, "secret": first["secret"]} == first
    clash = await one.call("POST", "/extra-usage", {"on": False}, **again)
    assert (clash.status, clash.code) == (422, "idempotency_clash")
    told = await one.done("GET", "/usage")
    assert [each["name"] for each in told["keys"]] == ["own", "extra"]


async def test_a_pool_is_restored_by_its_owner(door: Door) -> None:
    one = await owner(door, "88code/plus")
    await one.done("POST", "/restore-mode", {"automatic": False})
    full = await one.call("POST", "/restores", {})
    assert (full.status, full.code) == (409, "bad_command")
    await door.metered(one.account)
    await one.done("POST", "/restores", {})
    (pool,) = (await one.done("GET", "/usage"))["plans"][0]["pools"]
    assert (pool["restore_mode"], pool["restores_left"], pool["available"]) == ("manual", 1, "50")


async def test_a_key_that_asks_too_often_is_told_when_to_ask_again(door: Door, clock: Clock) -> None:
    one, other = await owner(door, "agipower/pro"), await owner(door, "agipower/pro")
    for _ in range(CALLS_A_MINUTE):
        await one.done("GET", "/requests")
    refused = await one.call("GET", "/requests")
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert "60 s" in refused.body["error"]["message"]
    await other.done("GET", "/requests")
    clock.now += 60_000_000
    await one.done("GET", "/requests")


async def test_the_document_names_every_operation_and_asks_for_no_key(door: Door) -> None:
    one = Owner(door, "", "", "")
    told = await one.done("GET", "/self-service.json")
    assert told == own_document()
    named = {(path, method) for path, each in told["paths"].items() for method in each}
    assert named == {("/v1" + each.path, each.method.lower()) for each in OWN_OPERATIONS}
