"""Dropped logs against every plan: the figures are the command's, nothing is kept, and there is a bound to all."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from faregate.app.comparison_port import ComparisonBusy, ComparisonRefused, Dropped
from faregate.bootstrap import comparing, comparing_elsewhere
from faregate.bootstrap.clock import now as system_now
from faregate.bootstrap.comparing import Job, Refused, TooLarge, work
from faregate.bootstrap.comparing_elsewhere import MOST_OFTEN, ComparisonElsewhere
from faregate.core.instants import MINUTE
from tests.api.conftest import Clock
from tests.api.console import House
from tests.readers.logs import answer, at, prompt, tool_result, write

TRUE_TO_THE_COMMAND = ("currency", "months", "zone", "requests_by_hour", "plans", "rates", "verdict")


def logs_in(folder: Path) -> Path:
    """A few sessions of Claude Code, one of them copied into another's file, and one of Codex."""
    first = [prompt("please"), answer("a", 400), tool_result(), answer("b", 900, 30), prompt("<command-name>/cost")]
    write(folder / "one.jsonl", [*first, answer("c", 50, 40), "{not json"])
    write(folder / "two.jsonl", [*first[:2], prompt("again"), answer("d", 2_000, 90, sessionId="s2")])
    use = {"input_tokens": 5_000, "cached_input_tokens": 3_000, "output_tokens": 700, "total_tokens": 5_700}
    lines = [
        {"timestamp": at(0), "type": "session_meta", "payload": {"id": "t1"}},
        {"timestamp": at(1), "type": "turn_context", "payload": {"model": "gpt-5-codex"}},
        {"timestamp": at(1), "type": "event_msg", "payload": {"type": "user_message", "message": "hello"}},
        {
            "timestamp": at(9),
            "type": "event_msg",
            "payload": {"type": "token_count", "info": {"last_token_usage": use, "total_token_usage": use}},
        },
    ]
    write(folder / "rollout-x.jsonl", lines)
    return folder


def dropped(folder: Path, address: str = "192.0.2.7", **more: str) -> Dropped:
    files = [{"name": path.name, "text": path.read_text()} for path in sorted(folder.iterdir())]
    named = {"currency": "USD", "zone": "UTC", "language": "en"} | more
    return Dropped(json.dumps({"files": files}).encode(), address=address, **named)


def by_the_command(folder: Path) -> dict[str, Any]:
    """What `faregate compare --json` says of the same files."""
    words = ("-m", "faregate", "compare", "--json", "--logs", str(folder), "--currency", "USD", "--zone", "UTC")
    environment = {"PATH": os.defpath, "LANG": "C", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    ended = subprocess.run((sys.executable, *words), env=environment, capture_output=True, timeout=120, check=True)
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def without_its_name(usage: dict[str, Any]) -> dict[str, Any]:
    return {field: value for field, value in usage.items() if field != "name"}


async def test_the_figures_are_those_of_the_command_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, left = logs_in(tmp_path / "logs"), tmp_path / "left"
    left.mkdir()
    monkeypatch.setenv("TMPDIR", str(left))
    told = await ComparisonElsewhere((), (), system_now)(dropped(folder))
    expected = by_the_command(folder)
    for field in TRUE_TO_THE_COMMAND:
        assert told["comparison"][field] == expected[field], field
    assert without_its_name(told["comparison"]["usage"]) == without_its_name(expected["usage"])
    assert told["comparison"]["usage"]["requests"] == 5
    assert told["page"].startswith("<!doctype html>") or "<html" in told["page"][:200]
    assert list(left.iterdir()) == []


async def test_a_visitor_may_ask(house: House, tmp_path: Path) -> None:
    files = json.loads(dropped(logs_in(tmp_path / "logs")).logs)
    told = await house.browser().call("POST", "/comparisons", files, {"currency": "cny", "language": "zh"})
    assert told.status == 200
    assert told.body["comparison"]["currency"] == "CNY"


async def test_what_is_no_log_is_refused_in_words(house: House) -> None:
    browser = house.browser()
    for body, words in (
        ({"files": [{"name": "a.jsonl", "text": "hello"}]}, "none of these is a log"),
        ({"wrong": 1}, "not JSON as it should be"),
    ):
        answered = await browser.call("POST", "/comparisons", body)
        assert (answered.status, answered.code) == (400, "comparison_refused")
        assert words in answered.body["error"]["message"]
    other = await browser.call("POST", "/comparisons", {"files": []}, {"currency": "XXX"})
    assert (other.status, other.code) == (400, "comparison_refused")
    elsewhere = await browser.call("POST", "/comparisons", {"files": []}, origin="https://far.example")
    assert (elsewhere.status, elsewhere.code) == (403, "csrf_refused")


async def test_a_body_that_is_too_large_is_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    huge = {"files": [{"name": "a", "text": "x" * 24_000_001}]}
    answered = await house.browser().call("POST", "/comparisons", huge)
    assert (answered.status, answered.code) == (400, "bad_request")
    monkeypatch.setattr(comparing_elsewhere, "MOST_SECONDS", 0.001)
    late = await house.browser().call("POST", "/comparisons", {"files": []})
    assert (late.status, late.code) == (413, "comparison_too_large")


async def test_one_runs_at_a_time_and_few_of_one_address(tmp_path: Path) -> None:
    clock = Clock()
    ask = ComparisonElsewhere((), (), clock)
    nothing = Dropped(b'{"files": []}', "USD", "UTC", "en", "192.0.2.1")
    first = asyncio.create_task(ask(nothing))
    await asyncio.sleep(0)
    with pytest.raises(ComparisonBusy, match="another comparison"):
        await ask(nothing)
    with pytest.raises(ComparisonRefused):
        await first
    for _ in range(MOST_OFTEN - 1):
        ask._count("192.0.2.1", clock.now)
    with pytest.raises(ComparisonBusy) as often:
        await ask(nothing)
    assert often.value.seconds == 600
    ask._count("192.0.2.2", clock.now)
    ask._count("192.0.2.1", clock.now + 10 * MINUTE)


def test_names_of_files_lead_nowhere_else_and_counts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job([], [], "USD", "UTC", "en", system_now())
    lines = json.dumps(answer("a", 4), separators=(",", ":")) + "\n"
    files = [{"name": "../../../etc/passwd", "text": lines}, {"name": "", "text": lines}]
    files += [{"name": "a\\b\x00c/..", "text": lines}]
    told = work(job, json.dumps({"files": files}).encode())
    assert told["comparison"]["usage"]["files"] == 3
    monkeypatch.setattr(comparing, "MOST_REQUESTS", 0)
    with pytest.raises(TooLarge, match="1 requests"):
        work(job, json.dumps({"files": files}).encode())
    monkeypatch.setattr(comparing, "MOST_FILES", 2)
    with pytest.raises(TooLarge, match="3 files"):
        work(job, json.dumps({"files": files}).encode())
    monkeypatch.undo()
    with pytest.raises(Refused, match="time zone"):
        work(job.__class__([], [], "USD", "No/Where", "en", job.now), json.dumps({"files": files}).encode())
    alone = json.dumps(prompt("nothing came of it"), separators=(",", ":"))
    with pytest.raises(Refused, match="not one request"):
        work(job, json.dumps({"files": [{"name": "a.jsonl", "text": alone}]}).encode())
