"""Impact: the journal's real traffic replayed under a proposed version of its plans.

Owns putting store, plans and replay together, for the command and for the process that works for the API. The replay
is the comparison's; nothing is written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from faregate.app.impact_port import ImpactTooLarge
from faregate.app.publishing import Publishing
from faregate.app.shelf import Shelf
from faregate.app.store_port import Books, Store
from faregate.bootstrap.database import open_store
from faregate.comparison.impact import DEFAULT_DAYS, Impact, last_days, requests_in
from faregate.comparison.impact_traffic import Span
from faregate.core.instants import DAY
from faregate.planfile import Family, load_family
from faregate.ratecards import NoRate, PriceBook, load_files, load_shipped

MOST_REQUESTS = 200_000
"""Requests that a call of the API may have replayed."""

Seen = Callable[[int, int], None]


class EmptySpan(ValueError):
    """The span ends before it begins."""


class Asked(NamedTuple):
    """From ``begins`` to ``ends``, microseconds UTC; left out: ``days`` long, to the journal's latest entry."""

    begins: int | None = None
    ends: int | None = None
    days: int = DEFAULT_DAYS
    currency: str | None = None
    most: int | None = None
    """Requests that may be replayed at most; None: any number."""


def impact_of(store: Store, shelf: Shelf, family: Family, asked: Asked, seen: Seen | None = None) -> dict[str, Any]:
    """What ``family``, which is on ``shelf``, would have meant for the accounts of ``store``; JSON-able.

    ``seen`` is told accounts and requests done, now and then. Raises EmptySpan, NoRate, ImpactTooLarge.
    """

    def name(account: str) -> str:
        found = store.account(account)
        return found.name if found is not None else account

    with store.view() as books:
        span = _span(books, asked)
        if asked.most is not None and (found := requests_in(books, span)) > asked.most:
            raise ImpactTooLarge(f"{found:,} requests in that time, and a call replays {asked.most:,} at most")
        return Impact(books, shelf, family, span, name).run(asked.currency or _currency(family), seen)


def _span(books: Books, asked: Asked) -> Span:
    ends = asked.ends if asked.ends is not None else last_days(books).ends
    begins = asked.begins if asked.begins is not None else ends - asked.days * DAY
    if begins >= ends:
        raise EmptySpan
    return Span(begins, ends)


def _currency(family: Family) -> str:
    """That of the first price of the family which is not nothing."""
    prices = [price for plan in family.plans.values() for price in plan.prices]
    return next((price.currency for price in prices if price.amount), "USD")


# ---- in a process of its own


def work(job: dict[str, Any]) -> dict[str, Any]:
    """What the process gives for a job: ``answer``, or why there is none."""
    paths = [Path(path) for path in job["price_files"]]
    prices: PriceBook = load_files(paths) if paths else load_shipped()
    family = load_family(job["document"], file="document")
    asked = Asked(days=job["days"], currency=job["currency"], most=MOST_REQUESTS)
    store = open_store(job["database"])
    try:
        shelf = Publishing(store, prices).shelf([family], job["now"])
        return {"answer": impact_of(store, shelf, family, asked)}
    except NoRate as problem:
        return {"no_rate": [problem.base, problem.quote, problem.known]}
    except ImpactTooLarge as problem:
        return {"too_large": problem.found}
    finally:
        store.close()
