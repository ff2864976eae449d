"""A store whose appends can be made to fail, and which counts them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from faregate.app.store_port import Accepted, Append, Conflict, Taken
from faregate.store.sqlite.store import SqliteStore


class FailingStore(SqliteStore):
    """``failure``: raised by every append while it is set. ``appends``: the sizes of all batches that came."""

    failure: Exception | None = None
    flush_failure: Exception | None = None

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.appends: list[int] = []
        self.flushes = 0

    def append(self, batch: Sequence[Append]) -> list[Accepted | Conflict | Taken]:
        self.appends.append(len(batch))
        if self.failure is not None:
            raise self.failure
        return super().append(batch)

    def flush(self) -> None:
        self.flushes += 1
        if self.flush_failure is not None:
            raise self.flush_failure
        super().flush()
