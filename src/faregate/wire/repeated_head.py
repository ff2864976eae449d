"""A request head that a connection has sent before.

Owns the recognition of its bytes: a client that keeps its connection sends nearly the same head each time, with only
another length. Does not parse: what is recognised was parsed, and found sound, when it came first.
"""

from __future__ import annotations

_LENGTH = b"\r\ncontent-length:"
_UNREPEATABLE = (b"\r\ntransfer-encoding:", b"\r\nexpect:", b"\r\nupgrade:", b"\r\nconnection: close")
_DIGITS = 12


class RepeatedHead:
    """The bytes before and after the digits of the length, and what the whole head meant."""

    __slots__ = ("after", "after_size", "before", "before_size", "digits", "headers", "method", "path", "query")

    def __init__(
        self,
        parts: tuple[bytes, bytes, bytes],
        method: bytes,
        target: tuple[bytes, bytes],
        headers: dict[bytes, bytes],
    ) -> None:
        self.before, self.digits, self.after = parts
        self.before_size = len(self.before)
        self.after_size = len(self.after)
        self.method = method
        self.path, self.query = target
        self.headers = headers

    def measure(self, data: bytes) -> tuple[int, int] | None:
        """Where the body starts in ``data``, which starts with ``before``, and how long it is to be; None when the
        head is another one after all."""
        start = self.before_size
        end = data.find(b"\r", start, start + _DIGITS)
        digits = data[start:end]
        if not data.startswith(self.after, end):
            return None
        if digits != self.digits:
            if end < 0 or not digits.isdigit():
                return None
            self.digits = digits
            self.headers = {**self.headers, b"content-length": digits}
        return end + self.after_size, int(digits)


def split_at_length(data: bytes) -> tuple[bytes, bytes, bytes] | None:
    """The head at the start of ``data`` before, in and after the digits of its length; None when it is not whole, or
    not of the plain kind whose bytes alone say what they mean."""
    end = data.find(b"\r\n\r\n") + 4
    head = data[:end]
    lowered = head.lower()
    plain = end > 4 and head[:1].isalpha() and head.count(b"\n") == head.count(b"\r\n") == head.count(b"\r")
    if not plain or lowered.count(b"content-length") != 1 or any(each in lowered for each in _UNREPEATABLE):
        return None
    line = lowered.find(_LENGTH)
    if line < 0:
        return None
    start = line + len(_LENGTH)
    stop = head.find(b"\r\n", start)
    value = head[start:stop]
    digits = value.strip(b" \t")
    if not digits.isdigit() or len(digits) >= _DIGITS or not value.endswith(digits):
        return None
    start = stop - len(digits)
    return head[:start], digits, head[stop:]
