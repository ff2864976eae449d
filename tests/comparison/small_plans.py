"""A family small enough to reckon by hand, and requests to replay against it.

Owns the plan file, the shelf that holds it alone, and short ways to ask. A request of one million input tokens lists
at 4 CNY (GLM-4.7 above 32K).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from faregate.app.shelf import Shelf
from faregate.comparison.compare import compare
from faregate.comparison.offers import Offer, all_offers, chosen_offers
from faregate.comparison.result import Comparison, PlanOutcome
from faregate.comparison.workload import Origin, Workload, of_logs
from faregate.core.instants import HOUR, parse_instant
from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import Usage
from faregate.planfile import load_family
from faregate.ratecards import load_shipped

MODEL = "z-ai/glm-4.7"
OTHER = "anthropic/claude-sonnet-4.5"
MONDAY = parse_instant("2026-03-02T00:00:00Z")
NOW = parse_instant("2026-04-01T00:00:00Z")
MILLION = 1_000_000

FAMILY = """\
family: small
version: "1"
names: {en: Small, zh: 小}
source: {document: made for tests, as_of: "2026-03-01"}
zone: UTC
order: [free, paid, counted, guessed, pack, api]
one_of:
  paid: [five, ten, both]
stand_in: z-ai/glm-4.7
models:
  all: [z-ai/glm-4.7, z-ai/glm-4.6]
templates:
  any:
    models: [all]
    model_mapping: [{from: "claude-opus-*", to: z-ai/glm-4.6}]
  timed:
    like: any
    companions: [api]
    windows: {5h: {kind: first-use, length: 5h, names: {en: 5 hours, zh: 5 小时}}}
    sources: [{id: requests, meter: requests, windows: [5h]}]
plans:
  free:
    like: any
    names: {en: Free, zh: 免费}
    prices: [{id: free, amount: 0 CNY, period: none, renews: false}]
    pools: {day: {refill: {at: calendar, amount: 2 requests, every: day}}}
    sources: [{id: day, meter: requests, pool: day}]
  five:
    like: timed
    names: {en: Five, zh: 五}
    prices: [{id: monthly, amount: 30 CNY, period: month}]
    windows: {5h: {limit: 3 requests}}
  ten:
    like: timed
    names: {en: Ten, zh: 十}
    prices: [{id: monthly, amount: 60 CNY, period: month}]
    windows: {5h: {limit: 6 requests}}
  both:
    like: timed
    names: {en: Both, zh: 双}
    prices: [{id: monthly, amount: 90 CNY, period: month}]
    windows:
      5h: {limit: 6 requests}
      week: {kind: purchase, every: week, limit: 8 requests, names: {en: week, zh: 每周}}
    sources: [{id: requests, meter: requests, windows: [5h, week]}]
  counted:
    like: any
    names: {en: Counted, zh: 计数}
    prices: [{id: monthly, amount: 30 CNY, period: month}]
    calls_per_prompt: 3
    windows: {5h: {kind: first-use, length: 5h, limit: 2 prompts}}
    sources: [{id: prompts, meter: prompts, windows: [5h]}]
  guessed:
    like: any
    names: {en: Guessed, zh: 猜测}
    prices: [{id: monthly, amount: 30 CNY, period: month}]
    windows:
      5h: {kind: first-use, length: 5h, limit: 4 requests, known: estimated, between: [2 requests, 8 requests]}
    sources: [{id: requests, meter: requests, windows: [5h]}]
  pack:
    like: any
    names: {en: Pack, zh: 包}
    prices: [{id: once, amount: 10 CNY, period: none, renews: false}]
    pools: {pack: {granted: 4 requests}}
    sources: [{id: pack, meter: requests, pool: pack}]
  api:
    names: {en: Wallet, zh: 钱包}
    models: ["*"]
    wallet: true
    opt_in: true
    pools: {wallet: {unit: CNY, debt: carry}}
    sources: [{id: wallet, meter: cost, pool: wallet}]
exchange:
  - {from: USD, to: CNY, rates: [{rate: 7}]}
"""


@lru_cache(maxsize=4)
def shelf_of(text: str = FAMILY) -> Shelf:
    """A shelf with that family alone, and the shipped prices."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "small.yaml"
        file.write_text(text, encoding="utf-8")
        return Shelf([load_family(file)], load_shipped())


def ask(
    hours: float, model: str = MODEL, *, opens: bool = True, session: str = "one", tokens: int = MILLION
) -> LoggedRequest:
    """A request so many hours after Monday's midnight."""
    usage = Usage(input=tokens, prompts=int(opens))
    return LoggedRequest(MONDAY + round(hours * HOUR), model, usage, "claude-code", session)


def workload(requests: Sequence[LoggedRequest], months: int | None = None) -> Workload:
    return of_logs(requests, Origin("test"), load_shipped(), "UTC", months)


def offers(*names: str) -> list[Offer]:
    """Those named; all that are permitted where none is."""
    return chosen_offers(shelf_of(), names, NOW) if names else all_offers(shelf_of(), NOW)


def comparison(requests: Sequence[LoggedRequest], *names: str, workers: int = 1) -> Comparison:
    return compare(shelf_of(), workload(requests), offers(*names), "CNY", NOW, workers)


def outcome(requests: Sequence[LoggedRequest], name: str) -> PlanOutcome:
    """What becomes of the requests under one offer."""
    return comparison(requests, name)["plans"][0]
