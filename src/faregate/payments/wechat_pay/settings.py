"""What an operator says about WeChat Pay."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from faregate.payments.door import Door, DoorSetting, read_door
from faregate.payments.secret import Secret, SecretSetting, read_secret, read_text
from faregate.payments.settings_error import PaymentsSettingsError
from faregate.payments.signatures import BadKey, private_key, public_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import rsa

_SERIAL = re.compile(r"[0-9A-F]{8,64}")
_PLATFORM = re.compile(r"PUB_KEY_ID_[0-9A-Za-z]{4,64}|[0-9A-F]{8,64}")


class WechatPaySetting(DoorSetting, tag="wechat_pay", kw_only=True):
    """``kind: wechat_pay``."""

    merchant: str
    app: str
    certificate_serial: str
    private_key: SecretSetting
    api_v3_key: SecretSetting
    platform_keys: dict[str, SecretSetting]
    mandate_plan: int | None = None


@dataclass(frozen=True, slots=True)
class WechatPaySettings:
    """Checked. ``platform_keys``: by serial number, those that answers and notifications may be signed with; the
    first is the one that we say we know."""

    door: Door
    merchant: str
    app: str
    certificate_serial: str
    private_key: rsa.RSAPrivateKey = field(repr=False)
    api_v3_key: Secret
    platform_keys: Mapping[str, rsa.RSAPublicKey] = field(repr=False)
    mandate_plan: int | None


def read_wechat_pay(setting: WechatPaySetting, environ: Mapping[str, str]) -> WechatPaySettings:
    """Raises PaymentsSettingsError."""
    url = "https://api.mch.weixin.qq.com"
    door = read_door(setting, "wechat_pay", url, frozenset({"CNY"}), "CNY", webhook_seconds=300)
    where = door.name
    if not re.fullmatch(r"[0-9]{8,12}", setting.merchant):
        raise PaymentsSettingsError(where, "merchant", "must be the merchant number, 10 digits")
    if not re.fullmatch(r"wx[0-9a-f]{16}", setting.app):
        raise PaymentsSettingsError(where, "app", "must be the app id: wx and 16 hexadecimal digits")
    if not _SERIAL.fullmatch(setting.certificate_serial):
        raise PaymentsSettingsError(where, "certificate_serial", "must be the serial number of your API certificate")
    key = read_secret(setting.api_v3_key, where, "api_v3_key", environ, least=32)
    if len(key.encoded) != 32:
        raise PaymentsSettingsError(where, "api_v3_key", "must have 32 bytes")
    if not setting.platform_keys:
        raise PaymentsSettingsError(where, "platform_keys", "is empty: nothing could be verified")
    found = {}
    for serial, stands in setting.platform_keys.items():
        if not _PLATFORM.fullmatch(serial):
            raise PaymentsSettingsError(
                where, "platform_keys", f"{serial!r} is neither PUB_KEY_ID_… nor a serial number"
            )
        try:
            found[serial] = public_key(read_text(stands, where, "platform_keys", environ))
        except BadKey as problem:
            raise PaymentsSettingsError(where, "platform_keys", f"{serial}: {problem}") from None
    try:
        own = private_key(read_text(setting.private_key, where, "private_key", environ))
    except BadKey as problem:
        raise PaymentsSettingsError(where, "private_key", str(problem)) from None
    return WechatPaySettings(
        door, setting.merchant, setting.app, setting.certificate_serial, own, key, found, setting.mandate_plan
    )
