"""Usage as an upstream reported it, and tolerant reading of its numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

from faregate.core.usage import Usage


class Reported(NamedTuple):
    """Usage in disjoint classes, and the model the upstream says it ran ('' if silent). ``id``: of an answer that the
    upstream keeps for a later request to go on from; '' for all others."""

    usage: Usage
    model: str
    id: str = ""


MOST = 1_000_000_000
"""No request uses more of anything. What says so counts something else, and could be no amount of money."""


_LONGEST = 20


def believable(reported: Reported | None) -> Reported | None:
    """``reported``, None where it is beyond reason: then nothing was reported."""
    return None if reported is not None and max(reported.usage) > MOST else reported


def count(value: Any) -> int:
    """A count as upstreams send it, a few of them as a text: anything but a positive whole number is 0."""
    if type(value) is int:
        return max(0, value)
    if isinstance(value, float) and value.is_integer():
        return count(int(value))
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < _LONGEST:
        return int(value)
    return 0


def record(value: Any) -> dict[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
