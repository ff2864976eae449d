"""Invoices, credit notes, statements and the audit log through the API."""

from __future__ import annotations

from typing import Any

from faregate.api.my_operations import MY_OPERATIONS
from faregate.api.operations import OPERATIONS
from faregate.api.roles import MONEY
from tests.api.conftest import Clock
from tests.api.console import House
from tests.api.door import Door

HOUR = 3_600_000_000


async def paid(door: Door, account: str, order: dict[str, Any]) -> str:
    """An operator saw the money of ``order``; its id."""
    seen = {"amount": order["to_pay"], "currency": order["currency"], "seen": "statement"}
    await door.done("POST", f"/accounts/{account}/orders/{order['id']}/confirm", seen)
    return str(order["id"])


async def bought(door: Door, account: str, plan: str = "agipower/pro") -> str:
    """An order of ``plan``, delivered."""
    order = await door.done("POST", f"/accounts/{account}/orders", {"plan": plan, "payer": "manual"})
    return await paid(door, account, order)


async def topped_up(door: Door, account: str, amount: str) -> str:
    body = {"plan": "agipower/payg", "amount": amount, "payer": "manual"}
    return await paid(door, account, await door.done("POST", f"/accounts/{account}/top-ups", body))


async def read(door: Door, path: str, **query: Any) -> Any:
    answer = await door.call("GET", path, query=query or None)
    assert answer.status == 200, answer
    return answer.body


# ---- invoices and credit notes


async def test_what_was_sold_and_given_back_has_documents_with_numbers_in_a_row(door: Door, clock: Clock) -> None:
    account = await door.account()
    order = await bought(door, account)
    clock.now += HOUR
    asked = await door.done("POST", f"/accounts/{account}/refunds", {"plan": "agipower/pro"})
    seen = {"amount": "19", "currency": "USD", "seen": "transfer", "refund": asked["refunds"][0]["id"]}
    await door.done("POST", f"/accounts/{account}/orders/{order}/confirm", seen)
    rows = (await read(door, f"/accounts/{account}/documents"))["documents"]
    assert [(row["number"], row["total"], row["corrects"]) for row in rows] == [
        (f"{account}-C0001", "-19.00", f"{account}-0001"),
        (f"{account}-0001", "20.00", None),
    ]
    note = await read(door, f"/accounts/{account}/documents/{account}-C0001")
    assert (note["kind"], note["order"], note["total"]) == ("credit_note", order, "-19.00")


async def test_what_was_issued_keeps_the_seller_the_tax_and_the_buyer_of_its_day(door: Door, clock: Clock) -> None:
    account = await door.account()
    await door.done("POST", "/seller", {"name": "Old Ltd", "tax": "VAT", "rate": "0.2"})
    await door.done("POST", f"/accounts/{account}/buyer", {"name": "Ann"})
    await bought(door, account)
    clock.now += HOUR
    await door.done(
        "POST", "/seller", {"name": "New Ltd", "address": ["1 Fare Street"], "tax": "VAT", "rate": "0.05"}
    )
    await door.done("POST", f"/accounts/{account}/buyer", {"name": "Ann & Co", "tax_number": "X1"})
    await topped_up(door, account, "25")
    old = await read(door, f"/accounts/{account}/documents/{account}-0001")
    new = await read(door, f"/accounts/{account}/documents/{account}-0002")
    assert (old["seller"]["name"], old["buyer"]["name"], old["net"]) == ("Old Ltd", "Ann", "16.67")
    assert (new["seller"]["name"], new["buyer"]["name"], new["net"]) == ("New Ltd", "Ann & Co", "23.81")
    assert [row["name"] for row in (await read(door, "/seller"))["sellers"]] == ["Old Ltd", "New Ltd"]


async def test_a_document_that_the_state_forgot_is_found_in_the_journal(door: Door) -> None:
    account = await door.account()
    await bought(door, account)
    before = await read(door, f"/accounts/{account}/documents/{account}-0001")
    state = door.control.ledger.current(account, door.control.now())
    assert state.book is not None
    state.book.orders.clear()
    door.control.paperwork._ledger.current = lambda *_: state  # type: ignore[method-assign]
    assert await read(door, f"/accounts/{account}/documents/{account}-0001") == before


