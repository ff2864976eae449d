"""A family in three versions, for the tests of cohorts: a former one, and two that follow it.

Owns the plan files alone. Limits are small enough to be reached in a few lines.
"""

from __future__ import annotations

from pathlib import Path

TURN = "2026-02-12T00:00:00+08:00"
"""From then on the second version is sold."""

_VERSION = """\
family: coder
version: "{version}"
names: {{en: Coder, zh: 编程}}
source: {{document: none, as_of: "2026-02-12"}}
{rules}
zone: Asia/Shanghai
order: [held]
one_of: {{held: [lite]}}
models: {{all: ["*"]}}
plans:
  lite:
    names: {{en: Coder Lite, zh: 编程 Lite}}
    prices: [{{id: monthly, amount: {price} CNY, period: month}}]
    models: [all]
    windows:
      five_hours: {{kind: first-use, length: 5h, limit: {prompts} prompts}}
      {week}
    sources:
      - {{id: prompts, meter: prompts, windows: [five_hours{names}]}}
"""

_WEEK = "week: {kind: purchase, every: week, limit: 4 prompts}"


def former(keep: str = "while_renewed") -> str:
    """Sold until TURN: 3 prompts a 5 h, no week, 40 CNY."""
    rules = f'sale: {{until: "{TURN}"}}\ncohort: {{bought_before: "{TURN}", keep: {keep}}}'
    return _VERSION.format(version="one", rules=rules, price=40, prompts=3, week="", names="")


def latter() -> str:
    """Sold from TURN on: 2 prompts a 5 h, 4 a week from the order, 49 CNY."""
    rules = f'sale: {{since: "{TURN}"}}'
    return _VERSION.format(version="two", rules=rules, price=49, prompts=2, week=_WEEK, names=", week")


def third(rules: str = 'sale: {since: "2026-05-01"}') -> str:
    """Sold from May on: 1 prompt a 5 h, 60 CNY."""
    return _VERSION.format(version="three", rules=rules, price=60, prompts=1, week="", names="")


def written(folder: Path, *texts: str) -> list[Path]:
    """The plan files of these texts."""
    paths = []
    for number, text in enumerate(texts):
        path = folder / f"coder-{number}.yaml"
        path.write_text(text, encoding="utf-8")
        paths.append(path)
    return paths
