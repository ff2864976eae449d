"""OpenAI Chat Completions: a request written.

Owns where each thing stands in its messages. Results of tools are messages of their own; what they show beside text
follows in a message of the user.
"""

from __future__ import annotations

import json
import re
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
from faregate.conversion.custom_tools import description_of, schema_of, wrapped
from faregate.conversion.efforts import OPENAI_LEVELS, level_of
from faregate.conversion.fields import without_nothing
from faregate.conversion.media import url_of
from faregate.conversion.signatures import OF_CHAT
from faregate.conversion.tool_names import ToolNames, call_id


def write_ask(ask: Ask, model: str, names: ToolNames) -> JsonObject:
    """The body that asks ``model`` for the same. Raises NotCarried."""
    messages: list[JsonObject] = []
    for turn in ask.turns:
        messages += _messages(turn, names)
    return without_nothing(
        {
            "model": model,
            "messages": messages,
            "tools": [_written_tool(tool, names) for tool in ask.tools] or None,
            "tool_choice": _written_choice(ask, names),
            "parallel_tool_calls": ask.parallel if ask.tools else None,
            "max_completion_tokens" if _reasons(ask) else "max_tokens": ask.max_output,
            "temperature": ask.temperature,
            "top_p": ask.top_p,
            "stop": list(ask.stops) or None,
            "response_format": _written_shape(ask.shape),
            "reasoning_effort": _written_effort(ask.effort),
            "stream": True if ask.stream else None,
            "stream_options": {"include_usage": True} if ask.stream else None,
            "user": ask.user or None,
            "prompt_cache_key": ask.cache_key or None,
        }
    )


_LIMITS: Final = ("max_tokens", "max_completion_tokens")
_REASONERS: Final = re.compile(r"(.*/)?(o[1-9]|gpt-[5-9])")
"""Models of OpenAI's that know the newer name of the limit alone; many other upstreams know only the older one."""


def suit(body: JsonObject, model: str, ask: Ask) -> None:
    """Give the limit of ``body`` the name by which ``model`` knows it."""
    for name in _LIMITS:
        most = body.pop(name, None)
        if most is not None:
            body[_LIMITS[1] if _reasons(ask) else limit_name(model)] = most
            return


def limit_name(model: str) -> str:
    """The field in which ``model``, as the upstream calls it, takes the limit of its answer."""
    return _LIMITS[_REASONERS.match(model) is not None]


def _reasons(ask: Ask) -> bool:
    return ask.effort is not None and ask.effort.level != "none"


def _messages(turn: Turn, names: ToolNames) -> list[JsonObject]:
    if turn.role == "system":
        return [{"role": "system", "content": _content(turn.parts)}]
    if turn.role == "assistant":
        return [_written_said(turn.parts, names)]
    written: list[JsonObject] = []
    rest: list[Part] = []
    for part in turn.parts:
        if isinstance(part, Result):
            media = [each for each in part.parts if not isinstance(each, Text)]
            content = "\n".join(each.text for each in part.parts if isinstance(each, Text))
            if media:
                content = f"{content}\n[see the next message]".strip()
                rest += media
            written.append({"role": "tool", "tool_call_id": call_id(part.call), "content": content})
        else:
            rest.append(part)
    if rest:
        written.append({"role": "user", "content": _content(tuple(rest))})
    return written


def _written_said(parts: tuple[Part, ...], names: ToolNames) -> JsonObject:
    texts = [part.text for part in parts if isinstance(part, Text)]
    denials = [part.text for part in parts if isinstance(part, Denial)]
    own = [part.text for part in parts if isinstance(part, Thought) and part.signature == OF_CHAT and part.text]
    calls = [_written_call(part, names) for part in parts if isinstance(part, Call)]
    return without_nothing(
        {
            "role": "assistant",
            "content": "".join(texts) if texts or not calls else None,
            "refusal": "".join(denials) or None,
            "reasoning_content": "".join(own) or None,
            "tool_calls": calls or None,
        }
    )


def _written_call(call: Call, names: ToolNames) -> JsonObject:
    arguments = json.dumps(wrapped(call.arguments)) if call.custom else call.arguments or "{}"
    return {
        "id": call_id(call.id),
        "type": "function",
        "function": {"name": names.there(call.name), "arguments": arguments},
    }


def _content(parts: tuple[Part, ...]) -> str | list[JsonObject]:
    if len(parts) == 1 and isinstance(parts[0], Text):
        return parts[0].text
    return [_written_part(part) for part in parts]


def _written_part(part: Part) -> JsonObject:
    if isinstance(part, Text | Denial):
        return {"type": "text", "text": part.text}
    if isinstance(part, Image):
        return {
            "type": "image_url",
            "image_url": without_nothing({"url": url_of(part), "detail": part.detail or None}),
        }
    if isinstance(part, File):
        if part.url:
            raise NotCarried(
                "messages", "a file given by its URL has no counterpart in Chat Completions: send its data"
            )
        return {"type": "file", "file": {"filename": part.name or "document.pdf", "file_data": url_of(part)}}
    raise NotCarried("messages", f"a {type(part).__name__.lower()} cannot stand here")


def _written_tool(tool: Tool, names: ToolNames) -> JsonObject:
    function = {
        "name": names.there(tool.name),
        "description": description_of(tool) or None,
        "parameters": schema_of(tool),
        "strict": tool.strict,
    }
    return {"type": "function", "function": without_nothing(function)}


def _written_choice(ask: Ask, names: ToolNames) -> Any:
    choice = ask.choice
    if choice is None or not ask.tools:
        return None
    if choice.kind == "tool":
        return {"type": "function", "function": {"name": names.there(choice.name)}}
    return {"auto": "auto", "any": "required", "none": "none"}[choice.kind]


def _written_shape(shape: Shape | None) -> JsonObject | None:
    if shape is None:
        return None
    if shape.schema is None:
        return {"type": "json_object"}
    written = {
        "name": shape.name,
        "description": shape.description or None,
        "schema": shape.schema,
        "strict": shape.strict,
    }
    return {"type": "json_schema", "json_schema": without_nothing(written)}


def _written_effort(effort: Effort | None) -> str | None:
    if effort is None:
        return None
    if effort.level is not None:
        return effort.level if effort.level in OPENAI_LEVELS else "high"
    return level_of(effort.budget) if effort.budget is not None else None
