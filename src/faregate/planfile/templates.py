"""Templates: what plans of a file share, merged into them before anything is checked.

Owns ``templates:`` and ``like:``. Does not know the fields of a plan. Mappings merge key by key, everything else
is replaced; ``null`` takes an inherited key away.
"""

from __future__ import annotations

from typing import Any

from faregate.planfile.problem import Problem, did_you_mean
from faregate.planfile.yaml_tree import Path, Tree


def apply_templates(tree: Tree) -> list[Problem]:
    """Merge every template into the plans that are like it, in place, and take ``templates`` out of the data."""
    templates, plans = tree.data.pop("templates", None), tree.data.get("plans")
    problems: list[Problem] = []
    if templates is not None and not isinstance(templates, dict):
        what, mend = "`templates` is not a mapping", "Write `templates: {name: {…}}`"
        return [tree.problem(("templates",), "wrong_type", what, mend)]
    templates = templates or {}
    used: set[str] = set()
    if isinstance(plans, dict):
        for name, plan in plans.items():
            if isinstance(plan, dict):
                _inherit(tree, ("plans", name), plan, templates, used, problems)
    for name in sorted(set(templates) - used):
        what, mend = f"No plan is like template {name!r}", f"Say `like: {name}` in a plan, or remove it"
        problems.append(tree.problem(("templates", name), "unused_template", what, mend, at_key=True))
    return problems


def _inherit(
    tree: Tree,
    path: Path,
    plan: dict[str, Any],
    templates: dict[str, Any],
    used: set[str],
    problems: list[Problem],
) -> None:
    seen: list[str] = []
    place = (*path, "like")
    name = plan.pop("like", None)
    while name is not None:
        if not isinstance(name, str) or name not in templates:
            mend = did_you_mean(str(name), templates)
            problems.append(tree.problem(place, "unknown_template", f"There is no template {name!r}", mend))
            return
        if name in seen:
            what = f"Template {name!r} is like itself"
            problems.append(tree.problem(place, "template_loop", what, "Break the circle"))
            return
        seen.append(name)
        used.add(name)
        template = templates[name]
        if not isinstance(template, dict):
            what = f"Template {name!r} is not a mapping"
            problems.append(tree.problem(("templates", name), "wrong_type", what, "Write the fields of a plan"))
            return
        _merge(tree, path, plan, ("templates", name), template)
        place = ("templates", name, "like")
        name = template.get("like")
    _drop_nulls(plan)


def _merge(tree: Tree, path: Path, into: dict[str, Any], origin: Path, template: dict[str, Any]) -> None:
    for key, value in template.items():
        if not origin[2:] and key == "like":
            continue
        here, there = (*path, key), (*origin, key)
        if key not in into:
            into[key] = _copied(tree, here, there, value)
        elif isinstance(into[key], dict) and isinstance(value, dict):
            _merge(tree, here, into[key], there, value)


def _copied(tree: Tree, here: Path, there: Path, value: Any) -> Any:
    if there in tree.keys:
        tree.keys[here] = tree.keys[there]
    if there in tree.values:
        tree.values[here] = tree.values[there]
    if isinstance(value, dict):
        return {key: _copied(tree, (*here, key), (*there, key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(tree, (*here, index), (*there, index), item) for index, item in enumerate(value)]
    return value


def _drop_nulls(mapping: dict[str, Any]) -> None:
    for key in [key for key, value in mapping.items() if value is None]:
        del mapping[key]
    for value in mapping.values():
        if isinstance(value, dict):
            _drop_nulls(value)
