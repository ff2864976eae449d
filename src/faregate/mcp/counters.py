"""What the tools did, as counts since the service started.

Owns the numbers only.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Counters:
    """``open`` is how many holds are out now; ``failed`` calls were held and given back."""

    calls: int = 0
    refused: int = 0
    failed: int = 0
    settled: int = 0
    estimated: int = 0
    released: int = 0
    postings_retried: int = 0
    open: int = 0

    def as_dict(self) -> dict[str, int]:
        """All counts by name."""
        return asdict(self)
