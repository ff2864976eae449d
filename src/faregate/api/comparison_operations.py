"""The comparison of dropped logs: for everybody, signed in or not. Nothing of them is kept.

Owns its row, the shape of its body, and the bound of it.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from faregate.api.bodies import Body
from faregate.api.console_operation import ConsoleOperation
from faregate.api.visiting import Visit
from faregate.app.comparison_port import Dropped

LARGEST_LOGS = 24_000_000


class DroppedLog(Body):
    name: str = Field(max_length=400, description="Its file's name; files are taken in the order given.")
    text: str = Field(description="Its lines. Those that hold no usage may be left out, and all words of prompts.")


class DroppedLogs(Body):
    files: list[DroppedLog] = Field(
        min_length=1, max_length=20_000, description="Logs as they were read: `name` and `text` of each."
    )


async def _compare(visit: Visit) -> Any:
    query = visit.query
    dropped = Dropped(
        visit.body,
        query.get("currency", "USD").upper(),
        query.get("zone", "UTC"),
        query.get("language", "en"),
        visit.address,
    )
    return await visit.control.compare(dropped)


COMPARISON_OPERATIONS: tuple[ConsoleOperation, ...] = (
    ConsoleOperation(
        "POST",
        "/comparisons",
        "preview_comparison",
        "Logs of tools against every plan: the comparison and its page; nothing is kept",
        _compare,
        DroppedLogs,
        query=(
            ("currency", "Of all sums; USD when left out."),
            ("zone", "Time zone of the hours of the week; UTC when left out."),
            ("language", "Of the page: en or zh."),
        ),
        open=True,
        largest=LARGEST_LOGS,
        unread=True,
    ),
)
