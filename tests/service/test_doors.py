"""The doors of a serving gate, from outside: HTTP, the operator API, and the command line of another process."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from tests.clients.books import Account
from tests.service.asking import FORMS, Answer, ask, chat, messages
from tests.service.served import PLANS, Served

FOLLOWED_SECONDS = 5.0
"""A second is promised; the rest is for machines that are busy with other things."""
ONE_USD = "[[demo usage(output=100000)]]"  # of gpt-5


def bearer(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {account.key}"}


def put(served: Served, key: str, text: str = "hi", **headers: str) -> Answer:
    """One question in OpenAI's form, to its end."""
    return asyncio.run(ask(served.port, *chat(text), {"authorization": f"Bearer {key}", **headers}))


def until(served: Served, key: str, right: Callable[[Answer], bool]) -> Answer:
    """Ask again and again until the answer is ``right``; fails when that takes too long."""
    deadline = time.monotonic() + FOLLOWED_SECONDS
    while not right(answer := put(served, key)):
        assert time.monotonic() < deadline, answer
    return answer


def seconds_since_epoch(instant: str) -> float:
    return datetime.fromisoformat(instant).timestamp()


# ---- the command line beside a running server


def test_a_key_revoked_by_the_command_line_is_refused_soon(served: Served) -> None:
    account = served.books.new_account("revoked", "gates/kept")
    assert put(served, account.key).status == 200
    (key,) = served.books.call("GET", f"/accounts/{account.id}/keys")["keys"]
    served.place.run("key", "revoke", key["id"])
    refused = until(served, account.key, lambda answer: answer.status != 200)
    assert (refused.status, refused.data["error"]["code"]) == (401, "invalid_api_key")


def test_a_key_made_by_the_command_line_is_let_in_soon(served: Served) -> None:
    account = served.books.new_account("second key", "gates/kept")
    made = served.place.run_json("key", "create", account.id, "--name", "another")
    until(served, made["secret"], lambda answer: answer.status == 200)


def test_a_key_rotated_by_the_command_line_is_replaced_soon(served: Served) -> None:
    account = served.books.new_account("rotated", "gates/kept")
    (key,) = served.books.call("GET", f"/accounts/{account.id}/keys")["keys"]
    made = served.place.run_json("key", "rotate", key["id"])
    until(served, made["secret"], lambda answer: answer.status == 200)
    assert put(served, account.key).status == 401


def test_a_grant_by_the_command_line_counts_at_the_very_next_request(served: Served) -> None:
    account = served.books.new_account("granted", "gates/narrow")
    assert put(served, account.key, ONE_USD).status == 200
    served.books.settled(account.id, 1)
    refused = put(served, account.key)
    assert (refused.status, refused.data["error"]["refused_by"]) == (429, "gates/narrow:money")
    served.place.run("account", "grant", account.id, "2")
    assert put(served, account.key, ONE_USD).status == 200
    served.books.settled(account.id, 2)
    assert put(served, account.key).status == 200


def test_a_multiplier_changed_by_the_api_counts_at_once_and_by_the_command_line_soon(served: Served) -> None:
    account = served.books.new_account("seasons", "gates/seasonal")

    def multiplier() -> str:
        request = put(served, account.key).request
        while (told := served.books.explain(request))["state"] == "held":
            time.sleep(0.005)
        found: str = told["settlement"]["slices"][0]["multiplier"]
        return found

    assert multiplier() == "1"
    served.books.call("POST", "/multipliers", {"plan": "gates/seasonal", "value": "3"})
    assert multiplier() == "3"
    served.place.run("multiplier", "set", "gates/seasonal", "0.5")
    deadline = time.monotonic() + FOLLOWED_SECONDS
    while multiplier() != "0.5":
        assert time.monotonic() < deadline
    values = [change["value"] for change in served.books.call("GET", "/multipliers")["changes"]]
    assert values == ["3", "0.5"]


def test_a_plan_published_and_subscribed_to_by_the_command_line_lets_in_at_the_next_request(
    served: Served, tmp_path: Path
) -> None:
    plans = tmp_path / "later.yaml"
    plans.write_text(PLANS.read_text().replace("family: gates", "family: later"))
    account = served.books.new_account("later")
    refused = put(served, account.key)
    assert (refused.status, refused.data["error"]["code"]) == (429, "insufficient_quota")
    served.place.run("plan", "publish", str(plans))
    served.place.run("subscribe", account.id, "later/kept")
    assert put(served, account.key).status == 200
    (row,) = served.books.settled(account.id, 1)
    assert row["drawn"][0]["source"] == "later/kept"
    assert "later/fifty" in {plan["plan"] for plan in served.books.call("GET", "/plans")["plans"]}


