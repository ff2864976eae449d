"""From the engine's entries and states to the rows of a report.

Owns the translation, and the totals. Changes no state.
"""

from __future__ import annotations

from collections.abc import Sequence

from faregate.core.account import AccountState
from faregate.core.amounts import MILLI, render
from faregate.core.entry import Entry
from faregate.core.instants import render_instant
from faregate.core.request import Block, Refused, Slice
from faregate.core.window import Window
from faregate.simulator.reading import UsageLine
from faregate.simulator.result import (
    BlockRow,
    DrawnRow,
    RefusedRow,
    RequestRow,
    Totals,
    WindowRow,
)
from faregate.simulator.subjects import KINDS, meter_name, public_names, public_payer, public_subject

PARTS_OF_CURRENCY = "USD"
"""Any currency: list values have the scale of money."""


def instant_or_none(at: int | None) -> str | None:
    return render_instant(at) if at is not None else None


class View:
    """An account's windows under their public names. Made anew whenever its subscriptions or terms change."""

    def __init__(self, state: AccountState) -> None:
        self.names = public_names(state)
        self._state = state
        self._windows: list[tuple[Window, str, str, str, str]] = []
        for subscription in state.burn_order():
            for terms in subscription.terms.windows:
                window = subscription.windows[terms.id]
                public = f"{self.names[subscription.key]}:{terms.id}"
                limit = render(window.limit, terms.unit)
                self._windows.append((window, public, meter_name(subscription, terms.id), terms.unit, limit))

    def windows(self, now: int, drawn: dict[str, int]) -> list[WindowRow]:
        """Every window of the account; ``drawn`` is by window key what the request drew."""
        rows: list[WindowRow] = []
        for window, public, meter, unit, limit in self._windows:
            concurrent = window.kind == "concurrency"
            used = len(self._state.holds) * MILLI if concurrent else window.used_at(now)
            amount = drawn.get(window.key, 0)
            rows.append(
                {
                    "id": public,
                    "meter": meter,
                    "unit": unit,
                    "drawn": render(amount, unit) if amount else "0",
                    "used": render(used, unit),
                    "limit": limit,
                    "reopens_at": instant_or_none(window.reopens_at(now)),
                }
            )
        return rows

    def refused(self, refusal: Refused) -> RefusedRow:
        return {
            "reason": refusal.reason,
            "kind": KINDS.get(refusal.reason, "request"),
            "window": public_subject(self.names, refusal.subject),
            "retry_at": instant_or_none(refusal.retry_at),
            "blocks": [self._block(block) for block in refusal.blocks],
        }

    def _block(self, block: Block) -> BlockRow:
        source, payer = public_payer(self.names, block.payer)
        return {
            "source": source,
            "payer": payer,
            "reason": block.reason,
            "kind": KINDS.get(block.reason, "request"),
            "window": public_subject(self.names, block.subject),
            "retry_at": instant_or_none(block.retry_at),
        }


def drawn_row(piece: Slice) -> DrawnRow:
    return {
        "source": piece.plan,
        "pool": piece.pool,
        "amount": render(piece.amount, piece.unit),
        "unit": piece.unit,
        "multiplier": piece.multiplier,
        "list_value": render(piece.list_value, PARTS_OF_CURRENCY),
        "currency": piece.currency,
        "debt": render(piece.debt, piece.unit) if piece.debt else "0",
        "card": piece.card,
    }


def window_draws(entries: Sequence[Entry]) -> dict[str, int]:
    """By window key, what hold and settlement together drew."""
    drawn: dict[str, int] = {}
    for entry in entries:
        for key, _, amount in entry.windows:
            drawn[key] = drawn.get(key, 0) + amount
    return drawn


class Tally:
    """The totals so far."""

    def __init__(self) -> None:
        self.admitted = 0
        self.refused = 0
        self._drawn: dict[tuple[str, str], int] = {}
        self._debt: dict[tuple[str, str], int] = {}
        self._listed: dict[str, int] = {}
        self._refusals: dict[str, int] = {}
        self.prices_behind: dict[str, str] = {}
        """Model without a price of ours -> where its price is from."""

    def add_admitted(self, pieces: Sequence[Slice]) -> None:
        self.admitted += 1
        for piece in pieces:
            key = (piece.plan, piece.unit)
            self._drawn[key] = self._drawn.get(key, 0) + piece.amount
            if piece.debt:
                self._debt[key] = self._debt.get(key, 0) + piece.debt
            if piece.currency is not None:
                self._listed[piece.currency] = self._listed.get(piece.currency, 0) + piece.list_value

    def add_refused(self, row: RefusedRow) -> None:
        self.refused += 1
        binding = row["window"] or row["reason"]
        self._refusals[binding] = self._refusals.get(binding, 0) + 1

    def totals(self) -> Totals:
        return {
            "requests": self.admitted + self.refused,
            "admitted": self.admitted,
            "refused": self.refused,
            "drawn": _by_source(self._drawn),
            "debt": _by_source(self._debt),
            "list_value": {currency: render(value, currency) for currency, value in self._listed.items()},
            "refusals": dict(self._refusals),
            "prices_behind": dict(self.prices_behind),
        }


def _by_source(amounts: dict[tuple[str, str], int]) -> dict[str, dict[str, str]]:
    nested: dict[str, dict[str, str]] = {}
    for (source, unit), amount in amounts.items():
        nested.setdefault(source, {})[unit] = render(amount, unit)
    return nested


def request_row(
    index: int,
    line: UsageLine,
    at: str,
    model: str,
    pieces: Sequence[Slice],
    windows: list[WindowRow],
    refused: RefusedRow | None,
) -> RequestRow:
    return {
        "index": index,
        "line": line.line,
        "at": at,
        "model": model,
        "admitted": refused is None,
        "drawn": [drawn_row(piece) for piece in pieces],
        "windows": windows,
        "refused": refused,
    }
