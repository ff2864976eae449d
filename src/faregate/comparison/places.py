"""Places: where in a usage the requests of one kind stand, in order.

Owns finding the next one and counting those of a stretch. Knows nothing of what the kind is.
"""

from __future__ import annotations

import numpy as np

from faregate.comparison.exact_arrays import Integers, Mask


class Places:
    """The places that ``mask`` marks, of ``count`` in all; every one where it is None."""

    __slots__ = ("_after", "_count", "_found", "_next", "every", "mask")

    def __init__(self, mask: Mask | None, count: int) -> None:
        self.every = mask is None or bool(mask.all())
        self.mask = None if self.every else mask
        self._count = count
        self._found: Integers = np.flatnonzero(mask) if mask is not None else np.zeros(0, dtype=np.int64)
        # The next one from any index in (_after, _next] on is _next: who asks goes forward in small steps.
        self._after, self._next = -1, -1

    def after(self, index: int) -> int:
        """The first of them from ``index`` on; the number of all where there is none."""
        if self.every:
            return index
        if not self._after < index <= self._next:
            found, place = self._found, int(self._found.searchsorted(index))
            self._after = found.item(place - 1) if place else -1
            self._next = found.item(place) if place < len(found) else self._count
        return self._next

    def among(self, first: int, last: int) -> int:
        """How many of them stand in [first, last)."""
        if self.every:
            return last - first
        return int(self._found.searchsorted(last) - self._found.searchsorted(first))

    def any(self) -> bool:
        return self.every or len(self._found) > 0
