"""Messages read from the end are those read from the front, whatever stands in them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from faregate.dialects import DIALECTS
from faregate.dialects.conversation import Conversation, Message
from faregate.dialects.tail import TAIL_BYTES

DECOYS = ['{"role":"user"}', ',{"role":"user","content":"x"}]', "]", "}", '"', "\\", '\\"', "é", "\u2028", "[", ","]
DECOYS += ['{"', '{",":2}', '{"type":"message"}']
TEXT = st.text(max_size=4) | st.sampled_from(DECOYS) | st.lists(st.sampled_from(DECOYS), max_size=4).map("".join)
ROLES = st.sampled_from(["user", "assistant", "tool", "system", "", None, 7])
ODD = st.none() | st.booleans() | st.integers(-3, 3) | TEXT
KINDS = (
    st.sampled_from(["text", "image", "image_url", "tool_result", "mcp_tool_result", "tool_use"])
    | st.sampled_from(["message", "input_text", "input_image", "function_call", "function_call_output", "reasoning"])
    | ODD
)
PARTS = st.fixed_dictionaries(
    {}, optional={"type": KINDS, "text": TEXT | ODD, "role": ROLES, "content": TEXT | st.just([{"role": "user"}])}
)
CONTENTS = TEXT | st.lists(PARTS | ODD, max_size=3) | ODD | PARTS
MESSAGES = (
    st.fixed_dictionaries({"role": ROLES, "content": CONTENTS})
    | st.fixed_dictionaries({}, optional={"content": CONTENTS, "role": ROLES, "x": PARTS})
    | st.fixed_dictionaries({"type": KINDS}, optional={"role": ROLES, "content": CONTENTS, "output": CONTENTS})
    | ODD
    | st.lists(st.fixed_dictionaries({"role": ROLES}), max_size=2)
)
SEPARATORS = st.sampled_from([(",", ":"), (", ", ": "), (" ,", " : "), (",\n  ", ":"), (",  ", ":")])


def conversation_of(dialect: str, messages: str) -> Conversation:
    module = DIALECTS[dialect]
    field = "input" if dialect == "openai_responses" else "messages"
    return module.conversation(module.read(f'{{"{field}":{messages},"model":"m"}}'.encode()))


def backwards(conversation: Conversation) -> list[Message]:
    found: list[Message] = []
    while (message := conversation.from_end(len(found))) is not None:
        found.append(message)
    return found


def forwards(conversation: Conversation) -> list[Message]:
    return [conversation.message(index) for index in range(conversation.message_count)]


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@given(messages=st.lists(MESSAGES, max_size=5), separators=SEPARATORS, ascii_only=st.booleans())
def test_messages_from_the_end_are_those_from_the_front(
    dialect: str, messages: list[Any], separators: tuple[str, str], ascii_only: bool
) -> None:
    written = json.dumps(messages, separators=separators, ensure_ascii=ascii_only)
    assert backwards(conversation_of(dialect, written)) == forwards(conversation_of(dialect, written))[::-1]


@pytest.mark.parametrize("dialect", sorted(DIALECTS))
@pytest.mark.parametrize(
    "sizes", [(1, TAIL_BYTES), (TAIL_BYTES, 1), (TAIL_BYTES * 2, TAIL_BYTES * 2, 5), (9_000,) * 5]
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_messages_longer_than_the_tail_are_read_whole(
    dialect: str, sizes: tuple[int, ...], separators: tuple[str, str]
) -> None:
    messages = [{"role": "user", "content": str(number) * size} for number, size in enumerate(sizes)]
    written = json.dumps(messages, separators=separators)
    assert backwards(conversation_of(dialect, written)) == forwards(conversation_of(dialect, written))[::-1]


@pytest.mark.parametrize("cut", range(-12, 30))
def test_a_message_may_begin_anywhere_about_the_tails_beginning(cut: int) -> None:
    last = {"role": "user", "content": "x" * (TAIL_BYTES - cut)}
    written = json.dumps([{"role": "user", "content": "first"}, last], separators=(",", ":"))
    found = backwards(conversation_of("openai_chat", written))
    assert [len(message.blocks[0].text) for message in found] == [TAIL_BYTES - cut, 5]


def test_any_step_may_be_asked_for_first() -> None:
    conversation = conversation_of("openai_chat", '[{"role":"a"},{"role":"b"}]')
    assert conversation.from_end(2) is None
    assert [conversation.from_end(back) for back in (1, 0)] == [Message("a", ()), Message("b", ())]


@pytest.mark.parametrize(
    ("system", "head"),
    [
        ("Be kind.", '"Be kind.'),
        ('Say "no".', '"Say \\"no\\".'),
        ("A path\\", '"A path\\\\'),
        ("long " * 1_000, ""),
    ],
)
def test_a_users_words_are_no_part_of_a_system_prompt_that_has_ended(system: str, head: str) -> None:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": "You are Cline"}]
    found = conversation_of("openai_chat", json.dumps(messages)).system_head
    assert "Cline" not in found
    assert not head or found == head
