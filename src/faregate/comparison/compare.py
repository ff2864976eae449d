"""The comparison as a whole: one usage, many offers, sorted by what it costs to get everything done.

Owns the order and what stands around the outcomes. Everything is an argument, the time included.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from faregate import __version__
from faregate.app.shelf import Shelf
from faregate.comparison.crew import Progress, try_all
from faregate.comparison.facts import facts_of
from faregate.comparison.money import rates_used
from faregate.comparison.offers import Offer
from faregate.comparison.result import Comparison, PlanOutcome
from faregate.comparison.trial import Bench
from faregate.comparison.verdict import verdict_on
from faregate.comparison.words import rounded
from faregate.comparison.workload import Workload, by_hour
from faregate.core.instants import render_instant


def compare(
    shelf: Shelf,
    workload: Workload,
    offers: Sequence[Offer],
    currency: str,
    now: int,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Comparison:
    """``workload`` against every one of ``offers``, in ``currency``. ``now`` is when it is made, in microseconds UTC.

    Raises NoRate where a price cannot be put into the currency.
    """
    bench = Bench(shelf, workload, currency)
    usage = facts_of(workload, shelf.prices, bench.draws)
    outcomes, rates = try_all(bench, offers, workers, progress)
    ordered = sorted(outcomes, key=_rank)
    return {
        "made_at": render_instant(now),
        "version": __version__,
        "currency": currency,
        "months": rounded(workload.months, 6),
        "zone": workload.zone,
        "usage": usage,
        "rates": rates_used(rates | bench.money.used),
        "requests_by_hour": by_hour(workload.slots),
        "plans": ordered,
        "verdict": verdict_on(ordered, usage, currency),
    }


def _rank(outcome: PlanOutcome) -> tuple[bool, Fraction, int, int, str]:
    """The cheapest way to get everything done first; of equal ones what admits more, then what needs fewer plans."""
    cost, plans = Fraction(outcome["everything_cost"]), len(outcome["plans"])
    return outcome["problem"] is not None, cost, -outcome["admitted"], plans, outcome["id"]
