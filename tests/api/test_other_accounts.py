"""Nobody reaches another account's data: every operation, every field that names something, by the documents.

Two customers with the same things. One asks for the other's by name, in every place where a name stands, and is told
in the words of what never was; what the one is told never holds a word of the other's.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from faregate.api.console_document import whole_document
from faregate.api.console_operations import CONSOLE_OPERATIONS
from faregate.api.operations import OPERATIONS
from faregate.api.own_application import own_document
from faregate.app.people_port import Passkey
from tests.api.browser import Browser, Page
from tests.api.console import House

OWNED = {"key", "order", "request", "number", "conversation", "session", "passkey", "before"}
"""Fields that name what belongs to somebody."""
PLAIN = {
    # what everybody may name: plans and what stands in them, models, payers, codes that are made to be handed on
    *("plan", "to", "pool", "price", "model", "payer", "coupon", "code", "family", "invitation", "window", "kind"),
    # words, amounts and times of one's own
    *("name", "new_key", "title", "parts", "address", "tax_number", "email", "password", "old", "new", "language"),
    *("amount", "requests", "shown", "days", "limit", "day", "from", "until", "show_in", "by", "outcome"),
    # where one is told of things
    *("webhook", "kinds"),
    # choices
    *("on", "automatic", "once", "act", "billing", "return_url"),
    # of how tools are set up, which is the same for everybody
    *("base", "small_model", "api"),
    # of dropped logs, which are kept nowhere
    *("files", "currency", "zone"),
    # what proves itself
    "credential",
    *("state", "error", "next"),
    # what is a secret by itself
    "token",
}
"""Fields that name nothing of anybody's."""
BODIES: dict[str, dict[str, Any]] = {
    "my_limit_key": {"requests": 5},
    "my_change_conversation": {"title": "mine"},
    "my_say": {"parts": [{"type": "text", "text": "hi"}]},
    "my_set_extra_usage": {"on": True, "plan": "agipower/pro"},
    "set_extra_usage": {"on": True, "plan": "agipower/pro"},
}
"""What the operations with an owned field need besides."""


class Place(NamedTuple):
    """Where a field stands: in which operation, ``where`` path, query or body."""

    method: str
    path: str
    name: str
    where: str
    field: str


