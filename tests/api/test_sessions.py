"""Signing up, in and out: cookies, the word of a write, links, sessions that end, who tries too often."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.app.front import Front
from faregate.core.instants import DAY, HOUR, MINUTE, SECOND
from tests.api.browser import ORIGIN, Browser
from tests.api.conftest import Clock
from tests.api.console import PASSWORD, House
from tests.api.door import Door


async def is_in(browser: Browser) -> bool:
    return bool((await browser.done("GET", "/session"))["signed_in"])


async def test_who_signs_up_is_in_with_an_account_of_their_own(house: House) -> None:
    ada = await house.customer("Ada@Example.com ")
    session = await ada.done("GET", "/session")
    user = session["user"]
    assert (user["email"], user["role"], user["verified"]) == ("ada@example.com", "customer", False)
    assert session["may"] == []
    assert (await ada.done("GET", "/me/account"))["account"] == user["account"]


async def test_signing_up_twice_makes_one_account_where_the_password_is_the_same(house: House) -> None:
    first, second = await house.customer("ada@example.com"), await house.customer("ada@example.com")
    one, two = [(await each.done("GET", "/session"))["user"] for each in (first, second)]
    assert one == two
    page = await house.browser().call(
        "POST", "/session/sign-up", {"email": "ada@example.com", "password": "another one"}
    )
    assert (page.status, page.code) == (409, "email_taken")


@pytest.mark.parametrize(
    ("email", "password", "code"),
    [
        ("ada", PASSWORD, "bad_email"),
        ("ada@nowhere", PASSWORD, "bad_email"),
        ("ada@example.com\nbcc: x@example.com", PASSWORD, "bad_email"),
        ("ada@example.com", "too short", "bad_password"),
        ("ada@example.com", "x" * 201, "bad_password"),
        ("ada@example.com", "Ada@example.com", "bad_password"),
    ],
)
async def test_what_is_no_address_or_no_password_makes_nobody(
    house: House, email: str, password: str, code: str
) -> None:
    page = await house.browser().call("POST", "/session/sign-up", {"email": email, "password": password})
    assert (page.status, page.code) == (400, code)
    assert house.control.store.users() == []
    assert house.control.store.accounts() == []


@pytest.mark.parametrize(("how", "code"), [("closed", "sign_up_closed"), ("invited", "sign_up_closed")])
async def test_nobody_signs_up_where_sign_up_is_not_open(house: House, how: str, code: str) -> None:
    house.control.front = Front(sign_up=how)  # type: ignore[arg-type]
    page = await house.browser().call("POST", "/session/sign-up", {"email": "ada@example.com", "password": PASSWORD})
    assert (page.status, page.code) == (403, code)


async def test_an_invitation_opens_the_door_to_one_who_has_it(house: House) -> None:
    inviter = (await house.door.account()).removeprefix("acc_")
    house.control.front = Front(sign_up="invited")
    browser = house.browser()
    body = {"email": "ada@example.com", "password": PASSWORD, "invitation": "nobody"}
    assert (await browser.call("POST", "/session/sign-up", body)).status == 404
    await browser.done("POST", "/session/sign-up", {**body, "invitation": inviter})
    assert await is_in(browser)


# ---- the cookie


@pytest.mark.parametrize(
    ("url", "name", "secure"), [("", "faregate", False), ("https://fare.test", "__Host-faregate", True)]
)
async def test_the_cookie_is_for_http_alone_and_for_tls_where_there_is_one(
    house: House, url: str, name: str, secure: bool
) -> None:
    house.control.front = Front(url)
    body = {"email": "ada@example.com", "password": PASSWORD}
    page = await house.browser().call("POST", "/session/sign-up", body, origin=url or ORIGIN)
    named, *flags = [part.strip().lower() for part in page.headers["set-cookie"].split(";")]
    assert named.startswith(f"{name.lower()}=")
    assert {"httponly", "path=/", "samesite=lax"} <= set(flags)
    assert ("secure" in flags) is secure
    assert not any(flag.startswith("domain") for flag in flags)
    token = page.headers["set-cookie"].partition(";")[0].partition("=")[2]
    assert token not in page.raw.decode(), "no script learns the token"


async def test_no_token_and_no_password_is_kept(house: House, door: Door) -> None:
    ada = await house.customer("ada@example.com")
    token = ada.cookie.partition("=")[2]
    (user,) = door.control.store.users()
    kept = repr((door.control.store.sessions_of(user.id), user))
    assert token not in kept
    assert PASSWORD not in kept
    assert user.password.startswith("$argon2id$")


async def test_a_session_is_another_after_each_signing_in(house: House) -> None:
    ada = await house.customer("ada@example.com")
    before = ada.cookie
    assert (await ada.sign_in("ada@example.com", PASSWORD)).status == 200
    assert ada.cookie != before
    after, ada.cookie = ada.cookie, before
    assert not await is_in(ada), "what somebody put into the browser before is of no use after"
    ada.cookie = after
    assert await is_in(ada)


# ---- writes are the console's own


@pytest.mark.parametrize(
    "headers",
    [
        {"x-faregate-csrf": None},
        {"x-faregate-csrf": "0" * 40},
        {"origin": None},
        {"origin": "null"},
        {"origin": "http://evil.test"},
        {"origin": "http://fare.test.evil.test"},
        {"origin": "http://fare.test:81"},
        {"origin": "ftp://fare.test"},
        {"origin": "http://[fare.test"},
    ],
    ids=str,
)
async def test_a_write_from_elsewhere_or_without_the_word_changes_nothing(
    house: House, headers: dict[str, Any]
) -> None:
    ada = await house.customer("ada@example.com")
    for method, path, body in (
        ("POST", "/me/keys", {"name": "stolen"}),
        ("POST", "/session/sign-out", None),
        ("POST", "/session/profile", {"name": "Eve"}),
    ):
        page = await ada.call(method, path, body, **headers)
        assert (page.status, page.code) == (403, "csrf_refused")
    assert (await ada.done("GET", "/me/keys"))["keys"] == []
    assert await is_in(ada)


async def test_an_operators_write_by_cookie_shows_the_word_too(house: House) -> None:
    owner = await house.operator("owner")
    page = await owner.call("POST", "/accounts", {"name": "x"}, **{"x-faregate-csrf": None})
    assert (page.status, page.code) == (403, "csrf_refused")
    page = await owner.call("POST", "/accounts", {"name": "x"}, origin="http://evil.test")
    assert (page.status, page.code) == (403, "csrf_refused")
    await owner.done("POST", "/accounts", {"name": "x"})


async def test_signing_in_from_elsewhere_is_refused(house: House) -> None:
    await house.customer("ada@example.com")
    body = {"email": "ada@example.com", "password": PASSWORD}
    page = await house.browser().call("POST", "/session/sign-in", body, origin="http://evil.test")
    assert (page.status, page.code) == (403, "csrf_refused")


async def test_over_tls_no_page_without_it_is_ours(house: House) -> None:
    house.control.front = Front("https://fare.test")
    body = {"email": "ada@example.com", "password": PASSWORD}
    assert (await house.browser().call("POST", "/session/sign-up", body, origin=ORIGIN)).status == 403
    assert (await house.browser().call("POST", "/session/sign-up", body, origin="https://fare.test")).status == 201


# ---- sessions end


async def test_another_password_ends_every_other_session_and_every_link(house: House) -> None:
    here, there = await house.customer("ada@example.com"), house.browser()
    await there.sign_in("ada@example.com")
    await house.browser().done("POST", "/session/reset-request", {"email": "ada@example.com"})
    (_, _, token) = house.mailbox.letters[-1]
    changed = await here.done("POST", "/session/password", {"old": PASSWORD, "new": "battery staple"})
    assert changed["signed_in"]
    assert await is_in(here)
    assert not await is_in(there)
    page = await house.browser().call("POST", "/session/reset", {"token": token, "password": "a third one"})
    assert (page.status, page.code) == (410, "link_over")
    assert (await house.browser().sign_in("ada@example.com", PASSWORD)).code == "wrong_credentials"
    assert (await house.browser().sign_in("ada@example.com", "battery staple")).status == 200


async def test_a_password_is_not_changed_by_one_who_does_not_know_it(house: House) -> None:
    ada = await house.customer("ada@example.com")
    page = await ada.call("POST", "/session/password", {"old": "wrong horse", "new": "battery staple"})
    assert (page.status, page.code) == (401, "wrong_credentials")
    assert (await house.browser().sign_in("ada@example.com")).status == 200


async def test_signing_out_ends_this_session_and_everywhere_all(house: House) -> None:
    here, there = await house.customer("ada@example.com"), house.browser()
    await there.sign_in("ada@example.com")
    cookie = here.cookie
    await here.done("POST", "/session/sign-out")
    here.cookie = cookie
    assert not await is_in(here)
    assert await is_in(there)
    third = house.browser()
    await third.sign_in("ada@example.com")
    await third.done("POST", "/session/sign-out-everywhere")
    assert not await is_in(there)


async def test_a_session_is_ended_by_name_from_another(house: House) -> None:
    here, there = await house.customer("ada@example.com"), house.browser()
    await there.sign_in("ada@example.com")
    rows = (await here.done("GET", "/session/sessions"))["sessions"]
    assert [row["user_agent"] for row in rows] == ["Test/1"] * 2
    (other,) = [row["id"] for row in rows if not row["current"]]
    await here.done("DELETE", f"/session/sessions/{other}")
    assert not await is_in(there)
    assert await is_in(here)


@pytest.mark.parametrize(
    ("role", "idle", "longest"), [("customer", 30 * DAY, 180 * DAY), ("owner", 12 * HOUR, 7 * DAY)]
)
async def test_a_session_ends_when_it_is_idle_or_old(
    house: House, clock: Clock, role: str, idle: int, longest: int
) -> None:
    browser = await (house.customer("ada@example.com") if role == "customer" else house.operator(role))
    begun = clock.now
    clock.now += idle - SECOND
    assert await is_in(browser), "used in time, it goes on"
    clock.now += idle - SECOND
    assert await is_in(browser)
    clock.now += idle
    assert not await is_in(browser), "left alone it ends"
    await browser.sign_in("ada@example.com" if role == "customer" else "owner@example.com")
    begun = clock.now
    while clock.now + idle // 2 < begun + longest:
        assert await is_in(browser)
        clock.now += idle // 2
    clock.now = begun + longest
    assert not await is_in(browser), "however much it is used"


@pytest.mark.parametrize("act", [("/role", {"role": "support"}), ("/disable", {})], ids=lambda act: act[0])
async def test_another_role_or_being_kept_out_ends_sessions(house: House, act: tuple[str, object]) -> None:
    ada = await house.customer("ada@example.com")
    (user,) = house.control.store.users()
    await house.door.done("POST", f"/users/{user.id}{act[0]}", act[1])
    assert not await is_in(ada)


async def test_one_who_is_kept_out_learns_no_more_than_one_with_a_wrong_password(house: House) -> None:
    await house.customer("ada@example.com")
    (user,) = house.control.store.users()
    await house.door.done("POST", f"/users/{user.id}/disable", {})
    right = await house.browser().sign_in("ada@example.com")
    wrong = await house.browser().sign_in("ada@example.com", "wrong horse")
    assert (right.status, right.body) == (wrong.status, wrong.body) == (401, right.body)
    await house.door.done("POST", f"/users/{user.id}/enable", {})
    assert (await house.browser().sign_in("ada@example.com")).status == 200


async def test_the_last_owner_stays_one(house: House) -> None:
    await house.operator("owner")
    (user,) = house.control.store.users()
    for path, body in (("/role", {"role": "support"}), ("/disable", {})):
        answer = await house.door.call("POST", f"/users/{user.id}{path}", body)
        assert (answer.status, answer.code) == (409, "last_owner")


# ---- links


async def test_a_link_sets_a_password_once_and_verifies_the_address(house: House) -> None:
    there = await house.customer("ada@example.com")
    await house.browser().done("POST", "/session/reset-request", {"email": "Ada@example.com"})
    kind, email, token = house.mailbox.letters[-1]
    assert (kind, email) == ("reset", "ada@example.com")
    page = await house.browser().call("POST", "/session/reset", {"token": token, "password": "short"})
    assert page.code == "bad_password", "which does not use the link up"
    here = house.browser()
    assert (await here.done("POST", "/session/reset", {"token": token, "password": "battery staple"}))["user"][
        "verified"
    ]
    assert not await is_in(there)
    again = await house.browser().call("POST", "/session/reset", {"token": token, "password": "another one"})
    assert (again.status, again.code) == (410, "link_over")


async def test_a_link_is_for_one_thing_and_for_a_while(house: House, clock: Clock) -> None:
    ada = await house.customer("ada@example.com")
    kind, _, token = house.mailbox.letters[0]
    assert kind == "verify"
    page = await house.browser().call("POST", "/session/reset", {"token": token, "password": "battery staple"})
    assert page.code == "link_over"
    await house.browser().done("POST", "/session/verify", {"token": token})
    assert (await ada.done("GET", "/session"))["user"]["verified"]
    await house.browser().done("POST", "/session/reset-request", {"email": "ada@example.com"})
    clock.now += DAY
    body = {"token": house.mailbox.letters[-1][2], "password": "battery staple"}
    assert (await house.browser().call("POST", "/session/reset", body)).code == "link_over"


async def test_no_answer_tells_whether_an_address_is_known(house: House) -> None:
    await house.customer("ada@example.com")
    for path, body in (
        ("/session/sign-in", {"password": "wrong horse"}),
        ("/session/reset-request", {}),
    ):
        known = await house.browser().call("POST", path, {"email": "ada@example.com", **body})
        unknown = await house.browser().call("POST", path, {"email": "eve@example.com", **body})
        nonsense = await house.browser().call("POST", path, {"email": "eve", **body})
        assert known[:1] + known[2:] == unknown[:1] + unknown[2:] == nonsense[:1] + nonsense[2:]


async def test_an_unknown_address_costs_the_same_hash_as_a_wrong_password(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.customer("ada@example.com")
    passwords, hashed = house.control.users.passwords, list[str]()
    fits = passwords.fits

    async def counted(password: str, hash: str) -> bool:
        hashed.append(hash[:10])
        return await fits(password, hash)

    monkeypatch.setattr(passwords, "fits", counted)
    for email in ("ada@example.com", "eve@example.com"):
        await house.browser().sign_in(email, "wrong horse")
    assert hashed == ["$argon2id$", ""]


# ---- who tries too often


async def tried(house: House, times: int, email: str, address: str | None = None) -> list[int]:
    return [(await house.browser(address).sign_in(email, "wrong horse")).status for _ in range(times)]


@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
async def test_who_guesses_at_one_user_waits_from_wherever_they_come(house: House, clock: Clock, email: str) -> None:
    await house.customer("ada@example.com")
    assert await tried(house, 5, email) == [401] * 5
    page = await house.browser().sign_in(email, PASSWORD)
    assert (page.status, page.code) == (429, "too_many_attempts")
    assert 1 <= int(page.headers["retry-after"]) <= 300
    delays = []
    for _ in range(12):
        page = await house.browser().sign_in(email, "wrong horse")
        assert page.status == 429
        delays.append(int(page.headers["retry-after"]))
        clock.now += delays[-1] * SECOND
        assert (await house.browser().sign_in(email, "wrong horse")).status == 401
    assert delays == sorted(delays)
    assert delays[:3] == [1, 2, 4]
    assert delays[-1] == 300


async def test_who_knows_the_password_gets_in_after_the_wait_and_starts_anew(house: House, clock: Clock) -> None:
    await house.customer("ada@example.com")
    await tried(house, 5, "ada@example.com")
    clock.now += MINUTE
    assert (await house.browser().sign_in("ada@example.com")).status == 200
    assert await tried(house, 5, "ada@example.com") == [401] * 5


async def test_who_guesses_at_many_users_from_one_address_waits(house: House) -> None:
    statuses = [
        (await house.browser("198.51.100.7").sign_in(f"user{number}@example.com", "wrong horse")).status
        for number in range(31)
    ]
    assert statuses == [401] * 30 + [429]
    assert (await house.browser("198.51.100.8").sign_in("user1@example.com", "wrong horse")).status == 401


async def test_nobody_has_many_letters_sent(house: House) -> None:
    await house.customer("ada@example.com")
    statuses = [
        (await house.browser().call("POST", "/session/reset-request", {"email": "ada@example.com"})).status
        for _ in range(7)
    ]
    assert statuses == [200] * 5 + [429] * 2
    assert [kind for kind, _, _ in house.mailbox.letters] == ["verify"] + ["reset"] * 5