# ---- counting under concurrency


@pytest.mark.parametrize("form", FORMS)
def test_of_200_requests_at_once_on_room_for_50_exactly_50_pass_and_the_rest_are_told_when(
    served: Served, form: str
) -> None:
    account = served.books.new_account(f"fifty by {form}", "gates/fifty")

    async def crowd() -> list[Answer]:
        path, body = FORMS[form]("hi [[demo slow:30]]")
        return await asyncio.gather(*(ask(served.port, path, body, bearer(account)) for _ in range(200)))

    asked_at = time.time()
    answers = asyncio.run(crowd())
    answered_at = time.time()
    refused = [answer for answer in answers if answer.status != 200]
    assert len(answers) - len(refused) == 50
    assert len(served.books.settled(account.id, 50)) == 50
    window = served.books.windows(account.id)["gates/fifty:five_hours"]
    assert (window["used"], window["limit"], window["remaining"]) == ("50", "50", "0")
    reopens = seconds_since_epoch(window["reopens_at"])
    assert asked_at <= reopens - 5 * 3600 <= answered_at
    for answer in refused:
        _check_refusal(answer, form, reopens, asked_at, answered_at)


def _check_refusal(answer: Answer, form: str, reopens: float, asked_at: float, answered_at: float) -> None:
    headers = answer.headers
    assert answer.status == 429
    assert headers["x-should-retry"] == "false"
    assert headers["x-faregate-refused-by"] == "gates/fifty:five_hours"
    assert 0 <= seconds_since_epoch(headers["x-faregate-reopens-at"]) - reopens < 1
    assert reopens - answered_at <= int(headers["retry-after"]) <= reopens - asked_at + 1
    error = answer.data["error"]
    assert f"It reopens at {headers['x-faregate-reopens-at']}" in error["message"]
    assert "gates/fifty:five_hours" in error["message"]
    assert error["refused_by"] == "gates/fifty:five_hours"
    if form == "chat":
        assert (error["type"], error["code"]) == ("insufficient_quota", "insufficient_quota")
    else:
        assert (answer.data["type"], error["type"]) == ("error", "rate_limit_error")
        assert answer.data["request_id"] == headers["request-id"]


def test_quota_headers_say_what_is_left_in_each_dialects_form(served: Served) -> None:
    account = served.books.new_account("headers", "gates/fifty")

    async def both() -> tuple[Answer, Answer]:
        return (
            await ask(served.port, *chat("hi"), bearer(account)),
            await ask(served.port, *messages("hi", stream=True), bearer(account)),
        )

    first, second = asyncio.run(both())
    window = served.books.windows(account.id)["gates/fifty:five_hours"]
    assert first.headers["x-ratelimit-limit-requests"] == "50"
    assert first.headers["x-ratelimit-remaining-requests"] == "49"
    assert first.headers["x-ratelimit-reset-requests"].startswith(("5h0m0s", "4h59m"))
    assert second.headers["anthropic-ratelimit-requests-limit"] == "50"
    assert second.headers["anthropic-ratelimit-requests-remaining"] == "48"
    reset = seconds_since_epoch(second.headers["anthropic-ratelimit-requests-reset"])
    assert 0 <= reset - seconds_since_epoch(window["reopens_at"]) < 1
    assert "gates/fifty:five_hours;meter=requests;limit=50;used=2;remaining=48" in second.headers["x-faregate-quota"]


# ---- the operator API


OPEN_TO_ALL = {
    "ask_password_reset",
    "begin_passkey_sign_in",
    "begin_identity",
    "end_identity",
    "get_pricing",
    "get_session",
    "get_setup",
    "preview_comparison",
    "reset_password",
    "sign_in",
    "sign_in_with_passkey",
    "sign_out",
    "sign_up",
    "verify_email",
}
"""What a browser may do of which nobody knows who sits before it."""


