"""Recorded traces, one line a request: how many prompts a person wrote, and what each request
is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.callers.calls import (
    ENVIRONMENT,
    REMINDER,
    RESULT,
    TITLE_SCHEMA,
    TOOL_CALL,
    Call,
    answer,
    chat,
    claude_20,
    claude_21,
    codex,
    gemini,
    judged,
    opencode,
    prompts_counted,
    said,
    text,
    user,
)

ASK = user(REMINDER, "Fix the bug.")
AGAIN = user("Now the tests.")
TOOL_ROUND = [TOOL_CALL, user(RESULT)]
TITLE = {"format": {"type": "json_schema", "schema": TITLE_SCHEMA}}
BASH_PATHS = user("Command: ls\nOutput: a.py b.py\n\n")
PATHS_SYSTEM = "Extract any file paths that this command reads or modifies."
TOPIC_SYSTEM = "Analyze if this message indicates a new conversation topic."
SUBAGENT_SYSTEM = "You are an agent for Claude Code, Anthropic's official CLI for Claude."
SEARCH = [{"type": "web_search_20250305", "name": "web_search", "max_uses": 8}]
NOTICE = "[SYSTEM NOTIFICATION - NOT USER INPUT]\nBackground task 1 finished."
INTERRUPTED = "[Request interrupted by user for tool use]"
GO_ON = user(RESULT, INTERRUPTED, "Stop. Read the docs first.")
CHAT_CALL = {"role": "assistant", "content": None, "tool_calls": [{"id": "t1"}]}
CHAT_RESULT = {"role": "tool", "tool_call_id": "t1", "content": "ok"}
SAY = {"role": "user", "content": "Fix the bug."}

CLAUDE_21_PRINT = [
    claude_21([ASK, ENVIRONMENT], "prompt", True),
    claude_21([ASK, ENVIRONMENT, *TOOL_ROUND], "tool"),
]
CLAUDE_21_TUI = [
    claude_21([user("Fix the bug.")], "side", tools=[], output_config=TITLE),
    claude_21([ASK, ENVIRONMENT], "prompt", True),
    claude_21([ASK, ENVIRONMENT, *TOOL_ROUND], "tool"),
    claude_21([ASK, ENVIRONMENT, *TOOL_ROUND, answer(), AGAIN], "prompt", True),
]
CLAUDE_20_TUI = [
    claude_20([user("Warmup")], "side"),
    claude_20([user("Warmup")], "subagent", system=SUBAGENT_SYSTEM),
    claude_20([user("Files modified by user:\n a.py")], "side", tools=[]),
    claude_20([ASK], "prompt", True),
    claude_20([ASK, *TOOL_ROUND], "tool"),
    claude_20([BASH_PATHS], "side", system=PATHS_SYSTEM, tools=[]),
    claude_20([ASK, *TOOL_ROUND, answer(), AGAIN], "prompt", True),
]
CLAUDE_10_TUI = [
    claude_20([user("Fix the bug."), answer("{")], "side", system=TOPIC_SYSTEM, tools=[]),
    claude_20([user("Fix the bug.")], "side", system=TOPIC_SYSTEM, tools=[]),
    claude_20([ASK], "prompt", True),
    claude_20([BASH_PATHS], "side", tools=[]),
    claude_20([ASK, *TOOL_ROUND], "tool"),
    claude_20([ASK, *TOOL_ROUND, answer(), AGAIN], "prompt", True),
]
CLAUDE_20_SUBAGENT = [
    *CLAUDE_20_TUI[:5],
    claude_20([user("Find all callers.")], "subagent", system=SUBAGENT_SYSTEM),
    claude_20([user("Find all callers."), *TOOL_ROUND], "subagent", system=SUBAGENT_SYSTEM),
]
CODEX_SUMMARY = "Another language model started to solve this problem and produced a summary of its thinking."
STEERED = [ASK, TOOL_CALL, user(RESULT, "Use the new API.")]
STOPPED = [*STEERED, TOOL_CALL, GO_ON]
CLAUDE_21_STEERING = [
    claude_21([ASK, ENVIRONMENT], "prompt", True),
    claude_21(STEERED, "prompt", True),
    claude_21([*STEERED, *TOOL_ROUND], "tool"),
    claude_21(STOPPED, "prompt", True),
    claude_21([*STOPPED, answer(), user(NOTICE)], "side"),
    claude_21([*STOPPED, answer(), user(INTERRUPTED, "And now commit.")], "prompt", True),
]
CONTEXT = [claude_21([user(f"part {number}")], "none", path="/v1/messages/count_tokens") for number in range(25)]
CLAUDE_21_HINTED = [
    claude_21([user("x")], "side", headers={b"x-claude-code-request-class": b"auxiliary"}),
    *(
        claude_21(
            messages,
            kind,
            opens,
            headers={
                b"x-claude-code-request-class": request_class,
                b"x-claude-code-prompt-id": b"p1",
            },
        )
        for messages, kind, opens, request_class in (
            ([ASK, ENVIRONMENT], "prompt", True, b"main"),
            ([ASK, *TOOL_ROUND], "tool", False, b"main"),
            ([user("Find all callers.")], "subagent", False, b"subagent"),
            ([user("Find all callers.")], "subagent", False, b"workflow"),
            ([user("by the way?")], "side", False, b"side_reply"),
        )
    ),
    claude_21(
        [ASK, answer(), user(NOTICE)],
        "side",
        headers={b"x-claude-code-request-class": b"main", b"x-claude-code-prompt-id": b"p2"},
    ),
    claude_21(
        [ASK, answer(), user("Sum up.")],
        "compaction",
        headers={b"x-claude-code-compaction": b"auto"},
    ),
]
CLAUDE_21_REPEATS = [
    claude_21([ASK, ENVIRONMENT], "prompt", True),
    claude_21([ASK, ENVIRONMENT], "prompt", True, stream=False),
    claude_21([ASK], "prompt", True, tools=[*CLAUDE_21_PRINT[0].body["tools"], {"name": "B"}]),
    claude_21([user("Fix the bug.")], "prompt", True),
]
CLAUDE_21_ASIDES = [
    claude_21([ASK], "prompt", True),
    claude_21([user("Perform a web search for the query: faregate")], "side", tools=SEARCH),
    claude_21([user("Find all callers.")], "subagent", subagent=True),
    claude_21([user("Find it.")], "subagent", headers={b"x-claude-code-agent-id": b"a1"}),
    claude_21([ASK, answer(), user("CRITICAL: Respond with TEXT ONLY. Do NOT call tools.")], "compaction"),
    claude_21([ASK, answer(), user("[SUGGESTION MODE: what next?]")], "side"),
    claude_21([ASK, TOOL_CALL, user(RESULT, REMINDER)], "tool"),
    claude_21([ASK, TOOL_CALL, user(RESULT), user(REMINDER)], "tool"),
]
CODEX_TUI = [
    codex([SAY], "side", thread_source="thread_title"),
    codex([SAY], "side", request_kind="prewarm"),
    codex([SAY], "prompt", True),
    codex([SAY, CHAT_CALL, CHAT_RESULT], "tool"),
    codex([SAY], "prompt", True),
    codex([SAY, answer(), SAY], "compaction", request_kind="compaction"),
    codex([SAY, user(CODEX_SUMMARY)], "side"),
]
CODEX_SUBAGENT = [
    codex([SAY], "prompt", True),
    codex([SAY], "subagent", thread_source="subagent", turn_id="t2"),
    codex([SAY], "subagent", headers={b"x-openai-subagent": b"collab_spawn"}),
]
TITLE_SYSTEM = "You are a title generator. You output ONLY a thread title."
OPENCODE_SUBAGENT = [
    opencode([SAY], "side", system=TITLE_SYSTEM, tools=[]),
    opencode([SAY], "prompt", True),
    opencode([SAY, CHAT_CALL, CHAT_RESULT], "tool"),
    opencode([SAY], "subagent", session="ses_2", headers={b"x-parent-session-id": b"ses_1"}),
]
KILO_TITLE = [
    opencode([SAY], "side", headers={b"x-session-id": b"title-ses_1"}),
    opencode([SAY], "prompt", True),
]
COPILOT = [
    opencode([SAY], "prompt", True, headers={b"x-initiator": b"user"}),
    opencode([SAY], "tool", headers={b"x-initiator": b"agent"}),
]
GEMINI_CONTEXT = said("user", "This is the Gemini CLI. We are setting up the context for our chat.")
GEMINI_ASK = [GEMINI_CONTEXT, said("model", "Got it."), said("user", "Fix the bug.")]
GEMINI_CALL = said("model", {"functionCall": {"id": "1", "name": "read_file", "args": {"path": "a", "x": {"y": 1}}}})
GEMINI_RESULT = said("user", {"functionResponse": {"id": "1", "name": "read_file", "response": {"output": "{"}}})
GEMINI_ROUND = [said("model", {"text": "Hm.", "thought": True}), GEMINI_CALL, GEMINI_RESULT]
ROUTING = "\nYou are a specialized Task Routing AI. Your sole function is to analyze the user's request."
ROUTED = {"type": "OBJECT", "properties": {"reasoning": {}, "model_choice": {}}}
SCORED = {"type": "OBJECT", "properties": {"complexity_reasoning": {}, "complexity_score": {}}}
NEXT = {"type": "object", "properties": {"reasoning": {}, "next_speaker": {}}}
SNAPSHOT = "You are the component that summarizes internal chat history into a given structure."
AS_JSON = {"responseMimeType": "application/json"}


def _gemini_aside(contents: list[dict[str, Any]], system: str = "", **settings: Any) -> Call:
    return gemini(contents, "side", system=system, method="generateContent", tools=None, **settings)


GEMINI_CLI = [
    _gemini_aside([said("user", "Fix the bug.")], ROUTING, **AS_JSON, responseSchema=ROUTED),
    _gemini_aside([said("user", "Fix the bug.")], **AS_JSON, responseJsonSchema=SCORED),
    gemini(GEMINI_ASK, "prompt", True),
    gemini([*GEMINI_ASK, *GEMINI_ROUND], "tool"),
    gemini([*GEMINI_ASK, *GEMINI_ROUND, said("model", "Done.")], "side"),
    _gemini_aside([*GEMINI_ASK, said("user", "Who speaks next?")], **AS_JSON, responseJsonSchema=NEXT),
    gemini([*GEMINI_ASK, said("user", "System: Please continue.")], "side"),
    gemini([*GEMINI_ASK, *GEMINI_ROUND, said("model", "Done."), said("user", "Now the tests.")], "prompt", True),
    _gemini_aside([*GEMINI_ASK, said("user", "First, reason in your scratchpad.")], SNAPSHOT),
    gemini([*GEMINI_ASK, GEMINI_CALL, said("function", {"function_response": {"name": "x"}})], "tool"),
    gemini([*GEMINI_ASK, GEMINI_CALL, said("user", {"function_response": {"name": "x"}})], "tool"),
]
QWEN = {b"user-agent": b"QwenCode/0.24.4 (linux; x64)"}
QWEN_BROKEN_STREAM = [
    chat(QWEN, [SAY], "prompt", True),
    chat(QWEN, [SAY, answer(), user("The connection dropped mid-response. Resume directly — no apology.")], "side"),
    chat(QWEN, [SAY, answer(), user("Output token limit hit. Resume directly — no apology.")], "side"),
    chat(QWEN, [SAY, answer(), user("Managed memory has TWO directories. Choose which one.")], "side"),
    chat(QWEN, [SAY, answer(), user("The connection dropped. Why?")], "prompt", True),
]

TRACES: list[tuple[str, list[Call], int]] = [
    ("Claude Code 2.1 -p, one prompt", CLAUDE_21_PRINT, 1),
    ("Claude Code 2.1 TUI, two prompts", CLAUDE_21_TUI, 2),
    ("Claude Code 2.0.76 TUI, two prompts", CLAUDE_20_TUI, 2),
    ("Claude Code 1.0.128 TUI, two prompts", CLAUDE_10_TUI, 2),
    ("Claude Code 2.0.76 with a sub-agent", CLAUDE_20_SUBAGENT, 1),
    ("Claude Code 2.1 steering and interrupt", CLAUDE_21_STEERING, 4),
    ("Claude Code 2.1 /context", CONTEXT, 0),
    ("Claude Code 2.1 with gateway hints", CLAUDE_21_HINTED, 1),
    ("Claude Code 2.1 repeats", CLAUDE_21_REPEATS, 1),
    ("Claude Code 2.1 asides", CLAUDE_21_ASIDES, 1),
    ("Codex TUI, one prompt", CODEX_TUI, 1),
    ("Codex with a sub-agent", CODEX_SUBAGENT, 1),
    ("opencode with a sub-agent", OPENCODE_SUBAGENT, 1),
    ("Kilo's title session", KILO_TITLE, 1),
    ("Copilot's initiator", COPILOT, 1),
    ("Gemini CLI, two prompts", GEMINI_CLI, 2),
    ("Qwen Code goes on after a broken stream", QWEN_BROKEN_STREAM, 2),
]
EVENTS = [
    pytest.param(call, id=f"{name} #{number}")
    for name, calls, _ in TRACES
    for number, call in enumerate(calls, 1)
    if call.kind != "none"
]


@pytest.mark.parametrize(("calls", "count"), [pytest.param(row[1], row[2], id=row[0]) for row in TRACES])
def test_a_trace_counts_the_prompts_a_person_wrote(calls: list[Call], count: int) -> None:
    assert prompts_counted(calls) == count


@pytest.mark.parametrize("call", EVENTS)
def test_each_request_is_what_it_is_for(call: Call) -> None:
    _, verdict = judged(call)
    assert (verdict.kind, verdict.opens_prompt) == (call.kind, call.opens)
    assert bool(verdict.prompt_key) or not call.opens


def test_requests_of_one_prompt_share_the_clients_own_prompt_id() -> None:
    keys = [judged(call)[1].prompt_key for call in CLAUDE_21_HINTED[1:4]]
    assert keys == ["claude:p1"] * 3


def test_the_same_words_later_in_a_conversation_are_another_prompt() -> None:
    again = [user("go on")]
    first = judged(claude_21(again, "prompt", True))[1]
    later = judged(claude_21([*again, answer(), *again], "prompt", True))[1]
    assert first.prompt_key != later.prompt_key


def test_a_picture_alone_is_a_prompt() -> None:
    picture = {"type": "image", "source": {"type": "base64", "data": "aGk="}}
    assert judged(claude_21([user(picture)], "prompt", True))[1].opens_prompt
    assert not judged(claude_21([ASK, TOOL_CALL, user(RESULT), user(picture)], "tool"))[1].opens_prompt


def test_system_text_in_blocks_and_broken_parts_do_not_break_the_rule() -> None:
    odd = {"role": "user", "content": [None, 7, {"type": "text", "text": 5}, text("hello")]}
    assert judged(claude_21([odd], "prompt", True))[1].opens_prompt


def test_gemini_cli_is_recognised_in_its_side_requests_too() -> None:
    for call in (GEMINI_CLI[0], GEMINI_CLI[2]):
        caller, _ = judged(call)
        assert (caller.client, caller.is_coding_tool, caller.version) == ("gemini-cli", True, "0.61.0")
