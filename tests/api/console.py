"""Who may be at the console in tests: browsers over one door, with hashes that cost nothing."""

from __future__ import annotations

from typing import Any

from faregate.app.passwords import Passwords
from tests.api.browser import Browser
from tests.api.door import Door

PASSWORD = "correct horse"


class Mailbox:
    """What people were mailed: (kind, address, token)."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, str, str]] = []

    def verify(self, user: Any, token: str) -> None:
        self.letters.append(("verify", user.email, token))

    def reset(self, user: Any, token: str) -> None:
        self.letters.append(("reset", user.email, token))


class House:
    """``door`` is the operator's, with an admin token."""

    def __init__(self, door: Door) -> None:
        self.door, self.control = door, door.control
        self.control.users.passwords = Passwords(time_cost=1, memory_kib=8)
        self.mailbox = Mailbox()
        self.control.mail = self.mailbox
        self._made = 0

    def browser(self, address: str | None = None) -> Browser:
        """Another browser, at an address of its own where none is given."""
        self._made += 1
        return Browser(self.door, address or f"192.0.2.{self._made}")

    async def customer(self, email: str) -> Browser:
        """A browser in which somebody just signed up."""
        browser = self.browser()
        await browser.sign_up(email, PASSWORD)
        return browser

    async def operator(self, role: str) -> Browser:
        """A browser in which a user of ``role`` is signed in."""
        email = f"{role}@example.com"
        made = await self.door.done("POST", "/users", {"email": email, "role": role})
        browser = self.browser()
        token = made["link"].partition("#")[2]
        await browser.done("POST", "/session/reset", {"token": token, "password": PASSWORD})
        return browser
