"""Requests in which nobody speaks: a text to embed, a picture to draw, a history to shorten."""

from __future__ import annotations

from typing import Final

from faregate.dialects.body import Request, read_any
from faregate.dialects.conversation import Conversation, Message, text_of

ANSWER_FIELDS: Final = ("data", "output", "choices")
"""Where upstreams put what comes of such a request."""


class NoConversation(Conversation):
    """Holds no message, so it never opens a prompt; it still tells who asks."""

    __slots__ = ()

    def __init__(self, request: Request) -> None:
        super().__init__(request)
        self._items = []

    @property
    def user_id(self) -> str:
        raw = self._request.fields.get("user")
        return "" if raw is None else text_of(read_any(raw))

    @property
    def schema_fields(self) -> tuple[str, ...]:
        return ()

    def from_end(self, back: int) -> Message | None:
        """None."""
        return None

    def _find_head(self) -> str:
        return ""
