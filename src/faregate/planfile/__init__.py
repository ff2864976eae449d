"""The plan language: YAML files that become terms, with errors that say where and how to mend.

Owns the language, its checks, its JSON Schema and its words. Does not know accounts, the journal or rate cards.
What reads and explains files takes a quarter of a second to import: it is when it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from faregate.planfile.catalogue import Catalogue, UnknownPlan, VersionChanged
from faregate.planfile.family import Family, ModelEntry, Plan, Price
from faregate.planfile.problem import PlanFileError, Problem
from faregate.planfile.values import MARKS, Mark, Names, Reference
from faregate.planfile.written import Written

if TYPE_CHECKING:
    from faregate.planfile.figure_words import figure_text, span_text
    from faregate.planfile.figures import Figure, Step, facts_at
    from faregate.planfile.loader import load_family, shipped_catalogue, shipped_families, shipped_files
    from faregate.planfile.schema import json_schema
    from faregate.planfile.words import explain_in_words

__all__ = [
    "MARKS",
    "Catalogue",
    "Family",
    "Figure",
    "Mark",
    "ModelEntry",
    "Names",
    "Plan",
    "PlanFileError",
    "Price",
    "Problem",
    "Reference",
    "Step",
    "UnknownPlan",
    "VersionChanged",
    "Written",
    "explain_in_words",
    "facts_at",
    "figure_text",
    "json_schema",
    "load_family",
    "shipped_catalogue",
    "shipped_families",
    "shipped_files",
    "span_text",
]

_LATER = {
    "Figure": "figures",
    "Step": "figures",
    "explain_in_words": "words",
    "facts_at": "figures",
    "figure_text": "figure_words",
    "json_schema": "schema",
    "load_family": "loader",
    "shipped_catalogue": "loader",
    "shipped_families": "loader",
    "shipped_files": "loader",
    "span_text": "figure_words",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    globals()[name] = found
    return found
