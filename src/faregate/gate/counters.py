"""What the gate did, as counts since it started.

Owns the numbers only; whoever exports them names and formats them.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(slots=True)
class Counters:
    """``open`` is how many holds are out now, ``draining`` how many of them have no client any more.

    ``failovers`` counts attempts beyond the first of a request, ``resting`` requests for which every upstream rested.
    """

    requests: int = 0
    unauthenticated: int = 0
    malformed: int = 0
    refused: int = 0
    admitted: int = 0
    settled: int = 0
    estimated: int = 0
    released: int = 0
    upstream_failures: int = 0
    failovers: int = 0
    resting: int = 0
    clients_gone: int = 0
    internal_errors: int = 0
    postings_retried: int = 0
    open: int = 0
    draining: int = 0

    def as_dict(self) -> dict[str, int]:
        """All counts by name."""
        return asdict(self)
