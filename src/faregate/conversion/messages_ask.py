"""Anthropic Messages: a request read.

Owns its fields and its content blocks. Blocks that only its own servers can make or read are refused.
"""

from __future__ import annotations

import json
from typing import Any, Final

from faregate.conversion.ask import (
    Ask,
    Call,
    Choice,
    Effort,
    File,
    Image,
    JsonObject,
    NotCarried,
    Part,
    Result,
    Role,
    Shape,
    Text,
    Thought,
    Tool,
    Turn,
)
from faregate.conversion.fields import (
    BadField,
    cache_of,
    left_out,
    list_at,
    number_at,
    object_of,
    object_or_empty,
    records_of,
    text_at,
    text_or_none,
    whole_at,
)
from faregate.conversion.offered_tools import Offer, offered_tools

CARRIED: Final = (
    *("model", "messages", "system", "max_tokens", "metadata", "stop_sequences", "stream", "temperature", "top_k"),
    *("top_p", "tools", "tool_choice", "thinking", "output_config", "output_format"),
)
HINTS: Final = ("service_tier", "context_management", "betas", "inference_geo", "speed", "cache_control")


def read_ask(body: JsonObject, target: str) -> Ask:
    """The request that ``body`` is; ``target`` names the other dialect in refusals. Raises NotCarried."""
    hints = (*left_out(body, CARRIED, HINTS, target), *_small_hints(body))
    turns: list[Turn] = []
    system = _texts(body.get("system"), "system")
    if system:
        turns.append(Turn("system", system))
    for index, raw in enumerate(list_at(body, "messages")):
        turns.append(_turn(object_of(raw, f"messages[{index}]"), f"messages[{index}]"))
    choice = body.get("tool_choice")
    tools, unable = offered_tools(body, _offer)
    chosen = _choice(choice)
    if unable and chosen is not None and chosen.name and chosen.name not in {tool.name for tool in tools}:
        raise NotCarried("tool_choice", "demands a tool that runs at its own upstream only")
    return Ask(
        model=text_at(body, "model", ""),
        turns=tuple(turns),
        tools=tools,
        choice=chosen,
        parallel=False if isinstance(choice, dict) and choice.get("disable_parallel_tool_use") else None,
        max_output=whole_at(body, "max_tokens"),
        temperature=number_at(body, "temperature"),
        top_p=number_at(body, "top_p"),
        top_k=whole_at(body, "top_k"),
        stops=tuple(str(each) for each in list_at(body, "stop_sequences")),
        shape=_shape(body),
        effort=_effort(body),
        stream=body.get("stream") is True,
        wants_usage=True,
        user=_user(body),
        left_out=(*hints, *unable),
    )


_TOOL_FIELDS: Final = ("type", "name", "description", "input_schema", "strict", "cache_control")


def _small_hints(body: JsonObject) -> tuple[str, ...]:
    """What stands inside of tools and of the output's settings, and nobody will see; each name once."""
    config = object_or_empty(body.get("output_config"))
    found = [f"output_config.{name}" for name in config if name not in ("effort", "format")]
    found += [f"tools.{name}" for tool in _own_tools(body) for name in tool if name not in _TOOL_FIELDS]
    return tuple(dict.fromkeys(found))


def _own_tools(body: JsonObject) -> list[JsonObject]:
    return [tool for tool in records_of(body.get("tools")) if tool.get("type") in (None, "custom")]


def _user(body: JsonObject) -> str:
    metadata = body.get("metadata")
    return str(metadata.get("user_id") or "") if isinstance(metadata, dict) else ""


def _texts(raw: Any, where: str) -> tuple[Part, ...]:
    if raw is None or raw == "":
        return ()
    if isinstance(raw, str):
        return (Text(raw),)
    if not isinstance(raw, list):
        raise BadField(where, "is to be a text or a list of blocks")
    parts: list[Part] = []
    for index, each in enumerate(raw):
        block = object_of(each, f"{where}[{index}]")
        if block.get("type") == "document" and block.get("context"):
            parts.append(Text(text_at(block, "context", f"{where}[{index}]")))
        parts.append(_block(block, f"{where}[{index}]"))
    return tuple(parts)


_ROLES: Final[dict[str, Role]] = {"user": "user", "assistant": "assistant", "system": "system"}


def _turn(message: JsonObject, where: str) -> Turn:
    role = _ROLES.get(text_at(message, "role", where))
    if role is None:
        raise NotCarried(f"{where}.role", f"the role {message['role']!r} has no counterpart")
    return Turn(role, _texts(message.get("content"), f"{where}.content"))


