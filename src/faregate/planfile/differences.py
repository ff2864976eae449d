"""What differs between two documents, field by field: the bare fact, for machines and for error messages.

Owns the walk over both. Does not say it in words (difference_words.py does).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel

Path = tuple[str, ...]


class FieldChange(NamedTuple):
    """A field whose value differs: where it stands, and its old and new value as JSON (None: it is not there).

    Members of lists that have an ``id`` are named by it, others by their place.
    """

    path: Path
    old: Any
    new: Any

    @property
    def place(self) -> str:
        return ".".join(self.path)

    def __str__(self) -> str:
        return f"{self.place}: {shown_value(self.old)} → {shown_value(self.new)}"


def field_changes(old: BaseModel | None, new: BaseModel | None) -> list[FieldChange]:
    """Every field that differs, in the order of the fields; a part that one lacks is one change."""
    return list(_changes((), _plain(old), _plain(new)))


def _plain(document: BaseModel | None) -> Any:
    return document.model_dump(mode="json", by_alias=True, exclude_none=True) if document is not None else None


def _changes(path: Path, old: Any, new: Any) -> Iterator[FieldChange]:
    before, after = _members(old), _members(new)
    if before is None or after is None:
        if old != new:
            yield FieldChange(path, old, new)
        return
    for name in dict.fromkeys((*before, *after)):
        yield from _changes((*path, name), before.get(name), after.get(name))


def _members(value: Any) -> dict[str, Any] | None:
    """Named parts of a value that has any; None for a plain one."""
    if isinstance(value, dict):
        # A text in both languages is one thing.
        return value if set(value) != {"en", "zh"} else None
    if isinstance(value, list) and all(isinstance(each, dict) for each in value) and value:
        names = [str(each.get("id", number)) for number, each in enumerate(value, 1)]
        return dict(zip(names, value, strict=True)) if len(set(names)) == len(names) else None
    return None


def shown_value(value: Any) -> str:
    """A value of a document on one line."""
    if value is None:
        return "–"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {shown_value(part)}" for name, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(shown_value, value)) + "]"
    return str(value)
