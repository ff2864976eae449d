"""Notices as rows, and the seams to whoever carries them: mail and webhooks.

Owns these shapes. Decides nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from faregate.app.people_port import User


class NoticeSettings(NamedTuple):
    """What an account wants. ``webhook`` is '' for none; ``generation`` rises with each new one; ``unwanted`` names
    the kinds that are not told, with a comma between.
    """

    account: str
    email: int = 1
    webhook: str = ""
    generation: int = 0
    unwanted: str = ""


class Notice(NamedTuple):
    """One event on its way by one channel. ``facts`` is a JSON object; ``state`` waiting, sent or failed; times are
    microseconds UTC.
    """

    account: str
    event: str
    channel: str
    kind: str
    facts: str
    at: int
    state: str = "waiting"
    tries: int = 0
    due_at: int = 0


class NoticeRows(Protocol):
    """Every method is one transaction."""

    def notice_settings(self, account: str) -> NoticeSettings | None: ...
    def put_notice_settings(self, settings: NoticeSettings) -> None: ...
    def add_notice(self, notice: Notice) -> bool:
        """False, and nothing, where the account was told of this event by this channel before."""

    def claim_notice(self, notice: Notice, due_at: int) -> bool:
        """Count a try of ``notice`` as it was read, and put it off until ``due_at``: one caller alone gets it."""

    def delay_notice(self, notice: Notice, due_at: int) -> None: ...
    def end_notice(self, notice: Notice, state: str) -> None: ...
    def due_notices(self, now: int, limit: int) -> list[Notice]: ...
    def notices_of(self, account: str, limit: int) -> list[Notice]:
        """The newest first."""

    def drop_notices(self, before: int) -> None:
        """Forget what was told before ``before``."""


class NotTold(Exception):
    """It could not be told now: ``for_good`` where it is of no use to try again."""

    def __init__(self, why: str, for_good: bool = False) -> None:
        super().__init__(why)
        self.for_good = for_good


class Letters(Protocol):
    """Whoever mails notices."""

    async def notice(self, user: User, kind: str, facts: dict[str, Any], event: str) -> None:
        """Mail it in the user's language. Raises NotTold."""


class Hooks(Protocol):
    """Whoever calls webhooks."""

    def check(self, url: str) -> None:
        """Raise BadWebhook for a URL that is never called."""

    async def call(self, url: str, secret: str, event: str, body: bytes, now: int) -> None:
        """Send it, signed. Raises NotTold."""
