"""Letters by SMTP.

Owns how they are made and handed over. A letter with a link is tried a few times and never written down: its link is
a secret.
"""

from __future__ import annotations

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from typing import Any

from faregate.app.front import Front
from faregate.app.notices_port import NotTold
from faregate.app.people_port import User
from faregate.notifier.letters import letter
from faregate.notifier.settings import MailSettings

log = logging.getLogger("faregate.mail")

SECONDS = 20.0
WAITS = (5.0, 30.0, 120.0)
AT_ONCE = 4


class Post:
    """Hands letters to one SMTP server. ``clock`` gives microseconds UTC; ``tls`` defaults to the system's trust."""

    def __init__(
        self,
        settings: MailSettings,
        front: Callable[[], Front],
        clock: Callable[[], int],
        tls: ssl.SSLContext | None = None,
        waits: tuple[float, ...] = WAITS,
    ) -> None:
        self._settings, self._front, self._clock = settings, front, clock
        self._tls = tls or ssl.create_default_context()
        self._waits = waits
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._tasks: set[asyncio.Task[None]] = set()

    # ---- letters with a link (``app.front.Mail``)

    def verify(self, user: User, token: str) -> None:
        """Send a link to verify the user's address."""
        self._later(user, "verify", token)

    def reset(self, user: User, token: str) -> None:
        """Send a link to set a password."""
        self._later(user, "reset", token)

    def _later(self, user: User, kind: str, token: str) -> None:
        task = asyncio.get_running_loop().create_task(self._insist(user, kind, token))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _insist(self, user: User, kind: str, token: str) -> None:
        facts = {"link": self._front().link(kind, token)}
        for wait in (*self._waits, None):
            try:
                await self.notice(user, kind, facts, f"{kind}:{sha256(token.encode()).hexdigest()}")
                return
            except NotTold as problem:
                if problem.for_good or wait is None:
                    log.warning("a letter to user %s could not be sent: %s", user.id, problem)
                    return
                await asyncio.sleep(wait)

    async def settled(self) -> None:
        """Wait until every letter with a link is handed over, or given up."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Send nothing any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ---- notices (``app.notices_port.Letters``)

    async def notice(self, user: User, kind: str, facts: dict[str, Any], event: str) -> None:
        """Mail it in the user's language. Raises NotTold."""
        message = self._message(user, kind, facts, event)
        async with self._turn:
            await asyncio.to_thread(self._hand_over, message)

    def _message(self, user: User, kind: str, facts: dict[str, Any], event: str) -> EmailMessage:
        written = letter(user.language, kind, facts, self._front().public_url)
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = written.subject, self._settings.sender, user.email
        message["Date"] = format_datetime(datetime.fromtimestamp(self._clock() // 1_000_000, UTC))
        # The same event to the same person is the same letter, however often it is handed over.
        name = sha256(f"{event}|{user.id}".encode()).hexdigest()[:32]
        domain = parseaddr(self._settings.sender)[1].rpartition("@")[2]
        message["Message-ID"] = f"<{name}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(written.text)
        return message

    def _hand_over(self, message: EmailMessage) -> None:
        settings = self._settings
        try:
            with self._connected() as server:
                if settings.user:
                    server.login(settings.user, settings.password)
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as problem:
            codes = [code for code, _ in problem.recipients.values()]
            raise NotTold("the address is refused", for_good=all(code >= 500 for code in codes)) from None
        except smtplib.SMTPException as problem:
            raise NotTold(f"the mail server says no ({type(problem).__name__})") from None
        except OSError as problem:
            raise NotTold(f"the mail server cannot be reached ({type(problem).__name__})") from None

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        if settings.tls == "full":
            return smtplib.SMTP_SSL(settings.host, settings.port, timeout=SECONDS, context=self._tls)
        server = smtplib.SMTP(settings.host, settings.port, timeout=SECONDS)
        if settings.tls == "start":
            try:
                server.starttls(context=self._tls)
            except BaseException:
                server.close()
                raise
        return server
