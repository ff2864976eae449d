"""Somebody at the console: a browser of one language, theme and width, and what it complained of.

Owns going to pages and what is looked at on each: words of the browser's console, what axe finds, what sticks out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page

AXE = Path(__file__).parents[2] / "console" / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "a long enough password"
# Rules whose finds weigh less would tell nothing here: they are not run.
_FOUND = """async () => (await axe.run(document, {resultTypes: ['violations'], rules: Object.fromEntries(
  axe._audit.rules.filter(rule => ['minor', 'moderate'].includes(rule.impact))
  .map(rule => [rule.id, {enabled: false}]))})).violations
  .filter(each => ['serious', 'critical'].includes(each.impact))
  .map(each => each.id + ': ' + each.nodes.map(node => node.html.slice(0, 160) + ' ' + node.any
  .map(one => one.message).join('; ').slice(0, 160)).join(' | '))"""


# Asked in every frame; waiting for one element after the other asks less and less often, up to half a second apart.
_LOADED = """() => document.querySelector('main h1, main strong')?.checkVisibility({visibilityProperty: true})
  && !document.querySelector('[aria-busy=true], .mantine-Skeleton-root')"""
# What the theme colours and what is drawn by its size (charts, the editor) follow within a frame or two: the page has
# settled when three frames in a row found it as the one before, in the new theme and width, and no colour on its way.
_SETTLED = """async ([theme, width]) => {
  const measured = () => [document.documentElement.scrollWidth, document.documentElement.scrollHeight,
    ...[...document.querySelectorAll('svg')].map(each => each.getBoundingClientRect().width)].join();
  const there = () => document.documentElement.dataset.mantineColorScheme === theme && innerWidth === width
    && !document.getAnimations().some(each => each instanceof CSSTransition);
  for (let same = 0, before = '', frame = 0; same < 3; frame++) {
    if (frame > 1200) throw new Error(`the page does not settle in ${theme} at ${width}: ${before}`);
    await new Promise(requestAnimationFrame);
    const now = measured();
    same = there() && now === before ? same + 1 : 0;
    before = now;
  }
}"""


class Visitor:
    """``complaints``: errors and warnings of the browser's console, failures of scripts and answers of 500."""

    def __init__(
        self, browser: Browser, url: str, language: str, theme: str, width: int, zone: str | None = None
    ) -> None:
        self.url = url
        self.theme = theme
        self.width = width
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

    def wear(self, theme: str, width: int) -> None:
        """Another theme and width of the window, followed by the page as it stands; waits until nothing moves."""
        if (theme, width) == (self.theme, self.width):
            return
        self.theme, self.width = theme, width
        self.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        self.page.set_viewport_size({"width": width, "height": 900})
        if "/console" in self.page.url:
            self.page.evaluate(_SETTLED, [theme, width])

    def settle(self) -> None:
        self.page.wait_for_function(_LOADED)

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
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
        found: list[str] = self.page.evaluate(_FOUND)
        return found

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wide
