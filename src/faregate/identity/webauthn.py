"""What a passkey's answer proves, by py_webauthn.

Owns what is asked of an authenticator: a discoverable credential, with the user verified, without attestation. Keeps
nothing.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from faregate.app.passkeys import Proven, encoded
from faregate.app.people_errors import PasskeyRefused
from faregate.app.people_port import Passkey, User

NAME = "Faregate"
_BAD = (WebAuthnException, ValueError, TypeError, KeyError)
_VERIFIED = UserVerificationRequirement.REQUIRED


class WebAuthn:
    """See ``app.passkeys.Verifier``. A passkey is for the host of the page, and no other."""

    def creation(self, origin: str, user: User, challenge: bytes, known: list[str]) -> dict[str, Any]:
        """PublicKeyCredentialCreationOptionsJSON."""
        options = generate_registration_options(
            rp_id=_host(origin),
            rp_name=NAME,
            user_id=user.id.encode(),
            user_name=user.email,
            user_display_name=user.name or user.email,
            challenge=challenge,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(each)) for each in known],
        )
        return dict(json.loads(options_to_json(options)))

    def request(self, origin: str, challenge: bytes) -> dict[str, Any]:
        """PublicKeyCredentialRequestOptionsJSON."""
        options = generate_authentication_options(
            rp_id=_host(origin), challenge=challenge, user_verification=_VERIFIED
        )
        return dict(json.loads(options_to_json(options)))

    def registered(self, origin: str, credential: dict[str, Any], challenge: bytes) -> Proven:
        """Raises PasskeyRefused."""
        try:
            proven = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=_host(origin),
                expected_origin=origin,
                require_user_verification=True,
            )
        except _BAD:
            raise PasskeyRefused("the passkey's answer proves nothing: begin again") from None
        return Proven(encoded(proven.credential_id), proven.credential_public_key, proven.sign_count)

    def signed(self, origin: str, credential: dict[str, Any], challenge: bytes, passkey: Passkey) -> Proven:
        """Raises PasskeyRefused."""
        try:
            proven = verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=_host(origin),
                expected_origin=origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.uses,
                require_user_verification=True,
            )
        except _BAD:
            raise PasskeyRefused("the passkey's answer proves nothing: begin again") from None
        return Proven(passkey.id, passkey.public_key, proven.new_sign_count)


def _host(origin: str) -> str:
    return urlsplit(origin).hostname or ""
