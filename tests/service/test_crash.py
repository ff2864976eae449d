"""``kill -9`` of the whole server under load: nothing settled is lost or doubled, everything else is told and closed.

FAREGATE_CRASH_ROUNDS (2) and FAREGATE_CRASH_SEED make it longer and other; ``-s`` shows the figures.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import sys
import time
from pathlib import Path

import pytest

from tests.service.asking import Answer, ask, chat
from tests.service.conftest import Upstream
from tests.service.crashing import (
    PLANS,
    Journal,
    Load,
    reckon_after,
    reckon_balances,
    reckon_before,
    tell,
)
from tests.service.served import Place, Served

ROUNDS = int(os.environ.get("FAREGATE_CRASH_ROUNDS", "2"))
SEED = int(os.environ.get("FAREGATE_CRASH_SEED", "7"))
ACCOUNTS = 6
CLIENTS = 24


class Crashes:
    """One database through many crashes."""

    def __init__(self, place: Place, upstream: Upstream, seed: int) -> None:
        self.place = place
        self.upstream = upstream
        self.chance = random.Random(seed)
        self.load = Load([], self.chance)
        self.recovered = 0
        self._calls_before = upstream.seen

    def open_accounts(self, served: Served) -> None:
        """Accounts on both rules."""
        made = [served.books.new_account(f"a{index}", PLANS[index % 2]) for index in range(ACCOUNTS)]
        self.load.accounts = made

    def journal_at_death(self) -> Journal:
        """The journal that the crash left, with what must be in it checked."""
        journal = Journal.of(self.place)
        reckon_before(journal, self.load, self.upstream.seen - self._calls_before)
        return journal

    def check(self, served: Served, before: Journal) -> None:
        """The reckoning after ``served`` has recovered."""
        journal = Journal.of(self.place)
        reckon_after(journal, before, self.load, served)
        reckon_balances(journal, self.load, served.books)
        report = self.place.verify()
        assert (report["open_holds"], report["usage_rows"]) == (0, len(journal.rows))
        self.recovered += len(served.recovered)

    async def die(self, served: Served, seconds: float, slow: bool = False) -> None:
        """Load, and the end ``seconds`` after the first answer."""
        self.load.answering = asyncio.Event()
        running = asyncio.create_task(self.load.run(served, CLIENTS, slow))
        await self.load.answering.wait()
        await asyncio.sleep(seconds)
        await asyncio.to_thread(served.kill)
        await running


@pytest.fixture
def crashes(tmp_path: Path, upstream: Upstream) -> Crashes:
    return Crashes(Place(tmp_path, upstream.url, drain_seconds=20), upstream, SEED)


def test_killed_under_load_no_settled_charge_is_lost_or_doubled_and_open_holds_are_told_and_closed(
    crashes: Crashes,
) -> None:
    served = crashes.place.start()
    crashes.open_accounts(served)
    for _ in range(ROUNDS):
        asyncio.run(crashes.die(served, crashes.chance.uniform(0.0, 0.5)))
        before = crashes.journal_at_death()
        served = crashes.place.start()
        crashes.check(served, before)
    assert served.end() == 0
    journal = Journal.of(crashes.place)
    assert not journal.open
    assert crashes.recovered, "no crash left a hold open: the test was too gentle"
    sys.stdout.write(f"{ROUNDS} kills: {tell(crashes.load, journal, crashes.recovered)}\n")


def test_killed_while_it_recovers_everything_is_closed_once(crashes: Crashes) -> None:
    began = time.monotonic()
    served = crashes.place.start()
    usual_seconds = time.monotonic() - began
    crashes.open_accounts(served)
    asyncio.run(crashes.die(served, 0.1, slow=True))
    before = crashes.journal_at_death()
    assert len(before.open) > CLIENTS // 2
    closed: set[str] = set()
    for _ in range(ROUNDS):
        process = crashes.place.spawn()
        time.sleep(usual_seconds * crashes.chance.uniform(0.4, 1.0))
        process.kill()
        process.wait(60)
        assert process.stdout is not None
        process.stdout.close()
        left = Journal.of(crashes.place)
        assert left.holds.keys() == before.holds.keys()
        closed |= before.open - left.open
    served = crashes.place.start()
    # Those closed by a start that was killed before it told are closed by the same rule.
    after = Journal.of(crashes.place)
    assert closed | served.recovered.keys() == before.open
    assert not after.open
    for request in before.open:
        rule = "settle" if after.holds[request].data["slices"][0][1] == "gates/charged" else "release"
        assert after.closes[request].kind == rule
    reckon_balances(after, crashes.load, served.books)
    crashes.place.verify()
    assert served.end() == 0
    told = len(served.recovered)
    sys.stdout.write(f"starts killed: {len(before.open)} holds closed once, {told} of them told at the last start\n")


def test_killed_while_it_stops_the_drain_settled_what_it_could_and_the_rest_is_told(crashes: Crashes) -> None:
    served = crashes.place.start()
    crashes.open_accounts(served)

    async def stop_and_die(seconds: float) -> None:
        running = asyncio.create_task(crashes.load.run(served, CLIENTS, slow=True))
        await asyncio.sleep(0.3)
        served.terminate()
        await asyncio.sleep(seconds)
        await asyncio.to_thread(served.kill)
        await running

    for seconds in (0.0, *(crashes.chance.uniform(0.0, 0.9) for _ in range(max(ROUNDS // 2, 1)))):
        asyncio.run(stop_and_die(seconds))
        before = crashes.journal_at_death()
        served = crashes.place.start()
        crashes.check(served, before)
    assert served.end() == 0
    sys.stdout.write(f"stops killed: {tell(crashes.load, Journal.of(crashes.place), crashes.recovered)}\n")


def test_an_idempotency_key_that_a_crash_left_open_is_free_again_only_where_nothing_was_charged(
    tmp_path: Path, upstream: Upstream
) -> None:
    place = Place(tmp_path, upstream.url)
    served = place.start()
    accounts = [served.books.new_account(plan, plan) for plan in PLANS]

    async def put(port: int, text: str) -> list[Answer]:
        headers = [{"authorization": f"Bearer {account.key}", "idempotency-key": "one"} for account in accounts]
        return await asyncio.gather(*(ask(port, *chat(text), each) for each in headers))

    async def die_in_the_middle() -> None:
        calls = upstream.seen
        asked = asyncio.create_task(put(served.port, "hi [[demo slow:20000]]"))
        while upstream.seen < calls + 2:  # noqa: ASYNC110 - another thread
            await asyncio.sleep(0.005)
        await asyncio.to_thread(served.kill)
        assert [answer.status for answer in await asked] == [0, 0]

    asyncio.run(die_in_the_middle())
    with place.serving() as again:
        assert sorted(again.recovered.values()) == ["release", "settle"]
        kept, charged = asyncio.run(put(again.port, "hi"))
    assert (kept.status, charged.status) == (200, 422)
    assert charged.data["error"]["receipt"]["request"] in again.recovered


def test_a_start_that_cannot_listen_tells_what_it_recovered_and_keeps_no_token_that_nobody_was_shown(
    tmp_path: Path, upstream: Upstream
) -> None:
    place = Place(tmp_path, upstream.url)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        on_taken_port = ("serve", "--config", str(place.config), "--port", str(taken.getsockname()[1]))
        assert "error[cannot_listen]" in place.run(*on_taken_port, code=1).stderr
        served = place.start()
        assert place.admin_token, "the token is told by the first start that serves"
        crashes = Crashes(place, upstream, SEED)
        crashes.open_accounts(served)
        asyncio.run(crashes.die(served, 0.05, slow=True))
        before = Journal.of(place)
        told = place.run(*on_taken_port, code=1).stderr
    assert before.open
    assert all(request in told for request in before.open)
    with place.serving() as served:
        assert served.recovered == {}


def test_a_second_server_on_the_same_database_is_refused_and_harms_nobody(tmp_path: Path, upstream: Upstream) -> None:
    place = Place(tmp_path, upstream.url)
    with place.serving() as served:
        second = place.run("serve", "--config", str(place.config), code=1)
        assert "error[already_served]" in second.stderr
        assert second.stdout == ""
        assert served.process.poll() is None
        assert served.books.call("GET", "/accounts") == {"accounts": [], "next": None}
    served.kill()
    with place.serving() as again:
        assert again.recovered == {}
