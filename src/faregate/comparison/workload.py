"""The usage that is compared: its requests in order of time, its span, and what it adds up to.

Owns names of models as the price book knows them, the facts shown of the usage, and what is worked out once for all
plans. Does not replay, nor read files.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import islice
from operator import itemgetter
from typing import overload

from faregate.comparison.mix import CLIENT, Mix, month_of_work, one_cycle
from faregate.comparison.money import Money, text
from faregate.comparison.result import ModelUse, TokenCounts, UsageFacts
from faregate.core.amounts import decimal_text, round_half_even
from faregate.core.instants import DAY, MINUTE, render_instant, to_datetime
from faregate.core.logged_request import LoggedRequest
from faregate.core.usage import USAGE_CLASSES, Usage
from faregate.ratecards import PriceBook

MONTH_DAYS = 30
HOURS_A_WEEK = 7 * 24
MOST_HELD = 200_000
"""So many requests are held as they are; more are made anew from the logs' columns each time they are asked for."""
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
    """Where the usage comes from: ``tools`` are the readers that recognised files, with how many."""

    name: str
    files: int = 0
    tools: Mapping[str, int] = field(default_factory=dict)
    broken_lines: int = 0


@dataclass(frozen=True, slots=True)
class Workload:
    """``requests`` in order of time, all within [``begins``, ``ends``), whole days from the first one.

    ``model`` of a request is canonical where the price book knows it; ``client`` is never empty. ``profile`` are
    requests with the exact proportions of the usage. ``slots`` is by request its hour of the week (Monday 0:00 is
    0) in ``zone``, ``kinds`` which usage classes it has at all, as bits.
    """

    kind: str
    origin: Origin
    requests: Sequence[LoggedRequest]
    profile: Sequence[LoggedRequest]
    begins: int
    ends: int
    zone: str
    slots: Sequence[int]
    kinds: Sequence[int]

    @property
    def days(self) -> int:
        return -((self.begins - self.ends) // DAY)

    @property
    def months(self) -> Fraction:
        return Fraction(self.days, MONTH_DAYS)

    @property
    def models(self) -> list[str]:
        """Every model of the usage, the most asked first."""
        counts: dict[str, int] = {}
        for request in self.requests:
            counts[request.model] = counts.get(request.model, 0) + 1
        return sorted(counts, key=lambda model: (-counts[model], model))


def of_logs(
    found: Sequence[LoggedRequest], origin: Origin, book: PriceBook, zone: str, months: int | None = None
) -> Workload:
    """The usage of logs, ``found`` in order of time; with ``months`` no more than its last ``months`` × 30 days.

    Raises EmptyUsage.
    """
    if not found:
        raise EmptyUsage
    since = found[-1].at - months * MONTH_DAYS * DAY if months is not None else None
    first = 0 if since is None else bisect_right(found, since, key=itemgetter(0))
    known = Renamed(found, first, book)
    requests = list(known) if len(known) <= MOST_HELD else known
    begins = requests[0].at
    ends = begins + ((requests[-1].at - begins) // DAY + 1) * DAY
    return _workload("logs", origin, requests, requests, (begins, ends), zone)


class Renamed(Sequence[LoggedRequest]):
    """Requests from index ``first`` on, under the names that ``book`` knows; each is made when it is asked for."""

    def __init__(self, found: Sequence[LoggedRequest], first: int, book: PriceBook) -> None:
        self._found, self._first, self._book = found, first, book
        self._names: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._found) - self._first

    @overload
    def __getitem__(self, index: int) -> LoggedRequest: ...

    @overload
    def __getitem__(self, index: slice) -> list[LoggedRequest]: ...

    def __getitem__(self, index: int | slice) -> LoggedRequest | list[LoggedRequest]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        return self._made(self._found[index + self._first if index >= 0 else index])

    def __iter__(self) -> Iterator[LoggedRequest]:
        return map(self._made, islice(self._found, self._first, None))

    def _made(self, request: LoggedRequest) -> LoggedRequest:
        model = self._names.get(request.model)
        if model is None:
            model = self._names[request.model] = known_model(request.model, self._book)
        return LoggedRequest(request.at, model, request.usage, request.client or CLIENT, request.session)


def of_mix(mix: Mix, book: PriceBook) -> Workload:
    """The usage of the standard mix."""
    known = replace(mix, model=known_model(mix.model, book))
    requests = list(month_of_work(known))
    if not requests:
        raise EmptyUsage
    return _workload("mix", Origin("standard"), requests, one_cycle(known), known.span, mix.zone)


def _workload(
    kind: str,
    origin: Origin,
    requests: Sequence[LoggedRequest],
    profile: Sequence[LoggedRequest],
    span: tuple[int, int],
    zone: str,
) -> Workload:
    slots = slots_of(requests, zone)
    kinds = array("H", (kind_of(request.usage) for request in requests))
    return Workload(kind, origin, requests, profile, *span, zone, slots, kinds)


def known_model(name: str, book: PriceBook) -> str:
    """``name`` as the price book knows it, also with a date behind it or marks of a tool; else ``name`` itself."""
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


def kind_of(usage: Usage) -> int:
    """Which classes ``usage`` has at all, as bits in the order of USAGE_CLASSES."""
    bits = 0
    for index, amount in enumerate(usage):
        if amount:
            bits |= 1 << index
    return bits


OPENS = 1 << USAGE_CLASSES.index("prompts")
"""The bit of ``kinds`` that says: opens a prompt."""


def slots_of(requests: Iterable[LoggedRequest], zone: str) -> Sequence[int]:
    """Hour of the week of every request, Monday 0:00 in ``zone`` being 0."""
    known: dict[int, int] = {}
    slots = array("B")
    for request in requests:
        quarter = request.at // _QUARTER
        slot = known.get(quarter)
        if slot is None:
            local = to_datetime(quarter * _QUARTER, zone)
            slot = known[quarter] = local.weekday() * 24 + local.hour
        slots.append(slot)
    return slots


def by_hour(slots: Iterable[int]) -> list[list[int]]:
    """Counts as 7 days × 24 hours."""
    counts = [0] * HOURS_A_WEEK
    for slot in slots:
        counts[slot] += 1
    return [counts[day * 24 : day * 24 + 24] for day in range(7)]


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


def facts_of(workload: Workload, book: PriceBook, money: Money) -> UsageFacts:
    """What was replayed, priced at list prices in force at each request."""
    totals: dict[str, list[int]] = {}
    native: dict[str, int] = {}
    whole = 0
    for at, model, usage, _, _ in workload.requests:
        sums = totals.setdefault(model, [0] * len(USAGE_CLASSES))
        for index, amount in enumerate(usage):
            if amount:
                sums[index] += amount
        card = book.card(model)
        if card is not None:
            numerator, denominator = card.version_at(at).list_value(usage)
            native[model] = native.get(model, 0) + round_half_even(numerator, denominator)
            whole += money.convert(numerator, denominator, card.currency, at)
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
        "requests": len(workload.requests),
        "prompts": sum(request.usage.prompts for request in workload.requests),
        "sessions": len({request.session for request in workload.requests if request.session}),
        "tokens": counts_of([sum(column) for column in zip(*totals.values(), strict=True)]),
        "list_value": text(whole),
        "models": models,
        "unpriced_models": [model for model in workload.models if book.card(model) is None],
    }


def _model_use(model: str, totals: Sequence[int], value: int | None, book: PriceBook) -> ModelUse:
    card = book.card(model)
    return {
        "model": model,
        "requests": totals[USAGE_CLASSES.index("requests")],
        "tokens": counts_of(totals),
        "list_value": text(value) if value is not None else None,
        "currency": card.currency if card is not None else None,
    }
