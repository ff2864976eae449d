"""What an operator says about NowPayments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from faregate.payments.door import Door, DoorSetting, read_door, read_hook_secrets
from faregate.payments.secret import Secret, SecretSetting, read_secret
from faregate.payments.settings_error import PaymentsSettingsError

_COIN = re.compile(r"[a-z0-9]{2,20}")


class NowPaymentsSetting(DoorSetting, tag="nowpayments", kw_only=True):
    """``kind: nowpayments``."""

    api_key: SecretSetting
    ipn_secret: SecretSetting | list[SecretSetting]
    coins: list[str]


@dataclass(frozen=True, slots=True)
class NowPaymentsSettings:
    """Checked. ``coins``: what customers may pay in, the first where an order does not choose."""

    door: Door
    api_key: Secret
    ipn_secrets: tuple[Secret, ...]
    coins: tuple[str, ...]


def read_nowpayments(setting: NowPaymentsSetting, environ: Mapping[str, str]) -> NowPaymentsSettings:
    """Raises PaymentsSettingsError."""
    door = read_door(setting, "nowpayments", "https://api.nowpayments.io", None, "USD", webhook_seconds=604_800)
    key = read_secret(setting.api_key, door.name, "api_key", environ, least=16)
    secrets = read_hook_secrets(setting.ipn_secret, door.name, "ipn_secret", environ, least=16)
    if key in secrets:
        raise PaymentsSettingsError(door.name, "ipn_secret", "is the API key; it has a secret of its own")
    if not setting.coins or not all(_COIN.fullmatch(coin) for coin in setting.coins):
        raise PaymentsSettingsError(door.name, "coins", "must name coins as NowPayments does: `[usdttrc20, btc]`")
    return NowPaymentsSettings(door, key, secrets, tuple(setting.coins))
