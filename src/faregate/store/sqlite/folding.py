"""Folding: bringing the projections in the file up to date with the journal.

Owns writing heads, hourly sums and the index of settled requests, and the cursor that says how far they have come. In
small transactions, so that appends come in between: each writes the truth of that moment, read inside it, so that
neither a crash half way nor another process that folds as well can make it wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Lock
from time import sleep
from typing import Any, NamedTuple, TypeVar

import apsw

from faregate.store.rollup_rows import rollup_columns
from faregate.store.sqlite.failures import translating
from faregate.store.sqlite.tables import HEADS, ROLLUPS, SETTLED
from faregate.store.sqlite.tail import SumKey, Tail

FOLD_AFTER = 8_192
"""Journal rows after the cursor from which a flush folds. They are what a start after a crash reads again."""

SLICE = 256
"""How many rows one transaction writes: about a millisecond."""

_Item = TypeVar("_Item")


class _Wanting(NamedTuple):
    """What the file lacks of the journal up to row ``through``, in the order in which it is written there."""

    through: int
    settled: list[str]
    heads: list[str]
    sums: list[SumKey]


class Folding:
    """Folds ``tail`` into the file through ``writer``."""

    def __init__(self, writer: apsw.Connection, writing: Lock, tail: Tail, where: str) -> None:
        self._writer = writer
        self._writing = writing
        self._tail = tail
        self._where = where
        self._one_at_a_time = Lock()

    @property
    def waiting(self) -> int:
        """How many journal rows the projections in the file lack."""
        return self._tail.last_id - self._tail.folded

    def fold(self) -> None:
        """Bring the file up to the newest row of now."""
        with self._one_at_a_time:
            wanting: list[_Wanting] = []
            self._step(lambda: wanting.append(self._wanting()))
            [file] = wanting
            for requests in _sliced(file.settled):
                self._step(partial(self._index, requests))
            for accounts in _sliced(file.heads):
                self._step(partial(self._put_heads, accounts))
            for keys in _sliced(file.sums):
                self._step(partial(self._put_sums, keys))
            self._step(partial(self._move_cursor, file.through))

    def _wanting(self) -> _Wanting:
        tail = self._tail
        return _Wanting(tail.last_id, sorted(tail.settled), sorted(tail.moved), sorted(tail.sums))

    def _step(self, work: Callable[[], None]) -> None:
        """Do ``work`` in a transaction, with the tail up to date."""
        with self._writing, translating(self._where):
            try:
                with self._writer:
                    self._tail.catch_up()
                    work()
            except BaseException:
                self._tail.forget()
                raise
        sleep(0)  # whoever waits to append goes first

    def _index(self, requests: Sequence[str]) -> None:
        settled = self._tail.settled
        values: list[Any] = []
        for request in requests:
            if request in settled:
                values += (request, settled.pop(request))
        SETTLED.run(self._writer, values)

    def _put_heads(self, accounts: Sequence[str]) -> None:
        moved = self._tail.moved
        values: list[Any] = []
        for account in accounts:
            if account in moved:
                values += (account, *moved.pop(account))
        HEADS.run(self._writer, values)

    def _put_sums(self, keys: Sequence[SumKey]) -> None:
        tail = self._tail
        values: list[Any] = []
        for key in keys:
            if key in tail.sums:
                rollup, through = tail.fold_sum(key)
                values += (*rollup_columns(key, rollup), through)
        ROLLUPS.run(self._writer, values)

    def _move_cursor(self, through: int) -> None:
        tail = self._tail
        if through > tail.folded:
            self._writer.execute("UPDATE projected SET through = max(through, ?)", (through,))
            tail.folded = through
        tail.trim()


def _sliced(items: Sequence[_Item]) -> Iterator[Sequence[_Item]]:
    for start in range(0, len(items), SLICE):
        yield items[start : start + SLICE]
