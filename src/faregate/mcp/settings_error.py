"""The error that says what is wrong in the ``mcp`` section.

Owns the error alone, so that every module that reads a part of the section can raise it.
"""

from __future__ import annotations


class McpSettingsError(ValueError):
    """What is wrong, where, and how to mend it. ``where`` is a dotted path inside the section."""

    code = "bad_mcp_settings"

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}" if where else problem)
        self.where, self.problem = where, problem
