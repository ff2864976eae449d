"""The usage in columns: what every request used, when, of which model, by whom, as arrays.

Owns the arrays and the view of them as requests. Does not name models anew, price or replay.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, overload

import numpy as np

from faregate.comparison.exact_arrays import Integers
from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import USAGE_CLASSES, Usage
from faregate.readers import Requests

_AT_ONCE = 4096


class Columns(Sequence[LoggedRequest]):
    """Requests in order of time. ``usage`` is a row for each and a column for each usage class,
    ``largest`` bounds the columns; ``model``, ``client`` and ``session`` are numbers of the names.
    ``at`` are the ``instants`` once more, as Python's own integers.
    """

    __slots__ = (
        "at",
        "client",
        "clients",
        "instants",
        "largest",
        "model",
        "models",
        "session",
        "sessions",
        "usage",
    )

    def __init__(
        self,
        at: array[int],
        model: tuple[Integers, Sequence[str]],
        client: tuple[Integers, Sequence[str]],
        session: tuple[Integers, Sequence[str]],
        usage: Integers,
    ) -> None:
        self.at = at
        self.instants: Integers = np.frombuffer(at, dtype=np.int64) if at else np.zeros(0, dtype=np.int64)
        self.model, self.models = model
        self.client, self.clients = client
        self.session, self.sessions = session
        # Read by columns: each lies in one piece.
        self.usage: Integers = np.asfortranarray(usage)
        self.largest: list[int] = usage.max(axis=0).tolist() if len(usage) else [0] * len(USAGE_CLASSES)

    def __len__(self) -> int:
        return len(self.at)

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...

    @overload
    def __getitem__(self, index: slice) -> list[LoggedRequest]: ...

    def __getitem__(self, index: int | slice) -> LoggedRequest | list[LoggedRequest]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        return LoggedRequest(
            self.at[index],
            self.models[self.model[index]],
            Usage._make(self.usage[index].tolist()),
            self.clients[self.client[index]],
            self.sessions[self.session[index]],
        )

    def __iter__(self) -> Iterator[LoggedRequest]:
        for first in range(0, len(self), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            told = (self.at[part], self.model[part].tolist(), self.usage[part].tolist())
            names = (self.client[part].tolist(), self.session[part].tolist())
            for at, model, usage, client, session in zip(*told, *names, strict=True):
                used = Usage._make(usage)
                yield LoggedRequest(at, self.models[model], used, self.clients[client], self.sessions[session])

    def pairs(self) -> list[tuple[int, int]]:
        """The (model, client) numbers that requests have."""
        # Counted, not sorted: there are few pairs.
        found = np.flatnonzero(np.bincount(self.model * len(self.clients) + self.client)).tolist()
        return [divmod(pair, len(self.clients)) for pair in found]

    def since(self, first: int) -> Columns:
        """The same from index ``first`` on."""
        if not first:
            return self
        return Columns(
            self.at[first:],
            (self.model[first:], self.models),
            (self.client[first:], self.clients),
            (self.session[first:], self.sessions),
            self.usage[first:],
        )


def columns_of(requests: Sequence[LoggedRequest]) -> Columns:
    """The requests in columns."""
    if isinstance(requests, Columns):
        return requests
    if isinstance(requests, Requests):
        return _of_reading(requests)
    usage = np.array([request.usage for request in requests], dtype=np.int64)
    return Columns(
        array("q", (request.at for request in requests)),
        _numbered(request.model for request in requests),
        _numbered(request.client for request in requests),
        _numbered(request.session for request in requests),
        usage.reshape(len(requests), len(USAGE_CLASSES)),
    )


def _numbered(names: Iterable[str]) -> tuple[Integers, list[str]]:
    known: dict[str, int] = {}
    numbers = np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)
    return numbers, list(known)


def _of_reading(requests: Requests) -> Columns:
    """What was read is in columns already, if not in order."""
    read, kept = requests.as_read()
    rows = np.flatnonzero(np.frombuffer(kept, dtype=np.uint8))
    rows = rows[np.frombuffer(read["at"], dtype=np.int64)[rows].argsort(kind="stable")]

    def column(name: str) -> Any:
        return np.frombuffer(read[name], dtype=read[name].typecode)[rows].astype(np.int64)

    usage = np.empty((len(requests), len(USAGE_CLASSES)), dtype=np.int64, order="F")
    for index, name in enumerate(USAGE_CLASSES):
        usage[:, index] = 1 if name == "requests" else column(name)
    return Columns(
        array("q", column("at").tobytes()),
        (column("model"), requests.models),
        (column("client"), requests.clients),
        (column("session"), requests.sessions),
        usage,
    )


def renamed(columns: Columns, models: Sequence[str], clients: Sequence[str]) -> Columns:
    """The same requests under other names: one for each name there is, several may become one."""
    return Columns(
        columns.at,
        _merged(columns.model, models),
        _merged(columns.client, clients),
        (columns.session, columns.sessions),
        columns.usage,
    )


def _merged(numbers: Integers, names: Sequence[str]) -> tuple[Integers, list[str]]:
    known: dict[str, int] = {}
    table = np.array([known.setdefault(name, len(known)) for name in names], dtype=np.int64)
    return table[numbers], list(known)
