"""Google's streams: events that are answers of their own, and the same as one JSON array.

Owns what ends a stream (it has no closing event: the reason to finish is the end) and the array's framing.
"""

from __future__ import annotations

from typing import Any

from faregate.dialects import google_usage, sse
from faregate.dialects.body import read_any
from faregate.dialects.conversation import text_of
from faregate.dialects.reported import Reported, record
from faregate.dialects.stream import StreamScanner, UpstreamError


def _bare(event: bytes) -> bytes:
    """An object between events, which Google breaks a stream off with."""
    bare = event.strip()
    return bare if bare.startswith(b"{") else b""


class GoogleScanner(StreamScanner):
    """Scans `GenerateContentResponse` events; ``answers`` have to finish before the stream has."""

    __slots__ = ("_answers", "_counted", "_finished", "_searches")

    _marks = (b'"usageMetadata"', b'"finishReason"', b'"promptFeedback"', b'"error"')

    def __init__(self, answers: int = 1) -> None:
        super().__init__()
        self._answers = answers
        self._finished: set[int] = set()
        self._searches = 0
        self._counted = False

    def _observe(self, event: bytes) -> bool:
        answer = google_usage.answer_of(sse.data(event) or _bare(event))
        if answer is None:
            return True
        if answer.error is not None:
            failure = record(answer.error)
            self.error = UpstreamError(text_of(failure.get("status")), text_of(failure.get("message")))
        for candidate in answer.candidates or ():
            if candidate.finishReason:
                self._finished.add(candidate.index if isinstance(candidate.index, int) else 0)
        if len(self._finished) >= self._answers or record(answer.promptFeedback).get("blockReason"):
            self.ended = True
        self._note_usage(google_usage.reported(answer))
        return True

    def _note_usage(self, found: Reported | None) -> None:
        if found is None:
            return
        self._searches = max(self._searches, found.usage.tool_calls)
        self.model = found.model or self.model
        self.reported = Reported(found.usage._replace(tool_calls=self._searches), self.model)
        self._counted = self._counted or found.usage.output > 0

    def _relayed(self, event: bytes) -> bytes:
        covered = self.covered_bytes
        relayed = super()._relayed(event)
        if not self._counted and not self.ended:
            self.covered_bytes = covered  # the first reports may count the input alone
        return relayed

    def _first_output(self, event: bytes) -> int:
        candidates = record(read_any(sse.data(event))).get("candidates")
        return sum(_text_bytes(record(each)) for each in candidates) if isinstance(candidates, list) else 0


def _text_bytes(candidate: dict[str, Any]) -> int:
    parts = record(candidate.get("content")).get("parts")
    texts = [record(part).get("text") for part in parts] if isinstance(parts, list) else []
    return sum(len(text.encode("utf-8", "replace")) for text in texts if isinstance(text, str))


class ArrayScanner(StreamScanner):
    """Relays what another scanner relays as elements of one JSON array: for clients that ask for no events."""

    __slots__ = ("_begun", "_events")

    content_type = b"application/json"

    def __init__(self, events: StreamScanner) -> None:
        super().__init__()
        self._events = events
        self._begun = False

    def passes(self, framed: bytes, start: int) -> bool:
        """Nothing passes as it is."""
        return False

    def feed(self, chunk: bytes) -> bytes:
        """The elements that are whole now."""
        return self._follow(self._events.feed(chunk))

    def close(self) -> bytes:
        """The array's end, at a clean end of the upstream's bytes."""
        rest = self._follow(self._events.close())
        return rest + (b"]" if self._begun else b"[]") if self.ended else rest

    def broken_off(self, element: bytes) -> bytes:
        """The last element of an array that will not be whole, and the array's end."""
        return self._element(element) + b"]"

    @property
    def output_bytes(self) -> int:
        """As the other one measures it."""
        return self._events.output_bytes

    def _follow(self, events: bytes) -> bytes:
        seen = self._events
        self.reported, self.model, self.covered_bytes = seen.reported, seen.model, seen.covered_bytes
        self.ended, self.error, self.broken = seen.ended, seen.error, seen.broken
        return b"".join(self._element(data) for event in sse.events(events) if (data := sse.data(event).strip()))

    def _element(self, data: bytes) -> bytes:
        before = b",\r\n" if self._begun else b"["
        self._begun = True
        return before + data
