"""Filling pools: new lots, refills, lapses, and the length of paid periods.

Owns the postings of money and quota that come from the house and go back to it. Does not know who asked for them.
"""

from __future__ import annotations

from faregate.core.entry import Posting
from faregate.core.instants import DAY, add_months, calendar_period
from faregate.core.pool import Pool
from faregate.core.terms import PoolTerms

Row = tuple[str, str, str, int | None, int, int]
"""A new lot: (ledger, pool key, cause, expires at, priority, size)."""


def period_after(start: int, period: str | None, zone: str, anchor: int | None = None) -> int | None:
    """End of the paid period that begins at ``start``; None when the plan has no end.

    Months and years count from ``anchor`` (the start itself when None), so that a 31st stays one after February.
    """
    if period is None:
        return None
    if period not in ("month", "year"):
        return start + int(period.removesuffix("d")) * DAY
    first = start if anchor is None else anchor
    months = step = 12 if period == "year" else 1
    while add_months(first, months, zone) <= start:
        months += step
    return add_months(first, months, zone)


def open_pool(
    subscription: str,
    pool: PoolTerms,
    now: int,
    period_end: int | None,
    postings: list[Posting],
    lots: list[Row],
    refills: list[tuple[str, int | None]],
) -> None:
    """The first lots of a pool: what the purchase grants, and its first filling."""
    key = f"{subscription}:{pool.id}"
    number = 1
    if pool.granted:
        new_lot(f"lot:{key}:{number}", key, pool, "purchase", None, pool.granted, postings, lots)
        number += 1
    refill = pool.refill
    if refill is None:
        return
    expires: int | None = None
    if refill.kind == "calendar":
        expires = calendar_period(now, refill.every, refill.zone)[1]
        refills.append((key, expires))
    elif refill.kind == "renewal":
        expires = period_end
    cause = "restore" if refill.kind == "restore" else "refill"
    # The first filling of a restored pool is its purchase: it uses up none of the restores.
    first = "purchase" if cause == "restore" else cause
    new_lot(f"lot:{key}:{number}", key, pool, first, expires, refill.full, postings, lots)


def new_lot(
    ledger: str,
    key: str,
    pool: PoolTerms,
    cause: str,
    expires_at: int | None,
    size: int,
    postings: list[Posting],
    lots: list[Row],
    priority: int = 0,
    owed: int = 0,
    house: str = "house:granted",
) -> None:
    """A lot of ``size`` out of the house, what is owed repaid first."""
    repaid = min(owed, size)
    lots.append((ledger, key, cause, expires_at, priority, size))
    postings.append((house, pool.unit, -size))
    if repaid:
        postings.append((f"debt:{key}", pool.unit, repaid))
    if size > repaid:
        postings.append((ledger, pool.unit, size - repaid))


def refill_pool(
    pool: Pool,
    now: int,
    expires_at: int | None,
    postings: list[Posting],
    lots: list[Row],
    lapsed: list[str],
    terms: PoolTerms | None = None,
) -> None:
    """Fill ``pool`` anew, by its own or by other ``terms``: the old filling lapses, a new lot takes its place; grants
    stay.
    """
    terms = terms or pool.terms
    refill = terms.refill
    assert refill is not None
    for lot in pool.lots:
        due = lot.expires_at is not None and lot.expires_at <= now
        if lot.cause == "refill" or due:
            lapse_lot(pool, lot.ledger, lot.balance, postings, lapsed)
    ledger = pool.lot_ledger(pool.granted + 1)
    new_lot(
        ledger,
        pool.key,
        terms,
        "refill",
        expires_at,
        refill.full,
        postings,
        lots,
        owed=pool.owed,
    )


def lapse_lot(pool: Pool, ledger: str, balance: int, postings: list[Posting], lapsed: list[str]) -> None:
    """What is left of a lot goes back to the house."""
    if balance:
        postings += [
            (ledger, pool.terms.unit, -balance),
            ("house:expired", pool.terms.unit, balance),
        ]
    lapsed.append(ledger)
