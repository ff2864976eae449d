"""Relaying a stream of OpenAI's Responses: all of it, with the usage, the end and the output's size seen.

Every event is read: they differ in what they wrap (text again in the closing ones, padding of any length in the
others), so that only the deltas' own text tells how much was generated.
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Raw

from faregate.dialects import responses_usage, sse
from faregate.dialects.body import UNREADABLE
from faregate.dialects.reported import record
from faregate.dialects.stream import StreamScanner, UpstreamError

LONGEST_EVENT_BYTES = 64 * 1024 * 1024
"""The last event holds the whole answer, pictures too."""

_ENDINGS = (b"\n\n\r\n", b"\r\n\r\n\r\n")
_CLOSING = frozenset(("response.completed", "response.incomplete", "response.failed"))
_UNCOUNTED = frozenset(("response.audio.delta",))
"""Deltas that are no text."""


class _Event(msgspec.Struct, gc=False):
    type: Any = ""
    delta: Any = None
    sequence_number: Any = None
    response: Raw = Raw(b"")
    item: Raw = Raw(b"")
    error: Any = None
    code: Any = None
    message: Any = None


_EVENT: msgspec.json.Decoder[_Event] = msgspec.json.Decoder(_Event)


class ResponsesScanner(StreamScanner):
    """Scans `response.created` … `response.completed` events.

    ``id`` and ``created_at`` (seconds) are the response's, ``sequence`` the number of the last event; an event that
    the gate adds goes on from there.
    """

    __slots__ = ("_calls", "_pictures", "created_at", "id", "sequence")

    _longest_event = LONGEST_EVENT_BYTES

    def __init__(self) -> None:
        super().__init__()
        self.id = ""
        self.created_at = 0
        self.sequence = -1
        self._calls = 0
        self._pictures = 0

    @property
    def output_bytes(self) -> int:
        """Bytes of generated text so far."""
        return self._text_size

    def passes(self, framed: bytes, start: int) -> bool:
        """Reads the chunk; True when it is whole events, which all pass."""
        if self._held or self.broken or not framed.endswith(_ENDINGS):
            return False
        found = [_decoded(event) for event in sse.events(framed[start:-2])]
        if None in found:
            return False  # what is no JSON object may be nothing, or the end of all
        for each in found:
            if each is not None:
                self._note(each)
        return True

    def _read_and_measured(self, event: bytes) -> bytes:
        found = _decoded(event)
        if found is not None:
            self._note(found)
        return event

    def _note(self, found: _Event) -> None:
        if type(found.sequence_number) is int:
            self.sequence = found.sequence_number
        delta = found.delta
        if isinstance(delta, str):
            if found.type not in _UNCOUNTED:
                self._text_size += len(delta) if delta.isascii() else len(delta.encode("utf-8", "replace"))
        elif found.response:
            self._note_response(found)
        elif found.item and found.type == "response.output_item.done":
            calls, pictures = responses_usage.calls_of_item(found.item)
            self._calls += calls
            self._pictures += pictures
        elif found.type == "error" or found.error is not None:
            self.error = _error_of(record(found.error) or {"code": found.code, "message": found.message})

    def _note_response(self, event: _Event) -> None:
        response = responses_usage.response_of(event.response)
        if isinstance(response.id, str) and response.id:
            self.id = response.id
        if isinstance(response.model, str) and response.model:
            self.model = response.model
        if isinstance(response.created_at, int | float):
            self.created_at = int(response.created_at)
        if event.type in _CLOSING:
            self.ended = True
        if event.type == "response.failed":
            self.error = _error_of(record(response.error))
        calls, pictures = responses_usage.calls_of_output(response.output)
        reported = responses_usage.reported(response, max(calls, self._calls), max(pictures, self._pictures))
        if reported is not None:
            self.reported = reported
            self.covered_bytes = self.output_bytes


def _decoded(event: bytes) -> _Event | None:
    try:
        return _EVENT.decode(sse.data(event))
    except (*UNREADABLE, RecursionError):
        return None


def _error_of(failure: dict[str, Any]) -> UpstreamError:
    return UpstreamError(str(failure.get("code") or failure.get("type") or ""), str(failure.get("message") or ""))
