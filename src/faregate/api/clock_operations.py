"""The operations of the test clock; there is none where a server was started without one.

Owns one row each.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from faregate.api.bodies import Body
from faregate.api.failures import BadBody
from faregate.api.operation import Call, Operation
from faregate.app.control import MovableClock
from faregate.app.office_errors import NotFound
from faregate.core.instants import DAY, HOUR, MINUTE, SECOND, parse_instant, render_instant

_LENGTHS = {"s": SECOND, "m": MINUTE, "h": HOUR, "d": DAY}


class ClockMove(Body):
    forward: str | None = Field(None, max_length=12, description="How far: 90s, 5h, 30d.")
    to: str | None = Field(None, description="Or: to which instant, RFC 3339.")
    account: str | None = Field(None, description="For this account alone; for all when left out.")


def _clock(call: Call) -> MovableClock:
    clock = call.control.test_clock
    if clock is None:
        raise NotFound("test clock", "serve --test-clock")
    return clock


async def _read(call: Call) -> Any:
    clock = _clock(call)
    return {
        "now": render_instant(clock.of(None)),
        "accounts": {account: render_instant(clock.of(account)) for account in clock.shifts},
    }


async def _move(call: Call) -> Any:
    clock, body = _clock(call), call.body
    account = call.control.office.find_account(body.account).id if body.account is not None else None
    length = _length(body, clock.of(account))
    if length < 0:
        raise BadBody("a test clock goes forward only")
    clock.forward(length, account)
    if account is not None:
        call.control.till.look_again(account, clock.of(account))
    return {"now": render_instant(clock.of(None)), "account": account, "at": render_instant(clock.of(account))}


def _length(body: ClockMove, now: int) -> int:
    if (body.forward is None) == (body.to is None):
        raise BadBody("give forward or to, one of them")
    if body.to is not None:
        try:
            return parse_instant(body.to) - now
        except ValueError as problem:
            raise BadBody(f"to: {problem}") from problem
    text = str(body.forward)
    if not (text[:-1].isdecimal() and text[-1:] in _LENGTHS):
        raise BadBody("forward is a length as 90s, 5h or 30d")
    return int(text[:-1]) * _LENGTHS[text[-1]]


CLOCK_OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/test-clock", "get_test_clock", "What time the test clock says", _read),
    Operation("POST", "/test-clock", "move_test_clock", "Move the test clock forward", _move, ClockMove),
)
