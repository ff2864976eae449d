"""Anthropic Messages: streams, read and written.

Owns its events: `message_start`, the three of a content block, `message_delta`, `message_stop`, `ping`, `error`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from faregate.conversion.answer import (
    Began,
    Ended,
    Event,
    Failed,
    Grew,
    PartBegan,
    PartEnded,
    Signed,
    Spent,
    Stop,
    Waiting,
)
from faregate.conversion.ask import JsonObject
from faregate.conversion.event_feed import written
from faregate.conversion.fields import object_or_empty, place_of
from faregate.conversion.messages_reply import REASONS, STOPS, spent_of, usage_of

Kind = Literal["text", "call", "thought", "hidden"]

_KINDS: dict[str, Kind] = {
    "text": "text",
    "tool_use": "call",
    "thinking": "thought",
    "redacted_thinking": "hidden",
}


class MessagesStreamReader:
    """Events of the upstream to events."""

    def __init__(self) -> None:
        self.ended = False
        self._indexes: dict[Any, int] = {}
        self._unannounced: list[int] = []
        self._spent: Spent | None = None

    def read(self, record: JsonObject | None) -> Iterator[Event]:
        """What this event brings."""
        if record is None:
            return
        kind = record.get("type")
        if kind == "content_block_delta":
            yield from self._delta(record)
        elif kind == "content_block_start":
            yield from self._start(record)
        elif kind == "content_block_stop":
            yield from self._stop(record)
        elif kind == "message_start":
            message = object_or_empty(record.get("message"))
            self._spent = spent_of(message.get("usage"))
            yield Began(str(message.get("id") or ""), str(message.get("model") or ""), self._spent)
        elif kind == "message_delta":
            yield from map(PartEnded, self._unannounced)
            self._unannounced.clear()
            yield self._end(record)
        elif kind == "message_stop":
            self.ended = True
        elif kind == "ping":
            yield Waiting()
        elif kind == "error":
            error = object_or_empty(record.get("error"))
            yield Failed(str(error.get("type") or ""), str(error.get("message") or ""))

    def _start(self, record: JsonObject) -> Iterator[Event]:
        block = object_or_empty(record.get("content_block"))
        kind = _KINDS.get(str(block.get("type")))
        if kind is None:
            return
        index = self._indexes[place_of(record.get("index"))] = len(self._indexes)
        yield PartBegan(index, kind, str(block.get("id") or ""), str(block.get("name") or ""))
        if kind == "hidden":
            yield Signed(index, str(block.get("data") or ""))
        elif kind == "text" and block.get("text"):
            yield Grew(index, str(block["text"]))

    def _stop(self, record: JsonObject) -> Iterator[Event]:
        index = self._indexes.get(place_of(record.get("index")))
        if index is None:
            return
        if index in self._unannounced:
            self._unannounced.remove(index)
        yield PartEnded(index)

    def _delta(self, record: JsonObject) -> Iterator[Event]:
        delta = object_or_empty(record.get("delta"))
        kind = delta.get("type")
        index = self._indexes.get(place_of(record.get("index")))
        if index is None:
            if kind != "text_delta" or not delta.get("text"):
                return
            # Some upstreams leave out where a text begins.
            index = self._indexes[place_of(record.get("index"))] = len(self._indexes)
            self._unannounced.append(index)
            yield PartBegan(index, "text")
        if kind == "signature_delta":
            yield Signed(index, str(delta.get("signature") or ""))
            return
        field = {"text_delta": "text", "input_json_delta": "partial_json", "thinking_delta": "thinking"}.get(
            str(kind)
        )
        if field is not None and delta.get(field):
            yield Grew(index, str(delta[field]))

    def _end(self, record: JsonObject) -> Ended:
        delta = object_or_empty(record.get("delta"))
        spent = _later(self._spent, record.get("usage"))
        reason = delta.get("stop_reason")
        stop = STOPS.get(str(reason), "end") if reason is not None else None
        stopped_by = delta.get("stop_sequence")
        return Ended(stop, stopped_by if isinstance(stopped_by, str) else None, spent)


def _later(before: Spent | None, usage: Any) -> Spent | None:
    """The usage of the end over that of the beginning: the end names all, or the output alone."""
    later = spent_of(usage)
    if later is None or before is None:
        return later or before
    if later.total_input == 0:
        return before._replace(output=later.output, reasoning=later.reasoning)
    if later.cache_write_1h == 0 and later.cache_write_5m == before.cache_write_5m + before.cache_write_1h:
        # The end gives the sum of what was written alone.
        later = later._replace(cache_write_5m=before.cache_write_5m, cache_write_1h=before.cache_write_1h)
    return later


class MessagesStreamWriter:
    """Events to events of Messages. A thought without a signature still gets its block."""

    def __init__(self) -> None:
        self._kinds: dict[int, str] = {}
        self._stop: Stop | None = None
        self._stopped_by: str | None = None
        self._spent: Spent | None = None

    def write(self, event: Event) -> bytes:
        """The bytes that say it; empty where nothing is said."""
        if isinstance(event, Grew):
            return self._grew(event)
        if isinstance(event, PartBegan):
            return self._part(event)
        if isinstance(event, PartEnded):
            return _event("content_block_stop", index=event.part)
        if isinstance(event, Signed):
            return self._signed(event)
        if isinstance(event, Began):
            return self._begin(event)
        if isinstance(event, Ended):
            self._stop = event.stop or self._stop
            self._stopped_by = event.stopped_by or self._stopped_by
            self._spent = event.spent or self._spent
            return b""
        return _event("ping") if isinstance(event, Waiting) else b""

    def close(self) -> bytes:
        """The end of the stream, after the last event."""
        delta = {"stop_reason": REASONS[self._stop or "end"], "stop_sequence": self._stopped_by}
        end = _event("message_delta", delta=delta, usage=usage_of(self._spent or Spent()))
        return end + _event("message_stop")

    def _begin(self, event: Began) -> bytes:
        message: JsonObject = {
            "id": event.id,
            "type": "message",
            "role": "assistant",
            "model": event.model,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage_of(event.spent or Spent()),
        }
        return _event("message_start", message=message)

    def _part(self, event: PartBegan) -> bytes:
        self._kinds[event.part] = event.kind
        block: JsonObject
        if event.kind in ("call", "custom"):
            block = {"type": "tool_use", "id": event.id, "name": event.name, "input": {}}
        elif event.kind == "thought":
            block = {"type": "thinking", "thinking": "", "signature": ""}
        elif event.kind == "hidden":
            # All of it comes with its signature.
            return b""
        else:
            block = {"type": "text", "text": ""}
        return _event("content_block_start", index=event.part, content_block=block)

    def _grew(self, event: Grew) -> bytes:
        kind = self._kinds[event.part]
        if kind in ("call", "custom"):
            delta = {"type": "input_json_delta", "partial_json": event.text}
        elif kind == "thought":
            delta = {"type": "thinking_delta", "thinking": event.text}
        elif kind == "hidden":
            return b""
        else:
            delta = {"type": "text_delta", "text": event.text}
        return _event("content_block_delta", index=event.part, delta=delta)

    def _signed(self, event: Signed) -> bytes:
        if self._kinds[event.part] == "hidden":
            block = {"type": "redacted_thinking", "data": event.signature}
            return _event("content_block_start", index=event.part, content_block=block)
        delta = {"type": "signature_delta", "signature": event.signature}
        return _event("content_block_delta", index=event.part, delta=delta)


def _event(kind: str, **fields: Any) -> bytes:
    return written({"type": kind, **fields}, kind)
