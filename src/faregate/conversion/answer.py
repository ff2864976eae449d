"""The neutral form of an answer: whole, and as the events of a stream.

Owns the values, the folding of events into an answer, and an answer as the events of its stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from faregate.conversion.ask import Call, Denial, Text, Thought

Stop = Literal["end", "length", "stop", "tool", "refusal"]

AnswerPart = Text | Call | Thought | Denial


class Spent(NamedTuple):
    """Tokens in disjoint classes, as the gate meters them; ``reasoning`` is inside ``output``."""

    input: int = 0
    cached: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    output: int = 0
    reasoning: int = 0

    @property
    def total_input(self) -> int:
        return self.input + self.cached + self.cache_write_5m + self.cache_write_1h


class Answer(NamedTuple):
    """A whole answer. ``stopped_by`` is the stop sequence met; ``spent`` None where nobody said."""

    id: str
    model: str
    parts: tuple[AnswerPart, ...]
    stop: Stop
    stopped_by: str | None = None
    spent: Spent | None = None


class Began(NamedTuple):
    """The stream begins. ``spent`` is what is known so far."""

    id: str
    model: str
    spent: Spent | None = None


class PartBegan(NamedTuple):
    """A part opens; parts come one after the other, ``part`` is the number of this one."""

    part: int
    kind: Literal["text", "call", "custom", "thought", "hidden", "denial"]
    id: str = ""
    name: str = ""


class Grew(NamedTuple):
    """More text, arguments or thought."""

    part: int
    text: str


class Signed(NamedTuple):
    """The signature of a thought (or all of a hidden one)."""

    part: int
    signature: str


class PartEnded(NamedTuple):
    part: int


class Ended(NamedTuple):
    """Nothing more is said; what was spent may still follow in another one of these (``stop`` None then)."""

    stop: Stop | None
    stopped_by: str | None = None
    spent: Spent | None = None


class Failed(NamedTuple):
    """The upstream broke off. ``kind`` in its own words."""

    kind: str
    message: str


class Waiting(NamedTuple):
    """A sign of life without content."""


Event = Began | PartBegan | Grew | Signed | PartEnded | Ended | Failed | Waiting


def events_of(answer: Answer) -> Iterator[Event]:
    """The stream that would have brought ``answer``."""
    yield Began(answer.id, answer.model, None)
    for index, part in enumerate(answer.parts):
        if isinstance(part, Thought):
            yield PartBegan(index, "hidden" if part.hidden else "thought")
            if part.text:
                yield Grew(index, part.text)
            if part.signature:
                yield Signed(index, part.signature)
        elif isinstance(part, Call):
            yield PartBegan(index, "custom" if part.custom else "call", part.id, part.name)
            if part.arguments:
                yield Grew(index, part.arguments)
        else:
            yield PartBegan(index, "denial" if isinstance(part, Denial) else "text")
            if part.text:
                yield Grew(index, part.text)
        yield PartEnded(index)
    yield Ended(answer.stop, answer.stopped_by, answer.spent)


class Folding:
    """Events gathered into an answer. Reads in order; what stands open at the end counts as it is."""

    def __init__(self) -> None:
        self.id = ""
        self.model = ""
        self.stop: Stop | None = None
        self.stopped_by: str | None = None
        self.spent: Spent | None = None
        self.failed: Failed | None = None
        self._begun: list[PartBegan] = []
        self._texts: list[list[str]] = []
        self._signatures: list[str] = []

    def take(self, event: Event) -> None:
        """Take in one event."""
        if isinstance(event, Grew):
            self._texts[event.part].append(event.text)
        elif isinstance(event, PartBegan):
            self._begun.append(event)
            self._texts.append([])
            self._signatures.append("")
        elif isinstance(event, Signed):
            self._signatures[event.part] = event.signature
        elif isinstance(event, Began):
            self.id, self.model = event.id, event.model
            self.spent = event.spent or self.spent
        elif isinstance(event, Ended):
            self.stop = event.stop or self.stop
            self.stopped_by = event.stopped_by or self.stopped_by
            self.spent = event.spent or self.spent
        elif isinstance(event, Failed):
            self.failed = event

    def part(self, index: int) -> AnswerPart:
        """The part at ``index`` as far as it has come."""
        begun, text = self._begun[index], "".join(self._texts[index])
        if begun.kind in ("call", "custom"):
            return Call(begun.id, begun.name, text, begun.kind == "custom")
        if begun.kind in ("thought", "hidden"):
            return Thought(text, self._signatures[index], begun.kind == "hidden")
        return Denial(text) if begun.kind == "denial" else Text(text)

    @property
    def count(self) -> int:
        """How many parts have begun."""
        return len(self._begun)

    def answer(self) -> Answer:
        """All that was taken in."""
        parts = tuple(self.part(index) for index in range(self.count))
        return Answer(self.id, self.model, parts, self.stop or "end", self.stopped_by, self.spent)


def folded(events: Iterable[Event]) -> Answer:
    """The answer that ``events`` bring."""
    folding = Folding()
    for event in events:
        folding.take(event)
    return folding.answer()
