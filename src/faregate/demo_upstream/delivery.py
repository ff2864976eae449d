"""Getting bytes out: bodies and streams, and every fault that is about when and how far.

Owns slow, pace, cut, stall, error-event, quiet-end and garbage. Does not know what the bytes say.

A connection is dropped by returning from the ASGI application with the response unfinished,
which every server must answer by closing the connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from faregate.demo_upstream.faults import Faults
from faregate.wire.asgi import Receive, Send

Sleep = Callable[[float], Awaitable[object]]
Headers = list[tuple[bytes, bytes]]

LONGEST_STALL_MS = 600_000
GARBAGE_BODY = b'{"demo": this is no JSON'


class ClientGone(Exception):
    """The client went away while the answer was being held back."""


class BodyTooLarge(Exception):
    """The request's body is longer than the upstream takes."""


@dataclass(slots=True)
class Call:
    """One request as the upstream saw it: for tests and demos that want to look.

    ``outcome`` is "open" until it is "complete", "cut", "stalled" or "client-gone"; ``reported`` are the tokens of a
    whole answer by class, empty where none are told. ``headers`` hold the key as it was sent: keep them out of logs.
    """

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    body: bytes = b""
    status: int | None = None
    events_sent: int = 0
    reported: Mapping[str, int] = field(default_factory=dict)
    outcome: str = field(default="open")


class Delivery:
    """The answering side of one call."""

    def __init__(self, receive: Receive, send: Send, sleep: Sleep, call: Call) -> None:
        self._receive = receive
        self._send = send
        self._sleep = sleep
        self._gone: asyncio.Task[None] | None = None
        self.call = call

    async def read_body(self, largest: int) -> bytes:
        """The whole request body. Raises BodyTooLarge (bytes), ClientGone."""
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            part = message.get("body", b"")
            size += len(part)
            if size > largest:
                raise BodyTooLarge
            parts.append(part)
            if not message.get("more_body", False):
                return parts[0] if len(parts) == 1 else b"".join(parts)

    async def pause(self, milliseconds: int) -> None:
        """Hold the answer back. Raises ClientGone as soon as the client goes."""
        if milliseconds <= 0:
            return
        if self._gone is None:
            self._gone = asyncio.ensure_future(self._await_disconnect())
        sleeping = asyncio.ensure_future(self._sleep(milliseconds / 1000))
        await asyncio.wait({sleeping, self._gone}, return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        if self._gone.done():
            raise ClientGone

    def close(self) -> None:
        """Let go of what waits for the client."""
        if self._gone is not None:
            self._gone.cancel()

    async def body(self, status: int, headers: Headers, body: bytes, faults: Faults) -> None:
        """Send a whole body, or as much of it as the faults allow."""
        if faults.garbage_after_events is not None:
            body = GARBAGE_BODY
        length = (b"content-length", str(len(body)).encode())
        await self._start(status, [*headers, length])
        limit = faults.cut_after_bytes
        if faults.cut_after_events is not None:
            limit = faults.cut_after_events
        if faults.stall_after_events is not None:
            await self._write(body[: len(body) // 2])
            await self._stall()
        elif limit is not None and limit < len(body):
            await self._write(body[:limit])
            self.call.outcome = "cut"
        else:
            await self._write(body, more=False)

    async def stream(self, headers: Headers, events: Iterable[bytes], error_event: bytes, faults: Faults) -> None:
        """Send a stream event by event, or as much of it as the faults allow."""
        await self._start(200, headers)
        if 0 in (faults.cut_after_events, faults.stall_after_events, faults.cut_after_bytes):
            await self._write(b"")  # the head goes out with the first write
        room = faults.cut_after_bytes
        for index, (event, final) in enumerate(_with_final(events)):
            if index == faults.end_after_events or (final and faults.leave_out_final_event):
                break
            if index == faults.cut_after_events:
                self.call.outcome = "cut"
                return
            if index == faults.stall_after_events:
                await self._stall()
                return
            if index == faults.error_after_events:
                await self._write(error_event)
                break
            if index:
                await self.pause(faults.pace_ms)
            sent = _garbled(event) if index == faults.garbage_after_events else event
            if room is not None and len(sent) >= room:
                await self._write(sent[:room])
                self.call.outcome = "cut"
                return
            room = None if room is None else room - len(sent)
            await self._write(sent)
            self.call.events_sent += 1
            await asyncio.sleep(0)  # a stream without pauses lets others run, and notices a reset
        await self._write(b"", more=False)

    async def _start(self, status: int, headers: Headers) -> None:
        self.call.status = status
        message = {"type": "http.response.start", "status": status, "headers": headers}
        await self._send(message)

    async def _write(self, body: bytes, *, more: bool = True) -> None:
        await self._send({"type": "http.response.body", "body": body, "more_body": more})
        if not more:
            self.call.outcome = "complete"

    async def _stall(self) -> None:
        self.call.outcome = "stalled"
        await self.pause(LONGEST_STALL_MS)

    async def _await_disconnect(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _garbled(event: bytes) -> bytes:
    """The event under its own name, with data that is no JSON."""
    head, mark, _ = event.partition(b"data: ")
    return head + mark + GARBAGE_BODY + b"\n\n"


def _with_final(events: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Every event with whether it is the last."""
    held: bytes | None = None
    for event in events:
        if held is not None:
            yield held, False
        held = event
    if held is not None:
        yield held, True
