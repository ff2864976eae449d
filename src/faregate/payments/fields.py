"""JSON that others wrote, read strictly.

Owns the refusal of what two readers could read in two ways (a name twice, NaN), exact numbers, and typed access by
name. Knows no payment provider.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NoReturn


class Unreadable(ValueError):
    """Not the JSON that was expected. The message names the field, never its content."""


class Fields:
    """A JSON object. ``need_…`` raise Unreadable where the field is missing or of another type; the others give None
    for a missing one or null."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data

    def __contains__(self, name: str) -> bool:
        return self._data.get(name) is not None

    def text(self, name: str) -> str | None:
        """A string, not empty; the empty one is none."""
        return self._typed(name, str) or None

    def need_text(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise Unreadable(f"{name} is missing")
        return value

    def name(self, name: str) -> str | None:
        """A string, or a whole number as one: ids that are sometimes numbers."""
        value = self._data.get(name)
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self.text(name)

    def need_name(self, name: str) -> str:
        value = self.name(name)
        if value is None:
            raise Unreadable(f"{name} is missing")
        return value

    def whole(self, name: str) -> int | None:
        """A whole number."""
        value = self._data.get(name)
        if isinstance(value, Decimal) and value == value.to_integral_value():
            value = int(value)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise Unreadable(f"{name} is no whole number")
        return value

    def need_whole(self, name: str) -> int:
        value = self.whole(name)
        if value is None:
            raise Unreadable(f"{name} is missing")
        return value

    def number(self, name: str) -> Decimal | None:
        """A number, exact; written as a number or as a string."""
        value = self._data.get(name)
        if isinstance(value, str):
            try:
                value = Decimal(value)
            except ArithmeticError:
                raise Unreadable(f"{name} is no number") from None
        if isinstance(value, int) and not isinstance(value, bool):
            value = Decimal(value)
        if value is not None and (not isinstance(value, Decimal) or not value.is_finite()):
            raise Unreadable(f"{name} is no number")
        return value

    def truth(self, name: str) -> bool:
        """true; false, null and a missing field are False."""
        return self._typed(name, bool) or False

    def fields(self, name: str) -> Fields | None:
        value = self._typed(name, dict)
        return None if value is None else Fields(value)

    def need_fields(self, name: str) -> Fields:
        value = self.fields(name)
        if value is None:
            raise Unreadable(f"{name} is missing")
        return value

    def reference(self, name: str) -> str | None:
        """The id of an object that is given whole or by its id alone."""
        value = self._data.get(name)
        return Fields(value).text("id") if isinstance(value, dict) else self.text(name)

    def text_or_fields(self, name: str) -> Fields | None:
        """An object that may be given by its id alone, which is none."""
        return None if isinstance(self._data.get(name), str) else self.fields(name)

    def list(self, name: str) -> tuple[Fields, ...]:
        """The objects of a list; none for a missing one."""
        value = self._typed(name, list) or []
        if not all(isinstance(each, dict) for each in value):
            raise Unreadable(f"{name} is no list of objects")
        return tuple(Fields(each) for each in value)

    def _typed(self, name: str, kind: type) -> Any:
        value = self._data.get(name)
        if value is not None and not isinstance(value, kind):
            raise Unreadable(f"{name} is no {kind.__name__}")
        return value


def read_fields(body: bytes | str) -> Fields:
    """The JSON object in ``body``. Raises Unreadable."""
    try:
        data = json.loads(
            body.decode() if isinstance(body, bytes) else body,
            object_pairs_hook=unrepeated,
            parse_float=Decimal,
            parse_constant=no_number,
        )
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, Unreadable) else Unreadable("is no JSON") from None
    if not isinstance(data, dict):
        raise Unreadable("is no JSON object")
    return Fields(data)


def unrepeated(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object for ``json``. Raises Unreadable where a name stands twice."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise Unreadable("has a name twice")
        found[name] = value
    return found


def no_number(_: str) -> NoReturn:
    """Refuses NaN and the infinities for ``json``. Raises Unreadable."""
    raise Unreadable("has a number that is none")
