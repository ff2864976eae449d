"""The web chat's operations: for the owner of the account alone, never for operators.

Owns their bodies, what each calls, and the streaming of answers as server-sent events.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, Literal

import msgspec
from pydantic import Field

from faregate.api.bodies import Body
from faregate.api.operation import Call, Operation
from faregate.app.receipts import Write
from faregate.app.studio import Studio

_STUDIO = "/accounts/{account}/conversations"
_ONE = _STUDIO + "/{conversation}"


class NewConversation(Body):
    model: str = Field(min_length=1, max_length=200)
    billing: Literal["plan", "api"] = Field(
        "plan", description="As the plans pay, or the pay-as-you-go balance alone."
    )


class ConversationChange(Body):
    model: str | None = Field(None, min_length=1, max_length=200)
    billing: Literal["plan", "api"] | None = None
    title: str | None = Field(None, max_length=200)


class TextPart(Body):
    type: Literal["text"]
    text: str = Field(min_length=1, max_length=200_000)


class ImageUrl(Body):
    url: str = Field(max_length=10_000_000, description="A data: URL of a picture.", pattern=r"^data:image/")


class ImagePart(Body):
    type: Literal["image_url"]
    image_url: ImageUrl


class Saying(Body):
    parts: list[TextPart | ImagePart] = Field(min_length=1, max_length=20)


async def _conversations(call: Call) -> Any:
    return call.control.studio.conversations(call.account, call.query.get("before"), call.whole("limit", 30, 100))


async def _begin(call: Call) -> Any:
    body: NewConversation = call.body
    return call.control.studio.begin(call.account, body.model, body.billing, call.write)


async def _conversation(call: Call) -> Any:
    return call.control.studio.conversation(call.account, call.path["conversation"])


async def _change(call: Call) -> Any:
    body: ConversationChange = call.body
    return call.control.studio.change(
        call.account, call.path["conversation"], call.write, body.model, body.billing, body.title
    )


async def _forget(call: Call) -> Any:
    call.control.studio.forget(call.account, call.path["conversation"])
    return {"deleted": call.path["conversation"]}


STUDIO_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        _STUDIO,
        "list_conversations",
        "Conversations, the latest first",
        _conversations,
        query=(("before", "Id of the last conversation of the page before."), ("limit", "Rows on the page.")),
    ),
    Operation("POST", _STUDIO, "begin_conversation", "Begin a conversation", _begin, NewConversation, 201),
    Operation("GET", _ONE, "get_conversation", "A conversation with its messages and costs", _conversation),
    Operation("POST", _ONE, "change_conversation", "Another model, billing or title", _change, ConversationChange),
    Operation("DELETE", _ONE, "delete_conversation", "Delete a conversation and all that was said in it", _forget),
)
"""Without what streams: ``say`` and ``again`` stand beside them."""


async def say(
    studio: Studio, account: str, conversation: str, body: Saying, write: Write
) -> AsyncGenerator[bytes, None]:
    """Server-sent events of an answer: ``begun``, ``text`` and ``image`` as they come, then ``done`` or ``error``."""
    parts = [part.model_dump() for part in body.parts]
    async with aclosing(studio.say(account, conversation, parts, write)) as events:
        async for event in events:
            yield _event(event)


async def again(studio: Studio, account: str, conversation: str, write: Write) -> AsyncGenerator[bytes, None]:
    """The same for another answer in place of the last one."""
    async with aclosing(studio.again(account, conversation, write)) as events:
        async for event in events:
            yield _event(event)


def _event(event: dict[str, Any]) -> bytes:
    return b"data: " + msgspec.json.encode(event) + b"\n\n"
