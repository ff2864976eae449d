"""Requests in columns: what a log says of each in few bytes, so that gigabytes of logs fit.

Owns the columns, the keys by which copies of a request are known, and the view of them as
LoggedRequest. Does not read logs, and does not decide which copy stays.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from operator import itemgetter
from typing import NamedTuple, overload

from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import Usage
from faregate.readers.broken_line import Broken

MOST = 0xFFFF_FFFF
"""Largest count that a column holds; more in one request is beyond reason."""

_TYPES = {
    "at": "q",
    "model": "H",
    "session": "I",
    "client": "B",
    "input": "I",
    "cached": "I",
    "cache_write_5m": "I",
    "cache_write_1h": "I",
    "output": "I",
    "images": "H",
    "tool_calls": "I",
    "prompts": "B",
    "key": "Q",
    "route": "Q",
    "side": "B",
}
BYTES_EACH = sum(array(code).itemsize for code in _TYPES.values())
"""What one request costs in the columns. While copies are looked for, an index of keys comes on
top (about 130)."""

_MOST_MODELS = 0xFFFF
_MOST_CLIENTS = 0xFF
_MOST_IMAGES = 0xFFFF
OTHER = "other"


_NAMES = tuple(_TYPES)
_IMAGES = _NAMES.index("images")
_COUNTS = slice(_NAMES.index("input"), _NAMES.index("prompts"))
_PRIME = 2**64 - 59


def key_of(*parts: str) -> int:
    """8 bytes that stand for these texts; never 0, which means: has no copies.

    The remainder by a prime is quick, and as good as a digest for ids that nobody chooses with
    care.
    """
    return int.from_bytes("\0".join(parts).encode("utf-8", "replace"), "little") % _PRIME or 1


class Row(NamedTuple):
    """One request as a reader hands it in. ``key``: equal for copies of the same request, 0 if
    there can be none.

    ``route`` and ``side``: a side chain's copy of a message has the same route as the message,
    whatever its key.
    """

    at: int
    model: str
    session: str
    client: str
    usage: Usage
    key: int = 0
    route: int = 0
    side: bool = False


class Records:
    """Columns that grow, and the names that their numbers stand for."""

    __slots__ = ("clients", "columns", "models", "sessions")

    def __init__(self) -> None:
        self.columns: dict[str, array[int]] = {name: array(code) for name, code in _TYPES.items()}
        self.models: dict[str, int] = {}
        self.sessions: dict[str, int] = {}
        self.clients: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self.columns["at"])

    def add(self, row: Row) -> int:
        """Append one; its index. Raises Broken when a count is negative or beyond reason."""
        self._append(self._values(row))
        return len(self) - 1

    def _append(self, values: tuple[int, ...]) -> None:
        for column, value in zip(self.columns.values(), values, strict=True):
            column.append(value)

    def add_columns(self, columns: Sequence[Sequence[int]]) -> list[Broken]:
        """Append many at once, column by column in their order; what was wrong with those that could not be."""
        try:
            added = [array(code, values) for code, values in zip(_TYPES.values(), columns, strict=True)]
        except OverflowError:
            return self._add_each(list(zip(*columns, strict=True)))
        for column, values in zip(self.columns.values(), added, strict=True):
            column.extend(values)
        return []

    def _add_each(self, rows: Sequence[tuple[int, ...]]) -> list[Broken]:
        problems = []
        for row in rows:
            try:
                self._append(_in_reason(row))
            except Broken as problem:
                problems.append(problem)
        return problems

    def numbers_of(self, model: str, session: str, client: str) -> tuple[int, int, int]:
        """What stands for these names in the columns."""
        sessions = self.sessions
        return (
            _numbered(self.models, model),
            sessions.setdefault(session, len(sessions)),
            _numbered(self.clients, client, _MOST_CLIENTS),
        )

    def put(self, index: int, row: Row) -> None:
        """Put one in the place of row ``index``; a prompt opened by either stays one. Raises
        Broken, as ``add``."""
        opened = self.columns["prompts"][index]
        for column, value in zip(self.columns.values(), self._values(row), strict=True):
            column[index] = value
        self.columns["prompts"][index] |= opened

    def _values(self, row: Row) -> tuple[int, ...]:
        """In the order of the columns. Raises Broken."""
        usage = row.usage
        values = (
            row.at,
            *self.numbers_of(row.model, row.session, row.client),
            usage.input,
            usage.cached,
            usage.cache_write_5m,
            usage.cache_write_1h,
            usage.output,
            usage.images,
            usage.tool_calls,
            1 if usage.prompts else 0,
            row.key,
            row.route,
            row.side,
        )
        return _in_reason(values)

    def extend(self, other: Records) -> None:
        """Append all of another's, under this one's numbers for names."""
        renamed = {
            "model": [_numbered(self.models, name) for name in other.models],
            "session": [self.sessions.setdefault(name, len(self.sessions)) for name in other.sessions],
            "client": [_numbered(self.clients, name, _MOST_CLIENTS) for name in other.clients],
        }
        for name, column in other.columns.items():
            names = renamed.get(name)
            self.columns[name].extend(column if names is None else _renamed(column, names))

    def replace(self, index: int, other: int) -> None:
        """Put what row ``other`` says in the place of row ``index``; a prompt opened by either
        stays one."""
        for name, column in self.columns.items():
            if name == "prompts":
                column[index] |= column[other]
            else:
                column[index] = column[other]

    def tokens(self, index: int) -> int:
        """All tokens of a row together."""
        columns = self.columns
        return (
            columns["input"][index]
            + columns["cached"][index]
            + columns["cache_write_5m"][index]
            + columns["cache_write_1h"][index]
            + columns["output"][index]
        )


def _in_reason(values: tuple[int, ...]) -> tuple[int, ...]:
    """The values of one request in the order of the columns. Raises Broken where a count is beyond reason."""
    counts = values[_COUNTS]
    if min(counts) < 0 or max(counts) > MOST or values[_IMAGES] > _MOST_IMAGES:
        raise Broken("bad_number", str(max(counts, key=abs)))
    return values


def _numbered(names: dict[str, int], name: str, most: int = _MOST_MODELS) -> int:
    """The number of a name; names past the most that a column holds are all called OTHER."""
    number = names.get(name)
    if number is None:
        number = names.setdefault(name if len(names) < most else OTHER, len(names))
    return number


def _renamed(column: array[int], names: list[int]) -> array[int]:
    """The column with each number's new one. A file of one session, or one client, has one for all."""
    if len(names) == 1:
        return array(column.typecode, names) * len(column)
    return array(column.typecode, map(names.__getitem__, column))


