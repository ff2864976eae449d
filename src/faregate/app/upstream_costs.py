"""What settled requests cost their operator, in rows and in sums, beside what customers were charged.

Owns the reading of a settlement's ``cost``, its two parts in the sums of an hour, and the view of both with the
margin. For operators only: nothing here may reach a customer.

In sums a cost stands among what was drawn, under sources that no plan can have: ``cost:UPSTREAM`` what was paid and
``listed:UPSTREAM`` the list value of those same requests, so that a margin never mixes requests whose cost is known
with others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from faregate.core.amounts import render

_COST, _LISTED = "cost:", "listed:"


class UpstreamCost(NamedTuple):
    """``amount`` in 10⁻⁹ of ``currency``, by the dated ``card`` of which ``share`` is paid."""

    amount: int
    currency: str
    card: str
    share: str


def cost_of(data: Mapping[str, Any]) -> UpstreamCost | None:
    """The cost that the data of a settlement tell, None where it was not known."""
    told = data.get("cost")
    return None if told is None else UpstreamCost(*told)


def drawn_by_upstream(
    upstream: str, cost: UpstreamCost, list_value: int, currency: str
) -> list[tuple[str, str | None, str, int]]:
    """What goes into sums beside what sources paid. A list value in another currency is left out: it compares with
    nothing."""
    parts: list[tuple[str, str | None, str, int]] = [(_COST + upstream, None, cost.currency, cost.amount)]
    if currency == cost.currency:
        parts.append((_LISTED + upstream, None, currency, list_value))
    return parts


def is_of_upstream(source: str) -> bool:
    """Whether a source of a sum is one of ``drawn_by_upstream``."""
    return source.startswith((_COST, _LISTED))


def costs_view(drawn: Mapping[tuple[str, str], int]) -> list[dict[str, Any]]:
    """The costs in a sum, by upstream and currency, each with what is left of the list price."""
    paid = sorted(key for key in drawn if key[0].startswith(_COST))
    return [
        _view(source.removeprefix(_COST), currency, drawn[source, currency], _listed(drawn, source, currency))
        for source, currency in paid
    ]


def cost_view(upstream: str, cost: UpstreamCost, list_value: int, currency: str) -> dict[str, Any]:
    """The cost of one request, and what it was worked out by."""
    listed = list_value if currency == cost.currency else None
    terms = {"rate_card": cost.card, "share": cost.share}
    return {**_view(upstream, cost.currency, cost.amount, listed), **terms}


def _listed(drawn: Mapping[tuple[str, str], int], source: str, currency: str) -> int | None:
    return drawn.get((_LISTED + source.removeprefix(_COST), currency))


def _view(upstream: str, currency: str, amount: int, listed: int | None) -> dict[str, Any]:
    return {
        "upstream": upstream,
        "currency": currency,
        "cost": render(amount, currency),
        "list_value": None if listed is None else render(listed, currency),
        "margin": None if listed is None else render(listed - amount, currency),
    }


def without_upstreams(drawn: Iterable[tuple[tuple[str, str], int]]) -> list[tuple[tuple[str, str], int]]:
    """What sources of plans paid, alone."""
    return [each for each in drawn if not is_of_upstream(each[0][0])]
