"""The casebook: what an account's book remembers of disputes and other money that moved unasked.

Owns reading it. What is written there, cases.py says.
"""

from __future__ import annotations

from typing import Any

from faregate.core.trade.book import Book


def cases_of(book: Book) -> dict[str, dict[str, Any]]:
    """Cases by id, settled ones of late among them."""
    found: dict[str, dict[str, Any]] = book.facts.get("cases", {})
    return found


def disputed(book: Book, order: str) -> bool:
    """Whether a payment of ``order`` is disputed, or was lost so: it is not given back another time."""
    return any(
        each["kind"] == "dispute" and each["order"] == order and each["state"] in ("opened", "lost")
        for each in cases_of(book).values()
    )
