"""List prices as people read them: 'amount CURRENCY', exact to the last digit."""

from __future__ import annotations

from fractions import Fraction

from faregate.core.amounts import NANO, decimal_text
from faregate.core.instants import parse_instant
from faregate.core.usage import Usage
from faregate.ratecards import PriceBook

MILLION = 1_000_000


def list_value(book: PriceBook, model: str, day: str, **usage: int) -> str:
    """The list price of ``usage`` on ``day`` (a day or an instant)."""
    card = book.card(model)
    assert card is not None, model
    at = parse_instant(day if "T" in day else f"{day}T00:00:00Z")
    numerator, denominator = card.version_at(at).list_value(Usage(**usage))
    return f"{decimal_text(Fraction(numerator, denominator * NANO))} {card.currency}"
