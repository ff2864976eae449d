"""Codex's logs: which lines are requests, what they used, and what a fork replays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.readers.logs import at, reading_of, requests_in, write


def line(kind: str, seconds: int, **payload: Any) -> dict[str, Any]:
    return {"timestamp": at(seconds), "type": kind, "payload": payload}


def begun(name: str = "t1", seconds: int = 0, **more: Any) -> list[dict[str, Any]]:
    meta = line("session_meta", seconds, id=name, source="exec", thread_source="user", **more)
    return [meta, line("turn_context", seconds, model="gpt-5.5")]


def use(fresh: int, cached: int = 0, output: int = 0, reasoning: int = 0) -> dict[str, int]:
    total = fresh + cached + output
    return {
        "input_tokens": fresh + cached,
        "cached_input_tokens": cached,
        "output_tokens": output,
        "reasoning_output_tokens": reasoning,
        "total_tokens": total,
    }


def count(seconds: int, last: dict[str, int] | None, total: dict[str, int] | None) -> dict[str, Any]:
    info = {"last_token_usage": last, "total_token_usage": total}
    return line("event_msg", seconds, type="token_count", info=info)


def said(seconds: int, text: str) -> dict[str, Any]:
    return line("event_msg", seconds, type="user_message", message=text)


def test_cached_input_is_apart_and_reasoning_is_inside_the_output(tmp_path: Path) -> None:
    used = use(40, 60, 9, 4)
    write(tmp_path / "rollout-1.jsonl", [*begun(), said(1, "hi"), count(2, used, used)])
    (request,) = requests_in(tmp_path)
    assert (request.usage.input, request.usage.cached, request.usage.output) == (40, 60, 9)
    assert (request.model, request.client, request.session, request.usage.prompts) == ("gpt-5.5", "codex", "t1", 1)


def test_a_count_told_again_is_no_request(tmp_path: Path) -> None:
    used = use(40, 60, 9)
    write(tmp_path / "rollout-1.jsonl", [*begun(), count(2, used, used), count(5, used, used), count(6, None, None)])
    assert len(requests_in(tmp_path)) == 1


def test_where_only_totals_are_told_their_difference_counts(tmp_path: Path) -> None:
    write(tmp_path / "rollout-1.jsonl", [*begun(), count(2, None, use(40, 60, 9)), count(5, None, use(70, 90, 11))])
    assert [tuple(request.usage[:5]) for request in requests_in(tmp_path)] == [(40, 60, 0, 0, 9), (30, 30, 0, 0, 2)]


def test_the_model_is_that_of_the_turn(tmp_path: Path) -> None:
    turned = line("turn_context", 3, model="gpt-5.5-mini")
    lines = [*begun(), count(2, use(1, 0, 1), use(1, 0, 1)), turned, count(5, use(2, 0, 1), use(3, 0, 2))]
    write(tmp_path / "rollout-1.jsonl", lines)
    assert [request.model for request in requests_in(tmp_path)] == ["gpt-5.5", "gpt-5.5-mini"]


def test_prompts_of_newer_versions_are_items(tmp_path: Path) -> None:
    item = {"type": "UserMessage", "content": [{"type": "text", "text": "hi"}]}
    other = line("event_msg", 4, type="item_completed", item={"type": "AgentMessage", "content": []})
    asked = line("event_msg", 1, type="item_completed", item=item)
    lines = [*begun(), asked, count(2, use(1), use(1)), other, count(5, use(2), use(3))]
    write(tmp_path / "rollout-1.jsonl", lines)
    assert [request.usage.prompts for request in requests_in(tmp_path)] == [1, 0]


def test_what_a_thread_tells_a_sub_agent_is_no_prompt(tmp_path: Path) -> None:
    spawn = {"subagent": {"thread_spawn": {"parent_thread_id": "t0"}}}
    meta = line("session_meta", 0, id="t1", source=spawn, thread_source="subagent")
    write(tmp_path / "rollout-1.jsonl", [meta, said(1, "look there"), count(60, use(1), use(1))])
    assert [request.usage.prompts for request in requests_in(tmp_path)] == [0]


def test_a_fork_replays_what_its_parent_did(tmp_path: Path) -> None:
    uses = [use(10, 0, 1), use(20, 5, 2)]
    totals = [use(10, 0, 1), use(30, 5, 3)]
    parent = [*begun("t1"), said(1, "a"), count(5, uses[0], totals[0]), said(9, "b"), count(20, uses[1], totals[1])]
    after = count(200, use(99), use(129, 5, 3))
    replayed = [said(100, "a"), count(100, uses[0], totals[0]), said(100, "b"), count(100, uses[1], totals[1])]
    own = [said(130, "c"), count(140, use(7, 25, 4), use(37, 30, 7))]
    write(tmp_path / "rollout-1.jsonl", [*parent, after])
    write(tmp_path / "rollout-2.jsonl", [*begun("t2", 100, forked_from_id="t1"), *replayed, *own])
    reading = reading_of(tmp_path)
    assert [request.usage.input for request in reading.requests] == [10, 20, 7, 99]
    assert sum(request.usage.prompts for request in reading.requests) == 3
    assert reading.duplicates == 2


def test_a_fork_whose_parent_is_gone_replays_in_one_burst(tmp_path: Path) -> None:
    replayed = [count(100, use(10), use(10)), count(100, use(20), use(30))]
    own = [count(140, use(7), use(37))]
    write(tmp_path / "rollout-2.jsonl", [*begun("t2", 100, forked_from_id="gone"), *replayed, *own])
    assert [request.usage.input for request in requests_in(tmp_path)] == [7]


def test_a_copied_file_counts_once(tmp_path: Path) -> None:
    lines = [*begun(), count(2, use(1), use(1)), count(5, use(2), use(3))]
    write(tmp_path / "sessions" / "rollout-1.jsonl", lines)
    write(tmp_path / "archived_sessions" / "rollout-1.jsonl", lines)
    reading = reading_of(tmp_path)
    assert (len(reading.requests), reading.duplicates) == (2, 2)


def test_a_compaction_without_a_count_is_told_by_its_own_record(tmp_path: Path) -> None:
    record = line(
        "token_usage_record", 3, response_id="r1", usage=use(500, 0, 50), thread_token_usage=use(510, 0, 51)
    )
    done = line("compacted", 4, message="", compaction_response_id="r1")
    lines = [*begun(), count(2, use(10, 0, 1), use(10, 0, 1)), record, done, count(9, use(3), use(13, 0, 1))]
    write(tmp_path / "rollout-1.jsonl", lines)
    assert [request.usage.input for request in requests_in(tmp_path)] == [10, 500, 3]


def test_a_record_that_a_count_tells_of_too_is_one_request(tmp_path: Path) -> None:
    record = line("token_usage_record", 3, response_id="r1", usage=use(10, 0, 1), thread_token_usage=use(10, 0, 1))
    done = line("compacted", 6, message="", compaction_response_id="r1")
    write(tmp_path / "rollout-1.jsonl", [*begun(), record, count(5, use(10, 0, 1), use(10, 0, 1)), done])
    assert [request.usage.input for request in requests_in(tmp_path)] == [10]
