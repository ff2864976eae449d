"""Google's generateContent, as the upstream speaks it.

Owns reading ``POST /v1beta/models/NAME:generateContent``, ``:streamGenerateContent`` and ``:countTokens``, and the
forms of their JSON, events and errors. Does not decide answers, usage or faults. A stream is one of events: without
``alt=sse`` it is refused, since nobody here asks for the array.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import msgspec

from faregate.demo_upstream.answer import ANY_TOOL, Wishes, pieces
from faregate.demo_upstream.exchange import BadRequest, Reply, Request, TokenUse, listed, model_name, positive
from faregate.demo_upstream.faults import split_model
from faregate.demo_upstream.google_contents import messages_of, system_of
from faregate.demo_upstream.prefix_cache import InputTokens, PrefixCache
from faregate.demo_upstream.prompt_blocks import prompt_blocks

METHODS = ("generateContent", "streamGenerateContent", "countTokens")
BLOCKED_MARK = "[[blocked]]"
_SIGNATURE = "ZGVtbyB1cHN0cmVhbTogbm90aGluZyBpcyBzaWduZWQ="
_FINISH = {"end": "STOP", "sequence": "STOP", "tool": "STOP", "length": "MAX_TOKENS"}
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "FAILED_PRECONDITION",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
_LEVELS = {"minimal": 16, "low": 64, "medium": 256, "high": 1024}
_encode = msgspec.json.encode


def named(path: str) -> tuple[str, str] | None:
    """(model, method) of a path after its version; None for any other path."""
    model, _, method = path.removeprefix("/models/").rpartition(":")
    if not path.startswith("/models/") or not model or method not in METHODS:
        return None
    return unquote(model), method


def body_of(body: dict[str, Any], model: str, method: str, query: bytes) -> dict[str, Any]:
    """``body`` with what the path says of it. Raises BadRequest."""
    stream = method == METHODS[1]
    if stream and b"alt=sse" not in query.split(b"&"):
        raise BadRequest("alt: the demo upstream streams events alone; ask with alt=sse")
    if method == METHODS[2] and isinstance(body.get("generateContentRequest"), dict):
        body = body["generateContentRequest"]
    return {**body, "model": model, "stream": stream}


class GoogleDialect:
    """See ``exchange.Dialect``."""

    def read(self, body: dict[str, Any]) -> Request:
        model, faults = split_model(model_name(body))
        messages = messages_of(body)
        settings = _settings(body)
        return Request(
            model=model,
            model_faults=faults,
            stream=body.get("stream") is True,
            messages=messages,
            blocks=prompt_blocks(body.get("tools"), system_of(body), messages),
            wishes=_wishes(body, settings),
            show_thinking=_thinking(settings).get("includeThoughts") is True,
        )

    def count(self, body: dict[str, Any]) -> dict[str, Any]:
        """The answer of ``countTokens``. Raises BadRequest."""
        blocks = prompt_blocks(body.get("tools"), system_of(body), messages_of(body))
        tokens = sum(block.tokens for block in blocks)
        return {"totalTokens": tokens, "promptTokensDetails": [{"modality": "TEXT", "tokenCount": tokens}]}

    def input_tokens(self, cache: PrefixCache, scope: str, request: Request, now: int) -> InputTokens:
        return cache.automatic(scope, request.blocks, now)

    def whole(self, reply: Reply) -> dict[str, Any]:
        if _is_blocked(reply):
            return _blocked(reply)
        return _answer(reply, [part for group in _parts(reply) for part in [_joined(group)]], last=True)

    def events(self, reply: Reply) -> Iterator[bytes]:
        if _is_blocked(reply):
            yield _event(_blocked(reply))
            return
        parts = [part for group in _parts(reply) for part in group]
        for part in parts[:-1]:
            yield _event(_answer(reply, [part], last=False))
        yield _event(_answer(reply, parts[-1:] or [{"text": ""}], last=True))

    def error(self, status: int, message: str, param: str | None = None) -> dict[str, Any]:
        kind = _STATUSES.get(status, "INTERNAL" if status >= 500 else "INVALID_ARGUMENT")
        error: dict[str, Any] = {"code": status, "message": message, "status": kind}
        if param is not None:
            violation = {"field": param, "description": message}
            bad = {"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}
            error["details"] = [bad]
        return {"error": error}

    def error_event(self) -> bytes:
        return _event(self.error(503, "The demo upstream was told to fail in mid-stream."))

    def id_headers(self, request_id: str) -> list[tuple[bytes, bytes]]:
        return [(b"x-gemini-service-tier", b"standard"), (b"server-timing", b"gfet4t7; dur=1")]


def google_model(model: str) -> dict[str, Any]:
    """One model in Google's form."""
    return {
        "name": f"models/{model}",
        "version": "001",
        "displayName": model,
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": list(METHODS),
    }


