"""A family's document beside what was compiled of it: at hand, or read again when somebody asks for it.

Owns that difference. A comparison asks for no document, and to have all of them costs more than to replay a plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faregate.planfile.document import FamilyDocument


class Written:
    """``document`` None: that of the shipped ``file``, which is read when it is asked for."""

    __slots__ = ("_document", "file")

    def __init__(self, file: str, document: FamilyDocument | None = None) -> None:
        self.file = file
        self._document = document

    @property
    def document(self) -> FamilyDocument:
        """The family's document. Raises PlanFileError and OSError where it is read now and cannot be."""
        if self._document is None:
            from faregate.planfile.loader import shipped_document

            self._document = shipped_document(self.file)
        return self._document
