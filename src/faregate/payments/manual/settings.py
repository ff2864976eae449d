"""What an operator says about payments by hand."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from faregate.payments.door import DoorSetting, read_door
from faregate.payments.settings_error import PaymentsSettingsError

MOST_LINES = 20


class ManualSetting(DoorSetting, tag="manual", kw_only=True):
    """``kind: manual``."""

    instructions: dict[str, str] = msgspec.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ManualSettings:
    """Checked. ``instructions``: (label, text) to show, as an account to transfer to."""

    name: str
    currencies: frozenset[str]
    instructions: tuple[tuple[str, str], ...] = ()


def read_manual(setting: ManualSetting) -> ManualSettings:
    """Raises PaymentsSettingsError."""
    if setting.base_url:
        raise PaymentsSettingsError(setting.name or "manual", "base_url", "means nothing here: nobody is asked")
    door = read_door(setting, "manual", "https://localhost", None, "USD CNY", webhook_seconds=1)
    if len(setting.instructions) > MOST_LINES:
        raise PaymentsSettingsError(door.name, "instructions", f"has more than {MOST_LINES} lines")
    return ManualSettings(door.name, door.currencies, tuple(setting.instructions.items()))
