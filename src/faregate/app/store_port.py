"""The store: what the application asks of whatever keeps its books.

Owns the Protocol and its values, the same for every engine. The one thing asked is the atomic conditional append:
entry ``seq`` of an account goes in only if it is the next one. Everything else is reading, or can be rebuilt.

Two promises, kept apart so that an event loop never waits on a disk:
``append`` returns when what it accepted survives the death of the process; ``flush`` returns when everything appended
(and written to the catalogue) before the call survives the loss of power. ``append`` is meant for the thread that
decides, and is quick when ``quick_append`` is True; else it may wait on a network and belongs in a worker thread.
``flush`` always belongs in a worker thread. All methods may be called from any thread.

Failures are ``store_errors.StoreError``. After a failed ``append`` nothing of its batch is in the store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from faregate.app.catalogue_port import Catalogue, Receipt
from faregate.app.notices_port import NoticeRows
from faregate.app.people_port import People
from faregate.app.sightings_port import Sightings
from faregate.app.studio_port import Conversations
from faregate.app.usage_rollup import CallerKey, CallerSums, Rollup, RollupKey, UsageRow
from faregate.core.entry import Entry


class Append(NamedTuple):
    """One entry to append. Usage rows, hourly sums and counts of holds follow from the entry alone.

    ``receipt`` is kept if the entry goes in (and left alone when one of its scope and key is there). ``once``: the
    entry goes in only if no receipt of that scope and key is there.
    """

    entry: Entry
    receipt: Receipt | None = None
    once: bool = False


class Accepted(NamedTuple):
    """The entry is in the journal."""


class Conflict(NamedTuple):
    """The entry was refused, and with it every later one of its account in the batch: ``head`` is not ``seq`` - 1.

    ``head`` is the seq of the account's last entry, 0 when it has none. Load the account and decide again.
    """

    account: str
    seq: int
    head: int


class Taken(NamedTuple):
    """The entry was refused, and with it (as Conflicts) every later one of its account in the batch: ``receipt`` is
    there already under its scope and key.
    """

    account: str
    seq: int
    receipt: Receipt


ACCEPTED = Accepted()


class Snapshot(NamedTuple):
    """An account's state after entry ``seq``, in the ledger's own encoding. Affects cost, never meaning."""

    account: str
    seq: int
    blob: bytes


class Loaded(NamedTuple):
    """An account from cold: the newest snapshot, if any, and every entry after it (after 0 without one), in order."""

    snapshot: Snapshot | None
    entries: list[Entry]


class Head(NamedTuple):
    """What the store itself keeps of an account's journal: its last ``seq`` and its number of open holds."""

    account: str
    seq: int
    open_holds: int


class JournalFault(NamedTuple):
    """A place where the journal contradicts itself.

    ``code``: ``changed`` (the chain of hashes does not match the row), ``undecodable``, ``gap`` (not the next seq),
    ``misplaced`` (the row says another account or seq than its body), ``unlinked`` (it does not lead to the entry
    before it), ``head`` (the account's head is not its last entry), ``index`` (an index does not find it).
    """

    account: str
    seq: int
    code: str
    detail: str


