"""The prompt as a row of blocks: what tokens are counted over and what prefixes are remembered of.

Owns the token rule and the order of blocks. Does not know caching rules nor how answers look.

**The token rule.** A text is its UTF-8 length divided by 4, rounded up. An image or document is
1,000 tokens, whatever its size. Any other block (a tool, a tool call, a tool result) counts its
compact JSON as text. Every message costs 4 more.

**The order.** Tools, then system blocks, then the content blocks of every message in turn.
``cache_control`` is no part of a block: a mark that wanders to a later message leaves the
earlier blocks as they were. A text as a plain string and the same text as a single block are
the same block.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

BYTES_PER_TOKEN = 4
TOKENS_PER_IMAGE = 1000
TOKENS_PER_MESSAGE = 4

_IMAGE_TYPES = ("image", "image_url", "document", "file", "input_audio")
_encode = msgspec.json.Encoder(order="sorted").encode


class PromptBlock(NamedTuple):
    """A block: its tokens, what identifies it, the lifetime in seconds its mark asks for."""

    tokens: int
    identity: bytes
    marked_seconds: int | None


def text_tokens(text: str | bytes) -> int:
    """Tokens of a text by the token rule."""
    size = len(text.encode("utf-8", "surrogatepass")) if isinstance(text, str) else len(text)
    return -(-size // BYTES_PER_TOKEN)


def prompt_blocks(tools: Any, system: Any, messages: list[dict[str, Any]]) -> list[PromptBlock]:
    """The blocks of a request in either dialect. Shapes that are not known count as their JSON."""
    blocks = [_block("tool", tool, 0) for tool in _items(tools)]
    blocks.extend(_block("system", part, 0) for part in _items(system))
    for message in messages:
        blocks.extend(_message_blocks(message))
    return blocks


def mark_last(blocks: list[PromptBlock], seconds: int) -> None:
    """Put a cache mark on the last block, as the request-wide ``cache_control`` asks."""
    if blocks:
        blocks[-1] = blocks[-1]._replace(marked_seconds=seconds)


def marked_seconds(value: Any) -> int | None:
    """Lifetime in seconds that a block's or request's ``cache_control`` asks for, if any."""
    control = value.get("cache_control") if isinstance(value, dict) else None
    if not isinstance(control, dict):
        return None
    return 3600 if control.get("ttl") == "1h" else 300


def _message_blocks(message: dict[str, Any]) -> Iterator[PromptBlock]:
    role = str(message.get("role", ""))
    extra = TOKENS_PER_MESSAGE
    for part in _items(message.get("content")):
        yield _block(role, part, extra)
        extra = 0
    for call in _items(message.get("tool_calls")):
        yield _block(role, call, extra)
        extra = 0
    if extra:
        yield _block(role, "", extra)


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _block(role: str, part: Any, extra: int) -> PromptBlock:
    marked = marked_seconds(part)
    text = _plain_text(part)
    if text is not None:
        body = text.encode("utf-8", "surrogatepass")
        return PromptBlock(text_tokens(body) + extra, role.encode() + b"\0" + body, marked)
    body = _encode(_without_marks(part))
    is_image = isinstance(part, dict) and part.get("type") in _IMAGE_TYPES
    tokens = TOKENS_PER_IMAGE if is_image else text_tokens(body)
    return PromptBlock(tokens + extra, role.encode() + b"\1" + body, marked)


def _plain_text(part: Any) -> str | None:
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    return None


def _without_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_marks(item) for key, item in value.items() if key != "cache_control"}
    if isinstance(value, list):
        return [_without_marks(item) for item in value]
    return value
