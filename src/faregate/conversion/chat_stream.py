"""OpenAI Chat Completions: streams, read and written.

Owns `chat.completion.chunk`: which part a delta continues, and how parts become deltas.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from faregate.conversion.answer import (
    Began,
    Ended,
    Event,
    Failed,
    Grew,
    PartBegan,
    Signed,
    Spent,
    Stop,
    Waiting,
)
from faregate.conversion.ask import JsonObject, Thought
from faregate.conversion.chat_reply import FINISHES, STOPS, call_of, detail_of, spent_of, text_of, usage_of
from faregate.conversion.event_feed import written
from faregate.conversion.fields import object_or_empty, records_of
from faregate.conversion.parts_in_order import Kind, OpenPart, PartsInOrder
from faregate.conversion.signatures import OF_CHAT


class ChatStreamReader:
    """Chunks to events. ``read(None)`` is the closing `[DONE]`."""

    def __init__(self) -> None:
        self.ended = False
        self._begun = False
        self._parts = PartsInOrder(OF_CHAT)
        self._calls: dict[int, OpenPart] = {}
        self._call: OpenPart | None = None
        self._stop: Stop | None = None

    def read(self, chunk: JsonObject | None) -> Iterator[Event]:
        """What this chunk brings."""
        if chunk is None:
            self.ended = True
            yield from self._parts.close()
            return
        if chunk.get("error"):
            yield self._failure(chunk["error"])
            return
        if not self._begun:
            self._begun = True
            yield Began(str(chunk.get("id") or ""), str(chunk.get("model") or ""))
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, dict) and choice.get("index", 0) == 0:
                yield from self._choice(choice)
        spent = spent_of(chunk.get("usage"))
        if spent is not None:
            yield Ended(None, None, spent)

    def _choice(self, choice: JsonObject) -> Iterator[Event]:
        delta = object_or_empty(choice.get("delta"))
        thought = delta.get("reasoning_content") or delta.get("reasoning")
        if isinstance(thought, str) and thought:
            yield from self._grow("thought", thought)
        text = text_of(delta.get("content"))
        if text:
            yield from self._grow("text", text)
        if isinstance(delta.get("refusal"), str) and delta["refusal"]:
            yield from self._grow("denial", delta["refusal"])
        for raw in records_of(delta.get("tool_calls")):
            yield from self._called(raw)
        finish = choice.get("finish_reason")
        if isinstance(finish, str):
            self._stop = STOPS.get(finish, "end")
            yield from self._parts.close()
            yield Ended(self._stop)

    def _grow(self, kind: Kind, text: str) -> Iterator[Event]:
        part = self._parts.last
        if part is None or part.kind != kind:
            part, told = self._parts.begin(kind)
            yield from told
        yield from self._parts.add(part, text)

    def _called(self, raw: JsonObject) -> Iterator[Event]:
        number, call = raw.get("index"), call_of(raw)
        part = self._calls.get(number) if isinstance(number, int) else self._call
        if part is None or (call.name and call.id not in ("", part.id)):
            # Some upstreams leave the number out, or give every call the same one.
            part, told = self._parts.begin("custom" if call.custom else "call", call.id, call.name)
            yield from told
        self._call = part
        if isinstance(number, int):
            self._calls[number] = part
        if call.arguments:
            yield from self._parts.add(part, call.arguments)

    def _failure(self, error: Any) -> Failed:
        if isinstance(error, dict):
            return Failed(str(error.get("code") or error.get("type") or ""), str(error.get("message") or ""))
        return Failed("", str(error))


class ChatStreamWriter:
    """Events to chunks. ``created`` in seconds; the usage chunk comes where the client ``wants_usage``."""

    def __init__(self, created: int, wants_usage: bool) -> None:
        self._created = created
        self._wants_usage = wants_usage
        self._id = ""
        self._model = ""
        self._calls: dict[int, int] = {}
        self._kinds: dict[int, str] = {}
        self._thoughts = 0
        self._stop: Stop | None = None
        self._spent: Spent | None = None

    def write(self, event: Event) -> bytes:
        """The bytes that say it; empty where nothing is said."""
        if isinstance(event, Grew):
            return self._grew(event)
        if isinstance(event, PartBegan):
            return self._part(event)
        if isinstance(event, Signed):
            return self._signed(event)
        if isinstance(event, Began):
            self._id, self._model = event.id, event.model
            return self._chunk({"role": "assistant", "content": ""})
        if isinstance(event, Ended):
            self._stop = event.stop or self._stop
            self._spent = event.spent or self._spent
            return b""
        return b": waiting\n\n" if isinstance(event, Waiting) else b""

    def close(self) -> bytes:
        """The end of the stream, after the last event."""
        end = self._chunk({}, FINISHES[self._stop or "end"])
        if self._wants_usage:
            end += written({**self._frame(), "choices": [], "usage": usage_of(self._spent or Spent())})
        return end + b"data: [DONE]\n\n"

    def _part(self, event: PartBegan) -> bytes:
        self._kinds[event.part] = event.kind
        if event.kind not in ("call", "custom"):
            return b""
        number = self._calls[event.part] = len(self._calls)
        call: JsonObject = {"index": number, "id": event.id}
        if event.kind == "custom":
            call |= {"type": "custom", "custom": {"name": event.name, "input": ""}}
        else:
            call |= {"type": "function", "function": {"name": event.name, "arguments": ""}}
        return self._chunk({"tool_calls": [call]})

    def _grew(self, event: Grew) -> bytes:
        kind = self._kinds[event.part]
        if kind == "call":
            return self._chunk(
                {"tool_calls": [{"index": self._calls[event.part], "function": {"arguments": event.text}}]}
            )
        if kind == "custom":
            return self._chunk({"tool_calls": [{"index": self._calls[event.part], "custom": {"input": event.text}}]})
        if kind == "thought":
            detail = {"type": "reasoning.text", "index": self._thoughts, "text": event.text}
            return self._chunk({"reasoning_content": event.text, "reasoning_details": [detail]})
        return self._chunk({"refusal" if kind == "denial" else "content": event.text})

    def _signed(self, event: Signed) -> bytes:
        index = self._thoughts
        self._thoughts += 1
        thought = Thought("", event.signature, self._kinds[event.part] == "hidden")
        return self._chunk({"reasoning_details": [detail_of(index, thought)]})

    def _frame(self) -> JsonObject:
        return {
            "id": self._id,
            "object": "chat.completion.chunk",
            "created": self._created,
            "model": self._model,
        }

    def _chunk(self, delta: JsonObject, finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return written({**self._frame(), "choices": [choice]})
