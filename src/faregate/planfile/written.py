"""A family's document beside what was compiled of it: at hand, or read when somebody asks for it.

Owns that difference. A comparison asks for no document, and to have all of them costs more than to replay a plan.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faregate.planfile.document import FamilyDocument


class Written:
    """The document of ``file``, as errors call it, that ``read`` gives."""

    def __init__(self, file: str, read: Callable[[], FamilyDocument]) -> None:
        self.file = file
        self._read = read

    @cached_property
    def document(self) -> FamilyDocument:
        """The family's document. Raises what reading it raises, where that is done now."""
        return self._read()
