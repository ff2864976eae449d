"""Header blocks as bytes.

Owns encoding of header lines and start lines, and the refusal of bytes that would split a message.
Does not know which headers a message needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

Header = tuple[bytes, bytes]
"""(name, value). Names that come from a peer are lower-case."""


class HeaderInjectionError(ValueError):
    """A header name or value holds a line break or NUL and would split the message."""


STATUS_LINES: dict[int, bytes] = {
    status.value: b"HTTP/1.1 %d %s\r\n" % (status.value, status.phrase.encode()) for status in HTTPStatus
}


def status_line(status: int) -> bytes:
    """``HTTP/1.1 200 OK\\r\\n``; a status without a registered phrase gets an empty one."""
    return STATUS_LINES.get(status) or b"HTTP/1.1 %d \r\n" % status


def encode_headers(headers: Iterable[Header]) -> bytes:
    """``name: value\\r\\n`` for each header. Raises HeaderInjectionError on CR, LF or NUL inside one."""
    lines = [name + b": " + value + b"\r\n" for name, value in headers]
    block = b"".join(lines)
    count = len(lines)
    if block.count(b"\r") != count or block.count(b"\n") != count or b"\0" in block:
        raise HeaderInjectionError("a header name or value holds CR, LF or NUL")
    return block


def encode_request_head(method: bytes, target: bytes, headers: Iterable[Header]) -> bytes:
    """Request line and header block without the empty line that ends the head."""
    if any(byte in method + target for byte in b" \r\n\0"):
        raise HeaderInjectionError("method or target holds a space or a line break")
    return b"%b %b HTTP/1.1\r\n%b" % (method, target, encode_headers(headers))
