"""The API over a database of its own, its clock standing still unless a test moves it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path

import pytest

from faregate.api.application import build_api
from faregate.bootstrap.house import open_house
from faregate.bootstrap.paying import open_cashier
from faregate.core.instants import parse_instant
from faregate.payments.settings import read_payments
from faregate.planfile import Family, load_family
from faregate.ratecards import PriceBook, load_shipped
from tests.api.console import House
from tests.api.door import Door

NOW = parse_instant("2026-03-02T10:00:00Z")


@cache
def prices() -> PriceBook:
    return load_shipped()


@cache
def family(source: Path | str, *, file: str | None = None) -> Family:
    return load_family(source, file=file)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(tmp_path: Path) -> str:
    """Where the books are; on every engine where a module says so (``engines.py``)."""
    return f"sqlite:///{tmp_path}/books.db"


@pytest.fixture
async def door(database: str, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> AsyncIterator[Door]:
    monkeypatch.setattr("faregate.bootstrap.house.load_shipped", prices)
    monkeypatch.setattr("faregate.bootstrap.house.load_family", family)
    monkeypatch.setattr("faregate.app.publishing.load_family", family)
    randomness = random.Random(1).randbytes
    house = open_house(database, now=clock, randomness=randomness)
    await house.start()
    control = house.control
    cashier = open_cashier(control, read_payments([], {}), clock)
    cashier.start("http://127.0.0.1")
    yield Door(build_api(control), control, control.new_admin_token("test"))
    await cashier.stop()
    await house.close()


@pytest.fixture
def house(door: Door) -> House:
    return House(door)
