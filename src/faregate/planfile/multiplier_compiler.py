"""Multipliers of a document as core terms.

Owns this translation only.
"""

from __future__ import annotations

from faregate.core.amounts import NANO
from faregate.core.terms import (
    ByModel,
    BySchedule,
    BySegment,
    Multiplier,
    Progressive,
    TimeBand,
)
from faregate.planfile.document import FamilyDocument
from faregate.planfile.document_limits import (
    BandTimes,
    MultiplierByModel,
    MultiplierBySchedule,
    MultiplierBySegment,
    MultiplierByUse,
)
from faregate.planfile.model_lists import expand

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Written = MultiplierByModel | MultiplierBySchedule | MultiplierBySegment | MultiplierByUse


def compile_multiplier(name: str, rule: Written, document: FamilyDocument) -> Multiplier:
    """The multiplier ``name`` for the engine."""
    if isinstance(rule, MultiplierByModel):
        return ByModel(
            name,
            tuple((item.id, value.times) for value in rule.values for item in expand(value.models, document.models)),
        )
    if isinstance(rule, MultiplierBySchedule):
        return BySchedule(
            name,
            tuple((value.since or 0, value.times) for value in rule.values),
            rule.zone or document.zone,
            tuple(_band(band) for band in rule.bands),
        )
    if isinstance(rule, MultiplierBySegment):
        return BySegment(name, tuple((value.segment, value.times) for value in rule.values))
    return _progressive(name, rule, document)


def _band(band: BandTimes) -> TimeBand:
    days = band.days or _WEEKDAYS
    return TimeBand(band.from_, band.until, frozenset(_WEEKDAYS.index(day) for day in days), band.times)


def _progressive(name: str, rule: MultiplierByUse, document: FamilyDocument) -> Progressive:
    bounds = [bracket.up_to for bracket in rule.brackets]
    currency = next(bound.unit for bound in bounds if bound is not None)
    return Progressive(
        name,
        rule.every,
        rule.zone or document.zone,
        currency,
        tuple(
            (None if bound is None else round(bound.amount * NANO), bracket.times)
            for bound, bracket in zip(bounds, rule.brackets, strict=True)
        ),
    )
