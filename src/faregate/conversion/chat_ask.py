"""OpenAI Chat Completions: a request read.

Owns its fields and where each thing stands in its messages. Thoughts travel as ``reasoning_details`` beside the
text that people read, as ``reasoning_content``.
"""

from __future__ import annotations

from typing import Any, Final

from faregate.conversion.ask import (
    Ask,
    Call,
    Choice,
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
from faregate.conversion.fields import (
    BadField,
    cache_of,
    left_out,
    list_at,
    number_at,
    object_of,
    text_at,
    text_or_none,
    whole_at,
)
from faregate.conversion.media import split_file, split_url
from faregate.conversion.signatures import OF_CHAT

CARRIED: Final = (
    *("model", "messages", "tools", "tool_choice", "parallel_tool_calls", "max_tokens", "max_completion_tokens"),
    *("temperature", "top_p", "stop", "response_format", "reasoning_effort", "reasoning", "stream"),
    *("stream_options", "user", "prompt_cache_key", "n", "functions", "function_call"),
)
HINTS: Final = (
    *("metadata", "service_tier", "store", "seed", "safety_identifier", "verbosity", "prompt_cache_retention"),
    *("frequency_penalty", "presence_penalty", "logit_bias", "top_k", "min_p", "repetition_penalty", "usage"),
    *("thinking", "enable_thinking", "chat_template_kwargs", "cache_control", "provider", "transforms"),
    *("prediction",),
)


def read_ask(body: JsonObject, target: str) -> Ask:
    """The request that ``body`` is; ``target`` names the other dialect in refusals. Raises NotCarried."""
    if body.get("modalities") == ["text"]:
        body = {**body, "modalities": None}
    hints = left_out(body, CARRIED, HINTS, target)
    if (whole_at(body, "n") or 1) != 1:
        raise NotCarried("n", f"{target} gives one answer a request")
    for name in ("functions", "function_call"):
        if body.get(name):
            raise NotCarried(name, "the former way of calling functions is not converted; use `tools`")
    turns: list[Turn] = []
    for index, raw in enumerate(list_at(body, "messages")):
        where = f"messages[{index}]"
        turns.append(_turn(object_of(raw, where), where))
    options = body.get("stream_options") or {}
    most = whole_at(body, "max_completion_tokens")
    return Ask(
        model=text_at(body, "model", ""),
        turns=_joined(turns),
        tools=tuple(_tool(raw, f"tools[{index}]") for index, raw in enumerate(list_at(body, "tools"))),
        choice=_choice(body.get("tool_choice")),
        parallel=body.get("parallel_tool_calls"),
        max_output=whole_at(body, "max_tokens") if most is None else most,
        temperature=number_at(body, "temperature"),
        top_p=number_at(body, "top_p"),
        stops=_stops(body.get("stop")),
        shape=_shape(body.get("response_format")),
        effort=_effort(body),
        stream=body.get("stream") is True,
        wants_usage=isinstance(options, dict) and options.get("include_usage") is True,
        user=text_or_none(body, "user"),
        cache_key=text_or_none(body, "prompt_cache_key"),
        left_out=hints,
    )


def _joined(turns: list[Turn]) -> tuple[Turn, ...]:
    """Results of tools that stand in messages of their own, with what the user said after them, as one turn."""
    joined: list[Turn] = []
    for turn in turns:
        before = joined[-1] if joined else None
        if before is not None and before.role == turn.role == "user" and _ends_in_result(before):
            joined[-1] = Turn("user", before.parts + turn.parts)
        else:
            joined.append(turn)
    return tuple(joined)


def _ends_in_result(turn: Turn) -> bool:
    return bool(turn.parts) and isinstance(turn.parts[-1], Result)


def _turn(message: JsonObject, where: str) -> Turn:
    role = text_at(message, "role", where)
    if role in ("system", "developer"):
        return Turn("system", _parts(message.get("content"), where))
    if role == "user":
        return Turn("user", _parts(message.get("content"), where))
    if role == "tool":
        parts = tuple(part for part in _parts(message.get("content"), where) if isinstance(part, Text | Image | File))
        return Turn("user", (Result(text_at(message, "tool_call_id", where), parts),))
    if role == "assistant":
        return Turn("assistant", _said(message, where))
    raise NotCarried(f"{where}.role", f"the role {role!r} has no counterpart")


def _said(message: JsonObject, where: str) -> tuple[Part, ...]:
    parts: list[Part] = list(_thoughts(message))
    if message.get("content") is not None:
        parts += _parts(message["content"], where)
    if message.get("refusal"):
        parts.append(Denial(text_at(message, "refusal", where)))
    if message.get("audio"):
        raise NotCarried(f"{where}.audio", "sound has no counterpart")
    for index, raw in enumerate(list_at(message, "tool_calls", where)):
        parts.append(_call(object_of(raw, where), f"{where}.tool_calls[{index}]"))
    return tuple(parts)


def _call(raw: JsonObject, where: str) -> Call:
    if raw.get("type") == "custom":
        custom = object_of(raw.get("custom"), f"{where}.custom")
        return Call(text_at(raw, "id", where), text_at(custom, "name", where), text_at(custom, "input", where), True)
    function = object_of(raw.get("function"), f"{where}.function")
    return Call(
        text_at(raw, "id", where), text_at(function, "name", where), text_at(function, "arguments", where, "") or "{}"
    )


def _thoughts(message: JsonObject) -> list[Thought]:
    details = message.get("reasoning_details")
    if isinstance(details, list) and details:
        thoughts = []
        for raw in details:
            if not isinstance(raw, dict):
                continue
            if raw.get("type") == "reasoning.encrypted":
                thoughts.append(Thought("", str(raw.get("data") or ""), True))
            else:
                text = raw.get("text") or raw.get("summary") or ""
                thoughts.append(Thought(str(text), str(raw.get("signature") or "")))
        return thoughts
    text = message.get("reasoning_content") or message.get("reasoning")
    return [Thought(text, OF_CHAT)] if isinstance(text, str) and text else []


def _parts(content: Any, where: str) -> tuple[Part, ...]:
    if isinstance(content, str):
        return (Text(content),)
    if content is None:
        return ()
    if not isinstance(content, list):
        raise BadField(f"{where}.content", "is to be a text or a list of parts")
    return tuple(
        _part(object_of(raw, f"{where}.content[{index}]"), f"{where}.content[{index}]")
        for index, raw in enumerate(content)
    )


def _part(raw: JsonObject, where: str) -> Part:
    kind = raw.get("type")
    cache = cache_of(raw)
    if kind == "text":
        return Text(text_at(raw, "text", where), cache)
    if kind == "refusal":
        return Denial(text_at(raw, "refusal", where))
    if kind == "image_url":
        image = object_of(raw.get("image_url"), f"{where}.image_url")
        media_type, data, url = split_url(text_at(image, "url", where), f"{where}.image_url.url")
        return Image(media_type, data, url, str(image.get("detail") or ""), cache)
    if kind == "file":
        file = object_of(raw.get("file"), f"{where}.file")
        if "file_data" not in file:
            raise NotCarried(f"{where}.file", "a file uploaded to one upstream cannot be carried to another: send it")
        media_type, data, url = split_file(text_at(file, "file_data", where), f"{where}.file.file_data")
        return File(media_type or "application/pdf", data, url, str(file.get("filename") or ""), cache)
    raise NotCarried(where, f"a part of type {kind!r} has no counterpart")


def _tool(raw: Any, where: str) -> Tool:
    tool = object_of(raw, where)
    if tool.get("type") == "custom":
        custom = object_of(tool.get("custom"), f"{where}.custom")
        format = object_of(custom.get("format") or {}, f"{where}.custom.format")
        # Chat has the grammar one level deeper than Responses.
        format = {**format, **object_of(format.get("grammar") or {}, f"{where}.custom.format.grammar")}
        format.pop("grammar", None)
        return Tool(text_at(custom, "name", where), str(custom.get("description") or ""), None, format=format or None)
    if tool.get("type", "function") != "function":
        raise NotCarried(where, f"a tool of type {tool.get('type')!r} runs at its own upstream only")
    function = object_of(tool.get("function"), f"{where}.function")
    schema = function.get("parameters")
    return Tool(
        text_at(function, "name", where),
        str(function.get("description") or ""),
        object_of(schema, f"{where}.function.parameters") if schema is not None else {"type": "object"},
        function.get("strict"),
        cache=cache_of(tool),
    )


def _choice(raw: Any) -> Choice | None:
    if raw is None:
        return None
    if isinstance(raw, str):
        if raw in ("auto", "none"):
            return Choice("auto" if raw == "auto" else "none")
        if raw == "required":
            return Choice("any")
        raise BadField("tool_choice", f"{raw!r} is not known")
    choice = object_of(raw, "tool_choice")
    if choice.get("type") in ("function", "custom"):
        return Choice("tool", text_at(object_of(choice.get(choice["type"]), "tool_choice"), "name", "tool_choice"))
    raise NotCarried("tool_choice", f"the type {choice.get('type')!r} has no counterpart")


def _stops(raw: Any) -> tuple[str, ...]:
    if raw is None:
        return ()
    found = [raw] if isinstance(raw, str) else raw
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise BadField("stop", "is to be a text or a list of texts")
    return tuple(found)


def _shape(raw: Any) -> Shape | None:
    if raw is None:
        return None
    asked = object_of(raw, "response_format")
    if asked.get("type") == "text":
        return None
    if asked.get("type") == "json_object":
        return Shape(None)
    if asked.get("type") == "json_schema":
        schema = object_of(asked.get("json_schema"), "response_format.json_schema")
        return Shape(
            object_of(schema.get("schema"), "response_format.json_schema.schema"),
            str(schema.get("name") or "answer"),
            str(schema.get("description") or ""),
            schema.get("strict"),
        )
    raise NotCarried("response_format", f"the type {asked.get('type')!r} has no counterpart")


def _effort(body: JsonObject) -> Effort | None:
    level = body.get("reasoning_effort")
    reasoning = body.get("reasoning")
    if isinstance(reasoning, dict):
        level = reasoning.get("effort") or level
        budget = reasoning.get("max_tokens")
        if isinstance(budget, int):
            return Effort(None, budget)
    return Effort(level) if isinstance(level, str) else None
