"""Notifications: what is wanted, what is told, once each, by letter and by webhook, over restarts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from faregate.app.notices import WAITS, Notices
from faregate.app.notices_port import NotTold
from faregate.app.noticing import events_of
from faregate.app.people_errors import BadWebhook
from faregate.app.people_port import User
from faregate.bootstrap.notifying import Notifying
from faregate.core.instants import DAY, HOUR, MINUTE, SECOND, parse_instant
from faregate.core.usage import Usage
from tests.api.browser import Browser
from tests.api.conftest import Clock
from tests.api.console import House
from tests.api.engines import either_database as database  # noqa: F401 - a fixture

HOOK = "https://hooks.example.com/faregate"


class Carrier:
    """Takes letters and webhook calls; says no as often as ``refusals`` says."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, dict[str, Any]]] = []
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        self.refusals: list[NotTold] = []

    def _maybe(self) -> None:
        if self.refusals:
            raise self.refusals.pop(0)

    async def notice(self, user: User, kind: str, facts: dict[str, Any], event: str) -> None:
        self._maybe()
        self.letters.append((user.email, kind, facts))

    def check(self, url: str) -> None:
        if not url.startswith("https://"):
            raise BadWebhook("https alone")

    async def call(self, url: str, secret: str, event: str, body: bytes, now: int) -> None:
        self._maybe()
        self.calls.append((url, secret, json.loads(body)))


class Told:
    """One customer, and a service that tells."""

    def __init__(self, house: House, browser: Browser, account: str, clock: Clock) -> None:
        self.house, self.browser, self.account, self.clock = house, browser, account, clock
        self.carrier = Carrier()
        self.restart()

    def restart(self) -> None:
        """As another process finds the store."""
        control = self.house.control
        control.notices = Notices(control.store, control.randomness)
        self.notifying = Notifying(control, None, self.clock)
        control.notices.letters = control.notices.hooks = self.carrier

    async def used(self, output: int) -> None:
        await self.house.door.metered(self.account, Usage(output=output))
        await self.notifying.round()

    def kinds(self) -> list[str]:
        return [kind for _, kind, _ in self.carrier.letters]


@pytest.fixture
async def told(house: House, clock: Clock) -> Told:
    browser = await house.customer("ada@example.com")
    account = (await browser.done("GET", "/session"))["user"]["account"]
    await house.door.done("POST", f"/accounts/{account}/subscriptions", {"plan": "agipower/pro"})
    return Told(house, browser, account, clock)


async def five_hours(told: Told) -> dict[str, Any]:
    plan = next(each for each in (await told.browser.done("GET", "/me/account"))["plans"] if not each["wallet"])
    return next(window for window in plan["windows"] if window["id"].endswith(":5h"))


async def test_a_window_is_told_of_at_80_and_at_100_percent_once_each(told: Told) -> None:
    seen = []
    while (window := await five_hours(told))["remaining"] != "0":
        part = float(window["used"]) / float(window["limit"])
        assert told.kinds() == (["window_80"] if part >= 0.8 else [])
        seen.append(part)
        await told.used(20_000)
    assert told.kinds() == ["window_80", "window_100"]
    await told.notifying.round()
    told.restart()
    await told.notifying.round()
    assert told.kinds() == ["window_80", "window_100"], "once, a restart between or not"
    email, _, facts = told.carrier.letters[-1]
    assert email == "ada@example.com"
    assert facts["window"] == "agipower/pro:5h"
    assert facts["reopens_at"] == (await five_hours(told))["reopens_at"]


async def test_the_next_filling_of_a_window_is_told_of_again(told: Told, clock: Clock) -> None:
    while (await five_hours(told))["remaining"] != "0":
        await told.used(20_000)
    told.carrier.letters.clear()
    clock.now += 6 * HOUR
    while (await five_hours(told))["remaining"] != "0":
        await told.used(20_000)
    assert [kind for _, kind, facts in told.carrier.letters if facts["window"].endswith(":5h")][-1] == "window_100"


async def test_what_is_not_wanted_is_not_told(told: Told) -> None:
    wanted = {"kinds": {"window_80": False}, "email": True}
    changed = await told.browser.done("POST", "/me/notifications", wanted)
    assert changed["kinds"] == {"window_80": False, "window_100": True, "renewal": True, "payment_failed": True}
    while (await five_hours(told))["remaining"] != "0":
        await told.used(20_000)
    assert told.kinds() == ["window_100"]
    await told.browser.done("POST", "/me/notifications", {"email": False})
    await told.browser.done("POST", "/me/notifications/test")
    await told.notifying.round()
    assert told.kinds() == ["window_100"]


async def test_a_webhook_is_called_with_a_secret_that_is_shown_once_and_kept_nowhere(told: Told) -> None:
    made = await told.browser.done("POST", "/me/notifications", {"webhook": HOOK})
    secret = made["secret"]
    assert secret.startswith("whsec_")
    assert (await told.browser.done("POST", "/me/notifications", {"webhook": HOOK}))["secret"] is None
    read = await told.browser.done("GET", "/me/notifications")
    assert read["webhook"] == HOOK
    assert secret not in json.dumps(read)
    await told.browser.done("POST", "/me/notifications/test")
    await told.notifying.round()
    ((url, signed_with, body),) = told.carrier.calls
    assert (url, signed_with, body["kind"], body["account"]) == (HOOK, secret, "test", told.account)
    other = await told.browser.done("POST", "/me/notifications", {"webhook": HOOK + "/2"})
    assert other["secret"] != secret
    assert (await told.browser.done("POST", "/me/notifications", {"webhook": None}))["webhook"] is None


