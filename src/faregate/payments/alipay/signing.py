"""Alipay's signatures (RSA2).

We sign the parameters of a request, sorted and joined; of an answer, the very bytes of its inner object are signed;
of a notification, its parameters as we do, without ``sign`` and ``sign_type``.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from faregate.payments.alipay.settings import AlipaySettings
from faregate.payments.fields import Fields, Unreadable, read_fields
from faregate.payments.signatures import rsa_signature, rsa_signed

MOST_PARAMETERS = 200


class NotSigned(ValueError):
    """Not signed by Alipay."""


def signed(settings: AlipaySettings, parameters: Mapping[str, str]) -> dict[str, str]:
    """``parameters`` with their signature."""
    return {**parameters, "sign": rsa_signature(settings.private_key, _joined(parameters))}


def verified_notice(settings: AlipaySettings, body: bytes) -> dict[str, str]:
    """The parameters of a notification. Raises NotSigned, and Unreadable for what two readers could read in two
    ways."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=MOST_PARAMETERS,
        )
    except ValueError:
        raise Unreadable("is no form") from None
    parameters = dict(pairs)
    if len(parameters) != len(pairs):
        raise Unreadable("has a name twice")
    signature = parameters.pop("sign", "")
    if parameters.pop("sign_type", "") != "RSA2":
        raise NotSigned("sign_type is not RSA2")
    if not rsa_signed(settings.alipay_public_key, _joined(parameters), signature):
        raise NotSigned("sign is not Alipay's")
    return parameters


def verified_answer(settings: AlipaySettings, body: bytes, method: str) -> Fields:
    """The inner object of an answer to ``method``. Raises NotSigned, Unreadable."""
    try:
        outer = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Unreadable("is no JSON object") from None
    read_fields(body)  # refuses names that stand twice, anywhere
    inner = outer.get(f"{method.replace('.', '_')}_response") or outer.get("error_response")
    if inner is None:
        raise Unreadable("answers something else")
    try:
        signature = msgspec.json.decode(outer.get("sign", msgspec.Raw(b'""')), type=str)
    except msgspec.DecodeError:
        raise NotSigned("sign is no text") from None
    if not rsa_signed(settings.alipay_public_key, bytes(inner), signature):
        raise NotSigned("the answer is not signed by Alipay")
    return read_fields(bytes(inner))


def _joined(parameters: Mapping[str, str]) -> bytes:
    return "&".join(f"{name}={parameters[name]}" for name in sorted(parameters) if parameters[name]).encode()
