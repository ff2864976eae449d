"""Published plan files as they were written.

Owns finding the document of a plan's version. Writes nothing.
"""

from __future__ import annotations

from typing import Any

from faregate.app.catalogue_port import Catalogue
from faregate.app.office_errors import NotFound
from faregate.app.shelf import Shelf
from faregate.core.instants import render_instant


def document_of(catalogue: Catalogue, shelf: Shelf, plan: str) -> dict[str, Any]:
    """The file that ``family/plan`` (or ``family/plan@version``) was published with. Raises UnknownPlan, NotFound."""
    family, found = shelf.catalogue.entry(plan)
    for row in reversed(catalogue.plan_versions(found.id)):
        if row.hash == family.content_hash:
            return {
                "plan": found.id,
                "family": family.id,
                "version": family.version,
                "published_at": render_instant(row.published_at),
                "document": row.document,
            }
    raise NotFound("published document", plan)
