"""Secrets of payment providers: reading them, and refusing those that protect nothing.

They come from the environment or from files, never from the configuration. One that is empty, a placeholder or too
short would let anybody sign webhooks: the server does not start with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from faregate.payments.settings_error import PaymentsSettingsError

_PREFIX = re.compile(r"^(whsec|sk_test|sk_live|rk_test|rk_live|creem_test|creem|sk|pk|key)_")
_PLACEHOLDER = re.compile(
    r"change_?-?me|changeit|placeholder|password|replace_?-?with|insert_?-?your|1234567890|abcdefgh|(.)\1{5}"
    r"|(^|[_-])(your|example|secret|default|todo|fixme|dummy|sample|test|xxx+)([_-]|$)",
    re.IGNORECASE,
)
_FEWEST_CHARACTERS = 6


class SecretSetting(msgspec.Struct, forbid_unknown_fields=True):
    """Where a secret stands: ``env`` or ``file``."""

    env: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret. It is not shown."""

    value: str = field(repr=False)

    @property
    def encoded(self) -> bytes:
        return self.value.encode()


def read_secret(setting: SecretSetting, where: str, name: str, environ: Mapping[str, str], least: int = 16) -> Secret:
    """The secret, of at least ``least`` characters and no placeholder. Raises PaymentsSettingsError."""
    text = read_text(setting, where, name, environ)
    weakness = weakness_of(text, least)
    if weakness:
        raise PaymentsSettingsError(where, name, f"{weakness}; take the real one from the payment provider")
    return Secret(text)


def read_text(setting: SecretSetting, where: str, name: str, environ: Mapping[str, str]) -> str:
    """What stands at ``setting``, not empty. Raises PaymentsSettingsError."""
    if bool(setting.env) == bool(setting.file):
        raise PaymentsSettingsError(where, name, "say either `env` or `file`")
    if setting.env:
        text = environ.get(setting.env, "").strip()
        if not text:
            raise PaymentsSettingsError(where, name, f"{setting.env} is not set in the environment")
        return text
    try:
        text = Path(str(setting.file)).expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "is not text"
        raise PaymentsSettingsError(where, name, f"{setting.file}: {reason}") from None
    if not text:
        raise PaymentsSettingsError(where, name, f"{setting.file} is empty")
    return text


def weakness_of(text: str, least: int) -> str:
    """Why ``text`` is no secret, or nothing."""
    kernel = _PREFIX.sub("", text)
    if len(kernel) < least:
        return f"is too short to be a secret ({least} characters at least)"
    if any(character.isspace() for character in text):
        return "has white space in it"
    if _PLACEHOLDER.search(kernel):
        return "looks like a placeholder"
    if len(set(kernel)) < _FEWEST_CHARACTERS:
        return "is made of too few characters to be a secret"
    return ""
