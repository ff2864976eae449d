"""What an upstream of Google's dialect answers in the gate's tests."""

from __future__ import annotations

from typing import Any

import msgspec

from tests.gate.answers import PIECES

BODY: dict[str, Any] = {
    "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
    "generationConfig": {"maxOutputTokens": 5000},
}
METADATA = {
    "promptTokenCount": 10,
    "cachedContentTokenCount": 4,
    "candidatesTokenCount": 5,
    "thoughtsTokenCount": 2,
    "totalTokenCount": 17,
}


def path(model: str, method: str = "generateContent", query: str = "") -> str:
    return f"/v1beta/models/{model}:{method}{query and '?' + query}"


def answer(text: str, finish: str | None = None, usage: object = None) -> dict[str, Any]:
    """A whole answer, or an event of a stream."""
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": [{"text": text}]}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    shape = {"candidates": [candidate], "modelVersion": "gemini-upstream", "responseId": "r"}
    return shape if usage is None else {**shape, "usageMetadata": usage}


REPLY = answer("hello there", "STOP", METADATA)


def event(said: object) -> bytes:
    return b"data: " + msgspec.json.encode(said) + b"\r\n\r\n"


TEXT = [event(answer(piece)) for piece in PIECES]
LAST = event(answer("", "STOP", METADATA))
STREAM = [*TEXT, LAST]
