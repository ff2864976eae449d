"""Other ways to sign in than a password: what they need is loaded when somebody first uses them.

Owns the loading alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from faregate.app.identities import Issuer
from faregate.app.passkeys import Verifier
from faregate.identity.settings import IssuerSettings
from faregate.wire.client import Client


@cache
def web_authn() -> Verifier:
    """Whoever knows WebAuthn."""
    from faregate.identity.webauthn import WebAuthn

    return WebAuthn()


def issuers_of(settings: Iterable[IssuerSettings], client: Client) -> dict[str, Issuer]:
    """Issuers of identities by name, asked by ``client``."""
    if not (wanted := tuple(settings)):
        return {}
    from faregate.identity.oidc import OpenIdIssuer

    return {each.name: OpenIdIssuer(each, client) for each in wanted}
