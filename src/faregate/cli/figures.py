"""Figures for people: thousands set apart, and bars.

Owns how amounts are drawn in tables. Amounts come in as exact decimal strings and stay exact.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

FULL, EMPTY = "█", "░"


def grouped(amount: str) -> str:
    """``amount`` with its thousands set apart."""
    whole, dot, rest = amount.partition(".")
    return f"{int(whole):,}{dot}{rest}" if whole.lstrip("-").isdigit() else amount


def bar(part: str, whole: str, cells: int = 16) -> str:
    """How much of ``whole`` ``part`` is. Anything above zero shows; only all of it fills the bar."""
    try:
        share = Decimal(part) / Decimal(whole)
    except (InvalidOperation, ZeroDivisionError):
        return EMPTY * cells
    filled = min(cells, max(0, int(share * cells)))
    if share > 0 and not filled:
        filled = 1
    return FULL * filled + EMPTY * (cells - filled)
