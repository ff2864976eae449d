"""YAML read with care: plain data in which every scalar is still text, and where each value stands.

Owns decoding, syntax, duplicate keys and the bounds on aliases. Does not know what a plan is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NamedTuple

import yaml

from faregate.planfile.problem import PlanFileError, Problem

Path = tuple[str | int, ...]
"""Keys and list positions from the top of the file."""

LARGEST_FILE_BYTES = 1_000_000
LARGEST_TREE = 50_000
"""Values in one file once its aliases are followed: a shipped family has under 2,000."""
DEEPEST = 40

_STANDARD_TAG = "tag:yaml.org,2002:"
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TEXT = _STANDARD_TAG + "str"
_SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# All scalars are text here: what YAML would take a plain one for need not be worked out.
_Loader: Any = type("_Loader", (_SafeLoader,), {"resolve": lambda _loader, _kind, _value, _implicit: _TEXT})


class Mark(NamedTuple):
    """A place in the file, counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Tree:
    """``data`` holds dicts, lists, text and None; ``keys`` and ``values`` say where each path stands."""

    file: str
    data: dict[str, Any]
    keys: dict[Path, Mark] = field(default_factory=dict)
    values: dict[Path, Mark] = field(default_factory=dict)

    def mark(self, path: Path, *, at_key: bool = False) -> Mark:
        """Where ``path`` stands, or its nearest ancestor that stands anywhere."""
        if at_key and path in self.keys:
            return self.keys[path]
        while path:
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return Mark(1, 1)

    def problem(self, path: Path, code: str, what: str, mend: str, *, at_key: bool = False) -> Problem:
        """A problem at ``path``."""
        line, column = self.mark(path, at_key=at_key)
        return Problem(self.file, line, column, code, what, mend)


def decode(content: bytes, file: str) -> str:
    """UTF-8 text of ``content``. Raises PlanFileError for anything else and for files that are too large."""
    if len(content) > LARGEST_FILE_BYTES:
        raise _failed(file, 1, 1, "too_large", f"The file has {len(content)} bytes", "Keep it under 1 MB")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        before = content[: problem.start]
        line = before.count(b"\n") + 1
        column = problem.start - (before.rfind(b"\n") + 1) + 1
        raise _failed(
            file,
            line,
            column,
            "encoding",
            f"Byte {content[problem.start]:#04x} is not UTF-8",
            "Save the file as UTF-8",
        ) from problem


def read_tree(text: str, file: str) -> Tree:
    """The tree of ``text``. Raises PlanFileError when it is no YAML mapping that can be read safely."""
    root = _compose(text, file)
    if root is None:
        raise _failed(
            file,
            1,
            1,
            "empty_file",
            "The file holds nothing",
            "Start it with `family:`, `version:`, `names:`, `source:`, `order:` and `plans:`",
        )
    if not isinstance(root, yaml.MappingNode):
        kind = "a list" if isinstance(root, yaml.SequenceNode) else "a single value"
        raise _failed(
            file,
            *_mark(root),
            "not_a_mapping",
            f"The file is {kind}, not a mapping",
            "Write `key: value` lines, beginning with `family:`",
        )
    reader = _Reader(Tree(file, {}))
    reader.tree.data = reader.mapping(root, ())
    if reader.problems:
        raise PlanFileError(reader.problems)
    return reader.tree


def display_name(path: FilePath) -> str:
    """How errors call the file: relative to the working directory where it is below it."""
    try:
        return str(path.resolve().relative_to(FilePath.cwd()))
    except ValueError:
        return str(path)


def _failed(file: str, line: int, column: int, code: str, what: str, mend: str) -> PlanFileError:
    return PlanFileError([Problem(file, line, column, code, what, mend)])


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _compose(text: str, file: str) -> yaml.Node | None:
    _refuse_tabs(text, file)
    try:
        _refuse_depth(text, file)
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = (problem.problem or problem.context or "it cannot be read").strip()
        raise _failed(file, line, column, "syntax", f"This is not YAML: {what}", _syntax_hint(what)) from problem
    except yaml.reader.ReaderError as problem:
        line = text.count("\n", 0, problem.position) + 1
        column = problem.position - (text.rfind("\n", 0, problem.position) + 1) + 1
        raise _failed(file, line, column, "encoding", "A control character stands here", "Remove it") from problem


def _refuse_depth(text: str, file: str) -> None:
    # Composing recurses in C and would end the process, so the events are counted first.
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            what, mark = f"This is nested deeper than {DEEPEST}", event.start_mark
            place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            raise _failed(file, *place, "too_deep", what, "Flatten it, or close the brackets")


def _refuse_tabs(text: str, file: str) -> None:
    for number, written in enumerate(text.splitlines(), 1):
        content = written.lstrip()
        indent = written[: len(written) - len(content)]
        if "\t" in indent and content and not content.startswith("#"):
            what = "A tab stands in the indentation"
            raise _failed(file, number, indent.index("\t") + 1, "tab", what, "Indent with spaces")


def _syntax_hint(what: str) -> str:
    if "undefined alias" in what:
        return "Define it with `&name` before it is used as `*name`"
    if "single document" in what or "another document" in what:
        return "Keep one family a file, without a second `---`"
    if "mapping values are not allowed" in what:
        return "Put text with `: ` in quotes, and check the indentation"
    if "alias" in what or "anchor" in what:
        return "Put patterns that begin with `*` or `&` in quotes"
    return "Check the indentation, the quotes and the brackets on this line and the one before"


class _Reader:
    """Turns nodes into plain data, within bounds."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.problems: list[Problem] = []
        self._count = 0
        self._open: set[int] = set()

    def value(self, node: yaml.Node, path: Path) -> Any:
        self._count += 1
        self.tree.values[path] = mark = _mark(node)
        if self._count > LARGEST_TREE:
            raise _failed(
                self.tree.file,
                *mark,
                "alias_bomb",
                f"Followed aliases make more than {LARGEST_TREE} values",
                "Use fewer aliases of aliases",
            )
        if not node.tag.startswith(_STANDARD_TAG) or ":python/" in node.tag:
            self._wrong(mark, "tag", f"Tags such as {node.tag!r} are not used", "Remove the tag")
        if isinstance(node, yaml.ScalarNode):
            plain = not node.style
            return None if plain and node.value in _NULLS else node.value
        if id(node) in self._open or len(path) > DEEPEST:
            raise _failed(
                self.tree.file,
                *mark,
                "alias_loop" if id(node) in self._open else "too_deep",
                "An alias contains itself" if id(node) in self._open else "This is nested too deep",
                "Write the value out" if id(node) in self._open else "Flatten it",
            )
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.MappingNode):
                return self.mapping(node, path)
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        finally:
            self._open.discard(id(node))

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        self.tree.values.setdefault(path, _mark(node))
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark = _mark(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._wrong(mark, "bad_key", "A key is text, not a list or mapping", "Quote it")
                continue
            key = key_node.value
            if key == "<<":
                self._wrong(
                    mark,
                    "merge_key",
                    "`<<` merges are not part of the language",
                    "Put what plans share under `templates:` and say `like: NAME`",
                )
                continue
            if key in found:
                first = self.tree.keys[(*path, key)]
                self._wrong(
                    mark,
                    "duplicate_key",
                    f"{key!r} stands here twice (first on line {first.line})",
                    "Keep one of them",
                )
                continue
            self.tree.keys[(*path, key)] = mark
            found[key] = self.value(value_node, (*path, key))
        return found

    def _wrong(self, mark: Mark, code: str, what: str, mend: str) -> None:
        self.problems.append(Problem(self.tree.file, *mark, code, what, mend))
