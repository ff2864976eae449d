"""What is answered to what."""

from __future__ import annotations

from typing import Any

import pytest

from faregate.demo_upstream.answer import ANY_TOOL, ToolCall, Wishes, compose, json_pieces, pieces
from faregate.demo_upstream.conversation import Turn, read_turn
from faregate.demo_upstream.faults import NO_FAULTS, parse_faults
from faregate.demo_upstream.schema_sample import sample_object

SHELL = {
    "type": "object",
    "properties": {"command": {"type": "string"}, "timeout": {"type": "integer"}},
    "required": ["command"],
}
TOOLS = {"Bash": SHELL, "get_weather": None}


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def called(name: str) -> dict[str, Any]:
    return {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": name}]}


def result(text: str, *more: dict[str, Any]) -> dict[str, Any]:
    return user([{"type": "tool_result", "tool_use_id": "t", "content": text}, *more])


def calls(prompt: str, **wishes: Any) -> list[tuple[str, dict[str, Any]]]:
    answer = compose(Turn(prompt, 0, ()), Wishes(TOOLS, **wishes), NO_FAULTS)
    return [(call.name, call.arguments) for call in answer.calls]


def text(turn: Turn, words: str = "", **wishes: Any) -> str:
    return compose(turn, Wishes(TOOLS, **wishes), parse_faults(words)).text


def test_the_prompt_is_the_last_user_text() -> None:
    messages = [user("one"), {"role": "assistant", "content": "yes"}, user("two")]
    assert read_turn(messages) == Turn("two", 0, ())


def test_reminders_and_trailing_system_messages_are_no_prompt() -> None:
    reminder = {"type": "text", "text": "<system-reminder>\ncontext\n</system-reminder>\n"}
    messages = [
        user([reminder, {"type": "text", "text": "the wish"}]),
        {"role": "system", "content": "Available agents"},
    ]
    assert read_turn(messages).prompt == "the wish"


def test_a_tool_round_keeps_the_prompt_and_gives_the_newest_results() -> None:
    messages = [user("wish"), called("Bash"), result("first"), called("Bash"), result("second")]
    assert read_turn(messages) == Turn("wish", 2, ("second",))


def test_tool_messages_of_chat_are_results_in_order() -> None:
    messages = [
        user("wish"),
        {"role": "assistant", "tool_calls": [{"id": "1"}, {"id": "2"}]},
        {"role": "tool", "tool_call_id": "1", "content": "one"},
        {"role": "tool", "tool_call_id": "2", "content": [{"type": "text", "text": "two"}]},
    ]
    assert read_turn(messages) == Turn("wish", 1, ("one", "two"))


def test_text_beside_a_tool_result_is_a_new_prompt() -> None:
    steering = {"type": "text", "text": "stop that"}
    messages = [user("wish"), called("Bash"), result("first", steering)]
    assert read_turn(messages) == Turn("stop that", 0, ("first",))


def test_reminders_inside_a_tool_result_are_left_out() -> None:
    noted = "done\n\n<system-reminder>\n9 tokens left\n</system-reminder>\n"
    assert read_turn([user("wish"), called("Bash"), result(noted)]).results == ("done",)


def test_a_conversation_without_user_text_is_an_empty_turn() -> None:
    assert read_turn([{"role": "system", "content": "x"}, {"role": "user"}]) == Turn("", 0, ())


@pytest.mark.parametrize(
    ("prompt", "wanted"),
    [
        ('[[tool Bash {"command":"echo hi"}]]', [("Bash", {"command": "echo hi"})]),
        ('[[tool Bash {"command":"[[ -f x ]]"}]]', [("Bash", {"command": "[[ -f x ]]"})]),
        ("[[tool Bash]]", [("Bash", {"command": "demo"})]),
        ("[[tool Bash {broken]]", [("Bash", {"command": "demo"})]),
        ("Please use the tool get_weather.", [("get_weather", {})]),
        ("Use the tool `Bash`, then stop", [("Bash", {"command": "demo"})]),
        ("[[tool Bash {}]] and [[tool get_weather]]", [("Bash", {}), ("get_weather", {})]),
        ("[[tool Bash {}]] [[then]] [[tool get_weather]]", [("Bash", {})]),
        ("[[tool Unknown]]", []),
        ("hello", []),
    ],
)
def test_a_tool_is_called_when_the_prompt_asks_for_it(prompt: str, wanted: Any) -> None:
    assert calls(prompt) == wanted


def test_a_later_step_waits_for_its_tool_round() -> None:
    turn = Turn("[[tool Bash {}]] [[then]] [[tool get_weather]]", 1, ("done",))
    assert compose(turn, Wishes(TOOLS), NO_FAULTS).calls == (ToolCall("get_weather", {}),)
    assert text(turn._replace(round=2, results=("sunny",))) == "The tool returned: sunny"


def test_a_demanded_tool_is_called_without_being_asked_for() -> None:
    assert calls("hello", demanded_tool=ANY_TOOL) == [("Bash", {"command": "demo"})]
    assert calls("hello", demanded_tool="get_weather") == [("get_weather", {})]


def test_a_demanded_tool_is_not_called_again_after_its_result() -> None:
    turn = Turn("hello", 1, ("sunny",))
    assert text(turn, demanded_tool=ANY_TOOL) == "The tool returned: sunny"


def test_a_tool_that_was_not_offered_is_named() -> None:
    assert text(Turn("[[tool Rm]]", 0, ())) == "No tool named Rm was offered."


def test_only_the_beginning_is_repeated() -> None:
    assert text(Turn("w", 1, ("x" * 300,))) == "The tool returned: " + "x" * 200 + "…"


def test_a_structured_answer_fits_its_schema() -> None:
    assert text(Turn("title?", 0, ()), answer_schema=SHELL) == '{"command":"demo"}'


def test_output_counts_text_calls_and_reasoning() -> None:
    plain = compose(Turn("hello", 0, ()), Wishes(TOOLS, reasoning_tokens=64), NO_FAULTS)
    assert plain.output_tokens == 64 + -(-len(plain.text.encode()) // 4)
    call = compose(Turn("[[tool Bash {}]]", 0, ()), Wishes(TOOLS), NO_FAULTS)
    assert (call.stop, call.output_tokens) == ("tool", 2)


def test_the_longest_output_cuts_the_text_after_the_reasoning() -> None:
    wishes = Wishes({}, longest_tokens=10, reasoning_tokens=8)
    answer = compose(Turn("hello", 0, ()), wishes, NO_FAULTS)
    assert (answer.text, answer.stop, answer.output_tokens) == ("You said", "length", 10)
    starved = compose(Turn("hello", 0, ()), wishes._replace(reasoning_tokens=64), NO_FAULTS)
    assert (starved.text, starved.output_tokens, starved.reasoning_tokens) == ("", 10, 10)


def test_the_first_stop_sequence_ends_the_text() -> None:
    answer = compose(Turn("hello", 0, ()), Wishes({}, stops=("demo", '"')), NO_FAULTS)
    assert (answer.text, answer.stop, answer.stop_sequence) == ("You said: ", "sequence", '"')


def test_thinking_is_counted_as_reasoning() -> None:
    answer = compose(Turn("hello", 0, ()), Wishes({}, thinking=True), NO_FAULTS)
    assert answer.thinking
    assert answer.reasoning_tokens == -(-len(answer.thinking) // 4)


def test_the_length_of_an_answer_can_be_told() -> None:
    assert text(Turn("hello", 0, ()), "words:3") == "metered metered metered"
    assert len(text(Turn("hello", 0, ()), "huge:1001")) == 1001


@pytest.mark.parametrize("whole", ["", "one", " two  words ", "line\nbreaks\n\nkept\n"])
def test_pieces_put_together_are_the_text(whole: str) -> None:
    assert "".join(pieces(whole, one_piece=False)) == whole
    assert "".join(json_pieces(whole)) == whole


def test_a_sample_fills_in_what_a_schema_requires() -> None:
    schema = {
        "$defs": {"place": {"type": "object", "properties": {"at": {}}, "required": ["at"]}},
        "properties": {
            "kind": {"enum": ["a", "b"]},
            "count": {"type": "integer", "minimum": 3},
            "flags": {"type": "array", "items": {"type": "boolean"}, "minItems": 2},
            "place": {"$ref": "#/$defs/place"},
            "either": {"anyOf": [{"type": "null"}, {"type": "string"}]},
            "fixed": {"const": 7},
            "maybe": {"type": ["number", "null"]},
            "left_out": {"type": "string"},
        },
        "required": ["kind", "count", "flags", "place", "either", "fixed", "maybe"],
    }
    assert sample_object(schema, "s") == {
        "kind": "a",
        "count": 3,
        "flags": [True, True],
        "place": {"at": "s"},
        "either": None,
        "fixed": 7,
        "maybe": 1,
    }


def test_a_schema_that_refers_to_itself_ends() -> None:
    schema = {"properties": {"next": {"$ref": "#"}}, "required": ["next"]}
    assert sample_object(schema, "s")["next"]["next"]
    assert sample_object("no schema", "s") == {}
