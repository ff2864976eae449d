"""Secrets of back ends: from the environment or from files, never from the configuration itself.

Owns the reading and the hiding. A secret is not part of any ``repr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from faregate.mcp.settings_error import McpSettingsError

HIDDEN = "[removed]"


class Secret:
    """A secret that prints as nothing. ``value`` is '' where there is none."""

    __slots__ = ("value",)

    def __init__(self, value: str = "") -> None:
        self.value = value

    def __repr__(self) -> str:
        return "Secret()"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other.value == self.value

    def __hash__(self) -> int:
        return hash(self.value)

    def hide_in(self, told: Any) -> Any:
        """``told``, JSON-able, with this secret taken out of every text in it."""
        if isinstance(told, str):
            return told.replace(self.value, HIDDEN) if self.value else told
        if isinstance(told, list):
            return [self.hide_in(each) for each in told]
        if isinstance(told, dict):
            return {self.hide_in(name): self.hide_in(each) for name, each in told.items()}
        return told


NO_SECRET = Secret()


def read_secret(env: str | None, file: str | None, where: str, environ: Mapping[str, str]) -> Secret:
    """The secret that ``key_env`` or ``key_file`` names; an empty one where neither does. Raises McpSettingsError."""
    if env and file:
        raise McpSettingsError(where, "key_env and key_file are both given; keep one")
    if env:
        secret = environ.get(env, "").strip()
        if not secret:
            raise McpSettingsError(where, f"{env} is not set in the environment")
    elif file:
        try:
            secret = Path(file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "is not text"
            raise McpSettingsError(where, f"{file}: {reason}") from None
        if not secret:
            raise McpSettingsError(where, f"{file} is empty")
    else:
        return NO_SECRET
    if any(ord(character) < 32 or ord(character) == 127 for character in secret):
        raise McpSettingsError(where, "the secret holds a line break or another control character")
    return Secret(secret)
