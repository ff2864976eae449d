"""A client that asks once over a connection of its own, and knows whether the answer came whole.

Owns sending and reading. Written on bare sockets, so that what is tested is not also what tests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httptools

PATIENCE_SECONDS = 60.0


@dataclass
class Answer:
    """What came back; ``whole`` once all of it was there. ``status`` 0: not even a head."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False

    @property
    def request(self) -> str:
        """The gate's id of the request, '' when it told none."""
        return self.headers.get("x-faregate-request-id", "")

    @property
    def data(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


class _Reading:
    """The callbacks of the parser."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.parser: httptools.HttpResponseParser | None = None

    def on_header(self, name: bytes, value: bytes) -> None:
        self._answer.headers[name.decode().lower()] = value.decode()

    def on_headers_complete(self) -> None:
        assert self.parser is not None
        self._answer.status = self.parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._answer.body += body

    def on_message_complete(self) -> None:
        self._answer.whole = True


@dataclass
class Asked:
    """A question on its way. ``answer`` fills as it comes."""

    answer: Answer
    _reader: asyncio.StreamReader
    _parser: httptools.HttpResponseParser

    async def read(self, until: bytes | None = None) -> Answer:
        """Read until ``until`` stands in the body, or all is there, or the peer is gone."""
        answer = self.answer
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not answer.whole and (until is None or until not in answer.body):
                try:
                    piece = await self._reader.read(65_536)
                except ConnectionError:
                    break
                if not piece:
                    break
                self._parser.feed_data(piece)
        return answer

    async def read_on(self) -> None:
        """Read the next piece. Raises ConnectionError when there is none."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            piece = await self._reader.read(65_536)
        if not piece:
            raise ConnectionError("the answer ended")
        self._parser.feed_data(piece)


@asynccontextmanager
async def asking(
    port: int, path: str, body: object, headers: Mapping[str, str], method: str = "POST"
) -> AsyncIterator[Asked]:
    """Send the question; at the end the connection is dropped, whatever came. Raises ConnectionError."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        content = b"" if body is None else json.dumps(body).encode()
        given = {"host": f"127.0.0.1:{port}", "content-length": str(len(content)), "connection": "close", **headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        answer = Answer()
        reading = _Reading(answer)
        reading.parser = httptools.HttpResponseParser(reading)
        yield Asked(answer, reader, reading.parser)
    finally:
        writer.transport.abort()


async def ask(port: int, path: str, body: object, headers: Mapping[str, str], method: str = "POST") -> Answer:
    """The answer as far as it came. Raises ConnectionError when nobody listens."""
    async with asking(port, path, body, headers, method) as asked:
        return await asked.read()


def chat(text: str, stream: bool = False, model: str = "gpt-5") -> tuple[str, dict[str, Any]]:
    """Path and body of a question in OpenAI's form."""
    return "/v1/chat/completions", {"model": model, "stream": stream, "messages": [{"role": "user", "content": text}]}


def messages(text: str, stream: bool = False, model: str = "claude-sonnet-4") -> tuple[str, dict[str, Any]]:
    """Path and body of a question in Anthropic's form."""
    said = [{"role": "user", "content": text}]
    return "/v1/messages", {"model": model, "max_tokens": 500, "stream": stream, "messages": said}


FORMS = {"chat": chat, "messages": messages}
