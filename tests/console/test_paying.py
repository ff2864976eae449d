"""A customer pays at the payment providers' fakes over HTTP: from the pricing page to a page or code of theirs,
then a plan that runs, an invoice, and money back. The server runs in this process; its time is the browser's."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from faregate.core.instants import render_instant
from tests.clients.background import in_background
from tests.console.visitor import AXE, Visitor
from tests.money.street import Street, open_street
from tests.payments.fakes.stripe import StripeFake
from tests.payments.fakes.wechat_pay import WechatPayFake

READER = AXE.parents[1] / "jsqr" / "dist" / "jsQR.js"
_READ = """async picture => {
  const bytes = Uint8Array.from(atob(picture), each => each.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes], {type: 'image/png'}));
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
  canvas.drawImage(bitmap, 0, 0);
  const {data, width, height} = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
  return jsQR(data, width, height)?.data ?? '';
}"""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder, now = tmp_path_factory.mktemp("street"), render_instant(time.time_ns() // 1000)
    with in_background(lambda: open_street(folder, start=now)) as street:
        yield street


@pytest.fixture(scope="module")
def served(street: Street) -> Street:
    """Where visitors go."""
    return street


def ordered(visitor: Visitor, family: str, plan: str, payer: str | None = None, once: bool = False) -> str:
    """From the pricing page to an order; gives its id."""
    page = visitor.page
    visitor.go("/pricing")
    page.get_by_label(re.compile("Family of plans|套餐系列")).first.click()
    page.get_by_role("option", name=family).click()
    page.locator(f'[data-plan="{plan}"]').get_by_role("link").click()
    page.get_by_test_id("quote").wait_for()
    if once:
        page.get_by_role("switch").click(force=True)
    if payer is not None:
        page.get_by_label(re.compile("Pay with|支付方式")).first.click()
        page.get_by_role("option", name=payer).click()
    page.get_by_role("button", name=re.compile("^(Order|下单)")).click()
    page.wait_for_url("**/console/orders/*")
    return page.url.rpartition("/")[2]


def is_done(visitor: Visitor) -> None:
    """The page says so by itself, and gives the invoice."""
    page = visitor.page
    expect(page.get_by_test_id("state")).to_have_text(re.compile("Done|已完成"))
    invoice = page.get_by_test_id("invoice")
    invoice.wait_for()
    answer = page.context.request.get(visitor.url + str(invoice.get_attribute("href")))
    assert answer.body().startswith(b"%PDF")


def runs(visitor: Visitor, plan: str) -> None:
    """The overview, by the button on the page, shows the plan."""
    visitor.page.locator("main").get_by_role("link", name=re.compile("^(Overview|概览)$")).click()
    visitor.page.locator(f'[data-plan="{plan}"] [data-left]').first.wait_for()


def asks_back(visitor: Visitor) -> Any:
    """A refund is asked for on the page; gives its row, which says that it is on its way."""
    visitor.go("/refunds")
    visitor.page.on("dialog", lambda dialog: dialog.accept())
    visitor.page.locator("section[data-plan] button").first.click()
    row = visitor.page.locator("tbody tr").first
    row.wait_for()
    return row


def mark(visitor: Visitor) -> None:
    visitor.page.evaluate("window.stays = true")


def assert_never_reloaded(visitor: Visitor) -> None:
    assert visitor.page.evaluate("window.stays") is True


def read_code(visitor: Visitor) -> str:
    """What a phone reads off the screen."""
    picture = visitor.page.get_by_test_id("qr").screenshot()
    visitor.page.evaluate(READER.read_text(encoding="utf-8") + "; 0")
    return str(visitor.page.evaluate(_READ, base64.b64encode(picture).decode()))


def test_a_plan_is_paid_on_stripes_page_and_refunded_through_stripe(
    street: Street, visit: Callable[..., Visitor]
) -> None:
    stripe = street.fakes["stripe"]
    assert isinstance(stripe, StripeFake)
    visitor = visit()
    visitor.sign_up("card@example.com")
    order = ordered(visitor, "AGIPower", "agipower/pro")
    visitor.page.get_by_role("link", name="Go to payment").click()
    visitor.page.wait_for_url(f"{stripe.base_url}/c/pay/*")
    assert visitor.page.inner_text("button") == "Pay 2000 usd"
    visitor.page.click("button")
    # Back on the order, which waits until the payment provider has told the server.
    visitor.page.wait_for_url(f"{visitor.url}/console/orders/{order}")
    expect(visitor.page.get_by_test_id("state")).to_have_text("Waiting for payment")
    mark(visitor)
    street.empty_post("stripe")
    is_done(visitor)
    runs(visitor, "agipower/pro")
    assert_never_reloaded(visitor)
    stripe.refund_ends = "pending"
    row = asks_back(visitor)
    mark(visitor)
    until = time.monotonic() + 20
    while not stripe.refunds:
        assert time.monotonic() < until
        visitor.page.wait_for_timeout(10)
    expect(row).to_contain_text("On its way")
    stripe.finish_refund(next(iter(stripe.refunds)), "succeeded")
    street.empty_post("stripe")
    expect(row).to_contain_text("Paid back")
    assert_never_reloaded(visitor)
    assert stripe.given_back(f"{order}_1") == 1900
    assert visitor.complaints == []


@pytest.mark.parametrize("once", [True, False], ids=["paid", "signed and charged"])
def test_a_plan_is_paid_by_the_code_that_wechat_reads_off_the_page(
    street: Street, visit: Callable[..., Visitor], once: bool
) -> None:
    wechat = street.fakes["wechat"]
    assert isinstance(wechat, WechatPayFake)
    visitor = visit("zh")
    visitor.sign_up(f"wechat-{once}@example.com")
    order = ordered(visitor, "GLM", "glm/lite", payer="微信支付", once=once)
    mark(visitor)
    visitor.page.get_by_test_id("qr").wait_for()
    code = read_code(visitor)
    assert code == visitor.get(f"/me/orders/{order}")["pay"]["qr"]
    if once:
        wechat.pay(f"{order}_1")
    else:
        wechat.sign_contract(f"{order}_1")
        street.empty_post("wechat")
        until = time.monotonic() + 20
        while not street.told("wechat"):
            assert time.monotonic() < until
            visitor.page.wait_for_timeout(10)
    street.empty_post("wechat")
    is_done(visitor)
    runs(visitor, "glm/lite")
    assert_never_reloaded(visitor)
    assert visitor.complaints == []
