"""Lists of models written out: names of lists replaced by what they hold.

Owns the expansion and its loops. Does not know plans or sources.
"""

from __future__ import annotations

from collections.abc import Iterable

from faregate.planfile.document_base import ModelItem


def expand(items: Iterable[ModelItem], lists: dict[str, list[ModelItem]]) -> list[ModelItem]:
    """``items`` with every list written out, each id once, in order. Unknown names and loops add nothing."""
    found: dict[str, ModelItem] = {}
    _collect(items, lists, found, frozenset())
    return list(found.values())


def _collect(
    items: Iterable[ModelItem],
    lists: dict[str, list[ModelItem]],
    found: dict[str, ModelItem],
    open_lists: frozenset[str],
) -> None:
    for item in items:
        if not item.names_list:
            found.setdefault(item.id, item)
        elif item.id in lists and item.id not in open_lists:
            _collect(lists[item.id], lists, found, open_lists | {item.id})
