"""Other ways to sign in than a password: what they need is loaded when somebody first uses them.

Owns the loading alone.
"""

from __future__ import annotations

from functools import cache

from faregate.app.passkeys import Verifier


@cache
def web_authn() -> Verifier:
    """Whoever knows WebAuthn."""
    from faregate.identity.webauthn import WebAuthn

    return WebAuthn()
