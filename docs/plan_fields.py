"""Writes docs/plan-fields.md: every field of the plan language, from its JSON Schema.

Owns the form of that page; the words are those of the documents in src/faregate/planfile.
Run `make pages` after a change of the language.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from faregate.planfile.schema import json_schema

PAGE = Path(__file__).resolve().with_name("plan-fields.md")
_TITLES = {"Source": "Origin of the figures", "ModelItem": "Model"}
"""Headings of parts whose name would say something else."""

_HEAD = """# Every field of the plan language

Made by `docs/plan_fields.py` from the JSON Schema that `faregate plan schema` prints: change the words there.
What the parts mean together is told in [the plan language](plan-language.md).
"""


def page() -> str:
    """The whole page."""
    schema = json_schema()
    definitions = schema["$defs"]
    parts = [_HEAD, _part("A family", "One file.", schema, definitions)]
    for name in _in_order(schema, definitions):
        mapping = _mapping(definitions[name])
        assert mapping is not None
        parts.append(_part(_title(name), mapping.get("description", ""), mapping, definitions))
    return "\n".join(parts).rstrip() + "\n"


def _in_order(schema: dict[str, Any], definitions: dict[str, Any]) -> list[str]:
    """The definitions as a reader comes upon them, those that are mappings with fields."""
    found: list[str] = []
    waiting = _references(schema["properties"])
    while waiting:
        name = waiting.pop(0)
        if name in found or name.startswith("Partial"):
            continue
        found.append(name)
        waiting += _references(definitions[name])
    return [name for name in found if _mapping(definitions[name])]


def _mapping(definition: dict[str, Any]) -> dict[str, Any] | None:
    """The definition, or that one of its forms, which is a mapping with fields."""
    return next((form for form in (definition, *definition.get("anyOf", [])) if "properties" in form), None)


def _references(node: Any) -> list[str]:
    if isinstance(node, dict):
        here = [node["$ref"].rpartition("/")[2]] if isinstance(node.get("$ref"), str) else []
        return here + [name for value in node.values() for name in _references(value)]
    if isinstance(node, list):
        return [name for value in node for name in _references(value)]
    return []


def _part(title: str, about: str, schema: dict[str, Any], definitions: dict[str, Any]) -> str:
    lines = [f"## {title}\n", " ".join(about.split()) + "\n", "| field | | what it says |", "|---|---|---|"]
    required = schema.get("required", [])
    for name, field in schema["properties"].items():
        lines.append(f"| `{name}` | {_presence(field, name in required)} | {_words(field, definitions)} |")
    return "\n".join(lines) + "\n"


def _presence(field: dict[str, Any], required: bool) -> str:
    if required:
        return "required"
    default = field.get("default")
    if default is None or default in ([], {}):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}` where left out"


def _words(field: dict[str, Any], definitions: dict[str, Any]) -> str:
    words = " ".join(str(field.get("description", "")).split()).replace("|", "\\|")
    choices = field.get("enum") or field.get("items", {}).get("enum")
    if choices:
        words += f" One of {', '.join(f'`{choice}`' for choice in choices)}."
    linked = [name for name in dict.fromkeys(_references(field)) if _mapping(definitions[name])]
    linked = [name for name in linked if not name.startswith("Partial")]
    if linked:
        words += " See " + ", ".join(f"[{_title(name)}](#{_anchor(name)})" for name in linked) + "."
    return words.strip()


def _title(name: str) -> str:
    if name in _TITLES:
        return _TITLES[name]
    words = re.findall(r"[A-Z][a-z]*", name.removesuffix("Document"))
    return " ".join(words).capitalize()


def _anchor(name: str) -> str:
    return _title(name).lower().replace(" ", "-")


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
