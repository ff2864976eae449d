"""Reading YAML nodes strictly: every scalar as text, every mistake with its line and column.

Owns YAML and the scalar forms of price files (decimals, counts, instants). Does not know what a price is.
Problems are collected, not raised, so that one reading of a file reports all of them. The YAML library
is loaded by the first file that is read: prices that were compiled before need none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from faregate.core.instants import parse_instant
from faregate.ratecards.problems import Place, Problem, choose_from

if TYPE_CHECKING:
    from yaml import Node

_TEXT = "tag:yaml.org,2002:str"
_DECIMAL = re.compile(r"\d+(\.\d+)?")
_COUNT = re.compile(r"\d+")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Reader:
    """Reads the nodes of one ``file`` and collects ``problems``.

    Each reading method returns None where the node is not of its form, after noting why.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def document(self, text: str) -> Node | None:
        """The root node of the only document in ``text``."""
        import yaml

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        # All scalars are text here: what YAML would take a plain one for need not be worked out.
        texts: Any = type("_Loader", (loader,), {"resolve": lambda _loader, _kind, _value, _implicit: _TEXT})
        try:
            root = yaml.compose(text, Loader=texts)
        except yaml.MarkedYAMLError as failure:
            mark = failure.problem_mark or failure.context_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            wrong = " ".join(filter(None, (failure.problem, failure.context)))
            self._note(Place(self.file, line, column), f"not YAML: {wrong}", "mend the syntax")
            return None
        except yaml.YAMLError as failure:
            self._note(Place(self.file, 1, 1), f"not YAML: {failure}", "mend the syntax")
            return None
        if root is None:
            self._note(Place(self.file, 1, 1), "the file is empty", "describe a maker or remove it")
        return root

    def place(self, node: Node) -> Place:
        mark = node.start_mark
        return Place(self.file, mark.line + 1, mark.column + 1)

    def wrong(self, node: Node, wrong: str, mend: str) -> None:
        """Notes a problem at ``node``."""
        self._note(self.place(node), wrong, mend)

    def _note(self, place: Place, wrong: str, mend: str) -> None:
        self.problems.append(Problem(place, wrong, mend))

    def pairs(self, node: Node, what: str) -> Iterator[tuple[str, Node, Node]]:
        """(key, key node, value node) of a mapping with free keys, duplicates left out."""
        from yaml import MappingNode

        if not isinstance(node, MappingNode):
            self.wrong(node, f"{what} is not a mapping", "write it as 'key: value' pairs")
            return
        seen: dict[str, Node] = {}
        for key_node, value in node.value:
            key = self.text(key_node, f"a key of {what}")
            if key is None:
                continue
            if key in seen:
                first = self.place(seen[key]).line
                self.wrong(key_node, f"{key!r} stands twice in {what}", f"keep one (line {first})")
                continue
            seen[key] = key_node
            yield key, key_node, value

    def fields(
        self, node: Node, what: str, *, known: Collection[str], needed: Collection[str] = ()
    ) -> dict[str, Node]:
        """The values of a mapping whose keys are among ``known`` and include all of ``needed``."""
        from yaml import MappingNode

        found: dict[str, Node] = {}
        for key, key_node, value in self.pairs(node, what):
            if key in known:
                found[key] = value
            else:
                self.wrong(key_node, f"unknown key {key!r} in {what}", choose_from(key, known))
        if isinstance(node, MappingNode):
            for key in needed:
                if key not in found:
                    self.wrong(node, f"{what} has no {key!r}", f"add '{key}: ...'")
        return found

    def items(self, node: Node, what: str) -> list[Node]:
        """The nodes of a list."""
        from yaml import SequenceNode

        if isinstance(node, SequenceNode):
            return list(node.value)
        self.wrong(node, f"{what} is not a list", "write it as [a, b] or with '- ' lines")
        return []

    def text(self, node: Node, what: str) -> str | None:
        """A scalar's text, not empty."""
        from yaml import ScalarNode

        if not isinstance(node, ScalarNode):
            self.wrong(node, f"{what} is not one value", "write a plain value")
            return None
        value: str = node.value
        if not value.strip():
            self.wrong(node, f"{what} is empty", "give a value or remove the key")
            return None
        return value

    def decimal(self, node: Node, what: str) -> Fraction | None:
        """An exact number, not negative, written as a plain decimal."""
        text = self.text(node, what)
        if text is None:
            return None
        if not _DECIMAL.fullmatch(text):
            self.wrong(node, f"{what} is {text!r}, not a plain decimal", "write it like 3 or 0.125")
            return None
        return Fraction(text)

    def count(self, node: Node, what: str) -> int | None:
        """A whole number, not negative."""
        text = self.text(node, what)
        if text is None:
            return None
        if not _COUNT.fullmatch(text):
            self.wrong(node, f"{what} is {text!r}, not a whole number", "write it like 200000")
            return None
        return int(text)

    def instant(self, node: Node, what: str) -> int | None:
        """Microseconds UTC of a day (its midnight UTC) or of an RFC 3339 instant."""
        text = self.text(node, what)
        if text is None:
            return None
        try:
            if _DAY.fullmatch(text):
                date.fromisoformat(text)
                return parse_instant(f"{text}T00:00:00Z")
            return parse_instant(text)
        except ValueError:
            mend = "write 2026-03-13, or 2026-03-13T16:00:00Z"
            self.wrong(node, f"{what} is {text!r}, not a day or an instant with a zone", mend)
            return None
