"""Keeping: an account's book as plain data and back, for snapshots.

Owns that shape. Two books are the same exactly when their data are equal.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from faregate.core.trade.book import Agreement, Book, Effect, Order, Refund


def book_data(book: Book) -> dict[str, Any]:
    """``book`` as JSON-able data."""
    return {
        "orders": [_row(each) for each in book.orders.values()],
        "agreements": {key: _row(each) for key, each in book.agreements.items()},
        "refunds": [_row(each) for each in book.refunds.values()],
        "effects": [_row(each) for each in book.effects.values()],
        "invoices": book.invoices,
        "credit_notes": book.credit_notes,
        "paid": dict(book.paid),
        "trials": sorted(book.trials),
        "coupons": dict(book.coupons),
        "facts": dict(book.facts),
    }


def read_book(data: dict[str, Any]) -> Book:
    """The book that ``book_data`` wrote."""
    book = Book()
    for row in data["orders"]:
        order = Order(**row)
        order.received = [(kept[0], kept[1], kept[2], kept[3], kept[4]) for kept in order.received]
        book.orders[order.id] = order
    for key, row in data["agreements"].items():
        agreement = Agreement(**row)
        agreement.orders = tuple(agreement.orders)
        agreement.next = (agreement.next[0], agreement.next[1]) if agreement.next is not None else None
        if agreement.paused is not None:
            agreement.paused = (agreement.paused[0], agreement.paused[1], agreement.paused[2])
        book.agreements[key] = agreement
    for row in data["refunds"]:
        book.refunds[row["id"]] = Refund(**row)
    for row in data["effects"]:
        book.effects[row["id"]] = Effect(**row)
    book.invoices, book.credit_notes = data["invoices"], data["credit_notes"]
    book.paid, book.trials = dict(data["paid"]), set(data["trials"])
    book.coupons, book.facts = dict(data["coupons"]), dict(data["facts"])
    return book


def _row(each: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(each, field.name)) for field in fields(each)}


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, dict) else value
