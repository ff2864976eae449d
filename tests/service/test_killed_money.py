"""``kill -9`` of a serving process after steps of a switch and of a refund, whose payment providers are fakes over
HTTP: money in is money accounted, pools are right, nobody is charged or paid twice.

FAREGATE_CRASH_STRIDE (4) set to 1 dies at every single step; ``-s`` shows how many there were.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from decimal import Decimal
from functools import partial
from http.client import HTTPException
from typing import Any, cast

import pytest

from tests.clients.background import in_background
from tests.payments.fakes.creem import CreemFake
from tests.payments.fakes.fake import Asked, Clock, Delivery, Fake, Reply
from tests.payments.fakes.stripe import StripeFake
from tests.service.conftest import Upstream
from tests.service.served import Place, Served

GONE = (OSError, HTTPException)
PATIENCE_SECONDS = 60
STRIDE = int(os.environ.get("FAREGATE_CRASH_STRIDE", "4"))


class RealTime(Clock):
    """Real time, ahead by what the server was moved."""

    def __init__(self) -> None:
        self.ahead = 0

    @property
    def now(self) -> int:  # type: ignore[override]
        return time.time_ns() // 1000 + self.ahead

    def __call__(self) -> int:
        return self.now


@asynccontextmanager
async def both_fakes() -> AsyncIterator[dict[str, Fake]]:
    clock = RealTime()
    fakes: dict[str, Fake] = {"stripe": StripeFake(clock), "creem": CreemFake(clock)}
    for fake in fakes.values():
        await fake.start()
    yield fakes
    for fake in fakes.values():
        await fake.close()


class Fate:
    """A server that dies at step ``deadly`` of a story and is started again; steps are answers of ours, and questions
    that came in at a payment provider: before it does anything, and when all is done but for the answer."""

    def __init__(self, place: Place, fakes: dict[str, Fake]) -> None:
        self.place, self.fakes = place, fakes
        self.served: Served = place.start()
        self.made = self.deadly = self.deaths = 0
        for fake in fakes.values():
            cast(Any, fake).answer = self._watched(fake.answer)

    def _watched(self, answer: Callable[[str, Asked], Reply]) -> Callable[[str, Asked], Reply]:
        def watched(operation: str, asked: Asked) -> Reply:
            self.step()
            reply = answer(operation, asked)
            self.step()
            return reply

        return watched

    def step(self) -> None:
        self.made += 1
        if self.made == self.deadly:
            self.deaths += 1
            os.kill(self.served.process.pid, signal.SIGKILL)

    def call(self, method: str, path: str, body: object = None, key: str | None = None) -> Any:
        """A call of the API, as often as it takes under the same idempotency key."""
        return self._lasting(lambda: self.served.books.call(method, path, body, key), key is not None)

    def _lasting(self, ask: Callable[[], Any], writes: bool = True) -> Any:
        while True:
            try:
                told = ask()
                if writes:
                    self.step()
                return told
            except urllib.error.HTTPError:
                raise
            except GONE:
                self.served.process.wait(PATIENCE_SECONDS)
                self.served.end()
                self.served = self.place.start()

    def post_comes(self, payer: str) -> None:
        """All webhooks that wait, each until it is acknowledged."""
        fake = self.fakes[payer]
        while fake.outbox:
            delivery = fake.redelivered(fake.outbox.pop(0))

            assert self._lasting(partial(self._deliver, payer, delivery)) < 300

    def _deliver(self, payer: str, delivery: Delivery) -> int:
        url = f"{self.served.url}/api/v1/payments/{payer}/webhook"
        asked = urllib.request.Request(url, delivery.body, dict(delivery.headers))
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return int(answer.status)

    def waits_for(self, told: Callable[[], Any], about: Callable[[], Any] = lambda: "") -> Any:
        """What ``told`` gives as soon as it gives something; time passes meanwhile."""
        until, looks = time.monotonic() + PATIENCE_SECONDS, 0
        while not (found := told()):
            assert time.monotonic() < until, (self.deadly, self.made, told(), self.call("GET", "/matters"), about())
            looks += 1
            if looks % 40 == 0:
                self.call("POST", "/test-clock", {"forward": "2m"})
                self.clock.ahead += 120 * 1_000_000
            time.sleep(0.01)
        return found

    @property
    def clock(self) -> RealTime:
        clock = self.fakes["stripe"].clock
        assert isinstance(clock, RealTime)
        return clock


@pytest.fixture(scope="module")
def fate(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Fate]:
    with in_background(both_fakes) as fakes:
        sections = [
            {"kind": fake.kind, "name": name, "base_url": fake.base_url, **fake.section()}
            for name, fake in fakes.items()
        ]
        place = Place(tmp_path_factory.mktemp("killed"), upstream.url, plans=(), payments=sections, drain_seconds=1)
        place.config.write_text(f"{place.config.read_text()}public_url: https://gate.example\n")
        place.words = ["--test-clock"]
        for fake in fakes.values():
            place.environment |= fake.environ()
        fate = Fate(place, fakes)
        try:
            yield fate
        finally:
            fate.deadly = 0
            fate.served.end()
        place.verify()


class Customer:
    """One account, whose every write has a key of its own."""

    def __init__(self, fate: Fate, number: int, story: str) -> None:
        self.fate, self.name = fate, f"{story} {number}"
        self.id = str(fate.call("POST", "/accounts", {"name": self.name}, f"{story}-{number}-account")["id"])
        self.key = f"{story}-{number}"

    def post(self, what: str, **body: Any) -> Any:
        path = f"/accounts/{self.id}/{what}"
        return self.fate.call("POST", path, body, f"{self.key}-{what.replace('/', '-')}")

    def get(self, what: str = "") -> Any:
        return self.fate.call("GET", f"/accounts/{self.id}{what}")

    def plans(self) -> list[str]:
        return sorted(each["plan"] for each in self.get()["subscriptions"])

    def left(self, plan: str, pool: str) -> str:
        found = next(each for each in self.get()["subscriptions"] if each["plan"] == plan)
        return next(str(each["available"]) for each in found["pools"] if each["id"].endswith(f":{pool}"))

    def pays(self, order: dict[str, Any]) -> str:
        payer = str(order["payer"])
        look = partial(self.get, f"/orders/{order['id']}")
        self.fate.waits_for(lambda: look()["pay"], look)
        self.fate.fakes[payer].pay(f"{order['id']}_1")
        self.fate.post_comes(payer)
        self.fate.waits_for(lambda: self.get(f"/orders/{order['id']}")["state"] == "done")
        return f"{order['id']}_1"

    def moved(self, payer: str, *payments: str) -> int:
        """Coins that the payment provider has of this customer."""
        fake = self.fate.fakes[payer]
        return sum(fake.paid_for(each) - fake.given_back(each) for each in payments)


def switch(fate: Fate, number: int) -> None:
    ann = Customer(fate, number, "switch")
    first = ann.pays(ann.post("orders", plan="credits/starter", price="monthly", payer="creem"))
    second = ann.pays(ann.post("changes", plan="credits/starter", to="credits/premium", payer="creem"))
    assert ann.plans() == ["credits/pay2go", "credits/premium"]
    assert (ann.left("credits/premium", "main"), ann.left("credits/premium", "backup")) == ("3000", "7500")
    assert ann.left("credits/pay2go", "wallet") == "9"
    assert ann.moved("creem", first, second) == 1000 + 2500
    creem = fate.fakes["creem"]
    assert isinstance(creem, CreemFake)
    states = {each["book"].order: each for each in creem.subscriptions.values()}
    fate.waits_for(lambda: states[first]["status"] == "canceled")
    assert states[second]["status"] == "active"
    closed(fate, ann, "35")


def refund(fate: Fate, number: int) -> None:
    ann = Customer(fate, number, "refund")
    payment = ann.pays(ann.post("orders", plan="agipower/pro", payer="stripe"))
    ann.post("refunds", plan="agipower/pro")
    fate.waits_for(lambda: ann.get("/refunds")["refunds"][0]["state"] == "succeeded")
    fate.post_comes("stripe")
    fate.waits_for(lambda: ann.plans() == ["agipower/free", "agipower/payg"])
    assert ann.moved("stripe", payment) == 100
    assert len(ann.get("/refunds")["refunds"]) == 1
    closed(fate, ann, "1")


def closed(fate: Fate, ann: Customer, kept: str) -> None:
    """Nothing is open, and the books hold the money that really moved."""
    assert [each for each in fate.call("GET", "/matters")["matters"] if each["account"] == ann.id] == []
    entries = ann.get("/ledger?limit=200")["entries"]
    postings = [each for entry in entries for each in entry["postings"]]
    outside = sum(Decimal(each["amount"]) for each in postings if each["ledger"].startswith("external:"))
    assert -outside == Decimal(kept)
    balance = fate.call("GET", "/ledger/trial-balance")
    assert (balance["balanced"], balance["faults"]) == (True, 0)


@pytest.mark.parametrize("story", [switch, refund])
def test_killed_after_any_step_everything_is_done_once(fate: Fate, story: Callable[[Fate, int], None]) -> None:
    fate.made = fate.deadly = 0
    story(fate, 0)
    steps, deaths = fate.made, fate.deaths
    assert steps > 10, "questions, answers and webhooks"
    for number in range(1, steps + 1, STRIDE):
        fate.made, fate.deadly = 0, number
        story(fate, number)
    fate.deadly = 0
    sys.stdout.write(f"{story.__name__}: {steps} steps, {fate.deaths - deaths} deaths\n")
    assert fate.deaths - deaths >= steps // STRIDE
