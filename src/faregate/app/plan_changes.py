"""What differs between two versions of plans, as data: for the command, the API and the console.

Owns how versions are named by words and which plans are set side by side. What differs, the plan language says.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from faregate.app.shelf import Shelf
from faregate.planfile import Family, UnknownPlan, explain_in_words
from faregate.planfile.plan_differences import LANGUAGES, family_differences, plan_differences


class Named(NamedTuple):
    """A version of a family; ``plan`` is the full id of the only plan meant, None for all."""

    family: Family
    plan: str | None


class TwoFamilies(Exception):
    """Versions of two families cannot be compared as wholes."""

    code = "two_families"

    def __init__(self, found: str, family: str) -> None:
        super().__init__(f"one is of family {found}, the other of {family}: compare versions of one family")
        self.found, self.family = found, family


def version_named(shelf: Shelf, words: str) -> Named:
    """What ``family[/plan][@version]`` means on ``shelf``; the current version where none is named.

    Raises UnknownPlan.
    """
    if "/" in words:
        family, plan = shelf.catalogue.entry(words)
        return Named(family, plan.id)
    id, _, version = words.partition("@")
    versions = [each for each in shelf.catalogue.families if each.id == id and version in ("", each.version)]
    if not versions:
        known = [f"{each.id}@{each.version}" if version else each.id for each in shelf.catalogue.families]
        raise UnknownPlan(words, known)
    current = current_version(shelf, id)
    return current if current is not None and not version else Named(versions[-1], None)


def current_version(shelf: Shelf, family: str) -> Named | None:
    """The current version of ``family``, None where there is none yet."""
    return next((Named(each, None) for each in reversed(shelf.catalogue.in_turn) if each.id == family), None)


def differences(old: Named | None, new: Named, at: int) -> dict[str, Any]:
    """Everything that differs, JSON-able, in words of both languages; ``old`` None: there is nothing before.

    ``words`` are the terms of each plan as they stand in ``new`` (in ``old`` where it is gone), with the rates in
    force at ``at``. Raises TwoFamilies.
    """
    pair = old is not None and old.plan is not None and new.plan is not None
    if old is not None and not pair and old.family.id != new.family.id:
        raise TwoFamilies(new.family.id, old.family.id)
    same_family = old is not None and old.family.id == new.family.id
    return {
        "old": _version(old) if old is not None else None,
        "new": _version(new),
        "family": [each.data() for each in family_differences(old.family, new.family)] if old and same_family else [],
        "plans": _plans(old, new, at),
    }


def _version(side: Named) -> dict[str, Any]:
    family = side.family
    return {"family": family.id, "version": family.version, "plan": side.plan, "hash": family.content_hash}


def _plans(old: Named | None, new: Named, at: int) -> list[dict[str, Any]]:
    if old is not None and old.plan is not None and new.plan is not None:
        return [_plan(old.family, old.plan, new.family, new.plan, at)]
    before = old.family.plans if old is not None else {}
    chosen = (old.plan if old is not None else None) or new.plan
    ids = [chosen] if chosen is not None else list(dict.fromkeys((*before, *new.family.plans)))
    return [
        _plan(
            old.family if old is not None and id in before else None,
            id,
            new.family if id in new.family.plans else None,
            id,
            at,
        )
        for id in ids
    ]


def _plan(old: Family | None, before: str, new: Family | None, after: str, at: int) -> dict[str, Any]:
    """One plan on both sides; a side where it is not is None, never both."""
    family, id = (new, after) if new is not None else (old, before)
    assert family is not None
    plan, changes = family.plans[id], []
    if old is not None and new is not None:
        sides = (old, old.plans[before]), (new, new.plans[after])
        changes = [each.data() for each in plan_differences(*sides, at)]
    state = "added" if old is None else "removed" if new is None else "changed" if changes else "same"
    return {
        "plan": plan.id,
        "names": plan.names._asdict(),
        "state": state,
        "changes": changes,
        "words": {language: explain_in_words(family, plan, language, at) for language in LANGUAGES},
    }
