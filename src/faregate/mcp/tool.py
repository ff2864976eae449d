"""What a tool is to the door and to the meter.

Owns the shape of a tool, of its caller and of what it answers. Holds no back end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from faregate.core.usage import Usage

ONE_CALL = Usage(tool_calls=1)
"""What a plain use of a tool counts."""


class ToolCaller(NamedTuple):
    """Who uses a tool: its account, the id of its key, the client it says it is, its session ('' where unknown), the
    kind of its key, and what it asks to be billed as, `plan` or `api`.
    """

    account: str
    key: str
    client: str
    session: str = ""
    key_kind: str = ""
    billing: str = ""


class Answer(NamedTuple):
    """What a back end gave. ``content`` are MCP content blocks as JSON; ``usage`` what is charged.

    ``upstream`` names who served it, for usage rows; ``facts`` are more for the settlement.
    """

    content: list[dict[str, Any]]
    structured: dict[str, Any] | None = None
    usage: Usage = ONE_CALL
    upstream: str = ""
    facts: Mapping[str, Any] = {}
    is_error: bool = False


class BadArgument(Exception):
    """An argument is not as the tool's schema says. The message is for the model that called."""


class BackEndFailure(Exception):
    """The back end did not do it. ``code`` stands in the release; the message is for the caller, without secrets."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Tool(Protocol):
    """One tool. ``model`` is what plans and usage rows call it."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def description(self) -> str: ...

    @property
    def input_schema(self) -> dict[str, Any]: ...

    @property
    def output_schema(self) -> dict[str, Any] | None: ...

    def estimate(self, arguments: Mapping[str, Any]) -> Usage:
        """What to hold for a call with these arguments. Raises BadArgument."""

    async def use(self, arguments: Mapping[str, Any], caller: ToolCaller) -> Answer:
        """Do it. Raises BackEndFailure, BadArgument."""


def text_block(text: str) -> dict[str, Any]:
    """A text content block."""
    return {"type": "text", "text": text}


def text_of(arguments: Mapping[str, Any], name: str, longest: int, default: str | None = None) -> str:
    """A text argument of 1 to ``longest`` characters. Raises BadArgument."""
    value = arguments.get(name, default)
    if not isinstance(value, str) or not value.strip():
        raise BadArgument(f"`{name}` must be a text.")
    if len(value) > longest:
        raise BadArgument(f"`{name}` is longer than {longest} characters.")
    return value.strip()


def whole_of(arguments: Mapping[str, Any], name: str, least: int, most: int, default: int) -> int:
    """A whole number argument. Raises BadArgument."""
    value = arguments.get(name, default)
    fraction = isinstance(value, float) and not value.is_integer()
    if isinstance(value, bool) or not isinstance(value, int | float) or fraction:
        raise BadArgument(f"`{name}` must be a whole number.")
    if not least <= value <= most:
        raise BadArgument(f"`{name}` must be from {least} to {most}.")
    return int(value)


def only_known(arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """Raises BadArgument where an argument is none of the schema's."""
    known = schema["properties"]
    for name in arguments:
        if name not in known:
            raise BadArgument(f"There is no argument `{name}`; known are {', '.join(f'`{each}`' for each in known)}.")
