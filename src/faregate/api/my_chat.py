"""What of the web chat streams: an answer to what was said, and another answer in place of the last.

Owns one row each. What they do is the studio's.
"""

from __future__ import annotations

from typing import Any

from faregate.api.console_operation import ConsoleOperation, Streamed
from faregate.api.studio_operations import Saying, again, say
from faregate.api.visiting import Visit
from faregate.app.receipts import Write


def _write(visit: Visit) -> Write:
    return Write(f"{visit.account}:{visit.write.key}", visit.write.now)


async def _say(visit: Visit) -> Any:
    studio, conversation = visit.control.studio, visit.path["conversation"]
    studio.conversation(visit.account, conversation)
    return Streamed(say(studio, visit.account, conversation, visit.body, _write(visit)))


async def _again(visit: Visit) -> Any:
    studio, conversation = visit.control.studio, visit.path["conversation"]
    studio.conversation(visit.account, conversation)
    return Streamed(again(studio, visit.account, conversation, _write(visit)))


LARGEST_SAYING = 20_000_000
"""Pictures come as text within the body."""
_ONE = "/me/conversations/{conversation}"
CHAT_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation(
        "POST",
        _ONE + "/messages",
        "my_say",
        "Say something in a conversation; the answer streams",
        _say,
        Saying,
        gives="text/event-stream",
        largest=LARGEST_SAYING,
    ),
    ConsoleOperation(
        "POST", _ONE + "/again", "my_again", "Another answer in place of the last", _again, gives="text/event-stream"
    ),
)
