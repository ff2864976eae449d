"""Two workers' cashiers on one PostgreSQL database: everything is asked for once, whoever is first, and when one of
them dies in the middle the other asks with the same key. Nobody is charged twice.

The payment provider counts, and forgives nothing: it does again whatever it is asked again under another key.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from faregate.app.cashier import Cashier
from faregate.app.payments_port import Begun, PaymentOrder, PaymentStatus, RefundOrder, RefundStatus
from faregate.app.receipts import Write
from faregate.app.verify import Verification
from faregate.bootstrap.house import House, open_house
from faregate.core.instants import DAY, MINUTE
from tests.money.scripted_payer import ScriptedPayer, Truth
from tests.money.world import NOW
from tests.postgresql.server import shared_server

CUSTOMERS = 6
CALLS = ("begin", "charge", "refund")
PLAN = "agipower/pro"
PRICE = 20 * 10**9


class Street:
    """What both workers share: the database, the clock, the payment provider's own books."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.now = NOW
        self.truth = Truth()
        self.keys: Counter[tuple[str, str]] = Counter()
        """How often each thing was asked for: the call, and the key it came under."""
        self.deadly = ""
        """The call that its worker does not survive, once: before it is done, or ``after``."""
        self.after = False

    @asynccontextmanager
    async def worker(self, seed: int) -> AsyncIterator[Worker]:
        house = open_house(self.url, now=lambda: self.now, randomness=random.Random(seed).randbytes)
        await house.start()
        worker = Worker(self, house)
        try:
            yield worker
        finally:
            await worker.stop()
            await house.close()


class Worker:
    """A house, its cashier and its way to the payment provider."""

    def __init__(self, street: Street, house: House) -> None:
        self.house = house
        self.street = street
        self.dead = asyncio.Event()
        self._stopped: asyncio.Task[None] | None = None
        self.payer = CountingPayer(self)
        control = house.control
        control.payers["stripe"] = self.payer
        clock = lambda: street.now  # noqa: E731
        self.cashier = Cashier(control.till, control.payers, control.promotions, clock, round_seconds=0.005)
        self.cashier.start("https://gate.example")

    def die(self) -> None:
        """What it was about to ask or to write is never asked nor written."""
        self.dead.set()
        self._stopped = asyncio.get_running_loop().create_task(self.cashier.stop())

    async def stop(self) -> None:
        if self._stopped is None:
            self.die()
        assert self._stopped is not None
        await self._stopped

    def write(self, key: str) -> Write:
        return Write(key, self.street.now)

    def plans(self, account: str) -> list[str]:
        state = self.house.ledger.current(account, self.street.now)
        return sorted(each.terms.plan for each in state.subscriptions.values())

    def writes(self, accounts: list[str]) -> bool:
        """Whether anything that it decided is not in the journal yet."""
        return any(self.house.ledger.last_entry(account) is None for account in accounts)

    def open_questions(self, account: str) -> list[Any]:
        book = self.house.ledger.current(account, self.street.now).book
        return [
            each for each in (book.effects.values() if book else ()) if each.kind in ("begin", "charge", "refund")
        ]


class CountingPayer(ScriptedPayer):
    """Lets others in while it works, and counts. Its worker may die here."""

    def __init__(self, worker: Worker) -> None:
        super().__init__(worker.street.truth)
        self._worker = worker
        self.asked: set[tuple[str, str]] = set()

    async def begin(self, order: PaymentOrder) -> Begun:
        await self._asked("begin", order.idempotency_key)
        begun = await super().begin(order)
        await self._heard("begin")
        return begun

    async def charge(self, mandate: str, order: PaymentOrder) -> PaymentStatus:
        await self._asked("charge", order.idempotency_key)
        status = await super().charge(mandate, order)
        await self._heard("charge")
        return status

    async def refund(self, order: RefundOrder) -> RefundStatus:
        await self._asked("refund", order.idempotency_key)
        status = await super().refund(order)
        await self._heard("refund")
        return status

    async def _asked(self, call: str, key: str) -> None:
        street = self._worker.street
        if street.deadly == call and not street.after:
            await self._die()
        street.keys[call, key] += 1
        self.asked.add((call, key))
        await asyncio.sleep(0.002)

    async def _heard(self, call: str) -> None:
        street = self._worker.street
        if street.deadly == call and street.after:
            await self._die()

    async def _die(self) -> None:
        self._worker.street.deadly = ""
        self._worker.die()
        await asyncio.Event().wait()


@pytest.fixture
def street() -> Iterator[Street]:
    url = shared_server().empty_database()
    yield Street(url)
    shared_server().give_back(url)


async def until_nothing_is_asked(
    street: Street, workers: list[Worker], accounts: list[str], done: Callable[[], bool] = lambda: True
) -> None:
    """Wait until it is ``done`` and every question has its answer; time passes while one has to be asked again."""
    async with asyncio.timeout(120):
        while True:
            living = [worker for worker in workers if not worker.dead.is_set()]
            for account in accounts:
                await living[0].house.ledger.fresh(account)
            left = [each for account in accounts for each in living[0].open_questions(account)]
            if not left and done() and not any(worker.writes(accounts) for worker in living):
                return
            if all(each.due_at > street.now for each in left) and len(living) < len(workers):
                street.now += MINUTE
            await asyncio.sleep(0.005)