_SHOWN = tuple(name for name in _TYPES if name not in ("key", "route", "side"))


def _picked(column: array[int], order: Sequence[int]) -> array[int]:
    """What stands at these places, all of them found by one call. A column all alike, as several are, needs none."""
    if order and column == column[:1] * len(column):
        return column[:1] * len(order)
    return array(column.typecode, itemgetter(*order)(column) if len(order) > 1 else map(column.__getitem__, order))


class Requests(Sequence[LoggedRequest]):
    """Requests in the order of their time; each is made when it is asked for.

    ``models``, ``sessions`` and ``clients`` are what the numbers in the columns stand for.
    """

    __slots__ = ("_columns", "_read", "clients", "models", "sessions")

    def __init__(self, records: Records, kept: bytes | bytearray) -> None:
        """``kept``: for each of ``records`` whether it counts, as 1 or 0."""
        self._read = records, kept
        self._columns: dict[str, array[int]] = {}
        self.models = list(records.models)
        self.sessions = list(records.sessions)
        self.clients = list(records.clients)

    @property
    def columns(self) -> dict[str, array[int]]:
        """By name, in the order of LoggedRequest and Usage."""
        if not self._columns:
            records, kept = self._read
            order = sorted(compress(range(len(kept)), kept), key=records.columns["at"].__getitem__)
            self._columns = {name: _picked(records.columns[name], order) for name in _SHOWN}
        return self._columns

    def as_read(self) -> tuple[dict[str, array[int]], bytes | bytearray]:
        """The columns in the order of the files, and for each row whether it counts, as 1 or 0: for whoever puts them
        in order by quicker means than those of Python itself."""
        return self._read[0].columns, self._read[1]

    def __len__(self) -> int:
        return self._read[1].count(1)

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...

    @overload
    def __getitem__(self, index: slice) -> list[LoggedRequest]: ...

    def __getitem__(self, index: int | slice) -> LoggedRequest | list[LoggedRequest]:
        if isinstance(index, slice):
            return list(self._made([column[index] for column in self.columns.values()]))
        return next(self._made([(column[index],) for column in self.columns.values()]))

    def __iter__(self) -> Iterator[LoggedRequest]:
        return self._made(self.columns.values())

    def _made(self, columns: Iterable[Iterable[int]]) -> Iterator[LoggedRequest]:
        models, sessions, clients = self.models, self.sessions, self.clients
        new_usage, new_request = Usage._make, LoggedRequest._make
        for at, model, session, client, *counts, prompts in zip(*columns, strict=True):
            usage = new_usage((*counts, 1, prompts))
            yield new_request((at, models[model], usage, clients[client], sessions[session]))
