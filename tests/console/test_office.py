"""Operators at the console of a live server: what each role sees, what is done about people and cases, its looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.console.scene import Scene, made
from tests.console.tour import Tour
from tests.console.visitor import Visitor
from tests.service.conftest import Upstream
from tests.service.served import Place, Served

WATCHED = Path(__file__).parents[1] / "service" / "watched.yaml"
PAGES = ("/health", "/customers", "/requests", "/matters", "/flags", "/users", "/audit")
TABS = ("", "?tab=usage", "?tab=money", "?tab=keys", "?tab=flags", "?tab=journal", "?tab=audit")
# What a role may do of what the page of a customer, the queues and the lists offer.
ACTS = {
    "owner": {"add_user", "subscribe", "grant", "set_segment", "reset_windows", "restore", "cancel", "switch_wallet"},
    "support": {"reset_windows", "restore"},
    "finance": {"cancel"},
    "read_only": set(),
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Served]:
    """A server behind a proxy that it trusts, which is the test."""
    place = Place(
        tmp_path_factory.mktemp("office"),
        upstream.url,
        plans=(WATCHED,),
        trusted_proxies=["127.0.0.0/8"],
        drain_seconds=1,
    )
    with place.serving() as served:
        yield served


@pytest.fixture(scope="module")
def scene(served: Served) -> Scene:
    return made(served)


def invited(served: Served, role: str, email: str) -> str:
    """The link by which a new user of that role comes in."""
    return str(served.books.call("POST", "/users", {"email": email, "role": role})["link"])


def operator(served: Served, visit: Callable[..., Visitor], role: str, email: str, *look: Any) -> Visitor:
    """A new user of that role, signed in."""
    visitor = visit(*look)
    visitor.come_in(invited(served, role, email))
    return visitor


def acts(visitor: Visitor) -> set[str]:
    """The operations that the page offers."""
    return {str(each.get_attribute("data-act")) for each in visitor.page.locator("[data-act]").all()}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_operator_works_through_flags_queues_grants_and_refunds(
    served: Served, visit: Callable[..., Visitor], language: str
) -> None:
    own = made(served, f" {language}")
    visitor = operator(served, visit, "owner", f"works-{language}@example.com", language)
    assert visitor.page.url.endswith("/console/office/health")
    # A flag is dismissed, another confirmed with what it does.
    for account, place, state in zip(own.flagged, (1, 0), ("dismissed", "confirmed"), strict=True):
        visitor.go("/office/flags")
        card = f'[data-account="{account}"]'
        visitor.page.locator(f"{card} [data-act]").nth(place).click()
        dialog = visitor.page.get_by_role("dialog")
        dialog.locator("[name=reason]").fill("a laptop and a server")
        dialog.locator("button[type=submit]").click()
        dialog.get_by_test_id("done").wait_for()
        visitor.close_dialog()
        visitor.page.locator(card).wait_for(state="detached")
        flag = served.books.call("GET", f"/accounts/{account}/flags")["flags"][0]
        told = (flag["state"], flag["by"], flag["reason"])
        assert told == (state, f"works-{language}@example.com", "a laptop and a server")
    # Money that did not match is delivered all the same, a reward is given.
    visitor.go("/office/matters")
    visitor.act("resolve_order", f'[data-matter="{own.order}"]', note="the bank kept a fee")
    visitor.close_dialog()
    visitor.page.locator(f'[data-matter="{own.order}"]').wait_for(state="detached")
    reward = visitor.page.locator("[data-kind=reward]").filter(has_text=f"Mei Chen {language}")
    reward.locator("[data-act=decide_reward]").first.click()
    visitor.page.get_by_role("dialog").locator("button[type=submit]").click()
    visitor.page.get_by_test_id("done").wait_for()
    visitor.close_dialog()
    reward.wait_for(state="detached")
    # A grant: it is there at once, and the dialog shows its row of the audit log.
    visitor.go(f"/office/customers/{own.busy}")
    visitor.act("grant", amount="1.5", reason="a bad day")
    deed = visitor.page.get_by_test_id("deed")
    key = deed.locator("code").inner_text()
    deed.get_by_text(re.compile("Granted an amount|发放额度")).wait_for()
    visitor.close_dialog()
    rows = served.books.call("GET", f"/audit?account={own.busy}&act=grant&limit=1")["deeds"]
    assert [(row["key"], row["email"]) for row in rows] == [(key, f"works-{language}@example.com")]
    # A refund: what its preview told is what goes back.
    visitor.go(f"/office/customers/{own.leaving}")
    visitor.page.locator("[data-act=ask_refund]").click()
    shown = visitor.page.get_by_test_id("refund").locator(".big").inner_text()
    visitor.page.get_by_role("dialog").locator("button[type=submit]:enabled").click()
    visitor.page.get_by_test_id("done").wait_for()
    visitor.close_dialog()
    visitor.go(f"/office/customers/{own.leaving}?tab=money")
    visitor.act("confirm_payment", seen="statement, line 9")
    visitor.close_dialog()
    row = visitor.page.locator("tr").filter(has=visitor.page.locator("[data-state=succeeded]"))
    assert shown in row.inner_text()
    assert visitor.complaints == []


def test_a_failed_act_says_why_and_changes_nothing(
    served: Served, scene: Scene, visit: Callable[..., Visitor]
) -> None:
    visitor = operator(served, visit, "owner", "fails@example.com")
    before = served.books.call("GET", f"/accounts/{scene.busy}")["entries"]
    visitor.go(f"/office/customers/{scene.busy}")
    visitor.page.locator("[data-act=grant]").click()
    dialog = visitor.page.get_by_role("dialog")
    dialog.locator("[name=amount]").fill("a lot")
    dialog.locator("button[type=submit]").click()
    dialog.get_by_role("alert").wait_for()
    assert served.books.call("GET", f"/accounts/{scene.busy}")["entries"] == before
    dialog.locator("[name=amount]").fill("2")
    dialog.get_by_role("alert").wait_for(state="detached")
    dialog.locator("button[type=submit]").click()
    dialog.get_by_test_id("done").wait_for()
    assert visitor.complaints == []


@pytest.mark.parametrize("role", list(ACTS))
def test_a_user_of_each_role_is_added_on_the_page_and_sees_what_the_role_may(
    served: Served, scene: Scene, visit: Callable[..., Visitor], role: str
) -> None:
    owner = operator(served, visit, "owner", f"adds-{role}@example.com")
    owner.go("/office/users")
    owner.page.locator("[data-act=add_user]").click()
    dialog = owner.page.get_by_role("dialog")
    dialog.locator("[name=email]").fill(f"new-{role}@example.com")
    dialog.get_by_role("combobox", name="Role").click()
    words = {"owner": "Owner", "finance": "Finance", "support": "Support", "read_only": "Read only"}
    owner.page.get_by_role("option", name=words[role], exact=True).click()
    dialog.locator("button[type=submit]").click()
    link = owner.page.get_by_test_id("secret").inner_text()
    owner.close_dialog()
    assert link not in owner.page.content()
    visitor = visit()
    visitor.come_in(link)
    assert visitor.page.url.endswith("/console/office/health")
    menu = visitor.page.locator("aside nav").inner_text()
    assert ("Users and roles" in menu) is (role in ("owner", "support"))
    visitor.go(f"/office/customers/{scene.busy}")
    assert acts(visitor) == ACTS[role]
    visitor.go("/office/matters")
    assert bool(acts(visitor)) is (role in ("owner", "finance"))
    visitor.go("/office/flags")
    assert bool(acts(visitor)) is (role in ("owner", "support"))
    if role not in ("owner", "support"):
        visitor.go("/office/users")
        visitor.page.get_by_text("There is no such page").wait_for()
    assert owner.complaints + visitor.complaints == []


def test_a_customer_is_found_by_name_and_a_request_by_its_id(
    served: Served, scene: Scene, visit: Callable[..., Visitor]
) -> None:
    visitor = operator(served, visit, "read_only", "finds@example.com")
    visitor.go("/office/customers")
    visitor.page.get_by_label("Find").fill("nordwind")
    row = visitor.page.locator(f'[data-row="{scene.review}"]')
    row.wait_for()
    visitor.page.locator(f'[data-row="{scene.busy}"]').wait_for(state="detached")
    assert visitor.page.url.endswith("?find=nordwind")
    visitor.page.get_by_label("Find").fill(scene.request)
    visitor.page.get_by_role("link", name=re.compile(scene.request)).click()
    visitor.page.locator(".fall .bar").nth(1).wait_for()
    told = visitor.page.inner_text("main")
    assert [name for name in ("Harbour Labs", "88code/free", "88code/plus") if name not in told] == []
    visitor.go(f"/office/requests/{quote('req_nothing_here')}")
    visitor.page.get_by_text("There is no such request").wait_for()
    assert visitor.complaints == []


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_page_of_operators_fits_is_accessible_within_its_budget_and_says_nothing_in_the_console(
    served: Served, scene: Scene, visit: Callable[..., Visitor], language: str
) -> None:
    tour = Tour(visit, language)
    visitor = tour.visitor
    visitor.come_in(invited(served, "owner", f"tours-{language}@example.com"))
    paths = [f"/office{page}" for page in PAGES] + ["/settings"]
    paths += [f"/office/customers/{scene.busy}{tab}" for tab in TABS]
    paths += [f"/office/customers/{scene.leaving}?tab=money", f"/office/customers/{scene.flagged[0]}?tab=flags"]
    paths += [f"/office/requests/{scene.request}", "/office/customers/acc_none", "/office/customers?find=nobody+here"]
    tour.sees(paths)
    # A dialog, which stands above everything.
    visitor.go(f"/office/customers/{scene.busy}")
    for operation in ("grant", "cancel"):
        visitor.page.locator(f"[data-act={operation}]").first.click()
        visitor.page.get_by_role("dialog").locator("button[type=submit]").wait_for()
        tour.looks(f"dialog {operation}")
        visitor.close_dialog()
    assert tour.found == []
    assert visitor.complaints == []
