"""What is told from little is what all of it tells."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from faregate.callers.recognise import _weighed, recognise
from faregate.callers.side_texts import saying, saying_of, without_reminders
from tests.callers.calls import Call, chat, judged
from tests.callers.test_recognising import ROWS
from tests.callers.test_traces import TRACES

BEGINNINGS = [
    "Warmup",
    "Command: ls",
    "\nOutput: a",
    "CRITICAL: Respond with TEXT ONLY",
    "[SUGGESTION MODE: x]",
    "[Request interrupted by user]",
    "[read_file for 'a'] Result:",
    "[read_file for " + "a" * 400 + "] Result:",
    "Files modified by user",
    "<system-reminder>",
    "</system-reminder>",
    "<environment_x>a</environment_x>",
    "hello",
    " ",
    "\n",
    " " * 600,
    "word " * 110,
    "x" * 500,
    "y" * 1_100,
    "]",
]
TEXTS = st.lists(st.sampled_from(BEGINNINGS), max_size=5).map("".join)
CALLS = [*(row[1] for row in ROWS), *(call for row in TRACES for call in row[1] if call.kind != "none")]


@given(TEXTS, st.booleans())
@example("Warmup" + " " * 2_000, False)
@example("Warmup" + " " * 600 + "<system-reminder>" + "a" * 900 + "</system-reminder>", False)
def test_the_beginning_of_a_long_text_tells_what_the_whole_does(text: str, has_tools: bool) -> None:
    assert saying_of(text, has_tools=has_tools) is saying(without_reminders(text), has_tools=has_tools)


def findings(call: Call) -> Any:
    caller, verdict = judged(call)
    return caller, verdict.kind, verdict.reason, verdict.prompt_key


def test_what_was_asked_before_changes_no_finding() -> None:
    _weighed.cache_clear()
    first = [findings(call) for call in CALLS]
    for call, found in zip(reversed(CALLS), reversed(first), strict=True):
        assert findings(call) == found
        _weighed.cache_clear()
        assert findings(call) == found


@pytest.mark.parametrize("call", [CALLS[0], CALLS[22]])
def test_callers_of_one_client_keep_their_own_sessions(call: Call) -> None:
    sessions = []
    for name in (b"s1", b"s2", b""):
        headers = {key: value for key, value in call.headers.items() if key != b"x-claude-code-session-id"}
        body = {**call.body, "metadata": {}}
        sessions.append(judged(Call(call.path, headers | {b"session-id": name}, body, ""))[0].session)
    assert sessions == ["s1", "s2", ""]


def test_a_long_prompts_key_takes_in_its_ends_and_its_length() -> None:
    def key(words: str) -> str:
        return judged(chat({}, [{"role": "user", "content": words}], "prompt", True, user="u"))[1].prompt_key

    long = "a" * 5_000
    assert key(long) == key(long)
    assert len({key(long), key(long + "a"), key("b" + long[1:]), key(long[:-1] + "b")}) == 4


def test_a_conversation_that_is_not_asked_about_is_not_read() -> None:
    class Silent:
        user_id = cache_key = ""

    headers = {b"user-agent": b"GeminiCLI/1.0", b"x-title": b"Kilo Code", b"session-id": b"s"}
    known = {b"user-agent": b"Kilo-Code/7.7.7", b"x-title": b"Kilo Code", b"session-id": b"s"}
    assert recognise(known, Silent()).client == "kilo"  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match="system_head"):
        recognise(headers, Silent())  # type: ignore[arg-type]
