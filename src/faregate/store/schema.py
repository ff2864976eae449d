"""The one schema of every engine: numbered SQL files, applied in order, each exactly once.

Owns which files there are. ``store/migrations`` holds those that every engine runs, in SQLite's SQL (which
``postgresql/schema.py`` reads as well); ``store/ENGINE/migrations`` those of one engine: the journal and its
projections lie differently in each. A number is one step of the schema, whoever's file it is; both engines take the
same steps. A migration, once released, is never changed: a later one mends it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import NamedTuple


class Step(NamedTuple):
    """One migration. ``shared``: every engine runs it."""

    name: str
    sql: str
    shared: bool


def steps(engine: str) -> list[Step]:
    """The migrations of ``engine`` (its folder's name), in order."""
    found = [*_folder("faregate.store", True), *_folder(f"faregate.store.{engine}", False)]
    found.sort()
    numbers = [int(step.name[:4]) for step in found]
    if numbers != list(range(1, len(found) + 1)):
        raise AssertionError(f"the migrations of {engine} are not numbered one after the other: {numbers}")
    return found


def _folder(package: str, shared: bool) -> list[Step]:
    folder = files(package).joinpath("migrations")
    return [
        Step(item.name, item.read_text(encoding="utf-8"), shared)
        for item in folder.iterdir()
        if item.name.endswith(".sql")
    ]
