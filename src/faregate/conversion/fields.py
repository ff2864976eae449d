"""Reading bodies: typed looks into decoded JSON, and the book-keeping of what was and was not carried.

Owns the checks; says what is wrong and where. Does not know any dialect.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from faregate.conversion.ask import JsonObject, NotCarried


class BadField(NotCarried):
    """A field that is not what its dialect says."""

    code = "bad_field"


def text_at(record: JsonObject, name: str, where: str, default: str | None = None) -> str:
    """The text at ``name``. Raises BadField."""
    found = record.get(name, default)
    if not isinstance(found, str):
        raise BadField(f"{where}.{name}" if where else name, "is to be a text")
    return found


def list_at(record: JsonObject, name: str, where: str = "") -> list[Any]:
    """The list at ``name``, empty where it is missing or null. Raises BadField."""
    found = record.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise BadField(f"{where}.{name}" if where else name, "is to be a list")
    return found


def object_of(value: Any, where: str) -> JsonObject:
    """``value`` where it is an object. Raises BadField."""
    if not isinstance(value, dict):
        raise BadField(where, "is to be an object")
    return value


def whole_at(record: JsonObject, name: str) -> int | None:
    """The whole number at ``name``, or None. Raises BadField."""
    found = record.get(name)
    if found is None or (isinstance(found, int) and not isinstance(found, bool)):
        return found
    raise BadField(name, "is to be a whole number")


def number_at(record: JsonObject, name: str) -> float | int | None:
    """The number at ``name``, or None. Raises BadField."""
    found = record.get(name)
    if found is None or (isinstance(found, int | float) and not isinstance(found, bool)):
        return found
    raise BadField(name, "is to be a number")


def left_out(body: JsonObject, carried: Iterable[str], hints: Iterable[str], target: str) -> tuple[str, ...]:
    """The hints that ``body`` has and nobody will see. Raises NotCarried for any other field that is not carried.

    A field that is off, zero or an empty list asks for nothing.
    """
    known, passed = set(carried), set(hints)
    told = []
    for name, value in body.items():
        if name in known or value is None:
            continue
        if name not in passed:
            if value in (False, 0, "", []):
                continue
            raise NotCarried(name, f"has no counterpart in {target}, so this request cannot be converted")
        told.append(name)
    return tuple(told)


def count_of(value: Any) -> int:
    """``value`` where it is a count above zero; what an upstream leaves out or writes wrongly counts nothing."""
    return value if isinstance(value, int) and value > 0 else 0


def object_or_empty(value: Any) -> JsonObject:
    """``value`` where it is an object; of an upstream's answer what is none is taken for an empty one."""
    return value if isinstance(value, dict) else {}


def text_or_none(record: JsonObject, name: str) -> str:
    """The text at ``name``, '' where it is missing or null. Raises BadField."""
    return "" if record.get(name) is None else text_at(record, name, "")


def cache_of(record: JsonObject) -> str | None:
    """The cache mark on a part: ``5m`` or ``1h``, else None."""
    control = record.get("cache_control")
    if not isinstance(control, dict):
        return None
    return "1h" if control.get("ttl") == "1h" else "5m"


def records_of(value: Any) -> list[JsonObject]:
    """The objects in ``value`` where it is a list; anything else is passed by."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def place_of(value: Any) -> int | str | None:
    """``value`` as a number or name that a stream counts by; what is neither is one place of its own."""
    return value if value is None or isinstance(value, int | str) else "?"


def without_nothing(record: Mapping[str, Any]) -> JsonObject:
    """``record`` without what is None."""
    return {name: value for name, value in record.items() if value is not None}
