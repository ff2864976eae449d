"""Translation: a request served by an upstream of another dialect than its client's.

Owns joining the two: what is sent and received is watched in the upstream's dialect (usage, end, errors), and said to
the client in its own. Does not convert (``conversion`` does) nor decide what is charged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from faregate.conversion import Conversion, StreamConversion
from faregate.dialects import anthropic_messages, google_generate, openai_chat, openai_responses
from faregate.dialects.body import UNREADABLE, Request
from faregate.dialects.dialect import Dialect
from faregate.dialects.google_generate import GoogleGenerate
from faregate.dialects.reported import Reported
from faregate.dialects.stream import StreamScanner, UpstreamError
from faregate.gate.ports import Attempt

SPOKEN: Final[dict[str, Dialect]] = {
    dialect.name: dialect for dialect in (openai_chat, anthropic_messages, openai_responses)
}
"""Dialects that upstreams are spoken to in after a conversion."""

LEFT_OUT: Final = b"x-faregate-left-out"
_OF_A_DIALECT: Final = (b"anthropic-", b"openai-")
_LONGEST_HEAD: Final = 1_000
_UNPRINTABLE: Final = re.compile(rb"[^ -~]")


class Translation:
    """One request in another dialect. ``spoken`` is the upstream's. Raises NotCarried and BadField when made."""

    def __init__(self, client: Dialect, upstream: str, request: Request) -> None:
        self._client = client
        # Google's clients say these in the path.
        beside = {"model": request.model, "stream": request.stream} if isinstance(client, GoogleGenerate) else None
        self._conversion = Conversion(client.name, upstream, request.body, beside)
        self._asked: Request | None = None
        google = upstream == google_generate.name
        self.spoken = GoogleGenerate(stream=request.stream) if google else SPOKEN[upstream]

    @property
    def head(self) -> bytes:
        """A header line that names the hints which the upstream is not told; empty where it is told all."""
        named = ", ".join(self._conversion.left_out)[:_LONGEST_HEAD]
        # Some of these words are the client's own, and may hold anything.
        plain = _UNPRINTABLE.sub(b"?", named.encode("ascii", "replace"))
        return b"%b: %b\r\n" % (LEFT_OUT, plain) if named else b""

    def body_for(self, model: str) -> bytes:
        """What to send to an upstream that calls the model ``model``."""
        body = self._conversion.upstream_body(model)
        self._asked = self.spoken.read(body)
        return body

    def scanner(self, model: str, created: int) -> StreamScanner:
        """For one stream, told to the client under ``model``; ``created`` in seconds."""
        assert self._asked is not None, "a stream answers what was sent"
        stream = self._conversion.stream(model, created)
        told = self._client.scanner(self._asked) if self._client is openai_responses else None
        scanner = TranslatingScanner(self.spoken.scanner(self._asked), stream, told)
        return self._client.framed(scanner) if isinstance(self._client, GoogleGenerate) else scanner

    def reply(self, body: bytes, model: str, created: int) -> bytes:
        """The whole answer in the client's dialect. Raises BadReply."""
        return self._conversion.reply(body, model, created)


class TranslatingScanner(StreamScanner):
    """Watches the upstream's events and relays the client's.

    ``told`` follows what the client was told, where the event that ends a broken stream depends on it.
    """

    __slots__ = ("_seen", "_stream", "told")

    def __init__(self, seen: StreamScanner, stream: StreamConversion, told: StreamScanner | None) -> None:
        super().__init__()
        self._seen = seen
        self._stream = stream
        self.told = told

    def passes(self, framed: bytes, start: int) -> bool:
        """Nothing passes as it is."""
        return False

    def feed(self, chunk: bytes) -> bytes:
        """The client's bytes for these of the upstream."""
        self._seen.feed(chunk)
        return self._follow(self._stream.feed(chunk))

    def close(self) -> bytes:
        """At a clean end of the upstream's bytes."""
        self._seen.close()
        return self._follow(self._stream.close())

    def _follow(self, out: bytes) -> bytes:
        seen = self._seen
        self.reported, self.model, self.covered_bytes = seen.reported, seen.model, seen.covered_bytes
        self.ended, self.error, self.broken = seen.ended, seen.error, seen.broken or self._stream.broken
        if self.error is None and self._stream.failed is not None:
            self.error = UpstreamError(self._stream.failed.kind, self._stream.failed.message)
        if self.told is not None and out:
            self.told.feed(out)
        return out

    @property
    def output_bytes(self) -> int:
        """Bytes of generated text so far, as the upstream sent them."""
        return self._seen.output_bytes


def translation_for(
    known: Translation | None, client: Dialect, attempt: Attempt, request: Request
) -> Translation | None:
    """What ``attempt`` needs: None where its upstream speaks the client's dialect. Raises NotCarried."""
    if attempt.dialect == client.name:
        return None
    if known is not None and known.spoken.name == attempt.dialect:
        return known
    return Translation(client, attempt.dialect, request)


def of_no_dialect(headers: Mapping[bytes, bytes]) -> dict[bytes, bytes]:
    """``headers`` of a client without those that say something in its dialect alone, such as a version."""
    return {name: value for name, value in headers.items() if not name.startswith(_OF_A_DIALECT)}


def reported_by(dialect: Dialect, translation: Translation | None, body: bytes) -> Reported | None:
    """The usage in a JSON reply, read as whoever answered wrote it."""
    return (dialect if translation is None else translation.spoken).usage_of_reply(body)


def message_of_error(body: bytes) -> str:
    """What an upstream's error says to people, '' where it says nothing."""
    try:
        said = msgspec.json.decode(body)
    except (*UNREADABLE, RecursionError):
        return ""
    error = said.get("error") if isinstance(said, dict) else None
    message = error.get("message") if isinstance(error, dict) else error
    return message if isinstance(message, str) else ""
