"""What the client tests run against: a base URL, a key and model names.

Owns starting each target. ``TARGETS`` says which there are; every test in this folder runs on each of them, so that
what holds on the bare upstream holds through the gate by changing base URL and key alone.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from faregate.bootstrap.serving import Service
from faregate.bootstrap.settings import Settings
from faregate.demo_upstream import DemoUpstream, serve_demo_upstream
from faregate.demo_upstream.delivery import Call
from faregate.upstreams.settings import Upstream, read_upstreams
from tests.clients.books import Books

PLANS = Path(__file__).with_name("trial.yaml")


class Target(NamedTuple):
    """``base_url`` is without ``/v1``; ``books`` are those of the gate, where the target is one."""

    name: str
    base_url: str
    key: str
    chat_model: str
    messages_model: str
    books: Books | None = None


class Gate(NamedTuple):
    """A gate that listens, before the demo upstream; ``served`` are the calls that the upstream has ended."""

    url: str
    database: str
    books: Books
    served: list[Call]


@asynccontextmanager
async def demo_upstream() -> AsyncIterator[Target]:
    """The demo upstream with nothing in between."""
    served = await serve_demo_upstream(DemoUpstream())
    try:
        yield Target("demo upstream", served.url, "any-key", "gpt-5", "claude-sonnet-4")
    finally:
        await served.close()


@asynccontextmanager
async def gate(dialects: Mapping[str, str | list[str]] | None = None) -> AsyncIterator[Gate]:
    """The whole service on a database of its own, before the demo upstream, which is asked in these ``dialects`` (by
    the upstream's name; all of them where left out)."""
    ended: list[Call] = []
    served = await serve_demo_upstream(DemoUpstream(on_end=ended.append))
    with tempfile.TemporaryDirectory(prefix="faregate-clients-") as folder:
        database = f"sqlite:///{folder}/books.db"
        settings = Settings(database, port=0, plan_files=(PLANS,), drain_seconds=1)
        service = Service(settings, _upstreams(f"{served.url}/v1", dialects or ALL_DIALECTS))
        await service.start()
        assert service.admin_token is not None
        try:
            yield Gate(service.url, database, Books(service.url, service.admin_token), ended)
        finally:
            await service.stop()
            await served.close()


ALL_DIALECTS: Mapping[str, str | list[str]] = {"demo-openai": ["openai", "responses"], "demo-anthropic": "anthropic"}


def _upstreams(url: str, dialects: Mapping[str, str | list[str]]) -> tuple[Upstream, ...]:
    shared = {"base_url": url, "models": ["gpt-5", "claude-sonnet-4", "*"], "key_env": "KEY"}
    listed = [{"name": name, "dialect": dialect, **shared} for name, dialect in dialects.items()]
    return read_upstreams(listed, {"KEY": "upstream-key"})


@asynccontextmanager
async def through_the_gate() -> AsyncIterator[Target]:
    """The demo upstream behind the gate, with one account's key."""
    async with gate() as started:
        account = await asyncio.to_thread(started.books.new_account, "clients", "trial/all")
        yield Target("gate", started.url, account.key, "gpt-5", "claude-sonnet-4", started.books)


TARGETS: dict[str, Callable[[], AbstractAsyncContextManager[Target]]] = {
    "demo-upstream": demo_upstream,
    "gate": through_the_gate,
}
