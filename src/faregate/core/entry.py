"""Journal entries: the only truth.

Owns the shape of an entry. Does not know how entries are stored or encoded, nor what state they build.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Posting = tuple[str, str, int]
"""(ledger account, unit, amount in the unit's smallest part). The amounts of an entry sum to zero in every unit."""

WindowDraw = tuple[str, int, int]
"""(window key, anchor in microseconds UTC of the window's instance, amount drawn; negative when returned)."""


class Entry(NamedTuple):
    """One line of an account's journal.

    ``account`` and ``seq`` (1, 2, 3 … without a gap) name it; ``at`` is when it happened, microseconds UTC;
    ``kind`` says what happened; ``key`` is the idempotency key of the write; ``data`` holds facts of its kind,
    JSON-able. Decoded entries may carry lists where new ones carry tuples.
    """

    account: str
    seq: int
    at: int
    kind: str
    key: str
    postings: list[Posting]
    windows: list[WindowDraw]
    data: dict[str, Any]


# An entry made without the detour over its keyword constructor: for the hot path.
new_entry: Callable[[type[Entry], tuple[Any, ...]], Entry] = tuple.__new__
