"""The proportions of a usage: how much of everything its requests take together, exactly.

Owns the sums by model that a month of a plan is worked out from. Does not know plans' limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from operator import add

from faregate.core.logged_request import LoggedRequest
from faregate.core.ratecard import RateCard
from faregate.core.usage import Usage


class Profile:
    """Sums of ``requests`` by their model. Worked out once and asked for every plan."""

    def __init__(self, requests: Sequence[LoggedRequest]) -> None:
        self._requests = requests
        self._usages: dict[str, Usage] = {}
        self.clients: dict[str, str] = {}
        self._prompts: dict[int | None, dict[str, int]] = {}
        self._listed: dict[tuple[str, int], Fraction] = {}
        for request in requests:
            before = self._usages.get(request.model)
            usage = request.usage
            self._usages[request.model] = Usage._make(map(add, before, usage)) if before is not None else usage
            self.clients.setdefault(request.model, request.client)

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
            sums: dict[int, int] = {}
            for request in self._requests:
                if request.model == model:
                    numerator, denominator = card.version_at(request.at).list_value(request.usage)
                    sums[denominator] = sums.get(denominator, 0) + numerator
            known = sum((Fraction(above, below) for below, above in sums.items()), Fraction(0))
            self._listed[key] = known
        return known

    def _counted(self, limit: int | None) -> dict[str, int]:
        """Prompts by model: one where a turn opens, and one more whenever ``limit`` calls of it are over."""
        known = self._prompts.get(limit)
        if known is not None:
            return known
        counted: dict[str, int] = {}
        calls: dict[str, int] = {}
        for request in self._requests:
            opens = request.usage.prompts
            made = 1 if opens else calls.get(request.session, 0) + 1
            again = limit is not None and made > limit
            calls[request.session] = 1 if again else made
            if opens or again:
                counted[request.model] = counted.get(request.model, 0) + (opens or 1)
        self._prompts[limit] = counted
        return counted
