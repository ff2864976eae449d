"""Failover on real books: an upstream that fails, one that serves, and what the operator is told of both."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.service.asking import FORMS, ask
from tests.service.conftest import Upstream
from tests.service.served import Place

MODEL = "claude-sonnet-4"


def upstreams(url: str, dialect: str) -> list[dict[str, Any]]:
    """One that fails and, behind it, one that serves at seven tenths of list prices."""
    base = {"dialect": dialect, "base_url": f"{url}/v1", "key_env": "UPSTREAM_KEY"}
    failing = {MODEL: {"upstream": f"{MODEL}@fail:500", "canonical": MODEL}}
    return [
        {"name": "failing", "models": failing, "priority": 1, **base},
        {"name": "fine", "models": [MODEL], "cost": 0.7, **base},
    ]


@pytest.mark.parametrize("form", ["chat", "messages"])
def test_a_request_that_was_tried_twice_is_charged_once_and_explained(
    tmp_path: Path, upstream: Upstream, form: str
) -> None:
    dialect = {"chat": "openai", "messages": "anthropic"}[form]
    place = Place(tmp_path, upstream.url, drain_seconds=1, upstreams=upstreams(upstream.url, dialect))
    with place.serving() as served:
        account = served.books.new_account("acme", "88code/free")
        for stream in (False, True):
            path, body = FORMS[form]("hello", stream, MODEL)
            answer = asyncio.run(ask(served.port, path, body, {"authorization": f"Bearer {account.key}"}))
            assert (answer.status, answer.whole) == (200, True)
        rows = served.books.settled(account.id, 2)
        for row in rows:
            told = served.books.call("GET", f"/requests/{row['request']}")["upstreams"]
            assert told["upstream"] == "fine"
            assert told["tried"] == [{"upstream": "failing", "key": "", "fault": "status_500"}]
            assert told["cost"]["share"] == "7/10"
        (costs,) = served.books.usage(account.id)["total"]["costs"]
        assert float(costs["cost"]) == pytest.approx(0.7 * float(costs["list_value"]))
        states = {each["name"]: each for each in served.books.call("GET", "/upstreams")["upstreams"]}
        assert states["failing"]["faults"] == {"status_500": 2}
        assert states["fine"]["answered"] == 2
    place.verify()
