"""The facts of a usage: what was replayed, by model, priced at list prices.

Owns what is shown of the usage itself. Sums are of request by request, each rounded as one request is.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from faregate.comparison.draws import Draws, versions_of
from faregate.comparison.exact_arrays import Exact, Integers, Mask, rounded, total
from faregate.comparison.money import text
from faregate.comparison.result import ModelUse, TokenCounts, UsageFacts
from faregate.comparison.workload import Workload
from faregate.core.amounts import decimal_text
from faregate.core.instants import render_instant
from faregate.core.ratecard import RateCard
from faregate.core.usage import USAGE_CLASSES
from faregate.ratecards import PriceBook, prices_behind


def counts_of(totals: Sequence[int]) -> TokenCounts:
    """Sums by usage class as tokens."""
    first = [int(amount) for amount in totals[:5]]
    return {
        "input": first[0],
        "cached": first[1],
        "cache_write_5m": first[2],
        "cache_write_1h": first[3],
        "output": first[4],
        "total": sum(first),
    }


def facts_of(workload: Workload, book: PriceBook, draws: Draws) -> UsageFacts:
    """What was replayed, priced at list prices in force at each request."""
    totals: dict[str, list[int]] = {}
    native: dict[str, int] = {}
    whole = 0
    columns = workload.columns
    for number, model in enumerate(columns.models):
        mask: Mask = columns.model == number
        if not mask.any():
            continue
        totals[model] = [_sum(columns.usage[mask, index]) for index in range(len(USAGE_CLASSES))]
        card = book.card(model)
        if card is not None:
            native[model] = _native(draws, card, mask)
            values = draws.values(card)
            whole += total(Exact(values.numbers[mask], values.most))
            draws.remember_rates(card.currency, mask)
    models = [_model_use(model, totals[model], native.get(model), book) for model in workload.models]
    return {
        "kind": "mix" if workload.kind == "mix" else "logs",
        "name": workload.origin.name,
        "files": workload.origin.files,
        "tools": dict(workload.origin.tools),
        "broken_lines": workload.origin.broken_lines,
        "begins": render_instant(workload.begins),
        "ends": render_instant(workload.ends),
        "days": decimal_text(Fraction(workload.days)),
        "requests": len(columns),
        "prompts": _sum(columns.usage[:, 8]),
        "sessions": sum(bool(columns.sessions[number]) for number in np.unique(columns.session).tolist()),
        "tokens": counts_of([sum(column) for column in zip(*totals.values(), strict=True)]),
        "list_value": text(whole),
        "models": models,
        "unpriced_models": [model for model in workload.models if book.card(model) is None],
        "prices_behind": prices_behind(book, workload.models),
    }


def _sum(numbers: Integers) -> int:
    return total(Exact(numbers, int(numbers.max(initial=0))))


def _native(draws: Draws, card: RateCard, mask: Mask) -> int:
    """List value of the requests of ``mask`` in 10⁻⁹ of the card's own currency, each rounded by itself."""
    found = 0
    for version, first, last in versions_of(card, draws.columns.instants):
        listed, denominator = draws.listed(version)
        part = Exact(listed.numbers[first:last][mask[first:last]], listed.most)
        found += total(rounded(part, denominator))
    return found


def _model_use(model: str, totals: Sequence[int], value: int | None, book: PriceBook) -> ModelUse:
    card = book.card(model)
    return {
        "model": model,
        "requests": totals[USAGE_CLASSES.index("requests")],
        "tokens": counts_of(totals),
        "list_value": text(value) if value is not None else None,
        "currency": card.currency if card is not None else None,
    }
