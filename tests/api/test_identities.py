"""Signing in by an issuer of identities: who comes in, as whom, and everything that does not get in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from faregate.app.front import Front
from faregate.app.identities import LASTS
from faregate.app.people_port import Passkey
from faregate.bootstrap.identifying import issuers_of
from faregate.core.instants import DAY
from faregate.identity.settings import IssuerSettings, SignInSettingsError, read_sign_in
from faregate.wire.client import Client
from tests.api.browser import ORIGIN, Browser, Page
from tests.api.conftest import Clock
from tests.api.console import House
from tests.api.engines import either_database as database  # noqa: F401 - a fixture
from tests.api.issuer import CLIENT, SECRET, Issuer, issuing

START, BACK = "/session/oidc/test/start", "/session/oidc/test/callback"
REFUSED = "/console/sign-in#refused="


@pytest.fixture
async def issuer(house: House, clock: Clock) -> AsyncIterator[Issuer]:
    async with issuing() as made:
        made.now = clock.now
        client = Client(environ={})
        settings = IssuerSettings("test", "Test", made.url, CLIENT, SECRET)
        house.control.identities.issuers = issuers_of([settings], client)
        house.control.front = Front(ORIGIN)
        yield made
        await client.close()


class Away:
    """A browser on its errand: it keeps the errand's cookie beside its session."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.errand = ""

    async def go(self, **query: str) -> str:
        session = self.browser.cookie
        page = await self.browser.call("GET", START, query=query)
        assert page.status == 303, page
        self.errand, self.browser.cookie = page.headers["set-cookie"].partition(";")[0], session
        flags = page.headers["set-cookie"].lower()
        assert "httponly" in flags
        assert "path=/api/v1/session/oidc" in flags
        return page.headers["location"]

    async def back(self, told: dict[str, str]) -> Page:
        cookies = "; ".join(each for each in (self.browser.cookie, self.errand) if each)
        page = await self.browser.call("GET", BACK, query=told, cookie=cookies)
        assert page.status == 303, page
        return page

    async def round(self, issuer: Issuer, **query: str) -> str:
        """There and back; where the browser ends up."""
        return (await self.back(issuer.consent(await self.go(**query)))).headers["location"]

    async def who(self) -> Any:
        return (await self.browser.done("GET", "/session"))["user"]


@pytest.fixture
def away(house: House) -> Away:
    return Away(house.browser())


async def test_who_comes_for_the_first_time_signs_up_and_is_the_same_one_again(
    house: House, issuer: Issuer, away: Away
) -> None:
    assert (await away.browser.done("GET", "/session"))["oidc"] == [{"name": "test", "label": "Test"}]
    assert await away.round(issuer, next="/console/plan") == "/console/plan"
    user = await away.who()
    assert (user["email"], user["name"], user["verified"], user["role"]) == (
        "ada@example.com",
        "Ada",
        True,
        "customer",
    )
    assert (await away.browser.done("GET", "/session"))["password"] is False
    issuer.claims = {"email": "new@example.com"}
    other = Away(house.browser())
    await other.round(issuer)
    assert (await other.who())["id"] == user["id"], "the identity counts, not the address"
    assert len(house.control.store.users()) == 1
    assert (await house.browser().sign_in("ada@example.com", "")).status == 401, "no password is no password"


async def test_a_user_who_verified_the_address_is_met_again_and_one_who_did_not_is_not(
    house: House, issuer: Issuer, away: Away
) -> None:
    await house.customer("ada@example.com")
    assert await away.round(issuer) == REFUSED + "email_taken"
    assert await away.who() is None
    await house.browser().done("POST", "/session/verify", {"token": house.mailbox.letters[0][2]})
    assert await away.round(issuer) == "/console"
    assert len(house.control.store.users()) == 1
    assert (await away.who())["email"] == "ada@example.com"


