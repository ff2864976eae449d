"""The form of a notification that NowPayments signs: its JSON with sorted names, in the sender's own words.

Numbers and strings are compared as they were written. To read a number and write it again would change ``15.0`` and
``1e-7``, and a true notification would be taken for a forged one.
"""

from __future__ import annotations

import json
from typing import Any

from faregate.payments.fields import Unreadable, no_number, unrepeated

_LITERALS = {True: "true", False: "false", None: "null"}


class _Number(str):
    """A number as it stood there."""

    __slots__ = ()


def sorted_json(body: bytes) -> bytes:
    """``body`` with the names of every object sorted and no white space, as ``JSON.stringify``. Raises Unreadable."""
    try:
        data = json.loads(
            body.decode(),
            object_pairs_hook=unrepeated,
            parse_int=_Number,
            parse_float=_Number,
            parse_constant=no_number,
        )
        return _written(data).encode()
    except (ValueError, RecursionError) as error:
        raise error if isinstance(error, Unreadable) else Unreadable("is no JSON") from None


def _written(value: Any) -> str:
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_written(str(name))}:{_written(value[name])}" for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_written(each) for each in value) + "]"
    return _LITERALS[value]
