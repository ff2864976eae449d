"""What the demo upstream answers: the rules, the same for both dialects.

Owns the text, the tool calls, the thinking and where an answer is cut. Does not know wire
shapes or usage.

The prompt (see ``conversation``) is split at ``[[then]]`` into steps; tool round N carries out
step N:

1. ``[[tool NAME {json}]]`` in the step calls that offered tool with these arguments, several of
   them at once; without ``{json}``, and for ``use the tool NAME``, the arguments are made up
   from the tool's schema.
2. No such words, but the request demands a tool (``tool_choice``) and this is no tool round:
   that tool, or the first offered.
3. Tool results came last: text that repeats the beginning of each.
4. A JSON answer is asked for (``response_format``, ``output_config.format``): a small object
   that fits.
5. Otherwise: text that repeats the beginning of the prompt.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from faregate.demo_upstream.conversation import Turn
from faregate.demo_upstream.faults import Faults
from faregate.demo_upstream.prompt_blocks import BYTES_PER_TOKEN, text_tokens
from faregate.demo_upstream.schema_sample import sample_object

_TOOL_MARK = re.compile(r"\[\[tool\s+([^\s\]{]+)\s*")
_TOOL_WISH = re.compile(r"\buse the tool [`'\"]?([A-Za-z0-9_:-]+(?:\.[A-Za-z0-9_:-]+)*)", re.IGNORECASE)
_REPEATED_CHARACTERS = 200
_WORD = "metered "
ANY_TOOL = ""


class Wishes(NamedTuple):
    """What a request asks of its answer besides the conversation.

    ``tools`` maps a name to the schema of its arguments; ``demanded_tool`` is a name,
    ``ANY_TOOL`` or ``None``; ``answer_schema`` is the schema of a structured answer;
    ``thinking`` is the thinking text to give, if any, and ``reasoning_tokens`` what hidden
    reasoning to count. ``fixed_output_tokens``: the answer is no text, and counts so much.
    """

    tools: Mapping[str, Any]
    demanded_tool: str | None = None
    answer_schema: Any = None
    longest_tokens: int | None = None
    stops: tuple[str, ...] = ()
    thinking: bool = False
    reasoning_tokens: int = 0
    fixed_output_tokens: int | None = None


class ToolCall(NamedTuple):
    """One call: the tool's name and its arguments."""

    name: str
    arguments: dict[str, Any]

    @property
    def arguments_json(self) -> str:
        return json.dumps(self.arguments, ensure_ascii=False, separators=(",", ":"))


class Answer(NamedTuple):
    """The whole answer.

    ``stop`` is "end", "tool", "length" or "sequence"; ``one_piece``: the text is not to be split.
    """

    text: str
    calls: tuple[ToolCall, ...]
    thinking: str
    stop: str
    stop_sequence: str | None
    output_tokens: int
    reasoning_tokens: int
    one_piece: bool = False


def compose(turn: Turn, wishes: Wishes, faults: Faults) -> Answer:
    """Carry out the rules above."""
    if wishes.fixed_output_tokens is not None:
        return Answer("", (), "", "end", None, wishes.fixed_output_tokens, 0)
    calls, missing = _calls(turn, wishes)
    text = _text(turn, wishes, faults, missing) if not calls else ""
    thinking = _thinking(turn) if wishes.thinking else ""
    reasoning = text_tokens(thinking) if thinking else wishes.reasoning_tokens
    stop, sequence = ("tool" if calls else "end"), None
    if text:
        text, stop, sequence, reasoning = _shortened(text, wishes, reasoning)
    output = text_tokens(text) + reasoning
    output += sum(text_tokens(call.name + call.arguments_json) for call in calls)
    return Answer(text, calls, thinking, stop, sequence, output, reasoning, faults.huge_bytes is not None)


def _calls(turn: Turn, wishes: Wishes) -> tuple[tuple[ToolCall, ...], list[str]]:
    """The calls to make, and the names asked for that no tool on offer has."""
    steps = turn.prompt.split("[[then]]")
    wanted = list(_wanted(steps[turn.round])) if turn.round < len(steps) else []
    if not wanted and turn.round == 0 and not turn.results and wishes.tools:
        if wishes.demanded_tool == ANY_TOOL:
            wanted = [(next(iter(wishes.tools)), None)]
        elif wishes.demanded_tool is not None:
            wanted = [(wishes.demanded_tool, None)]
    missing = [name for name, _ in wanted if name not in wishes.tools]
    calls = tuple(
        ToolCall(name, sample_object(wishes.tools[name], "demo") if given is None else given)
        for name, given in wanted
        if name in wishes.tools
    )
    return calls, missing


def _wanted(step: str) -> Iterator[tuple[str, dict[str, Any] | None]]:
    marks = list(_TOOL_MARK.finditer(step))
    for mark in marks:
        yield mark.group(1), _given_arguments(step, mark.end())
    if not marks:
        for wish in _TOOL_WISH.finditer(step):
            yield wish.group(1), None


def _given_arguments(step: str, position: int) -> dict[str, Any] | None:
    if step[position : position + 1] != "{":
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(step, position)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(turn: Turn, wishes: Wishes, faults: Faults, missing: list[str]) -> str:
    if faults.huge_bytes is not None:
        return (_WORD * (faults.huge_bytes // len(_WORD) + 1))[: faults.huge_bytes]
    if faults.words is not None:
        return (_WORD * faults.words).rstrip()
    if missing:
        return f"No tool named {' or '.join(missing)} was offered."
    if turn.results:
        return "\n".join(f"The tool returned: {_beginning(result)}" for result in turn.results)
    if wishes.answer_schema is not None:
        sample = sample_object(wishes.answer_schema, "demo")
        return json.dumps(sample, ensure_ascii=False, separators=(",", ":"))
    return f'You said: "{_beginning(turn.prompt)}". This is the demo upstream answering.'


def _thinking(turn: Turn) -> str:
    if turn.results:
        return f"The tool round {turn.round} is done; the answer repeats what came back."
    return f'The user wrote "{_beginning(turn.prompt, 60)}"; the rules say what to answer.'


def _beginning(text: str, characters: int = _REPEATED_CHARACTERS) -> str:
    text = text.strip()
    return text if len(text) <= characters else text[:characters] + "…"


def _shortened(text: str, wishes: Wishes, reasoning: int) -> tuple[str, str, str | None, int]:
    """Cut at the first stop sequence, then at the longest output (reasoning comes first)."""
    stop, sequence = "end", None
    found = [(text.find(word), word) for word in wishes.stops if word and word in text]
    if found:
        position, sequence = min(found)
        text, stop = text[:position], "sequence"
    longest = wishes.longest_tokens
    if longest is not None and reasoning + text_tokens(text) > longest:
        reasoning = min(reasoning, longest)
        room = (longest - reasoning) * BYTES_PER_TOKEN
        text = text.encode("utf-8", "surrogatepass")[:room].decode("utf-8", "ignore")
        stop, sequence = "length", None
    return text, stop, sequence, reasoning


def pieces(text: str, one_piece: bool) -> list[str]:
    """The text as it is streamed: word by word with the blanks before it, or whole."""
    if one_piece or not text:
        return [text] if text else []
    return re.findall(r"\s*\S+|\s+$", text)


def json_pieces(text: str, size: int = 20) -> list[str]:
    """Tool arguments as they are streamed."""
    return [text[start : start + size] for start in range(0, len(text), size)]
