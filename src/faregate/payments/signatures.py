"""Signatures: keyed hashes, RSA with SHA-256, and the moment that was signed.

Owns the arithmetic that several payment providers share. What bytes are signed is each one's own affair. Compares in
constant time. The library for RSA is loaded by who has keys.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

from faregate.app.payments_errors import WebhookOutOfTime

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

LEAST_RSA_BITS = 2048
MICROSECONDS = 1_000_000


class BadKey(ValueError):
    """Not an RSA key in PEM, or one that is too small."""


def keyed_hash(secret: bytes, message: bytes, algorithm: str) -> str:
    """The HMAC of ``message`` in lower-case hexadecimal."""
    return hmac.new(secret, message, getattr(hashlib, algorithm)).hexdigest()


def same(given: str, expected: str) -> bool:
    """Whether both are equal, in time that tells nothing of where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def check_moment(payment_provider: str, signed_at: int, now: int, seconds: int) -> None:
    """Raises WebhookOutOfTime unless ``signed_at`` is within ``seconds`` of ``now`` (both microseconds UTC)."""
    if abs(now - signed_at) > seconds * MICROSECONDS:
        raise WebhookOutOfTime(payment_provider, signed_at, now)


def private_key(pem: str) -> rsa.RSAPrivateKey:
    """An RSA private key, PKCS#8 or PKCS#1, PEM or the bare base64 that some consoles show. Raises BadKey."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    for text in (pem, _framed(pem, "PRIVATE KEY"), _framed(pem, "RSA PRIVATE KEY")):
        try:
            key = serialization.load_pem_private_key(text.encode(), None)
        except (ValueError, TypeError):
            continue
        if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= LEAST_RSA_BITS:
            return key
        break
    raise BadKey(f"is no RSA private key of {LEAST_RSA_BITS} bits or more")


def public_key(pem: str) -> rsa.RSAPublicKey:
    """An RSA public key, or that of a certificate; PEM or bare base64. Raises BadKey."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        if "BEGIN CERTIFICATE" in pem:
            key = x509.load_pem_x509_certificate(pem.encode()).public_key()
        else:
            text = pem if "BEGIN" in pem else _framed(pem, "PUBLIC KEY")
            loaded = serialization.load_pem_public_key(text.encode())
            if not isinstance(loaded, rsa.RSAPublicKey):
                raise BadKey("is no RSA key")
            key = loaded
    except ValueError:
        raise BadKey("is no RSA public key or certificate in PEM") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < LEAST_RSA_BITS:
        raise BadKey(f"is no RSA public key of {LEAST_RSA_BITS} bits or more")
    return key


def rsa_signature(key: rsa.RSAPrivateKey, message: bytes) -> str:
    """RSA PKCS#1 v1.5 with SHA-256 over ``message``, in base64."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    return base64.b64encode(key.sign(message, padding.PKCS1v15(), hashes.SHA256())).decode()


def rsa_signed(key: rsa.RSAPublicKey, message: bytes, signature: str) -> bool:
    """Whether ``signature`` (base64) is ``key``'s over ``message``."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    try:
        key.verify(base64.b64decode(signature, validate=True), message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _framed(base: str, label: str) -> str:
    lines = "".join(base.split())
    body = "\n".join(lines[start : start + 64] for start in range(0, len(lines), 64))
    return f"-----BEGIN {label}-----\n{body}\n-----END {label}-----\n"
