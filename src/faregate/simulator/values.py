"""The values of a usage file: how each kind of field is written, checked and described.

Owns reading one JSON value, exactly; numbers never pass through a binary fraction. Does not know which lines have
which fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any, NamedTuple

from faregate.core.amounts import fraction
from faregate.core.errors import BadAmount
from faregate.core.instants import parse_instant
from faregate.simulator.phrase import Phrase

LARGEST_COUNT = 10**12
FIRST_YEAR, LAST_YEAR = 1970, 2999
_INSTANT = re.compile(r"(\d{4})-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)(?: *([A-Za-z]{2,}))?")
_FACTOR = re.compile(r"\d+(\.\d+)?( ?/ ?\d+(\.\d+)?)?")


class NumberText(str):
    """A JSON number with a fraction or exponent, as it was written."""

    __slots__ = ()


class Written(NamedTuple):
    """An amount as written: an exact decimal, with its unit where one was given."""

    text: str
    unit: str | None


class Kind(NamedTuple):
    """One kind of value. ``read`` raises ValueError; ``wanted`` is the phrase of what to write."""

    read: Callable[[Any], Any]
    wanted: Phrase
    schema: dict[str, Any]


def found(value: object) -> str:
    """``value`` as a complaint shows it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, NumberText):
        return str(value)
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "…"


def _read_instant(value: Any) -> int:
    match = _INSTANT.fullmatch(value) if type(value) is str else None
    if match is None or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
        raise ValueError
    return parse_instant(value.upper())


def _read_text(value: Any) -> str:
    if type(value) is not str or not value.strip() or len(value) > 512 or not value.isprintable():
        raise ValueError
    return value


def _read_count(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= LARGEST_COUNT:
        raise ValueError
    return value


def _read_calls(value: Any) -> int:
    if _read_count(value) == 0:
        raise ValueError
    return int(value)


def _read_whole(value: Any) -> int:
    if type(value) is not int or abs(value) > 1_000_000:
        raise ValueError
    return value


def _read_truth(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError
    return value


def _number(value: Any) -> str:
    """A JSON number or a string as plain text."""
    if isinstance(value, NumberText):
        if "e" in value.lower():
            raise ValueError
        return str(value)
    if type(value) is int:
        return str(value)
    if type(value) is str:
        return value.strip()
    raise ValueError


def _read_amount(value: Any) -> Written:
    match = _AMOUNT.fullmatch(_number(value))
    if match is None or len(match[1]) > 40 or fraction(match[1]) <= 0:
        raise ValueError
    return Written(match[1], match[2])


def _read_factor(value: Any) -> Fraction:
    text = _number(value)
    if _FACTOR.fullmatch(text) is None or len(text) > 40:
        raise ValueError
    try:
        return fraction(text)
    except BadAmount as problem:
        raise ValueError from problem


def _read_mode(value: Any) -> bool:
    if value not in ("automatic", "manual"):
        raise ValueError
    return bool(value == "automatic")


_EXAMPLE = "2026-03-01T10:00:00Z"
_DIGITS = r"^[0-9]+(\.[0-9]+)?"

INSTANT = Kind(
    _read_instant,
    Phrase("wanted_instant"),
    {"type": "string", "format": "date-time", "examples": [_EXAMPLE]},
)
TEXT = Kind(_read_text, Phrase("wanted_text"), {"type": "string", "minLength": 1, "maxLength": 512})
COUNT = Kind(
    _read_count,
    Phrase("wanted_count"),
    {"type": "integer", "minimum": 0, "maximum": LARGEST_COUNT},
)
CALLS = Kind(
    _read_calls,
    Phrase("wanted_calls"),
    {"type": "integer", "minimum": 1, "maximum": LARGEST_COUNT},
)
WHOLE = Kind(
    _read_whole,
    Phrase("wanted_whole"),
    {"type": "integer", "minimum": -1_000_000, "maximum": 1_000_000},
)
TRUTH = Kind(_read_truth, Phrase("wanted_truth"), {"type": "boolean"})
AMOUNT = Kind(
    _read_amount,
    Phrase("wanted_amount"),
    {"anyOf": [{"type": "string", "pattern": _DIGITS + r"( *[A-Za-z]{2,})?$"}, {"type": "number"}]},
)
FACTOR = Kind(
    _read_factor,
    Phrase("wanted_factor"),
    {"anyOf": [{"type": "string", "pattern": _DIGITS + r"( ?/ ?[0-9]+(\.[0-9]+)?)?$"}, {"type": "number"}]},
)
MODE = Kind(_read_mode, Phrase("wanted_mode"), {"enum": ["automatic", "manual"]})
