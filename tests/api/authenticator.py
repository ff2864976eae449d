"""A passkey in software: makes and uses ES256 credentials as an authenticator and its browser do together."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")


def raw(words: str) -> bytes:
    return urlsafe_b64decode(words + "=" * (-len(words) % 4))


@dataclass
class Authenticator:
    """One credential, for one host. ``origin`` is the page that asks; ``flags`` what it says of its user."""

    origin: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    id: bytes = field(default_factory=lambda: os.urandom(16))
    uses: int = 0
    flags: int = PRESENT | VERIFIED
    user: bytes = b""

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, host: str, more: bytes = b"", flags: int = 0) -> bytes:
        self.uses += 1
        return sha256(host.encode()).digest() + bytes([self.flags | flags]) + self.uses.to_bytes(4, "big") + more

    def _told(self, response: dict[str, str]) -> dict[str, Any]:
        kept = {"id": text(self.id), "rawId": text(self.id), "type": "public-key"}
        return {**kept, "response": response, "clientExtensionResults": {}, "authenticatorAttachment": "platform"}

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """What navigator.credentials.create gives, as JSON."""
        self.user = raw(options["user"]["id"])
        point = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self._data(options["rp"]["id"], attested, ATTESTED)
        return self._told(
            {
                "clientDataJSON": text(self._client("webauthn.create", options["challenge"])),
                "attestationObject": text(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            }
        )

    def get(self, options: dict[str, Any]) -> dict[str, Any]:
        """What navigator.credentials.get gives, as JSON."""
        client, data = self._client("webauthn.get", options["challenge"]), self._data(options["rpId"])
        signed = self.key.sign(data + sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._told(
            {
                "clientDataJSON": text(client),
                "authenticatorData": text(data),
                "signature": text(signed),
                "userHandle": text(self.user),
            }
        )
