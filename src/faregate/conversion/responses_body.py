"""OpenAI Responses: a request written.

Owns the items of its input. Nothing is kept upstream: the whole conversation goes along each time, and encrypted
thoughts come back with the answer.
"""

from __future__ import annotations

from typing import Any, Final

from faregate.conversion.ask import (
    Ask,
    Call,
    Denial,
    Effort,
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
from faregate.conversion.custom_tools import schema_of
from faregate.conversion.efforts import OPENAI_LEVELS, level_of
from faregate.conversion.fields import without_nothing
from faregate.conversion.media import url_of
from faregate.conversion.signatures import item_parts, of_responses
from faregate.conversion.tool_names import ToolNames, call_id

LEAST_OUTPUT: Final = 16
"""Responses takes no lower limit; some clients ask for one token, to see whether they would be served."""


def write_ask(ask: Ask, model: str, names: ToolNames) -> JsonObject:
    """The body that asks ``model`` for the same. Raises NotCarried."""
    if ask.stops:
        raise NotCarried("stop", "Responses has no stop sequences, so this request cannot be converted")
    turns = _with_kinds_of_results(ask.turns)
    instructions: list[str] = []
    while turns and turns[0].role == "system" and all(isinstance(part, Text) for part in turns[0].parts):
        instructions += [part.text for part in turns.pop(0).parts if isinstance(part, Text)]
    effort = _effort(ask.effort)
    return without_nothing(
        {
            "model": model,
            "instructions": "\n\n".join(instructions) or None,
            "input": [item for turn in turns for item in _items(turn, names)],
            "tools": [_tool(tool, names) for tool in ask.tools] or None,
            "tool_choice": _choice(ask, names),
            "parallel_tool_calls": ask.parallel if ask.tools else None,
            "max_output_tokens": None if ask.max_output is None else max(ask.max_output, LEAST_OUTPUT),
            "temperature": ask.temperature if effort is None else None,
            "top_p": ask.top_p if effort is None else None,
            "text": _text(ask.shape),
            "reasoning": effort,
            "include": ["reasoning.encrypted_content"] if effort is not None else None,
            "store": False,
            "stream": True if ask.stream else None,
            "user": ask.user or None,
            "prompt_cache_key": ask.cache_key or None,
        }
    )


def _with_kinds_of_results(turns: tuple[Turn, ...]) -> list[Turn]:
    """``turns`` with every result of a call that takes free text marked as such."""
    custom = {part.id for turn in turns for part in turn.parts if isinstance(part, Call) and part.custom}
    return [
        Turn(
            turn.role,
            tuple(
                part._replace(custom=True) if isinstance(part, Result) and part.call in custom else part
                for part in turn.parts
            ),
        )
        for turn in turns
    ]


def _items(turn: Turn, names: ToolNames) -> list[JsonObject]:
    items: list[JsonObject] = []
    said: list[Part] = []

    def speak() -> None:
        if said:
            items.append({"type": "message", "role": turn.role, "content": [_part(part, turn.role) for part in said]})
            said.clear()

    for part in turn.parts:
        if isinstance(part, Call | Result | Thought):
            speak()
            item = _item(part, names)
            if item is not None:
                items.append(item)
        else:
            said.append(part)
    speak()
    return items


def _item(part: Call | Result | Thought, names: ToolNames) -> JsonObject | None:
    if isinstance(part, Call):
        if part.custom:
            return {
                "type": "custom_tool_call",
                "call_id": call_id(part.id),
                "name": names.there(part.name),
                "input": part.arguments,
            }
        return {
            "type": "function_call",
            "call_id": call_id(part.id),
            "name": names.there(part.name),
            "arguments": part.arguments or "{}",
        }
    if isinstance(part, Result):
        kind = "custom_tool_call_output" if part.custom else "function_call_output"
        return {"type": kind, "call_id": call_id(part.call), "output": _output(part)}
    if not of_responses(part.signature):
        return None
    id, encrypted = item_parts(part.signature)
    summary = [{"type": "summary_text", "text": part.text}] if part.text else []
    return {"type": "reasoning", "id": id, "summary": summary, "encrypted_content": encrypted}


def _output(result: Result) -> str | list[JsonObject]:
    if all(isinstance(part, Text) for part in result.parts):
        return "\n".join(part.text for part in result.parts if isinstance(part, Text))
    return [_part(part, "user") for part in result.parts]


def _part(part: Part, role: str) -> JsonObject:
    if isinstance(part, Text):
        if role == "assistant":
            return {"type": "output_text", "text": part.text, "annotations": []}
        return {"type": "input_text", "text": part.text}
    if isinstance(part, Denial):
        return {"type": "refusal", "refusal": part.text}
    if isinstance(part, Image):
        return {"type": "input_image", "image_url": url_of(part), "detail": part.detail or "auto"}
    if isinstance(part, File):
        if part.url:
            return {"type": "input_file", "file_url": part.url}
        return {"type": "input_file", "filename": part.name or "document.pdf", "file_data": url_of(part)}
    raise NotCarried("input", f"a {type(part).__name__.lower()} cannot stand here")


def _tool(tool: Tool, names: ToolNames) -> JsonObject:
    if tool.schema is None:
        written = {"type": "custom", "name": names.there(tool.name), "description": tool.description or None}
        return without_nothing({**written, "format": tool.format})
    return {
        "type": "function",
        "name": names.there(tool.name),
        "description": tool.description or None,
        "parameters": schema_of(tool),
        "strict": bool(tool.strict),
    }


def _choice(ask: Ask, names: ToolNames) -> Any:
    choice = ask.choice
    if choice is None or not ask.tools:
        return None
    if choice.kind == "tool":
        custom = any(tool.name == choice.name and tool.schema is None for tool in ask.tools)
        return {"type": "custom" if custom else "function", "name": names.there(choice.name)}
    return {"auto": "auto", "any": "required", "none": "none"}[choice.kind]


def _text(shape: Shape | None) -> JsonObject | None:
    if shape is None:
        return None
    if shape.schema is None:
        return {"format": {"type": "json_object"}}
    written = {"type": "json_schema", "name": shape.name, "description": shape.description or None}
    return {"format": without_nothing({**written, "schema": shape.schema, "strict": shape.strict})}


def _effort(effort: Effort | None) -> JsonObject | None:
    if effort is None:
        return None
    if effort.level is not None:
        level = effort.level if effort.level in OPENAI_LEVELS else "high"
    elif effort.budget is not None:
        level = level_of(effort.budget)
    else:
        return None
    return without_nothing({"effort": level, "summary": "auto" if effort.shown and level != "none" else None})
