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
    """The hints that ``body`` has and nobody will see. Raises NotCarried for any other field that is not carried."""
    known, passed = set(carried), set(hints)
    told = []
    for name, value in body.items():
        if name in known or value is None:
            continue
        if name not in passed:
            raise NotCarried(name, f"has no counterpart in {target}, so this request cannot be converted")
        told.append(name)
    return tuple(told)


def count_of(value: Any) -> int:
    """``value`` where it is a count above zero; what an upstream leaves out or writes wrongly counts nothing."""
    return value if isinstance(value, int) and value > 0 else 0


def object_or_empty(value: Any) -> JsonObject:
    """``value`` where it is an object; of an upstream's answer what is none is taken for an empty one."""
    return value if isinstance(value, dict) else {}


def without_nothing(record: Mapping[str, Any]) -> JsonObject:
    """``record`` without what is None."""
    return {name: value for name, value in record.items() if value is not None}
