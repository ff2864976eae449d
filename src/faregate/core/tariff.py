"""Tariffs: what one source charges for one model at one time, compiled to integers.

Owns the product of list price, unit rate, exchange rate and fixed multipliers, with the date until which it holds.
Does not know balances. Quantities are exact: (numerator, denominator) in the smallest parts of a unit.
"""

from __future__ import annotations

from fractions import Fraction
from math import lcm
from typing import NamedTuple

from faregate.core.account import NEVER, Subscription
from faregate.core.amounts import NANO, decimal_text, scale
from faregate.core.instants import MINUTE, calendar_period, to_datetime
from faregate.core.market import Market
from faregate.core.ratecard import CardVersion
from faregate.core.terms import (
    ByModel,
    BySchedule,
    BySegment,
    Meter,
    MeterVersion,
    SourceTerms,
    Terms,
    TimeBand,
)
from faregate.core.usage import Usage
from faregate.core.wildcard import matches

Exact = tuple[int, int]


class Gauge(NamedTuple):
    """A meter compiled for one model and time: quantity = (list value × cost + usage · weights) / denominator.

    ``cost`` and ``weights`` share ``denominator``; ``weights`` is None where only list value counts.
    ``whole`` marks a meter of requests or prompts, which never splits.
    """

    cost: int
    weights: tuple[int, ...] | None
    denominator: int
    whole: bool

    def quantity(self, usage: Usage, list_value: Exact) -> Exact:
        """The quantity of ``usage`` priced at ``list_value`` (10⁻⁹ of the card's currency), exact."""
        numerator, denominator = list_value
        cost, weights, own_denominator, _ = self
        if weights is None:
            return numerator * cost, denominator * own_denominator
        # Written out: a loop takes twice as long.
        counted = (
            weights[0] * usage[0]
            + weights[1] * usage[1]
            + weights[2] * usage[2]
            + weights[3] * usage[3]
            + weights[4] * usage[4]
            + weights[5] * usage[5]
            + weights[6] * usage[6]
            + weights[7] * usage[7]
            + weights[8] * usage[8]
        )
        return numerator * cost + counted * denominator, denominator * own_denominator


class Tariff(NamedTuple):
    """What a source charges before progressive brackets. ``card`` is None where no list price is known."""

    card: CardVersion | None
    currency: str | None
    gauge: Gauge
    multiplier: Fraction
    factors: tuple[tuple[str, str], ...]
    valid_until: int


class NoPrice(Exception):
    """The meter needs a list price and there is none for the model, or no exchange rate for its currency."""


def exchange_rate(terms: Terms, currency: str, target: str, at: int) -> tuple[Fraction, int]:
    """Units of ``target`` for one of ``currency`` by the plan's dated rates, and when that changes."""
    if currency == target:
        return Fraction(1), NEVER
    for base, quote, dated in terms.exchange:
        if {base, quote} == {currency, target}:
            rate, until = _dated(dated, at)
            return (rate if base == currency else 1 / rate), until
    raise NoPrice(f"no exchange rate from {currency} to {target}")


def _dated(values: tuple[tuple[int, Fraction], ...], at: int) -> tuple[Fraction, int]:
    chosen, until = values[0][1], NEVER
    for effective_from, value in values:
        if effective_from <= at:
            chosen = value
        else:
            until = effective_from
            break
    return chosen, until


def compile_gauge(
    meter: Meter,
    terms: Terms,
    currency: str | None,
    multiplier: Fraction,
    at: int,
) -> tuple[Gauge, int]:
    """``meter`` for list values in ``currency``, with ``multiplier`` applied; and until when it holds."""
    version: MeterVersion = meter.version_at(at)
    until = min(
        (other.effective_from for other in meter.versions if other.effective_from > at),
        default=NEVER,
    )
    parts = scale(meter.unit)
    cost = Fraction(0)
    if version.cost:
        if currency is None or version.currency is None:
            raise NoPrice("no list price")
        rate, rate_until = exchange_rate(terms, currency, version.currency, at)
        cost = version.cost * rate * multiplier * Fraction(parts, NANO)
        until = min(until, rate_until)
    scaled = multiplier * parts
    by_class = tuple(weight * scaled if weight else weight for weight in version.weights)
    denominator = lcm(cost.denominator, *(weight.denominator for weight in by_class))
    numerators = tuple(int(weight * denominator) for weight in by_class)
    return (
        Gauge(
            int(cost * denominator),
            numerators if any(numerators) else None,
            denominator,
            meter.whole,
        ),
        until,
    )


def compile_tariff(
    subscription: Subscription,
    source: SourceTerms,
    model: str,
    market: Market,
    at: int,
    segments: frozenset[str],
) -> Tariff:
    """The tariff of ``source`` for ``model`` at ``at`` for an account in ``segments``.

    Raises NoPrice when its meter needs a list price that is not to be had.
    """
    terms = subscription.terms
    card = market.card(model, terms.family, terms.version)
    version = card.version_at(at) if card is not None else None
    until = card.changes_after(at) if card is not None else None
    valid_until = until if until is not None else NEVER
    multiplier, factors = Fraction(1), []
    for rule in source.multipliers:
        if isinstance(rule, ByModel):
            value = next((v for pattern, v in rule.values if matches(pattern, model)), Fraction(1))
        elif isinstance(rule, BySegment):
            value = next((v for name, v in rule.values if name in segments), Fraction(1))
        elif isinstance(rule, BySchedule):
            changes = market.schedules.get((terms.plan, rule.name), ())
            value, ends = scheduled_value(rule, changes, at)
            valid_until = min(valid_until, ends)
        else:
            continue
        multiplier *= value
        if value != 1 or isinstance(rule, BySchedule):
            factors.append((rule.name, decimal_text(value)))
    currency = card.currency if card is not None else None
    gauge, ends = compile_gauge(source.meter, terms, currency, multiplier, at)
    return Tariff(version, currency, gauge, multiplier, tuple(factors), min(valid_until, ends))


def scheduled_value(rule: BySchedule, changes: tuple[tuple[int, Fraction], ...], at: int) -> tuple[Fraction, int]:
    """The value of a schedule at ``at`` and when it may next change."""
    dated = tuple(sorted((*rule.values, *changes), key=lambda pair: pair[0]))
    value, until = _dated(dated, at) if dated else (Fraction(1), NEVER)
    if not rule.bands:
        return value, until
    _, next_midnight = calendar_period(at, "day", rule.zone)
    local = to_datetime(at, rule.zone)
    minute = local.hour * 60 + local.minute
    edges = sorted({edge for band in rule.bands for edge in (band.start_minute, band.end_minute)})
    upcoming = [
        at + (edge - minute) * MINUTE - local.second * 1_000_000 - local.microsecond
        for edge in edges
        if edge > minute
    ]
    # Looked at again every quarter of an hour, so that a change of the clocks is never overlooked.
    quarter = at - at % (15 * MINUTE) + 15 * MINUTE
    until = min([until, next_midnight, quarter, *upcoming])
    for band in rule.bands:
        if _in_band(band, minute, local.weekday()):
            return band.value, until
    return value, until


def _in_band(band: TimeBand, minute: int, weekday: int) -> bool:
    if weekday not in band.weekdays:
        return False
    if band.start_minute <= band.end_minute:
        return band.start_minute <= minute < band.end_minute
    return minute >= band.start_minute or minute < band.end_minute
