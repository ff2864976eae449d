"""The account as it is, live: server-sent events whenever its journal moved.

Owns the pace at which it is looked. The figures are those of `my_account`, by the same code
as the gate decides by.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

from faregate.api.console_operation import ConsoleOperation, Streamed
from faregate.api.my_operations import account_view
from faregate.api.visiting import Visit
from faregate.app.control import Control
from faregate.app.sessions import SignedIn

LOOK_SECONDS = 0.2
"""How often the state in this process is looked at, which costs nothing."""
LOOKS_AT_STORE = 5
"""Each so many looks, the store is asked: another process may have written."""
BEAT_SECONDS = 15.0


async def _events(visit: Visit) -> Any:
    assert visit.signed is not None
    visit.control.listeners.enter(visit.account)
    return Streamed(_stream(visit.control, visit.signed, visit.account))


async def _stream(control: Control, signed: SignedIn, account: str) -> AsyncGenerator[bytes, None]:
    try:
        loop = asyncio.get_running_loop()
        seen, told, looks, spoke = -1, b"", 0, loop.time()
        while True:
            if loop.time() - spoke >= BEAT_SECONDS:
                if not _lives(control, signed):
                    return
                # What time alone changed, a window that reopened, is told with the beat.
                seen, spoke = -1, loop.time()
                yield b": beat\n\n"
            head = await _head(control, account, looks % LOOKS_AT_STORE == 0)
            looks += 1
            if head is not None and head != seen:
                seen = head
                event = _event(control, account)
                if event != told:
                    told, spoke = event, loop.time()
                    yield b"event: account\ndata: " + event + b"\n\n"
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        control.listeners.leave(account)


async def _head(control: Control, account: str, asked: bool) -> int | None:
    """The seq of the account's last entry as this process, or where ``asked`` the store, knows it."""
    if not asked:
        standing = control.ledger.standing(account)
        return standing.seq if standing is not None else None
    if control.store.quick_append:
        return control.store.head(account)
    return await asyncio.to_thread(control.store.head, account)


def _event(control: Control, account: str) -> bytes:
    now = control.now() if control.test_clock is None else control.test_clock.of(account)
    return json.dumps(account_view(control, account, now), ensure_ascii=False, separators=(",", ":")).encode()


def _lives(control: Control, signed: SignedIn) -> bool:
    """Whether the session was not ended meanwhile."""
    session = control.store.session(signed.session.hash)
    user = control.store.user(signed.user.id)
    return session is not None and user is not None and user.disabled_at is None


LIVE_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation(
        "GET",
        "/me/events",
        "my_events",
        "One's account, live: an event `account` at once and after every change",
        _events,
        gives="text/event-stream",
    ),
)
