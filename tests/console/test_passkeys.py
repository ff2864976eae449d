"""Passkeys in Chromium, by its virtual authenticator: made in the settings, then signed in with, on localhost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.console.visitor import Visitor
from tests.service.conftest import Upstream
from tests.service.served import Place, Served


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Served]:
    place = Place(tmp_path_factory.mktemp("passkeys"), upstream.url, plans=(), drain_seconds=1)
    with place.serving() as served:
        yield served


def test_a_passkey_made_in_the_settings_signs_in(browser: Browser, served: Served) -> None:
    # Passkeys belong to a name of a host, which an address is not.
    visitor = Visitor(browser, served.url.replace("127.0.0.1", "localhost"), "en", "light", 1440)
    try:
        device = visitor.page.context.new_cdp_session(visitor.page)
        device.send("WebAuthn.enable")
        options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
        options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
        device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        account = visitor.sign_up("passkey@example.com")
        visitor.go("/settings")
        visitor.page.get_by_role("button", name="Add a passkey").click()
        visitor.page.locator("section", has_text="Passkeys").locator("li").first.wait_for()
        visitor.page.context.clear_cookies()
        visitor.go("/sign-in")
        visitor.page.get_by_role("button", name="With a passkey").click()
        visitor.page.wait_for_url("**/console/overview")
        visitor.settle()
        assert visitor.get("/session")["user"]["account"] == account
        assert visitor.complaints == []
    finally:
        visitor.close()
