"""An operator at the console's books: plans, rates, codes, revenue, the ledger, invoices, upstreams."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator

from tests.console.scene import ordered, saw
from tests.console.test_walk import put
from tests.console.tour import Tour
from tests.console.visitor import PASSWORD, Visitor
from tests.service.served import Served
from tests.service.test_live_scenarios import worth

PAGES = (
    *("/office/plans", "/office/plans/agipower/pro", "/office/plans/edit?family=agipower", "/office/plans/edit"),
    *("/office/rates", "/office/codes", "/office/revenue", "/office/revenue?by=plan", "/office/ledger"),
    *("/office/documents", "/office/upstreams"),
)
BOTH = pytest.mark.parametrize("language", ["en", "zh"])
PASTE = """(element, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  element.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def operator(served: Served, visitor: Visitor, name: str, role: str = "owner") -> None:
    """A new operator, signed in by the link that the command line prints."""
    made = served.place.run_json("user", "add", f"{name}@house.example.com", "--role", role)
    visitor.go("/reset" + made["link"][made["link"].index("#") :])
    visitor.page.fill("input[autocomplete=new-password]", PASSWORD)
    visitor.page.click("form button[type=submit]")
    visitor.page.wait_for_url("**/console/office/**")


def customer(served: Served, name: str, *plans: str) -> str:
    account = str(served.books.call("POST", "/accounts", {"name": name})["id"])
    for plan in plans:
        served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": plan})
    return account


def calls(served: Served, account: str, count: int) -> None:
    key = served.books.call("POST", f"/accounts/{account}/keys", {"name": "any", "kind": "any"})["secret"]
    for _ in range(count):
        assert put(served, key, worth("0.2")) == 200


def act(visitor: Visitor, operation: str, **fields: str) -> Locator:
    """Open the dialog of an act and fill it by the names of its fields as labels begin; gives the dialog."""
    visitor.page.locator(f"[data-act={operation}]").first.click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.wait_for()
    for label, value in fields.items():
        dialog.get_by_label(re.compile(label)).first.fill(value)
    return dialog


def confirm(dialog: Locator) -> None:
    dialog.locator("button[type=submit]").click()
    dialog.get_by_test_id("done").wait_for()


def write(visitor: Visitor, text: str) -> None:
    """Put ``text`` into the editor in the place of all that is there, as pasting does."""
    content = visitor.page.locator(".cm-content")
    content.click()
    visitor.page.keyboard.press("Control+A")
    content.evaluate(PASTE, text)


@BOTH
def test_a_plan_file_is_mended_looked_at_and_published(
    served: Served, visit: Callable[..., Visitor], language: str
) -> None:
    visitor = visit(language)
    operator(served, visitor, f"publisher-{language}")
    name = f"Reader {language}"
    account = customer(served, name, "agipower/max")
    calls(served, account, 1)
    visitor.go("/office/plans")
    visitor.page.locator("a[href$='/plans/edit?family=agipower']").click()
    visitor.page.locator(".cm-line").first.wait_for()
    page, file = visitor.page, str(visitor.get("/plans/agipower/max/document")["document"])
    version = {"en": "2027-01-01", "zh": "2027-02-01"}[language]
    newer = re.sub(r"^version: .*$", f'version: "{version}"', file, count=1, flags=re.MULTILINE)
    price = {"en": "amount: 120 USD", "zh": "amount: 150 USD"}[language]
    dearer = re.sub("amount: 1[02]0 USD", price, newer)
    write(visitor, dearer.replace("windows:", "windoes:", 1))
    wrong = page.get_by_test_id("problems").locator("li").first
    wrong.wait_for()
    assert "windoes" in wrong.inner_text()
    assert "windows" in wrong.inner_text(), "how to mend it"
    assert {"en": "There is no key", "zh": "此处没有键"}[language] in wrong.inner_text()
    page.locator(".cm-told").first.wait_for()
    wrong.get_by_role("button").click()
    assert "windoes" in page.locator(".cm-activeLine").inner_text()
    assert page.locator("[data-act=publish_plans]").count() == 0
    write(visitor, dearer)
    page.get_by_test_id("diff").get_by_text(re.compile(price[8:])).first.wait_for()
    assert page.get_by_test_id("problems").count() == 0
    page.get_by_role("tab").nth(1).click()
    page.get_by_role("tabpanel").get_by_role("button").click()
    page.get_by_role("tabpanel").locator("tbody tr").get_by_text(name).first.wait_for()
    page.get_by_role("tab").nth(2).click()
    page.get_by_role("tabpanel").get_by_role("button").click()
    page.get_by_test_id("impact").wait_for(timeout=90_000)
    dialog = act(visitor, "publish_plans")
    dialog.get_by_test_id("fates").get_by_text(f"agipower/max@{version}").wait_for()
    confirm(dialog)
    assert f"agipower/max@{version}" in dialog.get_by_test_id("published").inner_text()
    versions = visitor.get("/plans/agipower/max/versions")["versions"]
    assert versions[-1]["version"] == version
    visitor.go("/office/plans/agipower/max")
    assert version in visitor.page.locator("tbody tr").first.inner_text()
    assert visitor.complaints == []


@BOTH
def test_a_multiplier_is_changed_from_a_date_on_after_its_effect_was_shown(
    served: Served, visit: Callable[..., Visitor], language: str
) -> None:
    visitor = visit(language)
    operator(served, visitor, f"rates-{language}")
    visitor.go("/office/rates")
    begins = {"en": "2031-01-01T00:00", "zh": "2031-02-01T00:00"}[language]
    value = {"en": "4", "zh": "5"}[language]
    dialog = act(visitor, "change_multiplier", **{"New value|新倍率": "a lot"})
    assert dialog.locator("button[type=submit]").is_disabled()
    dialog.get_by_label(re.compile("New value|新倍率")).fill(value)
    dialog.get_by_label(re.compile("^(From|自)")).fill(begins)
    shown = {"en": "50% shorter", "zh": "缩短 60%"}[language]
    dialog.get_by_test_id("outlook").get_by_text(shown).wait_for()
    confirm(dialog)
    dialog.get_by_test_id("deed").wait_for()
    changes = visitor.get("/multipliers")["changes"]
    assert [change["value"] for change in changes if change["begins"].startswith(begins[:7])] == [value]
    assert visitor.complaints == []


@BOTH
def test_coupons_and_gift_codes_are_made_and_what_was_used_is_told(
    served: Served, visit: Callable[..., Visitor], language: str
) -> None:
    visitor = visit(language)
    operator(served, visitor, f"codes-{language}")
    visitor.go("/office/codes")
    code = f"WALK-{language}"
    confirm(act(visitor, "make_coupon", **{"^(Code|码)": code, "Share|减免比例": "0.25"}))
    account = customer(served, f"Buyer {language}")
    order = {"plan": "kimi/andante", "payer": "manual", "coupon": code}
    assert served.books.call("POST", f"/accounts/{account}/orders", order)["total"] == "36.75"
    visitor.go("/office/codes")
    row = visitor.page.locator(f"[data-row='{code}']")
    assert "25%" in row.inner_text()
    row.get_by_role("button").click()
    visitor.page.get_by_role("dialog").get_by_text(account).wait_for()
    visitor.go("/office/codes")
    note = f"a fair in {language}"
    dialog = act(visitor, "make_gift_code", **{"Worth|面额": "30", "Note|备注": note})
    dialog.get_by_label(re.compile("Family|系列")).first.click()
    visitor.page.get_by_role("option", name="glm", exact=True).click()
    confirm(dialog)
    secret = dialog.get_by_test_id("secret").inner_text()
    served.books.call("POST", f"/accounts/{account}/redemptions", {"code": secret})
    visitor.go("/office/codes")
    assert account in visitor.page.locator("tr").filter(has_text=note).inner_text()
    assert secret not in visitor.page.content()
    assert visitor.complaints == []


@BOTH
def test_the_trial_balance_is_zero_after_calls_and_their_entries_are_found(
    served: Served, visit: Callable[..., Visitor], language: str
) -> None:
    visitor = visit(language)
    operator(served, visitor, f"books-{language}")
    account = customer(served, f"Caller {language}", "88code/free", "agipower/pro")
    calls(served, account, 2)
    visitor.go("/office/ledger")
    visitor.page.get_by_role("button", name=re.compile("Draw up|进行试算")).click()
    balance = visitor.page.get_by_test_id("balance")
    balance.get_by_text(re.compile("^(It balances|平衡)$")).wait_for()
    totals = [each.get_attribute("data-total") for each in balance.locator("[data-total]").all()]
    assert len(totals) >= 2
    assert set(totals) == {"0"}
    visitor.go(f"/office/ledger?account={account}&kind=settle")
    assert visitor.page.locator("tbody tr").count() == 2
    assert "used:88code/free" in visitor.page.locator("tbody").inner_text()
    visitor.go(f"/office/ledger?account={account}&kind=settle&until=2020-01-01")
    assert visitor.page.locator("tbody tr").count() == 0
    visitor.go("/office/revenue")
    visitor.page.locator(".recharts-surface").first.wait_for()
    total = visitor.get("/revenue")["total"]["requests"]
    assert f"{total}" in visitor.page.inner_text("main")
    assert visitor.complaints == []


def test_what_a_role_may_not_is_not_shown(served: Served, visit: Callable[..., Visitor]) -> None:
    visitor = visit()
    operator(served, visitor, "looks", "read_only")
    for path in PAGES:
        visitor.go(path)
        assert visitor.page.locator("[data-act]").count() == 0, path
    assert visitor.complaints == []


@BOTH
def test_every_page_of_the_books_fits_is_accessible_and_within_its_budget(
    served: Served, visit: Callable[..., Visitor], language: str
) -> None:
    tour = Tour(visit, language)
    operator(served, tour.visitor, f"tours-{language}")
    account = customer(served, f"Tour {language}", "88code/free", "agipower/pro")
    served.books.call("POST", f"/accounts/{account}/grants", {"plan": "agipower/payg", "amount": "5"})
    calls(served, account, 2)
    order = ordered(served, account, "kimi/andante")
    saw(served, account, order, order["to_pay"])
    tour.sees((*PAGES, f"/office/ledger?account={account}"))
    assert tour.found == []
    assert tour.visitor.complaints == []
