"""The front of a service: how people reach its console, by the settings, and what its price list says of months.

Owns this translation. What it means stands in the application and in the comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from faregate.app.front import Front
from faregate.app.shelf import Shelf
from faregate.bootstrap.settings import Settings
from faregate.gate.sender import addresses_of


def front_of(settings: Settings) -> Front:
    """The front by ``settings``; the address of a call is the gate's word, which believes trusted proxies alone."""

    def address_of(peer: str, headers: Mapping[bytes, bytes]) -> str:
        return addresses_of(peer, headers, settings.trusted_proxies).verified

    return Front(settings.public_url or "", settings.sign_up, settings.families, address_of)


def months_of(shelf: Shelf, now: int) -> Mapping[str, Any]:
    """What a month of each plan holds of the standard mix of `faregate compare`. Takes a second the first time."""
    # Loaded when somebody looks at prices: whoever only serves the gate does without.
    from faregate.comparison.monthly import months_on_sale

    return months_on_sale(shelf, now)
