"""Other services to sign in by, in a browser: connected and disconnected in the settings, never the last way in."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest

from tests.api.issuer import CLIENT, SECRET, Issuer, issuing
from tests.clients.background import in_background
from tests.console.visitor import Visitor
from tests.service.conftest import Upstream
from tests.service.served import Place, Served


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with in_background(issuing) as issuer:
        issuer.now = time.time_ns() // 1000
        yield issuer


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream, issuer: Issuer) -> Iterator[Served]:
    told = {"name": "test", "label": "Harbour ID", "issuer": issuer.url, "client_id": CLIENT}
    sign_in = [{**told, "client_secret_env": "ISSUER_SECRET"}]
    place = Place(tmp_path_factory.mktemp("connected"), upstream.url, plans=(), drain_seconds=1, sign_in=sign_in)
    place.environment["ISSUER_SECRET"] = SECRET
    with place.serving() as served:
        issuer.redirect = f"{served.url}/api/v1/session/oidc/test/callback"
        yield served


@pytest.mark.parametrize(("language", "width"), [("en", 1440), ("zh", 390)])
def test_a_service_is_connected_and_disconnected_in_the_settings(
    issuer: Issuer, visit: Callable[..., Visitor], language: str, width: int
) -> None:
    issuer.claims = {"sub": f"connects-{language}"}
    visitor = visit(language, "light", width)
    account = visitor.sign_up(f"connects-{language}@example.com")
    visitor.go("/settings")
    row = visitor.page.locator("[data-identity=test]")
    row.get_by_role("link").click()
    row.get_by_role("button").wait_for()
    assert visitor.page.url.endswith("/console/settings")
    assert visitor.get("/session")["user"]["account"] == account
    assert (visitor.violations(), visitor.overflow()) == ([], 0)
    visitor.page.once("dialog", lambda dialog: dialog.accept())
    row.get_by_role("button").click()
    row.get_by_role("link").wait_for()
    assert [each["connected"] for each in visitor.get("/session/identities")["identities"]] == [False]
    # Refused there: told in the settings, where it was begun.
    issuer.claims = {"nonce": "another"}
    row.get_by_role("link").click()
    visitor.page.get_by_role("alert").wait_for()
    assert visitor.page.url.endswith("/console/settings#refused=identity_refused")
    assert visitor.complaints == []


def test_who_has_no_other_way_in_keeps_this_one(issuer: Issuer, visit: Callable[..., Visitor]) -> None:
    issuer.claims = {"sub": "only", "email": "only@example.com", "name": "Only"}
    visitor = visit()
    visitor.go("/sign-in?to=/console/keys")
    visitor.page.get_by_role("link", name="Harbour ID").click()
    visitor.page.wait_for_url("**/console/keys")
    visitor.settle()
    visitor.go("/settings")
    visitor.page.get_by_text("You have no password").wait_for()
    visitor.page.once("dialog", lambda dialog: dialog.accept())
    visitor.page.locator("[data-identity=test]").get_by_role("button").click()
    visitor.page.get_by_text("This is your only way to sign in").wait_for()
    assert [each["connected"] for each in visitor.get("/session/identities")["identities"]] == [True]
    assert visitor.complaints == []
