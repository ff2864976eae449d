"""`faregate usage` and `faregate explain`: what was used, and the story of one request."""

from __future__ import annotations

import pytest

from faregate.core.usage import Usage
from tests.cli.house import MODEL, Database


def account(database: Database) -> str:
    return str(database.did("account", "show", "acme")["id"])


def test_usage_sums_by_day_and_lists_requests(database: Database) -> None:
    requests = [database.meter(account(database), usage=Usage(input=1000 * n, output=10)) for n in (1, 2, 3)]
    view = database.did("usage", "acme")
    assert [row["request"] for row in view["requests"]] == requests[::-1]
    assert view["total"]["requests"] == 3
    assert view["total"]["input"] == 6000
    assert view["total"]["drawn"][0]["source"] == "88code/free"
    assert [(row["model"], row["requests"]) for row in view["by_day"]] == [(MODEL, 3)]
    assert view["next"] is None
    told = database.told("usage", "acme")
    assert "6,000" in told
    assert requests[0] in told
    assert "最近 7 天" in database.told("usage", "acme", "--days", "7", language="zh")


def test_usage_comes_in_pages(database: Database) -> None:
    requests = [database.meter(account(database), usage=Usage(input=10)) for _ in range(3)]
    first = database.did("usage", "acme", "--limit", "2")
    assert [row["request"] for row in first["requests"]] == [requests[2], requests[1]]
    assert f"--before {requests[1]}" in database.told("usage", "acme", "--limit", "2")
    rest = database.did("usage", "acme", "--limit", "2", "--before", first["next"])
    assert [row["request"] for row in rest["requests"]] == [requests[0]]
    assert rest["next"] is None


def test_an_account_that_used_nothing(database: Database) -> None:
    view = database.did("usage", "acme")
    assert (view["requests"], view["by_day"], view["total"]["requests"]) == ([], [], 0)
    assert database.told("usage", "acme")


def test_a_settled_request_is_explained_from_its_entries(database: Database) -> None:
    request = database.meter(account(database), usage=Usage(input=1_000_000, output=500_000))
    told = database.did("explain", request)
    assert told["state"] == "settled"
    settled = told["settlement"]
    first, second = settled["slices"]
    assert (first["source"], first["amount"], first["multiplier"]) == ("88code/free", "20", "2")
    assert second["source"] == "agipower/pro"
    assert {window["id"] for window in settled["windows"]} == {"agipower/pro:5h", "agipower/pro:week"}
    story = database.told("explain", request)
    for words in (
        request,
        "20 USD, then pool empty",
        "×2 = season ×2",
        "anthropic/claude-sonnet-4@",
        "agipower/pro:5h",
        "█",
        "usage as reported",
        "client claude-code, key key_1",
    ):
        assert words in story
    assert "官方价金额" in database.told("explain", request, language="zh")


def test_who_was_passed_over_is_told_with_the_reason(database: Database) -> None:
    database.did("subscribe", "acme", "88code/paygo")
    database.meter(account(database), usage=Usage(input=10_000_000))
    request = database.meter(account(database), usage=Usage(input=1000))
    passed = database.did("explain", request)["hold"]["passed_over"]
    assert passed[0]["reason"] == "pool_empty"
    assert "passed over: pool empty" in database.told("explain", request)
    assert "跳过：" in database.told("explain", request, language="zh")


@pytest.mark.parametrize(
    ("close", "state", "english", "chinese"),
    [("release", "released", "nothing was charged", "没有扣费"), (None, "held", "still open", "尚未结算")],
)
def test_a_request_that_was_not_charged_is_explained_too(
    database: Database, close: str | None, state: str, english: str, chinese: str
) -> None:
    request = database.meter(account(database), close=close)
    assert database.did("explain", request)["state"] == state
    assert english in database.told("explain", request)
    assert chinese in database.told("explain", request, language="zh")
