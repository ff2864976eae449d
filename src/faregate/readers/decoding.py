"""JSON of logs as typed values, and what is wrong with it as Broken.

Owns that translation, and edges of lines.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from faregate.readers.broken_line import Broken

_OPEN, _CLOSE = ord("{"), ord("}")
Value = TypeVar("Value")
_ANYTHING: msgspec.json.Decoder[object] = msgspec.json.Decoder(object)


def decoded(decoder: msgspec.json.Decoder[Value], raw: bytes | memoryview) -> Value:
    """The value of these bytes. Raises Broken."""
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as problem:
        raise Broken("wrong_shape", str(problem)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise Broken("not_json", str(problem)[:200]) from None


def compact(line: bytes) -> bytes:
    """The same JSON without blanks between its tokens. Raises Broken."""
    return msgspec.json.encode(decoded(_ANYTHING, line))


def an_object(raw: bytes | None, number: int) -> bytes:
    """The line without what stands around its object; nothing for a blank line. Raises Broken."""
    if raw is None:
        raise Broken("too_long")
    if raw and raw[0] == _OPEN and raw[-1] == _CLOSE:
        return raw
    line = (raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw).strip()
    if line and (line[0] != _OPEN or line[-1] != _CLOSE):
        raise Broken("cut_off")
    return line
