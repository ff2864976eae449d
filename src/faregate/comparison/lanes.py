"""Lanes: requests of one usage that take the same way through an account, since their model and
client are the same.

Owns which requests stand in which lane, what each payer of a lane's route draws of its limits, and
which requests go the plain way: those that draw something of every limit, or nothing of any. Asks
no account how full it is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from faregate.comparison.columns import Columns
from faregate.comparison.draws import Drawn, Draws
from faregate.comparison.exact_arrays import Integers, Mask
from faregate.comparison.places import Places
from faregate.core.amounts import MILLI
from faregate.core.pool import Pool
from faregate.core.route import Payer, Route
from faregate.core.window import Window


class Lanes:
    """Which lane each request stands in (-1: none; nothing serves its model, or the plans are for others), and the
    (model that serves, client) of each. ``away`` are those of them that the plans are not for."""

    def __init__(
        self,
        columns: Columns,
        served: Mapping[str, str | None],
        away: Collection[tuple[str, str]] = (),
    ) -> None:
        self.names: list[tuple[str, str]] = []
        known: dict[tuple[str, str], int] = {}
        table = np.full((max(len(columns.models), 1), max(len(columns.clients), 1)), -1, dtype=np.int64)
        for model, client in columns.pairs():
            by = served[columns.models[model]]
            if by is not None and (name := (by, columns.clients[client])) not in away:
                table[model, client] = known.setdefault(name, len(known))
        self.names = list(known)
        self.key: Hashable = tuple(map(tuple, table.tolist()))
        self.of: Integers = table[columns.model, columns.client]
        self.masks: list[Mask] = [self.of == lane for lane in range(len(self.names))]
        self.unserved: Mask = self.of < 0


class Limit(NamedTuple):
    """One limit of a payer and what requests draw of it. ``progress``: it is no limit but what a
    progressive multiplier goes by."""

    part: Window | Pool
    drawn: Drawn
    progress: bool = False


class Rank(NamedTuple):
    """A payer in burn order, with its limits in each bracket of its progressive multiplier, and
    where these end."""

    payer: Payer
    brackets: tuple[tuple[Limit, ...], ...]
    ends: tuple[int | None, ...]

    def bracket_at(self, at: int) -> int:
        """Which bracket it is in."""
        window = self.payer.progress
        if window is None:
            return 0
        paid = window.used_at(at)
        return next(index for index, end in enumerate(self.ends) if end is None or paid < end)


class Plain(NamedTuple):
    """Requests of a lane by how plain they are under one route.

    ``full`` ones draw something of every limit of every payer, ``free`` ones nothing of the first
    payer's; ``odd`` are all others, for which the engine is asked one by one. ``mask`` is the
    whole lane, None where it is every request.
    """

    name: Hashable
    mask: Mask | None
    full: Places
    free: Places
    odd: Places

    def drawing(self) -> tuple[Hashable, Mask | None]:
        """(name, mask) of what draws of a payer's limits wherever nothing odd is among it."""
        return (
            (self.name, self.full.mask)
            if self.free.any()
            else (self.name if self.mask is not None else None, self.mask)
        )


class Way:
    """A lane under one route: ``ranks`` are the payers that are switched on, in burn order,
    ``guards`` those that may bind, with the requests that they might refuse."""

    __slots__ = ("_parts", "_payers", "guards", "open", "plain", "ranks", "route")

    def __init__(self, route: Route, ranks: list[Rank], plain: Plain, guards: list[tuple[Window, Places]]) -> None:
        self.route, self.ranks, self.plain, self.guards = route, ranks, plain, guards
        self.open = all(payer.open_admission for payer in route.payers)
        self._payers = [payer.key for payer in route.payers], [block[:3] for block in route.blocks]
        self._parts = [id(limit.part) for rank in ranks for limit in rank.brackets[0]]

    def is_like(self, other: Way) -> bool:
        """Whether the same payers with the same limits stand in it, so that what is refused is refused alike."""
        return self._payers == other._payers and self._parts == other._parts and self.open == other.open

    def bears_all(self, rank: Rank) -> bool:
        """Whether a payer pays whatever comes while it has anything left: the last one, whose windows record what
        passes their limits."""
        payer = rank.payer
        return self.open and rank is self.ranks[-1] and payer.pool is None and payer.progressive is None


def plain_of(name: Hashable, ranks: list[Rank], mask: Mask) -> Plain:
    """The requests of ``mask`` by what they draw of the limits of ``ranks``; ``name`` is theirs and no others'."""
    count = len(mask)
    none: Mask = np.zeros(count, dtype=np.bool_)
    full, free = _full(ranks), _free(ranks)
    whole = None if mask.all() else mask
    odd = none if full is None else mask & ~full
    if free is not None:
        odd = odd & ~free
    return Plain(
        name,
        whole,
        Places(_both(whole, full), count),
        Places(none if free is None else mask & free, count),
        Places(odd, count),
    )


def _full(ranks: list[Rank]) -> Mask | None:
    found: Mask | None = None
    for rank in ranks:
        for limit in rank.brackets[0]:
            found = _both(found, limit.drawn.some)
    return found


def _free(ranks: list[Rank]) -> Mask | None:
    """None where there are none."""
    some = [limit.drawn.some for limit in ranks[0].brackets[0]] if ranks else []
    drawing = [mask for mask in some if mask is not None]
    if not some or len(drawing) < len(some):
        return None
    found: Mask = ~np.logical_or.reduce(drawing)
    return found


def _both(one: Mask | None, other: Mask | None) -> Mask | None:
    if one is None or other is None:
        return other if one is None else one
    both: Mask = one & other
    return both


def rank_of(payer: Payer, draws: Draws, prompts: Hashable) -> Rank:
    """``payer`` with its limits; ``prompts`` as Draws names who counts prompts."""
    rule = payer.progressive
    brackets = rule.brackets if rule is not None else ((None, Fraction(1)),)
    limits = tuple(tuple(_limits(payer, draws, value, prompts)) for _, value in brackets)
    return Rank(payer, limits, tuple(end for end, _ in brackets))


def _limits(payer: Payer, draws: Draws, value: Fraction, prompts: Hashable) -> Iterator[Limit]:
    version = payer.tariff.card
    own = draws.of(payer.gauge, version, value, prompts)
    if payer.pool is not None:
        yield Limit(payer.pool, own)
    for window, gauge in payer.counted:
        if gauge is None:
            yield Limit(window, own)
        else:
            multiplied = value if window.terms.multiplied else Fraction(1)
            yield Limit(window, draws.of(gauge, version, multiplied, prompts))
    if payer.progress is not None and payer.progress_gauge is not None:
        yield Limit(payer.progress, draws.of(payer.progress_gauge, version), progress=True)


def risky(window: Window, mask: Mask, draws: Draws, key: Hashable) -> Places:
    """Requests that ``window``, a guard, might refuse if all those of ``mask`` before them had
    passed."""
    limit, length = window.limit, window.terms.length
    return draws.keep(("risky", limit, length, key), _risky(draws.columns.instants, mask, limit, length))


def _risky(instants: Integers, mask: Mask, limit: int, length: int) -> Callable[[], Places]:
    def make() -> Places:
        passed = np.zeros(len(mask) + 1, dtype=np.int64)
        np.cumsum(mask, out=passed[1:])
        # What was drawn longer ago than the window's length has left it, whatever bucket it lay in.
        since = np.searchsorted(instants, instants - length, side="right")
        crowd = passed[:-1] - passed[since]
        return Places(mask & (crowd * MILLI + MILLI > limit), len(mask))

    return make
