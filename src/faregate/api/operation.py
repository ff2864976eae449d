"""One operation of the control-plane API, and one call of it.

Owns their shapes. Knows no Starlette: a handler gets a Call and returns JSON-able data.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from faregate.api.bodies import Body
from faregate.api.failures import BadBody
from faregate.app.control import Control
from faregate.app.receipts import Write
from faregate.core.instants import parse_instant


class Call(NamedTuple):
    """One call: path and query parameters, the validated body (None for reads), idempotency key and time."""

    control: Control
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    write: Write

    @property
    def account(self) -> str:
        """Id of the account named in the path, by id or unique name. Raises NotFound."""
        return self.control.office.find_account(self.path["account"]).id

    def whole(self, name: str, default: int, most: int) -> int:
        """A query parameter that is a whole number from 1 to ``most``. Raises BadBody."""
        return whole(self.query, name, default, most)

    def instant(self, name: str, default: int | None) -> int | None:
        """A query parameter that is an instant, as microseconds UTC. Raises BadBody."""
        return instant(self.query, name, default)


def instant(query: Mapping[str, str], name: str, default: int | None) -> int | None:
    """A query parameter that is an instant, as microseconds UTC. Raises BadBody."""
    text = query.get(name)
    if text is None:
        return default
    try:
        return parse_instant(text)
    except (ValueError, OverflowError):
        raise BadBody(f"{name} is an RFC 3339 instant with a zone, not {text!r}") from None


def whole(query: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A query parameter that is a whole number from 1 to ``most``. Raises BadBody."""
    text = query.get(name)
    if text is None:
        return default
    if not (text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise BadBody(f"{name} is a whole number from 1 to {most}, not {text!r}")
    return int(text)


class Bytes(NamedTuple):
    """An answer that is no JSON: its bytes, what they are, and what a file of them is called."""

    body: bytes
    media_type: str
    file: str


Handler = Callable[[Call], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Operation:
    """``summary`` is for people; ``query`` describes query parameters by name. A handler whose ``gives`` is not JSON
    answers with Bytes.
    """

    method: str
    path: str
    name: str
    summary: str
    handler: Handler
    body: type[Body] | None = None
    status: int = 200
    query: tuple[tuple[str, str], ...] = ()
    gives: str = "application/json"
