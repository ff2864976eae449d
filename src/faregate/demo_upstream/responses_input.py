"""Reading a request of OpenAI's Responses: its items as messages, its tools, its wishes.

Owns the reading. The messages it gives have the form of Chat Completions, which the rules of the answer and of the
token count know.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from faregate.demo_upstream.answer import ANY_TOOL, Wishes
from faregate.demo_upstream.chat import reasoning_tokens
from faregate.demo_upstream.exchange import BadRequest, listed, positive

_TEXTS = ("input_text", "output_text", "text", "refusal")
_CALLS = ("function_call", "custom_tool_call", "local_shell_call", "shell_call", "apply_patch_call")
_TRIGGER = "compaction_trigger"
_COMPACTED = "compaction"
COMPACTION_TOKENS = 64


class ToolForm(NamedTuple):
    """How a tool is called where it is no plain function. ``namespace``: '' for none."""

    is_custom: bool = False
    namespace: str = ""


def input_items(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The items of a body's `input`; a text is one message of the user. Raises BadRequest."""
    given = body.get("input")
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": given}]}]
    if given is None:
        return []
    if not isinstance(given, list) or not all(isinstance(item, dict) for item in given):
        raise BadRequest("input: a text or a list of items is required", "input")
    return given


def messages_of(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The items as messages of Chat Completions. Reasoning and the like are the assistant's, as their JSON."""
    return [_message(item) for item in items]


def tools_of(body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, ToolForm]]:
    """(schema of each tool that the client runs, the forms of those that are no plain functions)."""
    schemas: dict[str, Any] = {}
    forms: dict[str, ToolForm] = {}
    for tool in listed(body, "tools"):
        if not isinstance(tool, dict):
            continue
        if tool.get("type") == "namespace":
            namespace = str(tool.get("name", ""))
            inner: list[Any] = [each for each in listed(tool, "tools") if isinstance(each, dict)]
        else:
            namespace, inner = "", [tool]
        for each in inner:
            _take_tool(each, namespace, schemas, forms)
    return schemas, forms


def wishes_of(body: dict[str, Any], schemas: Mapping[str, Any]) -> Wishes:
    """What the request asks of its answer. Raises BadRequest."""
    choice = body.get("tool_choice")
    demanded = ANY_TOOL if choice == "required" else None
    if isinstance(choice, dict) and choice.get("type") in ("function", "custom"):
        demanded = str(choice.get("name", ""))
    reasoning = body.get("reasoning")
    settings = reasoning if isinstance(reasoning, dict) else {}
    text = body.get("text")
    return Wishes(
        tools={} if choice == "none" else schemas,
        demanded_tool=demanded,
        answer_schema=_answer_schema(text.get("format") if isinstance(text, dict) else None),
        longest_tokens=positive(body, "max_output_tokens"),
        thinking=settings.get("summary") not in (None, "none"),
        reasoning_tokens=reasoning_tokens(settings.get("effort")),
    )


def asks_to_compact(items: list[dict[str, Any]]) -> bool:
    """Whether the last item asks for a shorter history in place of an answer."""
    return bool(items) and items[-1].get("type") == _TRIGGER


def _take_tool(tool: dict[str, Any], namespace: str, schemas: dict[str, Any], forms: dict[str, ToolForm]) -> None:
    name, kind = tool.get("name"), tool.get("type", "function")
    if not isinstance(name, str) or kind not in ("function", "custom"):
        return  # web search and the like run at the upstream
    schemas[name] = tool.get("parameters")
    if kind == "custom" or namespace:
        forms[name] = ToolForm(kind == "custom", namespace)


def _message(item: dict[str, Any]) -> dict[str, Any]:
    kind = item.get("type", "message")
    if kind == "message":
        return {"role": item.get("role"), "content": _content(item.get("content"))}
    if kind in _CALLS or kind == _COMPACTED:  # which stands for the rounds before it
        return {"role": "assistant", "content": None, "tool_calls": [item]}
    if str(kind).endswith("_output"):
        return {"role": "tool", "content": _output_text(item.get("output"))}
    return {"role": "system" if kind == _TRIGGER else "assistant", "content": json.dumps(item, sort_keys=True)}


def _content(content: Any) -> Any:
    if not isinstance(content, list):
        return content
    return [_part(part) for part in content]


def _part(part: Any) -> Any:
    if isinstance(part, dict) and part.get("type") in _TEXTS:
        return {"type": "text", "text": str(part.get("text") or part.get("refusal") or "")}
    if isinstance(part, dict) and part.get("type") == "input_image":
        return {"type": "image_url", "image_url": {"url": part.get("image_url")}}
    return {**part, "type": "file"} if isinstance(part, dict) and part.get("type") == "input_file" else part


def _output_text(output: Any) -> str:
    if isinstance(output, str):
        return output
    if isinstance(output, list):
        return "\n".join(str(part.get("text", "")) for part in output if isinstance(part, dict))
    return json.dumps(output)


def _answer_schema(answer_format: Any) -> Any:
    if not isinstance(answer_format, dict):
        return None
    if answer_format.get("type") == "json_object":
        return {"properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    return answer_format.get("schema") if answer_format.get("type") == "json_schema" else None
