"""Usage rows and the sums of them, by hour and model and by day, key and client: projections of settlements.

Owns their shapes and the one way to add a row into a sum, used when books are written and when they are verified.
Does not know how settlements become rows, nor how either is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from faregate.app.upstream_costs import UpstreamCost, drawn_by_upstream
from faregate.core.instants import DAY
from faregate.core.usage import Usage

HOUR_MICROSECONDS = 3_600_000_000
NO_USAGE = Usage(requests=0)


class Drawn(NamedTuple):
    """What one source paid: ``amount`` in the smallest part of ``unit``; ``pool`` is None where there is none."""

    source: str
    pool: str | None
    unit: str
    amount: int


class UsageRow(NamedTuple):
    """One settled request of an account.

    ``key`` is the id of the API key ('' when there was none); ``at`` is the settlement, microseconds UTC;
    ``list_value`` is in nano ``currency``, the currency '' where the model has no list price; ``outcome`` is the
    settlement's word for how the request ended; ``estimated`` says that the usage was not reported but estimated;
    ``hold_seq`` and ``settle_seq`` are the account's journal entries that tell the rest; ``cost`` is what the
    upstream was paid, None where nobody knows.
    """

    request: str
    account: str
    key: str
    at: int
    model: str
    client: str
    upstream: str
    usage: Usage
    list_value: int
    currency: str
    drawn: tuple[Drawn, ...]
    outcome: str
    estimated: bool
    hold_seq: int
    settle_seq: int
    cost: UpstreamCost | None = None


class RollupKey(NamedTuple):
    """``hour`` counts whole hours since the epoch, UTC. It comes first: sums of one hour are written together."""

    hour: int
    account: str
    model: str


class CallerKey(NamedTuple):
    """``day`` counts whole days since the epoch, UTC; ``key`` is the id of an API key, '' for none."""

    day: int
    key: str
    client: str


Counted = tuple[Sequence[int], bool, int, str, Sequence[tuple[str, str | None, str, int]]]
"""What of a usage row goes into a sum: its usage, estimated, list_value, currency, drawn."""


def rollup_key(row: UsageRow) -> RollupKey:
    return RollupKey(row.at // HOUR_MICROSECONDS, row.account, row.model)


def caller_key(row: UsageRow) -> CallerKey:
    return CallerKey(row.at // DAY, row.key, row.client)


@dataclass(slots=True)
class Rollup:
    """Sums over the usage rows of one RollupKey, or of one CallerKey.

    ``usage`` is the sum by class; ``estimated`` counts the rows whose usage was estimated; ``list_values`` is nano
    amount by currency; ``drawn`` is amount by (source, unit), costs of upstreams among them. Refused requests are
    not counted: they leave no entry in the journal, and a rollup must follow from the journal alone.
    """

    usage: Usage = NO_USAGE
    estimated: int = 0
    list_values: dict[str, int] = field(default_factory=dict)
    drawn: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, row: UsageRow) -> None:
        """Take one more row into the sums."""
        drawn: list[tuple[str, str | None, str, int]] = list(row.drawn)
        if row.cost is not None:
            drawn += drawn_by_upstream(row.upstream, row.cost, row.list_value, row.currency)
        self.add_all([(row.usage, row.estimated, row.list_value, row.currency, drawn)])

    def add_all(self, settled: Sequence[Counted]) -> None:
        """Take more settlements into the sums."""
        self.usage = Usage._make(map(sum, zip(self.usage, *[each[0] for each in settled], strict=True)))
        values, drawn = self.list_values, self.drawn
        for _, estimated, value, currency, pieces in settled:
            if estimated:
                self.estimated += 1
            if currency:
                values[currency] = values.get(currency, 0) + value
            for source, _, unit, amount in pieces:
                drawn[source, unit] = drawn.get((source, unit), 0) + amount


class CallerSums(NamedTuple):
    """Sums of one account by day, key and client that hold its journal up to entry ``through``."""

    through: int
    sums: dict[CallerKey, Rollup]
