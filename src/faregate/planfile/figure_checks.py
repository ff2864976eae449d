"""Whether the sums that a file states come out.

Owns the check of ``checks:`` and that every computed fact can be computed. Does not know other checks.
"""

from __future__ import annotations

from faregate.core.amounts import decimal_text
from faregate.planfile.document import FamilyDocument, PlanDocument
from faregate.planfile.figures import (
    FigureError,
    Valued,
    conversion,
    facts_at,
    named_figure,
    product,
)
from faregate.planfile.problem import Problem
from faregate.planfile.yaml_tree import Path, Tree


def check_figures(tree: Tree, document: FamilyDocument) -> list[Problem]:
    """Every sum of ``document`` that does not come out."""
    problems: list[Problem] = []
    for name, plan in document.plans.items():
        path: Path = ("plans", name)
        try:
            facts = facts_at(document, plan, 0)
        except FigureError as problem:
            mend = "Add the meter or exchange rate, or change the fact"
            problems.append(tree.problem((*path, "facts"), "no_figure", f"A fact fails: {problem}", mend))
            continue
        known = {f"facts.{fact.id}": (fact.amount, fact.unit) for fact in facts if fact.amount is not None}
        for index in range(len(plan.checks)):
            problem_text = _difference(document, plan, index, known)
            if problem_text:
                place = (*path, "checks", index)
                mend = "Mend the figure or the sum"
                problems.append(tree.problem(place, "sum_differs", problem_text, mend))
    return problems


def _difference(document: FamilyDocument, plan: PlanDocument, index: int, known: dict[str, Valued]) -> str | None:
    check = plan.checks[index]
    if any(name.startswith("facts.") and name not in known for name in (check.figure, check.of)):
        return None  # A band, or a figure that follows list prices: neither is one sum.
    stated, unit = known.get(check.figure) or named_figure(plan, check.figure)
    base, base_unit = known.get(check.of) or named_figure(plan, check.of)
    try:
        if unit is not None and base_unit is not None and unit != base_unit:
            base *= conversion(document, base_unit, unit, 0)
    except FigureError as problem:
        return str(problem)
    expected = base * product(check.times)
    if expected == stated:
        return None
    return (
        f"{check.figure} is {decimal_text(stated)} {unit or ''}".rstrip()
        + f", but {check.of} makes it {decimal_text(expected)}"
    )
