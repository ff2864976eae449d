"""JSON files of tools, changed: merged, in the file's own order and indentation.

Owns the merge. A file with comments is left alone: they would be lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from faregate.app.tool_setup.unmendable import Unmendable

_NAMES = ("id", "name", "model")


def json_with(present: str | None, values: Mapping[str, Any]) -> str:
    """The text of the object in ``present`` with ``values`` merged in. Raises Unmendable."""
    if present is None or not present.strip():
        return json.dumps(values, indent=2, ensure_ascii=False) + "\n"
    try:
        before = json.loads(present)
    except ValueError:
        raise Unmendable(
            "comments" if re.search(r"^\s*//|/\*|,\s*[}\]]", present, re.MULTILINE) else "syntax"
        ) from None
    if not isinstance(before, dict):
        raise Unmendable("shape")
    after = merged(before, values)
    if after == before:
        return present
    indent = re.search(r"^([ \t]+)\S", present, re.MULTILINE)
    step = indent.group(1) if indent is not None else "  "
    return json.dumps(after, indent=step, ensure_ascii=False) + "\n"


def merged(before: Any, values: Any) -> Any:
    """``before`` with ``values``: objects key by key, lists item by item, anything else replaced."""
    if isinstance(before, dict) and isinstance(values, Mapping):
        return {**before, **{key: merged(before.get(key), value) for key, value in values.items()}}
    if isinstance(before, list) and isinstance(values, list):
        return _with_items(before, values)
    return values


def _with_items(before: list[Any], items: list[Any]) -> list[Any]:
    after = list(before)
    for item in items:
        place = next((index for index, each in enumerate(after) if _same(each, item)), None)
        if place is None:
            after.append(item)
        else:
            after[place] = merged(after[place], item)
    return after


def _same(one: Any, other: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return bool(one == other)
    name = next((name for name in _NAMES if name in other), None)
    return name is not None and one.get(name) == other[name]
