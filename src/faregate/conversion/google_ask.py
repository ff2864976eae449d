"""Google's generateContent: a request read.

Owns its contents and their parts. The model and whether it streams stand in the path; whoever reads the body puts
them in as ``model`` and ``stream``. Calls without an id get one; results find their call by name and order.
"""

from __future__ import annotations

import hashlib
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
    Shape,
    Text,
    Thought,
    Tool,
    Turn,
)
from faregate.conversion.fields import BadField, left_out, list_at, number_at, object_of, text_at, whole_at
from faregate.conversion.offered_tools import Offer, offered_tools
from faregate.conversion.signatures import OF_GOOGLE, UNSIGNED_BY_GOOGLE

CARRIED: Final = (
    *("model", "stream", "contents", "systemInstruction", "system_instruction", "tools", "toolConfig"),
    *("tool_config", "generationConfig", "generation_config"),
)
HINTS: Final = ("safetySettings", "safety_settings", "labels", "store")

_SETTINGS: Final = (
    *("temperature", "topP", "topK", "maxOutputTokens", "stopSequences", "responseMimeType", "responseSchema"),
    *("responseJsonSchema", "thinkingConfig", "candidateCount"),
)
_SETTING_HINTS: Final = ("seed", "presencePenalty", "frequencyPenalty", "mediaResolution")


def read_ask(body: JsonObject, target: str) -> Ask:
    """The request that ``body`` is; ``target`` names the other dialect in refusals. Raises NotCarried."""
    hints = left_out(body, CARRIED, HINTS, target)
    settings = object_of(_either(body, "generationConfig", "generation_config") or {}, "generationConfig")
    if settings.get("responseModalities") == ["TEXT"]:
        settings = {**settings, "responseModalities": None}
    hints += left_out(settings, _SETTINGS, _SETTING_HINTS, target)
    if (whole_at(settings, "candidateCount") or 1) != 1:
        raise NotCarried("generationConfig.candidateCount", f"{target} gives one answer a request")
    tools, unable = offered_tools(body, _offer)
    return Ask(
        model=text_at(body, "model", "", ""),
        turns=(*_system(body), *_Contents().turns(body)),
        tools=tools,
        choice=_choice(_either(body, "toolConfig", "tool_config")),
        max_output=whole_at(settings, "maxOutputTokens"),
        temperature=number_at(settings, "temperature"),
        top_p=number_at(settings, "topP"),
        top_k=whole_at(settings, "topK"),
        stops=tuple(str(each) for each in list_at(settings, "stopSequences")),
        shape=_shape(settings),
        effort=_effort(settings.get("thinkingConfig")),
        stream=body.get("stream") is True,
        wants_usage=True,
        left_out=(*hints, *unable),
    )


def _either(record: JsonObject, name: str, other: str) -> Any:
    found = record.get(name)
    return record.get(other) if found is None else found


def _system(body: JsonObject) -> list[Turn]:
    raw = _either(body, "systemInstruction", "system_instruction")
    if raw is None:
        return []
    parts = list_at(object_of(raw, "systemInstruction"), "parts", "systemInstruction")
    texts = tuple(Text(text_at(object_of(part, "systemInstruction"), "text", "systemInstruction")) for part in parts)
    return [Turn("system", texts)] if texts else []


class _Contents:
    """Reads contents in order, and remembers which calls wait for their results."""

    def __init__(self) -> None:
        self._waiting: list[Call] = []
        self._made = 0

    def turns(self, body: JsonObject) -> list[Turn]:
        turns = []
        for index, raw in enumerate(list_at(body, "contents")):
            where = f"contents[{index}]"
            content = object_of(raw, where)
            role = content.get("role", "user")
            if role not in ("user", "model", "function"):
                raise NotCarried(f"{where}.role", f"the role {role!r} has no counterpart")
            parts: list[Part] = []
            for number, part in enumerate(list_at(content, "parts", where)):
                parts += self._parts(object_of(part, where), f"{where}.parts[{number}]")
            turns.append(Turn("assistant" if role == "model" else "user", tuple(parts)))
        return turns

    def _parts(self, raw: JsonObject, where: str) -> list[Part]:
        signature = _either(raw, "thoughtSignature", "thought_signature")
        signed = OF_GOOGLE + str(signature) if signature and signature != UNSIGNED_BY_GOOGLE else ""
        if raw.get("thought"):
            return [Thought(text_at(raw, "text", where, ""), signed)]
        before: list[Part] = [Thought("", signed)] if signed else []
        return [*before, self._part(raw, where)]

    def _part(self, raw: JsonObject, where: str) -> Part:
        if "text" in raw:
            return Text(text_at(raw, "text", where))
        call = _either(raw, "functionCall", "function_call")
        if call is not None:
            return self._call(object_of(call, where), where)
        response = _either(raw, "functionResponse", "function_response")
        if response is not None:
            return self._result(object_of(response, where), where)
        data = _either(raw, "inlineData", "inline_data")
        if data is not None:
            return _media(object_of(data, where), where)
        file = _either(raw, "fileData", "file_data")
        if file is not None:
            return _linked(object_of(file, where), where)
        raise NotCarried(where, f"a part of {', '.join(raw) or 'nothing'} has no counterpart")

    def _call(self, raw: JsonObject, where: str) -> Call:
        name = text_at(raw, "name", where)
        arguments = json.dumps(raw.get("args") or {}, ensure_ascii=False, separators=(",", ":"))
        self._made += 1
        made = "call_" + hashlib.sha256(f"{self._made}\n{name}\n{arguments}".encode()).hexdigest()[:24]
        call = Call(str(raw.get("id") or made), name, arguments)
        self._waiting.append(call)
        return call

    def _result(self, raw: JsonObject, where: str) -> Result:
        name, id = text_at(raw, "name", where), raw.get("id")
        for call in self._waiting:
            if call.id == id or (not id and call.name == name):
                self._waiting.remove(call)
                id = call.id
                break
        response = raw.get("response")
        if isinstance(response, dict) and set(response) <= {"output", "error"} and len(response) == 1:
            told = next(iter(response.values()))
            text = told if isinstance(told, str) else json.dumps(told, ensure_ascii=False)
        else:
            text = json.dumps(response, ensure_ascii=False)
        failed = isinstance(response, dict) and "error" in response
        shown = [part for each in list_at(raw, "parts", where) for part in self._parts(object_of(each, where), where)]
        media = tuple(part for part in shown if isinstance(part, Text | Image | File))
        return Result(str(id or name), (Text(text), *media), failed)


