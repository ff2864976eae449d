"""Rows of the systems whose door is the console: what people do there themselves, and by the keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Locator

from tests.console.scene import saw
from tests.console.test_walk import gauge_becomes, left, put
from tests.console.visitor import Visitor
from tests.service.served import Served
from tests.service.test_live_scenarios import worth

MOST_STOPS = 80
# Fields show it by their border.
RINGLESS = """() => { const here = document.activeElement, look = getComputedStyle(here);
  return look.outlineStyle === 'none' && look.boxShadow === 'none' && !here.matches('main, input, textarea') }"""


def tab_to(visitor: Visitor, wanted: Locator) -> None:
    """Press Tab until ``wanted`` has the focus; every stop on the way shows that it has it."""
    wanted.wait_for()
    here = "(element) => element === document.activeElement || element.contains(document.activeElement)"
    for _ in range(MOST_STOPS):
        visitor.page.keyboard.press("Tab")
        name = visitor.page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        assert not visitor.page.evaluate(RINGLESS), f"the focus is not to be seen on {name}"
        if wanted.evaluate(here):
            return
    raise AssertionError(f"Tab does not lead to {wanted}")


def test_s0_4_a_pool_is_restored_by_its_button_and_then_by_its_owner_alone(
    served: Served, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    account = visitor.sign_up("restores@example.com")
    served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": "88code/plus"})
    key = served.books.call("POST", f"/accounts/{account}/keys", {"name": "any"})["secret"]
    assert put(served, key, worth("20")) == 200
    visitor.go("/overview")
    used = visitor.get("/me/account")["plans"][0]["pools"][0]["available"]
    assert 0 < float(used) < 50
    card = visitor.page.locator("main")
    card.locator(f'[data-left="{used}"]').wait_for()
    card.get_by_role("button", name="Restore now").click()
    card.locator('[data-pool] [data-left="50"]').wait_for()
    card.get_by_text(re.compile("1 left today")).wait_for()
    card.get_by_role("button", name="Restore by hand only").click()
    card.get_by_text(re.compile("restored by you alone")).wait_for()
    pool = visitor.get("/me/account")["plans"][0]["pools"][0]
    assert (pool["available"], pool["restores_left"], pool["restore_mode"]) == ("50", 1, "manual")
    assert visitor.complaints == []


def test_s2_5_keys_are_made_replaced_and_revoked_on_their_page(served: Served, visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    account = visitor.sign_up("keys@example.com")
    served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": "agipower/pro"})
    page = visitor.page
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.go("/keys")
    page.get_by_role("button", name="Make a key").first.click()
    page.get_by_role("dialog").get_by_label("Name").fill("laptop")
    page.get_by_role("dialog").get_by_role("button", name="Make a key").click()
    first = page.get_by_test_id("secret").inner_text()
    assert first.startswith("sk-ss-v1-")
    page.get_by_role("button", name="I have kept it").click()
    assert put(served, first, worth("0.1")) == 200
    page.get_by_role("button", name="Replace").click()
    page.get_by_test_id("secret").wait_for()
    second = page.get_by_test_id("secret").inner_text()
    assert (put(served, first, worth("0.1")), put(served, second, worth("0.1"))) == (401, 200)
    page.get_by_role("button", name="I have kept it").click()
    page.get_by_role("button", name="Revoke").first.click()
    page.get_by_text(re.compile("^Revoked")).first.wait_for()
    assert put(served, second, worth("0.1")) == 401
    assert visitor.complaints == []


def test_s2_9_a_plan_is_bought_a_key_made_and_the_money_asked_back_by_tab_and_enter_alone(
    served: Served, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    account = visitor.sign_up("keyboard@example.com")
    page = visitor.page
    press = page.keyboard.press
    visitor.go("/buy/agipower/pro")
    page.get_by_test_id("quote").wait_for()
    tab_to(visitor, page.get_by_role("button", name="Order", exact=True))
    press("Enter")
    page.wait_for_url("**/console/orders/*")
    id = page.url.rpartition("/")[2]
    order = visitor.get(f"/me/orders/{id}")
    saw(served, account, order, order["to_pay"])
    page.get_by_test_id("state").get_by_text("Done").wait_for()
    visitor.go("/keys")
    tab_to(visitor, page.get_by_role("button", name="Make a key").first)
    press("Enter")
    page.get_by_role("dialog").get_by_label("Name").wait_for()
    page.wait_for_function("document.activeElement.matches('[role=dialog] input')")
    page.keyboard.type("laptop")
    press("Enter")
    secret = page.get_by_test_id("secret").inner_text()
    tab_to(visitor, page.get_by_role("button", name="I have kept it"))
    press("Enter")
    page.get_by_test_id("secret").wait_for(state="detached")
    assert put(served, secret, worth("0.1")) == 200
    page.on("dialog", lambda dialog: dialog.accept())
    visitor.go("/refunds")
    tab_to(visitor, page.get_by_role("button", name="Refund", exact=True))
    press("Enter")
    page.locator("tbody tr").first.wait_for()
    assert [refund["state"] for refund in visitor.get("/me/refunds")["refunds"]] == ["processing"]
    assert visitor.complaints == []


def test_s2_10_the_console_shows_windows_with_their_time_flows_plan_orders_and_cost(
    served: Served, visit: Callable[..., Visitor]
) -> None:
    visitor = visit()
    account = visitor.sign_up("overview@example.com")
    served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": "agipower/pro"})
    key = served.books.call("POST", f"/accounts/{account}/keys", {"name": "any"})["secret"]
    visitor.go("/overview")
    assert (left(visitor, "agipower/pro:5h"), left(visitor, "agipower/pro:week")) == ("50", "504")
    assert put(served, key, worth("0.5")) == 200
    gauge_becomes(visitor, "agipower/pro:5h", "30.18")
    gauge_becomes(visitor, "agipower/pro:week", "484.18")
    window = visitor.page.locator('[data-window="agipower/pro:5h"]')
    before = window.locator("time").inner_text()
    assert re.fullmatch(r"0[45]:\d\d:\d\d", before), "what is left of the five hours"
    moved = """before => document.querySelector('[data-window="agipower/pro:5h"] time').textContent !== before"""
    visitor.page.wait_for_function(moved, arg=before)
    visitor.go("/usage")
    assert "19.82 Flow" in visitor.page.inner_text("main")
    visitor.go("/requests")
    visitor.page.locator("tbody tr a").first.click()
    visitor.page.locator(".fall svg").first.wait_for()
    assert "19.82 Flow" in visitor.page.inner_text("main")
    for path, told in (("/plan", "agipower/pro"), ("/orders", "Nothing ordered yet")):
        visitor.go(path)
        assert told in visitor.page.inner_text("main")
    assert visitor.complaints == []
