"""OpenAI Responses: a request read.

Owns its fields and the items of its input.
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
    Role,
    Shape,
    Text,
    Thought,
    Tool,
    Turn,
)
from faregate.conversion.fields import (
    BadField,
    left_out,
    list_at,
    number_at,
    object_of,
    records_of,
    text_at,
    text_or_none,
    whole_at,
)
from faregate.conversion.media import split_file, split_url
from faregate.conversion.offered_tools import Offer, offered_tools
from faregate.conversion.signatures import item_signature

CARRIED: Final = (
    *("model", "input", "instructions", "tools", "tool_choice", "parallel_tool_calls", "max_output_tokens"),
    *("temperature", "top_p", "text", "reasoning", "stream", "user", "prompt_cache_key"),
    *("previous_response_id", "conversation", "background", "prompt"),
)
HINTS: Final = (
    *("store", "include", "metadata", "service_tier", "truncation", "stream_options", "client_metadata"),
    *("safety_identifier", "prompt_cache_retention", "max_tool_calls", "top_logprobs", "context_management"),
)
_KEPT_UPSTREAM: Final = ("previous_response_id", "conversation", "background", "prompt")

NAMESPACE: Final = "."
"""Between a namespace and the name of a tool in it."""


def read_ask(body: JsonObject, target: str) -> Ask:
    """The request that ``body`` is; ``target`` names the other dialect in refusals. Raises NotCarried."""
    hints = left_out(body, CARRIED, HINTS, target)
    for name in _KEPT_UPSTREAM:
        if body.get(name):
            raise NotCarried(name, f"{target} keeps nothing between requests: send the whole input")
    turns: list[Turn] = []
    if body.get("instructions"):
        turns.append(Turn("system", (Text(text_at(body, "instructions", "")),)))
    for role, parts in _items(body.get("input")):
        if turns and turns[-1].role == role != "system":
            turns[-1] = Turn(role, turns[-1].parts + parts)
        else:
            turns.append(Turn(role, parts))
    tools, unable = offered_tools(body, _offer)
    return Ask(
        model=text_at(body, "model", ""),
        turns=tuple(turn for turn in turns if turn.parts),
        tools=tools,
        choice=_choice(body.get("tool_choice")),
        parallel=body.get("parallel_tool_calls"),
        max_output=whole_at(body, "max_output_tokens"),
        temperature=number_at(body, "temperature"),
        top_p=number_at(body, "top_p"),
        shape=_shape(body.get("text")),
        effort=_effort(body.get("reasoning")),
        stream=body.get("stream") is True,
        wants_usage=True,
        user=text_or_none(body, "user"),
        cache_key=text_or_none(body, "prompt_cache_key"),
        left_out=(*hints, *_verbosity(body.get("text")), *unable),
    )


def _items(raw: Any) -> list[tuple[Role, tuple[Part, ...]]]:
    if isinstance(raw, str):
        return [("user", (Text(raw),))]
    if not isinstance(raw, list):
        raise BadField("input", "is to be a text or a list of items")
    return [_item(object_of(item, f"input[{index}]"), f"input[{index}]") for index, item in enumerate(raw)]


def _item(item: JsonObject, where: str) -> tuple[Role, tuple[Part, ...]]:
    kind = item.get("type", "message")
    if kind == "message":
        return _message(item, where)
    if kind == "function_call":
        name = text_at(item, "name", where)
        if item.get("namespace"):
            name = f"{item['namespace']}{NAMESPACE}{name}"
        return "assistant", (Call(text_at(item, "call_id", where), name, text_at(item, "arguments", where, "{}")),)
    if kind == "custom_tool_call":
        call = Call(
            text_at(item, "call_id", where), text_at(item, "name", where), text_at(item, "input", where), True
        )
        return "assistant", (call,)
    if kind in ("function_call_output", "custom_tool_call_output"):
        parts = _content(item.get("output"), f"{where}.output")
        seen = tuple(part for part in parts if isinstance(part, Text | Image | File))
        failed = item.get("status") == "incomplete"
        return "user", (Result(text_at(item, "call_id", where), seen, failed, kind.startswith("custom")),)
    if kind == "reasoning":
        return "assistant", (_thought(item),)
    if kind in ("web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call"):
        # What a server tool did is in the words that followed.
        return "assistant", ()
    raise NotCarried(where, f"an item of type {kind!r} has no counterpart")


def _message(item: JsonObject, where: str) -> tuple[Role, tuple[Part, ...]]:
    role = text_at(item, "role", where)
    parts = _content(item.get("content"), f"{where}.content")
    if role in ("system", "developer"):
        return "system", parts
    if role == "assistant":
        return "assistant", parts
    if role == "user":
        return "user", parts
    raise NotCarried(f"{where}.role", f"the role {role!r} has no counterpart")


def _thought(item: JsonObject) -> Thought:
    texts = [str(each.get("text") or "") for name in ("summary", "content") for each in records_of(item.get(name))]
    return Thought(
        "\n\n".join(texts), item_signature(str(item.get("id") or ""), str(item.get("encrypted_content") or ""))
    )


def _content(raw: Any, where: str) -> tuple[Part, ...]:
    if raw is None:
        return ()
    if isinstance(raw, str):
        return (Text(raw),)
    if not isinstance(raw, list):
        raise BadField(where, "is to be a text or a list of parts")
    return tuple(_part(object_of(part, f"{where}[{index}]"), f"{where}[{index}]") for index, part in enumerate(raw))


def _part(raw: JsonObject, where: str) -> Part:
    kind = raw.get("type")
    if kind in ("input_text", "output_text", "text"):
        return Text(text_at(raw, "text", where))
    if kind == "refusal":
        return Denial(text_at(raw, "refusal", where))
    if kind == "input_image" and isinstance(raw.get("image_url"), str):
        media_type, data, url = split_url(raw["image_url"], f"{where}.image_url")
        return Image(media_type, data, url, str(raw.get("detail") or ""))
    if kind == "input_file" and isinstance(raw.get("file_data") or raw.get("file_url"), str):
        media_type, data, url = split_file(raw.get("file_data") or raw["file_url"], where)
        return File(media_type or "application/pdf", data, url, str(raw.get("filename") or ""))
    if kind in ("input_image", "input_file"):
        raise NotCarried(where, "a file uploaded to one upstream cannot be carried to another: send its data")
    raise NotCarried(where, f"a part of type {kind!r} has no counterpart")


def _offer(tool: JsonObject, where: str) -> Offer:
    kind = tool.get("type")
    if kind == "namespace":
        prefix, inner = f"{tool.get('name')}{NAMESPACE}", list_at(tool, "tools", where)
        return Offer(tuple(_function(object_of(each, where), where, prefix) for each in inner))
    if kind == "function":
        return Offer((_function(tool, where, ""),))
    if kind == "custom":
        description = str(tool.get("description") or "")
        format = object_of(tool.get("format") or {}, f"{where}.format")
        return Offer((Tool(text_at(tool, "name", where), description, None, format=format or None),))
    return Offer(unable=str(kind))


def _function(tool: JsonObject, where: str, prefix: str) -> Tool:
    schema = tool.get("parameters")
    return Tool(
        prefix + text_at(tool, "name", where),
        str(tool.get("description") or ""),
        object_of(schema, f"{where}.parameters") if schema is not None else {"type": "object"},
        tool.get("strict"),
    )


def _choice(raw: Any) -> Choice | None:
    if raw is None:
        return None
    if isinstance(raw, str):
        if raw == "required":
            return Choice("any")
        if raw in ("auto", "none"):
            return Choice("auto" if raw == "auto" else "none")
        raise BadField("tool_choice", f"{raw!r} is not known")
    choice = object_of(raw, "tool_choice")
    if choice.get("type") in ("function", "custom"):
        return Choice("tool", text_at(choice, "name", "tool_choice"))
    raise NotCarried("tool_choice", f"the type {choice.get('type')!r} has no counterpart")


def _shape(raw: Any) -> Shape | None:
    asked = raw.get("format") if isinstance(raw, dict) else None
    if not isinstance(asked, dict) or asked.get("type") == "text":
        return None
    if asked.get("type") == "json_object":
        return Shape(None)
    if asked.get("type") != "json_schema":
        raise NotCarried("text.format", f"the type {asked.get('type')!r} has no counterpart")
    schema = object_of(asked.get("schema"), "text.format.schema")
    return Shape(schema, str(asked.get("name") or "answer"), str(asked.get("description") or ""), asked.get("strict"))


def _verbosity(raw: Any) -> tuple[str, ...]:
    return ("text.verbosity",) if isinstance(raw, dict) and raw.get("verbosity") else ()


def _effort(raw: Any) -> Effort | None:
    if not isinstance(raw, dict):
        return None
    level = raw.get("effort")
    return Effort(level, shown=bool(raw.get("summary"))) if isinstance(level, str) else None
