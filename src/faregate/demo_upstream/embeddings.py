"""OpenAI Embeddings, as the upstream speaks it.

Owns reading ``POST /v1/embeddings`` and writing its JSON. The vectors say nothing of the texts: they are made from a
hash of each, and are the same for the same text.
"""

from __future__ import annotations

import struct
from base64 import b64encode
from collections.abc import Iterator
from hashlib import blake2b
from typing import Any

from faregate.demo_upstream.answer import Wishes
from faregate.demo_upstream.chat import UPSTREAM_HEADERS, openai_error
from faregate.demo_upstream.exchange import BadRequest, Reply, Request, model_name, positive
from faregate.demo_upstream.faults import split_model
from faregate.demo_upstream.prefix_cache import InputTokens, PrefixCache
from faregate.demo_upstream.prompt_blocks import PromptBlock, text_tokens

_USUAL_DIMENSIONS = 16
_MOST_DIMENSIONS = 4096


class EmbeddingsDialect:
    """See ``exchange.Dialect``."""

    def read(self, body: dict[str, Any]) -> Request:
        model, faults = split_model(model_name(body))
        texts = _texts(body.get("input"))
        return Request(
            model=model,
            model_faults=faults,
            stream=False,
            messages=[{"role": "user", "content": " ".join(text for text in texts if isinstance(text, str))}],
            blocks=[PromptBlock(_tokens(text), b"", None) for text in texts],
            wishes=Wishes(tools={}, fixed_output_tokens=0),
            body={**body, "input": texts, "dimensions": positive(body, "dimensions") or _USUAL_DIMENSIONS},
        )

    def input_tokens(self, cache: PrefixCache, scope: str, request: Request, now: int) -> InputTokens:
        return InputTokens(sum(block.tokens for block in request.blocks))

    def whole(self, reply: Reply) -> dict[str, Any]:
        body = reply.request.body
        as_text = body.get("encoding_format") == "base64"
        vectors = [_vector(text, min(body["dimensions"], _MOST_DIMENSIONS)) for text in body["input"]]
        data = [
            {"object": "embedding", "index": index, "embedding": _packed(vector) if as_text else vector}
            for index, vector in enumerate(vectors)
        ]
        answer: dict[str, Any] = {"object": "list", "data": data, "model": reply.request.model}
        if reply.use is not None:
            tokens = reply.use.total_input
            answer["usage"] = {"prompt_tokens": tokens, "total_tokens": tokens}
        return answer

    def events(self, reply: Reply) -> Iterator[bytes]:
        return iter(())

    def error(self, status: int, message: str, param: str | None = None) -> dict[str, Any]:
        return openai_error(status, message, param)

    def error_event(self) -> bytes:
        return b""

    def id_headers(self, request_id: str) -> list[tuple[bytes, bytes]]:
        return [(b"x-request-id", f"req_{request_id}".encode()), *UPSTREAM_HEADERS]


def _texts(given: Any) -> list[Any]:
    """What is to be embedded: texts, or rows of tokens. Raises BadRequest."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, list) and given:
        return [given] if all(isinstance(item, int) for item in given) else given
    raise BadRequest("input: a text, or a list of texts or tokens is required", "input")


def _tokens(text: Any) -> int:
    return text_tokens(text) if isinstance(text, str) else len(text)


def _vector(text: Any, dimensions: int) -> list[float]:
    """Numbers between -1 and 1 that 4 bytes hold exactly."""
    seed = repr(text).encode("utf-8", "surrogatepass")
    digits = b"".join(blake2b(seed, salt=struct.pack("q", number)).digest() for number in range(dimensions // 64 + 1))
    return [(digit - 128) / 128 for digit in digits[:dimensions]]


def _packed(vector: list[float]) -> str:
    return b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()
