"""The scalars of the language: exact numbers, quantities, instants, lengths, zones, ids.

Owns how each is written and read. Every reader takes the text as it stands in the file; nothing passes through a
float. Does not know which units a file defines (semantic checks do).
"""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from typing import Annotated, Any, NamedTuple
from zoneinfo import available_timezones

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from faregate.core import instants
from faregate.core.amounts import decimal_text, fraction
from faregate.core.errors import BadAmount
from faregate.planfile.problem import did_you_mean

CURRENCIES = frozenset(
    (
        *("AED", "AUD", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF"),
        *("IDR", "ILS", "INR", "JPY", "KRW", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "RUB"),
        *("SAR", "SEK", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "ZAR"),
    )
)
_EXACT = re.compile(r"[+-]?\d+(\.\d+)?( ?/ ?\d+(\.\d+)?)?%?")
_QUANTITY = re.compile(
    r"([+-]?\d+(?:\.\d+)?(?: ?/ ?\d+(?:\.\d+)?)?)([KM]?) +([A-Za-z][A-Za-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)"
)
_LENGTH = re.compile(r"([1-9]\d*)(s|m|h|d)")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_TIME = re.compile(r"([01]\d|2[0-4]):([0-5]\d)")
_ADDRESS = re.compile(r"https?://\S+")
_FIGURE = re.compile(r"price|(windows|pools|facts)\.[a-z0-9_-]+|mixes\.[a-z0-9_-]+(\.uncached)?")
_THOUSANDS = {"": 1, "K": 1000, "M": 1_000_000}
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


class Quantity(NamedTuple):
    """An exact amount of a unit, as written (the unit's plural brought to the singular)."""

    amount: Fraction
    unit: str

    def __str__(self) -> str:
        return f"{decimal_text(self.amount)} {self.unit}"


def wrong(code: str, what: str, mend: str) -> PydanticCustomError:
    """A failure of one scalar, with the mending in its context."""
    return PydanticCustomError("faregate", "{what}", {"code": code, "what": what, "mend": mend})


def singular(unit: str) -> str:
    """``requests`` as ``request``; currencies and unknown words as they are."""
    unit, per, below = unit.partition("/")
    return (unit[:-1] if unit.endswith("s") and unit.islower() else unit) + per + below


def _text(value: Any, wanted: str) -> str:
    if isinstance(value, str):
        return value.strip()
    found = {dict: "a mapping", list: "a list", type(None): "nothing"}.get(type(value), "something else")
    raise wrong("wrong_type", f"Here stands {found} where {wanted} belongs", f"Write {wanted}")


def read_exact(value: Any) -> Fraction:
    """``12.5``, ``1/39.6`` or ``20%``."""
    text = _text(value, "a number")
    if not _EXACT.fullmatch(text):
        raise wrong("bad_number", f"{text!r} is not an exact number", "Write digits: 12.5, 1/39.6 or 20%")
    percent = text.endswith("%")
    try:
        number = fraction(text.rstrip("%"))
    except BadAmount as problem:
        raise wrong("bad_number", f"{text!r} divides by zero", "Write another divisor") from problem
    return number / 100 if percent else number


def read_positive(value: Any) -> Fraction:
    """An exact number that is not negative."""
    number = read_exact(value)
    if number < 0:
        raise wrong("negative", f"{value} is negative", "Write 0 or more")
    return number


def read_factor(value: Any) -> Fraction | str:
    """An exact number that is not negative, or the name of a figure."""
    text = _text(value, "a number or a figure")
    return text if _FIGURE.fullmatch(text) else read_positive(text)


def read_count(value: Any) -> int:
    """A whole number, 1 or more."""
    number = read_exact(value)
    if number.denominator != 1 or number < 1:
        raise wrong("bad_count", f"{value} is not a whole number from 1 on", "Write 1, 2, 3 …")
    return number.numerator


def read_length_count(value: Any) -> int:
    """A whole number, 0 or more (a length in tokens)."""
    number = read_exact(value)
    if number.denominator != 1 or number < 0:
        raise wrong("bad_count", f"{value} is not a whole number from 0 on", "Write 0, 1, 2 …")
    return number.numerator


def read_quantity(value: Any) -> Quantity:
    """``20 USD``, ``1000 requests``, ``10M tokens``; not negative."""
    text = _text(value, "an amount with its unit")
    match = _QUANTITY.fullmatch(text)
    if match is None:
        bare = _EXACT.fullmatch(text) is not None
        what = f"{text!r} has no unit" if bare else f"{text!r} is not an amount with its unit"
        raise wrong("bad_quantity", what, "Write the number, a space and the unit: 20 USD, 1000 requests")
    amount = read_exact(match[1]) * _THOUSANDS[match[2]]
    if amount < 0:
        raise wrong("negative", f"{text!r} is negative", "Write 0 or more")
    return Quantity(amount, singular(match[3]))


def read_truth(value: Any) -> bool:
    """``true`` or ``false``."""
    text = _text(value, "true or false")
    if text not in {"true", "false"}:
        raise wrong("bad_truth", f"{text!r} is neither true nor false", "Write true or false")
    return text == "true"


def read_instant(value: Any) -> int:
    """Microseconds UTC of an RFC 3339 instant, or of a date's first moment in UTC."""
    text = _text(value, "an instant")
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        text += "T00:00:00Z"
    try:
        return instants.parse_instant(text)
    except ValueError as problem:
        mend = "Write 2026-03-04T00:00:00+08:00, or a date 2026-03-04 (UTC)"
        raise wrong("bad_instant", f"{text!r} is not an instant with a time zone", mend) from problem


def read_length(value: Any) -> int:
    """Microseconds of ``60s``, ``30m``, ``5h`` or ``7d``."""
    text = _text(value, "a length of time")
    match = _LENGTH.fullmatch(text)
    if match is None:
        mend = "Write a whole number and s, m, h or d: 60s, 5h, 7d"
        raise wrong("bad_length", f"{text!r} is not a length of time", mend)
    return int(match[1]) * _SECONDS[match[2]] * instants.SECOND


def read_period(value: Any) -> str:
    """``month``, ``year``, ``none`` or whole days as ``30d``."""
    text = _text(value, "a period")
    if text in {"month", "year", "none"} or re.fullmatch(r"[1-9]\d{0,4}d", text):
        return text
    raise wrong("bad_period", f"{text!r} is not a period", "Write month, year, none or days as 30d")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def read_zone(value: Any) -> str:
    """A time zone by its IANA name."""
    text = _text(value, "a time zone")
    zones = _zones()
    if text not in zones:
        mend = did_you_mean(text, zones, "Write an IANA name such as Asia/Shanghai or UTC")
        raise wrong("unknown_zone", f"There is no time zone {text!r}", mend)
    return text


def read_currency(value: Any) -> str:
    """A currency by its ISO 4217 code."""
    text = _text(value, "a currency")
    if text not in CURRENCIES:
        mend = did_you_mean(text, CURRENCIES, "Write its ISO 4217 code, such as USD or CNY")
        raise wrong("unknown_currency", f"There is no currency {text!r}", mend)
    return text


def read_id(value: Any) -> str:
    """Small letters, digits, ``-`` and ``_``."""
    text = _text(value, "an id")
    if not _ID.fullmatch(text):
        mend = "Use small letters, digits, - and _, beginning with a letter or digit"
        raise wrong("bad_id", f"{text!r} is not an id", mend)
    return text


def read_words(value: Any) -> str:
    """Any text that is not empty."""
    text = _text(value, "text")
    if not text:
        raise wrong("empty_text", "The text is empty", "Write it, or leave the key out")
    return text


def read_address(value: Any) -> str:
    """A web address."""
    text = _text(value, "an address")
    if not _ADDRESS.fullmatch(text):
        raise wrong("bad_address", f"{text!r} is not a web address", "Write it with https://")
    return text


def read_minute(value: Any) -> int:
    """Minutes after midnight of ``HH:MM``; ``24:00`` is the end of the day."""
    text = _text(value, "a time of day")
    match = _TIME.fullmatch(text)
    minute = int(match[1]) * 60 + int(match[2]) if match else 1441
    if minute > 1440:
        mend = "Write it in quotes, from '00:00' to '24:00'"
        raise wrong("bad_time", f"{text!r} is not a time of day", mend)
    return minute


def _number_schema(text: str, example: str) -> dict[str, Any]:
    return {
        "anyOf": [{"type": "number"}, {"type": "string", "pattern": r"^[+-]?\d"}],
        "description": text,
        "examples": [example],
    }


def _text_schema(pattern: str, *examples: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern, "examples": list(examples)}


_AS_TEXT = PlainSerializer(decimal_text, return_type=str)
Exact = Annotated[
    Fraction,
    PlainValidator(read_positive),
    _AS_TEXT,
    WithJsonSchema(_number_schema("An exact number: digits, n/d, or a percentage.", "1/39.6")),
]
Factor = Annotated[
    Fraction | str,
    PlainValidator(read_factor),
    PlainSerializer(lambda factor: factor if isinstance(factor, str) else decimal_text(factor), return_type=str),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number"},
                {"type": "string", "pattern": r"^([+-]?\d|price$|(windows|pools|facts|mixes)\.)"},
            ],
            "description": "An exact number, or the name of a figure.",
            "examples": ["30/7", "facts.week"],
        }
    ),
]
Count = Annotated[int, PlainValidator(read_count), WithJsonSchema(_number_schema("A whole number from 1 on.", "2"))]
LengthCount = Annotated[
    int,
    PlainValidator(read_length_count),
    WithJsonSchema(_number_schema("A whole number from 0 on.", "32000")),
]
Amount = Annotated[
    Quantity,
    PlainValidator(read_quantity),
    PlainSerializer(str, return_type=str),
    WithJsonSchema(
        _text_schema(
            r"^\d+(\.\d+)?( ?/ ?\d+(\.\d+)?)?[KM]? +[A-Za-z][A-Za-z0-9_-]*(/[a-z][a-z0-9_-]*)?$",
            "20 USD",
            "10M tokens",
        )
    ),
]
Truth = Annotated[bool, PlainValidator(read_truth), WithJsonSchema({"type": "boolean"})]
Instant = Annotated[
    int,
    PlainValidator(read_instant),
    WithJsonSchema(_text_schema(r"^\d{4}-\d\d-\d\d", "2026-03-04T00:00:00+08:00", "2026-03-04")),
]
Length = Annotated[
    int, PlainValidator(read_length), WithJsonSchema(_text_schema(r"^[1-9]\d*[smhd]$", "60s", "5h", "7d"))
]
Period = Annotated[
    str,
    PlainValidator(read_period),
    WithJsonSchema(_text_schema(r"^(month|year|none|[1-9]\d*d)$", "month", "30d", "none")),
]
Zone = Annotated[str, PlainValidator(read_zone), WithJsonSchema(_text_schema(r"^\S+$", "Asia/Shanghai", "UTC"))]
Currency = Annotated[
    str, PlainValidator(read_currency), WithJsonSchema({"type": "string", "enum": sorted(CURRENCIES)})
]
Id = Annotated[str, PlainValidator(read_id), WithJsonSchema(_text_schema(r"^[a-z0-9][a-z0-9_-]*$", "main"))]
Words = Annotated[str, PlainValidator(read_words), WithJsonSchema({"type": "string", "minLength": 1})]
Address = Annotated[str, PlainValidator(read_address), WithJsonSchema(_text_schema(r"^https?://\S+$"))]
Minute = Annotated[int, PlainValidator(read_minute), WithJsonSchema(_text_schema(r"^\d\d:\d\d$", "08:00"))]
