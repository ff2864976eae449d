"""A demo upstream with a clock that stands still and waits that take no time."""

from __future__ import annotations

import pytest

from faregate.demo_upstream import DemoUpstream

START = 1_800_000_000_000_000


class StoppedClock:
    """Microseconds UTC, moved by hand; ``slept`` holds every wait asked for, in seconds."""

    def __init__(self) -> None:
        self.now = START
        self.slept: list[float] = []

    def __call__(self) -> int:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def upstream(clock: StoppedClock) -> DemoUpstream:
    return DemoUpstream(clock=clock, sleep=clock.sleep)