async def test_who_is_signed_in_connects_the_identity_to_themselves(house: House, issuer: Issuer, away: Away) -> None:
    bob = Away(await house.customer("bob@example.com"))
    assert await bob.round(issuer) == "/console"
    assert (await bob.who())["email"] == "bob@example.com"
    await away.round(issuer)
    assert (await away.who())["email"] == "bob@example.com"


async def connected(who: Away) -> list[tuple[str, bool, bool]]:
    await who.who()  # the word of a session that began elsewhere
    told = (await who.browser.done("GET", "/session/identities"))["identities"]
    assert all((each["connected_at"] is not None) is each["connected"] for each in told)
    return [(each["label"], each["connected"], each["available"]) for each in told]


async def test_an_identity_is_connected_and_disconnected_by_its_user_alone(
    house: House, issuer: Issuer, away: Away
) -> None:
    bob = Away(await house.customer("bob@example.com"))
    assert await connected(bob) == [("Test", False, True)]
    await bob.round(issuer)
    assert await connected(bob) == [("Test", True, True)]
    other = await house.customer("eve@example.com")
    assert (await other.call("DELETE", "/session/identities/test")).code == "not_found"
    assert (await other.done("GET", "/session/identities"))["identities"][0]["connected"] is False
    await bob.who()
    await bob.browser.done("DELETE", "/session/identities/test")
    assert await connected(bob) == [("Test", False, True)]
    assert (await bob.browser.call("DELETE", "/session/identities/test")).code == "not_found"
    assert (await house.browser().call("GET", "/session/identities")).code == "unauthenticated"
    issuer.claims = {"email": "new@example.com"}
    await away.round(issuer)
    assert (await away.who())["email"] == "new@example.com", "who is disconnected is known no more"


async def test_the_only_way_to_sign_in_is_never_taken_away(house: House, issuer: Issuer, away: Away) -> None:
    await away.round(issuer)
    await away.who()
    page = await away.browser.call("DELETE", "/session/identities/test")
    assert (page.status, page.code) == (409, "last_way_in")
    assert await connected(away) == [("Test", True, True)]
    user, store = (await away.who())["id"], house.control.store
    for passkey in ("pk_1", "pk_2"):
        assert store.add_passkey(Passkey(passkey, user, "laptop", b"key", 0, 1))
    await away.browser.done("DELETE", "/session/identities/test")
    await away.browser.done("DELETE", "/session/passkeys/pk_1")
    page = await away.browser.call("DELETE", "/session/passkeys/pk_2")
    assert (page.status, page.code) == (409, "last_way_in")
    known = store.user(user)
    assert known is not None
    store.put_user(known._replace(password="$argon2id$made"))
    assert (await away.browser.done("DELETE", "/session/passkeys/pk_2")) == {"passkeys": []}


async def test_an_issuer_that_is_set_up_no_more_is_no_way_in_and_can_be_let_go_of(
    house: House, issuer: Issuer, away: Away
) -> None:
    await away.round(issuer)
    user = (await away.who())["id"]
    assert house.control.store.add_identity("https://former.test", "sub", user, 1)
    assert await connected(away) == [("Test", True, True), ("former.test", True, False)]
    assert (await away.browser.call("DELETE", "/session/identities/test")).code == "last_way_in"
    former = (await away.browser.done("GET", "/session/identities"))["identities"][1]["name"]
    await away.browser.done("DELETE", f"/session/identities/{former}")
    assert await connected(away) == [("Test", True, True)]


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"email_verified": False}, "email_unverified"),
        ({"email": ""}, "email_unverified"),
        ({"nonce": "another"}, "identity_refused"),
        ({"aud": "another"}, "identity_refused"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "identity_refused"),
        ({"iss": "https://another.test"}, "identity_refused"),
        ({"exp": 1}, "identity_refused"),
        ({"iat": 4_000_000_000, "exp": 4_000_000_300}, "identity_refused"),
    ],
    ids=str,
)
async def test_a_token_that_proves_nothing_lets_nobody_in(
    house: House, issuer: Issuer, away: Away, claims: dict[str, Any], code: str
) -> None:
    issuer.claims = claims
    assert await away.round(issuer) == REFUSED + code
    assert await away.who() is None
    assert house.control.store.users() == []


