"""Shipped plans and prices are read once for all tests of this folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from faregate.planfile import Family, load_family
from faregate.ratecards import PriceBook, load_shipped


@cache
def prices() -> PriceBook:
    return load_shipped()


@cache
def family(source: Path | str, *, file: str | None = None) -> Family:
    return load_family(source, file=file)


@pytest.fixture(autouse=True)
def read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faregate.bootstrap.house.load_shipped", prices)
    monkeypatch.setattr("faregate.bootstrap.house.load_family", family)
    monkeypatch.setattr("faregate.app.publishing.load_family", family)
