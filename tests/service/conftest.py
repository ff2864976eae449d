"""What the tests of the whole service share: the demo upstream in a thread of its own, and a server before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from faregate.demo_upstream import Call, DemoUpstream, serve_demo_upstream
from tests.clients.background import in_background
from tests.service.served import Place, Served


@dataclass
class Upstream:
    """``seen`` counts the calls; ``look`` may be set to look at each as it comes, in the upstream's thread."""

    url: str = ""
    seen: int = 0
    look: Callable[[bytes], None] | None = None


@asynccontextmanager
async def demo() -> AsyncIterator[Upstream]:
    """The demo upstream, for the length of the block."""
    upstream = Upstream()

    def see(call: Call) -> None:
        upstream.seen += 1
        if upstream.look is not None:
            upstream.look(call.body)

    served = await serve_demo_upstream(DemoUpstream(on_call=see))
    upstream.url = served.url
    try:
        yield upstream
    finally:
        await served.close()


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    with in_background(demo) as started:
        yield started


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, upstream: Upstream) -> Iterator[Served]:
    """A server that the tests of a module share; each makes accounts of its own."""
    with Place(tmp_path_factory.mktemp("served"), upstream.url, drain_seconds=5).serving() as served:
        yield served
