"""What an operator says about Alipay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from faregate.payments.door import Door, DoorSetting, read_door
from faregate.payments.secret import SecretSetting, read_text
from faregate.payments.settings_error import PaymentsSettingsError
from faregate.payments.signatures import BadKey, private_key, public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

_SCENE = re.compile(r"[A-Z0-9|_]{3,64}")


class AlipaySetting(DoorSetting, tag="alipay", kw_only=True):
    """``kind: alipay``."""

    app: str
    seller: str
    private_key: SecretSetting
    alipay_public_key: SecretSetting
    checkout: Literal["page", "qr"] = "page"
    mandate_scene: str | None = None


@dataclass(frozen=True, slots=True)
class AlipaySettings:
    """Checked. ``door.base_url`` is the whole address of the gateway, ``path`` its part after the host."""

    door: Door
    app: str
    seller: str
    private_key: rsa.RSAPrivateKey = field(repr=False)
    alipay_public_key: rsa.RSAPublicKey = field(repr=False)
    checkout: Literal["page", "qr"]
    mandate_scene: str | None


def read_alipay(setting: AlipaySetting, environ: Mapping[str, str]) -> AlipaySettings:
    """Raises PaymentsSettingsError."""
    url = "https://openapi.alipay.com/gateway.do"
    door = read_door(setting, "alipay", url, frozenset({"CNY"}), "CNY", webhook_seconds=90_000)
    where = door.name
    for name, text in (("app", setting.app), ("seller", setting.seller)):
        if not re.fullmatch(r"[0-9]{16}", text):
            raise PaymentsSettingsError(where, name, "must have 16 digits")
    if setting.mandate_scene is not None and not _SCENE.fullmatch(setting.mandate_scene):
        raise PaymentsSettingsError(where, "mandate_scene", "must be as Alipay gave it: `INDUSTRY|DIGITAL_MEDIA`")
    try:
        own = private_key(read_text(setting.private_key, where, "private_key", environ))
    except BadKey as problem:
        raise PaymentsSettingsError(where, "private_key", str(problem)) from None
    try:
        theirs = public_key(read_text(setting.alipay_public_key, where, "alipay_public_key", environ))
    except BadKey as problem:
        raise PaymentsSettingsError(where, "alipay_public_key", str(problem)) from None
    if own.public_key().public_numbers() == theirs.public_numbers():
        raise PaymentsSettingsError(where, "alipay_public_key", "is your own key; take Alipay's from its console")
    return AlipaySettings(door, setting.app, setting.seller, own, theirs, setting.checkout, setting.mandate_scene)
