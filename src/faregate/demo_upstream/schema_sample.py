"""A small value that fits a JSON Schema, for made-up tool arguments and structured answers.

Owns the choice of values. Covers what clients send (types, enum, const, required, anyOf, local
$ref); it is no validator, and a schema it cannot follow gives an empty object.
"""

from __future__ import annotations

from typing import Any

_DEEPEST = 12


def sample_object(schema: Any, text: str) -> dict[str, Any]:
    """An object with every required property filled in; strings are ``text``."""
    value = _sample(schema, schema, text, 0)
    return value if isinstance(value, dict) else {}


def _sample(schema: Any, root: Any, text: str, depth: int) -> Any:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return text
    if "const" in schema:
        return schema["const"]
    for key in ("enum", "anyOf", "oneOf", "allOf"):
        choices = schema.get(key)
        if isinstance(choices, list) and choices:
            return choices[0] if key == "enum" else _sample(choices[0], root, text, depth + 1)
    if "$ref" in schema:
        return _sample(_referred(schema["$ref"], root), root, text, depth + 1)
    return _of_type(schema, root, text, depth)


def _of_type(schema: dict[str, Any], root: Any, text: str, depth: int) -> Any:
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0] if kind else None
    if kind == "object" or "properties" in schema:
        return _object(schema, root, text, depth)
    if kind == "array":
        count = schema.get("minItems", 1)
        count = min(count, 8) if isinstance(count, int) else 1
        return [_sample(schema.get("items"), root, text, depth + 1) for _ in range(count)]
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    return None if kind == "null" else text


def _object(schema: dict[str, Any], root: Any, text: str, depth: int) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    required = schema.get("required")
    names = required if isinstance(required, list) else []
    return {name: _sample(properties.get(name), root, text, depth + 1) for name in names if isinstance(name, str)}


def _referred(reference: Any, root: Any) -> Any:
    found = root
    for part in str(reference).removeprefix("#").split("/")[1:]:
        found = found.get(part) if isinstance(found, dict) else None
    return found
