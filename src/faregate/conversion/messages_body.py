"""Anthropic Messages: a request written.

Owns where each thing stands: system prompts in front go to ``system``, turns of one side follow each other as one,
results of tools come first in the turn after their calls.
"""

from __future__ import annotations

import base64
import json
from typing import Any, Final

from faregate.conversion.ask import (
    Ask,
    Call,
    Denial,
    File,
    Image,
    JsonObject,
    NotCarried,
    Part,
    Result,
    Shape,
    Text,
    Thought,
    Tool,
    Turn,
)
from faregate.conversion.custom_tools import description_of, schema_of, wrapped
from faregate.conversion.efforts import LEAST_BUDGET, budget_of
from faregate.conversion.fields import BadField, without_nothing
from faregate.conversion.signatures import of_messages
from faregate.conversion.tool_names import ToolNames, call_id

MOST_OUTPUT: Final = 32_000
"""What is asked for where the client sets no limit: Messages needs one."""

JSON_WORDS: Final = "Answer with one JSON object and nothing else."


def write_ask(ask: Ask, model: str, names: ToolNames) -> JsonObject:
    """The body that asks ``model`` for the same. Raises NotCarried."""
    system, turns = _split_system(ask)
    messages = [message for message in (_message(turn, names) for turn in _merged(turns)) if message["content"]]
    most = ask.max_output or MOST_OUTPUT
    thinking = _thinking(ask, most) if _may_think(turns) and not _must_call(ask) else None
    return without_nothing(
        {
            "model": model,
            "max_tokens": most,
            "system": system or None,
            "messages": messages,
            "tools": [_tool(tool, names) for tool in ask.tools] or None,
            "tool_choice": _choice(ask, names),
            # A model that thinks takes no temperature but 1.
            "temperature": _at_most_one(ask.temperature) if thinking is None else None,
            "top_p": ask.top_p if thinking is None and ask.temperature is None else None,
            "top_k": ask.top_k if thinking is None else None,
            "stop_sequences": list(ask.stops) or None,
            "thinking": thinking,
            "output_config": _output_config(ask.shape),
            "stream": True if ask.stream else None,
            "metadata": {"user_id": ask.user[:256]} if ask.user else None,
        }
    )


def _may_think(turns: list[Turn]) -> bool:
    """In the middle of a round of tools a model thinks on only where it has its own earlier thoughts."""
    said = next((turn for turn in reversed(turns) if turn.role == "assistant"), None)
    last = turns[-1] if turns else None
    if said is None or last is None or not any(isinstance(part, Result) for part in last.parts):
        return True
    first = said.parts[0] if said.parts else None
    return isinstance(first, Thought) and of_messages(first.signature)


def _at_most_one(temperature: float | int | None) -> float | int | None:
    """OpenAI's scale goes to 2, Anthropic's ends at 1."""
    return temperature if temperature is None or temperature <= 1 else 1


def _split_system(ask: Ask) -> tuple[list[JsonObject], list[Turn]]:
    system: list[JsonObject] = []
    turns = list(ask.turns)
    while turns and turns[0].role == "system":
        # A text without words is an error there.
        system += [_block_of(part) for part in turns.pop(0).parts if not isinstance(part, Text) or part.text.strip()]
    if ask.shape is not None and ask.shape.schema is None:
        system.append({"type": "text", "text": JSON_WORDS})
    return system, turns


def _merged(turns: list[Turn]) -> list[Turn]:
    """Turns of one side after each other as one; later words of the system are words to the model in its place."""
    merged: list[Turn] = []
    for turn in turns:
        role, parts = turn.role, turn.parts
        if role == "system":
            role = "user"
            told = [Text(f"<system>\n{part.text}\n</system>", part.cache) for part in parts if isinstance(part, Text)]
            parts = tuple(told)
        if merged and merged[-1].role == role:
            merged[-1] = Turn(role, merged[-1].parts + parts)
        else:
            merged.append(Turn(role, parts))
    return [Turn(turn.role, _results_first(turn.parts)) for turn in merged]


