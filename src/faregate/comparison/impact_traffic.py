"""What happened on an account in a span of its journal: how it stood at the beginning, then requests and commands.

Owns reading entries into these. Decides nothing; refused requests left no entry and are not there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any, NamedTuple

from faregate.app.shelf import Shelf
from faregate.core.account import AccountState
from faregate.core.entry import Entry
from faregate.core.evolve import evolve
from faregate.core.request import Request, asker_held
from faregate.core.roll import EVERY_REQUEST, roll_all
from faregate.core.usage import Usage

COMMANDS = frozenset(
    ("subscribe", "grant", "reset", "restore", "renew", "cancel", "switch", "restore_mode", "segment", "terms")
)


class Span(NamedTuple):
    """From ``begins`` to before ``ends``, microseconds UTC."""

    begins: int
    ends: int

    def holds(self, at: int) -> bool:
        return self.begins <= at < self.ends


class Happened(NamedTuple):
    """At ``at`` either a request, with what it was worth at list prices, or a command's entry."""

    at: int
    seq: int
    request: Request | None
    entry: Entry | None
    worth: tuple[tuple[str, int], ...] = ()


@dataclass(slots=True)
class Traffic:
    """``state`` is the account at the beginning of the span; ``happened`` in the order of time."""

    state: AccountState
    happened: list[Happened] = field(default_factory=list)


def traffic_of(account: str, entries: Iterable[Entry], span: Span, shelf: Shelf) -> Traffic:
    """What ``entries``, all of the account's from the first, say of the span.

    A request belongs to the span in which it was admitted. What time itself does (refills, renewals, ends) is left
    out: time does it again.
    """
    state, within = AccountState(account), False
    traffic = Traffic(state)
    reader = _Reader(span)
    for entry in entries:
        if not within and entry.at >= span.begins:
            within = True
            _begin(traffic, span, shelf)
        if not within:
            evolve(state, entry, shelf.terms)
        else:
            reader.read(entry, traffic.happened)
    if not within:
        _begin(traffic, span, shelf)
    traffic.happened.sort(key=itemgetter(0, 1))
    return traffic


def _begin(traffic: Traffic, span: Span, shelf: Shelf) -> None:
    """Bring the state to the beginning."""
    state = traffic.state
    roll_all(state, span.begins, shelf.market, shelf.terms, EVERY_REQUEST)


class _Reader:
    """Entries of the span one by one; holds are kept until their settlement says what was used."""

    def __init__(self, span: Span) -> None:
        self._span = span
        self._holds: dict[str, Entry] = {}

    def read(self, entry: Entry, happened: list[Happened]) -> None:
        kind, data = entry.kind, entry.data
        if kind == "hold":
            self._holds[data["request"]] = entry
        elif kind == "release":
            self._holds.pop(data["request"], None)
        elif kind == "settle":
            hold = self._holds.pop(data["request"], None)
            if hold is not None and self._span.holds(hold.at):
                happened.append(Happened(hold.at, hold.seq, _request(hold, data), None, _worth(data)))
        elif kind in COMMANDS and self._span.holds(entry.at) and not _made_by_time(entry):
            happened.append(Happened(entry.at, entry.seq, None, entry))


def _made_by_time(entry: Entry) -> bool:
    """Whether a renewal came by itself: that one is named after what it renews."""
    return entry.kind == "renew" and entry.key == f"renew:{entry.data['subscription']}:{entry.at}"


def _request(hold: Entry, settled: dict[str, Any]) -> Request:
    """The request as it was decided, with what it used. Its session is known where the plan counted prompts."""
    session, prompt = "", ""
    for _, counted_session, after, _ in hold.data.get("calls", ()):
        session, prompt = counted_session, after[0]
    usage = settled["usage"]
    used = usage if isinstance(usage, Usage) else Usage(*usage)
    if used.prompts and not prompt:
        prompt = hold.data.get("asked") or hold.data["request"]
    data = hold.data
    return Request(
        data["request"], data["model"], used, data["client"], data["key"], session, prompt, *asker_held(data)[1:]
    )


def _worth(settled: dict[str, Any]) -> tuple[tuple[str, int], ...]:
    worth: dict[str, int] = {}
    for piece in settled["slices"]:
        value, currency = piece[6], piece[7]
        if currency:
            worth[currency] = worth.get(currency, 0) + value
    return tuple(worth.items())
