"""One operation of the console's API: like an operator's, but for whoever is signed in, or for all.

Owns its shape. A handler gets a Visit.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faregate.api.bodies import Body
from faregate.api.reading import LARGEST_BODY
from faregate.api.visiting import Visit

ANY_OBJECT: dict[str, Any] = {"type": "object"}


class Seated(NamedTuple):
    """An answer that also puts another session's token into the browser; '' takes it away."""

    body: Any
    token: str


class Led(NamedTuple):
    """The browser is sent on to ``url``. ``token``: of a session that begins; ``errand``: what the browser keeps for
    the way back; '' for neither, and an errand that it kept is over.
    """

    url: str
    token: str = ""
    errand: str = ""


class Streamed(NamedTuple):
    """An answer that comes piece by piece: server-sent events, or a file that is called ``file``."""

    events: AsyncIterator[bytes]
    media_type: str = "text/event-stream"
    file: str = ""


@dataclass(frozen=True, slots=True)
class ConsoleOperation:
    """``open``: nobody needs to be signed in. ``answer`` is the JSON Schema of what it gives; ``cached``: how many
    seconds anybody may keep it; ``largest``: how many bytes its body may have;
    ``unread``: the handler gets its bytes as they came.
    """

    method: str
    path: str
    name: str
    summary: str
    handler: Callable[[Visit], Awaitable[Any]]
    body: type[Body] | None = None
    status: int = 200
    query: tuple[tuple[str, str], ...] = ()
    gives: str = "application/json"
    answer: dict[str, Any] = field(default_factory=lambda: ANY_OBJECT)
    open: bool = False
    cached: int = 0
    largest: int = LARGEST_BODY
    unread: bool = False
