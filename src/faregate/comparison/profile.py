"""The proportions of a usage: how much of everything its requests take together, exactly.

Owns the sums by model that a month of a plan is worked out from. Does not know plans' limits.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from faregate.comparison.columns import Columns
from faregate.comparison.draws import listed_by, versions_of
from faregate.comparison.exact_arrays import Exact, Integers, Mask, total
from faregate.core.ratecard import RateCard
from faregate.core.usage import USAGE_CLASSES, Usage

_PROMPTS = USAGE_CLASSES.index("prompts")


class Profile:
    """Sums of requests by their model. Worked out once and asked for every plan."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._usages: dict[str, Usage] = {}
        self.clients: dict[str, str] = {}
        self._masks: dict[str, Mask] = {}
        self._prompts: dict[int | None, dict[str, int]] = {}
        self._listed: dict[tuple[str, int], Fraction] = {}
        for number, model in enumerate(columns.models):
            mask: Mask = columns.model == number
            if mask.any():
                self._masks[model] = mask
                self._usages[model] = Usage._make(
                    _sum(columns.usage[mask, each]) for each in range(len(USAGE_CLASSES))
                )
                self.clients[model] = columns.clients[columns.client[mask.argmax()]]

    def usage(self, model: str, calls_per_prompt: int | None = None) -> Usage:
        """The requests for ``model`` added up, prompts counted as a plan with ``calls_per_prompt`` counts them."""
        return self._usages[model]._replace(prompts=self._counted(calls_per_prompt).get(model, 0))

    def listed(self, model: str, card: RateCard | None) -> Fraction:
        """List value by ``card`` of all requests for ``model``, in 10⁻⁹ of its currency; 0 without a card."""
        if card is None:
            return Fraction(0)
        key = (model, id(card))
        known = self._listed.get(key)
        if known is None:
            mask, known = self._masks[model], Fraction(0)
            for version, first, last in versions_of(card, self._columns.instants):
                listed, denominator = listed_by(self._columns, version)
                part = Exact(listed.numbers[first:last][mask[first:last]], listed.most)
                known += Fraction(total(part), denominator)
            self._listed[key] = known
        return known

    def _counted(self, limit: int | None) -> dict[str, int]:
        """Prompts by model: one where a turn opens, and one more whenever ``limit`` calls of it are over."""
        known = self._prompts.get(limit)
        if known is None:
            counts = self._columns.usage[:, _PROMPTS]
            if limit is not None:
                counts = np.maximum(counts, _counted_again(self._columns, limit))
            known = {model: _sum(counts[mask]) for model, mask in self._masks.items()}
            self._prompts[limit] = known
        return known


def _sum(numbers: Integers) -> int:
    return total(Exact(numbers, int(numbers.max(initial=0))))


def _counted_again(columns: Columns, limit: int) -> Integers:
    """1 for each request with which ``limit`` calls of its turn are over, else 0."""
    order = np.argsort(columns.session, kind="stable")
    session, opens = columns.session[order], columns.usage[order, _PROMPTS] > 0
    begins = opens.copy()
    begins[:1] = True
    begins[1:] |= session[1:] != session[:-1]
    places = np.arange(len(order))
    call = places - np.maximum.accumulate(np.where(begins, places, 0))
    again = np.zeros(len(order), dtype=np.int64)
    again[order] = (call > 0) & (call % limit == 0)
    return again
