"""What is charged when a request ends, in whatever way: the written table, as one pure function.

Owns the rows of the table. Does not know HTTP, the ledger or how the end came to be noticed.

| how it ended | charge |
|---|---|
| before the upstream's first byte, whatever failed | none: the hold is released |
| the upstream answered with an error | none |
| whole | the usage reported; none reported: an estimate from the bytes, marked so; zero reported: zero |
| broken off after the first byte (cut, idle, error event, client gone) | the usage reported, what came after the \
report estimated; none reported: an estimate |
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from faregate.core.usage import Usage
from faregate.dialects import estimate
from faregate.dialects.body import Request
from faregate.dialects.reported import Reported


class Ending(StrEnum):
    """How a request ended; the value stands in its usage row."""

    COMPLETE = "ok"
    UPSTREAM_CUT = "upstream_cut"
    UPSTREAM_ERROR = "upstream_error"
    IDLE_TIMEOUT = "idle_timeout"
    CLIENT_GONE = "client_gone"
    INTERNAL_ERROR = "internal_error"


class Seen(NamedTuple):
    """What was seen of the upstream's answer.

    ``began``: a byte of its body came. ``reported``: the last usage it reported, None for none. ``output_bytes``:
    bytes of generated text; ``covered_bytes``: how many of them had come when that usage was reported.
    """

    began: bool
    reported: Reported | None = None
    output_bytes: int = 0
    covered_bytes: int = 0


class Charge(NamedTuple):
    """A settlement to make."""

    usage: Usage
    estimated: bool


NOTHING = Seen(began=False)


def charge_of(ending: Ending, seen: Seen, request: Request) -> Charge | None:
    """What to settle, or None to release the hold."""
    if not seen.began and ending is not Ending.CLIENT_GONE:
        return None
    reported = seen.reported
    if reported is None:
        return Charge(estimate.missing_usage(request, seen.output_bytes), estimated=True)
    uncovered = seen.output_bytes - seen.covered_bytes
    if ending is Ending.COMPLETE or uncovered <= 0:
        return Charge(reported.usage, estimated=False)
    usage = reported.usage
    return Charge(usage._replace(output=usage.output + estimate.output_tokens(uncovered)), estimated=True)
