"""The plan language: YAML files that become terms, with errors that say where and how to mend.

Owns the language, its checks, its JSON Schema and its words. Does not know accounts, the journal or rate cards.
"""

from faregate.planfile.catalogue import Catalogue, UnknownPlan, VersionChanged
from faregate.planfile.document_base import Mark, Reference
from faregate.planfile.family import Family, ModelEntry, Plan, Price
from faregate.planfile.figure_words import figure_text, span_text
from faregate.planfile.figures import Figure, Step, facts_at
from faregate.planfile.loader import load_family, shipped_catalogue, shipped_families, shipped_files
from faregate.planfile.problem import PlanFileError, Problem
from faregate.planfile.schema import json_schema
from faregate.planfile.words import explain_in_words

__all__ = [
    "Catalogue",
    "Family",
    "Figure",
    "Mark",
    "ModelEntry",
    "Plan",
    "PlanFileError",
    "Price",
    "Problem",
    "Reference",
    "Step",
    "UnknownPlan",
    "VersionChanged",
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
