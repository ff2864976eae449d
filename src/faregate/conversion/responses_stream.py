"""OpenAI Responses: streams, read and written.

Owns its events. What is written tells each item whole when it ends, and all of them at the end, as clients need.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from faregate.conversion.answer import (
    AnswerPart,
    Began,
    Ended,
    Event,
    Failed,
    Folding,
    Grew,
    PartBegan,
    PartEnded,
    Signed,
)
from faregate.conversion.ask import Ask, Call, Denial, JsonObject, Text, Thought
from faregate.conversion.event_feed import written
from faregate.conversion.fields import object_or_empty, place_of
from faregate.conversion.responses_reply import (
    ItemWriter,
    content_part,
    finished,
    frame,
    full_name,
    parts_of,
    spent_of,
    stop_of,
)

Kind = Literal["text", "call", "custom", "thought", "denial"]

_DELTAS = (
    *("response.output_text.delta", "response.refusal.delta", "response.function_call_arguments.delta"),
    *("response.custom_tool_call_input.delta", "response.reasoning_summary_text.delta"),
    "response.reasoning_text.delta",
)


class ResponsesStreamReader:
    """Events of the upstream to events."""

    def __init__(self) -> None:
        self.ended = False
        self._part = -1
        self._open: list[int] = []
        self._parts: dict[tuple[Any, Any], int] = {}
        self._summaries: dict[Any, Any] = {}
        self._grown: set[int] = set()
        self._calls = False

    def read(self, record: JsonObject | None) -> Iterator[Event]:
        """What this event brings."""
        if record is None:
            return
        kind = record.get("type")
        if kind in _DELTAS:
            yield from self._delta(record, str(kind))
        elif kind == "response.output_item.added":
            yield from self._item(record)
        elif kind == "response.content_part.added":
            part = object_or_empty(record.get("part"))
            yield self._begin(
                record, "denial" if part.get("type") == "refusal" else "text", record.get("content_index")
            )
        elif kind == "response.content_part.done":
            index = self._parts.get((place_of(record.get("output_index")), place_of(record.get("content_index"))))
            if index in self._open:
                self._open.remove(index)
                yield from self._rest(index, parts_of({"type": "message", "content": [record.get("part")]}))
                yield PartEnded(index)
        elif kind == "response.output_item.done":
            yield from self._item_done(record)
        elif kind == "response.created":
            response = object_or_empty(record.get("response"))
            yield Began(str(response.get("id") or ""), str(response.get("model") or ""))
        elif kind in ("response.completed", "response.incomplete"):
            self.ended = True
            response = object_or_empty(record.get("response"))
            yield Ended(stop_of(response, self._calls), None, spent_of(response.get("usage")))
        elif kind == "response.failed":
            error = object_or_empty(object_or_empty(record.get("response")).get("error"))
            yield Failed(str(error.get("code") or ""), str(error.get("message") or ""))
        elif kind == "error":
            yield Failed(str(record.get("code") or ""), str(record.get("message") or ""))

    def _begin(self, record: JsonObject, kind: Kind, content: Any, id: str = "", name: str = "") -> PartBegan:
        self._part += 1
        self._parts[place_of(record.get("output_index")), place_of(content)] = self._part
        self._open.append(self._part)
        return PartBegan(self._part, kind, id, name)

    def _item(self, record: JsonObject) -> Iterator[Event]:
        item = object_or_empty(record.get("item"))
        kind = item.get("type")
        if kind == "function_call":
            self._calls = True
            yield self._begin(record, "call", None, str(item.get("call_id") or ""), full_name(item))
        elif kind == "custom_tool_call":
            self._calls = True
            yield self._begin(record, "custom", None, str(item.get("call_id") or ""), str(item.get("name") or ""))
        elif kind == "reasoning":
            yield self._begin(record, "thought", None)

    def _delta(self, record: JsonObject, kind: str) -> Iterator[Event]:
        said = kind in _DELTAS[:2]
        content = record.get("content_index") if said else None
        index = self._parts.get((place_of(record.get("output_index")), place_of(content)))
        if index is None and said:
            # Some upstreams leave out where a part begins.
            yield self._begin(record, "text" if kind == _DELTAS[0] else "denial", content)
            index = self._part
        if index is None or not record.get("delta"):
            return
        summary = record.get("summary_index")
        if summary is not None and self._summaries.setdefault(index, summary) != summary:
            self._summaries[index] = summary
            yield Grew(index, "\n\n")
        self._grown.add(index)
        yield Grew(index, str(record["delta"]))

    def _item_done(self, record: JsonObject) -> Iterator[Event]:
        """The end of an item, which says it whole: what no event before it has told is told now."""
        output, item = place_of(record.get("output_index")), object_or_empty(record.get("item"))
        if not any(of == output for of, _ in self._parts):
            yield from self._item(record)
            for number, part in enumerate(parts_of(item)):
                if isinstance(part, Text | Denial):
                    yield self._begin(record, "denial" if isinstance(part, Denial) else "text", number)
                    yield from self._rest(self._part, [part])
        index = self._parts.get((output, None))
        if index is not None:
            parts = parts_of(item)
            yield from self._rest(index, parts)
            for part in parts:
                if isinstance(part, Thought) and part.signature:
                    yield Signed(index, part.signature)
        yield from self._close(output)

    def _rest(self, index: int, parts: list[AnswerPart]) -> Iterator[Event]:
        """All of a part of which nothing has come."""
        text = "".join(part.arguments if isinstance(part, Call) else part.text for part in parts)
        if index not in self._grown and text:
            self._grown.add(index)
            yield Grew(index, text)

    def _close(self, output: Any) -> Iterator[Event]:
        """End the parts of one item that nobody ended."""
        for (of, _), index in self._parts.items():
            if of == output and index in self._open:
                self._open.remove(index)
                yield PartEnded(index)


class ResponsesStreamWriter:
    """Events to events of Responses. ``created`` in seconds."""

    def __init__(self, ask: Ask, created: int) -> None:
        self._ask = ask
        self._created = created
        self._folding = Folding()
        self._items: dict[int, JsonObject] = {}
        self._where: dict[int, JsonObject] = {}
        self._kinds: dict[int, str] = {}
        self._number = 0
        self._frame: JsonObject = {}
        self._writer = ItemWriter(ask, "")

    def write(self, event: Event) -> bytes:
        """The bytes that say it; empty where nothing is said."""
        self._folding.take(event)
        if isinstance(event, Grew):
            return self._grew(event)
        if isinstance(event, PartBegan):
            return self._part(event)
        if isinstance(event, PartEnded):
            return self._ended(event.part)
        if isinstance(event, Began):
            return self._begin(event)
        return b""

    def close(self) -> bytes:
        """The end of the stream, after the last event."""
        output = [self._items[index] for index in sorted(self._items)]
        response = finished({**self._frame, "status": "completed"}, output, self._folding.stop, self._folding.spent)
        return self._event(f"response.{response['status']}", response=response)

    def _begin(self, event: Began) -> bytes:
        self._writer = ItemWriter(self._ask, event.id)
        self._frame = frame(self._ask, event.id, event.model, self._created, "in_progress")
        return self._event("response.created", response=self._frame) + self._event(
            "response.in_progress", response=self._frame
        )

    def _part(self, event: PartBegan) -> bytes:
        index = event.part
        part = self._folding.part(index)
        item = self._writer.item(part, index, "in_progress")
        where = self._where[index] = {"item_id": item["id"], "output_index": index}
        self._kinds[index] = event.kind
        if isinstance(part, Text | Denial):
            item["content"] = []
        begun = self._event("response.output_item.added", output_index=index, item=item)
        if event.kind == "thought":
            empty = {"type": "summary_text", "text": ""}
            return begun + self._event("response.reasoning_summary_part.added", **where, summary_index=0, part=empty)
        if isinstance(part, Text | Denial):
            where["content_index"] = 0
            return begun + self._event("response.content_part.added", **where, part=content_part(part))
        return begun

    def _grew(self, event: Grew) -> bytes:
        kind, where = self._kinds[event.part], self._where[event.part]
        if kind == "text":
            return self._event("response.output_text.delta", **where, delta=event.text, logprobs=[])
        if kind == "thought":
            return self._event("response.reasoning_summary_text.delta", **where, summary_index=0, delta=event.text)
        name = {"call": "function_call_arguments", "custom": "custom_tool_call_input", "denial": "refusal"}.get(kind)
        return self._event(f"response.{name}.delta", **where, delta=event.text) if name is not None else b""

    def _ended(self, index: int) -> bytes:
        part = self._folding.part(index)
        item = self._items[index] = self._writer.item(part, index, "completed")
        ended = self._part_ended(part, self._kinds[index], self._where[index])
        return ended + self._event("response.output_item.done", output_index=index, item=item)

    def _part_ended(self, part: Text | Denial | Thought | Call, kind: str, where: JsonObject) -> bytes:
        if isinstance(part, Call):
            if kind == "custom":
                return self._event("response.custom_tool_call_input.done", **where, input=part.arguments)
            fields = {"name": part.name, "arguments": part.arguments}
            return self._event("response.function_call_arguments.done", **where, **fields)
        if isinstance(part, Thought):
            if kind == "hidden":
                return b""
            whole = {"type": "summary_text", "text": part.text}
            text = self._event("response.reasoning_summary_text.done", **where, summary_index=0, text=part.text)
            return text + self._event("response.reasoning_summary_part.done", **where, summary_index=0, part=whole)
        if isinstance(part, Denial):
            done = self._event("response.refusal.done", **where, refusal=part.text)
        else:
            done = self._event("response.output_text.done", **where, text=part.text, logprobs=[])
        return done + self._event("response.content_part.done", **where, part=content_part(part))

    def _event(self, kind: str, **fields: Any) -> bytes:
        number, self._number = self._number, self._number + 1
        return written({"type": kind, "sequence_number": number, **fields}, kind)
