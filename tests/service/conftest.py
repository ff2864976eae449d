"""The demo upstream of these tests, in a thread of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest

from faregate.demo_upstream import Call, DemoUpstream, serve_demo_upstream
from tests.clients.background import in_background


@dataclass
class Upstream:
    """``seen`` counts the calls; ``on_call`` may be set to look at each as it comes, in the upstream's thread."""

    url: str = ""
    seen: int = 0
    bodies: list[bytes] = field(default_factory=list)


@asynccontextmanager
async def _upstream() -> AsyncIterator[Upstream]:
    upstream = Upstream()

    def see(call: Call) -> None:
        upstream.seen += 1
        upstream.bodies.append(call.body)

    served = await serve_demo_upstream(DemoUpstream(on_call=see))
    upstream.url = served.url
    try:
        yield upstream
    finally:
        await served.close()


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with in_background(_upstream) as started:
        yield started
