"""What a crash may and may not do to the books: load on a server that is going to die, and the reckoning after it.

Owns the load, what its clients and onlookers saw, and the comparison of that with the journal. Does not kill.
"""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import tempfile
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from faregate.core.entry import Entry
from faregate.store.sqlite.store import SqliteStore
from tests.clients.books import Account, Books
from tests.service.asking import Answer, asking, chat, messages
from tests.service.served import Place, Served

PLANS = ("gates/kept", "gates/charged")
GRANTED = Decimal(5000)
CLOSES = ("settle", "release")
GIVEN_UP = 0.1


@dataclass
class Seen:
    """What a client saw of one request that the gate let in, and the usage that the upstream was told to report."""

    account: str
    answer: Answer
    usage: dict[str, int]


@dataclass
class Load:
    """Clients of many accounts that ask until the server is gone. All chance comes from ``chance``."""

    accounts: list[Account]
    chance: random.Random
    seen: list[Seen] = field(default_factory=list)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    onlooked: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Usage rows that the API has shown: acknowledged, so never to be lost or changed."""
    grants: dict[str, str] = field(default_factory=dict)
    """Account by idempotency key of every dollar that an operator granted, acknowledged or not."""
    lost: set[str] = field(default_factory=set)
    """Requests that a crash left open: closed by rule, whatever their clients saw."""

    async def run(self, served: Served, clients: int, slow: bool = False) -> None:
        """Ask until nobody answers any more. ``slow``: streams that last."""
        tasks = [self._client(served.port, self.chance.choice(self.accounts), slow) for _ in range(clients)]
        await asyncio.gather(*tasks, self._onlook(served.books), self._operate(served.books))

    @property
    def whole(self) -> list[Seen]:
        return [each for each in self.seen if each.answer.whole]

    async def _client(self, port: int, account: Account, slow: bool) -> None:
        while True:
            chance = self.chance
            usage = {"input": chance.randrange(5000), "output": chance.randrange(1, 900)}
            told = f"usage(input={usage['input']},output={usage['output']})"
            stream = slow or chance.random() < 0.5
            pace = chance.choice((5, 20, 40)) if slow else chance.choice((0, 0, 2, 8)) if stream else 0
            text = f"[[demo {told} slow:{chance.choice((0, 0, 3, 10))} pace:{pace} words:{24 if slow else 8}]]"
            gives_up = stream and chance.random() < GIVEN_UP
            try:
                await self._ask(port, account, usage, _body(chance, stream, text), gives_up)
            except ConnectionError:
                return

    async def _ask(
        self, port: int, account: Account, usage: dict[str, int], asked: tuple[str, object], gives_up: bool
    ) -> None:
        path, body = asked
        async with asking(port, path, body, {"authorization": f"Bearer {account.key}"}) as question:
            answer = question.answer
            try:
                await question.read(until=b"data:" if gives_up else None)
            finally:
                if answer.request:
                    self.seen.append(Seen(account.id, answer, usage))
                    self.answering.set()
            if not answer.whole and not (gives_up and answer.body):
                raise ConnectionError("the server is gone")
            assert answer.status == 200, answer

    async def _onlook(self, books: Books) -> None:
        """Look at usage through the API: what it shows is settled."""
        while True:
            account = self.chance.choice(self.accounts).id
            try:
                shown = await asyncio.to_thread(books.call, "GET", f"/accounts/{account}/usage?limit=200")
            except (OSError, ValueError):
                return
            for row in shown["requests"]:
                known = self.onlooked.setdefault(row["request"], row)
                assert known == row, "a settled charge changed"

    async def _operate(self, books: Books) -> None:
        """Grant, a dollar at a time."""
        while True:
            key = f"gift {len(self.grants)}"
            self.grants[key] = self.chance.choice(self.accounts).id
            try:
                await asyncio.to_thread(self.grant, books, key)
            except (OSError, ValueError):
                return

    def grant(self, books: Books, key: str) -> None:
        """The grant of that key; carried out once, however often it is asked for."""
        books.call("POST", f"/accounts/{self.grants[key]}/grants", {"amount": "1"}, key)


def _body(chance: random.Random, stream: bool, text: str) -> tuple[str, object]:
    return chance.choice((chat, messages))(text, stream)


@dataclass
class Journal:
    """The journal as it stands on disk, read from a copy so that the crash is left as it was."""

    holds: dict[str, Entry] = field(default_factory=dict)
    closes: dict[str, Entry] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)

    @property
    def open(self) -> set[str]:
        return self.holds.keys() - self.closes.keys()

    @classmethod
    def of(cls, place: Place) -> Journal:
        """Read it; a request that is held or closed twice is a failure."""
        journal = cls()
        with tempfile.TemporaryDirectory(prefix="faregate-journal-") as folder:
            for file in place.folder.glob("books.db*"):
                if not file.name.endswith(("-shm", ".serving")):
                    shutil.copy(file, folder)
            store = SqliteStore.open(Path(folder) / "books.db")
            for entry in store.audit():
                assert isinstance(entry, Entry), entry
                journal._take(entry)
            journal.rows = {row.request: row for row in store.usage_rows()}
            store.close()
        assert journal.rows.keys() == {name for name, each in journal.closes.items() if each.kind == "settle"}
        return journal

    def _take(self, entry: Entry) -> None:
        request = str(entry.data.get("request"))
        if entry.kind == "hold":
            assert request not in self.holds, f"{request} is held twice"
            self.holds[request] = entry
        elif entry.kind in CLOSES:
            assert request in self.holds, f"{request} is closed without a hold"
            assert request not in self.closes, f"{request} is closed twice"
            self.closes[request] = entry


def reckon_before(journal: Journal, load: Load, calls_seen: int) -> None:
    """What must stand in the journal at the moment of the crash."""
    assert len(journal.holds) >= calls_seen, "the upstream was called without a hold in the journal"
    for each in load.seen:
        assert each.answer.request in journal.holds, "a request was answered that the journal does not know"
    lost = load.onlooked.keys() - journal.rows.keys()
    assert not lost, f"settled charges were shown and are lost: {lost}"


def reckon_after(journal: Journal, before: Journal, load: Load, served: Served) -> None:
    """What must stand in the journal once a server recovered it: everything closed, each by its rule, and told."""
    assert journal.holds.keys() >= before.holds.keys()
    assert served.recovered.keys() == before.open, "what was open is told, and nothing else"
    for request in before.closes:
        assert journal.closes[request] == before.closes[request], "a closed hold was closed anew"
    for request, how in served.recovered.items():
        close, hold = journal.closes[request], journal.holds[request]
        charged = hold.data["slices"][0][1] == "gates/charged"
        assert (close.kind, how) == (("settle", "settle") if charged else ("release", "release"))
        if charged:
            assert list(close.data["usage"]) == list(hold.data["estimate"])
            assert (close.data["outcome"], close.data["estimated"]) == ("lost", True)
    load.lost |= before.open
    for each in load.seen:
        if each.answer.request not in load.lost:
            _check_charge(each, journal)


def _check_charge(seen: Seen, journal: Journal) -> None:
    """A request that was settled before the crash is charged what its upstream reported, if all of that had come."""
    row = journal.rows.get(seen.answer.request)
    if row is None:
        assert not seen.answer.whole, f"{seen.answer.request} was answered whole and released"
        return
    if row.estimated or row.outcome == "lost":
        assert not seen.answer.whole or row.outcome == "lost", row
        return
    used = {"input": row.usage.input, "output": row.usage.output}
    if seen.answer.whole or row.outcome == "ok":
        assert used == seen.usage, (seen, row)


def reckon_balances(journal: Journal, load: Load, books: Books) -> None:
    """What is left in every pool is what was granted less what the usage rows say was drawn.

    Operators try again what they were not told of: each grant counts once all the same.
    """
    for key in list(load.grants)[-3:]:
        load.grant(books, key)
    for account in load.accounts:
        (subscription,) = books.call("GET", f"/accounts/{account.id}")["subscriptions"]
        (pool,) = subscription["pools"]
        rows = [row for row in journal.rows.values() if row.account == account.id]
        drawn = sum(part.amount for row in rows for part in row.drawn)
        granted = GRANTED + list(load.grants.values()).count(account.id)
        assert Decimal(pool["available"]) == granted - Decimal(drawn) / 10**9
        assert (pool["held"], pool["owed"]) == ("0", "0")
        total = books.usage(account.id)["total"]
        assert total["requests"] == len(rows)


def tell(load: Load, journal: Journal, recovered: int) -> str:
    """The figures of a run, for those who watch it."""
    figures = {
        "answers": len(load.seen),
        "whole": len(load.whole),
        "holds": len(journal.holds),
        "settled": len(journal.rows),
        "shown": len(load.onlooked),
        "grants": len(load.grants),
        "recovered": recovered,
    }
    return json.dumps(figures)
