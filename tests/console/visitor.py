"""Somebody at the console: a browser of one language, theme and width, and what it complained of.

Owns going to pages and what is looked at on each: words of the browser's console, what axe finds, what sticks out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "a long enough password"
_FOUND = """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
  .filter(each => ['serious', 'critical'].includes(each.impact))
  .map(each => each.id + ': ' + each.nodes.map(node => node.html.slice(0, 160) + ' ' + node.any
  .map(one => one.message).join('; ').slice(0, 160)).join(' | '))"""


class Visitor:
    """``complaints``: errors and warnings of the browser's console, failures of scripts and answers of 500."""

    def __init__(
        self, browser: Browser, url: str, language: str, theme: str, width: int, zone: str | None = None
    ) -> None:
        self.url = url
        self._context = browser.new_context(
            locale="zh-CN" if language == "zh" else "en-GB",
            color_scheme="dark" if theme == "dark" else "light",
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            timezone_id=zone,
        )
        self._context.set_default_timeout(20_000)
        self.page: Page = self._context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))

    def _heard(self, message: ConsoleMessage) -> None:
        # A refused call (a 4xx) is told by the browser itself; the page shows it in words.
        if message.type in ("error", "warning") and "the server responded with a status of 4" not in message.text:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def close(self) -> None:
        self._context.close()

    def go(self, path: str) -> None:
        """Open a page and wait until nothing on it is loading any more."""
        self.page.goto(self.url + "/console" + path)
        self.settle()

    def settle(self) -> None:
        self.page.wait_for_selector("main h1, main strong")
        self.page.locator("[aria-busy=true], .mantine-Skeleton-root").first.wait_for(state="detached")

    def sign_up(self, email: str) -> str:
        """A new customer, signed in; gives the account's id."""
        self.go("/sign-up")
        self.page.fill("input[type=email]", email)
        self.page.fill("input[autocomplete=new-password]", PASSWORD)
        self.page.click("form button[type=submit]")
        self.page.wait_for_url("**/console/overview")
        self.settle()
        return str(self.get("/session")["user"]["account"])

    def come_in(self, link: str) -> None:
        """Set the first password by a one-time link; whoever does is signed in."""
        self.page.goto(self.url + "/console/" + link.rpartition("/console/")[2])
        self.page.fill("input[autocomplete=new-password]", PASSWORD)
        self.page.click("form button[type=submit]")
        self.page.wait_for_url(lambda url: "/reset" not in url)
        self.settle()

    def act(self, operation: str, within: str = "main", **fields: str) -> str:
        """Press the first button of an operation in ``within``, fill what is given, carry it out. Gives what was said
        before."""
        self.page.locator(f'{within} [data-act="{operation}"]').first.click()
        dialog = self.page.get_by_role("dialog")
        for name, value in fields.items():
            dialog.locator(f'[name="{name}"]').fill(value)
        said = dialog.inner_text()
        dialog.locator("button[type=submit]:enabled").click()
        dialog.get_by_test_id("done").wait_for()
        return said

    def close_dialog(self) -> None:
        """Close what is open, by the keyboard."""
        self.page.keyboard.press("Escape")
        self.page.get_by_role("dialog").wait_for(state="hidden")

    def get(self, path: str) -> Any:
        """What the API answers to this visitor."""
        return self._context.request.get(f"{self.url}/api/v1{path}").json()

    def violations(self) -> list[str]:
        """What axe finds that is serious, on the page as it stands."""
        # By the debugger's way, not as a script of the page: the policy would not let one in.
        self.page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
        found: list[str] = self.page.evaluate(_FOUND)
        return found

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wide
