"""From a tree to a checked document: every mistake of shape, with its place and how to mend it.

Owns the translation of pydantic's errors. Does not know references between parts (checks.py does).
"""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from faregate.planfile.document import FamilyDocument
from faregate.planfile.problem import Problem, did_you_mean
from faregate.planfile.yaml_tree import Path, Tree

_KINDS = {
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dict_type": "a mapping",
    "list_type": "a list",
    "string_type": "text",
}
_LACKING = {
    "names": "Add `names: {en: …, zh: …}`",
    "source": "Add `source: {document: …, as_of: 2026-01-31}`",
    "order": "Add `order: [PLAN, …]`, the order in which plans held side by side pay",
    "plans": "Add `plans:` with at least one plan",
    "sources": "Add `sources:`, a list of what pays",
    "models": "Add `models:`, a list of model ids, patterns or list names",
    "limit": "Add `limit:` with an amount and its unit",
    "en": "Add the English text as `en:`",
    "zh": "Add the Chinese text as `zh:`",
}


def validate(tree: Tree) -> tuple[FamilyDocument | None, list[Problem]]:
    """The document of ``tree``, or None and everything that is wrong with its shape."""
    try:
        return FamilyDocument.model_validate(tree.data), []
    except ValidationError as failure:
        errors = failure.errors(include_url=False)
        problems = [_problem(tree, error) for error in errors]
        return None, _without_echoes(list(zip(errors, problems, strict=True)))


def _without_echoes(found: list[tuple[ErrorDetails, Problem]]) -> list[Problem]:
    """The problems without a missing key where a misspelt one stands for it."""
    meant = {(error["loc"][:-1], problem.mend) for error, problem in found if problem.code == "unknown_key"}
    return [
        problem
        for error, problem in found
        if problem.code != "missing_key" or (error["loc"][:-1], f"Did you mean {error['loc'][-1]!r}?") not in meant
    ]


def _problem(tree: Tree, error: ErrorDetails) -> Problem:
    kind, context = error["type"], error.get("ctx", {})
    path, lacking = _path(tree, error["loc"])
    if kind == "faregate":
        in_key = error["loc"][-1] == "[key]"
        return tree.problem(path, context["code"], context["what"], context["mend"], at_key=in_key)
    if kind == "extra_forbidden":
        known = _keys_of(error["loc"][:-1])
        what = f"There is no key {path[-1]!r} here"
        if " " in str(path[-1]):
            mend = "Put text that holds a comma or a colon in quotes"
            return tree.problem(path, "unknown_key", what, mend, at_key=True)
        return tree.problem(path, "unknown_key", what, did_you_mean(str(path[-1]), known), at_key=True)
    if kind == "missing":
        key = str(lacking)
        what = f"{_place(path)} has no {key!r}"
        mend = _LACKING.get(key, f"Add `{key}:`")
        return tree.problem(path, "missing_key", what, mend)
    if kind in _KINDS:
        what = f"{_place(path)} is {_found(error['input'])}, not {_KINDS[kind]}"
        return tree.problem(path, "wrong_type", what, f"Write {_KINDS[kind]}")
    if kind in {"literal_error", "union_tag_invalid"}:
        return _wrong_choice(tree, path, error)
    if kind == "union_tag_not_found":
        key = context["discriminator"].strip("'")
        what, mend = f"{_place(path)} has no {key!r}", f"Add `{key}:`, which says what kind it is"
        return tree.problem(path, "missing_key", what, mend)
    if kind == "too_short":
        what = f"{_place(path)} holds too little"
        mend = f"Write at least {context['min_length']}"
        return tree.problem(path, "too_short", what, mend)
    return tree.problem(path, "bad_value", error["msg"], "See docs/plan-language.md")


def _wrong_choice(tree: Tree, path: Path, error: ErrorDetails) -> Problem:
    context, value = error["ctx"], error["input"]
    if error["type"] == "union_tag_invalid":
        path, value = (*path, context["discriminator"].strip("'")), context["tag"]
        known = context["expected_tags"]
    else:
        known = context["expected"]
    choices = [word.strip().strip("'") for word in known.replace(" or ", ", ").split(",")]
    if not isinstance(value, str):
        what = f"{_place(path)} is {_found(value)}, not one word"
    else:
        what = f"{value!r} is none of the words that {_place(path)} knows"
    return tree.problem(path, "unknown_word", what, did_you_mean(str(value), choices))


def _found(value: Any) -> str:
    if value is None:
        return "empty"
    return {"dict": "a mapping", "list": "a list", "str": "text"}.get(type(value).__name__, "else")


def _place(path: Path) -> str:
    if not path:
        return "The file"
    parts = [f"[{part + 1}]" if isinstance(part, int) else f".{part}" for part in path]
    return f"`{''.join(parts).lstrip('.')}`"


def _path(tree: Tree, loc: tuple[int | str, ...]) -> tuple[Path, str | int | None]:
    """``loc`` without pydantic's tags as a path of the tree, and the last part when it is not there."""
    here: Any = tree.data
    path: list[int | str] = []
    for part in loc:
        inside = (isinstance(here, dict) and part in here) or (
            isinstance(here, list) and isinstance(part, int) and part < len(here)
        )
        if inside:
            here = here[part]
            path.append(part)
    last = loc[-1] if loc else None
    return tuple(path), last if not path or path[-1] != last else None


def _keys_of(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that the mapping at ``loc`` may have."""
    here: Any = FamilyDocument
    for part in loc:
        here = _step(here, part)
    return sorted(field.alias or name for model in _models(here) for name, field in model.model_fields.items()) + (
        ["like"] if here is not None and "PlanDocument" in str(here) else []
    )


def _models(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) is Annotated:
        return _models(get_args(annotation)[0])
    if get_origin(annotation) in {Union, UnionType}:
        return [model for option in get_args(annotation) if option is not NoneType for model in _models(option)]
    return []


def _step(annotation: Any, part: int | str) -> Any:
    if get_origin(annotation) is Annotated:
        return _step(get_args(annotation)[0], part)
    if get_origin(annotation) in {Union, UnionType}:
        options = [option for option in get_args(annotation) if option is not NoneType]
        if len(options) == 1:
            return _step(options[0], part)
        tagged = [model for model in _models(annotation) if part in _tags(model)]
        return tagged[0] if tagged else annotation
    if get_origin(annotation) is list:
        return get_args(annotation)[0]
    if get_origin(annotation) is dict:
        return get_args(annotation)[1]
    for model in _models(annotation):
        for name, field in model.model_fields.items():
            if (field.alias or name) == part:
                return field.annotation
    return annotation


def _tags(model: type[BaseModel]) -> set[Any]:
    return {
        value
        for name in ("by", "at")
        if name in model.model_fields
        for value in get_args(model.model_fields[name].annotation)
    }
