"""The crew: trials of many offers, by several processes where that pays.

Owns the workers and the order of results. A worker is a copy of this process, so that nothing of the usage has to be
sent to it; where processes cannot be copied, this one does all the work.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from faregate.comparison.offers import Offer
from faregate.comparison.outcome import outcome_of
from faregate.comparison.result import PlanOutcome
from faregate.comparison.trial import Bench
from faregate.ratecards import DatedRate

Progress = Callable[[int, int], None]
"""Called with (offers done, offers of all)."""

_WORTH_WORKERS = 30_000
"""Requests times offers: less than this is done sooner than a worker is there."""


class Finished(NamedTuple):
    """The outcomes of some offers by their places in the list, and the exchange rates that were used."""

    outcomes: dict[int, PlanOutcome]
    rates: frozenset[DatedRate]


class _Task(NamedTuple):
    bench: Bench
    offers: Sequence[Offer]


_task: _Task | None = None


def try_all(
    bench: Bench, offers: Sequence[Offer], workers: int | None = None, progress: Progress | None = None
) -> tuple[list[PlanOutcome], set[DatedRate]]:
    """Every offer tried, in the order given. ``workers`` None: one for each core, where that pays."""
    tell = progress or _silent
    tell(0, len(offers))
    found: dict[int, PlanOutcome] = {}
    rates: set[DatedRate] = set()
    for finished in _finished(_Task(bench, offers), _crew_of(bench, offers, workers)):
        found |= finished.outcomes
        rates |= finished.rates
        tell(len(found), len(offers))
    return [found[index] for index in range(len(offers))], rates


def _silent(done: int, total: int) -> None:
    pass


def _crew_of(bench: Bench, offers: Sequence[Offer], workers: int | None) -> int:
    """How many processes; 1 means this one alone."""
    wanted = _cores() if workers is None else workers
    worth = workers is not None or len(bench.workload.requests) * len(offers) >= _WORTH_WORKERS
    copies = sys.platform == "linux" and threading.active_count() == 1
    return min(wanted, len(offers)) if worth and copies else 1


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _finished(task: _Task, workers: int) -> Iterator[Finished]:
    if workers <= 1:
        for index in range(len(task.offers)):
            yield _attempt(task, [index])
        return
    context = multiprocessing.get_context("fork")
    gc.freeze()
    try:
        with context.Pool(workers, _begin, (task,)) as pool:
            yield from pool.imap_unordered(_attempt_here, _shares(task.offers, workers))
    finally:
        gc.unfreeze()


def _shares(offers: Sequence[Offer], workers: int) -> list[list[int]]:
    """Places of offers that one worker tries after another: a family together, since its offers can spare each other
    a replay; the largest first, so that no core waits long at the end."""
    families: dict[str, list[int]] = {}
    for index, offer in enumerate(offers):
        families.setdefault(offer.family.id, []).append(index)
    shares = list(families.values())
    if len(shares) < 2 * workers:
        shares = [share[first::workers] for share in shares for first in range(workers)]
    return sorted((share for share in shares if share), key=len, reverse=True)


def _begin(task: _Task) -> None:
    global _task  # noqa: PLW0603 - how a pool hands its workers what they share
    _task = task
    # A worker is short-lived and makes little that refers to itself: looking for it costs more than it brings.
    gc.disable()


def _attempt_here(share: list[int]) -> Finished:
    assert _task is not None
    return _attempt(_task, share)


def _attempt(task: _Task, share: list[int]) -> Finished:
    bench = task.bench
    outcomes = {}
    for index in share:
        tried = bench.attempt(task.offers[index])
        outcomes[index] = outcome_of(tried, bench.workload, bench.profile, bench.money.currency)
    return Finished(outcomes, frozenset(bench.money.used))
