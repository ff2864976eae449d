"""Studio: the web chat. Conversations that are kept, answers that stream, and what each cost.

Owns conversations and the turning of an answer's events into those of the page. What an answer costs is the gate's
and the books' affair: the chat asks like any client.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any

import msgspec

from faregate.app.ids import Randomness, base32
from faregate.app.office_errors import NotFound
from faregate.app.receipts import Write
from faregate.app.studio_port import Asker, Billing, ChatMessage, Conversation, Conversations
from faregate.core.instants import render_instant

Explain = Callable[[str], dict[str, Any]]
"""The story of a request, as its owner may see it. Raises NotFound until it is in the books."""

TITLE_LENGTH = 60
LARGEST_HISTORY = 200
SETTLED_TRIES = 40
SETTLED_SECONDS = 0.05


class Studio:
    """Over the rows of one store. ``asker`` is None where no gate runs in this process."""

    def __init__(self, rows: Conversations, explain: Explain, randomness: Randomness) -> None:
        self._rows = rows
        self._explain = explain
        self._randomness = randomness
        self.asker: Asker | None = None

    # ---- conversations

    def conversations(self, account: str, before: str | None, limit: int) -> dict[str, Any]:
        """The latest first."""
        place = self._found(account, before) if before is not None else None
        rows = self._rows.conversations(account, place, limit)
        return {
            "conversations": [_conversation(row) for row in rows],
            "next": rows[-1].id if len(rows) == limit else None,
        }

    def begin(self, account: str, model: str, billing: Billing, write: Write) -> dict[str, Any]:
        """A new conversation."""
        id = "chat_" + base32(int.from_bytes(self._randomness(9), "big") >> 2, 14)
        row = Conversation(account, id, "", model, billing, write.now, write.now)
        self._rows.put_conversation(row)
        return _conversation(row)

    def change(
        self,
        account: str,
        id: str,
        write: Write,
        model: str | None = None,
        billing: Billing | None = None,
        title: str | None = None,
    ) -> dict[str, Any]:
        """Another model, another way of billing, another title; what was said stays."""
        row = self._found(account, id)
        row = row._replace(
            model=model or row.model, billing=billing or row.billing, title=title if title is not None else row.title
        )
        self._rows.put_conversation(row)
        return _conversation(row)

    def forget(self, account: str, id: str) -> None:
        """Delete a conversation and all that was said in it."""
        self._found(account, id)
        self._rows.delete_conversation(account, id)

    def conversation(self, account: str, id: str) -> dict[str, Any]:
        """A conversation with its messages, each answer with its request and cost."""
        row = self._found(account, id)
        messages = self._rows.chat_messages(account, id)
        return {**_conversation(row), "messages": [self._message(each) for each in messages]}

    def _found(self, account: str, id: str) -> Conversation:
        row = self._rows.conversation(account, id)
        if row is None:
            raise NotFound("conversation", id)
        return row

    def _message(self, row: ChatMessage) -> dict[str, Any]:
        return {
            "seq": row.seq,
            "role": row.role,
            "parts": msgspec.json.decode(row.content),
            "request": row.request or None,
            "cost": self._cost(row.request) if row.request else None,
            "at": render_instant(row.at),
        }

    def _cost(self, request: str) -> dict[str, Any] | None:
        """Who paid what of an answer; None while it is not settled."""
        try:
            told = self._explain(request)
        except NotFound:
            return None
        settled = told.get("settlement")
        if settled is None:
            return None
        return {"usage": settled["usage"], "slices": settled["slices"]}

    # ---- speaking

    async def say(
        self, account: str, id: str, parts: Sequence[dict[str, Any]], write: Write
    ) -> AsyncGenerator[dict[str, Any], None]:
        """Say ``parts`` and hear the answer: events for the page, ending with ``done`` or ``error``."""
        row, said = self._found(account, id), self._rows.chat_messages(account, id)
        seq = said[-1].seq + 1 if said else 1
        content = msgspec.json.encode(list(parts)).decode()
        self._rows.put_chat_message(ChatMessage(account, id, seq, "user", content, "", write.now))
        title = row.title or _title(parts)
        self._rows.put_conversation(row._replace(title=title, updated_at=write.now))
        async with aclosing(self._answer(row, seq + 1, write.now)) as events:
            async for event in events:
                yield event

    async def again(self, account: str, id: str, write: Write) -> AsyncGenerator[dict[str, Any], None]:
        """Another answer in place of the last one."""
        row, said = self._found(account, id), self._rows.chat_messages(account, id)
        people = [each.seq for each in said if each.role == "user"]
        if not people:
            raise NotFound("message to answer in", id)
        self._rows.drop_chat_messages(account, id, people[-1] + 1)
        async with aclosing(self._answer(row, people[-1] + 1, write.now)) as events:
            async for event in events:
                yield event

    async def _answer(self, row: Conversation, seq: int, now: int) -> AsyncGenerator[dict[str, Any], None]:
        if self.asker is None:
            yield {"type": "error", "code": "no_gate", "message": "no gate runs in this process"}
            return
        billing: Billing = "api" if row.billing == "api" else "plan"
        asked = await self.asker.ask(row.account, billing, "/v1/chat/completions", self._request(row))
        yield {"type": "begun", "request": asked.request, "model": row.model}
        if asked.status != 200:
            failure = _failure(b"".join([piece async for piece in asked.body]), asked.status)
            yield failure | {"reopens_at": asked.reopens_at}
            return
        heard = Heard()
        try:
            async with aclosing(asked.body) as pieces:
                async for piece in pieces:
                    for event in heard.take(piece):
                        yield event
        finally:
            # Also of an answer that was stopped: what was said of it is kept.
            self._keep(row, seq, heard, asked.request, now)
        if heard.failure is not None:
            yield heard.failure
            return
        yield {"type": "done", "request": asked.request, "cost": await self._settled(asked.request)}

    def _request(self, row: Conversation) -> bytes:
        said = self._rows.chat_messages(row.account, row.id)[-LARGEST_HISTORY:]
        messages = [{"role": each.role, "content": _plain(msgspec.json.decode(each.content))} for each in said]
        body = {
            "model": row.model,
            "messages": messages,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        return msgspec.json.encode(body)

    def _keep(self, row: Conversation, seq: int, heard: Heard, request: str, now: int) -> None:
        if not heard.parts():
            return
        content = msgspec.json.encode(heard.parts()).decode()
        self._rows.put_chat_message(ChatMessage(row.account, row.id, seq, "assistant", content, request, now))

    async def _settled(self, request: str) -> dict[str, Any] | None:
        for _ in range(SETTLED_TRIES):
            cost = self._cost(request)
            if cost is not None:
                return cost
            await asyncio.sleep(SETTLED_SECONDS)
        return None


class Heard:
    """An answer as it comes: events of Chat Completions in, events of the page out."""

    def __init__(self) -> None:
        self.failure: dict[str, Any] | None = None
        self._text: list[str] = []
        self._images: list[str] = []
        self._rest = b""

    def take(self, piece: bytes) -> list[dict[str, Any]]:
        """What ``piece`` of the stream brings."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        events: list[dict[str, Any]] = []
        for line in lines:
            data = line.removeprefix(b"data:").strip() if line.startswith(b"data:") else b""
            if data and data != b"[DONE]":
                events += self._event(data)
        return events

    def _event(self, data: bytes) -> list[dict[str, Any]]:
        try:
            read = msgspec.json.decode(data)
        except msgspec.DecodeError:
            return []
        if "error" in read:
            self.failure = {"type": "error", **_told(read["error"])}
            return []
        events: list[dict[str, Any]] = []
        for choice in read.get("choices") or ():
            delta = choice.get("delta") or {}
            text = delta.get("content")
            if isinstance(text, str) and text:
                self._text.append(text)
                events.append({"type": "text", "text": text})
            for image in delta.get("images") or ():
                url = (image.get("image_url") or {}).get("url")
                if url:
                    self._images.append(url)
                    events.append({"type": "image", "url": url})
        return events

    def parts(self) -> list[dict[str, Any]]:
        """All that was heard."""
        text = "".join(self._text)
        parts: list[dict[str, Any]] = [{"type": "text", "text": text}] if text else []
        return parts + [{"type": "image_url", "image_url": {"url": url}} for url in self._images]


def _conversation(row: Conversation) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "model": row.model,
        "billing": row.billing,
        "created_at": render_instant(row.created_at),
        "updated_at": render_instant(row.updated_at),
    }


def _title(parts: Sequence[dict[str, Any]]) -> str:
    text = next((str(part["text"]) for part in parts if part.get("type") == "text"), "")
    line = " ".join(text.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1] + "…"


def _plain(parts: list[dict[str, Any]]) -> Any:
    """A text alone is sent as one: not every upstream takes parts."""
    if len(parts) == 1 and parts[0].get("type") == "text":
        return parts[0]["text"]
    return parts


def _failure(body: bytes, status: int) -> dict[str, Any]:
    try:
        told = msgspec.json.decode(body).get("error", {})
    except (msgspec.DecodeError, AttributeError):
        told = {}
    return {"type": "error", "status": status, **_told(told)}


def _told(error: Any) -> dict[str, Any]:
    if not isinstance(error, dict):
        return {"code": "failed", "message": str(error)}
    return {"code": error.get("code") or error.get("type") or "failed", "message": error.get("message") or "failed"}
