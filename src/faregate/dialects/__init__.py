"""API dialects: how a request, a reply, a stream, an error and a quota look in each public API.

Pure functions on bytes. Knows nothing of accounts, plans, keys, upstream addresses or HTTP
connections.
"""

from __future__ import annotations

from faregate.dialects import (
    anthropic_messages,
    openai_chat,
    openai_compaction,
    openai_embeddings,
    openai_images,
    openai_responses,
)
from faregate.dialects.dialect import CountingDialect, Dialect

DIALECTS: dict[str, Dialect] = {
    openai_chat.name: openai_chat,
    openai_responses.name: openai_responses,
    anthropic_messages.name: anthropic_messages,
}
"""Every dialect that holds conversations, by its stable name."""

METERED: tuple[Dialect, ...] = (*DIALECTS.values(), openai_compaction, openai_embeddings, openai_images)
"""All whose paths are metered. Some share a name: they go to the same upstreams."""

COUNTING: tuple[CountingDialect, ...] = (openai_responses, anthropic_messages)
"""All that count tokens when asked."""

__all__ = ["COUNTING", "DIALECTS", "METERED", "CountingDialect", "Dialect"]