def _results_first(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    results = tuple(part for part in parts if isinstance(part, Result))
    return results + tuple(part for part in parts if not isinstance(part, Result))


def _message(turn: Turn, names: ToolNames) -> JsonObject:
    content = []
    for part in turn.parts:
        if isinstance(part, Thought):
            if of_messages(part.signature):
                content.append(_thought(part))
        elif isinstance(part, Call):
            content.append(_call(part, names))
        elif isinstance(part, Result):
            content.append(_result(part))
        elif not isinstance(part, Text | Denial) or part.text.strip():
            content.append(_block_of(part))
    return {"role": turn.role, "content": content}


def _marked(block: JsonObject, cache: str | None) -> JsonObject:
    if cache is not None:
        block["cache_control"] = {"type": "ephemeral", "ttl": "1h"} if cache == "1h" else {"type": "ephemeral"}
    return block


def _thought(part: Thought) -> JsonObject:
    if part.hidden:
        return {"type": "redacted_thinking", "data": part.signature}
    return {"type": "thinking", "thinking": part.text, "signature": part.signature}


def _call(part: Call, names: ToolNames) -> JsonObject:
    arguments: Any = wrapped(part.arguments) if part.custom else _arguments(part)
    block = {"type": "tool_use", "id": call_id(part.id), "name": names.there(part.name), "input": arguments}
    return _marked(block, part.cache)


def _arguments(part: Call) -> Any:
    try:
        found = json.loads(part.arguments or "{}")
    except ValueError as problem:
        raise BadField("messages", f"the arguments of call {part.id!r} are no JSON: {problem}") from None
    if not isinstance(found, dict):
        raise BadField("messages", f"the arguments of call {part.id!r} are to be a JSON object")
    return found


def _result(part: Result) -> JsonObject:
    content: Any = [_block_of(each) for each in part.parts if not isinstance(each, Text) or each.text]
    if len(part.parts) == 1 and isinstance(part.parts[0], Text) and part.parts[0].cache is None:
        content = part.parts[0].text
    block = {
        "type": "tool_result",
        "tool_use_id": call_id(part.call),
        "content": content or None,
        "is_error": True if part.failed else None,
    }
    return _marked(without_nothing(block), part.cache)


def _block_of(part: Part) -> JsonObject:
    if isinstance(part, Text):
        return _marked({"type": "text", "text": part.text}, part.cache)
    if isinstance(part, Denial):
        return {"type": "text", "text": part.text}
    if isinstance(part, Image):
        return _marked({"type": "image", "source": _source(part)}, part.cache)
    if isinstance(part, File):
        if part.data and part.media_type.startswith("text/"):
            return _marked(_plain_document(part), part.cache)
        block = {"type": "document", "source": _source(part), "title": part.name or None}
        return _marked(without_nothing(block), part.cache)
    raise NotCarried("messages", f"a {type(part).__name__.lower()} cannot stand here")


def _plain_document(part: File) -> JsonObject:
    """Documents of words stand there as words."""
    try:
        words = base64.b64decode(part.data, validate=True).decode()
    except ValueError:
        raise BadField("messages", f"the file {part.name!r} is no text in base64") from None
    source = {"type": "text", "media_type": "text/plain", "data": words}
    return without_nothing({"type": "document", "source": source, "title": part.name or None})


def _source(part: Image | File) -> JsonObject:
    if part.url:
        return {"type": "url", "url": part.url}
    return {"type": "base64", "media_type": part.media_type, "data": part.data}


def _tool(tool: Tool, names: ToolNames) -> JsonObject:
    written = {
        "name": names.there(tool.name),
        "description": description_of(tool) or None,
        "input_schema": schema_of(tool),
    }
    return _marked(without_nothing(written), tool.cache)


def _must_call(ask: Ask) -> bool:
    """A model that thinks cannot be forced to call, so one that is forced does not think."""
    return bool(ask.tools) and ask.choice is not None and ask.choice.kind in ("any", "tool")


def _choice(ask: Ask, names: ToolNames) -> JsonObject | None:
    choice = ask.choice
    if not ask.tools or (choice is None and ask.parallel is not False):
        return None
    kind = choice.kind if choice is not None else "auto"
    written: JsonObject = {"type": kind}
    if kind == "tool" and choice is not None:
        written["name"] = names.there(choice.name)
    if ask.parallel is False and kind != "none":
        written["disable_parallel_tool_use"] = True
    return written


def _thinking(ask: Ask, most: int) -> JsonObject | None:
    effort = ask.effort
    if effort is None or effort.level == "none":
        return None
    asked = effort.budget
    budget = max(asked, LEAST_BUDGET) if asked is not None else budget_of(effort.level or "medium", most)
    if budget is None or budget >= most:
        return None
    return {"type": "enabled", "budget_tokens": budget}


def _output_config(shape: Shape | None) -> JsonObject | None:
    if shape is None or shape.schema is None:
        return None
    return {"format": {"type": "json_schema", "schema": shape.schema}}
