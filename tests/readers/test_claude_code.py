"""Claude Code's logs: which lines are requests, how often they count, and what they used."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest

from faregate.readers.lines import windows
from tests.readers.logs import answer, prompt, reading_of, requests_in, tool_result, write


def test_the_blocks_of_one_answer_are_one_request_and_the_line_with_most_tokens_counts(tmp_path: Path) -> None:
    write(tmp_path / "s1.jsonl", [answer("a", 3), answer("a", 90), answer("a", 3), answer("b", 7, 5)])
    reading = reading_of(tmp_path)
    assert [request.usage.output for request in reading.requests] == [90, 7]
    assert reading.duplicates == 2


def test_use_is_told_in_disjoint_classes(tmp_path: Path) -> None:
    writes = {"ephemeral_5m_input_tokens": 30, "ephemeral_1h_input_tokens": 4}
    use = {
        "cache_creation_input_tokens": 34,
        "cache_creation": writes,
        "server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 1},
    }
    write(tmp_path / "s1.jsonl", [answer("a", 5, use=use)])
    (request,) = requests_in(tmp_path)
    usage = request.usage
    assert (usage.input, usage.cached, usage.cache_write_5m, usage.cache_write_1h, usage.output) == (
        10,
        1000,
        30,
        4,
        5,
    )
    assert (usage.tool_calls, usage.requests) == (3, 1)
    assert (request.at, request.model, request.client) == (1_793_613_600_000_000, "claude-opus-4-8", "claude-code")


def test_older_lines_wrote_to_the_cache_for_5_minutes(tmp_path: Path) -> None:
    write(tmp_path / "s1.jsonl", [answer("a", 5, use={"cache_creation_input_tokens": 70})])
    (request,) = requests_in(tmp_path)
    assert (request.usage.cache_write_5m, request.usage.cache_write_1h) == (70, 0)


def test_a_count_that_is_null_is_none(tmp_path: Path) -> None:
    write(tmp_path / "s1.jsonl", [answer("a", 5, use={"cache_read_input_tokens": None})])
    (request,) = requests_in(tmp_path)
    assert request.usage.cached == 0


def test_answers_that_no_model_gave_are_no_requests(tmp_path: Path) -> None:
    write(tmp_path / "s1.jsonl", [answer("a", 0, model="<synthetic>"), tool_result('{"usage":{"input_tokens":9}}')])
    assert requests_in(tmp_path) == []


def test_a_resumed_session_copies_lines_that_count_once(tmp_path: Path) -> None:
    begun = [prompt("one"), answer("a", 5)]
    copied = [line | {"sessionId": "s2"} for line in begun]
    write(tmp_path / "s1.jsonl", begun)
    write(tmp_path / "s2.jsonl", [*copied, prompt("two", sessionId="s2"), answer("b", 6, 9, sessionId="s2")])
    reading = reading_of(tmp_path)
    assert [(request.session, request.usage.prompts) for request in reading.requests] == [("s1", 1), ("s2", 1)]
    assert reading.duplicates == 1


def test_without_request_ids_equal_ids_are_one_message_only_within_a_session(tmp_path: Path) -> None:
    first = answer("a", 5, request=None)
    write(tmp_path / "s1.jsonl", [first, first | {"timestamp": "2026-11-02T10:00:09.000Z"}])
    write(tmp_path / "s2.jsonl", [first | {"sessionId": "s2"}])
    assert len(requests_in(tmp_path)) == 2


def test_gateways_that_use_an_id_again_are_told_apart_by_the_time(tmp_path: Path) -> None:
    def line(seconds: int) -> dict[str, object]:
        made = answer("x", 5, seconds, request=None)
        made["message"]["id"] = "same"
        return made

    write(tmp_path / "s1.jsonl", [line(0), line(0), line(4)])
    assert len(requests_in(tmp_path)) == 2


def test_a_side_chain_that_repeats_a_message_under_another_request_id_is_a_copy(tmp_path: Path) -> None:
    chain = answer("a", 5)
    side = answer("a", 5, 1, request="req_other", isSidechain=True, use={"cache_read_input_tokens": 50_000})
    own = answer("c", 8, 2, isSidechain=True)
    write(tmp_path / "s1" / "subagents" / "agent-1.jsonl", [side, own])
    write(tmp_path / "s1.jsonl", [chain])
    assert [(request.usage.cached, request.usage.output) for request in requests_in(tmp_path)] == [
        (1000, 5),
        (1000, 8),
    ]


def test_sub_agents_are_requests_but_open_no_turn(tmp_path: Path) -> None:
    side = [prompt("look there", isSidechain=True), answer("b", 2, 1, isSidechain=True)]
    write(tmp_path / "s1.jsonl", [prompt("go"), *side, answer("a", 5, 2)])
    assert [request.usage.prompts for request in requests_in(tmp_path)] == [0, 1]


def test_a_sub_agent_told_of_as_progress_is_a_request(tmp_path: Path) -> None:
    inner = answer("p", 7, isSidechain=True)
    line = {"type": "progress", "sessionId": "s1", "data": {"type": "agent_progress", "message": inner}}
    write(tmp_path / "s1.jsonl", [prompt("go"), line])
    (request,) = requests_in(tmp_path)
    assert (request.usage.output, request.usage.prompts) == (7, 0)


def test_an_advising_model_is_a_request_of_its_own(tmp_path: Path) -> None:
    iterations = [
        {"type": "message", "model": None, "input_tokens": 10, "output_tokens": 5},
        {"type": "advisor_message", "model": "claude-fable-5", "input_tokens": 600, "output_tokens": 40},
    ]
    line = answer("a", 5, use={"iterations": iterations})
    write(tmp_path / "s1.jsonl", [prompt("go"), line, line])
    told = [(request.model, request.usage.input, request.usage.prompts) for request in requests_in(tmp_path)]
    assert sorted(told) == [("claude-fable-5", 600, 0), ("claude-opus-4-8", 10, 1)]


def test_lines_with_iterations_hold_nothing_of_a_file_of_several_blocks(tmp_path: Path) -> None:
    advice = {"type": "advisor_message", "model": "m", "input_tokens": 7}
    iterations = [{"type": "message", "input_tokens": 10}, advice]
    said = {"content": "x" * 100_000}
    lines = [answer(str(each), 5, use={"iterations": iterations}) | {"note": said} for each in range(40)]
    write(tmp_path / "s1.jsonl", lines)
    told = [request.usage.input for request in requests_in(tmp_path)]
    assert sorted(told) == [7] * 40 + [10] * 40


@pytest.mark.parametrize(
    ("said", "prompts"),
    [
        (prompt("do it"), 1),
        (prompt([{"type": "text", "text": "do it"}]), 1),
        (prompt([{"type": "image", "source": {}}]), 1),
        (prompt("<system-reminder>note</system-reminder>do it"), 1),
        (prompt("<command-name>/review</command-name>"), 1),
        (prompt("<system-reminder>note</system-reminder>"), 0),
        (prompt("[Request interrupted by user]"), 0),
        (prompt("<bash-input>ls</bash-input>"), 0),
        (prompt("<task-notification>done</task-notification>"), 0),
        (prompt("done", origin={"kind": "task-notification"}), 0),
        (prompt("Caveat: made by the tool", isMeta=True), 0),
        (prompt("This session is being continued from a previous conversation", isCompactSummary=True), 0),
        (tool_result(), 0),
    ],
)
def test_what_opens_a_turn(tmp_path: Path, said: dict[str, object], prompts: int) -> None:
    write(tmp_path / "s1.jsonl", [said, answer("a", 5), tool_result(), answer("b", 5, 1)])
    assert [request.usage.prompts for request in requests_in(tmp_path)] == [prompts, 0]


def test_a_command_that_answered_by_itself_opens_no_turn(tmp_path: Path) -> None:
    command = prompt("<command-name>/model</command-name>")
    output = prompt("<local-command-stdout>Set</local-command-stdout>")
    write(tmp_path / "s1.jsonl", [answer("a", 5), command, output, answer("b", 5, 1)])
    assert [request.usage.prompts for request in requests_in(tmp_path)] == [0, 0]


def test_what_was_typed_while_the_model_worked_opens_a_turn(tmp_path: Path) -> None:
    queued = {"type": "queued_command", "prompt": "and this", "commandMode": "prompt"}
    line = {"type": "attachment", "isSidechain": False, "attachment": queued, "timestamp": "x", "sessionId": "s1"}
    notice = line | {"attachment": queued | {"commandMode": "task-notification"}}
    write(tmp_path / "s1.jsonl", [answer("a", 5), notice, answer("b", 5, 1), line, answer("c", 5, 2)])
    assert [request.usage.prompts for request in requests_in(tmp_path)] == [0, 0, 1]


def test_two_prompts_before_a_request_are_one(tmp_path: Path) -> None:
    write(tmp_path / "s1.jsonl", [prompt("one"), prompt("two"), answer("a", 5)])
    assert [request.usage.prompts for request in requests_in(tmp_path)] == [1]


def test_a_long_file_is_held_in_parts_and_still_counts_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("faregate.readers.claude_code._HELD", 3)
    monkeypatch.setattr("faregate.readers.claude_code.windows", partial(windows, block_bytes=700))
    once = [answer(str(number), number, number) for number in range(20)]
    write(tmp_path / "s1.jsonl", [*once, *once])
    reading = reading_of(tmp_path)
    assert sum(request.usage.output for request in reading.requests) == sum(range(20))
    assert reading.duplicates == 20


def test_lines_written_anew_with_blanks_say_the_same(tmp_path: Path) -> None:
    lines = [prompt("one"), answer("a", 5), tool_result(), answer("b", 7), answer("b", 9)]
    write(tmp_path / "s1.jsonl", [json.dumps(line) for line in lines])
    reading = reading_of(tmp_path)
    assert [(request.usage.output, request.usage.prompts) for request in reading.requests] == [(5, 1), (9, 0)]
    assert reading.first_broken == ()


def test_a_log_is_known_by_its_answers_alone(tmp_path: Path) -> None:
    names = ("type", "timestamp", "sessionId", "message")
    line = {name: answer("a", 5)[name] for name in names} | {"requestId": "r1"}
    write(tmp_path / "mine.jsonl", [line, json.dumps(line | {"requestId": "r2"})])
    assert len(requests_in(tmp_path)) == 2
