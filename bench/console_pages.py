"""How long the console's pages of one account take with many requests behind them.

Builds a customer with ``--requests`` settled requests over 60 days, four models, four clients and three keys, on
SQLite, and asks each page several times through the API itself, without a socket. CPU is what this process used.

    python bench/console_pages.py [--requests N] [--samples N] [--keep FOLDER] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple
from urllib.parse import urlencode

from faregate.api.application import build_api
from faregate.app.ids import RequestIds
from faregate.app.passwords import Passwords
from faregate.app.receipts import Write
from faregate.app.users import Users
from faregate.bootstrap.house import House, open_house
from faregate.core.instants import DAY, parse_instant, render_instant
from faregate.core.request import Admitted, Request
from faregate.core.usage import Usage

END = parse_instant("2026-03-02T10:00:00Z")
DAYS = 60
BATCH = 128
MODELS = ("anthropic/claude-sonnet-4", "openai/gpt-5", "openai/gpt-5-mini", "google/gemini-2.5-flash")
CLIENTS = ("claude-code", "codex", "cline", "unknown")
EMAIL, PASSWORD = "ada@example.com", "correct horse"
PLANS = ("bench/all",)
PLAN_FILE = Path(__file__).resolve().parent / "plans" / "bench.yaml"
SETTLED = {"outcome": "ok", "upstream": "mock"}


class Clock:
    """Stands still where it was put."""

    def __init__(self) -> None:
        self.now = END - DAYS * DAY

    def __call__(self) -> int:
        return self.now


class Told(NamedTuple):
    """What a page took: wall and CPU in milliseconds, and how large it was."""

    status: int
    wall: float
    cpu: float
    size: int


def opened(file: Path, clock: Clock) -> House:
    """The books of ``file``, in which passwords cost nothing."""
    house = open_house(f"sqlite:///{file}", [PLAN_FILE], now=clock)
    house.control.users.passwords = Passwords(time_cost=1, memory_kib=8)
    return house


async def built(file: Path, requests: int) -> None:
    """Put the account and its requests into ``file``."""
    clock = Clock()
    house = opened(file, clock)
    await house.start(follow=True)
    control, chosen = house.control, random.Random(1)
    users: Users = control.users
    user = await users.sign_up(EMAIL, PASSWORD, "Ada", "en", "", Write("sign-up", clock.now))
    for plan in PLANS:
        await control.office.subscribe(user.account, plan, Write(plan, clock.now))
    keys = [
        control.keys.create(user.account, f"key {each}", Write(f"key {each}", clock.now))[0].id for each in range(3)
    ]
    ids, step = RequestIds(os.urandom), DAYS * DAY // requests
    ledger = control.ledger
    for first in range(0, requests, BATCH):
        made = []
        for _ in range(min(BATCH, requests - first)):
            clock.now += step
            used = Usage(input=chosen.randrange(10, 9000), output=chosen.randrange(10, 900), prompts=1)
            name = ids.new(user.account, clock.now)
            made.append(Request(name, chosen.choice(MODELS), used, chosen.choice(CLIENTS), chosen.choice(keys)))
        decided = await asyncio.gather(*(ledger.admit(user.account, each, clock.now) for each in made))
        assert all(isinstance(each, Admitted) for each in decided), decided[0]
        await asyncio.gather(*(ledger.settle(user.account, each.id, each.usage, clock.now, SETTLED) for each in made))
    await house.close()


async def asked(
    application: Any, path: str, query: dict[str, str], cookie: str, body: Any = None
) -> tuple[Told, Any]:
    """One call, without a socket."""
    pieces: list[bytes] = []
    told: dict[str, Any] = {}

    said = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal said
        if said:  # nothing more is said, and nobody leaves
            await asyncio.Event().wait()
        said = True
        raw = b"" if body is None else json.dumps(body).encode()
        return {"type": "http.request", "body": raw, "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            told.update(status=message["status"], headers=dict(message["headers"]))
        else:
            pieces.append(message.get("body", b""))

    headers = {"host": "bench", "origin": "http://bench", "cookie": cookie}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET" if body is None else "POST",
        "path": "/api/v1" + path,
        "query_string": urlencode(query).encode(),
        "client": ("192.0.2.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items() if value],
    }
    wall, cpu = perf_counter(), process_time()
    await application(scope, receive, send)
    spent = (perf_counter() - wall) * 1000, (process_time() - cpu) * 1000
    raw = b"".join(pieces)
    if body is not None:
        return Told(told["status"], *spent, len(raw)), told["headers"][b"set-cookie"].partition(b";")[0].decode()
    return Told(told["status"], *spent, len(raw)), raw


def pages(key: str) -> list[tuple[str, dict[str, str]]]:
    """What the console's pages ask."""
    first = render_instant(END - (DAYS - 1) * DAY)[:10]
    middle = render_instant(END - DAYS // 2 * DAY)[:10]
    return [
        ("/pricing", {}),
        ("/me/account", {}),
        ("/me/usage", {"days": "30"}),
        ("/me/usage", {"days": "400"}),
        ("/me/requests", {}),
        ("/me/requests", {"day": middle}),
        ("/me/requests", {"day": first}),
        ("/me/requests", {"model": MODELS[0]}),
        ("/me/requests", {"model": "never/was"}),
        ("/me/requests", {"key": key}),
        ("/me/requests", {"outcome": "error"}),
        *(
            ("/me/analysis", {"by": by, "days": days})
            for by in ("day", "model", "client", "key")
            for days in ("30", "400")
        ),
        ("/me/analysis.csv", {"by": "day", "days": "400"}),
        ("/me/focus.csv", {"days": "400"}),
        ("/me/keys", {}),
        ("/me/orders", {}),
        ("/me/documents", {}),
        ("/me/invitations", {}),
        ("/me/statement", {"plan": "bench/all"}),
    ]


async def brought_forward(house: House) -> dict[str, Any]:
    """What it takes to sum everything by key and client that is not summed yet; a server does it little by little."""
    [head] = list(house.store.heads())
    lacking = head.seq - house.store.callers_through().get(head.account, 0)
    wall, cpu = perf_counter(), process_time()
    await asyncio.to_thread(house.control.analysis.callers.bring_forward, head.account)
    spent = [round((each - begun) * 1000, 1) for each, begun in ((perf_counter(), wall), (process_time(), cpu))]
    return {"status": lacking, "first_ms": spent[0], "median_ms": spent[0], "cpu_ms": spent[1], "bytes": 0}


async def measured(file: Path, samples: int) -> dict[str, dict[str, Any]]:
    """Each page's figures, in milliseconds."""
    clock = Clock()
    clock.now = END
    house = opened(file, clock)
    await house.start(follow=True)
    application = build_api(house.control)
    _, cookie = await asked(application, "/session/sign-in", {}, "", {"email": EMAIL, "password": PASSWORD})
    _, raw = await asked(application, "/me/keys", {}, cookie)
    key = json.loads(raw)["keys"][0]["id"]
    figures = {"sums by key and client brought forward": await brought_forward(house)}
    for path, query in pages(key):
        runs = [(await asked(application, path, query, cookie))[0] for _ in range(samples)]
        figures[f"{path} {urlencode(query)}".strip()] = {
            "status": runs[0].status,
            "first_ms": round(runs[0].wall, 1),
            "median_ms": round(median(run.wall for run in runs), 1),
            "cpu_ms": round(median(run.cpu for run in runs), 1),
            "bytes": runs[0].size,
        }
    await house.close()
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="The console's pages with many requests behind them.")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--samples", type=int, default=5)
    parser.add_argument("--keep", type=Path, help="a folder in which the books stay, and are found again")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = (given.keep or Path(folder)) / f"console-{given.requests}.db"
        if not file.exists():
            asyncio.run(built(file, given.requests))
        figures = asyncio.run(measured(file, given.samples))
    if given.json:
        print(json.dumps(figures))
        return
    for page, told in figures.items():
        print(
            f"{page:60} {told['status']} first {told['first_ms']:8} median {told['median_ms']:8} "
            f"cpu {told['cpu_ms']:8} ms, {told['bytes']:8} bytes"
        )


if __name__ == "__main__":
    main()
