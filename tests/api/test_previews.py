"""Looking at what something would cost is no act: it leaves no row in the audit log, whoever looks."""

from __future__ import annotations

from tests.api.console import House


async def test_previews_of_customers_leave_no_row(house: House) -> None:
    browser = await house.customer("ada@example.com")
    await browser.done("POST", "/me/orders/preview", {"plan": "kimi/andante"})
    refused = await browser.call("POST", "/me/refunds/preview", {"plan": "kimi/andante"})
    assert refused.status >= 400
    await browser.done("POST", "/me/keys", {"name": "laptop"})
    deeds = (await house.door.done("GET", "/audit"))["deeds"]
    assert [deed["act"] for deed in deeds if deed["act"].startswith("my_")] == ["my_create_key"]
