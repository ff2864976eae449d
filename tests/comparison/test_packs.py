"""Packs that are bought again and again are followed over their ends as the engine decides them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest

from faregate.comparison import leaps, packs
from faregate.core.instants import HOUR, SECOND
from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import Usage
from tests.comparison.small_plans import MODEL, MONDAY, OTHER, shelf_of
from tests.comparison.test_leaps import hold_to_the_engine

FAMILY = """\
family: random
version: "1"
names: {{en: Packs, zh: 包}}
source: {{document: made for tests, as_of: "2026-03-01"}}
zone: Asia/Shanghai
order: [daily, plain, steep, owing, rated, api]
models:
  all: [z-ai/glm-4.7, anthropic/claude-sonnet-4.5, anthropic/claude-opus-4.8]
multipliers:
  use:
    by: use
    every: day
    brackets: [{{up_to: {low} USD, times: 1}}, {{up_to: {high} USD, times: 1.5}}, {{times: 2}}]
templates:
  pack:
    models: [all]
    prices: [{{id: once, amount: 10 CNY, period: none, renews: false}}]
    pools: {{pack: {{granted: {size} USD}}}}
plans:
  daily:
    models: [all]
    names: {{en: Daily, zh: 每日}}
    prices: [{{id: free, amount: 0 CNY, period: none, renews: false}}]
    pools: {{day: {{refill: {{at: calendar, amount: {low} USD, every: day}}}}}}
    sources: [{{id: day, meter: cost, pool: day}}]
  plain:
    like: pack
    names: {{en: Plain, zh: 平}}
    sources: [{{id: pack, meter: cost, pool: pack}}]
  steep:
    like: pack
    names: {{en: Steep, zh: 陡}}
    sources: [{{id: pack, meter: cost, pool: pack, multipliers: [use]}}]
  owing:
    like: pack
    names: {{en: Owing, zh: 欠}}
    pools: {{pack: {{granted: {size} USD, debt: carry}}}}
    sources: [{{id: pack, meter: cost, pool: pack}}]
  rated:
    like: pack
    names: {{en: Rated, zh: 限速}}
    windows: {{rpm: {{kind: sliding, length: 60s, limit: 6 requests, guard: true}}}}
    sources: [{{id: pack, meter: cost, pool: pack}}]
  api:
    names: {{en: Wallet, zh: 钱包}}
    models: ["*"]
    wallet: true
    opt_in: true
    pools: {{wallet: {{unit: USD, debt: carry}}}}
    sources: [{{id: wallet, meter: cost, pool: wallet}}]
exchange:
  - {{from: USD, to: CNY, rates: [{{rate: 7}}]}}
"""
OFFERS = ("plain", "steep", "owing", "rated", "daily+plain", "daily+steep", "plain+steep", "steep+api")


def busy(random: Random, further: Sequence[str], silent: float) -> list[LoggedRequest]:
    """Days of requests of two models, some of which cost more than a pack holds, and some that nothing serves."""
    at, requests = MONDAY, []
    models = [OTHER, OTHER, "anthropic/claude-opus-4.8", *further, *random.choice(([], ["nobody/knows"]))]
    for number in range(random.randint(150, 400)):
        at += random.choice((1, 7, 20, 20, 20, 600)) * SECOND + random.choice((0,) * 30 + (5 * HOUR,))
        usage = Usage(
            input=random.randint(1, 20_000),
            cached=random.randint(0, 200_000),
            output=random.choice((1, 300, 300, 300, random.randint(0, 60_000))),
            prompts=int(number % 4 == 0),
        )
        if random.random() < silent:
            usage = Usage(prompts=1)
        requests.append(LoggedRequest(at, random.choice(models), usage, "claude-code", random.choice(("", "one"))))
    return requests


@pytest.mark.parametrize("seed", range(12))
def test_packs_end_and_begin_as_the_engine_says(monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    random, ends = Random(seed), 0

    def told(*told_of: object) -> int:
        nonlocal ends
        reached = packs.buy_on(*told_of)  # type: ignore[arg-type]
        ends += reached > told_of[-1][0]  # type: ignore[index]
        return reached

    low = random.choice((0.3, 1, 4))
    family = FAMILY.format(low=low, high=low * 3, size=random.choice((0.7, 2, 5, 2.000000001)))
    # What is priced in another currency draws rounded amounts, and some requests draw nothing: then no pack is
    # followed over its end, and all is as the engine says just the same.
    rounded, silent = [MODEL] if seed % 4 == 3 else [], 0.01 if seed % 4 == 2 else 0
    with monkeypatch.context() as patch:
        patch.setattr(leaps, "buy_on", told)
        hold_to_the_engine(patch, shelf_of(family), busy(random, rounded, silent), OFFERS)
    assert ends or seed % 4 >= 2
