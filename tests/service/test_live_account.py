"""The console's live figures: what a browser is told is what the gate goes by, to the unit, after every call."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.service.asking import Answer, Asked, ask, asking, chat
from tests.service.served import Served

PASSWORD = "correct horse"
PRICED = "hi [[demo usage(input=1234, output=567)]]"
COUNT = 5


class Page:
    """A browser at a running server, signed up by itself."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.cookie = self.csrf = ""

    async def call(self, method: str, path: str, body: object = None) -> Answer:
        headers = {"origin": self.served.url, "cookie": self.cookie, "x-faregate-csrf": self.csrf}
        answer = await ask(self.served.port, f"/api/v1{path}", body, headers, method)
        self.cookie = answer.headers.get("set-cookie", self.cookie).partition(";")[0]
        self.csrf = answer.data.get("csrf") or self.csrf
        return answer

    async def sign_up(self, email: str) -> str:
        """The account of a new customer."""
        body = {"email": email, "password": PASSWORD}
        return str((await self.call("POST", "/session/sign-up", body)).data["user"]["account"])


def events(asked: Asked) -> list[dict[str, Any]]:
    """What the stream told so far."""
    pieces = asked.answer.body.split(b"\n\n")[:-1]
    return [json.loads(piece.partition(b"data: ")[2]) for piece in pieces if piece.startswith(b"event: account")]


def gauges(told: dict[str, Any]) -> list[Any]:
    """What is used, held and left of every plan."""
    return [(plan["plan"], plan["windows"], plan["pools"]) for plan in told["plans"]]


async def settled(served: Served, key: str) -> dict[str, Any]:
    """What the gate says to the key once nothing is open."""
    async with asyncio.timeout(20):
        while True:
            told = (await ask(served.port, "/v1/usage", None, {"authorization": f"Bearer {key}"}, "GET")).data
            if not told["open_requests"]:
                return dict(told)
            await asyncio.sleep(0.005)


async def follows(asked: Asked, wanted: dict[str, Any]) -> None:
    """Return once the newest event shows the gauges ``wanted``; fails when that does not come."""
    async with asyncio.timeout(20):
        while not (told := events(asked)) or gauges(told[-1]) != gauges(wanted):
            await asked.read_on()


async def test_what_the_browser_sees_is_what_the_gate_says_after_every_call(served: Served) -> None:
    page = Page(served)
    account = await page.sign_up("live@example.com")
    served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": "gates/kept"})
    key = (await page.call("POST", "/me/keys", {"name": "laptop"})).data["secret"]
    seen = []
    async with asking(served.port, "/api/v1/me/events", None, {"cookie": page.cookie}, "GET") as asked:
        for _ in range(COUNT):
            assert (await ask(served.port, *chat(PRICED), {"authorization": f"Bearer {key}"})).status == 200
            usage = await settled(served, key)
            await follows(asked, usage)
            assert gauges((await page.call("GET", "/me/account")).data) == gauges(usage)
            seen.append(Decimal(usage["plans"][0]["windows"][0]["used"]))
        assert asked.answer.headers["content-type"].startswith("text/event-stream")
        assert asked.answer.headers["cache-control"] == "no-store"
    rows = served.books.settled(account, COUNT)
    paid = [Decimal(row["drawn"][0]["amount"]) for row in rows]
    assert seen == [sum(paid[: made + 1]) for made in range(COUNT)], "to the unit"
    assert paid[0] > 0
    assert len(set(paid)) == 1


async def test_a_window_that_fills_up_is_seen_full_with_the_time_the_gate_names(served: Served) -> None:
    page = Page(served)
    account = await page.sign_up("held@example.com")
    served.books.call("POST", f"/accounts/{account}/subscriptions", {"plan": "gates/fifty"})
    key = (await page.call("POST", "/me/keys", {"name": "laptop"})).data["secret"]
    bearer = {"authorization": f"Bearer {key}"}
    async with asking(served.port, "/api/v1/me/events", None, {"cookie": page.cookie}, "GET") as asked:
        answers = await asyncio.gather(*(ask(served.port, *chat("hi"), bearer) for _ in range(55)))
        assert sorted(answer.status for answer in answers) == [200] * 50 + [429] * 5
        await follows(asked, await settled(served, key))
        (window,) = events(asked)[-1]["plans"][0]["windows"]
        assert (window["used"], window["remaining"]) == ("50", "0")
        refused = next(answer for answer in answers if answer.status == 429)
        told, shown = refused.headers["x-faregate-reopens-at"], window["reopens_at"]
        later = (datetime.fromisoformat(told) - datetime.fromisoformat(shown)).total_seconds()
        assert 0 <= later < 1, "headers say whole seconds"


async def test_the_stream_ends_when_the_session_does(served: Served) -> None:
    page = Page(served)
    await page.sign_up("ended@example.com")
    cookie = page.cookie
    await page.call("POST", "/session/sign-out-everywhere", {})
    answer = await ask(served.port, "/api/v1/me/events", None, {"cookie": cookie}, "GET")
    assert (answer.status, answer.data["error"]["code"]) == (401, "unauthenticated")
