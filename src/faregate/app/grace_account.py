"""An account in grace, and what grace needs of the ledger it belongs to.

Owns these two shapes. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from faregate.app.catalogue_port import Receipt
from faregate.app.grace_booking import Booking
from faregate.app.grace_bounds import Bounds
from faregate.app.group_commit import GroupCommit, Work
from faregate.app.store_port import Store
from faregate.app.warm_accounts import Warm, WarmAccounts
from faregate.core.account import AccountState
from faregate.core.entry import Entry


class Parts(NamedTuple):
    """``rolled`` gives a state with what is due applied, and its entries; ``attempt`` decides as if nothing was.

    ``fail`` is what becomes of works that the store did not take and that get no grace. ``clock`` is in seconds and
    never steps back.
    """

    store: Store
    accounts: WarmAccounts
    booking: Booking
    commits: GroupCommit
    rolled: Callable[[AccountState, int], tuple[AccountState, list[Entry]]]
    attempt: Callable[[Work], None]
    fail: Callable[[list[Work], Exception], None]
    in_flight: set[str]
    clock: Callable[[], float]


@dataclass(slots=True)
class InGrace:
    """One account. ``entries`` are on the disk and not known to be in the store, which has ``base`` for sure."""

    account: str
    warm: Warm
    base: int
    entries: list[Entry] = field(default_factory=list)
    receipts: dict[str, Receipt] = field(default_factory=dict)
    bounds: Bounds = field(default_factory=Bounds)
    queue: list[Work] = field(default_factory=list)
    # Whether its decisions are being kept, or it is being booked: the queue waits.
    busy: bool = False


def is_command(work: Work) -> bool:
    """Whether it is neither a request nor the end of one."""
    return work.opens is None and work.closes is None


def receipts_of(works: Iterable[Work]) -> dict[str, Receipt]:
    """The receipts that go with the entries of ``works``, by the entries' keys."""
    return {work.entries[-1].key: work.receipt for work in works if work.receipt is not None}
