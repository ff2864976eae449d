"""What choosing an upstream costs a request: microseconds of one attempt from its choice to its end.

Run: ``python bench/micro_upstreams.py``. The network is not in it.
"""

from __future__ import annotations

import asyncio
import json
import timeit
from typing import Any

from faregate.upstreams.attempt import Attempt
from faregate.upstreams.directory import Directory
from faregate.upstreams.route import Route
from faregate.upstreams.settings import read_upstreams
from faregate.wire.client import Client

NOW = 1_800_000_000_000_000
BODY = b"x" * 20_000
TIMES = 50_000


def route_of(client: Client, *upstreams: dict[str, Any]) -> Route:
    base = {"dialect": "openai", "base_url": "http://127.0.0.1:9/v1", "models": ["gpt"]}
    section = [{"name": f"u{number}", **base, **upstream} for number, upstream in enumerate(upstreams)]
    route = Directory(read_upstreams(section, {"K1": "a", "K2": "b"}), client).route("gpt", "openai_chat")
    assert route is not None
    return route


def attempt(route: Route, session: str) -> None:
    begun = None if route.resting(NOW) else route.attempt("acc_1", session, BODY, NOW)
    assert isinstance(begun, Attempt)
    begun.answered(NOW)
    begun.end()


def show(label: str, route: Route, session: str) -> None:
    best = min(timeit.repeat(lambda: attempt(route, session), number=TIMES, repeat=5))
    print(f"{label:<48} {best / TIMES * 1e6:7.2f} us")


def show_yardstick() -> None:
    """The machine of the moment: figures compare by this one."""
    small = json.dumps({"model": "gpt", "messages": [{"role": "user", "content": "x" * 300}]}).encode()
    best = min(timeit.repeat(lambda: json.loads(small), number=TIMES, repeat=5))
    print(f"{'yardstick: json.loads of a small body':<48} {best / TIMES * 1e6:7.2f} us")


async def main() -> None:
    client = Client(environ={})
    show_yardstick()
    show("one upstream, one key", route_of(client, {}), "s")
    show("one upstream, two keys", route_of(client, {"keys": ["K1", "K2"]}), "s")
    show("three upstreams, by session", route_of(client, {}, {}, {}), "s")
    show("three upstreams, by the body's beginning", route_of(client, {}, {}, {}), "")
    await client.close()


if __name__ == "__main__":
    asyncio.run(main())
