"""The JSON Schema of one line of a usage file. Owns its generation from the table of shapes."""

from __future__ import annotations

from typing import Any

from faregate.simulator.shapes import AT, EVENTS, USAGE, Field, Shape


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a line, with descriptions."""
    usage = _object(USAGE, USAGE.fields)
    usage["anyOf"] = [{"required": ["model"]}, {"required": ["tool"]}]
    tokens = [name for name in USAGE.fields if name in ("input", "output", "images") or name.startswith("cache")]
    usage["dependentSchemas"] = {"tool": {"properties": dict.fromkeys(tokens, False)}}
    usage["dependentRequired"] = {"calls": ["tool"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://faregate.dev/schema/usage-line.json",
        "title": "One line of a usage file",
        "if": {"required": ["event"]},
        "then": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in EVENTS]},
        "else": {"$ref": "#/$defs/usage"},
        "$defs": {"usage": usage, **{name: _event(name, shape) for name, shape in EVENTS.items()}},
    }


def _event(name: str, shape: Shape) -> dict[str, Any]:
    written = _object(shape, {"at": AT, **shape.fields})
    written["properties"]["event"] = {"const": name}
    written["required"].append("event")
    return written


def _object(shape: Shape, fields: dict[str, Field]) -> dict[str, Any]:
    return {
        "type": "object",
        "description": shape.does,
        "properties": {name: {**field.kind.schema, "description": field.says} for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required],
        "additionalProperties": False,
    }
