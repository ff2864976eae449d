"""Passkeys: made by who is signed in, signed in with by who has one, and of no use in any other way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from faregate.app.front import Front
from faregate.app.passkeys import LASTS
from faregate.bootstrap.identifying import web_authn
from tests.api.authenticator import PRESENT, Authenticator, raw, text
from tests.api.browser import ORIGIN, Browser, Page
from tests.api.conftest import Clock
from tests.api.console import House
from tests.api.engines import either_database as database  # noqa: F401 - a fixture

P = "/session/passkeys"


@pytest.fixture
async def ada(house: House) -> Browser:
    house.control.passkeys.verifier = web_authn
    return await house.customer("ada@example.com")


async def made(browser: Browser, key: Authenticator, name: str = "laptop") -> Page:
    options = await browser.done("POST", P + "/options", {})
    return await browser.call("POST", P, {"name": name, "credential": key.create(options)})


async def signed_in(browser: Browser, key: Authenticator) -> Page:
    options = await browser.done("POST", P + "/sign-in/options", {})
    return await browser.call("POST", P + "/sign-in", {"credential": key.get(options)})


async def test_a_passkey_is_made_and_signs_in(house: House, ada: Browser, clock: Clock) -> None:
    key = Authenticator(ORIGIN)
    page = await made(ada, key)
    assert page.status == 201
    ((row),) = page.body["passkeys"]
    assert (row["id"], row["name"], row["last_used_at"]) == (text(key.id), "laptop", None)
    browser = house.browser()
    page = await signed_in(browser, key)
    assert (page.status, page.body["user"]["email"]) == (200, "ada@example.com")
    assert (await browser.done("GET", "/me/account"))["account"] == page.body["user"]["account"]
    assert (await browser.done("GET", P))["passkeys"][0]["last_used_at"] is not None


async def test_what_a_browser_is_asked_for_is_a_passkey_with_its_user_verified(house: House, ada: Browser) -> None:
    options = await ada.done("POST", P + "/options", {})
    assert options["rp"]["id"] == "fare.test"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert options["attestation"] == "none"
    assert "ada@example.com" not in raw(options["user"]["id"]).decode()
    key = Authenticator(ORIGIN)
    await made(ada, key)
    again = await ada.done("POST", P + "/options", {})
    assert [each["id"] for each in again["excludeCredentials"]] == [text(key.id)]
    asked = await house.browser().done("POST", P + "/sign-in/options", {})
    assert asked["rpId"] == "fare.test"
    assert not asked.get("allowCredentials"), "nobody learns who has one"


def no_user(key: Authenticator) -> None:
    key.flags = PRESENT


def elsewhere(key: Authenticator) -> None:
    key.origin = "http://evil.test"


def another_key(key: Authenticator) -> None:
    key.key = Authenticator(ORIGIN).key


def copied(key: Authenticator) -> None:
    key.uses = 0


def unknown(key: Authenticator) -> None:
    key.id = b"unknown"


@pytest.mark.parametrize("wrong", [no_user, elsewhere, another_key, copied, unknown])
async def test_what_is_not_the_passkey_does_not_sign_in_and_is_not_told_why(
    house: House, ada: Browser, wrong: Callable[[Authenticator], None]
) -> None:
    key = Authenticator(ORIGIN)
    await made(ada, key)
    wrong(key)
    page = await signed_in(house.browser(), key)
    assert (page.status, page.code) == (401, "passkey_refused")
    assert page.body["error"]["message"].startswith("this passkey does not sign in here")


@pytest.mark.parametrize("wrong", [no_user, elsewhere])
async def test_what_proves_nothing_is_not_kept(ada: Browser, wrong: Callable[[Authenticator], None]) -> None:
    key = Authenticator(ORIGIN)
    wrong(key)
    page = await made(ada, key)
    assert (page.status, page.code) == (400, "passkey_refused")
    assert (await ada.done("GET", P))["passkeys"] == []


async def test_an_answer_serves_once_and_for_a_while(house: House, ada: Browser, clock: Clock) -> None:
    key = Authenticator(ORIGIN)
    await made(ada, key)
    browser = house.browser()
    options = await browser.done("POST", P + "/sign-in/options", {})
    body: dict[str, Any] = {"credential": key.get(options)}
    assert (await browser.call("POST", P + "/sign-in", body)).status == 200
    assert (await house.browser().call("POST", P + "/sign-in", body)).status == 401
    late = await browser.done("POST", P + "/sign-in/options", {})
    clock.now += LASTS
    assert (await browser.call("POST", P + "/sign-in", {"credential": key.get(late)})).status == 401


async def test_what_was_asked_of_one_user_or_for_one_thing_is_no_answer_for_another(
    house: House, ada: Browser
) -> None:
    bob = await house.customer("bob@example.com")
    options = await bob.done("POST", P + "/options", {})
    page = await ada.call("POST", P, {"name": "x", "credential": Authenticator(ORIGIN).create(options)})
    assert page.code == "passkey_refused"
    key = Authenticator(ORIGIN)
    await made(ada, key)
    options = await ada.done("POST", P + "/options", {})
    answer = key.get({"challenge": options["challenge"], "rpId": "fare.test"})
    assert (await house.browser().call("POST", P + "/sign-in", {"credential": answer})).status == 401


@pytest.mark.parametrize("broken", [{}, {"response": {}}, {"response": {"clientDataJSON": "!"}}, {"response": 7}])
async def test_nonsense_is_refused(house: House, ada: Browser, broken: dict[str, Any]) -> None:
    assert (await ada.call("POST", P, {"name": "x", "credential": broken})).code == "passkey_refused"
    page = await house.browser().call("POST", P + "/sign-in", {"credential": broken})
    assert (page.status, page.code) == (401, "passkey_refused")


async def test_a_passkey_is_one_users_and_is_forgotten_by_that_user_alone(house: House, ada: Browser) -> None:
    key, bob = Authenticator(ORIGIN), await house.customer("bob@example.com")
    await made(ada, key)
    page = await made(bob, key)
    assert (page.status, page.code) == (409, "passkey_taken")
    page = await bob.call("DELETE", f"{P}/{text(key.id)}")
    assert (page.status, page.code) == (404, "not_found")
    assert (await ada.done("DELETE", f"{P}/{text(key.id)}"))["passkeys"] == []
    assert (await signed_in(house.browser(), key)).status == 401


async def test_one_who_is_kept_out_does_not_sign_in_with_a_passkey_either(house: House, ada: Browser) -> None:
    key = Authenticator(ORIGIN)
    await made(ada, key)
    (user,) = house.control.store.users()
    await house.door.done("POST", f"/users/{user.id}/disable", {})
    assert (await signed_in(house.browser(), key)).status == 401


@pytest.mark.parametrize(
    ("url", "host", "there"),
    [("https://fare.test", "fare.test", True), ("", "localhost:8080", True), ("", "fare.test", False)],
)
async def test_a_page_is_told_whether_there_are_passkeys(
    house: House, ada: Browser, url: str, host: str, there: bool
) -> None:
    house.control.front = Front(url)
    assert (await house.browser().done("GET", "/session", host=host))["passkeys"] is there
