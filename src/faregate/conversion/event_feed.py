"""The events of a stream: bytes to decoded records and back.

Owns holding what is not whole yet. Where an event ends is known to ``dialects.sse``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from faregate.conversion.ask import JsonObject
from faregate.dialects import sse

LONGEST_EVENT_BYTES = 8 * 1024 * 1024


class EventFeed:
    """Feed it bytes as they come, cut anywhere. ``broken``: an event came that is no JSON object, or has no end in
    sight; it and what follows are nothing."""

    def __init__(self) -> None:
        self._held = bytearray()
        self.broken = False

    def feed(self, chunk: bytes) -> Iterator[JsonObject | None]:
        """What the events that are whole now say; None for the closing `[DONE]`."""
        self._held += chunk
        length = sse.complete_length(self._held)
        if length:
            whole = bytes(self._held[:length])
            del self._held[:length]
            yield from self._records(whole)
        if len(self._held) > LONGEST_EVENT_BYTES:
            self.broken = True
            self._held.clear()

    def finish(self) -> Iterator[JsonObject | None]:
        """What stands there without its blank line at the end."""
        rest, self._held = bytes(self._held), bytearray()
        yield from self._records(rest)

    def _records(self, text: bytes) -> Iterator[JsonObject | None]:
        for event in sse.events(text):
            data = sse.data(event).strip()
            if self.broken or not data:
                continue
            if data == b"[DONE]":
                yield None
                continue
            try:
                found = json.loads(data)
            except (ValueError, RecursionError):
                found = None
            if isinstance(found, dict):
                yield found
            else:
                self.broken = True


def written(record: JsonObject, name: str = "") -> bytes:
    """One event with ``record`` as its data."""
    data = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return (f"event: {name}\ndata: {data}\n\n" if name else f"data: {data}\n\n").encode("utf-8", "replace")
