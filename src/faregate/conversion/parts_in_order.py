"""Parts of a stream one after the other, however an upstream mixes their pieces.

Owns what has to wait: the first part that is open is told as it comes, those behind it once it is whole. Chat numbers
calls made at once and may send pieces of them in turn, where other dialects know one open part at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Literal

from faregate.conversion.answer import Event, Grew, PartBegan, PartEnded, Signed, Waiting

Kind = Literal["text", "thought", "denial", "call", "custom"]


class OpenPart:
    """One part as far as it has come."""

    __slots__ = ("ended", "id", "index", "kind", "name", "pieces")

    def __init__(self, index: int, kind: Kind, id: str, name: str) -> None:
        self.index = index
        self.kind = kind
        self.id = id
        self.name = name
        self.pieces: list[str] = []
        self.ended = False

    @property
    def whole(self) -> bool:
        """Whether it is over once another part begins: of a call, whether its arguments are complete."""
        if self.kind != "call":
            return True
        try:
            json.loads("".join(self.pieces))
        except (ValueError, RecursionError):
            return False
        return True


class PartsInOrder:
    """Takes pieces of parts in any order; ``signature`` is what a thought is signed with at its end."""

    def __init__(self, signature: str) -> None:
        self._signature = signature
        self._open: list[OpenPart] = []
        self._count = 0

    @property
    def last(self) -> OpenPart | None:
        """The part that began last, if it is open."""
        return self._open[-1] if self._open else None

    def begin(self, kind: Kind, id: str = "", name: str = "") -> tuple[OpenPart, list[Event]]:
        """A new part behind all others, and what is to be told now."""
        told: list[Event] = []
        while self._open and self._open[0].whole:
            told += self._end_first()
        part = OpenPart(self._count, kind, id, name)
        self._count += 1
        self._open.append(part)
        if part is self._open[0]:
            told.append(_begun(part))
        return part, told

    def add(self, part: OpenPart, text: str) -> Iterator[Event]:
        """More of ``part``. What comes after its end is nothing."""
        if part.ended:
            return
        part.pieces.append(text)
        yield Grew(part.index, text) if part is self._open[0] else Waiting()

    def close(self) -> Iterator[Event]:
        """The end of all that is open."""
        while self._open:
            yield from self._end_first()

    def _end_first(self) -> Iterator[Event]:
        part = self._open.pop(0)
        part.ended = True
        if part.kind == "thought":
            yield Signed(part.index, self._signature)
        yield PartEnded(part.index)
        if self._open:
            following = self._open[0]
            yield _begun(following)
            if following.pieces:
                yield Grew(following.index, "".join(following.pieces))


def _begun(part: OpenPart) -> PartBegan:
    return PartBegan(part.index, part.kind, part.id, part.name)
