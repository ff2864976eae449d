"""What must be known of a request, whatever its dialect. Dialects fit these protocols without
knowing them.

Each property may cost a decode of its part of the body, so ask late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

Headers = Mapping[bytes, bytes]
"""Request headers, names in lower case."""


class Block(Protocol):
    """A part of a message: ``kind`` is `text`, `tool_output`, `media` or `other`."""

    @property
    def kind(self) -> str: ...

    @property
    def text(self) -> str: ...


class Message(Protocol):
    """One message with the role as the client wrote it."""

    @property
    def role(self) -> str: ...

    @property
    def blocks(self) -> Sequence[Block]: ...


class Conversation(Protocol):
    """A request's conversation."""

    @property
    def has_tools(self) -> bool: ...

    @property
    def system_head(self) -> str:
        """The first bytes of the system prompt as they stand in the body, '' if none."""

    @property
    def user_id(self) -> str:
        """The client's own id of its user, '' if none."""

    @property
    def cache_key(self) -> str:
        """The client's key of the conversation for prompt caching, '' if none."""

    @property
    def schema_fields(self) -> tuple[str, ...]:
        """Field names of the JSON schema that the answer must follow, sorted."""

    @property
    def message_count(self) -> int: ...

    def message(self, index: int) -> Message: ...

    def from_end(self, back: int) -> Message | None:
        """The message ``back`` steps before the last, None before the first; cheap near the end, whatever stands
        before."""