async def test_a_document_comes_as_pdf_in_two_languages(door: Door) -> None:
    account = await door.account()
    await bought(door, account)
    path = f"/accounts/{account}/documents/{account}-0001"
    kinds = {}
    for language in ("en", "zh"):
        answer = await door.file(f"{path}/pdf", language=language)
        assert answer.status == 200
        assert answer.body.startswith(b"%PDF-")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == f'attachment; filename="{account}-0001.pdf"'
        kinds[language] = answer.body
    assert kinds["en"] != kinds["zh"]
    wrong = await door.call("GET", f"{path}/pdf", query={"language": "fr"})
    assert (wrong.status, wrong.code) == (400, "bad_request")


async def test_a_document_of_another_account_is_not_found(door: Door) -> None:
    account, other = await door.account(), await door.account()
    await bought(door, account)
    answer = await door.call("GET", f"/accounts/{other}/documents/{account}-0001")
    assert (answer.status, answer.code) == (404, "not_found")


async def test_a_tax_rate_is_a_share(door: Door) -> None:
    answer = await door.call("POST", "/seller", {"name": "Fare Ltd", "tax": "VAT", "rate": "20"})
    assert (answer.status, answer.code) == (409, "bad_command")


# ---- statements


async def test_a_statement_says_what_came_went_and_is_there(door: Door, clock: Clock) -> None:
    account = await door.account("agipower/payg")
    order = await topped_up(door, account, "25")
    clock.now += HOUR
    await door.metered(account)
    clock.now += HOUR
    pool = (await read(door, f"/accounts/{account}/statement", plan="agipower/payg"))["pools"][0]
    assert [(line["kind"], line["about"]) for line in pool["lines"]] == [("top_up", order), ("use", None)]
    assert (pool["opening"]["amount"], pool["in"]) == ("0", "25")
    available = (await read(door, f"/accounts/{account}"))["subscriptions"][0]["pools"][0]["available"]
    assert pool["closing"]["amount"] == available == pool["lines"][-1]["balance"]
    assert pool["out"] == pool["lines"][1]["amount"]


async def test_two_statements_in_a_row_meet_in_the_middle(door: Door, clock: Clock) -> None:
    account = await door.account("agipower/payg")
    await topped_up(door, account, "25")
    clock.now += HOUR
    await topped_up(door, account, "10")
    path, plan = f"/accounts/{account}/statement", {"plan": "agipower/payg"}
    middle = "2026-03-02T10:30:00Z"
    first = (await read(door, path, **plan, until=middle))["pools"][0]
    second = (await read(door, path, **plan, **{"from": middle}))["pools"][0]
    assert first["closing"]["amount"] == second["opening"]["amount"] == "25"
    assert (second["in"], second["closing"]["amount"]) == ("10", "35")


async def test_another_currency_is_shown_and_changes_nothing(door: Door) -> None:
    account = await door.account("agipower/payg")
    await topped_up(door, account, "25")
    path = f"/accounts/{account}/statement"
    plain = await read(door, path, plan="agipower/payg")
    shown = await read(door, path, plan="agipower/payg", show_in="CNY")
    line, told = plain["pools"][0]["lines"][0], shown["pools"][0]["lines"][0]
    assert told["amount"] == line["amount"] == "25"
    assert float(told["shown"]) > 100
    answer = await door.call("GET", path, query={"plan": "agipower/payg", "show_in": "XXX"})
    assert (answer.status, answer.code) == (400, "no_rate")


async def test_a_statement_comes_as_csv(door: Door) -> None:
    account = await door.account("agipower/payg")
    order = await topped_up(door, account, "25")
    answer = await door.file(f"/accounts/{account}/statement.csv", plan="agipower/payg")
    lines = answer.body.decode().splitlines()
    assert lines[0] == "pool,at,kind,about,amount,balance,currency"
    assert f"top_up,{order},25,25,USD" in lines[2]
    assert len(lines) == 4


# ---- the audit log


