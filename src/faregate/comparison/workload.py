"""The usage that is compared: its requests in order of time, its span, and what it adds up to.

Owns names of models as the price book knows them, and what is worked out once for all plans. Does
not replay, nor read files.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

import numpy as np

from faregate.comparison.columns import Columns, columns_of, renamed
from faregate.comparison.mix import CLIENT, Mix, month_of_work, one_cycle
from faregate.core.instants import DAY, MINUTE, to_datetime
from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import USAGE_CLASSES
from faregate.ratecards import PriceBook

MONTH_DAYS = 30
HOURS_A_WEEK = 7 * 24
_QUARTER = 15 * MINUTE
_DATED = re.compile(r"(.+?)[-@]20\d{6}$")
_MARKED = re.compile(r"\[[^\]]*\]$")


class EmptyUsage(ValueError):
    """There is not one request to compare with."""

    code = "empty_usage"

    def __init__(self) -> None:
        super().__init__("there is not one request in the usage, so there is nothing to compare")


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the usage comes from: ``tools`` are the readers that recognised files, with how
    many."""

    name: str
    files: int = 0
    tools: Mapping[str, int] = field(default_factory=dict)
    broken_lines: int = 0


@dataclass(frozen=True)
class Workload:
    """``columns`` are the requests in order of time, all within [``begins``, ``ends``), whole days
    from the first one.

    ``model`` of a request is canonical where the price book knows it; ``client`` is never empty.
    ``profile`` are requests with the exact proportions of the usage. ``slots`` is by request its
    hour of the week (Monday 0:00 is 0) in ``zone``, ``kinds`` which usage classes it has at all,
    as bits.
    """

    kind: str
    origin: Origin
    columns: Columns
    profile: Columns
    begins: int
    ends: int
    zone: str
    slots: array[int]
    kinds: array[int]

    @property
    def requests(self) -> Sequence[LoggedRequest]:
        return self.columns

    @property
    def days(self) -> int:
        return -((self.begins - self.ends) // DAY)

    @property
    def months(self) -> Fraction:
        return Fraction(self.days, MONTH_DAYS)

    @cached_property
    def models(self) -> list[str]:
        """Every model of the usage, the most asked first."""
        names = self.columns.models
        counts = np.bincount(self.columns.model, minlength=len(names)).tolist()
        asked = {model: count for model, count in zip(names, counts, strict=True) if count}
        return sorted(asked, key=lambda model: (-asked[model], model))


def of_logs(
    found: Sequence[LoggedRequest], origin: Origin, book: PriceBook, zone: str, months: int | None = None
) -> Workload:
    """The usage of logs, ``found`` in order of time; with ``months`` no more than its last
    ``months`` × 30 days.

    Raises EmptyUsage.
    """
    if not len(found):
        raise EmptyUsage
    columns = columns_of(found)
    if months is not None:
        columns = columns.since(bisect_right(columns.at, columns.at[-1] - months * MONTH_DAYS * DAY))
    models = [known_model(model, book) for model in columns.models]
    columns = renamed(columns, models, [client or CLIENT for client in columns.clients])
    begins = columns.at[0]
    ends = begins + ((columns.at[-1] - begins) // DAY + 1) * DAY
    return _workload("logs", origin, columns, columns, (begins, ends), zone)


def of_mix(mix: Mix, book: PriceBook) -> Workload:
    """The usage of the standard mix."""
    known = replace(mix, model=known_model(mix.model, book))
    columns = columns_of(list(month_of_work(known)))
    if not columns:
        raise EmptyUsage
    cycle = columns_of(one_cycle(known))
    return _workload("mix", Origin("standard"), columns, cycle, known.span, mix.zone)


def _workload(
    kind: str, origin: Origin, columns: Columns, profile: Columns, span: tuple[int, int], zone: str
) -> Workload:
    return Workload(kind, origin, columns, profile, *span, zone, slots_of(columns, zone), kinds_of(columns))


def known_model(name: str, book: PriceBook) -> str:
    """``name`` as the price book knows it, also with a date behind it or marks of a tool; else
    ``name`` itself."""
    plain = _MARKED.sub("", name.strip())
    dated = _DATED.match(plain)
    tried = [name, plain, plain.lower(), *([dated[1], dated[1].lower()] if dated else [])]
    for each in (*tried, *(one.replace(".", "-") for one in tried), *map(_dotted, tried)):
        if book.find(each) is not None:
            return book.canonical(each)
    return name


def _dotted(name: str) -> str:
    """``claude-sonnet-4-5`` as ``claude-sonnet-4.5``."""
    return re.sub(r"(\d)-(\d)(?!\d)", r"\1.\2", name)


def kinds_of(columns: Columns) -> array[int]:
    """Which classes each request has at all, as bits in the order of USAGE_CLASSES."""
    bits = np.zeros(len(columns), dtype=np.uint16)
    for index in range(len(USAGE_CLASSES)):
        bits |= (columns.usage[:, index] > 0).astype(np.uint16) << np.uint16(index)
    return array("H", bits.tobytes())


OPENS = 1 << USAGE_CLASSES.index("prompts")
"""The bit of ``kinds`` that says: opens a prompt."""


def slots_of(columns: Columns, zone: str) -> array[int]:
    """Hour of the week of every request, Monday 0:00 in ``zone`` being 0."""
    quarters, places = np.unique(columns.instants // _QUARTER, return_inverse=True)
    slots = []
    for quarter in quarters.tolist():
        local = to_datetime(quarter * _QUARTER, zone)
        slots.append(local.weekday() * 24 + local.hour)
    return array("B", np.array(slots, dtype=np.uint8)[places].tobytes())


def by_hour(slots: array[int]) -> list[list[int]]:
    """Counts as 7 days × 24 hours."""
    counts = np.bincount(np.frombuffer(slots, dtype=np.uint8), minlength=HOURS_A_WEEK).tolist()
    return [counts[day * 24 : day * 24 + 24] for day in range(7)]
