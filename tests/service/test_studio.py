"""Studio Chat through the gate of its own process: kept, streamed, billed as its conversation says, and stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from faregate.app.office_errors import NotFound
from faregate.app.receipts import Write
from faregate.bootstrap.serving import Service
from faregate.bootstrap.settings import Settings
from faregate.upstreams.settings import read_upstreams
from tests.service.conftest import Upstream

MODEL = "anthropic/claude-sonnet-4.5"


@pytest.fixture
async def service(tmp_path: Path, upstream: Upstream) -> AsyncIterator[Service]:
    config = [
        {
            "name": "demo",
            "dialect": "openai",
            "base_url": upstream.url,
            "keys": [{"env": "DEMO_KEY"}],
            "models": {MODEL: MODEL},
        }
    ]
    upstreams = read_upstreams(config, {"DEMO_KEY": "sk-demo"}, tmp_path)
    service = Service(
        Settings(database=f"sqlite:///{tmp_path}/books.db", port=0, upstreams=upstreams, drain_seconds=1)
    )
    await service.start()
    yield service
    await service.stop()


async def customer(service: Service, plan: str = "agipower/pro", balance: str = "5") -> str:
    office, control = service.house.control.office, service.house.control
    account = str((await office.create_account("ann", Write("a", control.now())))["id"])
    await office.subscribe(account, plan, Write("s", control.now()))
    if balance:
        await office.grant(account, balance, Write("g", control.now()), plan="agipower/payg")
    return account


async def said(service: Service, account: str, id: str, text: str, key: str = "m") -> list[dict[str, Any]]:
    control = service.house.control
    parts = [{"type": "text", "text": text}]
    return [event async for event in control.studio.say(account, id, parts, Write(key, control.now()))]


def begin(service: Service, account: str, billing: Any = "plan") -> str:
    control = service.house.control
    return str(control.studio.begin(account, MODEL, billing, Write("c", control.now()))["id"])


def payers(event: dict[str, Any]) -> list[str]:
    return [piece["payer"].partition("#")[0] for piece in event["cost"]["slices"]]


async def test_s2_8_an_answer_streams_is_kept_and_is_billed_to_the_plan(service: Service) -> None:
    account = await customer(service)
    id = begin(service, account)
    events = await said(service, account, id, "Hello there")
    assert events[0]["type"] == "begun"
    assert events[-1]["type"] == "done"
    assert payers(events[-1]) == ["agipower/pro"]
    text = "".join(event["text"] for event in events if event["type"] == "text")
    kept = service.house.control.studio.conversation(account, id)
    assert kept["title"] == "Hello there"
    assert [message["role"] for message in kept["messages"]] == ["user", "assistant"]
    assert kept["messages"][1]["parts"] == [{"type": "text", "text": text}]
    assert kept["messages"][1]["request"] == events[0]["request"]


async def test_s2_8_a_conversation_may_change_to_the_pay_as_you_go_balance_and_back(service: Service) -> None:
    account, studio = await customer(service), service.house.control.studio
    id = begin(service, account)
    now = service.house.control.now
    for billing, payer in (("api", "agipower/payg"), ("plan", "agipower/pro")):
        studio.change(account, id, Write("x", now()), billing=billing)  # type: ignore[arg-type]
        events = await said(service, account, id, f"billed by {billing}", billing)
        assert payers(events[-1]) == [payer]
    assert len(studio.conversation(account, id)["messages"]) == 4


async def test_an_empty_balance_is_told_in_words(service: Service) -> None:
    account = await customer(service, balance="")
    events = await said(service, account, begin(service, account, "api"), "hi")
    assert events[-1]["type"] == "error"
    assert "reopens_at" in events[-1]
    assert "balance" in events[-1]["message"] or "covers" in events[-1]["message"]


async def test_another_answer_takes_the_place_of_the_last_one(service: Service) -> None:
    account, control = await customer(service), service.house.control
    id = begin(service, account)
    first = await said(service, account, id, "once more")
    again = [event async for event in control.studio.again(account, id, Write("again", control.now()))]
    kept = control.studio.conversation(account, id)["messages"]
    assert [message["role"] for message in kept] == ["user", "assistant"]
    assert kept[1]["request"] == again[0]["request"] != first[0]["request"]


async def test_an_answer_that_is_stopped_is_kept_as_far_as_it_came(service: Service) -> None:
    account, control = await customer(service), service.house.control
    id = begin(service, account)
    stream = control.studio.say(account, id, [{"type": "text", "text": "tell me a lot"}], Write("m", control.now()))
    heard = []
    async for event in stream:
        heard.append(event)
        if event["type"] == "text":
            break
    await stream.aclose()
    kept = control.studio.conversation(account, id)["messages"]
    assert kept[1]["parts"][0]["text"].startswith(heard[-1]["text"])


async def test_nobody_sees_the_conversations_of_another(service: Service) -> None:
    account, control = await customer(service), service.house.control
    id = begin(service, account)
    with pytest.raises(NotFound, match="no conversation"):
        control.studio.conversation("acc_00000000", id)
    control.studio.forget(account, id)
    assert control.studio.conversations(account, None, 10)["conversations"] == []