async def test_every_write_leaves_a_row_and_no_read_does(door: Door) -> None:
    account = await door.account()
    await door.call("GET", f"/accounts/{account}")
    await door.call("POST", f"/accounts/{account}/orders/preview", {"plan": "agipower/pro"})
    order = await bought(door, account)
    await door.call("POST", f"/accounts/{account}/orders/{order}/withdraw", key="w1")
    rows = (await read(door, "/audit", account=account))["deeds"]
    assert [(row["act"], row["about"], row["outcome"]) for row in rows] == [
        ("withdraw_order", order, "bad_command"),
        ("confirm_payment", order, "done"),
        ("place_order", "", "done"),
        ("create_account", "", "done"),
    ]
    assert {row["who"] for row in rows} == {"token:test"}
    assert rows[0]["key"] == "w1"


async def test_every_act_with_money_takes_a_note_that_the_log_shows(door: Door) -> None:
    with_money = {*MONEY, "subscribe", "grant", "renew", "change_terms", "change_multiplier", "reset_windows"}
    for operation in OPERATIONS:
        if operation.name in with_money:
            assert operation.body is not None, operation.name
            assert operation.body.model_fields.keys() & {"note", "reason"}, operation.name
    account = await door.account("glm/api")
    order = await bought(door, account)
    why = {"note": "the customer called: 他们付错了"}
    await door.call("POST", f"/accounts/{account}/orders/{order}/withdraw", why)
    path, grant = f"/accounts/{account}/grants", {"amount": "3", "plan": "glm/api", "pool": "gift"}
    await door.done("POST", path, {**grant, "reason": "sorry"})
    await door.done("POST", path, {**grant, **why, "reason": "sorry"})
    assert (await door.call("POST", path, {**grant, "note": "x" * 501})).status == 400
    rows = (await read(door, "/audit", account=account))["deeds"]
    told = [(row["act"], row["outcome"], row["note"]) for row in rows]
    assert told[:3] == [
        ("grant", "done", why["note"]),
        ("grant", "done", "sorry"),
        ("withdraw_order", "bad_command", why["note"]),
    ]
    assert {note for act, _, note in told if act in ("place_order", "confirm_payment")} == {""}


async def test_customers_are_asked_for_all_but_a_note_and_send_none(house: House) -> None:
    asked = {operation.name: operation.body.model_fields.keys() for operation in OPERATIONS if operation.body}
    for operation in MY_OPERATIONS:
        if operation.body is not None:
            fields = operation.body.model_fields.keys()
            assert not fields & {"note", "reason"}, operation.name
            assert fields == asked.get(operation.name.removeprefix("my_"), fields) - {"note"}, operation.name
    browser = await house.customer("ada@example.com")
    order = {"plan": "glm/api", "payer": "manual", "note": "for my own"}
    assert (await browser.call("POST", "/me/orders", order)).status == 400


async def test_the_log_knows_no_secret_and_goes_page_by_page(door: Door) -> None:
    account = await door.account()
    made = await door.done("POST", f"/accounts/{account}/keys", {"name": "laptop"})
    gift = await door.done("POST", "/gift-codes", {"family": "glm", "amount": "5", "currency": "CNY"})
    whole = (await read(door, "/audit"))["deeds"]
    for secret in (made["secret"], gift["code"], door.token):
        assert secret not in str(whole)
    first = await read(door, "/audit", limit=2)
    second = await read(door, "/audit", limit=1000, before=first["next"])
    assert first["deeds"] + second["deeds"] == whole
    assert [row["act"] for row in (await read(door, "/audit", act="make_gift_code"))["deeds"]] == ["make_gift_code"]


async def test_what_a_key_does_for_its_owner_is_the_keys(door: Door) -> None:
    account = await door.account("88code/plus")
    made = await door.done("POST", f"/accounts/{account}/keys", {"name": "laptop"})
    headers = {"authorization": f"Bearer {made['secret']}"}
    await door.send("POST", "/v1/restores", b"{}", b"", headers)
    rows = (await read(door, "/audit", who=f"key:{made['id']}"))["deeds"]
    assert [(row["subject"], row["outcome"]) for row in rows] == [(account, "bad_command")]
