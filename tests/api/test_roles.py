"""Who may do what: one table, held against every operation, for every role."""

from __future__ import annotations

import re
from typing import Any

import pytest

from faregate.api.operation import Operation
from faregate.api.operations import OPERATIONS
from faregate.api.roles import ROLES, is_allowed, may
from faregate.app.users import OPERATOR_ROLES
from tests.api.browser import Browser
from tests.api.console import House


def test_every_operation_has_a_row_and_every_row_an_operation() -> None:
    assert set(ROLES) == {operation.name for operation in OPERATIONS}


def test_an_owner_may_all_and_a_customer_nothing_of_an_operators() -> None:
    assert set(may("owner")) == set(ROLES)
    assert may("customer") == []
    assert not is_allowed("no_such_operation", "owner")


def test_who_only_reads_changes_nothing() -> None:
    writes = {operation.name for operation in OPERATIONS if operation.method != "GET"}
    allowed = writes & set(may("read_only"))
    assert all(name.startswith(("preview_", "diff_", "impact_")) for name in allowed), allowed


@pytest.mark.parametrize("role", OPERATOR_ROLES)
def test_every_operator_reads_what_who_only_reads_may(role: str) -> None:
    assert set(may("read_only")) <= set(may(role))


def test_users_plans_and_terms_are_the_owners_alone() -> None:
    owners = {name for name, roles in ROLES.items() if roles == ("owner",)}
    assert {"add_user", "set_user_role", "publish_plans", "change_multiplier", "grant", "create_key"} <= owners


async def tried(browser: Browser, operation: Operation) -> Any:
    """The operation on things that are not there, with a body that is none: allowed or not, it changes nothing."""
    path = re.sub(r"{\w+}", "never-was", operation.path)
    body = {"no such field": 1} if operation.body is not None else None
    return await browser.call(operation.method, path, body)


@pytest.mark.parametrize("role", [*OPERATOR_ROLES, "customer"])
async def test_each_role_is_let_in_by_the_table_and_by_nothing_else(house: House, role: str) -> None:
    if role == "customer":
        browser = await house.customer("ada@example.com")
    else:
        browser = await house.operator(role)
    told = set((await browser.done("GET", "/session"))["may"])
    for operation in OPERATIONS:
        page = await tried(browser, operation)
        if operation.name in told:
            assert page.status not in (401, 403), (operation.name, page)
        else:
            assert (page.status, page.code) == (403, "forbidden"), (operation.name, page)
            assert operation.name in page.body["error"]["message"]


async def test_what_an_operator_does_by_session_is_written_down_by_name(house: House) -> None:
    support = await house.operator("support")
    user = (await support.done("GET", "/session"))["user"]["id"]
    made = await support.done("POST", "/accounts", {"name": "helped"})
    refused = await support.call("POST", f"/accounts/{made['id']}/grants", {"amount": "1"})
    assert refused.status == 403
    deeds = (await house.door.done("GET", "/audit"))["deeds"]
    assert [(each["who"], each["act"]) for each in deeds if each["who"] == f"user:{user}"] == [
        (f"user:{user}", "create_account")
    ]


async def test_an_operator_has_no_account_of_their_own(house: House) -> None:
    support = await house.operator("support")
    for path in ("/me/account", "/me/usage", "/me/keys", "/me/events", "/me/conversations"):
        page = await support.call("GET", path)
        assert (page.status, page.code) == (403, "no_account"), path
