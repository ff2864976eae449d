"""Kinship of offers: when the replay of one is also that of another, so that it need not be run.

Owns the two proofs. Both rest on a replay that refused nothing and overran nothing:

- *more of the same*: plans alike in everything but the sizes of their windows and pools, each at least as large,
  where the first source paid for everything and its pool never ran dry. By induction over the requests both accounts
  have drawn alike, so whatever the smaller one paid for the larger one pays for, with the same source.
- *something beside it*: the same plans, and after them in burn order others that bring no guard. A request that the
  first ones paid whole never reaches the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from faregate.comparison.fullness import Fullness
from faregate.comparison.opening import Account
from faregate.comparison.tally import Counts
from faregate.core.billing import covers
from faregate.core.terms import Terms

Served = Mapping[str, str | None]


def enough(counts: Counts, fullness: Fullness) -> bool:
    """Whether a replay refused nothing, and every limit held to the last."""
    overrun = any(max(curve.peaks) > curve.limit for curve in fullness.curves)
    return not (counts.refused or counts.not_offered or counts.uncovered or overrun)


def same_course(known: Account, counts: Counts, served: Served, other: Account, other_served: Served) -> bool:
    """Whether ``other`` goes the same course as ``known``, which was ``enough``."""
    if known.bought[0].family != other.bought[0].family or served != other_served:
        return False
    if _beside(known.bought, other.bought):
        return True
    models = sorted({model for model in served.values() if model is not None})
    return _first_paid_all(known, counts) and _more_of_the_same(known.bought, other.bought, models)


def _first_paid_all(known: Account, counts: Counts) -> bool:
    """Whether the first source paid for everything, and no pool had to be restored for it."""
    first = f"{known.keys[0]}/{known.bought[0].sources[0].id}"
    pools = (pool for each in known.state.subscriptions.values() for pool in each.pools.values())
    restored = any(pool.granted > 1 and pool.terms.refill and pool.terms.refill.kind == "restore" for pool in pools)
    return counts.payers == {first} and not restored


def _more_of_the_same(smaller: list[Terms], larger: list[Terms], models: list[str]) -> bool:
    pairs = list(zip(smaller, larger, strict=False))
    if len(smaller) != len(larger) or any(_shape(one, models) != _shape(more, models) for one, more in pairs):
        return False
    return all(low <= high for one, more in pairs for low, high in zip(_sizes(one), _sizes(more), strict=True))


def _sizes(terms: Terms) -> list[int]:
    sizes = [window.limit for window in terms.windows]
    for pool in terms.pools:
        sizes += [pool.granted, pool.refill.full if pool.refill is not None else 0]
    return sizes


def _shape(terms: Terms, models: Iterable[str]) -> tuple[Any, ...]:
    """Everything that decides a request of ``models`` but the sizes of windows and pools."""
    windows = tuple(replace(window, limit=0) for window in terms.windows)
    pools = tuple(
        replace(pool, granted=0, refill=replace(pool.refill, amount=0) if pool.refill is not None else None)
        for pool in terms.pools
    )
    sources = tuple(
        (replace(source, models=(), excluded_models=()), tuple(covers(source, model) for model in models))
        for source in terms.sources
    )
    # What a plan is called, costs and replaces decides nothing. Prices are those of its family and version.
    plain = replace(terms, plan="", rank=0, exclusive=None, companions=(), windows=(), pools=(), sources=())
    return terms.family, plain, windows, pools, sources


def _beside(part: list[Terms], whole: list[Terms]) -> bool:
    added = whole[len(part) :]
    return whole[: len(part)] == part and not any(window.guard for terms in added for window in terms.windows)


def carried_over(
    counts: Counts, fullness: Fullness, known: Account, account: Account, span: tuple[int, int]
) -> tuple[Counts, Fullness]:
    """The course of ``known`` as that of ``account``: the same figures under its own keys."""
    renamed = dict(zip(known.keys, account.keys, strict=False))
    mine = Fullness(account.state, *span)
    peaks = {_renamed(curve.key, renamed): curve.peaks for curve in fullness.curves}
    for curve in mine.curves:
        curve.peaks = peaks.get(curve.key, curve.peaks)
    drawn = {_renamed(key, renamed): amount for key, amount in counts.drawn.items()}
    return replace(counts, drawn=drawn), mine


def _renamed(key: str, renamed: Mapping[str, str]) -> str:
    subscription, _, part = key.rpartition(":")
    return f"{renamed.get(subscription, subscription)}:{part}"
