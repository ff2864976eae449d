"""Google's contents as messages: what the rules of the answer and of the tokens are told over.

Owns reading contents and the system's words. A part that is not known stays as it is and counts its JSON.
"""

from __future__ import annotations

from typing import Any

from faregate.demo_upstream.exchange import BadRequest, objects

_CALLS = ("functionCall", "function_call")
_RESULTS = ("functionResponse", "function_response")
_MEDIA = ("inlineData", "inline_data", "fileData", "file_data")


def messages_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The contents as messages. Raises BadRequest."""
    messages = []
    for content in objects(body, "contents"):
        parts = content.get("parts")
        if not isinstance(parts, list):
            raise BadRequest("contents: every content needs parts", "contents")
        role = content.get("role", "user")
        if role not in ("user", "model", "function"):
            raise BadRequest("Please use a valid role: user, model.", "contents")
        written = [_part(part) for part in parts if isinstance(part, dict) and not part.get("thought")]
        messages.append({"role": "assistant" if role == "model" else "user", "content": written})
    return messages


def system_of(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The system's words as parts."""
    system = body.get("systemInstruction") or body.get("system_instruction")
    parts = system.get("parts") if isinstance(system, dict) else None
    return [_part(part) for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _part(part: dict[str, Any]) -> dict[str, Any]:
    if "text" in part:
        return {"type": "text", "text": str(part["text"])}
    if (call := _of(part, _CALLS)) is not None:
        return {"type": "tool_use", **call}
    if (result := _of(part, _RESULTS)) is not None:
        return {"type": "tool_result", "name": result.get("name"), "content": _text(result.get("response"))}
    if _of(part, _MEDIA) is not None:
        return {"type": "image", "source": part}
    return {"type": "other", **part}


def _of(part: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any] | None:
    return next((part[name] for name in names if isinstance(part.get(name), dict)), None)


def _text(response: Any) -> str:
    """What a function gave back, as text: its only value where that is one."""
    if isinstance(response, dict) and len(response) == 1:
        response = next(iter(response.values()))
    return response if isinstance(response, str) else str(response)
