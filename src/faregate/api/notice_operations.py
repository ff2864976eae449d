"""What a customer wants to be told of: the operations of notifications.

Owns one row each and their bodies.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from faregate.api.bodies import Body
from faregate.api.console_operation import ConsoleOperation
from faregate.api.console_schemas import DONE
from faregate.api.own_schemas import INSTANT, MAYBE_TEXT, TEXT, TRUTH, Schema, list_of, object_of
from faregate.api.visiting import Visit
from faregate.app.notices import trial

NOTIFICATIONS: Schema = object_of(
    email=TRUTH,
    mail=TRUTH,
    webhook=MAYBE_TEXT,
    kinds=object_of(window_80=TRUTH, window_100=TRUTH, renewal=TRUTH, payment_failed=TRUTH),
    last=list_of(
        object_of(kind=TEXT, at=INSTANT, channel={"enum": ["email", "webhook"]}, outcome=TEXT),
    ),
)
CHANGED: Schema = object_of(**NOTIFICATIONS["properties"], secret=MAYBE_TEXT)


class Kinds(Body):
    window_80: bool | None = None
    window_100: bool | None = None
    renewal: bool | None = None
    payment_failed: bool | None = None


class NotificationChange(Body):
    email: bool | None = Field(None, description="Whether letters are sent.")
    webhook: str | None = Field(None, max_length=1000, description="An https:// URL that is called; null for none.")
    kinds: Kinds | None = Field(None, description="What is told; kinds left out stay as they were.")


async def _notifications(visit: Visit) -> Any:
    return visit.control.notices.view(visit.account)


async def _change(visit: Visit) -> Any:
    given = visit.body.model_dump(exclude_unset=True)
    given["kinds"] = {name: on for name, on in (given.get("kinds") or {}).items() if on is not None}
    _, secret = visit.control.notices.change(visit.account, given)
    return {**visit.control.notices.view(visit.account), "secret": secret}


async def _test(visit: Visit) -> Any:
    visit.control.notices.tell(visit.account, trial(visit.write.now), visit.write.now)
    return {"done": True}


_N = "/me/notifications"
NOTICE_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation(
        "GET",
        _N,
        "my_notifications",
        "What one is told of, by which way, and what was told last",
        _notifications,
        answer=NOTIFICATIONS,
    ),
    ConsoleOperation(
        "POST",
        _N,
        "my_set_notifications",
        "Choose what to be told of; a webhook's secret is shown once",
        _change,
        NotificationChange,
        answer=CHANGED,
    ),
    ConsoleOperation(
        "POST",
        _N + "/test",
        "my_test_notifications",
        "Send a message by every channel that is on",
        _test,
        answer=DONE,
    ),
)
