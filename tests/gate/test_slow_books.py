"""Books that do not answer, or not in time: every client is told by a known time, in the words of its dialect.

What the books take in afterwards is given back: nobody heard that it was admitted.
"""

from __future__ import annotations

import asyncio

import pytest

from faregate.app import store_errors
from tests.gate.answers import CHAT, CHAT_BODY, CHAT_REPLY, MESSAGES, MESSAGES_BODY, reply, replying
from tests.gate.house import House, house

RESPONSES, RESPONSES_BODY = "/v1/responses", {"model": "codex", "input": "hi"}
GOOGLE, GOOGLE_BODY = "/v1beta/models/gemini:generateContent", {"contents": [{"parts": [{"text": "hi"}]}]}
EVERY_DIALECT = pytest.mark.parametrize(
    ("path", "body"),
    [(CHAT, CHAT_BODY), (MESSAGES, MESSAGES_BODY), (RESPONSES, RESPONSES_BODY), (GOOGLE, GOOGLE_BODY)],
)
TROUBLE = (
    store_errors.DiskFull("books", "there is no room left to write to"),
    store_errors.StoreReadOnly("books", "it may be read but not written"),
    store_errors.StoreLocked("books", "another process is writing to it"),
    store_errors.StoreUnreachable("books", "it does not answer"),
    store_errors.StoreBroken("books", "writes could not be made durable"),
)


async def told_to_come_back(home: House, path: str, body: object) -> None:
    status, headers, said = await home.ask(path, body)
    assert (status, headers[b"retry-after"]) == (503, b"5"), said
    assert b"books" in said
    assert b"room left" not in said
    assert home.upstream.connections == 0


@EVERY_DIALECT
@pytest.mark.parametrize("trouble", TROUBLE, ids=lambda trouble: str(trouble.code))
async def test_whatever_the_store_suffers_from_clients_are_told_to_come_back(
    path: str, body: object, trouble: store_errors.StoreError
) -> None:
    async with house(replying(b"")) as home:
        home.books.admit_failure = trouble
        await told_to_come_back(home, path, body)
        assert len(home.books.forgotten) == 1


@EVERY_DIALECT
async def test_a_client_whose_request_waits_too_long_is_told_and_the_late_hold_is_given_back(
    path: str, body: object
) -> None:
    async with house(replying(b""), patience_seconds=0.01) as home:
        home.books.delayed = asyncio.Event()
        await told_to_come_back(home, path, body)
        assert home.books.held == []
        home.books.delayed.set()
        closing = await home.books.only_closing()
        assert (closing.usage, closing.facts) == (None, {"reason": "not_admitted"})
        assert home.upstream.connections == 0


@EVERY_DIALECT
async def test_an_account_that_is_not_loaded_in_time_holds_nothing(path: str, body: object) -> None:
    async with house(replying(b""), patience_seconds=0.01) as home:
        home.books.loading = asyncio.get_running_loop().create_future()
        await told_to_come_back(home, path, body)
        home.books.loading.set_result(None)
        await asyncio.sleep(0)
        assert home.books.held == []


async def test_a_failure_that_comes_too_late_is_not_told_twice() -> None:
    async with house(replying(b""), patience_seconds=0.01) as home:
        home.books.loading = asyncio.get_running_loop().create_future()
        await told_to_come_back(home, CHAT, CHAT_BODY)
        home.books.loading.set_exception(TROUBLE[0])
        home.books.loading = None
        home.books.delayed = asyncio.Event()
        await told_to_come_back(home, CHAT, CHAT_BODY)
        home.books.admit_failure = TROUBLE[0]
        home.books.delayed.set()
        home.books.delayed = home.books.admit_failure = None
        await asyncio.sleep(0)


async def test_many_that_wait_are_all_told_and_those_that_come_afterwards_are_served() -> None:
    async with house(replying(reply(CHAT_REPLY)), patience_seconds=1.0) as home:
        home.books.delayed = asyncio.Event()
        waiting = [asyncio.create_task(home.ask(CHAT, CHAT_BODY)) for _ in range(20)]
        assert {(await each)[0] for each in waiting} == {503}
        home.books.delayed.set()
        home.books.delayed = None
        while home.books.state.holds or len(home.books.closings) < 20:
            home.books.closed.clear()
            await home.books.closed.wait()
        home.gate._generation._patience._seconds = 60  # a busy machine may need longer than those above waited
        assert [(await home.ask(CHAT, CHAT_BODY))[0] for _ in range(3)] == [200] * 3


async def test_who_is_answered_in_time_is_not_told_anything_else() -> None:
    async with house(replying(reply(CHAT_REPLY)), patience_seconds=60) as home:
        home.books.loading = asyncio.get_running_loop().create_future()
        asked = asyncio.create_task(home.ask(CHAT, CHAT_BODY))
        home.books.loading.set_result(None)
        assert (await asked)[0] == 200
        home.books.loading = asyncio.get_running_loop().create_future()
        home.books.loading.set_exception(TROUBLE[3])
        await told_again(home)


async def told_again(home: House) -> None:
    status, headers, _ = await home.ask(CHAT, CHAT_BODY)
    assert (status, headers[b"retry-after"]) == (503, b"5")
