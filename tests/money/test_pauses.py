"""A pause stops the clock of a period: nothing that goes by time is more or less for it, neither during nor after."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.background import in_background
from tests.money.street import Customer, Street, open_street

STOPPED = """
family: stopped
version: "2026-01-01"
names: {en: Stopped, zh: 暂停}
source: {document: an example, as_of: undated}
zone: Europe/Berlin
order: [small, large]
payments:
  stripe: {names: {en: Card, zh: 卡}, kind: card}
plans:
  small:
    names: {en: Small, zh: 小}
    prices: [{id: monthly, amount: 31 USD, period: month, pay_with: [stripe]}]
    models: ["*"]
    windows:
      5h: {kind: first-use, length: 5h, limit: 80 prompts, names: {en: 5 hours, zh: 每 5 小时}}
    sources:
      - {id: prompts, meter: prompts, windows: [5h]}
    refund: {allowed: true, deducts: [time_used]}
    switch:
      upgrade: {when: now, charges: difference_of_period_left, keeps_period: true}
      downgrade: {when: period_end, charges: full_price}
  large:
    names: {en: Large, zh: 大}
    prices: [{id: monthly, amount: 62 USD, period: month, pay_with: [stripe]}]
    models: ["*"]
    windows:
      5h: {kind: first-use, length: 5h, limit: 800 prompts, names: {en: 5 hours, zh: 每 5 小时}}
    sources:
      - {id: prompts, meter: prompts, windows: [5h]}
"""
SMALL = "stopped/small"


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    folder = tmp_path_factory.mktemp("pauses")
    plan = Path(folder / "stopped.yaml")
    plan.write_text(STOPPED, encoding="utf-8")
    with in_background(lambda: open_street(folder, plan)) as street:
        yield street


def by_time(ann: Customer) -> tuple[float, float]:
    """What a refund gives, and what an upgrade costs now."""
    refund = ann.post("refunds/preview", plan=SMALL)["amount"]
    return float(refund), float(ann.post("changes/preview", plan=SMALL, to="stopped/large")["to_pay"])


def acts(ann: Customer, act: str) -> Any:
    return ann.post("agreements", plan=SMALL, act=act)


def test_neither_refund_nor_upgrade_is_more_or_less_for_a_pause(street: Street) -> None:
    """Over the change to summer time, too: 31 days of the calendar are an hour less than 31 days."""
    ann = street.customer("pause")
    ann.buys(SMALL, "stripe")
    street.forward("5d")
    before = by_time(ann)
    assert before[0] == pytest.approx(26, abs=0.05)
    assert before[0] == before[1]
    acts(ann, "pause")
    street.forward("40d")
    assert by_time(ann) == pytest.approx(before, abs=0.02), "the clock stands"
    acts(ann, "go_on")
    assert by_time(ann) == pytest.approx(before, abs=0.02), "and goes on where it stood"
    street.forward("10d")
    acts(ann, "pause")
    street.forward("90d")
    acts(ann, "go_on")
    assert by_time(ann) == pytest.approx((16, 16), abs=0.1)


def test_a_period_after_a_pause_is_whole_again(street: Street) -> None:
    ann = street.customer("pause, then renew")
    ann.buys(SMALL, "stripe")
    acts(ann, "pause")
    street.forward("40d")
    acts(ann, "go_on")
    edge = ann.plan(SMALL)["period_end"]
    street.to(edge, 60)
    ann.waits_for(lambda: str(ann.plan(SMALL)["period_end"]) > edge)
    assert by_time(ann) == pytest.approx((31, 31), abs=0.01)


def test_a_pause_is_not_left_by_a_period_that_would_have_ended(street: Street) -> None:
    ann = street.customer("long pause")
    ann.buys(SMALL, "stripe")
    acts(ann, "pause")
    street.forward("400d")
    row = ann.plan(SMALL)
    assert (row["period_end"], row["ends_at"], row["switched_on"]) == (None, None, False)
    assert len(ann.orders()) == 1, "nobody is charged"
    acts(ann, "call_off")
    acts(ann, "go_on")
    edge = ann.plan(SMALL)["period_end"]
    street.to(edge, 1)
    ann.waits_for(lambda: ann.plans() == [])
