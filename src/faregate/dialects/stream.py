"""Relaying one stream: whole events out, usage seen, the end seen, output measured.

Owns cutting at events, the test that each of them is JSON, and the cheap one that lets most chunks pass unread. What
an event means is a dialect's (`_observe`, `_first_output`). Result and relayed bytes do not depend on how the stream
was cut.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from faregate.dialects import sse
from faregate.dialects.body import UNREADABLE
from faregate.dialects.reported import Reported

MAX_EVENT_BYTES = 1 << 20
"""A longer event is passed on in pieces, unread."""


class _Object(msgspec.Struct, gc=False):
    """A JSON object of which nothing is read."""


_ENDINGS = (b"\n\n", b"\r\n\r\n")
_OBJECT: Final = msgspec.json.Decoder(_Object).decode
_DONE: Final = b"[DONE]"
_FRAMED_ENDINGS = (b"\n\n\r\n", b"\r\n\r\n\r\n")


class UpstreamError(NamedTuple):
    """An error event of the upstream: its type or code ('' if silent) and message."""

    kind: str
    message: str


class StreamScanner:
    """Fed with an upstream's chunks as they come; says what to relay and what it saw.

    ``reported``: usage so far, None until reported. ``model``: the upstream's name of the model.
    ``ended``: the dialect's closing event was seen. ``error``: the last error event.
    ``covered_bytes``: ``output_bytes`` when usage was last reported: what came later it does not count.
    ``broken``: an event came that holds no JSON object; neither it nor anything after it is relayed.
    Not reusable: one a stream.
    """

    __slots__ = (
        "_envelope",
        "_held",
        "_line_count",
        "_oversize",
        "_text_size",
        "_wrapper_count",
        "broken",
        "covered_bytes",
        "ended",
        "error",
        "model",
        "reported",
    )

    content_type = b""
    """Of what it relays, where that is another than the upstream's."""
    _marks: tuple[bytes, ...] = ()
    """Bytes without one of which no event is worth decoding."""
    _wrapper = b""
    """A mark of events whose envelope is longer than the plain text event's …"""
    _wrapper_bytes = 0
    """… and by how much."""
    _longest_event = MAX_EVENT_BYTES

    def __init__(self) -> None:
        self.reported: Reported | None = None
        self.model = ""
        self.ended = False
        self.error: UpstreamError | None = None
        self.covered_bytes = 0
        self.broken = False
        self._held = bytearray()
        self._oversize = False
        self._envelope: int | None = None
        self._text_size = 0
        self._line_count = 0
        self._wrapper_count = 0

    def passes(self, framed: bytes, start: int) -> bool:
        """Whether the chunk ``framed[start:-2]``, with the line that tells its size in front and a line break behind,
        is whole events that nobody needs to read. If so it counts as fed, and is to be relayed as it is.

        The path of nearly all chunks of a stream: what it would call is written out here.
        """
        if self._envelope is None or self._held or self.broken or not framed.endswith(_FRAMED_ENDINGS):
            return False
        find = (
            framed.find
        )  # `in` on bytes makes and clears an exception in CPython 3.11, and takes three times as long
        for mark in self._marks:
            if find(mark) >= 0:
                return False
        data = find(b"\ndata:", start - 1)  # the first one follows the line of the size
        try:
            _OBJECT(framed[data + 6 : -4])
        except (*UNREADABLE, RecursionError):
            return False  # several events, one in several lines, or none: for who reads them one by one
        self._text_size += len(framed) - start - 2
        self._line_count += 1
        if self._wrapper:
            self._wrapper_count += framed.count(self._wrapper)
        return True

    def feed(self, chunk: bytes) -> bytes:
        """The bytes to relay now: all whole events so far, except those the client must not see."""
        if (
            self._envelope is not None
            and not self._held
            and not self.broken
            and chunk.endswith(_ENDINGS)
            and not self._is_marked(chunk)
            and _is_sound(chunk)
        ):
            self._measure(chunk)
            return chunk
        return self._feed_slowly(chunk)

    def close(self) -> bytes:
        """At a clean end of the upstream's bytes: the unfinished event, if any, is the last one."""
        rest = bytes(self._held)
        self._held.clear()
        return self._relay(rest) if rest else b""

    @property
    def output_bytes(self) -> int:
        """Bytes of generated text so far, for an estimate when no usage is reported.

        The first event with text gives the size of the envelope around it; every later byte beyond
        one envelope a data line counts as text.
        """
        if self._envelope is None:
            return 0
        envelopes = self._line_count * self._envelope + self._wrapper_count * self._wrapper_bytes
        return max(self._text_size - envelopes, 0)

    def _is_marked(self, chunk: bytes) -> bool:
        return any(chunk.find(mark) >= 0 for mark in self._marks)

    def _observe(self, event: bytes) -> bool:
        """Reads a marked event; False when the client must not see it."""
        raise NotImplementedError

    def _first_output(self, event: bytes) -> int:
        """Bytes of text in the event when it is the first with text, else 0. Notes the model
        too."""
        raise NotImplementedError

    def _feed_slowly(self, chunk: bytes) -> bytes:
        if self.broken:
            return b""
        held = self._held
        # A blank line may have been cut anywhere, so the last bytes are searched again.
        searched = max(len(held) - 3, 0)
        held += chunk
        complete = sse.complete_length(held[searched:])
        if not complete:
            if len(held) <= self._longest_event and not self._oversize:
                return b""
            return self._pass_oversize(len(held))
        complete += searched
        if self._oversize:
            return self._end_oversize(complete)
        whole = bytes(held[:complete])
        del held[:complete]
        return self._relay(whole)

    def _pass_oversize(self, length: int) -> bytes:
        self._oversize = True
        # Enough stays behind to see the event's closing blank line.
        passed = bytes(self._held[: length - 3])
        del self._held[: length - 3]
        if self._envelope is not None:
            self._text_size += len(passed)
        return passed

    def _end_oversize(self, complete: int) -> bytes:
        whole = bytes(self._held[:complete])
        del self._held[:complete]
        self._oversize = False
        end = next(sse.events(whole))
        if self._envelope is not None:
            self._text_size += len(end)
        rest = whole[len(end) :]
        return end + self._relay(rest) if rest else end

    def _relay(self, whole: bytes) -> bytes:
        if self._envelope is not None and not self.broken and not self._is_marked(whole) and _is_sound(whole):
            self._measure(whole)
            return whole
        return b"".join(map(self._relayed_if_sound, sse.events(whole)))

    def _relayed_if_sound(self, event: bytes) -> bytes:
        if self.broken:
            return b""
        if _is_sound_event(event):
            return self._relayed(event)
        self.broken = True
        return self._blank_before(event)

    def _relayed(self, event: bytes) -> bytes:
        before = self.reported
        relayed = self._read_and_measured(event)
        if self.reported is not before:
            self.covered_bytes = self.output_bytes
        return relayed

    def _read_and_measured(self, event: bytes) -> bytes:
        marked = self._is_marked(event)
        if marked and not self._observe(event):
            return self._blank_before(event)
        if self._envelope is not None:
            self._measure(event)
        elif text_size := self._first_output(event):
            self._envelope = max(len(event.lstrip(b"\r\n")) - text_size, 0)
            self._text_size = text_size
        return event

    def _blank_before(self, event: bytes) -> bytes:
        """Blank lines in front of an event belong to nobody: they stay, however the stream was cut."""
        blank = event[: len(event) - len(event.lstrip(b"\r\n"))]
        if self._envelope is not None:
            self._text_size += len(blank)
        return blank

    def _measure(self, whole: bytes) -> None:
        self._text_size += len(whole)
        self._line_count += sse.data_lines(whole)
        if self._wrapper:
            self._wrapper_count += whole.count(self._wrapper)


def _is_sound(whole: bytes) -> bool:
    return all(map(_is_sound_event, sse.events(whole)))


def _is_sound_event(event: bytes) -> bool:
    """Whether what an event holds, if anything, is a JSON object; the one word that ends streams counts as such."""
    data = sse.data(event).strip()
    if not data or data == _DONE:
        return True
    try:
        _OBJECT(data)
    except (*UNREADABLE, RecursionError):
        return False
    return True
