"""A log that was found: which tool wrote it, where it is, how large.

Owns the names of the tools and the shape of a find. Does not look for logs, nor read them.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

CLAUDE_CODE = "claude-code"
CODEX = "codex"
OPENCODE = "opencode"
GEMINI = "gemini-cli"
QWEN = "qwen-code"
CSV = "csv"
USAGE_LINES = "usage-lines"
FAREGATE = "faregate"
"""Faregate's own journal, which is no file: see journal.py."""

TOOLS: tuple[str, ...] = (CLAUDE_CODE, CODEX, OPENCODE, GEMINI, QWEN, CSV, USAGE_LINES)
"""Every kind of log that can be read. The first five are also the caller ids of their clients."""


class LogFile(NamedTuple):
    """``tool`` is one of TOOLS; ``size`` in bytes when it was found.

    ``path`` is a file, or, of OpenCode's older store, the folder of one session's messages.
    """

    tool: str
    path: Path
    size: int
