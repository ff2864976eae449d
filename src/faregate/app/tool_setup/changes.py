"""Changes to the files of coding tools: what is to stand in which file, whatever else stands there.

Owns the kinds of change and their one promise: all that was there and is not named stays. Reads and writes no file.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faregate.app.tool_setup.json_text import json_with
from faregate.app.tool_setup.toml_text import toml_with
from faregate.app.tool_setup.yaml_text import yaml_with


@dataclass(frozen=True)
class Change:
    """``text`` gives the file's new text from its present one (None: there is no file). Raises Unmendable."""

    path: Path

    def text(self, present: str | None) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class JsonChange(Change):
    """``values`` merged into a JSON object; items of a list are known by their id, name or model."""

    values: Mapping[str, Any]

    def text(self, present: str | None) -> str:
        return json_with(present, self.values)


@dataclass(frozen=True)
class TomlChange(Change):
    """``top`` set at the top of a TOML file, ``table`` under the header ``[name]``."""

    top: Mapping[str, str]
    name: str
    table: Mapping[str, str]

    def text(self, present: str | None) -> str:
        return toml_with(present, self.top, self.name, self.table)


@dataclass(frozen=True)
class YamlChange(Change):
    """``values`` set at the top of a YAML file; a list of one mapping is an item of that list, known by its name."""

    values: Mapping[str, Any]
    new: Mapping[str, Any]
    """What a file that is made has besides."""

    def text(self, present: str | None) -> str:
        return yaml_with(present, self.values, self.new)


@dataclass(frozen=True)
class DotenvChange(Change):
    """``NAME=value`` lines set in a file of them."""

    values: Mapping[str, str]

    def text(self, present: str | None) -> str:
        lines = (present or "").splitlines()
        for name, value in self.values.items():
            line = f"{name}={value}"
            places = [index for index, each in enumerate(lines) if _names(each, name)]
            if places:
                lines[places[-1]] = line
            else:
                lines.append(line)
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class OwnFile(Change):
    """A file that is Faregate's own."""

    content: str

    def text(self, present: str | None) -> str:
        return self.content


def shell_file(path: Path, values: Mapping[str, str], then: str = "") -> OwnFile:
    """A file for a shell to read: exported variables, and perhaps a command."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in values.items()]
    return OwnFile(path, "\n".join([*lines, *([then] if then else [])]) + "\n")


def _names(line: str, name: str) -> bool:
    head, equals, _ = line.partition("=")
    return bool(equals) and head.strip().removeprefix("export ").strip() == name