def test_every_operation_asks_for_what_its_document_says(served: Served) -> None:
    account = served.books.new_account("no operator", "gates/kept")
    document = served.books.call("GET", "/openapi.json")
    own = {"origin": served.url}
    asked, is_open = 0, set()
    for path, operations in document["paths"].items():
        concrete = path.replace("{account}", account.id).replace("{", "").replace("}", "")
        for method, operation in operations.items():
            security = operation.get("security", document["security"])
            if not security:
                is_open.add(operation["operationId"])
                continue
            for headers in ({}, bearer(account), {"authorization": "Bearer fga-wrong"}, {"cookie": "faregate=wrong"}):
                answer = asyncio.run(ask(served.port, concrete, {}, own | headers, method.upper()))
                assert (answer.status, answer.data["error"]["code"]) == (401, "unauthenticated"), (path, method)
                asked += 1
            if security == [{"session": []}]:
                admin = own | {"authorization": f"Bearer {served.place.admin_token}"}
                answer = asyncio.run(ask(served.port, concrete, {}, admin, method.upper()))
                assert (answer.status, answer.data["error"]["code"]) == (401, "unauthenticated"), (path, method)
    assert is_open == OPEN_TO_ALL
    assert asked > 300
    assert served.books.usage(account.id)["requests"] == []


def test_every_answer_to_a_browser_is_fenced_in(served: Served) -> None:
    paths = (
        "/",
        "/console/sign-in",
        "/console/assets/none.js",
        "/api/v1/session",
        "/api/v1/accounts",
        "/api/v1/none",
    )
    for path in paths:
        headers = asyncio.run(ask(served.port, path, None, {}, "GET")).headers
        policy = headers["content-security-policy"]
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "default-src 'none'" in policy, path
        assert headers["x-frame-options"] == "DENY", path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["referrer-policy"] == "no-referrer", path
        assert headers["cache-control"] == "no-store", path
        assert "strict-transport-security" not in headers, "over plain HTTP nothing is promised"


def test_an_admin_token_opens_no_gate(served: Served) -> None:
    answer = put(served, served.place.admin_token)
    assert (answer.status, answer.data["error"]["code"]) == (401, "invalid_api_key")


# ---- one key, one charge


@pytest.mark.parametrize("form", FORMS)
def test_an_idempotency_key_is_charged_once_and_fits_one_body(served: Served, form: str) -> None:
    account = served.books.new_account(f"once by {form}", "gates/kept")
    headers = bearer(account) | {"idempotency-key": "the same"}

    def put_once(text: str) -> Answer:
        return asyncio.run(ask(served.port, *FORMS[form](text), headers))

    first = put_once("hi")
    served.books.settled(account.id, 1)
    again, other = put_once("hi"), put_once("ho")
    assert (first.status, again.status, other.status) == (200, 409, 422)
    receipt = {"request": first.request, "state": "settled"}
    assert again.data["error"]["receipt"] == other.data["error"]["receipt"] == receipt
    assert again.headers["x-should-retry"] == "false"
    served.books.settled(account.id, 1)


def test_the_same_idempotency_key_twice_at_once_is_one_call_of_the_upstream(served: Served) -> None:
    account = served.books.new_account("twice at once", "gates/kept")
    headers = bearer(account) | {"idempotency-key": "at once"}

    async def crowd() -> list[int]:
        path, body = chat("hi [[demo slow:50]]")
        answers = await asyncio.gather(*(ask(served.port, path, body, headers) for _ in range(20)))
        return sorted(answer.status for answer in answers)

    assert asyncio.run(crowd()) == [200] + [409] * 19
    served.books.settled(account.id, 1)


def test_an_idempotent_write_of_the_api_is_carried_out_once(served: Served) -> None:
    account = served.books.new_account("granted once", "gates/narrow")

    def grant(amount: str) -> Answer:
        headers = {"authorization": f"Bearer {served.place.admin_token}", "idempotency-key": "gift 1"}
        return asyncio.run(ask(served.port, f"/api/v1/accounts/{account.id}/grants", {"amount": amount}, headers))

    first, again, other = grant("3"), grant("3"), grant("4")
    assert (first.status, again.status, other.status) == (201, 201, 422)
    assert first.data == again.data
    (subscription,) = served.books.call("GET", f"/accounts/{account.id}")["subscriptions"]
    assert subscription["pools"][0]["available"] == "4"


def test_the_journal_of_all_this_verifies_beside_the_running_server(served: Served) -> None:
    served.place.verify()


def test_what_the_api_and_the_command_line_say_of_an_account_is_the_same(served: Served) -> None:
    account = served.books.new_account("both", "gates/kept")
    put(served, account.key, ONE_USD)
    (row,) = served.books.settled(account.id, 1)
    assert row["drawn"][0]["amount"] == "1"
    told = json.loads(served.place.run("account", "show", account.id, "--json").stdout)
    assert told["subscriptions"] == served.books.call("GET", f"/accounts/{account.id}")["subscriptions"]
