"""API dialects: how a request, a reply, a stream, an error and a quota look in each public API.

Pure functions on bytes. Knows nothing of accounts, plans, keys, upstream addresses or HTTP
connections.
"""

from __future__ import annotations

from faregate.dialects import anthropic_messages, openai_chat
from faregate.dialects.dialect import Dialect

DIALECTS: dict[str, Dialect] = {
    openai_chat.name: openai_chat,
    anthropic_messages.name: anthropic_messages,
}
"""Every dialect by its stable name."""

__all__ = ["DIALECTS", "Dialect"]
