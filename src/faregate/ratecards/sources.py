"""Where figures come from: the ``sources`` of a price file, each with the day it was read.

Owns their form. Which figure names which source stands with the figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from faregate.ratecards.nodes import Reader
from faregate.ratecards.problems import choose_from

if TYPE_CHECKING:
    from yaml import Node


class Source(NamedTuple):
    """``key`` as the file's prices name it; ``read`` is the day, as written; ``url`` may be empty."""

    key: str
    title: str
    url: str
    read: str

    def __str__(self) -> str:
        where = f" ({self.url})" if self.url else ""
        return f"{self.title}{where}" + (f", read {self.read}" if self.read else "")


def read_sources(reader: Reader, node: Node) -> dict[str, Source]:
    """Source keys to what they say. Problems are left in ``reader``."""
    sources: dict[str, Source] = {}
    for key, _, value in reader.pairs(node, "'sources'"):
        what = f"source {key!r}"
        fields = reader.fields(value, what, known=("title", "url", "read"), needed=("title", "read"))
        texts = {name: reader.text(fields[name], f"{name!r}") or "" for name in ("title", "url") if name in fields}
        day = fields.get("read")
        if day is not None:
            reader.instant(day, "'read'")
        read = day.value if day is not None else ""
        sources[key] = Source(key, texts.get("title", ""), texts.get("url", ""), str(read))
    return sources


def read_source_names(reader: Reader, node: Node, sources: Mapping[str, Source]) -> tuple[Source, ...]:
    """The sources that a list of keys names."""
    named = []
    for item in reader.items(node, "'source'"):
        key = reader.text(item, "a source")
        if key is None:
            continue
        if key in sources:
            named.append(sources[key])
        else:
            mend = choose_from(key, sources) if sources else "describe it under 'sources'"
            reader.wrong(item, f"no source {key!r} in this file", mend)
    return tuple(named)
