"""YAML files of tools, changed line by line, so that comments and order stay.

Owns the change of scalars at the top and of one named item of a list. The result is read again and must say what was
meant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import yaml

from faregate.app.tool_setup.json_text import merged
from faregate.app.tool_setup.unmendable import Unmendable


def yaml_with(present: str | None, values: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """The text with ``values`` set at the top; ``new`` as well where there was nothing. Raises Unmendable."""
    before = _read(present)
    if not before:
        values = {**new, **values}
    meant = merged(before, values)
    if meant == before and present is not None:
        return present
    lines = (present or "").splitlines()
    for name, value in values.items():
        if isinstance(value, list):
            whole = next(each for each in meant[name] if each.get("name") == value[0]["name"])
            lines = _with_item(lines, name, whole)
        else:
            lines = _with_scalar(lines, name, value)
    text = "\n".join(lines) + "\n"
    if _read(text) != meant:
        raise Unmendable("shape")
    return text


def _read(text: str | None) -> dict[str, Any]:
    try:
        read = yaml.safe_load(text or "")
    except yaml.YAMLError:
        raise Unmendable("syntax") from None
    if read is None:
        return {}
    if not isinstance(read, dict):
        raise Unmendable("shape")
    return read


def _with_scalar(lines: list[str], name: str, value: str) -> list[str]:
    line = f"{name}: {json.dumps(value, ensure_ascii=False)}"
    place = next((index for index, each in enumerate(lines) if re.match(rf"{re.escape(name)}\s*:", each)), None)
    if place is None:
        return [*lines, line]
    return [*lines[:place], line, *lines[place + 1 :]]


def _with_item(lines: list[str], name: str, item: Mapping[str, Any]) -> list[str]:
    head = re.compile(rf"{re.escape(name)}\s*:\s*(#.*)?$")
    start = next((index for index, each in enumerate(lines) if head.match(each)), None)
    if start is None:
        return [*lines, f"{name}:", *_item_lines(item, "  ")]
    rest = range(start + 1, len(lines))
    end = next((index for index in rest if re.match(r"[^\s#-]", lines[index])), len(lines))
    indent, items = _items(lines[start + 1 : end])
    made = _item_lines(item, indent)
    place = next((index for index, each in enumerate(items) if index and _is_named(each, str(item["name"]))), None)
    if place is None:
        items.append(made)
    else:
        items[place] = made
    return [*lines[: start + 1], *(line for each in items for line in each), *lines[end:]]


def _items(lines: list[str]) -> tuple[str, list[list[str]]]:
    """How far a list is indented, and the lines of each of its items; before them those of none."""
    first = next((found for line in lines if (found := re.match(r"(\s*)- ", line))), None)
    indent = first.group(1) if first is not None else "  "
    items: list[list[str]] = [[]]
    for line in lines:
        if line.startswith(indent + "- "):
            items.append([])
        items[-1].append(line)
    return indent, items


def _item_lines(item: Mapping[str, Any], indent: str) -> list[str]:
    rows = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in item.items()]
    return [indent + ("- " if index == 0 else "  ") + row for index, row in enumerate(rows)]


def _is_named(lines: list[str], name: str) -> bool:
    return any(re.match(rf"\s*(- )?name:\s*[\"']?{re.escape(name)}[\"']?\s*(#.*)?$", line) for line in lines)
