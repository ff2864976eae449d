"""The web chat's rows, and how it asks for an answer.

Owns these seams. The chat is a client like any other: what it asks goes through the gate, under a key of its own.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Literal, NamedTuple, Protocol

Billing = Literal["plan", "api"]
"""plan: as the account's plans pay; api: the pay-as-you-go balance alone."""


class Conversation(NamedTuple):
    """``created_at`` and ``updated_at`` are microseconds UTC."""

    account: str
    id: str
    title: str
    model: str
    billing: str
    created_at: int
    updated_at: int


class ChatMessage(NamedTuple):
    """``content`` is JSON: parts of text and of images, as Chat Completions has them. ``request`` is the id of the
    request that made it, '' for what people say."""

    account: str
    conversation: str
    seq: int
    role: str
    content: str
    request: str
    at: int


class Conversations(Protocol):
    """The rows. Every method is one transaction."""

    def conversation(self, account: str, id: str) -> Conversation | None: ...
    def conversations(self, account: str, before: Conversation | None, limit: int) -> list[Conversation]:
        """The latest first; those before ``before``: pages by key."""

    def put_conversation(self, row: Conversation) -> None: ...
    def delete_conversation(self, account: str, id: str) -> None:
        """With its messages."""

    def chat_messages(self, account: str, conversation: str) -> list[ChatMessage]:
        """In order."""

    def put_chat_message(self, row: ChatMessage) -> None:
        """In place of one of the same place, if there is one."""

    def drop_chat_messages(self, account: str, conversation: str, since: int) -> None:
        """Those from seq ``since`` on."""


class Asked(NamedTuple):
    """An answer that begins: its status, the id of the request, and its bytes as they come.

    ``reopens_at``: when what refused it reopens, RFC 3339; None where nothing was refused, or waiting does not help.
    """

    status: int
    request: str
    body: AsyncGenerator[bytes, None]
    reopens_at: str | None = None


class Asker(Protocol):
    """Whoever asks the gate in the name of an account."""

    async def ask(self, account: str, billing: Billing, path: str, body: bytes) -> Asked:
        """Begin a request; giving up the iterator ends it."""