async def test_a_token_signed_by_nobody_lets_nobody_in(house: House, issuer: Issuer, away: Away) -> None:
    issuer.forged = True
    assert await away.round(issuer) == REFUSED + "identity_refused"
    assert house.control.store.users() == []


async def test_what_comes_back_is_of_this_browser_this_errand_and_this_hour(
    house: House, issuer: Issuer, away: Away, clock: Clock
) -> None:
    told = issuer.consent(await away.go())
    thief = Away(house.browser())
    await thief.go()
    for who, brought in ((thief, told), (away, {**told, "state": "x"}), (Away(house.browser()), told)):
        assert (await who.back(brought)).headers["location"] == REFUSED + "identity_refused"
    assert await away.round(issuer) == "/console"
    again = Away(house.browser())
    told = issuer.consent(await again.go())
    clock.now += LASTS
    assert (await again.back(told)).headers["location"] == REFUSED + "identity_refused"
    said_no = Away(house.browser())
    state = issuer.consent(await said_no.go())["state"]
    page = await said_no.back({"state": state, "error": "access_denied", "code": "code-0"})
    assert page.headers["location"] == REFUSED + "identity_refused"


async def test_an_answer_serves_once(house: House, issuer: Issuer, away: Away) -> None:
    told = issuer.consent(await away.go())
    errand = away.errand
    assert (await away.back(told)).headers["location"] == "/console"
    other = Away(house.browser())
    other.errand = errand
    assert (await other.back(told)).headers["location"] == REFUSED + "identity_refused"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.test",
        "//evil.test",
        "/console//evil.test",
        "/console\\evil",
        "/consolex",
        "/api",
        "javascript:x",
    ],
)
async def test_nobody_is_sent_elsewhere_afterwards(issuer: Issuer, away: Away, wanted: str) -> None:
    assert await away.round(issuer, next=wanted) == "/console"


async def test_sign_up_that_is_closed_is_closed_here_too_and_who_is_kept_out_stays_out(
    house: House, issuer: Issuer, away: Away, clock: Clock
) -> None:
    house.control.front = Front(ORIGIN, sign_up="closed")
    assert await away.round(issuer) == REFUSED + "sign_up_closed"
    house.control.front = Front(ORIGIN)
    assert await away.round(issuer) == "/console"
    (user,) = house.control.store.users()
    await house.door.done("POST", f"/users/{user.id}/disable", {})
    clock.now += DAY
    issuer.now = clock.now
    assert await Away(house.browser()).round(issuer) == REFUSED + "user_disabled"


async def test_an_issuer_nobody_set_up_is_not_there(house: House, issuer: Issuer) -> None:
    page = await house.browser().call("GET", "/session/oidc/other/start")
    assert (page.status, page.code) == (404, "not_found")


def test_settings_of_sign_in_are_checked() -> None:
    written = {"name": "a", "label": "A", "issuer": "https://a.test", "client_id": "c", "client_secret_env": "S"}
    (read,) = read_sign_in([written], {"S": "secret"})
    assert (read.name, read.client_secret) == ("a", "secret")
    for broken, words in (
        ([{**written, "issuer": "http://a.test"}], "https"),
        ([{**written, "name": "A B"}], "name"),
        ([{**written, "colour": "red"}], "colour"),
        ([written, written], "twice"),
        (["a"], "0"),
    ):
        with pytest.raises(SignInSettingsError, match=words):
            read_sign_in(broken, {"S": "secret"})
    with pytest.raises(SignInSettingsError, match="not set"):
        read_sign_in([written], {})
