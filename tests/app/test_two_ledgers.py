"""Two processes on one file: whoever comes second reads again and decides again, and nothing is lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from faregate.app.ledger import Ledger
from faregate.app.store_errors import StoreError
from faregate.core.errors import UnknownSubject
from faregate.core.request import Admitted
from faregate.core.usage import Usage
from tests.app.books import (
    ACCOUNT,
    NOW,
    ROOM,
    WINDOW,
    admitted,
    granted,
    kinds,
    ledger_at,
    refused,
    request,
    subscribed,
    verified,
)


async def test_over_both_exactly_as_many_are_admitted_as_there_is_room_for(path: Path) -> None:
    async with ledger_at(path) as first, ledger_at(path) as second:
        await subscribed(first)
        both = (first, second)
        decisions = []
        for turn in range(10):
            # Small turns, so that both win and lose in between.
            begun = [
                ledger.admit(ACCOUNT, request(f"{index}:{turn}:{n}"), NOW)
                for n in range(5)
                for index, ledger in enumerate(both)
            ]
            decisions += await asyncio.gather(*begun)
        assert sum(isinstance(decision, Admitted) for decision in decisions) == ROOM
        assert kinds(first.store).count("hold") == ROOM
        assert set(first.current(ACCOUNT, NOW).holds) == set(second.current(ACCOUNT, NOW).holds)
        assert verified(first.store).clean


async def test_accounts_that_nobody_else_wrote_to_are_written_at_once_beside_one_that_conflicts(path: Path) -> None:
    other = "acc_00000002"
    async with ledger_at(path) as first, ledger_at(path) as second:
        await subscribed(first)
        await subscribed(first, account=other)
        await admitted(second, "warm-1")
        await admitted(second, "warm-2", account=other)
        await admitted(first, "meanwhile")
        await asyncio.gather(
            second.admit(ACCOUNT, request("conflicts"), NOW), second.admit(other, request("does-not"), NOW)
        )
        assert kinds(first.store) == ["subscribe", "hold", "hold", "hold"]
        assert kinds(first.store, other) == ["subscribe", "hold", "hold"]
        assert verified(first.store).clean


async def test_a_stale_worker_does_not_refuse_for_ever(path: Path) -> None:
    async with ledger_at(path) as first, ledger_at(path) as second:
        await subscribed(first)
        for n in range(ROOM):
            await admitted(first, f"r{n}")
        await refused(first, "full")
        await second.release(ACCOUNT, "r7", NOW, "not needed")
        await admitted(first, "room-again")


async def test_a_stale_worker_does_not_fail_a_command_for_ever(path: Path) -> None:
    async with ledger_at(path) as first, ledger_at(path) as second:
        with pytest.raises(UnknownSubject):
            await granted(first, "1")
        await subscribed(second, "demo/money")
        await granted(first, "1")
        assert kinds(first.store) == ["subscribe", "grant"]


async def test_a_stale_worker_refuses_nothing_wrongly_while_it_has_decisions_on_their_way(path: Path) -> None:
    async with ledger_at(path) as first, ledger_at(path) as second:
        await subscribed(first)
        for n in range(ROOM - 1):
            await admitted(first, f"r{n}")
        for n in range(ROOM - 1):
            await second.release(ACCOUNT, f"r{n}", NOW, "not needed")
        last = first.admit(ACCOUNT, request("takes-the-last"), NOW)
        beyond = first.admit(ACCOUNT, request("fits-by-now"), NOW)
        assert isinstance(await last, Admitted)
        assert isinstance(await beyond, Admitted)
        assert verified(first.store).clean


async def test_a_hold_of_one_worker_can_be_settled_by_the_other(path: Path) -> None:
    async with ledger_at(path) as first, ledger_at(path) as second:
        await subscribed(first, "demo/money")
        await admitted(first, "r1")
        await second.settle(ACCOUNT, "r1", Usage(100), NOW)
        assert first.current(ACCOUNT, NOW).holds == {}
        assert verified(first.store).clean


async def test_what_one_worker_grants_the_other_draws_on(path: Path) -> None:
    async with ledger_at(path) as first, ledger_at(path) as second:
        await subscribed(first, "demo/money")
        big = request("big", Usage(input=1_000_000, output=1_000_000))
        assert isinstance(await first.admit(ACCOUNT, big, NOW), Admitted)
        await refused(first, "empty")
        await granted(second, "5")
        await admitted(first, "filled")


def _holds(ledger: Ledger) -> set[str]:
    return set(ledger.current(ACCOUNT, NOW).holds)


async def test_a_command_beside_a_server_leaves_open_holds_alone_however_old(path: Path) -> None:
    late = NOW + WINDOW
    async with ledger_at(path) as server, ledger_at(path) as beside:
        beside.closes_holds = False
        await subscribed(server, "demo/money")
        await admitted(server, "long-request")
        await granted(beside, "1", now=late)
        assert _holds(server) == {"long-request"}
        await server.settle(ACCOUNT, "long-request", Usage(100), late)
        assert kinds(server.store) == ["subscribe", "hold", "grant", "settle"]


async def test_recovery_beside_another_writer_stops(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with ledger_at(path) as first, ledger_at(path) as second:
        await subscribed(first)
        await admitted(first, "r1")
        second.current(ACCOUNT, NOW)
        await admitted(first, "r2")
        with pytest.raises(StoreError, match="another process writes"):
            second.recover(NOW)
        assert kinds(first.store) == ["subscribe", "hold", "hold"]
        assert _holds(second) == {"r1", "r2"}
