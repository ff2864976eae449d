"""A serving gate when things end early: clients that go, servers that stop, disks that fail. The books stay right."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.clients.books import Account
from tests.service.asking import FORMS, Answer, ask, asking, chat, messages
from tests.service.conftest import Upstream
from tests.service.served import Place, Served

USED = {"input": 700, "output": 350}
TOLD = "usage(input=700,output=350)"


def bearer(account: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {account.key}"}


def check_used(row: dict[str, Any], outcome: str) -> None:
    assert {name: row["usage"][name] for name in USED} == USED
    assert (row["outcome"], row["estimated"]) == (outcome, False)


def test_the_hold_is_in_the_journal_when_the_upstream_is_called(served: Served, upstream: Upstream) -> None:
    """Read from outside, by another library, in the moment that the upstream gets the request."""
    account = served.books.new_account("held first", "gates/kept")
    open_at_call: list[set[str]] = []

    def look(_body: bytes) -> None:
        with closing(sqlite3.connect(f"file:{served.place.file}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT body FROM journal WHERE account = ? ORDER BY id", (account.id,))
            entries = [msgspec.json.decode(body) for (body,) in rows]
        kinds: dict[str, set[str]] = {"hold": set(), "settle": set(), "release": set()}
        for entry in entries:
            (data,) = (part for part in entry if isinstance(part, dict))
            for kind, requests in kinds.items():
                if kind in entry:
                    requests.add(data["request"])
        open_at_call.append(kinds["hold"] - kinds["settle"] - kinds["release"])

    async def one_after_the_other() -> list[Answer]:
        asked = [form(f"hi [[demo {TOLD}]]", stream) for form in FORMS.values() for stream in (False, True)]
        return [await ask(served.port, *each, bearer(account)) for each in asked]

    upstream.look = look
    try:
        answers = asyncio.run(one_after_the_other())
    finally:
        upstream.look = None
    assert len(open_at_call) == 4
    assert all(answer.request in held for answer, held in zip(answers, open_at_call, strict=True))


@pytest.mark.parametrize("form", FORMS)
def test_a_client_that_goes_in_mid_stream_is_charged_what_the_upstream_reports_in_the_end(
    served: Served, form: str
) -> None:
    account = served.books.new_account(f"gone by {form}", "gates/kept")

    async def go() -> None:
        path, body = FORMS[form](f"hi [[demo {TOLD} pace:10 words:20]]", stream=True)
        async with asking(served.port, path, body, bearer(account)) as question:
            await question.read(until=b"data:")

    asyncio.run(go())
    (row,) = served.books.settled(account.id, 1)
    check_used(row, "client_gone")


def test_a_client_that_goes_before_the_first_byte_is_charged_as_well(served: Served) -> None:
    account = served.books.new_account("gone early", "gates/kept")

    async def go() -> None:
        async with asking(served.port, *chat(f"hi [[demo {TOLD} slow:150]]"), bearer(account)):
            while not (await asyncio.to_thread(open_holds, served, account)):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.005)

    asyncio.run(go())
    (row,) = served.books.settled(account.id, 1)
    check_used(row, "client_gone")


def open_holds(served: Served, account: Account) -> list[Any]:
    found: list[Any] = served.books.call("GET", f"/accounts/{account.id}")["open_holds"]
    return found


# ---- stopping


def test_a_server_asked_to_stop_lets_streams_end_settles_them_and_takes_no_more(
    tmp_path: Path, upstream: Upstream
) -> None:
    place = Place(tmp_path, upstream.url, drain_seconds=30)
    served = place.start()
    account = served.books.new_account("drained", "gates/kept")

    async def stop_in_the_middle() -> list[Answer]:
        asked = [form(f"hi [[demo {TOLD} pace:25 words:30]]", stream=True) for form in (chat, messages)]
        streams = [asyncio.create_task(ask(served.port, *each, bearer(account))) for each in asked]
        while len(await asyncio.to_thread(open_holds, served, account)) < 2:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.005)
        served.terminate()
        while "Stopping" not in served.said:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.02)
        with pytest.raises(ConnectionError):
            await ask(served.port, *chat("hi"), bearer(account))
        return await asyncio.gather(*streams)

    answers = asyncio.run(stop_in_the_middle())
    assert served.end() == 0
    assert all(answer.whole for answer in answers)
    assert b"[DONE]" in answers[0].body
    assert b"message_stop" in answers[1].body
    rows = place.run_json("usage", account.id)["requests"]
    assert {row["request"] for row in rows} == {answer.request for answer in answers}
    for row in rows:
        check_used(row, "ok")
    assert place.verify()["open_holds"] == 0
    with place.serving() as again:
        assert again.recovered == {}


def test_a_server_that_may_not_drain_for_long_cuts_streams_and_charges_what_came(
    tmp_path: Path, upstream: Upstream
) -> None:
    place = Place(tmp_path, upstream.url, drain_seconds=0)
    served = place.start()
    account = served.books.new_account("cut", "gates/kept")

    async def stop_in_the_middle() -> Answer:
        path, body = messages(f"hi [[demo {TOLD} pace:50 words:100]]", stream=True)
        async with asking(served.port, path, body, bearer(account)) as question:
            await question.read(until=b"content_block_delta")
            served.terminate()
            return await question.read()

    answer = asyncio.run(stop_in_the_middle())
    assert served.end() == 0
    assert not answer.whole
    (row,) = place.run_json("usage", account.id)["requests"]
    assert (row["request"], row["outcome"], row["usage"]["input"]) == (answer.request, "client_gone", 700)
    assert place.verify()["open_holds"] == 0


# ---- a disk that fails


@contextmanager
def no_disk(served: Served) -> Iterator[None]:
    """No file of the server may be written in the block."""
    limit = resource.RLIMIT_FSIZE
    soft, hard = resource.prlimit(served.process.pid, limit)
    resource.prlimit(served.process.pid, limit, (0, hard))
    try:
        yield
    finally:
        resource.prlimit(served.process.pid, limit, (soft, hard))


@pytest.mark.skipif(sys.platform != "linux", reason="needs prlimit")
def test_a_gate_whose_disk_fails_lets_nothing_through_and_loses_nothing(tmp_path: Path, upstream: Upstream) -> None:
    place = Place(tmp_path, upstream.url, drain_seconds=5)
    with place.serving() as served:
        account = served.books.new_account("no disk", "gates/kept")

        async def fail_in_the_middle() -> list[Answer]:
            before = await ask(served.port, *chat(f"hi [[demo {TOLD}]]"), bearer(account))
            await asyncio.to_thread(served.books.settled, account.id, 1)
            path, body = messages(f"hi [[demo {TOLD} pace:10 words:30]]", stream=True)
            async with asking(served.port, path, body, bearer(account)) as question:
                await question.read(until=b"message_start")
                calls = upstream.seen
                with no_disk(served):
                    refused = [await ask(served.port, *form("hi"), bearer(account)) for form in FORMS.values()]
                    assert upstream.seen == calls, "the upstream was called without a hold"
                    _check_fails_closed(refused)
                    stream = await question.read()
            after = await ask(served.port, *chat(f"hi [[demo {TOLD}]]"), bearer(account))
            return [before, stream, after]

        answers = asyncio.run(fail_in_the_middle())
        assert all(answer.whole and answer.status == 200 for answer in answers)
        rows = served.books.settled(account.id, 3)
        assert {row["request"] for row in rows} == {answer.request for answer in answers}
        for row in rows:
            check_used(row, "ok")
        place.verify()


def _check_fails_closed(refused: list[Answer]) -> None:
    by_chat, by_messages = refused
    assert (by_chat.status, by_messages.status) == (503, 503)
    assert by_chat.data["error"]["code"] == "unavailable"
    assert by_messages.data["error"]["type"] == "overloaded_error"