def google_models(models: tuple[str, ...]) -> dict[str, Any]:
    """The list in Google's form, on one page."""
    return {"models": [google_model(model) for model in models]}


def _settings(body: dict[str, Any]) -> dict[str, Any]:
    found = body.get("generationConfig") or body.get("generation_config")
    return found if isinstance(found, dict) else {}


def _thinking(settings: dict[str, Any]) -> dict[str, Any]:
    found = settings.get("thinkingConfig")
    return found if isinstance(found, dict) else {}


def _wishes(body: dict[str, Any], settings: dict[str, Any]) -> Wishes:
    tools = {
        str(function["name"]): function.get("parametersJsonSchema") or _lower_types(function.get("parameters"))
        for tool in listed(body, "tools")
        if isinstance(tool, dict)
        for function in listed(tool, "functionDeclarations")
        if isinstance(function, dict) and "name" in function
    }
    config = body.get("toolConfig")
    calling = config.get("functionCallingConfig") if isinstance(config, dict) else None
    calling = calling if isinstance(calling, dict) else {}
    allowed = listed(calling, "allowedFunctionNames")
    demanded = None
    if calling.get("mode") == "ANY":
        demanded = str(allowed[0]) if allowed else ANY_TOOL
    schema = settings.get("responseJsonSchema") or _lower_types(settings.get("responseSchema"))
    as_json = settings.get("responseMimeType") == "application/json"
    thinking = _thinking(settings)
    shown = thinking.get("includeThoughts") is True
    return Wishes(
        tools={} if calling.get("mode") == "NONE" else tools,
        demanded_tool=demanded,
        answer_schema=(schema or {"properties": {"answer": {"type": "string"}}}) if as_json else None,
        longest_tokens=positive(settings, "maxOutputTokens"),
        stops=tuple(str(stop) for stop in listed(settings, "stopSequences")),
        thinking=shown and thinking.get("thinkingBudget") != 0,
        reasoning_tokens=_LEVELS.get(str(thinking.get("thinkingLevel", "")).lower(), 0),
    )


def _lower_types(schema: Any) -> Any:
    """Google's schemas write types in capitals."""
    if isinstance(schema, list):
        return [_lower_types(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.lower() if key == "type" and isinstance(value, str) else _lower_types(value)
        for key, value in schema.items()
    }


def _is_blocked(reply: Reply) -> bool:
    return BLOCKED_MARK in reply.answer.text


def _blocked(reply: Reply) -> dict[str, Any]:
    shape: dict[str, Any] = {
        "promptFeedback": {"blockReason": "PROHIBITED_CONTENT"},
        "modelVersion": reply.request.model,
        "responseId": reply.id,
    }
    if reply.use is not None:
        shape["usageMetadata"] = _usage(reply.use._replace(output=0, reasoning=0), last=True)
    return shape


def _parts(reply: Reply) -> Iterator[list[dict[str, Any]]]:
    """Each part in the pieces in which it streams. A thought's signature stands on the part after it."""
    answer = reply.answer
    signature: dict[str, str] = {}
    if answer.thinking:
        signature = {"thoughtSignature": _SIGNATURE}
        if reply.request.show_thinking:
            yield [{"text": piece, "thought": True} for piece in pieces(answer.thinking, one_piece=False)]
    if answer.text:
        texts = [{"text": piece} for piece in pieces(answer.text, answer.one_piece)]
        texts[0] = {**texts[0], **signature}
        yield texts
    for number, call in enumerate(answer.calls):
        function = {"id": f"call_{reply.id}{number:02d}", "name": call.name, "args": call.arguments}
        yield [{"functionCall": function, **(signature if not number else {})}]


def _joined(group: list[dict[str, Any]]) -> dict[str, Any]:
    if "text" not in group[0]:
        return group[0]
    return {**group[0], "text": "".join(part["text"] for part in group)}


def _answer(reply: Reply, parts: list[dict[str, Any]], *, last: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if last:
        candidate["finishReason"] = _FINISH[reply.answer.stop]
    shape: dict[str, Any] = {"candidates": [candidate]}
    if reply.use is not None:
        shape["usageMetadata"] = _usage(reply.use, last=last)
    return {**shape, "modelVersion": reply.request.model, "responseId": reply.id}


def _usage(use: TokenUse, *, last: bool) -> dict[str, Any]:
    """Only the last event counts the answer: those before it count the prompt."""
    usage: dict[str, Any] = {"promptTokenCount": use.total_input}
    if use.cached:
        usage["cachedContentTokenCount"] = use.cached
    if last:
        usage["candidatesTokenCount"] = use.output - use.reasoning
        if use.reasoning:
            usage["thoughtsTokenCount"] = use.reasoning
    usage["totalTokenCount"] = use.total_input + (use.output if last else 0)
    usage["promptTokensDetails"] = [{"modality": "TEXT", "tokenCount": use.total_input}]
    return usage


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + _encode(value) + b"\r\n\r\n"
