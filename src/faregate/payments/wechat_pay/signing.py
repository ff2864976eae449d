"""WeChat Pay's signatures and sealed contents.

We sign ``method, target, moment, nonce, body``; they sign ``moment, nonce, body``, with the key that its serial
number names. Contents of notifications are sealed with AES-256-GCM under the API v3 key.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from faregate.payments.fields import Fields, Unreadable
from faregate.payments.secret import Secret
from faregate.payments.signatures import MICROSECONDS, rsa_signature, rsa_signed
from faregate.payments.wechat_pay.settings import WechatPaySettings


class NotSigned(ValueError):
    """Not signed by WeChat Pay, as far as our keys can tell."""


def authorization(settings: WechatPaySettings, method: str, target: str, body: bytes, second: int, nonce: str) -> str:
    """The Authorization header of a request; ``target`` is its path with the query."""
    message = f"{method}\n{target}\n{second}\n{nonce}\n".encode() + body + b"\n"
    signature = rsa_signature(settings.private_key, message)
    parts = {
        "mchid": settings.merchant,
        "nonce_str": nonce,
        "signature": signature,
        "timestamp": str(second),
        "serial_no": settings.certificate_serial,
    }
    return "WECHATPAY2-SHA256-RSA2048 " + ",".join(f'{name}="{value}"' for name, value in parts.items())


def verified_moment(settings: WechatPaySettings, headers: Mapping[str, str], body: bytes) -> int:
    """When an answer or a notification was signed, microseconds UTC. Raises NotSigned."""
    key = settings.platform_keys.get(headers.get("wechatpay-serial", ""))
    moment, nonce = headers.get("wechatpay-timestamp", ""), headers.get("wechatpay-nonce", "")
    if key is None:
        raise NotSigned("Wechatpay-Serial names none of platform_keys")
    if not (moment.isascii() and moment.isdigit() and len(moment) <= 12) or not nonce:
        raise NotSigned("no moment or nonce was signed")
    message = f"{moment}\n{nonce}\n".encode() + body + b"\n"
    if not rsa_signed(key, message, headers.get("wechatpay-signature", "")):
        raise NotSigned("Wechatpay-Signature is not WeChat Pay's")
    return int(moment) * MICROSECONDS


def unsealed(key: Secret, resource: Fields) -> bytes:
    """The content of a notification's ``resource``. Raises Unreadable."""
    if resource.text("algorithm") != "AEAD_AES_256_GCM":
        raise Unreadable("is sealed in an unknown way")
    nonce, bound = resource.need_text("nonce"), resource.text("associated_data") or ""
    try:
        sealed = base64.b64decode(resource.need_text("ciphertext"), validate=True)
        return AESGCM(key.encoded).decrypt(nonce.encode(), sealed, bound.encode())
    except (InvalidTag, binascii.Error, ValueError) as failure:
        if isinstance(failure, Unreadable):
            raise
        raise Unreadable("cannot be opened with our key") from None
