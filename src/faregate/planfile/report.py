"""The problems found so far in one file, and the look-ups that all checks share.

Owns the collection of problems. Does not decide what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from faregate.planfile.document import FamilyDocument
from faregate.planfile.document_base import ModelItem
from faregate.planfile.problem import Problem, did_you_mean
from faregate.planfile.units import Units, is_currency
from faregate.planfile.yaml_tree import Path, Tree


class Report:
    """Collects problems of ``tree``; ``document`` and ``units`` are what references point at."""

    def __init__(self, tree: Tree, document: FamilyDocument, units: Units) -> None:
        self.tree = tree
        self.document = document
        self.units = units
        self.problems: list[Problem] = []

    def wrong(self, path: Path, code: str, what: str, mend: str, *, at_key: bool = False) -> None:
        """Note a problem at ``path``."""
        self.problems.append(self.tree.problem(path, code, what, mend, at_key=at_key))

    def unknown(self, path: Path, kind: str, name: str, known: Iterable[str]) -> None:
        """Note that ``name`` is no ``kind`` of this file."""
        code = f"unknown_{kind.split(maxsplit=1)[0]}"
        self.wrong(path, code, f"There is no {kind} {name!r}", did_you_mean(name, known))

    def unit(self, path: Path, unit: str) -> bool:
        """Whether ``unit`` is known; notes it when not."""
        known = self.units.known()
        if unit in known:
            return True
        near = [word for word in known if not is_currency(word) or len(unit) == 3]
        self.unknown(path, "unit", unit, near)
        return False

    def models(self, path: Path, items: Sequence[ModelItem]) -> None:
        """Every item that names a list names one there is."""
        lists = self.document.models
        for index, item in enumerate(items):
            if item.names_list and item.id not in lists:
                ids = [model.id for known in lists.values() for model in known]
                mend = did_you_mean(
                    item.id,
                    [*lists, *ids],
                    f"Define {item.id!r} under `models:`, or write a model id with its vendor: vendor/model",
                )
                what = f"There is no list of models {item.id!r}"
                self.wrong((*path, index), "unknown_list", what, mend)
