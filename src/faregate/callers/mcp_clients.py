"""Which client calls a tool over MCP, by the name it gives itself.

Owns the table of names. A name proves nothing and cannot be checked against a second sign: most clients send such
requests with the headers of a plain library. What a forged one buys is the plan's own tools.
"""

from __future__ import annotations

from faregate.callers.caller import OTHER

_NAMES: tuple[tuple[str, str], ...] = (
    ("claude-code", "claude-code"),
    ("codex", "codex"),
    ("opencode", "opencode"),
    ("kilo", "kilo"),
    ("cline", "cline"),
    ("roo", "roo"),
    ("crush", "crush"),
    ("goose", "goose"),
    ("qwen", "qwen-code"),
    ("gemini-cli", "gemini-cli"),
    ("kimi", "kimi-cli"),
    ("mistral-vibe", "vibe"),
    ("continue", "continue"),
    ("github-copilot", "copilot-cli"),
    ("copilot", "copilot-cli"),
    ("cherry-studio", "cherry-studio"),
    ("open-webui", "open-webui"),
)
"""(beginning of the name in small letters with hyphens, client), the names of ``clients``."""


def mcp_client(name: str) -> str:
    """The client that calls itself ``name`` (``clientInfo`` or the product of a User-Agent); `other` if unknown."""
    plain = "-".join(name[:100].lower().split())
    return next((client for beginning, client in _NAMES if plain.startswith(beginning)), OTHER)
