"""Logs of OpenCode, Gemini CLI and Qwen Code; tables, usage files and the journal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from faregate.app.store_port import Books as BooksPort
from faregate.core.entry import Entry
from faregate.core.usage import Usage
from faregate.readers import ToolCount
from faregate.readers.journal import read_journal, requests_of
from tests.readers.logs import at, reading_of, requests_in, write

CREATED = 1_793_613_600_000


def message(name: str, parent: str = "msg_u1", **more: Any) -> dict[str, Any]:
    tokens = {"input": 30, "output": 6, "reasoning": 20, "cache": {"read": 400, "write": 8}}
    told = {"id": name, "sessionID": "ses_1", "role": "assistant", "parentID": parent, "modelID": "gpt-5.5"}
    return told | {"tokens": tokens, "time": {"created": CREATED}} | more


def database(path: Path, messages: list[dict[str, Any]], sessions: dict[str, str | None]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE session (id TEXT PRIMARY KEY, parent_id TEXT)")
        connection.execute("CREATE TABLE message (id TEXT PRIMARY KEY, session_id TEXT, time_created INT, data TEXT)")
        connection.executemany("INSERT INTO session VALUES (?, ?)", list(sessions.items()))
        for each in messages:
            row = (each["id"], each["sessionID"], CREATED, json.dumps(each))
            connection.execute("INSERT INTO message VALUES (?, ?, ?, ?)", row)
    connection.close()
    return path


def test_opencode_answers_are_requests_and_reasoning_is_output(tmp_path: Path) -> None:
    user = {"id": "msg_u1", "sessionID": "ses_1", "role": "user", "time": {"created": CREATED}}
    database(tmp_path / "opencode.db", [user, message("msg_a"), message("msg_b")], {"ses_1": None})
    requests = requests_in(tmp_path)
    assert [request.usage.prompts for request in requests] == [1, 0]
    assert tuple(requests[0].usage[:5]) == (30, 400, 8, 0, 26)
    assert (requests[0].at, requests[0].client, requests[0].session) == (CREATED * 1000, "opencode", "ses_1")


def test_opencode_sub_sessions_and_summaries_open_no_turn(tmp_path: Path) -> None:
    sub = message("msg_a", "msg_u2", sessionID="ses_2")
    summary = message("msg_b", "msg_u3", summary=True)
    database(tmp_path / "opencode.db", [sub, summary], {"ses_1": None, "ses_2": "ses_1"})
    assert [request.usage.prompts for request in requests_in(tmp_path)] == [0, 0]


def test_opencode_messages_that_moved_into_the_database_count_once(tmp_path: Path) -> None:
    database(tmp_path / "opencode.db", [message("msg_a")], {"ses_1": None})
    for name in ("msg_a", "msg_b"):
        write(tmp_path / "storage" / "message" / "ses_1" / f"{name}.json", [message(name, f"for-{name}")])
    reading = reading_of(tmp_path)
    assert (len(reading.requests), reading.duplicates, reading.broken) == (2, 1, 0)


def test_the_older_store_says_which_session_another_one_started(tmp_path: Path) -> None:
    write(tmp_path / "storage" / "message" / "ses_1" / "msg_a.json", [message("msg_a")])
    write(tmp_path / "storage" / "session" / "project" / "ses_1.json", [{"id": "ses_1", "parentID": "ses_0"}])
    assert [request.usage.prompts for request in requests_in(tmp_path)] == [0]


def test_gemini_counts_cached_input_inside_and_thoughts_outside(tmp_path: Path) -> None:
    tokens = {"input": 100, "output": 5, "cached": 60, "thoughts": 7, "tool": 3, "total": 115}
    told = {"id": "m2", "type": "gemini", "timestamp": at(3), "model": "gemini-3.8-flash", "tokens": tokens}
    messages = [{"id": "m1", "type": "user", "timestamp": at(1), "content": "hi"}, told, told | {"id": "m3"}]
    chat = {"sessionId": "s1", "projectHash": "p", "startTime": at(0), "messages": messages}
    write(tmp_path / "chats" / "session-1.json", [chat])
    requests = requests_in(tmp_path)
    assert [tuple(request.usage[:5]) for request in requests] == [(43, 60, 0, 0, 12)] * 2
    assert [(request.client, request.usage.prompts) for request in requests] == [("gemini-cli", 1), ("gemini-cli", 0)]


def test_gemini_lines_of_one_message_are_one_request(tmp_path: Path) -> None:
    head = {"sessionId": "s1", "projectHash": "p", "startTime": at(0), "kind": "main"}
    asked = {"id": "m1", "type": "user", "timestamp": at(1), "content": [{"text": "hi"}]}
    told = {"id": "m2", "type": "gemini", "timestamp": at(3), "model": "gemini-3.8-flash"}
    grown = [told | {"tokens": {"input": 10, "output": output}} for output in (1, 9)]
    write(tmp_path / "chats" / "session-1.jsonl", [head, asked, told, *grown, {"$set": {"lastUpdated": at(9)}}])
    (request,) = requests_in(tmp_path)
    assert (request.usage.output, request.usage.prompts) == (9, 1)


def qwen(kind: str, name: str, **more: Any) -> dict[str, Any]:
    line = {"uuid": name, "parentUuid": None, "sessionId": "s1", "timestamp": at(1), "type": kind, "cwd": "/w"}
    return line | {"message": {"role": kind, "parts": [{"text": "hi"}]}} | more


def test_qwen_counts_thoughts_where_the_total_says_so(tmp_path: Path) -> None:
    use = {"promptTokenCount": 100, "candidatesTokenCount": 9, "cachedContentTokenCount": 80, "thoughtsTokenCount": 4}
    inside = qwen("assistant", "b", model="q", usageMetadata=use | {"totalTokenCount": 109})
    outside = qwen("assistant", "c", model="q", usageMetadata=use | {"totalTokenCount": 113})
    result = qwen("tool_result", "d")
    write(tmp_path / "chats" / "1.jsonl", [qwen("user", "a"), inside, result, outside])
    requests = requests_in(tmp_path)
    assert [request.usage.output for request in requests] == [9, 13]
    assert [(request.usage.input, request.usage.cached) for request in requests] == [(20, 80)] * 2
    assert [request.usage.prompts for request in requests] == [1, 0]
    assert requests[0].client == "qwen-code"


def test_a_table_is_read_by_its_heading(tmp_path: Path) -> None:
    heading = "At;Model;prompt;input;cached;output;client;extra"
    good = "2026-11-02T10:00:00Z;gpt-5.5;yes;1_000;20;30;codex;?"
    write(tmp_path / "use.csv", [heading, good, "", "2026-11-02T10:00:00Z;gpt-5.5;maybe;1;2;3;;", "x;gpt;no;1;2;3;;"])
    reading = reading_of(tmp_path)
    (request,) = reading.requests
    assert (request.usage, request.client) == (Usage(1000, 20, output=30, prompts=1), "codex")
    assert [(broken.line, broken.reason) for broken in reading.first_broken] == [(4, "wrong_shape"), (5, "bad_time")]


@pytest.mark.parametrize(
    ("cell", "input"), [('"1,234,567"', 1_234_567), ("1 234", 1_234), ("1234.0", 1_234), ("12.", 12), ("0.0", 0)]
)
def test_a_count_of_a_table_may_have_its_thousands_apart_and_nothing_behind_a_point(
    tmp_path: Path, cell: str, input: int
) -> None:
    write(tmp_path / "use.csv", ["at,model,input", f"2026-11-02T10:00:00Z,gpt-5.5,{cell}"])
    (request,) = requests_in(tmp_path)
    assert request.usage.input == input


@pytest.mark.parametrize("cell", ["1.234", "1.5", '"12,34"', "-4", "1e3", "many"])
def test_a_count_that_could_be_two_numbers_or_none_is_told(tmp_path: Path, cell: str) -> None:
    write(tmp_path / "use.csv", ["at,model,input", f"2026-11-02T10:00:00Z,gpt-5.5,{cell}"])
    assert [broken.reason for broken in reading_of(tmp_path).first_broken] == ["bad_number"]


def test_calls_of_a_tool_stand_in_a_table_too(tmp_path: Path) -> None:
    write(tmp_path / "use.csv", ["at,model,tool,calls", "2026-11-02T10:00:00Z,gpt-5.5,web_search,3"])
    (request,) = requests_in(tmp_path)
    assert (request.model, request.usage.tool_calls) == ("tool/web_search", 3)


def test_a_usage_file_is_read_without_its_events(tmp_path: Path) -> None:
    lines: list[dict[str, Any]] = [
        {"at": at(0), "model": "glm-5", "input": 5, "prompt": True, "session": "s"},
        {"at": at(1), "event": "renew"},
        {"at": at(2), "model": "glm-5", "tool": "web_search", "calls": 2},
    ]
    write(tmp_path / "usage.jsonl", lines)
    told = [
        (each.model, each.usage.input, each.usage.prompts, each.usage.tool_calls) for each in requests_in(tmp_path)
    ]
    assert told == [("glm-5", 5, 1, 0), ("tool/web_search", 0, 0, 2)]


def entry(kind: str, seq: int, request: str, **data: Any) -> Entry:
    return Entry("acc", seq, seq * 1000, kind, f"{kind}:{request}", [], [], {"request": request} | data)


def settled(seq: int, request: str, usage: Usage) -> Entry:
    return entry("settle", seq, request, model="gpt-5.5", client="codex", usage=list(usage))


def test_the_journal_tells_settled_requests_at_the_time_they_were_admitted() -> None:
    usage = Usage(5, output=6, prompts=1)
    entries = [entry("hold", 1, "r1"), entry("hold", 2, "r2"), entry("release", 3, "r2"), settled(4, "r1", usage)]
    (request,) = requests_of(entries)
    assert request == (1000, "gpt-5.5", usage, "codex", "acc")


def test_the_whole_journal_is_read_in_the_order_of_time() -> None:
    class Books:
        def heads(self) -> Iterator[Any]:
            return iter([SimpleNamespace(account="acc")])

        def entries(self, account: str, after: int = 0) -> Iterator[Entry]:
            opened = [entry("hold", 1, "r1"), entry("hold", 2, "r2"), entry("hold", 3, "r3")]
            usages = [Usage(output=2), Usage(output=1, prompts=1), Usage(output=2**40)]
            names = ("r2", "r1", "r3")
            closed = [settled(seq, name, use) for seq, name, use in zip((4, 5, 6), names, usages, strict=True)]
            return iter([*opened, *closed])

    reading = read_journal(cast("BooksPort", Books()))
    assert [request.usage.output for request in reading.requests] == [1, 2]
    assert reading.tools == {"faregate": ToolCount(0, 0, 2, 1)}
    assert [broken.reason for broken in reading.first_broken] == ["bad_number"]
