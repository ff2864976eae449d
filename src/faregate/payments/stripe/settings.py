"""What an operator says about Stripe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from faregate.payments.door import Door, DoorSetting, read_door, read_hook_secrets
from faregate.payments.minor_units import PLACES
from faregate.payments.secret import Secret, SecretSetting, read_secret
from faregate.payments.settings_error import PaymentsSettingsError

CURRENCIES = frozenset(PLACES) - {"ISK", "UGX", "IQD", "LYD", "IRR"}
"""Without those that Stripe counts in other coins than ISO 4217 does, or not at all."""


class StripeSetting(DoorSetting, tag="stripe", kw_only=True):
    """``kind: stripe``."""

    api_key: SecretSetting
    webhook_secret: SecretSetting | list[SecretSetting]


@dataclass(frozen=True, slots=True)
class StripeSettings:
    """Checked. ``live`` is said by the key: webhooks of the other mode are refused."""

    door: Door
    api_key: Secret
    webhook_secrets: tuple[Secret, ...]

    @property
    def live(self) -> bool:
        return "_live_" in self.api_key.value


def read_stripe(setting: StripeSetting, environ: Mapping[str, str]) -> StripeSettings:
    """Raises PaymentsSettingsError."""
    door = read_door(setting, "stripe", "https://api.stripe.com", CURRENCIES, "USD", webhook_seconds=300)
    key = read_secret(setting.api_key, door.name, "api_key", environ, least=16)
    if not key.value.startswith(("sk_live_", "sk_test_", "rk_live_", "rk_test_")):
        raise PaymentsSettingsError(door.name, "api_key", "must begin with sk_live_, sk_test_, rk_live_ or rk_test_")
    secrets = read_hook_secrets(setting.webhook_secret, door.name, "webhook_secret", environ, least=16)
    if any(not secret.value.startswith("whsec_") for secret in secrets):
        raise PaymentsSettingsError(door.name, "webhook_secret", "must begin with whsec_")
    return StripeSettings(door, key, secrets)