async def ordered(workers: list[Worker]) -> list[tuple[str, str]]:
    """(account, payment) of orders that were placed with the workers in turn."""
    placed = []
    for number in range(CUSTOMERS):
        worker = workers[number % len(workers)]
        made = await worker.house.control.office.create_account(f"ann {number}", worker.write(f"account {number}"))
        order = await worker.house.control.shop.buy(made["id"], PLAN, worker.write(f"buy {number}"), payer="stripe")
        placed.append((made["id"], f"{order['id']}_1"))
    return placed


async def paid(workers: list[Worker], placed: list[tuple[str, str]]) -> None:
    """Every customer pays, and each worker hears of it, at the same moment."""
    for _, payment in placed:
        event = workers[0].payer.pay(payment)
        await asyncio.gather(*(worker.cashier.hear(event) for worker in workers))
        again = workers[0].payer.event(payment, 2)
        await asyncio.gather(*(worker.cashier.hear(again) for worker in workers))


def check(street: Street, worker: Worker, periods: int, kept: int = PRICE) -> None:
    assert street.truth.taken() == CUSTOMERS * kept * periods
    with worker.house.store.view() as books:
        report = Verification(books, worker.house.ledger.shelf.terms).run()
    assert report.clean, report.findings
    outside = sum(amount for (kind, unit), amount in report.balances.items() if (kind, unit) == ("external", "USD"))
    assert -outside == street.truth.taken(), "books and payment provider disagree about money"


async def test_two_that_both_look_ask_once_hear_twice_and_charge_once(street: Street) -> None:
    async with street.worker(1) as one, street.worker(2) as two:
        workers = [one, two]
        placed = await ordered(workers)
        accounts = [account for account, _ in placed]
        await until_nothing_is_asked(street, workers, accounts)
        assert street.keys == {("begin", payment): 1 for _, payment in placed}
        await paid(workers, placed)
        for account in accounts:
            await two.house.ledger.fresh(account)
            assert two.plans(account) == ["agipower/payg", PLAN]
        check(street, one, periods=1)
        await renewed(street, workers, accounts)
        assert set(street.keys.values()) == {1}
        assert Counter(call for call, _ in street.keys) == {"begin": CUSTOMERS, "charge": CUSTOMERS}
        check(street, one, periods=2)


async def renewed(street: Street, workers: list[Worker], accounts: list[str]) -> None:
    """A period later both workers look at all accounts, and so at what is due of them."""
    street.now += 32 * DAY
    for worker in workers:
        for account in accounts:
            worker.house.control.till.look_again(account, street.now)
            worker.cashier.want(account)
    await until_nothing_is_asked(street, workers, accounts, lambda: charged(street) == set(accounts))


def charged(street: Street) -> set[str]:
    """Customers whose mandate was asked for money."""
    payments = street.truth.payments
    return {payments[key][0].customer for call, key in street.keys if call == "charge" and key in payments}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("call", ["begin", "charge"])
async def test_when_one_dies_in_the_middle_the_other_asks_with_the_same_key(
    street: Street, call: str, after: bool
) -> None:
    async with street.worker(1) as one, street.worker(2) as two:
        workers = [one, two]
        street.deadly, street.after = (call, after) if call == "begin" else ("", after)
        placed = await ordered(workers)
        accounts = [account for account, _ in placed]
        await until_nothing_is_asked(street, workers, accounts)
        living = [worker for worker in workers if not worker.dead.is_set()]
        await paid(living, placed)
        if call == "charge":
            street.deadly = call
            await renewed(street, workers, accounts)
            living = [worker for worker in workers if not worker.dead.is_set()]
        assert len(living) == 1
        [dead] = [worker for worker in workers if worker.dead.is_set()]
        again = {key for key, times in street.keys.items() if times > 1}
        assert again <= dead.payer.asked, "asked again was only what the dead one had asked for"
        assert max(street.keys.values()) == 1 + bool(again)
        assert again or not after
        begun = {key for name, key in street.keys if name == "begin"}
        assert begun == {payment for _, payment in placed}, "under no other key"
        check(street, living[0], periods=2 if call == "charge" else 1)


async def test_a_refund_asked_of_both_workers_is_paid_back_once(street: Street) -> None:
    async with street.worker(1) as one, street.worker(2) as two:
        workers = [one, two]
        placed = await ordered(workers)
        accounts = [account for account, _ in placed]
        await until_nothing_is_asked(street, workers, accounts)
        await paid(workers, placed)
        for account in accounts:
            both = [worker.house.control.shop.refund(account, PLAN, worker.write("refund")) for worker in workers]
            await asyncio.gather(*both)
        await until_nothing_is_asked(street, workers, accounts)
        refunds = {key: times for key, times in street.keys.items() if key[0] == "refund"}
        assert (len(refunds), set(refunds.values())) == (CUSTOMERS, {1})
        check(street, two, periods=1, kept=10**9)
