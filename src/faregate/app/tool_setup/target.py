"""What a tool is to be pointed at: the gate, the model, the key, and whose home it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CHAT, RESPONSES, MESSAGES, GOOGLE = "chat", "responses", "messages", "google"


@dataclass(frozen=True)
class Target:
    """``base`` is the gate's root, without ``/v1``. ``model`` '' leaves the tool's own. ``api`` is one it speaks."""

    base: str
    model: str
    small_model: str
    key: str
    api: str
    home: Path
    environment: Mapping[str, str]

    @property
    def v1(self) -> str:
        return self.base + "/v1"

    @property
    def config(self) -> Path:
        """Where programs of this home keep their configuration."""
        return self.folder("XDG_CONFIG_HOME", ".config")

    @property
    def own(self) -> Path:
        """Where Faregate keeps files of its own for tools."""
        return self.config / "faregate"

    @property
    def key_file(self) -> Path:
        return self.own / "api-key"

    def folder(self, variable: str, default: str) -> Path:
        """The folder that ``variable`` names, else ``default`` in the home."""
        named = self.environment.get(variable)
        return Path(named) if named else self.home / default
