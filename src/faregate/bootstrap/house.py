"""The house: store, shelf, ledger, keyring and control plane of one database, opened together.

Owns opening and closing them in the right order, publishing the plan files given, and following what other processes
write. Serves nothing: the server and the command line both live in a house.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import socket
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

from faregate.app.audit import DONE, SYSTEM
from faregate.app.control import Control
from faregate.app.keyring import Keyring
from faregate.app.leases import Leases
from faregate.app.ledger import Ledger
from faregate.app.publishing import PlanText, Publishing
from faregate.app.shelf import Shelf
from faregate.app.store_errors import StoreError
from faregate.app.store_port import Store
from faregate.bootstrap.clock import now as system_now
from faregate.bootstrap.comparing_elsewhere import ComparisonElsewhere
from faregate.bootstrap.database import Waiting, database_path, is_postgresql, open_store
from faregate.bootstrap.impact_elsewhere import ImpactElsewhere
from faregate.planfile import load_family, shipped_files
from faregate.ratecards import load_files, load_shipped

log = logging.getLogger("faregate")

T = TypeVar("T")

FOLLOW_SECONDS = 0.25
HOUSEKEEPING_SECONDS = 5.0
SUMMING_SECONDS = 0.5
"""Of the seconds between two rounds of housekeeping: so much of a thread at most."""
MOST_TOLD = 200
"""Characters of names in the audit log; more are counted."""


class AlreadyServed(StoreError):
    """Another process serves this database."""

    code = "already_served"


class House:
    """``start`` inside the loop that it is to live in, ``close`` in the same one."""

    def __init__(
        self,
        store: Store,
        control: Control,
        published: list[str],
        now: Callable[[], int] = system_now,
    ) -> None:
        self.store = store
        self.control = control
        self.ledger = control.ledger
        self.keyring = control.keyring
        self.published = published
        self.leases: Leases | None = None
        """This process among those that serve the store; None where it is the only one."""
        self._now = now
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self, follow: bool = False) -> None:
        """Begin; ``follow``: keep up with what other processes write, and note key uses (for a server)."""
        self.keyring.follow()
        # Only who serves the store alone knows which holds are alive.
        self.ledger.closes_holds = follow
        self.ledger.start()
        if follow and self.store.workers is not None:
            number = self.store.workers.register(f"{socket.gethostname()}:{os.getpid()}")
            self.leases = Leases(self.store.workers, number)
            self.leases.start(self.ledger, self._now)
            self.control.workers = self.leases.living
        if follow:
            loop = asyncio.get_running_loop()
            self._tasks = [loop.create_task(self._follow()), loop.create_task(self._keep_house())]

    async def close(self, left: bool = False) -> None:
        """Stop following, write everything that is pending, close the store.

        ``left``: holds are open that could not be closed.
        """
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        left = left or self.ledger.in_doubt
        try:
            self.keyring.note_uses()
            await self.ledger.close()
        finally:
            if self.leases is not None:
                await self.leases.stop(left)
            self.store.close()

    async def _follow(self) -> None:
        seen = None
        while True:
            try:
                current = await self._looked(self.store.outside_writes)
                if self.ledger.grace is not None:
                    self.ledger.grace.seen()
                if current != seen:
                    seen = current
                    self.control.follow()
            except StoreError:
                log.exception("the store did not answer; trying again")
            await asyncio.sleep(FOLLOW_SECONDS)

    async def _looked(self, ask: Callable[[], T]) -> T:
        """What ``ask`` gives, without keeping the loop from its work where the store is slow."""
        return ask() if self.store.quick_append else await asyncio.to_thread(ask)

    async def _keep_house(self) -> None:
        while True:
            await asyncio.sleep(HOUSEKEEPING_SECONDS)
            try:
                await self._looked(self.keyring.note_uses)
                await self.ledger.save_snapshots()
                await self._sum_up()
            except StoreError:
                log.exception("housekeeping failed; trying again")

    async def _sum_up(self) -> None:
        """Bring sums forward that only pages look at: in a thread, one process for all, a moment each time."""
        if self.leases is None or self.leases.living()[0] == self.leases.number:
            until = monotonic() + SUMMING_SECONDS
            await asyncio.to_thread(self.control.analysis.callers.keep_up, lambda: monotonic() < until)


def open_house(
    database: str,
    plan_files: Iterable[Path] = (),
    price_files: Iterable[Path] = (),
    holds_to_disk: bool = False,
    now: Callable[[], int] = system_now,
    randomness: Callable[[int], bytes] = os.urandom,
    waiting: Waiting = Waiting(),  # noqa: B008 - immutable
) -> House:
    """The house of ``database``; the shipped plans and ``plan_files`` are published where they are new.

    Raises StoreError, PlanFileError, PriceFileError, VersionTaken; then nothing is left open.
    """
    own = list(plan_files)
    files = [_plan_text(path) for path in (*shipped_files(), *own)]
    paths = list(price_files)
    prices = load_files(paths) if paths else load_shipped()
    store = open_store(database, waiting)
    try:
        publishing = Publishing(store, prices)
        published = publishing.publish(files, now())
        ledger = Ledger(store, publishing.shelf(), holds_to_disk=holds_to_disk)
        control = Control(ledger, Keyring(store), publishing, now, randomness)
        control.paper = _paper
        control.compare = ComparisonElsewhere(own, paths, now)
        control.impact = ImpactElsewhere(database, paths, publishing, now)
        if published:
            control.audit.note(SYSTEM, "publish_plans", "", "", DONE, now(), _shortly(published))
        return House(store, control, published, now)
    except BaseException:
        store.close()
        raise


def _paper(view: Mapping[str, Any], language: str) -> bytes:
    # What makes PDF takes longer to load than all of a command.
    from faregate.documents.invoice_pdf import invoice_pdf

    return invoice_pdf(view, language)


def _shortly(names: list[str]) -> str:
    told = ", ".join(names)
    return told if len(told) <= MOST_TOLD else f"{len(names)} versions"


def _plan_text(path: Path) -> PlanText:
    content = path.read_bytes()
    return PlanText(content.decode("utf-8-sig", "replace"), load_family(path))


@contextmanager
def served_alone(database: str) -> Iterator[None]:
    """Hold the lock that says: this process serves ``database``. Raises AlreadyServed.

    For SQLite only; many processes may serve one PostgreSQL database.

    Commands of other processes may write beside a server; a second server may not, because it would take the first
    one's open holds for those of a crash.
    """
    if is_postgresql(database):
        yield
        return
    path = database_path(database)
    lock = path.with_name(path.name + ".serving")
    try:
        handle = lock.open("a")
    except OSError as problem:
        raise StoreError(str(path), f"cannot be served: {problem.strerror}") from problem
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise AlreadyServed(str(path), "another process serves this database: stop it first") from problem
        yield


def published_shelf(store: Store) -> Shelf:
    """What is published in ``store``, for reading its books; publishes nothing itself."""
    return Publishing(store, load_shipped()).shelf()
