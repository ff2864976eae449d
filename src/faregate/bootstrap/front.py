"""The front of a service: how people reach its console, by the settings.

Owns this translation. What it means stands in the application.
"""

from __future__ import annotations

from collections.abc import Mapping

from faregate.app.front import Front
from faregate.bootstrap.settings import Settings
from faregate.gate.sender import addresses_of


def front_of(settings: Settings) -> Front:
    """The front by ``settings``; the address of a call is the gate's word, which believes trusted proxies alone."""

    def address_of(peer: str, headers: Mapping[bytes, bytes]) -> str:
        return addresses_of(peer, headers, settings.trusted_proxies).verified

    return Front(settings.public_url or "", settings.sign_up, settings.families, address_of)