class Books(Protocol):
    """Reading, at leisure. Each call sees at least everything appended before it."""

    def heads(self) -> Iterator[Head]:
        """Every account that has entries, by id."""

    def entry(self, account: str, seq: int) -> Entry | None: ...
    def entries(self, account: str, after: int = 0) -> Iterator[Entry]:
        """Entries of ``account`` in order, those after seq ``after``."""

    def entries_back(self, account: str, before: int | None = None) -> Iterator[Entry]:
        """Entries of ``account`` from the newest (or the one before seq ``before``) back: cheap to stop early."""

    def audit(self) -> Iterator[Entry | JournalFault]:
        """The whole journal, each account's entries in order, chain and links checked.

        In the order it was written, where the engine keeps one; else account by account.
        A row that cannot be decoded gives a fault in place of its entry.
        """

    def usage_row(self, request: str) -> UsageRow | None: ...
    def usage_page(
        self, account: str, before: str | None = None, limit: int = 50, since: int | None = None
    ) -> list[UsageRow]:
        """Usage of ``account``, last settled first, from the row that was settled before request ``before``.

        Ends at ``limit`` rows or at the first one settled before ``since``, microseconds UTC.
        """

    def usage_rows(self) -> Iterator[UsageRow]:
        """Every usage row, by request id."""

    def rollups_of(self, account: str, first_hour: int, last_hour: int) -> list[tuple[RollupKey, Rollup]]:
        """Hourly sums of ``account`` by hour and model, both hours included (hours since the epoch, UTC)."""

    def rollups(self) -> Iterator[tuple[RollupKey, Rollup]]:
        """Every hourly sum, by key."""

    def caller_sums(self, account: str, first_day: int) -> CallerSums:
        """Sums of ``account`` from ``first_day`` on, as they are kept: up to an entry that is seldom the newest."""

    def snapshots(self) -> Iterator[Snapshot]:
        """Every snapshot, by account."""


class Workers(Protocol):
    """The processes that serve one store, each under a number of its own, by the store's clock.

    A worker is alive while it beats. One that was silent for longer than a lease is dead: what it had in flight will
    be finished by nobody. Every request id tells the number of the worker that made it.
    """

    @property
    def lease_seconds(self) -> float:
        """How long a worker may be silent."""

    def register(self, name: str) -> int:
        """A number that nobody has now and that has not been given for long, 1 to 32,767; alive from now on."""

    def beat(self, number: int) -> tuple[frozenset[int], frozenset[int]]:
        """Say that ``number`` is alive; the numbers of the living, and of the dead that were not dismissed yet."""

    def dismiss(self, number: int) -> None:
        """Strike ``number`` off: it ended, or what it left is closed."""


class Store(Books, Catalogue, People, Conversations, NoticeRows, Sightings, Protocol):
    """Journal, projections and catalogue of one place, opened by the engine's own ``open``."""

    @property
    def quick_append(self) -> bool:
        """Whether ``append`` is quick enough for an event loop's own thread."""

    def append(self, batch: Sequence[Append]) -> list[Accepted | Conflict | Taken]:
        """Append in one transaction; one outcome for each of ``batch``, in order.

        A batch may hold entries of many accounts and several of one account, those in the order of their seq.
        """

    def flush(self) -> None:
        """Make everything appended or written before the call durable. For a worker thread: it waits on the disk."""

    def head(self, account: str) -> int:
        """Seq of the account's last entry, 0 when it has none: to be compared before a request is refused."""

    def load(self, account: str) -> Loaded: ...

    def save_snapshots(self, snapshots: Iterable[Snapshot]) -> None:
        """Keep the newest snapshot of each account; one ahead of its account's journal is not kept."""

    def drop_snapshots(self) -> None: ...
    def callers_through(self) -> dict[str, int]:
        """The entry up to which the sums by key and client hold everything, by account; of those that have some."""

    def put_caller_sums(self, account: str, before: int, through: int, sums: Mapping[CallerKey, Rollup]) -> bool:
        """Put ``sums`` in the places of their keys; False, and nothing, unless what is kept goes up to ``before``."""

    def accounts_with_open_holds(self) -> list[str]:
        """Accounts with holds that are neither settled nor released, by id: what to load after a start."""

    def outside_writes(self) -> int:
        """A number that changes when another process wrote to the store: cheap enough to ask ten times a second."""

    @property
    def workers(self) -> Workers | None:
        """The register of the processes that serve the store; None where only one may."""

    def view(self) -> AbstractContextManager[Books]:
        """The books as they stand at one moment, whatever is appended meanwhile. For one thread, closed soon."""

    def close(self) -> None:
        """Flush and let go of everything. Closing twice is closing once."""
