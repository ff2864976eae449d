"""Which of the requests of all files are copies of others: resumed and forked sessions, side chains, replays.

Owns that decision; the keys come from the readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import NamedTuple

from faregate.readers.records import Records


class Fork(NamedTuple):
    """Where a file of Codex came from. ``session`` is its own id, ``parent`` '' when it was not forked.

    ``at``: when it was forked (microseconds UTC, 0 unknown). ``uses``: for each request of the file, 8 bytes that are
    equal for equal use. ``burst``: how many of its first requests were written at once, as replays are.
    """

    session: str
    parent: str
    at: int
    uses: Sequence[int]
    burst: int


def without_copies(records: Records, forks: Sequence[tuple[int, Fork | None]]) -> bytearray:
    """For each row 1 when it counts, 0 when it is a copy. Of copies in a chain's and a side chain's file the chain's
    counts, else the one with the most tokens. ``forks``: (first row of a file, its fork) in the order of the rows."""
    kept = bytearray(b"\1") * len(records)
    _leave_out_replays(records, forks, kept)
    sides = _side_routes(records)
    first_of: dict[int, int] = {}
    by_route: dict[int, int] = {}
    side_by_route: dict[int, int] = {}
    keys, routes, is_side = (records.columns[name] for name in ("key", "route", "side"))
    for row in _like_others(keys, routes, sides):
        key, route = keys[row], routes[row]
        if not key or not kept[row]:
            continue
        other = first_of.get(key)
        if other is None and route in sides:
            if is_side[row]:
                other = by_route.get(route)
            else:
                other = side_by_route.get(route)
                # A side chain's row that made way for its chain's is none any more.
                other = other if other is not None and is_side[other] else None
        if other is None:
            other = first_of[key] = row
        else:
            kept[row] = 0
            if _is_better(records, row, other):
                records.replace(other, row)
                first_of.setdefault(key, other)
        if route in sides:
            by_route.setdefault(route, other)
            if is_side[other]:
                side_by_route.setdefault(route, other)
    return kept


def _like_others(keys: Sequence[int], routes: Sequence[int], sides: set[int]) -> list[int]:
    """Rows with the key of another, or with a side chain's route that another has: only these can be copies."""
    rows = _repeated(keys, range(len(keys)))
    if sides:
        aside = list(compress(range(len(routes)), map(sides.__contains__, routes)))
        rows |= _repeated([routes[row] for row in aside], aside)
    return sorted(rows)


def _repeated(values: Sequence[int], rows: Sequence[int]) -> set[int]:
    """Those of ``rows`` that have a value of ``values`` which another of them has, too."""
    seen: set[int] = set()
    see = seen.add
    twice = {value for value in values if value in seen or see(value)}
    return set(compress(rows, map(twice.__contains__, values)))


def _side_routes(records: Records) -> set[int]:
    """Routes that a side chain has: only these can lead to a copy of another key."""
    columns = records.columns
    return set(compress(columns["route"], columns["side"])) - {0}


def _is_better(records: Records, row: int, other: int) -> bool:
    side = records.columns["side"]
    if side[row] != side[other]:
        return bool(side[other])
    return records.tokens(row) > records.tokens(other)


def _leave_out_replays(records: Records, forks: Sequence[tuple[int, Fork | None]], kept: bytearray) -> None:
    """A fork of Codex begins with its parent's requests, at new times: as far as they equal the parent's up to the
    fork they were the parent's. Without the parent's file, what was written in one burst was."""
    homes: dict[str, tuple[int, Fork]] = {}
    for begin, fork in forks:
        if fork is not None and fork.session:
            homes.setdefault(fork.session, (begin, fork))
    instants = records.columns["at"]
    for begin, fork in forks:
        if fork is None or not fork.parent:
            continue
        alike = 0
        home = homes.get(fork.parent)
        if home is not None and home[0] != begin:
            alike = _alike(fork, home[1], instants[home[0] : home[0] + len(home[1].uses)])
        for row in range(begin, begin + (alike or fork.burst)):
            kept[row] = 0


def _alike(fork: Fork, parent: Fork, times: Sequence[int]) -> int:
    """How many of the fork's first requests are the parent's, of those before the fork."""
    count = 0
    for use, theirs, at in zip(fork.uses, parent.uses, times, strict=False):
        if use != theirs or (fork.at and at > fork.at):
            break
        count += 1
    return count