def _media(data: JsonObject, where: str) -> Part:
    media_type = str(_either(data, "mimeType", "mime_type") or "")
    if media_type.startswith("image/"):
        return Image(media_type, text_at(data, "data", where), "")
    if media_type in ("application/pdf", "text/plain"):
        return File(media_type, text_at(data, "data", where), "")
    raise NotCarried(where, f"media of type {media_type!r} have no counterpart")


def _linked(file: JsonObject, where: str) -> Part:
    media_type = str(_either(file, "mimeType", "mime_type") or "")
    url = str(_either(file, "fileUri", "file_uri") or "")
    if not url.startswith("https://") or "generativelanguage.googleapis.com" in url:
        raise NotCarried(where, "a file uploaded to one upstream cannot be carried to another: send its data")
    return Image("", "", url) if media_type.startswith("image/") else File(media_type, "", url)


def _offer(tool: JsonObject, where: str) -> Offer:
    """Functions, and what Google runs itself, which stands beside them under a name of its own."""
    declared = _either(tool, "functionDeclarations", "function_declarations")
    others = [name for name in tool if name not in ("functionDeclarations", "function_declarations")]
    if not isinstance(declared, list | None):
        raise BadField(f"{where}.functionDeclarations", "is to be a list")
    return Offer(tuple(_function(object_of(each, where), where) for each in declared or ()), ", ".join(others))


def _function(function: JsonObject, where: str) -> Tool:
    schema = function.get("parametersJsonSchema") or _lower_types(function.get("parameters"))
    described = str(function.get("description") or "")
    schema = object_of(schema or {"type": "object"}, f"{where}.parameters")
    return Tool(text_at(function, "name", where), described, schema)


def _lower_types(schema: Any) -> Any:
    """Google's schemas write types in capitals; JSON Schema does not."""
    if isinstance(schema, list):
        return [_lower_types(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: value.lower() if name == "type" and isinstance(value, str) else _lower_types(value)
        for name, value in schema.items()
    }


def _choice(raw: Any) -> Choice | None:
    if raw is None:
        return None
    config = _either(object_of(raw, "toolConfig"), "functionCallingConfig", "function_calling_config")
    if not isinstance(config, dict):
        return None
    mode = str(config.get("mode") or "AUTO").upper()
    allowed = _either(config, "allowedFunctionNames", "allowed_function_names") or []
    if not isinstance(allowed, list):
        raise BadField("toolConfig.functionCallingConfig.allowedFunctionNames", "is to be a list")
    if len(allowed) > 1 or (allowed and mode != "ANY"):
        raise NotCarried(
            "toolConfig.functionCallingConfig.allowedFunctionNames",
            "a choice among some of the tools is not converted",
        )
    if mode == "ANY":
        return Choice("tool", str(allowed[0])) if allowed else Choice("any")
    if mode in ("AUTO", "VALIDATED", "MODE_UNSPECIFIED"):
        return Choice("auto")
    if mode == "NONE":
        return Choice("none")
    raise BadField("toolConfig.functionCallingConfig.mode", f"{mode!r} is not known")


def _shape(settings: JsonObject) -> Shape | None:
    kind = settings.get("responseMimeType")
    if kind not in (None, "text/plain", "application/json"):
        raise NotCarried("generationConfig.responseMimeType", f"the type {kind!r} has no counterpart")
    if kind != "application/json":
        return None
    schema = settings.get("responseJsonSchema") or _lower_types(settings.get("responseSchema"))
    return Shape(schema if isinstance(schema, dict) else None)


def _effort(raw: Any) -> Effort | None:
    if not isinstance(raw, dict):
        return None
    shown = raw.get("includeThoughts") is True
    level = raw.get("thinkingLevel")
    if isinstance(level, str):
        return Effort(level.lower(), None, shown)
    budget = raw.get("thinkingBudget")
    if not isinstance(budget, int):
        return Effort("medium", None, True) if shown else None
    if budget == 0:
        return Effort("none")
    return Effort("medium", None, shown) if budget < 0 else Effort(None, budget, shown)
