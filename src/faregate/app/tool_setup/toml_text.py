"""TOML files of tools, changed line by line, so that comments and order stay.

Owns the change of strings at the top and of one table. The result is read again and must say what was meant.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping

from faregate.app.tool_setup.json_text import merged
from faregate.app.tool_setup.unmendable import Unmendable


def toml_with(present: str | None, top: Mapping[str, str], name: str, table: Mapping[str, str]) -> str:
    """The text with ``top`` set before the first table and the table ``[name]`` replaced. Raises Unmendable."""
    try:
        before = tomllib.loads(present or "")
    except tomllib.TOMLDecodeError:
        raise Unmendable("syntax") from None
    wanted: object = dict(table)
    for part in reversed(name.split(".")):
        wanted = {part: wanted}
    meant = merged(before, {**top, **(wanted if isinstance(wanted, dict) else {})})
    if meant == before and present is not None:
        return present
    lines = (present or "").splitlines()
    start = next((index for index, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    text = "\n".join([*_top(lines[:start], top), *_tables(lines[start:], name, table)]) + "\n"
    try:
        if tomllib.loads(text) == meant:
            return text
    except tomllib.TOMLDecodeError:
        pass
    raise Unmendable("shape")


def _top(lines: list[str], values: Mapping[str, str]) -> list[str]:
    kept = list(lines)
    for name, value in values.items():
        line = f"{name} = {json.dumps(value)}"
        place = next((index for index, each in enumerate(kept) if re.match(rf"\s*{name}\s*=", each)), None)
        if place is None:
            end = len(kept)
            while end and not kept[end - 1].strip():
                end -= 1
            kept.insert(end, line)
        else:
            kept[place] = line
    return kept


def _tables(lines: list[str], name: str, values: Mapping[str, str]) -> list[str]:
    block = [f"[{name}]", *(f"{key} = {json.dumps(value)}" for key, value in values.items())]
    start = next((index for index, line in enumerate(lines) if line.strip() == f"[{name}]"), None)
    if start is None:
        gap = [""] if not lines or lines[-1].strip() else []
        return [*lines, *gap, *block]
    end = next((index for index in range(start + 1, len(lines)) if lines[index].lstrip().startswith("[")), len(lines))
    own = [line for line in lines[start + 1 : end] if not _sets(line, values)]
    return [*lines[:start], *block, *own, *lines[end:]]


def _sets(line: str, values: Mapping[str, str]) -> bool:
    return any(re.match(rf"\s*{key}\s*=", line) for key in values)
