"""How much a model is to think: levels of one dialect, budgets of tokens of the other.

Owns the table between them. The figures are the usual shares: a level is a round budget and back.
"""

from __future__ import annotations

from typing import Final

BUDGETS: Final = {"minimal": 1_024, "low": 2_048, "medium": 8_192, "high": 16_384, "xhigh": 32_768, "max": 65_536}
"""Level -> tokens."""

LEAST_BUDGET: Final = 1_024
OPENAI_LEVELS: Final = ("none", "minimal", "low", "medium", "high", "xhigh")


def budget_of(level: str, most: int | None) -> int | None:
    """Tokens for ``level``, below ``most`` (the whole answer's limit); None where there is no room to think."""
    budget = BUDGETS.get(level, BUDGETS["medium"])
    if most is not None and budget >= most:
        budget = most // 2
    return budget if budget >= LEAST_BUDGET else None


def level_of(budget: int) -> str:
    """The lowest level whose budget covers ``budget``."""
    for level in ("low", "medium", "high"):
        if budget <= BUDGETS[level]:
            return level
    return "high"
