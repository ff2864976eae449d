"""Texts that are not a person's: reminders, asides, tool output as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.callers.prompts import opens_prompt_simply
from faregate.callers.side_texts import Saying, saying, without_reminders
from faregate.callers.turn_signals import Kind, signals_of
from faregate.dialects import anthropic_messages


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("hello", "hello"),
        ("<system-reminder>a</system-reminder>", ""),
        ("\n<system-reminder>a</system-reminder>\n<system-reminder>b</system-reminder> ", ""),
        ("<system-reminder>a</system-reminder> hello", "hello"),
        ("hello <environment_details>x\ny</environment_details>", "hello"),
        ("<environment_context>\n<cwd>/</cwd></environment_context>", ""),
        ("[Request interrupted by user]", ""),
        ("[Request interrupted by user] but go on", "[Request interrupted by user] but go on"),
        ("<system-reminder> not closed", "<system-reminder> not closed"),
        ("why is <system-reminder> here?", "why is <system-reminder> here?"),
        ("", ""),
    ],
)
def test_reminders_are_not_words(text: str, rest: str) -> None:
    assert without_reminders(text) == rest


@given(st.lists(st.sampled_from(["<system-reminder>", "</system-reminder>", "a", " ", "<environment_x>"])))
def test_stripping_reminders_never_grows_a_text(parts: list[str]) -> None:
    text = "".join(parts)
    assert len(without_reminders(text)) <= len(text)


def test_unclosed_reminders_without_end_are_read_once() -> None:
    text = "<system-reminder>" * 50_000
    assert without_reminders(text) == text


@pytest.mark.parametrize(
    ("text", "has_tools", "said"),
    [
        ("Warmup", True, Saying.SIDE),
        ("Warmup for the race", True, Saying.WORDS),
        ("Command: ls\nOutput: a", False, Saying.SIDE),
        ("Command: ls\nOutput: a", True, Saying.WORDS),
        ("[read_file for 'a.py'] Result:\nx", True, Saying.TOOL_OUTPUT),
        ("Your task is to create a detailed summary of the conversation", True, Saying.COMPACTION),
        ("", True, Saying.NOTHING),
    ],
)
def test_known_texts_are_told_from_words(text: str, has_tools: bool, said: Saying) -> None:
    assert saying(text, has_tools=has_tools) is said


@pytest.mark.parametrize("metadata", [b"{", b"[]", b"\xff", b'{"turn_id":7}', b"7"])
def test_broken_turn_metadata_says_nothing(metadata: bytes) -> None:
    assert signals_of({b"x-codex-turn-metadata": metadata}).kind is None


def test_an_unknown_request_class_leaves_the_decision_to_the_messages() -> None:
    assert signals_of({b"x-claude-code-request-class": b"novel"}).kind is None
    assert signals_of({b"x-claude-code-request-class": b"workflow"}).kind is Kind.SUBAGENT


@pytest.mark.parametrize(
    ("messages", "opens"),
    [
        (b'[{"role":"user","content":"hi"}]', True),
        (b'[{"role":"user","content":[{"type":"tool_result"},{"type":"text","text":"x"}]}]', False),
        (b'[{"role":"user","content":"hi"},{"role":"system","content":"x"}]', False),
        (b"[]", False),
    ],
)
def test_the_simple_rule_looks_at_the_last_message_alone(messages: bytes, opens: bool) -> None:
    request = anthropic_messages.read(b'{"model":"m","messages":' + messages + b"}")
    assert opens_prompt_simply(anthropic_messages.conversation(request)) is opens
