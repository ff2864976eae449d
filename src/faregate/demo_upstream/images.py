"""OpenAI Images, as the upstream speaks it.

Owns reading ``POST /v1/images/generations`` and writing its JSON and events. Every picture is the same small one. All
models report tokens but those whose names begin with `dall-e`, which are sold by the picture.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from faregate.demo_upstream.answer import Wishes
from faregate.demo_upstream.chat import UPSTREAM_HEADERS, openai_error
from faregate.demo_upstream.exchange import BadRequest, Reply, Request, TokenUse, model_name, positive
from faregate.demo_upstream.faults import split_model
from faregate.demo_upstream.prefix_cache import InputTokens, PrefixCache
from faregate.demo_upstream.prompt_blocks import PromptBlock, text_tokens

TOKENS_PER_PICTURE = 1056
_MOST_PICTURES = 10
_PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+M8AAAMBAQDJ/pLvAAAAAElFTkSuQmCC"
_LOOK = {"background": "opaque", "output_format": "png", "quality": "medium", "size": "1024x1024"}


class ImagesDialect:
    """See ``exchange.Dialect``."""

    def read(self, body: dict[str, Any]) -> Request:
        model, faults = split_model(model_name(body))
        prompt = body.get("prompt")
        if not isinstance(prompt, str) or not prompt:
            raise BadRequest("prompt: a text is required", "prompt")
        return Request(
            model=model,
            model_faults=faults,
            stream=body.get("stream") is True,
            messages=[{"role": "user", "content": prompt}],
            blocks=[PromptBlock(text_tokens(prompt), b"", None)],
            wishes=Wishes(tools={}, fixed_output_tokens=TOKENS_PER_PICTURE),
            choices=min(positive(body, "n") or 1, _MOST_PICTURES),
            body=body,
        )

    def input_tokens(self, cache: PrefixCache, scope: str, request: Request, now: int) -> InputTokens:
        return InputTokens(sum(block.tokens for block in request.blocks))

    def whole(self, reply: Reply) -> dict[str, Any]:
        answer: dict[str, Any] = {"created": reply.created, **_LOOK, "data": [{"b64_json": _PICTURE}]}
        answer["data"] *= reply.request.choices
        if reply.use is not None and not reply.request.model.startswith("dall-e"):
            answer["usage"] = _usage(reply.use)
        return answer

    def events(self, reply: Reply) -> Iterator[bytes]:
        shown = {"b64_json": _PICTURE, "created_at": reply.created, **_LOOK}
        for index in range(positive(reply.request.body, "partial_images") or 0):
            yield _event("image_generation.partial_image", {**shown, "partial_image_index": index})
        use = reply.use
        if use is not None:
            shown["usage"] = _usage(use)
        yield _event("image_generation.completed", shown)

    def error(self, status: int, message: str, param: str | None = None) -> dict[str, Any]:
        return openai_error(status, message, param)

    def error_event(self) -> bytes:
        return _event("error", self.error(500, "The demo upstream was told to fail in mid-stream."))

    def id_headers(self, request_id: str) -> list[tuple[bytes, bytes]]:
        return [(b"x-request-id", f"req_{request_id}".encode()), *UPSTREAM_HEADERS]


def _usage(use: TokenUse) -> dict[str, Any]:
    return {
        "input_tokens": use.total_input,
        "input_tokens_details": {"image_tokens": 0, "text_tokens": use.total_input},
        "output_tokens": use.output,
        "total_tokens": use.total_input + use.output,
    }


def _event(kind: str, fields: dict[str, Any]) -> bytes:
    return b"event: " + kind.encode() + b"\ndata: " + msgspec.json.encode({"type": kind, **fields}) + b"\n\n"
