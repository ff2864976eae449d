"""A customer at the console of a live server: signs up, buys, calls, runs dry, goes on, gets money back."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.console.scene import saw
from tests.console.tour import Tour
from tests.console.visitor import Visitor
from tests.service.served import Served
from tests.service.test_live_scenarios import worth

PUBLIC = ("/pricing", "/compare", "/sign-in", "/sign-up", "/forgotten", "/reset#token", "/verify#token")
CUSTOMER = (
    *("/overview", "/requests", "/usage", "/keys", "/setup", "/plan", "/wallet", "/extra-usage", "/orders"),
    *("/refunds", "/invitations", "/settings", "/chat", "/pricing", "/buy/agipower/max", "/nowhere"),
)


def bought(served: Served, visitor: Visitor, plan: str) -> str:
    """Buy a plan on the page, and say as the operator that the money came. Gives the order's id."""
    account = visitor.get("/session")["user"]["account"]
    visitor.go(f"/buy/{plan}")
    visitor.page.get_by_test_id("quote").wait_for()
    visitor.page.get_by_role("button", name=re.compile("Order|下单|Take it|领取")).click()
    visitor.page.wait_for_url("**/console/orders/*")
    visitor.page.get_by_test_id("state").wait_for()
    id = visitor.page.url.rpartition("/")[2]
    order = visitor.get(f"/me/orders/{id}")
    saw(served, account, order, order["to_pay"])
    visitor.page.get_by_test_id("state").get_by_text(re.compile("Done|已完成")).wait_for()
    return id


def a_key(visitor: Visitor) -> str:
    """A key made on the page: its secret, which is shown once."""
    visitor.go("/keys")
    visitor.page.get_by_role("button", name="Make a key").first.click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("laptop")
    dialog.get_by_role("button", name="Make a key").click()
    secret = visitor.page.get_by_test_id("secret").inner_text()
    visitor.page.get_by_role("button", name="I have kept it").click()
    assert secret not in visitor.page.content()
    return secret


def put(served: Served, key: str, text: str) -> int:
    """The status of one question in OpenAI's form, waited for until it is settled.

    Without an event loop: Playwright has one of its own in this thread.
    """
    body = json.dumps({"model": "gpt-5", "messages": [{"role": "user", "content": text}]}).encode()
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    try:
        with urlopen(Request(served.url + "/v1/chat/completions", body, headers)) as answer:
            answer.read()
            request = answer.headers["x-faregate-request-id"]
    except HTTPError as refused:
        refused.close()
        return refused.code
    while served.books.explain(request)["state"] == "held":
        time.sleep(0.005)
    return 200


def left(visitor: Visitor, window: str) -> str:
    """What the gauge of a window says is left, exactly."""
    return visitor.page.locator(f'[data-window="{window}"] [data-left]').get_attribute("data-left") or ""


def gauge_becomes(visitor: Visitor, window: str, amount: str) -> None:
    visitor.page.locator(f'[data-window="{window}"] [data-left="{amount}"]').wait_for()


def test_a_customer_buys_calls_runs_dry_goes_on_and_is_refunded(
    served: Served, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    account = visitor.sign_up("walk@example.com")
    bought(served, visitor, "agipower/pro")
    key = a_key(visitor)
    visitor.go("/overview")
    assert left(visitor, "agipower/pro:5h") == "50"
    # The gauge follows the gate by itself, to the unit: nothing is loaded anew here.
    assert put(served, key, worth("1")) == 200
    gauge_becomes(visitor, "agipower/pro:5h", "10.38")
    assert put(served, key, worth("1")) == 200
    gauge_becomes(visitor, "agipower/pro:5h", "0")
    assert put(served, key, worth("1")) == 429
    served.books.call("POST", f"/accounts/{account}/grants", {"plan": "agipower/payg", "amount": "5"})
    visitor.go("/extra-usage")
    visitor.page.get_by_role("switch").click(force=True)
    visitor.page.get_by_text("On", exact=True).first.wait_for()
    assert put(served, key, worth("1")) == 200
    visitor.go("/requests")
    visitor.page.locator("tbody tr a").first.click()
    visitor.page.locator(".fall svg").first.wait_for()
    assert "agipower/payg" in visitor.page.inner_text("main")
    assert visitor.complaints == []


def test_s2_9_a_refund_is_shown_before_and_is_then_what_was_shown(
    served: Served, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    visitor.sign_up("refund@example.com")
    bought(served, visitor, "agipower/pro")
    visitor.go("/refunds")
    shown = visitor.page.locator(".big").first.inner_text()
    visitor.page.on("dialog", lambda dialog: dialog.accept())
    visitor.page.get_by_role("button", name="Refund", exact=True).click()
    row = visitor.page.locator("tbody tr").first
    row.wait_for()
    assert shown in row.inner_text()
    assert visitor.complaints == []


def test_s4_8_an_invitation_is_a_link_by_which_a_friend_joins(visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    visitor.sign_up("inviter@example.com")
    visitor.go("/invitations")
    code = visitor.page.get_by_test_id("code").inner_text()
    friend = visit("zh")
    friend.go(f"/sign-up?invitation={code}")
    friend.page.fill("input[type=email]", "friend@example.com")
    friend.page.fill("input[autocomplete=new-password]", "a long enough password")
    friend.page.click("form button[type=submit]")
    friend.page.wait_for_url("**/console/overview")
    visitor.go("/invitations")
    visitor.page.locator("tbody tr").first.wait_for()
    assert visitor.complaints + friend.complaints == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_fits_is_accessible_within_its_budget_and_says_nothing_in_the_console(
    served: Served, visit: Callable[..., Visitor], language: str
) -> None:
    tour = Tour(visit, language)
    visitor = tour.visitor
    tour.sees(PUBLIC, "public")
    account = visitor.sign_up(f"{language}@example.com")
    for plan in ("88code/free", "88code/plus", "agipower/pro"):
        served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": plan})
    served.books.call("POST", f"/accounts/{account}/grants", {"plan": "agipower/payg", "amount": "5"})
    secret = served.books.call("POST", f"/accounts/{account}/keys", {"name": "any", "kind": "any"})["secret"]
    for _ in range(3):
        assert put(served, secret, worth("1")) == 200
    rows = served.books.settled(account, 3)
    order = bought(served, visitor, "kimi/andante")
    tour.sees((*CUSTOMER, f"/requests/{rows[0]['request']}", f"/orders/{order}"))
    assert tour.found == []
    assert visitor.complaints == []
