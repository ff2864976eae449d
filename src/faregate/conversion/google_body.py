"""Google's generateContent: a request written.

Owns where each thing stands in its contents. A thought's signature stands on the part that followed the thought.
"""

from __future__ import annotations

import json
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
    Text,
    Thought,
    Turn,
)
from faregate.conversion.custom_tools import description_of, schema_of, wrapped
from faregate.conversion.efforts import BUDGETS
from faregate.conversion.fields import BadField, without_nothing
from faregate.conversion.media import url_of
from faregate.conversion.signatures import OF_GOOGLE, UNSIGNED_BY_GOOGLE, of_google
from faregate.conversion.tool_names import ToolNames

MOST_BUDGET: Final = 24_576
"""Of tokens to think in: more is an error of some of its models."""


def write_ask(ask: Ask, model: str, names: ToolNames) -> JsonObject:
    """The body that asks for the same; the model stands in the path. Raises NotCarried."""
    turns = list(ask.turns)
    system: list[JsonObject] = []
    while turns and turns[0].role == "system":
        system += [{"text": part.text} for part in turns.pop(0).parts if isinstance(part, Text)]
    called = {part.id: part.name for turn in turns for part in turn.parts if isinstance(part, Call)}
    contents: list[JsonObject] = []
    for turn in turns:
        content = _content(turn, called, names)
        if not content["parts"]:
            continue
        if contents and contents[-1]["role"] == content["role"]:
            contents[-1]["parts"] += content["parts"]
        else:
            contents.append(content)
    declared = [
        {
            "name": names.there(tool.name),
            "description": description_of(tool),
            "parametersJsonSchema": schema_of(tool),
        }
        for tool in ask.tools
    ]
    return without_nothing(
        {
            "contents": contents,
            "systemInstruction": {"parts": system} if system else None,
            "tools": [{"functionDeclarations": declared}] if declared else None,
            "toolConfig": _choice(ask, names),
            "generationConfig": _settings(ask) or None,
        }
    )


def _content(turn: Turn, called: dict[str, str], names: ToolNames) -> JsonObject:
    parts: list[JsonObject] = []
    shown: list[JsonObject] = []
    signature: str | None = None
    for part in turn.parts:
        if isinstance(part, Thought):
            if of_google(part.signature):
                signature = part.signature.removeprefix(OF_GOOGLE)
            continue
        written = _part(part, turn.role, called, names)
        if signature is not None and turn.role == "assistant":
            written["thoughtSignature"], signature = signature, None
        elif isinstance(part, Call) and not any("functionCall" in each for each in parts):
            written["thoughtSignature"] = UNSIGNED_BY_GOOGLE  # it stands on the first of parallel calls alone
        parts.append(written)
        if isinstance(part, Result):
            media = [each for each in part.parts if not isinstance(each, Text)]
            shown += [_part(each, turn.role, called, names) for each in media]
    # Functions have to be answered all at once; what their results show beside text follows.
    if shown:
        last = max(index for index, each in enumerate(parts) if "functionResponse" in each) + 1
        parts[last:last] = shown
    return {"role": "model" if turn.role == "assistant" else "user", "parts": parts}


def _part(part: Part, role: str, called: dict[str, str], names: ToolNames) -> JsonObject:
    if isinstance(part, Text):
        return {"text": f"<system>\n{part.text}\n</system>" if role == "system" else part.text}
    if isinstance(part, Denial):
        return {"text": part.text}
    if isinstance(part, Call):
        return {"functionCall": {"id": part.id, "name": names.there(part.name), "args": _arguments(part)}}
    if isinstance(part, Result):
        return _result(part, called, names)
    if isinstance(part, Image | File):
        if part.url:
            return {"fileData": {"mimeType": part.media_type or _guessed(part), "fileUri": url_of(part)}}
        return {"inlineData": {"mimeType": part.media_type, "data": part.data}}
    raise NotCarried("contents", f"a {type(part).__name__.lower()} cannot stand here")


def _guessed(part: Image | File) -> str:
    return "image/*" if isinstance(part, Image) else "application/pdf"


def _arguments(part: Call) -> Any:
    if part.custom:
        return wrapped(part.arguments)
    try:
        found = json.loads(part.arguments or "{}")
    except ValueError as problem:
        raise BadField("messages", f"the arguments of call {part.id!r} are no JSON: {problem}") from None
    if not isinstance(found, dict):
        raise BadField("messages", f"the arguments of call {part.id!r} are to be a JSON object")
    return found


def _result(part: Result, called: dict[str, str], names: ToolNames) -> JsonObject:
    name = called.get(part.call)
    if name is None:
        raise BadField("messages", f"the result of call {part.call!r} follows no such call")
    text = "\n".join(each.text for each in part.parts if isinstance(each, Text))
    if not all(isinstance(each, Text) for each in part.parts):
        text = f"{text}\n[see what follows]".strip()
    response = {"error" if part.failed else "output": text}
    return {"functionResponse": {"id": part.call, "name": names.there(name), "response": response}}


def _choice(ask: Ask, names: ToolNames) -> JsonObject | None:
    choice = ask.choice
    if choice is None or not ask.tools:
        return None
    config: JsonObject = {"mode": {"auto": "AUTO", "any": "ANY", "tool": "ANY", "none": "NONE"}[choice.kind]}
    if choice.kind == "tool":
        config["allowedFunctionNames"] = [names.there(choice.name)]
    return {"functionCallingConfig": config}


def _settings(ask: Ask) -> JsonObject:
    return without_nothing(
        {
            "temperature": ask.temperature,
            "topP": ask.top_p,
            "topK": ask.top_k,
            "maxOutputTokens": ask.max_output,
            "stopSequences": list(ask.stops) or None,
            "responseMimeType": "application/json" if ask.shape is not None else None,
            "responseJsonSchema": ask.shape.schema if ask.shape is not None else None,
            "thinkingConfig": _thinking(ask.effort),
        }
    )


def _thinking(effort: Effort | None) -> JsonObject | None:
    if effort is None:
        return None
    if effort.level == "none":
        return {"thinkingBudget": 0}
    budget = effort.budget if effort.budget is not None else BUDGETS.get(effort.level or "medium", -1)
    return {"thinkingBudget": min(budget, MOST_BUDGET), "includeThoughts": effort.shown}