def _block(raw: JsonObject, where: str) -> Part:
    kind = raw.get("type")
    cache = cache_of(raw)
    if kind == "text":
        return Text(text_at(raw, "text", where), cache)
    if kind == "image":
        return Image(*_source(raw, where), "", cache)
    if kind == "document":
        return _document(raw, where, cache)
    if kind == "tool_use":
        arguments = json.dumps(raw.get("input") or {}, ensure_ascii=False, separators=(",", ":"))
        return Call(text_at(raw, "id", where), text_at(raw, "name", where), arguments, False, cache)
    if kind == "tool_result":
        parts = _texts(raw.get("content"), f"{where}.content")
        seen = tuple(part for part in parts if isinstance(part, Text | Image | File))
        if len(seen) != len(parts):
            raise NotCarried(f"{where}.content", "holds a block that has no counterpart")
        return Result(text_at(raw, "tool_use_id", where), seen, raw.get("is_error") is True, False, cache)
    if kind == "thinking":
        return Thought(text_at(raw, "thinking", where), text_at(raw, "signature", where, ""))
    if kind == "redacted_thinking":
        return Thought("", text_at(raw, "data", where), True)
    raise NotCarried(where, f"a block of type {kind!r} has no counterpart")


def _source(raw: JsonObject, where: str) -> tuple[str, str, str]:
    source = object_of(raw.get("source"), f"{where}.source")
    if source.get("type") == "base64":
        return text_at(source, "media_type", f"{where}.source"), text_at(source, "data", f"{where}.source"), ""
    if source.get("type") == "url":
        return "", "", text_at(source, "url", f"{where}.source")
    raise NotCarried(f"{where}.source", f"a source of type {source.get('type')!r} is known to its own upstream only")


def _document(raw: JsonObject, where: str, cache: str | None) -> Part:
    if object_or_empty(raw.get("citations")).get("enabled"):
        raise NotCarried(f"{where}.citations", "citations have no counterpart")
    source = object_of(raw.get("source"), f"{where}.source")
    if source.get("type") == "text":
        text, title = text_at(source, "data", f"{where}.source"), raw.get("title")
        return Text(f"{title}\n\n{text}" if title else text, cache)
    media_type, data, url = _source(raw, where)
    return File(media_type or "application/pdf", data, url, str(raw.get("title") or ""), cache)


_SERVER_TOOLS: Final = ("web_search_", "web_fetch_", "code_execution_", "tool_search_tool_", "mcp_toolset")
"""How the types begin of tools that run on Anthropic's servers; what else has a type runs at the client."""


def _offer(tool: JsonObject, where: str) -> Offer:
    kind = tool.get("type")
    if str(kind).startswith(_SERVER_TOOLS):
        return Offer(unable=str(kind))
    if kind not in (None, "custom"):
        raise NotCarried(where, f"the tool {kind!r} runs at its own upstream only")
    schema = object_of(tool.get("input_schema"), f"{where}.input_schema")
    description = str(tool.get("description") or "")
    return Offer((Tool(text_at(tool, "name", where), description, schema, tool.get("strict"), cache=cache_of(tool)),))


def _choice(raw: Any) -> Choice | None:
    if raw is None:
        return None
    choice = object_of(raw, "tool_choice")
    kind = choice.get("type")
    if kind == "tool":
        return Choice("tool", text_at(choice, "name", "tool_choice"))
    if kind == "auto":
        return Choice("auto")
    if kind == "any":
        return Choice("any")
    if kind == "none":
        return Choice("none")
    raise BadField("tool_choice.type", f"{kind!r} is not known")


def _shape(body: JsonObject) -> Shape | None:
    config = body.get("output_config")
    asked = config.get("format") if isinstance(config, dict) else None
    asked = asked or body.get("output_format")
    if asked is None:
        return None
    asked = object_of(asked, "output_config.format")
    if asked.get("type") != "json_schema":
        raise NotCarried("output_config.format", f"the type {asked.get('type')!r} has no counterpart")
    return Shape(object_of(asked.get("schema"), "output_config.format.schema"), strict=True)


def _effort(body: JsonObject) -> Effort | None:
    config = body.get("output_config")
    level = text_or_none(config, "effort") or None if isinstance(config, dict) else None
    thinking = body.get("thinking")
    if not isinstance(thinking, dict):
        return Effort(level) if isinstance(level, str) else None
    if thinking.get("type") == "disabled":
        return Effort("none")
    budget = thinking.get("budget_tokens")
    shown = thinking.get("display") != "omitted"
    return Effort(level or (None if budget else "medium"), budget if isinstance(budget, int) else None, shown)
