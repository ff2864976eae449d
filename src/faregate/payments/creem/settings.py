"""What an operator says about Creem."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from faregate.payments.door import Door, DoorSetting, read_door, read_hook_secrets
from faregate.payments.minor_units import PLACES
from faregate.payments.secret import Secret, SecretSetting, read_secret
from faregate.payments.settings_error import PaymentsSettingsError

CURRENCIES = frozenset(currency for currency, places in PLACES.items() if places == 2)
"""Creem counts in hundredths."""


class CreemSetting(DoorSetting, tag="creem", kw_only=True):
    """``kind: creem``."""

    api_key: SecretSetting
    webhook_secret: SecretSetting | list[SecretSetting]
    products: dict[str, str] = msgspec.field(default_factory=dict)
    make_products: bool = True


@dataclass(frozen=True, slots=True)
class CreemSettings:
    """Checked. ``products``: what an order calls its product -> Creem's; ``make_products``: others are made."""

    door: Door
    api_key: Secret
    webhook_secrets: tuple[Secret, ...]
    make_products: bool
    products: Mapping[str, str] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        return not self.api_key.value.startswith("creem_test_")


def read_creem(setting: CreemSetting, environ: Mapping[str, str]) -> CreemSettings:
    """Raises PaymentsSettingsError."""
    door = read_door(setting, "creem", "https://api.creem.io", CURRENCIES, "USD", webhook_seconds=259_200)
    key = read_secret(setting.api_key, door.name, "api_key", environ, least=12)
    if not key.value.startswith("creem_"):
        raise PaymentsSettingsError(door.name, "api_key", "must begin with creem_")
    secrets = read_hook_secrets(setting.webhook_secret, door.name, "webhook_secret", environ, least=12)
    if key in secrets:
        raise PaymentsSettingsError(door.name, "webhook_secret", "is the API key; it has a secret of its own")
    for product in setting.products.values():
        if not product.startswith("prod_"):
            raise PaymentsSettingsError(
                door.name, "products", f"{product!r} is none of Creem's: those begin with prod_"
            )
    return CreemSettings(door, key, secrets, setting.make_products, dict(setting.products))
