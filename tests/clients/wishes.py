"""What is said to a client so that the demo upstream calls one of its tools."""

from __future__ import annotations

import json
from typing import Any


def wish(tool: str, **arguments: Any) -> str:
    """The prompt at which the demo upstream calls ``tool``."""
    return f"[[tool {tool} {json.dumps(arguments)}]]"