async def test_what_could_not_be_told_is_tried_again_later_and_later_and_then_given_up(
    told: Told, clock: Clock
) -> None:
    told.carrier.refusals = [NotTold("away")] * 2
    await told.browser.done("POST", "/me/notifications/test")
    await told.notifying.round()
    await told.notifying.round()
    assert len(told.carrier.refusals) == 1, "not again at once"
    clock.now += WAITS[0]
    await told.notifying.round()
    told.restart()
    clock.now += WAITS[1]
    await told.notifying.round()
    assert told.kinds() == ["test"]
    last = (await told.browser.done("GET", "/me/notifications"))["last"]
    assert [(each["kind"], each["channel"], each["outcome"]) for each in last] == [("test", "email", "sent")]
    told.carrier.refusals = [NotTold("away")] * 100
    clock.now += SECOND
    await told.browser.done("POST", "/me/notifications/test")
    for _ in range(20):
        await told.notifying.round()
        clock.now += DAY
    assert len(told.carrier.refusals) == 100 - 1 - len(WAITS)
    last = (await told.browser.done("GET", "/me/notifications"))["last"]
    assert last[0]["outcome"] == "failed"


async def test_what_is_refused_for_good_is_not_tried_again(told: Told, clock: Clock) -> None:
    told.carrier.refusals = [NotTold("gone", for_good=True)]
    await told.browser.done("POST", "/me/notifications/test")
    for _ in range(3):
        await told.notifying.round()
        clock.now += DAY
    assert told.kinds() == []


async def test_two_processes_tell_one_event_once(told: Told) -> None:
    notices, store = told.house.control.notices, told.house.control.store
    await told.browser.done("POST", "/me/notifications/test")
    (row,) = store.due_notices(told.clock.now, 10)
    assert store.claim_notice(row, told.clock.now + MINUTE)
    assert not store.claim_notice(row, told.clock.now + MINUTE)
    await notices.carry(told.clock.now)
    assert told.kinds() == []


async def test_a_renewal_is_told_of_before_and_after(told: Told, clock: Clock) -> None:
    order = await told.browser.done("POST", "/me/orders", {"plan": "kimi/andante", "payer": "manual"})
    seen = {"amount": order["to_pay"], "currency": order["currency"], "seen": "statement"}
    await told.house.door.done("POST", f"/accounts/{told.account}/orders/{order['id']}/confirm", seen)
    await told.notifying.round()
    assert told.kinds() == []
    clock.now += 29 * DAY
    told.notifying._look_ahead()
    await told.notifying.round()
    assert told.kinds() == ["renewal"]
    clock.now += 2 * DAY + MINUTE
    orders = f"/accounts/{told.account}/orders"
    for each in (await told.house.door.done("GET", orders))["orders"]:
        if each["id"] != order["id"]:
            await told.house.door.done("POST", f"{orders}/{each['id']}/confirm", seen)
    told.restart()
    await told.notifying.round()
    renewals = [facts for _, kind, facts in told.carrier.letters if kind == "renewal"]
    assert [(each["plan"], each["state"], each["amount"]) for each in renewals] == [
        ("kimi/andante", "coming", "49"),
        ("kimi/andante", "paid", "49"),
    ]


def test_each_charge_in_vain_is_an_event_and_the_same_one_for_ever() -> None:
    agreement = {"failed_charges": 1, "renews": True, "payer": "stripe", "orders": []}
    plan: dict[str, Any] = {
        "subscription": "a/b#1",
        "plan": "a/b",
        "windows": [],
        "agreement": agreement,
        "price": None,
    }
    plan |= {"period_start": None, "bought_at": None, "period_end": "2026-04-02T10:00:00Z"}
    now = parse_instant("2026-03-20T10:00:00Z")
    (first,) = events_of({"subscriptions": [plan]}, now)
    assert (first.kind, first.facts["tries"], first.facts["payer"]) == ("payment_failed", 1, "stripe")
    assert next(events_of({"subscriptions": [plan]}, now + DAY)).name == first.name
    agreement["failed_charges"] = 2
    assert next(events_of({"subscriptions": [plan]}, now)).name != first.name


async def test_an_account_without_people_is_told_nothing(house: House, clock: Clock) -> None:
    account = await house.door.account("agipower/pro")
    notifying = Notifying(house.control, None, clock)
    house.control.notices.letters = carrier = Carrier()
    await house.door.metered(account, Usage(output=1_000_000))
    await notifying.round()
    assert carrier.letters == []
    assert house.control.store.notices_of(account, 10) == []


async def test_a_webhook_that_may_not_be_called_is_refused(told: Told) -> None:
    page = await told.browser.call("POST", "/me/notifications", {"webhook": "http://hooks.example.com/"})
    assert (page.status, page.code) == (400, "bad_webhook")
    assert (await told.browser.done("GET", "/me/notifications"))["webhook"] is None
