"""Telling people what their accounts come to: looks at accounts that moved, and carries what is to be told.

Owns the pace. What is worth telling, and by which way, are the application's.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable

from faregate.app.control import Control
from faregate.app.notices import KEPT
from faregate.app.noticing import COMING, events_of
from faregate.core.instants import DAY
from faregate.notifier.hooks import WebHooks
from faregate.notifier.post import Post
from faregate.notifier.settings import MailSettings
from faregate.wire.egress import EgressGuard

log = logging.getLogger("faregate.notices")

ROUND_SECONDS = 2.0
ACCOUNTS_A_ROUND = 200
AGENDA_SECONDS = 60.0


class Notifying:
    """``start`` inside the loop it is to live in, ``stop`` in the same one."""

    def __init__(self, control: Control, mail: MailSettings | None, clock: Callable[[], int]) -> None:
        self._control, self._clock = control, clock
        self._post = Post(mail, lambda: control.front, clock) if mail is not None else None
        control.mail = control.notices.letters = self._post
        control.notices.hooks = WebHooks(EgressGuard())
        self._seen: dict[str, int] = {}
        self._due: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._control.till.followers.append(self._due.add)
        self._task = asyncio.get_running_loop().create_task(self._rounds())

    async def stop(self) -> None:
        """Tell nothing any more; what is left goes at the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._control.till.followers.remove(self._due.add)
        if self._post is not None:
            await self._post.stop()

    async def _rounds(self) -> None:
        loop, looked = asyncio.get_running_loop(), float("-inf")
        while True:
            try:
                if loop.time() - looked >= AGENDA_SECONDS:
                    looked = loop.time()
                    await asyncio.to_thread(self._look_ahead)
                await self.round()
            except Exception:
                log.exception("notices failed; trying again")
            await asyncio.sleep(ROUND_SECONDS)

    def _look_ahead(self) -> None:
        """Accounts that something of money is due of soon, and what is forgotten."""
        control, now = self._control, self._clock()
        self._due.update(account for account, _ in control.store.agenda(now + COMING, 1000))
        control.store.drop_notices(now - KEPT)
        control.store.drop_people_rows(now - DAY)

    async def round(self) -> None:
        """Look at accounts that moved since the last round, and carry what is due."""
        moved = self._control.ledger.moved(self._seen)
        for account in moved:
            self._due.add(account)
        for account in list(self._due)[:ACCOUNTS_A_ROUND]:
            self._due.discard(account)
            await self._look(account)
        await self._control.notices.carry(self._clock())

    async def _look(self, account: str) -> None:
        control = self._control
        if not await asyncio.to_thread(control.store.users_of_account, account):
            return
        now = self._clock() if control.test_clock is None else control.test_clock.of(account)
        for event in events_of(control.views.account(account, now), now):
            control.notices.tell(account, event, now)
