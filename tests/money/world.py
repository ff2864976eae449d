"""A house with a cashier on a database of its own, that can die after any step and be opened again.

Owns the counting of steps and the death. A step is an append to the journal, a write to the agenda, or a call of the
payment provider; death comes before it, or after it was done and before anybody heard.
"""

from __future__ import annotations

import asyncio
import atexit
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from shutil import copyfile, rmtree
from tempfile import mkdtemp
from typing import Any

from faregate.app.cashier import Cashier
from faregate.app.payments_port import PaymentProvider
from faregate.app.receipts import Write
from faregate.app.shop import Shop
from faregate.app.verify import Verification
from faregate.bootstrap.house import House, open_house
from faregate.core.account import AccountState
from faregate.core.instants import parse_instant
from faregate.core.trade.book import LOOKS, Book
from tests.money.scripted_payer import ScriptedPayer, Truth

NOW = parse_instant("2026-03-04T12:00:00Z")
POLLS = ("ask", "ask_mandate", *LOOKS)
"""Kinds of what is asked again and again, and need not be waited for."""
PATIENCE_SECONDS = 20.0


class Death(SystemExit):
    """The process dies here: of what may be raised, only this kind leaves an event loop at once."""


@cache
def published_books() -> Path:
    """A database on which the shipped plans are published: made once, copied often."""
    path = Path(mkdtemp(prefix="faregate-money-")) / "books.db"
    atexit.register(rmtree, path.parent, ignore_errors=True)

    open_house(f"sqlite:///{path}", now=lambda: NOW).store.close()
    return path


class Steps:
    """Counts steps; dies at step ``deadly`` (0: never), before it or ``after`` it."""

    def __init__(self, deadly: int = 0, after: bool = False) -> None:
        self.deadly, self.after = deadly, after
        self.made = 0
        self.dead = False

    def begin(self) -> None:
        """A step is about to be made."""
        self.made += 1
        if self.dead or (self.made == self.deadly and not self.after):
            self.die()

    def end(self) -> None:
        """It was made."""
        if self.made == self.deadly:
            self.die()

    def die(self) -> None:
        self.dead = True
        raise Death


class World:
    """What outlives the process: the database, the clock, the payment provider."""

    def __init__(
        self, path: Path, mishap: Callable[[str], str] = lambda call: "", charges: bool = True, shape: str = ""
    ) -> None:
        self.path = path
        self.now = NOW
        self.truth = Truth()
        self.mishap = mishap
        self.charges = charges
        self.shape = shape
        self.began = 0

    def clock(self) -> int:
        return self.now

    @asynccontextmanager
    async def open(self, steps: Steps | None = None, payer: str = "stripe") -> AsyncIterator[Open]:
        """The house, until it is closed or dies."""
        books = self.path / "books.db"
        if not books.exists():
            copyfile(published_books(), books)
        house = open_house(f"sqlite:///{books}", now=self.clock, randomness=random.Random(7).randbytes)
        await house.start()
        opened = Open(self, house, steps or Steps(), payer)
        try:
            yield opened
        finally:
            await opened.close()


class Open:
    """One life of the process."""

    def __init__(self, world: World, house: House, steps: Steps, payer: str) -> None:
        self.world = world
        self.house = house
        self._steps = steps
        self.payer = ScriptedPayer(world.truth, payer, world.mishap, world.charges, world.shape)
        store: Any = house.store
        for name in ("append", "put_agenda"):
            setattr(store, name, _stepped(getattr(store, name), steps))
        for name in ("begin", "charge", "refund", "cancel_mandate", "status", "abandon", "mandate_status", "renewal"):
            setattr(self.payer, name, _stepped_call(getattr(self.payer, name), steps))
        control = house.control
        asked: PaymentProvider = self.payer
        control.payers[payer] = asked
        self.cashier = Cashier(control.till, control.payers, control.promotions, world.clock, round_seconds=0.0005)
        self.cashier.start("https://gate.example")
        self.shop: Shop = control.shop

    async def account(self) -> str:
        made = await self.house.control.office.create_account("ann", self.write("account"))
        return str(made["id"])

    def write(self, key: str) -> Write:
        return Write(key, self.world.now)

    def state(self, account: str) -> AccountState:
        return self.house.ledger.current(account, self.world.now)

    def book(self, account: str) -> Book:
        return self.state(account).book or Book()

    async def quiet(self, account: str) -> None:
        """Wait until nothing is asked, moving the clock to what is due soon; never is what changes 200 times."""
        changes, until = 0, time.monotonic() + PATIENCE_SECONDS
        before: dict[str, int] = {}
        while changes < 200 and time.monotonic() < until:
            await asyncio.sleep(0.001)
            await self.cashier.settled(account)
            effects = self.book(account).effects.items()
            soon = {id: effect.due_at for id, effect in effects if effect.kind not in POLLS}
            if not soon:
                return
            changes += soon != before
            before = soon
            self.world.now = max(self.world.now, min(soon.values()))

    async def close(self) -> None:
        if self._steps.dead:
            self.house.store.close()
            return
        await self.cashier.stop()
        await self.house.close()

    def check(self, account: str) -> None:
        """Books that follow from the journal, sum to zero, and hold exactly the money that really moved."""
        sums: Counter[tuple[str, str]] = Counter()
        for entry in self.house.store.entries(account):
            total: Counter[str] = Counter()
            for ledger, unit, amount in entry.postings:
                total[unit] += amount
                sums[ledger.partition(":")[0], unit] += amount
            assert not any(total.values()), entry
        for currency in ("USD", "CNY"):
            outside = -sums["external", currency]
            assert outside == self.world.truth.taken(currency), "books and payment provider disagree about money"
        with self.house.store.view() as books:
            report = Verification(books, self.house.ledger.shelf.terms).run()
        assert report.clean, report.findings


def live(life: Coroutine[Any, Any, None]) -> bool:
    """Run one life in a loop of its own; whether it ended by death, of which nothing is heard afterwards."""
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda loop, problem: None)
    died = False
    try:
        loop.run_until_complete(loop.create_task(life))
    except Death:
        died = True
    finally:
        while left := asyncio.all_tasks(loop):
            for task in left:
                task.cancel()
            with suppress(Death):
                loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
    return died


def _stepped(act: Callable[..., Any], steps: Steps) -> Callable[..., Any]:
    def call(*given: Any, **named: Any) -> Any:
        steps.begin()
        done = act(*given, **named)
        steps.end()
        return done

    return call


def _stepped_call(act: Callable[..., Any], steps: Steps) -> Callable[..., Any]:
    async def call(*given: Any, **named: Any) -> Any:
        steps.begin()
        done = await act(*given, **named)
        steps.end()
        return done

    return call