def places(document: dict[str, Any]) -> Iterator[Place]:
    """Every field of every operation that takes no admin token."""
    for path, operations in document["paths"].items():
        for method, told in operations.items():
            if told.get("security", [{"admin": []}])[:1] == [{"admin": []}] and path.startswith("/api"):
                continue
            base = (method.upper(), path, told["operationId"])
            for each in told["parameters"]:
                if each["in"] != "header":
                    yield Place(*base, each["in"], each["name"])
            if "requestBody" in told:
                reference = told["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
                for name in document["components"]["schemas"][reference]["properties"]:
                    yield Place(*base, "body", name)


CONSOLE_PLACES = list(places(whole_document()))
OWN_PLACES = list(places(own_document()))
ASKED = [each for each in CONSOLE_PLACES if each.field in OWNED]


class Customer(NamedTuple):
    """A browser, the account behind it, one of each thing by the field that names it, and an API key."""

    browser: Browser
    account: str
    things: dict[str, str]
    secret: str

    def words(self) -> set[str]:
        """What is told to nobody else."""
        return {self.account, self.browser.cookie.partition("=")[2], self.secret, *self.things.values()}


async def customer(house: House, name: str) -> Customer:
    browser, door = await house.customer(f"{name}@example.com"), house.door
    account = (await browser.done("GET", "/session"))["user"]["account"]
    await door.done("POST", f"/accounts/{account}/subscriptions", {"plan": "agipower/pro"})
    key = await browser.done("POST", "/me/keys", {"name": f"{name}'s laptop"})
    order = await browser.done("POST", "/me/orders", {"plan": "kimi/andante", "payer": "manual"})
    seen = {"amount": order["to_pay"], "currency": order["currency"], "seen": "statement"}
    await door.done("POST", f"/accounts/{account}/orders/{order['id']}/confirm", seen)
    (document, *_) = (await browser.done("GET", "/me/documents"))["documents"]
    talk = await browser.done("POST", "/me/conversations", {"model": "anthropic/claude-sonnet-4"})
    (session,) = (await browser.done("GET", "/session/sessions"))["sessions"]
    passkey = f"passkey-of-{name}"
    user = door.control.store.users_of_account(account)[0].id
    door.control.store.add_passkey(Passkey(passkey, user, name, b"", 0, 0))
    request = await door.metered(account)
    things = {
        "key": key["id"],
        "order": order["id"],
        "request": request,
        "number": document["number"],
        "conversation": talk["id"],
        "session": session["id"],
        "passkey": passkey,
    }
    return Customer(browser, account, things, key["secret"])


@pytest.fixture
async def two(house: House) -> tuple[Customer, Customer]:
    return await customer(house, "ada"), await customer(house, "bob")


def named(place: Place, things: dict[str, str]) -> str:
    """What ``place`` names, of ``things``."""
    if place.field == "before":
        return things["conversation" if "conversations" in place.path else "request"]
    return things[place.field]


def never_was(thing: str) -> str:
    """A name of the same form that nothing has: its last figures are others."""
    return re.sub(r"[0-9a-z]{3}$", lambda found: "zzz" if found[0] != "zzz" else "yyy", thing)


async def asked(who: Customer, place: Place, thing: str) -> Page:
    """The operation with ``thing`` in that place, and one's own in every other."""
    values = {name: value for name, value in who.things.items() if name != place.field}
    path = place.path.removeprefix("/api/v1").replace(f"{{{place.field}}}", thing if place.where == "path" else "")
    path = re.sub(r"{(\w+)}", lambda found: values[found[1]], path)
    body = BODIES.get(place.name)
    if place.where == "body":
        body = {**(body or {}), place.field: thing}
    query = {place.field: thing} if place.where == "query" else None
    return await who.browser.call(place.method, path, body, query)


async def kept(house: House, who: Customer) -> Any:
    """Everything of ``who``, as the operator and the store know it."""
    store = house.control.store
    return (
        house.door.books(),
        store.sessions_of(store.users()[0].id),
        store.sessions_of(store.users()[1].id),
        house.control.studio.conversation(who.account, who.things["conversation"]),
    )


def test_every_field_is_known_to_name_something_or_nothing() -> None:
    fields = {each.field for each in (*CONSOLE_PLACES, *OWN_PLACES)}
    assert fields <= OWNED | PLAIN, "say of a new field whether it names what belongs to somebody"
    assert len(ASKED) > 15
    assert {each.field for each in ASKED} == OWNED


def test_the_documents_hold_every_operation() -> None:
    paths = whole_document()["paths"]
    told = {operation["operationId"] for each in paths.values() for operation in each.values()}
    assert told == {operation.name for operation in OPERATIONS} | {operation.name for operation in CONSOLE_OPERATIONS}


@pytest.mark.parametrize("place", ASKED, ids=lambda place: f"{place.name}-{place.field}")
async def test_what_is_anothers_is_told_of_as_what_never_was(
    house: House, two: tuple[Customer, Customer], place: Place
) -> None:
    ada, bob = two
    theirs = named(place, bob.things)
    invented = never_was(theirs)
    assert invented != theirs
    before = await kept(house, bob)
    other, nothing = await asked(ada, place, theirs), await asked(ada, place, invented)
    assert other.status == nothing.status
    assert other.raw.decode().replace(theirs, "X") == nothing.raw.decode().replace(invented, "X")
    assert await kept(house, bob) == before
    if place.where == "query" and place.field == "key":
        assert other.body["requests"] == [], "a filter that fits nothing"
    else:
        assert (other.status, other.code) == (404, "not_found"), other
    told = other.raw.decode().replace(theirs, "")
    for word in bob.words():
        assert word not in told


@pytest.mark.parametrize(
    "place", [each for each in ASKED if each.method == "GET"], ids=lambda place: f"{place.name}-{place.field}"
)
async def test_what_is_ones_own_is_told(two: tuple[Customer, Customer], place: Place) -> None:
    ada, _ = two
    page = await asked(ada, place, named(place, ada.things))
    assert page.status == 200, page


async def test_no_reading_tells_a_word_of_anybody_else(two: tuple[Customer, Customer]) -> None:
    ada, bob = two
    read = 0
    for operation in CONSOLE_OPERATIONS:
        if operation.method != "GET" or operation.gives == "text/event-stream":
            continue
        if operation.status == 303:
            continue
        path = re.sub(r"{(\w+)}", lambda found: ada.things[found[1]], operation.path)
        told = (await ada.browser.call("GET", path)).raw.decode("latin-1")
        read += 1
        for word in (*bob.words(), "bob@example.com", "bob's laptop"):
            assert word not in told, operation.name
    assert read > 20


async def test_operators_operations_are_closed_to_a_customer_whomever_they_name(
    house: House, two: tuple[Customer, Customer]
) -> None:
    ada, bob = two
    before = await kept(house, bob)
    for who in (ada, bob):
        values = {**who.things, "account": who.account, "user": house.control.store.users()[1].id}
        for operation in OPERATIONS:
            path = re.sub(r"{(\w+)}", lambda found: values.get(found[1], "x"), operation.path)  # noqa: B023
            page = await ada.browser.call(operation.method, path, {} if operation.body is not None else None)
            assert (page.status, page.code) == (403, "forbidden"), operation.name
    assert await kept(house, bob) == before


async def test_the_same_idempotency_key_of_two_accounts_is_two_writes(two: tuple[Customer, Customer]) -> None:
    ada, bob = two
    headers: dict[str, Any] = {"idempotency-key": "the same"}
    one = await ada.browser.done("POST", "/me/keys", {"name": "x"}, **headers)
    two_ = await bob.browser.done("POST", "/me/keys", {"name": "x"}, **headers)
    assert one["id"] != two_["id"]
    again = await ada.browser.call("POST", "/me/keys", {"name": "x"}, **headers)
    assert again.status == 409, "a secret is shown once"
    assert one["secret"] not in again.raw.decode()


async def test_a_session_begun_by_one_reaches_nothing_with_the_word_of_another(
    two: tuple[Customer, Customer],
) -> None:
    ada, bob = two
    page = await ada.browser.call("POST", "/me/keys", {"name": "x"}, x_faregate_csrf=bob.browser.csrf)
    assert (page.status, page.code) == (403, "csrf_refused")


# ---- self-service, with an API key


@pytest.mark.parametrize(
    "place",
    [each for each in OWN_PLACES if each.field in OWNED],
    ids=lambda place: f"{place.name}-{place.field}",
)
async def test_a_key_reaches_nothing_of_another_account(
    house: House, two: tuple[Customer, Customer], place: Place
) -> None:
    ada, bob = two
    theirs = named(place, bob.things)
    before = await kept(house, bob)

    async def put(thing: str) -> tuple[int, str]:
        path = place.path.replace(f"{{{place.field}}}", thing)
        body = dict(BODIES.get(place.name, {})) | ({place.field: thing} if place.where == "body" else {})
        query = f"{place.field}={thing}".encode() if place.where == "query" else b""
        raw = json.dumps(body).encode() if place.method == "POST" else b""
        answer = await house.door.send(place.method, path, raw, query, {"authorization": f"Bearer {ada.secret}"})
        return answer.status, json.dumps(answer.body).replace(thing, "X")

    assert await put(theirs) == await put(never_was(theirs))
    assert (await put(theirs))[0] == 404
    assert await kept(house, bob) == before


async def test_a_key_opens_nothing_of_the_console(house: House, two: tuple[Customer, Customer]) -> None:
    ada, _ = two
    for operation in CONSOLE_OPERATIONS:
        if operation.open or operation.method != "GET":
            continue
        path = re.sub(r"{(\w+)}", lambda found: ada.things[found[1]], operation.path)
        answer = await house.door.send("GET", "/api/v1" + path, b"", b"", {"authorization": f"Bearer {ada.secret}"})
        assert (answer.status, answer.code) == (401, "unauthenticated"), operation.name
