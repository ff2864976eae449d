"""A desk for each payment provider."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.payments.desk import FAKES, Desk, open_desk


@pytest.fixture(params=sorted(FAKES))
async def desk(request: pytest.FixtureRequest) -> AsyncIterator[Desk[Any]]:
    """Every payment provider that speaks over the network, one after the other."""
    async with open_desk(request.param) as opened:
        yield opened
