"""Tools that take free text, where only tools with arguments are known: the text is the one argument.

Owns the wrapping and the way back.
"""

from __future__ import annotations

import json
from typing import Any, Final

from faregate.conversion.ask import JsonObject, Tool

ARGUMENT: Final = "input"

SCHEMA: Final[JsonObject] = {
    "type": "object",
    "properties": {ARGUMENT: {"type": "string", "description": "The whole text."}},
    "required": [ARGUMENT],
    "additionalProperties": False,
}


def schema_of(tool: Tool) -> JsonObject:
    """The schema of the tool's arguments: an object, said or not."""
    if tool.schema is None:
        return SCHEMA
    return tool.schema if "type" in tool.schema else {"type": "object", **tool.schema}


def description_of(tool: Tool) -> str:
    """The tool's description; a grammar that its text has to follow stands in it."""
    grammar = tool.format.get("definition") if tool.schema is None and tool.format is not None else None
    if not grammar:
        return tool.description
    syntax = tool.format.get("syntax", "") if tool.format is not None else ""
    return f"{tool.description}\n\nThe text follows this grammar ({syntax}):\n{grammar}".strip()


def wrapped(text: str) -> JsonObject:
    """``text`` as arguments."""
    return {ARGUMENT: text}


def unwrapped(arguments: str) -> str:
    """The text in ``arguments``; these themselves where a model did not keep to the schema."""
    try:
        found: Any = json.loads(arguments)
    except ValueError:
        return arguments
    text = found.get(ARGUMENT) if isinstance(found, dict) else None
    return text if isinstance(text, str) else arguments
