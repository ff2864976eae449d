"""What the client tests run against: a base URL, a key and model names.

Owns starting each target. ``TARGETS`` says which there are; every test in this folder runs on each of them, so that
what holds on the bare upstream holds through the gate by changing base URL and key alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import NamedTuple

from faregate.demo_upstream import DemoUpstream, serve_demo_upstream


class Target(NamedTuple):
    """``base_url`` is without ``/v1``."""

    name: str
    base_url: str
    key: str
    chat_model: str
    messages_model: str


@asynccontextmanager
async def demo_upstream() -> AsyncIterator[Target]:
    """The demo upstream with nothing in between."""
    served = await serve_demo_upstream(DemoUpstream())
    try:
        yield Target("demo upstream", served.url, "any-key", "gpt-5", "claude-sonnet-4")
    finally:
        await served.close()


TARGETS: dict[str, Callable[[], AbstractAsyncContextManager[Target]]] = {
    "demo-upstream": demo_upstream,
}
