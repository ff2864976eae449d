"""A whole service under a test clock, with every payment provider's fake beside it and the demo upstream behind it.

Owns starting them on one loop in a thread of their own, and what customers, operators and payment providers do there.
Everything goes over HTTP: orders and time through the operator API, payments through the real adapters, use through
the gate.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest

from faregate.bootstrap.serving import Service
from faregate.bootstrap.settings import Settings
from faregate.bootstrap.test_clock import TestClock
from faregate.core.instants import parse_instant, render_instant
from faregate.demo_upstream import DemoUpstream, serve_demo_upstream
from faregate.payments.settings import read_payments
from faregate.upstreams.settings import read_upstreams
from tests.clients.books import Account, Books
from tests.money.world import NOW, published_books
from tests.payments.fakes.alipay import AlipayFake
from tests.payments.fakes.creem import CreemFake
from tests.payments.fakes.fake import Clock, Delivery, Fake
from tests.payments.fakes.nowpayments import NowPaymentsFake
from tests.payments.fakes.stripe import StripeFake
from tests.payments.fakes.wechat_pay import WechatPayFake

FAKES: dict[str, type[Fake]] = {
    "stripe": StripeFake,
    "creem": CreemFake,
    "nowpayments": NowPaymentsFake,
    "wechat": WechatPayFake,
    "alipay": AlipayFake,
}
PATIENCE_SECONDS = 20.0
ROUND_SECONDS = 0.02


class ServiceClock(Clock):
    """What time the service says it is."""

    def __init__(self) -> None:
        self.service: Callable[[], int] | None = None

    @property
    def now(self) -> int:  # type: ignore[override]
        assert self.service is not None
        return self.service()

    def __call__(self) -> int:
        return self.now


@asynccontextmanager
async def open_street(folder: Path, *plan_files: Path, start: str | None = None) -> AsyncIterator[Street]:
    """Everything, listening; time goes on from ``start``, by default from where the shipped plans were published."""
    if start is None:
        copyfile(published_books(), folder / "books.db")
    began, first = time.monotonic_ns() // 1000, parse_instant(start) if start is not None else NOW
    upstream = await serve_demo_upstream(DemoUpstream())
    clock = ServiceClock()
    fakes = {name: kind(clock) for name, kind in FAKES.items()}
    for fake in fakes.values():
        await fake.start()
    manual = read_payments([{"kind": "manual", "currencies": ["USD", "CNY"]}], {})
    rows = [
        {"name": each, "dialect": each, "base_url": f"{upstream.url}/v1", "models": ["*"], "key_env": "KEY"}
        for each in ("openai", "anthropic")
    ]
    service = Service(
        Settings(
            database=f"sqlite:///{folder / 'books.db'}",
            port=0,
            plan_files=plan_files,
            payments=(*(fake.settings(name) for name, fake in fakes.items()), *manual),
            upstreams=tuple(read_upstreams(rows, {"KEY": "upstream-key"}, folder)),
            drain_seconds=1,
            test_clock=True,
        )
    )
    service.clock = clock.service = TestClock(lambda: first + time.monotonic_ns() // 1000 - began)
    await service.start()
    service._cashier._round_seconds = ROUND_SECONDS
    try:
        yield Street(service, fakes)
    finally:
        await service.stop()
        for fake in fakes.values():
            await fake.close()
        await upstream.close()


@dataclass
class Street:
    """The service, its fakes, and its operator."""

    service: Service
    fakes: dict[str, Fake]
    numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        assert self.service.admin_token is not None
        self.books = Books(self.service.url, self.service.admin_token)

    @property
    def url(self) -> str:
        return self.service.url

    def post(self, path: str, key: str | None = None, **body: Any) -> dict[str, Any]:
        return self.books.call("POST", path, body, key)

    def refused(self, path: str, key: str | None = None, **body: Any) -> str:
        """What the refusal says that this comes to: its code and message."""
        with pytest.raises(urllib.error.HTTPError) as problem:
            self.post(path, key, **body)
        told = json.load(problem.value)["error"]
        assert problem.value.code < 500, told
        return f"{told['code']}: {told['message']}"

    def forward(self, length: str) -> None:
        """Time passes for everybody."""
        self.post("/test-clock", forward=length)

    def to(self, instant: str, seconds: int = 0) -> None:
        """It becomes some seconds after ``instant`` (or before it)."""
        self.post("/test-clock", to=render_instant(parse_instant(instant) + seconds * 1_000_000))

    def customer(self, name: str = "ann") -> Customer:
        return Customer(self, self.books.new_account(name))

    def deliver(self, payer: str, delivery: Delivery) -> int:
        """A webhook comes; the status of its answer."""
        url = f"{self.service.url}/api/v1/payments/{payer}/webhook"
        request = urllib.request.Request(url, delivery.body, dict(delivery.headers), method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as problem:
            return problem.code

    def empty_post(self, payer: str) -> None:
        """All webhooks that wait."""
        fake = self.fakes[payer]
        while fake.outbox:
            delivery = fake.outbox.pop(0)
            if not fake.given_up(delivery):
                status = self.deliver(payer, fake.redelivered(delivery))
                assert status < 300, status

    def sign(self, payer: str, payment: str, how: dict[str, Any]) -> None:
        """The customer signs a mandate in the app of the payment provider; its webhook waits."""
        fake = self.fakes[payer]
        if isinstance(fake, AlipayFake):
            fake.open_page(how["qr"])
        assert isinstance(fake, AlipayFake | WechatPayFake)
        fake.sign_contract(payment)

    def told(self, payer: str) -> bool:
        """Whether a webhook waits."""
        return bool(self.fakes[payer].outbox)

    def matters(self, account: str) -> list[str]:
        return [row["kind"] for row in self.books.call("GET", "/matters")["matters"] if row["account"] == account]


@dataclass
class Customer:
    """One account."""

    street: Street
    account: Account

    @property
    def path(self) -> str:
        return f"/accounts/{self.account.id}"

    def look(self) -> dict[str, Any]:
        return self.street.books.call("GET", self.path)

    def plans(self) -> list[str]:
        return sorted(each["plan"] for each in self.look()["subscriptions"])

    def plan(self, plan: str) -> dict[str, Any]:
        return next(each for each in self.look()["subscriptions"] if each["plan"] == plan)

    def left(self, plan: str, pool: str) -> str:
        pools = {each["id"].rpartition(":")[2]: each for each in self.plan(plan)["pools"]}
        return str(pools[pool]["available"])

    def order(self, id: str) -> dict[str, Any]:
        return self.street.books.call("GET", f"{self.path}/orders/{id}")

    def orders(self) -> list[dict[str, Any]]:
        return list(self.street.books.call("GET", f"{self.path}/orders")["orders"])

    def refunds(self) -> list[dict[str, Any]]:
        return list(self.street.books.call("GET", f"{self.path}/refunds")["refunds"])

    def post(self, what: str, key: str | None = None, **body: Any) -> dict[str, Any]:
        return self.street.post(f"{self.path}/{what}", key, **body)

    def refused(self, what: str, **body: Any) -> str:
        return self.street.refused(f"{self.path}/{what}", **body)

    def pay(self, order: dict[str, Any], number: int = 1) -> dict[str, Any]:
        """Pay an order where it is to be paid; its webhook comes."""
        payer, id = order["payer"], str(order["id"])
        how = self.waits_for(lambda: self.order(id)["pay"])
        if self.order(id)["signs"]:
            self.street.sign(payer, f"{id}_{number}", how)
            self.street.empty_post(payer)
            self.waits_for(lambda: self.street.told(payer) or self.order(id)["state"] != "waiting")
        else:
            fake = self.street.fakes[payer]
            if isinstance(fake, AlipayFake):
                fake.open_page(how["url"])
            fake.pay(f"{id}_{number}")
        self.street.empty_post(payer)
        return self.order(id)

    def is_charged(self, plan: str, payer: str) -> dict[str, Any]:
        """The mandate is charged for the period that is due and its webhook comes; the order that was renewed."""
        order: dict[str, Any] = self.waits_for(
            lambda: next((row for row in self.orders() if row["what"] == "renew" and row["plan"] == plan), None)
        )
        self.waits_for(lambda: self.street.told(payer) or self.order(order["id"])["state"] == "done")
        self.street.empty_post(payer)
        return self.order(order["id"])

    def buys(self, plan: str, payer: str | None = None, **more: Any) -> dict[str, Any]:
        """Order and pay."""
        order = self.post("orders", plan=plan, payer=payer, **more)
        return self.pay(order) if order["state"] == "waiting" else order

    def tops_up(self, plan: str, amount: str, payer: str) -> dict[str, Any]:
        return self.pay(self.post("top-ups", plan=plan, amount=amount, payer=payer))

    def uses(self, usd: str, model: str = "gpt-5") -> None:
        """A request that costs ``usd`` at list price (gpt-5: 10 USD a million of output)."""
        words = f"[[demo usage(input=0, output={round(float(usd) * 100_000)})]]"
        body = {"model": model, "messages": [{"role": "user", "content": words}]}
        self.street.books.generate(self.account, body)
        self.waits_for(lambda: not self.look()["open_holds"])

    def waits_for(self, told: Callable[[], Any]) -> Any:
        """What ``told`` gives as soon as it gives something."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not (found := told()):
            assert time.monotonic() < until, (self.orders(), self.plans())
            time.sleep(0.005)
        return found
