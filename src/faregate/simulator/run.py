"""A whole run: a usage file read, checked and replayed, every problem in it gathered.

Owns the order of lines, the gathering of problems, and what is handed out line by line. Does not print.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import IO, NamedTuple

from faregate.core.errors import AmountOverflow
from faregate.core.instants import render_instant
from faregate.simulator.operator_events import carry_out
from faregate.simulator.problem import MOST_SHOWN, BadLine, Problem, UsageFileError
from faregate.simulator.reading import Item, UsageLine, raw_lines, read_line
from faregate.simulator.replay import Replay
from faregate.simulator.result import EventRow, RequestRow

Report = RequestRow | EventRow


class Sink(NamedTuple):
    """Where rows go as they are made."""

    request: Callable[[RequestRow], None]
    event: Callable[[EventRow], None]


class _Problems:
    """The first problems found; reading stops for good when there are plenty."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.found: list[Problem] = []
        self.more = 0

    def add(self, line: int, bad: BadLine) -> None:
        if len(self.found) < MOST_SHOWN:
            self.found.append(Problem(self.file, line, bad.phrase))
        else:
            self.more += 1

    def raise_any(self) -> None:
        if self.found:
            raise UsageFileError(self.found, self.more)


def run(replay: Replay, source: IO[bytes], file: str, sink: Sink, sort: bool = False) -> None:
    """Replay ``source``; rows go to ``sink`` as they are made.

    Raises UsageFileError with the first problems; what the sink was given until then is to be thrown away.
    """
    problems = _Problems(file)
    items = _read(source, problems)
    if sort:
        items = iter(sorted(items, key=lambda item: item.at))
    for item in _in_order(items, problems):
        try:
            _replay(replay, item, sink)
        except BadLine as bad:
            problems.add(item.line, bad)
        except AmountOverflow:
            problems.add(item.line, BadLine("amount_overflow"))
    problems.raise_any()


def _read(source: IO[bytes], problems: _Problems) -> Iterator[Item]:
    for number, raw in raw_lines(source):
        try:
            yield read_line(number, raw)
        except BadLine as bad:
            problems.add(number, bad)


def _in_order(items: Iterable[Item], problems: _Problems) -> Iterator[Item]:
    """``items`` up to the first that goes back in time; from there on only each step back is noted."""
    before: Item | None = None
    ordered = True
    for item in items:
        if before is not None and item.at < before.at:
            ordered = False
            at, earlier = render_instant(item.at), render_instant(before.at)
            problems.add(item.line, BadLine("goes_back", at=at, before=earlier, earlier=before.line))
        before = item
        if ordered:
            yield item


def _replay(replay: Replay, item: Item, sink: Sink) -> None:
    if isinstance(item, UsageLine):
        sink.request(replay.request(item))
    else:
        sink.event(carry_out(replay, item))
