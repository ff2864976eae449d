"""How much output a caller's requests usually need: the guess behind a hold.

Owns a running mean in whole tokens for each account and model. A guess, recorded in each hold it served; it may be
lost at any time.
"""

from __future__ import annotations

from collections import OrderedDict

FIRST_GUESS = 1_024
"""Tokens, for a caller nothing is known of."""
_WEIGHT = 8
_SCALE = 256
_REMEMBERED = 50_000


class UsualOutput:
    """Running means by (account, model); those not asked for longest are forgotten first."""

    def __init__(self) -> None:
        self._means: OrderedDict[tuple[str, str], int] = OrderedDict()

    def tokens(self, account: str, model: str) -> int:
        """What the next request will probably need, at least 1."""
        mean = self._means.get((account, model))
        return FIRST_GUESS if mean is None else max(-(-mean // _SCALE), 1)

    def note(self, account: str, model: str, tokens: int) -> None:
        """A request needed ``tokens`` of output."""
        key = (account, model)
        means = self._means
        mean = means.get(key)
        if mean is None:
            means[key] = tokens * _SCALE
            if len(means) > _REMEMBERED:
                means.popitem(last=False)
        else:
            means[key] = mean + (tokens * _SCALE - mean) // _WEIGHT
