"""The JSON Schema of the plan language.

Owns its generation from the documents. It accepts a file as a YAML loader reads it, numbers or text alike.
"""

from __future__ import annotations

import copy
from typing import Any

from faregate.planfile.document import FamilyDocument

_PLAN = "PlanDocument"
_ID = "https://faregate.dev/schema/plan-family.json"
_REF = "#/$defs/"


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a plan file, with descriptions."""
    schema = FamilyDocument.model_json_schema(by_alias=True)
    definitions: dict[str, Any] = schema["$defs"]
    partial = _partial_definitions(definitions)
    definitions.update(partial)
    like = {"type": "string", "description": "The template whose fields this one begins with."}
    whole, part = definitions[_PLAN], definitions[f"Partial{_PLAN}"]
    whole["properties"]["like"] = part["properties"]["like"] = like
    plans: dict[str, Any] = schema["properties"]["plans"]["patternProperties"]
    plans[next(iter(plans))] = {
        "if": {"required": ["like"]},
        "then": {"$ref": f"{_REF}Partial{_PLAN}"},
        "else": {"$ref": _REF + _PLAN},
    }
    schema["properties"]["templates"] = {
        "type": "object",
        "description": "What plans share: a plan says `like: NAME`. Mappings merge, all else is replaced.",
        "additionalProperties": {"$ref": f"{_REF}Partial{_PLAN}"},
    }
    _close(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": _ID,
        **schema,
        "title": "Faregate plan family",
    }


def _close(node: Any) -> None:
    """Let mappings with ids as keys have no other keys."""
    for value in node.values() if isinstance(node, dict) else node:
        if isinstance(value, dict | list):
            _close(value)
    if isinstance(node, dict) and "patternProperties" in node:
        node["additionalProperties"] = False


def _partial_definitions(definitions: dict[str, Any]) -> dict[str, Any]:
    """A copy of the plan, and of all it refers to, in which mappings may be incomplete."""
    wanted, seen = [_PLAN], {_PLAN}
    partial: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        copied = copy.deepcopy(definitions[name])
        copied.pop("required", None)
        for reference in _references(copied):
            target = reference["$ref"].removeprefix(_REF)
            if target not in seen:
                seen.add(target)
                wanted.append(target)
            reference["$ref"] = f"{_REF}Partial{target}"
        partial[f"Partial{name}"] = copied
    return partial


def _references(node: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if isinstance(node, dict):
        if "discriminator" in node:
            # With nothing required, several branches may match the same fragment.
            node["anyOf"] = node.pop("oneOf")
            del node["discriminator"]
        if isinstance(node.get("$ref"), str):
            found.append(node)
        for value in node.values():
            found += _references(value)
    elif isinstance(node, list):
        for value in node:
            found += _references(value)
    return found
